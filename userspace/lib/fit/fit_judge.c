// SPDX-License-Identifier: GPL-2.0
/*
 * Whether a sweep supports a fit, and what is missing
 *
 * Before a fit, by what was measured: how many clocks, how far apart, and whether the
 * figures can be those of a device. A header that doesn't name a unit means MHz, s and
 * J, and a table in ms looks like a board of half a watt. So clocks and powers are
 * compared with the base profile, which the user can replace by one of the right size.
 *
 * After it, by what the fit predicted of each clock that was left out. Two questions,
 * for each kind of work:
 *
 * 1. Is time or energy off by more than ERROR_MAX on average? Rows that follow no
 *    model, of another unit, device or session, fail here.
 * 2. Does the clock explain power? Power of a device rises with its clock, whatever
 *    it works on. Noise of a few per cent around one level passes the first question;
 *    here its fit does no better than the mean of all rows.
 *
 * Constants. CLOCKS_MIN and PHASE_MIN are unknowns plus one. NARROW: at less than 15 %
 * of range a parabola fits all that is in the model. LOW: sweeps that tell a voltage
 * floor from static power reach down to 0.6 of the top clock. GAP: a part of the range
 * in which a knee of the voltage could hide. ERROR_MAX and UNEXPLAINED_MAX:
 * Documentation/calibrate.rst has what published sweeps give. SMALLER, LARGER and
 * SLOWER keep every board from a few watts to a node of eight, as measured against a
 * board of 400 W, and catch a unit that is wrong by 1000 on all from 25 to 4000 W.
 */
#include <math.h>
#include <stdio.h>

#include "fit_parts.h"

#define CLOCKS_MIN	6
#define PHASE_MIN	5
#define NARROW		1.15
#define LOW		0.6
#define GAP		0.2
#define SMALLER		100
#define LARGER		25
#define SLOWER		20
/* What a note is worth: a row off by so much in per cent, and against the mean. */
#define OUTLIER		15
#define OUTLIER_MEANS	5
/* Refused kinds of work that are told one by one. */
#define TOLD_MAX	6
#define WHERE_LEN	96

/**
 * struct gap - clocks between which nothing was measured
 * @low: where it begins, kilohertz
 * @high: where it ends
 * @below: there is no clock at @low: it is where a sweep should begin
 */
struct gap {
	double low;
	double high;
	bool below;
};

/* The widest gap of clocks @khz, ascending, from LOW of the top one on. */
static struct gap widest(const double *khz, size_t n, double top_khz)
{
	struct gap g = { LOW * top_khz, khz[0], true };

	for (size_t i = 1; i < n; i++)
		if (khz[i] - khz[i - 1] > g.high - g.low)
			g = (struct gap){ khz[i - 1], khz[i], false };
	if (top_khz - khz[n - 1] > g.high - g.low)
		g = (struct gap){ khz[n - 1], top_khz, false };
	return g;
}

static const char *where(struct gap g, char text[WHERE_LEN])
{
	if (g.below)
		snprintf(text, WHERE_LEN, "from %.0f to %.0f MHz nothing was measured",
			 g.low / 1000, g.high / 1000);
	else
		snprintf(text, WHERE_LEN, "between %.0f and %.0f MHz nothing was measured",
			 g.low / 1000, g.high / 1000);
	return text;
}

static struct gap gap_of(const struct fit_phase *p, const struct sweep_row *row,
			 double top_khz)
{
	double khz[PHASE_MIN];

	for (size_t i = 0; i < p->nr; i++)
		khz[i] = row[i].setting;
	return widest(khz, p->nr, top_khz);
}

static void tell_few(struct fit *fit, const struct fit_phase *p,
		     const struct sweep_row *row)
{
	char text[WHERE_LEN];

	if (!p->nr_free)
		fit_remark(fit, "%s: time and power stand still from %.0f to %.0f MHz, so a limit held the clock all along; clocks below %.0f MHz are missing",
			   p->name, row->setting / 1000,
			   row[p->nr - 1].setting / 1000, row->setting / 1000);
	else if (p->nr_free < p->nr)
		fit_remark(fit, "%s: %zu clocks below the limit that holds it at %.0f MHz, at least %d are needed; clocks below %.0f MHz are missing",
			   p->name, p->nr_free, p->held_khz / 1000, PHASE_MIN,
			   row->setting / 1000);
	else
		fit_remark(fit, "%s: %zu clocks, at least %d are needed (%zu more); %s",
			   p->name, p->nr, PHASE_MIN, PHASE_MIN - p->nr,
			   where(gap_of(p, row, fit->top_khz), text));
}

static void tell_more(struct fit *fit, unsigned int bad)
{
	if (bad > TOLD_MAX)
		fit_remark(fit, "%u more kinds of work have the same trouble",
			   bad - TOLD_MAX);
}

static bool phases_support(const struct sweep *sweep, struct fit *fit)
{
	unsigned int bad = 0;

	for (uint32_t i = 0; i < fit->nr_phases; i++) {
		const struct fit_phase *p = &fit->phase[i];

		if (p->nr_free < PHASE_MIN && bad++ < TOLD_MAX)
			tell_few(fit, p, &sweep->row[p->first]);
	}
	tell_more(fit, bad);
	return !bad;
}

static bool clocks_support(struct fit *fit, const double *clock, size_t n)
{
	double low = clock[0] / 1000, high = clock[n - 1] / 1000;
	struct gap gap = widest(clock, n, fit->top_khz);
	char text[WHERE_LEN];

	if (n < CLOCKS_MIN) {
		fit_remark(fit, "%zu clocks in all that no limit held, at least %d are needed (%zu more); %s",
			   n, CLOCKS_MIN, CLOCKS_MIN - n, where(gap, text));
		return false;
	}
	if (high < NARROW * low) {
		fit_remark(fit, "the clocks that no limit held, %.0f to %.0f MHz, are too close together; clocks below %.0f MHz are missing",
			   low, high, high / NARROW);
		return false;
	}
	if (!gap.below && gap.high - gap.low > GAP * fit->top_khz)
		fit_remark(fit, "%s: what the fit says there is a guess",
			   where(gap, text));
	return true;
}

static bool size_fits(const struct sweep *sweep, const struct asim_profile *base,
		      struct fit *fit)
{
	double most = 0, usual = base->cap_max_mw / 1000.0;

	for (size_t i = 0; i < sweep->nr; i++)
		most = fmax(most, sweep->row[i].power_w);
	if (most < usual / SMALLER)
		fit_remark(fit, "the highest power is %.3g W, far less than the %.0f W of %s: is time in ms or energy in kJ? The header has to say so, as in time_ms; if the device is that small, --base has to name one like it",
			   most, usual, base->name);
	else if (most > usual * LARGER)
		fit_remark(fit, "the highest power is %.3g W, far more than the %.0f W of %s: is energy in mJ or time in minutes? The header has to say so, as in energy_mj; if the device is that large, --base has to name one like it",
			   most, usual, base->name);
	else if (fit->top_khz < base->khz_max / (double)SLOWER)
		fit_remark(fit, "the highest clock is %.3g MHz, far less than the %.0f MHz of %s: is it in GHz? The header has to say so, as in frequency_ghz; if the device is that slow, --base has to name one like it",
			   fit->top_khz / 1000, base->khz_max / 1000.0,
			   base->name);
	else
		return true;
	return false;
}

bool fit_supported(const struct sweep *sweep, const struct asim_profile *base,
		   struct fit *fit, double *clock)
{
	if (!size_fits(sweep, base, fit) || !phases_support(sweep, fit))
		return false;
	return clocks_support(fit, clock,
			      fit_distinct(sweep, fit, true, clock));
}

static void tell_off(struct fit *fit, const struct fit_phase *p)
{
	const struct fit_error *e = &p->left_energy;
	const char *what = "energy";

	if (p->left_time.mean > e->mean) {
		e = &p->left_time;
		what = "time";
	}
	fit_remark(fit, "%s: %s of clocks left out is predicted %.1f %% off on average, more than %d %%, and worst at %.0f MHz (%.0f %%); measure it again, first there, under the same steady load and locked clocks",
		   p->name, what, e->mean, FIT_ERROR_MAX, e->worst_khz / 1000,
		   e->worst);
}

/* A row that counts little and should not be there; one is told. */
static void tell_outlier(struct fit *fit)
{
	for (uint32_t i = 0; i < fit->nr_phases; i++) {
		const struct fit_phase *p = &fit->phase[i];
		bool time = p->left_time.worst > p->left_energy.worst;
		const struct fit_error *e = time ? &p->left_time :
						   &p->left_energy;

		if (e->worst < OUTLIER || e->worst < OUTLIER_MEANS * e->mean)
			continue;
		fit_remark(fit, "%s: %s at %.0f MHz is %.0f %% off what the other clocks say, and counts little; measure it again or leave the row out",
			   p->name, time ? "time" : "energy",
			   e->worst_khz / 1000, e->worst);
		return;
	}
}

bool fit_believable(struct fit *fit)
{
	unsigned int bad = 0;

	for (uint32_t i = 0; i < fit->nr_phases; i++) {
		const struct fit_phase *p = &fit->phase[i];
		bool off = !(p->left_time.mean <= FIT_ERROR_MAX &&
			     p->left_energy.mean <= FIT_ERROR_MAX);

		if (!off && p->unexplained <= FIT_UNEXPLAINED_MAX)
			continue;
		if (bad++ >= TOLD_MAX)
			continue;
		if (off)
			tell_off(fit, p);
		else
			fit_remark(fit, "%s: power does not follow the clock (the mean of all rows predicts a clock left out about as well); measure it again, under the same steady load and locked clocks from %.0f to %.0f MHz",
				   p->name, LOW * fit->top_khz / 1000,
				   fit->top_khz / 1000);
	}
	tell_more(fit, bad);
	if (!bad)
		tell_outlier(fit);
	return !bad;
}
