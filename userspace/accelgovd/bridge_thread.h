/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgovd - one accelerator of a back end, on a thread of its own
 *
 * A vendor's library may hang for as long as it likes: the thread calls it by itself
 * and hangs with it, which holds up nobody else. It does all that is done with its
 * accelerator. What it is to do comes as a wish, what it did is a view; neither is
 * ever waited for. Whoever looks sees since when a call has not returned.
 */
#ifndef ACCELGOVD_BRIDGE_THREAD_H
#define ACCELGOVD_BRIDGE_THREAD_H

#include <stdbool.h>
#include <stdint.h>

#include "backends/backend.h"
#include "observer/observer.h"
#include "state.h"

/**
 * struct bridge_backoff - of something that may want to happen all the time
 * @next_ns: no earlier, CLOCK_MONOTONIC
 * @delay_ns: from the last time to that
 */
struct bridge_backoff {
	uint64_t next_ns;
	uint64_t delay_ns;
};

/**
 * bridge_backoff_step() - it happened, or was tried: later from now on
 * @backoff: twice as much later as the last time
 * @now_ns: time
 * @first_ns: how much the first time
 * @most_ns: how much at most
 */
void bridge_backoff_step(struct bridge_backoff *backoff, uint64_t now_ns,
			 uint64_t first_ns, uint64_t most_ns);

/**
 * enum bridge_state - what a thread does
 * @BRIDGE_STARTING: nothing was read yet
 * @BRIDGE_OBSERVING: reads and decides, sets nothing
 * @BRIDGE_RECORDING: waits until what it will change is on disk
 * @BRIDGE_ACTIVE: the kernel decides, the thread sets
 * @BRIDGE_GONE: the accelerator is not there any more; the thread has ended
 */
enum bridge_state {
	BRIDGE_STARTING,
	BRIDGE_OBSERVING,
	BRIDGE_RECORDING,
	BRIDGE_ACTIVE,
	BRIDGE_GONE,
};

/**
 * struct bridge_wish - what a thread is to do
 * @active: make a proxy device and follow it
 * @forbidden: why it may not, whoever asks for it; NULL for nothing
 * @period_us: between readings
 * @lease_ms: of the proxy device
 * @governor: of the proxy device
 * @hold: by &enum backend_actuator, what is set for as long as it is active
 * @switch_us: what the kernel is told that a change of clock takes, 0 when not known
 * @halt_us: the same, that one halts the device for
 * @waits_map: map of struct drmc_device with waits of its owners, -1 for none
 * @waits_index: its index there
 * @cfg: knobs, for observing
 */
struct bridge_wish {
	bool active;
	const char *forbidden;
	uint32_t period_us;
	uint32_t lease_ms;
	char governor[ACCELGOV_PROXY_GOVERNOR_LEN];
	struct reading hold[BACKEND_ACTUATORS];
	uint32_t switch_us;
	uint32_t halt_us;
	int waits_map;
	uint32_t waits_index;
	struct ag_config cfg;
};

/**
 * struct bridge_would - what an observer thinks
 * @there: there is one; it takes a list of clocks
 * @phase: &enum accelgov_phase
 * @workload: &enum accelgov_workload
 * @confidence_permille: in @phase
 * @phase_since_ns: CLOCK_MONOTONIC
 * @khz: clock that would be in force, 0 when nothing was decided
 * @reason: why
 * @saving_permille: of the energy of windows like the last one, unknown with that
 * @slowdown_permille: all in all
 * @used_uj: energy seen
 * @saved_uj: energy that would have been saved
 * @changes: of the clock
 */
struct bridge_would {
	bool there;
	enum accelgov_phase phase;
	enum accelgov_workload workload;
	uint32_t confidence_permille;
	uint64_t phase_since_ns;
	uint32_t khz;
	enum ag_reason reason;
	struct reading saving_permille;
	uint32_t slowdown_permille;
	uint64_t used_uj;
	int64_t saved_uj;
	uint64_t changes;
};

/**
 * struct bridge_view - what a thread did and saw
 * @state: what it does
 * @problem: why it does not do more, "" when all is well
 * @asleep: the accelerator is suspended
 * @outdated: more can be done with it than when the thread began
 * @ended: so has the thread
 * @line: what the back end said of how it was, "" while nothing was changed
 * @period_us: between readings
 * @resting: it is read less often than that, to save CPU time (pace.h)
 * @rest_us: how often instead
 * @cost_us: CPU time of a reading while it is only observed, 0 before the first
 * @reads: readings that succeeded
 * @errors: readings that did not
 * @targets: that the kernel asked for
 * @set_errors: targets that could not be set
 * @proxies: proxy devices that were made
 * @clock_khz: clock that was set last, 0 for none
 * @cap_mw: power limit that was set last, 0 for none
 * @held: by &enum backend_actuator, what is held beside them
 * @hold_problem: what should be held and is not, and why; "" for nothing
 * @stuck_ns: when the call began that has not returned yet, 0 for none. When that
 *	is long ago, @would names no phase, and @reading has nothing
 * @reading: last one, nothing after several that failed
 * @would: while observing
 */
struct bridge_view {
	enum bridge_state state;
	char problem[200];
	bool asleep;
	bool outdated;
	bool ended;
	char line[STATE_LINE_LEN];
	uint32_t period_us;
	bool resting;
	uint32_t rest_us;
	uint32_t cost_us;
	uint64_t reads;
	uint64_t errors;
	uint64_t targets;
	uint64_t set_errors;
	uint64_t proxies;
	uint32_t clock_khz;
	uint32_t cap_mw;
	struct reading held[BACKEND_ACTUATORS];
	char hold_problem[400];
	uint64_t stuck_ns;
	struct backend_reading reading;
	struct bridge_would would;
};

struct bridge_thread;

/**
 * bridge_thread_start() - take an accelerator over
 * @sysfs: root
 * @acc: accelerator; stays the caller's, who leaves it alone until the thread has
 *	been joined
 * @wish: what to do
 * @line: what was recorded of it before, "" for nothing
 * @before: what a thread had seen that had the same accelerator until now, and whose
 *	counts go on; NULL for none
 * @notify_fd: eventfd that is written when there is something new to see
 * @ret_thread: set on success
 *
 * Return: 0 or a negative errno.
 */
int bridge_thread_start(const struct sysfs *sysfs, struct accelerator *acc,
			const struct bridge_wish *wish, const char *line,
			const struct bridge_view *before, int notify_fd,
			struct bridge_thread **ret_thread);

/**
 * bridge_thread_wish() - change what it is to do
 * @t: the thread
 * @wish: copied
 */
void bridge_thread_wish(struct bridge_thread *t,
			const struct bridge_wish *wish);

/**
 * bridge_thread_share() - how much CPU time its readings may take
 * @t: the thread
 * @share_ppm: of one CPU, for as long as it is only observed
 */
void bridge_thread_share(struct bridge_thread *t, uint32_t share_ppm);

/**
 * bridge_thread_view() - look
 * @t: the thread
 * @ret: filled
 */
void bridge_thread_view(struct bridge_thread *t, struct bridge_view *ret);

/**
 * bridge_thread_owners() - whose processes hold it
 * @t: the thread
 * @seen_ns: @taken_ns of the list that the caller knows, 0 for none
 * @ret: filled with a newer one; there is one about once a second
 *
 * Return: false when there is none, or that is not known.
 */
bool bridge_thread_owners(struct bridge_thread *t, uint64_t seen_ns,
			  struct backend_owners *ret);

/**
 * bridge_hangs() - has a call into the back end not returned for 3 s
 * @view: of its thread
 * @now_ns: CLOCK_MONOTONIC
 *
 * Return: true then.
 */
bool bridge_hangs(const struct bridge_view *view, uint64_t now_ns);

/**
 * bridge_rates() - signals of a reading
 * @sample: of a view; what is a rate by itself is known without a window as well
 * @ret: filled
 */
void bridge_rates(const struct accelgov_sample *sample, struct ag_rates *ret);

/**
 * bridge_thread_recorded() - its line is on disk, it may set things now
 * @t: a thread in %BRIDGE_RECORDING
 * @error: negative errno when it could not be written; then nothing is set
 */
void bridge_thread_recorded(struct bridge_thread *t, int error);

/**
 * bridge_thread_retry() - what failed may work now, or what was set may be gone
 * @t: the thread
 */
void bridge_thread_retry(struct bridge_thread *t);

/**
 * bridge_thread_stop() - restore and end, without waiting for it
 * @t: the thread
 */
void bridge_thread_stop(struct bridge_thread *t);

/**
 * bridge_thread_join() - wait for the end
 * @t: freed on success
 * @deadline_ns: CLOCK_MONOTONIC
 * @ret_restored: all that was set is as it was
 *
 * Return: 0; -ETIMEDOUT when it hangs, and then it and its accelerator have to
 * be left alone for good.
 */
int bridge_thread_join(struct bridge_thread *t, uint64_t deadline_ns,
		       bool *ret_restored);

#endif /* ACCELGOVD_BRIDGE_THREAD_H */
