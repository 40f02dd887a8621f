// SPDX-License-Identifier: GPL-2.0
/*
 * learned_table - a clock per phase from a table that was learned elsewhere
 *
 * Observation. Whoever has swept the clocks of a job on this very board knows
 * better than any model. The table of such a sweep, or of a training run over
 * many of them, is all that is needed at run time.
 *
 * Rule.
 *  1. Each phase has a knob with its clock in kHz, 0 for what the built-in policy
 *     would choose: accelgov policy set DEVICE policy/memory_khz=1005000.
 *  2. The clock is the operating point at or below it.
 *  3. A phase that usually lasts shorter than four changes of the clock, and has
 *     not lasted longer yet, is not followed: the clock stays.
 */
#include "vmlinux.h"
#include "accelgov_policy.h"

__u32 compute_khz ACCELGOV_KNOB;
__u32 memory_khz ACCELGOV_KNOB;
__u32 link_khz ACCELGOV_KNOB;
__u32 stall_khz ACCELGOV_KNOB;
__u32 checkpoint_khz ACCELGOV_KNOB;
__u32 mixed_khz ACCELGOV_KNOB;
__u32 idle_khz ACCELGOV_KNOB;

static __always_inline __u32 look_up(__u32 phase)
{
	switch (phase) {
	case ACCELGOV_PHASE_COMPUTE:
		return compute_khz;
	case ACCELGOV_PHASE_MEMORY:
		return memory_khz;
	case ACCELGOV_PHASE_LINK:
		return link_khz;
	case ACCELGOV_PHASE_STALL:
		return stall_khz;
	case ACCELGOV_PHASE_CHECKPOINT:
		return checkpoint_khz;
	case ACCELGOV_PHASE_MIXED:
		return mixed_khz;
	default:
		return idle_khz;
	}
}

SEC("struct_ops/select")
int BPF_PROG(table_select, struct accelgov_policy_ctx *q)
{
	__u32 khz = look_up(q->phase), least_us = 4 * q->switch_us;

	if (q->dwell_us && q->dwell_us < least_us && q->phase_age_us < least_us)
		return ACCELGOV_HOLD;
	if (!khz)
		return q->may_switch ? ACCELGOV_BUILTIN : ACCELGOV_HOLD;
	return accelgov_settle(q, accelgov_point(q, khz));
}

SEC(".struct_ops.link")
struct accelgov_ops learned_table = {
	.select = (void *)table_select,
	.name = "learned_table",
};

char _license[] SEC("license") = "GPL";
