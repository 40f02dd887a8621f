/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgovd - accelerators that back ends found
 */
#ifndef ACCELGOVD_BRIDGE_H
#define ACCELGOVD_BRIDGE_H

#include <jansson.h>

#include "daemon.h"

struct bridges;

/**
 * bridges_new() - begin to look for accelerators
 * @d: the daemon, its event loop exists and its configuration is loaded
 * @ret_bridges: set on success
 *
 * Return: 0 or a negative errno.
 */
int bridges_new(struct daemon *d, struct bridges **ret_bridges);

/**
 * bridges_stop() - put all accelerators back as they were and end
 * @b: may be NULL
 *
 * Takes a few seconds at most. What could not be put back in that time stays with
 * bridges_record().
 *
 * Return: false when a thread hangs: the process must end without waiting for it.
 */
bool bridges_stop(struct bridges *b);

/**
 * bridges_free() - forget everything
 * @b: stopped, may be NULL
 *
 * Return: NULL.
 */
struct bridges *bridges_free(struct bridges *b);

/**
 * bridges_rescan_soon() - an accelerator may have come
 * @b: may be NULL
 */
void bridges_rescan_soon(struct bridges *b);

/**
 * bridges_retry() - the module may have come, or what was set may be gone
 * @b: may be NULL
 */
void bridges_retry(struct bridges *b);

/**
 * bridges_configure() - the configuration is another one
 * @b: may be NULL
 */
void bridges_configure(struct bridges *b);

/**
 * bridges_period_us() - whose proxy device is this
 * @b: may be NULL
 * @name: of a devfreq device
 *
 * Return: how often it is sampled, 0 when it is not one of ours.
 */
uint32_t bridges_period_us(const struct bridges *b, const char *name);

/**
 * bridges_has() - is there such an accelerator
 * @b: may be NULL
 * @name: of an accelerator
 *
 * Return: true when there is.
 */
bool bridges_has(const struct bridges *b, const char *name);

/**
 * bridges_record() - what has to be undone when the daemon dies
 * @b: may be NULL
 * @state: gets a list, to be freed with state_free()
 *
 * Return: 0 or -ENOMEM.
 */
int bridges_record(const struct bridges *b, struct state *state);

/**
 * bridges_status() - accelerators, for people and programs
 * @b: may be NULL
 *
 * Return: a new reference to an array.
 */
json_t *bridges_status(const struct bridges *b);

/**
 * bridges_jobs() - whose processes hold accelerators, and their energy
 * @b: may be NULL
 * @devices: an array, devices are appended
 */
void bridges_jobs(const struct bridges *b, json_t *devices);

/**
 * bridges_notes() - what back ends say about what they did not find
 * @b: may be NULL
 *
 * Return: a new reference to an array.
 */
json_t *bridges_notes(const struct bridges *b);

#endif /* ACCELGOVD_BRIDGE_H */
