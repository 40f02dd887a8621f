// SPDX-License-Identifier: GPL-2.0
/* Config: hands a changed configuration to everybody it concerns. */
#include <linux/lockdep.h>
#include "config.h"
#include "device.h"
#include "intake.h"
#include "runtime.h"
#include "watchdog.h"

/**
 * accelgov_config_read() - a consistent copy of the configuration
 * @agd: device
 * @cfg: where it goes
 */
void accelgov_config_read(struct accelgov_device *agd, struct ag_config *cfg)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&agd->lock, flags);
	*cfg = agd->core.cfg;
	raw_spin_unlock_irqrestore(&agd->lock, flags);
}

/**
 * accelgov_config_apply() - configure the device
 * @agd: device
 * @cfg: the whole configuration
 *
 * The caller asks for a new target.
 *
 * Context: process, config_lock held.
 * Return: 0, or a negative error and nothing has changed.
 */
int accelgov_config_apply(struct accelgov_device *agd,
			  const struct ag_config *cfg)
{
	struct ag_config old;
	unsigned long flags;
	int err;

	lockdep_assert_held(&agd->config_lock);
	raw_spin_lock_irqsave(&agd->lock, flags);
	old = agd->core.cfg;
	err = ag_core_configure(&agd->core, cfg);
	raw_spin_unlock_irqrestore(&agd->lock, flags);
	if (err)
		return err;

	if (cfg->sample_period_us != old.sample_period_us) {
		accelgov_intake_period(agd, cfg->sample_period_us);
		accelgov_watchdog_arm(agd);
	}
	if (memcmp(&cfg->idle, &old.idle, sizeof(old.idle)))
		queue_work(accelgov_wq, &agd->runtime.work);
	return 0;
}
