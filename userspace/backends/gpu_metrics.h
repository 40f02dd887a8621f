/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - amdgpu's gpu_metrics, a table in binary
 *
 * Its first four bytes say how long it is and which of some fifteen layouts it has.
 * Nothing else about the device does, so only they are trusted; a layout that is
 * not known here is unknown as a whole. All ones in a field mean that the firmware
 * does not provide it.
 */
#ifndef ACCELGOV_BACKENDS_GPU_METRICS_H
#define ACCELGOV_BACKENDS_GPU_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "sysfs.h"

/* Largest known is 3360 bytes; sysfs gives out more for tables of partitions. */
#define GPU_METRICS_MAX		16384

/**
 * enum gpu_metrics_residency - counters of time spent throttled (v1.6 and newer)
 * @GPU_METRICS_PROCHOT: external brake
 * @GPU_METRICS_PPT: power
 * @GPU_METRICS_SOCKET_THERMAL: socket
 * @GPU_METRICS_VR_THERMAL: voltage regulator
 * @GPU_METRICS_HBM_THERMAL: memory
 * @GPU_METRICS_RESIDENCIES: how many
 */
enum gpu_metrics_residency {
	GPU_METRICS_PROCHOT,
	GPU_METRICS_PPT,
	GPU_METRICS_SOCKET_THERMAL,
	GPU_METRICS_VR_THERMAL,
	GPU_METRICS_HBM_THERMAL,
	GPU_METRICS_RESIDENCIES,
};

/**
 * struct gpu_metrics - what is used of it
 * @format: first part of the revision
 * @content: second part
 * @busy_permille: graphics and compute engine
 * @memory_permille: memory controller
 * @power_mw: socket
 * @energy_uj: counter
 * @clock_khz: core, average where there is one
 * @mem_clock_khz: memory
 * @temperature_mc: hotspot
 * @throttle: reasons that hold now, bits of &enum backend_throttle
 * @residency: counters of &enum gpu_metrics_residency
 *
 * APU tables before v2.4 don't say in which unit they count, and firmware differs:
 * of those only clocks and throttling are taken.
 */
struct gpu_metrics {
	uint8_t format;
	uint8_t content;
	struct reading busy_permille;
	struct reading memory_permille;
	struct reading power_mw;
	struct reading energy_uj;
	struct reading clock_khz;
	struct reading mem_clock_khz;
	struct reading temperature_mc;
	struct reading throttle;
	struct reading residency[GPU_METRICS_RESIDENCIES];
};

/**
 * gpu_metrics_parse() - parse a table
 * @data: the file
 * @len: how much of it there is; may be longer than the table says it is
 * @ret_metrics: filled on success
 *
 * Return: 0; -EBADMSG when it is too short to have a header; -ENODATA when it is
 * shorter than its header says, or than its revision needs; -EPROTONOSUPPORT for a
 * revision that is not known, with @ret_metrics->format and content set.
 */
int gpu_metrics_parse(const void *data, size_t len,
		      struct gpu_metrics *ret_metrics);

#endif /* ACCELGOV_BACKENDS_GPU_METRICS_H */
