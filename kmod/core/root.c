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
 *  2. y, which becomes 1/sqrt(m), begins on one of twelve straight lines, each over a
 *     sixteenth and off by the same share at both ends and in the middle: 0.26 % at most.
 *  3. Newton's step for it, y * (3 - m * y^2) / 2, needs no division and makes an error e
 *     one of 1.5 * e^2: two of them leave 2e-10, less than what is rounded off.
 *  4. m * y is the root. Shifted back it may be off by the last bit, more where it has
 *     more than 24 bits; comparing squares makes it exact.
 */
#include "root.h"

#define AG_ROOT_BITS	30
#define AG_ROOT_ONE	BIT_ULL(AG_ROOT_BITS)
#define AG_ROOT_STEPS	2
/* Lines of step 2 are chosen by the bits above these. */
#define AG_ROOT_LINE_BITS	28

/* From m = 4/16 on: y at the beginning of each, and by how much it falls to the end. */
static const struct {
	u32 from;
	u32 fall;
} ag_root_line[] = {
	{ 2143199418, 226715881 },
	{ 1917976038, 167354711 },
	{ 1751566220, 130068006 },
	{ 1622056560, 104844801 },
	{ 1517555357, 86844485 },
	{ 1430936358, 73467852 },
	{ 1357629567, 63206549 },
	{ 1294541130, 55131102 },
	{ 1239485190, 48640661 },
	{ 1190908953, 43331307 },
	{ 1147631333, 38922506 },
	{ 1108741039, 35213963 },
};

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
	u64 y, root;

	if (!v)
		return 0;
	i = (u32)(m >> AG_ROOT_LINE_BITS) - 4;
	y = ag_root_line[i].from -
	    (ag_root_line[i].fall * (m & (BIT_ULL(AG_ROOT_LINE_BITS) - 1)) >>
	     AG_ROOT_LINE_BITS);
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
