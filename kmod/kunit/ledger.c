// SPDX-License-Identifier: GPL-2.0
/*
 * Ledger: its sums, its horizon and when the guard steps in, as this kernel
 * divides 64-bit numbers.
 */
#include <kunit/test.h>
#include <linux/prandom.h>
#include "core/guard.h"

#define BUDGET_PERMILLE	50
#define WINDOW_US	10000U

static struct ag_guard *new_guard(struct kunit *test, u64 now_ns)
{
	struct ag_guard *g = kunit_kzalloc(test, sizeof(*g), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, g);
	ag_guard_init(g, now_ns);
	return g;
}

static void expect_sums(struct kunit *test, const struct ag_guard *g)
{
	u64 work_us = 0, lost_us = 0;
	u32 i;

	for (i = 0; i < AG_GUARD_BUCKETS; i++) {
		work_us += g->bucket[i].work_us;
		lost_us += g->bucket[i].lost_us;
	}
	KUNIT_ASSERT_EQ(test, g->work_us, work_us);
	KUNIT_ASSERT_EQ(test, g->lost_us, lost_us);
	KUNIT_ASSERT_LE(test, g->work_us, g->work_total_us);
	KUNIT_ASSERT_LE(test, g->lost_us, g->lost_total_us);
}

static void sums_are_those_of_the_buckets(struct kunit *test)
{
	u64 now_ns = 5 * NSEC_PER_SEC;
	struct ag_guard *g = new_guard(test, now_ns);
	struct rnd_state rnd;
	u32 i;

	prandom_seed_state(&rnd, 4);
	for (i = 0; i < 3000; i++) {
		u32 us = prandom_u32_state(&rnd) % 300000;
		u32 lost_us = us ? prandom_u32_state(&rnd) % us : 0;

		now_ns += (u64)us * NSEC_PER_USEC;
		if (!(i % 500))
			now_ns += (prandom_u32_state(&rnd) % 200) *
				  (u64)NSEC_PER_SEC;
		ag_guard_account(g, now_ns, us - lost_us, lost_us,
				 BUDGET_PERMILLE);
		expect_sums(test, g);
	}
}

static void forgets_after_a_minute(struct kunit *test)
{
	u64 now_ns = 1000 * NSEC_PER_SEC;
	struct ag_guard *g = new_guard(test, now_ns);
	u32 s;

	ag_guard_account(g, now_ns, 500000, 500000, BUDGET_PERMILLE);
	KUNIT_EXPECT_EQ(test, ag_guard_slowdown_permille(g), 1000);
	for (s = 1; s < AG_GUARD_HORIZON_S; s++)
		ag_guard_account(g, now_ns + s * (u64)NSEC_PER_SEC, 1000, 0,
				 BUDGET_PERMILLE);
	KUNIT_EXPECT_EQ(test, g->lost_us, 500000);
	ag_guard_account(g, now_ns + s * (u64)NSEC_PER_SEC, 1000, 0,
			 BUDGET_PERMILLE);
	KUNIT_EXPECT_EQ(test, g->lost_us, 0);
	KUNIT_EXPECT_EQ(test, g->lost_total_us, 500000);
	KUNIT_EXPECT_EQ(test, ag_guard_slowdown_permille(g), 0);
	expect_sums(test, g);
}

/* The clock may not go back, but a window of another CPU may end a bit earlier. */
static void time_that_goes_back_loses_nothing(struct kunit *test)
{
	u64 now_ns = 100 * NSEC_PER_SEC;
	struct ag_guard *g = new_guard(test, now_ns);

	ag_guard_account(g, now_ns, 1000, 10, BUDGET_PERMILLE);
	ag_guard_account(g, now_ns - NSEC_PER_SEC, 1000, 10, BUDGET_PERMILLE);
	KUNIT_EXPECT_EQ(test, g->work_us, 2000);
	KUNIT_EXPECT_EQ(test, g->second, 100);
	expect_sums(test, g);
	ag_guard_account(g, U64_MAX, 1000, 10, BUDGET_PERMILLE);
	KUNIT_EXPECT_EQ(test, g->work_us, 1000);
	expect_sums(test, g);
}

/* Whoever loses a tenth is stopped at a twentieth, and let go again. */
static void engages_within_the_promise(struct kunit *test)
{
	u64 now_ns = 50 * NSEC_PER_SEC;
	struct ag_guard *g = new_guard(test, now_ns);
	u32 changes = 0, i;

	for (i = 0; i < 30000; i++) {
		u32 lost_us = g->engaged ? 0 : WINDOW_US / 10;

		now_ns += WINDOW_US * (u64)NSEC_PER_USEC;
		changes += ag_guard_account(g, now_ns, WINDOW_US - lost_us,
					    lost_us, BUDGET_PERMILLE);
		/* Early work is judged as if it were 8 s. */
		if (g->work_us > 8000000)
			KUNIT_ASSERT_LE(test, ag_guard_slowdown_permille(g),
					BUDGET_PERMILLE + 1);
	}
	KUNIT_EXPECT_GE(test, changes, 2);
	KUNIT_EXPECT_GE(test, ag_guard_slowdown_permille(g),
			BUDGET_PERMILLE * 9 / 10);
}

static void no_budget_allows_no_loss(struct kunit *test)
{
	u64 now_ns = NSEC_PER_SEC;
	struct ag_guard *g = new_guard(test, now_ns);

	ag_guard_account(g, now_ns, 1, 1, 0);
	KUNIT_EXPECT_TRUE(test, g->engaged);
}

/* The price stays in its range whatever the plan says, also at once. */
static void price_stays_in_range(struct kunit *test)
{
	struct ag_guard *g = new_guard(test, NSEC_PER_SEC);
	struct rnd_state rnd;
	u32 i;

	prandom_seed_state(&rnd, 7);
	ag_guard_reprice(g, BUDGET_PERMILLE, 0, true, U32_MAX);
	KUNIT_EXPECT_EQ(test, g->price_mw, 400000000);
	for (i = 0; i < 300; i++)
		ag_guard_reprice(g, BUDGET_PERMILLE, U32_MAX, true, 1);
	KUNIT_EXPECT_EQ(test, g->price_mw, 400000000);
	for (i = 0; i < 300; i++)
		ag_guard_reprice(g, BUDGET_PERMILLE, 0, true, 1);
	KUNIT_EXPECT_EQ(test, g->price_mw, 1);
	for (i = 0; i < 3000; i++) {
		ag_guard_reprice(g, prandom_u32_state(&rnd) % 1001,
				 prandom_u32_state(&rnd),
				 prandom_u32_state(&rnd) & 1,
				 prandom_u32_state(&rnd));
		KUNIT_ASSERT_GE(test, g->price_mw, 1);
		KUNIT_ASSERT_LE(test, g->price_mw, 400000000);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(sums_are_those_of_the_buckets),
	KUNIT_CASE(forgets_after_a_minute),
	KUNIT_CASE(time_that_goes_back_loses_nothing),
	KUNIT_CASE(engages_within_the_promise),
	KUNIT_CASE(no_budget_allows_no_loss),
	KUNIT_CASE(price_stays_in_range),
	{}
};

static struct kunit_suite suite = {
	.name = "accelgov_ledger",
	.test_cases = cases,
};

kunit_test_suite(suite);
