// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov jobs - whose energy it was
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "jobs.h"
#include "printable.h"
#include "units.h"

static const char help[] =
	"usage: accelgov jobs [--json] [--socket PATH] [DEVICE...]\n"
	"\n"
	"Shows, for every device whose jobs run through the kernel's GPU scheduler or whose\n"
	"driver lists its processes (NVIDIA), or for those named, who they were for since\n"
	"accelgovd runs: how long the device worked for each process and how long its jobs\n"
	"waited, and the energy that this comes to.\n"
	"Processes that ended are one line per cgroup. Behind the cgroup stands how long some\n"
	"task of it waited for block I/O since it was made. Then, for every process that uses\n"
	"libcuda, libamdhip64, libnccl or librccl: launches and copies per second, the share\n"
	"of the time that it waits for the accelerator, and behind which collective.\n"
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
	char who[48], done[24] = "unknown", cgroup[JOBS_CGROUP_LEN];

	if (json_is_integer(json_object_get(job, "done")))
		snprintf(done, sizeof(done), "%" PRId64, number_of(job, "done"));
	if (json_is_integer(json_object_get(job, "pid")))
		snprintf(who, sizeof(who), "%" PRId64 " %s",
			 number_of(job, "pid"), text_of(job, "comm", "?"));
	else
		snprintf(who, sizeof(who), "(%" PRId64 " ended)",
			 number_of(job, "clients"));
	snprintf(cgroup, sizeof(cgroup), "%s", text_of(job, "cgroup", "cgroup unknown"));
	printf("  %-24s %9s %9s %7s %9s  %s (disk %s)\n", printable(who),
	       DURATION(job, "run_us"), DURATION(job, "wait_us"),
	       done, ENERGY(job, "energy_uj"),
	       printable(cgroup),
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
	if (json_is_integer(json_object_get(device, "in_flight")))
		printf("; %" PRId64 " jobs in flight", number_of(device, "in_flight"));
	printf("\n");
	print_jobs(json_object_get(device, "jobs"));
}

/* "1.2 k" and the unit. */
static const char *scaled(json_t *from, const char *key, const char *unit,
			  char *buf, size_t size)
{
	static const char prefix[] = " kMGT";
	json_t *number = json_object_get(from, key);
	double value = json_integer_value(number);
	int i = 0;

	if (!json_is_integer(number))
		return "unknown";
	for (; value >= 1000 && prefix[i + 1]; i++)
		value /= 1000;
	snprintf(buf, size, "%.3g %.*s%s", value, !!i, prefix + i, unit);
	return buf;
}

static const char *share(json_t *from, const char *key, char *buf, size_t size)
{
	json_t *permille = json_object_get(from, key);

	return json_is_integer(permille) ?
	       unit_format(UNIT_SHARE, json_integer_value(permille), buf, size) :
	       "unknown";
}

#define SCALED(from, key, unit) scaled(from, key, unit, (char[24]) { 0 }, 24)
#define SHARE(from, key) share(from, key, (char[24]) { 0 }, 24)

static void print_collective(json_t *collective)
{
	if (!json_is_object(collective))
		return;
	printf("  %s %s", json_is_true(json_object_get(collective, "waits")) ?
	       "waits behind" : "last behind",
	       text_of(collective, "name", "?"));
	if (json_is_integer(json_object_get(collective, "number")))
		printf(" %" PRId64, number_of(collective, "number"));
	if (json_is_integer(json_object_get(collective, "rank")))
		printf(" as rank %" PRId64 " of %" PRId64,
		       number_of(collective, "rank"),
		       number_of(collective, "ranks"));
	if (json_is_integer(json_object_get(collective, "waiting_us")))
		printf(" for %s", DURATION(collective, "waiting_us"));
}

/* What the host keeps it waiting for most, if that is worth a word. */
static void print_host(json_t *shares)
{
	static const struct {
		const char *key;
		const char *text;
	} kinds[] = {
		{ "answer", "answers from the network" },
		{ "request", "requests" },
		{ "poll", "any of several files" },
		{ "read", "block I/O" },
		{ "write", "what it writes" },
	};
	size_t i, most = 0;

	for (i = 1; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (number_of(shares, kinds[i].key) >
		    number_of(shares, kinds[most].key))
			most = i;
	if (number_of(shares, kinds[most].key) >= 100)
		printf("  %s of the time waits for %s",
		       SHARE(shares, kinds[most].key), kinds[most].text);
}

static void print_process(json_t *process)
{
	char who[48];

	snprintf(who, sizeof(who), "%" PRId64 " %s", number_of(process, "pid"),
		 text_of(process, "comm", "?"));
	printf("  %-24s %10s %10s %10s %8s %8s", printable(who),
	       SCALED(process, "launches_per_s", "/s"),
	       SCALED(process, "to_device_bytes_per_s", "B/s"),
	       SCALED(process, "from_device_bytes_per_s", "B/s"),
	       SHARE(process, "wait_permille"),
	       SHARE(process, "collective_wait_permille"));
	print_collective(json_object_get(process, "collective"));
	print_host(json_object_get(process, "host_wait_permille"));
	putchar('\n');
}

/* What processes call in vendors' libraries; nothing when nobody has one. */
static void print_calls(json_t *calls)
{
	json_t *process, *processes = json_object_get(calls, "processes");
	const char *problem = text_of(calls, "problem", NULL);
	size_t i;

	if (problem)
		cmd_error("calls into libraries: %s", problem);
	if (!json_array_size(processes))
		return;
	printf("%scalls into vendors' libraries, and waits%s\n", style_bold,
	       style_off);
	printf("  %-24s %10s %10s %10s %8s %8s\n", "process", "launches",
	       "to device", "from it", "waits", "behind collectives");
	json_array_foreach(processes, i, process) {
		print_process(process);
	}
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

static int show(json_t *answer, bool json, bool all)
{
	json_t *device, *devices = json_object_get(answer, "devices");
	json_t *calls = all ? json_object_get(answer, "calls") : NULL;
	const char *problem = text_of(answer, "problem", NULL);
	size_t i;

	if (json)
		return cmd_print_json(json_incref(answer));
	if (problem)
		cmd_error("%s", problem);
	else if (!json_array_size(devices) &&
		 !json_array_size(json_object_get(calls, "processes")))
		cmd_error("no device here runs its jobs through the kernel's GPU scheduler");
	json_array_foreach(devices, i, device) {
		print_device(device);
	}
	print_calls(calls);
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
		ret = show(answer, options.json, first == argc);
	json_decref(answer);
	return ret;
}
