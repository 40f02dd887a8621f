// SPDX-License-Identifier: GPL-2.0
/*
 * Idle: the delay that a history of idle periods leads to.
 */
#include <math.h>

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
	EXPECT_GE(i.delay_ms, 1000);
	EXPECT_LE(i.delay_ms, 2000);
	EXPECT_NEAR(i.predicted_us, 50000, 100);
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
	EXPECT_NEAR(i.predicted_us, 120e6, 1000);
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
	/* The timer may be late by a quarter. */
	EXPECT_GE(i.delay_ms * 5 / 4, 100);
	EXPECT_LE(i.delay_ms, 200);
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
	/* The timer may be late by a quarter. */
	EXPECT_GE(i.delay_ms * 5 / 4, 20);
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
	EXPECT_EQ(i.predicted_us, 64000000);
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

TEST(another_break_even_time_needs_no_new_history)
{
	struct ag_idle_config cfg = usual;
	u64 now_ns = SECOND;
	struct ag_idle i;
	u32 k;

	ag_idle_init(&i, &usual);
	for (k = 0; k < 20; k++)
		now_ns = idle_for(&i, now_ns, 120000000, &usual);
	EXPECT_EQ(i.delay_ms, 0);
	cfg.break_even_us = 200000000;
	EXPECT_TRUE(ag_idle_choose(&i, &cfg));
	EXPECT_GE(i.delay_ms, 120000 / 5 * 4);
	EXPECT_LE(i.delay_ms, 200000);
	cfg.break_even_us = usual.break_even_us;
	EXPECT_TRUE(ag_idle_choose(&i, &cfg));
	EXPECT_EQ(i.delay_ms, 0);
}

/* One length follows the other: each kind has a history of its own. */
TEST(what_follows_a_period_is_told)
{
	struct ag_idle i;
	u64 now_ns = SECOND;
	u32 k;

	ag_idle_init(&i, &usual);
	for (k = 0; k < 100; k++)
		now_ns = idle_for(&i, now_ns, k % 2 ? 6000000 : 1000000, &usual);
	EXPECT_TRUE(i.was_long);
	EXPECT_GE(i.delay_ms * 5 / 4, 1000);
	EXPECT_LE(i.delay_ms, 2000);
	idle_for(&i, now_ns, 1000000, &usual);
	EXPECT_FALSE(i.was_long);
	EXPECT_EQ(i.delay_ms, 0);
}

static u64 window(struct ag_idle *i, u64 now_ns, u32 ms, u32 busy, bool idle)
{
	struct ag_rates r = {
		.time_ns = now_ns + ms * MS, .window_ns = ms * MS,
		.valid = BIT(ACCELGOV_SIG_BUSY), .busy = busy,
	};

	ag_idle_window(i, &r, idle, &usual);
	return r.time_ns;
}

/* From the end of work in one window to its begin in another. */
TEST(periods_are_measured_within_windows)
{
	u64 now_ns = SECOND;
	struct ag_idle i;

	ag_idle_init(&i, &usual);
	now_ns = window(&i, now_ns, 10, 1000, false);
	now_ns = window(&i, now_ns, 10, 400, false);
	now_ns = window(&i, now_ns, 10, 0, false);
	now_ns = window(&i, now_ns, 10, 49, true);
	EXPECT_GT(i.start_ns, 0);
	now_ns = window(&i, now_ns, 10, 0, true);
	now_ns = window(&i, now_ns, 10, 300, true);
	EXPECT_EQ(i.periods, 1);
	EXPECT_EQ(i.predicted_us, 6000 + 30000 + 7000);
	EXPECT_EQ(i.start_ns, 0);
	/* What was work to the end is no part of the next. */
	now_ns = window(&i, now_ns, 10, 0, true);
	window(&i, now_ns, 10, 1000, false);
	EXPECT_EQ(i.periods, 2);
	EXPECT_EQ(i.predicted_us, 43000 - 43000 / 8 + 10000 / 8);
}

/* Who waits for something else than work is not idle. */
TEST(windows_without_work_need_a_phase)
{
	u64 now_ns = SECOND;
	struct ag_idle i;
	u32 k;

	ag_idle_init(&i, &usual);
	for (k = 0; k < 10; k++)
		now_ns = window(&i, now_ns, 10, 0, false);
	now_ns = window(&i, now_ns, 10, 1000, false);
	EXPECT_EQ(i.periods, 0);
	/* One that turns out to be a wait is over, and does not count twice. */
	now_ns = window(&i, now_ns, 10, 0, true);
	now_ns = window(&i, now_ns, 10, 0, false);
	EXPECT_EQ(i.periods, 1);
	EXPECT_EQ(i.predicted_us, 20000);
	now_ns = window(&i, now_ns, 10, 0, true);
	window(&i, now_ns, 10, 1000, false);
	EXPECT_EQ(i.periods, 2);
	EXPECT_EQ(i.predicted_us, 20000 - 20000 / 8 + 10000 / 8);
}

/* A device that slept tells of periods that no window shows whole. */
TEST(a_resume_ends_a_period)
{
	u64 now_ns = SECOND;
	struct ag_idle i;

	ag_idle_init(&i, &usual);
	now_ns = window(&i, now_ns, 10, 1000, false);
	ag_idle_woke(&i, now_ns, now_ns + 8 * MS, &usual);
	EXPECT_EQ(i.periods, 1);
	EXPECT_EQ(i.predicted_us, 4000);
	/* It takes time to wake up, and is not idle then. */
	now_ns = window(&i, now_ns, 10, 0, true);
	now_ns = window(&i, now_ns, 10, 0, true);
	EXPECT_EQ(i.start_ns, 0);
	now_ns = window(&i, now_ns, 10, 700, true);
	EXPECT_EQ(i.periods, 1);
	ag_idle_woke(&i, now_ns, now_ns + 9 * MS, &usual);
	EXPECT_EQ(i.periods, 2);
	EXPECT_EQ(i.predicted_us, 4000 - 500 + 12000 / 8);
}

/* A report that shows work resumes the device: that is the same period. */
TEST(a_window_and_a_resume_end_it_once)
{
	u64 now_ns = SECOND;
	struct ag_idle i;

	ag_idle_init(&i, &usual);
	now_ns = window(&i, now_ns, 10, 0, true);
	now_ns = window(&i, now_ns, 10, 500, true);
	EXPECT_EQ(i.periods, 1);
	ag_idle_woke(&i, now_ns, now_ns + MS, &usual);
	EXPECT_EQ(i.periods, 1);
	/* Before anything was seen there is nothing to measure from. */
	ag_idle_init(&i, &usual);
	ag_idle_woke(&i, 0, SECOND, &usual);
	EXPECT_EQ(i.periods, 0);
}

/*
 * Awake 100 W. 60 W after 20 mJ of switching pays after 0.5 ms, from there 10 W after
 * 520 mJ in all pay after 10 ms, and 5 W after 15.52 J after 3 s more.
 */
static const struct ag_idle_config ladder = {
	.enable = true,
	.awake_mw = 100000,
	.nr_states = 3,
	.state = {
		{ .power_mw = 60000, .wake_us = 200, .switch_uj = 20000 },
		{ .power_mw = 10000, .wake_us = 5200, .switch_uj = 520000 },
		{ .power_mw = 5000, .wake_us = 155200, .switch_uj = 15520000 },
	},
};

TEST(each_state_waits_for_its_own_break_even_time)
{
	struct ag_idle i;

	ag_idle_init(&i, &ladder);
	ASSERT_EQ(i.nr_steps, 3);
	EXPECT_EQ(i.step[0].state, 1);
	EXPECT_EQ(i.step[0].delay_ms, 1);
	EXPECT_EQ(i.step[1].state, 2);
	EXPECT_EQ(i.step[1].delay_ms, 10);
	EXPECT_EQ(i.step[2].state, 3);
	EXPECT_EQ(i.step[2].delay_ms, 3000);
	EXPECT_EQ(i.delay_ms, 1);
}

TEST(a_state_off_the_hull_is_never_asked_for)
{
	struct ag_idle_config cfg = ladder;
	struct ag_idle i;

	/* Alone it would pay after 33 ms, but the second one does after 6. */
	cfg.state[0].power_mw = 99400;
	ag_idle_init(&i, &cfg);
	ASSERT_EQ(i.nr_steps, 2);
	EXPECT_EQ(i.step[0].state, 2);
	EXPECT_EQ(i.step[0].delay_ms, 5);
	EXPECT_EQ(i.step[1].state, 3);
	/* One that draws as much as a lighter one never pays. */
	cfg.state[2].power_mw = 10000;
	EXPECT_TRUE(ag_idle_choose(&i, &cfg));
	ASSERT_EQ(i.nr_steps, 1);
	EXPECT_EQ(i.step[0].state, 2);
	/* Nor does any that draws what the device draws awake. */
	cfg.awake_mw = 10000;
	EXPECT_TRUE(ag_idle_choose(&i, &cfg));
	EXPECT_EQ(i.nr_steps, 0);
	EXPECT_EQ(i.delay_ms, AG_IDLE_NEVER);
}

TEST(a_ceiling_leaves_the_lighter_states)
{
	struct ag_idle_config cfg = ladder;
	struct ag_idle i;

	cfg.max_latency_us = 155199;
	ag_idle_init(&i, &cfg);
	ASSERT_EQ(i.nr_steps, 2);
	EXPECT_EQ(i.step[1].state, 2);
	cfg.max_latency_us = 200;
	EXPECT_TRUE(ag_idle_choose(&i, &cfg));
	ASSERT_EQ(i.nr_steps, 1);
	EXPECT_EQ(i.step[0].state, 1);
	EXPECT_TRUE(ag_idle_allowed(&cfg));
	cfg.max_latency_us = 199;
	EXPECT_TRUE(ag_idle_choose(&i, &cfg));
	EXPECT_EQ(i.nr_steps, 0);
	EXPECT_FALSE(ag_idle_allowed(&cfg));
}

/* Work that waits is not for the operator's liking: the floor holds for each state. */
TEST(no_state_pays_before_the_operator_says_so)
{
	struct ag_idle_config cfg = ladder;
	struct ag_idle i;

	cfg.break_even_us = 2000000;
	ag_idle_init(&i, &cfg);
	ASSERT_EQ(i.nr_steps, 2);
	EXPECT_EQ(i.step[0].state, 2);
	EXPECT_EQ(i.step[0].delay_ms, 2000);
	EXPECT_EQ(i.step[1].state, 3);
	EXPECT_EQ(i.step[1].delay_ms, 3000);
}

/* 100 W for 20 ms, 10 W from then on. */
TEST(a_device_that_comes_down_by_itself_has_less_to_save)
{
	struct ag_idle_config cfg = {
		.enable = true,
		.awake_mw = 10000, .early_mw = 90000, .early_us = 20000,
		.nr_states = 1,
		.state = { { .power_mw = 0, .switch_uj = 1000000 } },
	};
	u64 now_ns = SECOND;
	struct ag_idle i;
	u32 k;

	/* 1 J are drawn in 10 ms. */
	ag_idle_init(&i, &cfg);
	EXPECT_EQ(i.delay_ms, 10);
	cfg.early_uj = 500000;
	ag_idle_choose(&i, &cfg);
	EXPECT_EQ(i.delay_ms, 15);
	/* 2 J in 20 ms, and then 2 more in 200. */
	cfg.state[0].switch_uj = 4000000;
	ag_idle_choose(&i, &cfg);
	EXPECT_EQ(i.delay_ms, 220);
	cfg.break_even_us = 300000;
	ag_idle_choose(&i, &cfg);
	EXPECT_EQ(i.delay_ms, 300);
	/*
	 * One of 1 s in ten of 15 ms: at once costs 4 J each and 0.5 J more for the short
	 * ones, late saves 5 J less of the long one than it would from the first 20 ms.
	 */
	cfg.break_even_us = 0;
	for (k = 0; k < 110; k++)
		now_ns = idle_for(&i, now_ns, k % 11 ? 15000 : 1000000, &cfg);
	EXPECT_GE(i.delay_ms * 5 / 4, 15);
	EXPECT_LE(i.delay_ms, 220);
}

TEST(history_says_how_deep)
{
	struct ag_idle i;
	u64 now_ns = SECOND;
	u32 k;

	ag_idle_init(&i, &ladder);
	for (k = 0; k < 40; k++)
		now_ns = idle_for(&i, now_ns, 200000, &ladder);
	/* 0.2 s is worth the second state at once, and not the third. */
	EXPECT_EQ(i.step[0].state, 2);
	EXPECT_EQ(i.step[0].delay_ms, 0);
	ASSERT_EQ(i.nr_steps, 2);
	EXPECT_GE(i.step[1].delay_ms * 5 / 4, 200);
	/* Short ones are not forgotten yet; waiting them out costs little. */
	for (k = 0; k < 40; k++)
		now_ns = idle_for(&i, now_ns, 60000000, &ladder);
	ASSERT_EQ(i.nr_steps, 2);
	EXPECT_EQ(i.step[1].state, 3);
	EXPECT_GE(i.step[1].delay_ms * 5 / 4, 200);
	EXPECT_LE(i.step[1].delay_ms, 400);
	for (k = 0; k < 300; k++)
		now_ns = idle_for(&i, now_ns, 60000000, &ladder);
	ASSERT_EQ(i.nr_steps, 1);
	EXPECT_EQ(i.step[0].state, 3);
	EXPECT_EQ(i.step[0].delay_ms, 0);
}

/* Lengths of idle periods in microseconds. */
struct lengths {
	const char *name;
	double (*draw)(struct random *rnd, u32 k);
	double break_even_us;
};

static double normal(struct random *rnd)
{
	double sum = -6;
	int i;

	for (i = 0; i < 12; i++)
		sum += random_below(rnd, 1000001) / 1e6;
	return sum;
}

/*
 * Median 9 s, p90 44 s, p99 836 s, as measured on 756 GPUs (arXiv 2605.23918):
 * linear in the logarithm between these and from 1 s to 1 h.
 */
static double heavy(struct random *rnd, u32 k)
{
	static const double at[] = { 0, 0.5, 0.9, 0.99, 1 };
	static const double s[] = { 1, 9, 44, 836, 3600 };
	double u = random_below(rnd, 1000000) / 1e6;
	int i = 0;

	while (u >= at[i + 1])
		i++;
	return 1e6 * s[i] * pow(s[i + 1] / s[i],
				(u - at[i]) / (at[i + 1] - at[i]));
}

static double periodic(struct random *rnd, u32 k)
{
	return 10e6 * (1 + 0.02 * normal(rnd));
}

static double bimodal(struct random *rnd, u32 k)
{
	double mean_us = random_below(rnd, 10) < 7 ? 300e3 : 60e6;

	return mean_us * (1 + 0.1 * normal(rnd));
}

static double lognormal(struct random *rnd, u32 k)
{
	return 4e6 * exp(1.5 * normal(rnd));
}

static double pareto(struct random *rnd, u32 k)
{
	return 500e3 * pow((1 + random_below(rnd, 1000000)) / 1e6, -1 / 1.3);
}

static double uniform(struct random *rnd, u32 k)
{
	return 1000 + random_below(rnd, 30000000);
}

static double memoryless(struct random *rnd, u32 k)
{
	return 1000 + random_exp(rnd, 8e6);
}

/* Days of chat and nights of nothing. */
static double shifting(struct random *rnd, u32 k)
{
	return random_exp(rnd, k / 200 % 2 ? 90e6 : 1500e3);
}

/* What suspending saves in a period, in microseconds of the power it saves. */
static double saving_of(double idle_us, double delay_us, double break_even_us)
{
	delay_us *= 1.25;
	return idle_us <= delay_us ? 0 : idle_us - delay_us - break_even_us;
}

#define FIXED	200

/*
 * Over many periods: at least 90 % of what knowing the future saves, or where
 * nobody who knows the distribution alone gets that far, 95 % of what such a
 * one gets.
 */
TEST(savings_against_clairvoyance)
{
	static const struct lengths all[] = {
		{ "measured, heavy tail", heavy, 2e6 },
		{ "measured, large break-even", heavy, 20e6 },
		{ "periodic 10 s", periodic, 2e6 },
		{ "bimodal 0.3 and 60 s", bimodal, 2e6 },
		{ "lognormal, median 4 s", lognormal, 2e6 },
		{ "Pareto 1.3 from 0.5 s", pareto, 500e3 },
		{ "uniform to 30 s", uniform, 2e6 },
		{ "exponential, mean 8 s", memoryless, 2e6 },
		{ "shifting 1.5 and 90 s", shifting, 2e6 },
	};
	struct random rnd = { 50 };
	u32 m, k, d;

	for (m = 0; m < ARRAY_SIZE(all); m++) {
		double e = all[m].break_even_us, fixed[FIXED + 1] = { 0 };
		double ours = 0, oracle = 0, best = 0;
		struct ag_idle_config cfg = usual;
		u64 now_ns = SECOND;
		struct ag_idle i;

		cfg.break_even_us = e;
		ag_idle_init(&i, &cfg);
		for (k = 0; k < 4000; k++) {
			double x = fmax(1000, all[m].draw(&rnd, k));

			ours += saving_of(x, i.delay_ms == AG_IDLE_NEVER ?
					  1e30 : i.delay_ms * 1e3, e);
			oracle += fmax(0, x - e);
			for (d = 0; d < FIXED; d++)
				fixed[d] += saving_of(x, d ? 1e3 * exp2(d / 10.) :
						      0, e);
			now_ns = idle_for(&i, now_ns, x, &cfg);
		}
		for (d = 0; d < FIXED; d++)
			best = fmax(best, fixed[d]);
		unit_note("%s: %.1f %% of a clairvoyant's saving, best fixed delay %.1f %%",
			  all[m].name, 100 * ours / oracle,
			  100 * best / oracle);
		EXPECT_TRUE(ours >= 0.9 * oracle || ours >= 0.95 * best);
	}
}

/*
 * Near the break-even time, where it is hard: mean lengths of so many times it. What
 * the best fixed delay gets is all that anybody gets who knows the distribution and no
 * more, where lengths don't depend on each other.
 */
static double heavy_tailed(struct random *rnd, u32 k)
{
	return 0.25 * exp(1.6651 * normal(rnd));
}

static double weibull(struct random *rnd, u32 k)
{
	return 0.5 * pow(random_exp(rnd, 1), 2);
}

static double unit_exp(struct random *rnd, u32 k)
{
	return random_exp(rnd, 1);
}

static double two_lengths(struct random *rnd, u32 k)
{
	return (random_below(rnd, 10) < 7 ? 0.1 : 3.1) * (1 + 0.1 * normal(rnd));
}

static double jitter(struct random *rnd, u32 k)
{
	return 1 + 0.2 * normal(rnd);
}

static double in_turns(struct random *rnd, u32 k)
{
	return (k % 2 ? 1.7 : 0.3) * (1 + 0.05 * normal(rnd));
}

/* Twenty or so short ones, then five or so that are twenty times as long. */
static double in_bursts(struct random *rnd, u32 k)
{
	static bool calm;

	if (!random_below(rnd, calm ? 5 : 20))
		calm = !calm;
	return random_exp(rnd, calm ? 4.17 : 0.21);
}

struct shares {
	double ours;
	double best;
};

static struct shares share_at(double (*draw)(struct random *, u32), double times, u64 seed)
{
	double e = 2e6, fixed[FIXED + 1] = { 0 }, ours = 0, all = 0, best = 0;
	struct random rnd = { seed };
	u64 now_ns = SECOND;
	struct ag_idle i;
	u32 k, d;

	ag_idle_init(&i, &usual);
	for (k = 0; k < 8000; k++) {
		double x = fmax(1000, e * times * draw(&rnd, k));

		ours += saving_of(x, i.delay_ms == AG_IDLE_NEVER ? 1e30 :
				  i.delay_ms * 1e3, e);
		all += fmax(0, x - e);
		for (d = 0; d <= FIXED; d++)
			fixed[d] += saving_of(x, d ? 1e3 * exp2(d / 10.) : 0, e);
		now_ns = idle_for(&i, now_ns, x, &usual);
	}
	for (d = 0; d <= FIXED; d++)
		best = fmax(best, fixed[d]);
	return (struct shares){ 100 * ours / all, 100 * best / all };
}

TEST(near_the_break_even_time)
{
	static const struct {
		const char *name;
		double (*draw)(struct random *rnd, u32 k);
	} all[] = {
		{ "exponential", unit_exp }, { "lognormal", heavy_tailed },
		{ "Weibull", weibull }, { "two lengths", two_lengths },
		{ "jitter", jitter }, { "in turns", in_turns },
		{ "in bursts", in_bursts },
	};
	static const double times[] = { 1, 1.5, 2, 3, 5, 10 };
	u32 m, t;

	for (m = 0; m < ARRAY_SIZE(all); m++)
		for (t = 0; t < ARRAY_SIZE(times); t++) {
			struct shares s = share_at(all[m].draw, times[t], 60);

			unit_note("%s, %.1f break-even times: %.1f %% of a clairvoyant's saving, best fixed delay %.1f %%",
				  all[m].name, times[t], s.ours, s.best);
			EXPECT_TRUE(s.ours >= s.best - (times[t] < 1.5 ? 8 : 2));
			if (all[m].draw == in_turns)
				EXPECT_TRUE(s.ours >= 95);
			if (all[m].draw == in_bursts && times[t] < 5)
				EXPECT_TRUE(s.ours > s.best);
		}
}

/* What a period needs with the state asked for at each time, in microjoules. */
static double ladder_uj(const struct ag_idle_config *cfg, double idle_us,
			const struct ag_idle_step *step, u32 nr)
{
	double sum = 0, since_us = 0, mw = cfg->awake_mw, switch_uj = 0;
	u32 k;

	for (k = 0; k < nr; k++) {
		double at_us = step[k].delay_ms * 1250.0;

		if (idle_us <= at_us)
			break;
		sum += (at_us - since_us) * mw / 1000;
		since_us = at_us;
		mw = cfg->state[step[k].state - 1].power_mw;
		switch_uj = cfg->state[step[k].state - 1].switch_uj;
	}
	return sum + (idle_us - since_us) * mw / 1000 + switch_uj;
}

static double clairvoyant_uj(const struct ag_idle_config *cfg, double idle_us)
{
	double least = cfg->awake_mw * idle_us / 1000;
	u32 s;

	for (s = 0; s < cfg->nr_states; s++)
		least = fmin(least, cfg->state[s].power_mw * idle_us / 1000 +
					    cfg->state[s].switch_uj);
	return least;
}

/* The cheapest of all pairs of fixed times for the second and the third state. */
static double best_fixed_uj(const struct ag_idle_config *cfg, const double *x,
			    u32 nr)
{
	struct ag_idle_step step[2] = { { .state = 2 }, { .state = 3 } };
	double best = INFINITY;
	u32 a, b, k;

	for (a = 0; a < 36; a++) {
		step[0].delay_ms = a ? (u32)exp2(a / 2.) : 0;
		for (b = a; b < 36; b++) {
			double sum = 0;

			step[1].delay_ms = b ? (u32)exp2(b / 2.) : 0;
			for (k = 0; k < nr; k++)
				sum += ladder_uj(cfg, x[k], step, 2);
			best = fmin(best, sum);
		}
	}
	return best;
}

/* As above, for a device with three states. */
TEST(ladders_against_clairvoyance)
{
	static const struct lengths all[] = {
		{ "measured, heavy tail", heavy, 0 },
		{ "periodic 10 s", periodic, 0 },
		{ "bimodal 0.3 and 60 s", bimodal, 0 },
		{ "lognormal, median 4 s", lognormal, 0 },
		{ "Pareto 1.3 from 0.5 s", pareto, 0 },
		{ "uniform to 30 s", uniform, 0 },
		{ "exponential, mean 8 s", memoryless, 0 },
		{ "shifting 1.5 and 90 s", shifting, 0 },
	};
	static double x[2000];
	struct random rnd = { 52 };
	u32 m, k;

	for (m = 0; m < ARRAY_SIZE(all); m++) {
		double awake = 0, ours = 0, least = 0, best;
		u64 now_ns = SECOND;
		struct ag_idle i;

		ag_idle_init(&i, &ladder);
		for (k = 0; k < ARRAY_SIZE(x); k++) {
			x[k] = fmax(1000, all[m].draw(&rnd, k));
			awake += x[k] * ladder.awake_mw / 1000;
			ours += ladder_uj(&ladder, x[k], i.step, i.nr_steps);
			least += clairvoyant_uj(&ladder, x[k]);
			now_ns = idle_for(&i, now_ns, x[k], &ladder);
		}
		best = best_fixed_uj(&ladder, x, ARRAY_SIZE(x));
		unit_note("three states, %s: %.1f %% of a clairvoyant's saving, best fixed times %.1f %%",
			  all[m].name, 100 * (awake - ours) / (awake - least),
			  100 * (awake - best) / (awake - least));
		EXPECT_TRUE(awake - ours >= 0.9 * (awake - least));
	}
}

TEST(random_periods_keep_the_state_sane)
{
	struct random rnd = { 51 };
	struct ag_idle_config cfg;
	struct ag_idle i;
	u32 k, s;

	ag_idle_init(&i, &usual);
	for (k = 0; k < 200000; k++) {
		cfg = (struct ag_idle_config){
			.enable = random_below(&rnd, 8),
			.break_even_us = (u32)random_any(&rnd),
			.wake_latency_us = (u32)random_any(&rnd),
			.max_latency_us = (u32)random_any(&rnd),
			.awake_mw = (u32)random_any(&rnd),
			.early_mw = (u32)random_any(&rnd),
			.early_uj = (u32)random_any(&rnd),
			.early_us = (u32)random_any(&rnd),
			.nr_states = random_below(&rnd, AG_IDLE_STATES + 2),
		};
		for (s = 0; s < AG_IDLE_STATES; s++)
			cfg.state[s] = (struct ag_idle_state){
				.power_mw = (u32)random_any(&rnd),
				.wake_us = (u32)random_any(&rnd),
				.switch_uj = (u32)random_any(&rnd),
			};
		if (random_below(&rnd, 2))
			ag_idle_enter(&i, random_any(&rnd));
		if (random_below(&rnd, 2))
			ag_idle_leave(&i, random_any(&rnd), &cfg);
		EXPECT_LE(i.periods, 4);
		EXPECT_TRUE(i.delay_ms == AG_IDLE_NEVER ||
			    i.delay_ms <= U32_MAX / 1000);
		EXPECT_LE(i.nr_steps, AG_IDLE_STATES);
		for (s = 0; s < i.nr_steps; s++) {
			EXPECT_GE(i.step[s].state, 1);
			EXPECT_LE(i.step[s].state, AG_IDLE_STATES);
			EXPECT_TRUE(!s || i.step[s].delay_ms >
						  i.step[s - 1].delay_ms);
		}
	}
}
