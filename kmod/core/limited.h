/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Limited: a board whose clock a limiter sets, and nobody reads
 *
 * A limiter that holds the board's power holds it whatever runs: arithmetic, mixed
 * and memory-bound work draw the same to an AG_LIMITED_DIV-th, though without a
 * limiter memory-bound work draws half as much above rest. It sets the clock then,
 * and where nobody reads that, what was asked for says nothing: a board that is
 * held at a quarter of its clock shows 490 per mille of memory in memory-bound work,
 * 190 in arithmetic. Rule 10 of phase.c never learns such a level. But no window shows more
 * traffic than the work with most, so where power tells of a limiter the most
 * traffic of late, which follows as power does, is the level of memory-bound work,
 * at the clock that is; activities stay at it, and mixed work is what lies between
 * that and arithmetic, from nearer to arithmetic on, for at a low clock balanced work
 * has less than half of the traffic. Work has to show half as much traffic again as
 * arithmetic has at least, or nothing has been compared, and has to draw less than
 * AG_LIMITED_REST times what the board does at rest: a limiter costs most of the clock
 * only where little power is left for it. Elsewhere the clock is near the top, and the
 * levels of rule 10 are right.
 */
#ifndef _AG_LIMITED_H
#define _AG_LIMITED_H

#include "parts.h"
#include "phase.h"

#define AG_FORGET_SHIFT		14
#define AG_LIMITED_DIV		16
#define AG_LIMITED_REST		3
#define AG_LIMITED_STEADY	3
#define AG_LIMITED_BUSY		500
#define AG_TRAFFIC_ONE		1000

/* Is the clock measured, and not only asked for? */
static inline bool ag_is_told(const struct ag_rates *r)
{
	return ag_valid(r, ACCELGOV_SIG_CLOCK) && !(r->valid & AG_CLOCK_INFERRED);
}

/*
 * Does a limiter set the clock, whatever is asked for? All work draws the same then, much
 * traffic or little, and not much more than rest does.
 */
static inline bool ag_is_limited(const struct ag_phase *p)
{
	return p->work_high && p->work_high < AG_LIMITED_REST * p->rest_mw &&
	       p->work_high - p->work_low <= p->work_high / AG_LIMITED_DIV &&
	       p->traffic >= p->memory_least * (AG_TRAFFIC_ONE + AG_TRAFFIC_ONE / 2);
}

/* Extremes of late: at once outwards, slowly back. */
static inline void ag_lowest(u32 *low, u32 now)
{
	if (!*low || now < *low)
		*low = now;
	else
		*low += (now - *low) >> AG_FORGET_SHIFT;
}

static inline void ag_highest(u32 *high, u32 now)
{
	if (now > *high)
		*high = now;
	else
		*high -= (*high - now) >> AG_FORGET_SHIFT;
}

/*
 * Between what all work draws, what rest does, and the most traffic of late, whatever it
 * was called. Where the clock is read nobody needs that.
 */
static inline void ag_learn_work(struct ag_phase *p, const struct ag_rates *r,
				 const struct ag_parts *w,
				 enum accelgov_phase seen)
{
	bool works = w->busy >= AG_LIMITED_BUSY && seen != ACCELGOV_PHASE_LINK;

	if (ag_is_told(r)) {
		p->work_low = 0;
		p->work_high = 0;
		return;
	}
	if (!ag_valid(r, ACCELGOV_SIG_POWER) || !ag_valid(r, ACCELGOV_SIG_MEMORY))
		return;
	if (works)
		ag_highest(&p->traffic, w->memory * AG_TRAFFIC_ONE);
	if (p->steady < AG_LIMITED_STEADY)
		return;
	if (w->busy <= AG_QUIET_PERMILLE)
		p->rest_mw = r->power_mw;
	if (!works)
		return;
	ag_lowest(&p->work_low, r->power_mw);
	ag_highest(&p->work_high, r->power_mw);
}

#endif /* _AG_LIMITED_H */
