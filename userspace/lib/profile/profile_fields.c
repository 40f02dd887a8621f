// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "profile_fields.h"

/* Bounds keep every product of kmod/sim/physics.c within its integers. */
#define KHZ_MAX		20000000
#define MW_MAX		100000000
#define BANDWIDTH_MAX	1000000000
#define SWITCH_MAX	(10 * NSEC_PER_SEC)

#define FIELD(type, section, key, unit, per, member, min, max) \
	{ section, key, unit, per, offsetof(type, member), \
	  sizeof(((type *)NULL)->member), min, max }
#define P(section, key, unit, per, member, min, max) \
	FIELD(struct asim_profile, section, key, unit, per, member, min, max)
#define L(key, unit, per, member, min, max) \
	FIELD(struct asim_level, "idle", key, unit, per, member, min, max)
#define W(key, unit, per, member, min, max) \
	FIELD(struct profile_phase, "phase", key, unit, per, member, min, max)

static const struct profile_field fields[] = {
	P("clock", "min", UNIT_FREQ, 1000, khz_min, 1, KHZ_MAX),
	P("clock", "max", UNIT_FREQ, 1000, khz_max, 1, KHZ_MAX),
	P("clock", "step", UNIT_FREQ, 1000, khz_step, 1, KHZ_MAX),
	P("rate", "operations_per_cycle", UNIT_COUNT, 1, ops_per_cycle, 1,
	  100000000),
	P("rate", "memory_bandwidth", UNIT_BANDWIDTH, 1, mem_bytes_per_us, 1,
	  BANDWIDTH_MAX),
	P("rate", "memory_knee", UNIT_FREQ, 1000, mem_knee_khz, 0, KHZ_MAX),
	P("rate", "host_link_bandwidth", UNIT_BANDWIDTH, 1, io_bytes_per_us, 1,
	  BANDWIDTH_MAX),
	P("power", "static", UNIT_POWER, 1000, static_mw, 0, MW_MAX),
	P("power", "leakage", UNIT_POWER, 1000, leak_mw, 0, MW_MAX),
	P("power", "idle_clock", UNIT_POWER, 1000, idle_clock_mw, 0, MW_MAX),
	P("power", "busy_clock", UNIT_POWER, 1000, busy_clock_mw, 0, MW_MAX),
	P("power", "compute", UNIT_POWER, 1000, compute_mw, 0, MW_MAX),
	P("power", "data_movement", UNIT_POWER, 1000, move_mw, 0, MW_MAX),
	P("power", "memory", UNIT_POWER, 1000, memory_mw, 0, MW_MAX),
	P("power", "link", UNIT_POWER, 1000, link_mw, 0, MW_MAX),
	P("limit", "min", UNIT_POWER, 1000, cap_min_mw, 1, MW_MAX),
	P("limit", "max", UNIT_POWER, 1000, cap_max_mw, 1, MW_MAX),
	P("limit", "mean_share", UNIT_SHARE, 1, cap_mean_permille, 1, 1000),
	P("switch", "time", UNIT_SPAN, 1, switch_ns, 0, SWITCH_MAX),
	P("switch", "spread", UNIT_SPAN, 1, switch_spread_ns, 0, SWITCH_MAX),
	P("switch", "slow_every", UNIT_COUNT, 1, slow_every, 0, ASIM_MAX_OPPS),
	P("switch", "slow_time", UNIT_SPAN, 1, slow_ns, 0, SWITCH_MAX),
	P("switch", "stall", UNIT_SPAN, 1, stall_ns, 0, SWITCH_MAX),
	P("progress", "operations", UNIT_COUNT, 1, ops_per_unit, 1, U32_MAX),
	P("progress", "bytes", UNIT_COUNT, 1, bytes_per_unit, 1, U32_MAX),
	P("progress", "link_ns", UNIT_COUNT, 1, link_ns_per_unit, 1, U32_MAX),
	P("progress", "host_link_bytes", UNIT_COUNT, 1, io_bytes_per_unit, 1,
	  U32_MAX),
	{ }
};

static const struct profile_field level_fields[] = {
	L("power", UNIT_POWER, 1000, mw[0], 0, MW_MAX),
	L("power_with_context", UNIT_POWER, 1000, mw[1], 0, MW_MAX),
	L("enters_after", UNIT_SPAN, 1, entry_ns, 0, 3600 * NSEC_PER_SEC),
	L("wakes_in", UNIT_SPAN, 1, wake_ns, 0, 60 * NSEC_PER_SEC),
	L("with_context", UNIT_BOOL, 1, with_context, 0, 1),
	{ }
};

static const struct profile_field phase_fields[] = {
	W("sensitivity", UNIT_SHARE, 1, sensitivity_permille, 0, 1000),
	W("time", UNIT_SPAN, 1, time_ns, 1, S64_MAX),
	W("power", UNIT_POWER, 1000, mw, 0, MW_MAX),
	{ }
};

static const struct profile_field *pick(const struct profile_field *table,
					u32 i)
{
	return table[i].section ? &table[i] : NULL;
}

const struct profile_field *profile_field(u32 i)
{
	return pick(fields, i);
}

const struct profile_field *profile_level_field(u32 i)
{
	return pick(level_fields, i);
}

const struct profile_field *profile_phase_field(u32 i)
{
	return pick(phase_fields, i);
}

u64 profile_field_get(const struct profile_field *f, const void *base)
{
	const char *at = (const char *)base + f->at;
	u32 small;
	u64 large;

	if (f->size == 1)
		return *at;
	if (f->size == sizeof(small)) {
		memcpy(&small, at, sizeof(small));
		return small;
	}
	memcpy(&large, at, sizeof(large));
	return large;
}

void profile_field_set(const struct profile_field *f, void *base, u64 value)
{
	char *at = (char *)base + f->at;
	u32 small = (u32)value;

	if (f->size == 1)
		*(bool *)at = value;
	else if (f->size == sizeof(small))
		memcpy(at, &small, sizeof(small));
	else
		memcpy(at, &value, sizeof(value));
}
