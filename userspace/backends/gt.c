// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - the graphics parts (GTs) of Intel's GPUs, as xe and i915 show them
 *
 * Busy is the time that the GT was not powered down: a GT wakes for any work and
 * goes to sleep within a millisecond after, so that this is an upper bound close to
 * what its engines did, and it costs one file. Power comes from the energy counter.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fdinfo.h"
#include "file.h"
#include "gt.h"

#define MHZ_MAX		20000

/**
 * struct gt_limits - what is set of one GT; MHz
 * @min: lowest clock
 * @max: highest clock
 */
struct gt_limits {
	struct reading min;
	struct reading max;
};

static const char *const without[ACCELGOV_SIG_NR] = {
	[ACCELGOV_SIG_COMPUTE] =
		"in no file: the driver's performance counters (OA) would tell",
	[ACCELGOV_SIG_MEMORY] =
		"in no file: the driver's performance counters (OA) would tell",
	[ACCELGOV_SIG_LINK] = "in no file of the driver",
	[ACCELGOV_SIG_HOST] = "in no file of the driver",
	[ACCELGOV_SIG_QUEUE] = "in no file: trace events of the DRM scheduler tell",
	[ACCELGOV_SIG_PROGRESS] = "in no file of the driver",
};

static struct reading mhz(const struct sysfs *sysfs, const struct gt *gt,
			  const char *name, char *reason)
{
	return file_number(sysfs, gt->dir, name, 0, MHZ_MAX, reason);
}

/* Of the fastest GT that runs; one that is powered down says 0. */
static struct reading clock_khz(const struct sysfs *sysfs,
				const struct intel_gpu *gpu, char *reason)
{
	struct reading highest = { 0 }, r;
	size_t i;

	for (i = 0; i < gpu->nr_gts; i++) {
		r = mhz(sysfs, &gpu->gt[i], gpu->names->act, reason);
		if (r.known && !r.value)
			why(reason, "%s says 0: powered down while idle",
			    gpu->names->act);
		if (r.value > 0 && (!highest.known || r.value > highest.value))
			highest = r;
	}
	if (!gpu->nr_gts)
		why(reason, "the driver shows no GT");
	return reading_times(highest, 1000, 1);
}

/* Time since boot less the time powered down: of the GT that slept least. */
static struct reading busy_ns(const struct sysfs *sysfs,
			      const struct intel_gpu *gpu, uint64_t now_ns,
			      char *reason)
{
	struct reading least = { 0 }, r;
	size_t i;

	for (i = 0; i < gpu->nr_gts; i++) {
		r = reading_times(file_number(sysfs, gpu->gt[i].dir,
					      gpu->names->idle, 0, INT64_MAX,
					      reason), 1000000, 1);
		if (r.known && (!least.known || r.value < least.value))
			least = r;
	}
	if (!gpu->nr_gts)
		why(reason, "the driver shows no GT");
	if (least.known)
		least.value = (int64_t)now_ns - least.value;
	return least;
}

int64_t gt_throttle_reason(const char *name)
{
	static const struct {
		const char *part;
		int64_t reason;
	} parts[] = {
		{ "vr_", BACKEND_THROTTLE_HARDWARE },
		{ "prochot", BACKEND_THROTTLE_HARDWARE },
		{ "tdc", BACKEND_THROTTLE_HARDWARE },
		{ "iccmax", BACKEND_THROTTLE_HARDWARE },
		{ "therm", BACKEND_THROTTLE_THERMAL },
		{ "ratl", BACKEND_THROTTLE_THERMAL },
		{ "pl", BACKEND_THROTTLE_POWER },
		{ "psys", BACKEND_THROTTLE_POWER },
		{ "power", BACKEND_THROTTLE_POWER },
	};
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strstr(name, parts[i].part))
			return parts[i].reason;
	return BACKEND_THROTTLE_OTHER;
}

static void throttle_reasons(const struct sysfs *sysfs,
			     const struct gt_names *n, const char *dir,
			     struct reading *t)
{
	size_t i, len = strlen(n->reason);
	struct names names;
	struct reading r;

	if (sysfs_list(sysfs, &names, "%s.", dir))
		return;
	for (i = 0; i < names.nr; i++) {
		if (strncmp(names.name[i], n->reason, len) ||
		    !strcmp(names.name[i], n->status))
			continue;
		r = file_number(sysfs, dir, names.name[i], 0, 1, NULL);
		if (!r.known)
			continue;
		t->known = true;
		if (r.value)
			t->value |= gt_throttle_reason(names.name[i] + len);
	}
	names_free(&names);
}

static struct reading throttle(const struct sysfs *sysfs,
			       const struct intel_gpu *gpu)
{
	struct reading t = { 0 }, any;
	char dir[320];
	size_t i;

	for (i = 0; i < gpu->nr_gts; i++) {
		snprintf(dir, sizeof(dir), "%s%s", gpu->gt[i].dir,
			 gpu->names->reasons);
		any = file_number(sysfs, dir, gpu->names->status, 0,
				  UINT32_MAX, NULL);
		throttle_reasons(sysfs, gpu->names, dir, &t);
		if (any.known && any.value && !t.value)
			t = reading_of(BACKEND_THROTTLE_OTHER);
		else if (any.known)
			t.known = true;
	}
	return t;
}

void gt_look(const struct sysfs *sysfs, struct accelerator *acc,
	     struct observation *o)
{
	struct intel_gpu *gpu = acc->priv;
	unsigned int s;

	o->count[ACCELGOV_SIG_BUSY] = busy_ns(sysfs, gpu, o->time_ns,
					      o->why[ACCELGOV_SIG_BUSY]);
	o->rate[ACCELGOV_SIG_CLOCK] = clock_khz(sysfs, gpu,
						o->why[ACCELGOV_SIG_CLOCK]);
	o->sensor[BACKEND_ENERGY] =
		hwmon_energy_uj(sysfs, &gpu->dev.hwmon,
				o->why[ACCELGOV_SIG_POWER]);
	o->count[ACCELGOV_SIG_POWER] = o->sensor[BACKEND_ENERGY];
	if (!o->sensor[BACKEND_ENERGY].known && gpu->dev.hwmon.power)
		o->rate[ACCELGOV_SIG_POWER] =
			hwmon_power_mw(sysfs, &gpu->dev.hwmon, NULL);
	o->sensor[BACKEND_TEMPERATURE] =
		hwmon_temperature_mc(sysfs, &gpu->dev.hwmon);
	o->sensor[BACKEND_THROTTLE] = throttle(sysfs, gpu);
	filedev_contexts(sysfs, acc, o);
	for (s = 0; s < ACCELGOV_SIG_NR; s++)
		if (without[s])
			why(o->why[s], "%s", without[s]);
}

static struct reading lower(struct reading a, struct reading b)
{
	return a.value <= b.value ? a : b;
}

static struct reading higher(struct reading a, struct reading b)
{
	return a.value >= b.value ? a : b;
}

/* One file of all GTs, in kHz; unknown as soon as one is. */
static struct reading of_all(const struct sysfs *sysfs,
			     const struct intel_gpu *gpu, const char *name,
			     struct reading (*pick)(struct reading a,
						    struct reading b),
			     char *reason)
{
	struct reading all = { 0 }, r;
	size_t i;

	for (i = 0; i < gpu->nr_gts; i++) {
		r = mhz(sysfs, &gpu->gt[i], name, reason);
		if (!r.known)
			return r;
		all = i ? pick(all, r) : r;
	}
	return reading_times(all, 1000, 1);
}

static bool writable(const struct sysfs *sysfs, const struct intel_gpu *gpu)
{
	const struct gt_names *n = gpu->names;
	const char *dir;
	size_t i;

	for (i = 0; i < gpu->nr_gts; i++) {
		dir = gpu->gt[i].dir;
		if (!sysfs_writable(sysfs, "%s%s", dir, n->max) ||
		    !sysfs_writable(sysfs, "%s%s", dir, n->min))
			return false;
	}
	return true;
}

/* One clock is set for all GTs: what each of them takes, and the lowest limit. */
static void clock_actuator(const struct sysfs *sysfs, struct accelerator *acc)
{
	struct backend_range *range = &acc->actuator[BACKEND_CLOCK];
	struct intel_gpu *gpu = acc->priv;
	const struct gt_names *n = gpu->names;

	if (!gpu->nr_gts) {
		why(range->why, "the driver shows no GT");
		return;
	}
	range->value = of_all(sysfs, gpu, n->max, lower, range->why);
	if (!range->value.known)
		return;
	range->min = of_all(sysfs, gpu, n->rpn, higher, range->why);
	range->max = of_all(sysfs, gpu, n->rp0, lower, range->why);
	if (range->min.known && range->max.known &&
	    range->min.value > range->max.value) {
		why(range->why, "its GTs have no clock in common");
		return;
	}
	range->there = true;
	range->writable = writable(sysfs, gpu);
	if (!range->writable)
		why(range->why, "%s may not be written: run as root", n->max);
	if (range->min.known && range->max.known)
		filedev_steps(acc, range->min.value, range->max.value);
}

void gt_actuators(const struct sysfs *sysfs, struct accelerator *acc)
{
	struct intel_gpu *gpu = acc->priv;

	acc->nr_clocks = 0;
	clock_actuator(sysfs, acc);
	hwmon_cap(sysfs, &gpu->dev.hwmon, &acc->actuator[BACKEND_CAP]);
}

static struct gt_limits limits(const struct sysfs *sysfs,
			       const struct gt_names *n, const struct gt *gt)
{
	return (struct gt_limits){
		.min = mhz(sysfs, gt, n->min, NULL),
		.max = mhz(sysfs, gt, n->max, NULL),
	};
}

/* The drivers refuse a highest clock below the lowest: that goes down first. */
static int write_range(const struct sysfs *sysfs, const struct gt_names *n,
		       const struct gt *gt, int64_t min, int64_t max)
{
	struct gt_limits now = limits(sysfs, n, gt);
	int ret = 0;

	if (now.min.known && min < now.min.value)
		ret = file_write_number(sysfs, gt->dir, n->min, min);
	if (!ret && (!now.max.known || max != now.max.value))
		ret = file_write_number(sysfs, gt->dir, n->max, max);
	if (!ret && now.min.known && min > now.min.value)
		ret = file_write_number(sysfs, gt->dir, n->min, min);
	return ret;
}

/* All of them or none: those before the one that refused go back, and it as well. */
static int set_all(const struct sysfs *sysfs, const struct intel_gpu *gpu,
		   const struct gt_limits *was, int64_t max)
{
	const struct gt_names *n = gpu->names;
	int ret = 0;
	size_t i;

	for (i = 0; i < gpu->nr_gts && !ret; i++)
		ret = write_range(sysfs, n, &gpu->gt[i],
				  was[i].min.value < max ? was[i].min.value :
							   max, max);
	while (ret && i-- > 0)
		write_range(sysfs, n, &gpu->gt[i], was[i].min.value,
			    was[i].max.value);
	return ret;
}

int gt_set(const struct sysfs *sysfs, struct accelerator *acc,
	   enum backend_actuator actuator, int64_t value)
{
	struct intel_gpu *gpu = acc->priv;
	struct gt_limits was[GTS];
	size_t i;

	if (actuator == BACKEND_CAP)
		return hwmon_write_cap(sysfs, &gpu->dev.hwmon, value * 1000);
	if (actuator != BACKEND_CLOCK)
		return -EOPNOTSUPP;
	for (i = 0; i < gpu->nr_gts; i++) {
		was[i] = limits(sysfs, gpu->names, &gpu->gt[i]);
		if (!was[i].min.known || !was[i].max.known)
			return -EIO;
	}
	return set_all(sysfs, gpu, was, value / 1000);
}

int gt_save(const struct sysfs *sysfs, struct accelerator *acc, char *line,
	    size_t size)
{
	struct intel_gpu *gpu = acc->priv;
	char key[32];
	int ret;
	size_t i;

	ret = filedev_keep_number(line, size, "cap_uw",
				  hwmon_cap_uw(sysfs, &gpu->dev.hwmon));
	for (i = 0; i < gpu->nr_gts && !ret; i++) {
		snprintf(key, sizeof(key), "gt%zu_min_mhz", i);
		ret = filedev_keep_number(line, size, key,
					  mhz(sysfs, &gpu->gt[i],
					      gpu->names->min, NULL));
		snprintf(key, sizeof(key), "gt%zu_max_mhz", i);
		if (!ret)
			ret = filedev_keep_number(line, size, key,
						  mhz(sysfs, &gpu->gt[i],
						      gpu->names->max, NULL));
	}
	return ret;
}

int gt_restore(const struct sysfs *sysfs, struct accelerator *acc,
	       const char *line)
{
	struct reading cap = filedev_kept_number(line, "cap_uw"), min, max, now;
	struct intel_gpu *gpu = acc->priv;
	int ret, error = 0;
	char key[32];
	size_t i;

	now = hwmon_cap_uw(sysfs, &gpu->dev.hwmon);
	if (cap.known && (!now.known || now.value != cap.value))
		error = hwmon_write_cap(sysfs, &gpu->dev.hwmon, cap.value);
	for (i = 0; i < gpu->nr_gts; i++) {
		snprintf(key, sizeof(key), "gt%zu_min_mhz", i);
		min = filedev_kept_number(line, key);
		snprintf(key, sizeof(key), "gt%zu_max_mhz", i);
		max = filedev_kept_number(line, key);
		if (!min.known || !max.known)
			continue;
		ret = write_range(sysfs, gpu->names, &gpu->gt[i], min.value,
				  max.value);
		error = error ? error : ret;
	}
	return error;
}
