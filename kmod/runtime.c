// SPDX-License-Identifier: GPL-2.0
/*
 * Runtime: turns the idle policy's wish into the device's autosuspend delay
 *
 * Whether and when a device suspends stays with its driver and runtime PM; the
 * governor only moves the delay that the driver uses. It keeps its hands off
 *  - when the driver does not use autosuspend,
 *  - when the delay is negative: somebody forbade suspending,
 *  - when the delay is not the one it set last: an administrator wrote
 *    power/autosuspend_delay_ms, and that counts until idle/enable is written.
 * Where userspace actuates the device, it is told of deeper states as well
 * (proxy/idle.c). The delay from before comes back when the idle policy is switched off, when
 * signals go stale and when the governor leaves, unless somebody else has changed
 * it meanwhile.
 *
 * Setting the delay can suspend the device in the calling thread, driver
 * callbacks included, and these end in our own SUSPEND handler. Hence the work
 * of its own: it holds no lock and nobody waits for it while suspending.
 */
#include <linux/pm_runtime.h>
#include "device.h"
#include "proxy/proxy.h"
#include "runtime.h"
#include "trace.h"

/* "Never" must not be negative: that would resume a sleeping device. */
#define ACCELGOV_NEVER_MS	INT_MAX

struct wish {
	struct ag_idle_step steps[AG_IDLE_STATES];
	u32 nr_steps;
	bool enable;
	u32 delay_ms;
	u32 predicted_us;
};

static void wish_of(struct accelgov_device *agd, struct wish *w)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&agd->lock, flags);
	w->enable = agd->core.cfg.idle.enable &&
		    agd->state == ACCELGOV_STATE_ACTIVE;
	w->delay_ms = agd->core.idle.delay_ms;
	w->nr_steps = agd->core.idle.nr_steps;
	memcpy(w->steps, agd->core.idle.step, sizeof(w->steps));
	w->predicted_us = agd->core.idle.predicted_us;
	raw_spin_unlock_irqrestore(&agd->lock, flags);
	if (w->enable)
		w->delay_ms = accelgov_call_idle(agd, w->delay_ms);
}

static bool uses_autosuspend(const struct device *dev)
{
#ifdef CONFIG_PM
	return dev->power.use_autosuspend;
#else
	return false;
#endif
}

static int delay_of(const struct device *dev)
{
#ifdef CONFIG_PM
	return READ_ONCE(dev->power.autosuspend_delay);
#else
	return -1;
#endif
}

static int shown(int ms)
{
	return ms == ACCELGOV_NEVER_MS ? -1 : ms;
}

static void set(struct accelgov_device *agd, int ms, u32 predicted_us)
{
	struct device *dev = agd->df->dev.parent;
	int old_ms = delay_of(dev);

	if (ms == old_ms)
		return;
	pm_runtime_set_autosuspend_delay(dev, ms);
	trace_idle(accelgov_device_name(agd), predicted_us, shown(old_ms),
		   shown(ms));
}

static void work(struct work_struct *work)
{
	struct accelgov_device *agd =
		container_of(work, struct accelgov_device, runtime.work);
	struct accelgov_runtime *rt = &agd->runtime;
	struct device *dev = agd->df->dev.parent;
	struct wish w;

	wish_of(agd, &w);
	if (!w.enable) {
		accelgov_runtime_restore(agd);
		return;
	}
	if (READ_ONCE(rt->gave_way) || !uses_autosuspend(dev))
		return;
	if (rt->changed && delay_of(dev) != rt->set_ms) {
		WRITE_ONCE(rt->changed, false);
		WRITE_ONCE(rt->gave_way, true);
		return;
	}
	if (!rt->changed) {
		if (delay_of(dev) < 0)
			return;
		rt->saved_ms = delay_of(dev);
	}
	accelgov_proxy_idle_plan(dev, w.steps, w.nr_steps);
	rt->set_ms = min_t(u32, w.delay_ms, ACCELGOV_NEVER_MS);
	WRITE_ONCE(rt->changed, true);
	set(agd, rt->set_ms, w.predicted_us);
}

/**
 * accelgov_runtime_init() - get ready
 * @agd: device
 */
void accelgov_runtime_init(struct accelgov_device *agd)
{
	INIT_WORK(&agd->runtime.work, work);
}

/**
 * accelgov_runtime_restore() - give the delay from before back
 * @agd: device
 *
 * Context: process, no lock that a driver's PM callback could need; either the
 * runtime work itself or after it was disabled.
 */
void accelgov_runtime_restore(struct accelgov_device *agd)
{
	struct accelgov_runtime *rt = &agd->runtime;

	accelgov_proxy_idle_plan(agd->df->dev.parent, NULL, 0);
	if (rt->changed && delay_of(agd->df->dev.parent) == rt->set_ms)
		set(agd, rt->saved_ms, agd->core.idle.predicted_us);
	WRITE_ONCE(rt->changed, false);
}

/**
 * accelgov_runtime_retry() - idle knobs were written: take charge again
 * @agd: device
 */
void accelgov_runtime_retry(struct accelgov_device *agd)
{
	WRITE_ONCE(agd->runtime.gave_way, false);
	queue_work(accelgov_wq, &agd->runtime.work);
}
