/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _AG_WORKLOAD_H
#define _AG_WORKLOAD_H

#include "types.h"
#include "accelgov.h"
#include "rhythm.h"
#include "sample.h"

#define AG_WORKLOAD_STEPS	8

/**
 * struct ag_workload - long-horizon classifier
 * @now: published workload
 * @share_us: decayed time per phase
 * @decayed_ns: when @share_us was last decayed
 * @step_ms: lengths of the last training steps, ring
 * @steps: training steps seen
 * @saves: its state is saved at equal distances; set by the caller
 * @step_start_ns: start of the running step, 0 for none
 * @since_ns: when @now began
 * @busy_ms: how long arithmetic went on without decode or idleness
 * @fine: rhythm of steps from 0.2 to 4.6 s
 * @coarse: rhythm of steps from 2 to 46 s
 */
struct ag_workload {
	enum accelgov_workload now;
	u32 share_us[ACCELGOV_PHASE_NR];
	u64 decayed_ns;
	u32 step_ms[AG_WORKLOAD_STEPS];
	u32 steps;
	bool saves;
	u64 step_start_ns;
	u64 since_ns;
	u32 busy_ms;
	struct ag_rhythm fine;
	struct ag_rhythm coarse;
};

void ag_workload_init(struct ag_workload *w, u64 now_ns);
bool ag_workload_update(struct ag_workload *w, enum accelgov_phase phase,
			bool changed, const struct ag_rates *r);
u32 ag_workload_step_ms(const struct ag_workload *w, u32 *ret_spread_permille);

#endif /* _AG_WORKLOAD_H */
