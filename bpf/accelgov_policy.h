/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - what a policy in BPF includes
 *
 *	#include "vmlinux.h"
 *	#include "accelgov_policy.h"
 *
 *	SEC("struct_ops/select")
 *	int BPF_PROG(my_select, struct accelgov_policy_ctx *q)
 *	{
 *		return ACCELGOV_BUILTIN;
 *	}
 *
 *	SEC(".struct_ops.link")
 *	struct accelgov_ops my_policy = {
 *		.select = (void *)my_select,
 *		.name = "my_policy",
 *	};
 *
 * Every field that a program uses is looked up in the running module's types
 * when it is loaded, so one object fits later modules as well. The policy guide
 * tells the rest.
 */
#ifndef ACCELGOV_BPF_POLICY_H
#define ACCELGOV_BPF_POLICY_H

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

#include "../kmod/uapi/accelgov_policy.h"

/**
 * struct accelgov_ops - a policy; all callbacks are optional, but one of
 *	classify, select and idle_select has to be there
 * @init_device: the policy comes to a device; a negative errno leaves the device
 *	to the built-in policy
 * @exit_device: it leaves the device
 * @classify: &enum accelgov_phase of the window, or %ACCELGOV_BUILTIN
 * @select: an operating point in kHz, %ACCELGOV_BUILTIN or %ACCELGOV_HOLD
 * @idle_select: an autosuspend delay in milliseconds, %ACCELGOV_NEVER or
 *	%ACCELGOV_BUILTIN
 * @flags: &enum accelgov_policy_flags
 * @timeout_ms: longest time of a callback, 0 for 10
 * @name: one word
 * @device: devfreq device that it is for, empty for all; accelgov policy load
 *	--device fills it in
 */
struct accelgov_ops {
	int (*init_device)(struct accelgov_policy_ctx *q);
	void (*exit_device)(struct accelgov_policy_ctx *q,
			    struct accelgov_policy_exit *exit);
	int (*classify)(struct accelgov_policy_ctx *q);
	int (*select)(struct accelgov_policy_ctx *q);
	int (*idle_select)(struct accelgov_policy_ctx *q);
	__u64 flags;
	__u32 timeout_ms;
	char name[ACCELGOV_POLICY_NAME_LEN];
	char device[ACCELGOV_DEVICE_NAME_LEN];
};

#pragma clang attribute pop

/* What a policy may ask; see policy_kfunc.c. */
extern __u32 accelgov_opp_nr(struct accelgov_policy_ctx *q) __ksym;
extern __u32 accelgov_opp_khz(struct accelgov_policy_ctx *q,
			      __u32 index) __ksym;
extern int accelgov_predict(struct accelgov_policy_ctx *q, __u32 phase,
			    __u32 khz, struct accelgov_prediction *ret,
			    __u32 ret__sz) __ksym;
extern int accelgov_ledger_read(struct accelgov_policy_ctx *q,
				struct accelgov_ledger *ret,
				__u32 ret__sz) __ksym;
extern int accelgov_device_read(struct accelgov_policy_ctx *q,
				struct accelgov_device_info *ret,
				__u32 ret__sz) __ksym;
extern __u32 accelgov_builtin_khz(struct accelgov_policy_ctx *q,
				  __u32 phase) __ksym;

/* More than any device has: bounds loops over operating points. */
#define ACCELGOV_OPP_MAX	128

/* A variable that accelgov policy set can write while the policy runs. */
#define ACCELGOV_KNOB	SEC(".data.knobs")

/**
 * accelgov_point() - the highest operating point at or below a clock
 * @q: the question
 * @khz: the clock
 *
 * Return: kHz; the lowest point when @khz is below it.
 */
static __always_inline __u32 accelgov_point(struct accelgov_policy_ctx *q,
					    __u32 khz)
{
	__u32 best = accelgov_opp_khz(q, 0), at;
	int i;

	for (i = 1; i < ACCELGOV_OPP_MAX; i++) {
		at = accelgov_opp_khz(q, i);
		if (!at || at > khz)
			break;
		best = at;
	}
	return best;
}

/**
 * accelgov_cheapest() - the operating point that costs least within a slowdown
 * @q: the question
 * @allowed_permille: longest predicted slowdown of the phase
 * @cost: what a point costs, from what the models predict for it
 *
 * Return: kHz, the lowest of several points of the same cost; 0 while the models
 * don't know the phase, or when no point is fast enough.
 */
static __always_inline __u32
accelgov_cheapest(struct accelgov_policy_ctx *q, __u32 allowed_permille,
		  __u64 (*cost)(const struct accelgov_prediction *p))
{
	struct accelgov_prediction p = {};
	__u64 here, least = ~0ULL;
	__u32 best = 0, khz;
	int i;

	for (i = 0; i < ACCELGOV_OPP_MAX; i++) {
		khz = accelgov_opp_khz(q, i);
		if (!khz)
			break;
		if (accelgov_predict(q, q->phase, khz, &p, sizeof(p)) ||
		    p.slowdown_permille > allowed_permille)
			continue;
		here = cost(&p);
		if (here < least) {
			least = here;
			best = khz;
		}
	}
	return best;
}

/**
 * accelgov_settle() - wish a clock, but only when a change is due
 * @q: the question
 * @khz: the clock
 *
 * Return: @khz, or %ACCELGOV_HOLD while a change would be refused.
 */
static __always_inline int accelgov_settle(struct accelgov_policy_ctx *q,
					   __u32 khz)
{
	return q->may_switch || khz == q->target_khz ? (int)khz :
							   ACCELGOV_HOLD;
}

/**
 * accelgov_idle_phase() - is there nothing to do?
 * @phase: &enum accelgov_phase
 *
 * Return: true when nothing is submitted, whether or not a job is there.
 */
static __always_inline _Bool accelgov_idle_phase(__u32 phase)
{
	return phase == ACCELGOV_PHASE_LOADED_IDLE ||
	       phase == ACCELGOV_PHASE_IDLE;
}

#endif /* ACCELGOV_BPF_POLICY_H */
