// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - back end for Intel's NPUs (driver intel_vpu)
 *
 * None of its files wakes the NPU: the driver keeps the counters and the memory in
 * software, and asks for the clock only while it is on. The busy time should be read
 * once a second at most, for it takes the lock that submitting a job takes. The
 * driver chooses the clock; what can be set is how soon the NPU goes to sleep.
 */
#include <string.h>

#include "file.h"
#include "filedev.h"

#define BUSY_EVERY_NS	1000000000ULL

/**
 * struct npu - one NPU
 * @dev: what all file back ends have
 * @busy_us: as read last
 * @busy_ns: when
 * @busy_why: reason when it is not known
 */
struct npu {
	struct filedev dev;
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
	char *reason = o->why[ACCELGOV_SIG_CLOCK];
	struct npu *npu = acc->priv;
	struct reading r;
	unsigned int s;

	read_busy(sysfs, npu, o);
	o->count[ACCELGOV_SIG_BUSY] = reading_times(npu->busy_us, 1000, 1);
	why(o->why[ACCELGOV_SIG_BUSY], "%s", npu->busy_why);
	r = file_number(sysfs, npu->dev.at.dir, "npu_current_frequency_mhz", 0,
			20000, reason);
	if (r.known && !r.value) {
		why(reason, "npu_current_frequency_mhz says 0: it is off");
		r.known = false;
	}
	o->rate[ACCELGOV_SIG_CLOCK] = reading_times(r, 1000, 1);
	o->sensor[BACKEND_MEM_USED] =
		file_number(sysfs, npu->dev.at.dir, "npu_memory_utilization",
			    0, INT64_MAX, NULL);
	filedev_contexts(sysfs, acc, o);
	for (s = 0; s < ACCELGOV_SIG_NR; s++)
		if (without[s])
			why(o->why[s], "%s", without[s]);
}

/* One clock, and nobody may choose it: shown, so that people see what it runs at. */
static void actuators(const struct sysfs *sysfs, struct accelerator *acc)
{
	struct backend_range *range = &acc->actuator[BACKEND_CLOCK];
	struct npu *npu = acc->priv;

	range->max = reading_times(file_number(sysfs, npu->dev.at.dir,
					       "npu_max_frequency_mhz", 1,
					       20000, NULL), 1000, 1);
	why(range->why, "the driver chooses the clock, nobody else");
	why(acc->actuator[BACKEND_CAP].why, "the driver has no power limit");
}

static const struct filedev_kind kind = {
	.driver = "intel_vpu",
	.prefix = "ivpu",
	.size = sizeof(struct npu),
	.quiet = true,
	.look = look,
	.actuators = actuators,
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
		reading.sample.valid &= ~(1U << ACCELGOV_SIG_BUSY);
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
