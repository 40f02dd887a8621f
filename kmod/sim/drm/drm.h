/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelsim_drm - what its files share
 */
#ifndef _ACCELSIM_DRM_H
#define _ACCELSIM_DRM_H

#include <drm/drm_device.h>
#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_print.h>

#include "../../compat/drm.h"
#include "../client.h"

/**
 * struct accelsim_drm - the DRM device of one simulated accelerator
 * @drm: DRM device, whose memory this is
 * @adev: the accelerator
 * @sched: its one ring
 * @listener: hears of completions
 * @mutex: protects entities against two ends at once
 * @lock: protects @clients, @jobs and what clients say is under it; also taken in
 *	interrupts
 * @clients: open files
 * @jobs: jobs that are not freed yet
 * @wait: readers, writers, pollers, and who waits for @jobs to be none
 * @fence_lock: of hardware fences
 * @context: of hardware fences
 * @seqno: of the last hardware fence
 * @gone: the driver is unbound
 */
struct accelsim_drm {
	struct drm_device *drm;
	struct accelsim_device *adev;
	struct drm_gpu_scheduler sched;
	struct accelsim_listener listener;
	struct mutex mutex; /* serialises ends of entities */
	spinlock_t lock; /* see above */
	struct list_head clients;
	unsigned int jobs;
	wait_queue_head_t wait;
	spinlock_t fence_lock; /* for dma_fence_init() */
	u64 context;
	atomic_t seqno;
	bool gone;
};

/**
 * struct accelsim_drm_client - one open file
 * @ad: its device
 * @refs: one of the file, one of each job
 * @node: in the device's list, under its lock
 * @id: of the DRM file
 * @entity: its queue of jobs
 * @push: keeps jobs in the order of their sequence numbers
 * @read_lock: one reader at a time
 * @file: its context on the accelerator
 * @stopped: @entity is destroyed, under the device's mutex
 * @closing: no job of it is run any more
 * @outstanding: items that are queued, run, or are done and not read; under the
 *	device's lock, as all that follows
 * @running: jobs on the accelerator, in the order in which they end
 * @first: index of the oldest unread completion
 * @unread: completions in @ring
 * @busy_ns: how long the engine worked for it
 * @ring: completions
 */
struct accelsim_drm_client {
	struct accelsim_drm *ad;
	struct kref refs;
	struct list_head node;
	u64 id;
	struct drm_sched_entity entity;
	struct mutex push; /* see above */
	struct mutex read_lock; /* serialises readers */
	struct accelsim_file *file;
	bool stopped;
	bool closing;
	u32 outstanding;
	struct list_head running;
	u32 first;
	u32 unread;
	u64 busy_ns;
	struct accelsim_done ring[ACCELSIM_FILE_ITEMS];
};

/* job.c */
extern const struct drm_sched_backend_ops accelsim_sched_ops;
void accelsim_drm_finished(struct accelsim_listener *listener);
void accelsim_drm_stop(struct accelsim_drm_client *c, int error);
int accelsim_drm_push(struct accelsim_drm_client *c,
		      const struct accelsim_item *item, u64 ref_ns);

/* client.c */
extern const struct file_operations accelsim_drm_fops;
int accelsim_drm_open(struct drm_device *drm, struct drm_file *file);
void accelsim_drm_postclose(struct drm_device *drm, struct drm_file *file);
void accelsim_drm_show_fdinfo(struct drm_printer *p, struct drm_file *file);
void accelsim_drm_client_put(struct accelsim_drm_client *c);

#endif /* _ACCELSIM_DRM_H */
