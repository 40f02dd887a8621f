/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ACCELGOV_WATCHDOG_H
#define _ACCELGOV_WATCHDOG_H

#include <linux/types.h>

struct accelgov_device;

void accelgov_watchdog_init(struct accelgov_device *agd);
void accelgov_watchdog_arm(struct accelgov_device *agd);
void accelgov_watchdog_put_off(struct accelgov_device *agd);
void accelgov_watchdog_suspend(struct accelgov_device *agd);
void accelgov_watchdog_resume(struct accelgov_device *agd);
void accelgov_watchdog_stop(struct accelgov_device *agd);

#endif /* _ACCELGOV_WATCHDOG_H */
