// SPDX-License-Identifier: GPL-2.0
/* Must not load: wants to sleep. */
#include "policy_bad.h"

BAD_SELECT_IN("struct_ops.s/select")
{
	return ACCELGOV_BUILTIN;
}

BAD_POLICY(.name = "bad");
