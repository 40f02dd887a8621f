// SPDX-License-Identifier: GPL-2.0
/*
 * What observe mode says against what the governor then does.
 *
 * The same job on the same simulated device, once at the top clock with an
 * observer that looks on, once under the governor. The observer's estimates of
 * energy and slowdown are compared with what the second run measured.
 */
#include <errno.h>
#include <math.h>

#include "observer/observer.h"
#include "replay/replay.h"
#include "unit.h"
#include "workload/arrivals.h"
#include "workload/work.h"

#define SECOND	1000000000ULL
#define MS	1000000ULL

static const uint32_t clocks[] = { 600000, 900000, 1200000, 1500000, 1800000 };

static struct accelgov_sample window(uint64_t end_ms, uint32_t compute,
				     uint32_t memory)
{
	struct accelgov_sample s = {
		.time_ns = end_ms * MS,
		.window_ns = 100 * MS,
		.valid = 1U << ACCELGOV_SIG_BUSY | 1U << ACCELGOV_SIG_COMPUTE |
			 1U << ACCELGOV_SIG_MEMORY | 1U << ACCELGOV_SIG_LINK |
			 1U << ACCELGOV_SIG_CLOCK | 1U << ACCELGOV_SIG_POWER,
	};

	s.val[ACCELGOV_SIG_BUSY] = compute || memory ? 1000 : 0;
	s.val[ACCELGOV_SIG_COMPUTE] = compute;
	s.val[ACCELGOV_SIG_MEMORY] = memory;
	s.val[ACCELGOV_SIG_CLOCK] = 1800000;
	s.val[ACCELGOV_SIG_POWER] = 400000;
	return s;
}

static bool begin(struct observer *o, const struct config_device *config)
{
	struct ag_config cfg;

	observer_config(config, 100000, &cfg);
	return EXPECT_EQ(observer_init(o, clocks, 5, &cfg, 1000 * MS), 0);
}

static uint64_t feed(struct observer *o, uint64_t at_ms, unsigned int nr,
		     uint32_t compute, uint32_t memory)
{
	struct accelgov_sample s;

	for (unsigned int i = 0; i < nr; i++) {
		at_ms += 100;
		s = window(at_ms, compute, memory);
		EXPECT_GE(observer_sample(o, &s), 0);
	}
	return at_ms;
}

TEST(memory_bound_work_would_run_lower_and_cost_little)
{
	struct config_device config = { 0 };
	struct observer o;

	ASSERT_TRUE(begin(&o, &config));
	feed(&o, 1000, 300, 100, 900);
	EXPECT_EQ(o.core.phase.now, ACCELGOV_PHASE_MEMORY);
	EXPECT_LT(o.would_khz, 1800000);
	EXPECT_EQ(o.core.target_khz, 1800000);
	EXPECT_GT(observer_saving_permille(&o), 50);
	EXPECT_EQ(o.used_uj, 400ULL * 30 * 1000000);
	EXPECT_GT(o.saved_uj, (int64_t)o.used_uj / 20);
	EXPECT_LE(observer_slowdown_permille(&o), 30);
}

TEST(arithmetic_stays_within_its_budget)
{
	struct reading none = { 0, true };
	struct config_device config = { 0 };
	struct observer o;

	ASSERT_TRUE(begin(&o, &config));
	feed(&o, 1000, 600, 900, 100);
	EXPECT_LE(observer_slowdown_permille(&o), 30);

	config.budget_permille = none;
	ASSERT_TRUE(begin(&o, &config));
	feed(&o, 1000, 600, 900, 100);
	EXPECT_EQ(o.would_khz, 1800000);
	EXPECT_EQ(o.lost_us, 0);
	EXPECT_EQ(o.saved_uj, 0);
}

TEST(limits_of_a_phase_hold)
{
	struct reading low = { 900000000, true };
	struct config_device config = { 0 };
	struct observer o;

	config.phase[ACCELGOV_PHASE_MEMORY].min_freq_hz = low;
	config.phase[ACCELGOV_PHASE_MEMORY].max_freq_hz = low;
	ASSERT_TRUE(begin(&o, &config));
	feed(&o, 1000, 100, 100, 900);
	EXPECT_EQ(o.would_khz, 900000);
}

TEST(a_clock_that_is_lower_already_saves_nothing)
{
	struct config_device config = { 0 };
	struct accelgov_sample s;
	struct observer o;

	ASSERT_TRUE(begin(&o, &config));
	for (int i = 1; i < 100; i++) {
		s = window(1000 + 100 * i, 0, 0);
		s.val[ACCELGOV_SIG_CLOCK] = 600000;
		EXPECT_GE(observer_sample(&o, &s), 0);
	}
	EXPECT_EQ(o.saved_uj, 0);
	EXPECT_EQ(observer_saving_permille(&o), 0);
}

TEST(a_gap_forgets_the_phase)
{
	struct config_device config = { 0 };
	struct accelgov_sample s;
	struct observer o;
	uint64_t at;

	ASSERT_TRUE(begin(&o, &config));
	at = feed(&o, 1000, 300, 100, 900);
	EXPECT_LT(o.would_khz, 1800000);
	observer_lost(&o, (at + 500) * MS);
	EXPECT_EQ(o.core.phase.now, ACCELGOV_PHASE_UNKNOWN);
	EXPECT_EQ(o.would_khz, 1800000);
	s = window(at + 5000, 100, 900);
	EXPECT_GE(observer_sample(&o, &s), 0);
	/* Only the window, not the gap. */
	EXPECT_EQ(o.used_uj, 301ULL * 40 * 1000000);
}

TEST(what_was_not_looked_into_counts_as_the_rest)
{
	struct config_device config = { 0 };
	struct accelgov_sample s;
	struct observer o, before;
	uint64_t at;

	ASSERT_TRUE(begin(&o, &config));
	at = feed(&o, 1000, 300, 100, 900);
	before = o;
	s = window(at + 5000, 900, 100);
	s.window_ns = 5000 * MS;
	observer_skip(&o, &s);
	EXPECT_EQ(o.used_uj, before.used_uj + 400ULL * 5000 * 1000);
	EXPECT_NEAR((double)o.saved_uj / (double)o.used_uj,
		    (double)before.saved_uj / (double)before.used_uj, 1e-6);
	EXPECT_EQ(memcmp(&o.core, &before.core, sizeof(o.core)), 0);
	s.window_ns = 1;
	before = o;
	observer_skip(&o, &s);
	EXPECT_EQ(memcmp(&o, &before, sizeof(o)), 0);
}

TEST(impossible_samples_change_nothing)
{
	struct config_device config = { 0 };
	struct accelgov_sample s = window(1100, 100, 900);
	struct observer o, before;

	ASSERT_TRUE(begin(&o, &config));
	before = o;
	s.valid = 0;
	EXPECT_EQ(observer_sample(&o, &s), -EINVAL);
	s = window(1100, 100, 900);
	s.window_ns = 1;
	EXPECT_EQ(observer_sample(&o, &s), -EINVAL);
	s = window(1100, 100, 900);
	s.time_ns = 1000;
	EXPECT_EQ(observer_sample(&o, &s), -EINVAL);
	EXPECT_EQ(memcmp(&o, &before, sizeof(o)), 0);
	EXPECT_EQ(observer_init(&o, clocks, 0, &o.core.cfg, 0), -EINVAL);
	EXPECT_EQ(observer_init(&o, clocks, 129, &o.core.cfg, 0), -EINVAL);
}

TEST(long_tables_are_thinned_evenly)
{
	uint32_t khz[300], out[AG_OPP_MAX];

	for (uint32_t i = 0; i < 300; i++)
		khz[i] = 210000 + 7500 * i;
	ASSERT_EQ(observer_thin(khz, 300, out), AG_OPP_MAX);
	EXPECT_EQ(out[0], khz[0]);
	EXPECT_EQ(out[AG_OPP_MAX - 1], khz[299]);
	for (uint32_t i = 1; i < AG_OPP_MAX; i++)
		EXPECT_LE(out[i] - out[i - 1], 3 * 7500);
	EXPECT_EQ(observer_thin(khz, 5, out), 5);
	EXPECT_EQ(out[4], khz[4]);
}

/* A policy of replay that leaves the clock alone and asks the observer. */
static struct observer onlooker;

static int look_init(void *state, const struct replay_setup *setup,
		     uint32_t *ret_khz)
{
	struct config_device config = {
		.budget_permille = { setup->budget_permille, true },
	};
	uint32_t khz[AG_OPP_MAX], nr = setup->chip->nr_opps;
	struct ag_config cfg;

	for (uint32_t i = 0; i < nr; i++)
		khz[i] = setup->chip->opps[i].khz;
	*ret_khz = khz[nr - 1];
	observer_config(&config, setup->sample_period_us, &cfg);
	return observer_init(&onlooker, khz, nr, &cfg, setup->now_ns);
}

static uint32_t look_tick(void *state, const struct replay_window *window)
{
	observer_sample(&onlooker, &window->sample);
	return 0;
}

static void look_view(const void *state, struct replay_view *ret)
{
	*ret = (struct replay_view){ .phase = onlooker.core.phase.now };
}

static const struct replay_policy looks_on = {
	.name = "observer",
	.size = 1,
	.period_ns = REPLAY_SAMPLE_PERIOD,
	.init = look_init,
	.tick = look_tick,
	.view = look_view,
};

struct fixture {
	struct asim_chip chip;
	struct requests all;
	struct work work;
	struct replay_config cfg;
};

static bool setup(struct fixture *f, const char *device, bool serving,
		  const char *sensors)
{
	struct arrivals_config drawn = {
		.rate_per_s = 5, .cv = ARRIVALS_CV,
		.duration_ns = 3600 * SECOND, .seed = 1,
	};

	memset(f, 0, sizeof(*f));
	f->cfg = (struct replay_config){
		.chip = &f->chip,
		.new_job = work_job,
		.work = &f->work,
		.workload = serving ? "serving" : "training",
		.duration_ns = 600 * SECOND,
		.budget_permille = 30,
		.sensors = sensors_level_find(sensors),
		.sample_period_us = 10000,
		.seed = 1,
	};
	if (f->cfg.sensors->period_us)
		f->cfg.sample_period_us = f->cfg.sensors->period_us;
	if (asim_chip_init(&f->chip, asim_profile_find(device)))
		return false;
	if (!serving) {
		work_training(&f->chip, 1, f->cfg.duration_ns, &f->work);
		return true;
	}
	return EXPECT_EQ(arrivals_draw(&drawn, &f->all), 0) &&
	       EXPECT_EQ(work_serving(&f->chip, "llama-3-70b", &f->all, 0.2,
				      false, f->cfg.duration_ns, &f->work), 0);
}

static struct result run(struct fixture *f, const struct replay_policy *policy)
{
	struct replay_outcome o = { 0 };

	f->cfg.policy = policy;
	result_init(&o.result);
	EXPECT_EQ(replay_run(&f->cfg, &o), 0);
	return o.result;
}

static void compare(const char *device, bool serving, const char *sensors)
{
	double told, told_slow, real, real_slow;
	struct result top, active;
	struct fixture f;

	ASSERT_TRUE(setup(&f, device, serving, sensors));
	top = run(&f, &looks_on);
	told = 1000.0 * (double)onlooker.saved_uj / (double)onlooker.used_uj;
	told_slow = observer_slowdown_permille(&onlooker);
	active = run(&f, &replay_accelgov);
	real = 1000 * (1 - active.energy_j / active.work /
		       (top.energy_j / top.work));
	real_slow = active.slowdown_ref_permille;
	unit_note("%s on %s, sensors %s: told %.0f saved, %.0f slower; then it was %.0f and %.0f (per mille)",
		  f.cfg.workload, device, sensors, told, told_slow, real,
		  real_slow);
	EXPECT_LE(told_slow, 30);
	/* Priors and no second clock: on the low side, but never nothing. */
	EXPECT_LE(told, real + 20);
	EXPECT_GE(told, real / 8);
	/* The measured energy is that of the onlooker's own windows. */
	EXPECT_NEAR((double)onlooker.used_uj / 1e6, top.energy_j,
		    0.05 * top.energy_j);
	work_free(&f.work);
	requests_free(&f.all);
}

TEST(estimates_against_what_the_governor_then_does)
{
	static const char *const device[] = { "h100-sxm", "a100-sxm" };
	static const char *const sensors[] = { "full", "gpm", "nvml" };

	for (int i = 0; i < 12; i++)
		compare(device[i / 6], i % 2, sensors[i / 2 % 3]);
}

static double told(struct fixture *f, uint32_t period_us)
{
	f->cfg.sample_period_us = period_us;
	run(f, &looks_on);
	return 1000.0 * (double)onlooker.saved_uj / (double)onlooker.used_uj;
}

/* Why an accelerator that is dear to read is looked at in turns, see pace.c. */
TEST(windows_of_seconds_tell_little)
{
	double at_full, at_less;
	struct fixture f;

	ASSERT_TRUE(setup(&f, "a100-sxm", true, "gpm"));
	at_full = told(&f, 100000);
	at_less = told(&f, 1600000);
	unit_note("windows of 0.1 s told %.0f per mille saved, of 1.6 s %.0f",
		  at_full, at_less);
	EXPECT_LT(at_less, at_full / 2);
	work_free(&f.work);
	requests_free(&f.all);
}
