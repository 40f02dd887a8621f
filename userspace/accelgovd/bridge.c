// SPDX-License-Identifier: GPL-2.0
/*
 * accelgovd - accelerators that back ends found
 *
 * Looking for them and working on them happens on other threads; here what they
 * found and did is taken note of: new ones get a thread, gone ones lose it, what
 * is about to be changed is written to disk, and a guardian is told that all is
 * well for as long as something is changed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "apply.h"
#include "bridge_again.h"
#include "drmwatch.h"
#include "log.h"

#define NS_PER_S	1000000000ULL

/* Where neither configuration nor back end says how often. */
#define PERIOD_US	100000
/* What the module and the core take. */
#define PERIOD_MAX_US	100000

/* How long all threads together may take to end. */
#define STOP_NS		(5 * NS_PER_S)

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static struct bridge *find(const struct bridges *b, const char *name)
{
	size_t i;

	for (i = 0; b && i < b->nr; i++)
		if (!strcmp(b->bridge[i]->acc->name, name))
			return b->bridge[i];
	return NULL;
}

static uint32_t period_of(const struct accelerator *acc,
			  const struct config_device *config)
{
	uint32_t period_us = acc->period_us ? acc->period_us : PERIOD_US;

	if (config->sample_period_us.known)
		period_us = config->sample_period_us.value;
	if (period_us < acc->period_us)
		period_us = acc->period_us;
	return period_us > PERIOD_MAX_US ? PERIOD_MAX_US : period_us;
}

static const char *forbidden(const struct daemon *d)
{
	if (!d->sysfs.live)
		return "only observed: this is a recorded tree";
	if (d->unprivileged)
		return "only observed: accelgovd does not run as root";
	return NULL;
}

/* What the configuration means for one accelerator. */
static void wish_for(const struct bridges *b, struct bridge *one,
		     struct bridge_wish *wish)
{
	struct config_device config;

	config_device(b->daemon->config, one->acc->name, &config);
	one->mode = config.mode == CONFIG_MODE_ACTIVE ? CONFIG_MODE_ACTIVE :
							CONFIG_MODE_OBSERVE;
	memset(wish, 0, sizeof(*wish));
	wish->active = one->mode == CONFIG_MODE_ACTIVE;
	wish->forbidden = forbidden(b->daemon);
	one->period_us = period_of(one->acc, &config);
	wish->period_us = one->period_us;
	wish->lease_ms = config_lease_us(b->daemon->config) / 1000;
	snprintf(wish->governor, sizeof(wish->governor), "%.15s",
		 config.governor);
	wish->hold[BACKEND_MEM] = config.max_mem_khz;
	wish->hold[BACKEND_PROFILE] = config.power_profile;
	wish->switch_us = config.switch_us.value;
	wish->halt_us = config.halt_us.value;
	wish->waits_map = one->waits_index < 0 ? -1 : drmwatch_map(b->daemon->drm);
	wish->waits_index = one->waits_index;
	observer_config(&config, wish->period_us, &wish->cfg);
}

static bool keeps_record(const struct bridge *one)
{
	return one->view.line[0];
}

/* Only the back end that wrote a line can read it. */
static void pay_debt(struct bridges *b, const struct accelerator *acc, char *ret_line)
{
	const struct state_accelerator *record;
	size_t i;

	ret_line[0] = '\0';
	for (i = 0; i < b->nr_debts; i++) {
		record = &b->debt[i].record;
		if (strcmp(record->name, acc->name) ||
		    strcmp(record->backend, acc->backend->name))
			continue;
		strcpy(ret_line, b->debt[i].record.line);
		b->debt[i] = b->debt[--b->nr_debts];
		return;
	}
}

static void owe(struct bridges *b, const struct bridge *one)
{
	struct bridge_debt *more, *debt;

	if (!keeps_record(one))
		return;
	more = reallocarray(b->debt, b->nr_debts + 1, sizeof(*more));
	if (!more)
		return;
	b->debt = more;
	debt = &more[b->nr_debts++];
	memset(debt, 0, sizeof(*debt));
	snprintf(debt->record.name, sizeof(debt->record.name), "%s",
		 one->acc->name);
	snprintf(debt->record.backend, sizeof(debt->record.backend), "%s",
		 one->acc->backend->name);
	strcpy(debt->record.line, one->view.line);
}

static void miss(struct bridges *b, const char *name)
{
	struct names *n = &b->missing;
	char **more = reallocarray(n->name, n->nr + 1, sizeof(*more));

	if (!more)
		return;
	n->name = more;
	n->name[n->nr] = strdup(name);
	n->nr += !!n->name[n->nr];
	bridge_scan_missing(b->scan, n->nr);
}

/* That a device is there of which nothing can be read is not all that is looked for. */
static void found(struct bridges *b, const struct accelerator *acc)
{
	struct names *n = &b->missing;
	size_t i;

	if (acc->backend == &backend_seen)
		return;
	for (i = n->nr; i-- > 0;) {
		if (strcmp(n->name[i], acc->name))
			continue;
		free(n->name[i]);
		n->name[i] = n->name[--n->nr];
	}
	bridge_scan_missing(b->scan, n->nr);
}

static void free_one(struct bridges *b, struct bridge *one)
{
	drmwatch_release(b->daemon->drm, one->waits_index);
	bridge_jobs_free(&one->jobs);
	accelerator_free(one->acc);
	if (one->next)
		accelerator_free(one->next);
	free(one);
}

/* A thread begins to work on it; @before is what the one before that has seen. */
static int begin(struct bridges *b, struct bridge *one, const char *line,
		 const struct bridge_view *before)
{
	struct bridge_wish wish;
	int ret;

	if (one->waits_index < 0 && one->acc->backend->owners)
		one->waits_index = drmwatch_claim(b->daemon->drm);
	wish_for(b, one, &wish);
	bridge_remember(one);
	ret = bridge_thread_start(&b->daemon->sysfs, one->acc, &wish, line, before,
				  b->notify, &one->thread);
	if (ret)
		log_err("%s: can't look after it: %s", one->acc->name, strerror(-ret));
	return ret;
}

static struct bridge *new_one(struct bridges *b)
{
	struct bridge **more = reallocarray(b->bridge, b->nr + 1, sizeof(*more));
	struct bridge *one;

	if (!more)
		return NULL;
	b->bridge = more;
	one = calloc(1, sizeof(*one));
	if (!one)
		return NULL;
	one->jobs.source = JOBS_HELD;
	one->waits_index = -1;
	return one;
}

/* Takes the accelerator in any case. */
static void add(struct bridges *b, struct accelerator *acc)
{
	struct bridge *one = new_one(b);
	char line[STATE_LINE_LEN];

	if (!one) {
		log_err("%s: can't look after it: %s", acc->name, strerror(ENOMEM));
		accelerator_free(acc);
		return;
	}
	one->acc = acc;
	pay_debt(b, acc, line);
	if (begin(b, one, line, NULL)) {
		free_one(b, one);
		return;
	}
	strcpy(one->view.line, line);
	b->bridge[b->nr++] = one;
	found(b, acc);
	log_info("%s: %s, found by %s", acc->name,
		 acc->model[0] ? acc->model : acc->vendor, acc->backend->name);
}

/* Parts of one (MIG) go with the whole; drivers with devfreq need no bridge. */
static bool wanted(const struct accelerator *acc)
{
	return !acc->parent[0] && !acc->devfreq[0] && device_name_valid(acc->name);
}

/* What was found of one that is known. Return: it was taken. */
static bool look_again(struct bridge *one, struct accelerator *acc, uint64_t began_ns)
{
	const char *gain = bridge_compare(one, acc, began_ns, now_ns());

	if (!gain)
		return false;
	log_info("%s: there is more of it now (%s): it is put back, and taken over anew",
		 acc->name, gain);
	one->next = acc;
	bridge_thread_stop(one->thread);
	return true;
}

/* Return: it is the list's no more. */
static bool take_one(struct bridges *b, struct accelerator *acc, uint64_t began_ns)
{
	struct bridge *one = find(b, acc->name);

	if (!wanted(acc))
		return false;
	if (one)
		return look_again(one, acc, began_ns);
	add(b, acc);
	return true;
}

static void send_superseded(struct bridges *b, const struct accelerators *list)
{
	struct bridge *one;
	size_t i;

	for (i = 0; i < b->nr; i++) {
		one = b->bridge[i];
		if (one->leaves || !bridge_is_superseded(one, list))
			continue;
		one->leaves = true;
		log_info("%s: nothing is to be done with it under this name any more",
			 one->acc->name);
		bridge_thread_stop(one->thread);
	}
}

static void take_scan(struct bridges *b)
{
	struct accelerators list;
	uint64_t began_ns;
	size_t i, kept;
	json_t *note;

	if (!bridge_scan_take(b->scan, &list, &began_ns, &note))
		return;
	bridges_say_notes(b->note, note);
	json_decref(b->note);
	b->note = note;
	send_superseded(b, &list);
	for (i = 0, kept = 0; i < list.nr; i++)
		if (!take_one(b, list.item[i], began_ns))
			list.item[kept++] = list.item[i];
	list.nr = kept;
	accelerators_free(&list);
}

static void drop(struct bridges *b, size_t i)
{
	struct bridge *one = b->bridge[i];
	bool restored = false;

	if (bridge_thread_join(one->thread, now_ns() + NS_PER_S, &restored))
		return;
	if (!restored)
		owe(b, one);
	if (!one->leaves)
		miss(b, one->acc->name);
	free_one(b, one);
	b->bridge[i] = b->bridge[--b->nr];
	apply_save(b->daemon);
	/* It may be back already, as after a reset. */
	bridge_scan_soon(b->scan);
}

/* Its thread has ended, and what that could not put back is the next one's to do. */
static void exchange(struct bridges *b, size_t i)
{
	struct bridge *one = b->bridge[i];
	char line[STATE_LINE_LEN];
	bool restored;

	if (bridge_thread_join(one->thread, now_ns() + NS_PER_S, &restored))
		return;
	accelerator_free(one->acc);
	one->acc = one->next;
	one->next = NULL;
	strcpy(line, one->view.line);
	if (!line[0])
		pay_debt(b, one->acc, line);
	if (!begin(b, one, line, &one->view)) {
		strcpy(one->view.line, line);
		found(b, one->acc);
		return;
	}
	owe(b, one);
	free_one(b, one);
	b->bridge[i] = b->bridge[--b->nr];
	bridge_scan_soon(b->scan);
}

static bool anything_set(const struct bridges *b)
{
	size_t i;

	for (i = 0; i < b->nr; i++)
		if (keeps_record(b->bridge[i]))
			return true;
	return b->nr_debts;
}

static void keep_guardian(struct bridges *b)
{
	uint32_t lease_ms = config_lease_us(b->daemon->config) / 1000;
	uint64_t now = now_ns();
	bool late = b->beat_ns && now > b->beat_ns + lease_ms * 1000000ULL;

	if (!anything_set(b)) {
		/* There is nothing to be late with. */
		if (b->guardian)
			guardian_beat(b->guardian, 0);
		b->beat_ns = 0;
		return;
	}
	if (b->guardian && !guardian_beat(b->guardian, lease_ms)) {
		log_warn("the process that would put accelerators back has died, starting another");
		b->guardian = guardian_free(b->guardian);
	}
	if (!b->guardian &&
	    !guardian_start(b->daemon->state_path, &b->guardian))
		guardian_beat(b->guardian, lease_ms);
	b->beat_ns = now;
	if (late) {
		log_warn("late by more than the lease: setting accelerators again");
		bridges_retry(b);
	}
}

/* What is about to be changed goes to disk before it is. */
static void record(struct bridges *b, struct bridge *one, bool news)
{
	int ret;

	if (!news)
		return;
	ret = apply_save(b->daemon);
	keep_guardian(b);
	if (one->view.state != BRIDGE_RECORDING)
		return;
	if (!ret && !b->guardian)
		ret = -ECHILD;
	bridge_thread_recorded(one->thread, ret);
}

static void look_after(struct bridges *b, size_t i)
{
	struct bridge *one = b->bridge[i];
	enum bridge_state was = one->view.state;
	struct backend_owners owners;
	bool had = keeps_record(one);

	bridge_thread_view(one->thread, &one->view);
	record(b, one, had != keeps_record(one) ||
	       (was != one->view.state &&
		one->view.state == BRIDGE_RECORDING));
	bridge_say(one, now_ns());
	if (bridge_thread_owners(one->thread, one->jobs.taken_ns, &owners))
		bridge_jobs_account(&one->jobs, &owners, &one->view,
				    b->daemon->calls, one->waits_index);
	bridge_watch(one, now_ns());
	if (was != one->view.state && one->view.state == BRIDGE_ACTIVE)
		daemon_rescan_soon(b->daemon);
	if (bridge_asks_for_scan(one, now_ns()))
		bridge_scan_soon(b->scan);
	if (one->view.state == BRIDGE_GONE || (one->view.ended && one->leaves))
		drop(b, i);
	else if (one->view.ended && one->next)
		exchange(b, i);
}

static void look_after_all(struct bridges *b)
{
	size_t i;

	for (i = b->nr; i-- > 0;)
		look_after(b, i);
}

/* All that are only observed have as much CPU time. */
static void share(struct bridges *b)
{
	uint32_t ppm = 1000 * config_readings_permille(b->daemon->config);
	size_t i, nr = 0;

	for (i = 0; i < b->nr; i++)
		nr += b->bridge[i]->view.state != BRIDGE_ACTIVE;
	for (i = 0; i < b->nr; i++)
		bridge_thread_share(b->bridge[i]->thread, ppm / (uint32_t)(nr + !nr));
}

static int on_notify(sd_event_source *source, int fd, uint32_t events,
		     void *arg)
{
	struct bridges *b = arg;
	uint64_t count;

	if (read(fd, &count, sizeof(count)) < 0)
		return 0;
	take_scan(b);
	look_after_all(b);
	share(b);
	return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
	uint64_t period_us = 1000000, third_us;
	struct bridges *b = arg;

	look_after_all(b);
	share(b);
	keep_guardian(b);
	third_us = config_lease_us(b->daemon->config) / 3;
	if (third_us < period_us)
		period_us = third_us;
	sd_event_source_set_time_relative(source, period_us);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int set_up(struct bridges *b)
{
	int ret;

	b->notify = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (b->notify < 0)
		return -errno;
	ret = sd_event_add_io(b->daemon->event, &b->on_notify, b->notify,
			      EPOLLIN, on_notify, b);
	if (ret >= 0)
		ret = sd_event_add_time_relative(b->daemon->event, &b->timer,
						 CLOCK_MONOTONIC, 0, 0,
						 on_timer, b);
	if (ret < 0)
		return ret;
	return bridge_scan_start(&b->daemon->sysfs, b->notify, &b->scan);
}

int bridges_new(struct daemon *d, struct bridges **ret_bridges)
{
	struct bridges *b = calloc(1, sizeof(*b));
	int ret;

	if (!b)
		return -ENOMEM;
	b->daemon = d;
	b->notify = -1;
	ret = set_up(b);
	if (ret) {
		bridges_free(b);
		return ret;
	}
	*ret_bridges = b;
	return 0;
}

bool bridges_stop(struct bridges *b)
{
	uint64_t deadline_ns = now_ns() + STOP_NS;
	bool all = true, restored;
	struct bridge *one;
	size_t i;

	for (i = 0; b && i < b->nr; i++)
		bridge_thread_stop(b->bridge[i]->thread);
	for (i = 0; b && i < b->nr; i++) {
		one = b->bridge[i];
		bridge_thread_view(one->thread, &one->view);
		if (bridge_thread_join(one->thread, deadline_ns, &restored)) {
			log_warn("%s: its library hangs, leaving it",
				 one->acc->name);
			owe(b, one);
			all = false;
			continue;
		}
		if (!restored)
			owe(b, one);
		free_one(b, one);
	}
	if (b)
		b->nr = 0;
	if (b && !bridge_scan_stop(b->scan, deadline_ns))
		all = false;
	if (b)
		b->scan = NULL;
	return all;
}

struct bridges *bridges_free(struct bridges *b)
{
	if (!b)
		return NULL;
	sd_event_source_disable_unref(b->on_notify);
	sd_event_source_disable_unref(b->timer);
	guardian_free(b->guardian);
	if (b->notify >= 0)
		close(b->notify);
	json_decref(b->note);
	names_free(&b->missing);
	free(b->bridge);
	free(b->debt);
	free(b);
	return NULL;
}

void bridges_rescan_soon(struct bridges *b)
{
	if (b)
		bridge_scan_soon(b->scan);
}

void bridges_retry(struct bridges *b)
{
	size_t i;

	for (i = 0; b && i < b->nr; i++)
		bridge_thread_retry(b->bridge[i]->thread);
}

void bridges_configure(struct bridges *b)
{
	struct bridge_wish wish;
	size_t i;

	for (i = 0; b && i < b->nr; i++) {
		wish_for(b, b->bridge[i], &wish);
		bridge_thread_wish(b->bridge[i]->thread, &wish);
	}
}

void bridges_jobs(const struct bridges *b, json_t *devices)
{
	const struct bridge *one;
	size_t i;

	for (i = 0; b && i < b->nr; i++) {
		one = b->bridge[i];
		if (one->jobs.taken_ns)
			json_array_append_new(devices,
					      jobs_to_json(&b->daemon->sysfs,
							   one->acc->name,
							   &one->jobs.jobs,
							   one->jobs.energy,
							   one->jobs.source));
	}
}

uint32_t bridges_period_us(const struct bridges *b, const char *name)
{
	const struct bridge *one = find(b, name);

	/* The kernel may announce the device before the thread says so. */
	return one && one->mode == CONFIG_MODE_ACTIVE ? one->period_us : 0;
}

bool bridges_has(const struct bridges *b, const char *name)
{
	return find(b, name);
}

int bridges_record(const struct bridges *b, struct state *state)
{
	struct state_accelerator *record;
	const struct bridge *one;
	size_t i, room = b ? b->nr + b->nr_debts : 0;

	state->accelerator = calloc(room + 1, sizeof(*state->accelerator));
	if (!state->accelerator)
		return -ENOMEM;
	for (i = 0; b && i < b->nr; i++) {
		one = b->bridge[i];
		if (!keeps_record(one))
			continue;
		record = &state->accelerator[state->nr_accelerators++];
		strcpy(record->name, one->acc->name);
		snprintf(record->backend, sizeof(record->backend), "%s",
			 one->acc->backend->name);
		strcpy(record->line, one->view.line);
	}
	for (i = 0; b && i < b->nr_debts; i++)
		state->accelerator[state->nr_accelerators++] =
			b->debt[i].record;
	return 0;
}
