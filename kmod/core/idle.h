/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _AG_IDLE_H
#define _AG_IDLE_H

#include "types.h"

/* Delays compared: 0, two per octave from 1 ms to 17 min, never. */
#define AG_IDLE_DELAYS	43
#define AG_IDLE_NEVER	U32_MAX

/* Idle states of one device, runtime suspend and deeper. */
#define AG_IDLE_STATES	4

/**
 * struct ag_idle_state - an idle state that software asks for
 * @power_mw: power in it
 * @wake_us: latency of leaving it
 * @switch_uj: energy that entering and leaving it costs, beyond what the device
 *	would have drawn awake
 */
struct ag_idle_state {
	u32 power_mw;
	u32 wake_us;
	u32 switch_uj;
};

/**
 * struct ag_idle_config - knobs of the idle policy, and what the device can do
 * @enable: may the governor set the autosuspend delay?
 * @break_even_us: no state's break-even time is taken for shorter; the only one that
 *	there is where @nr_states is 0
 * @wake_latency_us: latency of a resume from the only state, 0 when not known; not
 *	used where there are @state
 * @max_latency_us: longest resume latency that users accept, 0 for any
 * @awake_mw: power while nothing is asked for; not used without @state
 * @nr_states: entries of @state, 0 for one state of unknown power
 * @state: lightest first
 */
struct ag_idle_config {
	bool enable;
	u32 break_even_us;
	u32 wake_latency_us;
	u32 max_latency_us;
	u32 awake_mw;
	u32 nr_states;
	struct ag_idle_state state[AG_IDLE_STATES];
};

/**
 * struct ag_idle_step - a state of the plan
 * @state: its number, from 1
 * @delay_ms: asked for so long after the idle period began, AG_IDLE_NEVER for not
 */
struct ag_idle_step {
	u32 state;
	u32 delay_ms;
};

/**
 * struct ag_idle - what earlier idle periods say about the next one
 * @awake: decayed sum of how long each delay would have kept the device awake, in
 *	sixteenths of a millisecond
 * @slept: decayed number of periods that outlasted it, in units of 2^-10
 * @periods: idle periods seen, up to AG_IDLE_WARM
 * @start_ns: when the running idle period began, 0 when not idle
 * @predicted_us: expected length of an idle period that begins now
 * @delay_ms: autosuspend delay: that of the first step, AG_IDLE_NEVER for no suspend
 * @nr_steps: entries of @step
 * @step: states worth their while, with ascending delays
 */
struct ag_idle {
	u32 awake[AG_IDLE_DELAYS];
	u16 slept[AG_IDLE_DELAYS];
	u32 periods;
	u64 start_ns;
	u32 predicted_us;
	u32 delay_ms;
	u32 nr_steps;
	struct ag_idle_step step[AG_IDLE_STATES];
};

void ag_idle_init(struct ag_idle *i, const struct ag_idle_config *cfg);
void ag_idle_enter(struct ag_idle *i, u64 now_ns);
bool ag_idle_leave(struct ag_idle *i, u64 now_ns,
		   const struct ag_idle_config *cfg);
bool ag_idle_choose(struct ag_idle *i, const struct ag_idle_config *cfg);
bool ag_idle_allowed(const struct ag_idle_config *cfg);

#endif /* _AG_IDLE_H */
