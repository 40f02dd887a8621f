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
 * Which states are asked for, and when, the table says: one after the other, each
 * after its time. A table that tells their power leaves that to accelgov: its core
 * plans steps from the lengths of earlier idle periods (core/idle.c), and the times of
 * the table are for other governors.
 *
 * A device without idle states never sleeps.
 */
#include <linux/math64.h>
#include <linux/pm_runtime.h>
#include "device.h"
#include "proxy.h"

/* Until a governor knows better. */
#define ACCELGOV_PROXY_AUTOSUSPEND_MS	2000

static bool has_idle(const struct accelgov_proxy *p)
{
	return p->table.nr_idle;
}

/* The governor's first step that is deeper than state @nr. Return: 0 for none. */
static u32 next_planned(const struct accelgov_proxy *p, u32 nr, u64 *ret_us)
{
	const struct ag_idle_step *step = p->steps;
	u32 i;

	lockdep_assert_held(&p->state_lock);
	for (i = 0; i < p->nr_steps && step[i].state <= nr; i++)
		;
	if (i == p->nr_steps)
		return 0;
	*ret_us = i ? (step[i].delay_ms - step[i - 1].delay_ms) *
			      (u64)USEC_PER_MSEC :
		      0;
	return step[i].state;
}

/* The state after @nr, and how long after it; 0 for none. */
static u32 next_state(struct accelgov_proxy *p, u32 nr, u64 *ret_us)
{
	unsigned long flags;
	u32 next = 0;

	spin_lock_irqsave(&p->state_lock, flags);
	if (p->nr_steps) {
		next = next_planned(p, nr, ret_us);
	} else if (nr < p->table.nr_idle) {
		next = nr + 1;
		*ret_us = nr ? p->idle[nr].entry_us - p->idle[nr - 1].entry_us :
			       0;
	}
	spin_unlock_irqrestore(&p->state_lock, flags);
	return next;
}

/* Enter state @nr and arrange for the next one. */
static void enter(struct accelgov_proxy *p, u32 nr)
{
	u64 us;

	accelgov_proxy_want(p, ACCELGOV_PROXY_IDLE_STATE, nr);
	if (next_state(p, nr, &us))
		queue_delayed_work(accelgov_wq, &p->deepen,
				   usecs_to_jiffies(us));
}

static void deepen(struct work_struct *work)
{
	struct accelgov_proxy *p =
		container_of(work, struct accelgov_proxy, deepen.work);
	unsigned long flags;
	u32 nr = 0;
	bool asleep;
	u64 us;

	spin_lock_irqsave(&p->state_lock, flags);
	asleep = p->asleep;
	nr = p->target.idle_state;
	spin_unlock_irqrestore(&p->state_lock, flags);
	if (asleep)
		nr = next_state(p, nr, &us);
	if (asleep && nr)
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
	u64 us;

	err = devfreq_suspend_device(p->df);
	if (err)
		return err;
	set_asleep(p, true);
	enter(p, next_state(p, 0, &us));
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

/* Is it one of ours, and does its table tell what idle states cost? */
static struct accelgov_proxy *proxy_with_costs(struct device *dev)
{
	struct accelgov_proxy *p;

	if (dev->class != &accelgov_proxy_class)
		return NULL;
	p = to_proxy(dev);
	return p->table.idle_cost ? p : NULL;
}

/**
 * accelgov_proxy_idle_states() - what the core is told of a device's idle states
 * @dev: the device that a devfreq device belongs to, a proxy or not
 * @cfg: what is filled in, where it is a proxy and knows
 *
 * Context: any.
 */
void accelgov_proxy_idle_states(struct device *dev, struct ag_idle_config *cfg)
{
	const struct accelgov_proxy *p = proxy_with_costs(dev);
	u32 s;

	if (!p)
		return;
	cfg->awake_mw = p->table.awake_mw;
	cfg->nr_states = p->table.nr_idle;
	for (s = 0; s < cfg->nr_states; s++) {
		struct ag_idle_state *to = &cfg->state[s];

		to->power_mw = p->cost[s].power_mw;
		to->wake_us = p->idle[s].wake_us;
		to->switch_uj = p->cost[s].switch_uj;
		if (!to->switch_uj)
			to->switch_uj = mul_u64_u32_div(to->wake_us,
							p->table.awake_mw,
							USEC_PER_MSEC);
	}
}

/**
 * accelgov_proxy_idle_plan() - which states to ask for in idle periods
 * @dev: the device that a devfreq device belongs to, a proxy or not
 * @steps: states in ascending order, the first for when the device suspends
 * @nr: entries of @steps; 0 for what the table says
 *
 * Context: any.
 */
void accelgov_proxy_idle_plan(struct device *dev,
			      const struct ag_idle_step *steps, u32 nr)
{
	struct accelgov_proxy *p = proxy_with_costs(dev);
	unsigned long flags;

	if (!p)
		return;
	spin_lock_irqsave(&p->state_lock, flags);
	if (nr)
		memcpy(p->steps, steps, nr * sizeof(*steps));
	p->nr_steps = nr;
	spin_unlock_irqrestore(&p->state_lock, flags);
}

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
