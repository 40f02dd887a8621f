// SPDX-License-Identifier: GPL-2.0
/*
 * Sysfs, accelgov/phases/<phase>/: limits per phase
 *
 * min_freq_hz, max_freq_hz: the policy keeps the clock within them while the
 * phase lasts, 0 for no limit; devfreq's own limits win over them.
 * slowdown_budget_permille: how much the phase alone may be slowed down, -1 for
 * the budget of the device.
 */
#include "attr.h"

/* The core counts in kHz, 32 bit. */
#define ACCELGOV_FREQ_MAX_HZ	((s64)U32_MAX * 1000)

#define PHASE_GROUP(_id, _PHASE, _dir)					\
static const struct accelgov_attr _id##_attrs[] = {			\
	ACCELGOV_ATTR_KNOB("min_freq_hz", "phases/" _dir "/min_freq_hz", \
			   phase[_PHASE].min_khz, 0,			\
			   ACCELGOV_FREQ_MAX_HZ, 1000,			\
			   .round_up = true),				\
	ACCELGOV_ATTR_KNOB("max_freq_hz", "phases/" _dir "/max_freq_hz", \
			   phase[_PHASE].max_khz, 0,			\
			   ACCELGOV_FREQ_MAX_HZ, 1000),			\
	ACCELGOV_ATTR_KNOB("slowdown_budget_permille",			\
			   "phases/" _dir "/slowdown_budget_permille",	\
			   phase[_PHASE].budget_permille, -1, 1000, 1,	\
			   .signed_field = true),			\
};									\
									\
static const struct attribute *const _id##_files[] = {			\
	&_id##_attrs[0].attr,						\
	&_id##_attrs[1].attr,						\
	&_id##_attrs[2].attr,						\
	NULL								\
};									\
									\
static const struct attribute_group _id##_group = {			\
	.name = _dir,							\
	.attrs = (struct attribute **)_id##_files,			\
}

PHASE_GROUP(compute, ACCELGOV_PHASE_COMPUTE, "compute");
PHASE_GROUP(memory, ACCELGOV_PHASE_MEMORY, "memory");
PHASE_GROUP(link, ACCELGOV_PHASE_LINK, "link-wait");
PHASE_GROUP(stall, ACCELGOV_PHASE_STALL, "input-stall");
PHASE_GROUP(checkpoint, ACCELGOV_PHASE_CHECKPOINT, "checkpoint");
PHASE_GROUP(mixed, ACCELGOV_PHASE_MIXED, "mixed");
PHASE_GROUP(loaded_idle, ACCELGOV_PHASE_LOADED_IDLE, "loaded-idle");
PHASE_GROUP(idle, ACCELGOV_PHASE_IDLE, "idle");

const struct attribute_group *accelgov_phase_groups[] = {
	&compute_group,
	&memory_group,
	&link_group,
	&stall_group,
	&checkpoint_group,
	&mixed_group,
	&loaded_idle_group,
	&idle_group,
	NULL
};
