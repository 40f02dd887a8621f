// SPDX-License-Identifier: GPL-2.0
/*
 * Cost of a sample and of a decision, against the arithmetic of simple_ondemand.
 *
 * Unit tests are compiled with sanitizers, which cost a multiple; the ratio is
 * what tells something. The bounds catch a loop that got out of hand.
 */
#include <time.h>

#include "unit.h"
#include "random.h"
#include "window.h"

#define WINDOWS	1024
#define ROUNDS	100

static struct ag_core core;
static struct ag_rates window[WINDOWS];

static double cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

/* Serving: some prefill, much decode, all of it noisy. */
static void setup(void)
{
	static struct asim_chip chip;
	struct ag_opp opps[AG_OPP_MAX];
	struct random rnd = { 80 };
	struct ag_config cfg;
	u32 i, nr = points_of("h100-sxm", &chip, opps);

	ag_config_default(&cfg);
	ag_core_init(&core, opps, nr, &cfg, SECOND);
	for (i = 0; i < WINDOWS; i++) {
		window[i] = i % 64 < 16 ? window_of(1000, 900, 50, 20, 10) :
					  window_of(1000, 60, 900, 80, 10);
		window[i].compute += random_below(&rnd, 50);
		window[i].progress += random_below(&rnd, 50000);
		window[i].power_mw += random_below(&rnd, 50000);
	}
}

static double sample_ns(u32 *retargets)
{
	u64 now_ns = core.rates.time_ns;
	double begin = cpu_ns();
	struct ag_rates r;
	u32 i, k;

	for (k = 0; k < ROUNDS; k++) {
		for (i = 0; i < WINDOWS; i++) {
			r = window[i];
			now_ns += r.window_ns;
			r.time_ns = now_ns;
			r.clock_khz = core.target_khz;
			*retargets += !!(ag_core_sample(&core, &r) &
					 AG_EV_RETARGET);
			core.target_khz = core.planned_khz;
		}
	}
	return (cpu_ns() - begin) / ROUNDS / WINDOWS;
}

static double decide_ns(void)
{
	struct ag_decision d;
	double begin;
	u32 i, sum = 0;

	begin = cpu_ns();
	for (i = 0; i < ROUNDS * WINDOWS; i++) {
		core.planned_khz = 345000 + i % 100 * 15000;
		ag_core_decide(&core, 345000, 1980000, &d);
		sum += d.khz;
	}
	EXPECT_GT(sum, 0);
	return (cpu_ns() - begin) / ROUNDS / WINDOWS;
}

/* The kernel's proportional rule, as its devfreq governor computes it. */
static __attribute__((noinline)) u64 ondemand_hz(u64 busy, u64 total, u64 cur_hz)
{
	if (!total || busy * 100 > total * 90)
		return U64_MAX;
	if (busy * 100 > total * 85)
		return cur_hz;
	return busy * cur_hz / total * 100 / 88;
}

static double ondemand_ns(void)
{
	double begin = cpu_ns();
	u64 sum = 0;
	u32 i;

	for (i = 0; i < ROUNDS * WINDOWS; i++)
		sum += ondemand_hz(5000000 + i % 4000000, 10000000,
				   1500000000 + i);
	EXPECT_GT(sum, 0);
	return (cpu_ns() - begin) / ROUNDS / WINDOWS;
}

TEST(cost)
{
	double sample, decide, ondemand;
	u32 retargets = 0;

	setup();
	sample_ns(&retargets);
	retargets = 0;
	sample = sample_ns(&retargets);
	decide = decide_ns();
	ondemand = ondemand_ns();
	unit_note("sample %.0f ns (%u of %u ask for a clock), decision %.0f ns, simple_ondemand %.1f ns",
		  sample, retargets, ROUNDS * WINDOWS, decide, ondemand);
	unit_note("at 100 samples a second: %.4f %% of one core",
		  sample * 100 / 1e9 * 100);
	EXPECT_GT(retargets, 0);
	/* A hundredth of the 10 ms that a window lasts. */
	EXPECT_TRUE(sample < 100000);
	EXPECT_TRUE(decide < 20000);
}
