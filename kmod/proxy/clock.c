// SPDX-License-Identifier: GPL-2.0
/*
 * Proxy clock: the devfreq device of an accelerator that userspace actuates
 *
 * A target is a note to the reader and therefore always succeeds at once;
 * whether it could be set comes with a report. Busy time and the clock are what
 * reports said. Before the first report, and where busy time is not known, the
 * status is empty, for which the kernel's governors choose the top clock.
 *
 * Where every point's power is known it becomes the device's energy model,
 * which thermal control and tools read. The kernel's energy models end at
 * EM_MAX_POWER, 64 W in 6.12: a bigger device has none.
 */
#include <linux/energy_model.h>
#include <linux/pm_opp.h>
#include "proxy.h"

/* What userspace can follow; governors with a period of their own ignore it. */
#define ACCELGOV_PROXY_POLLING_MS	100

static int target(struct device *dev, unsigned long *freq, u32 flags)
{
	struct accelgov_proxy *p = to_proxy(dev);
	struct dev_pm_opp *opp;

	opp = devfreq_recommended_opp(dev, freq, flags);
	if (IS_ERR(opp))
		return PTR_ERR(opp);
	dev_pm_opp_put(opp);
	accelgov_proxy_want(p, ACCELGOV_PROXY_CLOCK_KHZ, *freq / 1000);
	return 0;
}

static u32 clock_of(const struct accelgov_proxy *p)
{
	return p->readings.clock_khz ? p->readings.clock_khz :
				       p->target.clock_khz;
}

static int get_dev_status(struct device *dev, struct devfreq_dev_status *stat)
{
	struct accelgov_proxy *p = to_proxy(dev);
	unsigned long flags;

	spin_lock_irqsave(&p->state_lock, flags);
	stat->current_frequency = clock_of(p) * 1000UL;
	stat->busy_time = p->readings.busy_ns;
	stat->total_time = p->readings.total_ns;
	p->readings.busy_ns = 0;
	p->readings.total_ns = 0;
	spin_unlock_irqrestore(&p->state_lock, flags);
	return 0;
}

/* What was only asked for is no answer; devfreq shows it by itself then. */
static int get_cur_freq(struct device *dev, unsigned long *freq)
{
	struct accelgov_proxy *p = to_proxy(dev);
	unsigned long flags;
	u32 khz;

	spin_lock_irqsave(&p->state_lock, flags);
	khz = p->readings.clock_khz;
	spin_unlock_irqrestore(&p->state_lock, flags);
	if (!khz)
		return -ENODATA;
	*freq = khz * 1000UL;
	return 0;
}

static int add_opps(struct accelgov_proxy *p)
{
	u32 i;
	int err;

	for (i = 0; i < p->table.nr_opps; i++) {
		err = dev_pm_opp_add(&p->dev, p->opps[i].khz * 1000UL,
				     p->opps[i].mv * 1000UL);
		if (err) {
			dev_pm_opp_remove_all_dynamic(&p->dev);
			return err;
		}
	}
	return 0;
}

/* The energy model asks for the first point at or above a clock. */
static int power_at(struct device *dev, unsigned long *power_uw,
		    unsigned long *khz)
{
	struct accelgov_proxy *p = to_proxy(dev);
	u32 i;

	for (i = 0; i < p->table.nr_opps; i++) {
		if (p->opps[i].khz < *khz)
			continue;
		*khz = p->opps[i].khz;
		*power_uw = p->opps[i].power_mw * 1000UL;
		return 0;
	}
	return -EINVAL;
}

static bool makes_energy_model(const struct accelgov_proxy *p)
{
#ifdef EM_MAX_POWER
	u32 i, max_mw = EM_MAX_POWER / 1000;

	for (i = 0; i < p->table.nr_opps; i++)
		if (!p->opps[i].power_mw || p->opps[i].power_mw > max_mw)
			return false;
	return true;
#else
	return false;
#endif
}

static void add_energy_model(struct accelgov_proxy *p)
{
	struct em_data_callback cb = EM_DATA_CB(power_at);

	if (!makes_energy_model(p))
		return;
	if (em_dev_register_perf_domain(&p->dev, p->table.nr_opps, &cb, NULL,
					true))
		dev_dbg(&p->dev, "the power table makes no energy model\n");
}

/**
 * accelgov_proxy_switching() - what a change of clock costs, as userspace told it
 * @dev: a devfreq device's parent
 * @ret_switch_us: until the clock holds, 0 when it is not known or @dev no device of
 *	ours
 * @ret_halt_us: without work, likewise
 */
void accelgov_proxy_switching(struct device *dev, u32 *ret_switch_us,
			      u32 *ret_halt_us)
{
	bool ours = dev->class == &accelgov_proxy_class;

	*ret_switch_us = ours ? to_proxy(dev)->table.switch_us : 0;
	*ret_halt_us = ours ? to_proxy(dev)->table.halt_us : 0;
}

/**
 * accelgov_proxy_clock_add() - register points, energy model and devfreq device
 * @p: device
 *
 * Return: 0; -ENODEV when the governor does not exist; another negative error.
 */
int accelgov_proxy_clock_add(struct accelgov_proxy *p)
{
	const char *governor = p->table.governor;
	int err;

	err = add_opps(p);
	if (err)
		return err;
	add_energy_model(p);
	p->profile = (struct devfreq_dev_profile){
		.initial_freq = p->target.clock_khz * 1000UL,
		.polling_ms = ACCELGOV_PROXY_POLLING_MS,
		.timer = DEVFREQ_TIMER_DELAYED,
		.target = target,
		.get_dev_status = get_dev_status,
		.get_cur_freq = get_cur_freq,
		.is_cooling_device = true,
	};
	p->df = devfreq_add_device(&p->dev, &p->profile,
				   *governor ? governor : "accelgov", NULL);
	if (!IS_ERR(p->df))
		return 0;
	err = PTR_ERR(p->df);
	em_dev_unregister_perf_domain(&p->dev);
	dev_pm_opp_remove_all_dynamic(&p->dev);
	/* devfreq says -EINVAL, or what it got from the module loader. */
	return err == -ENOMEM ? err : -ENODEV;
}

/**
 * accelgov_proxy_clock_remove() - undo that
 * @p: device
 */
void accelgov_proxy_clock_remove(struct accelgov_proxy *p)
{
	devfreq_remove_device(p->df);
	em_dev_unregister_perf_domain(&p->dev);
	dev_pm_opp_remove_all_dynamic(&p->dev);
}
