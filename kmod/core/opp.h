/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _AG_OPP_H
#define _AG_OPP_H

#include "types.h"
#include "accelgov.h"

/* Enough for 210..1980 MHz in steps of 15 MHz. */
#define AG_OPP_MAX	128

/**
 * struct ag_opp - one operating point as the driver describes it
 * @khz: clock
 * @mv: supply voltage in millivolts, 0 when not known
 */
struct ag_opp {
	u32 khz;
	u32 mv;
};

/**
 * struct ag_opp_table - operating points, ascending
 * @nr: how many
 * @known_mv: every point has a voltage
 * @khz: clocks
 * @dyn: clock-dependent power of each point against the top one, 16 bit
 *	fraction that ends at 65535: f*V^2 with known voltages, f^2.4 otherwise
 */
struct ag_opp_table {
	u32 nr;
	bool known_mv;
	u32 khz[AG_OPP_MAX];
	u16 dyn[AG_OPP_MAX];
};

int ag_opp_init(struct ag_opp_table *t, const struct ag_opp *opps, u32 nr);
u32 ag_opp_floor(const struct ag_opp_table *t, u32 khz);
u32 ag_opp_ceil(const struct ag_opp_table *t, u32 khz);

/**
 * ag_opp_top_khz() - the highest clock, the reference of every slowdown
 * @t: table
 *
 * Return: kHz.
 */
static inline u32 ag_opp_top_khz(const struct ag_opp_table *t)
{
	return t->khz[t->nr - 1];
}

#endif /* _AG_OPP_H */
