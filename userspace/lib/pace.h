/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - how often an accelerator is read that is only observed
 */
#ifndef ACCELGOV_LIB_PACE_H
#define ACCELGOV_LIB_PACE_H

#include <stdbool.h>
#include <stdint.h>

/* What readings of all that is observed may cost where nobody says so, of one CPU. */
#define PACE_PERMILLE	2

/**
 * struct pace - of one accelerator
 * @share_ppm: CPU time that its readings may take, parts per million of one CPU
 * @at_ns: when @credit_ns was right, 0 before the first reading
 * @credit_ns: CPU time that may be spent now
 * @cost_ns: CPU time of a reading, mean of the last ones, 0 before the first
 * @resting: it is read seldom, until there is credit for another look
 */
struct pace {
	uint32_t share_ppm;
	uint64_t at_ns;
	int64_t credit_ns;
	uint64_t cost_ns;
	bool resting;
};

/**
 * pace_init() - nothing is known yet: it begins with a look
 * @p: the pace
 * @share_ppm: see there; may be changed at any time
 */
void pace_init(struct pace *p, uint32_t share_ppm);

/**
 * pace_read() - it was read
 * @p: the pace
 * @now_ns: CLOCK_MONOTONIC, never less than the time before
 * @spent_ns: CPU time of that, and of all that was done since the reading before
 * @news: it is not as the last look left it
 *
 * Looks and rests begin and end here and in pace_look() only.
 */
void pace_read(struct pace *p, uint64_t now_ns, uint64_t spent_ns, bool news);

/**
 * pace_look() - somebody wants to know: a rest ends
 * @p: the pace
 */
void pace_look(struct pace *p);

/**
 * pace_period_us() - how long until the next reading
 * @p: the pace
 * @period_us: where there is no hurry to save
 *
 * Return: @period_us while it is looked at; in a rest 5 s, more where half its share
 * would not last, and 10 s at most, since longer windows are taken by nobody.
 */
uint32_t pace_period_us(const struct pace *p, uint32_t period_us);

#endif /* ACCELGOV_LIB_PACE_H */
