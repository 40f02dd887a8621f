/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - putting accelerators back as a daemon that is gone found them
 */
#ifndef ACCELGOV_BACKENDS_UNDO_H
#define ACCELGOV_BACKENDS_UNDO_H

#include "state.h"
#include "sysfs.h"

/**
 * typedef accelerator_undo_fn - told about each accelerator
 * @arg: as given to accelerators_undo()
 * @record: of the accelerator
 * @result: %UNDO_DONE, %UNDO_GONE when there is no such accelerator,
 *	%UNDO_FAILED
 * @error: negative errno with %UNDO_FAILED
 */
typedef void accelerator_undo_fn(void *arg,
				 const struct state_accelerator *record,
				 enum undo_result result, int error);

/**
 * accelerators_undo() - put back what is recorded
 * @sysfs: root
 * @state: loaded
 * @undone: told about each, may be NULL
 * @arg: handed to @undone
 *
 * Looks for accelerators first, so it takes as long as their libraries take.
 * Without a record nothing is looked for.
 *
 * Return: 0, or the negative errno of the last one that failed.
 */
int accelerators_undo(const struct sysfs *sysfs, const struct state *state,
		      accelerator_undo_fn *undone, void *arg);

#endif /* ACCELGOV_BACKENDS_UNDO_H */
