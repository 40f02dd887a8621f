/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelsim - simulated accelerators: what the files of the module share
 */
#ifndef _ACCELSIM_SIM_H
#define _ACCELSIM_SIM_H

#include <linux/cdev.h>
#include <linux/devfreq.h>
#include <linux/device.h>
#include <linux/hrtimer.h>
#include <linux/platform_device.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "model.h"

#define ACCELSIM_NAME		"accelsim"
#define ACCELSIM_MAX_DEVICES	256

struct accelsim_listener;
struct accelsim_pmu;

/**
 * struct accelsim_device - one bound device
 * @dev: platform device, referenced
 * @id: its number
 * @chip: tables of its profile
 * @ideal_sensor: hwmon shows true power instead of what NVML would
 * @lock: protects @model, @dead, @busy_ref, @news, @dead_ns and the rings of all
 *	contexts; taken with interrupts off, from hrtimer and perf context
 * @model: the device itself
 * @timer: fires at the model's next event
 * @dead: the driver is unbound, the model stands still at @dead_ns
 * @dead_ns: time of unbinding
 * @busy_ref: a runtime PM reference is held for queued work
 * @news: completions were collected and nobody was told yet
 * @listener: see accelsim_listen()
 * @wait: readers, writers and pollers of the character device
 * @node: the character device; its reference count is this structure's
 * @cdev: file operations of @node
 * @devfreq: NULL until registered
 * @profile: of @devfreq
 * @status_ns: time of the last devfreq status
 * @status_busy_ns: busy counter at that time
 * @hwmon: hwmon device
 * @pmu: slot of the perf PMU, NULL for none
 * @drm: child device that accelsim_drm.ko binds to
 */
struct accelsim_device {
	struct device *dev;
	int id;
	const struct asim_chip *chip;
	bool ideal_sensor;

	raw_spinlock_t lock;
	struct asim_model model;
	struct hrtimer timer;
	bool dead;
	u64 dead_ns;
	bool busy_ref;
	bool news;
	struct accelsim_listener __rcu *listener;
	wait_queue_head_t wait;

	struct device node;
	struct cdev cdev;

	struct devfreq *devfreq;
	struct devfreq_dev_profile profile;
	u64 status_ns;
	u64 status_busy_ns;

	struct device *hwmon;
	struct accelsim_pmu *pmu;
	struct platform_device *drm;
};

/**
 * struct accelsim_settings - what the module was told about one device
 * @chip: tables of the chosen profile
 * @governor: devfreq governor to start with
 * @ideal_sensor: see &struct accelsim_device
 * @pmu: it has perf counters
 * @gain_permille: gain of the power sensor
 */
struct accelsim_settings {
	const struct asim_chip *chip;
	const char *governor;
	bool ideal_sensor;
	bool pmu;
	u32 gain_permille;
};

/* main.c */
struct accelsim_settings accelsim_settings(int id);

/* device.c */
extern struct platform_driver accelsim_driver;
u64 accelsim_lock(struct accelsim_device *adev, unsigned long *flags);
void accelsim_unlock(struct accelsim_device *adev, unsigned long flags);
u64 accelsim_now(const struct accelsim_device *adev);

/* client.c */
void accelsim_collect(struct accelsim_device *adev);
void accelsim_tell(struct accelsim_device *adev);

/* queue.c */
int accelsim_queue_init(void);
void accelsim_queue_exit(void);
int accelsim_node_init(struct accelsim_device *adev);
int accelsim_node_add(struct accelsim_device *adev);
void accelsim_node_remove(struct accelsim_device *adev);

/* devfreq.c */
int accelsim_devfreq_add(struct accelsim_device *adev, const char *governor);
void accelsim_devfreq_remove(struct accelsim_device *adev);

/* hwmon.c */
int accelsim_hwmon_add(struct accelsim_device *adev);
void accelsim_hwmon_remove(struct accelsim_device *adev);

/* pmu.c */
int accelsim_pmu_init(unsigned int devices);
void accelsim_pmu_exit(void);
int accelsim_pmu_add(struct accelsim_device *adev);
void accelsim_pmu_remove(struct accelsim_device *adev);

#endif /* _ACCELSIM_SIM_H */
