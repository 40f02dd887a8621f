/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - the graphics parts (GTs) of Intel's GPUs, as xe and i915 show them
 *
 * The same numbers lie in two places with two sets of names.
 */
#ifndef ACCELGOV_BACKENDS_GT_H
#define ACCELGOV_BACKENDS_GT_H

#include "filedev.h"

#define GTS	8

/**
 * struct gt_names - what a driver calls its files
 * @act: clock now
 * @cur: clock asked for
 * @min: lowest in force
 * @max: highest in force
 * @rp0: highest there is
 * @rpn: lowest there is
 * @idle: time spent powered down; ms
 * @reasons: folder with the reasons for throttling, "" for the GT's own
 * @reason: what those files begin with
 * @status: that of any reason
 */
struct gt_names {
	const char *act;
	const char *cur;
	const char *min;
	const char *max;
	const char *rp0;
	const char *rpn;
	const char *idle;
	const char *reasons;
	const char *reason;
	const char *status;
};

/**
 * struct gt - one GT that computes
 * @dir: folder with a slash at its end
 */
struct gt {
	char dir[288];
};

/**
 * struct intel_gpu - one GPU
 * @dev: what all file back ends have
 * @names: the driver's
 * @gt: those that compute, of all tiles; media has a clock of its own, which is left
 *	alone
 * @nr_gts: how many
 */
struct intel_gpu {
	struct filedev dev;
	const struct gt_names *names;
	struct gt gt[GTS];
	size_t nr_gts;
};

/**
 * gt_look() - see &filedev_kind.look
 * @sysfs: root
 * @acc: the accelerator
 * @o: filled
 */
void gt_look(const struct sysfs *sysfs, struct accelerator *acc,
	     struct observation *o);

/**
 * gt_actuators() - see &filedev_kind.actuators
 * @sysfs: root
 * @acc: the accelerator
 */
void gt_actuators(const struct sysfs *sysfs, struct accelerator *acc);

/**
 * gt_set() - see &filedev_kind.set
 * @sysfs: root
 * @acc: the accelerator
 * @actuator: which
 * @value: to set
 *
 * Return: 0 or a negative errno.
 */
int gt_set(const struct sysfs *sysfs, struct accelerator *acc,
	   enum backend_actuator actuator, int64_t value);

/**
 * gt_save() - see &filedev_kind.save
 * @sysfs: root
 * @acc: the accelerator
 * @line: to append to
 * @size: of @line
 *
 * Return: 0 or -ENOSPC.
 */
int gt_save(const struct sysfs *sysfs, struct accelerator *acc, char *line,
	    size_t size);

/**
 * gt_restore() - see &filedev_kind.restore
 * @sysfs: root
 * @acc: the accelerator
 * @line: from gt_save()
 *
 * Return: 0 or the first negative errno.
 */
int gt_restore(const struct sysfs *sysfs, struct accelerator *acc,
	       const char *line);

/**
 * gt_throttle_reason() - what a reason's name means
 * @name: "pl1", "thermal" and so on
 *
 * Return: one of &enum backend_throttle.
 */
int64_t gt_throttle_reason(const char *name);

#endif /* ACCELGOV_BACKENDS_GT_H */
