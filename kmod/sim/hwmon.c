// SPDX-License-Identifier: GPL-2.0
/*
 * The hwmon device: power, power limit and energy
 */
#include <linux/err.h>
#include <linux/hwmon.h>

#include "sim.h"
#include "trace.h"

static umode_t accelsim_hwmon_visible(const void *data,
				      enum hwmon_sensor_types type, u32 attr,
				      int channel)
{
	return type == hwmon_power && attr == hwmon_power_cap ? 0644 : 0444;
}

static u32 accelsim_sample_mw(struct accelsim_device *adev, u64 now)
{
	if (adev->ideal_sensor)
		return asim_power_mw(&adev->model, now);
	return asim_sample_mw(&adev->model, now);
}

static int accelsim_read_power(struct accelsim_device *adev, u32 attr, u64 now,
			       u32 *ret_mw)
{
	const struct asim_profile *p = adev->chip->profile;

	switch (attr) {
	case hwmon_power_input:
		*ret_mw = accelsim_sample_mw(adev, now);
		return 0;
	case hwmon_power_average:
		*ret_mw = asim_average_mw(&adev->model, now);
		return 0;
	case hwmon_power_cap:
		*ret_mw = adev->model.cap_mw;
		return 0;
	case hwmon_power_cap_min:
		*ret_mw = p->cap_min_mw;
		return 0;
	case hwmon_power_cap_max:
		*ret_mw = p->cap_max_mw;
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

static int accelsim_hwmon_read(struct device *dev, enum hwmon_sensor_types type,
			       u32 attr, int channel, long *val)
{
	struct accelsim_device *adev = dev_get_drvdata(dev);
	unsigned long flags;
	int ret = 0;
	u32 mw = 0;
	u64 now;

	raw_spin_lock_irqsave(&adev->lock, flags);
	now = accelsim_now(adev);
	if (type == hwmon_energy) {
		*val = asim_counter(&adev->model, ACCELGOV_SIG_POWER, now);
	} else {
		ret = accelsim_read_power(adev, attr, now, &mw);
		if (!ret)
			*val = mw * 1000L;
	}
	raw_spin_unlock_irqrestore(&adev->lock, flags);
	return ret;
}

static int accelsim_hwmon_label(struct device *dev,
				enum hwmon_sensor_types type, u32 attr,
				int channel, const char **str)
{
	*str = "board";
	return 0;
}

static int accelsim_hwmon_write(struct device *dev,
				enum hwmon_sensor_types type, u32 attr,
				int channel, long val)
{
	struct accelsim_device *adev = dev_get_drvdata(dev);
	const struct asim_profile *p = adev->chip->profile;
	unsigned long flags;
	u64 now;

	if (type != hwmon_power || attr != hwmon_power_cap)
		return -EOPNOTSUPP;
	if (val < p->cap_min_mw * 1000L || val > p->cap_max_mw * 1000L)
		return -EINVAL;

	now = accelsim_lock(adev, &flags);
	asim_set_cap(&adev->model, val / 1000, now);
	trace_told(dev_name(adev->dev),
		   adev->chip->opps[adev->model.want].khz, adev->model.cap_mw);
	accelsim_unlock(adev, flags);
	return 0;
}

static const struct hwmon_ops accelsim_hwmon_ops = {
	.is_visible = accelsim_hwmon_visible,
	.read = accelsim_hwmon_read,
	.read_string = accelsim_hwmon_label,
	.write = accelsim_hwmon_write,
};

static const struct hwmon_channel_info * const accelsim_hwmon_info[] = {
	HWMON_CHANNEL_INFO(power,
			   HWMON_P_INPUT | HWMON_P_AVERAGE | HWMON_P_CAP |
			   HWMON_P_CAP_MIN | HWMON_P_CAP_MAX | HWMON_P_LABEL),
	HWMON_CHANNEL_INFO(energy, HWMON_E_INPUT | HWMON_E_LABEL),
	NULL
};

static const struct hwmon_chip_info accelsim_hwmon_chip = {
	.ops = &accelsim_hwmon_ops,
	.info = accelsim_hwmon_info,
};

/**
 * accelsim_hwmon_add() - register the sensors
 * @adev: device
 *
 * Return: 0 or a negative error code.
 */
int accelsim_hwmon_add(struct accelsim_device *adev)
{
	adev->hwmon = hwmon_device_register_with_info(adev->dev, ACCELSIM_NAME,
						      adev,
						      &accelsim_hwmon_chip,
						      NULL);
	return PTR_ERR_OR_ZERO(adev->hwmon);
}

/**
 * accelsim_hwmon_remove() - unregister them
 * @adev: device
 */
void accelsim_hwmon_remove(struct accelsim_device *adev)
{
	hwmon_device_unregister(adev->hwmon);
}
