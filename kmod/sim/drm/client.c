// SPDX-License-Identifier: GPL-2.0
/*
 * Clients: open files of /dev/accel/accel<N>
 *
 * They speak the protocol of /dev/accelsim<N>: items are written, completions read.
 * What a client used shows in /proc/PID/fdinfo as that of any DRM driver.
 */
#include <linux/fs.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <drm/drm_accel.h>
#include <drm/drm_ioctl.h>

#include "drm.h"

static void accelsim_drm_client_free(struct kref *refs)
{
	kvfree(container_of(refs, struct accelsim_drm_client, refs));
}

/**
 * accelsim_drm_client_put() - drop a reference
 * @c: client
 */
void accelsim_drm_client_put(struct accelsim_drm_client *c)
{
	kref_put(&c->refs, accelsim_drm_client_free);
}

static struct accelsim_drm_client *accelsim_drm_client_new(struct accelsim_drm *ad,
							   u64 id)
{
	struct accelsim_drm_client *c = kvzalloc(sizeof(*c), GFP_KERNEL);

	if (!c)
		return NULL;
	c->ad = ad;
	c->id = id;
	kref_init(&c->refs);
	mutex_init(&c->push);
	mutex_init(&c->read_lock);
	INIT_LIST_HEAD(&c->running);
	return c;
}

static int accelsim_drm_attach(struct accelsim_drm_client *c)
{
	struct accelsim_drm *ad = c->ad;
	struct drm_gpu_scheduler *sched = &ad->sched;
	unsigned long flags;
	int ret;

	c->file = accelsim_client_open(ad->adev, true);
	if (IS_ERR(c->file))
		return PTR_ERR(c->file);
	ret = drm_sched_entity_init(&c->entity, DRM_SCHED_PRIORITY_NORMAL,
				    &sched, 1, NULL);
	if (ret) {
		accelsim_client_close(c->file);
		return ret;
	}
	spin_lock_irqsave(&ad->lock, flags);
	list_add_tail(&c->node, &ad->clients);
	spin_unlock_irqrestore(&ad->lock, flags);
	return 0;
}

/**
 * accelsim_drm_open() - somebody opens the device
 * @drm: the device
 * @file: what DRM knows of it
 *
 * Return: 0 or a negative error code.
 */
int accelsim_drm_open(struct drm_device *drm, struct drm_file *file)
{
	struct accelsim_drm_client *c;
	int idx, ret;

	if (!drm_dev_enter(drm, &idx))
		return -ENODEV;
	c = accelsim_drm_client_new(drm->dev_private, file->client_id);
	ret = c ? accelsim_drm_attach(c) : -ENOMEM;
	if (!ret)
		file->driver_priv = c;
	else if (c)
		accelsim_drm_client_put(c);
	drm_dev_exit(idx);
	return ret;
}

/**
 * accelsim_drm_postclose() - the last reference on a file is gone
 * @drm: the device, maybe unplugged
 * @file: the file
 */
void accelsim_drm_postclose(struct drm_device *drm, struct drm_file *file)
{
	struct accelsim_drm_client *c = file->driver_priv;
	struct accelsim_drm *ad = c->ad;
	unsigned long flags;

	mutex_lock(&ad->mutex);
	accelsim_drm_stop(c, -ECANCELED);
	spin_lock_irqsave(&ad->lock, flags);
	list_del(&c->node);
	spin_unlock_irqrestore(&ad->lock, flags);
	mutex_unlock(&ad->mutex);
	accelsim_client_close(c->file);
	accelsim_drm_client_put(c);
}

/**
 * accelsim_drm_show_fdinfo() - what the engine did for a client
 * @p: printer
 * @file: of the client
 */
void accelsim_drm_show_fdinfo(struct drm_printer *p, struct drm_file *file)
{
	struct accelsim_drm_client *c = file->driver_priv;
	unsigned long flags;
	u64 busy_ns;

	spin_lock_irqsave(&c->ad->lock, flags);
	busy_ns = c->busy_ns;
	spin_unlock_irqrestore(&c->ad->lock, flags);
	drm_printf(p, "drm-engine-compute:\t%llu ns\n", busy_ns);
}

static struct accelsim_drm_client *accelsim_drm_client_of(struct file *filp)
{
	struct drm_file *file = filp->private_data;

	return file->driver_priv;
}

/* Take a place for an item. Return: false when there is none. */
static bool accelsim_drm_book(struct accelsim_drm_client *c)
{
	unsigned long flags;
	bool room;

	spin_lock_irqsave(&c->ad->lock, flags);
	room = c->outstanding < ACCELSIM_FILE_ITEMS;
	c->outstanding += room;
	spin_unlock_irqrestore(&c->ad->lock, flags);
	return room;
}

static void accelsim_drm_give_up(struct accelsim_drm_client *c, u32 nr)
{
	unsigned long flags;

	spin_lock_irqsave(&c->ad->lock, flags);
	c->outstanding -= nr;
	spin_unlock_irqrestore(&c->ad->lock, flags);
	wake_up_interruptible_all(&c->ad->wait);
}

static int accelsim_drm_submit(struct accelsim_drm_client *c,
			       const struct accelsim_item *item, bool nonblock)
{
	struct accelsim_drm *ad = c->ad;
	bool booked = false;
	u64 ref_ns;
	int ret;

	if (!accelsim_client_item(ad->adev, item, &ref_ns))
		return -EINVAL;
	if (!accelsim_drm_book(c)) {
		if (nonblock)
			return -EAGAIN;
		ret = wait_event_interruptible(ad->wait,
					       READ_ONCE(ad->gone) ||
					       (booked = accelsim_drm_book(c)));
		if (ret)
			return ret;
		if (!booked)
			return -ENODEV;
	}
	ret = accelsim_drm_push(c, item, ref_ns);
	if (ret)
		accelsim_drm_give_up(c, 1);
	return ret;
}

static ssize_t accelsim_drm_write_items(struct accelsim_drm_client *c,
					const char __user *buf, size_t len,
					bool nonblock)
{
	struct accelsim_item item;
	size_t done = 0;
	int ret;

	ret = accelsim_client_power(c->ad->adev);
	if (ret)
		return ret;
	while (done < len) {
		ret = -EFAULT;
		if (copy_from_user(&item, buf + done, sizeof(item)))
			break;
		ret = accelsim_drm_submit(c, &item, nonblock);
		if (ret)
			break;
		done += sizeof(item);
	}
	accelsim_client_unpower(c->ad->adev);
	return done ? done : ret;
}

static ssize_t accelsim_drm_write(struct file *filp, const char __user *buf,
				  size_t len, loff_t *pos)
{
	struct accelsim_drm_client *c = accelsim_drm_client_of(filp);
	ssize_t ret;
	int idx;

	if (len % sizeof(struct accelsim_item))
		return -EINVAL;
	if (!drm_dev_enter(c->ad->drm, &idx))
		return -ENODEV;
	ret = accelsim_drm_write_items(c, buf, len,
				       filp->f_flags & O_NONBLOCK);
	drm_dev_exit(idx);
	return ret;
}

static bool accelsim_drm_peek(struct accelsim_drm_client *c,
			      struct accelsim_done *ret_done)
{
	unsigned long flags;
	bool any;

	spin_lock_irqsave(&c->ad->lock, flags);
	any = c->unread;
	if (any)
		*ret_done = c->ring[c->first];
	spin_unlock_irqrestore(&c->ad->lock, flags);
	return any;
}

static void accelsim_drm_consume(struct accelsim_drm_client *c)
{
	unsigned long flags;

	spin_lock_irqsave(&c->ad->lock, flags);
	c->first = (c->first + 1) % ACCELSIM_FILE_ITEMS;
	c->unread--;
	spin_unlock_irqrestore(&c->ad->lock, flags);
	accelsim_drm_give_up(c, 1);
}

static ssize_t accelsim_drm_read_some(struct accelsim_drm_client *c,
				      char __user *buf, size_t len)
{
	struct accelsim_done entry;
	size_t done = 0;

	while (len - done >= sizeof(entry) && accelsim_drm_peek(c, &entry)) {
		if (copy_to_user(buf + done, &entry, sizeof(entry)))
			return done ? done : -EFAULT;
		accelsim_drm_consume(c);
		done += sizeof(entry);
	}
	return done ? done : -EAGAIN;
}

static ssize_t accelsim_drm_read(struct file *filp, char __user *buf, size_t len,
				 loff_t *pos)
{
	struct accelsim_drm_client *c = accelsim_drm_client_of(filp);
	struct accelsim_drm *ad = c->ad;
	ssize_t ret;

	if (len < sizeof(struct accelsim_done))
		return len ? -EINVAL : 0;
	for (;;) {
		if (READ_ONCE(ad->gone))
			return -ENODEV;
		if (mutex_lock_interruptible(&c->read_lock))
			return -ERESTARTSYS;
		ret = accelsim_drm_read_some(c, buf, len);
		mutex_unlock(&c->read_lock);
		if (ret != -EAGAIN || filp->f_flags & O_NONBLOCK)
			return ret;
		ret = wait_event_interruptible(ad->wait, READ_ONCE(ad->gone) ||
					       READ_ONCE(c->unread));
		if (ret)
			return ret;
	}
}

static __poll_t accelsim_drm_poll(struct file *filp, poll_table *wait)
{
	struct accelsim_drm_client *c = accelsim_drm_client_of(filp);
	struct accelsim_drm *ad = c->ad;
	unsigned long flags;
	__poll_t mask = 0;

	poll_wait(filp, &ad->wait, wait);
	spin_lock_irqsave(&ad->lock, flags);
	if (ad->gone)
		mask = EPOLLHUP | EPOLLERR;
	if (c->unread)
		mask |= EPOLLIN | EPOLLRDNORM;
	if (!ad->gone && c->outstanding < ACCELSIM_FILE_ITEMS)
		mask |= EPOLLOUT | EPOLLWRNORM;
	spin_unlock_irqrestore(&ad->lock, flags);
	return mask;
}

/* Those of DRM, with reading and writing of our own in place of its events. */
const struct file_operations accelsim_drm_fops = {
	.owner = THIS_MODULE,
	.open = accel_open,
	.release = drm_release,
	.unlocked_ioctl = drm_ioctl,
	.compat_ioctl = drm_compat_ioctl,
	.read = accelsim_drm_read,
	.write = accelsim_drm_write,
	.poll = accelsim_drm_poll,
	.llseek = noop_llseek,
	.show_fdinfo = drm_show_fdinfo,
	.fop_flags = FOP_UNSIGNED_OFFSET,
};
