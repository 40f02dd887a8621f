// SPDX-License-Identifier: GPL-2.0
/*
 * Clock: what the driver knows of it where no sample tells
 *
 * Observation. Not every collector counts cycles. The kernel's GPU scheduler knows
 * when jobs ran and not how fast; a PMU may have everything but that. The policy core
 * then believes in its own target, long enough after it was set (core.c), and never
 * learns what a clock does to power, for a board that its limit holds runs at
 * another. Half of the saving is lost. Most drivers know the clock: devfreq shows what
 * get_cur_freq() says in cur_freq.
 *
 * Algorithm.
 *  1. When a sample comes without a clock, retarget work is to ask the driver: with
 *     each sample until the clock is near the target, then every ACCELGOV_AGAIN_NS, for a
 *     board may be held back later. Nor is a board that never gets there asked more often
 *     than that, once the target is ACCELGOV_COMING_NS old.
 *  2. The answer counts for windows that lie whole behind it, as a sensor's would: it
 *     is the clock of a moment, and no mean.
 *  3. A new target makes it worthless, and so does a resume.
 *
 * Asking may sleep, take a lock of the driver's and cost a message to firmware, so it is
 * done in the work that sets the clock as well, under df->lock like devfreq's own
 * questions. Drivers that do not say, or fail, are left in peace for ACCELGOV_AGAIN_NS.
 */
#include <linux/timekeeping.h>
#include <linux/units.h>
#include "clock.h"
#include "device.h"
#include "switch.h"

#define ACCELGOV_AGAIN_NS	(500 * NSEC_PER_MSEC)
#define ACCELGOV_COMING_NS	(AG_SWITCH_MAX_US * NSEC_PER_USEC)

/* Is there nothing more to wait for? */
static bool settled(const struct accelgov_device *agd, u64 now_ns)
{
	u32 target = agd->core.target_khz, khz = agd->told.khz;

	return !khz || ag_core_near(khz, target) ||
	       now_ns > agd->core.target_ns + ACCELGOV_COMING_NS;
}

/**
 * accelgov_clock_fill() - a window without a clock gets what the driver told
 * @agd: device
 * @r: window; left as it is when it has a clock, or none was told before it began
 *
 * Leaves a request when it is time to ask.
 *
 * Context: accelgov_device.lock held.
 */
void accelgov_clock_fill(struct accelgov_device *agd, struct ag_rates *r)
{
	struct accelgov_told *told = &agd->told;

	lockdep_assert_held(&agd->lock);
	if (ag_valid(r, ACCELGOV_SIG_CLOCK) || !agd->core.target_khz ||
	    !agd->df->profile->get_cur_freq)
		return;
	if (told->khz && r->time_ns - r->window_ns >= told->time_ns) {
		r->clock_khz = told->khz;
		r->valid |= BIT(ACCELGOV_SIG_CLOCK) | AG_CLOCK_MOMENT;
	}
	if (r->time_ns >= told->again_ns && !READ_ONCE(agd->suspended))
		set_bit(ACCELGOV_TRIGGER_CLOCK, &agd->requests);
}

/**
 * accelgov_clock_forget() - what the driver told is worth nothing any more
 * @agd: device
 *
 * Context: accelgov_device.lock held.
 */
void accelgov_clock_forget(struct accelgov_device *agd)
{
	lockdep_assert_held(&agd->lock);
	memset(&agd->told, 0, sizeof(agd->told));
}

/**
 * accelgov_clock_ask() - ask the driver
 * @agd: device that is awake and whose driver has get_cur_freq()
 *
 * Context: process, df->lock held.
 */
void accelgov_clock_ask(struct accelgov_device *agd)
{
	struct devfreq *df = agd->df;
	unsigned long hz = 0, flags;
	u64 now_ns;
	int err;

	lockdep_assert_held(&df->lock);
	err = df->profile->get_cur_freq(df->dev.parent, &hz);
	raw_spin_lock_irqsave(&agd->lock, flags);
	now_ns = ktime_get_ns();
	agd->told.khz = err ? 0 : min_t(unsigned long, hz / HZ_PER_KHZ, U32_MAX);
	agd->told.time_ns = now_ns;
	agd->told.again_ns = settled(agd, now_ns) ? now_ns + ACCELGOV_AGAIN_NS :
						    now_ns;
	raw_spin_unlock_irqrestore(&agd->lock, flags);
}
