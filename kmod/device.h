/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ACCELGOV_DEVICE_H
#define _ACCELGOV_DEVICE_H

#include <linux/devfreq.h>
#include <linux/irq_work.h>
#include <linux/kobject.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include "core/core.h"
#include "policy.h"
#include "points.h"
#include "ring.h"
#include "stats.h"

/* Without a sample for this many periods the signals are stale. */
#define ACCELGOV_STALE_PERIODS	3

/**
 * enum accelgov_state - what decides the clock, published in sysfs
 * @ACCELGOV_STATE_STARTING: nothing came yet, the clock is left alone
 * @ACCELGOV_STATE_ACTIVE: signals are fresh, the policy core decides
 * @ACCELGOV_STATE_FALLBACK: signals are stale, busy time decides
 */
enum accelgov_state {
	ACCELGOV_STATE_STARTING,
	ACCELGOV_STATE_ACTIVE,
	ACCELGOV_STATE_FALLBACK,
};

/*
 * Why a target is computed; a bit each in accelgov_device.requests. Three bits want
 * something else of the same work: STATUS that df->last_status is filled, CLOCK that
 * the driver is asked for its clock, CAP that it is asked for the core's power cap.
 */
enum accelgov_trigger {
	ACCELGOV_TRIGGER_SIGNAL,
	ACCELGOV_TRIGGER_RECOVERED,
	ACCELGOV_TRIGGER_STALE,
	ACCELGOV_TRIGGER_POLL,
	ACCELGOV_TRIGGER_POLICY,
	ACCELGOV_TRIGGER_LEASE,
	ACCELGOV_TRIGGER_RESUME,
	ACCELGOV_TRIGGER_STATUS,
	ACCELGOV_TRIGGER_CLOCK,
	ACCELGOV_TRIGGER_CAP,
	/* Never requested: somebody else made the devfreq core ask. */
	ACCELGOV_TRIGGER_LIMITS,
};

/**
 * struct accelgov_lease - settings that end with whoever made them
 * @work: ends it
 * @saved: configuration from before; accelgov_device.config_lock
 * @until_ns: end, CLOCK_MONOTONIC, 0 without a lease; written under
 *	accelgov_device.config_lock
 */
struct accelgov_lease {
	struct delayed_work work;
	struct ag_config saved;
	u64 until_ns;
};

/**
 * struct accelgov_runtime - the device's autosuspend delay; only @work uses it
 *	after start and before stop
 * @work: sets the delay
 * @saved_ms: delay before the governor changed it
 * @set_ms: delay that the governor set last
 * @changed: the delay is the governor's
 * @gave_way: somebody else changed it since: hands off until idle/enable is
 *	written
 */
struct accelgov_runtime {
	struct work_struct work;
	int saved_ms;
	int set_ms;
	bool changed;
	bool gave_way;
};

/**
 * struct accelgov_told - the clock as the driver tells it, see clock.c
 * @khz: what it said since the last target, 0 when it has not
 * @time_ns: when, CLOCK_MONOTONIC
 * @again_ns: when to ask again
 */
struct accelgov_told {
	u32 khz;
	u64 time_ns;
	u64 again_ns;
};

/**
 * struct accelgov_pending - a computed target on its way to the driver
 * @decision: what and why
 * @phase_name: published name of its phase
 * @trigger: what caused it
 * @cause_ns: when the cause came up, CLOCK_MONOTONIC
 * @min_khz: lowest clock that limits outside the policy allowed
 * @max_khz: highest
 * @valid: the driver has not answered yet
 */
struct accelgov_pending {
	struct ag_decision decision;
	const char *phase_name;
	enum accelgov_trigger trigger;
	u64 cause_ns;
	u32 min_khz;
	u32 max_khz;
	bool valid;
};

/**
 * struct accelgov_device - one devfreq device under this governor
 * @df: the devfreq device
 * @node: in the list of devices; accelgov_devices_lock, read under RCU
 * @kref: one for the governor, one per kobject
 * @kobj: directory accelgov/
 * @phases: directory accelgov/phases/
 * @token: name of the device towards BPF
 * @min_gap: producers' shortest distance of samples, in units of 1024 ns
 * @last_push: when the last sample was let in, in units of 1024 ns, wraps
 * @rest_until_ns: no sample before this, for a policy has worked long enough
 * @ring: samples on their way
 * @drain: takes them out
 * @place: loaded policies on this device
 * @transition: hears of every clock change
 * @points: operating points in Hz
 * @lock: protects what follows until @told; taken
 *	in irq_work, so interrupts are off under it
 * @state: what decides the clock
 * @core: policy
 * @grace_ns: signals don't count as stale before this time
 * @arrival_ns: arrival of the oldest sample that asked for a new target, or 0
 * @request_ns: when the oldest other request for a target was made, or 0
 * @power_seen: some sample told the power
 * @told: see &struct accelgov_told
 * @config_lock: serialises changes of the configuration; taken before @lock
 * @lease: see &struct accelgov_lease
 * @runtime: see &struct accelgov_runtime
 * @requests: bit per &enum accelgov_trigger
 * @retarget: asks devfreq for a new target
 * @watch: fires when signals may have become stale, and when busy time is due
 * @watchdog: notices stale signals, then polls busy time
 * @suspended: device or system sleeps; df->lock
 * @stopping: the governor leaves; df->lock
 * @trigger: why a target is computed now; df->lock
 * @cause_ns: since when; df->lock
 * @pending: target on its way to the driver; df->lock
 * @busy_ns: when busy time was last read; df->lock
 * @status_ns: when df->last_status was last filled; df->lock
 * @fallback_khz: last target by busy time; df->lock
 * @asked_khz: what devfreq asked the driver for last; df->lock
 * @stats: counters
 */
struct accelgov_device {
	struct devfreq *df;
	struct list_head node;
	struct kref kref;
	struct kobject kobj;
	struct kobject phases;
	u32 token;

	u32 min_gap;
	u32 last_push;
	u64 rest_until_ns;
	struct accelgov_ring ring;
	struct irq_work drain;
	struct accelgov_place *place;

	struct notifier_block transition;
	struct accelgov_points points;

	raw_spinlock_t lock;
	enum accelgov_state state;
	struct ag_core core;
	u64 grace_ns;
	u64 arrival_ns;
	u64 request_ns;
	bool power_seen;
	struct accelgov_told told;

	struct mutex config_lock; /* changes of core.cfg and lease */
	struct accelgov_lease lease;
	struct accelgov_runtime runtime;

	unsigned long requests;
	struct work_struct retarget;
	struct timer_list watch;
	struct work_struct watchdog;

	bool suspended;
	bool stopping;
	enum accelgov_trigger trigger;
	u64 cause_ns;
	struct accelgov_pending pending;
	u64 busy_ns;
	u64 status_ns;
	u32 fallback_khz;
	u32 asked_khz;

	struct accelgov_stats stats;
};

/* No work of this module may be held up by other people's. */
extern struct workqueue_struct *accelgov_wq;

int accelgov_device_start(struct devfreq *df);
void accelgov_device_stop(struct devfreq *df);
struct accelgov_device *accelgov_device_find(struct devfreq *df);
void accelgov_device_put(struct accelgov_device *agd);
void accelgov_device_uevent(struct accelgov_device *agd, const char *event);

/**
 * accelgov_device_name() - what trace events call the device
 * @agd: device
 *
 * Return: the name of the devfreq device.
 */
static inline const char *accelgov_device_name(const struct accelgov_device *agd)
{
	return dev_name(&agd->df->dev);
}

#endif /* _ACCELGOV_DEVICE_H */
