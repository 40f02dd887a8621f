// SPDX-License-Identifier: GPL-2.0
/*
 * Lease: settings that end with whoever made them
 *
 * A daemon that sets budgets and limits and is then killed must not leave them
 * behind. It takes a lease first and refreshes it as long as it lives. The
 * configuration from before the lease is kept; when the lease runs out, or is
 * given back, that configuration is what counts again, whoever wrote what
 * meanwhile. What the driver, devfreq or the administrator set elsewhere
 * (min_freq, max_freq, power/) is not touched: the module never set it.
 */
#include <linux/timekeeping.h>
#include "config.h"
#include "device.h"
#include "retarget.h"
#include "trace.h"

static void end(struct accelgov_device *agd, const char *action)
{
	/* What was valid before is valid now. */
	WARN_ON_ONCE(accelgov_config_apply(agd, &agd->lease.saved));
	WRITE_ONCE(agd->lease.until_ns, 0);
	trace_policy(accelgov_device_name(agd), action, "lease_ms", 0);
	accelgov_request(agd, ACCELGOV_TRIGGER_LEASE);
}

/*
 * Timers may be late by an eighth, a lease may not: aim short of its end, and
 * again at what is left.
 */
static void arm(struct accelgov_device *agd, u32 ms)
{
	mod_delayed_work(accelgov_wq, &agd->lease.work,
			 msecs_to_jiffies(ms - ms / 8));
}

static void work(struct work_struct *work)
{
	struct accelgov_device *agd = container_of(to_delayed_work(work),
						   struct accelgov_device,
						   lease.work);
	bool expired = false;

	mutex_lock(&agd->config_lock);
	if (ktime_get_ns() < agd->lease.until_ns) {
		/* Not over yet, or refreshed meanwhile. */
		arm(agd, accelgov_lease_remaining_ms(agd));
	} else if (agd->lease.until_ns) {
		end(agd, "lease-expired");
		expired = true;
	}
	mutex_unlock(&agd->config_lock);
	if (expired)
		accelgov_device_uevent(agd, "lease-expired");
}

/**
 * accelgov_lease_init() - get ready
 * @agd: device
 */
void accelgov_lease_init(struct accelgov_device *agd)
{
	INIT_DELAYED_WORK(&agd->lease.work, work);
}

/**
 * accelgov_lease_set() - start, refresh or end a lease
 * @agd: device
 * @ms: length from now, 0 to end it
 *
 * Context: process.
 * Return: 0.
 */
int accelgov_lease_set(struct accelgov_device *agd, u32 ms)
{
	u64 now_ns = ktime_get_ns();

	mutex_lock(&agd->config_lock);
	if (!ms) {
		if (agd->lease.until_ns)
			end(agd, "lease-end");
		goto unlock;
	}
	if (!agd->lease.until_ns) {
		accelgov_config_read(agd, &agd->lease.saved);
		trace_policy(accelgov_device_name(agd), "lease-start",
			     "lease_ms", ms);
	}
	WRITE_ONCE(agd->lease.until_ns, now_ns + (u64)ms * NSEC_PER_MSEC);
	arm(agd, ms);
unlock:
	mutex_unlock(&agd->config_lock);
	return 0;
}

/**
 * accelgov_lease_remaining_ms() - how long the lease still lasts
 * @agd: device
 *
 * Return: milliseconds, rounded up; 1 until what the lease changed is withdrawn, and
 * only then 0.
 */
u32 accelgov_lease_remaining_ms(struct accelgov_device *agd)
{
	u64 until_ns = READ_ONCE(agd->lease.until_ns);
	u64 now_ns = ktime_get_ns();

	if (!until_ns)
		return 0;
	if (until_ns <= now_ns)
		return 1;
	return div_u64(until_ns - now_ns + NSEC_PER_MSEC - 1, NSEC_PER_MSEC);
}
