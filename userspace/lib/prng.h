/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pseudo-random numbers that are the same on every machine for one seed.
 */
#ifndef _LIB_PRNG_H
#define _LIB_PRNG_H

#include <math.h>
#include <stdint.h>

/**
 * struct prng - SplitMix64 (Steele, Lea, Flood, OOPSLA 2014)
 * @state: the seed, then the position in the sequence
 */
struct prng {
	uint64_t state;
};

/**
 * prng_u64() - next number of the sequence
 * @p: the generator
 *
 * Return: 64 random bits.
 */
static inline uint64_t prng_u64(struct prng *p)
{
	uint64_t z = p->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/**
 * prng_uniform() - uniform in the open interval (0, 1)
 * @p: the generator
 *
 * Return: the number; neither end is ever returned.
 */
static inline double prng_uniform(struct prng *p)
{
	return ((double)(prng_u64(p) >> 11) + 0.5) * 0x1p-53;
}

/**
 * prng_normal() - standard normal, by the polar method
 * @p: the generator
 *
 * Return: the number.
 */
static inline double prng_normal(struct prng *p)
{
	double u, v, s;

	do {
		u = 2 * prng_uniform(p) - 1;
		v = 2 * prng_uniform(p) - 1;
		s = u * u + v * v;
	} while (s >= 1);
	return u * sqrt(-2 * log(s) / s);
}

/**
 * prng_gamma() - gamma distributed with mean 1
 * @p: the generator
 * @shape: greater than 0; the coefficient of variation is 1 / sqrt(shape)
 *
 * Marsaglia and Tsang, ACM TOMS 26(3), 2000; below shape 1 by their power of a
 * uniform.
 *
 * Return: the number.
 */
static inline double prng_gamma(struct prng *p, double shape)
{
	double boost = 1, k = shape, d, c, x, v;

	if (k < 1) {
		boost = pow(prng_uniform(p), 1 / k);
		k += 1;
	}
	d = k - 1.0 / 3;
	c = 1 / sqrt(9 * d);
	for (;;) {
		x = prng_normal(p);
		v = 1 + c * x;
		if (v <= 0)
			continue;
		v = v * v * v;
		if (log(prng_uniform(p)) < x * x / 2 + d - d * v + d * log(v))
			return boost * d * v / shape;
	}
}

#endif /* _LIB_PRNG_H */
