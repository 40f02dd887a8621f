/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgovd - ticks: clock events that devices share
 */
#ifndef ACCELGOVD_TICKS_H
#define ACCELGOVD_TICKS_H

#include <stddef.h>
#include <stdint.h>

#include "../../bpf/collector.h"

struct bpf_link;
struct bpf_program;

/**
 * struct tick - one clock event
 * @link: the program on it; NULL when this entry is free
 * @event: the perf event, belongs to @link
 * @cpu: where it fires
 * @period_us: how often
 * @shared: what the program reads
 */
struct tick {
	struct bpf_link *link;
	int event;
	int cpu;
	uint32_t period_us;
	struct collector_tick shared;
};

/**
 * struct ticks - all clock events of one program
 * @program: that they run
 * @map: of struct collector_tick
 * @tick: as many as there can be devices, each of which may have a period of its own
 *
 * Devices on one CPU that are sampled at the same distance share a tick, eight at
 * most. When devices go, ticks are not merged; who comes next fills the gaps.
 */
struct ticks {
	const struct bpf_program *program;
	int map;
	struct tick tick[COLLECTOR_SLOTS];
};

/**
 * ticks_join() - have a slot collected
 * @ticks: all clock events
 * @slot: number of a filled record in the slots map
 * @cpu: where
 * @period_us: how often
 * @err: gets what failed and why, on failure
 * @err_size: of @err
 *
 * Return: number of the tick, or a negative errno.
 */
int ticks_join(struct ticks *ticks, uint32_t slot, int cpu, uint32_t period_us,
	       char *err, size_t err_size);

/**
 * ticks_leave() - don't any more
 * @ticks: all clock events
 * @nr: of the tick that has the slot
 * @slot: number of the slot
 *
 * The last one takes the clock event along. When others stay, a run of the program that
 * has begun already may still be at the slot when this returns.
 */
void ticks_leave(struct ticks *ticks, int nr, uint32_t slot);

#endif /* ACCELGOVD_TICKS_H */
