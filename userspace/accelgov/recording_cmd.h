/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov replay and report: recordings.
 */
#ifndef ACCELGOV_RECORDING_CMD_H
#define ACCELGOV_RECORDING_CMD_H

#include "record/recorded.h"

/**
 * recording_input() - read a recording and run it
 * @path: of the file
 * @options: how to run it
 * @ret: what came of it, to be freed; set on success
 *
 * Tells on stderr what is wrong, cut off, or no label.
 *
 * Return: %CMD_OK or an exit code.
 */
int recording_input(const char *path, const struct recorded_options *options,
		    struct recorded *ret);

/**
 * replay_recording() - accelgov replay --recording
 * @argc: of the command
 * @argv: of the command
 *
 * Return: an exit code.
 */
int replay_recording(int argc, char **argv);

/**
 * report_recording() - accelgov report FILE
 * @path: of the recording
 * @out: of the page
 *
 * Return: an exit code.
 */
int report_recording(const char *path, const char *out);

#endif /* ACCELGOV_RECORDING_CMD_H */
