// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov policy - who decides about a device, and what it may do
 *
 * Settings are here, policies in BPF in policy_bpf.c.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "policy.h"
#include "policy_cmd.h"
#include "suggest.h"
#include "units.h"

#define FOLDER "sys/class/devfreq/%s/accelgov/"
#define KEYS_MAX 64

static const char help[] =
	"usage: accelgov policy show|set|reset|load|unload|list [DEVICE] [OPERAND...]\n"
	"\n"
	"  show DEVICE              who decides about a governed device, all its settings\n"
	"  set DEVICE KEY=VALUE...  change settings; all are checked before any is written\n"
	"  reset DEVICE [KEY...]    back to what an unconfigured device has\n"
	"  load NAME|FILE.bpf.o     let a policy in BPF decide, in place of the one there\n"
	"  unload                   take it away; the built-in policy decides again\n"
	"  list                     which policy decides about which device\n"
	"\n"
	"KEY is the path of a file below the device's accelgov folder, VALUE a number as\n"
	"the file takes it or one with a unit: power_cap_uw=350W,\n"
	"phases/memory/max_freq_hz=1.2GHz, slowdown_budget_permille=3%.\n"
	"A setting made while accelgovd keeps its lease ends with that lease; put lasting\n"
	"ones into /etc/accelgov/accelgov.conf. policy/NAME=NUMBER sets a knob of the\n"
	"policy in BPF that decides about the device.\n"
	"\n"
	"NAME is a policy that came with accelgov, such as edp; a FILE has a \"/\" in it or\n"
	"ends in .o. It is loaded for all devices that have none of their own, and stays until\n"
	"it is unloaded, replaced or, when it misbehaves, ejected by the module.\n"
	"\n"
	"  --device D  load, unload: for this device alone\n"
	"  --json      JSON, schema 1 (show, list)\n"
	"  --root DIR  a recorded /sys instead of the live one (not load, unload)\n"
	"\n"
	"Exit codes: 0; 1 a value was refused; 2 usage, unknown key or bad value; 3 no\n"
	"such device, or not governed by accelgov; 4 permission.\n";

/* All keys of a device, the phases spelled out. */
struct key_list {
	char text[KEYS_MAX][POLICY_ATTR_LEN];
	const char *name[KEYS_MAX + 1];
	size_t nr;
};

static void add_key(struct key_list *list, const char *key)
{
	if (list->nr == KEYS_MAX)
		return;
	snprintf(list->text[list->nr], POLICY_ATTR_LEN, "%s", key);
	list->name[list->nr] = list->text[list->nr];
	list->nr++;
	list->name[list->nr] = NULL;
}

static void list_keys(struct key_list *list)
{
	const struct policy_file *file;
	char key[POLICY_ATTR_LEN];
	unsigned int phase;

	list->nr = 0;
	for (file = policy_files(); file->key; file++)
		if (!strchr(file->key, '*'))
			add_key(list, file->key);
	for (phase = 0; phase < ACCELGOV_PHASE_NR; phase++) {
		for (file = policy_files(); file->key; file++) {
			if (!phase_name(phase) || !strchr(file->key, '*'))
				continue;
			snprintf(key, sizeof(key), "phases/%s/%s",
				 phase_name(phase),
				 strrchr(file->key, '/') + 1);
			add_key(list, key);
		}
	}
}

static const struct policy_file *find_key(const char *key)
{
	const struct policy_file *file = policy_find(key);
	struct key_list list;
	const char *near;

	if (file)
		return file;
	list_keys(&list);
	near = suggest(key, list.name);
	cmd_error("there is no setting \"%s\"%s%s%s", key,
		  near ? ", did you mean \"" : "; accelgov policy show DEVICE lists them",
		  near ? near : "", near ? "\"?" : "");
	return NULL;
}

static void print_value(const struct policy_file *file, struct reading value,
			const char *key)
{
	char text[24];

	if (!value.known)
		printf("  %-44s unknown\n", key);
	else if (value.value == file->normal)
		printf("  %-44s %-14" PRId64 " normal\n", key, value.value);
	else
		printf("  %s%-44s%s %-14" PRId64 " %s\n", style_bold, key,
		       style_off, value.value,
		       unit_format(file->unit, value.value, text,
				   sizeof(text)));
}

static int show(const struct sysfs *sysfs, const char *device, bool json)
{
	json_t *values = json_object();
	struct reading value;
	struct key_list list;
	size_t i;

	if (!json)
		policy_show(sysfs, device);
	list_keys(&list);
	for (i = 0; i < list.nr; i++) {
		value = sysfs_reading(sysfs, FOLDER "%s", device, list.name[i]);
		if (json)
			json_object_set_new(values, list.name[i],
					    json_reading(value));
		else
			print_value(policy_find(list.name[i]), value,
				    list.name[i]);
	}
	if (json)
		return cmd_print_json(json_pack("{s:i, s:s, s:o, s:o}",
						"schema", 1, "device", device,
						"settings", values, "policy",
						policy_json(sysfs, device)));
	json_decref(values);
	return CMD_OK;
}

/* A bare number is what the file takes; with a unit it is converted. */
static int parse_value(const struct policy_file *file, const char *key,
		       const char *text, int64_t *ret_value)
{
	int ret = parse_int(text, ret_value);

	if (ret)
		ret = unit_parse(file->unit, text, ret_value);
	if (ret)
		cmd_error("%s=%s %s: %s is expected, or a plain number in the unit of the file",
			  key, text, ret == -ERANGE ? "is out of range" :
			  ret == -EDOM ? "is finer than can be set" :
			  "is not understood", unit_example(file->unit));
	return ret ? CMD_USAGE : CMD_OK;
}

static int parse_setting(char *arg, struct policy_knob *knob)
{
	const struct policy_file *file;
	char *text = strchr(arg, '=');
	int64_t value;

	if (!text) {
		cmd_error("\"%s\" has no value: KEY=VALUE is expected", arg);
		return CMD_USAGE;
	}
	*text++ = '\0';
	file = find_key(arg);
	if (!file || parse_value(file, arg, text, &value))
		return CMD_USAGE;
	snprintf(knob->attr, sizeof(knob->attr), "%s", arg);
	snprintf(knob->value, sizeof(knob->value), "%" PRId64, value);
	return CMD_OK;
}

static const char *why_refused(int error)
{
	switch (error) {
	case -ERANGE:
		return "out of range";
	case -EINVAL:
		return "it contradicts another setting, such as a lower limit above the upper one";
	case -EACCES:
	case -EPERM:
		return "more rights are needed, try as root";
	case -ENOENT:
		return "this version of the module has no such setting";
	default:
		return strerror(-error);
	}
}

static int write_all(const struct sysfs *sysfs, const char *device,
		     const struct policy_knob *knobs, size_t nr)
{
	bool again = false;
	int error, ret = CMD_OK;
	size_t i, pass;

	/* Two limits may only fit in the other order: see apply_knobs(). */
	for (pass = 0; pass < 2; pass++) {
		for (i = 0; i < nr; i++) {
			error = sysfs_write(sysfs, knobs[i].value, FOLDER "%s",
					    device, knobs[i].attr);
			again |= error == -EINVAL;
			if (!error || (error == -EINVAL && !pass))
				continue;
			cmd_error("%s: %s can't be %s: %s", device,
				  knobs[i].attr, knobs[i].value,
				  why_refused(error));
			ret = cmd_exit_code(error);
		}
		if (!again)
			break;
	}
	return ret;
}

static void warn_of_lease(const struct sysfs *sysfs, const char *device)
{
	struct reading lease_ms = sysfs_reading(sysfs, FOLDER "lease_ms",
						device);

	if (lease_ms.known && lease_ms.value)
		cmd_error("%s: accelgovd keeps a lease on this device; the change ends with it, or with the next reload",
			  device);
}

static int set(const struct sysfs *sysfs, const char *device, char **args,
	       size_t nr)
{
	struct policy_knob knobs[KEYS_MAX];
	size_t i;
	int ret;

	if (!nr || nr > KEYS_MAX) {
		cmd_error(nr ? "too many settings at once" :
			  "nothing to set: KEY=VALUE is expected");
		return CMD_USAGE;
	}
	for (i = 0; i < nr; i++) {
		ret = parse_setting(args[i], &knobs[i]);
		if (ret)
			return ret;
	}
	ret = write_all(sysfs, device, knobs, nr);
	if (!ret)
		warn_of_lease(sysfs, device);
	return ret;
}

static int reset(const struct sysfs *sysfs, const char *device, char **args,
		 size_t nr)
{
	struct policy_knob knobs[KEYS_MAX];
	const struct policy_file *file;
	struct key_list list;
	const char *key;
	size_t i;

	list_keys(&list);
	if (nr > KEYS_MAX) {
		cmd_error("too many settings at once");
		return CMD_USAGE;
	}
	for (i = 0; i < (nr ? nr : list.nr); i++) {
		key = nr ? args[i] : list.name[i];
		file = find_key(key);
		if (!file)
			return CMD_USAGE;
		snprintf(knobs[i].attr, sizeof(knobs[i].attr), "%s", key);
		snprintf(knobs[i].value, sizeof(knobs[i].value), "%" PRId64,
			 file->normal);
	}
	return write_all(sysfs, device, knobs, i);
}

static int check_device(const struct sysfs *sysfs, const char *name)
{
	if (!device_name_valid(name) ||
	    !sysfs_exists(sysfs, "sys/class/devfreq/%s", name)) {
		cmd_error("there is no devfreq device \"%s\"; accelgov devices lists them",
			  name);
		return CMD_UNSUPPORTED;
	}
	if (!sysfs_exists(sysfs, FOLDER, name)) {
		cmd_error("%s is not governed by accelgov: echo accelgov > /sys/class/devfreq/%s/governor",
			  name, name);
		return CMD_UNSUPPORTED;
	}
	return CMD_OK;
}

static int set_knobs(const char *device, char **args, int nr)
{
	int i, ret = CMD_OK;

	for (i = 0; i < nr && !ret; i++) {
		if (!strncmp(args[i], POLICY_KNOB_PREFIX,
			     strlen(POLICY_KNOB_PREFIX))) {
			ret = policy_set_knob(device, args[i]);
			continue;
		}
		cmd_error("%s is no knob of a policy: set it by itself", args[i]);
		ret = CMD_USAGE;
	}
	return ret;
}

static bool wants_knobs(char **args, int nr)
{
	return nr > 2 && !strncmp(args[2], POLICY_KNOB_PREFIX,
				  strlen(POLICY_KNOB_PREFIX));
}

/* Actions about one device's settings. */
static int run_device(const struct sysfs *sysfs, const struct cmd_options *o,
		      char **args, int nr)
{
	int ret;

	if (nr < 2) {
		cmd_error("which device? accelgov devices lists them");
		return CMD_USAGE;
	}
	ret = check_device(sysfs, args[1]);
	if (ret)
		return ret;
	if (!strcmp(args[0], "set") && wants_knobs(args, nr))
		return set_knobs(args[1], args + 2, nr - 2);
	if (!strcmp(args[0], "set"))
		return set(sysfs, args[1], args + 2, nr - 2);
	if (!strcmp(args[0], "reset"))
		return reset(sysfs, args[1], args + 2, nr - 2);
	if (nr > 2) {
		cmd_error("show takes one device, not \"%s\"", args[2]);
		return CMD_USAGE;
	}
	return show(sysfs, args[1], o->json);
}

static int unknown_action(const char *action)
{
	static const char *const actions[] = {
		"show", "set", "reset", "load", "unload", "list", NULL
	};
	const char *near = suggest(action, actions);

	cmd_error("\"%s\" is not an action, %s%s%s", action,
		  near ? "did you mean \"" :
		  "show, set, reset, load, unload or list is",
		  near ? near : "", near ? "\"?" : "");
	return CMD_USAGE;
}

static int run(const struct sysfs *sysfs, const struct cmd_options *o,
	       const char *device, char **args, int nr)
{
	const char *action = nr ? args[0] : "";
	bool loading = !strcmp(action, "load") || !strcmp(action, "unload");

	if (!nr) {
		cmd_error("show, set, reset, load, unload or list?");
		return CMD_USAGE;
	}
	if (device && !loading) {
		cmd_error("--device goes with load and unload");
		return CMD_USAGE;
	}
	if (loading && !sysfs->live) {
		cmd_error("a recorded tree runs no policies");
		return CMD_USAGE;
	}
	if (!strcmp(action, "load"))
		return policy_load(args + 1, nr - 1, device);
	if (!strcmp(action, "unload"))
		return policy_unload(nr - 1, device);
	if (!strcmp(action, "list"))
		return policy_list(sysfs, nr - 1, o->json);
	if (strcmp(action, "show") && strcmp(action, "set") &&
	    strcmp(action, "reset"))
		return unknown_action(action);
	return run_device(sysfs, o, args, nr);
}

/* --device is this command's own: take it out. Return: how many words remain. */
static int take_device(int argc, char **argv, const char **ret_device)
{
	static const char option[] = "--device";
	size_t len = sizeof(option) - 1;
	int i, left = 0;

	*ret_device = NULL;
	for (i = 0; i < argc; i++) {
		if (!strcmp(argv[i], option) && i + 1 < argc)
			*ret_device = argv[++i];
		else if (!strncmp(argv[i], option, len) && argv[i][len] == '=')
			*ret_device = argv[i] + len + 1;
		else
			argv[left++] = argv[i];
	}
	argv[left] = NULL;
	return left;
}

int cmd_policy(int argc, char **argv)
{
	struct cmd_options options;
	struct sysfs sysfs;
	const char *device;
	int first, ret;

	argc = take_device(argc, argv, &device);
	first = cmd_parse(argc, argv, help, &options);
	if (first < 0)
		return -1 - first;
	ret = cmd_open(&options, &sysfs);
	if (ret)
		return ret;
	ret = run(&sysfs, &options, device, argv + first, argc - first);
	sysfs_close(&sysfs);
	return ret;
}
