/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - what sysfs tells about a devfreq device
 *
 * Reading must never wake a sleeping device: files whose driver may ask the
 * hardware are left unread, and unknown, while runtime PM says "suspended".
 */
#ifndef ACCELGOV_LIB_DEVICE_H
#define ACCELGOV_LIB_DEVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "../../kmod/uapi/accelgov.h"
#include "sysfs.h"

#define DEVICE_NAME_LEN		64
#define DEVICE_GOVERNOR_LEN	16
#define DEVICE_FREQS		256

/**
 * struct device - one entry of /sys/class/devfreq
 * @name: of the entry
 * @governor: in charge, "" when unknown
 * @governors: those that can be chosen, separated by spaces, "" when unknown
 * @freq_hz: operating points in ascending order
 * @nr_freqs: how many of them
 * @cur_freq_hz: current frequency, the last known one while asleep
 * @min_freq_hz: lower limit
 * @max_freq_hz: upper limit
 * @pmu: name of the device's PMU, "" when it has none
 * @hwmon: path of the device's hwmon below the root, "" when it has none
 * @runtime_status: "active", "suspended", "unsupported"...; "" when unknown
 * @asleep: the device is suspended
 * @autosuspend_ms: runtime PM's delay
 * @power_uw: measured power
 * @cap_uw: power cap in force, with its range
 * @cap_min_uw: lowest cap
 * @cap_max_uw: highest cap
 * @switch_us: what its maker says that a change of clock takes, 0 for nothing
 * @halt_us: the same, that one halts the device for
 * @energy_uj: energy counter
 * @governed: accelgov is in charge, its folder exists
 */
struct device {
	char name[DEVICE_NAME_LEN];
	char governor[DEVICE_GOVERNOR_LEN + 1];
	char governors[256];
	int64_t freq_hz[DEVICE_FREQS];
	size_t nr_freqs;
	struct reading cur_freq_hz;
	struct reading min_freq_hz;
	struct reading max_freq_hz;
	char pmu[64];
	char hwmon[128];
	char runtime_status[16];
	bool asleep;
	struct reading autosuspend_ms;
	struct reading power_uw;
	struct reading cap_uw;
	struct reading cap_min_uw;
	struct reading cap_max_uw;
	struct reading switch_us;
	struct reading halt_us;
	struct reading energy_uj;
	bool governed;
};

/**
 * struct governed - what accelgov tells about a device that it governs
 * @workload: published name, "" when unknown
 * @phase: published name, "" when unknown
 * @state: starting, active, fallback or suspended, "" when unknown
 * @policy: who decides, "" when unknown
 * @phase_age_ms: how long the phase lasts
 * @confidence_permille: of the phase
 * @slowdown_permille: so far
 * @budget_permille: allowed slowdown
 * @cap_uw: power cap that the governor keeps, 0 for none
 * @cap_asked_uw: what it asks the device to hold of that by itself, 0 for nothing
 * @energy_uj: used under this governor
 * @energy_saved_uj: against running at the highest clock, a model's estimate
 * @lease_ms: what remains of the daemon's lease, 0 for none
 * @sample_period_us: between samples
 * @samples: taken
 * @dropped: lost
 * @transitions: clock changes
 * @fallbacks: times that signals went stale
 * @collector_ns: what one sample costs
 * @switch_us: what it counts on until a clock holds
 * @switches_measured: how many changes that is the mean of, 0 when nothing was measured
 */
struct governed {
	char workload[16];
	char phase[32];
	char state[16];
	char policy[32];
	struct reading phase_age_ms;
	struct reading confidence_permille;
	struct reading slowdown_permille;
	struct reading budget_permille;
	struct reading cap_uw;
	struct reading cap_asked_uw;
	struct reading energy_uj;
	struct reading energy_saved_uj;
	struct reading lease_ms;
	struct reading sample_period_us;
	struct reading samples;
	struct reading dropped;
	struct reading transitions;
	struct reading fallbacks;
	struct reading collector_ns;
	struct reading switch_us;
	struct reading switches_measured;
};

/**
 * device_load() - read one device
 * @sysfs: root
 * @name: in /sys/class/devfreq
 * @ret_device: filled on success
 *
 * Return: 0, or -ENODEV when there is no such device.
 */
int device_load(const struct sysfs *sysfs, const char *name,
		struct device *ret_device);

/**
 * device_load_governed() - read the governor's folder of one device
 * @sysfs: root
 * @name: in /sys/class/devfreq
 * @ret_governed: filled; a missing file is an unknown value
 */
void device_load_governed(const struct sysfs *sysfs, const char *name,
			  struct governed *ret_governed);

/**
 * device_names() - all devfreq devices
 * @sysfs: root
 * @ret_names: filled on success, to be freed with names_free(); empty on a
 *	kernel without devfreq
 *
 * Return: 0 or a negative errno.
 */
int device_names(const struct sysfs *sysfs, struct names *ret_names);

/**
 * device_pmu() - find the PMU of a device
 * @sysfs: root
 * @name: in /sys/class/devfreq
 * @buf: the PMU's name, left as it was on failure
 * @size: of @buf
 *
 * The PMU is the event_source device whose parent is the devfreq device's
 * parent.
 *
 * Return: 0 or -ENOENT.
 */
int device_pmu(const struct sysfs *sysfs, const char *name, char *buf,
	       size_t size);

/**
 * device_scheduled() - does the kernel's GPU scheduler run the jobs of a device
 * @sysfs: root
 * @name: in /sys/class/devfreq
 *
 * Its trace events tell busy and queue then, without any counter.
 *
 * Return: true when it has a DRM or accel node, and a driver that uses the scheduler.
 */
bool device_scheduled(const struct sysfs *sysfs, const char *name);

/**
 * device_name_valid() - can this be the name of a devfreq device
 * @name: from outside
 *
 * Return: false when it would leave /sys/class/devfreq, is too long, or has bytes that no
 *	terminal should get.
 */
bool device_name_valid(const char *name);

/**
 * phase_name() - name of a phase as its folder below phases/ has it
 * @phase: &enum accelgov_phase
 *
 * Return: the name, NULL for %ACCELGOV_PHASE_UNKNOWN and numbers that are no
 * phase.
 */
const char *phase_name(unsigned int phase);

#endif /* ACCELGOV_LIB_DEVICE_H */
