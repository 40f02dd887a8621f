// SPDX-License-Identifier: GPL-2.0
/*
 * Proxy sysfs: whether userspace follows, below /sys/class/accelgov/<name>/
 */
#include <linux/sysfs.h>
#include <linux/timekeeping.h>
#include "proxy.h"

/* Copies what several files show, under the lock that it is written under. */
static void state_of(struct accelgov_proxy *p, struct accelgov_proxy_target *t,
		     u64 *done_seq, u32 *errors, int *error)
{
	unsigned long flags;

	spin_lock_irqsave(&p->state_lock, flags);
	*t = p->target;
	*done_seq = p->done_seq;
	*errors = p->errors;
	*error = p->error;
	spin_unlock_irqrestore(&p->state_lock, flags);
}

#define PROXY_ATTR(_name, _fmt, _value)					\
static ssize_t _name##_show(struct device *dev,				\
			    struct device_attribute *attr, char *buf)	\
{									\
	struct accelgov_proxy_target t;					\
	u64 done_seq;							\
	u32 errors;							\
	int error;							\
									\
	state_of(to_proxy(dev), &t, &done_seq, &errors, &error);	\
	return sysfs_emit(buf, _fmt "\n", _value);			\
}									\
static DEVICE_ATTR_RO(_name)

/* Number of the newest target. */
PROXY_ATTR(target_seq, "%llu", t.seq);
/* Number of the newest target that userspace dealt with. */
PROXY_ATTR(done_seq, "%llu", done_seq);
/* What the newest target asks for. */
PROXY_ATTR(target_freq_hz, "%llu", t.clock_khz * 1000ULL);
PROXY_ATTR(target_cap_uw, "%llu", t.cap_mw * 1000ULL);
PROXY_ATTR(target_idle_state, "%u", t.idle_state);
/* Targets that could not be set, and the errno of the last of them. */
PROXY_ATTR(errors, "%u", errors);
PROXY_ATTR(last_error, "%d", error);

/* Milliseconds until the device is removed unless a report comes; 0 for never. */
static ssize_t lease_ms_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	struct accelgov_proxy *p = to_proxy(dev);
	u64 end_ns = READ_ONCE(p->lease_end_ns), now_ns = ktime_get_ns();
	u64 left_ms = div_u64(end_ns - min(end_ns, now_ns), NSEC_PER_MSEC);

	return sysfs_emit(buf, "%llu\n", end_ns ? max(left_ms, 1ULL) : 0);
}
static DEVICE_ATTR_RO(lease_ms);

/* What a change of clock costs, as userspace told it; 0 when it did not. */
static ssize_t switch_us_show(struct device *dev, struct device_attribute *attr,
			      char *buf)
{
	return sysfs_emit(buf, "%u\n", to_proxy(dev)->table.switch_us);
}
static DEVICE_ATTR_RO(switch_us);

static ssize_t halt_us_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	return sysfs_emit(buf, "%u\n", to_proxy(dev)->table.halt_us);
}
static DEVICE_ATTR_RO(halt_us);

static struct attribute *accelgov_proxy_attrs[] = {
	&dev_attr_target_seq.attr,
	&dev_attr_done_seq.attr,
	&dev_attr_target_freq_hz.attr,
	&dev_attr_target_cap_uw.attr,
	&dev_attr_target_idle_state.attr,
	&dev_attr_errors.attr,
	&dev_attr_last_error.attr,
	&dev_attr_lease_ms.attr,
	&dev_attr_switch_us.attr,
	&dev_attr_halt_us.attr,
	NULL
};

static const struct attribute_group accelgov_proxy_group = {
	.attrs = accelgov_proxy_attrs,
};

const struct attribute_group *accelgov_proxy_groups[] = {
	&accelgov_proxy_group,
	NULL
};
