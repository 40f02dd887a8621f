/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _AG_JUDGE_H
#define _AG_JUDGE_H

#include "types.h"
#include "accelgov_policy.h"
#include "opp.h"

/* How many of its last decisions are kept for who asks why a policy ended. */
#define AG_JUDGE_HISTORY	8

/**
 * struct ag_verdict - what a policy asked for and what became of it
 * @time_ns: end of the window
 * @asked: clock in kHz as the callback returned it
 * @got_khz: clock that was planned, 0 for what the built-in policy wants
 * @phase: phase of the window
 * @offence: worst of this window, %ACCELGOV_OFFENCE_NR for none
 */
struct ag_verdict {
	u64 time_ns;
	s32 asked;
	u32 got_khz;
	u8 phase;
	u8 offence;
};

/**
 * struct ag_judge - what one policy did to one device
 * @count: offences of each kind since it came
 * @points: those that are not forgiven yet
 * @forgiven_ns: when the last point of each kind was forgiven
 * @switches: changes of the clock that it may make at once
 * @switch_ns: when @switches last grew
 * @khz: clock after its last decision, 0 before the first
 * @own: @khz, or the phase that led to it, was its choice
 * @engaged: the guard was engaged at the last window
 * @guilty: kind that used up its error budget, %ACCELGOV_OFFENCE_NR for none
 * @worst: of the window that is being judged
 * @nr: decisions so far
 * @last: ring of the last ones
 */
struct ag_judge {
	u32 count[ACCELGOV_OFFENCE_NR];
	u32 points[ACCELGOV_OFFENCE_NR];
	u64 forgiven_ns[ACCELGOV_OFFENCE_NR];
	u32 switches;
	u64 switch_ns;
	u32 khz;
	bool own;
	bool engaged;
	u8 guilty;
	u8 worst;
	u64 nr;
	struct ag_verdict last[AG_JUDGE_HISTORY];
};

/**
 * struct ag_judge_case - what a clock was chosen for
 * @opp: operating points
 * @builtin_khz: what the built-in policy wants
 * @switch_us: what a change of the clock costs on this device
 * @imposed: the policy named the phase
 * @now_ns: end of the window
 */
struct ag_judge_case {
	const struct ag_opp_table *opp;
	u32 builtin_khz;
	u32 switch_us;
	bool imposed;
	u64 now_ns;
};

void ag_judge_init(struct ag_judge *j, u64 now_ns);
bool ag_judge_may_switch(struct ag_judge *j, u32 switch_us, u64 now_ns);
s32 ag_judge_phase(struct ag_judge *j, s32 phase, u64 now_ns);
s32 ag_judge_clock(struct ag_judge *j, const struct ag_judge_case *c, s32 khz);
s32 ag_judge_idle(struct ag_judge *j, s32 delay_ms, u64 now_ns);
void ag_judge_guard(struct ag_judge *j, bool engaged, u64 now_ns);
void ag_judge_time(struct ag_judge *j, u64 took_ns, u32 limit_ms, u64 now_ns);
void ag_judge_note(struct ag_judge *j, s32 asked, s32 granted, u32 phase,
		   u64 now_ns);
const char *ag_offence_name(enum accelgov_offence offence);

/**
 * ag_judge_guilty() - has the policy used up an error budget?
 * @j: state
 *
 * Return: true when it has, and has to go.
 */
static inline bool ag_judge_guilty(const struct ag_judge *j)
{
	return j->guilty != ACCELGOV_OFFENCE_NR;
}

#endif /* _AG_JUDGE_H */
