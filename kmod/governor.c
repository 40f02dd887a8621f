// SPDX-License-Identifier: GPL-2.0
/*
 * Governor: what devfreq calls
 *
 * Neither the polling_interval nor the timer attribute is asked for. Our own
 * period is in our own directory, and on 7.x the core deadlocks when those files
 * are read while the governor is switched.
 */
#include "compat/devfreq.h"
#include "device.h"
#include "governor.h"
#include "retarget.h"
#include "watchdog.h"

/* Called with df->lock held; an error here would be printed at every poll. */
static int get_target_freq(struct devfreq *df, unsigned long *freq)
{
	struct accelgov_device *agd = accelgov_device_find(df);

	*freq = agd ? accelgov_target_hz(agd) : df->previous_freq;
	return 0;
}

static void suspend(struct devfreq *df)
{
	struct accelgov_device *agd;

	mutex_lock(&df->lock);
	agd = accelgov_device_find(df);
	if (agd)
		accelgov_watchdog_suspend(agd);
	mutex_unlock(&df->lock);
}

static void resume(struct devfreq *df)
{
	struct accelgov_device *agd;

	mutex_lock(&df->lock);
	agd = accelgov_device_find(df);
	if (agd)
		accelgov_watchdog_resume(agd);
	mutex_unlock(&df->lock);
}

static int event_handler(struct devfreq *df, unsigned int event, void *data)
{
	switch (event) {
	case DEVFREQ_GOV_START:
		return accelgov_device_start(df);
	case DEVFREQ_GOV_STOP:
		accelgov_device_stop(df);
		return 0;
	case DEVFREQ_GOV_SUSPEND:
		suspend(df);
		return 0;
	case DEVFREQ_GOV_RESUME:
		resume(df);
		return 0;
	default:
		return 0;
	}
}

static struct devfreq_governor accelgov = {
	.name = "accelgov",
	.flags = DEVFREQ_GOV_FLAG_IRQ_DRIVEN,
	.get_target_freq = get_target_freq,
	.event_handler = event_handler,
};

/**
 * accelgov_governor_register() - devices may use the governor
 *
 * Return: 0 or a negative error.
 */
int accelgov_governor_register(void)
{
	return devfreq_add_governor(&accelgov);
}

/**
 * accelgov_governor_unregister() - no device uses the governor
 *
 * Every device holds a reference on the module, so there is none left to stop.
 */
void accelgov_governor_unregister(void)
{
	devfreq_remove_governor(&accelgov);
}
