/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgovd - the list of accelerators, for the files that work on it
 */
#ifndef ACCELGOVD_BRIDGE_LIST_H
#define ACCELGOVD_BRIDGE_LIST_H

#include "bridge.h"
#include "bridge_jobs.h"
#include "bridge_scan.h"
#include "bridge_thread.h"
#include "guardian.h"

/**
 * struct bridge - one accelerator
 * @acc: itself
 * @thread: works on it
 * @found: what that one was when it was found, without private data
 * @next: the same accelerator with more to it: the thread was stopped, and another
 *	begins with this when it has ended; NULL for none
 * @leaves: the thread was stopped for good, for something else looks after it
 * @read_signals: that @thread has read, ever
 * @read_sensors: the same
 * @touched_ns: when something of it was set, or about to be, last
 * @taken: when a better description was taken
 * @asked: when a scan was asked for
 * @mode: configured
 * @period_us: between readings
 * @view: when the main thread looked last
 * @jobs: whose energy it was
 * @waits_index: where waits of its owners are kept, negative for nowhere
 * @said_state: state that was logged
 * @said_problem: problem that was logged
 * @said_hold: problem with what is held that was logged
 * @said_khz: clock of the last decision that was logged
 * @said_ns: when that was
 * @said_changes: decisions until then
 * @stuck: it was said that it hangs
 */
struct bridge {
	struct accelerator *acc;
	struct bridge_thread *thread;
	struct accelerator found;
	struct accelerator *next;
	bool leaves;
	uint32_t read_signals;
	uint32_t read_sensors;
	uint64_t touched_ns;
	struct bridge_backoff taken;
	struct bridge_backoff asked;
	enum config_mode mode;
	uint32_t period_us;
	struct bridge_view view;
	struct bridge_jobs jobs;
	int waits_index;
	enum bridge_state said_state;
	char said_problem[200];
	char said_hold[400];
	uint32_t said_khz;
	uint64_t said_ns;
	uint64_t said_changes;
	bool stuck;
};

/**
 * struct bridge_debt - an accelerator that is gone and was not put back
 * @record: how it was
 */
struct bridge_debt {
	struct state_accelerator record;
};

/**
 * struct bridges - all of them
 * @daemon: that they belong to
 * @notify: eventfd that threads and the scanner write
 * @on_notify: its event source
 * @timer: looks after threads, and keeps the guardian quiet
 * @scan: looks for accelerators
 * @guardian: puts them back when this process dies
 * @beat_ns: when the guardian last heard of us
 * @note: what back ends said in the last scan
 * @bridge: accelerators
 * @nr: how many
 * @missing: names of those that went and did not come back
 * @debt: what those that went left behind
 * @nr_debts: how many
 */
struct bridges {
	struct daemon *daemon;
	int notify;
	sd_event_source *on_notify;
	sd_event_source *timer;
	struct bridge_scan *scan;
	struct guardian *guardian;
	uint64_t beat_ns;
	json_t *note;
	struct bridge **bridge;
	size_t nr;
	struct names missing;
	struct bridge_debt *debt;
	size_t nr_debts;
};

/**
 * bridge_state_name() - published name
 * @view: of the accelerator
 *
 * Return: "observing" and so on.
 */
const char *bridge_state_name(const struct bridge_view *view);

/**
 * bridge_say() - log what is new about one accelerator
 * @b: the accelerator
 * @now_ns: CLOCK_MONOTONIC
 *
 * At most one line of decisions in ten seconds, whatever happens.
 */
void bridge_say(struct bridge *b, uint64_t now_ns);

/**
 * bridges_say_notes() - log what back ends leave out, when that is new
 * @before: notes of the scan before, may be NULL
 * @now: notes of the newest scan
 */
void bridges_say_notes(json_t *before, json_t *now);

#endif /* ACCELGOVD_BRIDGE_LIST_H */
