/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How long devices that hold a job have nothing to do; see gaps.c.
 */
#ifndef _LIB_GAPS_H
#define _LIB_GAPS_H

#include <stdint.h>

#include "prng.h"

/* Longest of all. */
#define GAP_MAX_NS	(3600 * 1000000000ULL)

/**
 * gap_quantile() - quantile function of the lengths
 * @share: part of the idle intervals that are longer, above 0 up to 1
 *
 * Return: nanoseconds.
 */
uint64_t gap_quantile(double share);

/**
 * gap_draw() - draw a length
 * @p: where randomness comes from
 *
 * Return: nanoseconds.
 */
static inline uint64_t gap_draw(struct prng *p)
{
	return gap_quantile(prng_uniform(p));
}

#endif /* _LIB_GAPS_H */
