// SPDX-License-Identifier: GPL-2.0
/*
 * Lines of a recording: reading them. What is known is taken out of the object;
 * what remains then is not known, and an error.
 */
#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../../../kmod/core/core.h"
#include "../printable.h"
#include "../report/score.h"
#include "recording_lines.h"

__attribute__((format(printf, 2, 3)))
static int refuse(char *reason, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(reason, RECORDING_TEXT_LEN, fmt, args);
	va_end(args);
	printable(reason);
	return -EBADMSG;
}

static int load(const char *line, size_t len, json_t **ret_object, char *reason)
{
	json_error_t error;
	json_t *o = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);

	if (!o)
		return refuse(reason, "column %d: %.100s", error.column,
			      error.text);
	if (!json_is_object(o)) {
		json_decref(o);
		return refuse(reason, "no JSON object");
	}
	*ret_object = o;
	return 0;
}

/* Nothing may be left. */
static int finish(json_t *o, int ret, char *reason)
{
	void *rest = json_object_iter(o);

	if (!ret && rest)
		ret = refuse(reason, "unknown member \"%.60s\"",
			     json_object_iter_key(rest));
	json_decref(o);
	return ret;
}

/* A number that may be missing. */
static int take_reading(json_t *o, const char *key, int64_t min, int64_t max,
			struct reading *ret, char *reason)
{
	json_t *v = json_object_get(o, key);
	int64_t value;

	*ret = (struct reading){ 0 };
	if (!v)
		return 0;
	value = json_integer_value(v);
	if (!json_is_integer(v) || value < min || value > max)
		return refuse(reason, "\"%s\" is no whole number from %lld to %lld",
			      key, (long long)min, (long long)max);
	*ret = (struct reading){ value, true };
	json_object_del(o, key);
	return 0;
}

static int take_number(json_t *o, const char *key, int64_t min, int64_t max,
		       int64_t *ret, char *reason)
{
	struct reading r;
	int error = take_reading(o, key, min, max, &r, reason);

	if (!error && !r.known)
		error = refuse(reason, "\"%s\" is missing", key);
	if (!error)
		*ret = r.value;
	return error;
}

/* A missing text is an empty one. Others may have written it, and a terminal gets it. */
static int take_text(json_t *o, const char *key, char *buf, size_t size,
		     char *reason)
{
	json_t *v = json_object_get(o, key);

	buf[0] = '\0';
	if (!v)
		return 0;
	if (!json_is_string(v) || json_string_length(v) >= size)
		return refuse(reason, "\"%s\" is no text shorter than %zu", key,
			      size);
	strcpy(buf, json_string_value(v));
	printable(buf);
	json_object_del(o, key);
	return 0;
}

int recording_parse_head(const char *line, size_t len,
			 struct recording_head *ret_head, char *reason)
{
	struct recording_head h = { 0 };
	int64_t version, start_ns = 0, nr = 0;
	json_t *o;
	int ret = load(line, len, &o, reason);

	if (ret)
		return ret;
	ret = take_number(o, "accelgov_recording", 0, INT64_MAX, &version,
			  reason);
	if (!ret && version != RECORDING_VERSION)
		ret = refuse(reason, "version %lld, and only %d is known here",
			     (long long)version, RECORDING_VERSION);
	if (!ret)
		ret = take_text(o, "tool", h.tool, sizeof(h.tool), reason);
	if (!ret)
		ret = take_text(o, "host", h.host, sizeof(h.host), reason);
	if (!ret)
		ret = take_text(o, "kernel", h.kernel, sizeof(h.kernel), reason);
	if (!ret)
		ret = take_text(o, "machine", h.machine, sizeof(h.machine),
				reason);
	if (!ret)
		ret = take_number(o, "wall_s", INT64_MIN, INT64_MAX, &h.wall_s,
				  reason);
	if (!ret)
		ret = take_number(o, "start_ns", 0, INT64_MAX, &start_ns,
				  reason);
	if (!ret)
		ret = take_number(o, "devices", 1, RECORDING_DEVICES, &nr,
				  reason);
	ret = finish(o, ret, reason);
	if (ret)
		return ret;
	h.start_ns = (uint64_t)start_ns;
	h.nr_devices = (uint32_t)nr;
	*ret_head = h;
	return 0;
}

static int signal_by_name(const char *name)
{
	unsigned int s;

	for (s = 0; s < ACCELGOV_SIG_NR; s++)
		if (!strcmp(name, backend_signal_name(s)))
			return (int)s;
	return -1;
}

static int sensor_by_name(const char *name)
{
	unsigned int s;

	for (s = 0; s < BACKEND_SENSORS; s++)
		if (!strcmp(name, backend_sensor_name(s)))
			return (int)s;
	return -1;
}

static int take_names(json_t *o, const char *key, int (*find)(const char *name),
		      uint32_t *ret_bits, char *reason)
{
	json_t *array = json_object_get(o, key), *v;
	size_t i;
	int nr;

	*ret_bits = 0;
	if (!json_is_array(array))
		return refuse(reason, "\"%s\" is no list", key);
	json_array_foreach(array, i, v) {
		nr = json_is_string(v) ? find(json_string_value(v)) : -1;
		if (nr < 0)
			return refuse(reason, "\"%s\" has an unknown name", key);
		*ret_bits |= 1U << nr;
	}
	json_object_del(o, key);
	return 0;
}

static int take_missing(json_t *o, struct recording_device *d, char *reason)
{
	json_t *missing = json_object_get(o, "missing");
	unsigned int s;
	int ret = 0;

	if (!json_is_object(missing))
		return refuse(reason, "\"missing\" is no object");
	for (s = 0; s < ACCELGOV_SIG_NR && !ret; s++)
		if (!(d->signals & (1U << s)))
			ret = take_text(missing, backend_signal_name(s),
					d->why[s], sizeof(d->why[s]), reason);
	if (!ret && json_object_size(missing))
		ret = refuse(reason, "\"missing\" has an unknown name, or one that is not");
	json_object_del(o, "missing");
	return ret;
}

static int take_power(json_t *o, struct backend_power_sensor *p, char *reason)
{
	json_t *power = json_object_get(o, "power_sensor");
	struct reading window, period, lag;
	int ret;

	if (!json_is_object(power))
		return refuse(reason, "\"power_sensor\" is no object");
	ret = take_reading(power, "window_us", 1, UINT32_MAX, &window, reason);
	if (!ret)
		ret = take_reading(power, "period_us", 1, UINT32_MAX, &period,
				   reason);
	if (!ret)
		ret = take_reading(power, "lag_us", 1, UINT32_MAX, &lag, reason);
	if (!ret && json_object_size(power))
		ret = refuse(reason, "\"power_sensor\" has an unknown member");
	if (ret)
		return ret;
	*p = (struct backend_power_sensor){
		.window_us = (uint32_t)window.value,
		.period_us = (uint32_t)period.value,
		.lag_us = (uint32_t)lag.value,
	};
	json_object_del(o, "power_sensor");
	return 0;
}

static int take_clocks(json_t *o, struct recording_device *d, char *reason)
{
	json_t *array = json_object_get(o, "clocks_khz"), *v;
	json_int_t khz, last = 0;
	size_t i;

	if (!json_is_array(array) || json_array_size(array) > BACKEND_CLOCKS)
		return refuse(reason, "\"clocks_khz\" is no list of at most %d",
			      BACKEND_CLOCKS);
	json_array_foreach(array, i, v) {
		khz = json_integer_value(v);
		if (khz <= last || khz > UINT32_MAX)
			return refuse(reason, "\"clocks_khz\" does not ascend");
		d->clock_khz[i] = (uint32_t)khz;
		last = khz;
	}
	d->nr_clocks = (uint32_t)json_array_size(array);
	json_object_del(o, "clocks_khz");
	return 0;
}

static int take_texts(json_t *o, struct recording_device *d, char *reason)
{
	const struct {
		const char *key;
		char *buf;
		size_t size;
	} text[] = {
		{ "name", d->name, sizeof(d->name) },
		{ "source", d->source, sizeof(d->source) },
		{ "decider", d->decider, sizeof(d->decider) },
		{ "vendor", d->vendor, sizeof(d->vendor) },
		{ "model", d->model, sizeof(d->model) },
		{ "driver", d->driver, sizeof(d->driver) },
		{ "driver_version", d->driver_version,
		  sizeof(d->driver_version) },
		{ "bus", d->bus, sizeof(d->bus) },
		{ "pci", d->pci, sizeof(d->pci) },
	};
	size_t i;
	int ret = 0;

	for (i = 0; i < sizeof(text) / sizeof(text[0]) && !ret; i++)
		ret = take_text(o, text[i].key, text[i].buf, text[i].size,
				reason);
	if (!ret && (!d->name[0] || !d->source[0]))
		ret = refuse(reason, "\"name\" or \"source\" is missing");
	return ret;
}

int recording_parse_device(const char *line, size_t len, uint32_t index,
			   struct recording_device *ret_device, char *reason)
{
	struct recording_device d = { 0 };
	int64_t nr, period_us = 0;
	json_t *o;
	int ret = load(line, len, &o, reason);

	if (ret)
		return ret;
	ret = take_number(o, "device", index, index, &nr, reason);
	if (!ret)
		ret = take_texts(o, &d, reason);
	if (!ret)
		ret = take_number(o, "period_us", 1, UINT32_MAX, &period_us,
				  reason);
	if (!ret)
		ret = take_names(o, "signals", signal_by_name, &d.signals,
				 reason);
	if (!ret)
		ret = take_missing(o, &d, reason);
	if (!ret)
		ret = take_names(o, "sensors", sensor_by_name, &d.sensors,
				 reason);
	if (!ret)
		ret = take_power(o, &d.power, reason);
	if (!ret)
		ret = take_clocks(o, &d, reason);
	ret = finish(o, ret, reason);
	if (ret)
		return ret;
	d.period_us = (uint32_t)period_us;
	*ret_device = d;
	return 0;
}

static int take_signal(json_t *o, unsigned int s, struct accelgov_sample *sample,
		       char *reason)
{
	struct reading rate, amount;
	int ret = take_reading(o, backend_signal_name(s), 0, INT64_MAX, &rate,
			       reason);

	if (!ret)
		ret = take_reading(o, recording_amount_name(s), 0, INT64_MAX,
				   &amount, reason);
	if (ret)
		return ret;
	if (rate.known && amount.known)
		return refuse(reason, "\"%s\" and \"%s\" exclude each other",
			      backend_signal_name(s), recording_amount_name(s));
	if (amount.known && !sample->window_ns)
		return refuse(reason, "\"%s\" without a window",
			      recording_amount_name(s));
	if (!rate.known && !amount.known)
		return 0;
	sample->val[s] = (uint64_t)(rate.known ? rate.value : amount.value);
	sample->valid |= 1U << s;
	if (amount.known)
		sample->amount |= 1U << s;
	return 0;
}

static int take_sample(json_t *o, struct recording_entry *e, char *reason)
{
	struct accelgov_sample *sample = &e->reading.sample;
	int64_t window_ns;
	unsigned int s;
	int ret = take_number(o, "window_ns", 0, INT64_MAX, &window_ns, reason);

	if (ret)
		return ret;
	sample->time_ns = e->time_ns;
	sample->window_ns = (uint64_t)window_ns;
	if (sample->window_ns > sample->time_ns)
		return refuse(reason, "\"window_ns\" begins before all time");
	for (s = 0; s < ACCELGOV_SIG_NR && !ret; s++)
		ret = take_signal(o, s, sample, reason);
	for (s = 0; s < BACKEND_SENSORS && !ret; s++)
		ret = take_reading(o, backend_sensor_name(s),
				   s == BACKEND_TEMPERATURE ? -273150 : 0,
				   INT64_MAX, &e->reading.sensor[s], reason);
	return ret;
}

static uint32_t workload_by_name(const char *name)
{
	uint32_t w = 0;

	while (w < ACCELGOV_WORKLOAD_NR && strcmp(name, ag_workload_name(w)))
		w++;
	return w;
}

static int take_decision(json_t *o, struct recording_decision *d, char *reason)
{
	char phase[32], workload[16];
	int ret = take_text(o, "phase", phase, sizeof(phase), reason);

	if (!ret)
		ret = take_text(o, "workload", workload, sizeof(workload),
				reason);
	if (ret)
		return ret;
	d->phase = phase_from_name(phase);
	d->workload = workload_by_name(workload);
	if (d->phase >= ACCELGOV_PHASE_NR || d->workload >= ACCELGOV_WORKLOAD_NR ||
	    strcmp(phase, ag_phase_name(d->phase, d->workload)))
		return refuse(reason, "no phase of a known workload");
	ret = take_reading(o, "confidence_permille", 0, 1000,
			   &d->confidence_permille, reason);
	if (!ret)
		ret = take_reading(o, "decided_khz", 0, UINT32_MAX,
				   &d->clock_khz, reason);
	if (!ret)
		ret = take_reading(o, "saving_permille", INT32_MIN, INT32_MAX,
				   &d->saving_permille, reason);
	if (!ret)
		ret = take_text(o, "reason", d->reason, sizeof(d->reason),
				reason);
	return ret;
}

static int take_khz(json_t *o, const char *key, uint32_t *ret, char *reason)
{
	int64_t value = 0;
	int error = take_number(o, key, 0, UINT32_MAX, &value, reason);

	*ret = (uint32_t)value;
	return error;
}

static int take_start(json_t *o, struct recording_govern *g, char *reason)
{
	struct reading switch_us, halt_us;
	int ret = take_reading(o, "switch_us", 0, UINT32_MAX, &switch_us, reason);

	if (!ret)
		ret = take_reading(o, "halt_us", 0, UINT32_MAX, &halt_us, reason);
	if (ret)
		return ret;
	g->switch_us = switch_us.known ? (uint32_t)switch_us.value : 0;
	g->halt_us = halt_us.known ? (uint32_t)halt_us.value : 0;
	return 0;
}

static int take_govern(json_t *o, struct recording_govern *g, char *reason)
{
	char what[16];
	int ret = take_text(o, "what", what, sizeof(what), reason);

	if (ret)
		return ret;
	g->what = recording_govern_by_name(what);
	switch (g->what) {
	case RECORDING_WHATS:
		return refuse(reason, "\"what\" is nothing that a governor does");
	case RECORDING_START:
		return take_start(o, g, reason);
	case RECORDING_POINT:
		ret = take_khz(o, "mv", &g->mv, reason);
		return ret ? ret : take_khz(o, "khz", &g->khz, reason);
	case RECORDING_CLOCK:
		return take_khz(o, "khz", &g->khz, reason);
	case RECORDING_DECIDED:
		ret = take_khz(o, "khz", &g->khz, reason);
		if (!ret)
			ret = take_khz(o, "min_khz", &g->min_khz, reason);
		if (!ret)
			ret = take_khz(o, "max_khz", &g->max_khz, reason);
		return ret ? ret : take_text(o, "reason", g->reason,
					     sizeof(g->reason), reason);
	case RECORDING_SET:
		ret = take_text(o, "key", g->key, sizeof(g->key), reason);
		return ret ? ret : take_number(o, "value", INT64_MIN, INT64_MAX,
					       &g->value, reason);
	default:
		return 0;
	}
}

static int take_end(json_t *o, struct recording_entry *e, char *reason)
{
	int64_t samples = 0;
	int ret = take_number(o, "samples", 0, INT64_MAX, &samples, reason);

	e->samples = (uint64_t)samples;
	if (!ret)
		ret = take_reading(o, "cpu_us", 0, INT64_MAX, &e->cpu_us,
				   reason);
	return ret;
}

/* The one member that says what the line is, and its value. */
static int take_kind(json_t *o, const struct recording_head *head,
		     struct recording_entry *e, char *reason)
{
	static const struct {
		const char *key;
		enum recording_kind kind;
	} kinds[] = {
		{ "sample", RECORDING_SAMPLE },
		{ "decision", RECORDING_DECISION },
		{ "gap", RECORDING_GAP },
		{ "label", RECORDING_LABEL },
		{ "end", RECORDING_END },
		{ "govern", RECORDING_GOVERN },
	};
	size_t i = 0, nr = sizeof(kinds) / sizeof(kinds[0]);
	int64_t device = 0;
	int ret;

	while (i < nr && !json_object_get(o, kinds[i].key))
		i++;
	if (i == nr)
		return refuse(reason, "neither sample, decision, govern, gap, label nor end");
	e->kind = kinds[i].kind;
	if (e->kind == RECORDING_LABEL || e->kind == RECORDING_END)
		return take_text(o, kinds[i].key, e->text, sizeof(e->text),
				 reason);
	ret = take_number(o, kinds[i].key, 0, (int64_t)head->nr_devices - 1,
			  &device, reason);
	e->device = (uint32_t)device;
	return ret;
}

static int take_rest(json_t *o, struct recording_entry *e, char *reason)
{
	switch (e->kind) {
	case RECORDING_SAMPLE:
		return take_sample(o, e, reason);
	case RECORDING_DECISION:
		return take_decision(o, &e->decision, reason);
	case RECORDING_GAP:
		return take_text(o, "why", e->text, sizeof(e->text), reason);
	case RECORDING_LABEL:
		if (recording_label_valid(e->text))
			return 0;
		return refuse(reason, "\"label\" has characters that no label has");
	case RECORDING_END:
		return take_end(o, e, reason);
	case RECORDING_GOVERN:
		return take_govern(o, &e->govern, reason);
	}
	return refuse(reason, "no such kind of line");
}

int recording_parse_entry(const char *line, size_t len,
			  const struct recording_head *head,
			  struct recording_entry *ret_entry, char *reason)
{
	struct recording_entry e = { 0 };
	int64_t t_ns = 0;
	json_t *o;
	int ret = load(line, len, &o, reason);

	if (ret)
		return ret;
	ret = take_kind(o, head, &e, reason);
	if (!ret)
		ret = take_number(o, "t_ns", 0,
				  INT64_MAX - (int64_t)head->start_ns, &t_ns,
				  reason);
	e.time_ns = head->start_ns + (uint64_t)t_ns;
	if (!ret)
		ret = take_rest(o, &e, reason);
	ret = finish(o, ret, reason);
	if (!ret)
		*ret_entry = e;
	return ret;
}
