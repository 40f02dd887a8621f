// SPDX-License-Identifier: GPL-2.0
/* Must be refused: it wants more time than there is. */
#include "policy_bad.h"

BAD_SELECT
{
	return ACCELGOV_BUILTIN;
}

BAD_POLICY(.timeout_ms = 1001, .name = "bad");
