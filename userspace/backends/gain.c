// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - whether a later look at an accelerator found more than an earlier one
 */
#include <string.h>

#include "gain.h"

static bool same(const uint32_t *a, size_t nr_a, const uint32_t *b, size_t nr_b)
{
	return nr_a == nr_b && !memcmp(a, b, nr_a * sizeof(*a));
}

static bool clocks_gain(const uint32_t *before, size_t nr_before,
			const uint32_t *now, size_t nr_now, bool untouched)
{
	if (!nr_now || same(before, nr_before, now, nr_now))
		return false;
	if (!nr_before || untouched)
		return true;
	return nr_now >= nr_before && now[0] <= before[0] &&
	       now[nr_now - 1] >= before[nr_before - 1];
}

static bool end_gains(const struct reading *before, const struct reading *now,
		      bool lower, bool untouched)
{
	if (!now->known || (before->known && before->value == now->value))
		return false;
	return !before->known || untouched || (now->value < before->value) == lower;
}

static bool range_gains(const struct backend_range *before,
			const struct backend_range *now, bool untouched)
{
	if (!now->there || !now->writable)
		return false;
	return !before->there || !before->writable ||
	       end_gains(&before->min, &now->min, true, untouched) ||
	       end_gains(&before->max, &now->max, false, untouched);
}

/* What a proxy device takes: a limit within two ends that are known. */
static bool cap_gains(const struct backend_range *before,
		      const struct backend_range *now, bool untouched)
{
	return now->min.known && now->max.known && range_gains(before, now, untouched);
}

static bool settable(const struct accelerator *acc, enum backend_actuator actuator)
{
	return acc->actuator[actuator].there && acc->actuator[actuator].writable;
}

static bool loses(const struct accelerator *before, const struct accelerator *now)
{
	return (before->nr_clocks && !now->nr_clocks) ||
	       (settable(before, BACKEND_CLOCK) && !settable(now, BACKEND_CLOCK)) ||
	       (settable(before, BACKEND_CAP) && !settable(now, BACKEND_CAP));
}

static bool profiles_gain(const struct accelerator *before,
			  const struct accelerator *now)
{
	return now->nr_profiles &&
	       (before->nr_profiles != now->nr_profiles ||
		memcmp(before->profile, now->profile, now->nr_profiles));
}

const char *accelerator_gains(const struct accelerator *before,
			      const struct accelerator *now, bool untouched)
{
	if (loses(before, now))
		return NULL;
	if (clocks_gain(before->clock_khz, before->nr_clocks, now->clock_khz,
			now->nr_clocks, untouched))
		return "clocks";
	if (range_gains(&before->actuator[BACKEND_CLOCK],
			&now->actuator[BACKEND_CLOCK], untouched))
		return "a clock that can be set";
	if (cap_gains(&before->actuator[BACKEND_CAP], &now->actuator[BACKEND_CAP],
		      untouched))
		return "a power limit that can be set";
	if (clocks_gain(before->mem_khz, before->nr_mem_clocks, now->mem_khz,
			now->nr_mem_clocks, untouched))
		return "memory clocks";
	if (profiles_gain(before, now))
		return "power profiles";
	return NULL;
}
