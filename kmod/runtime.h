/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ACCELGOV_RUNTIME_H
#define _ACCELGOV_RUNTIME_H

struct accelgov_device;

void accelgov_runtime_init(struct accelgov_device *agd);
void accelgov_runtime_restore(struct accelgov_device *agd);
void accelgov_runtime_retry(struct accelgov_device *agd);

#endif /* _ACCELGOV_RUNTIME_H */
