/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every figure of a profile's text once, for reading, writing and checking.
 */
#ifndef _LIB_PROFILE_FIELDS_H
#define _LIB_PROFILE_FIELDS_H

#include "profile_file.h"
#include "units.h"

/**
 * struct profile_field - a figure and its place
 * @section: section of the text; "idle" and "phase" are followed by a name
 * @key: key in it
 * @unit: how the value is written
 * @per: base units of @unit in one unit of the structure
 * @at: offset in the structure
 * @size: 1, 4 or 8 bytes
 * @min: lowest value that makes sense, in units of the structure
 * @max: highest
 */
struct profile_field {
	const char *section;
	const char *key;
	enum unit unit;
	u32 per;
	size_t at;
	size_t size;
	u64 min;
	u64 max;
};

/* NULL behind the last one. Of struct asim_profile, asim_level, profile_phase. */
const struct profile_field *profile_field(u32 i);
const struct profile_field *profile_level_field(u32 i);
const struct profile_field *profile_phase_field(u32 i);

/* Notes on the figures of a profile of the simulator, by its name. */
void profile_sources(struct profile_file *pf);

u64 profile_field_get(const struct profile_field *f, const void *base);
void profile_field_set(const struct profile_field *f, void *base, u64 value);

#endif /* _LIB_PROFILE_FIELDS_H */
