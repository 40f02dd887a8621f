/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - what the kernel's GPU scheduler calls the device of a devfreq device
 */
#ifndef ACCELGOV_LIB_DRMNODE_H
#define ACCELGOV_LIB_DRMNODE_H

#include <stdbool.h>
#include <stddef.h>

#include "sysfs.h"

/**
 * drmnode_is() - is it a node of a DRM device, not of a connector or for rendering only
 * @name: in the class's folder
 * @prefix: "card" in /sys/class/drm, "accel" in /sys/class/accel
 *
 * Return: true for "card0", false for "card0-HDMI-A-1" and "renderD128".
 */
bool drmnode_is(const char *name, const char *prefix);

/**
 * drmnode_device() - device whose DRM node runs the jobs of a devfreq device
 * @sysfs: root
 * @devfreq: in /sys/class/devfreq
 * @ret_name: its name, as dev_name() has it
 * @size: of @ret_name
 *
 * Mostly the same device has both. On Qualcomm's chips the GPU's node hangs on the
 * display, unless the driver was told to keep them apart.
 *
 * Return: 0; -ENOENT when there is no such devfreq device, or it has no device.
 */
int drmnode_device(const struct sysfs *sysfs, const char *devfreq, char *ret_name,
		   size_t size);

#endif /* ACCELGOV_LIB_DRMNODE_H */
