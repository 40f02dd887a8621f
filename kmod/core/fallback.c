// SPDX-License-Identifier: GPL-2.0
/*
 * Fallback: a clock without signals
 *
 * Observation. A collector can die, and what it said last is soon wrong: the
 * device may have gone from decode to prefill since.
 *
 * Algorithm.
 *  1. After AG_STALE_PERIODS sample periods without a window nothing is known
 *     any more but busy time, which the driver counts itself. The phase is
 *     unknown. What was learned about phases stays, for when signals come back.
 *  2. Busy time decides, by the rule of the kernel's simple_ondemand, so that
 *     users are no worse off than without accelgov: above AG_ONDEMAND_UP per
 *     cent busy the highest clock; within AG_ONDEMAND_DIFF below that the clock
 *     stays; else the clock at which the same work would keep the device in the
 *     middle of that band, and of its operating points the next higher one.
 *  3. A power cap stays what was promised: no clock at which the hungriest phase
 *     that was ever measured would break it, unless the device holds the cap itself.
 *
 * Constants. Both percentages are simple_ondemand's defaults. Three periods: one
 * lost sample and one that is late are no failure.
 */
#include "core.h"

#define AG_STALE_PERIODS	3
/* In per cent of busy time. */
#define AG_ONDEMAND_UP		90
#define AG_ONDEMAND_DIFF	5

/**
 * ag_core_stale() - are the signals too old to decide with?
 * @c: state
 * @now_ns: time
 *
 * Return: true when they are.
 */
bool ag_core_stale(const struct ag_core *c, u64 now_ns)
{
	u64 limit = (u64)AG_STALE_PERIODS * c->cfg.sample_period_us *
		    NSEC_PER_USEC;

	return !c->samples || now_ns > c->rates.time_ns + limit;
}

/**
 * ag_core_lost_signals() - forget what only fresh signals make true
 * @c: state
 * @now_ns: time
 */
void ag_core_lost_signals(struct ag_core *c, u64 now_ns)
{
	enum accelgov_phase old = c->phase.now;

	if (old != ACCELGOV_PHASE_UNKNOWN)
		ag_sens_phase_change(&c->sens);
	ag_phase_unknown(&c->phase, now_ns);
	c->probing = false;
	c->applied_ns = 0;
	c->reason = AG_REASON_FALLBACK;
	c->planned_khz = ag_opp_top_khz(&c->opp);
}

/* The clock that would leave the device as busy as it should be, rounded up. */
static u32 ag_core_proportional(u64 busy, u64 total, u32 cur_khz)
{
	u64 full = total * (AG_ONDEMAND_UP - AG_ONDEMAND_DIFF / 2);

	return (u32)div64_u64(busy * cur_khz * 100 + full - 1, full);
}

/**
 * ag_core_fallback() - decide from busy time alone, as simple_ondemand does
 * @c: state
 * @busy: busy time of the driver's last interval, any unit
 * @total: length of that interval, same unit
 * @cur_khz: clock during it
 * @min_khz: lowest clock allowed
 * @max_khz: highest clock allowed
 * @ret: the decision
 */
void ag_core_fallback(struct ag_core *c, u64 busy, u64 total, u32 cur_khz,
		      u32 min_khz, u32 max_khz, struct ag_decision *ret)
{
	u32 up = AG_ONDEMAND_UP, khz;

	max_khz = max_t(u32, min_khz, min_t(u32, max_khz, ag_core_cap_khz(c)));
	khz = max_khz;
	while (busy >> 24 || total >> 24) {
		busy >>= 7;
		total >>= 7;
	}
	if (total && cur_khz && busy * 100 <= total * up) {
		khz = cur_khz;
		if (busy * 100 <= total * (up - AG_ONDEMAND_DIFF))
			khz = ag_core_proportional(busy, total, cur_khz);
	}
	khz = max_t(u32, min_t(u32, khz, max_khz), min_khz);
	khz = c->opp.khz[ag_opp_ceil(&c->opp, khz)];
	memset(ret, 0, sizeof(*ret));
	ret->khz = max_t(u32, min_t(u32, khz, max_khz), min_khz);
	ret->reason = AG_REASON_FALLBACK;
	ret->energy_permille = 1000;
	ret->cap_mw = c->limiter.asked_mw;
	c->planned_khz = khz;
}
