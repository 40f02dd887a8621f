// SPDX-License-Identifier: GPL-2.0
/* Must not load: writes behind its scratch words. */
#include "policy_bad.h"

BAD_SELECT
{
	__u64 *words = q->scratch;

	words[ACCELGOV_SCRATCH_WORDS] = 1;
	return ACCELGOV_BUILTIN;
}

BAD_POLICY(.name = "bad");
