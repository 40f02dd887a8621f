// SPDX-License-Identifier: GPL-2.0
/*
 * accelgovd - ticks: clock events that devices share
 *
 * A device that joins makes its tick's record longer, one that leaves has the last
 * member take its place. A device whose period changes joins another tick before it
 * leaves its own, so it is never without one.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "pmu.h"
#include "ticks.h"

static int open_clock(int cpu, uint32_t period_us)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.sample_period = (uint64_t)period_us * 1000,
		.disabled = 1,
	};

	return perf_open(&attr, cpu);
}

static int start(const struct ticks *ticks, uint32_t nr, struct tick *t,
		 char *err, size_t err_size)
{
	LIBBPF_OPTS(bpf_perf_event_opts, opts, .bpf_cookie = nr);
	int ret;

	t->event = open_clock(t->cpu, t->period_us);
	if (t->event < 0) {
		snprintf(err, err_size, "can't open a clock event on CPU %d: %s",
			 t->cpu, strerror(-t->event));
		return t->event;
	}
	t->link = bpf_program__attach_perf_event_opts(ticks->program, t->event,
						      &opts);
	if (t->link)
		return 0;
	ret = -errno;
	close(t->event);
	snprintf(err, err_size, "can't attach the BPF program: %s",
		 strerror(-ret));
	return ret;
}

/* Takes the event along. */
static void stop(struct tick *t)
{
	bpf_link__destroy(t->link);
	*t = (struct tick){ 0 };
}

/* One with room, else a free one; there are as many as slots. */
static uint32_t find(const struct ticks *ticks, int cpu, uint32_t period_us)
{
	uint32_t i, free = COLLECTOR_SLOTS;

	for (i = 0; i < COLLECTOR_SLOTS; i++) {
		const struct tick *t = &ticks->tick[i];

		if (!t->link && free == COLLECTOR_SLOTS)
			free = i;
		if (t->link && t->cpu == cpu && t->period_us == period_us &&
		    t->shared.nr < COLLECTOR_TICK_SLOTS)
			return i;
	}
	return free;
}

static int publish(const struct ticks *ticks, uint32_t nr,
		   const struct collector_tick *shared)
{
	return bpf_map_update_elem(ticks->map, &nr, shared, BPF_ANY);
}

int ticks_join(struct ticks *ticks, uint32_t slot, int cpu, uint32_t period_us,
	       char *err, size_t err_size)
{
	uint32_t nr = find(ticks, cpu, period_us);
	struct collector_tick shared;
	struct tick *t;
	int ret;

	if (nr == COLLECTOR_SLOTS) {
		snprintf(err, err_size, "all %d clock events are in use",
			 COLLECTOR_SLOTS);
		return -ENOSPC;
	}
	t = &ticks->tick[nr];
	shared = t->shared;
	shared.slot[shared.nr++] = slot;
	ret = publish(ticks, nr, &shared);
	if (ret) {
		snprintf(err, err_size, "can't fill the ticks map: %s",
			 strerror(-ret));
		return ret;
	}
	t->shared = shared;
	if (t->link)
		return nr;
	t->cpu = cpu;
	t->period_us = period_us;
	ret = start(ticks, nr, t, err, err_size);
	if (!ret)
		return nr;
	*t = (struct tick){ 0 };
	return ret;
}

void ticks_leave(struct ticks *ticks, int nr, uint32_t slot)
{
	struct tick *t = &ticks->tick[nr];
	uint32_t i;

	if (t->shared.nr == 1) {
		stop(t);
		return;
	}
	for (i = 0; t->shared.slot[i] != slot; i++)
		;
	t->shared.slot[i] = t->shared.slot[--t->shared.nr];
	/* An array's element can always be written. */
	publish(ticks, nr, &t->shared);
}
