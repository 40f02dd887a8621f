// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov status - what governed devices do and what it saves
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "device.h"
#include "status.h"
#include "units.h"

static const char help[] =
	"usage: accelgov status [--json] [--root DIR] [--socket PATH] [DEVICE...]\n"
	"\n"
	"Shows every devfreq device, or those named: governor, phase, clock, power,\n"
	"slowdown against its budget, energy, and what collecting costs. Then every\n"
	"accelerator that accelgovd reaches through a library or a driver's files: what it\n"
	"would set there, or sets. What could not be read is shown as unknown. Reading\n"
	"never wakes a sleeping device.\n"
	"\n"
	"  --json         JSON, schema 1; unknown values are null\n"
	"  --root DIR     a recorded /sys instead of the live one\n"
	"  --socket PATH  of accelgovd\n"
	"\n"
	"Exit codes: 0; 3 no devices, or not the one named; 5 accelgovd does not run\n"
	"(all else is shown).\n";

struct view {
	struct device device;
	struct governed governed;
	json_t *daemon;
};

/* What the daemon knows about a device; NULL when it knows nothing. */
static json_t *daemon_device(json_t *daemon, const char *name)
{
	json_t *device;
	const char *is;
	size_t i;

	json_array_foreach(json_object_get(daemon, "devices"), i, device) {
		is = json_string_value(json_object_get(device, "name"));
		if (is && !strcmp(is, name))
			return device;
	}
	return NULL;
}

static const char *show(enum unit unit, struct reading reading, char *buf,
			size_t size)
{
	return reading.known ? unit_format(unit, reading.value, buf, size) :
			       "unknown";
}

#define SHOW(unit, reading) show(unit, reading, (char[24]) { 0 }, 24)
#define ENERGY(reading) ((reading).known ?				\
	format_energy((reading).value, (char[24]) { 0 }, 24) : "unknown")

static const char *or_unknown(const char *text)
{
	return text[0] ? text : "unknown";
}

static void print_phase(const struct governed *g)
{
	struct reading age_us = { g->phase_age_ms.value * 1000,
				  g->phase_age_ms.known };

	printf("  phase      %s%s%s for %s, confidence %s (workload %s)\n",
	       style_bold, or_unknown(g->phase), style_off,
	       SHOW(UNIT_TIME, age_us),
	       SHOW(UNIT_SHARE, g->confidence_permille),
	       or_unknown(g->workload));
}

static void print_hardware(const struct device *d)
{
	printf("  clock      %s (limits %s to %s)\n",
	       SHOW(UNIT_FREQ, d->cur_freq_hz),
	       SHOW(UNIT_FREQ, d->min_freq_hz), SHOW(UNIT_FREQ, d->max_freq_hz));
	if (d->asleep)
		printf("  power      asleep, not read\n");
	else
		printf("  power      %s\n", SHOW(UNIT_POWER, d->power_uw));
}

static void print_budget(const struct governed *g)
{
	printf("  slowdown   %s of %s allowed; power cap %s",
	       SHOW(UNIT_SHARE, g->slowdown_permille),
	       SHOW(UNIT_SHARE, g->budget_permille),
	       g->cap_uw.known && !g->cap_uw.value ? "none" :
	       SHOW(UNIT_POWER, g->cap_uw));
	if (g->cap_asked_uw.known && g->cap_asked_uw.value)
		printf(", the device is asked to hold %s",
		       SHOW(UNIT_POWER, g->cap_asked_uw));
	putchar('\n');
	printf("  energy     %s used, %s saved (model estimate)\n",
	       ENERGY(g->energy_uj), ENERGY(g->energy_saved_uj));
}

static void print_collector(const struct view *v)
{
	json_t *c = json_object_get(v->daemon, "collector");
	json_t *why = json_object_get(v->daemon, "collector_problem");
	json_t *ns = json_object_get(c, "ns_per_run");
	struct reading period_us = v->governed.sample_period_us;

	if (json_is_object(c)) {
		printf("  collector  %zu signals every %s",
		       json_array_size(json_object_get(c, "signals")),
		       SHOW(UNIT_TIME, period_us));
		if (json_is_integer(ns))
			printf(", %.1f us each",
			       json_integer_value(ns) / 1000.0);
		printf(", %" JSON_INTEGER_FORMAT " pushed, %" JSON_INTEGER_FORMAT
		       " dropped\n",
		       json_integer_value(json_object_get(c, "pushed")),
		       json_integer_value(json_object_get(c, "dropped")));
	} else {
		printf("  collector  none\n");
	}
	if (json_is_string(why))
		printf("  %sproblem%s    %s\n", style_warn, style_off,
		       json_string_value(why));
	why = json_object_get(v->daemon, "policy_problem");
	if (json_is_string(why))
		printf("  %sproblem%s    %s\n", style_warn, style_off,
		       json_string_value(why));
}

static void print_lease(const struct governed *g)
{
	struct reading us = { g->lease_ms.value * 1000, g->lease_ms.known };

	if (us.known && !us.value)
		printf("  lease      none: values set now stay\n");
	else
		printf("  lease      %s left\n", SHOW(UNIT_TIME, us));
}

static void print_text(const struct view *v)
{
	const struct device *d = &v->device;

	printf("%s%s%s  governor %s%s%s\n", style_bold, d->name, style_off,
	       or_unknown(d->governor), d->governed ? ", " : "",
	       d->governed ? or_unknown(v->governed.state) : "");
	if (d->governed)
		print_phase(&v->governed);
	print_hardware(d);
	if (!d->governed)
		return;
	print_budget(&v->governed);
	print_collector(v);
	print_lease(&v->governed);
}

static json_t *governed_to_json(const struct governed *g)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o,"
			 " s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"workload", json_text(g->workload),
		"phase", json_text(g->phase),
		"state", json_text(g->state),
		"policy", json_text(g->policy),
		"phase_age_ms", json_reading(g->phase_age_ms),
		"confidence_permille", json_reading(g->confidence_permille),
		"slowdown_permille", json_reading(g->slowdown_permille),
		"slowdown_budget_permille", json_reading(g->budget_permille),
		"power_cap_uw", json_reading(g->cap_uw),
		"power_cap_asked_uw", json_reading(g->cap_asked_uw),
		"energy_uj", json_reading(g->energy_uj),
		"energy_saved_uj", json_reading(g->energy_saved_uj),
		"lease_ms", json_reading(g->lease_ms),
		"sample_period_us", json_reading(g->sample_period_us),
		"samples", json_reading(g->samples),
		"dropped", json_reading(g->dropped),
		"transitions", json_reading(g->transitions),
		"fallbacks", json_reading(g->fallbacks),
		"collector_ns_per_sample", json_reading(g->collector_ns),
		"switch_us", json_reading(g->switch_us),
		"switches_measured", json_reading(g->switches_measured));
}

static json_t *view_to_json(const struct view *v)
{
	const struct device *d = &v->device;
	json_t *collector = json_object_get(v->daemon, "collector");

	return json_pack("{s:s, s:o, s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:O?}",
		"name", d->name,
		"governor", json_text(d->governor),
		"governed", d->governed,
		"asleep", d->asleep,
		"cur_freq_hz", json_reading(d->cur_freq_hz),
		"min_freq_hz", json_reading(d->min_freq_hz),
		"max_freq_hz", json_reading(d->max_freq_hz),
		"power_uw", json_reading(d->power_uw),
		"energy_counter_uj", json_reading(d->energy_uj),
		"accelgov", d->governed ? governed_to_json(&v->governed) :
					  json_null(),
		"collector", collector);
}

static json_t *daemon_to_json(json_t *daemon)
{
	json_t *copy;

	if (!daemon)
		return json_null();
	copy = json_copy(daemon);
	json_object_del(copy, "devices");
	json_object_del(copy, "schema");
	json_object_del(copy, "accelerators");
	return copy;
}

static int load_view(const struct sysfs *sysfs, json_t *daemon,
		     const char *name, struct view *view)
{
	if (device_load(sysfs, name, &view->device))
		return -ENODEV;
	device_load_governed(sysfs, name, &view->governed);
	view->daemon = daemon_device(daemon, name);
	return 0;
}

/* Those named, or all: devfreq devices first. */
static int collect(const struct sysfs *sysfs, json_t *daemon,
		   char *const *names, size_t nr, json_t *devices)
{
	struct view view;
	size_t i;

	for (i = 0; i < nr; i++) {
		if (!load_view(sysfs, daemon, names[i], &view)) {
			if (devices)
				json_array_append_new(devices,
						      view_to_json(&view));
			else
				print_text(&view);
		} else if (!accelerator_find(daemon, names[i])) {
			cmd_error("there is no device \"%s\"; accelgov devices lists them",
				  names[i]);
			return CMD_UNSUPPORTED;
		}
	}
	return CMD_OK;
}

static int show_all(const struct sysfs *sysfs, json_t *daemon,
		    char *const *names, size_t nr, json_t *accelerators,
		    bool json)
{
	json_t *devices = json ? json_array() : NULL;
	int ret = collect(sysfs, daemon, names, nr, devices);

	if (!ret && json)
		return cmd_print_json(json_pack("{s:i, s:o, s:o, s:O}",
						"schema", 1, "daemon",
						daemon_to_json(daemon),
						"devices", devices,
						"accelerators", accelerators));
	json_decref(devices);
	if (!ret)
		accelerators_print(accelerators);
	return ret;
}

/* Return: exit code, without what asking the daemon has come to. */
static int show_every(const struct sysfs *sysfs, json_t *daemon, bool json)
{
	json_t *accelerators = accelerators_pick(daemon, NULL, 0);
	struct names names = { 0 };
	bool none;
	int ret;

	ret = device_names(sysfs, &names);
	if (ret) {
		cmd_error("can't list devfreq devices: %s", strerror(-ret));
		json_decref(accelerators);
		return cmd_exit_code(ret);
	}
	none = !names.nr && !json_array_size(accelerators);
	if (none && !json)
		cmd_error("no devices; accelgov doctor tells what is missing");
	ret = show_all(sysfs, daemon, names.name, names.nr, accelerators, json);
	names_free(&names);
	json_decref(accelerators);
	return ret || !none ? ret : CMD_UNSUPPORTED;
}

static int show_named(const struct sysfs *sysfs, json_t *daemon,
		      char *const *names, size_t nr, bool json)
{
	json_t *accelerators = accelerators_pick(daemon, names, nr);
	int ret;

	ret = show_all(sysfs, daemon, names, nr, accelerators, json);
	json_decref(accelerators);
	return ret;
}

/* A recorded tree has no daemon, unless one is named. */
static int ask_daemon(const struct cmd_options *o, const struct sysfs *sysfs,
		      json_t **ret_daemon)
{
	int ret;

	if (!sysfs->live && !o->socket)
		return CMD_OK;
	ret = client_call(o->socket, "status", ret_daemon);
	if (!ret)
		return CMD_OK;
	cmd_error("accelgovd %s: without it nothing is collected (systemctl start accelgovd)",
		  ret == -ECONNREFUSED ? "does not run" : "does not answer");
	return CMD_NO_DAEMON;
}

int cmd_status(int argc, char **argv)
{
	struct cmd_options options;
	json_t *daemon = NULL;
	struct sysfs sysfs;
	int first, ret, asked;

	first = cmd_parse(argc, argv, help, &options);
	if (first < 0)
		return -1 - first;
	ret = cmd_open(&options, &sysfs);
	if (ret)
		return ret;
	asked = ask_daemon(&options, &sysfs, &daemon);
	ret = first < argc ?
	      show_named(&sysfs, daemon, argv + first, argc - first,
			 options.json) :
	      show_every(&sysfs, daemon, options.json);
	json_decref(daemon);
	sysfs_close(&sysfs);
	return ret ? ret : asked;
}
