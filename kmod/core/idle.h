/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _AG_IDLE_H
#define _AG_IDLE_H

#include "types.h"

/* Delays compared: 0, two per octave from 1 ms to 17 min, never. */
#define AG_IDLE_DELAYS	43
#define AG_IDLE_NEVER	U32_MAX

/**
 * struct ag_idle_config - knobs of the idle policy
 * @enable: may the governor set the autosuspend delay?
 * @break_even_us: shortest suspended time that saves energy
 * @wake_latency_us: latency of a resume, 0 when not known
 * @max_latency_us: longest resume latency that users accept, 0 for any
 */
struct ag_idle_config {
	bool enable;
	u32 break_even_us;
	u32 wake_latency_us;
	u32 max_latency_us;
};

/**
 * struct ag_idle - what earlier idle periods would have cost
 * @cost: decayed cost of each delay, in sixteenths of a millisecond awake
 * @periods: idle periods seen, up to AG_IDLE_WARM
 * @break_even_us: break-even time that @cost was counted with
 * @start_ns: when the running idle period began, 0 when not idle
 * @predicted_us: expected length of an idle period that begins now
 * @delay_ms: autosuspend delay that costs least, AG_IDLE_NEVER for no suspend
 */
struct ag_idle {
	u32 cost[AG_IDLE_DELAYS];
	u32 periods;
	u32 break_even_us;
	u64 start_ns;
	u32 predicted_us;
	u32 delay_ms;
};

void ag_idle_init(struct ag_idle *i, const struct ag_idle_config *cfg);
void ag_idle_enter(struct ag_idle *i, u64 now_ns);
bool ag_idle_leave(struct ag_idle *i, u64 now_ns,
		   const struct ag_idle_config *cfg);
bool ag_idle_choose(struct ag_idle *i, const struct ag_idle_config *cfg);

#endif /* _AG_IDLE_H */
