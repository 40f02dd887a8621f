/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _AG_LIMITER_H
#define _AG_LIMITER_H

#include "types.h"
#include "sample.h"

/**
 * enum ag_limiter_state - who holds the power cap
 * @AG_LIMITER_OFF: nothing is asked of the device: it is the clock, if anybody
 * @AG_LIMITER_ASKED: the device was asked and has not answered: still the clock
 * @AG_LIMITER_HOLDS: the device has said that it does
 * @AG_LIMITER_FAILED: it refused or did not: the clock, until it is asked again
 */
enum ag_limiter_state {
	AG_LIMITER_OFF,
	AG_LIMITER_ASKED,
	AG_LIMITER_HOLDS,
	AG_LIMITER_FAILED,
};

/**
 * struct ag_limiter - the device's own hold on its power
 * @until_ns: while it is asked: when the wish ends unless work is bound before; when
 *	it has failed: when it is asked again at the earliest
 * @min_mw: lowest cap that it takes
 * @max_mw: highest, 0 without a limiter
 * @asked_mw: cap that it is asked to hold, 0 for none
 * @over_ms: time for which power was above @asked_mw, less that for which it was not
 * @state: see &enum ag_limiter_state
 * @failed: how often it has failed since the cap was last changed
 */
struct ag_limiter {
	u64 until_ns;
	u32 min_mw;
	u32 max_mw;
	u32 asked_mw;
	s16 over_ms;
	u8 state;
	u8 failed;
};

void ag_limiter_init(struct ag_limiter *l, u32 min_mw, u32 max_mw);
void ag_limiter_configure(struct ag_limiter *l, u32 cap_mw);
void ag_limiter_update(struct ag_limiter *l, u32 cap_mw,
		       const struct ag_rates *r, bool capped);
void ag_limiter_answer(struct ag_limiter *l, bool done, u64 now_ns);
bool ag_limiter_holds(const struct ag_limiter *l, u32 cap_mw);
bool ag_limiter_near(const struct ag_limiter *l, const struct ag_rates *r);

#endif /* _AG_LIMITER_H */
