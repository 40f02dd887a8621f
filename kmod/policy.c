// SPDX-License-Identifier: GPL-2.0
/*
 * Policy: who decides about which device, and how that changes
 *
 * A policy is for one device, named by its devfreq name, or for all that have no
 * policy of their own. There is at most one of each kind; a second is refused
 * and has to replace the first through its link. Each device that a policy
 * decides about has a binding with its record (judge.c) and its words.
 *
 *  1. To come, a policy is prepared on every device it is for: a binding is made
 *     and init_device() runs. When one refuses, all are undone and nothing has
 *     changed. Then each device takes the new binding for the old one in one
 *     step; samples that arrive meanwhile wait in the ring (intake.c).
 *  2. A device that comes later gets the policy that is there for it. When
 *     init_device() refuses then, that device stays with the built-in policy.
 *  3. To go, the binding leaves, exit_device() runs, the clock becomes what the
 *     built-in policy wants, and the binding stays readable as the last one.
 *  4. A policy that used up an error budget is ejected, everywhere: it is not
 *     asked again from that moment on, work takes it off its devices, and then
 *     its link is detached, which tells whoever loaded it and lets its programs
 *     and the module go.
 *
 * Locks, outermost first: the update lock of struct_ops (kernel), the registry's
 * lock here, accelgov_place.lock, accelgov_device.lock. Devices come and go with
 * accelgov_devices_lock outside of all but the first.
 */
#include <linux/bpf.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include "device.h"
#include "policy.h"
#include "retarget.h"
#include "trace.h"

/**
 * struct accelgov_policy - one that is registered
 * @node: in the list of policies, while registered
 * @kref: one for the registration, one for the ejection
 * @ops: callbacks, NULL once unregistered
 * @link: what it is attached with, NULL when its map alone holds it
 * @eject: takes it off its devices
 * @ejected: it has to go and is asked no more
 */
struct accelgov_policy {
	struct list_head node;
	struct kref kref;
	const struct accelgov_ops *ops;
	struct bpf_link *link;
	struct work_struct eject;
	unsigned long ejected;
};

static LIST_HEAD(policies);
static LIST_HEAD(places);
static DEFINE_MUTEX(registry_lock);

static struct accelgov_device *device_of(struct accelgov_place *place)
{
	return place->agd;
}

static bool is_for(const struct accelgov_policy *policy,
		   struct accelgov_device *agd)
{
	return !strcmp(policy->ops->device, accelgov_device_name(agd));
}

/**
 * accelgov_policy_ejected() - was the policy thrown out?
 * @policy: policy of a binding that is active
 *
 * Return: true when it was, and must not be asked any more.
 */
bool accelgov_policy_ejected(const struct accelgov_policy *policy)
{
	return READ_ONCE(policy->ejected);
}

static void policy_release(struct kref *kref)
{
	kfree(container_of(kref, struct accelgov_policy, kref));
}

static struct accelgov_policy *find_ops(const struct accelgov_ops *ops)
{
	struct accelgov_policy *policy;

	list_for_each_entry(policy, &policies, node)
		if (policy->ops == ops)
			return policy;
	return NULL;
}

/* One that is for the device of this name, or with "" for all others. */
static struct accelgov_policy *find_scope(const char *device)
{
	struct accelgov_policy *policy;

	list_for_each_entry(policy, &policies, node)
		if (!policy->ejected && !strcmp(policy->ops->device, device))
			return policy;
	return NULL;
}

static struct accelgov_policy *policy_of(struct accelgov_device *agd)
{
	return find_scope(accelgov_device_name(agd)) ?: find_scope("");
}

/* The device takes @b, or nobody, for who is there; @code is why. */
static void exchange(struct accelgov_device *agd, struct accelgov_binding *b,
		     enum accelgov_exit_code code)
{
	struct accelgov_place *place = agd->place;
	struct accelgov_binding *old, *older = NULL;
	unsigned long flags;

	mutex_lock(&place->lock);
	raw_spin_lock_irqsave(&agd->lock, flags);
	old = place->active;
	WRITE_ONCE(place->active, b);
	if (old) {
		if (old->exit == ACCELGOV_EXIT_NONE)
			old->exit = code;
		older = place->last;
		place->last = old;
		ag_core_unsteer(&agd->core);
	}
	raw_spin_unlock_irqrestore(&agd->lock, flags);
	if (old) {
		trace_policy(accelgov_device_name(agd), "detach", old->name,
			     old->exit);
		accelgov_call_exit(agd, old);
		old->policy = NULL;
		old->ops = NULL;
	}
	mutex_unlock(&place->lock);
	kfree(older);
	if (b)
		trace_policy(accelgov_device_name(agd), "attach", b->name,
			     b->ops->flags);
	if (b || old)
		accelgov_request(agd, ACCELGOV_TRIGGER_POLICY);
	queue_work(accelgov_wq, &agd->runtime.work);
}

/* Return: 0 and the policy waits in place->next, or what init_device() said. */
static int prepare(struct accelgov_policy *policy, struct accelgov_device *agd)
{
	struct accelgov_binding *b = kzalloc(sizeof(*b), GFP_KERNEL);
	s32 status;

	if (!b)
		return -ENOMEM;
	b->policy = policy;
	b->ops = policy->ops;
	strscpy(b->name, policy->ops->name, sizeof(b->name));
	ag_judge_init(&b->judge, ktime_get_ns());
	b->judge.engaged = READ_ONCE(agd->core.guard.engaged);
	mutex_lock(&agd->place->lock);
	status = accelgov_call_init(agd, b);
	mutex_unlock(&agd->place->lock);
	if (status) {
		kfree(b);
		/* Whatever a program says, user space gets an errno. */
		return status < 0 && status >= -MAX_ERRNO ? status : -EINVAL;
	}
	agd->place->next = b;
	return 0;
}

static void unprepare(struct accelgov_device *agd)
{
	struct accelgov_binding *b = agd->place->next;

	agd->place->next = NULL;
	b->exit = ACCELGOV_EXIT_UNLOAD;
	mutex_lock(&agd->place->lock);
	accelgov_call_exit(agd, b);
	mutex_unlock(&agd->place->lock);
	kfree(b);
}

static void commit(struct accelgov_device *agd)
{
	struct accelgov_binding *b = agd->place->next;

	agd->place->next = NULL;
	exchange(agd, b, ACCELGOV_EXIT_REPLACED);
}

/* Is @policy the one for @agd once @old, if any, is gone? */
static bool takes(const struct accelgov_policy *policy,
		  const struct accelgov_policy *old,
		  struct accelgov_device *agd)
{
	struct accelgov_binding *active = agd->place->active;

	if (policy->ops->device[0])
		return is_for(policy, agd);
	if (old)
		return active && active->policy == old;
	return !find_scope(accelgov_device_name(agd));
}

/* All devices that the policy is for, or none. */
static int bind_all(struct accelgov_policy *policy,
		    const struct accelgov_policy *old)
{
	struct accelgov_place *place;
	int err = 0;

	list_for_each_entry(place, &places, node) {
		if (takes(policy, old, device_of(place)))
			err = prepare(policy, device_of(place));
		if (err)
			break;
	}
	list_for_each_entry(place, &places, node) {
		if (!place->next)
			continue;
		if (err)
			unprepare(device_of(place));
		else
			commit(device_of(place));
	}
	return err;
}

static void unbind_all(struct accelgov_policy *policy,
		       enum accelgov_exit_code code)
{
	struct accelgov_place *place;

	list_for_each_entry(place, &places, node)
		if (place->active && place->active->policy == policy)
			exchange(device_of(place), NULL, code);
}

/* Devices that lost their own policy are the common one's again. */
static void fall_back(void)
{
	struct accelgov_policy *policy = find_scope("");
	struct accelgov_place *place;

	if (!policy)
		return;
	list_for_each_entry(place, &places, node)
		if (!place->active && policy_of(device_of(place)) == policy &&
		    !prepare(policy, device_of(place)))
			commit(device_of(place));
}

static bool device_known(const char *name)
{
	struct accelgov_place *place;

	list_for_each_entry(place, &places, node)
		if (!strcmp(accelgov_device_name(device_of(place)), name))
			return true;
	return false;
}

/* Unbinds first, then lets go of the link: that calls unregister. */
static void eject_work(struct work_struct *work)
{
	struct accelgov_policy *policy =
		container_of(work, struct accelgov_policy, eject);
	struct bpf_link *link = NULL;

	mutex_lock(&registry_lock);
	if (policy->ops) {
		unbind_all(policy, ACCELGOV_EXIT_ELSEWHERE);
		fall_back();
		if (policy->link)
			link = bpf_link_inc_not_zero(policy->link);
	}
	mutex_unlock(&registry_lock);
	if (!IS_ERR_OR_NULL(link)) {
		link->ops->detach(link);
		bpf_link_put(link);
	}
	kref_put(&policy->kref, policy_release);
}

/**
 * accelgov_policy_eject() - the policy has used up an error budget
 * @policy: policy
 * @guilty: binding that it did so with
 *
 * It is not asked again; the rest is done by work.
 *
 * Context: accelgov_place.lock and accelgov_device.lock of the device held.
 */
void accelgov_policy_eject(struct accelgov_policy *policy,
			   struct accelgov_binding *guilty)
{
	guilty->exit = ACCELGOV_EXIT_EJECTED;
	if (test_and_set_bit(0, &policy->ejected))
		return;
	kref_get(&policy->kref);
	queue_work(accelgov_wq, &policy->eject);
}

static struct accelgov_policy *policy_new(const struct accelgov_ops *ops,
					  struct bpf_link *link)
{
	struct accelgov_policy *policy = kzalloc(sizeof(*policy), GFP_KERNEL);

	if (!policy)
		return NULL;
	kref_init(&policy->kref);
	INIT_WORK(&policy->eject, eject_work);
	policy->ops = ops;
	policy->link = link;
	return policy;
}

/* Off the list and off its devices; ejection may still be under way. */
static void policy_leave(struct accelgov_policy *policy,
			 enum accelgov_exit_code code)
{
	list_del(&policy->node);
	unbind_all(policy, code);
	policy->ops = NULL;
	policy->link = NULL;
}

/**
 * accelgov_policy_register() - a policy wants to decide
 * @ops: its callbacks, checked
 * @link: what it is attached with, or NULL
 *
 * Context: process.
 * Return: 0; -EBUSY when there is one for the same devices; -ENODEV when its
 * device is not governed; -ENOMEM; or what init_device() returned.
 */
int accelgov_policy_register(const struct accelgov_ops *ops,
			     struct bpf_link *link)
{
	struct accelgov_policy *policy = policy_new(ops, link);
	int err = 0;

	if (!policy)
		return -ENOMEM;
	mutex_lock(&registry_lock);
	if (find_ops(ops) || find_scope(ops->device))
		err = -EBUSY;
	else if (ops->device[0] && !device_known(ops->device))
		err = -ENODEV;
	else
		err = bind_all(policy, NULL);
	if (!err)
		list_add(&policy->node, &policies);
	mutex_unlock(&registry_lock);
	if (err)
		kref_put(&policy->kref, policy_release);
	return err;
}

/**
 * accelgov_policy_unregister() - a policy leaves
 * @ops: its callbacks; none of them runs any more on return
 *
 * Context: process.
 */
void accelgov_policy_unregister(const struct accelgov_ops *ops)
{
	struct accelgov_policy *policy;

	mutex_lock(&registry_lock);
	policy = find_ops(ops);
	if (policy) {
		policy_leave(policy, ACCELGOV_EXIT_UNLOAD);
		fall_back();
	}
	mutex_unlock(&registry_lock);
	if (policy)
		kref_put(&policy->kref, policy_release);
}

/**
 * accelgov_policy_replace() - a policy takes another one's place
 * @ops: callbacks of the new one, checked
 * @old: callbacks of the old one; none of them runs any more on success
 * @link: what both are attached with
 *
 * Context: process.
 * Return: 0; -EINVAL when the two are for different devices; -EBUSY when @ops
 * is registered already; -ENOLINK when the old one has gone; -ENOMEM; or what
 * init_device() returned. The old one decides on after an error.
 */
int accelgov_policy_replace(const struct accelgov_ops *ops,
			    const struct accelgov_ops *old,
			    struct bpf_link *link)
{
	struct accelgov_policy *policy = policy_new(ops, link), *before;
	int err;

	if (!policy)
		return -ENOMEM;
	mutex_lock(&registry_lock);
	before = find_ops(old);
	if (!before || before->ejected)
		err = -ENOLINK;
	else if (strcmp(ops->device, old->device))
		err = -EINVAL;
	else if (find_ops(ops))
		err = -EBUSY;
	else
		err = bind_all(policy, before);
	if (!err) {
		policy_leave(before, ACCELGOV_EXIT_REPLACED);
		list_add(&policy->node, &policies);
	}
	mutex_unlock(&registry_lock);
	kref_put(err ? &policy->kref : &before->kref, policy_release);
	return err;
}

/**
 * accelgov_place_new() - the built-in policy decides
 * @agd: device
 *
 * Return: 0 or -ENOMEM.
 */
int accelgov_place_new(struct accelgov_device *agd)
{
	struct accelgov_place *place = kzalloc(sizeof(*place), GFP_KERNEL);

	if (!place)
		return -ENOMEM;
	place->agd = agd;
	mutex_init(&place->lock);
	INIT_LIST_HEAD(&place->node);
	agd->place = place;
	return 0;
}

/**
 * accelgov_place_free() - forget the last policy as well
 * @agd: device that nobody uses any more
 */
void accelgov_place_free(struct accelgov_device *agd)
{
	mutex_destroy(&agd->place->lock);
	kfree(agd->place->last);
	kfree(agd->place);
}

/* The refusal is kept where the end of a policy is looked for. */
static void refused(struct accelgov_device *agd,
		    const struct accelgov_policy *policy, int status)
{
	struct accelgov_binding *b = kzalloc(sizeof(*b), GFP_KERNEL);
	unsigned long flags;

	trace_policy(accelgov_device_name(agd), "refuse", policy->ops->name,
		     status);
	if (!b)
		return;
	ag_judge_init(&b->judge, ktime_get_ns());
	strscpy(b->name, policy->ops->name, sizeof(b->name));
	b->exit = ACCELGOV_EXIT_INIT;
	b->status = status;
	raw_spin_lock_irqsave(&agd->lock, flags);
	agd->place->last = b;
	raw_spin_unlock_irqrestore(&agd->lock, flags);
}

/**
 * accelgov_place_add() - a device has come
 * @agd: device, able to take samples
 *
 * Context: process, accelgov_devices_lock held.
 */
void accelgov_place_add(struct accelgov_device *agd)
{
	struct accelgov_policy *policy;
	int err;

	mutex_lock(&registry_lock);
	list_add(&agd->place->node, &places);
	policy = policy_of(agd);
	if (policy) {
		err = prepare(policy, agd);
		if (err)
			refused(agd, policy, err);
		else
			commit(agd);
	}
	mutex_unlock(&registry_lock);
}

/**
 * accelgov_place_remove() - a device leaves
 * @agd: device that takes no samples any more
 *
 * Context: process, accelgov_devices_lock held.
 */
void accelgov_place_remove(struct accelgov_device *agd)
{
	mutex_lock(&registry_lock);
	list_del_init(&agd->place->node);
	if (agd->place->active)
		exchange(agd, NULL, ACCELGOV_EXIT_DEVICE);
	mutex_unlock(&registry_lock);
}
