/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - amdgpu: what reading and setting share
 */
#ifndef ACCELGOV_BACKENDS_AMDGPU_H
#define ACCELGOV_BACKENDS_AMDGPU_H

#include "dpm.h"
#include "filedev.h"
#include "gpu_metrics.h"

#define AMD_LEVEL	"power_dpm_force_performance_level"
#define AMD_SCLK	"pp_dpm_sclk"
#define AMD_MCLK	"pp_dpm_mclk"
#define AMD_OD		"pp_od_clk_voltage"
#define AMD_PROFILE	"pp_power_profile_mode"

/**
 * struct amdgpu - one GPU
 * @dev: what all file back ends have
 * @residency: counters of throttling at the look before
 * @use_od: the core's clock is set as a range, not as levels
 * @top_mhz: highest clock that was ever in force: more would be overclocking
 * @set_khz: what amdgpu_set() did to core and memory clock, 0 for nothing; masks of
 *	levels can't be read back
 */
struct amdgpu {
	struct filedev dev;
	struct reading residency[GPU_METRICS_RESIDENCIES];
	bool use_od;
	uint32_t top_mhz;
	uint32_t set_khz[2];
};

/**
 * amdgpu_actuators() - see &filedev_kind.actuators
 * @sysfs: root
 * @acc: the accelerator
 */
void amdgpu_actuators(const struct sysfs *sysfs, struct accelerator *acc);

/**
 * amdgpu_set() - see &filedev_kind.set
 * @sysfs: root
 * @acc: the accelerator
 * @actuator: which
 * @value: to set
 *
 * Return: 0 or a negative errno; what was found is in force again then.
 */
int amdgpu_set(const struct sysfs *sysfs, struct accelerator *acc,
	       enum backend_actuator actuator, int64_t value);

/**
 * amdgpu_save() - see &filedev_kind.save
 * @sysfs: root
 * @acc: the accelerator
 * @line: to append to
 * @size: of @line
 *
 * Return: 0 or -ENOSPC.
 */
int amdgpu_save(const struct sysfs *sysfs, struct accelerator *acc, char *line,
		size_t size);

/**
 * amdgpu_restore() - see &filedev_kind.restore
 * @sysfs: root
 * @acc: the accelerator
 * @line: from amdgpu_save()
 *
 * Return: 0 or the first negative errno.
 */
int amdgpu_restore(const struct sysfs *sysfs, struct accelerator *acc,
		   const char *line);

#endif /* ACCELGOV_BACKENDS_AMDGPU_H */
