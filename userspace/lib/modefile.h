/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - the drop-in that says which devices may be touched
 *
 * conf.d/90-mode.conf is written by accelgov activate and accelgov observe and
 * holds [Device] sections with a Mode= each, the general one first. Its name puts it
 * behind what an operator writes by hand; a later name overrides it.
 */
#ifndef ACCELGOV_LIB_MODEFILE_H
#define ACCELGOV_LIB_MODEFILE_H

#include "config.h"

#define MODEFILE_NAME	"conf.d/90-mode.conf"

/**
 * modefile_set() - write the mode of one device, or of all
 * @dir: of the configuration
 * @device: its name, NULL for all devices: then what was set for single ones goes
 * @mode: observe or active
 * @ret_old: what the file held, NULL when there was none; to be freed, and to be
 *	handed to modefile_put() when the new one is no good
 *
 * Return: 0; -EEXIST when there is a file by that name that somebody else wrote;
 * another negative errno. On failure nothing changed.
 */
int modefile_set(const char *dir, const char *device, enum config_mode mode,
		 char **ret_old);

/**
 * modefile_put() - write the file back as it was
 * @dir: of the configuration
 * @text: all of it, NULL to remove the file
 *
 * Return: 0 or a negative errno.
 */
int modefile_put(const char *dir, const char *text);

#endif /* ACCELGOV_LIB_MODEFILE_H */
