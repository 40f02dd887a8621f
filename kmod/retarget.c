// SPDX-License-Identifier: GPL-2.0
/*
 * Retarget: makes devfreq ask for a new clock as soon as there is a reason
 *
 * Signals, stale signals, sysfs writes and resumes leave a request bit and queue
 * one work item; whatever came up until it runs is answered by one target. The
 * work is the only place that takes df->lock from our side, and tells the
 * outside about changes of state once it has dropped it.
 */
#include <linux/timekeeping.h>
#include "attr.h"
#include "clock.h"
#include "limiter.h"
#include "retarget.h"

/*
 * Cooling devices estimate power from df->last_status. Reading the driver's
 * counters for it would consume what a fallback needs, and says less than the
 * signals do, so it is filled from them.
 */
static void fill_status(struct accelgov_device *agd)
{
	struct devfreq_dev_status *status = &agd->df->last_status;
	unsigned long flags;
	struct ag_rates rates;

	raw_spin_lock_irqsave(&agd->lock, flags);
	rates = agd->core.rates;
	raw_spin_unlock_irqrestore(&agd->lock, flags);

	WRITE_ONCE(agd->status_ns, ktime_get_ns());
	if (READ_ONCE(agd->state) != ACCELGOV_STATE_ACTIVE ||
	    !ag_valid(&rates, ACCELGOV_SIG_BUSY))
		return;
	status->busy_time = rates.busy;
	status->total_time = 1000;
	status->current_frequency = agd->df->previous_freq;
}

static void update(struct accelgov_device *agd, unsigned long requests)
{
	struct devfreq *df = agd->df;
	unsigned long flags;
	int err;

	agd->trigger = __ffs(requests);
	raw_spin_lock_irqsave(&agd->lock, flags);
	agd->cause_ns = agd->trigger == ACCELGOV_TRIGGER_SIGNAL ?
			agd->arrival_ns : agd->request_ns;
	agd->arrival_ns = 0;
	agd->request_ns = 0;
	raw_spin_unlock_irqrestore(&agd->lock, flags);

	err = update_devfreq(df);
	agd->trigger = ACCELGOV_TRIGGER_LIMITS;
	agd->cause_ns = 0;
	if (err)
		dev_warn_ratelimited(&df->dev,
				     "the driver did not set the clock (%d)\n",
				     err);
}

static void work(struct work_struct *work)
{
	struct accelgov_device *agd =
		container_of(work, struct accelgov_device, retarget);
	unsigned long requests = xchg(&agd->requests, 0);
	unsigned long targets = requests & ~(BIT(ACCELGOV_TRIGGER_STATUS) |
					     BIT(ACCELGOV_TRIGGER_CLOCK) |
					     BIT(ACCELGOV_TRIGGER_CAP));
	struct devfreq *df = agd->df;

	/* A clock that counts on the limiter must not come before it. */
	accelgov_limiter_tell(agd);
	mutex_lock(&df->lock);
	if (!agd->stopping && !agd->suspended) {
		if (targets)
			update(agd, targets);
		if (requests & BIT(ACCELGOV_TRIGGER_CLOCK))
			accelgov_clock_ask(agd);
		fill_status(agd);
	}
	mutex_unlock(&df->lock);

	if (requests & BIT(ACCELGOV_TRIGGER_STALE))
		accelgov_device_uevent(agd, "fallback");
	if (requests & BIT(ACCELGOV_TRIGGER_RECOVERED))
		accelgov_device_uevent(agd, "recovered");
	if (requests & (BIT(ACCELGOV_TRIGGER_STALE) |
			BIT(ACCELGOV_TRIGGER_RECOVERED)))
		accelgov_sysfs_state_changed(agd);
}

/**
 * accelgov_retarget_init() - get ready to ask for targets
 * @agd: device
 */
void accelgov_retarget_init(struct accelgov_device *agd)
{
	INIT_WORK(&agd->retarget, work);
	agd->trigger = ACCELGOV_TRIGGER_LIMITS;
}

/**
 * accelgov_request() - there is a reason for a new target
 * @agd: device
 * @trigger: the reason
 *
 * Context: any but NMI.
 */
void accelgov_request(struct accelgov_device *agd,
		      enum accelgov_trigger trigger)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&agd->lock, flags);
	if (!agd->request_ns)
		agd->request_ns = ktime_get_ns();
	raw_spin_unlock_irqrestore(&agd->lock, flags);
	set_bit(trigger, &agd->requests);
	queue_work(accelgov_wq, &agd->retarget);
}
