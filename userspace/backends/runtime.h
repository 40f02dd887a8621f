/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - runtime PM of an accelerator
 */
#ifndef ACCELGOV_BACKENDS_RUNTIME_H
#define ACCELGOV_BACKENDS_RUNTIME_H

#include "backend.h"

/**
 * runtime_asleep() - is a device suspended, so that reading it would wake it
 * @sysfs: root
 * @dir: folder of the device
 *
 * The core answers, not the driver: this wakes nothing. A device between the two
 * states counts as asleep.
 *
 * Return: false as well when it is not known.
 */
bool runtime_asleep(const struct sysfs *sysfs, const char *dir);

/**
 * runtime_autosuspend() - the delay in force
 * @sysfs: root
 * @dir: folder of the device
 * @range: there, writable, value, min, max and why are set
 */
void runtime_autosuspend(const struct sysfs *sysfs, const char *dir,
			 struct backend_range *range);

/**
 * runtime_set_autosuspend() - set the delay
 * @sysfs: root
 * @dir: folder of the device
 * @ms: the delay, negative for never
 *
 * Return: 0 or a negative errno; -ERANGE when the kernel would not take it.
 */
int runtime_set_autosuspend(const struct sysfs *sysfs, const char *dir,
			    int64_t ms);

/**
 * struct runtime_watch - runtime PM status of a device, asked for often
 * @fd: of its file, -1 while there is none
 * @retry_ns: CLOCK_MONOTONIC; no earlier is a file that was not there looked for
 */
struct runtime_watch {
	int fd;
	uint64_t retry_ns;
};

/**
 * runtime_watch_asleep() - like runtime_asleep(), with the file kept open
 * @watch: zeroed but for @fd, -1
 * @sysfs: root
 * @dir: folder of the device
 *
 * Without that file nothing else is looked at: the live kernel has it.
 *
 * A device that goes takes its file along, one that comes in its place has another:
 * that is opened then. A file that is not there is looked for once a second.
 *
 * Return: true when it is suspended, or being so; false also when nobody knows.
 */
bool runtime_watch_asleep(struct runtime_watch *watch, const struct sysfs *sysfs,
			  const char *dir);

/**
 * runtime_watch_end() - close what is open
 * @watch: may be used again
 */
void runtime_watch_end(struct runtime_watch *watch);

#endif /* ACCELGOV_BACKENDS_RUNTIME_H */
