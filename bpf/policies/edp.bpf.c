// SPDX-License-Identifier: GPL-2.0
/*
 * edp - the smallest product of energy and delay, within the budget
 *
 * Observation. Energy alone is least at a low clock that nobody wants to wait
 * for. The product of energy and time per unit of work weighs both without a
 * price: one per cent more time has to save more than one per cent of energy.
 *
 * Rule.
 *  1. For every operating point ask the models for energy and slowdown of this
 *     phase, and multiply energy by time to the power of delay_power, a knob: 1
 *     is the energy-delay product, 2 weighs delay more.
 *  2. Points slower than the slowdown budget are left out; the guard would take
 *     over otherwise.
 *  3. Take the least product. Until the models know the phase, the built-in
 *     policy decides.
 *
 * The models live on comparisons with the highest clock, so the built-in policy's
 * probes stay on.
 */
#include "vmlinux.h"
#include "accelgov_policy.h"

__u32 delay_power ACCELGOV_KNOB = 1;

static __always_inline __u64 product_of(const struct accelgov_prediction *p)
{
	__u64 time = 1000 + p->slowdown_permille;
	__u64 product = p->energy_permille * time;

	return delay_power > 1 ? product * time / 1000 : product;
}

SEC("struct_ops/select")
int BPF_PROG(edp_select, struct accelgov_policy_ctx *q)
{
	__u32 best;

	if (accelgov_idle_phase(q->phase) || q->guarded)
		return ACCELGOV_BUILTIN;
	best = accelgov_cheapest(q, q->budget_permille, product_of);
	return best ? accelgov_settle(q, best) : ACCELGOV_BUILTIN;
}

SEC(".struct_ops.link")
struct accelgov_ops edp = {
	.select = (void *)edp_select,
	.flags = ACCELGOV_POLICY_PROBE,
	.name = "edp",
};

char _license[] SEC("license") = "GPL";
