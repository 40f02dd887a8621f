/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _AG_FORESEE_H
#define _AG_FORESEE_H

#include "types.h"
#include "accelgov.h"

#define AG_FORESEE_PAST	24
/* Lengths are kept in quarters of a millisecond, up to 16 s. */
#define AG_WAIT_UNIT_US	250

/**
 * struct ag_wait - a wait that is over, and what came before it
 * @work: work between the wait before it and this one, in AG_WAIT_UNIT_US
 * @before: length of the wait before it, likewise
 * @length: its own length, likewise
 * @phase: what it waited for first
 * @after: phase that followed
 */
struct ag_wait {
	u16 work;
	u16 before;
	u16 length;
	u8 phase;
	u8 after;
};

/**
 * struct ag_foresee - when the present wait will end
 * @past: waits that are over, a ring
 * @run: the present one, if @waiting; else what will be its past
 * @began_ns: when it began; while working, when work began
 * @at: where the next one goes in @past
 * @expect_us: expected length of the present wait, 0 for unknown
 * @expect_after: phase that is expected to follow it
 * @error_us: by how much waits that were foreseen ended too early, decayed mean
 * @foreseen: waits that were foreseen in a row without a surprise, saturating
 * @waiting: a wait is running
 */
struct ag_foresee {
	struct ag_wait past[AG_FORESEE_PAST];
	struct ag_wait run;
	u64 began_ns;
	u32 at;
	u32 expect_us;
	u32 error_us;
	u32 foreseen;
	u8 expect_after;
	bool waiting;
};

bool ag_foresee_waits(enum accelgov_phase phase);
void ag_foresee_change(struct ag_foresee *f, enum accelgov_phase phase,
		       u64 since_ns, u32 window_us);
bool ag_foresee_deep(const struct ag_foresee *f, u64 now_ns, u32 lead_us);
bool ag_foresee_ending(const struct ag_foresee *f, u64 now_ns, u32 lead_us);

#endif /* _AG_FORESEE_H */
