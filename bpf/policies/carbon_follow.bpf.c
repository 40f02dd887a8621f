// SPDX-License-Identifier: GPL-2.0
/*
 * carbon_follow - slower while the grid is dirty, faster while it is clean
 *
 * Observation. A job that may take a few per cent longer over a day needs not
 * lose them evenly: energy saved while the grid is dirty counts for more.
 *
 * Rule.
 *  1. intensity_permille, a knob that somebody with a feed writes (a timer, the
 *     daemon): the carbon intensity of the grid, 0 for the cleanest hour of the
 *     range, 1000 for the dirtiest.
 *  2. The slowdown that is allowed now is that part of the device's budget:
 *     none in the cleanest hour, all of it in the dirtiest.
 *  3. Take the clock of least energy among those that the models predict to be
 *     within it. Without work, and until the models know the phase, the built-in
 *     policy decides.
 *  4. A knob that nobody has written for stale_s counts as 1000: a feed that
 *     died must not cost energy. stamp_s is written along with it, in seconds
 *     of CLOCK_MONOTONIC; 0 for a value that does not age.
 */
#include "vmlinux.h"
#include "accelgov_policy.h"

#define NSEC_PER_SEC	1000000000ULL

__u32 intensity_permille ACCELGOV_KNOB = 1000;
__u32 stamp_s ACCELGOV_KNOB;
__u32 stale_s ACCELGOV_KNOB = 7200;

static __always_inline __u32 intensity(__u64 now_ns)
{
	__u32 age_s = stamp_s ? now_ns / NSEC_PER_SEC - stamp_s : 0;

	if (age_s > stale_s || intensity_permille > 1000)
		return 1000;
	return intensity_permille;
}

static __always_inline __u64 energy_of(const struct accelgov_prediction *p)
{
	return p->energy_permille;
}

SEC("struct_ops/select")
int BPF_PROG(carbon_select, struct accelgov_policy_ctx *q)
{
	__u32 allowed = q->budget_permille * intensity(q->now_ns) / 1000;
	__u32 best;

	if (accelgov_idle_phase(q->phase) || q->guarded)
		return ACCELGOV_BUILTIN;
	best = accelgov_cheapest(q, allowed, energy_of);
	return best ? accelgov_settle(q, best) : ACCELGOV_BUILTIN;
}

SEC(".struct_ops.link")
struct accelgov_ops carbon_follow = {
	.select = (void *)carbon_select,
	.flags = ACCELGOV_POLICY_PROBE,
	.name = "carbon_follow",
};

char _license[] SEC("license") = "GPL";
