// SPDX-License-Identifier: GPL-2.0
/*
 * accelgovd - probes on one vendor's library file, and how much of the time
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "calllib.h"
#include "calls.skel.h"
#include "elfsyms.h"
#include "probepoint.h"

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* When a turn of a group's probes began: by the wall, and by what this thread did. */
struct turn {
	uint64_t wall_ns;
	uint64_t cpu_ns;
};

static struct turn turn_begin(void)
{
	return (struct turn){ .wall_ns = clock_ns(CLOCK_MONOTONIC),
			      .cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) };
}

static void turn_end(const struct turn *t, struct calllib_group *g)
{
	g->switch_ns += clock_ns(CLOCK_MONOTONIC) - t->wall_ns;
	g->turn_ns += clock_ns(CLOCK_THREAD_CPUTIME_ID) - t->cpu_ns;
}

/* A file that ends there is none of which a process calls something there. */
static struct probepoint point_of(int fd, uint64_t offset)
{
	uint8_t code[PROBEPOINT_CODE];
	ssize_t len = pread(fd, code, sizeof(code), offset);

	return probepoint_find(code, len > 0 ? len : 0);
}

static void add(struct calllib *lib, const struct callmap_function *function,
		uint64_t offset)
{
	struct calllib_group *g = &lib->group[function->group];
	struct probepoint point = point_of(lib->fd, offset);
	uint32_t meter = CALLC_METER_OF(lib->index, function->group);

	offset += point.skip;
	g->offset[g->nr] = offset;
	g->cookie[g->nr++] = function->cookie | CALLC_COOKIE_METER(meter);
	g->stepped |= point.stepped;
	if (callmap_ends(function->cookie))
		g->end[g->nr_ends++] = offset;
}

int calllib_init(struct calllib *lib)
{
	struct elfsym syms[CALLMAP_FUNCTIONS];
	size_t nr, i;
	int found;

	for (nr = 0; lib->map->function[nr].name; nr++)
		syms[nr].name = lib->map->function[nr].name;
	found = elfsyms_find(lib->fd, syms, nr);
	for (i = 0; found > 0 && i < nr; i++)
		if (syms[i].offset)
			add(lib, &lib->map->function[i], syms[i].offset);
	return found;
}

/* The file itself, by whatever name; it may have none any more. */
static int attach(struct calllib *lib, struct bpf_program *prog,
		  const unsigned long *offsets, const __u64 *cookies, size_t nr,
		  struct bpf_link **ret_link)
{
	LIBBPF_OPTS(bpf_uprobe_multi_opts, opts, .offsets = offsets,
		    .cookies = cookies, .cnt = nr, .retprobe = !cookies);
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", lib->fd);
	*ret_link = bpf_program__attach_uprobe_multi(prog, -1, path, NULL, &opts);
	return *ret_link ? 0 : -errno;
}

int calllib_begin(struct calllib *lib, int group, struct calls_bpf *bpf,
		  uint64_t now_us)
{
	struct calllib_group *g = &lib->group[group];
	struct turn turn = turn_begin();
	int ret = 0;

	g->due_us = 0;
	if (!g->nr || g->begin_link)
		return 0;
	/* No beginning without its end. */
	if (g->nr_ends)
		ret = attach(lib, bpf->progs.accelgov_call_end, g->end, NULL,
			     g->nr_ends, &g->end_link);
	if (!ret)
		ret = attach(lib, bpf->progs.accelgov_call_begin, g->offset,
			     g->cookie, g->nr, &g->begin_link);
	if (ret) {
		bpf_link__destroy(g->end_link);
		g->end_link = NULL;
	} else {
		g->since_us = now_us;
	}
	g->error = ret;
	turn_end(&turn, g);
	return ret;
}

void calllib_end(struct calllib *lib, int group, uint64_t now_us)
{
	struct calllib_group *g = &lib->group[group];
	struct turn turn = turn_begin();

	g->due_us = 0;
	if (!g->begin_link)
		return;
	g->on_us = calllib_on_us(g, now_us);
	bpf_link__destroy(g->begin_link);
	bpf_link__destroy(g->end_link);
	g->begin_link = NULL;
	g->end_link = NULL;
	g->gaps++;
	turn_end(&turn, g);
}

uint64_t calllib_on_us(const struct calllib_group *group, uint64_t now_us)
{
	if (!group->begin_link || now_us < group->since_us)
		return group->on_us;
	return group->on_us + now_us - group->since_us;
}

uint64_t calllib_spent_ns(const struct calllib_group *group, uint64_t hits,
			  uint64_t cost_ns)
{
	return (hits - group->window_hits) * cost_ns + group->turn_ns -
	       group->window_turn_ns;
}

uint64_t calllib_would_ns(struct calllib_group *group, uint64_t hits,
			  uint64_t cost_ns, uint64_t now_us)
{
	uint64_t part_us = calllib_on_us(group, now_us) - group->window_on_us;
	uint64_t some = hits - group->window_hits;

	if (part_us)
		group->would_ns = (unsigned __int128)some * cost_ns *
				  CALLLIB_WINDOW_US / part_us;
	return group->would_ns;
}

/* Where in the window: it has to fit in as it did the last time. */
static uint64_t start_of(uint64_t part_us)
{
	uint64_t room_us;

	room_us = part_us < CALLLIB_WINDOW_US ? CALLLIB_WINDOW_US - part_us : 1;
	return 1 + (uint64_t)random() * 1000 % room_us;
}

uint64_t calllib_plan(struct calllib_group *group, uint64_t hits,
		      uint64_t budget, uint64_t now_us)
{
	uint64_t on_us = calllib_on_us(group, now_us);
	uint64_t part_us = on_us - group->window_on_us;
	uint64_t some = hits - group->window_hits;

	group->window_on_us = on_us;
	group->window_hits = hits;
	group->window_turn_ns = group->turn_ns;
	group->hits = hits;
	group->skipped = !budget;
	if (group->sampled && part_us &&
	    some * CALLLIB_WINDOW_US / part_us < budget / 2)
		group->sampled = false;
	if (!group->nr || group->begin_link)
		return 0;
	if (group->skipped) {
		/* What it misses is missed, whatever it would have been. */
		group->sampled = true;
		group->due_us = 0;
		return 0;
	}
	group->due_us = now_us;
	if (group->sampled)
		group->due_us += start_of(part_us);
	return group->due_us;
}
