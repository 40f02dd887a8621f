/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgovd - whose energy it was, for people and programs
 */
#ifndef ACCELGOVD_JOBS_JSON_H
#define ACCELGOVD_JOBS_JSON_H

#include <jansson.h>

#include "jobs.h"

/**
 * enum jobs_source - what is known of a device's jobs
 * @JOBS_SCHEDULED: the kernel's scheduler tells of each
 * @JOBS_SHARED: the driver tells what part of the time was whose
 * @JOBS_HELD: the driver tells who holds it, and no more
 */
enum jobs_source {
	JOBS_SCHEDULED,
	JOBS_SHARED,
	JOBS_HELD,
};

/**
 * jobs_cgroup_of() - the cgroup that a client's process is in
 * @client: the client
 * @buf: path, of %JOBS_CGROUP_LEN; left as it was when there is none
 */
void jobs_cgroup_of(const struct drmc_client *client, char *buf);

/**
 * jobs_text() - what a process calls itself, or a cgroup, as JSON
 * @text: may be NULL
 *
 * It need not be UTF-8, which JSON must be: what is not is made printable.
 *
 * Return: a new reference; null when there is no text.
 */
json_t *jobs_text(const char *text);

/**
 * jobs_to_json() - one device
 * @sysfs: root
 * @name: of the device
 * @jobs: whose energy it was
 * @energy: where that is from, "counter", "power-average" or "power"; NULL when it is not known
 * @source: what is known of jobs, the rest is null
 *
 * Return: a new reference to an object.
 */
json_t *jobs_to_json(const struct sysfs *sysfs, const char *name,
		     const struct jobs *jobs, const char *energy,
		     enum jobs_source source);

#endif /* ACCELGOVD_JOBS_JSON_H */
