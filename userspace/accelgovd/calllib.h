/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgovd - probes on one vendor's library file, and how much of the time
 */
#ifndef ACCELGOVD_CALLLIB_H
#define ACCELGOVD_CALLLIB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "callmap.h"

/* From one decision about a group to the next. */
#define CALLLIB_WINDOW_US	2000000ULL
/*
 * What the hits of one group of one library may cost, of one CPU; all together have
 * struct callbudget.
 */
#define CALLLIB_BUDGET_PERMILLE	5

struct bpf_link;
struct calls_bpf;

/**
 * struct calllib_group - functions that are probed together
 * @nr: how many there are; 0 for none
 * @offset: in the file
 * @cookie: of each
 * @nr_ends: how many are followed to their end
 * @end: offsets of those
 * @begin_link: probes at their beginning, NULL while there are none
 * @end_link: probes at their end
 * @sampled: probed for a part of each window only
 * @due_us: when they are probed again, 0 for not planned
 * @since_us: when they were last probed, CLOCK_MONOTONIC
 * @on_us: for how long they were, until then
 * @window_on_us: @on_us when the window began
 * @window_hits: hits when the window began
 * @hits: until the last look
 * @gaps: how often they were left alone
 * @switch_ns: how long it took to begin and end all that
 * @turn_ns: CPU time of that: most of the rest is waiting for other CPUs
 * @window_turn_ns: @turn_ns when the window began
 * @would_ns: what a window of probes would cost, as seen last
 * @skipped: too little is left for it in this window
 * @stepped: some have to be probed at an instruction that the kernel has to step over,
 *	which takes a second trap
 * @error: why they can't be probed, a negative errno
 */
struct calllib_group {
	size_t nr;
	unsigned long offset[CALLMAP_FUNCTIONS];
	__u64 cookie[CALLMAP_FUNCTIONS];
	size_t nr_ends;
	unsigned long end[CALLMAP_FUNCTIONS];
	struct bpf_link *begin_link;
	struct bpf_link *end_link;
	bool sampled;
	uint64_t due_us;
	uint64_t since_us;
	uint64_t on_us;
	uint64_t window_on_us;
	uint64_t window_hits;
	uint64_t hits;
	uint64_t gaps;
	uint64_t switch_ns;
	uint64_t turn_ns;
	uint64_t window_turn_ns;
	uint64_t would_ns;
	bool skipped;
	bool stepped;
	int error;
};

/**
 * struct calllib - a library file
 * @used: this place is taken
 * @index: number of this place
 * @dev: device that it lies on
 * @ino: its number there
 * @fd: the file, so that it stays what it is whatever becomes of its name
 * @map: what it is
 * @path: as the process that was seen first has it
 * @group: its functions
 */
struct calllib {
	bool used;
	uint32_t index;
	dev_t dev;
	ino_t ino;
	int fd;
	const struct callmap *map;
	char path[256];
	struct calllib_group group[CALLC_GROUPS];
};

/**
 * calllib_init() - find the functions of a file
 * @lib: @fd, @index and @map are set; groups are filled in
 *
 * Return: how many were found, or a negative errno, as elfsyms_find().
 */
int calllib_init(struct calllib *lib);

/**
 * calllib_begin() - probe a group
 * @lib: the library
 * @group: &enum callc_group
 * @bpf: loaded
 * @now_us: CLOCK_MONOTONIC
 *
 * May take long: the kernel visits all processes that have the file mapped.
 *
 * Return: 0, also when it is probed already; or a negative errno.
 */
int calllib_begin(struct calllib *lib, int group, struct calls_bpf *bpf,
		  uint64_t now_us);

/**
 * calllib_end() - leave a group alone
 * @lib: the library
 * @group: &enum callc_group
 * @now_us: CLOCK_MONOTONIC
 *
 * Calls that were begun and whose end is now not seen are the caller's to end.
 */
void calllib_end(struct calllib *lib, int group, uint64_t now_us);

/**
 * calllib_on_us() - for how long has a group been probed
 * @group: the group
 * @now_us: CLOCK_MONOTONIC
 *
 * Return: microseconds in all.
 */
uint64_t calllib_on_us(const struct calllib_group *group, uint64_t now_us);

/**
 * calllib_spent_ns() - what a group has cost since its window began
 * @group: the group
 * @hits: so far
 * @cost_ns: of a hit
 *
 * Return: hits, and beginning and ending the probes.
 */
uint64_t calllib_spent_ns(const struct calllib_group *group, uint64_t hits,
			  uint64_t cost_ns);

/**
 * calllib_would_ns() - what it would have cost, had it been probed all the time
 * @group: the group; keeps that for windows in which it is not probed
 * @hits: so far
 * @cost_ns: of a hit
 * @now_us: CLOCK_MONOTONIC
 *
 * Return: nanoseconds.
 */
uint64_t calllib_would_ns(struct calllib_group *group, uint64_t hits,
			  uint64_t cost_ns, uint64_t now_us);

/**
 * calllib_plan() - a window of a group begins
 * @group: the group
 * @hits: so far
 * @budget: hits that a window may have, 0 for none: it is left alone then
 * @now_us: CLOCK_MONOTONIC
 *
 * A group that is probed for a part of the window begins at a random time in it, so
 * that its part is no particular one of what repeats. It is probed for the whole
 * window again when its hits would be half of the budget then.
 *
 * Return: when to begin, 0 for not at all because it is probed, or there is nothing to
 * probe.
 */
uint64_t calllib_plan(struct calllib_group *group, uint64_t hits,
		      uint64_t budget, uint64_t now_us);

#endif /* ACCELGOVD_CALLLIB_H */
