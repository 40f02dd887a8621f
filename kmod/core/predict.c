// SPDX-License-Identifier: GPL-2.0
/*
 * Predict: what the models and the plan say, for whoever decides
 *
 * Observation. A policy that was loaded wants to weigh a clock before it wishes it, for
 * phases that do not run as well, and a decision off the plan (a limit, the guard, a
 * probe, a wish) has to be published with what it is expected to cost. Both need the
 * models that the plan has and not the plan's choice.
 *
 * Model. None of its own: time is that of sens.c, power that of power.c, the choice
 * that of plan.c. A prediction is of one phase at one clock, with nothing beside it; a
 * plan's row has other work in it (mix.c), so what a row loses is not what is said
 * here.
 *
 * Algorithm.
 *  1. Time t at the clock is against the reference clock of the phase (ref.c): that is
 *     what slowdown is counted against. It is AG_ONE from the reference on, and of a
 *     phase that waits. From an eighth below the lowest clock that was compared all of
 *     it scales, as in the plan; the books are more careful (ag_sens_times()).
 *  2. Power p is that of the highest operating point not above the clock, against the
 *     top point, by the dynamic part that pairs have taught.
 *  3. Slowdown is t - 1, energy per unit of work t * p, power p times the level of the
 *     phase at the top clock: 0 where none was measured. A clock above the reference is
 *     predicted with the power that it would draw if the board held it.
 *  4. Pairs of clocks tell how far to believe it: with none, time is counters and priors.
 *     They are those that taught time; power has pairs of its own.
 *  5. The built-in policy's choice for another phase than the present one is its young
 *     row, for that is the one that it would begin with; for the present phase it is what
 *     was wanted at the last window, guard and probes included.
 *
 * Fractions are of AG_ONE until the end, and cut, not rounded, to per mille.
 */
#include "core.h"

/**
 * ag_core_predict() - time, energy and power of a phase at a clock
 * @c: state
 * @phase: phase, whatever it is now
 * @khz: clock
 * @ret: the prediction
 *
 * The same lock as for every call on @c; any context, nothing changes.
 *
 * Return: false, and nothing in @ret, for a phase that does not exist or a clock
 * outside of the table.
 */
bool ag_core_predict(const struct ag_core *c, u32 phase, u32 khz,
		     struct accelgov_prediction *ret)
{
	const struct ag_sens_phase *p;
	u64 time, power;

	if (phase >= ACCELGOV_PHASE_NR || khz < c->opp.khz[0] ||
	    khz > ag_opp_top_khz(&c->opp))
		return false;
	p = &c->sens.phase[phase];
	time = ag_sens_slower(&c->sens, phase, &c->opp, khz);
	power = ag_sens_power(ag_sens_dynamic(&c->sens, phase),
			      c->opp.dyn[ag_opp_floor(&c->opp, khz)]);
	ret->slowdown_permille = (u32)((time - AG_ONE) * 1000 >> AG_ONE_SHIFT);
	ret->energy_permille = (u32)((time * power >> AG_ONE_SHIFT) * 1000 >>
				     AG_ONE_SHIFT);
	ret->power_mw = (u32)(power * p->power_mw >> AG_ONE_SHIFT);
	ret->measured = p->pairs;
	return true;
}

/**
 * ag_core_planned() - what the built-in policy would choose in a phase
 * @c: state
 * @phase: phase, whatever it is now
 *
 * Return: kHz; the highest clock for a phase without a plan, and for one that does not
 * exist.
 */
u32 ag_core_planned(const struct ag_core *c, u32 phase)
{
	u32 khz = 0;

	if (phase == (u32)c->phase.now)
		khz = c->want_khz;
	else if (phase < ACCELGOV_PHASE_NR)
		khz = c->plan.entry[ag_slot(phase, false)].khz;
	return khz ? khz : ag_opp_top_khz(&c->opp);
}
