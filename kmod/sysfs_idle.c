// SPDX-License-Identifier: GPL-2.0
/*
 * Sysfs, accelgov/idle/: the idle policy
 *
 * enable: 1 lets the governor set the device's autosuspend delay, and takes the
 * charge back after an administrator has set it.
 * break_even_us: how long a suspend must last to save energy; where the device told
 * what its idle states cost, the least that is required of each.
 * max_latency_us: a resume may take this long, 0 for any time.
 * wake_latency_us: how long a resume takes, 0 when it isn't known; of no use where the
 * device told it.
 */
#include "attr.h"

/* How long an idle period that begins now is expected to be. */
static ssize_t show_predicted_us(struct accelgov_device *agd,
				 const struct accelgov_attr *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(agd->core.idle.predicted_us));
}
ACCELGOV_ATTR_RO(predicted_us);

/* The delay that the governor has set, -1 for never. */
static ssize_t show_autosuspend_ms(struct accelgov_device *agd,
				   const struct accelgov_attr *attr, char *buf)
{
	int ms = READ_ONCE(agd->runtime.set_ms);

	if (!READ_ONCE(agd->runtime.changed))
		return -ENODATA;
	return sysfs_emit(buf, "%d\n", ms == INT_MAX ? -1 : ms);
}
ACCELGOV_ATTR_RO(autosuspend_ms);

/* What the policy wants of an idle period: states and when each is asked for. */
static ssize_t show_steps(struct accelgov_device *agd,
			  const struct accelgov_attr *attr, char *buf)
{
	struct ag_idle_step step[AG_IDLE_STATES];
	unsigned long flags;
	int len = 0;
	u32 nr, i;

	raw_spin_lock_irqsave(&agd->lock, flags);
	nr = agd->core.idle.nr_steps;
	memcpy(step, agd->core.idle.step, sizeof(step));
	raw_spin_unlock_irqrestore(&agd->lock, flags);
	for (i = 0; i < nr; i++)
		len += sysfs_emit_at(buf, len, "%s%u:%u", i ? " " : "",
				     step[i].state, step[i].delay_ms);
	return len + sysfs_emit_at(buf, len, "%s\n", nr ? "" : "never");
}
ACCELGOV_ATTR_RO(steps);

/* An hour is as good as never. */
#define ACCELGOV_IDLE_MAX_US	3600000000LL

static const struct accelgov_attr idle_knobs[] = {
	ACCELGOV_ATTR_KNOB("enable", "idle/enable", idle.enable, 0, 1, 1),
	ACCELGOV_ATTR_KNOB("break_even_us", "idle/break_even_us",
			   idle.break_even_us, 0, ACCELGOV_IDLE_MAX_US, 1),
	ACCELGOV_ATTR_KNOB("max_latency_us", "idle/max_latency_us",
			   idle.max_latency_us, 0, ACCELGOV_IDLE_MAX_US, 1),
	ACCELGOV_ATTR_KNOB("wake_latency_us", "idle/wake_latency_us",
			   idle.wake_latency_us, 0, ACCELGOV_IDLE_MAX_US, 1),
};

static const struct attribute *const idle_files[] = {
	&idle_knobs[0].attr,
	&idle_knobs[1].attr,
	&idle_knobs[2].attr,
	&idle_knobs[3].attr,
	&attr_predicted_us.attr,
	&attr_autosuspend_ms.attr,
	&attr_steps.attr,
	NULL
};

const struct attribute_group accelgov_idle_group = {
	.name = "idle",
	.attrs = (struct attribute **)idle_files,
};
