/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ACCELGOV_POLICY_H
#define _ACCELGOV_POLICY_H

#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include "core/core.h"
#include "core/judge.h"
#include "uapi/accelgov_policy.h"

struct accelgov_device;
struct accelgov_policy;
struct bpf_link;

/**
 * struct accelgov_ops - a policy, the struct_ops type of BPF programs
 * @init_device: the policy comes to a device; 0, or a negative errno to leave
 *	that device to the built-in policy
 * @exit_device: the policy leaves the device, for whatever reason
 * @classify: names the window: &enum accelgov_phase or %ACCELGOV_BUILTIN
 * @select: wishes a clock: an operating point in kHz, %ACCELGOV_BUILTIN or
 *	%ACCELGOV_HOLD
 * @idle_select: wishes an autosuspend delay: milliseconds, %ACCELGOV_NEVER or
 *	%ACCELGOV_BUILTIN
 * @flags: &enum accelgov_policy_flags
 * @timeout_ms: longest time that a callback may take, 1 to
 *	%ACCELGOV_TIMEOUT_MAX_MS, 0 for %ACCELGOV_TIMEOUT_DEFAULT_MS
 * @name: what users call it: letters, digits, ".", "_" and "-"
 * @device: the one devfreq device that it is for, empty for all that have no
 *	policy of their own
 *
 * Callbacks run in process context, one at a time for each device, with the
 * device's policy lock held and no other; interrupts and preemption are on. They
 * may not sleep. All are optional, but one of the middle three has to be there.
 */
struct accelgov_ops {
	s32 (*init_device)(struct accelgov_policy_ctx *ctx);
	void (*exit_device)(struct accelgov_policy_ctx *ctx,
			    struct accelgov_policy_exit *exit);
	s32 (*classify)(struct accelgov_policy_ctx *ctx);
	s32 (*select)(struct accelgov_policy_ctx *ctx);
	s32 (*idle_select)(struct accelgov_policy_ctx *ctx);
	u64 flags;
	u32 timeout_ms;
	char name[ACCELGOV_POLICY_NAME_LEN];
	char device[ACCELGOV_DEVICE_NAME_LEN];
};

/**
 * struct accelgov_binding - one policy on one device
 * @policy: whose, NULL once it has ended
 * @ops: its callbacks, NULL once it has ended
 * @name: its name
 * @judge: its record; accelgov_device.lock
 * @scratch: words that the policy keeps here; accelgov_place.lock
 * @dwell_us: mean length of the episodes of each phase that it saw, 0 before the
 *	first has ended; accelgov_place.lock
 * @calls: callbacks run; accelgov_device.lock
 * @longest_ns: longest of them; accelgov_device.lock
 * @exit: why it has ended
 * @status: what init_device() returned when that is why
 */
struct accelgov_binding {
	struct accelgov_policy *policy;
	const struct accelgov_ops *ops;
	char name[ACCELGOV_POLICY_NAME_LEN];
	struct ag_judge judge;
	u64 scratch[ACCELGOV_SCRATCH_WORDS];
	u32 dwell_us[ACCELGOV_PHASE_NR];
	u64 calls;
	u64 longest_ns;
	enum accelgov_exit_code exit;
	s32 status;
};

/**
 * struct accelgov_place - where policies come and go on one device
 * @agd: the device
 * @node: in the list of places; the registry's lock
 * @lock: held over every callback and while policies come and go; outside of
 *	accelgov_device.lock, never together with df->lock
 * @intake: takes samples out of the ring while a policy is to be asked
 * @asking: @intake has one out; accelgov_device.lock
 * @active: who decides, NULL for the built-in policy; changed with @lock and
 *	accelgov_device.lock held
 * @last: who decided before; the same
 * @next: who will decide once all devices are ready; the registry's lock
 */
struct accelgov_place {
	struct accelgov_device *agd;
	struct list_head node;
	struct mutex lock; /* callbacks, and who gets them */
	struct work_struct intake;
	bool asking;
	struct accelgov_binding *active;
	struct accelgov_binding *last;
	struct accelgov_binding *next;
};

/**
 * struct accelgov_call - a question with what kfuncs need to know
 * @ctx: what the program sees
 * @agd: the device
 */
struct accelgov_call {
	struct accelgov_policy_ctx ctx;
	struct accelgov_device *agd;
};

/* policy.c: who is there */
int accelgov_policy_register(const struct accelgov_ops *ops,
			     struct bpf_link *link);
void accelgov_policy_unregister(const struct accelgov_ops *ops);
int accelgov_policy_replace(const struct accelgov_ops *ops,
			    const struct accelgov_ops *old,
			    struct bpf_link *link);
void accelgov_policy_eject(struct accelgov_policy *policy,
			   struct accelgov_binding *guilty);
bool accelgov_policy_ejected(const struct accelgov_policy *policy);
int accelgov_place_new(struct accelgov_device *agd);
void accelgov_place_free(struct accelgov_device *agd);
void accelgov_place_add(struct accelgov_device *agd);
void accelgov_place_remove(struct accelgov_device *agd);

/* policy_call.c: questions and answers */
struct accelgov_binding *accelgov_policy_of(struct accelgov_device *agd);
void accelgov_call_fill(struct accelgov_device *agd, struct accelgov_call *call,
			const struct ag_rates *rates);
void accelgov_call_dwelt(struct accelgov_binding *b, u32 phase, u32 us);
s32 accelgov_call_init(struct accelgov_device *agd, struct accelgov_binding *b);
void accelgov_call_exit(struct accelgov_device *agd, struct accelgov_binding *b);
s32 accelgov_call_classify(struct accelgov_binding *b,
			   struct accelgov_call *call);
s32 accelgov_call_select(struct accelgov_binding *b, struct accelgov_call *call,
			 bool imposed);
u32 accelgov_call_idle(struct accelgov_device *agd, u32 builtin_ms);

/* policy_ops.c, policy_kfunc.c: the door for programs */
int accelgov_policy_ops_init(void);
int accelgov_policy_kfunc_init(void);
u32 accelgov_opp_nr(struct accelgov_policy_ctx *ctx);
u32 accelgov_opp_khz(struct accelgov_policy_ctx *ctx, u32 index);
int accelgov_predict(struct accelgov_policy_ctx *ctx, u32 phase, u32 khz,
		     struct accelgov_prediction *ret, u32 ret__sz);
int accelgov_ledger_read(struct accelgov_policy_ctx *ctx,
			 struct accelgov_ledger *ret, u32 ret__sz);
int accelgov_device_read(struct accelgov_policy_ctx *ctx,
			 struct accelgov_device_info *ret, u32 ret__sz);
u32 accelgov_builtin_khz(struct accelgov_policy_ctx *ctx, u32 phase);

#endif /* _ACCELGOV_POLICY_H */
