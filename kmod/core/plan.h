/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _AG_PLAN_H
#define _AG_PLAN_H

#include "types.h"
#include "accelgov.h"
#include "mix.h"
#include "opp.h"
#include "sens.h"

/* Of a phase whose power nobody has measured; plan.c has the source. */
#define AG_POWER_PRIOR_MW	300000

/**
 * struct ag_plan_entry - best clock of one slot
 * @khz: the clock, 0 when not planned yet
 * @min_khz: lowest clock that the phase's own budget allows
 * @max_khz: highest clock that the power cap allows; wins over @min_khz
 * @lost: predicted lost time over work of all that runs at @khz, a fraction of
 *	AG_ONE
 * @mean_mw: predicted energy of all that runs at @khz, per time of its work at
 *	the top clock
 * @slowdown_permille: predicted slowdown of the slot's phase at @khz
 * @energy_permille: its predicted energy per unit of work, 1000 at the top clock
 * @capped: the power cap moved the choice
 */
struct ag_plan_entry {
	u32 khz;
	u32 min_khz;
	u32 max_khz;
	u32 lost;
	u32 mean_mw;
	u16 slowdown_permille;
	u16 energy_permille : 15;
	u16 capped : 1;
};

/**
 * struct ag_plan - best clock per slot, so that a phase change costs a look-up
 * @entry: per slot
 * @planned_ns: when the entries were last computed
 */
struct ag_plan {
	struct ag_plan_entry entry[AG_SLOT_NR];
	u64 planned_ns;
};

/**
 * struct ag_plan_input - what a choice depends on besides the models
 * @price_mw: price of lost time, see &struct ag_guard
 * @cap_mw: power cap, 0 for none
 * @floor_khz: lowest clock to consider
 * @budget_permille: slowdown that the phase alone may show at most, 1000 and
 *	above for no limit of its own
 * @weight: what runs at the slot's clock, from ag_mix_row()
 */
struct ag_plan_input {
	u32 price_mw;
	u32 cap_mw;
	u32 floor_khz;
	u32 budget_permille;
	u32 weight[ACCELGOV_PHASE_NR];
};

/**
 * struct ag_plan_part - what is believed of one phase while all slots are planned
 * @curve: its time
 * @ref_time: its time at its reference clock, against the top clock
 * @ref: lowest point that is not below that clock
 * @dynamic: part of its power that goes with the clock
 * @power_mw: its power at the top clock
 * @scales: a clock may change its time
 */
struct ag_plan_part {
	struct ag_curve curve;
	u32 ref_time;
	u32 ref;
	u32 dynamic;
	u32 power_mw;
	bool scales;
};

/**
 * struct ag_plan_model - what is believed of all phases
 * @t: operating points
 * @part: per phase
 */
struct ag_plan_model {
	const struct ag_opp_table *t;
	struct ag_plan_part part[ACCELGOV_PHASE_NR];
};

void ag_plan_model(const struct ag_opp_table *t, const struct ag_sens *s,
		   struct ag_plan_model *ret);
void ag_plan_choose(const struct ag_plan_model *m, enum accelgov_phase phase,
		    const struct ag_plan_input *in, struct ag_plan_entry *ret);

#endif /* _AG_PLAN_H */
