/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ACCELGOV_RETARGET_H
#define _ACCELGOV_RETARGET_H

#include "device.h"

void accelgov_retarget_init(struct accelgov_device *agd);
void accelgov_request(struct accelgov_device *agd,
		      enum accelgov_trigger trigger);
unsigned long accelgov_target_hz(struct accelgov_device *agd);
int accelgov_transition(struct notifier_block *nb, unsigned long event,
			void *data);

#endif /* _ACCELGOV_RETARGET_H */
