/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgovd - what processes call in vendors' libraries
 *
 * All of it is done on a thread of its own: a file of somebody's may lie on a disk
 * that does not answer, and to begin or end probes takes the kernel a while.
 */
#ifndef ACCELGOVD_CALLWATCH_H
#define ACCELGOVD_CALLWATCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct callwatch;

/**
 * callwatch_start() - look for libraries and probe them
 * @drm_map: map of struct drmc_device, stays the caller's; negative for none
 * @permille: what all probes together may cost, of one CPU, from 1
 * @ret_watch: set on success
 *
 * What goes wrong later is in callwatch_status().
 *
 * Return: 0 or a negative errno.
 */
int callwatch_start(int drm_map, uint32_t permille, struct callwatch **ret_watch);

/**
 * callwatch_limit() - another bound for what all probes together may cost
 * @w: may be NULL
 * @permille: of one CPU, from 1; holds from the next window on
 */
void callwatch_limit(struct callwatch *w, uint32_t permille);

/**
 * callwatch_stop() - take all probes away
 * @w: may be NULL
 *
 * Return: false when the thread hangs: then it is left alone, and the process must
 * end without waiting for it.
 */
bool callwatch_stop(struct callwatch *w);

/**
 * callwatch_leave() - have all probes taken away, without waiting for it
 * @w: may be NULL; not to be used any more
 */
void callwatch_leave(struct callwatch *w);

/**
 * callwatch_assign() - a process works on a device
 * @w: may be NULL
 * @tgid: the process
 * @device: index in the map of devices
 *
 * From then on its waits behind collectives are those of the device, as long as all
 * of its calls that tell of them are probed. May be called again and again.
 */
void callwatch_assign(struct callwatch *w, uint32_t tgid, uint32_t device);

/**
 * callwatch_unassign() - a device is gone, or another one by its index
 * @w: may be NULL
 * @device: index in the map of devices
 */
void callwatch_unassign(struct callwatch *w, uint32_t device);

/**
 * callwatch_status() - libraries and processes, for people and programs
 * @w: may be NULL
 *
 * Return: a new reference to an object, or to null when nothing is probed on purpose.
 */
json_t *callwatch_status(struct callwatch *w);

#endif /* ACCELGOVD_CALLWATCH_H */
