// SPDX-License-Identifier: GPL-2.0
/*
 * accelgovd - one accelerator of a back end, on a thread of its own
 *
 * Two descriptors wake the thread beside the time for the next reading: the proxy
 * device with targets, an eventfd with new wishes. Calls into the back end are made without a
 * lock, so whoever looks at a thread that hangs sees since when.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "backends/gain.h"
#include "backends/observe.h"
#include "bridge_work.h"

/* Between two looks at what changes seldom. */
#define REFRESH_NS	(5 * NS_PER_S)

/* A call that takes longer hangs. */
#define STUCK_NS	(3 * NS_PER_S)

/* From one try to make a proxy device to the next: doubled up to the last. */
#define RETRY_NS	(1 * NS_PER_S)
#define RETRY_MAX_NS	(30 * NS_PER_S)

/* So many readings in a row must fail before what was known counts as old. */
#define ERRORS_LOST	3

uint64_t bridge_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static void ring(int fd)
{
	uint64_t one = 1;

	/* It can only fail when it is rung already. */
	if (write(fd, &one, sizeof(one)) < 0)
		return;
}

static void drain(int fd)
{
	uint64_t count;

	if (read(fd, &count, sizeof(count)) < 0)
		return;
}

/* What can be seen from outside, and a call to look when it is a new state. */
static void publish(struct bridge_thread *t)
{
	bool news;

	pthread_mutex_lock(&t->lock);
	news = t->shown.state != t->view.state ||
	       strcmp(t->shown.problem, t->view.problem) ||
	       strcmp(t->shown.hold_problem, t->view.hold_problem) ||
	       t->shown.outdated != t->view.outdated ||
	       t->shown.ended != t->view.ended ||
	       strcmp(t->shown.line, t->view.line);
	t->view.stuck_ns = 0;
	t->shown = t->view;
	pthread_mutex_unlock(&t->lock);
	if (news)
		ring(t->notify);
}

void bridge_enter(struct bridge_thread *t)
{
	pthread_mutex_lock(&t->lock);
	t->shown.stuck_ns = bridge_now_ns();
	pthread_mutex_unlock(&t->lock);
}

void bridge_leave(struct bridge_thread *t)
{
	pthread_mutex_lock(&t->lock);
	t->shown.stuck_ns = 0;
	pthread_mutex_unlock(&t->lock);
}

void bridge_problem(struct bridge_thread *t, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(t->view.problem, sizeof(t->view.problem), fmt, args);
	va_end(args);
}

void bridge_backoff_step(struct bridge_backoff *backoff, uint64_t now_ns,
			 uint64_t first_ns, uint64_t most_ns)
{
	backoff->delay_ns = backoff->delay_ns ? 2 * backoff->delay_ns : first_ns;
	if (backoff->delay_ns > most_ns)
		backoff->delay_ns = most_ns;
	backoff->next_ns = now_ns + backoff->delay_ns;
}

void bridge_later(struct bridge_thread *t)
{
	bridge_backoff_step(&t->making, bridge_now_ns(), RETRY_NS, RETRY_MAX_NS);
}

void bridge_soon(struct bridge_thread *t)
{
	t->making = (struct bridge_backoff){ 0 };
}

static void begin_observing(struct bridge_thread *t)
{
	t->view.would = (struct bridge_would){ 0 };
	if (!t->nr_khz)
		return;
	if (!observer_init(&t->observer, t->khz, t->nr_khz, &t->now.cfg,
			   bridge_now_ns()))
		t->view.would.there = true;
	else
		bridge_problem(t, "limits of its phases contradict each other: nothing is decided");
}

static void take_wish(struct bridge_thread *t, const struct bridge_wish *wish)
{
	const struct bridge_wish old = t->now;

	t->now = *wish;
	bridge_soon(t);
	t->hold_retry_ns = 0;
	if (old.period_us != t->now.period_us || t->pace.resting)
		t->due_ns = 0;
	pace_look(&t->pace);
	t->view.period_us = t->now.period_us;
	if (memcmp(&old.cfg, &t->now.cfg, sizeof(old.cfg)) &&
	    t->view.state != BRIDGE_ACTIVE)
		begin_observing(t);
	if (t->now.active && !t->now.forbidden)
		return;
	if (t->view.state == BRIDGE_ACTIVE || t->view.line[0]) {
		bridge_stand_down(t);
		begin_observing(t);
	}
	if (!t->dirty)
		t->view.problem[0] = '\0';
	if (t->now.active)
		bridge_problem(t, "%s", t->now.forbidden);
}

static void take_record(struct bridge_thread *t, int error)
{
	if (t->view.state != BRIDGE_RECORDING)
		return;
	t->on_disk = !error;
	bridge_soon(t);
	if (!error)
		return;
	bridge_problem(t, "not touched, because how it was can't be recorded: %s",
		       strerror(-error));
	t->view.line[0] = '\0';
	t->view.state = BRIDGE_OBSERVING;
	bridge_later(t);
}

/* Return: false when the thread is to end. */
static bool take_orders(struct bridge_thread *t)
{
	struct bridge_orders orders;

	drain(t->wake);
	pthread_mutex_lock(&t->lock);
	orders = t->orders;
	t->orders.wished = false;
	t->orders.recorded = false;
	t->orders.retry = false;
	pthread_mutex_unlock(&t->lock);
	if (orders.wished)
		take_wish(t, &orders.wish);
	if (orders.recorded)
		take_record(t, orders.record_error);
	if (orders.retry) {
		bridge_soon(t);
		bridge_hold_again(t);
		t->again = true;
	}
	return !orders.quit;
}

static void look_on(struct bridge_thread *t)
{
	const struct ag_core *c = &t->observer.core;
	struct bridge_would *w = &t->view.would;

	w->phase = c->phase.now;
	w->workload = c->workload.now;
	w->confidence_permille = c->phase.confidence;
	w->phase_since_ns = c->phase.since_ns;
	w->khz = t->observer.would_khz;
	w->reason = t->observer.reason;
	w->saving_permille = (struct reading){
		observer_saving_permille(&t->observer), true,
	};
	w->slowdown_permille = observer_slowdown_permille(&t->observer);
	w->used_uj = t->observer.used_uj;
	w->saved_uj = t->observer.saved_uj;
	w->changes = t->observer.changes;
}

/* The window of a rest holds several phases. */
static void observe(struct bridge_thread *t, struct accelgov_sample sample)
{
	if (!t->view.would.there || t->view.state == BRIDGE_ACTIVE)
		return;
	if (!sample.time_ns)
		sample.time_ns = bridge_now_ns();
	if (t->rested)
		observer_skip(&t->observer, &sample);
	else
		observer_sample(&t->observer, &sample);
	look_on(t);
}

static void forget_phase(struct bridge_thread *t)
{
	if (!t->view.would.there)
		return;
	observer_lost(&t->observer, bridge_now_ns());
	look_on(t);
}

/* What was read last is old by now, and what follows from it. */
static void forget_reading(struct bridge_view *view)
{
	view->reading = (struct backend_reading){ 0 };
	view->would.saving_permille = (struct reading){ 0 };
}

static void no_reading(struct bridge_thread *t, int ret)
{
	t->view.errors++;
	if (++t->failed < ERRORS_LOST)
		return;
	forget_phase(t);
	forget_reading(&t->view);
	if (t->view.state != BRIDGE_ACTIVE)
		bridge_problem(t, "can't be read: %s", strerror(-ret));
}

static void read_owners(struct bridge_thread *t)
{
	const struct backend *backend = t->acc->backend;

	if (!backend->owners)
		return;
	pthread_mutex_lock(&t->lock);
	if (backend->owners(t->acc, &t->owners))
		t->owners.taken_ns = 0;
	pthread_mutex_unlock(&t->lock);
}

/* Those who own it may wait for something that no counter of its own tells of. */
static void add_waits(struct bridge_thread *t, struct accelgov_sample *sample)
{
	const struct bridge_wish *wish = &t->now;
	struct drmc_device device;
	bool found;

	if (wish->waits_map < 0)
		return;
	found = t->owners.taken_ns && t->owners.nr &&
		!bpf_map_lookup_elem(wish->waits_map, &wish->waits_index, &device);
	ownwaits_fill(&t->waits, found ? &device : NULL, bridge_now_ns() / 1000,
		      sample);
}

/* Return: false when the accelerator has gone. */
static bool read_once(struct bridge_thread *t)
{
	struct backend_reading reading = { 0 };
	int ret;

	bridge_enter(t);
	ret = t->acc->backend->read(t->sysfs, t->acc, &reading);
	bridge_leave(t);
	if (ret == -ENODEV)
		return false;
	if (ret) {
		no_reading(t, ret);
		/* A library that hangs is no reason to keep the lease. */
		if (ret != -ETIMEDOUT)
			bridge_report(t, NULL);
		return true;
	}
	if (t->failed >= ERRORS_LOST)
		t->view.problem[0] = '\0';
	t->failed = 0;
	if (!t->sysfs->live)
		sample_drop_counts(&reading.sample);
	read_owners(t);
	add_waits(t, &reading.sample);
	t->view.reads++;
	t->view.reading = reading;
	if (t->view.state == BRIDGE_STARTING)
		t->view.state = BRIDGE_OBSERVING;
	bridge_report(t, &reading.sample);
	observe(t, reading.sample);
	return true;
}

/* Return: false when the accelerator has gone. */
static bool refresh(struct bridge_thread *t)
{
	int ret = 0;

	if (bridge_now_ns() < t->refreshed_ns + REFRESH_NS)
		return true;
	t->refreshed_ns = bridge_now_ns();
	if (t->acc->backend->refresh) {
		bridge_enter(t);
		ret = t->acc->backend->refresh(t->sysfs, t->acc);
		bridge_leave(t);
	}
	t->view.asleep = t->acc->asleep;
	t->view.outdated = accelerator_gains(&t->first, t->acc, !t->view.line[0]);
	return ret != -ENODEV;
}

static void gone(struct bridge_thread *t)
{
	bridge_close_proxy(t);
	/* A driver that was reset has forgotten all, and then this fails. */
	bridge_put_back(t);
	t->view.state = BRIDGE_GONE;
	bridge_problem(t, "the accelerator is gone");
}

/* Return: false when nothing but the time for a reading has come. */
static bool wait_for_more(struct bridge_thread *t, struct pollfd *fds)
{
	uint64_t now = bridge_now_ns();
	uint64_t left_ns = t->due_ns > now ? t->due_ns - now : 0;
	struct timespec left = {
		.tv_sec = left_ns / NS_PER_S, .tv_nsec = left_ns % NS_PER_S,
	};

	return ppoll(fds, 2, &left, NULL) > 0;
}

/*
 * All accelerators are read at the same times: a CPU that wakes for one of them finds
 * the others' turns come, and all that they need in its caches.
 */
static uint64_t next_due_ns(uint64_t now_ns, uint32_t period_us)
{
	uint64_t period_ns = period_us * 1000ULL;

	return (now_ns / period_ns + 1) * period_ns;
}

/* Return: false when the accelerator has gone. */
static bool look(struct bridge_thread *t)
{
	if (bridge_now_ns() < t->due_ns)
		return true;
	if (!refresh(t) || !read_once(t))
		return false;
	if (bridge_pace_read(t))
		forget_phase(t);
	/* What was missed is not made up for. */
	t->due_ns = next_due_ns(bridge_now_ns(), bridge_pace_us(t));
	return true;
}

/* Return: false at the end. */
static bool turn(struct bridge_thread *t)
{
	struct pollfd fds[] = {
		{ .fd = t->wake, .events = POLLIN },
		{ .fd = t->proxy, .events = POLLIN },
	};

	if (wait_for_more(t, fds)) {
		if (fds[0].revents && !take_orders(t))
			return false;
		if (fds[1].revents && t->proxy >= 0)
			bridge_take_target(t);
	}
	bridge_set_again(t);
	if (!look(t)) {
		gone(t);
		return false;
	}
	bridge_pursue(t);
	bridge_hold(t);
	publish(t);
	return true;
}

/*
 * What it begins with is as new as can be: when it was found, something of an earlier
 * thread's may still have been in force. Clocks that were there then and can't be read
 * now are not lost. Return: false when the accelerator has gone.
 */
static bool begin(struct bridge_thread *t)
{
	bool there;

	t->first = *t->acc;
	there = refresh(t);
	if (t->acc->nr_clocks)
		t->first = *t->acc;
	t->view.outdated = false;
	t->nr_khz = observer_thin(t->first.clock_khz, t->first.nr_clocks, t->khz);
	if (!t->nr_khz)
		bridge_problem(t, "nothing is decided, because its clocks are not known");
	if (t->now.active && t->now.forbidden)
		bridge_problem(t, "%s", t->now.forbidden);
	begin_observing(t);
	return there;
}

static void end(struct bridge_thread *t)
{
	if (t->view.state != BRIDGE_GONE)
		bridge_stand_down(t);
	t->view.ended = true;
	publish(t);
}

static void *run(void *arg)
{
	struct bridge_thread *t = arg;
	bool there;

	bridge_pace_begin(t);
	t->view.period_us = t->now.period_us;
	publish(t);
	there = begin(t);
	/* Left by one that could not put it back; nobody asks for it now. */
	if (!there)
		gone(t);
	else if (t->dirty && (!t->now.active || t->now.forbidden))
		bridge_stand_down(t);
	publish(t);
	while (there && turn(t))
		;
	end(t);
	return NULL;
}

static void free_thread(struct bridge_thread *t)
{
	if (t->wake >= 0)
		close(t->wake);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

static int set_up(struct bridge_thread *t)
{
	int ret;

	t->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (t->wake < 0)
		return -errno;
	ret = pthread_create(&t->pthread, NULL, run, t);
	return -ret;
}

static void go_on_counting(struct bridge_view *view, const struct bridge_view *before)
{
	view->reads = before->reads;
	view->errors = before->errors;
	view->targets = before->targets;
	view->set_errors = before->set_errors;
	view->proxies = before->proxies;
}

int bridge_thread_start(const struct sysfs *sysfs, struct accelerator *acc,
			const struct bridge_wish *wish, const char *line,
			const struct bridge_view *before, int notify_fd,
			struct bridge_thread **ret_thread)
{
	struct bridge_thread *t = calloc(1, sizeof(*t));
	int ret;

	if (!t)
		return -ENOMEM;
	t->sysfs = sysfs;
	t->acc = acc;
	acc->patient = true;
	t->now = *wish;
	t->notify = notify_fd;
	t->wake = -1;
	t->proxy = -1;
	if (before)
		go_on_counting(&t->view, before);
	strcpy(t->view.line, line);
	/* What an earlier thread changed and could not put back. */
	t->on_disk = line[0];
	t->dirty = line[0];
	pthread_mutex_init(&t->lock, NULL);
	ret = set_up(t);
	if (ret) {
		free_thread(t);
		return ret;
	}
	*ret_thread = t;
	return 0;
}

void bridge_thread_wish(struct bridge_thread *t,
			const struct bridge_wish *wish)
{
	pthread_mutex_lock(&t->lock);
	t->orders.wish = *wish;
	t->orders.wished = true;
	pthread_mutex_unlock(&t->lock);
	ring(t->wake);
}

void bridge_thread_share(struct bridge_thread *t, uint32_t share_ppm)
{
	__atomic_store_n(&t->share_ppm, share_ppm, __ATOMIC_RELAXED);
}

bool bridge_thread_owners(struct bridge_thread *t, uint64_t seen_ns,
			  struct backend_owners *ret)
{
	bool newer;

	pthread_mutex_lock(&t->lock);
	newer = t->owners.taken_ns && t->owners.taken_ns != seen_ns;
	if (newer)
		*ret = t->owners;
	pthread_mutex_unlock(&t->lock);
	return newer;
}

bool bridge_hangs(const struct bridge_view *view, uint64_t now_ns)
{
	return view->stuck_ns && now_ns > view->stuck_ns + STUCK_NS;
}

void bridge_rates(const struct accelgov_sample *sample, struct ag_rates *ret)
{
	struct accelgov_sample s = *sample;

	if (!s.window_ns)
		sample_drop_counts(&s);
	ag_sample_rates(&s, ret);
}

void bridge_thread_view(struct bridge_thread *t, struct bridge_view *ret)
{
	pthread_mutex_lock(&t->lock);
	*ret = t->shown;
	pthread_mutex_unlock(&t->lock);
	if (!bridge_hangs(ret, bridge_now_ns()))
		return;
	forget_reading(ret);
	ret->would.phase = ACCELGOV_PHASE_UNKNOWN;
	ret->would.confidence_permille = 0;
	ret->would.phase_since_ns = ret->stuck_ns;
	ret->would.reason = AG_REASON_FALLBACK;
}

void bridge_thread_recorded(struct bridge_thread *t, int error)
{
	pthread_mutex_lock(&t->lock);
	t->orders.recorded = true;
	t->orders.record_error = error;
	pthread_mutex_unlock(&t->lock);
	ring(t->wake);
}

void bridge_thread_retry(struct bridge_thread *t)
{
	pthread_mutex_lock(&t->lock);
	t->orders.retry = true;
	pthread_mutex_unlock(&t->lock);
	ring(t->wake);
}

void bridge_thread_stop(struct bridge_thread *t)
{
	pthread_mutex_lock(&t->lock);
	t->orders.quit = true;
	pthread_mutex_unlock(&t->lock);
	ring(t->wake);
}

int bridge_thread_join(struct bridge_thread *t, uint64_t deadline_ns,
		       bool *ret_restored)
{
	struct timespec ts = {
		.tv_sec = deadline_ns / NS_PER_S,
		.tv_nsec = deadline_ns % NS_PER_S,
	};

	if (pthread_clockjoin_np(t->pthread, NULL, CLOCK_MONOTONIC, &ts))
		return -ETIMEDOUT;
	*ret_restored = !t->dirty;
	free_thread(t);
	return 0;
}
