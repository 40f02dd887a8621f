// SPDX-License-Identifier: GPL-2.0
/*
 * Sysfs, accelgov/stats/: counters since the governor started
 *
 * What nothing was measured for reads ENODATA, not 0.
 */
#include "attr.h"

#define STAT(_name, _format, _value)					\
	static ssize_t show_##_name(struct accelgov_device *agd,	\
				    const struct accelgov_attr *attr,	\
				    char *buf)				\
	{								\
		return sysfs_emit(buf, _format "\n", _value);		\
	}								\
	ACCELGOV_ATTR_RO(_name)

/* Samples that reached the policy core. */
STAT(samples, "%llu", READ_ONCE(agd->stats.samples));
/* Samples that did not: too soon, ring full, out of order. */
STAT(dropped, "%u", (u32)atomic_read(&agd->stats.dropped));
/* Targets computed, for whatever reason. */
STAT(decisions, "%u", READ_ONCE(agd->stats.decisions));
/* Clock changes that the driver made. */
STAT(transitions, "%u", READ_ONCE(agd->stats.transitions));
/* How often signals went stale. */
STAT(fallbacks, "%u", READ_ONCE(agd->stats.fallbacks));
/* Time lost against the top clock, from the ledger. */
STAT(lost_time_us, "%llu", READ_ONCE(agd->core.guard.lost_total_us));

/* From a target to the clock that holds: what the governor counts on. */
STAT(switch_us, "%u", READ_ONCE(agd->core.switch_us));
/* How many changes that is the mean of, at most the last eight. */
STAT(switches_measured, "%u", READ_ONCE(agd->core.switches));

static ssize_t show_percentile(struct accelgov_device *agd, u32 percent,
			       char *buf)
{
	int us = accelgov_latency_percentile(&agd->stats.latency, percent);

	return us < 0 ? us : sysfs_emit(buf, "%d\n", us);
}

/* From a sample's arrival to the new target being set. */
static ssize_t show_decision_latency_p50_us(struct accelgov_device *agd,
					    const struct accelgov_attr *attr,
					    char *buf)
{
	return show_percentile(agd, 50, buf);
}
ACCELGOV_ATTR_RO(decision_latency_p50_us);

static ssize_t show_decision_latency_p99_us(struct accelgov_device *agd,
					    const struct accelgov_attr *attr,
					    char *buf)
{
	return show_percentile(agd, 99, buf);
}
ACCELGOV_ATTR_RO(decision_latency_p99_us);

/* Mean run time of the collector, as it told. */
static ssize_t show_collector_ns_per_sample(struct accelgov_device *agd,
					    const struct accelgov_attr *attr,
					    char *buf)
{
	u64 cost_ns, costed;
	unsigned long flags;

	raw_spin_lock_irqsave(&agd->lock, flags);
	cost_ns = agd->stats.cost_ns;
	costed = agd->stats.costed;
	raw_spin_unlock_irqrestore(&agd->lock, flags);
	if (!costed)
		return -ENODATA;
	return sysfs_emit(buf, "%llu\n", div64_u64(cost_ns, costed));
}
ACCELGOV_ATTR_RO(collector_ns_per_sample);

static const struct attribute *const files[] = {
	&attr_samples.attr,
	&attr_dropped.attr,
	&attr_decisions.attr,
	&attr_transitions.attr,
	&attr_fallbacks.attr,
	&attr_decision_latency_p50_us.attr,
	&attr_decision_latency_p99_us.attr,
	&attr_collector_ns_per_sample.attr,
	&attr_lost_time_us.attr,
	&attr_switch_us.attr,
	&attr_switches_measured.attr,
	NULL
};

const struct attribute_group accelgov_stats_group = {
	.name = "stats",
	.attrs = (struct attribute **)files,
};
