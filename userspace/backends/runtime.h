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

#endif /* ACCELGOV_BACKENDS_RUNTIME_H */
