// SPDX-License-Identifier: GPL-2.0
/*
 * cap_follow - as fast as a power cap allows, and nothing else
 *
 * Observation. A rack that is short of power wants boards to stay under a cap and
 * to lose as little time as possible below it. The firmware's own limiter does
 * that late and in bursts; a clock that fits the cap in the first place does it
 * without overshoot.
 *
 * Rule.
 *  1. Without a cap: the highest clock.
 *  2. With one, the highest clock whose power, as the models have it in this
 *     phase, is below headroom_permille of the cap, a knob.
 *  3. Measured power above the cap lowers the clock by one point whatever the
 *     models say; the module trims its own estimate of the cap as well.
 *
 * The cap is accelgov/power_cap_uw, from an operator or the daemon. Phases
 * without a known power run at the highest clock that the module allows.
 */
#include "vmlinux.h"
#include "accelgov_policy.h"

__u32 headroom_permille ACCELGOV_KNOB = 970;

static __always_inline _Bool fits(struct accelgov_policy_ctx *q, __u32 khz,
				  __u64 cap_mw)
{
	struct accelgov_prediction p = {};

	return !accelgov_predict(q, q->phase, khz, &p, sizeof(p)) &&
	       p.power_mw <= cap_mw;
}

/* The highest point that fits; the lowest when none does. */
static __always_inline __u32 highest(struct accelgov_policy_ctx *q,
				     __u64 cap_mw)
{
	__u32 best = accelgov_opp_khz(q, 0), khz;
	int i;

	for (i = 1; i < ACCELGOV_OPP_MAX; i++) {
		khz = accelgov_opp_khz(q, i);
		if (!khz || !fits(q, khz, cap_mw))
			break;
		best = khz;
	}
	return best;
}

SEC("struct_ops/select")
int BPF_PROG(cap_select, struct accelgov_policy_ctx *q)
{
	__u64 cap_mw = q->power_cap_mw;
	__u32 khz;

	if (!cap_mw)
		return accelgov_settle(q, q->top_khz);
	khz = highest(q, cap_mw * headroom_permille / 1000);
	if (q->valid & (1U << ACCELGOV_SIG_POWER) &&
	    q->power_mw > cap_mw && khz >= q->target_khz)
		khz = accelgov_point(q, q->target_khz - 1);
	return accelgov_settle(q, khz);
}

SEC(".struct_ops.link")
struct accelgov_ops cap_follow = {
	.select = (void *)cap_select,
	.name = "cap_follow",
};

char _license[] SEC("license") = "GPL";
