// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - what sysfs tells about a devfreq device
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../kmod/core/core.h"
#include "device.h"
#include "drmnode.h"
#include "printable.h"

#define CLASS "sys/class/devfreq/%s/"

const char *phase_name(unsigned int phase)
{
	if (phase == ACCELGOV_PHASE_UNKNOWN || phase >= ACCELGOV_PHASE_NR)
		return NULL;
	return ag_phase_base_name(phase);
}

bool device_name_valid(const char *name)
{
	size_t len = strlen(name);

	return len && len < DEVICE_NAME_LEN && !strchr(name, '/') &&
	       strcmp(name, ".") && strcmp(name, "..") && is_printable(name);
}

static void drop_invalid(struct names *names)
{
	size_t i, kept = 0;

	for (i = 0; i < names->nr; i++) {
		if (device_name_valid(names->name[i]))
			names->name[kept++] = names->name[i];
		else
			free(names->name[i]);
	}
	names->nr = kept;
}

int device_names(const struct sysfs *sysfs, struct names *ret_names)
{
	int ret = sysfs_list(sysfs, ret_names, "sys/class/devfreq");

	if (ret == -ENOENT) {
		*ret_names = (struct names){ 0 };
		return 0;
	}
	if (!ret)
		drop_invalid(ret_names);
	return ret;
}

int device_pmu(const struct sysfs *sysfs, const char *name, char *buf,
	       size_t size)
{
	char subsystem[32];
	struct names names;
	int ret = -ENOENT;
	size_t i;

	if (sysfs_list(sysfs, &names, CLASS "device", name))
		return -ENOENT;
	for (i = 0; i < names.nr && ret; i++) {
		if (sysfs_link_name(sysfs, subsystem, sizeof(subsystem),
				    CLASS "device/%s/subsystem", name,
				    names.name[i]) ||
		    strcmp(subsystem, "event_source") ||
		    strlen(names.name[i]) >= size || !is_printable(names.name[i]))
			continue;
		strcpy(buf, names.name[i]);
		ret = 0;
	}
	names_free(&names);
	return ret;
}

/* Whoever recorded a tree may have left links out, and kept the uevent. */
static int find_driver(const struct sysfs *sysfs, const char *name, char *buf,
		       size_t size)
{
	char text[4000], *next = text, *line;

	if (!sysfs_link_name(sysfs, buf, size, CLASS "device/driver", name))
		return 0;
	if (sysfs_read(sysfs, text, sizeof(text), CLASS "device/uevent", name))
		return -ENOENT;
	while ((line = strsep(&next, "\n"))) {
		if (strncmp(line, "DRIVER=", 7) || strlen(line + 7) >= size)
			continue;
		strcpy(buf, line + 7);
		return 0;
	}
	return -ENOENT;
}

/* Below it, or at another device, see drmnode.h. */
static bool has_node(const struct sysfs *sysfs, const char *name)
{
	char own[64], node[64];

	if (sysfs_exists(sysfs, CLASS "device/drm", name) ||
	    sysfs_exists(sysfs, CLASS "device/accel", name))
		return true;
	return !drmnode_device(sysfs, name, node, sizeof(node)) &&
	       !sysfs_link_name(sysfs, own, sizeof(own), CLASS "device", name) &&
	       strcmp(node, own);
}

bool device_scheduled(const struct sysfs *sysfs, const char *name)
{
	/* Those with devfreq; a running kernel says it of all others. */
	static const char *const drivers[] = { "panfrost", "panthor", "lima",
		"msm", "adreno" };
	char driver[64];
	size_t i;

	if (!has_node(sysfs, name))
		return false;
	if (find_driver(sysfs, name, driver, sizeof(driver)))
		return false;
	for (i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++)
		if (!strcmp(driver, drivers[i]))
			return true;
	return sysfs_exists(sysfs, "sys/module/gpu_sched/holders/%s", driver);
}

static void find_hwmon(const struct sysfs *sysfs, struct device *dev)
{
	struct names names;
	size_t i;

	if (sysfs_list(sysfs, &names, CLASS "device/hwmon", dev->name))
		return;
	for (i = 0; i < names.nr && !dev->hwmon[0]; i++)
		if (!strncmp(names.name[i], "hwmon", 5) &&
		    strlen(names.name[i]) < 32)
			snprintf(dev->hwmon, sizeof(dev->hwmon),
				 CLASS "device/hwmon/%.31s", dev->name,
				 names.name[i]);
	names_free(&names);
}

static void load_hwmon(const struct sysfs *sysfs, struct device *dev)
{
	find_hwmon(sysfs, dev);
	if (!dev->hwmon[0] || dev->asleep)
		return;
	dev->power_uw = sysfs_reading(sysfs, "%s/power1_input", dev->hwmon);
	if (!dev->power_uw.known)
		dev->power_uw = sysfs_reading(sysfs, "%s/power1_average",
					      dev->hwmon);
	dev->cap_uw = sysfs_reading(sysfs, "%s/power1_cap", dev->hwmon);
	dev->cap_min_uw = sysfs_reading(sysfs, "%s/power1_cap_min", dev->hwmon);
	dev->cap_max_uw = sysfs_reading(sysfs, "%s/power1_cap_max", dev->hwmon);
	dev->energy_uj = sysfs_reading(sysfs, "%s/energy1_input", dev->hwmon);
}

static int compare_freqs(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void load_freqs(const struct sysfs *sysfs, struct device *dev)
{
	char text[4000], *next = text, *word;

	if (sysfs_read(sysfs, text, sizeof(text),
		       CLASS "available_frequencies", dev->name))
		return;
	while ((word = strsep(&next, " ")) && dev->nr_freqs < DEVICE_FREQS)
		if (!parse_int(word, &dev->freq_hz[dev->nr_freqs]))
			dev->nr_freqs++;
	qsort(dev->freq_hz, dev->nr_freqs, sizeof(*dev->freq_hz),
	      compare_freqs);
}

/*
 * cur_freq may ask the driver and so the hardware; target_freq is what devfreq
 * itself set last.
 */
static void load_clock(const struct sysfs *sysfs, struct device *dev)
{
	load_freqs(sysfs, dev);
	if (!dev->asleep)
		dev->cur_freq_hz = sysfs_reading(sysfs, CLASS "cur_freq",
						 dev->name);
	if (!dev->cur_freq_hz.known)
		dev->cur_freq_hz = sysfs_reading(sysfs, CLASS "target_freq",
						 dev->name);
	dev->min_freq_hz = sysfs_reading(sysfs, CLASS "min_freq", dev->name);
	dev->max_freq_hz = sysfs_reading(sysfs, CLASS "max_freq", dev->name);
}

static void load_power_management(const struct sysfs *sysfs, struct device *dev)
{
	sysfs_read(sysfs, dev->runtime_status, sizeof(dev->runtime_status),
		   CLASS "device/power/runtime_status", dev->name);
	dev->asleep = !strcmp(dev->runtime_status, "suspended") ||
		      !strcmp(dev->runtime_status, "suspending");
	dev->autosuspend_ms =
		sysfs_reading(sysfs, CLASS "device/power/autosuspend_delay_ms",
			      dev->name);
}

int device_load(const struct sysfs *sysfs, const char *name,
		struct device *ret_device)
{
	struct device dev = { 0 };

	if (!device_name_valid(name) || !sysfs_exists(sysfs, CLASS, name))
		return -ENODEV;
	strcpy(dev.name, name);
	load_power_management(sysfs, &dev);
	sysfs_read(sysfs, dev.governor, sizeof(dev.governor),
		   CLASS "governor", name);
	sysfs_read(sysfs, dev.governors, sizeof(dev.governors),
		   CLASS "available_governors", name);
	load_clock(sysfs, &dev);
	load_hwmon(sysfs, &dev);
	device_pmu(sysfs, name, dev.pmu, sizeof(dev.pmu));
	dev.switch_us = sysfs_reading(sysfs, CLASS "device/switch_us", name);
	dev.halt_us = sysfs_reading(sysfs, CLASS "device/halt_us", name);
	dev.governed = sysfs_exists(sysfs, CLASS "accelgov", name);
	*ret_device = dev;
	return 0;
}

#define read_text(field, file)						\
	sysfs_read(sysfs, g.field, sizeof(g.field), CLASS "accelgov/" file, name)
#define read_value(field, file)						\
	(g.field = sysfs_reading(sysfs, CLASS "accelgov/" file, name))

void device_load_governed(const struct sysfs *sysfs, const char *name,
			  struct governed *ret_governed)
{
	struct governed g = { 0 };

	read_text(workload, "workload");
	read_text(phase, "phase");
	read_text(state, "state");
	read_text(policy, "policy");
	read_value(phase_age_ms, "phase_age_ms");
	read_value(confidence_permille, "confidence_permille");
	read_value(slowdown_permille, "slowdown_permille");
	read_value(budget_permille, "slowdown_budget_permille");
	read_value(cap_uw, "power_cap_uw");
	read_value(cap_asked_uw, "power_cap_asked_uw");
	read_value(energy_uj, "energy_uj");
	read_value(energy_saved_uj, "energy_saved_uj");
	read_value(lease_ms, "lease_ms");
	read_value(sample_period_us, "sample_period_us");
	read_value(samples, "stats/samples");
	read_value(dropped, "stats/dropped");
	read_value(transitions, "stats/transitions");
	read_value(fallbacks, "stats/fallbacks");
	read_value(collector_ns, "stats/collector_ns_per_sample");
	read_value(switch_us, "stats/switch_us");
	read_value(switches_measured, "stats/switches_measured");
	*ret_governed = g;
}
