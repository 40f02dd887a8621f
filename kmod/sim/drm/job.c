// SPDX-License-Identifier: GPL-2.0
/*
 * Jobs: an item of work on its way through the kernel's GPU scheduler
 *
 * A job waits in its client's entity until the scheduler takes it, goes into the
 * accelerator's queue, and is done when the accelerator says so: the listener then
 * signals its hardware fence. The scheduler has few jobs on the accelerator at a time;
 * the others wait where its trace events can see them wait. Places in the
 * accelerator's queue are kept for those few, so that one always finds room.
 *
 * Items of one client end in the order in which they began, so the oldest of its
 * running jobs is the one that its oldest completion belongs to.
 *
 * Memory. A job holds a reference on its client and one on the DRM device, and keeps
 * the accelerator awake until it is freed. Whoever unbinds the device waits until all
 * jobs are freed.
 */
#include <linux/dma-fence.h>
#include <linux/ktime.h>
#include <linux/pm_runtime.h>
#include <linux/slab.h>

#include "drm.h"

/**
 * struct accelsim_job - one item
 * @base: for the scheduler
 * @client: whose it is, referenced
 * @node: in the client's list of running jobs
 * @fence: of the hardware; NULL when the list and the scheduler have it
 * @running: that fence while the job is in the list
 * @item: the work
 * @ref_ns: its best time
 * @pushed_ns: when it was submitted
 */
struct accelsim_job {
	struct drm_sched_job base;
	struct accelsim_drm_client *client;
	struct list_head node;
	struct dma_fence *fence;
	struct dma_fence *running;
	struct accelsim_item item;
	u64 ref_ns;
	u64 pushed_ns;
};

static struct accelsim_job *accelsim_job_of(struct drm_sched_job *job)
{
	return container_of(job, struct accelsim_job, base);
}

static const char *accelsim_fence_driver(struct dma_fence *fence)
{
	return ACCELSIM_NAME;
}

static const char *accelsim_fence_timeline(struct dma_fence *fence)
{
	return "engine";
}

static const struct dma_fence_ops accelsim_fence_ops = {
	.get_driver_name = accelsim_fence_driver,
	.get_timeline_name = accelsim_fence_timeline,
};

/* Return: the fence of a job that ended, off the list; NULL for none. */
static struct dma_fence *accelsim_drm_next(struct accelsim_drm *ad)
{
	struct accelsim_drm_client *c;
	struct dma_fence *fence = NULL;
	struct accelsim_job *job;
	struct accelsim_done done;
	unsigned long flags;

	spin_lock_irqsave(&ad->lock, flags);
	list_for_each_entry(c, &ad->clients, node) {
		if (list_empty(&c->running) ||
		    !accelsim_client_take(c->file, &done))
			continue;
		job = list_first_entry(&c->running, struct accelsim_job, node);
		list_del_init(&job->node);
		fence = job->running;
		done.submit_ns = job->pushed_ns;
		c->ring[(c->first + c->unread++) % ACCELSIM_FILE_ITEMS] = done;
		c->busy_ns += done.end_ns - done.start_ns;
		break;
	}
	spin_unlock_irqrestore(&ad->lock, flags);
	return fence;
}

/**
 * accelsim_drm_finished() - signal the fences of all jobs that are done
 * @listener: of the device
 *
 * Context: any but NMI.
 */
void accelsim_drm_finished(struct accelsim_listener *listener)
{
	struct accelsim_drm *ad =
		container_of(listener, struct accelsim_drm, listener);
	struct dma_fence *fence;
	bool any = false;

	while ((fence = accelsim_drm_next(ad))) {
		dma_fence_signal(fence);
		dma_fence_put(fence);
		any = true;
	}
	if (any)
		wake_up_interruptible_all(&ad->wait);
}

/* Drop what a client has on the accelerator; what has ended already counts. */
static void accelsim_drm_drop(struct accelsim_drm_client *c, int error)
{
	struct accelsim_drm *ad = c->ad;
	struct accelsim_job *job;
	struct dma_fence *fence;
	unsigned long flags;

	accelsim_client_cancel(c->file);
	accelsim_drm_finished(&ad->listener);
	for (;;) {
		spin_lock_irqsave(&ad->lock, flags);
		job = list_first_entry_or_null(&c->running, struct accelsim_job,
					       node);
		fence = job ? job->running : NULL;
		if (job)
			list_del_init(&job->node);
		spin_unlock_irqrestore(&ad->lock, flags);
		if (!fence)
			return;
		dma_fence_set_error(fence, error);
		dma_fence_signal(fence);
		dma_fence_put(fence);
	}
}

/**
 * accelsim_drm_stop() - end a client's entity with all jobs in it
 * @c: client
 * @error: what becomes of them
 *
 * Context: process, with the device's mutex.
 */
void accelsim_drm_stop(struct accelsim_drm_client *c, int error)
{
	lockdep_assert_held(&c->ad->mutex);
	if (c->stopped)
		return;
	c->stopped = true;
	WRITE_ONCE(c->closing, true);
	accelsim_drm_drop(c, error);
	drm_sched_entity_destroy(&c->entity);
	/* One may have been on its way. Now the scheduler has none any more. */
	accelsim_drm_drop(c, error);
}

static struct dma_fence *accelsim_job_run(struct drm_sched_job *sched_job)
{
	struct accelsim_job *job = accelsim_job_of(sched_job);
	struct accelsim_drm_client *c = job->client;
	struct accelsim_drm *ad = c->ad;
	struct dma_fence *fence = job->fence;
	unsigned long flags;
	bool ours;
	int ret;

	if (READ_ONCE(c->closing))
		return ERR_PTR(-ECANCELED);
	job->fence = NULL;
	dma_fence_init(fence, &accelsim_fence_ops, &ad->fence_lock, ad->context,
		       atomic_inc_return(&ad->seqno));
	/* The scheduler's reference; that of the list may be gone any moment. */
	dma_fence_get(fence);

	spin_lock_irqsave(&ad->lock, flags);
	job->running = fence;
	list_add_tail(&job->node, &c->running);
	spin_unlock_irqrestore(&ad->lock, flags);
	ret = accelsim_client_submit(c->file, &job->item, job->ref_ns);
	if (!ret)
		return fence;

	/* Whoever stops the client may have signalled it. */
	spin_lock_irqsave(&ad->lock, flags);
	ours = !list_empty(&job->node);
	list_del_init(&job->node);
	spin_unlock_irqrestore(&ad->lock, flags);
	if (ours) {
		dma_fence_set_error(fence, ret);
		dma_fence_signal(fence);
		dma_fence_put(fence);
	}
	return fence;
}

static void accelsim_job_free(struct drm_sched_job *sched_job)
{
	struct accelsim_job *job = accelsim_job_of(sched_job);
	struct accelsim_drm_client *c = job->client;
	struct accelsim_drm *ad = c->ad;
	struct drm_device *drm = ad->drm;
	unsigned long flags;

	drm_sched_job_cleanup(sched_job);
	accelsim_client_unpower(ad->adev);
	kfree(job->fence);
	kfree(job);
	accelsim_drm_client_put(c);

	spin_lock_irqsave(&ad->lock, flags);
	if (!--ad->jobs)
		wake_up_all(&ad->wait);
	spin_unlock_irqrestore(&ad->lock, flags);
	drm_dev_put(drm);
}

/* No time is too long for a job: there is nothing to reset. */
const struct drm_sched_backend_ops accelsim_sched_ops = {
	.run_job = accelsim_job_run,
	.free_job = accelsim_job_free,
};

static struct accelsim_job *
accelsim_job_new(struct accelsim_drm_client *c, const struct accelsim_item *item,
		 u64 ref_ns)
{
	struct accelsim_job *job = kzalloc(sizeof(*job), GFP_KERNEL);

	if (!job)
		return NULL;
	job->fence = kzalloc(sizeof(*job->fence), GFP_KERNEL);
	if (!job->fence) {
		kfree(job);
		return NULL;
	}
	job->client = c;
	job->item = *item;
	job->ref_ns = ref_ns;
	return job;
}

/**
 * accelsim_drm_push() - give an item to the scheduler
 * @c: client; there is room, and the device is powered
 * @item: the item, valid
 * @ref_ns: its best time
 *
 * Context: process, inside drm_dev_enter().
 * Return: 0 or a negative error code.
 */
int accelsim_drm_push(struct accelsim_drm_client *c,
		      const struct accelsim_item *item, u64 ref_ns)
{
	struct accelsim_job *job = accelsim_job_new(c, item, ref_ns);
	struct accelsim_drm *ad = c->ad;
	unsigned long flags;
	int ret;

	if (!job)
		return -ENOMEM;
	mutex_lock(&c->push);
	ret = compat_drm_sched_job_init(&job->base, &c->entity, c, c->id);
	if (ret) {
		mutex_unlock(&c->push);
		kfree(job->fence);
		kfree(job);
		return ret;
	}
	kref_get(&c->refs);
	drm_dev_get(ad->drm);
	pm_runtime_get_noresume(ad->adev->dev);
	spin_lock_irqsave(&ad->lock, flags);
	ad->jobs++;
	spin_unlock_irqrestore(&ad->lock, flags);

	job->pushed_ns = ktime_get_ns();
	drm_sched_job_arm(&job->base);
	drm_sched_entity_push_job(&job->base);
	mutex_unlock(&c->push);
	return 0;
}
