/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Random numbers that repeat: a failing test names its seed and fails again.
 * The generator is xorshift64 with a multiplication (Vigna, 2016).
 */
#ifndef _UNIT_RANDOM_H
#define _UNIT_RANDOM_H

#include <math.h>
#include <stdint.h>

struct random {
	uint64_t state;
};

static inline uint64_t random_u64(struct random *r)
{
	if (!r->state)
		r->state = 88172645463325252ULL;
	r->state ^= r->state >> 12;
	r->state ^= r->state << 25;
	r->state ^= r->state >> 27;
	return r->state * 2685821657736338717ULL;
}

/* 0 to @n - 1 */
static inline uint32_t random_below(struct random *r, uint32_t n)
{
	return (uint32_t)((random_u64(r) >> 32) * n >> 32);
}

/* @lo to @hi, both included */
static inline uint32_t random_in(struct random *r, uint32_t lo, uint32_t hi)
{
	return lo + random_below(r, hi - lo + 1);
}

/* 0 to 1, 1 excluded */
static inline double random_unit(struct random *r)
{
	return (double)(random_u64(r) >> 11) * 0x1p-53;
}

/* Waiting time of a Poisson process with mean @mean. */
static inline double random_exp(struct random *r, double mean)
{
	return -mean * log(1 - random_unit(r));
}

/* Every order of magnitude of 64 bits is equally likely, 0 included. */
static inline uint64_t random_any(struct random *r)
{
	uint64_t v = random_u64(r);

	switch (random_below(r, 8)) {
	case 0:
		return 0;
	case 1:
		return UINT64_MAX - random_below(r, 3);
	default:
		return v >> random_below(r, 64);
	}
}

#endif /* _UNIT_RANDOM_H */
