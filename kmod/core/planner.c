// SPDX-License-Identifier: GPL-2.0
/*
 * Planner: when all clocks are planned anew, and at which price
 *
 * Observation. Choosing a clock for every slot takes a hundred times as long as
 * taking a sample, and what the choice depends on, the models and the mix, changes
 * slowly. What has to follow at once is the price of time (guard.c): it is what keeps
 * the promise.
 *
 * Algorithm.
 *  1. When the guard's books say that the price is due, and the phase is work, compare
 *     the slowdown that the plan predicts for the mix of the last seconds with the
 *     books, and move the price. It need not fall where time for nothing would save no
 *     more than 1/AG_WORTH_DIV of the energy.
 *  2. Then, and after AG_REPLAN_QUIET_NS without, plan every row that something ran
 *     in (plan.c), and of the others one in turn: a phase that comes for the first time
 *     finds a plan that is 17 periods old at most, 4 s, and gets its own with the next
 *     one. Most jobs have three to six of the 17 rows. What is believed of the phases
 *     is worked out once for all rows.
 *  3. No phase that scales goes more than 1/AG_TRUST_DIV below the lowest clock whose
 *     rate was compared with another, see "Trust" in core.c; where operating points lie
 *     further apart, one point, or such a chip would stay at its top clock for ever.
 *  4. Of the power cap a phase gets what its trim leaves, see "Cap" there. While the
 *     device holds the cap (limiter.c), no plan has one.
 *
 * Constants. An eighth, a 256th and a second: Documentation/governor.rst has what
 * others cost. A lie of the counters costs no more than what an eighth of the clock
 * does.
 */
#include "books.h"
#include "core.h"
#include "planner.h"
#include "switch.h"

#define AG_TRUST_DIV		8
#define AG_WORTH_DIV		256
#define AG_REPLAN_QUIET_NS	NSEC_PER_SEC

/* No lower than an eighth, or a point, below what progress has confirmed. */
static u32 ag_core_floor(const struct ag_core *c, enum accelgov_phase phase)
{
	u32 low = c->sens.phase[phase].low_khz, i;

	if (!ag_sens_scales(phase))
		return 0;
	if (!low)
		low = ag_sens_ref_khz(&c->sens, phase, &c->opp);
	i = ag_opp_ceil(&c->opp, low);
	return min_t(u32, low - low / AG_TRUST_DIV,
		     c->opp.khz[i ? i - 1 : 0]);
}

static void ag_core_plan_slot(const struct ag_core *c,
			      const struct ag_plan_model *m, u32 slot,
			      u32 price_mw, struct ag_plan_entry *e)
{
	enum accelgov_phase phase = ag_slot_phase(slot);
	s32 own = c->cfg.phase[phase].budget_permille;
	struct ag_plan_input in = {
		.price_mw = price_mw,
		.budget_permille = own >= 0 ? own : 1000,
		.floor_khz = ag_core_floor(c, phase),
	};

	if (c->cfg.power_cap_mw &&
	    !ag_limiter_holds(&c->limiter, c->cfg.power_cap_mw))
		in.cap_mw = c->cfg.power_cap_mw - c->cap_trim_mw[phase];
	ag_mix_row(&c->mix, slot, in.weight);
	ag_plan_choose(m, phase, &in, e);
}

/* All of them at first, and when a knob changed; then those that matter. */
static void ag_core_plan_rows(struct ag_core *c, const struct ag_plan_model *m,
			      u64 now_ns)
{
	bool all = !c->plan.planned_ns;
	u32 i;

	c->turn = (c->turn + 1) % AG_SLOT_NR;
	for (i = 0; i < AG_SLOT_NR; i++)
		if (all || i == c->turn || i == c->slot ||
		    ag_mix_us(&c->mix, i))
			ag_core_plan_slot(c, m, i, c->guard.price_mw,
					  &c->plan.entry[i]);
	c->plan.planned_ns = now_ns;
}

/**
 * ag_core_cap_khz() - what the power cap allows whatever runs
 * @c: state
 *
 * Of all phases whose power was measured the hungriest decides: without signals
 * nobody knows which of them it is.
 *
 * Return: kHz; %U32_MAX without a cap, or while no phase's power is known.
 */
u32 ag_core_cap_khz(const struct ag_core *c)
{
	struct ag_plan_model m;
	struct ag_plan_entry e;
	u32 i, khz = U32_MAX;

	if (!c->cfg.power_cap_mw)
		return khz;
	ag_plan_model(&c->opp, &c->sens, &m);
	for (i = 0; i < AG_SLOT_NR; i++) {
		if (!c->sens.phase[ag_slot_phase(i)].power_mw)
			continue;
		e = c->plan.entry[i];
		ag_core_plan_slot(c, &m, i, c->guard.price_mw, &e);
		khz = min_t(u32, khz, e.max_khz);
	}
	return khz;
}

/**
 * ag_core_cut() - is the clock below the target because the limiter took of it?
 * @c: state
 * @r: a window
 *
 * Return: true when it is, and a cap was asked for.
 */
bool ag_core_cut(const struct ag_core *c, const struct ag_rates *r)
{
	return ag_limiter_near(&c->limiter, r) &&
	       ag_valid(r, ACCELGOV_SIG_CLOCK) &&
	       r->clock_khz < c->target_khz - c->target_khz / AG_STEP_DIV;
}

/* Does the plan of the present phase stop at the cap, by power that was measured? */
static bool ag_core_capped(const struct ag_core *c)
{
	return c->plan.entry[c->slot].capped &&
	       c->sens.phase[ag_slot_phase(c->slot)].power_mw;
}

/**
 * ag_core_limit_power() - who holds the power cap from this window on
 * @c: state, its window named and planned
 *
 * Return: AG_EV_* bits.
 */
u32 ag_core_limit_power(struct ag_core *c)
{
	u32 cap_mw = c->cfg.power_cap_mw, asked_mw = c->limiter.asked_mw;
	bool held = ag_limiter_holds(&c->limiter, cap_mw);

	ag_limiter_update(&c->limiter, cap_mw, &c->rates, ag_core_capped(c));
	if (held != ag_limiter_holds(&c->limiter, cap_mw))
		c->plan.planned_ns = 0;
	return asked_mw == c->limiter.asked_mw ? 0 : AG_EV_CAP;
}

/**
 * ag_core_limiter() - the device can hold its power itself
 * @c: state, as ag_core_init() left it
 * @min_mw: lowest cap that it takes
 * @max_mw: highest
 */
void ag_core_limiter(struct ag_core *c, u32 min_mw, u32 max_mw)
{
	ag_limiter_init(&c->limiter, min_mw, max_mw);
}

/**
 * ag_core_limited() - the device has dealt with the cap that its limiter was asked for
 * @c: state
 * @done: it was set
 * @now_ns: time
 */
void ag_core_limited(struct ag_core *c, bool done, u64 now_ns)
{
	ag_limiter_answer(&c->limiter, done, now_ns);
	c->plan.planned_ns = 0;
}

/**
 * ag_core_active_us() - work of all slots
 * @c: state
 *
 * Return: microseconds in the phases that are work, decayed.
 */
u64 ag_core_active_us(const struct ag_core *c)
{
	u64 us = 0;
	u32 i, k;

	for (i = 0; i < AG_SLOT_NR; i++)
		for (k = 0; k < ACCELGOV_PHASE_NR; k++)
			if (ag_phase_active(k))
				us += c->mix.us[i][k];
	return us;
}

/* Slowdown that the plan predicts for the mix of the last seconds. */
static u32 ag_core_predicted(const struct ag_core *c)
{
	u64 lost = 0, active = ag_core_active_us(c);
	u32 i;

	for (i = 0; i < AG_SLOT_NR; i++)
		lost += ag_mix_us(&c->mix, i) * c->plan.entry[i].lost;
	return active ? (u32)min_t(u64, U32_MAX, div64_u64(lost, active)) : 0;
}

/* Would time for nothing save more than a little? */
static bool ag_core_worth_less(const struct ag_core *c,
			       const struct ag_plan_model *m)
{
	struct ag_plan_entry e;
	u64 now = 0, free = 0;
	u32 i;

	for (i = 0; i < AG_SLOT_NR; i++) {
		u64 us = ag_mix_us(&c->mix, i);

		if (!us)
			continue;
		e = c->plan.entry[i];
		now += us * e.mean_mw;
		ag_core_plan_slot(c, m, i, 0, &e);
		free += us * e.mean_mw;
	}
	return free + free / AG_WORTH_DIV < now;
}

static u32 ag_core_mean_power(const struct ag_core *c)
{
	u32 mw = c->sens.phase[c->phase.now].power_mw;

	return mw ? mw : AG_POWER_PRIOR_MW;
}

/**
 * ag_core_replan() - move the price if it is due, and plan if anything is
 * @c: state
 * @now_ns: time
 */
void ag_core_replan(struct ag_core *c, u64 now_ns)
{
	bool priced = ag_guard_price_due(&c->guard) &&
		      ag_phase_active(c->phase.now);
	struct ag_plan_model m;

	if (!priced && c->plan.planned_ns &&
	    now_ns - c->plan.planned_ns <= AG_REPLAN_QUIET_NS)
		return;
	ag_plan_model(&c->opp, &c->sens, &m);
	if (priced)
		ag_guard_reprice(&c->guard, c->cfg.budget_permille,
				 ag_core_predicted(c), ag_core_worth_less(c, &m),
				 ag_core_mean_power(c));
	ag_core_plan_rows(c, &m, now_ns);
}
