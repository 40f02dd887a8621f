// SPDX-License-Identifier: GPL-2.0
/* Must be refused: it has a flag that nobody knows. */
#include "policy_bad.h"

BAD_SELECT
{
	return ACCELGOV_BUILTIN;
}

BAD_POLICY(.flags = 1ULL << 40, .name = "bad");
