// SPDX-License-Identifier: GPL-2.0
/*
 * Contexts: submission and completion
 *
 * What a context may have outstanding is bounded by its ring: items that are
 * queued, run, or are done but not read yet. A writer that never reads is thereby
 * held back, no completion is ever lost. Closing a context drops what it still has
 * in the queue, as tearing one down does.
 *
 * The character device has a context per file. accelsim_drm.ko has one per client,
 * and a listener that turns completions into signalled fences.
 */
#include <linux/export.h>
#include <linux/pm_runtime.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "client.h"

/**
 * accelsim_collect() - move completions from the model to the contexts
 * @adev: device, locked; accelsim_unlock() tells whoever waits for them
 */
void accelsim_collect(struct accelsim_device *adev)
{
	struct asim_finished finished;

	lockdep_assert_held(&adev->lock);
	while (asim_take_finished(&adev->model, &finished)) {
		struct accelsim_file *file = finished.owner;

		file->ring[(file->first + file->unread++) % ACCELSIM_FILE_ITEMS] =
			finished.done;
		file->queued--;
		adev->news = true;
	}
}

/**
 * accelsim_client_room() - would another item be taken
 * @file: context, its device locked
 *
 * Return: true when it would.
 */
bool accelsim_client_room(const struct accelsim_file *file)
{
	u32 places = file->reserved ? ASIM_QUEUE_LEN : ACCELSIM_QUEUE_LEN;

	return file->queued + file->unread < ACCELSIM_FILE_ITEMS &&
	       file->adev->model.nr_queue < places;
}

/**
 * accelsim_client_item() - can this item be run
 * @adev: device
 * @item: the item
 * @ret_ref_ns: its best time, for accelsim_client_submit()
 *
 * Return: false when it is impossible.
 */
bool accelsim_client_item(const struct accelsim_device *adev,
			  const struct accelsim_item *item, u64 *ret_ref_ns)
{
	if (!asim_item_ok(adev->chip, item))
		return false;
	*ret_ref_ns = asim_item_ref_ns(adev->chip, item);
	return true;
}
EXPORT_SYMBOL_GPL(accelsim_client_item);

static int accelsim_queue_item(struct accelsim_file *file,
			       const struct accelsim_item *item, u64 ref_ns,
			       u64 now)
{
	struct asim_model *m = &file->adev->model;

	return file->reserved ?
	       asim_submit_reserved(m, item, ref_ns, file, now) :
	       asim_submit(m, item, ref_ns, file, now);
}

/**
 * accelsim_client_submit() - queue an item
 * @file: context; its device is powered
 * @item: the item, valid
 * @ref_ns: from accelsim_client_item()
 *
 * Context: any but NMI.
 * Return: 0, -EAGAIN when there is no room, -ENODEV when the device is unbound.
 */
int accelsim_client_submit(struct accelsim_file *file,
			   const struct accelsim_item *item, u64 ref_ns)
{
	struct accelsim_device *adev = file->adev;
	unsigned long flags;
	int ret = -EAGAIN;
	u64 now;

	now = accelsim_lock(adev, &flags);
	if (adev->dead) {
		ret = -ENODEV;
		goto out;
	}
	asim_advance(&adev->model, now);
	accelsim_collect(adev);
	if (!accelsim_client_room(file))
		goto out;
	ret = accelsim_queue_item(file, item, ref_ns, now);
	if (ret)
		goto out;
	file->queued++;
	if (!adev->busy_ref) {
		pm_runtime_get_noresume(adev->dev);
		adev->busy_ref = true;
	}
out:
	accelsim_unlock(adev, flags);
	return ret;
}
EXPORT_SYMBOL_GPL(accelsim_client_submit);

/**
 * accelsim_client_cancel() - drop what a context still has in the queue
 * @file: context
 *
 * Completions that are there already stay.
 *
 * Context: any but NMI.
 */
void accelsim_client_cancel(struct accelsim_file *file)
{
	struct accelsim_device *adev = file->adev;
	unsigned long flags;
	u64 now;

	now = accelsim_lock(adev, &flags);
	asim_cancel(&adev->model, file, now);
	accelsim_collect(adev);
	file->queued = 0;
	accelsim_unlock(adev, flags);
}
EXPORT_SYMBOL_GPL(accelsim_client_cancel);

/**
 * accelsim_client_take() - take the oldest completion
 * @file: context
 * @ret_done: set on success
 *
 * Context: any but NMI.
 * Return: false when there is none.
 */
bool accelsim_client_take(struct accelsim_file *file,
			  struct accelsim_done *ret_done)
{
	struct accelsim_device *adev = file->adev;
	unsigned long flags;
	bool any;

	raw_spin_lock_irqsave(&adev->lock, flags);
	any = file->unread;
	if (any) {
		*ret_done = file->ring[file->first];
		file->first = (file->first + 1) % ACCELSIM_FILE_ITEMS;
		file->unread--;
	}
	raw_spin_unlock_irqrestore(&adev->lock, flags);
	return any;
}
EXPORT_SYMBOL_GPL(accelsim_client_take);

/**
 * accelsim_client_power() - wake the device and keep it awake
 * @adev: device
 *
 * Context: process.
 * Return: 0, -ENODEV for one that is unbound whatever runtime PM says, or another
 * negative error code.
 */
int accelsim_client_power(struct accelsim_device *adev)
{
	int ret = pm_runtime_resume_and_get(adev->dev);

	return ret && READ_ONCE(adev->dead) ? -ENODEV : ret;
}
EXPORT_SYMBOL_GPL(accelsim_client_power);

/**
 * accelsim_client_unpower() - let it sleep again
 * @adev: device
 *
 * Context: any but NMI.
 */
void accelsim_client_unpower(struct accelsim_device *adev)
{
	pm_runtime_mark_last_busy(adev->dev);
	pm_runtime_put_autosuspend(adev->dev);
}
EXPORT_SYMBOL_GPL(accelsim_client_unpower);

static int accelsim_attach(struct accelsim_device *adev)
{
	unsigned long flags;
	int ret = 0;
	u64 now;

	now = accelsim_lock(adev, &flags);
	if (adev->dead)
		ret = -ENODEV;
	else
		asim_set_context(&adev->model, true, now);
	accelsim_unlock(adev, flags);
	return ret;
}

/**
 * accelsim_client_open() - make a context
 * @adev: device
 * @reserved: may use the places of the queue that are kept free; who makes such
 *	contexts has no more than %ASIM_QUEUE_RESERVED items queued, all together
 *
 * A context needs memory, and that a running device.
 *
 * Context: process.
 * Return: the context, or a negative error code as a pointer.
 */
struct accelsim_file *accelsim_client_open(struct accelsim_device *adev,
					   bool reserved)
{
	struct accelsim_file *file;
	int ret;

	file = kvzalloc(sizeof(*file), GFP_KERNEL);
	if (!file)
		return ERR_PTR(-ENOMEM);
	file->adev = adev;
	file->reserved = reserved;
	mutex_init(&file->read_lock);
	ret = accelsim_client_power(adev);
	if (ret)
		goto err_free;
	ret = accelsim_attach(adev);
	accelsim_client_unpower(adev);
	if (ret)
		goto err_free;
	get_device(&adev->node);
	return file;

err_free:
	kvfree(file);
	return ERR_PTR(ret);
}
EXPORT_SYMBOL_GPL(accelsim_client_open);

/**
 * accelsim_client_close() - end a context and what it has in the queue
 * @file: context
 *
 * Context: process.
 */
void accelsim_client_close(struct accelsim_file *file)
{
	struct accelsim_device *adev = file->adev;
	unsigned long flags;
	u64 now;

	now = accelsim_lock(adev, &flags);
	asim_cancel(&adev->model, file, now);
	asim_set_context(&adev->model, false, now);
	accelsim_unlock(adev, flags);

	/* Others may wait for the room that this one took. */
	wake_up_interruptible_all(&adev->wait);
	kvfree(file);
	put_device(&adev->node);
}
EXPORT_SYMBOL_GPL(accelsim_client_close);

/**
 * accelsim_listen() - tell somebody at once when items are done
 * @adev: device
 * @listener: who; NULL for nobody, and then the last one is no longer called
 *
 * Context: process.
 */
void accelsim_listen(struct accelsim_device *adev,
		     struct accelsim_listener *listener)
{
	rcu_assign_pointer(adev->listener, listener);
	if (!listener)
		synchronize_rcu();
}
EXPORT_SYMBOL_GPL(accelsim_listen);

/**
 * accelsim_tell() - completions are there
 * @adev: device, not locked
 *
 * Context: any but NMI.
 */
void accelsim_tell(struct accelsim_device *adev)
{
	struct accelsim_listener *listener;

	wake_up_interruptible_all(&adev->wait);
	rcu_read_lock();
	listener = rcu_dereference(adev->listener);
	if (listener)
		listener->finished(listener);
	rcu_read_unlock();
}
