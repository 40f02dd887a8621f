/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ACCELGOV_PROXY_H
#define _ACCELGOV_PROXY_H

#include <linux/devfreq.h>
#include <linux/device.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include "accelgov_proxy.h"
#include "core/idle.h"

/**
 * struct accelgov_proxy_readings - what reports told so far
 * @busy_ns: busy time since devfreq last asked
 * @total_ns: windows with known busy time since then
 * @energy_uj: energy of all windows with known power
 * @power_mw: mean power of the last such window
 * @clock_khz: effective clock of the last window, 0 when it was not known
 * @power_known: some window had it
 */
struct accelgov_proxy_readings {
	u64 busy_ns;
	u64 total_ns;
	u64 energy_uj;
	u32 power_mw;
	u32 clock_khz;
	bool power_known;
};

/**
 * struct accelgov_proxy_cap - power limits that are wanted
 * @own_mw: the user's, as power1_cap has it
 * @wish_mw: the governor's, 0 for none
 * @seq: target that the limit last changed with
 * @waits: the governor has not been told what came of its wish
 */
struct accelgov_proxy_cap {
	u32 own_mw;
	u32 wish_mw;
	u64 seq;
	bool waits;
};

/**
 * struct accelgov_proxy - an accelerator that userspace actuates
 * @dev: its device, in class accelgov; holds the memory
 * @df: its devfreq device
 * @profile: what devfreq calls
 * @hwmon: its sensors
 * @lock: serialises reports and the end
 * @gone: the device was removed; @lock
 * @awake: a runtime PM reference is held for running work; @lock
 * @table: description that it was made from
 * @idle: its idle states
 * @cost: what they cost, where the table has it
 * @opps: its operating points
 * @state_lock: protects what follows; innermost
 * @target: newest target
 * @read_seq: newest target that userspace read
 * @done_seq: newest target that userspace dealt with
 * @errors: targets that could not be set
 * @error: errno of the last of them
 * @cap: see &struct accelgov_proxy_cap
 * @asleep: runtime-suspended
 * @steps: idle states that the governor wants, instead of those of the table
 * @nr_steps: entries of @steps, 0 for the table's
 * @readings: see &struct accelgov_proxy_readings
 * @wait: readers and pollers
 * @deepen: asks for the next deeper idle state
 * @lease: ends a device that nobody reports for
 * @lease_end_ns: when, CLOCK_MONOTONIC; written under @lock
 */
struct accelgov_proxy {
	struct device dev;
	struct devfreq *df;
	struct devfreq_dev_profile profile;
	struct device *hwmon;

	struct mutex lock; /* reports and the end */
	bool gone;
	bool awake;

	struct accelgov_proxy_create table;
	struct accelgov_proxy_idle idle[ACCELGOV_PROXY_IDLE_MAX];
	struct accelgov_proxy_idle_cost cost[ACCELGOV_PROXY_IDLE_MAX];
	struct accelgov_proxy_opp *opps;

	spinlock_t state_lock; /* target and readings */
	struct accelgov_proxy_target target;
	u64 read_seq;
	u64 done_seq;
	u32 errors;
	int error;
	struct accelgov_proxy_cap cap;
	bool asleep;
	struct ag_idle_step steps[AG_IDLE_STATES];
	u32 nr_steps;
	struct accelgov_proxy_readings readings;
	wait_queue_head_t wait;

	struct delayed_work deepen;
	struct delayed_work lease;
	u64 lease_end_ns;
};

static inline struct accelgov_proxy *to_proxy(struct device *dev)
{
	return container_of(dev, struct accelgov_proxy, dev);
}

static inline const char *accelgov_proxy_name(const struct accelgov_proxy *p)
{
	return dev_name(&p->dev);
}

/* A field of the target together with the number that it gets. */
enum accelgov_proxy_field {
	ACCELGOV_PROXY_CLOCK_KHZ,
	ACCELGOV_PROXY_CAP_MW,
	ACCELGOV_PROXY_IDLE_STATE,
};

extern const struct class accelgov_proxy_class;
extern const struct attribute_group *accelgov_proxy_groups[];
extern const struct dev_pm_ops accelgov_proxy_pm_ops;

struct accelgov_proxy *
accelgov_proxy_new(const struct accelgov_proxy_create *create,
		   const struct accelgov_proxy_opp *opps,
		   const struct accelgov_proxy_idle *idle,
		   const struct accelgov_proxy_idle_cost *cost);
void accelgov_proxy_end(struct accelgov_proxy *p, const char *why);
void accelgov_proxy_free(struct accelgov_proxy *p);
bool accelgov_proxy_aim(struct accelgov_proxy *p,
			enum accelgov_proxy_field field, u32 value);
void accelgov_proxy_want(struct accelgov_proxy *p,
			 enum accelgov_proxy_field field, u32 value);
int accelgov_proxy_report(struct accelgov_proxy *p,
			  struct accelgov_proxy_report *report);

int accelgov_proxy_clock_add(struct accelgov_proxy *p);
void accelgov_proxy_clock_remove(struct accelgov_proxy *p);
void accelgov_proxy_switching(struct device *dev, u32 *ret_switch_us,
			      u32 *ret_halt_us);

void accelgov_proxy_cap_own(struct accelgov_proxy *p, u32 mw);
void accelgov_proxy_cap_range(struct device *dev, u32 *ret_min_mw,
			      u32 *ret_max_mw);
bool accelgov_proxy_cap_wish(struct device *dev, u32 mw);
void accelgov_proxy_cap_reported(struct accelgov_proxy *p, int error);

int accelgov_proxy_sensor_add(struct accelgov_proxy *p);
void accelgov_proxy_sensor_remove(struct accelgov_proxy *p);

void accelgov_proxy_idle_init(struct accelgov_proxy *p);
void accelgov_proxy_idle_start(struct accelgov_proxy *p);
void accelgov_proxy_idle_stop(struct accelgov_proxy *p);
int accelgov_proxy_idle_busy(struct accelgov_proxy *p, bool busy);
void accelgov_proxy_idle_states(struct device *dev, struct ag_idle_config *cfg);
void accelgov_proxy_idle_plan(struct device *dev,
			      const struct ag_idle_step *steps, u32 nr);

int accelgov_proxy_init(void);
void accelgov_proxy_exit(void);

#endif /* _ACCELGOV_PROXY_H */
