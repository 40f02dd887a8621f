// SPDX-License-Identifier: GPL-2.0
/* Must not load: writes what it may only read. */
#include "policy_bad.h"

BAD_SELECT
{
	q->budget_permille = 1000;
	return ACCELGOV_BUILTIN;
}

BAD_POLICY(.name = "bad");
