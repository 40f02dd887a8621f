// SPDX-License-Identifier: GPL-2.0
/* Must not load: asks about a device with a question of its own making. */
#include "policy_bad.h"

BAD_SELECT
{
	struct accelgov_policy_ctx fake = {};

	return accelgov_opp_khz(&fake, 0);
}

BAD_POLICY(.name = "bad");
