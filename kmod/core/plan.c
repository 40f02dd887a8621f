// SPDX-License-Identifier: GPL-2.0
/*
 * Plan: the best clock of each phase
 *
 * Observation. A slowdown budget is spent well when the last millisecond lost
 * buys the same energy in every phase; if decode still gives 2 J for it and
 * prefill only 1 J, time should move from one to the other. That is the
 * condition of a constrained optimum, and its multiplier has a plain meaning:
 * the price of time, in watts.
 *
 * Model. With t(f) and P(f) of the phase (sens.c) and price c, the best clock
 * minimises, per second of work at the top clock,
 *
 *	J(f) = P(f) * t(f) + c * lost(f)
 *	lost(f) = t(f) - 1 + l * (t'(f) - 1)
 *
 * The second part of lost() belongs to the successor: a phase is recognised one
 * window after it began and the clock follows after the switching time, so the
 * first stretch of the next phase runs at this phase's clock. l is that lag
 * over the mean length of an episode, at most 1, and t' the time model of what
 * usually follows. A phase much longer than the lag sees l near 0 and is tuned
 * on its own; one shorter than the lag carries its successor's sensitivity in
 * full and is thereby blended with it: no short phase is chased, without a
 * special case. J falls and then rises, so its minimum also respects the energy
 * sweet spot: below it no price makes a lower clock attractive.
 *
 * Algorithm.
 *  1. J has one minimum over the ascending table: walk up from the lowest
 *     allowed point by halving the interval on the sign of the slope.
 *  2. A phase may have a budget of its own: then the lowest point whose own
 *     slowdown fits bounds the search from below.
 *  3. A clock above the one that the board holds by itself buys nothing: the
 *     reference clock of the phase (sens.c) bounds the search from above.
 *  4. A power cap bounds it from above: the highest point whose predicted power
 *     fits, the lowest point when none does.
 *
 * A phase with unknown power takes AG_POWER_PRIOR_MW; only the ratio to the
 * price matters, and the price is steered by its effect (guard.c).
 */
#include "plan.h"

#define AG_POWER_PRIOR_MW	300000

struct ag_plan_view {
	const struct ag_opp_table *t;
	u32 share;
	u32 next_share;
	u32 dynamic;
	u32 power_mw;
	u32 price_mw;
	u32 lag;
	u32 ref_time;
};

static u64 ag_plan_cost(const struct ag_plan_view *v, u32 i)
{
	u32 top = ag_opp_top_khz(v->t);
	u32 khz = v->t->khz[i];
	u64 time = ag_sens_time(v->share, top, khz);
	u64 power = ag_sens_power(v->dynamic, v->t->dyn[i]);
	u64 energy = (power * time >> AG_ONE_SHIFT) * v->power_mw;
	u64 lost = time;

	if (v->lag && v->next_share) {
		u64 next = ag_sens_time(v->next_share, top, khz) - AG_ONE;

		lost += next * v->lag >> AG_ONE_SHIFT;
	}
	return energy + lost * v->price_mw;
}

static u32 ag_plan_search(const struct ag_plan_view *v, u32 lo, u32 hi)
{
	while (lo < hi) {
		u32 mid = (lo + hi) / 2;

		if (ag_plan_cost(v, mid) <= ag_plan_cost(v, mid + 1))
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

/* Lowest point whose own slowdown fits the phase's budget. */
static u32 ag_plan_budget_floor(const struct ag_plan_view *v, u32 permille)
{
	u32 limit = v->ref_time +
		    (u32)div_u64((u64)permille * v->ref_time, 1000);
	u32 top = ag_opp_top_khz(v->t);
	u32 lo = 0, hi = v->t->nr - 1;

	if (permille >= 1000)
		return 0;
	while (lo < hi) {
		u32 mid = (lo + hi) / 2;

		if (ag_sens_time(v->share, top, v->t->khz[mid]) <= limit)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

/* Highest point whose predicted power fits the cap. */
static u32 ag_plan_cap_ceiling(const struct ag_plan_view *v, u32 cap_mw)
{
	u32 i = v->t->nr - 1;

	while (i && (u64)ag_sens_power(v->dynamic, v->t->dyn[i]) *
		    v->power_mw >> AG_ONE_SHIFT > cap_mw)
		i--;
	return i;
}

/**
 * ag_plan_choose() - choose the clock of one phase
 * @t: operating points
 * @s: models
 * @phase: phase
 * @in: price, cap, lag and budget
 * @ret: choice with its predictions
 */
void ag_plan_choose(const struct ag_opp_table *t, const struct ag_sens *s,
		    enum accelgov_phase phase, const struct ag_plan_input *in,
		    struct ag_plan_entry *ret)
{
	const struct ag_sens_phase *p = &s->phase[phase];
	struct ag_plan_view v = {
		.t = t,
		.share = ag_sens_share(s, phase),
		.next_share = p->next_share,
		.dynamic = p->dynamic,
		.power_mw = p->power_mw ? p->power_mw : AG_POWER_PRIOR_MW,
		.price_mw = in->price_mw,
	};
	u32 hi = ag_opp_ceil(t, ag_sens_ref_khz(s, phase, t));
	u32 dwell_us = max_t(u32, p->dwell_us, in->age_us);
	u32 lo, i, cap = t->nr - 1, top = ag_opp_top_khz(t);
	u64 time, power;

	v.lag = AG_ONE;
	if (dwell_us > in->lag_us)
		v.lag = (u32)div_u64((u64)in->lag_us << AG_ONE_SHIFT,
				     dwell_us);
	v.ref_time = ag_sens_time(v.share, top, ag_sens_ref_khz(s, phase, t));
	lo = ag_plan_budget_floor(&v, in->budget_permille);
	if (in->cap_mw)
		cap = ag_plan_cap_ceiling(&v, in->cap_mw);
	hi = min_t(u32, hi, cap);
	i = ag_plan_search(&v, min_t(u32, lo, hi), hi);

	time = ag_sens_slower(s, phase, t, t->khz[i]);
	power = ag_sens_power(v.dynamic, t->dyn[i]);
	ret->khz = t->khz[i];
	ret->min_khz = t->khz[lo];
	ret->max_khz = t->khz[cap];
	ret->capped = in->cap_mw && i == hi && hi == cap && hi < t->nr - 1;
	ret->energy_permille = (u32)((power * time >> AG_ONE_SHIFT) * 1000 >>
				     AG_ONE_SHIFT);
	if (v.lag && v.next_share) {
		u64 next = ag_sens_time(v.next_share, top, t->khz[i]) - AG_ONE;

		time += next * v.lag >> AG_ONE_SHIFT;
	}
	ret->slowdown_permille = (u32)((time - AG_ONE) * 1000 >> AG_ONE_SHIFT);
}
