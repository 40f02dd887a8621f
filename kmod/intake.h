/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ACCELGOV_INTAKE_H
#define _ACCELGOV_INTAKE_H

#include <linux/types.h>

struct accelgov_device;
struct accelgov_sample;
struct devfreq;
struct irq_work;

void accelgov_intake_init(struct accelgov_device *agd);
void accelgov_intake_period(struct accelgov_device *agd, u32 period_us);
int accelgov_intake_check(struct accelgov_sample *sample, u64 now_ns);
int accelgov_intake_push(struct accelgov_device *agd,
			 const struct accelgov_sample *sample, u64 now_ns);
void accelgov_intake_governor(struct devfreq *df,
			      const struct accelgov_sample *sample);

#endif /* _ACCELGOV_INTAKE_H */
