/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _AG_MIX_H
#define _AG_MIX_H

#include "types.h"
#include "accelgov.h"

/*
 * Two slots for each known phase: while it is young, and when it has lasted. One
 * for waits of any kind whose end is foreseen.
 */
#define AG_SLOT_FORESEEN	(2 * (ACCELGOV_PHASE_NR - 1))
#define AG_SLOT_NR		(AG_SLOT_FORESEEN + 1)
/* Weights of a row add up to about this. */
#define AG_MIX_ONE		4096

/**
 * struct ag_mix - what really ran at the clock of each slot
 * @us: work by slot whose clock was in force, and by phase; decayed
 * @decayed_ns: when @us was last decayed
 */
struct ag_mix {
	u32 us[AG_SLOT_NR][ACCELGOV_PHASE_NR];
	u64 decayed_ns;
};

/**
 * ag_slot() - slot of a phase
 * @phase: phase; an unknown one goes with arithmetic
 * @old: it has lasted for a while
 *
 * Return: the slot, below %AG_SLOT_NR.
 */
static inline u32 ag_slot(enum accelgov_phase phase, bool old)
{
	u32 known = max_t(u32, phase, ACCELGOV_PHASE_COMPUTE);

	return 2 * (known - ACCELGOV_PHASE_COMPUTE) + old;
}

/**
 * ag_slot_phase() - phase of a slot
 * @slot: slot
 *
 * Return: the phase.
 */
static inline enum accelgov_phase ag_slot_phase(u32 slot)
{
	if (slot == AG_SLOT_FORESEEN)
		return ACCELGOV_PHASE_LINK;
	return slot / 2 + ACCELGOV_PHASE_COMPUTE;
}

void ag_mix_init(struct ag_mix *m, u64 now_ns);
void ag_mix_add(struct ag_mix *m, u32 slot, enum accelgov_phase phase, u32 us,
		u64 now_ns);
u64 ag_mix_us(const struct ag_mix *m, u32 slot);
void ag_mix_row(const struct ag_mix *m, u32 slot,
		u32 weight[ACCELGOV_PHASE_NR]);

#endif /* _AG_MIX_H */
