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
#include "bridge_list.h"
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

static void pay_debt(struct bridges *b, const char *name, char *ret_line)
{
	size_t i;

	ret_line[0] = '\0';
	for (i = 0; i < b->nr_debts; i++) {
		if (strcmp(b->debt[i].record.name, name))
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

static void found(struct bridges *b, const char *name)
{
	struct names *n = &b->missing;
	size_t i;

	for (i = n->nr; i-- > 0;) {
		if (strcmp(n->name[i], name))
			continue;
		free(n->name[i]);
		n->name[i] = n->name[--n->nr];
	}
	bridge_scan_missing(b->scan, n->nr);
}

/* Takes the accelerator in any case. */
static void add(struct bridges *b, struct accelerator *acc)
{
	struct bridge **more, *one = calloc(1, sizeof(*one));
	struct accelerator **item = malloc(sizeof(*item));
	struct accelerators own = { .item = item, .nr = 1 };
	char line[STATE_LINE_LEN];
	struct bridge_wish wish;
	int ret = -ENOMEM;

	more = reallocarray(b->bridge, b->nr + 1, sizeof(*more));
	if (more)
		b->bridge = more;
	if (!one || !item || !more)
		goto drop;
	item[0] = acc;
	one->own = own;
	one->acc = acc;
	one->jobs.source = JOBS_HELD;
	one->waits_index = acc->backend->owners ? drmwatch_claim(b->daemon->drm) : -1;
	wish_for(b, one, &wish);
	pay_debt(b, acc->name, line);
	ret = bridge_thread_start(&b->daemon->sysfs, acc, &wish, line,
				  b->notify, &one->thread);
	if (ret)
		goto drop;
	strcpy(one->view.line, line);
	b->bridge[b->nr++] = one;
	found(b, acc->name);
	log_info("%s: %s, found by %s", acc->name,
		 acc->model[0] ? acc->model : acc->vendor, acc->backend->name);
	return;

drop:
	log_err("%s: can't look after it: %s", acc->name, strerror(-ret));
	if (one && one->acc)
		drmwatch_release(b->daemon->drm, one->waits_index);
	free(one);
	if (item) {
		item[0] = acc;
		accelerators_free(&own);
	}
}

static void free_one(struct bridges *b, struct bridge *one)
{
	drmwatch_release(b->daemon->drm, one->waits_index);
	bridge_jobs_free(&one->jobs);
	accelerators_free(&one->own);
	free(one);
}

/* Parts of one (MIG) go with the whole; drivers with devfreq need no bridge. */
static bool wanted(const struct bridges *b, const struct accelerator *acc)
{
	return !acc->parent[0] && !acc->devfreq[0] &&
	       device_name_valid(acc->name) && !find(b, acc->name);
}

static void take_scan(struct bridges *b)
{
	struct accelerators list;
	json_t *note;
	size_t i;

	if (!bridge_scan_take(b->scan, &list, &note))
		return;
	bridges_say_notes(b->note, note);
	json_decref(b->note);
	b->note = note;
	for (i = 0; i < list.nr;) {
		struct accelerator *acc = list.item[i];

		if (!wanted(b, acc)) {
			i++;
			continue;
		}
		list.item[i] = list.item[--list.nr];
		add(b, acc);
	}
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
	miss(b, one->acc->name);
	free_one(b, one);
	b->bridge[i] = b->bridge[--b->nr];
	apply_save(b->daemon);
	/* It may be back already, as after a reset. */
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
	if (was != one->view.state && one->view.state == BRIDGE_ACTIVE)
		daemon_rescan_soon(b->daemon);
	if (one->view.state == BRIDGE_GONE)
		drop(b, i);
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
