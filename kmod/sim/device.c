// SPDX-License-Identifier: GPL-2.0
/*
 * The platform driver: time, locking, power management
 *
 * All state of a device is its model, under one raw spinlock. Whoever takes
 * the lock with accelsim_lock() may change the model; accelsim_unlock() then
 * hands out completions, sets the timer to the next event, wakes waiters and
 * drops the runtime PM reference when work has run out. Readers of counters
 * take the bare lock: advancing the model is all they do, the timer that is
 * still set delivers what they passed over.
 *
 * Runtime PM. One reference is held while anything is queued, taken by the
 * submitter and dropped from the timer. Readers hold none: looking at a
 * suspended device does not wake it.
 *
 * Unbinding stops the model for good. Open files and perf events keep the
 * structure, see -ENODEV and counters that no longer move.
 */
#include <linux/ktime.h>
#include <linux/mod_devicetable.h>
#include <linux/module.h>
#include <linux/pm_runtime.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "../compat/hrtimer.h"
#include "sim.h"

#define ACCELSIM_AUTOSUSPEND_MS	2000

/**
 * accelsim_now() - time of the model
 * @adev: device, locked
 *
 * Return: CLOCK_MONOTONIC in nanoseconds, the time of unbinding after it.
 */
u64 accelsim_now(const struct accelsim_device *adev)
{
	return adev->dead ? adev->dead_ns : ktime_get_ns();
}

/**
 * accelsim_lock() - take the lock in order to change the model
 * @adev: device
 * @flags: for accelsim_unlock()
 *
 * Return: time of the model.
 */
u64 accelsim_lock(struct accelsim_device *adev, unsigned long *flags)
	__acquires(&adev->lock)
{
	raw_spin_lock_irqsave(&adev->lock, *flags);
	return accelsim_now(adev);
}

static void accelsim_arm(struct accelsim_device *adev)
{
	u64 next = asim_next_event(&adev->model);

	lockdep_assert_held(&adev->lock);
	if (next == U64_MAX || adev->dead)
		return;
	if (hrtimer_is_queued(&adev->timer) &&
	    ktime_to_ns(hrtimer_get_expires(&adev->timer)) == next)
		return;
	hrtimer_start(&adev->timer, ns_to_ktime(next), HRTIMER_MODE_ABS);
}

/**
 * accelsim_unlock() - let everybody know what changed, and unlock
 * @adev: device
 * @flags: from accelsim_lock()
 *
 * May be called from interrupts.
 */
void accelsim_unlock(struct accelsim_device *adev, unsigned long flags)
	__releases(&adev->lock)
{
	bool idle = adev->busy_ref && !asim_has_work(&adev->model);
	bool news;

	accelsim_collect(adev);
	news = adev->news;
	adev->news = false;
	if (idle)
		adev->busy_ref = false;
	accelsim_arm(adev);
	raw_spin_unlock_irqrestore(&adev->lock, flags);

	if (news)
		accelsim_tell(adev);
	if (idle) {
		pm_runtime_mark_last_busy(adev->dev);
		pm_runtime_put_autosuspend(adev->dev);
	}
}

static enum hrtimer_restart accelsim_timer(struct hrtimer *timer)
{
	struct accelsim_device *adev =
		container_of(timer, struct accelsim_device, timer);
	unsigned long flags;

	asim_advance(&adev->model, accelsim_lock(adev, &flags));
	accelsim_unlock(adev, flags);
	return HRTIMER_NORESTART;
}

static ssize_t profile_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	struct accelsim_device *adev = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%s\n", adev->chip->profile->name);
}
static DEVICE_ATTR_RO(profile);

static ssize_t effective_freq_hz_show(struct device *dev,
				      struct device_attribute *attr, char *buf)
{
	struct accelsim_device *adev = dev_get_drvdata(dev);
	unsigned long flags;
	u32 khz;

	raw_spin_lock_irqsave(&adev->lock, flags);
	khz = asim_effective_khz(&adev->model, accelsim_now(adev));
	raw_spin_unlock_irqrestore(&adev->lock, flags);
	return sysfs_emit(buf, "%llu\n", (u64)khz * 1000);
}
static DEVICE_ATTR_RO(effective_freq_hz);

static ssize_t idle_level_show(struct device *dev,
			       struct device_attribute *attr, char *buf)
{
	struct accelsim_device *adev = dev_get_drvdata(dev);
	unsigned long flags;
	const char *name;

	raw_spin_lock_irqsave(&adev->lock, flags);
	name = asim_level_name(&adev->model, accelsim_now(adev));
	raw_spin_unlock_irqrestore(&adev->lock, flags);
	return sysfs_emit(buf, "%s\n", name);
}
static DEVICE_ATTR_RO(idle_level);

static struct attribute *accelsim_attrs[] = {
	&dev_attr_profile.attr,
	&dev_attr_effective_freq_hz.attr,
	&dev_attr_idle_level.attr,
	NULL
};
ATTRIBUTE_GROUPS(accelsim);

/* Stays on until the device is complete. */
static void accelsim_power_on(struct accelsim_device *adev)
{
	pm_runtime_set_active(adev->dev);
	pm_runtime_set_autosuspend_delay(adev->dev, ACCELSIM_AUTOSUSPEND_MS);
	pm_runtime_use_autosuspend(adev->dev);
	pm_runtime_get_noresume(adev->dev);
	pm_runtime_enable(adev->dev);
}

static void accelsim_power_off(struct accelsim_device *adev)
{
	pm_runtime_dont_use_autosuspend(adev->dev);
	pm_runtime_disable(adev->dev);
	pm_runtime_set_suspended(adev->dev);
}

/* No event after this, no work, no reference for it. */
static void accelsim_stop(struct accelsim_device *adev)
{
	unsigned long flags;
	bool busy;
	u64 now;

	now = accelsim_lock(adev, &flags);
	asim_advance(&adev->model, now);
	adev->dead_ns = now;
	WRITE_ONCE(adev->dead, true);
	busy = adev->busy_ref;
	adev->busy_ref = false;
	accelsim_unlock(adev, flags);

	hrtimer_cancel(&adev->timer);
	wake_up_all(&adev->wait);
	if (busy)
		pm_runtime_put_noidle(adev->dev);
}

static struct accelsim_device *
accelsim_create(struct platform_device *pdev,
		const struct accelsim_settings *settings)
{
	struct accelsim_device *adev;
	int ret;

	adev = kzalloc(sizeof(*adev), GFP_KERNEL);
	if (!adev)
		return ERR_PTR(-ENOMEM);
	adev->dev = get_device(&pdev->dev);
	adev->id = pdev->id;
	adev->chip = settings->chip;
	adev->ideal_sensor = settings->ideal_sensor;
	raw_spin_lock_init(&adev->lock);
	init_waitqueue_head(&adev->wait);
	compat_hrtimer_setup(&adev->timer, accelsim_timer, CLOCK_MONOTONIC,
			     HRTIMER_MODE_ABS);
	asim_init(&adev->model, adev->chip, settings->gain_permille,
		  ktime_get_ns());

	/* From here on the node's reference count owns the structure. */
	ret = accelsim_node_init(adev);
	if (ret) {
		put_device(&adev->node);
		return ERR_PTR(ret);
	}
	return adev;
}

/* For accelsim_drm.ko, which may never come. */
static int accelsim_drm_add(struct accelsim_device *adev)
{
	struct platform_device *drm;

	drm = platform_device_register_data(adev->dev, ACCELSIM_NAME "-drm",
					    adev->id, NULL, 0);
	if (IS_ERR(drm))
		return PTR_ERR(drm);
	adev->drm = drm;
	return 0;
}

static int accelsim_probe(struct platform_device *pdev)
{
	struct accelsim_settings settings = accelsim_settings(pdev->id);
	struct accelsim_device *adev;
	unsigned long flags;
	int ret;

	adev = accelsim_create(pdev, &settings);
	if (IS_ERR(adev))
		return PTR_ERR(adev);
	platform_set_drvdata(pdev, adev);
	accelsim_power_on(adev);

	ret = accelsim_devfreq_add(adev, settings.governor);
	if (ret)
		goto err_power;
	ret = accelsim_hwmon_add(adev);
	if (ret)
		goto err_devfreq;
	ret = settings.pmu ? accelsim_pmu_add(adev) : 0;
	if (ret)
		goto err_hwmon;
	ret = accelsim_node_add(adev);
	if (ret)
		goto err_pmu;
	ret = accelsim_drm_add(adev);
	if (ret)
		goto err_node;

	accelsim_lock(adev, &flags);
	accelsim_unlock(adev, flags);
	pm_runtime_mark_last_busy(adev->dev);
	pm_runtime_put_autosuspend(adev->dev);
	return 0;

err_node:
	accelsim_node_remove(adev);
err_pmu:
	accelsim_pmu_remove(adev);
err_hwmon:
	accelsim_hwmon_remove(adev);
err_devfreq:
	accelsim_devfreq_remove(adev);
err_power:
	accelsim_stop(adev);
	pm_runtime_put_noidle(adev->dev);
	accelsim_power_off(adev);
	put_device(&adev->node);
	return ret;
}

/*
 * Away with the governor before its device, with everything that starts work
 * before the clock that ends it.
 */
static void accelsim_remove(struct platform_device *pdev)
{
	struct accelsim_device *adev = platform_get_drvdata(pdev);

	platform_device_unregister(adev->drm);
	accelsim_devfreq_remove(adev);
	accelsim_hwmon_remove(adev);
	accelsim_node_remove(adev);
	accelsim_stop(adev);
	accelsim_pmu_remove(adev);
	accelsim_power_off(adev);
	put_device(&adev->node);
}

static int accelsim_runtime_suspend(struct device *dev)
{
	struct accelsim_device *adev = dev_get_drvdata(dev);
	unsigned long flags;
	bool busy;
	int ret;
	u64 now;

	ret = devfreq_suspend_device(adev->devfreq);
	if (ret)
		return ret;

	now = accelsim_lock(adev, &flags);
	asim_advance(&adev->model, now);
	busy = asim_has_work(&adev->model);
	if (!busy)
		asim_suspend(&adev->model, now);
	accelsim_unlock(adev, flags);

	if (!busy)
		return 0;
	devfreq_resume_device(adev->devfreq);
	return -EBUSY;
}

static int accelsim_runtime_resume(struct device *dev)
{
	struct accelsim_device *adev = dev_get_drvdata(dev);
	unsigned long flags;
	u64 now;

	now = accelsim_lock(adev, &flags);
	asim_resume(&adev->model, now);
	accelsim_unlock(adev, flags);
	return devfreq_resume_device(adev->devfreq);
}

/* Work that runs stands still and goes on after. devfreq stops by itself. */
static int accelsim_suspend(struct device *dev)
{
	struct accelsim_device *adev = dev_get_drvdata(dev);
	unsigned long flags;
	u64 now;

	now = accelsim_lock(adev, &flags);
	asim_suspend(&adev->model, now);
	accelsim_unlock(adev, flags);
	hrtimer_cancel(&adev->timer);
	return 0;
}

static int accelsim_resume(struct device *dev)
{
	struct accelsim_device *adev = dev_get_drvdata(dev);
	unsigned long flags;
	u64 now;

	if (pm_runtime_status_suspended(dev))
		return 0;
	now = accelsim_lock(adev, &flags);
	asim_resume(&adev->model, now);
	accelsim_unlock(adev, flags);
	return 0;
}

static const struct dev_pm_ops accelsim_pm_ops = {
	SYSTEM_SLEEP_PM_OPS(accelsim_suspend, accelsim_resume)
	RUNTIME_PM_OPS(accelsim_runtime_suspend, accelsim_runtime_resume, NULL)
};

static const struct platform_device_id accelsim_ids[] = {
	{ ACCELSIM_NAME, 0 },
	{}
};

struct platform_driver accelsim_driver = {
	.probe = accelsim_probe,
	.remove = accelsim_remove,
	.id_table = accelsim_ids,
	.driver = {
		.name = ACCELSIM_NAME,
		.dev_groups = accelsim_groups,
		.pm = pm_ptr(&accelsim_pm_ops),
	},
};
