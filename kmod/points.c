// SPDX-License-Identifier: GPL-2.0
/*
 * Points: the driver's operating points, and the way from kHz back to Hz
 *
 * The policy core counts in kHz. Some drivers have clocks that are no whole kHz
 * (333333333 Hz), and a limit must hold to the last Hz, so the rest is kept here
 * and both directions go through it.
 */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/pm_opp.h>
#include <linux/units.h>
#include "points.h"

/* Which of @count points becomes number @i of @nr: evenly, with both ends. */
static int picked(int i, int nr, int count)
{
	return nr < 2 ? 0 : i * (count - 1) / (nr - 1);
}

static void point_add(struct accelgov_points *points, struct ag_opp *opps,
		      unsigned long hz, unsigned long uv)
{
	u32 i = points->nr++;

	points->rest_hz[i] = hz % HZ_PER_KHZ;
	opps[i].khz = hz / HZ_PER_KHZ;
	opps[i].mv = uv / 1000;
}

/**
 * accelgov_points_read() - read the operating points of a device
 * @points: where the rests go; whoever keeps the clocks sets @points->khz
 * @dev: device with an OPP table
 * @opps: AG_OPP_MAX places for the policy core, as many as there are points
 *
 * A table with more points than the core takes is thinned out evenly; the
 * lowest and the highest stay.
 *
 * Context: may sleep.
 * Return: 0, -ENODEV without operating points, -ERANGE when they are not
 * distinct kHz.
 */
int accelgov_points_read(struct accelgov_points *points, struct device *dev,
			 struct ag_opp *opps)
{
	int count = dev_pm_opp_get_opp_count(dev);
	int nr = min(count, AG_OPP_MAX);
	unsigned long hz = 0;
	int i;

	points->nr = 0;
	for (i = 0; i < count && points->nr < nr; i++, hz++) {
		struct dev_pm_opp *opp = dev_pm_opp_find_freq_ceil(dev, &hz);

		if (IS_ERR(opp))
			break;
		if (i == picked(points->nr, nr, count))
			point_add(points, opps, hz,
				  dev_pm_opp_get_voltage(opp));
		dev_pm_opp_put(opp);
	}
	if (!points->nr)
		return -ENODEV;
	for (i = 0; i < points->nr; i++)
		if (!opps[i].khz || (i && opps[i].khz == opps[i - 1].khz))
			return -ERANGE;
	return 0;
}

static unsigned long hz_of(const struct accelgov_points *points, u32 i)
{
	return points->khz[i] * HZ_PER_KHZ + points->rest_hz[i];
}

/**
 * accelgov_points_hz() - the exact clock of a point
 * @points: points
 * @khz: its clock as the core knows it
 *
 * Return: Hz; of @khz itself when it is no point.
 */
unsigned long accelgov_points_hz(const struct accelgov_points *points, u32 khz)
{
	u32 i;

	for (i = 0; i < points->nr; i++)
		if (points->khz[i] == khz)
			return hz_of(points, i);
	return khz * HZ_PER_KHZ;
}

/**
 * accelgov_points_floor() - highest point that an upper limit allows
 * @points: points
 * @hz: the limit
 *
 * Return: kHz; the lowest point when the limit is below all.
 */
u32 accelgov_points_floor(const struct accelgov_points *points,
			  unsigned long hz)
{
	u32 i = points->nr - 1;

	while (i && hz_of(points, i) > hz)
		i--;
	return points->khz[i];
}

/**
 * accelgov_points_ceil() - lowest point that a lower limit allows
 * @points: points
 * @hz: the limit
 *
 * Return: kHz; the highest point when the limit is above all.
 */
u32 accelgov_points_ceil(const struct accelgov_points *points,
			 unsigned long hz)
{
	u32 i = 0;

	while (i + 1 < points->nr && hz_of(points, i) < hz)
		i++;
	return points->khz[i];
}
