// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov policy - load, unload, list and show policies in BPF
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "loader.h"
#include "policy_catalog.h"
#include "policy_cmd.h"
#include "units.h"

#define FOLDER "sys/class/devfreq/%s/accelgov/"
#define TEXT_LEN 1024

/* Numbers below policy_stats/, in the order in which they are shown. */
static const char *const stats[] = {
	"calls", "longest_ns", "decisions", "bad_phases", "bad_clocks",
	"bad_delays", "refused_switches", "budget_overruns", "slow_calls",
	NULL
};

/* Files below policy_exit/. */
static const char *const ends[] = {
	"name", "code", "reason", "offence", "last_decisions", NULL
};

static void read_text(const struct sysfs *sysfs, const char *device,
		      const char *file, char *text)
{
	if (sysfs_read(sysfs, text, TEXT_LEN, FOLDER "%s", device, file) < 0)
		text[0] = '\0';
}

static void read_end(const struct sysfs *sysfs, const char *device,
		     const char *file, char *text)
{
	char path[64];

	snprintf(path, sizeof(path), "policy_exit/%s", file);
	read_text(sysfs, device, path, text);
}

static struct reading read_stat(const struct sysfs *sysfs, const char *device,
				const char *file)
{
	return sysfs_reading(sysfs, FOLDER "policy_stats/%s", device, file);
}

int policy_load(char **args, int nr, const char *device)
{
	char err[TEXT_LEN], file[PATH_MAX];
	bool replaced;
	int ret;

	if (nr != 1) {
		cmd_error(nr ? "one policy at a time" :
			  "which policy? A name such as edp is expected, or a compiled file");
		return CMD_USAGE;
	}
	if (device && !device_name_valid(device)) {
		cmd_error("no device is called \"%s\"", device);
		return CMD_USAGE;
	}
	ret = catalog_find(args[0], file, sizeof(file));
	if (ret)
		return ret;
	ret = loader_load(file, device, &replaced, err, sizeof(err));
	if (ret) {
		cmd_error("%s", err);
		return cmd_exit_code(ret);
	}
	printf("%s %s for %s\n", args[0], replaced ? "replaces the policy" :
	       "is loaded", device ? device : "all devices without their own");
	return CMD_OK;
}

int policy_unload(int nr, const char *device)
{
	char err[TEXT_LEN];
	int ret;

	if (nr) {
		cmd_error("unload takes --device D, or nothing for the policy of all devices");
		return CMD_USAGE;
	}
	if (device && !device_name_valid(device)) {
		cmd_error("no device is called \"%s\"", device);
		return CMD_USAGE;
	}
	ret = loader_unload(device, err, sizeof(err));
	if (!ret)
		return CMD_OK;
	cmd_error("%s", err);
	return cmd_exit_code(ret);
}

static bool add_knob(const char *name, int64_t value, void *data)
{
	json_object_set_new(data, name, json_integer(value));
	return true;
}

static bool print_knob(const char *name, int64_t value, void *data)
{
	printf("  " POLICY_KNOB_PREFIX "%-37s %" PRId64 "\n", name, value);
	return true;
}

json_t *policy_json(const struct sysfs *sysfs, const char *device)
{
	json_t *numbers = json_object(), *end = json_object();
	json_t *knobs = json_object();
	char text[TEXT_LEN];
	size_t i;

	for (i = 0; stats[i]; i++)
		json_object_set_new(numbers, stats[i],
				    json_reading(read_stat(sysfs, device,
							   stats[i])));
	for (i = 0; ends[i]; i++) {
		read_end(sysfs, device, ends[i], text);
		json_object_set_new(end, ends[i], json_text(text));
	}
	if (sysfs->live)
		loader_knobs(loader_scope(device), add_knob, knobs);
	read_text(sysfs, device, "policy", text);
	return json_pack("{s:o, s:o, s:o, s:o}", "name", json_text(text),
			 "stats", numbers, "exit", end, "knobs", knobs);
}

static void print_end(const struct sysfs *sysfs, const char *device)
{
	char name[TEXT_LEN], reason[TEXT_LEN], decisions[TEXT_LEN];
	char *line, *rest = decisions;

	read_end(sysfs, device, "name", name);
	read_end(sysfs, device, "reason", reason);
	read_end(sysfs, device, "last_decisions", decisions);
	if (!name[0])
		return;
	printf("%s before it has ended: %s\n", name, reason);
	while ((line = strsep(&rest, "\n")))
		if (*line)
			printf("  %s\n", line);
}

void policy_show(const struct sysfs *sysfs, const char *device)
{
	struct reading value;
	char name[TEXT_LEN];
	size_t i;

	read_text(sysfs, device, "policy", name);
	printf("policy %s%s%s decides\n", style_bold,
	       name[0] ? name : "unknown", style_off);
	for (i = 0; stats[i]; i++) {
		value = read_stat(sysfs, device, stats[i]);
		if (value.known)
			printf("  %-44s %" PRId64 "\n", stats[i], value.value);
	}
	if (sysfs->live)
		loader_knobs(loader_scope(device), print_knob, NULL);
	print_end(sysfs, device);
}

static const char *loaded_for(const char *device)
{
	return strcmp(loader_scope(device), LOADER_ALL) ? "this device" :
							  "all devices";
}

static void list_device(const struct sysfs *sysfs, const char *device,
			json_t *list)
{
	char name[TEXT_LEN], ended[TEXT_LEN], code[TEXT_LEN];

	if (list) {
		json_array_append_new(list,
				      json_pack("{s:s, s:o}", "device", device,
						"policy",
						policy_json(sysfs, device)));
		return;
	}
	read_text(sysfs, device, "policy", name);
	read_end(sysfs, device, "name", ended);
	read_end(sysfs, device, "code", code);
	printf("%-20s %s%s%s", device, style_bold, name, style_off);
	if (strcmp(name, "builtin"))
		printf(", loaded for %s", loaded_for(device));
	if (ended[0])
		printf("; %s ended: %s", ended, code);
	putchar('\n');
}

int policy_list(const struct sysfs *sysfs, int nr, bool json)
{
	json_t *list = json ? json_array() : NULL;
	struct names names;
	bool any = false;
	size_t i;
	int ret;

	if (nr) {
		cmd_error("list takes no operands");
		return CMD_USAGE;
	}
	ret = device_names(sysfs, &names);
	for (i = 0; !ret && i < names.nr; i++) {
		if (!sysfs_exists(sysfs, FOLDER, names.name[i]))
			continue;
		any = true;
		list_device(sysfs, names.name[i], list);
	}
	if (!ret)
		names_free(&names);
	if (json)
		return cmd_print_json(json_pack("{s:i, s:o}", "schema", 1,
						"devices", list));
	if (any)
		return CMD_OK;
	cmd_error("no device is governed by accelgov; accelgov devices lists those that could be");
	return CMD_UNSUPPORTED;
}

static int knob_failed(const char *device, const char *name, int error)
{
	switch (-error) {
	case ENOENT:
		cmd_error("%s has no policy with knobs: accelgov policy list", device);
		return CMD_USAGE;
	case ENOKEY:
		cmd_error("the policy of %s has no knob \"%s\"; accelgov policy show %s lists them",
			  device, name, device);
		return CMD_USAGE;
	case ERANGE:
		cmd_error("the value for %s is out of range: knobs hold no negative numbers and most of them 32 bits",
			  name);
		return CMD_FAILURE;
	default:
		cmd_error("%s can't be set: %s", name, strerror(-error));
		return cmd_exit_code(error);
	}
}

int policy_set_knob(const char *device, const char *setting)
{
	const char *value = strchr(setting, '=');
	char name[64];
	int64_t number;
	int ret;

	setting += strlen(POLICY_KNOB_PREFIX);
	if (!value || parse_int(value + 1, &number)) {
		cmd_error("\"%s\": " POLICY_KNOB_PREFIX "NAME=NUMBER is expected",
			  setting);
		return CMD_USAGE;
	}
	snprintf(name, sizeof(name), "%.*s", (int)(value - setting), setting);
	ret = loader_set_knob(loader_scope(device), name, number);
	return ret ? knob_failed(device, name, ret) : CMD_OK;
}
