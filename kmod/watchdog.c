// SPDX-License-Identifier: GPL-2.0
/*
 * Watchdog: what happens when nobody tells us anything
 *
 * A collector can die, be too slow, or never have been there. The promise is
 * that the device is then no worse off than with simple_ondemand:
 *
 *  1. A timer waits for three sample periods without a sample. Every other sample puts
 *     it off, so it wakes no CPU while all is well. When it fires for another reason
 *     and signals are fresh it sleeps on.
 *  2. When there was none, it starts work: the state becomes fallback, the core
 *     forgets the phase, and the same work polls busy time at the driver's polling
 *     interval. The first target after the change is the highest clock: what busy
 *     time was, is known only one interval later.
 *  3. The next sample makes the state active at once (intake.c); the timer finds
 *     that out at the next poll and returns to sleeping.
 *
 * After a start or a resume nothing is stale for three periods. While the
 * device sleeps nothing is watched.
 */
#include <linux/timekeeping.h>
#include "clock.h"
#include "device.h"
#include "retarget.h"
#include "trace.h"
#include "watchdog.h"

/* For drivers that leave the interval open. */
#define ACCELGOV_POLL_MS	100

static u64 period_ns(const struct accelgov_device *agd)
{
	return (u64)agd->core.cfg.sample_period_us * NSEC_PER_USEC *
	       ACCELGOV_STALE_PERIODS;
}

static void sleep_ns(struct accelgov_device *agd, u64 ns)
{
	mod_timer(&agd->watch, jiffies + nsecs_to_jiffies(ns) + 1);
}

static void sleep_poll(struct accelgov_device *agd)
{
	u32 ms = agd->df->profile->polling_ms ?: ACCELGOV_POLL_MS;

	mod_timer(&agd->watch, jiffies + msecs_to_jiffies(ms));
}

/* Return: how much longer signals count as fresh, 0 when they are stale. */
static u64 fresh_for_ns(const struct accelgov_device *agd, u64 now_ns)
{
	u64 until = max(agd->core.rates.time_ns + period_ns(agd),
			agd->grace_ns);

	return until > now_ns ? until - now_ns : 0;
}

static void wake(struct timer_list *timer)
{
	struct accelgov_device *agd =
		container_of(timer, struct accelgov_device, watch);
	unsigned long flags;
	u64 fresh_ns = 0;

	if (READ_ONCE(agd->suspended))
		return;
	raw_spin_lock_irqsave(&agd->lock, flags);
	if (agd->state != ACCELGOV_STATE_FALLBACK)
		fresh_ns = fresh_for_ns(agd, ktime_get_ns());
	raw_spin_unlock_irqrestore(&agd->lock, flags);
	if (fresh_ns)
		sleep_ns(agd, fresh_ns);
	else
		queue_work(accelgov_wq, &agd->watchdog);
}

static void lost(struct accelgov_device *agd, u64 now_ns)
{
	WRITE_ONCE(agd->state, ACCELGOV_STATE_FALLBACK);
	agd->stats.fallbacks++;
	trace_fallback(accelgov_device_name(agd), true,
		       div_u64(now_ns - min(now_ns, agd->core.rates.time_ns),
			       NSEC_PER_USEC), now_ns);
	ag_core_lost_signals(&agd->core, now_ns);
}

static void work(struct work_struct *work)
{
	struct accelgov_device *agd =
		container_of(work, struct accelgov_device, watchdog);
	enum accelgov_trigger trigger = ACCELGOV_TRIGGER_POLL;
	unsigned long flags;
	u64 now_ns, fresh_ns = 0;

	if (READ_ONCE(agd->suspended))
		return;

	raw_spin_lock_irqsave(&agd->lock, flags);
	now_ns = ktime_get_ns();
	if (agd->state != ACCELGOV_STATE_FALLBACK) {
		fresh_ns = fresh_for_ns(agd, now_ns);
		if (!fresh_ns) {
			lost(agd, now_ns);
			trigger = ACCELGOV_TRIGGER_STALE;
		}
	}
	raw_spin_unlock_irqrestore(&agd->lock, flags);

	if (fresh_ns) {
		sleep_ns(agd, fresh_ns);
		return;
	}
	if (trigger == ACCELGOV_TRIGGER_STALE)
		queue_work(accelgov_wq, &agd->runtime.work);
	accelgov_request(agd, trigger);
	sleep_poll(agd);
}

/**
 * accelgov_watchdog_init() - get ready
 * @agd: device
 */
void accelgov_watchdog_init(struct accelgov_device *agd)
{
	timer_setup(&agd->watch, wake, 0);
	INIT_WORK(&agd->watchdog, work);
}

/**
 * accelgov_watchdog_arm() - start watching, or look again at the sample period
 * @agd: device
 *
 * Nothing counts as stale for three periods from now.
 *
 * Context: process.
 */
void accelgov_watchdog_arm(struct accelgov_device *agd)
{
	unsigned long flags;
	u64 ns;

	raw_spin_lock_irqsave(&agd->lock, flags);
	ns = period_ns(agd);
	agd->grace_ns = ktime_get_ns() + ns;
	raw_spin_unlock_irqrestore(&agd->lock, flags);
	if (!READ_ONCE(agd->suspended))
		sleep_ns(agd, ns);
}

/**
 * accelgov_watchdog_put_off() - there was a sample
 * @agd: device, locked
 *
 * Nothing happens while the timer is not armed: the device sleeps, or is being stopped.
 *
 * Context: any but NMI.
 */
void accelgov_watchdog_put_off(struct accelgov_device *agd)
{
	u64 ns = period_ns(agd);
	unsigned long soon = jiffies + nsecs_to_jiffies(ns) * 2 / 3;

	lockdep_assert_held(&agd->lock);
	if (time_before(READ_ONCE(agd->watch.expires), soon))
		mod_timer_pending(&agd->watch,
				  jiffies + nsecs_to_jiffies(ns) + 1);
}

/**
 * accelgov_watchdog_suspend() - the device goes to sleep
 * @agd: device
 *
 * Does not wait for work: a suspend can come out of our own runtime work, and
 * work that still runs finds @suspended set.
 *
 * Context: df->lock held.
 */
void accelgov_watchdog_suspend(struct accelgov_device *agd)
{
	WRITE_ONCE(agd->suspended, true);
	timer_delete(&agd->watch);
	cancel_work(&agd->watchdog);
}

/**
 * accelgov_watchdog_resume() - the device is awake again
 * @agd: device
 *
 * Context: df->lock held.
 */
void accelgov_watchdog_resume(struct accelgov_device *agd)
{
	unsigned long flags;
	bool replan;
	u64 now_ns;

	raw_spin_lock_irqsave(&agd->lock, flags);
	now_ns = ktime_get_ns();
	replan = ag_core_woke(&agd->core, now_ns);
	accelgov_clock_forget(agd);
	trace_govern(accelgov_device_name(agd), "woke", now_ns, 0, 0,
		     0, 0);
	agd->arrival_ns = 0;
	agd->request_ns = 0;
	raw_spin_unlock_irqrestore(&agd->lock, flags);
	WRITE_ONCE(agd->suspended, false);
	accelgov_watchdog_arm(agd);
	accelgov_request(agd, ACCELGOV_TRIGGER_RESUME);
	if (replan)
		queue_work(accelgov_wq, &agd->runtime.work);
}

/**
 * accelgov_watchdog_stop() - watch no more, for good
 * @agd: device
 *
 * Context: process, no lock held that the work or the timer take.
 */
void accelgov_watchdog_stop(struct accelgov_device *agd)
{
	/* The timer starts the work, which sets the timer: that is void from here on. */
	timer_shutdown_sync(&agd->watch);
	disable_work_sync(&agd->watchdog);
}
