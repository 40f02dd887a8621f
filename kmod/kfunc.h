/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ACCELGOV_KFUNC_H
#define _ACCELGOV_KFUNC_H

#include <linux/types.h>

struct accelgov_sample;

int accelgov_kfunc_init(void);
int accelgov_push(u32 token, const struct accelgov_sample *s, u32 s__sz);

#endif /* _ACCELGOV_KFUNC_H */
