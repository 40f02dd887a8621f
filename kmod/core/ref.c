// SPDX-License-Identifier: GPL-2.0
/*
 * Reference: the clock that a board holds when nobody slows it
 *
 * Observation. A board may not hold its top clock: its own power limit keeps GPT-3 on
 * an A100 near 1370 MHz when 1410 is asked for. Slowdown is meant against what the
 * hardware does by itself, and no clock wins back what it does not do. A lower limit
 * set from outside, or heat, is the same to a job.
 *
 * Algorithm, for each phase, since they draw different power.
 *  1. The reference is the mean of the effective clocks seen while the top clock was
 *     asked for and had come, the newest with a weight of a quarter. A power limit lets
 *     light windows have more than heavy ones; where sensors are slow, both carry one
 *     name, and their mean is what the job loses against. A clock above the reference
 *     counts whatever was asked for.
 *  2. A clock that is higher by 1/AG_REF_FREED_DIV says that whatever held the board has
 *     let it go, and not what the board holds now, for less than the top may have been
 *     asked for: all references that are lower are forgotten, and the top is the
 *     reference until it was tried.
 *  3. So that such a clock can be seen, the core probes while the reference is below
 *     the top (core.c). Where phases are too short for a probe, a reference that is low
 *     and was not seen for long has all of them tried at the top (ag_sens_doubts_ref()):
 *     without that, work in phases of 50 ms went on at half its rate for good after 40 s
 *     at 200 W, for plans do not go above a reference.
 *
 * Constants. A sixteenth is six times what two windows at one clock may differ by
 * (sens.c), and less than what a power limit that matters takes away.
 */
#include "sens.h"

/**
 * ag_sens_ref_khz() - clock that slowdown is measured against
 * @s: state
 * @phase: phase
 * @t: operating points
 *
 * Return: what the board holds when the top clock is asked for.
 */
u32 ag_sens_ref_khz(const struct ag_sens *s, enum accelgov_phase phase,
		    const struct ag_opp_table *t)
{
	u32 khz = s->phase[phase].ref_khz;

	return khz ? min_t(u32, khz, ag_opp_top_khz(t)) : ag_opp_top_khz(t);
}

/*
 * A clock well above the reference: whatever held the board has let it go. What it
 * holds now, in this phase and in others, the top clock alone can tell.
 */
static void ag_ref_freed(struct ag_sens *s, u32 khz)
{
	int i;

	for (i = 0; i < ACCELGOV_PHASE_NR; i++)
		if (s->phase[i].ref_khz < khz)
			s->phase[i].ref_khz = 0;
}

/**
 * ag_sens_learn_ref() - a window that surely belongs to a phase ran at a clock
 * @s: state
 * @phase: phase
 * @khz: effective clock
 * @now_ns: its end
 * @at_top: the top clock was asked for, and had time to come
 */
void ag_sens_learn_ref(struct ag_sens *s, enum accelgov_phase phase, u32 khz,
		       u64 now_ns, bool at_top)
{
	u32 *ref = &s->phase[phase].ref_khz;

	if (at_top)
		s->phase[phase].held_ns = now_ns;
	if (*ref && khz > *ref + *ref / AG_REF_FREED_DIV)
		ag_ref_freed(s, khz);
	if (*ref && (at_top || khz > *ref))
		*ref = (u32)((3ULL * *ref + khz) / 4);
	else if (at_top)
		*ref = khz;
}

/**
 * ag_sens_forget_ref() - no longer know what the board holds
 * @s: state
 */
void ag_sens_forget_ref(struct ag_sens *s)
{
	int i;

	for (i = 0; i < ACCELGOV_PHASE_NR; i++)
		s->phase[i].ref_khz = 0;
	s->pending_top = false;
}

/**
 * ag_sens_doubts_ref() - is it long ago that the board was seen held back in a phase?
 * @s: state
 * @phase: phase
 * @khz: a reference from here on is no sign of a board that is held back
 * @before_ns: the top clock was asked for before this time at the latest
 *
 * Return: false as well when it is not known to be held back.
 */
bool ag_sens_doubts_ref(const struct ag_sens *s, enum accelgov_phase phase,
			u32 khz, u64 before_ns)
{
	const struct ag_sens_phase *p = &s->phase[phase];

	return p->ref_khz && p->ref_khz < khz && p->held_ns < before_ns;
}
