/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _AG_PARTS_H
#define _AG_PARTS_H

#include "types.h"
#include "sample.h"

/* An engine that is busy for less rests. */
#define AG_QUIET_PERMILLE	50

/**
 * struct ag_parts - a window brought to its busy part, per mille
 * @busy: the part of it that was busy
 * @compute: activity of the arithmetic pipes
 * @memory: activity of memory
 * @link: activity of the interconnect, as far as pipes leave time for it
 * @host: activity of the host's link
 * @activity: pipes and memory together
 * @compute_top: @compute at the top clock, if arithmetic was what set the rate
 * @memory_top: @memory at the top clock, if arithmetic was what set the rate
 * @memory_left: the same of the time that the link leaves, where pipes are not counted
 * @clock: of the window, against the top clock
 */
struct ag_parts {
	u32 busy;
	u32 compute;
	u32 memory;
	u32 link;
	u32 host;
	u32 activity;
	u32 compute_top;
	u32 memory_top;
	u32 memory_left;
	u32 clock;
};

void ag_parts_of(const struct ag_rates *r, u32 khz, u32 top_khz,
		 struct ag_parts *p);
u32 ag_memory_at(u32 memory, u32 to_permille);

#endif /* _AG_PARTS_H */
