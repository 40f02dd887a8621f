// SPDX-License-Identifier: GPL-2.0
/*
 * Target: which clock devfreq gets when it asks, and what came of it
 *
 * devfreq asks in two situations. Either retarget work made it ask, then there
 * is a cause with a time; or somebody changed a limit (min_freq, max_freq, PM
 * QoS, thermal), then devfreq asks by itself and the trigger reads "limits".
 * Either way df->lock is held, and the answer comes from the policy core within
 * the limits that devfreq knows.
 *
 * While signals are stale the answer comes from busy time, as simple_ondemand's
 * does. get_dev_status() consumes the driver's counters, so it is read at the
 * polling interval only: the first reading after signals went stale covers an
 * unknown stretch and is thrown away, and a question in between gets the last
 * answer within the new limits.
 *
 * Whether the driver did what it was told shows in the transition notifier,
 * which also hears of changes that nobody asked us for (suspend, resume).
 */
#include <linux/timekeeping.h>
#include <linux/units.h>
#include "clock.h"
#include "compat/devfreq.h"
#include "retarget.h"
#include "trace.h"

static const char *const trigger_names[] = {
	[ACCELGOV_TRIGGER_SIGNAL] = "signal",
	[ACCELGOV_TRIGGER_RECOVERED] = "recovered",
	[ACCELGOV_TRIGGER_STALE] = "stale",
	[ACCELGOV_TRIGGER_POLL] = "poll",
	[ACCELGOV_TRIGGER_POLICY] = "policy",
	[ACCELGOV_TRIGGER_LEASE] = "lease",
	[ACCELGOV_TRIGGER_RESUME] = "resume",
	[ACCELGOV_TRIGGER_STATUS] = "status",
	[ACCELGOV_TRIGGER_CLOCK] = "clock",
	[ACCELGOV_TRIGGER_CAP] = "cap",
	[ACCELGOV_TRIGGER_LIMITS] = "limits",
};

struct limits {
	u32 min_khz;
	u32 max_khz;
};

static void limits_of(struct accelgov_device *agd, struct limits *l)
{
	unsigned long min_hz, max_hz;

	devfreq_get_freq_range(agd->df, &min_hz, &max_hz);
	l->max_khz = accelgov_points_floor(&agd->points, max_hz);
	l->min_khz = min(accelgov_points_ceil(&agd->points, min_hz),
			 l->max_khz);
}

/* Reads busy time; both stay 0 when it isn't known. */
static void busy_time(struct accelgov_device *agd, u64 *busy, u64 *total)
{
	struct devfreq *df = agd->df;

	*busy = 0;
	*total = 0;
	agd->busy_ns = ktime_get_ns();
	if (!df->profile->get_dev_status ||
	    df->profile->get_dev_status(df->dev.parent, &df->last_status))
		return;
	agd->status_ns = agd->busy_ns;
	if (agd->trigger == ACCELGOV_TRIGGER_STALE)
		return;
	*busy = df->last_status.busy_time;
	*total = df->last_status.total_time;
}

static void decide_by_busy(struct accelgov_device *agd, const struct limits *l,
			   struct ag_decision *d)
{
	u32 cur_khz = agd->df->previous_freq / HZ_PER_KHZ;
	u64 busy, total;
	unsigned long flags;

	if (agd->trigger != ACCELGOV_TRIGGER_STALE &&
	    agd->trigger != ACCELGOV_TRIGGER_POLL && agd->fallback_khz) {
		d->khz = clamp(agd->fallback_khz, l->min_khz, l->max_khz);
		d->reason = d->khz == agd->fallback_khz ?
			    AG_REASON_FALLBACK : AG_REASON_LIMIT;
		return;
	}
	busy_time(agd, &busy, &total);
	raw_spin_lock_irqsave(&agd->lock, flags);
	ag_core_fallback(&agd->core, busy, total, cur_khz, l->min_khz,
			 l->max_khz, d);
	raw_spin_unlock_irqrestore(&agd->lock, flags);
	agd->fallback_khz = d->khz;
}

static void decide_by_signals(struct accelgov_device *agd,
			      const struct limits *l, struct ag_decision *d,
			      const char **phase_name)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&agd->lock, flags);
	ag_core_decide(&agd->core, l->min_khz, l->max_khz, d);
	*phase_name = ag_phase_name(d->phase, agd->core.workload.now);
	raw_spin_unlock_irqrestore(&agd->lock, flags);
}

/**
 * accelgov_target_hz() - the clock that the device should have
 * @agd: device
 *
 * Context: df->lock held.
 * Return: Hz.
 */
unsigned long accelgov_target_hz(struct accelgov_device *agd)
{
	struct accelgov_pending *p = &agd->pending;
	struct limits l;

	lockdep_assert_held(&agd->df->lock);

	/* Whoever takes over should not make things worse by guessing. */
	if (agd->suspended || READ_ONCE(agd->state) == ACCELGOV_STATE_STARTING)
		return agd->df->previous_freq ?: ULONG_MAX;

	memset(p, 0, sizeof(*p));
	p->phase_name = ag_phase_name(ACCELGOV_PHASE_UNKNOWN,
				      ACCELGOV_WORKLOAD_UNKNOWN);
	limits_of(agd, &l);
	if (READ_ONCE(agd->state) == ACCELGOV_STATE_FALLBACK)
		decide_by_busy(agd, &l, &p->decision);
	else
		decide_by_signals(agd, &l, &p->decision, &p->phase_name);
	p->min_khz = l.min_khz;
	p->max_khz = l.max_khz;
	p->trigger = agd->trigger;
	p->cause_ns = agd->cause_ns ?: ktime_get_ns();
	p->valid = true;
	agd->stats.decisions++;
	return accelgov_points_hz(&agd->points, p->decision.khz);
}

static void report(struct accelgov_device *agd, u32 old_khz, u32 new_khz,
		   u64 now_ns)
{
	struct accelgov_pending *p = &agd->pending;
	u64 us = div_u64(now_ns - min(now_ns, p->cause_ns), NSEC_PER_USEC);

	/* A poll that changes nothing is no news. */
	if (p->trigger != ACCELGOV_TRIGGER_POLL || new_khz != old_khz)
		trace_decision(accelgov_device_name(agd), old_khz, new_khz, p,
			       trigger_names[p->trigger], us, now_ns);
	if (p->trigger == ACCELGOV_TRIGGER_SIGNAL)
		accelgov_latency_add(&agd->stats.latency, us);
}

/**
 * accelgov_transition() - devfreq changes the clock, or has
 * @nb: &accelgov_device.transition
 * @event: DEVFREQ_PRECHANGE or DEVFREQ_POSTCHANGE
 * @data: struct devfreq_freqs
 *
 * After a failure devfreq reports the old clock as the new one. It takes the old
 * clock from the driver, which may still be on its way to the last target;
 * previous_freq is the target.
 *
 * Context: df->lock held.
 * Return: NOTIFY_DONE.
 */
int accelgov_transition(struct notifier_block *nb, unsigned long event,
			void *data)
{
	struct accelgov_device *agd =
		container_of(nb, struct accelgov_device, transition);
	const struct devfreq_freqs *freqs = data;
	u32 old_khz = agd->df->previous_freq / HZ_PER_KHZ;
	u32 new_khz = freqs->new / HZ_PER_KHZ;
	u64 now_ns = ktime_get_ns();
	unsigned long flags;
	bool failed;

	if (event == DEVFREQ_PRECHANGE)
		agd->asked_khz = new_khz;
	if (event != DEVFREQ_POSTCHANGE)
		return NOTIFY_DONE;

	failed = freqs->new == freqs->old && agd->asked_khz != new_khz;
	if (!failed) {
		raw_spin_lock_irqsave(&agd->lock, flags);
		if (agd->asked_khz != agd->core.target_khz)
			accelgov_clock_forget(agd);
		ag_core_applied(&agd->core, agd->asked_khz, now_ns);
		raw_spin_unlock_irqrestore(&agd->lock, flags);
		agd->stats.transitions += new_khz != old_khz;
		if (agd->pending.valid)
			report(agd, old_khz, new_khz, now_ns);
		else
			trace_govern(accelgov_device_name(agd), "clock",
				     now_ns, agd->asked_khz, 0, 0, 0);
	}
	agd->pending.valid = false;
	return NOTIFY_DONE;
}
