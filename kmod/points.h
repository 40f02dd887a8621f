/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ACCELGOV_POINTS_H
#define _ACCELGOV_POINTS_H

#include <linux/types.h>
#include "core/opp.h"

struct device;

/**
 * struct accelgov_points - what kHz leave out of the operating points' Hz
 * @nr: how many points
 * @khz: clocks, ascending; the policy core's, which don't change
 * @rest_hz: what is to be added, 0 to 999
 */
struct accelgov_points {
	u32 nr;
	const u32 *khz;
	u16 rest_hz[AG_OPP_MAX];
};

int accelgov_points_read(struct accelgov_points *points, struct device *dev,
			 struct ag_opp *opps);
unsigned long accelgov_points_hz(const struct accelgov_points *points, u32 khz);
u32 accelgov_points_floor(const struct accelgov_points *points,
			  unsigned long hz);
u32 accelgov_points_ceil(const struct accelgov_points *points,
			 unsigned long hz);

#endif /* _ACCELGOV_POINTS_H */
