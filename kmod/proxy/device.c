// SPDX-License-Identifier: GPL-2.0
/*
 * Proxy device: life, targets and reports
 *
 * One target exists per device, the newest. Whoever changes a part of it gives
 * it the next number and wakes the reader; a reader that was busy meanwhile
 * never sees what was in between, so it can't act on anything stale.
 *
 * Locks, outermost first:
 *	accelgov_proxy_names	who is called what
 *	accelgov_proxy.lock	reports, and the end
 *	devfreq's locks, runtime PM
 *	accelgov_proxy.state_lock	target and readings
 *
 * devfreq, runtime PM and hwmon call back with locks of theirs held, so what they
 * call takes state_lock only. The end is declared under lock, after which no
 * report comes in any more, and carried out without it.
 */
#include <linux/ctype.h>
#include <linux/kobject.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include "device.h"
#include "intake.h"
#include "proxy.h"
#include "trace.h"

static DEFINE_MUTEX(accelgov_proxy_names);

static void release(struct device *dev)
{
	struct accelgov_proxy *p = to_proxy(dev);

	mutex_destroy(&p->lock);
	kvfree(p->opps);
	kfree(p);
}

static int uevent(const struct device *dev, struct kobj_uevent_env *env)
{
	return add_uevent_var(env, "ACCELGOV_PROXY=1");
}

const struct class accelgov_proxy_class = {
	.name = "accelgov",
	.dev_groups = accelgov_proxy_groups,
	.dev_uevent = uevent,
	.dev_release = release,
	.pm = &accelgov_proxy_pm_ops,
};

static u32 *field_of(struct accelgov_proxy_target *t,
		     enum accelgov_proxy_field field)
{
	switch (field) {
	case ACCELGOV_PROXY_CLOCK_KHZ:
		return &t->clock_khz;
	case ACCELGOV_PROXY_CAP_MW:
		return &t->cap_mw;
	default:
		return &t->idle_state;
	}
}

/**
 * accelgov_proxy_aim() - change the target, without telling who reads it
 * @p: device
 * @field: which part
 * @value: its new value; nothing happens when it is the old one
 *
 * Context: state_lock held.
 * Return: true when it is another target.
 */
bool accelgov_proxy_aim(struct accelgov_proxy *p,
			enum accelgov_proxy_field field, u32 value)
{
	struct accelgov_proxy_target *t = &p->target;

	lockdep_assert_held(&p->state_lock);
	if (*field_of(t, field) == value)
		return false;
	*field_of(t, field) = value;
	t->seq++;
	t->time_ns = ktime_get_ns();
	trace_proxy(accelgov_proxy_name(p), "target", t, 0);
	return true;
}

/**
 * accelgov_proxy_want() - change the target
 * @p: device
 * @field: which part
 * @value: its new value; nothing happens when it is the old one
 *
 * Context: any but NMI.
 */
void accelgov_proxy_want(struct accelgov_proxy *p,
			 enum accelgov_proxy_field field, u32 value)
{
	unsigned long flags;
	bool changed;

	spin_lock_irqsave(&p->state_lock, flags);
	changed = accelgov_proxy_aim(p, field, value);
	spin_unlock_irqrestore(&p->state_lock, flags);
	if (changed)
		wake_up_interruptible(&p->wait);
}

static void note_power(struct accelgov_proxy_readings *r,
		       const struct accelgov_sample *s)
{
	u64 val = s->val[ACCELGOV_SIG_POWER];
	u32 window_us = (u32)div_u64(s->window_ns, NSEC_PER_USEC);

	if (s->amount & BIT(ACCELGOV_SIG_POWER)) {
		r->energy_uj += val;
		/* uJ per us is W. */
		r->power_mw = (u32)div_u64(val * 1000, window_us);
	} else {
		r->energy_uj += mul_u64_u32_div(val, window_us, USEC_PER_MSEC);
		r->power_mw = (u32)val;
	}
	r->power_known = true;
}

static void note_readings(struct accelgov_proxy *p,
			  const struct accelgov_sample *s)
{
	struct accelgov_proxy_readings *r = &p->readings;
	struct ag_rates rates;
	unsigned long flags;

	ag_sample_rates(s, &rates);
	spin_lock_irqsave(&p->state_lock, flags);
	if (ag_valid(&rates, ACCELGOV_SIG_BUSY)) {
		r->busy_ns += div_u64(s->window_ns * rates.busy, 1000);
		r->total_ns += s->window_ns;
	}
	r->clock_khz = ag_valid(&rates, ACCELGOV_SIG_CLOCK) ?
		       rates.clock_khz : 0;
	if (ag_valid(&rates, ACCELGOV_SIG_POWER))
		note_power(r, s);
	spin_unlock_irqrestore(&p->state_lock, flags);
}

/* A target that was dealt with; numbers that were not read yet are nonsense. */
static int note_done(struct accelgov_proxy *p,
		     const struct accelgov_proxy_report *report)
{
	unsigned long flags;
	int err = 0;

	spin_lock_irqsave(&p->state_lock, flags);
	if (report->seq > p->read_seq) {
		err = -EINVAL;
	} else if (report->seq > p->done_seq) {
		p->done_seq = report->seq;
		if (report->error) {
			p->errors++;
			p->error = report->error;
		}
		trace_proxy(accelgov_proxy_name(p),
			    report->error ? "error" : "done", &p->target,
			    report->error);
	}
	spin_unlock_irqrestore(&p->state_lock, flags);
	return err;
}

static int take_sample(struct accelgov_proxy *p,
		       const struct accelgov_sample *s)
{
	bool known = s->valid & BIT(ACCELGOV_SIG_BUSY);
	int err;

	note_readings(p, s);
	/* What can't be told is taken for work: a device is not put to sleep. */
	err = accelgov_proxy_idle_busy(p, !known || s->val[ACCELGOV_SIG_BUSY]);
	if (err)
		return err;
	accelgov_intake_governor(p->df, s);
	return 0;
}

static void renew_lease(struct accelgov_proxy *p)
{
	u32 ms = p->table.lease_ms;

	if (!ms)
		return;
	WRITE_ONCE(p->lease_end_ns, ktime_get_ns() + ms * (u64)NSEC_PER_MSEC);
	mod_delayed_work(accelgov_wq, &p->lease, msecs_to_jiffies(ms));
}

/**
 * accelgov_proxy_report() - take what userspace did and saw
 * @p: device
 * @report: of this kernel's size; the sample's time may be filled in
 *
 * Context: process.
 * Return: 0; -ENODEV when the device is gone; -EINVAL for a number that was
 * never read, a negative error, or an impossible sample: then nothing changed.
 */
int accelgov_proxy_report(struct accelgov_proxy *p,
			  struct accelgov_proxy_report *report)
{
	struct accelgov_sample *s = &report->sample;
	int err = 0;

	if (report->error < 0 || report->error > MAX_ERRNO)
		return -EINVAL;
	if (s->window_ns)
		err = accelgov_intake_check(s, ktime_get_mono_fast_ns());
	if (err)
		return err;

	mutex_lock(&p->lock);
	err = p->gone ? -ENODEV : note_done(p, report);
	if (!err) {
		renew_lease(p);
		accelgov_proxy_cap_reported(p, report->error);
		if (s->window_ns)
			err = take_sample(p, s);
	}
	mutex_unlock(&p->lock);
	return err;
}

static bool name_ok(const char *name)
{
	size_t len = strnlen(name, ACCELGOV_PROXY_NAME_LEN);

	if (!len || len == ACCELGOV_PROXY_NAME_LEN || *name == '.')
		return false;
	for (; *name; name++)
		if (!isascii(*name) ||
		    (!isalnum(*name) && !strchr("._:-", *name)))
			return false;
	return true;
}

/* Names of devfreq devices are those of their parents, mostly on this bus. */
static bool name_taken(const char *name)
{
	struct device *dev;

	dev = class_find_device_by_name(&accelgov_proxy_class, name);
	if (!dev)
		dev = bus_find_device_by_name(&platform_bus_type, NULL, name);
	put_device(dev);
	return dev;
}

/*
 * A device leaves the class before its folder goes: until both are gone, nobody else
 * may look whether its name is free.
 */
static void del_device(struct accelgov_proxy *p)
{
	mutex_lock(&accelgov_proxy_names);
	device_del(&p->dev);
	mutex_unlock(&accelgov_proxy_names);
}

static void tell(struct accelgov_proxy *p, const char *why)
{
	char event[] = "ACCELGOV_EVENT=gone";
	char *envp[2] = { event, NULL };

	dev_info(&p->dev, "removed: %s\n", why);
	kobject_uevent_env(&p->dev.kobj, KOBJ_CHANGE, envp);
	trace_proxy(accelgov_proxy_name(p), "gone", &p->target, 0);
}

/* Declares the end: reports are refused from now on. */
static bool declare_gone(struct accelgov_proxy *p, bool only_when_due)
{
	bool due, first;

	mutex_lock(&p->lock);
	/* A report may have come while the lease's work was on its way. */
	due = !only_when_due || ktime_get_ns() >= p->lease_end_ns;
	first = due && !p->gone;
	if (first)
		WRITE_ONCE(p->gone, true);
	mutex_unlock(&p->lock);
	return first;
}

static void take_away(struct accelgov_proxy *p, const char *why)
{
	wake_up_interruptible(&p->wait);
	tell(p, why);
	accelgov_proxy_idle_stop(p);
	accelgov_proxy_sensor_remove(p);
	accelgov_proxy_clock_remove(p);
	del_device(p);
}

static void lease_over(struct work_struct *work)
{
	struct accelgov_proxy *p =
		container_of(work, struct accelgov_proxy, lease.work);

	if (declare_gone(p, true))
		take_away(p, "its lease ran out");
}

/**
 * accelgov_proxy_end() - remove the device from the system
 * @p: device; its memory stays until accelgov_proxy_free()
 * @why: for the log
 *
 * Context: process; no lock of ours held. Does nothing when the lease did it.
 */
void accelgov_proxy_end(struct accelgov_proxy *p, const char *why)
{
	if (declare_gone(p, false))
		take_away(p, why);
}

static struct accelgov_proxy *
alloc_proxy(const struct accelgov_proxy_create *create,
	    const struct accelgov_proxy_opp *opps,
	    const struct accelgov_proxy_idle *idle,
	    const struct accelgov_proxy_idle_cost *cost)
{
	struct accelgov_proxy *p = kzalloc(sizeof(*p), GFP_KERNEL);
	size_t size = array_size(create->nr_opps, sizeof(*opps));

	if (!p)
		return NULL;
	p->opps = kvmemdup(opps, size, GFP_KERNEL);
	if (!p->opps) {
		kfree(p);
		return NULL;
	}
	p->table = *create;
	memcpy(p->idle, idle, create->nr_idle * sizeof(*idle));
	memcpy(p->cost, cost, create->nr_idle * sizeof(*cost));
	p->target = (struct accelgov_proxy_target){
		.size = sizeof(p->target),
		.seq = 1,
		.time_ns = ktime_get_ns(),
		.clock_khz = opps[create->nr_opps - 1].khz,
		.cap_mw = create->cap_mw,
	};
	p->cap.own_mw = create->cap_mw;
	mutex_init(&p->lock);
	spin_lock_init(&p->state_lock);
	init_waitqueue_head(&p->wait);
	INIT_DELAYED_WORK(&p->lease, lease_over);
	accelgov_proxy_idle_init(p);
	device_initialize(&p->dev);
	p->dev.class = &accelgov_proxy_class;
	return p;
}

static int add_device(struct accelgov_proxy *p)
{
	int err;

	err = dev_set_name(&p->dev, "%s", p->table.name);
	if (err)
		return err;
	mutex_lock(&accelgov_proxy_names);
	err = name_taken(p->table.name) ? -EEXIST : device_add(&p->dev);
	mutex_unlock(&accelgov_proxy_names);
	return err;
}

/**
 * accelgov_proxy_new() - make a device
 * @create: checked description, of this kernel's size
 * @opps: checked operating points
 * @idle: checked idle states
 * @cost: what they cost, all zero when not known
 *
 * Context: process.
 * Return: the device, to be ended and then freed, or an ERR_PTR.
 */
struct accelgov_proxy *
accelgov_proxy_new(const struct accelgov_proxy_create *create,
		   const struct accelgov_proxy_opp *opps,
		   const struct accelgov_proxy_idle *idle,
		   const struct accelgov_proxy_idle_cost *cost)
{
	struct accelgov_proxy *p;
	int err;

	if (!name_ok(create->name))
		return ERR_PTR(-EINVAL);
	p = alloc_proxy(create, opps, idle, cost);
	if (!p)
		return ERR_PTR(-ENOMEM);
	err = add_device(p);
	if (err)
		goto put;
	err = accelgov_proxy_clock_add(p);
	if (err)
		goto del;
	err = accelgov_proxy_sensor_add(p);
	if (err)
		goto remove_clock;
	accelgov_proxy_idle_start(p);
	mutex_lock(&p->lock);
	renew_lease(p);
	mutex_unlock(&p->lock);
	trace_proxy(accelgov_proxy_name(p), "create", &p->target, 0);
	return p;

remove_clock:
	accelgov_proxy_clock_remove(p);
del:
	del_device(p);
put:
	put_device(&p->dev);
	return ERR_PTR(err);
}

/**
 * accelgov_proxy_free() - give an ended device back
 * @p: device
 */
void accelgov_proxy_free(struct accelgov_proxy *p)
{
	/* Waits for an end that the lease brought. */
	disable_delayed_work_sync(&p->lease);
	put_device(&p->dev);
}
