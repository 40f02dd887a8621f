// SPDX-License-Identifier: GPL-2.0
/*
 * accelgovd - looking for accelerators, on a thread of its own
 *
 * A library that hangs while it looks must hang here and not in the event loop.
 *
 * Looking may wake sleeping devices, so it has to have a reason: the start, an event,
 * or an accelerator that was there before or may have more to show. Events come in
 * bursts while a driver loads, and a device is not ready when it is announced, or when
 * this program starts along with it: scans follow after 0.5 s, 2 s, 8 s and 32 s.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "bridge_scan.h"

#define NS_PER_S	1000000000ULL
#define DELAY_NS	(NS_PER_S / 2)
#define DELAY_FACTOR	4
#define DELAY_MAX_NS	(32 * NS_PER_S)
#define NEVER_NS	(UINT64_MAX / 2)

struct bridge_scan {
	const struct sysfs *sysfs;
	int notify;
	pthread_t pthread;
	pthread_mutex_t lock;
	pthread_cond_t cond;
	uint64_t due_ns;
	uint64_t delay_ns;
	bool missing;
	bool quit;
	bool found;
	struct accelerators list;
	uint64_t began_ns;
	json_t *notes;
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static void on_note(void *arg, const struct backend *backend,
		    const struct backend_note *note)
{
	json_array_append_new(arg, json_pack("{s:s, s:s, s:b}", "name",
					     backend->name, "note", note->text,
					     "left_out", note->left_out));
}

static void put_result(struct bridge_scan *s, struct accelerators *list,
		       uint64_t began_ns, json_t *notes)
{
	uint64_t one = 1;

	accelerators_free(&s->list);
	json_decref(s->notes);
	s->list = *list;
	s->began_ns = began_ns;
	s->notes = notes;
	s->found = true;
	/* It can only fail when it is rung already. */
	if (write(s->notify, &one, sizeof(one)) < 0)
		return;
}

static void scan(struct bridge_scan *s)
{
	struct accelerators list = { 0 };
	json_t *notes = json_array();
	uint64_t began_ns = now_ns();

	pthread_mutex_unlock(&s->lock);
	/* What one back end could not do is no reason to drop the others'. */
	accelerators_scan(s->sysfs, &list, on_note, notes);
	pthread_mutex_lock(&s->lock);
	put_result(s, &list, began_ns, notes);
}

static void plan_next(struct bridge_scan *s)
{
	s->due_ns = NEVER_NS;
	if (s->delay_ns < DELAY_MAX_NS)
		s->delay_ns *= DELAY_FACTOR;
	else if (!s->missing)
		s->delay_ns = 0;
	if (s->delay_ns)
		s->due_ns = now_ns() + s->delay_ns;
}

static void wait_until(struct bridge_scan *s, uint64_t ns)
{
	struct timespec ts = {
		.tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S,
	};

	pthread_cond_clockwait(&s->cond, &s->lock, CLOCK_MONOTONIC, &ts);
}

static void *run(void *arg)
{
	struct bridge_scan *s = arg;

	pthread_mutex_lock(&s->lock);
	while (!s->quit) {
		if (now_ns() < s->due_ns) {
			wait_until(s, s->due_ns);
			continue;
		}
		plan_next(s);
		scan(s);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

static void free_scan(struct bridge_scan *s)
{
	accelerators_free(&s->list);
	json_decref(s->notes);
	pthread_cond_destroy(&s->cond);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

int bridge_scan_start(const struct sysfs *sysfs, int notify_fd,
		      struct bridge_scan **ret_scan)
{
	struct bridge_scan *s = calloc(1, sizeof(*s));
	int ret;

	if (!s)
		return -ENOMEM;
	s->sysfs = sysfs;
	s->notify = notify_fd;
	s->delay_ns = DELAY_NS / DELAY_FACTOR;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->cond, NULL);
	ret = pthread_create(&s->pthread, NULL, run, s);
	if (ret) {
		free_scan(s);
		return -ret;
	}
	*ret_scan = s;
	return 0;
}

void bridge_scan_soon(struct bridge_scan *s)
{
	pthread_mutex_lock(&s->lock);
	s->delay_ns = DELAY_NS;
	s->due_ns = now_ns() + s->delay_ns;
	pthread_cond_signal(&s->cond);
	pthread_mutex_unlock(&s->lock);
}

void bridge_scan_missing(struct bridge_scan *s, bool missing)
{
	pthread_mutex_lock(&s->lock);
	s->missing = missing;
	pthread_mutex_unlock(&s->lock);
}

bool bridge_scan_take(struct bridge_scan *s, struct accelerators *ret_list,
		      uint64_t *ret_began_ns, json_t **ret_notes)
{
	bool found;

	pthread_mutex_lock(&s->lock);
	found = s->found;
	if (found) {
		*ret_list = s->list;
		*ret_began_ns = s->began_ns;
		*ret_notes = s->notes;
		s->list = (struct accelerators){ 0 };
		s->notes = NULL;
		s->found = false;
	}
	pthread_mutex_unlock(&s->lock);
	return found;
}

bool bridge_scan_stop(struct bridge_scan *s, uint64_t deadline_ns)
{
	struct timespec ts = {
		.tv_sec = deadline_ns / NS_PER_S,
		.tv_nsec = deadline_ns % NS_PER_S,
	};

	if (!s)
		return true;
	pthread_mutex_lock(&s->lock);
	s->quit = true;
	pthread_cond_signal(&s->cond);
	pthread_mutex_unlock(&s->lock);
	if (pthread_clockjoin_np(s->pthread, NULL, CLOCK_MONOTONIC, &ts))
		return false;
	free_scan(s);
	return true;
}
