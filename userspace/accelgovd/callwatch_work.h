/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgovd - what processes call in vendors' libraries, for the files that see to it
 */
#ifndef ACCELGOVD_CALLWATCH_WORK_H
#define ACCELGOVD_CALLWATCH_WORK_H

#include <pthread.h>

#include "callbudget.h"
#include "calllib.h"
#include "callwatch.h"
#include "waitwatch.h"

/* The rest is found again a second later. */
#define CALLWATCH_WANTED	64

struct calls_bpf;
struct ring_buffer;

/**
 * struct callproc - a process that has a library mapped
 * @used: this place is taken
 * @tgid: its number
 * @pidfd: readable when it has ended
 * @libs: bit per library
 * @device: index of its device plus 1, as the kernel was told
 * @host_device: the same, for what the host keeps it waiting for
 * @before: what it had called when the window began
 * @before_us: when that was
 * @on_us: for how long groups had been probed then
 * @waited: what the host had kept it waiting for then
 * @rates: of the last window, see struct callproc_rates
 */
struct callproc {
	bool used;
	uint32_t tgid;
	int pidfd;
	uint32_t libs;
	uint32_t device;
	uint32_t host_device;
	struct callc_use before;
	struct waitc_use waited;
	uint64_t before_us;
	uint64_t on_us[CALLC_GROUPS];
	struct callproc_rates {
		bool known[CALLC_GROUPS];
		uint64_t launches_per_s;
		uint64_t bytes_per_s[CALLC_COPIES];
		uint32_t wait_permille;
		uint32_t collective_permille;
		bool host;
		uint32_t host_permille[WAITC_KINDS];
	} rates;
};

/**
 * struct callwatch - all of it
 * @drm_map: as given
 * @thread: does the work
 * @wake: eventfd that ends it
 * @epoll: what the thread waits for
 * @lock: protects @lib, @proc, @problem, @quit to @wanted against the main thread; only the
 *	thread changes them
 * @quit: the thread is to end
 * @alone: nobody waits for its end: it frees all of this
 * @ended: it has ended but for that
 * @wanted: processes that own a device and are not followed yet
 * @nr_wanted: how many
 * @waits: what the host keeps processes waiting for
 * @bpf: loaded, NULL before
 * @ring: news from there
 * @cost_ns: what a hit costs here, 0 when not known; [1] where an instruction has to be
 *	stepped over
 * @permille: what probes may cost all together, of one CPU; @lock
 * @budget: the same, as it is spent
 * @gone_ns: what libraries cost in this window that are gone
 * @problem: why nothing is probed, "" when all is well
 * @look_us: when all processes are looked at again, 0 where the kernel tells
 * @window_us: when the window began, 0 for none
 * @lib: library files
 * @proc: processes
 * @nr_procs: how many
 */
struct callwatch {
	int drm_map;
	pthread_t thread;
	int wake;
	int epoll;
	pthread_mutex_t lock; /* lib, proc and problem */
	bool quit;
	bool alone;
	bool ended;
	uint32_t wanted[CALLWATCH_WANTED];
	size_t nr_wanted;
	struct waitwatch *waits;
	struct calls_bpf *bpf;
	struct ring_buffer *ring;
	uint32_t cost_ns[2];
	uint32_t permille;
	struct callbudget budget;
	uint64_t gone_ns;
	char problem[200];
	uint64_t look_us;
	uint64_t window_us;
	struct calllib lib[CALLC_LIBS];
	struct callproc proc[CALLC_PROCESSES];
	size_t nr_procs;
};

/**
 * callwatch_now_us() - CLOCK_MONOTONIC
 *
 * Return: microseconds.
 */
uint64_t callwatch_now_us(void);

/**
 * callwatch_wake() - there is something for the thread to do
 * @w: all of it
 */
void callwatch_wake(struct callwatch *w);

/**
 * callwatch_order() - have the kernel do something
 * @w: loaded
 * @request: what
 *
 * Return: 0 or a negative errno.
 */
int callwatch_order(struct callwatch *w, struct callc_request *request);

/**
 * callwatch_hits() - of the probes of a group
 * @w: loaded
 * @meter: its meter
 *
 * Return: how many there were.
 */
uint64_t callwatch_hits(struct callwatch *w, uint32_t meter);

/**
 * callwatch_cost_ns() - what a hit of a group costs
 * @w: loaded
 * @group: the group
 *
 * Return: nanoseconds, assumed where that could not be measured.
 */
uint64_t callwatch_cost_ns(const struct callwatch *w,
			   const struct calllib_group *group);

/**
 * callwatch_spent_ns() - what a group has cost since the window began
 * @w: loaded
 * @lib: its library
 * @group: &enum callc_group
 *
 * Return: nanoseconds.
 */
uint64_t callwatch_spent_ns(struct callwatch *w, const struct calllib *lib,
			    int group);

/**
 * callwatch_most_ns() - what one group may cost in a window at most
 * @w: loaded
 *
 * Return: nanoseconds.
 */
uint64_t callwatch_most_ns(const struct callwatch *w);

/**
 * callwatch_share() - a window begins: what each group may cost in it
 * @w: locked
 * @now_us: CLOCK_MONOTONIC
 */
void callwatch_share(struct callwatch *w, uint64_t now_us);

/**
 * callwatch_join() - what one that comes while a window runs may cost
 * @w: loaded
 * @group: the group
 * @now_us: CLOCK_MONOTONIC
 *
 * Return: hits that it may have, 0 for none.
 */
uint64_t callwatch_join(struct callwatch *w, const struct calllib_group *group,
			uint64_t now_us);

/**
 * callwatch_allow() - let a group have more hits
 * @w: loaded
 * @meter: its meter
 * @hits: so far
 * @more: that it may have
 *
 * Hits that come in meanwhile may be lost from the meter, not from what is told of
 * processes.
 */
void callwatch_allow(struct callwatch *w, uint32_t meter, uint64_t hits,
		     uint64_t more);

/**
 * callwatch_measure() - find out what a hit costs on this machine
 * @w: loaded
 *
 * Probes functions of this program and calls them some thousand times.
 */
void callwatch_measure(struct callwatch *w);

/**
 * callwatch_driver() - the library whose calls tell of a group, for a process
 * @w: all of it
 * @p: the process
 * @group: &enum callc_group
 *
 * Return: that one; NULL when there is none.
 */
const struct calllib *callwatch_driver(const struct callwatch *w,
				       const struct callproc *p, int group);

/**
 * callwatch_rates() - a window of a process is over
 * @w: locked
 * @p: the process
 * @now_us: CLOCK_MONOTONIC
 */
void callwatch_rates(struct callwatch *w, struct callproc *p, uint64_t now_us);

#endif /* ACCELGOVD_CALLWATCH_WORK_H */
