/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - perf PMUs: which counters a device has and how to open them
 */
#ifndef ACCELGOV_LIB_PMU_H
#define ACCELGOV_LIB_PMU_H

#include <linux/perf_event.h>
#include <stdint.h>

#include "../../kmod/uapi/accelgov.h"
#include "sysfs.h"

/**
 * signal_name() - name of a signal, also that of its PMU event
 * @signal: which
 *
 * Return: the name, or NULL for a number that is no signal.
 */
const char *signal_name(unsigned int signal);

/**
 * struct pmu_event - how one counter is opened
 * @config: of struct perf_event_attr
 * @config1: of struct perf_event_attr
 * @config2: of struct perf_event_attr
 */
struct pmu_event {
	uint64_t config;
	uint64_t config1;
	uint64_t config2;
};

/**
 * struct pmu - one accelerator's PMU
 * @name: below /sys/bus/event_source/devices
 * @type: dynamic number for struct perf_event_attr
 * @cpu: where it wants to be opened
 * @signals: bit per signal whose counter exists and has a known unit
 * @odd: bit per signal whose counter exists but can't be used: its unit or its
 *	encoding is not understood
 * @event: one per signal, valid where @signals says so
 */
struct pmu {
	char name[64];
	uint32_t type;
	int cpu;
	uint32_t signals;
	uint32_t odd;
	struct pmu_event event[ACCELGOV_SIG_NR];
};

/**
 * pmu_load() - read what sysfs says about a PMU
 * @sysfs: root
 * @name: of the PMU
 * @ret_pmu: filled on success
 *
 * Return: 0 or a negative errno.
 */
int pmu_load(const struct sysfs *sysfs, const char *name, struct pmu *ret_pmu);

/**
 * pmu_none() - what to collect from where a device has no PMU
 * @sysfs: root
 * @ret_pmu: without signals and with a CPU that is online
 */
void pmu_none(const struct sysfs *sysfs, struct pmu *ret_pmu);

/**
 * pmu_event_open() - open the counter of one signal, counting from now on
 * @pmu: of a live system
 * @signal: one of @pmu->signals
 * @cpu: where
 *
 * Return: a file descriptor or a negative errno.
 */
int pmu_event_open(const struct pmu *pmu, unsigned int signal, int cpu);

/**
 * perf_open() - the perf_event_open system call, system-wide on one CPU
 * @attr: the event
 * @cpu: the CPU
 *
 * Return: a file descriptor or a negative errno.
 */
int perf_open(struct perf_event_attr *attr, int cpu);

#endif /* ACCELGOV_LIB_PMU_H */
