// SPDX-License-Identifier: GPL-2.0
/*
 * The devfreq device: the only way in which anybody sets the clock
 *
 * A request returns at once; the model applies it after the switching time of
 * the target. Status is busy time as drivers usually report it.
 */
#include <linux/pm_opp.h>

#include "sim.h"
#include "trace.h"

#define ACCELSIM_POLLING_MS	50

/* Tried in turn when the chosen one is missing. */
static const char * const accelsim_governors[] = {
	"simple_ondemand", "accelgov", "performance", "userspace",
};

static int accelsim_target(struct device *dev, unsigned long *freq, u32 hints)
{
	struct accelsim_device *adev = dev_get_drvdata(dev);
	struct dev_pm_opp *opp;
	unsigned long flags;
	u64 now;

	opp = devfreq_recommended_opp(dev, freq, hints);
	if (IS_ERR(opp))
		return PTR_ERR(opp);
	dev_pm_opp_put(opp);

	now = accelsim_lock(adev, &flags);
	asim_set_clock(&adev->model, *freq / 1000, now);
	trace_told(dev_name(dev), adev->chip->opps[adev->model.want].khz,
		   adev->model.cap_mw);
	accelsim_unlock(adev, flags);
	return 0;
}

static int accelsim_get_status(struct device *dev,
			       struct devfreq_dev_status *status)
{
	struct accelsim_device *adev = dev_get_drvdata(dev);
	unsigned long flags;
	u64 now, busy_ns;

	raw_spin_lock_irqsave(&adev->lock, flags);
	now = accelsim_now(adev);
	busy_ns = asim_counter(&adev->model, ACCELGOV_SIG_BUSY, now);
	status->current_frequency = asim_clock_khz(&adev->model) * 1000UL;
	status->busy_time = busy_ns - adev->status_busy_ns;
	status->total_time = now - adev->status_ns;
	adev->status_busy_ns = busy_ns;
	adev->status_ns = now;
	raw_spin_unlock_irqrestore(&adev->lock, flags);
	return 0;
}

static int accelsim_get_freq(struct device *dev, unsigned long *freq)
{
	struct accelsim_device *adev = dev_get_drvdata(dev);
	unsigned long flags;

	raw_spin_lock_irqsave(&adev->lock, flags);
	asim_advance(&adev->model, accelsim_now(adev));
	*freq = asim_clock_khz(&adev->model) * 1000UL;
	raw_spin_unlock_irqrestore(&adev->lock, flags);
	return 0;
}

static int accelsim_opps_add(struct accelsim_device *adev)
{
	u32 i;
	int ret;

	for (i = 0; i < adev->chip->nr_opps; i++) {
		const struct asim_opp *o = &adev->chip->opps[i];

		ret = dev_pm_opp_add(adev->dev, o->khz * 1000UL, o->uv);
		if (ret) {
			dev_pm_opp_remove_all_dynamic(adev->dev);
			return ret;
		}
	}
	return 0;
}

static struct devfreq *accelsim_try_governor(struct accelsim_device *adev,
					     const char *governor)
{
	return devfreq_add_device(adev->dev, &adev->profile, governor, NULL);
}

static struct devfreq *accelsim_any_governor(struct accelsim_device *adev,
					     const char *governor)
{
	struct devfreq *df = accelsim_try_governor(adev, governor);
	unsigned int i;

	for (i = 0; IS_ERR(df) && i < ARRAY_SIZE(accelsim_governors); i++) {
		if (strcmp(accelsim_governors[i], governor))
			df = accelsim_try_governor(adev, accelsim_governors[i]);
	}
	return df;
}

/**
 * accelsim_devfreq_add() - register OPPs and the devfreq device
 * @adev: device
 * @governor: wanted governor; another one serves when it is missing
 *
 * Return: 0 or a negative error code.
 */
int accelsim_devfreq_add(struct accelsim_device *adev, const char *governor)
{
	struct devfreq *df;
	int ret;

	ret = accelsim_opps_add(adev);
	if (ret)
		return dev_err_probe(adev->dev, ret, "OPPs not accepted\n");

	adev->profile = (struct devfreq_dev_profile){
		.initial_freq = adev->chip->profile->khz_max * 1000UL,
		.polling_ms = ACCELSIM_POLLING_MS,
		.timer = DEVFREQ_TIMER_DELAYED,
		.target = accelsim_target,
		.get_dev_status = accelsim_get_status,
		.get_cur_freq = accelsim_get_freq,
		.is_cooling_device = true,
	};
	adev->status_ns = ktime_get_ns();
	df = accelsim_any_governor(adev, governor);
	if (IS_ERR(df)) {
		dev_pm_opp_remove_all_dynamic(adev->dev);
		return dev_err_probe(adev->dev, PTR_ERR(df),
				     "no devfreq governor: load governor_simpleondemand or accelgov\n");
	}
	adev->devfreq = df;
	return 0;
}

/**
 * accelsim_devfreq_remove() - stop the governor and undo
 * @adev: device
 */
void accelsim_devfreq_remove(struct accelsim_device *adev)
{
	struct devfreq *df = adev->devfreq;

	adev->devfreq = NULL;
	devfreq_remove_device(df);
	dev_pm_opp_remove_all_dynamic(adev->dev);
}
