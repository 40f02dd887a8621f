/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgovd - one accelerator's thread, for the files that work on it
 *
 * All but bridge_thread.c's own functions run on the thread.
 */
#ifndef ACCELGOVD_BRIDGE_WORK_H
#define ACCELGOVD_BRIDGE_WORK_H

#include <pthread.h>

#include "bridge_thread.h"
#include "ownwaits.h"
#include "pace.h"
#include "proxy.h"

#define NS_PER_S	1000000000ULL

/**
 * struct bridge_orders - what came from outside since the thread looked last
 * @wish: what to do from now on, when @wished
 * @wished: it is another one
 * @recorded: the line is on disk, or @record_error says why not
 * @record_error: negative errno
 * @retry: forget about delays, and set again what was set
 * @quit: restore and end
 */
struct bridge_orders {
	struct bridge_wish wish;
	bool wished;
	bool recorded;
	int record_error;
	bool retry;
	bool quit;
};

/**
 * struct bridge_thread - one accelerator's thread
 * @sysfs: root
 * @acc: the accelerator
 * @pthread: the thread
 * @wake: eventfd that others write
 * @notify: eventfd that the main thread reads
 * @lock: protects @shown, @owners and @orders; all else is the thread's own
 * @shown: copy of @view that others see
 * @owners: whose processes hold it
 * @orders: from others
 * @now: wish that is being followed
 * @view: what the thread did and saw
 * @observer: decides while observing
 * @first: the accelerator as it was when the thread began
 * @khz: clocks of the proxy device and of @observer
 * @nr_khz: how many
 * @due_ns: next reading
 * @share_ppm: of one CPU, for readings while it is only observed; atomic, set by others
 * @pace: how often it is read then
 * @cpu_ns: CPU time of the thread, after the last reading
 * @rested: @pace was resting after the last reading
 * @was_quiet: it did nothing when it was looked at last
 * @proxy: the proxy device, -1 for none
 * @on_disk: @view.line is on disk
 * @dirty: something was set and not put back
 * @again: set once more what was set, somebody may have reset it
 * @target: newest one
 * @seq: its number, 0 for none
 * @error: errno of setting it
 * @setting: when it is tried again, where @error
 * @waits: of its owners, as of the last reading
 * @touched: by &enum backend_actuator, set and not put back among what is held
 * @hold_retry_ns: no earlier is anything tried of what is to be held
 * @failed: readings that failed in a row
 * @refreshed_ns: when what changes seldom was read
 * @making: when a proxy device is tried for again
 */
struct bridge_thread {
	const struct sysfs *sysfs;
	struct accelerator *acc;
	pthread_t pthread;
	int wake;
	int notify;

	pthread_mutex_t lock; /* shown, owners and orders */
	struct bridge_view shown;
	struct backend_owners owners;
	struct bridge_orders orders;

	struct bridge_wish now;
	struct bridge_view view;
	struct observer observer;
	struct accelerator first;
	uint32_t khz[AG_OPP_MAX];
	uint32_t nr_khz;
	uint64_t due_ns;
	uint32_t share_ppm;
	struct pace pace;
	uint64_t cpu_ns;
	bool rested;
	bool was_quiet;
	int proxy;
	bool on_disk;
	bool dirty;
	bool again;
	struct accelgov_proxy_target target;
	uint64_t seq;
	int error;
	struct bridge_backoff setting;
	struct ownwaits waits;
	bool touched[BACKEND_ACTUATORS];
	uint64_t hold_retry_ns;
	unsigned int failed;
	uint64_t refreshed_ns;
	struct bridge_backoff making;
};

/**
 * bridge_now_ns() - CLOCK_MONOTONIC
 *
 * Return: nanoseconds.
 */
uint64_t bridge_now_ns(void);

/**
 * bridge_enter() - a call into the back end begins: from here on it may hang
 * @t: the thread
 */
void bridge_enter(struct bridge_thread *t);

/**
 * bridge_leave() - it has returned
 * @t: the thread
 */
void bridge_leave(struct bridge_thread *t);

/**
 * bridge_problem() - say why it is not where it should be
 * @t: the thread
 * @fmt: printf style
 */
void bridge_problem(struct bridge_thread *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * bridge_later() - try for a proxy device again, later than the last time
 * @t: the thread
 */
void bridge_later(struct bridge_thread *t);

/**
 * bridge_soon() - try again at once
 * @t: the thread
 */
void bridge_soon(struct bridge_thread *t);

/**
 * bridge_put_back() - restore what was set
 * @t: the thread
 *
 * Return: the accelerator is as it was found.
 */
bool bridge_put_back(struct bridge_thread *t);

/**
 * bridge_close_proxy() - the device goes
 * @t: the thread
 */
void bridge_close_proxy(struct bridge_thread *t);

/**
 * bridge_stand_down() - nothing is ours any more, and nothing is left to undo
 * @t: the thread
 */
void bridge_stand_down(struct bridge_thread *t);

/**
 * bridge_pursue() - it should be active and is not: the next step towards that
 * @t: the thread
 */
void bridge_pursue(struct bridge_thread *t);

/**
 * bridge_report() - tell the kernel what was measured, and renew the lease
 * @t: the thread
 * @sample: NULL for nothing
 */
void bridge_report(struct bridge_thread *t,
		   const struct accelgov_sample *sample);

/**
 * bridge_take_target() - the kernel wants something, or took the device away
 * @t: the thread
 */
void bridge_take_target(struct bridge_thread *t);

/**
 * bridge_set_again() - set what somebody may have reset, or what was refused a while ago
 * @t: the thread
 */
void bridge_set_again(struct bridge_thread *t);

/**
 * bridge_hold() - set what is to be held while it is active, and is not yet
 * @t: the thread
 */
void bridge_hold(struct bridge_thread *t);

/**
 * bridge_hold_again() - somebody may have reset what is held, or another thing is to be
 * @t: the thread
 */
void bridge_hold_again(struct bridge_thread *t);

/**
 * bridge_hold_none() - it was put back with the rest
 * @t: the thread
 */
void bridge_hold_none(struct bridge_thread *t);

/**
 * bridge_pace_begin() - before the first reading
 * @t: the thread
 */
void bridge_pace_begin(struct bridge_thread *t);

/**
 * bridge_pace_read() - it was read, or that failed
 * @t: the thread
 *
 * Return: true when it is not as it was when it was looked at last.
 */
bool bridge_pace_read(struct bridge_thread *t);

/**
 * bridge_pace_us() - how long until the next reading
 * @t: the thread
 *
 * Return: microseconds.
 */
uint32_t bridge_pace_us(const struct bridge_thread *t);

#endif /* ACCELGOVD_BRIDGE_WORK_H */
