// SPDX-License-Identifier: GPL-2.0
/*
 * Judge: what a loaded policy may get wrong, and for how long
 *
 * Observation. Whoever loads a policy is trusted to mean well and not to be
 * right. The books, the guard and the limits hold whatever it asks for, so a
 * single bad answer harms nobody; but a policy that goes on answering badly
 * leaves the device worse off than the built-in one would, and has to go. A
 * machine that stalls for a moment, or a model that is off after a change of
 * load, must not end a good policy.
 *
 * Model. Six kinds of offence, each with a bucket of its own: an offence adds
 * points, time takes them out again one by one, and a full bucket is the end.
 *
 *	kind	an offence is				points	full	forgiven
 *	phase	a phase that does not exist		1	32	1 a second
 *	clock	a clock that is no operating point	1	32	1 a second
 *	idle	a delay below zero			1	8	1 in 10 s
 *	switch	a change of clock that was not due	1	64	1 a second
 *	budget	the guard had to engage			1	4	1 a minute
 *	slow	a callback over its time limit		1 per	8	1 a second
 *						multiple of it
 *
 * Algorithm.
 *  1. What a callback returns is brought into bounds before anything else sees
 *     it: a phase that does not exist is left to the built-in classifier, a
 *     clock that is no operating point becomes the next lower one, a delay below
 *     zero is left to the built-in policy.
 *  2. Changing the clock costs switch_us, as measured on this device. A policy
 *     may spend AG_SWITCH_SHARE of its time on that: it gains one change each
 *     switch_us * AG_SWITCH_SHARE and can save up AG_SWITCH_BURST of them. A
 *     change without one in hand is refused, and the clock stays.
 *  3. When the guard engages while a policy decides, the slowdown is its doing.
 *  4. The last AG_JUDGE_HISTORY decisions are kept.
 *
 * Constants. At the usual hundred windows a second, a policy that always answers
 * garbage is gone after a third of a second, one that does so once a second stays for
 * ever. A quarter of the time: the clock is on its way for no more of it, so three
 * quarters at least run at a clock that was asked for. Four engagements of the guard
 * with a minute to forgive each are more than a policy can have that keeps its promise
 * over the ledger's horizon of 60 s (guard.c).
 */
#include "judge.h"

#define AG_SWITCH_SHARE		4
#define AG_SWITCH_BURST		8

static const struct {
	const char *name;
	u32 full;
	u64 forgive_ns;
} ag_offences[ACCELGOV_OFFENCE_NR] = {
	[ACCELGOV_OFFENCE_PHASE] = { "phase", 32, NSEC_PER_SEC },
	[ACCELGOV_OFFENCE_CLOCK] = { "clock", 32, NSEC_PER_SEC },
	[ACCELGOV_OFFENCE_IDLE] = { "idle", 8, 10ULL * NSEC_PER_SEC },
	[ACCELGOV_OFFENCE_SWITCH] = { "switch", 64, NSEC_PER_SEC },
	[ACCELGOV_OFFENCE_BUDGET] = { "budget", 4, 60ULL * NSEC_PER_SEC },
	[ACCELGOV_OFFENCE_SLOW] = { "slow", 8, NSEC_PER_SEC },
};

/**
 * ag_offence_name() - what users read for a kind of offence
 * @offence: kind
 *
 * Return: a constant text.
 */
const char *ag_offence_name(enum accelgov_offence offence)
{
	return offence < ACCELGOV_OFFENCE_NR ? ag_offences[offence].name :
					       "none";
}

/**
 * ag_judge_init() - a policy begins with a clean record
 * @j: state
 * @now_ns: time
 */
void ag_judge_init(struct ag_judge *j, u64 now_ns)
{
	int i;

	memset(j, 0, sizeof(*j));
	for (i = 0; i < ACCELGOV_OFFENCE_NR; i++)
		j->forgiven_ns[i] = now_ns;
	j->switches = AG_SWITCH_BURST;
	j->switch_ns = now_ns;
	j->guilty = ACCELGOV_OFFENCE_NR;
	j->worst = ACCELGOV_OFFENCE_NR;
}

/* Steps of @step_ns since *@last_ns, at most @most; moves *@last_ns along. */
static u32 ag_steps(u64 *last_ns, u64 step_ns, u64 now_ns, u32 most)
{
	u64 passed_ns = now_ns - min_t(u64, now_ns, *last_ns);
	u64 steps = div64_u64(passed_ns, step_ns);

	if (steps >= most) {
		*last_ns = now_ns;
		return most;
	}
	*last_ns += steps * step_ns;
	return (u32)steps;
}

static void ag_judge_offend(struct ag_judge *j, enum accelgov_offence kind,
			    u32 points, u64 now_ns)
{
	u32 full = ag_offences[kind].full;
	u32 *has = &j->points[kind];

	*has -= ag_steps(&j->forgiven_ns[kind], ag_offences[kind].forgive_ns,
			 now_ns, *has);
	*has = min_t(u32, *has + min_t(u32, points, full), full);
	j->count[kind]++;
	j->worst = kind;
	if (*has == full && !ag_judge_guilty(j))
		j->guilty = kind;
}

/**
 * ag_judge_may_switch() - would a change of the clock be granted now?
 * @j: state
 * @switch_us: what a change costs on this device
 * @now_ns: time
 *
 * Return: true when it would; asking costs nothing.
 */
bool ag_judge_may_switch(struct ag_judge *j, u32 switch_us, u64 now_ns)
{
	u64 step_ns = max_t(u64, switch_us, 1) * AG_SWITCH_SHARE *
		      NSEC_PER_USEC;

	j->switches += ag_steps(&j->switch_ns, step_ns, now_ns,
				AG_SWITCH_BURST - j->switches);
	return j->switches;
}

/**
 * ag_judge_phase() - bring a phase into bounds
 * @j: state
 * @phase: as classify() returned it
 * @now_ns: time
 *
 * Return: the phase, or %ACCELGOV_BUILTIN.
 */
s32 ag_judge_phase(struct ag_judge *j, s32 phase, u64 now_ns)
{
	if (phase == ACCELGOV_BUILTIN)
		return phase;
	/* Unknown means that signals are missing, and they are not. */
	if (phase > ACCELGOV_PHASE_UNKNOWN && phase < ACCELGOV_PHASE_NR)
		return phase;
	ag_judge_offend(j, ACCELGOV_OFFENCE_PHASE, 1, now_ns);
	return ACCELGOV_BUILTIN;
}

/* The operating point at or below. */
static u32 ag_judge_point(struct ag_judge *j, const struct ag_judge_case *c,
			  s32 khz)
{
	const struct ag_opp_table *t = c->opp;
	u32 point = t->khz[ag_opp_floor(t, khz > 0 ? (u32)khz : 0)];

	if (khz < 0 || point != (u32)khz)
		ag_judge_offend(j, ACCELGOV_OFFENCE_CLOCK, 1, c->now_ns);
	return point;
}

/* May the clock become @khz? Takes a switch from what is in hand. */
static bool ag_judge_switch(struct ag_judge *j, const struct ag_judge_case *c,
			    u32 khz)
{
	if (!j->khz || khz == j->khz)
		return true;
	if (ag_judge_may_switch(j, c->switch_us, c->now_ns)) {
		j->switches--;
		return true;
	}
	ag_judge_offend(j, ACCELGOV_OFFENCE_SWITCH, 1, c->now_ns);
	return false;
}

/**
 * ag_judge_clock() - bring a clock into bounds
 * @j: state
 * @c: what the policy decided about
 * @khz: as select() returned it
 *
 * Changes between the built-in policy's clock and another are changes as well;
 * only what the built-in policy does with phases that it named is its own.
 *
 * Return: an operating point, or %ACCELGOV_BUILTIN.
 */
s32 ag_judge_clock(struct ag_judge *j, const struct ag_judge_case *c, s32 khz)
{
	bool builtin = khz == ACCELGOV_BUILTIN;
	u32 point;

	if (khz == ACCELGOV_HOLD)
		return j->khz && j->own ? (s32)j->khz : ACCELGOV_BUILTIN;
	if (builtin && !j->own && !c->imposed) {
		j->khz = c->builtin_khz;
		return khz;
	}
	point = builtin ? c->builtin_khz : ag_judge_point(j, c, khz);
	if (!ag_judge_switch(j, c, point))
		return (s32)j->khz;
	j->khz = point;
	j->own = !builtin || c->imposed;
	return builtin ? khz : (s32)point;
}

/**
 * ag_judge_idle() - bring an autosuspend delay into bounds
 * @j: state
 * @delay_ms: as idle_select() returned it
 * @now_ns: time
 *
 * Return: the delay, %ACCELGOV_NEVER, or %ACCELGOV_BUILTIN.
 */
s32 ag_judge_idle(struct ag_judge *j, s32 delay_ms, u64 now_ns)
{
	if (delay_ms >= 0 || delay_ms == ACCELGOV_BUILTIN)
		return delay_ms;
	ag_judge_offend(j, ACCELGOV_OFFENCE_IDLE, 1, now_ns);
	return ACCELGOV_BUILTIN;
}

/**
 * ag_judge_guard() - hold a policy that chooses clocks responsible for the guard
 * @j: state
 * @engaged: the guard is engaged
 * @now_ns: time
 */
void ag_judge_guard(struct ag_judge *j, bool engaged, u64 now_ns)
{
	/* Engaged before its first decision: somebody else's doing. */
	if (engaged && !j->engaged && j->own)
		ag_judge_offend(j, ACCELGOV_OFFENCE_BUDGET, 1, now_ns);
	j->engaged = engaged;
}

/**
 * ag_judge_time() - hold a callback's time against its limit
 * @j: state
 * @took_ns: how long it took
 * @limit_ms: how long it may take
 * @now_ns: time
 */
void ag_judge_time(struct ag_judge *j, u64 took_ns, u32 limit_ms, u64 now_ns)
{
	u64 times = div64_u64(took_ns, limit_ms * 1ULL * NSEC_PER_MSEC);

	if (times)
		ag_judge_offend(j, ACCELGOV_OFFENCE_SLOW,
				(u32)min_t(u64, times, U32_MAX), now_ns);
}

/**
 * ag_judge_note() - write a decision down; the next window begins
 * @j: state
 * @asked: as select() returned it
 * @granted: what ag_judge_clock() made of it
 * @phase: phase of the window
 * @now_ns: end of the window
 */
void ag_judge_note(struct ag_judge *j, s32 asked, s32 granted, u32 phase,
		   u64 now_ns)
{
	struct ag_verdict *v = &j->last[j->nr % AG_JUDGE_HISTORY];

	v->time_ns = now_ns;
	v->asked = asked;
	v->got_khz = granted > 0 ? (u32)granted : 0;
	v->phase = (u8)phase;
	v->offence = j->worst;
	j->nr++;
	j->worst = ACCELGOV_OFFENCE_NR;
}
