/* SPDX-License-Identifier: GPL-2.0 */
/* Made-up input that knows what it is for, from a seed that repeats it. */
#ifndef ACCELGOV_SELFTESTS_JUNK_H
#define ACCELGOV_SELFTESTS_JUNK_H

#include <stdint.h>
#include <stdio.h>

/* Return: the next number of the sequence, xorshift64*. @seed must not be 0. */
static inline uint64_t dice(uint64_t *seed)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return *seed * 2685821657736338717ULL;
}

/* Return: 0 to @n - 1. */
static inline uint32_t below(uint64_t *seed, uint32_t n)
{
	return (dice(seed) >> 32) * n >> 32;
}

/* On a bound, beside one, plausible, or anything. */
static inline int64_t junk_number(uint64_t *seed)
{
	static const int64_t bound[] = {
		0, 1, 1000, 2000, 100000, 1410000000, 210000000, 3600000,
		INT32_MAX, UINT32_MAX, INT64_MAX, INT64_MIN, 4294967295000,
	};

	switch (below(seed, 4)) {
	case 0:
		return bound[below(seed, sizeof(bound) / sizeof(bound[0]))];
	case 1:
		return bound[below(seed, 8)] + below(seed, 3) - 1;
	case 2:
		return below(seed, 2000);
	default:
		return dice(seed) >> below(seed, 64);
	}
}

/* What somebody might write into a file. Return: its length. */
static inline int junk_text(uint64_t *seed, char *buf, size_t size)
{
	static const char *const word[] = {
		"accelgov", "simple_ondemand", "auto", "on", "", "\n", "-", "+1",
		"0x10", "1 2", "1\n2", "-1", "nan", "99999999999999999999",
	};
	size_t len, i;

	switch (below(seed, 8)) {
	case 0:
		return snprintf(buf, size, "%s",
				word[below(seed,
					   sizeof(word) / sizeof(word[0]))]);
	case 1:
		len = below(seed, 16) ? below(seed, 40) : below(seed, size);
		for (i = 0; i < len; i++)
			buf[i] = dice(seed);
		return len;
	default:
		return snprintf(buf, size, "%lld\n",
				(long long)junk_number(seed));
	}
}

#endif /* ACCELGOV_SELFTESTS_JUNK_H */
