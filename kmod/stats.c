// SPDX-License-Identifier: GPL-2.0
/*
 * Stats: how long decisions take, in a histogram of fixed size
 *
 * Bins are linear within an octave, so the relative error is the same from
 * microseconds to seconds. A percentile is the upper edge of its bin: it may
 * read up to an eighth too high and never too low.
 */
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include "stats.h"

static u32 bin_of(u64 us)
{
	u32 octave, bin;

	if (us < ACCELGOV_LATENCY_SUB)
		return us;
	octave = ilog2(us) - ACCELGOV_LATENCY_SUB_SHIFT;
	bin = (octave << ACCELGOV_LATENCY_SUB_SHIFT) + (us >> octave);
	return min_t(u32, bin, ACCELGOV_LATENCY_BINS - 1);
}

static u32 upper_edge(u32 bin)
{
	u32 octave = bin >> ACCELGOV_LATENCY_SUB_SHIFT;
	u32 sub = bin & (ACCELGOV_LATENCY_SUB - 1);

	if (!octave)
		return bin;
	return ((ACCELGOV_LATENCY_SUB + sub + 1) << (octave - 1)) - 1;
}

/**
 * accelgov_latency_add() - count one latency
 * @latency: histogram
 * @us: the latency
 */
void accelgov_latency_add(struct accelgov_latency *latency, u64 us)
{
	if (latency->total == U32_MAX)
		return;
	latency->bin[bin_of(us)]++;
	latency->total++;
}

/**
 * accelgov_latency_percentile() - read the histogram
 * @latency: histogram; may grow meanwhile
 * @percent: 1 to 100
 *
 * Return: microseconds, or -ENODATA while nothing was counted.
 */
int accelgov_latency_percentile(const struct accelgov_latency *latency,
				u32 percent)
{
	u64 sum = 0, rank = READ_ONCE(latency->total);
	u32 i;

	if (!rank)
		return -ENODATA;
	rank = max_t(u64, 1, div_u64(rank * percent + 99, 100));
	for (i = 0; i < ACCELGOV_LATENCY_BINS - 1; i++) {
		sum += READ_ONCE(latency->bin[i]);
		if (sum >= rank)
			break;
	}
	return upper_edge(i);
}
