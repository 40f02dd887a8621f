/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - the knobs of a governed device: what can be set, and how
 */
#ifndef ACCELGOV_LIB_POLICY_H
#define ACCELGOV_LIB_POLICY_H

#include <stddef.h>

#include "config.h"
#include "device.h"
#include "units.h"

#define POLICY_ATTR_LEN		64
#define POLICY_VALUE_LEN	24

/* Everything a configuration can set on one device. */
#define POLICY_KNOBS	(7 + 3 * ACCELGOV_PHASE_NR)

/**
 * struct policy_knob - one file of a governed device and its value
 * @attr: path below the device's folder, such as "accelgov/power_cap_uw"
 * @value: as the file takes it
 */
struct policy_knob {
	char attr[POLICY_ATTR_LEN];
	char value[POLICY_VALUE_LEN];
};

/**
 * struct policy_file - one file that sets policy, for people
 * @key: how it is called on the command line, path below accelgov/
 * @unit: of its value
 * @normal: value of a device that nobody configured
 * @help: one line
 */
struct policy_file {
	const char *key;
	enum unit unit;
	int64_t normal;
	const char *help;
};

/**
 * policy_knobs() - what a configuration sets on one device, in the order in
 *	which it has to be written
 * @config: resolved for the device
 * @knobs: %POLICY_KNOBS of them
 *
 * Return: how many were filled.
 */
size_t policy_knobs(const struct config_device *config,
		    struct policy_knob *knobs);

/**
 * policy_files() - the files of a governed device that set policy; those of
 *	the phases appear once, with "*" for the phase
 *
 * Return: the list, ended by one without a key.
 */
const struct policy_file *policy_files(void);

/**
 * policy_find() - find the file for a key
 * @key: "power_cap_uw", "phases/memory/min_freq_hz"...
 *
 * Return: the file, or NULL.
 */
const struct policy_file *policy_find(const char *key);

#endif /* ACCELGOV_LIB_POLICY_H */
