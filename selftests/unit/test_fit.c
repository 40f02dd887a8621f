// SPDX-License-Identifier: GPL-2.0
/*
 * Fits: of devices that don't exist, with noise, outliers and gaps, against
 * what these devices really do; and of what supports no fit.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "fit/fit.h"
#include "physics.h"
#include "prng.h"
#include "unit.h"

/* ACCELGOV_FIT_DEVICES in the environment asks for another number. */
#define DEVICES		6
#define WORKS_MAX	4

/* Against the device itself, without noise; the noise is 0.3 % and 1 %. */
#define TIME_PERCENT	1.0
#define ENERGY_PERCENT	1.5

/**
 * struct bench - a device, its work, and what was measured on it
 * @pf: the device
 * @chip: its tables
 * @work: kinds of work
 * @nr: how many
 * @sweep: the measurements
 */
struct bench {
	struct profile_file pf;
	struct asim_chip chip;
	struct asim_work work[WORKS_MAX];
	u32 nr;
	struct sweep sweep;
};

static struct bench bench;
static struct fit fit;

static double between(struct prng *r, double low, double high)
{
	return low + (high - low) * prng_uniform(r);
}

static void random_curve(struct prng *r, struct asim_profile *p)
{
	double knee = between(r, 0.5, 0.8), volt = between(r, 0.6, 0.9);
	double bend = between(r, 0.8, 1.6);

	p->nr_volts = ASIM_MAX_VOLTS;
	for (u32 i = 0; i < p->nr_volts; i++) {
		double x = i ? knee + (1 - knee) * (i - 1) /
			       (p->nr_volts - 2.0) : 0;
		double rise = i ? pow((x - knee) / (1 - knee), bend) : 0;

		p->volts[i].khz = i ? (u32)(x * p->khz_max) : p->khz_min;
		p->volts[i].uv = (u32)(1e6 * (volt + (1 - volt) * rise));
	}
}

/* A board of 60 to 800 W with its clocks. */
static void random_device(struct prng *r)
{
	struct asim_profile *p = &bench.pf.p;
	double w = 1000 * exp(between(r, log(60), log(800)));
	u32 steps = (u32)between(r, 20, 60);

	profile_builtin(asim_profile_find("a100-sxm"), &bench.pf);
	p->khz_step = (u32)between(r, 5, 20) * 1000;
	p->khz_max = (u32)between(r, 1000, 2500) * 1000;
	p->khz_min = p->khz_max - steps * p->khz_step;
	if (p->khz_min > p->khz_max / 2)
		p->khz_step = p->khz_max / 2 / steps;
	p->khz_min = p->khz_max - steps * p->khz_step;
	p->mem_knee_khz = 2 * p->khz_max / 5;
	random_curve(r, p);
	p->static_mw = (u32)(w * between(r, 0.06, 0.16));
	p->leak_mw = (u32)(w * between(r, 0.02, 0.08));
	p->busy_clock_mw = (u32)(w * between(r, 0.03, 0.12));
	p->idle_clock_mw = p->busy_clock_mw * 17 / 20;
	p->compute_mw = (u32)(w * between(r, 0.5, 0.8));
	p->move_mw = (u32)(w * between(r, 0.1, 0.3));
	p->memory_mw = (u32)(w * between(r, 0.1, 0.25));
	p->cap_max_mw = (u32)w;
	p->cap_min_mw = (u32)(w / 4);
	p->cap_mean_permille = (u32)between(r, 900, 1000);
}

static void random_works(struct prng *r)
{
	const struct asim_profile *p = &bench.pf.p;

	bench.nr = (u32)between(r, 2, WORKS_MAX + 1);
	for (u32 i = 0; i < bench.nr; i++) {
		double ms = exp(between(r, 0, 6)), s = between(r, 0, 1);

		if (i < 2)
			s = i ? between(r, 0, 0.4) : between(r, 0.6, 1);
		bench.work[i] = (struct asim_work){
			.ops = (u64)(ms * sqrt(s) * p->ops_per_cycle *
				     p->khz_max),
			.bytes = (u64)(ms * sqrt(1 - s) * 1000 *
				       p->mem_bytes_per_us),
		};
	}
}

static void truth(u32 work, u32 opp, double *time_s, double *power_w)
{
	struct asim_rates rates;
	u32 at = asim_work_opp(&bench.chip, &bench.work[work], opp,
			       bench.pf.p.cap_max_mw);

	asim_work_rates(&bench.chip, &bench.work[work], at, &rates);
	*time_s = (double)rates.total_ns / 1e9;
	*power_w = rates.mw / 1e3;
}

/* What a careful person measures, with gaps and a few bad readings. */
static void measure(struct prng *r, double noise)
{
	char name[16];

	sweep_free(&bench.sweep);
	for (u32 w = 0; w < bench.nr; w++) {
		sprintf(name, "work %u", w);
		sweep_phase(&bench.sweep, name);
		for (u32 i = 0; i < bench.chip.nr_opps; i++) {
			struct sweep_row row = {
				.phase = w,
				.setting = bench.chip.opps[i].khz,
			};

			if (prng_uniform(r) < 0.2 * noise)
				continue;
			truth(w, i, &row.time_s, &row.power_w);
			row.time_s *= 1 + 0.003 * noise * prng_normal(r);
			row.power_w *= 1 + 0.01 * noise * prng_normal(r);
			if (prng_uniform(r) < 0.02 * noise)
				row.time_s *= between(r, 1.05, 1.4);
			sweep_add(&bench.sweep, &row);
		}
	}
	sweep_sort(&bench.sweep);
}

static bool make(struct prng *r, double noise)
{
	char why[200] = "";

	random_device(r);
	if (!profile_check(&bench.pf.p, why, sizeof(why)) ||
	    asim_chip_init(&bench.chip, &bench.pf.p))
		return unit_fail(__FILE__, __LINE__, "%s", why);
	random_works(r);
	measure(r, noise);
	return true;
}

static bool fit_bench(bool base_given)
{
	int ret = fit_sweep(&bench.sweep, NULL, asim_profile_find("h100-sxm"),
			    base_given, &fit);

	for (unsigned int i = 0; ret && i < fit.nr_remarks; i++)
		unit_note("%s", fit.remark[i]);
	return !ret;
}

struct off {
	double time;
	double energy;
	double n;
};

static void compare(struct off *off)
{
	for (u32 w = 0; w < bench.nr; w++) {
		for (u32 i = 0; i < bench.chip.nr_opps; i++) {
			double time_s, power_w, t, p;

			truth(w, i, &time_s, &power_w);
			fit_predict(&fit, &fit.phase[w],
				    bench.chip.opps[i].khz, &t, &p);
			off->time += 100 * fabs(t / time_s - 1);
			off->energy += 100 * fabs(t * p / time_s / power_w - 1);
			off->n++;
		}
	}
}

TEST(devices_that_do_not_exist)
{
	double worst_time = 0, worst_energy = 0;
	struct off all = {};
	const char *wanted = getenv("ACCELGOV_FIT_DEVICES");
	int devices = wanted ? atoi(wanted) : DEVICES;
	struct prng r = { 11 };

	for (int i = 0; i < devices; i++) {
		struct off one = {};

		ASSERT_TRUE(make(&r, 1));
		if (!EXPECT_TRUE(fit_bench(false)))
			continue;
		compare(&one);
		all.time += one.time / one.n / devices;
		all.energy += one.energy / one.n / devices;
		if (one.energy / one.n > ENERGY_PERCENT ||
		    one.time / one.n > TIME_PERCENT)
			unit_note("device %d: time %.2f %%, energy %.2f %%", i,
				  one.time / one.n, one.energy / one.n);
		worst_time = fmax(worst_time, one.time / one.n);
		worst_energy = fmax(worst_energy, one.energy / one.n);
	}
	unit_note("%d devices against the truth: time off by %.2f %% (worst device %.2f), energy by %.2f %% (%.2f)",
		  devices, all.time, worst_time, all.energy, worst_energy);
	EXPECT_TRUE(all.time < TIME_PERCENT / 4);
	EXPECT_TRUE(all.energy < ENERGY_PERCENT / 2);
	EXPECT_TRUE(worst_time < TIME_PERCENT);
	EXPECT_TRUE(worst_energy < ENERGY_PERCENT);
	sweep_free(&bench.sweep);
}

/* Without noise the simulator's own figures come back as a profile. */
TEST(profile_of_a_fit_behaves_alike)
{
	static const struct fit_origin origin = { "x", NULL, "2026-01-31" };
	static struct profile_file base, made;
	struct prng r = { 5 };
	char why[200] = "";

	for (int i = 0; i < 3; i++) {
		struct asim_chip chip = {};
		struct off off = {};

		ASSERT_TRUE(make(&r, 0));
		ASSERT_TRUE(fit_bench(false));
		profile_builtin(asim_profile_find("a100-sxm"), &base);
		if (!fit_profile(&fit, &bench.sweep, &base, false, "made",
				 &origin, &made, why)) {
			unit_fail(__FILE__, __LINE__, "%s", why);
			return;
		}
		ASSERT_EQ(asim_chip_init(&chip, &made.p), 0);
		EXPECT_EQ(chip.nr_opps, bench.chip.nr_opps);
		for (u32 w = 0; w < bench.nr; w++) {
			const struct fit_phase *p = &fit.phase[w];
			struct asim_work work = {
				.ops = (u64)(1000 * p->time_s *
					     sqrt(p->compute) *
					     made.p.ops_per_cycle *
					     made.p.khz_max),
				.bytes = (u64)(1e6 * p->time_s *
					       sqrt(1 - p->compute) *
					       made.p.mem_bytes_per_us),
			};

			for (u32 k = 0; k < chip.nr_opps; k++) {
				struct asim_rates rates;
				double time_s, power_w;
				u32 at = asim_work_opp(&chip, &work, k,
						       made.p.cap_max_mw);

				asim_work_rates(&chip, &work, at, &rates);
				truth(w, k, &time_s, &power_w);
				off.time += 100 * fabs(rates.total_ns / 1e9 /
						       time_s - 1);
				off.energy += 100 * fabs(rates.mw / 1e3 *
					rates.total_ns / 1e9 /
					(time_s * power_w) - 1);
				off.n++;
			}
		}
		unit_note("device %d: time off by %.2f %%, energy by %.2f %%",
			  i, off.time / off.n, off.energy / off.n);
		EXPECT_TRUE(off.time / off.n < TIME_PERCENT);
		EXPECT_TRUE(off.energy / off.n < ENERGY_PERCENT);
	}
	sweep_free(&bench.sweep);
}

static void keep(double low, double high, u32 every)
{
	size_t n = 0;

	for (size_t i = 0; i < bench.sweep.nr; i++) {
		struct sweep_row *row = &bench.sweep.row[i];
		double x = row->setting / bench.pf.p.khz_max;

		if (x >= low && x <= high && i % every == 0)
			bench.sweep.row[n++] = *row;
	}
	bench.sweep.nr = n;
}

static void expect_refusal(double low, double high, u32 every,
			   const char *want)
{
	struct prng r = { 3 };

	ASSERT_TRUE(make(&r, 1));
	keep(low, high, every);
	EXPECT_EQ(fit_sweep(&bench.sweep, NULL, asim_profile_find("h100-sxm"),
			    false, &fit), -ENODATA);
	ASSERT_TRUE(fit.nr_remarks > 0);
	if (!strstr(fit.remark[fit.nr_remarks - 1], want))
		unit_fail(__FILE__, __LINE__, "\"%s\" is not in \"%s\"", want,
			  fit.remark[fit.nr_remarks - 1]);
	sweep_free(&bench.sweep);
}

/* Rows of two kinds of work at clocks of @low to 1400 MHz, around one level. */
static void noise(struct prng *r, double share, double low)
{
	sweep_free(&bench.sweep);
	sweep_phase(&bench.sweep, "first");
	sweep_phase(&bench.sweep, "second");
	for (u32 i = 0; i < 40; i++) {
		struct sweep_row row = {
			.phase = i % 2,
			.setting = 1e3 * (low + (1400 - low) * (i / 2) / 19),
			.time_s = 1 + share * between(r, -1, 1),
			.power_w = 250 * (1 + share * between(r, -1, 1)),
		};

		sweep_add(&bench.sweep, &row);
	}
	sweep_sort(&bench.sweep);
}

static bool remarked(const char *want)
{
	for (unsigned int i = 0; i < fit.nr_remarks; i++)
		if (strstr(fit.remark[i], want))
			return true;
	return unit_fail(__FILE__, __LINE__, "no remark has \"%s\"", want);
}

static void expect_noise_refused(double share, bool base_given, const char *want)
{
	const char *wanted = getenv("ACCELGOV_FIT_DEVICES");
	int sweeps = wanted ? atoi(wanted) : DEVICES;
	double least = INFINITY, most = 0;
	struct prng r = { 17 };

	for (int i = 0; i < sweeps; i++) {
		noise(&r, share, 700);
		EXPECT_EQ(fit_sweep(&bench.sweep, NULL,
				    asim_profile_find("h100-sxm"), base_given,
				    &fit), -ENODATA);
		remarked(want);
		for (u32 k = 0; k < fit.nr_phases; k++) {
			least = fmin(least, fit.phase[k].unexplained);
			most = fmax(most, fit.phase[k].unexplained);
		}
	}
	unit_note("noise of %.0f %%: of the spread of power %.2f to %.2f not explained",
		  100 * share, least, most);
	sweep_free(&bench.sweep);
}

TEST(noise_is_no_device)
{
	expect_noise_refused(0.9, false, "% off on average, more than 8 %");
	expect_noise_refused(0.3, false, "% off on average, more than 8 %");
	expect_noise_refused(0.3, true, "measure it again");
	expect_noise_refused(0.08, false, "power does not follow the clock");
	expect_noise_refused(0.08, true, "from 840 to 1400 MHz");
}

static void scaled(double time, double power, double khz, const char *base,
		   const char *want)
{
	struct prng r = { 3 };
	int ret;

	ASSERT_TRUE(make(&r, 1));
	for (size_t i = 0; i < bench.sweep.nr; i++) {
		bench.sweep.row[i].time_s *= time;
		bench.sweep.row[i].power_w *= power;
		bench.sweep.row[i].setting *= khz;
	}
	ret = fit_sweep(&bench.sweep, NULL, asim_profile_find(base), false, &fit);
	EXPECT_EQ(ret, want ? -ENODATA : 0);
	if (want)
		remarked(want);
	sweep_free(&bench.sweep);
}

TEST(units_that_are_wrong)
{
	scaled(1, 1, 1, "h100-sxm", NULL);
	scaled(1e3, 1e-3, 1, "h100-sxm", "is time in ms");
	scaled(1, 1e3, 1, "h100-sxm", "is energy in mJ");
	scaled(1, 1, 1e-3, "h100-sxm", "is it in GHz");
	scaled(1, 0.02, 1, "npu-edge", NULL);
}

/* All but one row are right: it counts little and is named. */
TEST(a_row_that_is_far_off)
{
	struct prng r = { 3 };

	ASSERT_TRUE(make(&r, 0));
	bench.sweep.row[5].power_w *= 10;
	EXPECT_TRUE(fit_bench(false));
	remarked("% off what the other clocks say");
	sweep_free(&bench.sweep);
}

TEST(which_clocks_are_missing)
{
	struct prng r = { 3 };
	size_t n = 0;

	ASSERT_TRUE(make(&r, 0));
	for (size_t i = 0; i < bench.sweep.nr; i++) {
		double x = bench.sweep.row[i].setting / bench.pf.p.khz_max;

		if (x > 0.75 && x < 0.98)
			continue;
		bench.sweep.row[n++] = bench.sweep.row[i];
	}
	bench.sweep.nr = n;
	EXPECT_TRUE(fit_bench(true));
	remarked("MHz nothing was measured: what the fit says there is a guess");
	n = 0;
	for (size_t i = 0; i < bench.sweep.nr; i++)
		if (!bench.sweep.row[i].phase &&
		    (n < 3 || bench.sweep.row[i].setting == bench.pf.p.khz_max))
			bench.sweep.row[n++] = bench.sweep.row[i];
	bench.sweep.nr = n;
	bench.sweep.nr_phases = 1;
	EXPECT_EQ(n, 4);
	EXPECT_FALSE(fit_bench(false));
	remarked("work 0: 4 clocks, at least 5 are needed (1 more); between ");
	sweep_free(&bench.sweep);
}

TEST(what_supports_no_fit)
{
	expect_refusal(0.9, 1, 1, "; clocks below");
	expect_refusal(0.4, 1, 25, "at least 5 are needed");
	expect_refusal(0.8, 1, 1, "clocks below");
}

TEST(every_clock_held)
{
	struct prng r = { 3 };

	ASSERT_TRUE(make(&r, 1));
	for (size_t i = 0; i < bench.sweep.nr; i++) {
		bench.sweep.row[i].time_s = 1 + 0.001 * prng_normal(&r);
		bench.sweep.row[i].power_w = 300 + prng_normal(&r);
	}
	EXPECT_FALSE(fit_bench(false));
	EXPECT_TRUE(fit.nr_remarks && strstr(fit.remark[0], "stand still"));
	sweep_free(&bench.sweep);
}
