// SPDX-License-Identifier: GPL-2.0
/*
 * Limiter: passes power caps between the core and a device that can hold one
 *
 * Only devices that userspace actuates can: devfreq has no word for it. What the core
 * asks for goes into the device's target before the clock that depends on it does, and
 * what userspace reports of that target is the core's answer. The cap of before comes
 * back when the core asks for none and when the governor leaves.
 */
#include <linux/timekeeping.h>
#include "device.h"
#include "limiter.h"
#include "proxy/proxy.h"
#include "trace.h"

/**
 * accelgov_limiter_init() - tell the core what the device can hold
 * @agd: device, its core as ag_core_init() left it
 */
void accelgov_limiter_init(struct accelgov_device *agd)
{
	u32 min_mw, max_mw;

	accelgov_proxy_cap_range(agd->df->dev.parent, &min_mw, &max_mw);
	ag_core_limiter(&agd->core, min_mw, max_mw);
}

/**
 * accelgov_limiter_tell() - ask the device for what the core wants of it
 * @agd: device
 *
 * Does nothing when that was asked for already.
 *
 * Context: process; from one work item, or after it was disabled.
 */
void accelgov_limiter_tell(struct accelgov_device *agd)
{
	unsigned long flags;
	u32 asked_mw;

	raw_spin_lock_irqsave(&agd->lock, flags);
	asked_mw = agd->core.limiter.asked_mw;
	raw_spin_unlock_irqrestore(&agd->lock, flags);
	if (accelgov_proxy_cap_wish(agd->df->dev.parent, asked_mw) && asked_mw)
		trace_govern(accelgov_device_name(agd), "limited",
			     ktime_get_ns(), 0, 0, 0, 0);
}

/**
 * accelgov_limiter_restore() - the device's cap is nobody's business but its user's
 * @agd: device
 *
 * Context: process, after the work that tells was disabled.
 */
void accelgov_limiter_restore(struct accelgov_device *agd)
{
	accelgov_proxy_cap_wish(agd->df->dev.parent, 0);
}

/**
 * accelgov_limiter_answer() - userspace has dealt with the cap that it was asked for
 * @df: devfreq device, governed by this governor or another
 * @done: it was set
 *
 * Context: process, df->lock not held.
 */
void accelgov_limiter_answer(struct devfreq *df, bool done)
{
	struct accelgov_device *agd;
	unsigned long flags;

	mutex_lock(&df->lock);
	agd = accelgov_device_find(df);
	if (agd) {
		raw_spin_lock_irqsave(&agd->lock, flags);
		ag_core_limited(&agd->core, done, ktime_get_ns());
		raw_spin_unlock_irqrestore(&agd->lock, flags);
		set_bit(ACCELGOV_TRIGGER_CAP, &agd->requests);
		queue_work(accelgov_wq, &agd->retarget);
	}
	mutex_unlock(&df->lock);
}
