// SPDX-License-Identifier: GPL-2.0
/*
 * Root: square roots of integers, exact and without a division
 *
 * Observation. Time goes with the root of a square (sens.c), and planning asks for some
 * hundred times at once; so roots are most of what the core computes. The kernel's
 * int_sqrt64() finds one bit after the other, each by a branch that no predictor knows.
 *
 * Algorithm.
 *  1. An even shift brings the number into a quarter to one, as a fraction m of 32 bits.
 *  2. y, which becomes 1/sqrt(m), begins on the straight line that is off by the same
 *     share, 8.6 %, at both ends and in the middle.
 *  3. Newton's step for it, y * (3 - m * y^2) / 2, needs no division and makes an error e
 *     one of 1.5 * e^2: three of them leave 5e-8.
 *  4. m * y is the root. Shifted back it may be off by the last bit, more where it has
 *     more than 24 bits; comparing squares makes it exact.
 */
#include "root.h"

#define AG_ROOT_BITS	30
#define AG_ROOT_ONE	BIT_ULL(AG_ROOT_BITS)
/* The line of step 2: 1.75 s - s * m with s = 1.21873. */
#define AG_ROOT_SLOPE	1308601373ULL
#define AG_ROOT_STEPS	3

/**
 * ag_root() - square root of an integer
 * @v: below %AG_ROOT_LIMIT
 *
 * Return: the largest integer whose square is not above @v.
 */
u32 ag_root(u64 v)
{
	u32 shift = (u32)(64 - fls64(v)) & ~1U, i;
	u64 m = v << (shift & 63) >> 32;
	u64 y = AG_ROOT_SLOPE * 7 / 4 - (AG_ROOT_SLOPE * m >> 32);
	u64 root;

	if (!v)
		return 0;
	for (i = 0; i < AG_ROOT_STEPS; i++)
		y = y * (3 * AG_ROOT_ONE -
			 ((y * y >> AG_ROOT_BITS) * m >> 32)) >>
		    (AG_ROOT_BITS + 1);
	root = (y * m >> AG_ROOT_BITS) >> shift / 2;
	while (root * root > v)
		root--;
	while ((root + 1) * (root + 1) <= v)
		root++;
	return (u32)root;
}
