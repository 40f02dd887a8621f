// SPDX-License-Identifier: GPL-2.0
/*
 * Sysfs: the directory accelgov/ below the devfreq device
 *
 * It appears with the governor and goes with it. Removing it waits for readers
 * and writers, so no file here may need a lock that is held while the governor
 * stops; they take the configuration lock and the raw lock and nothing else.
 * The files that describe a phase or count something are in files of their own.
 */
#include <linux/kstrtox.h>
#include <linux/timekeeping.h>
#include "attr.h"
#include "config.h"

/* An hour: longer than any sane daemon needs between two refreshes. */
#define ACCELGOV_LEASE_MAX_MS	3600000

static const char *state_name(const struct accelgov_device *agd)
{
	static const char *const names[] = {
		[ACCELGOV_STATE_STARTING] = "starting",
		[ACCELGOV_STATE_ACTIVE] = "active",
		[ACCELGOV_STATE_FALLBACK] = "fallback",
	};

	if (READ_ONCE(agd->suspended))
		return "suspended";
	return names[READ_ONCE(agd->state)];
}

/* starting, active, fallback or suspended; poll() wakes up on changes. */
static ssize_t show_state(struct accelgov_device *agd,
			  const struct accelgov_attr *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", state_name(agd));
}
ACCELGOV_ATTR_RO(state);

/* What BPF programs call the device. */
static ssize_t show_push_token(struct accelgov_device *agd,
			       const struct accelgov_attr *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", agd->token);
}
ACCELGOV_ATTR_RO(push_token);

/* unknown, training or inference. */
static ssize_t show_workload(struct accelgov_device *agd,
			     const struct accelgov_attr *attr, char *buf)
{
	enum accelgov_workload workload = READ_ONCE(agd->core.workload.now);

	return sysfs_emit(buf, "%s\n", ag_workload_name(workload));
}
ACCELGOV_ATTR_RO(workload);

static void phase_of(struct accelgov_device *agd, struct ag_phase *phase,
		     enum accelgov_workload *workload)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&agd->lock, flags);
	*phase = agd->core.phase;
	*workload = agd->core.workload.now;
	raw_spin_unlock_irqrestore(&agd->lock, flags);
}

/* Published name of the phase. */
static ssize_t show_phase(struct accelgov_device *agd,
			  const struct accelgov_attr *attr, char *buf)
{
	enum accelgov_workload workload;
	struct ag_phase phase;

	phase_of(agd, &phase, &workload);
	return sysfs_emit(buf, "%s\n", ag_phase_name(phase.now, workload));
}
ACCELGOV_ATTR_RO(phase);

/* Milliseconds since the phase began. */
static ssize_t show_phase_age_ms(struct accelgov_device *agd,
				 const struct accelgov_attr *attr, char *buf)
{
	enum accelgov_workload workload;
	u64 now_ns = ktime_get_ns();
	struct ag_phase phase;

	phase_of(agd, &phase, &workload);
	return sysfs_emit(buf, "%llu\n",
			  div_u64(now_ns - min(now_ns, phase.since_ns),
				  NSEC_PER_MSEC));
}
ACCELGOV_ATTR_RO(phase_age_ms);

/* How sure the classifier is of the phase, per mille; 0 while unknown. */
static ssize_t show_confidence_permille(struct accelgov_device *agd,
					const struct accelgov_attr *attr,
					char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(agd->core.phase.confidence));
}
ACCELGOV_ATTR_RO(confidence_permille);

/* Slowdown over the last 60 s of the ledger, per mille. */
static ssize_t show_slowdown_permille(struct accelgov_device *agd,
				      const struct accelgov_attr *attr,
				      char *buf)
{
	unsigned long flags;
	u32 permille;

	raw_spin_lock_irqsave(&agd->lock, flags);
	permille = ag_guard_slowdown_permille(&agd->core.guard);
	raw_spin_unlock_irqrestore(&agd->lock, flags);
	return sysfs_emit(buf, "%u\n", permille);
}
ACCELGOV_ATTR_RO(slowdown_permille);

/* Return: false while no sample has told the power. */
static bool energy_of(struct accelgov_device *agd, u64 *energy_uj,
		      s64 *saved_uj)
{
	unsigned long flags;
	bool known;

	raw_spin_lock_irqsave(&agd->lock, flags);
	known = agd->power_seen;
	*energy_uj = agd->core.energy_uj;
	*saved_uj = agd->core.saved_uj;
	raw_spin_unlock_irqrestore(&agd->lock, flags);
	return known;
}

/* Microjoules since the governor started, from the power signal. */
static ssize_t show_energy_uj(struct accelgov_device *agd,
			      const struct accelgov_attr *attr, char *buf)
{
	u64 energy_uj;
	s64 saved_uj;

	if (!energy_of(agd, &energy_uj, &saved_uj))
		return -ENODATA;
	return sysfs_emit(buf, "%llu\n", energy_uj);
}
ACCELGOV_ATTR_RO(energy_uj);

/* Microjoules saved against the top clock since start, by the model. */
static ssize_t show_energy_saved_uj(struct accelgov_device *agd,
				    const struct accelgov_attr *attr,
				    char *buf)
{
	u64 energy_uj;
	s64 saved_uj;

	if (!energy_of(agd, &energy_uj, &saved_uj))
		return -ENODATA;
	return sysfs_emit(buf, "%lld\n", saved_uj);
}
ACCELGOV_ATTR_RO(energy_saved_uj);

/* Power cap that the device is asked to hold itself, 0 for none. */
static ssize_t show_power_cap_asked_uw(struct accelgov_device *agd,
				       const struct accelgov_attr *attr,
				       char *buf)
{
	u32 mw = READ_ONCE(agd->core.limiter.asked_mw);

	return sysfs_emit(buf, "%llu\n", mw * 1000ULL);
}
ACCELGOV_ATTR_RO(power_cap_asked_uw);

/* Remaining milliseconds of the lease. */
static ssize_t show_lease_ms(struct accelgov_device *agd,
			     const struct accelgov_attr *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", accelgov_lease_remaining_ms(agd));
}

static ssize_t store_lease_ms(struct accelgov_device *agd,
			      const struct accelgov_attr *attr,
			      const char *buf, size_t count)
{
	s64 ms;
	int err = kstrtos64(buf, 10, &ms);

	if (err)
		return err;
	if (ms < 0 || ms > ACCELGOV_LEASE_MAX_MS)
		return -ERANGE;
	accelgov_lease_set(agd, ms);
	return count;
}

static const struct accelgov_attr attr_lease_ms = {
	.attr = { .name = "lease_ms", .mode = 0644 },
	.show = show_lease_ms,
	.store = store_lease_ms,
};

static const struct accelgov_attr knobs[] = {
	ACCELGOV_ATTR_KNOB("slowdown_budget_permille",
			   "slowdown_budget_permille", budget_permille, 0,
			   1000, 1),
	ACCELGOV_ATTR_KNOB("power_cap_uw", "power_cap_uw", power_cap_mw, 0,
			   (s64)U32_MAX * 1000, 1000),
	ACCELGOV_ATTR_KNOB("sample_period_us", "sample_period_us",
			   sample_period_us, 1000, 100000, 1),
};

static const struct attribute *const main_attrs[] = {
	&attr_push_token.attr,
	&attr_workload.attr,
	&attr_phase.attr,
	&attr_phase_age_ms.attr,
	&attr_confidence_permille.attr,
	&attr_state.attr,
	&attr_slowdown_permille.attr,
	&attr_energy_uj.attr,
	&attr_energy_saved_uj.attr,
	&attr_power_cap_asked_uw.attr,
	&accelgov_attr_policy.attr,
	&attr_lease_ms.attr,
	&knobs[0].attr,
	&knobs[1].attr,
	&knobs[2].attr,
	NULL
};

static ssize_t show(struct accelgov_device *agd, struct attribute *attr,
		    char *buf)
{
	const struct accelgov_attr *a =
		container_of(attr, struct accelgov_attr, attr);

	return a->show(agd, a, buf);
}

static ssize_t store(struct accelgov_device *agd, struct attribute *attr,
		     const char *buf, size_t count)
{
	const struct accelgov_attr *a =
		container_of(attr, struct accelgov_attr, attr);

	return a->store ? a->store(agd, a, buf, count) : -EPERM;
}

/* accelgov/ and accelgov/phases/ differ in where the device is. */
#define ACCELGOV_KTYPE(_name, _member)					\
static struct accelgov_device *_name##_device(struct kobject *kobj)	\
{									\
	return container_of(kobj, struct accelgov_device, _member);	\
}									\
									\
static ssize_t _name##_show(struct kobject *kobj,			\
			    struct attribute *attr, char *buf)		\
{									\
	return show(_name##_device(kobj), attr, buf);			\
}									\
									\
static ssize_t _name##_store(struct kobject *kobj,			\
			     struct attribute *attr, const char *buf,	\
			     size_t count)				\
{									\
	return store(_name##_device(kobj), attr, buf, count);		\
}									\
									\
static void _name##_release(struct kobject *kobj)			\
{									\
	accelgov_device_put(_name##_device(kobj));			\
}									\
									\
static const struct sysfs_ops _name##_ops = {				\
	.show = _name##_show,						\
	.store = _name##_store,						\
};									\
									\
static const struct kobj_type _name##_type = {				\
	.release = _name##_release,					\
	.sysfs_ops = &_name##_ops,					\
}

ACCELGOV_KTYPE(main, kobj);
ACCELGOV_KTYPE(phases, phases);

static int add_files(struct accelgov_device *agd)
{
	int err;

	err = sysfs_create_files(&agd->kobj,
				 (const struct attribute *const *)main_attrs);
	if (err)
		return err;
	err = sysfs_create_group(&agd->kobj, &accelgov_idle_group);
	if (err)
		return err;
	err = sysfs_create_group(&agd->kobj, &accelgov_stats_group);
	if (err)
		return err;
	err = sysfs_create_groups(&agd->kobj, accelgov_policy_groups);
	if (err)
		return err;
	return sysfs_create_groups(&agd->phases, accelgov_phase_groups);
}

/**
 * accelgov_sysfs_add() - show the device
 * @agd: device, complete
 *
 * Each of the two kobjects holds a reference on @agd.
 *
 * Return: 0, or a negative error and nothing is left behind.
 */
int accelgov_sysfs_add(struct accelgov_device *agd)
{
	int err;

	kref_get(&agd->kref);
	err = kobject_init_and_add(&agd->kobj, &main_type, &agd->df->dev.kobj,
				   "accelgov");
	if (err)
		goto put_main;
	kref_get(&agd->kref);
	err = kobject_init_and_add(&agd->phases, &phases_type, &agd->kobj,
				   "phases");
	if (err)
		goto put_phases;
	err = add_files(agd);
	if (err)
		goto put_phases;
	return 0;

put_phases:
	kobject_del(&agd->phases);
	kobject_put(&agd->phases);
	kobject_del(&agd->kobj);
put_main:
	kobject_put(&agd->kobj);
	return err;
}

/**
 * accelgov_sysfs_remove() - take the device away from view
 * @agd: device
 *
 * Waits for readers and writers.
 */
void accelgov_sysfs_remove(struct accelgov_device *agd)
{
	kobject_del(&agd->phases);
	kobject_put(&agd->phases);
	kobject_del(&agd->kobj);
	kobject_put(&agd->kobj);
}

/**
 * accelgov_sysfs_state_changed() - wake up who polls the state file
 * @agd: device
 */
void accelgov_sysfs_state_changed(struct accelgov_device *agd)
{
	sysfs_notify(&agd->kobj, NULL, "state");
}
