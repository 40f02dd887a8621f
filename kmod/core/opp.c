// SPDX-License-Identifier: GPL-2.0
/*
 * Operating points: the clocks a device offers and what they cost
 *
 * Switching power of CMOS logic is C*f*V^2 (Chandrakasan, Sheng, Brodersen:
 * Low-power CMOS digital design, IEEE JSSC 27(4), 1992). Where the driver gives
 * voltages with its OPPs, that is what @dyn holds. Where it does not, voltage
 * is taken to rise with about f^0.7 over the usable range, so that the product
 * goes with f^2.4; the exponent is the one that the clock sweep of an A100 in
 * the Perseus data (SOSP'24 artifact, GPT-3 stages, 990 to 1350 MHz) shows once
 * the constant part of the power is taken off. A model figure, corrected at run
 * time by measured power (power.c).
 */
#include "opp.h"
#include "sens.h"

/* x^2.4 as x^2 * x^(2/5), the root by Newton's method in 16 bit fractions. */
static u32 ag_pow_2_4(u32 x)
{
	u64 x2 = (u64)x * x >> AG_ONE_SHIFT;
	u64 r = AG_ONE;
	int i;

	if (!x2)
		return 0;
	for (i = 0; i < 12; i++) {
		u64 r2 = r * r >> AG_ONE_SHIFT;
		u64 r4 = r2 * r2 >> AG_ONE_SHIFT;

		if (!r4)
			break;
		r = (4 * r + div64_u64(x2 << AG_ONE_SHIFT, r4)) / 5;
	}
	return (u32)(x2 * r >> AG_ONE_SHIFT);
}

static u32 ag_opp_dyn(const struct ag_opp *o, const struct ag_opp *top,
		      bool known_mv)
{
	u32 x = (u32)div_u64((u64)o->khz << AG_ONE_SHIFT, top->khz);
	u32 v;

	if (!known_mv)
		return ag_pow_2_4(x);
	v = (u32)div_u64((u64)o->mv << AG_ONE_SHIFT, top->mv);
	v = (u32)((u64)v * v >> AG_ONE_SHIFT);
	return (u32)((u64)x * v >> AG_ONE_SHIFT);
}

/**
 * ag_opp_init() - fill the table from the driver's points
 * @t: table to fill
 * @opps: points in strictly ascending order of clock
 * @nr: how many, 1..AG_OPP_MAX
 *
 * Return: 0, or -EINVAL for no point, too many, a zero clock or wrong order;
 * @t is then unchanged.
 */
int ag_opp_init(struct ag_opp_table *t, const struct ag_opp *opps, u32 nr)
{
	bool known_mv = true;
	u32 i;

	if (!nr || nr > AG_OPP_MAX || !opps[0].khz)
		return -EINVAL;
	for (i = 0; i < nr; i++) {
		if (i && opps[i].khz <= opps[i - 1].khz)
			return -EINVAL;
		/*
		 * Beyond 5 V is another unit or garbage, and no chip needs less
		 * voltage for a higher clock: trust none of them.
		 */
		if (!opps[i].mv || opps[i].mv > 5000 ||
		    (i && opps[i].mv < opps[i - 1].mv))
			known_mv = false;
	}

	t->nr = nr;
	t->known_mv = known_mv;
	for (i = 0; i < nr; i++) {
		t->khz[i] = opps[i].khz;
		t->dyn[i] = (u16)min_t(u32, U16_MAX,
				       ag_opp_dyn(&opps[i], &opps[nr - 1],
						  known_mv));
	}
	return 0;
}

/**
 * ag_opp_floor() - index of the highest point at or below a clock
 * @t: table
 * @khz: clock
 *
 * Return: the index, 0 when every point is above @khz.
 */
u32 ag_opp_floor(const struct ag_opp_table *t, u32 khz)
{
	u32 at = 0, nr = t->nr, half;

	/* Without a branch: no predictor knows the way. */
	while (nr > 1) {
		half = nr / 2;
		at += t->khz[at + half] <= khz ? half : 0;
		nr -= half;
	}
	return at;
}

/**
 * ag_opp_ceil() - index of the lowest point at or above a clock
 * @t: table
 * @khz: clock
 *
 * Return: the index, that of the top point when every point is below @khz.
 */
u32 ag_opp_ceil(const struct ag_opp_table *t, u32 khz)
{
	u32 i = ag_opp_floor(t, khz);

	if (t->khz[i] < khz && i + 1 < t->nr)
		i++;
	return i;
}
