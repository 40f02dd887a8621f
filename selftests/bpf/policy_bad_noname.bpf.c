// SPDX-License-Identifier: GPL-2.0
/* Must be refused: it has no name. */
#include "policy_bad.h"

BAD_SELECT
{
	return ACCELGOV_BUILTIN;
}

BAD_POLICY();
