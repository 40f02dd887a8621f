/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _AG_IDLE_H
#define _AG_IDLE_H

#include "sample.h"

/* Delays compared: 0, two per octave from 8 ms to 8 s, one from 1 ms to 9 min, never. */
#define AG_IDLE_DELAYS	32
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
 * @nr_states: entries of @state, 0 for one state of unknown power
 * @break_even_us: no state's break-even time is taken for shorter; the only one that
 *	there is where @nr_states is 0
 * @wake_latency_us: latency of a resume from the only state, 0 when not known; not
 *	used where there are @state
 * @max_latency_us: longest resume latency that users accept, 0 for any
 * @awake_mw: power while nothing is asked for; not used without @state
 * @early_mw: how much more than that it draws before @early_us, as what it does by
 *	itself (clocks that come down, gating) takes that long
 * @early_uj: how much more than @state says waking costs before @early_us
 * @early_us: since the idle period began
 * @state: lightest first
 */
struct ag_idle_config {
	bool enable;
	u8 nr_states;
	u32 break_even_us;
	u32 wake_latency_us;
	u32 max_latency_us;
	u32 awake_mw;
	u32 early_mw;
	u32 early_uj;
	u32 early_us;
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
 * enum ag_idle_stage - what was seen last
 * @AG_IDLE_WORKS: windows, none of which has ended a period
 * @AG_IDLE_ENDED: a window that ended a period: who resumes now did because of it
 * @AG_IDLE_WAKING: that the device resumed: what is quiet now is none of a period
 */
enum ag_idle_stage {
	AG_IDLE_WORKS,
	AG_IDLE_ENDED,
	AG_IDLE_WAKING,
};

/**
 * struct ag_idle_history - lengths of idle periods, as decayed sums over delays
 * @slept: periods that outlasted each delay but the last, in thousandths
 * @part: how much of the time from each delay to the next they lasted, in thousandths
 */
struct ag_idle_history {
	u16 slept[AG_IDLE_DELAYS - 1];
	u16 part[AG_IDLE_DELAYS - 1];
};

/**
 * struct ag_idle - what earlier idle periods say about the next one
 * @after: what followed a short period, what followed a long one
 * @start_ns: when the running idle period began, 0 when not idle
 * @predicted_us: expected length of an idle period that begins now
 * @delay_ms: autosuspend delay: that of the first step, AG_IDLE_NEVER for no suspend
 * @step: states worth their while, with ascending delays
 * @nr_steps: entries of @step
 * @periods: idle periods seen, up to AG_IDLE_WARM
 * @was_long: was the last one long?
 * @stage: &enum ag_idle_stage
 * @rest_us: how long nothing has run when the last window ended
 */
struct ag_idle {
	struct ag_idle_history after[2];
	u64 start_ns;
	u32 predicted_us;
	u32 delay_ms;
	struct ag_idle_step step[AG_IDLE_STATES];
	u8 nr_steps;
	u8 periods;
	bool was_long;
	u8 stage;
	u32 rest_us;
};

void ag_idle_init(struct ag_idle *i, const struct ag_idle_config *cfg);
void ag_idle_enter(struct ag_idle *i, u64 now_ns);
bool ag_idle_leave(struct ag_idle *i, u64 now_ns,
		   const struct ag_idle_config *cfg);
bool ag_idle_window(struct ag_idle *i, const struct ag_rates *r, bool idle,
		    const struct ag_idle_config *cfg);
bool ag_idle_woke(struct ag_idle *i, u64 seen_ns, u64 now_ns,
		  const struct ag_idle_config *cfg);
bool ag_idle_choose(struct ag_idle *i, const struct ag_idle_config *cfg);
bool ag_idle_allowed(const struct ag_idle_config *cfg);

#endif /* _AG_IDLE_H */
