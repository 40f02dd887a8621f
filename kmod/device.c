// SPDX-License-Identifier: GPL-2.0
/*
 * Device: one devfreq device's life under this governor
 *
 * devfreq's events come without df->lock. START and STOP come with devfreq's
 * list lock except for the STOP of a device that is being removed, so both are
 * serialised here. STOP can come after a failed START, and twice.
 *
 * Locks, outermost first:
 *	devfreq_list_lock (devfreq)
 *	accelgov_devices_lock	who is governed
 *	accelgov_device.config_lock	configuration and lease
 *	registry_lock in policy.c	policies that are loaded
 *	accelgov_place.lock	callbacks of a policy
 *	df->lock (devfreq)	the clock
 *	accelgov_device.lock	policy core; raw, interrupts off
 *
 * config_lock and df->lock are never held together, nor is either with a lock of
 * policies. Nothing that can call a
 * driver's PM callback runs under any of them except accelgov_devices_lock,
 * which PM callbacks never need: SUSPEND and RESUME find their device under
 * df->lock alone.
 *
 * What a former governor left in df->governor_data is not ours to trust, and
 * devfreq can ask for a target before START is done, so devices are found in our
 * own list. A device is in it exactly while it may be used, and enters and
 * leaves under its df->lock: whoever holds that and finds it may use it.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include "attr.h"
#include "compat/devfreq.h"
#include "config.h"
#include "device.h"
#include "intake.h"
#include "limiter.h"
#include "proxy/proxy.h"
#include "retarget.h"
#include "runtime.h"
#include "switch.h"
#include "token.h"
#include "trace.h"
#include "watchdog.h"

/* A proxy may say as much as the core believes. */
static_assert(ACCELGOV_PROXY_SWITCH_MAX_US == AG_SWITCH_MAX_US);

static LIST_HEAD(accelgov_devices);
static DEFINE_MUTEX(accelgov_devices_lock);

/**
 * accelgov_device_find() - our state of a devfreq device
 * @df: devfreq device
 *
 * Context: df->lock held; the result is good until it is dropped.
 * Return: the state, or NULL when the governor does not govern @df.
 */
struct accelgov_device *accelgov_device_find(struct devfreq *df)
{
	struct accelgov_device *agd, *found = NULL;

	lockdep_assert_held(&df->lock);
	rcu_read_lock();
	list_for_each_entry_rcu(agd, &accelgov_devices, node) {
		if (agd->df == df) {
			found = agd;
			break;
		}
	}
	rcu_read_unlock();
	return found;
}

/**
 * accelgov_device_uevent() - tell userspace
 * @agd: device
 * @event: value of ACCELGOV_EVENT
 *
 * Context: process, no lock of ours held but accelgov_devices_lock.
 */
void accelgov_device_uevent(struct accelgov_device *agd, const char *event)
{
	char env[32];
	char *envp[2] = { env, NULL };

	snprintf(env, sizeof(env), "ACCELGOV_EVENT=%s", event);
	kobject_uevent_env(&agd->df->dev.kobj, KOBJ_CHANGE, envp);
}

static void release(struct kref *kref)
{
	struct accelgov_device *agd =
		container_of(kref, struct accelgov_device, kref);

	mutex_destroy(&agd->config_lock);
	accelgov_place_free(agd);
	kfree(agd);
}

/**
 * accelgov_device_put() - drop a reference
 * @agd: device
 */
void accelgov_device_put(struct accelgov_device *agd)
{
	kref_put(&agd->kref, release);
}

/*
 * devfreq's removal of a device can race with a write to its governor file, and
 * then starts a governor that nobody stops. When the device goes, we go.
 */
static void orphaned(struct device *dev, void *res)
{
	accelgov_device_stop(container_of(dev, struct devfreq, dev));
}

static void trace_start(const struct accelgov_device *agd,
			const struct ag_opp *opps, u32 switch_us, u32 halt_us,
			u64 now_ns)
{
	const char *name = accelgov_device_name(agd);
	int i;

	if (!trace_govern_enabled())
		return;
	for (i = 0; i < agd->points.nr; i++)
		trace_govern(name, "point", now_ns, opps[i].khz, opps[i].mv,
			     0, 0);
	trace_govern(name, "start", now_ns, 0, 0, switch_us, halt_us);
}

static void trace_stop(const struct accelgov_device *agd)
{
	trace_govern(accelgov_device_name(agd), "stop", ktime_get_ns(), 0, 0,
		     0, 0);
}

static int core_init(struct accelgov_device *agd)
{
	struct device *dev = agd->df->dev.parent;
	u64 now_ns = ktime_get_ns();
	u32 switch_us, halt_us;
	struct ag_config cfg;
	struct ag_opp *opps;
	int err;

	opps = kcalloc(AG_OPP_MAX, sizeof(*opps), GFP_KERNEL);
	if (!opps)
		return -ENOMEM;
	agd->points.khz = agd->core.opp.khz;
	err = accelgov_points_read(&agd->points, dev, opps);
	if (!err) {
		ag_config_default(&cfg);
		accelgov_proxy_idle_states(dev, &cfg.idle);
		err = ag_core_init(&agd->core, opps, agd->points.nr, &cfg,
				   now_ns);
	}
	if (!err) {
		accelgov_limiter_init(agd);
		accelgov_proxy_switching(dev, &switch_us, &halt_us);
		ag_core_switching(&agd->core, switch_us, halt_us);
		trace_start(agd, opps, switch_us, halt_us, now_ns);
	}
	kfree(opps);
	return err;
}

static struct accelgov_device *create(struct devfreq *df)
{
	struct accelgov_device *agd;
	int err;

	/* Two pages; what locks weigh while they are checked is not ours. */
	BUILD_BUG_ON(!IS_ENABLED(CONFIG_LOCKDEP) && sizeof(*agd) > 8192);
	agd = kzalloc(sizeof(*agd), GFP_KERNEL);
	if (!agd)
		return ERR_PTR(-ENOMEM);
	agd->df = df;
	err = core_init(agd) ?: accelgov_place_new(agd);
	if (err) {
		kfree(agd);
		return ERR_PTR(err);
	}
	kref_init(&agd->kref);
	raw_spin_lock_init(&agd->lock);
	mutex_init(&agd->config_lock);
	agd->transition.notifier_call = accelgov_transition;
	accelgov_intake_init(agd);
	accelgov_retarget_init(agd);
	accelgov_watchdog_init(agd);
	accelgov_runtime_init(agd);
	accelgov_lease_init(agd);
	return agd;
}

/* A device may be asleep when the governor comes; devfreq counts that. */
static void publish(struct accelgov_device *agd)
{
	mutex_lock(&agd->df->lock);
	agd->suspended = atomic_read(&agd->df->suspend_count) > 0;
	list_add_rcu(&agd->node, &accelgov_devices);
	mutex_unlock(&agd->df->lock);
}

static struct accelgov_device *unpublish(struct devfreq *df)
{
	struct accelgov_device *agd;

	mutex_lock(&df->lock);
	agd = accelgov_device_find(df);
	if (agd) {
		agd->stopping = true;
		list_del_rcu(&agd->node);
	}
	mutex_unlock(&df->lock);
	return agd;
}

/* After this nothing of the device runs any more, and nothing can start. */
static void quiesce(struct accelgov_device *agd)
{
	synchronize_rcu();
	irq_work_sync(&agd->drain);
	disable_work_sync(&agd->place->intake);
	disable_delayed_work_sync(&agd->lease.work);
	accelgov_watchdog_stop(agd);
	disable_work_sync(&agd->retarget);
	disable_work_sync(&agd->runtime.work);
}

static int start(struct devfreq *df)
{
	struct accelgov_device *agd;
	void *orphan;
	int err;

	orphan = devres_alloc(orphaned, 0, GFP_KERNEL);
	if (!orphan)
		return -ENOMEM;
	agd = create(df);
	if (IS_ERR(agd)) {
		err = PTR_ERR(agd);
		goto free_orphan;
	}
	err = devfreq_register_notifier(df, &agd->transition,
					DEVFREQ_TRANSITION_NOTIFIER);
	if (err)
		goto put_device;
	err = accelgov_token_alloc(agd);
	if (err)
		goto unregister_notifier;
	err = accelgov_sysfs_add(agd);
	if (err)
		goto free_token;
	devres_add(&df->dev, orphan);
	accelgov_place_add(agd);
	publish(agd);
	accelgov_watchdog_arm(agd);
	accelgov_device_uevent(agd, "start");
	return 0;

free_token:
	accelgov_token_free(agd);
	quiesce(agd);
unregister_notifier:
	devfreq_unregister_notifier(df, &agd->transition,
				    DEVFREQ_TRANSITION_NOTIFIER);
put_device:
	trace_stop(agd);
	accelgov_device_put(agd);
free_orphan:
	devres_free(orphan);
	return err;
}

/**
 * accelgov_device_start() - begin to govern a device
 * @df: devfreq device
 *
 * Takes a reference on the module: devfreq takes none, and would be left with a
 * governor that is gone.
 *
 * Context: process, df->lock not held.
 * Return: 0 or a negative error.
 */
int accelgov_device_start(struct devfreq *df)
{
	bool governed;
	int err;

	if (!try_module_get(THIS_MODULE))
		return -ENODEV;

	mutex_lock(&accelgov_devices_lock);
	mutex_lock(&df->lock);
	governed = accelgov_device_find(df);
	mutex_unlock(&df->lock);
	err = governed ? -EBUSY : start(df);
	mutex_unlock(&accelgov_devices_lock);

	if (err)
		module_put(THIS_MODULE);
	return err;
}

/**
 * accelgov_device_stop() - leave a device as it was
 * @df: devfreq device; need not be governed
 *
 * Context: process, df->lock not held.
 */
void accelgov_device_stop(struct devfreq *df)
{
	struct accelgov_device *agd;

	mutex_lock(&accelgov_devices_lock);
	agd = unpublish(df);
	if (!agd) {
		mutex_unlock(&accelgov_devices_lock);
		return;
	}
	devres_destroy(&df->dev, orphaned, NULL, NULL);
	accelgov_token_free(agd);
	quiesce(agd);
	accelgov_place_remove(agd);
	accelgov_sysfs_remove(agd);
	devfreq_unregister_notifier(df, &agd->transition,
				    DEVFREQ_TRANSITION_NOTIFIER);
	accelgov_runtime_restore(agd);
	accelgov_limiter_restore(agd);
	trace_stop(agd);
	accelgov_device_uevent(agd, "stop");
	accelgov_device_put(agd);
	mutex_unlock(&accelgov_devices_lock);
	module_put(THIS_MODULE);
}
