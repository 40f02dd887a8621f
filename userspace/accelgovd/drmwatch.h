/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgovd - DRM devices: what the kernel's GPU scheduler does there, and for whom
 */
#ifndef ACCELGOVD_DRMWATCH_H
#define ACCELGOVD_DRMWATCH_H

#include <jansson.h>
#include <systemd/sd-event.h>

#include "sysfs.h"

struct callwatch;
struct drmwatch;

/**
 * drmwatch_new() - prepare, without touching the kernel's trace points yet
 * @sysfs: root, live
 * @event: event loop
 * @ret_watch: set on success
 *
 * Return: 0 or a negative errno.
 */
int drmwatch_new(const struct sysfs *sysfs, sd_event *event,
		 struct drmwatch **ret_watch);

/**
 * drmwatch_free() - detach and free
 * @w: may be NULL
 *
 * Return: NULL.
 */
struct drmwatch *drmwatch_free(struct drmwatch *w);

/**
 * drmwatch_set_calls() - whom to tell which process works on which device
 * @w: may be NULL
 * @calls: NULL for nobody
 */
void drmwatch_set_calls(struct drmwatch *w, struct callwatch *calls);

/**
 * drmwatch_rescan() - follow what DRM devices there are now
 * @w: may be NULL
 *
 * The programs are loaded with the first device and unloaded with the last: in
 * between they hold a reference on the module gpu_sched.
 */
void drmwatch_rescan(struct drmwatch *w);

/**
 * drmwatch_find() - the DRM device that a devfreq device belongs to
 * @w: may be NULL
 * @devfreq: name of a devfreq device
 *
 * Return: its index in the map, or -ENOENT when its scheduler is not watched.
 */
int drmwatch_find(const struct drmwatch *w, const char *devfreq);

/**
 * drmwatch_claim() - a place in the map for a device that has no scheduler
 * @w: may be NULL
 *
 * For waits of processes that own it, see callwatch_assign().
 *
 * Return: its index in the map, or a negative errno.
 */
int drmwatch_claim(struct drmwatch *w);

/**
 * drmwatch_release() - give it back
 * @w: may be NULL
 * @index: from drmwatch_claim(), negative for none
 */
void drmwatch_release(struct drmwatch *w, int index);

/**
 * drmwatch_map() - map of struct drmc_device
 * @w: may be NULL
 *
 * Return: file descriptor, or -ENOENT.
 */
int drmwatch_map(const struct drmwatch *w);

/**
 * drmwatch_status() - devices and their jobs, for people and programs
 * @w: may be NULL
 *
 * Return: a new reference to an object.
 */
json_t *drmwatch_status(struct drmwatch *w);

#endif /* ACCELGOVD_DRMWATCH_H */
