/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ACCELGOV_STATS_H
#define _ACCELGOV_STATS_H

#include <linux/atomic.h>
#include <linux/types.h>

/* Eight bins per octave: a percentile is at most an eighth too high. */
#define ACCELGOV_LATENCY_SUB_SHIFT	3
#define ACCELGOV_LATENCY_SUB		BIT(ACCELGOV_LATENCY_SUB_SHIFT)
/* Up to 2^20 us, a second; the last bin takes what is longer. */
#define ACCELGOV_LATENCY_OCTAVES	18
#define ACCELGOV_LATENCY_BINS \
	(ACCELGOV_LATENCY_SUB * ACCELGOV_LATENCY_OCTAVES)

/**
 * struct accelgov_latency - histogram of latencies in microseconds
 * @bin: counts; the first octave is linear, each later one has as many bins
 * @total: sum of @bin
 */
struct accelgov_latency {
	u32 bin[ACCELGOV_LATENCY_BINS];
	u32 total;
};

/**
 * struct accelgov_stats - counters of one device
 * @dropped: samples that did not reach the policy core, written by producers
 * @samples: samples that did; accelgov_device.lock
 * @cost_ns: collector time of all samples that told it; accelgov_device.lock
 * @costed: samples that told it; accelgov_device.lock
 * @fallbacks: how often signals went stale; accelgov_device.lock
 * @decisions: targets computed; df->lock
 * @transitions: clock changes that the driver made; df->lock
 * @latency: from a sample's arrival to the applied target; df->lock
 */
struct accelgov_stats {
	atomic_t dropped;
	u64 samples;
	u64 cost_ns;
	u64 costed;
	u32 fallbacks;
	u32 decisions;
	u32 transitions;
	struct accelgov_latency latency;
};

void accelgov_latency_add(struct accelgov_latency *latency, u64 us);
int accelgov_latency_percentile(const struct accelgov_latency *latency,
				u32 percent);

#endif /* _ACCELGOV_STATS_H */
