// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov devices - all accelerators and what can be done with them
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "accelerators.h"
#include "cmd.h"
#include "device.h"
#include "notes.h"
#include "pmu.h"
#include "units.h"

static const char help[] =
	"usage: accelgov devices [--json] [--root DIR]\n"
	"\n"
	"Lists every devfreq device with its operating points, governors, counters\n"
	"(which signals accelgov can see), and what else can be set on it; then every\n"
	"accelerator that a vendor's library or driver shows in another way, with its\n"
	"signals, and what can be set with its range; then what was left out, and why.\n"
	"\n"
	"  --json      JSON, schema 1; unknown values are null\n"
	"  --root DIR  a recorded /sys and /proc instead of the live ones, or a part of\n"
	"              it: /sys/class/drm, one card, one device\n"
	"\n"
	"Exit codes: 0; 3 no devices; 4 their files may not be read.\n";

struct view {
	struct device device;
	struct pmu pmu;
	bool has_pmu;
	bool scheduled;
};

#define SHOW(unit, reading) ((reading).known ?				\
	unit_format(unit, (reading).value, (char[24]) { 0 }, 24) : "unknown")

static void print_signals(const char *title, uint32_t signals)
{
	unsigned int signal;

	if (!signals)
		return;
	printf("%s", title);
	for (signal = 0; signal < ACCELGOV_SIG_NR; signal++)
		if (signals & (1U << signal))
			printf(" %s", signal_name(signal));
}

static void print_pmu(const struct view *v)
{
	uint32_t all = (1U << ACCELGOV_SIG_NR) - 1;

	if (!v->has_pmu) {
		printf("  signals    %s\n", v->scheduled ?
		       "busy and queue, from the GPU scheduler while accelgovd runs; no PMU" :
		       "none: the device has no PMU, only its busy time is known");
		return;
	}
	printf("  signals    PMU %s:", v->pmu.name);
	print_signals("", v->pmu.signals);
	print_signals("; missing:", all & ~v->pmu.signals & ~v->pmu.odd);
	print_signals("; not understood:", v->pmu.odd);
	putchar('\n');
}

static void print_clock(const struct device *d)
{
	struct reading low = { 0 }, high = { 0 };

	if (d->nr_freqs) {
		low = (struct reading){ d->freq_hz[0], true };
		high = (struct reading){ d->freq_hz[d->nr_freqs - 1], true };
	}
	if (d->nr_freqs)
		printf("  clock      %zu steps from %s to %s", d->nr_freqs,
		       SHOW(UNIT_FREQ, low), SHOW(UNIT_FREQ, high));
	else
		printf("  clock      no steps known");
	if (d->min_freq_hz.known || d->max_freq_hz.known)
		printf(", limits %s to %s", SHOW(UNIT_FREQ, d->min_freq_hz),
		       SHOW(UNIT_FREQ, d->max_freq_hz));
	printf(", now %s\n", SHOW(UNIT_FREQ, d->cur_freq_hz));
}

/* What the maker of a proxy device knows of it. */
static void print_switching(const struct device *d)
{
	if (d->switch_us.value)
		printf("  switching  %s until a clock holds (as told)\n",
		       SHOW(UNIT_TIME, d->switch_us));
	if (d->halt_us.value)
		printf("  halt       %s without work at a change of clock (as told)\n",
		       SHOW(UNIT_TIME, d->halt_us));
}

/* Drivers and accelgov say "never" with the largest delay, or a negative one. */
static bool never_suspends(const struct device *d)
{
	return d->autosuspend_ms.known &&
	       (d->autosuspend_ms.value < 0 ||
		d->autosuspend_ms.value >= INT_MAX / 1000 * 1000);
}

static void print_actuators(const struct device *d)
{
	struct reading delay_us = { d->autosuspend_ms.value * 1000,
				    d->autosuspend_ms.known };

	if (d->asleep)
		printf("  power cap  unknown while the device sleeps\n");
	else if (d->cap_uw.known && !d->cap_min_uw.known && !d->cap_max_uw.known)
		printf("  power cap  %s (no range known)\n",
		       SHOW(UNIT_POWER, d->cap_uw));
	else if (d->cap_uw.known)
		printf("  power cap  %s (range %s to %s)\n",
		       SHOW(UNIT_POWER, d->cap_uw),
		       SHOW(UNIT_POWER, d->cap_min_uw),
		       SHOW(UNIT_POWER, d->cap_max_uw));
	else
		printf("  power cap  none in hwmon\n");
	printf("  idle       runtime PM %s, autosuspend %s%s\n",
	       d->runtime_status[0] ? d->runtime_status : "unknown",
	       never_suspends(d) || !delay_us.known ? "" : "after ",
	       never_suspends(d) ? "never" : SHOW(UNIT_TIME, delay_us));
}

static void print_text(const struct view *v)
{
	const struct device *d = &v->device;

	printf("%s%s%s  governor %s (can be: %s)\n", style_bold, d->name,
	       style_off, d->governor[0] ? d->governor : "unknown",
	       d->governors[0] ? d->governors : "unknown");
	print_clock(d);
	print_switching(d);
	print_pmu(v);
	print_actuators(d);
}

static json_t *signals_to_json(const struct view *v)
{
	json_t *object = json_object();
	unsigned int signal;
	const char *state;
	uint32_t bit;

	for (signal = 0; signal < ACCELGOV_SIG_NR; signal++) {
		bit = 1U << signal;
		state = v->pmu.signals & bit ? "valid" :
			v->pmu.odd & bit ? "not-understood" : "missing";
		json_object_set_new(object, signal_name(signal),
				    json_string(state));
	}
	return object;
}

static json_t *freqs_to_json(const struct device *d)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < d->nr_freqs; i++)
		json_array_append_new(array, json_integer(d->freq_hz[i]));
	return array;
}

/* Nobody said so. */
static json_t *json_cost(struct reading r)
{
	return r.value ? json_reading(r) : json_null();
}

static json_t *view_to_json(const struct view *v)
{
	const struct device *d = &v->device;

	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o,"
			 " s:o, s:o, s:o, s:o, s:o}",
		"name", d->name,
		"governor", json_text(d->governor),
		"governors", json_text(d->governors),
		"freq_hz", freqs_to_json(d),
		"cur_freq_hz", json_reading(d->cur_freq_hz),
		"min_freq_hz", json_reading(d->min_freq_hz),
		"max_freq_hz", json_reading(d->max_freq_hz),
		"pmu", json_text(v->has_pmu ? v->pmu.name : ""),
		"signals", v->has_pmu ? signals_to_json(v) : json_null(),
		"power_cap_uw", json_reading(d->cap_uw),
		"power_cap_min_uw", json_reading(d->cap_min_uw),
		"power_cap_max_uw", json_reading(d->cap_max_uw),
		"switch_us", json_cost(d->switch_us),
		"halt_us", json_cost(d->halt_us),
		"runtime_status", json_text(d->runtime_status),
		"autosuspend_ms", json_reading(d->autosuspend_ms));
}

static void show_all(const struct sysfs *sysfs, const struct names *names,
		     json_t *devices)
{
	struct view view;
	size_t i;

	for (i = 0; i < names->nr; i++) {
		/* It may have gone since it was listed. */
		if (device_load(sysfs, names->name[i], &view.device))
			continue;
		view.has_pmu = view.device.pmu[0] &&
			       !pmu_load(sysfs, view.device.pmu, &view.pmu);
		view.scheduled = device_scheduled(sysfs, names->name[i]);
		if (devices)
			json_array_append_new(devices, view_to_json(&view));
		else
			print_text(&view);
	}
}

static int show(const struct sysfs *sysfs, const struct names *names,
		const struct accelerators *list, json_t *notes, bool json)
{
	json_t *devices = json ? json_array() : NULL, *all;
	int ret = CMD_OK;

	show_all(sysfs, names, devices);
	if (json) {
		all = json_pack("{s:i, s:o, s:o, s:O}", "schema", 1,
				"devices", devices, "accelerators",
				accelerators_json(sysfs, list), "notes",
				notes);
		ret = cmd_print_json(all);
	} else {
		accelerators_show(sysfs, list);
		notes_show(notes);
	}
	if (ret || names->nr || list->nr)
		return ret;
	if (!json)
		cmd_error("no devices; accelgov doctor tells what is missing");
	return CMD_UNSUPPORTED;
}

int cmd_devices(int argc, char **argv)
{
	struct cmd_options options;
	struct accelerators list;
	struct names names;
	struct sysfs sysfs;
	json_t *notes;
	int ret = cmd_begin(argc, argv, help, &options, &sysfs);

	if (ret >= 0)
		return ret;
	ret = device_names(&sysfs, &names);
	if (ret) {
		cmd_error("can't list devfreq devices: %s", strerror(-ret));
		sysfs_close(&sysfs);
		return cmd_exit_code(ret);
	}
	notes = json_array();
	/* What one back end could not do is among the notes. */
	accelerators_scan(&sysfs, &list, notes_add, notes);
	ret = show(&sysfs, &names, &list, notes, options.json);
	json_decref(notes);
	accelerators_free(&list);
	names_free(&names);
	sysfs_close(&sysfs);
	return ret;
}
