/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgovd - BPF collectors: from a device's PMU to the module
 */
#ifndef ACCELGOVD_COLLECTOR_H
#define ACCELGOVD_COLLECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../bpf/collector.h"
#include "pmu.h"

struct collector;

/**
 * collector_new() - prepare, without touching the kernel yet
 * @drm_map: map of struct drmc_device, stays the caller's; negative for none
 * @ret_collector: set on success
 *
 * The program is loaded with the first device and unloaded with the last: while
 * it is loaded it holds a reference on the module.
 *
 * Return: 0 or a negative errno.
 */
int collector_new(int drm_map, struct collector **ret_collector);

/**
 * collector_free() - detach everything and free
 * @collector: may be NULL
 *
 * Return: NULL.
 */
struct collector *collector_free(struct collector *collector);

/**
 * collector_attach() - start to collect from one device
 * @collector: the collector
 * @pmu: of the device, may have no signals when there is a scheduler
 * @drm: index in the map of what the GPU scheduler tells of it, negative for none
 * @token: push_token of the device
 * @period_us: between samples
 * @err: gets what failed and what to do about it, on failure
 * @err_size: of @err
 *
 * Return: a slot number, or a negative errno.
 */
int collector_attach(struct collector *collector, const struct pmu *pmu,
		     int drm, uint32_t token, uint32_t period_us, char *err,
		     size_t err_size);

/**
 * collector_detach() - stop to collect from one device
 * @collector: the collector
 * @slot: from collector_attach()
 */
void collector_detach(struct collector *collector, int slot);

/**
 * collector_set_period() - change the sample period without losing a sample
 * @collector: the collector
 * @slot: from collector_attach()
 * @period_us: between samples
 *
 * Return: 0 or a negative errno.
 */
int collector_set_period(struct collector *collector, int slot,
			 uint32_t period_us);

/**
 * struct collector_status - what one slot did
 * @slot: the program's own record
 * @cpu: where it runs
 * @tick: clock event that runs it; devices with the same number share one
 * @signals: bit per signal that it reads
 * @drm: some of them, BUSY or QUEUE, come from the GPU scheduler
 * @period_us: between samples, as asked for
 * @rate_permille: runs against those that the period promises, since the
 *	last call of collector_check(); -1 before the first
 */
struct collector_status {
	struct collector_slot slot;
	int cpu;
	int tick;
	uint32_t signals;
	bool drm;
	uint32_t period_us;
	int rate_permille;
};

/**
 * collector_status() - read what one slot did
 * @collector: the collector
 * @slot: from collector_attach()
 * @ret_status: filled on success
 *
 * Return: 0 or a negative errno.
 */
int collector_status(const struct collector *collector, int slot,
		     struct collector_status *ret_status);

/**
 * collector_check() - does a slot run as often as it should
 * @collector: the collector
 * @slot: from collector_attach()
 * @now_us: CLOCK_MONOTONIC
 * @ret_rate_permille: runs since the last check against those that the period
 *	promises, set when enough time has passed
 *
 * Return: 0; -EAGAIN when it is too early to tell; -ENOPKG when the program runs
 * but could not be linked to the module; another negative errno.
 */
int collector_check(struct collector *collector, int slot, uint64_t now_us,
		    int *ret_rate_permille);

#endif /* ACCELGOVD_COLLECTOR_H */
