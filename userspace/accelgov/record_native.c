// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov record: a devfreq device, as anybody may read it.
 *
 * Its perf PMU has all signals, and takes CAP_PERFMON or a perf_event_paranoid that
 * lets everybody in. Without it there are the clock that devfreq shows and the power
 * of hwmon. Nothing that asks a sleeping device is read.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "backends/file.h"
#include "backends/runtime.h"
#include "cmd.h"
#include "record_cmd.h"

#define CLASS "sys/class/devfreq"

static void open_counters(const struct sysfs *sysfs, struct record_native *n,
			  const struct device *dev, struct recording_device *ret)
{
	struct pmu pmu;
	unsigned int s;
	int fd;

	if (!dev->pmu[0] || pmu_load(sysfs, dev->pmu, &pmu)) {
		for (s = 0; s < ACCELGOV_SIG_NR; s++)
			why(ret->why[s], "the driver has no perf PMU that tells");
		return;
	}
	for (s = 0; s < ACCELGOV_SIG_NR; s++) {
		if (pmu.odd & (1U << s))
			why(ret->why[s], "its counter's unit is not understood");
		else if (!(pmu.signals & (1U << s)))
			why(ret->why[s], "its perf PMU has no counter for it");
		else if (!sysfs->live)
			why(ret->why[s], "a recorded tree has no counters");
		if (ret->why[s][0])
			continue;
		fd = pmu_event_open(&pmu, s, pmu.cpu);
		if (fd >= 0)
			n->fd[s] = fd;
		else if (fd == -EACCES || fd == -EPERM)
			why(ret->why[s], "perf needs CAP_PERFMON, or kernel.perf_event_paranoid at 0");
		else
			why(ret->why[s], "its counter can't be opened: %s",
			    strerror(-fd));
	}
}

void record_native_open(const struct sysfs *sysfs, const char *name,
			struct record_native *ret_native)
{
	struct record_native n = { 0 };
	unsigned int s;

	strcpy(n.name, name);
	for (s = 0; s < ACCELGOV_SIG_NR; s++)
		n.fd[s] = -1;
	n.governed = sysfs_exists(sysfs, CLASS "/%s/accelgov", name);
	*ret_native = n;
}

static uint32_t own_period_us(const struct sysfs *sysfs,
			      const struct record_native *n)
{
	struct reading period;

	if (n->fd[ACCELGOV_SIG_BUSY] < 0)
		return 100000;
	period = sysfs_reading(sysfs, CLASS "/%s/accelgov/sample_period_us",
			       n->name);
	return period.known && period.value >= 1000 && period.value <= 100000 ?
		       (uint32_t)period.value : 10000;
}

static void take_clocks(const struct device *dev, struct recording_device *ret)
{
	uint32_t khz;
	size_t i;

	for (i = 0; i < dev->nr_freqs && ret->nr_clocks < BACKEND_CLOCKS; i++) {
		khz = (uint32_t)(dev->freq_hz[i] / 1000);
		if (dev->freq_hz[i] / 1000 > UINT32_MAX || !khz ||
		    (ret->nr_clocks &&
		     khz <= ret->clock_khz[ret->nr_clocks - 1]))
			continue;
		ret->clock_khz[ret->nr_clocks++] = khz;
	}
}

static struct reading counter(int fd)
{
	uint64_t value;

	if (fd < 0 || read(fd, &value, sizeof(value)) != sizeof(value) ||
	    value > INT64_MAX)
		return (struct reading){ 0 };
	return reading_of((int64_t)value);
}

/* What sysfs has to say where counters do not. */
static void look_at_files(const struct sysfs *sysfs,
			  const struct record_native *n, struct observation *o)
{
	struct reading hz, uj, uw;

	if (n->fd[ACCELGOV_SIG_CLOCK] < 0) {
		hz = sysfs_reading(sysfs, CLASS "/%s/cur_freq", n->name);
		o->rate[ACCELGOV_SIG_CLOCK] = reading_times(hz, 1, 1000);
	}
	if (!n->hwmon[0])
		return;
	uj = sysfs_reading(sysfs, "%s/energy1_input", n->hwmon);
	o->sensor[BACKEND_ENERGY] = uj;
	o->sensor[BACKEND_TEMPERATURE] =
		sysfs_reading(sysfs, "%s/temp1_input", n->hwmon);
	if (n->fd[ACCELGOV_SIG_POWER] >= 0)
		return;
	if (uj.known) {
		o->count[ACCELGOV_SIG_POWER] = uj;
		return;
	}
	uw = sysfs_reading(sysfs, "%s/power1_input", n->hwmon);
	if (!uw.known)
		uw = sysfs_reading(sysfs, "%s/power1_average", n->hwmon);
	o->rate[ACCELGOV_SIG_POWER] = reading_times(uw, 1, 1000);
}

static int look(const struct sysfs *sysfs, const struct record_native *n,
		struct observation *o)
{
	char dir[128];
	unsigned int s;

	snprintf(dir, sizeof(dir), CLASS "/%s/device/", n->name);
	if (!sysfs_exists(sysfs, CLASS "/%s", n->name))
		return -ENODEV;
	observation_begin(o);
	for (s = 0; s < ACCELGOV_SIG_NR; s++)
		o->count[s] = counter(n->fd[s]);
	if (!runtime_asleep(sysfs, dir))
		look_at_files(sysfs, n, o);
	return 0;
}

void record_native_describe(const struct sysfs *sysfs, struct record_native *n,
			    uint32_t period_us, struct recording_device *ret)
{
	struct recording_device d = { .source = "devfreq" };
	struct observation o;
	struct device dev;
	unsigned int s;

	strcpy(d.name, n->name);
	if (!device_load(sysfs, n->name, &dev)) {
		strcpy(n->hwmon, dev.hwmon);
		open_counters(sysfs, n, &dev, &d);
		take_clocks(&dev, &d);
	}
	sysfs_link_name(sysfs, d.driver, sizeof(d.driver),
			CLASS "/%s/device/driver", n->name);
	if (!strcmp(d.driver, "accelsim"))
		sysfs_read(sysfs, d.model, sizeof(d.model),
			   CLASS "/%s/device/profile", n->name);
	d.period_us = period_us ? period_us : own_period_us(sysfs, n);
	if (!look(sysfs, n, &o)) {
		for (s = 0; s < ACCELGOV_SIG_NR; s++)
			if (o.rate[s].known || o.count[s].known)
				d.signals |= 1U << s;
		for (s = 0; s < BACKEND_SENSORS; s++)
			if (o.sensor[s].known)
				d.sensors |= 1U << s;
	}
	*ret = d;
}

int record_native_read(const struct sysfs *sysfs, struct record_native *n,
		       struct backend_reading *ret_reading)
{
	struct observation now;
	int ret = look(sysfs, n, &now);

	if (!ret)
		observation_reading(&n->before, &now, ret_reading);
	return ret;
}

void record_native_close(struct record_native *n)
{
	unsigned int s;

	for (s = 0; s < ACCELGOV_SIG_NR; s++)
		if (n->fd[s] >= 0)
			close(n->fd[s]);
}
