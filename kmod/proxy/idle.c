// SPDX-License-Identifier: GPL-2.0
/*
 * Proxy idle states: runtime PM of an accelerator that userspace actuates
 *
 * The device is awake while reports show work. When one shows none, autosuspend
 * begins to count, with the delay that the governor sets; when it is over,
 * suspending asks userspace for the first idle state and, as time passes, for
 * deeper ones. The first report that shows work resumes the device. Work begins
 * before anybody sees it, so the time to wake is added to that of a window.
 *
 * A device without idle states never sleeps.
 */
#include <linux/pm_runtime.h>
#include "device.h"
#include "proxy.h"

/* Until a governor knows better. */
#define ACCELGOV_PROXY_AUTOSUSPEND_MS	2000

static bool has_idle(const struct accelgov_proxy *p)
{
	return p->table.nr_idle;
}

/* Enter state @nr and arrange for the next one. */
static void enter(struct accelgov_proxy *p, u32 nr)
{
	u64 us;

	accelgov_proxy_want(p, ACCELGOV_PROXY_IDLE_STATE, nr);
	if (nr >= p->table.nr_idle)
		return;
	us = p->idle[nr].entry_us - p->idle[nr - 1].entry_us;
	queue_delayed_work(accelgov_wq, &p->deepen, usecs_to_jiffies(us));
}

static void deepen(struct work_struct *work)
{
	struct accelgov_proxy *p =
		container_of(work, struct accelgov_proxy, deepen.work);
	unsigned long flags;
	u32 nr = 0;

	spin_lock_irqsave(&p->state_lock, flags);
	if (p->asleep)
		nr = p->target.idle_state + 1;
	spin_unlock_irqrestore(&p->state_lock, flags);
	if (nr)
		enter(p, nr);
}

static void set_asleep(struct accelgov_proxy *p, bool asleep)
{
	unsigned long flags;

	spin_lock_irqsave(&p->state_lock, flags);
	p->asleep = asleep;
	spin_unlock_irqrestore(&p->state_lock, flags);
}

static int runtime_suspend(struct device *dev)
{
	struct accelgov_proxy *p = to_proxy(dev);
	int err;

	err = devfreq_suspend_device(p->df);
	if (err)
		return err;
	set_asleep(p, true);
	enter(p, 1);
	return 0;
}

static int runtime_resume(struct device *dev)
{
	struct accelgov_proxy *p = to_proxy(dev);

	set_asleep(p, false);
	cancel_delayed_work_sync(&p->deepen);
	accelgov_proxy_want(p, ACCELGOV_PROXY_IDLE_STATE, 0);
	return devfreq_resume_device(p->df);
}

const struct dev_pm_ops accelgov_proxy_pm_ops = {
	RUNTIME_PM_OPS(runtime_suspend, runtime_resume, NULL)
};

/**
 * accelgov_proxy_idle_init() - get ready
 * @p: device
 */
void accelgov_proxy_idle_init(struct accelgov_proxy *p)
{
	INIT_DELAYED_WORK(&p->deepen, deepen);
}

/**
 * accelgov_proxy_idle_start() - enable runtime PM, with the device awake
 * @p: device
 */
void accelgov_proxy_idle_start(struct accelgov_proxy *p)
{
	struct device *dev = &p->dev;

	if (!has_idle(p))
		return;
	pm_runtime_set_active(dev);
	pm_runtime_set_autosuspend_delay(dev, ACCELGOV_PROXY_AUTOSUSPEND_MS);
	pm_runtime_use_autosuspend(dev);
	pm_runtime_get_noresume(dev);
	p->awake = true;
	pm_runtime_enable(dev);
}

/**
 * accelgov_proxy_idle_stop() - disable runtime PM
 * @p: device, ended: no report comes any more
 */
void accelgov_proxy_idle_stop(struct accelgov_proxy *p)
{
	struct device *dev = &p->dev;

	if (!has_idle(p))
		return;
	pm_runtime_dont_use_autosuspend(dev);
	pm_runtime_disable(dev);
	if (p->awake)
		pm_runtime_put_noidle(dev);
	pm_runtime_set_suspended(dev);
	disable_delayed_work_sync(&p->deepen);
}

/**
 * accelgov_proxy_idle_busy() - a report showed work, or none
 * @p: device, locked
 * @busy: there was work
 *
 * Return: 0, or a negative error when the device can't be resumed.
 */
int accelgov_proxy_idle_busy(struct accelgov_proxy *p, bool busy)
{
	struct device *dev = &p->dev;
	int err;

	lockdep_assert_held(&p->lock);
	if (!has_idle(p) || busy == p->awake)
		return 0;
	if (busy) {
		err = pm_runtime_resume_and_get(dev);
		if (err)
			return err;
	} else {
		pm_runtime_mark_last_busy(dev);
		pm_runtime_put_autosuspend(dev);
	}
	p->awake = busy;
	return 0;
}
