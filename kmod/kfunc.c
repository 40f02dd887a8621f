// SPDX-License-Identifier: GPL-2.0
/*
 * Kfunc: the door for BPF programs
 *
 * accelgov_push() runs in whatever context the program runs in, perf events in
 * NMI included. It copies the sample once, checks the copy (a program may hand
 * over map memory that another CPU writes), and leaves it in the device's ring.
 * All thinking happens later, in irq_work.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/timekeeping.h>
#include "device.h"
#include "intake.h"
#include "kfunc.h"
#include "token.h"

static bool bpf_enabled = true;
module_param_named(bpf, bpf_enabled, bool, 0444);
MODULE_PARM_DESC(bpf, "offer accelgov_push() and accelgov_ops to BPF programs (reads N when it can't be)");

__bpf_kfunc_start_defs();

/**
 * accelgov_push() - hand one window of signals to the governor
 * @token: device, as read from its push_token file
 * @s: the sample
 * @s__sz: size of *@s; another size is another ABI and refused
 *
 * Context: any, NMI included; takes no lock and never waits.
 * Return: 0, -ENODEV when the token's device has left the governor, -EINVAL for
 * an impossible sample, -EBUSY when the sample was dropped because it came too
 * soon after the one before or the ring was full.
 */
__bpf_kfunc int accelgov_push(u32 token, const struct accelgov_sample *s,
			      u32 s__sz)
{
	u64 now_ns = ktime_get_mono_fast_ns();
	struct accelgov_sample sample;
	struct accelgov_device *agd;
	int err;

	if (s__sz != sizeof(sample))
		return -EINVAL;
	sample = *s;
	err = accelgov_intake_check(&sample, now_ns);
	if (err)
		return err;

	rcu_read_lock();
	agd = accelgov_token_device(token);
	err = agd ? accelgov_intake_push(agd, &sample, now_ns) : -ENODEV;
	rcu_read_unlock();
	return err;
}

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(accelgov_kfuncs)
BTF_ID_FLAGS(func, accelgov_push)
BTF_KFUNCS_END(accelgov_kfuncs)

static const struct btf_kfunc_id_set accelgov_kfunc_set = {
	.owner = THIS_MODULE,
	.set = &accelgov_kfuncs,
};

/* Registration succeeds without BTF as well, and then serves nobody. */
static bool have_btf(void)
{
#ifdef CONFIG_DEBUG_INFO_BTF_MODULES
	return THIS_MODULE->btf_data_size;
#else
	return false;
#endif
}

/**
 * accelgov_kfunc_init() - let BPF programs push samples and bring policies
 *
 * TRACING is the same hook for fentry, tp_btf, tracepoint and perf_event
 * programs. There is nothing to undo: the set goes with the module's BTF.
 *
 * Return: 0, also when BPF is off or the module has no BTF.
 */
int accelgov_kfunc_init(void)
{
	static const enum bpf_prog_type types[] = {
		BPF_PROG_TYPE_TRACING,
		BPF_PROG_TYPE_SYSCALL,
		BPF_PROG_TYPE_KPROBE,
	};
	int i, err;

	if (!bpf_enabled)
		return 0;
	if (!have_btf()) {
		pr_warn("built without BTF: no BPF program can push signals, every device stays in fallback\n");
		bpf_enabled = false;
		return 0;
	}
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		err = register_btf_kfunc_id_set(types[i], &accelgov_kfunc_set);
		if (err)
			return err;
	}
	err = accelgov_policy_kfunc_init();
	return err ?: accelgov_policy_ops_init();
}
