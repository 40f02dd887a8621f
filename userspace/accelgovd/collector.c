// SPDX-License-Identifier: GPL-2.0
/*
 * accelgovd - BPF collectors: from a device's PMU to the module
 *
 * One BPF object serves all devices. Each device has a slot: a record in the
 * slots map, its counters in the perf event array, and a place in a tick (ticks.c),
 * the clock event that makes the program read it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "collector.h"
#include "collector.skel.h"
#include "ticks.h"

#define MODULE_BTF "/sys/kernel/btf/accelgov"

struct slot {
	bool used;
	int tick;
	int cpu;
	int drm;
	uint32_t signals;
	uint32_t period_us;
	uint64_t checked_us;
	uint64_t checked_runs;
	int rate_permille;
};

struct collector {
	struct collector_bpf *bpf;
	int drm_map;
	unsigned int used;
	unsigned int next;
	struct ticks ticks;
	struct slot slot[COLLECTOR_SLOTS];
};

static int __attribute__((format(printf, 4, 5)))
explain(char *err, size_t size, int ret, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(err, size, fmt, args);
	va_end(args);
	return ret;
}

int collector_new(int drm_map, struct collector **ret_collector)
{
	struct collector *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->drm_map = drm_map;
	*ret_collector = c;
	return 0;
}

struct collector *collector_free(struct collector *collector)
{
	int i;

	if (!collector)
		return NULL;
	for (i = 0; i < COLLECTOR_SLOTS; i++)
		collector_detach(collector, i);
	free(collector);
	return NULL;
}

/*
 * libbpf leaves a weak kfunc unresolved without a word, so look for the reasons
 * why it could be before loading.
 */
static int load(struct collector *c, char *err, size_t size)
{
	struct collector_bpf *bpf;
	int ret;

	if (access(MODULE_BTF, F_OK))
		return explain(err, size, -ENOENT,
			       "the module has no BTF (%s is missing): build it where pahole and the kernel's vmlinux are",
			       MODULE_BTF);
	bpf = collector_bpf__open();
	if (!bpf)
		return explain(err, size, -errno,
			       "can't open the BPF object: %s",
			       strerror(errno));
	ret = c->drm_map < 0 ? 0 :
	      bpf_map__reuse_fd(bpf->maps.drm_devices, c->drm_map);
	if (!ret)
		ret = collector_bpf__load(bpf);
	if (ret) {
		collector_bpf__destroy(bpf);
		return explain(err, size, ret,
			       "the kernel refused the BPF program: %s%s",
			       strerror(-ret), ret == -EPERM ?
			       "; CAP_BPF and CAP_PERFMON are needed" : "");
	}
	c->bpf = bpf;
	c->ticks.program = bpf->progs.accelgov_collect;
	c->ticks.map = bpf_map__fd(bpf->maps.ticks);
	return 0;
}

static void unload_unused(struct collector *c)
{
	if (c->used)
		return;
	collector_bpf__destroy(c->bpf);
	c->bpf = NULL;
}

static void drop_counters(struct collector *c, int nr, uint32_t signals)
{
	int map = bpf_map__fd(c->bpf->maps.counters);
	uint32_t signal, index;

	for (signal = 0; signal < ACCELGOV_SIG_NR; signal++) {
		if (!(signals & (1U << signal)))
			continue;
		index = COLLECTOR_INDEX(nr, signal);
		bpf_map_delete_elem(map, &index);
	}
}

/* The array keeps its own reference on each event. */
static int add_counter(struct collector *c, int nr, const struct pmu *pmu,
		       uint32_t signal, int cpu)
{
	uint32_t index = COLLECTOR_INDEX(nr, signal);
	int fd, ret;

	fd = pmu_event_open(pmu, signal, cpu);
	if (fd < 0)
		return fd;
	ret = bpf_map_update_elem(bpf_map__fd(c->bpf->maps.counters), &index,
				  &fd, BPF_ANY);
	close(fd);
	return ret;
}

static int add_counters(struct collector *c, int nr, const struct pmu *pmu,
			int cpu, uint32_t *ret_signals, char *err, size_t size)
{
	uint32_t signals = 0, signal;
	int ret, last = -ENOENT;

	for (signal = 0; signal < ACCELGOV_SIG_NR; signal++) {
		if (!(pmu->signals & (1U << signal)))
			continue;
		ret = add_counter(c, nr, pmu, signal, cpu);
		if (ret)
			last = ret;
		else
			signals |= 1U << signal;
	}
	if (!signals && pmu->signals)
		return explain(err, size, last,
			       "none of the counters of PMU %s can be opened: %s%s",
			       pmu->name, strerror(-last), last == -EACCES ?
			       "; with kernel.perf_event_paranoid=3 that takes CAP_SYS_ADMIN" :
			       "");
	*ret_signals = signals;
	return 0;
}

static int start_slot(struct collector *c, int nr, uint32_t token, char *err,
		      size_t size)
{
	struct slot *s = &c->slot[nr];
	struct collector_slot record = {
		.token = token,
		.signals = s->signals,
		.drm = s->drm + 1,
	};
	uint32_t key = nr;
	int ret;

	ret = bpf_map_update_elem(bpf_map__fd(c->bpf->maps.slots), &key,
				  &record, BPF_ANY);
	if (ret)
		return explain(err, size, ret, "can't fill the slots map: %s",
			       strerror(-ret));
	s->tick = ticks_join(&c->ticks, nr, s->cpu, s->period_us, err, size);
	return s->tick < 0 ? s->tick : 0;
}

/* With those that the scheduler tells because no counter does. */
static uint32_t all_signals(const struct slot *s)
{
	uint32_t drm = 1U << ACCELGOV_SIG_BUSY | 1U << ACCELGOV_SIG_QUEUE;

	return s->drm < 0 ? s->signals : s->signals | drm;
}

/* The one that rested longest: the program may still be at what was left just now. */
static int free_slot(struct collector *c)
{
	unsigned int i, nr;

	for (i = 0; i < COLLECTOR_SLOTS; i++) {
		nr = (c->next + i) % COLLECTOR_SLOTS;
		if (c->slot[nr].used)
			continue;
		c->next = nr + 1;
		return nr;
	}
	return -ENOSPC;
}

int collector_attach(struct collector *collector, const struct pmu *pmu,
		     int drm, uint32_t token, uint32_t period_us, char *err,
		     size_t err_size)
{
	struct slot slot = { .used = true, .cpu = pmu->cpu,
			     .drm = drm < 0 ? -1 : drm,
			     .period_us = period_us, .rate_permille = -1 };
	int nr, ret;

	nr = free_slot(collector);
	if (nr < 0)
		return explain(err, err_size, nr,
			       "%d devices have collectors, more are not possible",
			       COLLECTOR_SLOTS);
	if (!pmu->signals && drm < 0)
		return explain(err, err_size, -EOPNOTSUPP,
			       "PMU %s has no event that is a known signal",
			       pmu->name);
	if (!collector->bpf) {
		ret = load(collector, err, err_size);
		if (ret)
			return ret;
	}
	ret = add_counters(collector, nr, pmu, slot.cpu, &slot.signals, err,
			   err_size);
	if (ret)
		goto unload;
	collector->slot[nr] = slot;
	ret = start_slot(collector, nr, token, err, err_size);
	if (ret)
		goto drop;
	collector->used++;
	return nr;

drop:
	collector->slot[nr].used = false;
	drop_counters(collector, nr, slot.signals);
unload:
	unload_unused(collector);
	return ret;
}

void collector_detach(struct collector *collector, int slot)
{
	struct slot *s = &collector->slot[slot];

	if (!s->used)
		return;
	ticks_leave(&collector->ticks, s->tick, slot);
	drop_counters(collector, slot, s->signals);
	*s = (struct slot){ 0 };
	collector->used--;
	unload_unused(collector);
}

int collector_set_period(struct collector *collector, int slot,
			 uint32_t period_us)
{
	struct slot *s = &collector->slot[slot];
	char err[160];
	int tick;

	if (s->period_us == period_us)
		return 0;
	tick = ticks_join(&collector->ticks, slot, s->cpu, period_us, err,
			  sizeof(err));
	if (tick < 0)
		return tick;
	ticks_leave(&collector->ticks, s->tick, slot);
	s->tick = tick;
	s->period_us = period_us;
	s->checked_us = 0;
	return 0;
}

int collector_status(const struct collector *collector, int slot,
		     struct collector_status *ret_status)
{
	const struct slot *s = &collector->slot[slot];
	struct collector_status status = {
		.cpu = s->cpu,
		.tick = s->tick,
		.signals = all_signals(s),
		.drm = all_signals(s) != s->signals,
		.period_us = s->period_us,
		.rate_permille = s->rate_permille,
	};
	uint32_t key = slot;
	int ret;

	if (!s->used)
		return -ENOENT;
	ret = bpf_map_lookup_elem(bpf_map__fd(collector->bpf->maps.slots), &key,
				  &status.slot);
	if (!ret)
		*ret_status = status;
	return ret;
}

int collector_check(struct collector *collector, int slot, uint64_t now_us,
		    int *ret_rate_permille)
{
	struct slot *s = &collector->slot[slot];
	struct collector_status status;
	uint64_t passed_us, runs;
	int ret;

	ret = collector_status(collector, slot, &status);
	if (ret)
		return ret;
	if (status.slot.absent)
		return -ENOPKG;
	passed_us = now_us - s->checked_us;
	runs = status.slot.runs - s->checked_runs;
	/* A handful of periods, or rounding looks like loss. */
	if (s->checked_us && passed_us < 10ULL * s->period_us)
		return -EAGAIN;
	ret = s->checked_us ? 0 : -EAGAIN;
	s->checked_us = now_us;
	s->checked_runs = status.slot.runs;
	if (ret)
		return ret;
	s->rate_permille = runs * s->period_us * 1000 / passed_us;
	*ret_rate_permille = s->rate_permille;
	return 0;
}
