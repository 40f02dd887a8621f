/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Phases of a given length as physics for a device.
 */
#ifndef _LIB_WORK_PHASES_H
#define _LIB_WORK_PHASES_H

#include "../../../kmod/sim/profile.h"
#include "meter.h"
#include "segments.h"

/**
 * work_meter() - a device at its top clock, for jobs that know no device
 * @chip: the device; must stay
 *
 * Return: the meter.
 */
struct meter work_meter(const struct asim_chip *chip);

/**
 * work_phases() - say a list of phases by physics
 * @chip: the device
 * @list: the list, by physics or by phase and length
 * @ret: the same by physics, set on success only
 * @ret_line: line of a phase that is too short for the device, set on -ERANGE
 *
 * Return: 0, -ERANGE or -ENOMEM.
 */
int work_phases(const struct asim_chip *chip, const struct segments *list,
		struct segments *ret, unsigned int *ret_line);

#endif /* _LIB_WORK_PHASES_H */
