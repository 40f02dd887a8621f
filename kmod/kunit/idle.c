// SPDX-License-Identifier: GPL-2.0
/*
 * Idle: the autosuspend delay that a history leads to, and its extremes.
 */
#include <kunit/test.h>
#include <linux/prandom.h>
#include "core/idle.h"

#define GAP_NS	(100 * NSEC_PER_MSEC)

static const struct ag_idle_config usual = {
	.enable = true,
	.break_even_us = 2000000,
};

static struct ag_idle *new_idle(struct kunit *test,
				const struct ag_idle_config *cfg)
{
	struct ag_idle *i = kunit_kzalloc(test, sizeof(*i), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, i);
	ag_idle_init(i, cfg);
	return i;
}

/* Return: when the next period may begin. */
static u64 period(struct ag_idle *i, u64 now_ns, u64 us)
{
	ag_idle_enter(i, now_ns);
	now_ns += us * NSEC_PER_USEC;
	ag_idle_leave(i, now_ns, &usual);
	return now_ns + GAP_NS;
}

static void begins_with_break_even(struct kunit *test)
{
	struct ag_idle *i = new_idle(test, &usual);

	KUNIT_EXPECT_EQ(test, i->delay_ms, 2000);
	KUNIT_EXPECT_FALSE(test, ag_idle_leave(i, NSEC_PER_SEC, &usual));
	KUNIT_EXPECT_EQ(test, i->periods, 0);
}

static void learns_from_history(struct kunit *test)
{
	struct ag_idle *i = new_idle(test, &usual);
	u64 now_ns = NSEC_PER_SEC;
	int k;

	for (k = 0; k < 20; k++)
		now_ns = period(i, now_ns, 50000);
	KUNIT_EXPECT_GE(test, i->delay_ms, 1000);
	KUNIT_EXPECT_LE(test, i->delay_ms, 2000);
	for (k = 0; k < 40; k++)
		now_ns = period(i, now_ns, 120000000);
	/* Short ones are not forgotten yet; waiting them out costs little. */
	KUNIT_EXPECT_LE(test, i->delay_ms, 64);
	KUNIT_EXPECT_GE(test, i->predicted_us, 110000000);
	KUNIT_EXPECT_LE(test, i->predicted_us, 120000000);
}

static void slow_resumes_are_refused(struct kunit *test)
{
	struct ag_idle_config cfg = usual;
	struct ag_idle *i;

	cfg.wake_latency_us = 45000;
	cfg.max_latency_us = 44999;
	i = new_idle(test, &cfg);
	KUNIT_EXPECT_EQ(test, i->delay_ms, AG_IDLE_NEVER);
	cfg.max_latency_us = 45000;
	KUNIT_EXPECT_TRUE(test, ag_idle_choose(i, &cfg));
	KUNIT_EXPECT_EQ(test, i->delay_ms, 2000);
	cfg.enable = false;
	KUNIT_EXPECT_TRUE(test, ag_idle_choose(i, &cfg));
	KUNIT_EXPECT_EQ(test, i->delay_ms, AG_IDLE_NEVER);
}

static void deep_states_wait_longer(struct kunit *test)
{
	struct ag_idle_config cfg = {
		.enable = true,
		.awake_mw = 100000,
		.nr_states = 2,
		.state = { { 50000, 200, 5000000 }, { 10000, 9000, 85000000 } },
	};
	struct ag_idle *i = new_idle(test, &cfg);

	KUNIT_ASSERT_EQ(test, i->nr_steps, 2);
	KUNIT_EXPECT_EQ(test, i->delay_ms, 100);
	KUNIT_EXPECT_EQ(test, i->step[1].state, 2);
	KUNIT_EXPECT_EQ(test, i->step[1].delay_ms, 2000);
	cfg.max_latency_us = 8999;
	KUNIT_EXPECT_TRUE(test, ag_idle_choose(i, &cfg));
	KUNIT_EXPECT_EQ(test, i->nr_steps, 1);
	KUNIT_EXPECT_EQ(test, i->step[0].state, 1);
}

/* History is sums of 16 bits, each below the one before it: none may wrap. */
static void extremes_do_not_wrap(struct kunit *test)
{
	struct ag_idle_config cfg = usual;
	const struct ag_idle_history *h;
	struct ag_idle *i;
	int k;
	u32 d;

	cfg.break_even_us = U32_MAX;
	i = new_idle(test, &cfg);
	for (k = 0; k < 1000; k++) {
		ag_idle_enter(i, 1);
		ag_idle_leave(i, U64_MAX, &cfg);
		h = &i->after[i->was_long];
		for (d = 0; d < AG_IDLE_DELAYS - 1; d++) {
			KUNIT_ASSERT_LE(test, h->part[d], h->slept[d]);
			KUNIT_ASSERT_TRUE(test, !d || h->slept[d] <= h->part[d - 1]);
		}
	}
	/* A period that ends before it began was none. */
	ag_idle_enter(i, NSEC_PER_SEC);
	ag_idle_leave(i, 1, &cfg);
	KUNIT_EXPECT_EQ(test, i->start_ns, 0);
}

static void any_history_ends_in_a_delay(struct kunit *test)
{
	struct ag_idle *i = new_idle(test, &usual);
	u64 now_ns = NSEC_PER_SEC;
	struct rnd_state rnd;
	int k;

	prandom_seed_state(&rnd, 11);
	for (k = 0; k < 5000; k++) {
		u32 shift = prandom_u32_state(&rnd) % 32;

		now_ns = period(i, now_ns, prandom_u32_state(&rnd) >> shift);
		if (i->delay_ms != AG_IDLE_NEVER)
			KUNIT_ASSERT_LE(test, i->delay_ms, 2 * 1024 * 1024);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(begins_with_break_even),
	KUNIT_CASE(learns_from_history),
	KUNIT_CASE(slow_resumes_are_refused),
	KUNIT_CASE(deep_states_wait_longer),
	KUNIT_CASE(extremes_do_not_wrap),
	KUNIT_CASE(any_history_ends_in_a_delay),
	{}
};

static struct kunit_suite suite = {
	.name = "accelgov_idle",
	.test_cases = cases,
};

kunit_test_suite(suite);
