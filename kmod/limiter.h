/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ACCELGOV_LIMITER_H
#define _ACCELGOV_LIMITER_H

#include <linux/types.h>

struct accelgov_device;
struct devfreq;

void accelgov_limiter_init(struct accelgov_device *agd);
void accelgov_limiter_tell(struct accelgov_device *agd);
void accelgov_limiter_restore(struct accelgov_device *agd);
void accelgov_limiter_answer(struct devfreq *df, bool done);

#endif /* _ACCELGOV_LIMITER_H */
