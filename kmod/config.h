/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ACCELGOV_CONFIG_H
#define _ACCELGOV_CONFIG_H

#include <linux/types.h>

struct accelgov_device;
struct ag_config;

int accelgov_config_apply(struct accelgov_device *agd,
			  const struct ag_config *cfg);
void accelgov_config_read(struct accelgov_device *agd, struct ag_config *cfg);

void accelgov_lease_init(struct accelgov_device *agd);
int accelgov_lease_set(struct accelgov_device *agd, u32 ms);
u32 accelgov_lease_remaining_ms(struct accelgov_device *agd);

#endif /* _ACCELGOV_CONFIG_H */
