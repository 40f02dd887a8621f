// SPDX-License-Identifier: GPL-2.0
/*
 * race_to_idle - the highest clock while there is work, the lowest when not
 *
 * Observation. Where an idle device costs little, because it suspends or clocks
 * everything down, finishing early can save more than running slowly: the board's
 * constant power is paid for a shorter time. It is also the rule to compare
 * every other one with.
 *
 * Rule. In every phase with work: the highest operating point. Without work: the
 * lowest, and suspend after suspend_ms, a knob; 0 suspends at once.
 */
#include "vmlinux.h"
#include "accelgov_policy.h"

__u32 suspend_ms ACCELGOV_KNOB = 500;

SEC("struct_ops/select")
int BPF_PROG(race_select, struct accelgov_policy_ctx *q)
{
	__u32 low = accelgov_opp_khz(q, 0);

	return accelgov_settle(q, accelgov_idle_phase(q->phase) ?
				    low : q->top_khz);
}

SEC("struct_ops/idle_select")
int BPF_PROG(race_idle, struct accelgov_policy_ctx *q)
{
	return suspend_ms & 0x7fffffff;
}

SEC(".struct_ops.link")
struct accelgov_ops race_to_idle = {
	.select = (void *)race_select,
	.idle_select = (void *)race_idle,
	.name = "race_to_idle",
};

char _license[] SEC("license") = "GPL";
