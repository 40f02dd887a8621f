/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Device profiles on the command line.
 */
#ifndef ACCELGOV_PROFILE_INPUT_H
#define ACCELGOV_PROFILE_INPUT_H

#include "profile/profile_file.h"

/**
 * profile_input() - the profile that an argument means
 * @text: name of one of the simulator's, or the path of a file; what holds a
 *	slash or a dot is a path
 * @ret: filled on success
 *
 * Complains by itself.
 *
 * Return: %CMD_OK or another exit code.
 */
int profile_input(const char *text, struct profile_file *ret);

#endif /* ACCELGOV_PROFILE_INPUT_H */
