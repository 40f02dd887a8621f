// SPDX-License-Identifier: GPL-2.0
/*
 * accelgovd - following devices: what is there, who governs it, what that needs
 *
 * Everything here is one pass over sysfs that compares what is with what the
 * daemon knows and acts on the difference. Uevents only say when to look. So a
 * lost event, an event that comes twice and a restart of the daemon all end in
 * the same state.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "apply.h"
#include "bridge.h"
#include "callwatch.h"
#include "daemon.h"
#include "drmwatch.h"
#include "log.h"

#define CLASS "sys/class/devfreq/%s/"

/* Below this share of its runs a collector is being throttled. */
#define RATE_LOW_PERMILLE 800

/* 20 ms, doubled each time: 20 s in all. */
#define RETRY_US	20000
#define RETRIES_MAX	10

static uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000ULL + ts.tv_nsec / 1000;
}

size_t daemon_governed(const struct daemon *d)
{
	size_t i, nr = 0;

	for (i = 0; i < d->nr_devices; i++)
		nr += d->device[i]->governed;
	return nr;
}

static struct managed *find(struct daemon *d, const char *name)
{
	size_t i;

	for (i = 0; i < d->nr_devices; i++)
		if (!strcmp(d->device[i]->changes.name, name))
			return d->device[i];
	return NULL;
}

static struct managed *add(struct daemon *d, const char *name)
{
	struct managed **more, *m;

	more = reallocarray(d->device, d->nr_devices + 1, sizeof(*more));
	if (!more)
		return NULL;
	d->device = more;
	m = calloc(1, sizeof(*m));
	if (!m)
		return NULL;
	strcpy(m->changes.name, name);
	m->slot = -1;
	m->drm = -1;
	m->daemon = d;
	more[d->nr_devices++] = m;
	return m;
}

/*
 * What is configured for a device of /sys/class/devfreq. A proxy device is
 * sampled by its bridge, which knows how often that makes sense.
 */
static void resolve(const struct daemon *d, const struct managed *m,
		    struct config_device *ret)
{
	uint32_t period_us = bridges_period_us(d->bridges, m->changes.name);

	config_device(d->config, m->changes.name, ret);
	if (period_us)
		ret->sample_period_us = (struct reading){ period_us, true };
	else if (ret->mode == CONFIG_MODE_OBSERVE || d->unprivileged)
		*ret = (struct config_device){ .mode = CONFIG_MODE_OBSERVE };
}

static void detach(struct daemon *d, struct managed *m)
{
	m->watch = sd_event_source_disable_unref(m->watch);
	if (m->slot >= 0)
		collector_detach(d->collector, m->slot);
	m->slot = -1;
}

static uint32_t sample_period_us(struct daemon *d, const struct managed *m)
{
	struct reading period_us;

	period_us = sysfs_reading(&d->sysfs, CLASS "accelgov/sample_period_us",
				  m->changes.name);
	if (!period_us.known || period_us.value < 1000 ||
	    period_us.value > 100000)
		return CONFIG_SAMPLE_US;
	return period_us.value;
}

/*
 * The module counts three periods as silence: when the period gets shorter the
 * collector has to be there first.
 */
static void lead_period(struct daemon *d, struct managed *m,
			const struct config_device *config)
{
	uint32_t now = sample_period_us(d, m);

	if (m->slot >= 0 && config->sample_period_us.known &&
	    config->sample_period_us.value < now)
		collector_set_period(d->collector, m->slot,
				     config->sample_period_us.value);
}

/* Whoever set it: the file says how often the module wants samples. */
static void follow_period(struct daemon *d, struct managed *m)
{
	if (m->slot >= 0)
		collector_set_period(d->collector, m->slot,
				     sample_period_us(d, m));
}

static int on_period(sd_event_source *source,
		     const struct inotify_event *event, void *arg)
{
	struct managed *m = arg;

	follow_period(m->daemon, m);
	return 0;
}

/* Late by even a few periods, the device would be in fallback meanwhile. */
static void watch_period(struct daemon *d, struct managed *m)
{
	char path[160];

	if (m->slot < 0 || m->watch)
		return;
	snprintf(path, sizeof(path), "/" CLASS "accelgov/sample_period_us",
		 m->changes.name);
	/* Without the watch the next tick notices. */
	if (sd_event_add_inotify(d->event, &m->watch, path, IN_MODIFY,
				 on_period, m) < 0)
		m->watch = NULL;
}

/* Return: false when neither counters nor a scheduler tell anything. */
static bool find_sources(struct daemon *d, struct managed *m, struct pmu *pmu)
{
	const char *name = m->changes.name;
	char pmu_name[64];

	m->drm = drmwatch_find(d->drm, name);
	if (!device_pmu(&d->sysfs, name, pmu_name, sizeof(pmu_name)) &&
	    !pmu_load(&d->sysfs, pmu_name, pmu))
		return true;
	pmu_none(&d->sysfs, pmu);
	return m->drm >= 0;
}

static int attach_again(struct daemon *d, struct managed *m)
{
	const char *name = m->changes.name;
	char err[sizeof(m->collector_problem)];
	struct pmu pmu;

	if (!find_sources(d, m, &pmu)) {
		snprintf(err, sizeof(err),
			 "no PMU and no GPU scheduler: without counters accelgov follows busy time only");
	} else {
		m->slot = collector_attach(d->collector, &pmu, m->drm,
					   m->token, sample_period_us(d, m),
					   err, sizeof(err));
		if (m->slot >= 0) {
			log_debug("%s: collecting from PMU %s%s on CPU %d",
				  name, pmu.name[0] ? pmu.name : "none",
				  m->drm < 0 ? "" : " and GPU scheduler",
				  pmu.cpu);
			return 0;
		}
	}
	/* Retried with every scan: say it once. */
	if (strcmp(err, m->collector_problem))
		log_warn("%s: %s", name, err);
	strcpy(m->collector_problem, err);
	return -EIO;
}

static void attach(struct daemon *d, struct managed *m)
{
	/* Its scheduler has come, or is gone: what it says then is not zero. */
	if (m->slot >= 0 && m->drm != drmwatch_find(d->drm, m->changes.name))
		detach(d, m);
	if (!d->collector || m->slot >= 0 ||
	    bridges_period_us(d->bridges, m->changes.name) ||
	    attach_again(d, m))
		return;
	m->collector_problem[0] = '\0';
	watch_period(d, m);
	log_info("%s: collecting signals", m->changes.name);
}

static void ungovern(struct daemon *d, struct managed *m)
{
	detach(d, m);
	apply_forget(m);
	m->governed = false;
	m->incomplete = false;
	m->policy_problem[0] = '\0';
	m->collector_problem[0] = '\0';
	apply_save(d);
	log_info("%s: no longer governed by accelgov", m->changes.name);
}

/*
 * The governor's folder is filled file by file, and whoever scans meanwhile sees
 * half of it: what is missing then is set with the next scan. Values count as leased
 * only when the lease was there before them.
 */
static void set_policy(struct daemon *d, struct managed *m,
		       const struct config_device *config)
{
	m->incomplete = apply_lease(d, m) == -ENOENT && !d->record_problem[0];
	if (m->incomplete)
		return;
	lead_period(d, m, config);
	m->incomplete = !apply_knobs(d, m, config, d->retries < RETRIES_MAX);
	follow_period(d, m);
}

static void govern(struct daemon *d, struct managed *m, uint32_t token,
		   const struct config_device *config)
{
	m->governed = true;
	m->token = token;
	m->policy_problem[0] = '\0';
	/* Loading the program may take longer than a lease. */
	attach(d, m);
	set_policy(d, m, config);
}

static bool read_token(struct daemon *d, const char *name, uint32_t *ret_token)
{
	struct reading token;

	token = sysfs_reading(&d->sysfs, CLASS "accelgov/push_token", name);
	if (!token.known || token.value < 0 || token.value > UINT32_MAX)
		return false;
	*ret_token = token.value;
	return true;
}

static void update(struct daemon *d, struct managed *m)
{
	const char *name = m->changes.name;
	struct config_device config;
	uint32_t token = 0;
	bool governed;

	resolve(d, m, &config);
	d->incomplete |= !!apply_governor(d, m, &config);

	/* A new token is a new instance: values set on the old one are gone. */
	governed = read_token(d, name, &token);
	if (m->governed && (!governed || token != m->token))
		ungovern(d, m);
	if (governed && (!m->governed || m->incomplete))
		govern(d, m, token, &config);
	else if (governed)
		attach(d, m);
	d->incomplete |= m->incomplete;
}

static void forget(struct daemon *d, struct managed *m)
{
	size_t i = 0;

	log_info("%s: gone", m->changes.name);
	detach(d, m);
	while (d->device[i] != m)
		i++;
	d->nr_devices--;
	memmove(&d->device[i], &d->device[i + 1],
		(d->nr_devices - i) * sizeof(*d->device));
	free(m);
	apply_save(d);
}

static void notice(struct daemon *d, const char *name)
{
	uint64_t inode = sysfs_inode(&d->sysfs, CLASS, name);
	struct managed *m;

	if (!inode || !device_name_valid(name))
		return;
	m = find(d, name);
	/* Unbound and bound again between two scans. */
	if (m && m->inode != inode) {
		forget(d, m);
		m = NULL;
	}
	if (!m)
		m = add(d, name);
	if (!m)
		return;
	m->inode = inode;
	m->present = true;
}

/*
 * A timer that runs is never put off, or scans that come often would starve the
 * leases. A recorded tree sends no events, there the timer stands in for them.
 */
static void arm_tick(struct daemon *d)
{
	uint64_t period_us = config_lease_us(d->config) / 3, due_us;
	int enabled = SD_EVENT_OFF;

	if (!daemon_governed(d) && d->sysfs.live && !d->record_problem[0]) {
		sd_event_source_set_enabled(d->tick, SD_EVENT_OFF);
		return;
	}
	sd_event_source_get_enabled(d->tick, &enabled);
	if (enabled && sd_event_source_get_time(d->tick, &due_us) >= 0 &&
	    due_us <= now_us() + period_us)
		return;
	sd_event_source_set_time_relative(d->tick, period_us);
	sd_event_source_set_time_accuracy(d->tick, period_us / 4);
	sd_event_source_set_enabled(d->tick, SD_EVENT_ONESHOT);
}

/*
 * devfreq announces a device before it has a governor, and says nothing when it
 * has. Look again, ever less often.
 */
static void arm_retry(struct daemon *d)
{
	if (!d->incomplete || d->retries >= RETRIES_MAX) {
		sd_event_source_set_enabled(d->retry, SD_EVENT_OFF);
		return;
	}
	sd_event_source_set_time_relative(d->retry, RETRY_US << d->retries++);
	sd_event_source_set_enabled(d->retry, SD_EVENT_ONESHOT);
}

static void report(struct daemon *d)
{
	sd_notifyf(0, "STATUS=Governing %zu of %zu devices%s%s%s%s",
		   daemon_governed(d), d->nr_devices,
		   d->config_problem[0] ? "; the old configuration stays: " : "",
		   d->config_problem,
		   d->record_problem[0] ? "; without policy: " : "",
		   d->record_problem);
}

void daemon_rescan(struct daemon *d)
{
	struct names names;
	size_t i;
	int ret;

	ret = device_names(&d->sysfs, &names);
	if (ret) {
		log_err("can't list devfreq devices: %s", strerror(-ret));
		return;
	}
	for (i = 0; i < d->nr_devices; i++)
		d->device[i]->present = false;
	for (i = 0; i < names.nr; i++)
		notice(d, names.name[i]);
	for (i = d->nr_devices; i-- > 0;)
		if (!d->device[i]->present)
			forget(d, d->device[i]);
	d->incomplete = false;
	drmwatch_rescan(d->drm);
	for (i = 0; i < d->nr_devices; i++)
		update(d, d->device[i]);
	names_free(&names);
	arm_tick(d);
	arm_retry(d);
	report(d);
}

void daemon_rescan_soon(struct daemon *d)
{
	d->retries = 0;
	sd_event_source_set_enabled(d->scan, SD_EVENT_ONESHOT);
}

void daemon_retry_governors(struct daemon *d)
{
	size_t i;

	for (i = 0; i < d->nr_devices; i++)
		if (!d->device[i]->changes.governor_was[0])
			d->device[i]->governor_tried = false;
	daemon_rescan_soon(d);
}

void daemon_lease_lost(struct daemon *d, const char *name)
{
	struct managed *m = find(d, name);
	struct config_device config;

	if (!m || !m->governed)
		return;
	log_warn("%s: its lease ran out, setting policy again", name);
	resolve(d, m, &config);
	set_policy(d, m, &config);
}

static void __attribute__((format(printf, 2, 3)))
complain(struct managed *m, const char *fmt, ...)
{
	bool first = !m->collector_problem[0];
	va_list args;

	va_start(args, fmt);
	vsnprintf(m->collector_problem, sizeof(m->collector_problem), fmt,
		  args);
	va_end(args);
	/* The numbers change with every check: say it once. */
	if (first)
		log_warn("%s: %s", m->changes.name, m->collector_problem);
}

/*
 * An offline CPU or a throttled event stops the clock without any error. A
 * throttled one starts again by itself, but on an idle CPU it takes its time.
 */
static void check_collector(struct daemon *d, struct managed *m)
{
	int rate_permille, ret;

	if (m->slot < 0)
		return;
	ret = collector_check(d->collector, m->slot, now_us(), &rate_permille);
	if (ret == -ENOPKG)
		complain(m, "the BPF program does not find accelgov_push(): CAP_SYS_ADMIN is needed to read the module's BTF");
	if (ret)
		return;
	if (rate_permille >= RATE_LOW_PERMILLE) {
		m->collector_problem[0] = '\0';
		return;
	}
	complain(m, "only %d of 1000 samples are taken: is a CPU offline, or kernel.perf_event_max_sample_rate too low for SamplePeriod=?",
		 rate_permille);
	if (!rate_permille) {
		detach(d, m);
		if (!attach_again(d, m))
			watch_period(d, m);
	}
}

static void tick_device(struct daemon *d, struct managed *m)
{
	uint32_t token = 0;

	if (apply_lease(d, m) || !read_token(d, m->changes.name, &token) ||
	    token != m->token) {
		daemon_rescan_soon(d);
		return;
	}
	check_collector(d, m);
	follow_period(d, m);
}

static void apply_config(struct daemon *d)
{
	struct config_device config;
	struct managed *m;
	size_t i;

	for (i = 0; i < d->nr_devices; i++) {
		m = d->device[i];
		m->governor_tried = false;
		m->policy_problem[0] = '\0';
		if (!m->governed)
			continue;
		resolve(d, m, &config);
		set_policy(d, m, &config);
	}
	daemon_rescan(d);
}

/*
 * A full disk says nothing by itself, so the record is written with every tick:
 * who can't write it any more could neither follow a device that comes back nor
 * undo it. Then leases are given back, and taken again when it can be written.
 *
 * Return: may leases be refreshed?
 */
static bool check_record(struct daemon *d)
{
	bool before = d->record_problem[0];
	size_t i;

	if (!apply_save(d)) {
		if (before)
			apply_config(d);
		return !before;
	}
	for (i = 0; i < d->nr_devices; i++)
		if (d->device[i]->changes.leased)
			apply_give_up(d, d->device[i]);
	if (!before)
		report(d);
	return false;
}

void daemon_tick(struct daemon *d)
{
	bool refresh = check_record(d);
	size_t i;

	for (i = 0; refresh && i < d->nr_devices; i++)
		if (d->device[i]->governed)
			tick_device(d, d->device[i]);
	if (!d->sysfs.live)
		daemon_rescan_soon(d);
	arm_tick(d);
}

void log_config_problem(void *arg, const char *file, unsigned int line,
			const char *text)
{
	struct daemon *d = arg;
	char where[24] = "";

	if (line)
		snprintf(where, sizeof(where), ":%u", line);
	log_err("%s%s: %s", file, where, text);
	if (d && !d->config_problem[0])
		snprintf(d->config_problem, sizeof(d->config_problem),
			 "%s%s: %s", file, where, text);
}

void daemon_probe(struct daemon *d)
{
	bool wanted = d->drm && config_probes(d->config);
	uint32_t permille = config_probes_permille(d->config);
	struct callwatch *old = d->calls;
	int ret;

	callwatch_limit(old, permille);
	if (wanted == !!old)
		return;
	d->calls = NULL;
	drmwatch_set_calls(d->drm, NULL);
	if (!wanted) {
		/* That takes the kernel longer than leases may wait. */
		callwatch_leave(old);
		return;
	}
	ret = callwatch_start(drmwatch_map(d->drm), permille, &d->calls);
	if (ret)
		log_warn("libraries are not probed: %s", strerror(-ret));
	drmwatch_set_calls(d->drm, d->calls);
}

int daemon_reload(struct daemon *d)
{
	struct config *config;
	int ret;

	d->config_problem[0] = '\0';
	ret = config_load(d->config_dir, &config, log_config_problem, d);
	if (ret) {
		log_err("the configuration stays as it was");
		report(d);
		return ret;
	}
	config_free(d->config);
	d->config = config;
	d->reloads++;
	daemon_probe(d);
	bridges_configure(d->bridges);
	bridges_rescan_soon(d->bridges);
	apply_config(d);
	log_info("configuration reloaded");
	return 0;
}

void daemon_restore(struct daemon *d)
{
	struct state left = { 0 };
	size_t i;

	for (i = 0; i < d->nr_devices; i++) {
		/* First, so that the module may go when the governor is gone. */
		detach(d, d->device[i]);
		apply_undo(d, d->device[i]);
		free(d->device[i]);
	}
	free(d->device);
	d->device = NULL;
	d->nr_devices = 0;
	if (!d->owns_state)
		return;
	if (bridges_record(d->bridges, &left) || left.nr_accelerators)
		apply_save(d);
	else
		unlink(d->state_path);
	state_free(&left);
}
