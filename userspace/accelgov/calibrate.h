/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov calibrate: what the parts of the command share.
 */
#ifndef ACCELGOV_CALIBRATE_H
#define ACCELGOV_CALIBRATE_H

#include "fit/fit.h"
#include "profile/profile_file.h"

/**
 * struct calibrate - the command line and what becomes of it
 * @show: profile to print, NULL for none
 * @sweep_path: file of measurements, NULL for a live device
 * @device: live device to measure on, NULL for a file
 * @duration_ns: time to take for it
 * @max_slowdown: how much slower its load may get, as a share
 * @duration_given: the user chose it
 * @slowdown_given: the user chose @max_slowdown
 * @limits_path: table of power limits, NULL for none
 * @base_text: profile that gives what is not measured, NULL for the usual one
 * @name: of the new profile, NULL for one made from a file's name
 * @out: where the profile goes, NULL for nowhere
 * @plot: where the picture goes, NULL for nowhere
 * @json: JSON instead of a table
 * @base: that profile
 * @sweep: the measurements
 * @limits: the table
 * @fit: what was fitted
 * @profile: the new profile
 */
struct calibrate {
	const char *show;
	const char *sweep_path;
	const char *device;
	uint64_t duration_ns;
	double max_slowdown;
	bool duration_given;
	bool slowdown_given;
	const char *limits_path;
	const char *base_text;
	const char *name;
	const char *out;
	const char *plot;
	bool json;
	struct profile_file base;
	struct sweep sweep;
	struct sweep limits;
	struct fit fit;
	struct profile_file profile;
};

/**
 * calibrate_output() - print and write what was fitted
 * @c: fitted
 *
 * Return: exit code.
 */
int calibrate_output(const struct calibrate *c);

/**
 * calibrate_refusal() - say why nothing was fitted
 * @c: with remarks in its fit
 *
 * Return: %CMD_FAILURE.
 */
int calibrate_refusal(const struct calibrate *c);

/**
 * calibrate_live() - measure on a device while its load runs
 * @c: the command line; its sweep is filled on success
 *
 * The device's limits are as before afterwards. Complains by itself.
 *
 * Return: %CMD_OK, another exit code, or 128 and the number of a signal.
 */
int calibrate_live(struct calibrate *c);

/**
 * calibrate_source() - what was measured, in few words
 * @c: the command line
 *
 * Return: name of the file without folders, or of the device.
 */
const char *calibrate_source(const struct calibrate *c);

#endif /* ACCELGOV_CALIBRATE_H */
