// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "replay_policy.h"

static const struct replay_policy *const policies[] = {
	&replay_performance,
	&replay_powersave,
	&replay_simple_ondemand,
	&replay_geopm,
	&replay_sm_idle,
	&replay_static_best,
	&replay_power_cap_best,
	&replay_accelgov,
	&replay_oracle,
	&replay_oracle_free,
};

#define POLICIES (sizeof(policies) / sizeof(policies[0]))

const struct replay_policy *replay_policy_nth(unsigned int i)
{
	return i < POLICIES ? policies[i] : NULL;
}

const struct replay_policy *replay_policy_find(const char *name)
{
	for (size_t i = 0; i < POLICIES; i++)
		if (!strcmp(policies[i]->name, name))
			return policies[i];
	return NULL;
}
