// SPDX-License-Identifier: GPL-2.0
/* Predict: what the models and the plan say, for whoever decides. */
#include "core.h"

/**
 * ag_core_predict() - time, energy and power of a phase at a clock
 * @c: state
 * @phase: phase, whatever it is now
 * @khz: clock
 * @ret: the prediction
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
 * @phase: phase
 *
 * Return: kHz; the highest clock for a phase without a plan.
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
