// SPDX-License-Identifier: GPL-2.0
/*
 * Policy kfunc: what a policy may ask while it is asked
 *
 * The question that a callback got is the key: it leads to the device, and the
 * verifier lets through nothing but the pointer that the callback was called
 * with. Answers are copies, made under the device's lock.
 */
#include <linux/module.h>
#include "compat/bpf.h"
#include "device.h"
#include "policy.h"

static struct accelgov_device *device_of(const struct accelgov_policy_ctx *ctx)
{
	return container_of(ctx, struct accelgov_call, ctx)->agd;
}

static void lock(struct accelgov_device *agd, unsigned long *flags)
	__acquires(&agd->lock)
{
	raw_spin_lock_irqsave(&agd->lock, *flags);
}

static void unlock(struct accelgov_device *agd, unsigned long flags)
	__releases(&agd->lock)
{
	raw_spin_unlock_irqrestore(&agd->lock, flags);
}

__bpf_kfunc_start_defs();

/**
 * accelgov_opp_nr() - how many operating points the device has
 * @ctx: the callback's question
 *
 * Return: at least 1.
 */
__bpf_kfunc u32 accelgov_opp_nr(struct accelgov_policy_ctx *ctx)
{
	return device_of(ctx)->core.opp.nr;
}

/**
 * accelgov_opp_khz() - one operating point
 * @ctx: the callback's question
 * @index: 0 for the lowest clock
 *
 * Return: kHz, 0 behind the last.
 */
__bpf_kfunc u32 accelgov_opp_khz(struct accelgov_policy_ctx *ctx, u32 index)
{
	const struct ag_opp_table *t = &device_of(ctx)->core.opp;

	return index < t->nr ? t->khz[index] : 0;
}

/**
 * accelgov_predict() - what the models say of a phase at a clock
 * @ctx: the callback's question
 * @phase: &enum accelgov_phase
 * @khz: any clock; between operating points that of the next lower one counts
 *	for power
 * @ret: where it goes
 * @ret__sz: size of *@ret
 *
 * Return: 0, -EINVAL for another size, -ERANGE for a phase or a clock that does
 * not exist.
 */
__bpf_kfunc int accelgov_predict(struct accelgov_policy_ctx *ctx, u32 phase,
				 u32 khz, struct accelgov_prediction *ret,
				 u32 ret__sz)
{
	struct accelgov_device *agd = device_of(ctx);
	struct accelgov_prediction p;
	unsigned long flags;
	bool ok;

	if (ret__sz != sizeof(p))
		return -EINVAL;
	lock(agd, &flags);
	ok = ag_core_predict(&agd->core, phase, khz, &p);
	unlock(agd, flags);
	if (!ok)
		return -ERANGE;
	*ret = p;
	return 0;
}

/**
 * accelgov_ledger_read() - the books
 * @ctx: the callback's question
 * @ret: where they go
 * @ret__sz: size of *@ret
 *
 * Return: 0, or -EINVAL for another size.
 */
__bpf_kfunc int accelgov_ledger_read(struct accelgov_policy_ctx *ctx,
				     struct accelgov_ledger *ret, u32 ret__sz)
{
	struct accelgov_device *agd = device_of(ctx);
	const struct ag_core *core = &agd->core;
	unsigned long flags;

	if (ret__sz != sizeof(*ret))
		return -EINVAL;
	lock(agd, &flags);
	*ret = (struct accelgov_ledger){
		.work_us = core->guard.work_us,
		.lost_us = core->guard.lost_us,
		.work_total_us = core->guard.work_total_us,
		.lost_total_us = core->guard.lost_total_us,
		.energy_uj = core->energy_uj,
		.saved_uj = core->saved_uj,
		.price_mw = core->guard.price_mw,
	};
	unlock(agd, flags);
	return 0;
}

/**
 * accelgov_device_read() - what the device is
 * @ctx: the callback's question
 * @ret: where it goes
 * @ret__sz: size of *@ret
 *
 * Return: 0, or -EINVAL for another size.
 */
__bpf_kfunc int accelgov_device_read(struct accelgov_policy_ctx *ctx,
				     struct accelgov_device_info *ret,
				     u32 ret__sz)
{
	struct accelgov_device *agd = device_of(ctx);
	const struct ag_opp_table *t = &agd->core.opp;

	if (ret__sz != sizeof(*ret))
		return -EINVAL;
	memset(ret, 0, sizeof(*ret));
	strscpy(ret->name, accelgov_device_name(agd), sizeof(ret->name));
	ret->token = agd->token;
	ret->points = t->nr;
	ret->low_khz = t->khz[0];
	ret->top_khz = ag_opp_top_khz(t);
	ret->sample_period_us = READ_ONCE(agd->core.cfg.sample_period_us);
	ret->known_voltage = t->known_mv;
	return 0;
}

/**
 * accelgov_builtin_khz() - what the built-in policy would choose in a phase
 * @ctx: the callback's question
 * @phase: &enum accelgov_phase
 *
 * Return: an operating point in kHz; the highest for a phase that it has no plan
 * for, or that does not exist.
 */
__bpf_kfunc u32 accelgov_builtin_khz(struct accelgov_policy_ctx *ctx, u32 phase)
{
	struct accelgov_device *agd = device_of(ctx);
	unsigned long flags;
	u32 khz;

	lock(agd, &flags);
	khz = ag_core_planned(&agd->core, phase);
	unlock(agd, flags);
	return khz;
}

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(policy_kfuncs)
BTF_ID_FLAGS(func, accelgov_opp_nr, ACCELGOV_KF_TRUSTED)
BTF_ID_FLAGS(func, accelgov_opp_khz, ACCELGOV_KF_TRUSTED)
BTF_ID_FLAGS(func, accelgov_predict, ACCELGOV_KF_TRUSTED)
BTF_ID_FLAGS(func, accelgov_ledger_read, ACCELGOV_KF_TRUSTED)
BTF_ID_FLAGS(func, accelgov_device_read, ACCELGOV_KF_TRUSTED)
BTF_ID_FLAGS(func, accelgov_builtin_khz, ACCELGOV_KF_TRUSTED)
BTF_KFUNCS_END(policy_kfuncs)

static const struct btf_kfunc_id_set policy_kfunc_set = {
	.owner = THIS_MODULE,
	.set = &policy_kfuncs,
};

/**
 * accelgov_policy_kfunc_init() - offer the kfuncs to policies
 *
 * Return: 0 or a negative error.
 */
int accelgov_policy_kfunc_init(void)
{
	return register_btf_kfunc_id_set(BPF_PROG_TYPE_STRUCT_OPS,
					 &policy_kfunc_set);
}
