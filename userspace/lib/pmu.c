// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - perf PMUs: which counters a device has and how to open them
 *
 * An accelerator's PMU names its events after the signals. Two more files per
 * event may say what a count is worth, as perf reads them: NAME.unit and
 * NAME.scale. A counter whose unit is not the signal's is left alone: a signal
 * that is unknown does less harm than one that is wrong by a factor.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pmu.h"

/* One way to label a counter that counts in the signal's own unit. */
struct pmu_unit {
	const char *unit;
	double scale;
};

#define PMU_UNITS 4

static const struct {
	const char *name;
	struct pmu_unit units[PMU_UNITS];
} pmu_signals[ACCELGOV_SIG_NR] = {
	[ACCELGOV_SIG_BUSY] = { "busy", { { "ns", 1 }, { "s", 1e-9 } } },
	[ACCELGOV_SIG_COMPUTE] = { "compute", { { "ns", 1 }, { "s", 1e-9 } } },
	[ACCELGOV_SIG_MEMORY] = { "memory", { { "ns", 1 }, { "s", 1e-9 } } },
	[ACCELGOV_SIG_LINK] = { "link", { { "ns", 1 }, { "s", 1e-9 } } },
	[ACCELGOV_SIG_HOST] = { "host", { { "ns", 1 }, { "s", 1e-9 } } },
	[ACCELGOV_SIG_QUEUE] = { "queue", { { "item*us", 1 },
					    { "items*us", 1 },
					    { "item*s", 1e-6 } } },
	[ACCELGOV_SIG_CLOCK] = { "cycles", { { "cycles", 1 } } },
	[ACCELGOV_SIG_POWER] = { "energy", { { "uJ", 1 }, { "Joules", 1e-6 },
					     { "J", 1e-6 } } },
	[ACCELGOV_SIG_PROGRESS] = { "progress", { { "units", 1 } } },
	[ACCELGOV_SIG_CONTEXTS] = { "contexts", { { "context*us", 1 },
						  { "contexts*us", 1 },
						  { "context*s", 1e-6 } } },
};

const char *signal_name(unsigned int signal)
{
	return signal < ACCELGOV_SIG_NR ? pmu_signals[signal].name : NULL;
}

/* A bare "ns" with scale 1e-9 would be a lie that perf repeats: refuse it. */
static bool unit_matches(unsigned int signal, const char *unit, double scale)
{
	const struct pmu_unit *u = pmu_signals[signal].units;
	int i;

	for (i = 0; i < PMU_UNITS && u[i].unit; i++)
		if (!strcmp(u[i].unit, unit))
			return fabs(scale / u[i].scale - 1) < 1e-6;
	return false;
}

static bool unit_is_known(const struct sysfs *sysfs, const char *pmu,
			  unsigned int signal)
{
	char unit[32], text[32], *end;
	double scale = 1;

	if (sysfs_read(sysfs, unit, sizeof(unit),
		       "sys/bus/event_source/devices/%s/events/%s.unit", pmu,
		       pmu_signals[signal].name))
		return true;
	if (!sysfs_read(sysfs, text, sizeof(text),
			"sys/bus/event_source/devices/%s/events/%s.scale", pmu,
			pmu_signals[signal].name)) {
		scale = strtod(text, &end);
		if (end == text || *end)
			return false;
	}
	return unit_matches(signal, unit, scale);
}

/* Spread @value over the bits that a format such as "config:0-7,32" names. */
static int set_format(const char *format, uint64_t value,
		      struct pmu_event *event)
{
	unsigned int low, high;
	const char *bits;
	uint64_t *field;
	int used;

	bits = strchr(format, ':');
	if (!bits)
		return -EBADMSG;
	if (!strncmp(format, "config:", 7))
		field = &event->config;
	else if (!strncmp(format, "config1:", 8))
		field = &event->config1;
	else if (!strncmp(format, "config2:", 8))
		field = &event->config2;
	else
		return -EBADMSG;

	for (bits++; *bits; bits += *bits == ',') {
		if (sscanf(bits, "%u%n", &low, &used) != 1)
			return -EBADMSG;
		bits += used;
		high = low;
		if (*bits == '-') {
			if (sscanf(bits, "-%u%n", &high, &used) != 1)
				return -EBADMSG;
			bits += used;
		}
		if (high > 63 || low > high || (*bits && *bits != ','))
			return -EBADMSG;
		for (; low <= high; low++, value >>= 1)
			*field |= (value & 1) << low;
	}
	return value ? -ERANGE : 0;
}

static int set_term(const struct sysfs *sysfs, const char *pmu, char *term,
		    struct pmu_event *event)
{
	char format[64], *text = strchr(term, '='), *end;
	uint64_t value = 1;
	int ret;

	if (text) {
		*text++ = '\0';
		errno = 0;
		value = strtoull(text, &end, 0);
		if (end == text || *end || errno)
			return -EBADMSG;
	}
	ret = sysfs_read(sysfs, format, sizeof(format),
			 "sys/bus/event_source/devices/%s/format/%s", pmu, term);
	if (!ret)
		return set_format(format, value, event);
	/* perf takes the fields themselves as terms, too. */
	if (!strcmp(term, "config"))
		event->config |= value;
	else if (!strcmp(term, "config1"))
		event->config1 |= value;
	else if (!strcmp(term, "config2"))
		event->config2 |= value;
	else
		return -EBADMSG;
	return 0;
}

static int load_event(const struct sysfs *sysfs, const char *pmu,
		      unsigned int signal, struct pmu_event *ret_event)
{
	char terms[256], *next = terms, *term;
	struct pmu_event event = { 0 };
	int ret;

	ret = sysfs_read(sysfs, terms, sizeof(terms),
			 "sys/bus/event_source/devices/%s/events/%s", pmu,
			 pmu_signals[signal].name);
	while (!ret && (term = strsep(&next, ",")))
		ret = set_term(sysfs, pmu, term, &event);
	if (!ret)
		*ret_event = event;
	return ret;
}

static int first_cpu(const struct sysfs *sysfs)
{
	char mask[256];
	int cpu;

	if (!sysfs_read(sysfs, mask, sizeof(mask),
			"sys/devices/system/cpu/online") &&
	    sscanf(mask, "%d", &cpu) == 1 && cpu >= 0)
		return cpu;
	return 0;
}

/* A PMU without a cpumask may be opened anywhere: take a CPU that is online. */
static int load_cpu(const struct sysfs *sysfs, const char *pmu)
{
	char mask[256];
	int cpu;

	if (!sysfs_read(sysfs, mask, sizeof(mask),
			"sys/bus/event_source/devices/%s/cpumask", pmu))
		return sscanf(mask, "%d", &cpu) == 1 && cpu >= 0 ? cpu : 0;
	return first_cpu(sysfs);
}

void pmu_none(const struct sysfs *sysfs, struct pmu *ret_pmu)
{
	*ret_pmu = (struct pmu){ .cpu = first_cpu(sysfs) };
}

int pmu_load(const struct sysfs *sysfs, const char *name, struct pmu *ret_pmu)
{
	struct pmu pmu = { 0 };
	unsigned int signal;
	int64_t type;
	int ret;

	if (strlen(name) >= sizeof(pmu.name))
		return -ENAMETOOLONG;
	ret = sysfs_read_int(sysfs, &type,
			     "sys/bus/event_source/devices/%s/type", name);
	if (ret)
		return ret;
	if (type < 0 || type > UINT32_MAX)
		return -ERANGE;
	strcpy(pmu.name, name);
	pmu.type = type;
	pmu.cpu = load_cpu(sysfs, name);

	for (signal = 0; signal < ACCELGOV_SIG_NR; signal++) {
		ret = load_event(sysfs, name, signal, &pmu.event[signal]);
		if (ret == -ENOENT)
			continue;
		if (!ret && unit_is_known(sysfs, name, signal))
			pmu.signals |= 1U << signal;
		else
			pmu.odd |= 1U << signal;
	}
	*ret_pmu = pmu;
	return 0;
}

int perf_open(struct perf_event_attr *attr, int cpu)
{
	int fd = syscall(SYS_perf_event_open, attr, -1, cpu, -1,
			 PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int pmu_event_open(const struct pmu *pmu, unsigned int signal, int cpu)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = pmu->type,
		.config = pmu->event[signal].config,
		.config1 = pmu->event[signal].config1,
		.config2 = pmu->event[signal].config2,
	};

	return perf_open(&attr, cpu);
}
