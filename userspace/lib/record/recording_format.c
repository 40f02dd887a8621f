// SPDX-License-Identifier: GPL-2.0
/*
 * Lines of a recording: writing them.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "../../../kmod/core/core.h"
#include "recording_lines.h"

/* What a driver says need not be UTF-8, what JSON holds must. */
static json_t *text_out(const char *text)
{
	json_t *json = json_string(text);
	char *plain, *at;

	if (json)
		return json;
	plain = strdup(text);
	if (!plain)
		return NULL;
	for (at = plain; *at; at++)
		if (*at & 0x80)
			*at = '?';
	json = json_string(plain);
	free(plain);
	return json;
}

static void put_text(json_t *o, const char *key, const char *text)
{
	if (text[0])
		json_object_set_new(o, key, text_out(text));
}

static void put_number(json_t *o, const char *key, uint64_t value)
{
	json_object_set_new(o, key, json_integer((json_int_t)value));
}

static void put_reading(json_t *o, const char *key, struct reading r)
{
	if (r.known)
		json_object_set_new(o, key, json_integer(r.value));
}

char *recording_format_head(const struct recording_head *head)
{
	json_t *o = json_object();
	char *line;

	put_number(o, "accelgov_recording", RECORDING_VERSION);
	put_text(o, "tool", head->tool);
	put_text(o, "host", head->host);
	put_text(o, "kernel", head->kernel);
	put_text(o, "machine", head->machine);
	json_object_set_new(o, "wall_s", json_integer(head->wall_s));
	put_number(o, "start_ns", head->start_ns);
	put_number(o, "devices", head->nr_devices);
	line = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	return line;
}

static json_t *signals_out(const struct recording_device *d)
{
	json_t *array = json_array();
	unsigned int s;

	for (s = 0; s < ACCELGOV_SIG_NR; s++)
		if (d->signals & (1U << s))
			json_array_append_new(array,
					      json_string(backend_signal_name(s)));
	return array;
}

static json_t *missing_out(const struct recording_device *d)
{
	json_t *object = json_object();
	unsigned int s;

	for (s = 0; s < ACCELGOV_SIG_NR; s++)
		if (!(d->signals & (1U << s)))
			json_object_set_new(object, backend_signal_name(s),
					    text_out(d->why[s]));
	return object;
}

static json_t *sensors_out(const struct recording_device *d)
{
	json_t *array = json_array();
	unsigned int s;

	for (s = 0; s < BACKEND_SENSORS; s++)
		if (d->sensors & (1U << s))
			json_array_append_new(array,
					      json_string(backend_sensor_name(s)));
	return array;
}

static json_t *power_out(const struct backend_power_sensor *p)
{
	json_t *object = json_object();

	if (p->window_us)
		put_number(object, "window_us", p->window_us);
	if (p->period_us)
		put_number(object, "period_us", p->period_us);
	if (p->lag_us)
		put_number(object, "lag_us", p->lag_us);
	return object;
}

static json_t *clocks_out(const struct recording_device *d)
{
	json_t *array = json_array();
	uint32_t i;

	for (i = 0; i < d->nr_clocks; i++)
		json_array_append_new(array, json_integer(d->clock_khz[i]));
	return array;
}

char *recording_format_device(const struct recording_device *d, uint32_t index)
{
	json_t *o = json_object();
	char *line;

	put_number(o, "device", index);
	put_text(o, "name", d->name);
	put_text(o, "source", d->source);
	put_text(o, "decider", d->decider);
	put_text(o, "vendor", d->vendor);
	put_text(o, "model", d->model);
	put_text(o, "driver", d->driver);
	put_text(o, "driver_version", d->driver_version);
	put_text(o, "bus", d->bus);
	put_text(o, "pci", d->pci);
	put_number(o, "period_us", d->period_us);
	json_object_set_new(o, "signals", signals_out(d));
	json_object_set_new(o, "missing", missing_out(d));
	json_object_set_new(o, "sensors", sensors_out(d));
	json_object_set_new(o, "power_sensor", power_out(&d->power));
	json_object_set_new(o, "clocks_khz", clocks_out(d));
	line = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	return line;
}

static void put_sample(json_t *o, const struct backend_reading *r)
{
	const struct accelgov_sample *sample = &r->sample;
	const char *name;
	unsigned int s;

	put_number(o, "window_ns", sample->window_ns);
	for (s = 0; s < ACCELGOV_SIG_NR; s++) {
		/* JSON has no number above: nothing real is that large. */
		if (!(sample->valid & (1U << s)) || sample->val[s] > INT64_MAX)
			continue;
		name = sample->amount & (1U << s) ? recording_amount_name(s) :
						    backend_signal_name(s);
		put_number(o, name, sample->val[s]);
	}
	for (s = 0; s < BACKEND_SENSORS; s++)
		put_reading(o, backend_sensor_name(s), r->sensor[s]);
}

static void put_decision(json_t *o, const struct recording_decision *d)
{
	put_text(o, "phase", ag_phase_name(d->phase, d->workload));
	put_text(o, "workload", ag_workload_name(d->workload));
	put_reading(o, "confidence_permille", d->confidence_permille);
	put_reading(o, "decided_khz", d->clock_khz);
	put_reading(o, "saving_permille", d->saving_permille);
	put_text(o, "reason", d->reason);
}

static void put_govern(json_t *o, const struct recording_govern *g)
{
	put_text(o, "what", recording_govern_name(g->what));
	if (g->what == RECORDING_POINT || g->what == RECORDING_CLOCK ||
	    g->what == RECORDING_DECIDED)
		put_number(o, "khz", g->khz);
	if (g->what == RECORDING_POINT)
		put_number(o, "mv", g->mv);
	if (g->what == RECORDING_START && g->switch_us)
		put_number(o, "switch_us", g->switch_us);
	if (g->what == RECORDING_START && g->halt_us)
		put_number(o, "halt_us", g->halt_us);
	if (g->what == RECORDING_DECIDED) {
		put_number(o, "min_khz", g->min_khz);
		put_number(o, "max_khz", g->max_khz);
		put_text(o, "reason", g->reason);
	}
	if (g->what != RECORDING_SET)
		return;
	put_text(o, "key", g->key);
	json_object_set_new(o, "value", json_integer(g->value));
}

static json_t *entry_out(const struct recording_entry *e, uint64_t start_ns)
{
	static const char *const kind[] = {
		[RECORDING_SAMPLE] = "sample",
		[RECORDING_DECISION] = "decision",
		[RECORDING_GAP] = "gap",
		[RECORDING_LABEL] = "label",
		[RECORDING_END] = "end",
		[RECORDING_GOVERN] = "govern",
	};
	json_t *o = json_object();

	if (e->kind == RECORDING_LABEL || e->kind == RECORDING_END)
		json_object_set_new(o, kind[e->kind], text_out(e->text));
	else
		put_number(o, kind[e->kind], e->device);
	put_number(o, "t_ns", e->time_ns - start_ns);
	if (e->kind == RECORDING_SAMPLE)
		put_sample(o, &e->reading);
	else if (e->kind == RECORDING_DECISION)
		put_decision(o, &e->decision);
	else if (e->kind == RECORDING_GOVERN)
		put_govern(o, &e->govern);
	else if (e->kind == RECORDING_GAP)
		json_object_set_new(o, "why", text_out(e->text));
	if (e->kind == RECORDING_END) {
		put_number(o, "samples", e->samples);
		put_reading(o, "cpu_us", e->cpu_us);
	}
	return o;
}

size_t recording_format_entry(const struct recording_entry *entry,
			      uint64_t start_ns, char *buf, size_t size)
{
	json_t *o = entry_out(entry, start_ns);
	size_t len = json_dumpb(o, buf, size, JSON_COMPACT);

	json_decref(o);
	return len;
}
