// SPDX-License-Identifier: GPL-2.0
/*
 * Sysfs, accelgov/policy, policy_stats/ and policy_exit/: policies in BPF
 *
 * policy_stats/ tells what the policy did that decides now, and policy_exit/ why
 * the one before it decides no more. Without one, numbers read ENODATA.
 */
#include <linux/timekeeping.h>
#include "attr.h"

static const char *const exit_names[] = {
	[ACCELGOV_EXIT_NONE] = "none",
	[ACCELGOV_EXIT_UNLOAD] = "unload",
	[ACCELGOV_EXIT_REPLACED] = "replaced",
	[ACCELGOV_EXIT_DEVICE] = "device",
	[ACCELGOV_EXIT_INIT] = "init",
	[ACCELGOV_EXIT_EJECTED] = "ejected",
	[ACCELGOV_EXIT_ELSEWHERE] = "ejected-elsewhere",
};

static const char *const exit_reasons[] = {
	[ACCELGOV_EXIT_NONE] = "no policy has ended on this device",
	[ACCELGOV_EXIT_UNLOAD] = "it was unloaded",
	[ACCELGOV_EXIT_REPLACED] = "another policy took its place",
	[ACCELGOV_EXIT_DEVICE] = "the device left the governor",
	[ACCELGOV_EXIT_INIT] = "init_device() refused the device",
	[ACCELGOV_EXIT_ELSEWHERE] = "it was ejected for what it did elsewhere",
};

static const char *const offence_reasons[] = {
	[ACCELGOV_OFFENCE_PHASE] = "classify() went on naming phases that do not exist",
	[ACCELGOV_OFFENCE_CLOCK] = "select() went on wishing what is no operating point",
	[ACCELGOV_OFFENCE_IDLE] = "idle_select() went on wishing delays below zero",
	[ACCELGOV_OFFENCE_SWITCH] = "it went on changing the clock before a change was due",
	[ACCELGOV_OFFENCE_BUDGET] = "it used up the slowdown budget again and again",
	[ACCELGOV_OFFENCE_SLOW] = "its callbacks took longer than timeout_ms",
};

/* A copy of a binding. Return: false when there is none. */
static bool copy(struct accelgov_device *agd, bool active,
		 struct accelgov_binding *ret)
{
	struct accelgov_binding *b;
	unsigned long flags;

	raw_spin_lock_irqsave(&agd->lock, flags);
	b = active ? agd->place->active : agd->place->last;
	if (b)
		*ret = *b;
	raw_spin_unlock_irqrestore(&agd->lock, flags);
	return b;
}

/* Which policy decides: a name, or builtin. */
static ssize_t show_policy(struct accelgov_device *agd,
			   const struct accelgov_attr *attr, char *buf)
{
	struct accelgov_binding b;
	bool other = copy(agd, true, &b) && b.exit == ACCELGOV_EXIT_NONE;

	return sysfs_emit(buf, "%s\n", other ? b.name : "builtin");
}

const struct accelgov_attr accelgov_attr_policy = {
	.attr = { .name = "policy", .mode = 0444 },
	.show = show_policy,
};

#define POLICY_STAT(_name, _value)					\
	static ssize_t show_##_name(struct accelgov_device *agd,	\
				    const struct accelgov_attr *attr,	\
				    char *buf)				\
	{								\
		struct accelgov_binding b;				\
									\
		if (!copy(agd, true, &b))				\
			return -ENODATA;				\
		return sysfs_emit(buf, "%llu\n", (u64)(_value));	\
	}								\
	ACCELGOV_ATTR_RO(_name)

/* Callbacks run, and the longest of them. */
POLICY_STAT(calls, b.calls);
POLICY_STAT(longest_ns, b.longest_ns);
/* Decisions of select(), or of the built-in policy about phases it was given. */
POLICY_STAT(decisions, b.judge.nr);
/* Offences, by kind. */
POLICY_STAT(bad_phases, b.judge.count[ACCELGOV_OFFENCE_PHASE]);
POLICY_STAT(bad_clocks, b.judge.count[ACCELGOV_OFFENCE_CLOCK]);
POLICY_STAT(bad_delays, b.judge.count[ACCELGOV_OFFENCE_IDLE]);
POLICY_STAT(refused_switches, b.judge.count[ACCELGOV_OFFENCE_SWITCH]);
POLICY_STAT(budget_overruns, b.judge.count[ACCELGOV_OFFENCE_BUDGET]);
POLICY_STAT(slow_calls, b.judge.count[ACCELGOV_OFFENCE_SLOW]);

static const struct attribute *const stat_files[] = {
	&attr_calls.attr,
	&attr_longest_ns.attr,
	&attr_decisions.attr,
	&attr_bad_phases.attr,
	&attr_bad_clocks.attr,
	&attr_bad_delays.attr,
	&attr_refused_switches.attr,
	&attr_budget_overruns.attr,
	&attr_slow_calls.attr,
	NULL
};

static const struct attribute_group stat_group = {
	.name = "policy_stats",
	.attrs = (struct attribute **)stat_files,
};

/* Name of the policy that ended last. */
static ssize_t show_name(struct accelgov_device *agd,
			 const struct accelgov_attr *attr, char *buf)
{
	struct accelgov_binding b;

	if (!copy(agd, false, &b))
		return -ENODATA;
	return sysfs_emit(buf, "%s\n", b.name);
}
ACCELGOV_ATTR_RO(name);

/* Why it ended, in one word. */
static ssize_t show_code(struct accelgov_device *agd,
			 const struct accelgov_attr *attr, char *buf)
{
	struct accelgov_binding b;

	if (!copy(agd, false, &b))
		b.exit = ACCELGOV_EXIT_NONE;
	return sysfs_emit(buf, "%s\n", exit_names[b.exit]);
}
ACCELGOV_ATTR_RO(code);

/* Why it ended, in a sentence. */
static ssize_t show_reason(struct accelgov_device *agd,
			   const struct accelgov_attr *attr, char *buf)
{
	struct accelgov_binding b;

	if (!copy(agd, false, &b))
		b.exit = ACCELGOV_EXIT_NONE;
	if (b.exit == ACCELGOV_EXIT_INIT)
		return sysfs_emit(buf, "%s: %d\n", exit_reasons[b.exit],
				  b.status);
	if (b.exit == ACCELGOV_EXIT_EJECTED)
		return sysfs_emit(buf, "%s, %u times\n",
				  offence_reasons[b.judge.guilty],
				  b.judge.count[b.judge.guilty]);
	return sysfs_emit(buf, "%s\n", exit_reasons[b.exit]);
}
ACCELGOV_ATTR_RO(reason);

/* What it was ejected for, in one word. */
static ssize_t show_offence(struct accelgov_device *agd,
			    const struct accelgov_attr *attr, char *buf)
{
	struct accelgov_binding b;

	if (!copy(agd, false, &b))
		return -ENODATA;
	return sysfs_emit(buf, "%s\n", ag_offence_name(b.judge.guilty));
}
ACCELGOV_ATTR_RO(offence);

static int emit_verdict(char *buf, int at, const struct ag_verdict *v)
{
	return sysfs_emit_at(buf, at,
			     "time_us=%llu phase=%s asked=%d got_khz=%u offence=%s\n",
			     div_u64(v->time_ns, NSEC_PER_USEC),
			     ag_phase_base_name(v->phase), v->asked,
			     v->got_khz, ag_offence_name(v->offence));
}

/* Its last decisions, the newest at the end. */
static ssize_t show_last_decisions(struct accelgov_device *agd,
				   const struct accelgov_attr *attr, char *buf)
{
	struct accelgov_binding b;
	int at = 0;
	u64 i;

	if (!copy(agd, false, &b))
		return -ENODATA;
	i = b.judge.nr - min_t(u64, b.judge.nr, AG_JUDGE_HISTORY);
	for (; i < b.judge.nr; i++)
		at += emit_verdict(buf, at,
				   &b.judge.last[i % AG_JUDGE_HISTORY]);
	return at;
}
ACCELGOV_ATTR_RO(last_decisions);

static const struct attribute *const end_files[] = {
	&attr_name.attr,
	&attr_code.attr,
	&attr_reason.attr,
	&attr_offence.attr,
	&attr_last_decisions.attr,
	NULL
};

static const struct attribute_group exit_group = {
	.name = "policy_exit",
	.attrs = (struct attribute **)end_files,
};

const struct attribute_group *accelgov_policy_groups[] = {
	&stat_group,
	&exit_group,
	NULL
};
