/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ACCELGOV_ATTR_H
#define _ACCELGOV_ATTR_H

#include <linux/stddef.h>
#include <linux/sysfs.h>
#include "device.h"

/**
 * struct accelgov_knob - one writable number in &struct ag_config
 * @path: as seen from accelgov/, for trace events
 * @offset: of the field
 * @size: of the field: 1 for bool, 4 for u32 and s32
 * @min: lowest value that may be written
 * @max: highest value that may be written
 * @scale: written value per unit of the field; what does not divide is rounded
 *	towards the stricter side
 * @round_up: the stricter side is up
 * @signed_field: the field is an s32
 */
struct accelgov_knob {
	const char *path;
	u16 offset;
	u8 size;
	s64 min;
	s64 max;
	u32 scale;
	bool round_up;
	bool signed_field;
};

/**
 * struct accelgov_attr - one file below accelgov/
 * @attr: name and mode
 * @show: reads it
 * @store: writes it, NULL for read only files
 * @knob: for files that are a number of the configuration
 */
struct accelgov_attr {
	struct attribute attr;
	ssize_t (*show)(struct accelgov_device *agd,
			const struct accelgov_attr *attr, char *buf);
	ssize_t (*store)(struct accelgov_device *agd,
			 const struct accelgov_attr *attr, const char *buf,
			 size_t count);
	struct accelgov_knob knob;
};

#define ACCELGOV_ATTR_RO(_name)						\
	static const struct accelgov_attr attr_##_name = {		\
		.attr = { .name = #_name, .mode = 0444 },		\
		.show = show_##_name,					\
	}

/* A number of the configuration; more fields of the knob may follow. */
#define ACCELGOV_ATTR_KNOB(_name, _path, _field, _min, _max, _scale, ...) \
	{								\
		.attr = { .name = _name, .mode = 0644 },		\
		.show = accelgov_knob_show,				\
		.store = accelgov_knob_store,				\
		.knob = {						\
			.path = _path,					\
			.offset = offsetof(struct ag_config, _field),	\
			.size = sizeof_field(struct ag_config, _field),	\
			.min = _min,					\
			.max = _max,					\
			.scale = _scale,				\
			__VA_ARGS__					\
		},							\
	}

extern const struct attribute_group accelgov_stats_group;
extern const struct attribute_group accelgov_idle_group;
extern const struct accelgov_attr accelgov_attr_policy;
extern const struct attribute_group *accelgov_policy_groups[];
extern const struct attribute_group *accelgov_phase_groups[];

ssize_t accelgov_knob_show(struct accelgov_device *agd,
			   const struct accelgov_attr *attr, char *buf);
ssize_t accelgov_knob_store(struct accelgov_device *agd,
			    const struct accelgov_attr *attr, const char *buf,
			    size_t count);

int accelgov_sysfs_add(struct accelgov_device *agd);
void accelgov_sysfs_remove(struct accelgov_device *agd);
void accelgov_sysfs_state_changed(struct accelgov_device *agd);

#endif /* _ACCELGOV_ATTR_H */
