/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _AG_PLAN_H
#define _AG_PLAN_H

#include "types.h"
#include "accelgov.h"
#include "opp.h"
#include "sens.h"

/**
 * struct ag_plan_entry - best clock of one phase
 * @khz: the clock, 0 when not planned yet
 * @slowdown_permille: predicted slowdown of the phase at @khz
 * @energy_permille: predicted energy per unit of work, 1000 at the top clock
 * @min_khz: lowest clock that the phase's own budget allows
 * @max_khz: highest clock that the power cap allows; wins over @min_khz
 * @capped: the power cap moved the choice
 */
struct ag_plan_entry {
	u32 khz;
	u32 min_khz;
	u32 max_khz;
	u32 slowdown_permille;
	u32 energy_permille;
	bool capped;
};

/**
 * struct ag_plan - best clock per phase, so that a phase change costs a look-up
 * @entry: per phase
 * @planned_ns: when the entries were last computed
 */
struct ag_plan {
	struct ag_plan_entry entry[ACCELGOV_PHASE_NR];
	u64 planned_ns;
};

/**
 * struct ag_plan_input - what a choice depends on besides the models
 * @price_mw: price of lost time, see &struct ag_guard
 * @cap_mw: power cap, 0 for none
 * @lag_us: how long a phase runs at its predecessor's clock
 * @age_us: how long the phase has lasted already, 0 unless it is the present one
 * @budget_permille: slowdown that the phase alone may show at most, 1000 and
 *	above for no limit of its own
 */
struct ag_plan_input {
	u32 price_mw;
	u32 cap_mw;
	u32 lag_us;
	u32 age_us;
	u32 budget_permille;
};

void ag_plan_choose(const struct ag_opp_table *t, const struct ag_sens *s,
		    enum accelgov_phase phase, const struct ag_plan_input *in,
		    struct ag_plan_entry *ret);

#endif /* _AG_PLAN_H */
