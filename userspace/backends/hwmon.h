/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - the hwmon of an accelerator
 *
 * Reads of hwmon files wake the device with most drivers: the caller asks runtime
 * PM first.
 */
#ifndef ACCELGOV_BACKENDS_HWMON_H
#define ACCELGOV_BACKENDS_HWMON_H

#include "backend.h"

/**
 * struct hwmon - where the files are
 * @dir: folder with a slash at its end; "" when there is none
 * @power: channel of powerN that is the device's, 0 for none
 * @cap: channel of the power limit, 0 for none
 * @cap_file: "cap" or "max": how the driver calls its limit
 * @energy: channel of energyN that counts, 0 for none
 */
struct hwmon {
	char dir[288];
	unsigned int power;
	unsigned int cap;
	const char *cap_file;
	unsigned int energy;
};

/**
 * hwmon_find() - look for a device's hwmon and its channels
 * @sysfs: root
 * @dir: folder of the device
 * @node: folder of its node, where some drivers put it; NULL for none
 * @ret_hwmon: filled, empty when there is none
 *
 * Only names are looked at, except that an energy counter that says 0 or can't be
 * read is passed over for the next: some boards have only some of them connected.
 */
void hwmon_find(const struct sysfs *sysfs, const char *dir, const char *node,
		struct hwmon *ret_hwmon);

/**
 * hwmon_power_mw() - power, the average where there is one
 * @sysfs: root
 * @hwmon: where
 * @reason: set when it is not known
 *
 * Return: mW.
 */
struct reading hwmon_power_mw(const struct sysfs *sysfs,
			      const struct hwmon *hwmon, char *reason);

/**
 * hwmon_energy_uj() - energy counter
 * @sysfs: root
 * @hwmon: where
 * @reason: set when it is not known
 *
 * Return: uJ.
 */
struct reading hwmon_energy_uj(const struct sysfs *sysfs,
			       const struct hwmon *hwmon, char *reason);

/**
 * hwmon_clock_khz() - a clock by its label
 * @sysfs: root
 * @hwmon: where
 * @label: "sclk" or "mclk"
 * @reason: set when it is not known
 *
 * A clock of 0 is unknown: the engine is powered down and tells nothing.
 *
 * Return: kHz.
 */
struct reading hwmon_clock_khz(const struct sysfs *sysfs,
			       const struct hwmon *hwmon, const char *label,
			       char *reason);

/**
 * hwmon_temperature_mc() - hottest sensor that is not the memory's
 * @sysfs: root
 * @hwmon: where
 *
 * Return: milli degrees Celsius.
 */
struct reading hwmon_temperature_mc(const struct sysfs *sysfs,
				    const struct hwmon *hwmon);

/**
 * hwmon_cap() - power limit in force and its range
 * @sysfs: root
 * @hwmon: where
 * @range: there, writable, value, min, max and why are set
 *
 * A limit of 0 is no limit, so its value is unknown.
 */
void hwmon_cap(const struct sysfs *sysfs, const struct hwmon *hwmon,
	       struct backend_range *range);

/**
 * hwmon_cap_uw() - what the file of the limit says, as it is
 * @sysfs: root
 * @hwmon: where
 *
 * Return: uW.
 */
struct reading hwmon_cap_uw(const struct sysfs *sysfs,
			    const struct hwmon *hwmon);

/**
 * hwmon_write_cap() - set the power limit
 * @sysfs: root
 * @hwmon: where
 * @uw: the limit
 *
 * Return: 0 or a negative errno.
 */
int hwmon_write_cap(const struct sysfs *sysfs, const struct hwmon *hwmon,
		    int64_t uw);

#endif /* ACCELGOV_BACKENDS_HWMON_H */
