// SPDX-License-Identifier: GPL-2.0
/*
 * accelgovd - what the daemon tells about itself
 */
#include <time.h>
#include <unistd.h>

#include "bridge.h"
#include "status.h"

static json_t *text_or_null(const char *text)
{
	return text[0] ? json_string(text) : json_null();
}

static json_t *name_to_json(unsigned int signal)
{
	return json_string(signal_name(signal));
}

static json_t *signals_to_json(uint32_t signals)
{
	json_t *array = json_array();
	unsigned int signal;

	for (signal = 0; signal < ACCELGOV_SIG_NR; signal++)
		if (signals & (1U << signal))
			json_array_append_new(array, name_to_json(signal));
	return array;
}

static json_t *ns_per_run(const struct collector_slot *slot)
{
	return slot->runs ? json_integer(slot->run_ns / slot->runs) :
			    json_null();
}

static json_t *rate_to_json(int rate_permille)
{
	return rate_permille < 0 ? json_null() : json_integer(rate_permille);
}

static json_t *collector_to_json(const struct daemon *d,
				 const struct managed *m)
{
	struct collector_status s;

	if (m->slot < 0 || collector_status(d->collector, m->slot, &s))
		return json_null();
	return json_pack("{s:i, s:i, s:i, s:i, s:o, s:b, s:I, s:I, s:I, s:I, s:I,"
			 " s:I, s:I, s:I, s:I, s:o, s:I, s:o}",
			 "slot", m->slot, "cpu", s.cpu, "tick", s.tick,
			 "period_us", (int)s.period_us,
			 "signals", signals_to_json(s.signals),
			 "scheduler", s.drm,
			 "runs", (json_int_t)s.slot.runs,
			 "pushed", (json_int_t)s.slot.pushed,
			 "dropped", (json_int_t)s.slot.busy,
			 "stale", (json_int_t)s.slot.stale,
			 "refused", (json_int_t)s.slot.refused,
			 "absent", (json_int_t)s.slot.absent,
			 "skipped", (json_int_t)s.slot.skipped,
			 "read_errors", (json_int_t)s.slot.read_errors,
			 "backwards", (json_int_t)s.slot.backwards,
			 "ns_per_run", ns_per_run(&s.slot),
			 "max_ns", (json_int_t)s.slot.max_cost_ns,
			 "rate_permille", rate_to_json(s.rate_permille));
}

static json_t *knobs_to_json(const struct state_device *dev)
{
	json_t *object = json_object();
	size_t i;

	for (i = 0; i < dev->nr_knobs; i++)
		json_object_set_new(object, dev->knob[i].attr,
				    json_pack("{s:s, s:s}",
					      "was", dev->knob[i].was,
					      "now", dev->knob[i].now));
	return object;
}

static const char *mode_of(const struct daemon *d, const char *name)
{
	struct config_device config;

	config_device(d->config, name, &config);
	return config.mode == CONFIG_MODE_OBSERVE || d->unprivileged ?
	       "observe" : "active";
}

static json_t *device_to_json(const struct daemon *d, const struct managed *m)
{
	return json_pack("{s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:o}",
			 "name", m->changes.name,
			 "mode", mode_of(d, m->changes.name),
			 "governed", m->governed,
			 "governor_was", text_or_null(m->changes.governor_was),
			 "knobs", knobs_to_json(&m->changes),
			 "policy_problem", text_or_null(m->policy_problem),
			 "collector_problem",
			 text_or_null(m->collector_problem),
			 "collector", collector_to_json(d, m));
}

json_t *status_devices(const struct daemon *d)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < d->nr_devices; i++)
		json_array_append_new(array, device_to_json(d, d->device[i]));
	return json_pack("{s:i, s:o}", "schema", 1, "devices", array);
}

static json_t *config_to_json(const struct daemon *d)
{
	const struct names *files = config_files(d->config);
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < files->nr; i++)
		json_array_append_new(array, json_string(files->name[i]));
	return json_pack("{s:s, s:o, s:i, s:o, s:I}", "dir", d->config_dir,
			 "files", array, "reloads", (int)d->reloads,
			 "problem", text_or_null(d->config_problem),
			 "lease_ms",
			 (json_int_t)(config_lease_us(d->config) / 1000));
}

json_t *status_daemon(const struct daemon *d)
{
	json_t *status = status_devices(d);
	struct timespec ts;
	uint64_t up_us;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	up_us = ts.tv_sec * 1000000ULL + ts.tv_nsec / 1000 - d->start_us;
	if (!status)
		return NULL;
	json_object_set_new(status, "version", json_string(ACCELGOV_VERSION));
	json_object_set_new(status, "pid", json_integer(getpid()));
	json_object_set_new(status, "uptime_ms", json_integer(up_us / 1000));
	json_object_set_new(status, "config", config_to_json(d));
	json_object_set_new(status, "accelerators", bridges_status(d->bridges));
	json_object_set_new(status, "backends", bridges_notes(d->bridges));
	json_object_set_new(status, "record_problem",
			    text_or_null(d->record_problem));
	return status;
}
