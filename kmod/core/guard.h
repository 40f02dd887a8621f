/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _AG_GUARD_H
#define _AG_GUARD_H

#include "types.h"

/* The promise is kept over any 60 s: one bucket a second, one spare. */
#define AG_GUARD_BUCKETS	64
#define AG_GUARD_HORIZON_S	60

/**
 * struct ag_guard_bucket - one second of the ledger
 * @work_us: time that the work would have taken at the top clock
 * @lost_us: what it took longer
 */
struct ag_guard_bucket {
	u32 work_us;
	u32 lost_us;
};

/* What a minute may lose beyond the budget. */
#define AG_SPARE_PERMILLE	5

/**
 * struct ag_guard - ledger of lost time over a sliding horizon
 * @bucket: ring, indexed by second
 * @second: newest bucket's second of CLOCK_MONOTONIC
 * @work_us: sum over the horizon
 * @lost_us: sum over the horizon
 * @lost_total_us: since the beginning
 * @work_total_us: since the beginning
 * @price_mw: what a second of lost time may cost in power, the multiplier of
 *	the budget constraint
 * @priced_us: work since the price was last moved
 * @goal: part of the budget that the books are steered to, a fraction of AG_ONE
 * @late_us: longest time of late that the clock took to follow
 * @later_us: lost time that minutes to come can't pay for, held back
 * @later_spare_us: the same of what may be lost at all, ag_guard_spare_us()
 * @engaged: budget used up, top clock until it recovers
 * @slow: the clock comes when what it was for is over
 */
struct ag_guard {
	struct ag_guard_bucket bucket[AG_GUARD_BUCKETS];
	u64 second;
	u64 work_us;
	u64 lost_us;
	u64 lost_total_us;
	u64 work_total_us;
	u32 price_mw;
	u32 priced_us;
	u32 goal;
	u32 late_us;
	u32 later_us;
	u32 later_spare_us;
	bool engaged;
	bool slow;
};

void ag_guard_init(struct ag_guard *g, u64 now_ns);
bool ag_guard_account(struct ag_guard *g, u64 now_ns, u32 work_us, u32 lost_us,
		      u32 budget_permille);
u32 ag_guard_spare_us(const struct ag_guard *g, u32 budget_permille,
		      bool lasting);
void ag_guard_late(struct ag_guard *g, u32 us, u32 mean_us);
bool ag_guard_price_due(const struct ag_guard *g);
void ag_guard_reprice(struct ag_guard *g, u32 budget_permille, u32 predicted,
		      bool worth, u32 power_mw);
u32 ag_guard_slowdown_permille(const struct ag_guard *g);

#endif /* _AG_GUARD_H */
