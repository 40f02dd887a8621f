// SPDX-License-Identifier: GPL-2.0
/* Must not load: pushes samples as only collectors may. */
#include "policy_bad.h"

extern int accelgov_push(__u32 token, const struct accelgov_sample *s,
			 __u32 s__sz) __ksym;

BAD_SELECT
{
	struct accelgov_sample sample = {};

	return accelgov_push(q->device, &sample, sizeof(sample));
}

BAD_POLICY(.name = "bad");
