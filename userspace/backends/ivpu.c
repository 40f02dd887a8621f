// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - back end for Intel's NPUs (driver intel_vpu)
 *
 * None of its files wakes the NPU: the driver keeps the counters, the memory and the
 * clock's limits in software, and asks for the clock only while it is on. The busy time
 * should be read once a second at most, for it takes the lock that submitting a job
 * takes.
 *
 * Linux 7.2 brought device/freq, with limits that can be set from generation 50XX on;
 * what older kernels tell of the clock lies beside it under other names.
 */
#include <errno.h>
#include <string.h>

#include "file.h"
#include "filedev.h"

#define BUSY_EVERY_NS	1000000000ULL
#define MHZ_MAX		20000
#define SET_MAX		"freq/set_max_freq"

/**
 * struct npu - one NPU
 * @dev: what all file back ends have
 * @has_freq: its clocks are in device/freq
 * @busy_us: as read last
 * @busy_ns: when
 * @busy_why: reason when it is not known
 */
struct npu {
	struct filedev dev;
	bool has_freq;
	struct reading busy_us;
	uint64_t busy_ns;
	char busy_why[BACKEND_WHY_LEN];
};

static const char *const without[ACCELGOV_SIG_NR] = {
	[ACCELGOV_SIG_COMPUTE] = "in no file of the driver",
	[ACCELGOV_SIG_MEMORY] = "in no file of the driver",
	[ACCELGOV_SIG_LINK] = "an NPU has no link",
	[ACCELGOV_SIG_HOST] = "an NPU works in the host's memory",
	[ACCELGOV_SIG_QUEUE] = "in no file of the driver",
	[ACCELGOV_SIG_POWER] = "no sensor: it is part of the processor's package",
	[ACCELGOV_SIG_PROGRESS] = "in no file of the driver",
};

static void find(const struct sysfs *sysfs, struct accelerator *acc)
{
	struct npu *npu = acc->priv;

	npu->has_freq = sysfs_exists(sysfs, "%sfreq/hw_max_freq",
				     npu->dev.at.dir);
}

static struct reading mhz(const struct sysfs *sysfs, const struct npu *npu,
			  const char *name, int64_t min, char *reason)
{
	return file_number(sysfs, npu->dev.at.dir, name, min, MHZ_MAX, reason);
}

static struct reading khz(const struct sysfs *sysfs, const struct npu *npu,
			  const char *name, char *reason)
{
	return reading_times(mhz(sysfs, npu, name, 1, reason), 1000, 1);
}

static struct reading clock_khz(const struct sysfs *sysfs,
				const struct npu *npu, char *reason)
{
	const char *name = npu->has_freq ? "freq/current_freq" :
					   "npu_current_frequency_mhz";
	struct reading r = mhz(sysfs, npu, name, 0, reason);

	if (r.known && !r.value) {
		why(reason, "%s says 0: it is off", name);
		r.known = false;
	}
	return reading_times(r, 1000, 1);
}

static void read_busy(const struct sysfs *sysfs, struct npu *npu,
		      struct observation *o)
{
	if (npu->busy_ns && o->time_ns - npu->busy_ns < BUSY_EVERY_NS)
		return;
	npu->busy_why[0] = '\0';
	npu->busy_us = file_number(sysfs, npu->dev.at.dir, "npu_busy_time_us",
				   0, INT64_MAX, npu->busy_why);
	npu->busy_ns = o->time_ns;
}

static void look(const struct sysfs *sysfs, struct accelerator *acc,
		 struct observation *o)
{
	struct npu *npu = acc->priv;
	unsigned int s;

	read_busy(sysfs, npu, o);
	o->count[ACCELGOV_SIG_BUSY] = reading_times(npu->busy_us, 1000, 1);
	why(o->why[ACCELGOV_SIG_BUSY], "%s", npu->busy_why);
	o->rate[ACCELGOV_SIG_CLOCK] = clock_khz(sysfs, npu,
						o->why[ACCELGOV_SIG_CLOCK]);
	o->sensor[BACKEND_MEM_USED] =
		file_number(sysfs, npu->dev.at.dir, "npu_memory_utilization",
			    0, INT64_MAX, NULL);
	filedev_contexts(sysfs, acc, o);
	for (s = 0; s < ACCELGOV_SIG_NR; s++)
		if (without[s])
			why(o->why[s], "%s", without[s]);
}

/* Shown where it can't be set, too, so that people see what it runs at. */
static void no_clock(const struct npu *npu, struct backend_range *range)
{
	if (npu->has_freq)
		why(range->why, "the driver sets it for NPUs from generation 50XX (Panther Lake) on, this one is older");
	else
		why(range->why, "the driver has no file for it: that of Linux 7.2 or newer has, for NPUs from generation 50XX (Panther Lake) on");
}

static void actuators(const struct sysfs *sysfs, struct accelerator *acc)
{
	struct backend_range *range = &acc->actuator[BACKEND_CLOCK];
	struct npu *npu = acc->priv;

	acc->nr_clocks = 0;
	why(acc->actuator[BACKEND_CAP].why, "the driver has no power limit");
	range->max = khz(sysfs, npu, npu->has_freq ? "freq/hw_max_freq" :
			 "npu_max_frequency_mhz", NULL);
	if (!sysfs_exists(sysfs, "%s" SET_MAX, npu->dev.at.dir)) {
		no_clock(npu, range);
		return;
	}
	range->value = khz(sysfs, npu, SET_MAX, range->why);
	range->there = range->value.known;
	if (!range->there)
		return;
	range->min = khz(sysfs, npu, "freq/hw_min_freq", range->why);
	range->writable = sysfs_writable(sysfs, "%s" SET_MAX, npu->dev.at.dir);
	if (!range->writable)
		why(range->why, SET_MAX " may not be written: run as root");
	if (range->min.known && range->max.known)
		filedev_steps(acc, range->min.value, range->max.value);
}

/*
 * The driver takes a lowest clock above the highest for the highest, so set_min_freq
 * stays whose it is and the order of the two does not matter.
 */
static int set(const struct sysfs *sysfs, struct accelerator *acc,
	       enum backend_actuator which, int64_t value)
{
	const struct npu *npu = acc->priv;

	if (which != BACKEND_CLOCK)
		return -EOPNOTSUPP;
	return file_write_number(sysfs, npu->dev.at.dir, SET_MAX, value / 1000);
}

static int save(const struct sysfs *sysfs, struct accelerator *acc, char *line,
		size_t size)
{
	return filedev_keep_number(line, size, "max_khz",
				   khz(sysfs, acc->priv, SET_MAX, NULL));
}

static int restore(const struct sysfs *sysfs, struct accelerator *acc,
		   const char *line)
{
	struct reading was = filedev_kept_number(line, "max_khz");
	struct reading now = khz(sysfs, acc->priv, SET_MAX, NULL);

	if (!was.known || (now.known && now.value == was.value))
		return 0;
	return set(sysfs, acc, BACKEND_CLOCK, was.value);
}

static const struct filedev_kind kind = {
	.driver = "intel_vpu",
	.prefix = "ivpu",
	.size = sizeof(struct npu),
	.quiet = true,
	.find = find,
	.look = look,
	.actuators = actuators,
	.set = set,
	.save = save,
	.restore = restore,
};

static int scan(const struct sysfs *sysfs, struct accelerators *list,
		struct backend_note *ret_note)
{
	return filedev_scan(sysfs, list, &backend_ivpu, &kind, ret_note);
}

/* What is between two readings of the busy time is no window. */
static int read(const struct sysfs *sysfs, struct accelerator *acc,
		struct backend_reading *ret_reading)
{
	struct npu *npu = acc->priv;
	struct observation before = npu->dev.before;
	uint64_t busy_ns = npu->busy_ns;
	struct backend_reading reading;
	int ret;

	ret = filedev_read(sysfs, acc, &reading);
	if (ret)
		return ret;
	if (before.time_ns && npu->busy_ns == busy_ns) {
		npu->dev.before = before;
		reading.sample.window_ns = 0;
		sample_drop_counts(&reading.sample);
	}
	*ret_reading = reading;
	return 0;
}

const struct backend backend_ivpu = {
	.name = "ivpu",
	.title = "Intel NPUs, through the files of intel_vpu",
	.scan = scan,
	.refresh = filedev_refresh,
	.read = read,
	.set = filedev_set,
	.save = filedev_save,
	.restore = filedev_restore,
	.release = filedev_release,
};
