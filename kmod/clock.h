/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ACCELGOV_CLOCK_H
#define _ACCELGOV_CLOCK_H

struct accelgov_device;
struct ag_rates;

void accelgov_clock_fill(struct accelgov_device *agd, struct ag_rates *r);
void accelgov_clock_forget(struct accelgov_device *agd);
void accelgov_clock_ask(struct accelgov_device *agd);

#endif /* _ACCELGOV_CLOCK_H */
