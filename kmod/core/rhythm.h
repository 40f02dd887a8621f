/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _AG_RHYTHM_H
#define _AG_RHYTHM_H

#include "types.h"

#define AG_RHYTHM_LAGS	48

/**
 * struct ag_rhythm - how much a signal resembles its own past
 * @slot_ns: resolution
 * @filled_ns: part of the running slot that is over
 * @sum: value times nanoseconds in it
 * @past: the last slots against @mean, a ring
 * @works: something was done in the running slot
 * @slots: slots seen so far in which something was done, saturating
 * @at: where the next one goes
 * @mean: of the signal, times 64
 * @like: product of the signal and its past, by distance, decayed mean; the
 *	first one is its variance
 * @candidate_ms: what the last look saw, 0 for nothing
 * @period_ms: period found by two looks in a row, 0 for none
 * @strength: likeness at that distance, per mille
 */
struct ag_rhythm {
	u32 slot_ns;
	u32 filled_ns;
	u64 sum;
	s16 past[AG_RHYTHM_LAGS];
	bool works;
	u32 slots;
	u32 at;
	s32 mean;
	s32 like[AG_RHYTHM_LAGS];
	u32 candidate_ms;
	u32 period_ms;
	u32 strength;
};

void ag_rhythm_init(struct ag_rhythm *r, u32 slot_ms);
void ag_rhythm_add(struct ag_rhythm *r, u32 value, u64 ns);
void ag_rhythm_pause(struct ag_rhythm *r, u64 ns);

#endif /* _AG_RHYTHM_H */
