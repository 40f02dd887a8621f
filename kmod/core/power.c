// SPDX-License-Identifier: GPL-2.0
/*
 * Power: what a clock does to the power of a phase
 *
 * Model. Power of a phase at constant activity is P(f) = P(F) * (1 - d + d * y(f)) with
 * F the top clock, y = f*V^2 against the top point and d the dynamic part.
 *
 * Observation. Sensors are late. NVML shows a mean of 25 to 100 ms that ended 60 to
 * 100 ms ago (Yang et al., SC 2024), so the first window after the clock moved still
 * shows the power before. Whoever compares it finds that clocks hardly matter: of decode
 * half of d was learned, and a tenth of the saving was lost.
 *
 * Algorithm.
 *  1. The level follows a window that shows its clock and its phase (ag_came() in
 *     sens.c) by one eighth, another one by a sixty-fourth: phases that are short have no
 *     others.
 *  2. d is the slope over pairs of clocks of one episode and of the same work (sens.c),
 *     weighted by how far apart they are.
 *  3. Where the clock is only what was asked for, power teaches nothing: a board that its
 *     limit holds draws the same for two clocks, and no clock would seem worth its loss.
 *
 * Constants. The dynamic part starts at 0.6 for arithmetic and 0.45 otherwise: the middle
 * of what clock sweeps of V100 and A100 show (0.5 to 0.7, 0.4 to 0.5). The prior is worth
 * one pair whose clocks are an eighth of f*V^2 apart.
 */
#include "sens.h"

#define AG_POWER_SHIFT		3
#define AG_POWER_LATE_SHIFT	6
/* Spread of the cause that the priors are worth. */
#define AG_DYN_PRIOR_XX		(AG_ONE / 64)
#define AG_FIT_PAIRS		24

/* Every window asks for the slope, and pairs are rare: it is kept. */
static void ag_fit_solve(struct ag_fit *f)
{
	s64 slope = div64_s64((s64)f->xy * AG_ONE, max_t(u32, f->xx, 1));

	f->slope = (u32)clamp_t(s64, slope, AG_ONE / 10, AG_ONE * 95 / 100);
}

static void ag_fit_init(struct ag_fit *f, u32 slope, u32 xx)
{
	f->xx = xx;
	f->xy = (s32)((u64)slope * xx >> AG_ONE_SHIFT);
	ag_fit_solve(f);
}

/* Effect @y of a cause @x, fractions of AG_ONE up to 64, after @nr others. */
static void ag_fit_add(struct ag_fit *f, u32 nr, s64 x, s64 y)
{
	s32 k = min_t(u32, nr + 2, AG_FIT_PAIRS);

	f->xy += (s32)div_s64((x * y >> AG_ONE_SHIFT) - f->xy, k);
	f->xx += (s32)div_s64((x * x >> AG_ONE_SHIFT) - (s64)f->xx, k);
	ag_fit_solve(f);
}

/**
 * ag_sens_init_power() - prior
 * @p: phase
 * @dynamic: part of its power that is expected to scale with f*V^2
 */
void ag_sens_init_power(struct ag_sens_phase *p, u32 dynamic)
{
	ag_fit_init(&p->dynamic, dynamic, AG_DYN_PRIOR_XX);
}

/**
 * ag_sens_power() - power of a phase at a point, against the top point
 * @dynamic: part that scales with f*V^2
 * @dyn: f*V^2 of the point against the top point, see &struct ag_opp_table
 *
 * Return: P(khz)/P(top) times AG_ONE.
 */
u32 ag_sens_power(u32 dynamic, u32 dyn)
{
	return AG_ONE - dynamic +
	       (u32)((u64)dynamic * dyn >> AG_ONE_SHIFT);
}

/**
 * ag_sens_dynamic() - part of a phase's power that scales with f*V^2
 * @s: state
 * @phase: phase
 *
 * Return: a fraction of AG_ONE.
 */
u32 ag_sens_dynamic(const struct ag_sens *s, enum accelgov_phase phase)
{
	return s->phase[phase].dynamic.slope;
}

/**
 * ag_sens_learn_power() - the level follows a window
 * @p: its phase
 * @r: the window
 * @came: it shows its clock and its phase, and nothing before
 * @t: operating points
 */
void ag_sens_learn_power(struct ag_sens_phase *p, const struct ag_rates *r,
			 bool came, const struct ag_opp_table *t)
{
	u32 shift = came ? AG_POWER_SHIFT : AG_POWER_LATE_SHIFT;
	u32 dyn, mw;

	if (!ag_valid(r, ACCELGOV_SIG_POWER) || !r->power_mw ||
	    r->valid & AG_CLOCK_INFERRED)
		return;
	dyn = ag_sens_power(p->dynamic.slope,
			    t->dyn[ag_opp_floor(t, r->clock_khz)]);
	mw = (u32)min_t(u64, S32_MAX,
			div_u64((u64)r->power_mw << AG_ONE_SHIFT, dyn));
	p->power_mw = p->power_mw ? ag_ewma(p->power_mw, mw, shift) : mw;
}

/**
 * ag_sens_pair_power() - power at two clocks of one episode and of the same work
 * @p: phase
 * @a: one of them
 * @b: the other
 * @t: operating points
 */
void ag_sens_pair_power(struct ag_sens_phase *p, const struct ag_sens_run *a,
			const struct ag_sens_run *b,
			const struct ag_opp_table *t)
{
	s64 ya = t->dyn[ag_opp_floor(t, a->khz)];
	s64 yb = t->dyn[ag_opp_floor(t, b->khz)];
	u64 power_a, power_b;
	s64 q;

	power_a = max_t(u64, div_u64(a->power_mw, a->windows), 1);
	power_b = div_u64(b->power_mw, b->windows);
	/* No clock changes the power of the same work by so much. */
	if (power_b > power_a * 64 || power_a > power_b * 64)
		return;
	q = div64_u64(power_b << AG_ONE_SHIFT, power_a);
	ag_fit_add(&p->dynamic, p->power_pairs,
		   yb - AG_ONE - (q * (ya - AG_ONE) >> AG_ONE_SHIFT),
		   q - AG_ONE);
	if (p->power_pairs < U16_MAX)
		p->power_pairs++;
}
