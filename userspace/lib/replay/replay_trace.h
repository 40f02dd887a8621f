/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a device was given to do, item by item, and when.
 */
#ifndef _LIB_REPLAY_TRACE_H
#define _LIB_REPLAY_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../../kmod/sim/profile.h"
#include "../../../kmod/uapi/accelgov.h"
#include "../../../kmod/uapi/accelsim.h"
#include "clockplan.h"

/**
 * struct replay_step - an item, or a time in which nothing was queued
 * @start_ns: when it began
 * @kind: index of its kind
 * @label: &enum accelgov_phase, loaded idle for a gap
 */
struct replay_step {
	uint64_t start_ns;
	uint32_t kind;
	uint32_t label;
};

/**
 * struct replay_trace - steps in order
 * @steps: the steps
 * @nr: how many
 * @room: how many fit
 * @kinds: one item of each kind of work; the first stands for gaps
 * @nr_kinds: how many
 * @room_kinds: how many fit
 * @table: hash table of indices of @kinds plus 1, 0 for none
 * @room_table: its size, a power of 2
 */
struct replay_trace {
	struct replay_step *steps;
	size_t nr;
	size_t room;
	struct accelsim_item *kinds;
	size_t nr_kinds;
	size_t room_kinds;
	uint32_t *table;
	size_t room_table;
};

/**
 * replay_trace_add() - a step begins
 * @t: the trace
 * @item: the item, NULL when nothing is queued
 * @now_ns: when
 *
 * Return: 0 or -ENOMEM.
 */
int replay_trace_add(struct replay_trace *t, const struct accelsim_item *item,
		     uint64_t now_ns);

/**
 * replay_trace_kind() - kind of an item
 * @t: the trace
 * @item: the item, NULL for a gap
 *
 * Return: index of the kind, %UINT32_MAX when none was like it.
 */
uint32_t replay_trace_kind(const struct replay_trace *t,
			   const struct accelsim_item *item);

/**
 * struct replay_clocks - clocks that a plan chooses between
 * @opp: their indices, ascending
 * @dev: what a change costs
 */
struct replay_clocks {
	uint16_t opp[CLOCKPLAN_CLOCKS];
	struct clockplan_device dev;
};

/**
 * replay_clocks_pick() - at most so many clocks of a device
 * @chip: the device
 * @most: how many
 * @ret: lowest, highest, and of every stretch in between the one that is
 *	switched to fastest
 */
void replay_clocks_pick(const struct asim_chip *chip, uint32_t most,
			struct replay_clocks *ret);

/**
 * replay_trace_work() - the trace as input to a plan
 * @t: the trace
 * @chip: the device
 * @clocks: to choose between
 * @end_ns: end of the last step
 * @ret: the work, set on success only; to be freed
 *
 * Return: 0 or -ENOMEM.
 */
int replay_trace_work(const struct replay_trace *t,
		      const struct asim_chip *chip,
		      const struct replay_clocks *clocks, uint64_t end_ns,
		      struct clockplan_work *ret);

/**
 * replay_trace_work_free() - give the memory back
 * @w: the work
 */
void replay_trace_work_free(struct clockplan_work *w);

/**
 * replay_trace_free() - give the memory back and leave an empty trace
 * @t: the trace
 */
void replay_trace_free(struct replay_trace *t);

#endif /* _LIB_REPLAY_TRACE_H */
