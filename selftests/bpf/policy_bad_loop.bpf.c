// SPDX-License-Identifier: GPL-2.0
/* Must not load: never returns. */
#include "policy_bad.h"

BAD_SELECT
{
	__u32 i = 0;

	while (i < 2) {
		i &= 1;
		barrier_var(i);
	}
	return ACCELGOV_BUILTIN;
}

BAD_POLICY(.name = "bad");
