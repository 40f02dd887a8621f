/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the GPU scheduler's collector (drm.bpf.c) knows of each device, for every program
 * that adds to it or reads it: the daemon lets all of them have the map of drm.bpf.c.
 */
#ifndef ACCELGOV_BPF_DRM_DEVICES_H
#define ACCELGOV_BPF_DRM_DEVICES_H

#include "drm.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, DRMC_DEVICES);
	__type(key, __u32);
	__type(value, struct drmc_device);
} drm_devices SEC(".maps");

#endif /* ACCELGOV_BPF_DRM_DEVICES_H */
