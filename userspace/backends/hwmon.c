// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - the hwmon of an accelerator
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "file.h"
#include "hwmon.h"

#define CHANNELS	9
/* No accelerator draws or is allowed 100 kW; a counter may count for years. */
#define POWER_MAX_UW	100000000000LL
#define TEMP_MIN_MC	(-100000)
#define TEMP_MAX_MC	300000
#define CLOCK_MAX_HZ	100000000000LL

static bool find_dir(const struct sysfs *sysfs, const char *dir,
		     struct hwmon *h)
{
	struct names names;
	size_t i;

	if (sysfs_list(sysfs, &names, "%shwmon", dir))
		return false;
	for (i = 0; i < names.nr && !h->dir[0]; i++)
		if (!strncmp(names.name[i], "hwmon", 5) &&
		    snprintf(h->dir, sizeof(h->dir), "%shwmon/%s/", dir,
			     names.name[i]) >= (int)sizeof(h->dir))
			h->dir[0] = '\0';
	names_free(&names);
	return h->dir[0];
}

static bool has(const struct sysfs *sysfs, const struct hwmon *h,
		const char *what, unsigned int n, const char *file)
{
	return sysfs_exists(sysfs, "%s%s%u_%s", h->dir, what, n, file);
}

static struct reading number(const struct sysfs *sysfs, const struct hwmon *h,
			     const char *what, unsigned int n,
			     const char *file, int64_t max, char *reason)
{
	char name[40];

	snprintf(name, sizeof(name), "%s%u_%s", what, n, file);
	return file_number(sysfs, h->dir, name, 0, max, reason);
}

static void find_channels(const struct sysfs *sysfs, struct hwmon *h)
{
	unsigned int n;

	for (n = 1; n <= CHANNELS; n++) {
		if (!h->power && (has(sysfs, h, "power", n, "average") ||
				  has(sysfs, h, "power", n, "input")))
			h->power = n;
		if (!h->cap && has(sysfs, h, "power", n, "cap")) {
			h->cap = n;
			h->cap_file = "cap";
		}
		if (!h->energy &&
		    number(sysfs, h, "energy", n, "input", INT64_MAX,
			   NULL).value > 0)
			h->energy = n;
	}
	for (n = 1; n <= CHANNELS && !h->cap; n++)
		if (has(sysfs, h, "power", n, "max")) {
			h->cap = n;
			h->cap_file = "max";
		}
}

void hwmon_find(const struct sysfs *sysfs, const char *dir, const char *node,
		struct hwmon *ret_hwmon)
{
	struct hwmon h = { 0 };

	if (find_dir(sysfs, dir, &h) || (node && find_dir(sysfs, node, &h)))
		find_channels(sysfs, &h);
	*ret_hwmon = h;
}

struct reading hwmon_power_mw(const struct sysfs *sysfs,
			      const struct hwmon *hwmon, char *reason)
{
	struct reading r = { 0 };

	if (!hwmon->power) {
		why(reason, hwmon->dir[0] ? "its hwmon has no power sensor" :
		    "the driver registers no hwmon");
		return r;
	}
	/* With both there, the instant is the one that may be read in vain. */
	if (has(sysfs, hwmon, "power", hwmon->power, "average"))
		r = number(sysfs, hwmon, "power", hwmon->power, "average",
			   POWER_MAX_UW, reason);
	if (!r.known)
		r = number(sysfs, hwmon, "power", hwmon->power, "input",
			   POWER_MAX_UW, reason);
	return reading_times(r, 1, 1000);
}

struct reading hwmon_energy_uj(const struct sysfs *sysfs,
			       const struct hwmon *hwmon, char *reason)
{
	if (hwmon->energy)
		return number(sysfs, hwmon, "energy", hwmon->energy, "input",
			      INT64_MAX, reason);
	why(reason, hwmon->dir[0] ? "its hwmon has no energy counter that counts" :
	    "the driver registers no hwmon");
	return (struct reading){ 0 };
}

static bool label_is(const struct sysfs *sysfs, const struct hwmon *h,
		     const char *what, unsigned int n, const char *label)
{
	char name[40], text[64];

	snprintf(name, sizeof(name), "%s%u_label", what, n);
	return !file_text(sysfs, h->dir, name, text, sizeof(text), NULL) &&
	       !strcmp(text, label);
}

struct reading hwmon_clock_khz(const struct sysfs *sysfs,
			       const struct hwmon *hwmon, const char *label,
			       char *reason)
{
	struct reading hz = { 0 };
	unsigned int n;

	for (n = 1; n <= CHANNELS && hwmon->dir[0]; n++) {
		if (!label_is(sysfs, hwmon, "freq", n, label))
			continue;
		hz = number(sysfs, hwmon, "freq", n, "input", CLOCK_MAX_HZ,
			    reason);
		if (hz.known && !hz.value) {
			why(reason, "freq%u_input says 0: powered down while idle",
			    n);
			hz.known = false;
		}
		return reading_times(hz, 1, 1000);
	}
	why(reason, "its hwmon shows no %s", label);
	return hz;
}

static bool is_memory(const struct sysfs *sysfs, const struct hwmon *h,
		      unsigned int n)
{
	return label_is(sysfs, h, "temp", n, "mem") ||
	       label_is(sysfs, h, "temp", n, "vram");
}

struct reading hwmon_temperature_mc(const struct sysfs *sysfs,
				    const struct hwmon *hwmon)
{
	struct reading hottest = { 0 }, r;
	char name[24];
	unsigned int n;

	for (n = 1; n <= CHANNELS && hwmon->dir[0]; n++) {
		snprintf(name, sizeof(name), "temp%u_input", n);
		r = file_number(sysfs, hwmon->dir, name, TEMP_MIN_MC,
				TEMP_MAX_MC, NULL);
		if (r.known && !is_memory(sysfs, hwmon, n) &&
		    (!hottest.known || r.value > hottest.value))
			hottest = r;
	}
	return hottest;
}

struct reading hwmon_cap_uw(const struct sysfs *sysfs,
			    const struct hwmon *hwmon)
{
	if (!hwmon->cap)
		return (struct reading){ 0 };
	return number(sysfs, hwmon, "power", hwmon->cap, hwmon->cap_file,
		      POWER_MAX_UW, NULL);
}

/* amdgpu tells a range; xe and i915 only what the board is rated for. */
static void cap_range(const struct sysfs *sysfs, const struct hwmon *h,
		      struct backend_range *range)
{
	struct reading max;

	if (!strcmp(h->cap_file, "cap")) {
		range->min = number(sysfs, h, "power", h->cap, "cap_min",
				    POWER_MAX_UW, NULL);
		max = number(sysfs, h, "power", h->cap, "cap_max",
			     POWER_MAX_UW, NULL);
	} else {
		max = number(sysfs, h, "power", h->cap, "rated_max",
			     POWER_MAX_UW, NULL);
	}
	if (max.value > 0)
		range->max = max;
	range->min = reading_times(range->min, 1, 1000);
	range->max = reading_times(range->max, 1, 1000);
}

void hwmon_cap(const struct sysfs *sysfs, const struct hwmon *hwmon,
	       struct backend_range *range)
{
	struct reading uw;

	*range = (struct backend_range){ 0 };
	if (!hwmon->cap) {
		why(range->why, hwmon->dir[0] ?
		    "its hwmon has no power limit: firmware keeps it" :
		    "the driver registers no hwmon");
		return;
	}
	range->there = true;
	uw = number(sysfs, hwmon, "power", hwmon->cap, hwmon->cap_file,
		    POWER_MAX_UW, range->why);
	if (uw.value > 0)
		range->value = reading_times(uw, 1, 1000);
	cap_range(sysfs, hwmon, range);
	range->writable = sysfs_writable(sysfs, "%spower%u_%s", hwmon->dir,
					 hwmon->cap, hwmon->cap_file);
	if (!range->writable)
		why(range->why, "power%u_%s may not be written: run as root",
		    hwmon->cap, hwmon->cap_file);
	else if (range->min.known && range->max.known &&
		 range->min.value >= range->max.value)
		why(range->why, "the board allows this one value only");
}

int hwmon_write_cap(const struct sysfs *sysfs, const struct hwmon *hwmon,
		    int64_t uw)
{
	char name[40];

	if (!hwmon->cap)
		return -EOPNOTSUPP;
	snprintf(name, sizeof(name), "power%u_%s", hwmon->cap,
		 hwmon->cap_file);
	return file_write_number(sysfs, hwmon->dir, name, uw);
}
