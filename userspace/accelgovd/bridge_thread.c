// SPDX-License-Identifier: GPL-2.0
/*
 * accelgovd - one accelerator of a back end, on a thread of its own
 *
 * Three descriptors wake the thread: a timer for readings, the proxy device for
 * targets, an eventfd for new wishes. Calls into the back end are made without a
 * lock, so whoever looks at a thread that hangs sees since when.
 *
 * Going active takes three steps, so that there is never a change that nobody
 * could undo: ask the back end how things are; have that written to disk, which
 * the main thread does; make the proxy device, whose first target is the first
 * thing set. Whatever ends it, a lost device, a lost lease, another wish, the
 * accelerator is put back at once: a clock that nobody governs is of no use.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "bridge_thread.h"
#include "proxy.h"

#define NS_PER_S	1000000000ULL

/* Between two looks at what changes seldom. */
#define REFRESH_NS	(5 * NS_PER_S)

/* From one try to make a proxy device to the next: doubled up to the last. */
#define RETRY_NS	(1 * NS_PER_S)
#define RETRY_MAX_NS	(30 * NS_PER_S)

/* So many readings in a row must fail before what was known counts as old. */
#define ERRORS_LOST	3

/* What came from outside since the thread looked last. */
struct orders {
	struct bridge_wish wish;
	bool wished;
	bool recorded;
	int record_error;
	bool retry;
	bool quit;
};

struct bridge_thread {
	const struct sysfs *sysfs;
	struct accelerator *acc;
	pthread_t pthread;
	int wake;
	int notify;

	pthread_mutex_t lock;
	struct bridge_view shown;
	struct orders orders;

	/* The thread's own. */
	struct bridge_wish now;
	struct bridge_view view;
	struct observer observer;
	uint32_t khz[AG_OPP_MAX];
	uint32_t nr_khz;
	int timer;
	int proxy;
	bool on_disk;
	bool dirty;
	bool again;
	struct accelgov_proxy_target target;
	uint64_t seq;
	int error;
	unsigned int failed;
	uint64_t refreshed_ns;
	uint64_t retry_ns;
	uint64_t delay_ns;
};

static uint64_t now_ns(void)
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
	       strcmp(t->shown.line, t->view.line);
	t->view.stuck_ns = 0;
	t->shown = t->view;
	pthread_mutex_unlock(&t->lock);
	if (news)
		ring(t->notify);
}

/* A call into the back end begins: from here on it may hang. */
static void enter(struct bridge_thread *t)
{
	pthread_mutex_lock(&t->lock);
	t->shown.stuck_ns = now_ns();
	pthread_mutex_unlock(&t->lock);
}

static void leave(struct bridge_thread *t)
{
	pthread_mutex_lock(&t->lock);
	t->shown.stuck_ns = 0;
	pthread_mutex_unlock(&t->lock);
}

static void __attribute__((format(printf, 2, 3)))
problem(struct bridge_thread *t, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(t->view.problem, sizeof(t->view.problem), fmt, args);
	va_end(args);
}

static void later(struct bridge_thread *t)
{
	t->delay_ns = t->delay_ns ? 2 * t->delay_ns : RETRY_NS;
	if (t->delay_ns > RETRY_MAX_NS)
		t->delay_ns = RETRY_MAX_NS;
	t->retry_ns = now_ns() + t->delay_ns;
}

static void soon(struct bridge_thread *t)
{
	t->delay_ns = 0;
	t->retry_ns = 0;
}

static int set(struct bridge_thread *t, enum backend_actuator actuator,
	       uint32_t value)
{
	int ret;

	enter(t);
	t->dirty = true;
	ret = t->acc->backend->set(t->sysfs, t->acc, actuator, value);
	leave(t);
	return ret;
}

/* Return: the accelerator is as it was found. */
static bool put_back(struct bridge_thread *t)
{
	int ret;

	t->view.clock_khz = 0;
	t->view.cap_mw = 0;
	if (!t->view.line[0] || !t->dirty)
		return true;
	enter(t);
	ret = t->acc->backend->restore(t->sysfs, t->acc, t->view.line);
	leave(t);
	if (ret) {
		problem(t, "can't be put back as it was: %s", strerror(-ret));
		return false;
	}
	t->dirty = false;
	return true;
}

static void close_proxy(struct bridge_thread *t)
{
	if (t->proxy >= 0)
		close(t->proxy);
	t->proxy = -1;
	t->seq = 0;
	t->error = 0;
}

/* Nothing is ours any more, and nothing is left to undo. */
static void stand_down(struct bridge_thread *t)
{
	close_proxy(t);
	t->view.state = BRIDGE_OBSERVING;
	if (!put_back(t))
		return;
	t->view.line[0] = '\0';
	t->on_disk = false;
}

static void lost(struct bridge_thread *t, const char *why)
{
	close_proxy(t);
	t->view.state = BRIDGE_OBSERVING;
	if (put_back(t))
		problem(t, "its proxy device was lost: %s; it is made again",
			why);
	later(t);
}

static void begin_observing(struct bridge_thread *t)
{
	t->view.would = (struct bridge_would){ 0 };
	if (!t->nr_khz)
		return;
	if (!observer_init(&t->observer, t->khz, t->nr_khz, &t->now.cfg,
			   now_ns()))
		t->view.would.there = true;
}

static void set_timer(struct bridge_thread *t)
{
	struct itimerspec spec = { 0 };

	spec.it_interval.tv_nsec = t->now.period_us * 1000L;
	spec.it_value.tv_nsec = 1;
	timerfd_settime(t->timer, 0, &spec, NULL);
	t->view.period_us = t->now.period_us;
}

static void take_wish(struct bridge_thread *t, const struct bridge_wish *wish)
{
	const struct bridge_wish old = t->now;

	t->now = *wish;
	soon(t);
	if (old.period_us != t->now.period_us)
		set_timer(t);
	if (memcmp(&old.cfg, &t->now.cfg, sizeof(old.cfg)) &&
	    t->view.state != BRIDGE_ACTIVE)
		begin_observing(t);
	if (t->now.active && !t->now.forbidden)
		return;
	if (t->view.state == BRIDGE_ACTIVE || t->view.line[0]) {
		stand_down(t);
		begin_observing(t);
	}
	if (!t->dirty)
		t->view.problem[0] = '\0';
	if (t->now.active)
		problem(t, "%s", t->now.forbidden);
}

static void take_record(struct bridge_thread *t, int error)
{
	if (t->view.state != BRIDGE_RECORDING)
		return;
	t->on_disk = !error;
	soon(t);
	if (!error)
		return;
	problem(t, "not touched, because how it was can't be recorded: %s",
		strerror(-error));
	t->view.line[0] = '\0';
	t->view.state = BRIDGE_OBSERVING;
	later(t);
}

/* Return: false when the thread is to end. */
static bool take_orders(struct bridge_thread *t)
{
	struct orders orders;

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
		soon(t);
		t->again = true;
	}
	return !orders.quit;
}

/* Return: NULL when it can be actuated, else why not. */
static const char *refusal(const struct accelerator *acc)
{
	const struct backend *backend = acc->backend;
	const struct backend_range *clock = &acc->actuator[BACKEND_CLOCK];

	if (!backend->set || !backend->save || !backend->restore)
		return "its back end only reads";
	if (!clock->there || !clock->writable)
		return clock->why[0] ? clock->why : "its clock can't be set";
	if (!acc->nr_clocks)
		return "its clocks are not known";
	return NULL;
}

static void ask_for_record(struct bridge_thread *t)
{
	int ret;

	enter(t);
	ret = t->acc->backend->save(t->sysfs, t->acc, t->view.line,
				    sizeof(t->view.line));
	leave(t);
	if (ret) {
		t->view.line[0] = '\0';
		problem(t, "not touched, because it does not tell how it is: %s",
			strerror(-ret));
		later(t);
		return;
	}
	t->view.state = BRIDGE_RECORDING;
}

static void describe(const struct bridge_thread *t,
		     struct accelgov_proxy_create *create,
		     struct accelgov_proxy_opp *opps)
{
	const struct backend_range *cap = &t->acc->actuator[BACKEND_CAP];
	uint32_t i;

	memset(create, 0, sizeof(*create));
	memset(opps, 0, AG_OPP_MAX * sizeof(*opps));
	for (i = 0; i < t->nr_khz; i++)
		opps[i].khz = t->khz[i];
	strcpy(create->name, t->acc->name);
	strcpy(create->governor, t->now.governor);
	create->opps = (uintptr_t)opps;
	create->nr_opps = t->nr_khz;
	create->lease_ms = t->now.lease_ms;
	if (!cap->there || !cap->writable || !cap->value.known ||
	    !cap->min.known || !cap->max.known ||
	    cap->value.value < cap->min.value ||
	    cap->value.value > cap->max.value)
		return;
	create->cap_min_mw = cap->min.value;
	create->cap_max_mw = cap->max.value;
	create->cap_mw = cap->value.value;
}

static void explain_create(struct bridge_thread *t, int ret)
{
	switch (ret) {
	case -ENOENT:
	case -ENXIO:
		problem(t, "only observed: there is no " PROXY_NODE ", load the module (modprobe accelgov)");
		return;
	case -EEXIST:
		problem(t, "only observed: a device of its name is there already, is another program in charge of it?");
		return;
	case -ENODEV:
		problem(t, "only observed: there is no governor %s",
			t->now.governor);
		return;
	default:
		problem(t, "only observed: " PROXY_NODE ": %s",
			strerror(-ret));
	}
}

static void make_proxy(struct bridge_thread *t)
{
	struct accelgov_proxy_opp opps[AG_OPP_MAX];
	struct accelgov_proxy_create create;
	int ret;

	describe(t, &create, opps);
	ret = proxy_create(&create, &t->proxy);
	if (ret) {
		t->proxy = -1;
		t->view.state = BRIDGE_OBSERVING;
		explain_create(t, ret);
		later(t);
		return;
	}
	t->view.cap_mw = create.cap_mw;
	t->view.state = BRIDGE_ACTIVE;
	t->view.problem[0] = '\0';
	t->view.proxies++;
	t->delay_ns = 0;
}

/* It should be active and is not: the next step towards that. */
static void pursue(struct bridge_thread *t)
{
	const char *why;

	if (!t->now.active || t->now.forbidden || t->proxy >= 0 ||
	    now_ns() < t->retry_ns)
		return;
	why = refusal(t->acc);
	if (why) {
		problem(t, "only observed: %s", why);
		later(t);
	} else if (!t->view.line[0]) {
		ask_for_record(t);
	} else if (t->on_disk) {
		make_proxy(t);
	}
}

static void report(struct bridge_thread *t,
		   const struct accelgov_sample *sample)
{
	struct accelgov_proxy_report r = { .seq = t->seq, .error = t->error };
	int ret;

	if (t->proxy < 0)
		return;
	if (sample && !ag_sample_check(sample))
		r.sample = *sample;
	ret = proxy_report(t->proxy, &r);
	if (ret == -ENODEV)
		lost(t, "its lease ran out or it was removed");
}

static int follow(struct bridge_thread *t,
		  const struct accelgov_proxy_target *target)
{
	int ret = 0, cap_ret = 0;

	if (t->again || target->clock_khz != t->view.clock_khz)
		ret = set(t, BACKEND_CLOCK, target->clock_khz);
	if (!ret)
		t->view.clock_khz = target->clock_khz;
	if (target->cap_mw && (t->again || target->cap_mw != t->view.cap_mw))
		cap_ret = set(t, BACKEND_CAP, target->cap_mw);
	if (!cap_ret)
		t->view.cap_mw = target->cap_mw;
	t->again = false;
	return ret ? ret : cap_ret;
}

static void take_target(struct bridge_thread *t)
{
	struct accelgov_proxy_target target;
	int ret = proxy_read(t->proxy, &target);

	if (ret == -EAGAIN)
		return;
	if (ret) {
		lost(t, ret == -ENODEV ? "its lease ran out or it was removed" :
					 strerror(-ret));
		return;
	}
	t->target = target;
	ret = follow(t, &target);
	t->view.targets++;
	t->view.set_errors += !!ret;
	t->seq = target.seq;
	t->error = -ret;
	if (ret)
		problem(t, "a clock or power limit can't be set: %s",
			strerror(-ret));
	else
		t->view.problem[0] = '\0';
	report(t, NULL);
}

/* Somebody may have reset what was set. */
static void set_again(struct bridge_thread *t)
{
	if (t->again && t->proxy >= 0 && t->seq)
		t->error = -follow(t, &t->target);
	t->again = false;
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
	w->saving_permille = observer_saving_permille(&t->observer);
	w->slowdown_permille = observer_slowdown_permille(&t->observer);
	w->used_uj = t->observer.used_uj;
	w->saved_uj = t->observer.saved_uj;
	w->changes = t->observer.changes;
}

static void observe(struct bridge_thread *t, struct accelgov_sample sample)
{
	if (!t->view.would.there || t->view.state == BRIDGE_ACTIVE)
		return;
	if (!sample.time_ns)
		sample.time_ns = now_ns();
	observer_sample(&t->observer, &sample);
	look_on(t);
}

static void no_reading(struct bridge_thread *t, int ret)
{
	t->view.errors++;
	if (++t->failed < ERRORS_LOST)
		return;
	if (t->view.would.there)
		observer_lost(&t->observer, now_ns());
	look_on(t);
	if (t->view.state != BRIDGE_ACTIVE)
		problem(t, "can't be read: %s", strerror(-ret));
}

/* Return: false when the accelerator has gone. */
static bool read_once(struct bridge_thread *t)
{
	struct backend_reading reading = { 0 };
	int ret;

	enter(t);
	ret = t->acc->backend->read(t->sysfs, t->acc, &reading);
	leave(t);
	if (ret == -ENODEV)
		return false;
	if (ret) {
		no_reading(t, ret);
		/* A library that hangs is no reason to keep the lease. */
		if (ret != -ETIMEDOUT)
			report(t, NULL);
		return true;
	}
	if (t->failed >= ERRORS_LOST)
		t->view.problem[0] = '\0';
	t->failed = 0;
	t->view.reads++;
	t->view.reading = reading;
	if (t->view.state == BRIDGE_STARTING)
		t->view.state = BRIDGE_OBSERVING;
	report(t, &reading.sample);
	observe(t, reading.sample);
	return true;
}

/* Return: false when the accelerator has gone. */
static bool refresh(struct bridge_thread *t)
{
	int ret = 0;

	if (now_ns() < t->refreshed_ns + REFRESH_NS)
		return true;
	t->refreshed_ns = now_ns();
	if (t->acc->backend->refresh) {
		enter(t);
		ret = t->acc->backend->refresh(t->sysfs, t->acc);
		leave(t);
	}
	t->view.asleep = t->acc->asleep;
	return ret != -ENODEV;
}

static bool on_timer(struct bridge_thread *t)
{
	if (!refresh(t) || !read_once(t))
		return false;
	pursue(t);
	return true;
}

static void gone(struct bridge_thread *t)
{
	close_proxy(t);
	/* A driver that was reset has forgotten all, and then this fails. */
	put_back(t);
	t->view.state = BRIDGE_GONE;
	problem(t, "the accelerator is gone");
}

/* Return: false at the end. */
static bool turn(struct bridge_thread *t)
{
	struct pollfd fds[] = {
		{ .fd = t->wake, .events = POLLIN },
		{ .fd = t->timer, .events = POLLIN },
		{ .fd = t->proxy, .events = POLLIN },
	};

	if (poll(fds, 3, -1) < 0)
		return true;
	if (fds[0].revents && !take_orders(t))
		return false;
	if (fds[2].revents && t->proxy >= 0)
		take_target(t);
	set_again(t);
	if (fds[1].revents) {
		drain(t->timer);
		if (!on_timer(t)) {
			gone(t);
			return false;
		}
	} else {
		pursue(t);
	}
	publish(t);
	return true;
}

static void *run(void *arg)
{
	struct bridge_thread *t = arg;

	begin_observing(t);
	set_timer(t);
	publish(t);
	while (turn(t))
		;
	if (t->view.state != BRIDGE_GONE)
		stand_down(t);
	publish(t);
	return NULL;
}

static void free_thread(struct bridge_thread *t)
{
	if (t->wake >= 0)
		close(t->wake);
	if (t->timer >= 0)
		close(t->timer);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

static int set_up(struct bridge_thread *t)
{
	int ret;

	t->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	t->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (t->wake < 0 || t->timer < 0)
		return -errno;
	t->nr_khz = observer_thin(t->acc->clock_khz, t->acc->nr_clocks, t->khz);
	ret = pthread_create(&t->pthread, NULL, run, t);
	return -ret;
}

int bridge_thread_start(const struct sysfs *sysfs, struct accelerator *acc,
			const struct bridge_wish *wish, const char *line,
			int notify_fd, struct bridge_thread **ret_thread)
{
	struct bridge_thread *t = calloc(1, sizeof(*t));
	int ret;

	if (!t)
		return -ENOMEM;
	t->sysfs = sysfs;
	t->acc = acc;
	t->now = *wish;
	t->notify = notify_fd;
	t->wake = -1;
	t->timer = -1;
	t->proxy = -1;
	strcpy(t->view.line, line);
	/* What an earlier thread changed and could not put back. */
	t->on_disk = line[0];
	t->dirty = line[0];
	if (wish->active && wish->forbidden)
		problem(t, "%s", wish->forbidden);
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

void bridge_thread_view(struct bridge_thread *t, struct bridge_view *ret)
{
	pthread_mutex_lock(&t->lock);
	*ret = t->shown;
	pthread_mutex_unlock(&t->lock);
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
