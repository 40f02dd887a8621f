// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov jobs - whose energy it was
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "units.h"

static const char help[] =
	"usage: accelgov jobs [--json] [--socket PATH] [DEVICE...]\n"
	"\n"
	"Shows, for every device whose jobs run through the kernel's GPU scheduler, or for\n"
	"those named, who they were for since accelgovd runs: how long the device worked for\n"
	"each process and how long its jobs waited, and the energy that this comes to.\n"
	"Processes that ended are one line per cgroup. Behind the cgroup stands how long some\n"
	"task of it waited for block I/O since it was made.\n"
	"\n"
	"  --json         JSON, schema 1; unknown values are null\n"
	"  --socket PATH  of accelgovd\n"
	"\n"
	"Exit codes: 0; 3 no such device; 5 accelgovd does not run.\n";

static const char *text_of(json_t *from, const char *key, const char *otherwise)
{
	const char *text = json_string_value(json_object_get(from, key));

	return text ? text : otherwise;
}

static int64_t number_of(json_t *from, const char *key)
{
	return json_integer_value(json_object_get(from, key));
}

static const char *energy(json_t *from, const char *key, char *buf, size_t size)
{
	json_t *uj = json_object_get(from, key);

	return json_is_integer(uj) ?
	       format_energy(json_integer_value(uj), buf, size) : "unknown";
}

static const char *duration(json_t *from, const char *key, char *buf,
			    size_t size)
{
	json_t *us = json_object_get(from, key);

	return json_is_integer(us) ?
	       unit_format(UNIT_TIME, json_integer_value(us), buf, size) :
	       "unknown";
}

#define ENERGY(from, key) energy(from, key, (char[24]) { 0 }, 24)
#define DURATION(from, key) duration(from, key, (char[24]) { 0 }, 24)

static void print_job(json_t *job)
{
	char who[48];

	if (json_is_integer(json_object_get(job, "pid")))
		snprintf(who, sizeof(who), "%" PRId64 " %s",
			 number_of(job, "pid"), text_of(job, "comm", "?"));
	else
		snprintf(who, sizeof(who), "(%" PRId64 " ended)",
			 number_of(job, "clients"));
	printf("  %-24s %9s %9s %7" PRId64 " %9s  %s (disk %s)\n", who,
	       DURATION(job, "run_us"), DURATION(job, "wait_us"),
	       number_of(job, "done"), ENERGY(job, "energy_uj"),
	       text_of(job, "cgroup", "cgroup unknown"),
	       DURATION(job, "cgroup_io_wait_us"));
}

static int by_energy(const void *a, const void *b)
{
	json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
	int64_t more = number_of(y, "energy_uj") - number_of(x, "energy_uj");

	if (!more)
		more = number_of(y, "run_us") - number_of(x, "run_us");
	return (more > 0) - (more < 0);
}

static void print_jobs(json_t *jobs)
{
	size_t nr = json_array_size(jobs), i;
	json_t **sorted = calloc(nr + 1, sizeof(*sorted));

	if (!sorted)
		return;
	for (i = 0; i < nr; i++)
		sorted[i] = json_array_get(jobs, i);
	qsort(sorted, nr, sizeof(*sorted), by_energy);
	if (nr)
		printf("  %-24s %9s %9s %7s %9s  %s\n", "process", "ran",
		       "waited", "jobs", "energy",
		       "cgroup (its wait for block I/O)");
	for (i = 0; i < nr; i++)
		print_job(sorted[i]);
	free(sorted);
}

static void print_device(json_t *device)
{
	printf("%s%s%s  %s used", style_bold, text_of(device, "name", "?"),
	       style_off, ENERGY(device, "energy_uj"));
	if (json_is_integer(json_object_get(device, "idle_uj")))
		printf(", %s of it while nothing ran",
		       ENERGY(device, "idle_uj"));
	printf("; %" PRId64 " jobs in flight\n", number_of(device, "in_flight"));
	print_jobs(json_object_get(device, "jobs"));
}

static json_t *find(json_t *devices, const char *name)
{
	json_t *device;
	size_t i;

	json_array_foreach(devices, i, device)
		if (!strcmp(text_of(device, "name", ""), name))
			return device;
	return NULL;
}

/* Return: those that are named, in that order; NULL when there is no such one. */
static json_t *pick(json_t *devices, char *const *names, size_t nr)
{
	json_t *picked = json_array(), *device;
	size_t i;

	for (i = 0; i < nr; i++) {
		device = find(devices, names[i]);
		if (!device) {
			cmd_error("no GPU scheduler is known for a device \"%s\"; accelgov jobs lists those there are",
				  names[i]);
			json_decref(picked);
			return NULL;
		}
		json_array_append(picked, device);
	}
	return picked;
}

static int show(json_t *answer, bool json)
{
	json_t *device, *devices = json_object_get(answer, "devices");
	const char *problem = text_of(answer, "problem", NULL);
	size_t i;

	if (json)
		return cmd_print_json(json_incref(answer));
	if (problem)
		cmd_error("%s", problem);
	else if (!json_array_size(devices))
		cmd_error("no device here runs its jobs through the kernel's GPU scheduler");
	json_array_foreach(devices, i, device) {
		print_device(device);
	}
	return CMD_OK;
}

int cmd_jobs(int argc, char **argv)
{
	struct cmd_options options;
	json_t *answer, *picked;
	int first, ret;

	first = cmd_parse(argc, argv, help, &options);
	if (first < 0)
		return -1 - first;
	ret = client_call(options.socket, "jobs", &answer);
	if (ret) {
		cmd_error("accelgovd %s: only it knows (systemctl start accelgovd)",
			  ret == -ECONNREFUSED ? "does not run" :
						 "does not answer");
		return CMD_NO_DAEMON;
	}
	if (json_object_get(answer, "error")) {
		cmd_error("accelgovd does not know this: restart it, it is older than this accelgov");
		json_decref(answer);
		return CMD_FAILURE;
	}
	if (first < argc) {
		picked = pick(json_object_get(answer, "devices"), argv + first,
			      argc - first);
		ret = picked ? CMD_OK : CMD_UNSUPPORTED;
		if (picked)
			json_object_set_new(answer, "devices", picked);
	}
	if (!ret)
		ret = show(answer, options.json);
	json_decref(answer);
	return ret;
}
