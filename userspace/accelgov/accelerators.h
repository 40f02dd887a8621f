/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - the command line: accelerators that back ends found
 */
#ifndef ACCELGOV_ACCELERATORS_H
#define ACCELGOV_ACCELERATORS_H

#include <jansson.h>

#include "backends/backend.h"

/**
 * accelerators_json() - all there is to tell about them
 * @sysfs: root
 * @list: found
 *
 * On a live system what only counters tell takes a tenth of a second.
 *
 * Return: a new array.
 */
json_t *accelerators_json(const struct sysfs *sysfs,
			  const struct accelerators *list);

/**
 * accelerators_show() - the same for people, on stdout
 * @sysfs: root
 * @list: found
 */
void accelerators_show(const struct sysfs *sysfs,
		       const struct accelerators *list);

/**
 * accelerators_verdict_json() - what works and what would make the rest work
 * @list: found
 *
 * Return: a new array.
 */
json_t *accelerators_verdict_json(const struct accelerators *list);

/**
 * accelerators_verdict_show() - the same for people, on stdout
 * @list: found
 */
void accelerators_verdict_show(const struct accelerators *list);

/**
 * accelerator_title() - name, vendor and model on stdout, without a newline
 * @name: of the accelerator
 * @vendor: "" when unknown; left out where the model begins with it
 * @model: as the vendor calls it
 */
void accelerator_title(const char *name, const char *vendor, const char *model);

#endif /* ACCELGOV_ACCELERATORS_H */
