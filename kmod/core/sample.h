/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _AG_SAMPLE_H
#define _AG_SAMPLE_H

#include "types.h"
#include "accelgov.h"

/* Windows outside this range are refused: shorter ones are noise, longer ones
 * cannot tell a phase.
 */
#define AG_WINDOW_MIN_NS	(100 * NSEC_PER_USEC)
#define AG_WINDOW_MAX_NS	(10 * NSEC_PER_SEC)

/* From here on windows come from sensors with a pace of their own, and late. */
#define AG_LONG_WINDOW_NS	(50 * NSEC_PER_MSEC)

#define AG_ALL_SIGNALS		(BIT(ACCELGOV_SIG_NR) - 1)
/*
 * In &struct ag_rates.valid beside %AG_ALL_SIGNALS, and in nothing that leaves the core:
 * two follow from other signals, and the clock is that of the window's end, not its mean.
 */
#define AG_PROGRESS_INFERRED	BIT(31)
#define AG_CLOCK_INFERRED	BIT(30)
#define AG_CLOCK_MOMENT		BIT(29)

/**
 * struct ag_rates - one window of signals, brought to one unit each
 * @time_ns: end of the window, CLOCK_MONOTONIC
 * @window_ns: its length
 * @valid: bit per &enum accelgov_signal; other values are meaningless
 * @busy: per mille of the window
 * @compute: per mille of the window
 * @memory: per mille of the window
 * @link: per mille of the window
 * @host: per mille of the window
 * @queue: mean queue depth in thousandths of an item
 * @clock_khz: mean effective clock
 * @power_mw: mean power
 * @contexts: mean number of contexts in thousandths
 * @progress: work units retired per second
 */
struct ag_rates {
	u64 time_ns;
	u64 window_ns;
	u32 valid;
	u32 busy;
	u32 compute;
	u32 memory;
	u32 link;
	u32 host;
	u32 queue;
	u32 clock_khz;
	u32 power_mw;
	u32 contexts;
	u64 progress;
};

/**
 * ag_valid() - is a signal known?
 * @r: rates
 * @sig: which signal
 *
 * Return: true when it is.
 */
static inline bool ag_valid(const struct ag_rates *r, enum accelgov_signal sig)
{
	return r->valid & BIT(sig);
}

/**
 * ag_busy_part() - activity as a part of busy time
 * @value: activity, per mille of the window
 * @busy: busy time, per mille of the window, above 0
 *
 * Most windows are busy all the time, and need no division.
 *
 * Return: per mille of busy time.
 */
static inline u32 ag_busy_part(u32 value, u32 busy)
{
	return min_t(u32, 1000, busy == 1000 ? value : value * 1000 / busy);
}

/**
 * ag_clock_counted() - is the clock the window's mean?
 * @r: rates
 *
 * Return: true when cycles were counted; false when the clock is that of the window's end,
 * follows from the target, or is not known.
 */
static inline bool ag_clock_counted(const struct ag_rates *r)
{
	return ag_valid(r, ACCELGOV_SIG_CLOCK) &&
	       !(r->valid & (AG_CLOCK_MOMENT | AG_CLOCK_INFERRED));
}

int ag_sample_check(const struct accelgov_sample *s);
void ag_sample_rates(const struct accelgov_sample *s, struct ag_rates *r);

#endif /* _AG_SAMPLE_H */
