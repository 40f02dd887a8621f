// SPDX-License-Identifier: GPL-2.0
/*
 * Idle: the delay that a history of idle periods leads to.
 */
#include "unit.h"
#include "random.h"
#include "window.h"
#include "idle.h"

static const struct ag_idle_config usual = {
	.enable = true, .break_even_us = 2000000,
};

static u64 idle_for(struct ag_idle *i, u64 now_ns, u64 idle_us,
		    const struct ag_idle_config *cfg)
{
	ag_idle_enter(i, now_ns);
	now_ns += idle_us * 1000;
	ag_idle_leave(i, now_ns, cfg);
	return now_ns + 100 * MS;
}

TEST(starts_with_the_break_even_time)
{
	struct ag_idle_config cfg = usual;
	struct ag_idle i;
	u64 now_ns = SECOND;

	ag_idle_init(&i, &cfg);
	EXPECT_EQ(i.delay_ms, 2000);
	EXPECT_EQ(i.predicted_us, 0);
	now_ns = idle_for(&i, now_ns, 5000, &cfg);
	EXPECT_EQ(i.delay_ms, 2000);
	cfg.break_even_us = 100;
	ag_idle_init(&i, &cfg);
	EXPECT_EQ(i.delay_ms, 1);
}

TEST(short_gaps_never_suspend)
{
	struct ag_idle i;
	u64 now_ns = SECOND;
	u32 k;

	ag_idle_init(&i, &usual);
	for (k = 0; k < 20; k++)
		now_ns = idle_for(&i, now_ns, 50000, &usual);
	EXPECT_TRUE(i.delay_ms == AG_IDLE_NEVER || i.delay_ms > 50);
	EXPECT_GE(i.predicted_us, 32000);
	EXPECT_LE(i.predicted_us, 64000);
}

TEST(long_gaps_suspend_at_once)
{
	struct ag_idle i;
	u64 now_ns = SECOND;
	u32 k;

	ag_idle_init(&i, &usual);
	for (k = 0; k < 20; k++)
		now_ns = idle_for(&i, now_ns, 120000000, &usual);
	EXPECT_EQ(i.delay_ms, 0);
	EXPECT_GE(i.predicted_us, 60000000);
}

/* Short gaps within a session, long ones between: wait out the short ones. */
TEST(two_kinds_of_gaps_are_told_apart)
{
	struct ag_idle i;
	u64 now_ns = SECOND;
	u32 k;

	ag_idle_init(&i, &usual);
	for (k = 0; k < 40; k++)
		now_ns = idle_for(&i, now_ns, k % 4 ? 100000 : 600000000,
				  &usual);
	unit_note("gaps of 0.1 s and of 600 s: delay %u ms", i.delay_ms);
	EXPECT_GE(i.delay_ms, 100);
	EXPECT_LE(i.delay_ms, 2000);
}

TEST(habits_that_change_are_followed)
{
	struct ag_idle i;
	u64 now_ns = SECOND;
	u32 k;

	ag_idle_init(&i, &usual);
	for (k = 0; k < 100; k++)
		now_ns = idle_for(&i, now_ns, 20000, &usual);
	EXPECT_GT(i.delay_ms, 20);
	for (k = 0; k < 16; k++)
		now_ns = idle_for(&i, now_ns, 300000000, &usual);
	EXPECT_LE(i.delay_ms, 64);
	for (k = 0; k < 32; k++)
		now_ns = idle_for(&i, now_ns, 20000, &usual);
	EXPECT_GT(i.delay_ms, 20);
}

TEST(slow_resumes_are_not_accepted)
{
	struct ag_idle_config cfg = usual;
	struct ag_idle i;

	cfg.wake_latency_us = 45000;
	cfg.max_latency_us = 44999;
	ag_idle_init(&i, &cfg);
	EXPECT_EQ(i.delay_ms, AG_IDLE_NEVER);
	cfg.max_latency_us = 45000;
	EXPECT_TRUE(ag_idle_choose(&i, &cfg));
	EXPECT_EQ(i.delay_ms, 2000);
	EXPECT_FALSE(ag_idle_choose(&i, &cfg));
	cfg.max_latency_us = 0;
	EXPECT_FALSE(ag_idle_choose(&i, &cfg));
	cfg.enable = false;
	EXPECT_TRUE(ag_idle_choose(&i, &cfg));
	EXPECT_EQ(i.delay_ms, AG_IDLE_NEVER);
}

TEST(entering_twice_counts_once)
{
	struct ag_idle i;

	ag_idle_init(&i, &usual);
	ag_idle_enter(&i, 1 * SECOND);
	ag_idle_enter(&i, 50 * SECOND);
	ag_idle_leave(&i, 65 * SECOND, &usual);
	EXPECT_GE(i.predicted_us, 33000000);
	EXPECT_FALSE(ag_idle_leave(&i, 70 * SECOND, &usual));
	EXPECT_EQ(i.start_ns, 0);
}

TEST(a_clock_that_goes_back_is_a_short_gap)
{
	struct ag_idle i;
	u32 k;

	ag_idle_init(&i, &usual);
	for (k = 0; k < 20; k++) {
		ag_idle_enter(&i, 100 * SECOND);
		ag_idle_leave(&i, 99 * SECOND, &usual);
	}
	EXPECT_LE(i.predicted_us, 3000);
}

/* Cost in units of the power that suspending saves, see idle.c. */
static double cost_of(double idle_us, double delay_us, double break_even_us)
{
	return idle_us <= delay_us ? idle_us : delay_us + break_even_us;
}

/*
 * Over many periods from one distribution the chosen delay is nearly as good as
 * the best fixed one, and never worse than twice what an oracle pays.
 */
TEST(cost_against_the_best_fixed_delay)
{
	static const double means_us[] = { 3e4, 3e5, 2e6, 6e6, 6e7 };
	struct random rnd = { 50 };
	u32 m, k, d;

	for (m = 0; m < ARRAY_SIZE(means_us); m++) {
		double chosen = 0, oracle = 0, fixed[24] = { 0 }, best;
		u64 now_ns = SECOND;
		struct ag_idle i;

		ag_idle_init(&i, &usual);
		for (k = 0; k < 2000; k++) {
			double x = 1000 + random_exp(&rnd, means_us[m]);
			double e = usual.break_even_us;

			chosen += cost_of(x, i.delay_ms == AG_IDLE_NEVER ? 1e30 :
					  i.delay_ms * 1e3, e);
			oracle += fmin(x, e);
			for (d = 0; d < ARRAY_SIZE(fixed); d++)
				fixed[d] += cost_of(x, d ? 1e3 * (1 << d) : 0, e);
			now_ns = idle_for(&i, now_ns, x, &usual);
		}
		best = fixed[0];
		for (d = 1; d < ARRAY_SIZE(fixed); d++)
			best = fmin(best, fixed[d]);
		unit_note("mean gap %.0f ms: cost %.2f of an oracle's, best fixed delay %.2f",
			  means_us[m] / 1e3, chosen / oracle, best / oracle);
		EXPECT_TRUE(chosen <= 1.25 * best);
	}
}

TEST(random_periods_keep_the_state_sane)
{
	struct random rnd = { 51 };
	struct ag_idle_config cfg;
	struct ag_idle i;
	u32 k, b, sum;

	ag_idle_init(&i, &usual);
	for (k = 0; k < 200000; k++) {
		cfg = (struct ag_idle_config){
			.enable = random_below(&rnd, 8),
			.break_even_us = (u32)random_any(&rnd),
			.wake_latency_us = (u32)random_any(&rnd),
			.max_latency_us = (u32)random_any(&rnd),
		};
		if (random_below(&rnd, 2))
			ag_idle_enter(&i, random_any(&rnd));
		if (random_below(&rnd, 2))
			ag_idle_leave(&i, random_any(&rnd), &cfg);
		for (b = 0, sum = 0; b < AG_IDLE_BINS; b++)
			sum += i.bin[b];
		ASSERT_EQ(i.total, sum);
		EXPECT_TRUE(i.delay_ms == AG_IDLE_NEVER ||
			    i.delay_ms <= U32_MAX / 1000);
	}
}
