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
 * Model. What runs at a clock f is not one phase but the row of weights a_p
 * that mix.c has measured. With t_p(f) and P_p(f) of each phase (sens.c) and
 * price c, the best clock of the row minimises, per second of work at the top
 * clock,
 *
 *	J(f) = sum a_p * (P_p(f) * t_p(f) + c * (t_p(f) - 1))
 *
 * Energy of the other phases counts as their loss does: prefill in its first
 * milliseconds at decode's clock is slow, but cheap as well. Rows do not depend
 * on each other, so minimising each of them minimises the sum. J falls and then
 * rises, so its minimum respects the energy sweet spot: below it no price
 * makes a lower clock attractive. Where all phases want the same clock, the
 * plan is a single clock.
 *
 * Algorithm.
 *  1. From the row's last choice walk down, else up, in strides of AG_STRIDE and
 *     then of one, as long as J falls: a handful of evaluations, and strides
 *     step over the kinks of a voltage curve.
 *  2. A phase may have a budget of its own: then the lowest point whose own
 *     slowdown fits bounds the search from below. So does the floor that planner.c
 *     sets: no lower than an eighth below what progress has confirmed.
 *  3. A clock above the one that the board holds by itself buys nothing: the
 *     highest reference clock (ref.c) of the row bounds the search from above.
 *  4. A power cap bounds it from above: the highest point at which the phase's
 *     own predicted power fits, the lowest point when none does.
 *
 * A phase with unknown power takes AG_POWER_PRIOR_MW; only the ratio to the
 * price matters, and the price is steered by its effect (guard.c).
 *
 * Constants. 300 W: decode on an A100 takes 294 (Splitwise, see kmod/sim/profile.c). A
 * stride of eight points is 120 MHz on boards with steps of 15, two kinks of a voltage
 * curve: with 4 as much is saved, with 16 a little less (Documentation/governor.rst).
 */
#include "plan.h"

#define AG_STRIDE		8

/* The phases that run at a slot's clock, and how much of each. */
struct ag_plan_view {
	const struct ag_opp_table *t;
	u32 price_mw;
	u32 nr;
	u32 weight[ACCELGOV_PHASE_NR];
	const struct ag_plan_part *part[ACCELGOV_PHASE_NR];
};

/* Time at a point against the reference clock: no less above that. */
static u32 ag_part_time(const struct ag_plan_view *v,
			const struct ag_plan_part *p, u32 i)
{
	u32 time;

	if (!p->scales || i >= p->ref)
		return AG_ONE;
	time = ag_sens_time(&p->curve, ag_opp_top_khz(v->t), v->t->khz[i]);
	if (p->ref_time > AG_ONE)
		time = (u32)div_u64((u64)time << AG_ONE_SHIFT, p->ref_time);
	return max_t(u32, time, AG_ONE);
}

static u64 ag_part_power(const struct ag_plan_view *v,
			 const struct ag_plan_part *p, u32 i)
{
	u32 dyn = v->t->dyn[min_t(u32, i, p->ref)];

	return (u64)ag_sens_power(p->dynamic, dyn) * p->power_mw >>
	       AG_ONE_SHIFT;
}

/* What point @i costs all that runs at it, for the entry @ret. */
static void ag_plan_predict(const struct ag_plan_view *v, u32 i,
			    struct ag_plan_entry *ret)
{
	u64 lost = 0, energy = 0, time;
	u32 k;

	for (k = 0; k < v->nr; k++) {
		time = ag_part_time(v, v->part[k], i);
		lost += v->weight[k] * (time - AG_ONE);
		energy += ag_part_power(v, v->part[k], i) * v->weight[k] *
			  time >> 8;
	}
	ret->lost = (u32)min_t(u64, U32_MAX, div_u64(lost, AG_MIX_ONE));
	ret->mean_mw = (u32)min_t(u64, U32_MAX, energy / AG_MIX_ONE >> 8);
}

static u64 ag_plan_cost(const struct ag_plan_view *v, u32 i)
{
	u64 sum = 0;
	u32 k;

	for (k = 0; k < v->nr; k++) {
		const struct ag_plan_part *p = v->part[k];
		u64 time = ag_part_time(v, p, i);

		sum += (ag_part_power(v, p, i) * time +
			(time - AG_ONE) * v->price_mw) * v->weight[k] >> 8;
	}
	return sum;
}

/* As long as a step is better, take it: down, else up. */
static u32 ag_plan_descend(const struct ag_plan_view *v, u32 at, u32 stride,
			   u32 lo, u32 hi, u64 *least)
{
	u32 start = at;
	u64 cost;

	while (at >= lo + stride) {
		cost = ag_plan_cost(v, at - stride);
		if (cost > *least)
			break;
		*least = cost;
		at -= stride;
	}
	while (at >= start && at + stride <= hi) {
		cost = ag_plan_cost(v, at + stride);
		if (cost >= *least)
			break;
		*least = cost;
		at += stride;
	}
	return at;
}

static u32 ag_plan_search(const struct ag_plan_view *v, u32 from, u32 lo,
			  u32 hi)
{
	u32 at = clamp_t(u32, from, lo, hi);
	u64 least = ag_plan_cost(v, at);

	at = ag_plan_descend(v, at, AG_STRIDE, lo, hi, &least);
	return ag_plan_descend(v, at, 1, lo, hi, &least);
}

/* Lowest point at which the phase's own slowdown fits its budget. */
static u32 ag_plan_budget_floor(const struct ag_plan_view *v,
				const struct ag_plan_part *own, u32 permille)
{
	u32 limit = AG_ONE + permille * AG_ONE / 1000;
	u32 lo = 0, hi = v->t->nr - 1;

	if (permille >= 1000)
		return 0;
	while (lo < hi) {
		u32 mid = (lo + hi) / 2;

		if (ag_part_time(v, own, mid) <= limit)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

/* Highest point whose predicted power fits the cap. */
static u32 ag_plan_cap_ceiling(const struct ag_plan_view *v,
			       const struct ag_plan_part *own, u32 cap_mw)
{
	u32 lo = 0, hi = v->t->nr - 1;

	while (lo < hi) {
		u32 mid = (lo + hi + 1) / 2;

		if (ag_part_power(v, own, mid) <= cap_mw)
			lo = mid;
		else
			hi = mid - 1;
	}
	return lo;
}

static void ag_plan_part(const struct ag_opp_table *t, const struct ag_sens *s,
			 enum accelgov_phase phase, struct ag_plan_part *p)
{
	u32 ref_khz = ag_sens_ref_khz(s, phase, t);

	p->scales = ag_sens_may_scale(phase);
	ag_sens_curve(s, phase, &p->curve);
	p->dynamic = ag_sens_dynamic(s, phase);
	p->power_mw = s->phase[phase].power_mw;
	if (!p->power_mw)
		p->power_mw = AG_POWER_PRIOR_MW;
	p->ref = ag_opp_ceil(t, ref_khz);
	p->ref_time = ag_sens_time(&p->curve, ag_opp_top_khz(t), ref_khz);
}

/**
 * ag_plan_model() - what is believed of all phases, for all slots
 * @t: operating points, which the model refers to
 * @s: models
 * @ret: to fill
 */
void ag_plan_model(const struct ag_opp_table *t, const struct ag_sens *s,
		   struct ag_plan_model *ret)
{
	u32 i;

	ret->t = t;
	for (i = 0; i < ACCELGOV_PHASE_NR; i++)
		ag_plan_part(t, s, i, &ret->part[i]);
}

static void ag_plan_view(const struct ag_plan_model *m,
			 const struct ag_plan_input *in, struct ag_plan_view *v)
{
	u32 i;

	v->t = m->t;
	v->price_mw = in->price_mw;
	v->nr = 0;
	for (i = 0; i < ACCELGOV_PHASE_NR; i++) {
		if (!in->weight[i])
			continue;
		v->weight[v->nr] = in->weight[i];
		v->part[v->nr++] = &m->part[i];
	}
}

/* Above this no part of the work gets faster. */
static u32 ag_plan_ceiling(const struct ag_plan_view *v)
{
	u32 k, hi = 0;

	for (k = 0; k < v->nr; k++)
		if (v->part[k]->scales)
			hi = max_t(u32, hi, v->part[k]->ref);
	return hi ? hi : v->t->nr - 1;
}

/**
 * ag_plan_choose() - choose the clock of one slot
 * @m: models
 * @phase: phase of the slot
 * @in: price, limits, and what runs at the clock
 * @ret: choice with its predictions; the old choice is where the search begins
 */
void ag_plan_choose(const struct ag_plan_model *m, enum accelgov_phase phase,
		    const struct ag_plan_input *in, struct ag_plan_entry *ret)
{
	const struct ag_plan_part *own = &m->part[phase];
	const struct ag_opp_table *t = m->t;
	struct ag_plan_view v;
	u32 lo, hi, i, cap, time;
	u64 power;

	ag_plan_view(m, in, &v);
	hi = ag_plan_ceiling(&v);
	lo = ag_plan_budget_floor(&v, own, in->budget_permille);
	cap = in->cap_mw ? ag_plan_cap_ceiling(&v, own, in->cap_mw) :
			   t->nr - 1;
	ret->min_khz = t->khz[lo];
	ret->max_khz = t->khz[cap];
	lo = max_t(u32, lo, ag_opp_ceil(t, in->floor_khz));
	i = ag_plan_search(&v, ret->khz ? ag_opp_floor(t, ret->khz) : hi,
			   min_t(u32, lo, min_t(u32, hi, cap)),
			   min_t(u32, hi, cap));

	time = ag_part_time(&v, own, i);
	power = ag_sens_power(own->dynamic, t->dyn[i]);
	ret->khz = t->khz[i];
	ret->capped = in->cap_mw && i == cap && cap < hi;
	ret->slowdown_permille = (u16)((u64)(time - AG_ONE) * 1000 >>
				       AG_ONE_SHIFT);
	ret->energy_permille = (u16)((power * time >> AG_ONE_SHIFT) * 1000 >>
				     AG_ONE_SHIFT);
	ag_plan_predict(&v, i, ret);
}
