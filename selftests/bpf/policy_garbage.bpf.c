// SPDX-License-Identifier: GPL-2.0
/*
 * A policy that misbehaves in the way that its knob asks for, and behaves while
 * the knob is 0.
 */
#include "vmlinux.h"
#include "accelgov_policy.h"

enum { GOOD, PHASE, CLOCK, IDLE, SWITCH, BUDGET, SLOW, REFUSE };

__u32 kind ACCELGOV_KNOB = GOOD;
__u32 loops ACCELGOV_KNOB = 1000;
__u32 entered ACCELGOV_KNOB;
__u32 left_code ACCELGOV_KNOB;
__u32 left_offence ACCELGOV_KNOB;
__u64 kept ACCELGOV_KNOB;

static long spin(__u32 i, void *data)
{
	*(__u64 *)data += i;
	return 0;
}

SEC("struct_ops/init_device")
int BPF_PROG(garbage_init, struct accelgov_policy_ctx *q)
{
	if (kind == REFUSE)
		return -95;
	entered++;
	return 0;
}

SEC("struct_ops/exit_device")
void BPF_PROG(garbage_exit, struct accelgov_policy_ctx *q,
	      struct accelgov_policy_exit *exit)
{
	left_code = exit->code;
	left_offence = exit->offence;
}

SEC("struct_ops/classify")
int BPF_PROG(garbage_classify, struct accelgov_policy_ctx *q)
{
	return kind == PHASE ? 4711 : ACCELGOV_BUILTIN;
}

SEC("struct_ops/select")
int BPF_PROG(garbage_select, struct accelgov_policy_ctx *q)
{
	__u64 sum = 0;
	__u32 i;

	/* Words of the question last from one to the next. */
	q->scratch[1]++;
	kept = q->scratch[1];
	switch (kind) {
	case CLOCK:
		return q->top_khz + 1;
	case SWITCH:
		/* Near the top, where nothing but the switching costs. */
		q->scratch[0] ^= 1;
		return accelgov_opp_khz(q, accelgov_opp_nr(q) -
					   (q->scratch[0] ? 4 : 1));
	case BUDGET:
		return accelgov_opp_khz(q, 0);
	case SLOW:
		for (i = 0; i < 16; i++)
			bpf_loop(loops, spin, &sum, 0);
		return ACCELGOV_BUILTIN;
	default:
		return ACCELGOV_BUILTIN;
	}
}

SEC("struct_ops/idle_select")
int BPF_PROG(garbage_idle, struct accelgov_policy_ctx *q)
{
	return kind == IDLE ? -1000 : ACCELGOV_BUILTIN;
}

SEC(".struct_ops.link")
struct accelgov_ops garbage = {
	.init_device = (void *)garbage_init,
	.exit_device = (void *)garbage_exit,
	.classify = (void *)garbage_classify,
	.select = (void *)garbage_select,
	.idle_select = (void *)garbage_idle,
	.timeout_ms = 20,
	.name = "garbage",
};

char _license[] SEC("license") = "GPL";
