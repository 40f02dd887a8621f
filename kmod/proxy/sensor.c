// SPDX-License-Identifier: GPL-2.0
/*
 * Proxy sensors: power, energy and the power limit as hwmon
 *
 * What was never reported reads as -ENODATA. The limit that is shown is the one
 * that was written last; writing it asks userspace for another (cap.c).
 */
#include <linux/err.h>
#include <linux/hwmon.h>
#include "proxy.h"

static bool has_cap(const struct accelgov_proxy *p)
{
	return p->table.cap_max_mw;
}

static umode_t is_visible(const void *data, enum hwmon_sensor_types type,
			  u32 attr, int channel)
{
	if (type == hwmon_energy || attr == hwmon_power_average)
		return 0444;
	if (!has_cap(data))
		return 0;
	return attr == hwmon_power_cap ? 0644 : 0444;
}

static int read_energy(const struct accelgov_proxy *p, long *val)
{
	if (!p->readings.power_known)
		return -ENODATA;
	*val = (long)p->readings.energy_uj;
	return 0;
}

static int read_power(const struct accelgov_proxy *p, u32 attr, long *val)
{
	switch (attr) {
	case hwmon_power_average:
		if (!p->readings.power_known)
			return -ENODATA;
		*val = p->readings.power_mw * 1000L;
		return 0;
	case hwmon_power_cap:
		*val = p->cap.own_mw * 1000L;
		return 0;
	case hwmon_power_cap_min:
		*val = p->table.cap_min_mw * 1000L;
		return 0;
	case hwmon_power_cap_max:
		*val = p->table.cap_max_mw * 1000L;
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

static int read(struct device *dev, enum hwmon_sensor_types type, u32 attr,
		int channel, long *val)
{
	struct accelgov_proxy *p = dev_get_drvdata(dev);
	unsigned long flags;
	int err;

	spin_lock_irqsave(&p->state_lock, flags);
	err = type == hwmon_energy ? read_energy(p, val) :
				     read_power(p, attr, val);
	spin_unlock_irqrestore(&p->state_lock, flags);
	return err;
}

static int write(struct device *dev, enum hwmon_sensor_types type, u32 attr,
		 int channel, long val)
{
	struct accelgov_proxy *p = dev_get_drvdata(dev);

	if (type != hwmon_power || attr != hwmon_power_cap)
		return -EOPNOTSUPP;
	if (val < p->table.cap_min_mw * 1000L ||
	    val > p->table.cap_max_mw * 1000L)
		return -EINVAL;
	accelgov_proxy_cap_own(p, val / 1000);
	return 0;
}

static const struct hwmon_ops ops = {
	.is_visible = is_visible,
	.read = read,
	.write = write,
};

static const struct hwmon_channel_info * const info[] = {
	HWMON_CHANNEL_INFO(power,
			   HWMON_P_AVERAGE | HWMON_P_CAP | HWMON_P_CAP_MIN |
			   HWMON_P_CAP_MAX),
	HWMON_CHANNEL_INFO(energy, HWMON_E_INPUT),
	NULL
};

static const struct hwmon_chip_info chip = {
	.ops = &ops,
	.info = info,
};

/**
 * accelgov_proxy_sensor_add() - register the sensors
 * @p: device
 *
 * Return: 0 or a negative error.
 */
int accelgov_proxy_sensor_add(struct accelgov_proxy *p)
{
	if (!IS_REACHABLE(CONFIG_HWMON))
		return 0;
	p->hwmon = hwmon_device_register_with_info(&p->dev, "accelgov", p,
						   &chip, NULL);
	return PTR_ERR_OR_ZERO(p->hwmon);
}

/**
 * accelgov_proxy_sensor_remove() - unregister them
 * @p: device
 */
void accelgov_proxy_sensor_remove(struct accelgov_proxy *p)
{
	if (p->hwmon)
		hwmon_device_unregister(p->hwmon);
}
