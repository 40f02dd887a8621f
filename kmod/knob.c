// SPDX-License-Identifier: GPL-2.0
/*
 * Knob: reads and writes one number of the configuration through sysfs
 *
 * A write is all or nothing: it is parsed, held against its own bounds, then the
 * whole changed configuration is held against the core's rules, and only then
 * does it replace the old one.
 */
#include <linux/kstrtox.h>
#include "attr.h"
#include "config.h"
#include "retarget.h"
#include "runtime.h"
#include "trace.h"

static s64 field_get(const struct ag_config *cfg,
		     const struct accelgov_knob *knob)
{
	const void *p = (const char *)cfg + knob->offset;

	if (knob->size == 1)
		return *(const bool *)p;
	if (knob->signed_field)
		return *(const s32 *)p;
	return *(const u32 *)p;
}

static void field_set(struct ag_config *cfg, const struct accelgov_knob *knob,
		      s64 value)
{
	void *p = (char *)cfg + knob->offset;

	if (knob->size == 1)
		*(bool *)p = value;
	else
		*(u32 *)p = value;
}

/* A limit that is set must not round to 0, which would lift it. */
static int to_field(const struct accelgov_knob *knob, s64 value, s64 *ret)
{
	s64 up = knob->round_up ? knob->scale - 1 : 0;

	if (value < knob->min || value > knob->max)
		return -ERANGE;
	/* Only numbers that can't be negative have a scale. */
	*ret = knob->scale > 1 ? div_s64(value + up, knob->scale) : value;
	return value && !*ret ? -ERANGE : 0;
}

/**
 * accelgov_knob_show() - read a number
 * @agd: device
 * @attr: file
 * @buf: page
 *
 * Return: length of the text.
 */
ssize_t accelgov_knob_show(struct accelgov_device *agd,
			   const struct accelgov_attr *attr, char *buf)
{
	struct ag_config cfg;

	accelgov_config_read(agd, &cfg);
	return sysfs_emit(buf, "%lld\n",
			  field_get(&cfg, &attr->knob) * attr->knob.scale);
}

/**
 * accelgov_knob_store() - write a number
 * @agd: device
 * @attr: file
 * @buf: text
 * @count: its length
 *
 * Return: @count, -EINVAL for what is no number or contradicts another setting,
 * -ERANGE for a number out of bounds.
 */
ssize_t accelgov_knob_store(struct accelgov_device *agd,
			    const struct accelgov_attr *attr, const char *buf,
			    size_t count)
{
	const struct accelgov_knob *knob = &attr->knob;
	struct ag_config cfg;
	s64 value, field;
	int err;

	err = kstrtos64(buf, 10, &value);
	if (!err)
		err = to_field(knob, value, &field);
	if (err)
		return err;

	mutex_lock(&agd->config_lock);
	accelgov_config_read(agd, &cfg);
	field_set(&cfg, knob, field);
	err = accelgov_config_apply(agd, &cfg);
	mutex_unlock(&agd->config_lock);
	if (err)
		return err;

	trace_policy(accelgov_device_name(agd), "set", knob->path, value);
	if (knob->offset == offsetof(struct ag_config, idle.enable))
		accelgov_runtime_retry(agd);
	accelgov_request(agd, ACCELGOV_TRIGGER_POLICY);
	return count;
}
