/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ACCELGOV_TOKEN_H
#define _ACCELGOV_TOKEN_H

#include <linux/types.h>

struct accelgov_device;

int accelgov_token_alloc(struct accelgov_device *agd);
void accelgov_token_free(struct accelgov_device *agd);
struct accelgov_device *accelgov_token_device(u32 token);

#endif /* _ACCELGOV_TOKEN_H */
