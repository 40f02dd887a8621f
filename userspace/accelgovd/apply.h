/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgovd - configuration to sysfs, and back
 */
#ifndef ACCELGOVD_APPLY_H
#define ACCELGOVD_APPLY_H

#include "daemon.h"

/**
 * apply_governor() - choose the configured governor, or give back the old one
 *	when none is configured any more
 * @d: the daemon
 * @m: the device
 * @config: resolved for it
 *
 * Return: 0; -EAGAIN while the device has no governor: devfreq announces a device
 * before it is complete.
 */
int apply_governor(struct daemon *d, struct managed *m,
		   const struct config_device *config);

/**
 * apply_lease() - start or refresh the lease
 * @d: the daemon
 * @m: a governed device
 *
 * Return: 0 or a negative errno; there is no lease when it can't be recorded.
 */
int apply_lease(struct daemon *d, struct managed *m);

/**
 * apply_knobs() - write what is configured, take back what is no longer
 * @d: the daemon
 * @m: a governed device, its lease runs
 * @config: resolved for it
 * @again: it will be tried again, so a file that is not there is no problem yet
 *
 * Nothing is written that can't be recorded first.
 *
 * Return: false when another try may find what was missing, never without @again.
 */
bool apply_knobs(struct daemon *d, struct managed *m,
		 const struct config_device *config, bool again);

/**
 * apply_forget() - the governor's folder went and took its values along
 * @m: the device
 */
void apply_forget(struct managed *m);

/**
 * apply_give_up() - withdraw lease and values, the governor stays
 * @d: the daemon, with a record_problem
 * @m: a governed device
 *
 * The kernel traces the end of the lease.
 */
void apply_give_up(struct daemon *d, struct managed *m);

/**
 * apply_undo() - undo all changes to one device
 * @d: the daemon
 * @m: the device
 */
void apply_undo(struct daemon *d, struct managed *m);

/**
 * apply_save() - record all changes on disk
 * @d: the daemon; its record_problem tells what failed, "" after success
 *
 * Return: 0 or a negative errno; then the record is as it was.
 */
int apply_save(struct daemon *d);

#endif /* ACCELGOVD_APPLY_H */
