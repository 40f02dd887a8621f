/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov status - its parts
 */
#ifndef ACCELGOV_STATUS_H
#define ACCELGOV_STATUS_H

#include <jansson.h>

/**
 * accelerator_find() - look an accelerator up in the daemon's status
 * @daemon: status, may be NULL
 * @name: of the accelerator
 *
 * Return: a borrowed reference, NULL when there is none.
 */
json_t *accelerator_find(json_t *daemon, const char *name);

/**
 * accelerators_pick() - those that are asked for
 * @daemon: status, may be NULL
 * @names: NULL for all
 * @nr: how many names
 *
 * Return: a new reference to an array.
 */
json_t *accelerators_pick(json_t *daemon, char *const *names, size_t nr);

/**
 * accelerators_print() - for people
 * @list: from accelerators_pick()
 */
void accelerators_print(json_t *list);

#endif /* ACCELGOV_STATUS_H */
