// SPDX-License-Identifier: GPL-2.0
/*
 * Core: what holds whatever it is fed, run as the module runs it: under a raw
 * spinlock with interrupts off, with this kernel's 64-bit arithmetic.
 */
#include <kunit/test.h>
#include <linux/prandom.h>
#include <linux/spinlock.h>
#include "core/core.h"

#define POINTS	16
#define STEP_KHZ	100000U
#define WINDOW_NS	(10 * NSEC_PER_MSEC)

struct bench {
	raw_spinlock_t lock; /* as accelgov_device.lock */
	struct ag_core core;
	struct rnd_state rnd;
	u64 now_ns;
};

static struct bench *new_bench(struct kunit *test)
{
	struct ag_opp opps[POINTS];
	struct ag_config cfg;
	struct bench *b;
	u32 i;

	b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, b);
	raw_spin_lock_init(&b->lock);
	prandom_seed_state(&b->rnd, 23);
	b->now_ns = 77 * NSEC_PER_SEC;
	for (i = 0; i < POINTS; i++)
		opps[i] = (struct ag_opp){ (i + 1) * STEP_KHZ, 700 + 20 * i };
	ag_config_default(&cfg);
	KUNIT_ASSERT_EQ(test, ag_core_init(&b->core, opps, POINTS, &cfg,
					   b->now_ns), 0);
	return b;
}

/* Mostly plausible, now and then nonsense in any word. */
static void invent(struct bench *b, struct accelgov_sample *s)
{
	int i;

	memset(s, 0, sizeof(*s));
	b->now_ns += WINDOW_NS;
	s->time_ns = b->now_ns;
	s->window_ns = WINDOW_NS;
	s->valid = prandom_u32_state(&b->rnd) & (BIT(ACCELGOV_SIG_NR) - 1);
	if (!s->valid)
		s->valid = BIT(ACCELGOV_SIG_BUSY);
	s->amount = prandom_u32_state(&b->rnd) & (BIT(ACCELGOV_SIG_NR) - 1);
	for (i = 0; i < ACCELGOV_SIG_NR; i++) {
		u32 shift = prandom_u32_state(&b->rnd) % 64;

		s->val[i] = (u64)prandom_u32_state(&b->rnd) << 32 |
			    prandom_u32_state(&b->rnd);
		s->val[i] >>= shift;
	}
}

static void expect_ledger(struct kunit *test, const struct ag_guard *g)
{
	u64 work_us = 0, lost_us = 0;
	u32 i;

	for (i = 0; i < AG_GUARD_BUCKETS; i++) {
		work_us += g->bucket[i].work_us;
		lost_us += g->bucket[i].lost_us;
	}
	KUNIT_ASSERT_EQ(test, g->work_us, work_us);
	KUNIT_ASSERT_EQ(test, g->lost_us, lost_us);
}

/* Limits that change at every window hold at every decision. */
static void limits_hold(struct kunit *test)
{
	struct bench *b = new_bench(test);
	struct accelgov_sample s;
	struct ag_decision d;
	struct ag_rates r;
	unsigned long flags;
	u32 i, low, high;

	for (i = 0; i < 5000; i++) {
		invent(b, &s);
		KUNIT_ASSERT_EQ(test, ag_sample_check(&s), 0);
		ag_sample_rates(&s, &r);
		low = prandom_u32_state(&b->rnd) % POINTS;
		high = low + prandom_u32_state(&b->rnd) % (POINTS - low);
		low = (low + 1) * STEP_KHZ;
		high = (high + 1) * STEP_KHZ;

		raw_spin_lock_irqsave(&b->lock, flags);
		if (i % 100 == 99) {
			ag_core_lost_signals(&b->core, b->now_ns);
			ag_core_fallback(&b->core, prandom_u32_state(&b->rnd),
					 prandom_u32_state(&b->rnd), low, low,
					 high, &d);
		} else {
			ag_core_sample(&b->core, &r);
			ag_core_decide(&b->core, low, high, &d);
		}
		ag_core_applied(&b->core, d.khz, b->now_ns);
		raw_spin_unlock_irqrestore(&b->lock, flags);

		KUNIT_ASSERT_GE(test, d.khz, low);
		KUNIT_ASSERT_LE(test, d.khz, high);
		KUNIT_ASSERT_EQ(test, d.khz % STEP_KHZ, 0);
		KUNIT_ASSERT_LT(test, (u32)d.reason, (u32)AG_REASON_NR);
		KUNIT_ASSERT_LT(test, (u32)d.phase, (u32)ACCELGOV_PHASE_NR);
		expect_ledger(test, &b->core.guard);
	}
}

/* The kernel has divisions of its own; their edges are the rates' edges. */
static void amounts_become_rates(struct kunit *test)
{
	struct accelgov_sample s = {
		.time_ns = NSEC_PER_SEC,
		.window_ns = 333333333,
		.valid = BIT(ACCELGOV_SIG_NR) - 1,
		.amount = BIT(ACCELGOV_SIG_NR) - 1,
	};
	struct ag_rates r;

	s.val[ACCELGOV_SIG_BUSY] = 111111111;
	s.val[ACCELGOV_SIG_CLOCK] = 470000000;
	s.val[ACCELGOV_SIG_POWER] = 100000000;
	s.val[ACCELGOV_SIG_PROGRESS] = U64_MAX / 4;
	s.val[ACCELGOV_SIG_CONTEXTS] = U64_MAX;
	ag_sample_rates(&s, &r);
	KUNIT_EXPECT_EQ(test, r.busy, 333);
	KUNIT_EXPECT_EQ(test, r.clock_khz, 1410000);
	KUNIT_EXPECT_EQ(test, r.power_mw, 300000);
	/* (2^64 - 1) / 4 * 10^9 / 333333333, in 128 bits. */
	KUNIT_EXPECT_EQ(test, r.progress, 13835058069117221778ULL);
	KUNIT_EXPECT_EQ(test, r.contexts, U32_MAX);
	KUNIT_EXPECT_EQ(test, r.compute, 0);

	s.window_ns = AG_WINDOW_MIN_NS;
	s.val[ACCELGOV_SIG_PROGRESS] = U64_MAX;
	s.val[ACCELGOV_SIG_BUSY] = U64_MAX;
	s.val[ACCELGOV_SIG_POWER] = U64_MAX;
	ag_sample_rates(&s, &r);
	KUNIT_EXPECT_EQ(test, r.progress, U64_MAX);
	KUNIT_EXPECT_EQ(test, r.busy, 1000);
	KUNIT_EXPECT_EQ(test, r.power_mw, 100000000);
}

/* What userspace's stand-ins in core/types.h promise of the kernel's functions. */
static void arithmetic_is_the_same(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, div64_s64(-7, 2), -3);
	KUNIT_EXPECT_EQ(test, div_s64(S64_MIN + 1, -1), S64_MAX);
	KUNIT_EXPECT_EQ(test, div64_u64(U64_MAX, U64_MAX - 1), 1);
	KUNIT_EXPECT_EQ(test, mul_u64_u64_div_u64(U64_MAX, 3, 6), U64_MAX / 2);
	KUNIT_EXPECT_EQ(test, mul_u64_u32_div(U64_MAX / 8, 1000, 1000),
			U64_MAX / 8);
	KUNIT_EXPECT_EQ(test, mul_u64_u32_shr(U64_MAX, 1U << 16, 16), U64_MAX);
	KUNIT_EXPECT_EQ(test, int_sqrt64(U64_MAX), U32_MAX);
	KUNIT_EXPECT_EQ(test, fls64(0), 0);
	KUNIT_EXPECT_EQ(test, fls64(U64_MAX), 64);
}

/* A device that only computes stays near its top clock, one that waits does not. */
static void phases_get_their_clocks(struct kunit *test)
{
	struct bench *b = new_bench(test);
	struct ag_decision d = {};
	struct ag_rates r = {
		.window_ns = WINDOW_NS,
		.valid = BIT(ACCELGOV_SIG_BUSY) | BIT(ACCELGOV_SIG_COMPUTE) |
			 BIT(ACCELGOV_SIG_MEMORY) | BIT(ACCELGOV_SIG_LINK),
		.busy = 1000,
		.compute = 950,
		.memory = 100,
	};
	u32 i;

	for (i = 0; i < 400; i++) {
		if (i == 200) {
			KUNIT_EXPECT_EQ(test, (int)d.phase,
					ACCELGOV_PHASE_COMPUTE);
			KUNIT_EXPECT_GE(test, d.khz, POINTS * STEP_KHZ * 8 / 10);
			r.compute = 20;
			r.memory = 50;
			r.link = 950;
		}
		b->now_ns += WINDOW_NS;
		r.time_ns = b->now_ns;
		ag_core_sample(&b->core, &r);
		ag_core_decide(&b->core, STEP_KHZ, POINTS * STEP_KHZ, &d);
		ag_core_applied(&b->core, d.khz, b->now_ns);
	}
	KUNIT_EXPECT_EQ(test, (int)d.phase, ACCELGOV_PHASE_LINK);
	KUNIT_EXPECT_LE(test, d.khz, POINTS * STEP_KHZ * 7 / 10);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(limits_hold),
	KUNIT_CASE(amounts_become_rates),
	KUNIT_CASE(arithmetic_is_the_same),
	KUNIT_CASE(phases_get_their_clocks),
	{}
};

static struct kunit_suite suite = {
	.name = "accelgov_core",
	.test_cases = cases,
};

kunit_test_suite(suite);
