// SPDX-License-Identifier: GPL-2.0
/*
 * The character device: contexts as files
 */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "client.h"
#include "sim.h"

#define ACCELSIM_READ_BATCH	8

static dev_t accelsim_devt;

static const struct class accelsim_class = {
	.name = ACCELSIM_NAME,
};

/* Anything that ends a wait of a writer: room, or the end of the device. */
static bool accelsim_writable(struct accelsim_file *file)
{
	struct accelsim_device *adev = file->adev;
	unsigned long flags;
	bool ready;

	raw_spin_lock_irqsave(&adev->lock, flags);
	ready = adev->dead || accelsim_client_room(file);
	raw_spin_unlock_irqrestore(&adev->lock, flags);
	return ready;
}

static bool accelsim_readable(struct accelsim_file *file)
{
	struct accelsim_device *adev = file->adev;
	unsigned long flags;
	bool ready;

	raw_spin_lock_irqsave(&adev->lock, flags);
	ready = adev->dead || file->unread;
	raw_spin_unlock_irqrestore(&adev->lock, flags);
	return ready;
}

static int accelsim_submit(struct accelsim_file *file,
			   const struct accelsim_item *item, bool nonblock)
{
	struct accelsim_device *adev = file->adev;
	u64 ref_ns;
	int ret;

	if (!accelsim_client_item(adev, item, &ref_ns))
		return -EINVAL;
	for (;;) {
		ret = accelsim_client_submit(file, item, ref_ns);
		if (ret != -EAGAIN || nonblock)
			return ret;
		ret = wait_event_interruptible(adev->wait,
					       accelsim_writable(file));
		if (ret)
			return ret;
	}
}

static ssize_t accelsim_write(struct file *filp, const char __user *buf,
			      size_t len, loff_t *pos)
{
	struct accelsim_file *file = filp->private_data;
	bool nonblock = filp->f_flags & O_NONBLOCK;
	struct accelsim_item item;
	size_t done = 0;
	int ret;

	if (len % sizeof(item))
		return -EINVAL;
	ret = accelsim_client_power(file->adev);
	if (ret)
		return ret;
	while (done < len) {
		ret = -EFAULT;
		if (copy_from_user(&item, buf + done, sizeof(item)))
			break;
		ret = accelsim_submit(file, &item, nonblock);
		if (ret)
			break;
		done += sizeof(item);
	}
	accelsim_client_unpower(file->adev);
	return done ? done : ret;
}

/* Copies of the oldest completions; they stay in the ring. */
static u32 accelsim_peek(struct accelsim_file *file, struct accelsim_done *done,
			 u32 max)
{
	unsigned long flags;
	u32 i, nr;

	raw_spin_lock_irqsave(&file->adev->lock, flags);
	nr = min(max, file->unread);
	for (i = 0; i < nr; i++)
		done[i] = file->ring[(file->first + i) % ACCELSIM_FILE_ITEMS];
	raw_spin_unlock_irqrestore(&file->adev->lock, flags);
	return nr;
}

static void accelsim_consume(struct accelsim_file *file, u32 nr)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&file->adev->lock, flags);
	file->first = (file->first + nr) % ACCELSIM_FILE_ITEMS;
	file->unread -= nr;
	raw_spin_unlock_irqrestore(&file->adev->lock, flags);
	/* The ring may have been what held a writer back. */
	wake_up_interruptible_all(&file->adev->wait);
}

static ssize_t accelsim_read_some(struct accelsim_file *file, char __user *buf,
				  size_t len)
{
	struct accelsim_done batch[ACCELSIM_READ_BATCH];
	size_t done = 0;
	u32 max, nr;

	while (len - done >= sizeof(batch[0])) {
		max = min_t(size_t, ARRAY_SIZE(batch),
			    (len - done) / sizeof(batch[0]));
		nr = accelsim_peek(file, batch, max);
		if (!nr)
			break;
		if (copy_to_user(buf + done, batch, nr * sizeof(batch[0])))
			return done ? done : -EFAULT;
		accelsim_consume(file, nr);
		done += nr * sizeof(batch[0]);
	}
	return done ? done : -EAGAIN;
}

static ssize_t accelsim_read(struct file *filp, char __user *buf, size_t len,
			     loff_t *pos)
{
	struct accelsim_file *file = filp->private_data;
	struct accelsim_device *adev = file->adev;
	ssize_t ret;

	if (len < sizeof(struct accelsim_done))
		return len ? -EINVAL : 0;
	for (;;) {
		if (READ_ONCE(adev->dead))
			return -ENODEV;
		if (mutex_lock_interruptible(&file->read_lock))
			return -ERESTARTSYS;
		ret = accelsim_read_some(file, buf, len);
		mutex_unlock(&file->read_lock);
		if (ret != -EAGAIN || filp->f_flags & O_NONBLOCK)
			return ret;
		ret = wait_event_interruptible(adev->wait,
					       accelsim_readable(file));
		if (ret)
			return ret;
	}
}

static __poll_t accelsim_poll(struct file *filp, poll_table *wait)
{
	struct accelsim_file *file = filp->private_data;
	struct accelsim_device *adev = file->adev;
	unsigned long flags;
	__poll_t mask = 0;

	poll_wait(filp, &adev->wait, wait);
	raw_spin_lock_irqsave(&adev->lock, flags);
	if (adev->dead)
		mask = EPOLLHUP | EPOLLERR;
	if (file->unread)
		mask |= EPOLLIN | EPOLLRDNORM;
	if (!adev->dead && accelsim_client_room(file))
		mask |= EPOLLOUT | EPOLLWRNORM;
	raw_spin_unlock_irqrestore(&adev->lock, flags);
	return mask;
}

static int accelsim_open(struct inode *inode, struct file *filp)
{
	struct accelsim_device *adev =
		container_of(inode->i_cdev, struct accelsim_device, cdev);
	struct accelsim_file *file;

	file = accelsim_client_open(adev, false);
	if (IS_ERR(file))
		return PTR_ERR(file);
	filp->private_data = file;
	return stream_open(inode, filp);
}

static int accelsim_release(struct inode *inode, struct file *filp)
{
	accelsim_client_close(filp->private_data);
	return 0;
}

static const struct file_operations accelsim_fops = {
	.owner = THIS_MODULE,
	.open = accelsim_open,
	.release = accelsim_release,
	.read = accelsim_read,
	.write = accelsim_write,
	.poll = accelsim_poll,
};

static void accelsim_node_release(struct device *node)
{
	struct accelsim_device *adev =
		container_of(node, struct accelsim_device, node);

	put_device(adev->dev);
	kfree(adev);
}

/**
 * accelsim_node_init() - begin the life of the reference-counted structure
 * @adev: device, to be given up with put_device(&adev->node) even on failure
 *
 * Return: 0 or a negative error code.
 */
int accelsim_node_init(struct accelsim_device *adev)
{
	device_initialize(&adev->node);
	adev->node.class = &accelsim_class;
	adev->node.parent = adev->dev;
	adev->node.release = accelsim_node_release;
	adev->node.devt = MKDEV(MAJOR(accelsim_devt), adev->id);
	cdev_init(&adev->cdev, &accelsim_fops);
	adev->cdev.owner = THIS_MODULE;
	return dev_set_name(&adev->node, ACCELSIM_NAME "%d", adev->id);
}

/**
 * accelsim_node_add() - let users in
 * @adev: device
 *
 * Return: 0 or a negative error code.
 */
int accelsim_node_add(struct accelsim_device *adev)
{
	return cdev_device_add(&adev->cdev, &adev->node);
}

/**
 * accelsim_node_remove() - let no more users in
 * @adev: device
 */
void accelsim_node_remove(struct accelsim_device *adev)
{
	cdev_device_del(&adev->cdev, &adev->node);
}

/**
 * accelsim_queue_init() - numbers and class of the character devices
 *
 * Return: 0 or a negative error code.
 */
int accelsim_queue_init(void)
{
	int ret;

	ret = alloc_chrdev_region(&accelsim_devt, 0, ACCELSIM_MAX_DEVICES,
				  ACCELSIM_NAME);
	if (ret)
		return ret;
	ret = class_register(&accelsim_class);
	if (ret)
		unregister_chrdev_region(accelsim_devt, ACCELSIM_MAX_DEVICES);
	return ret;
}

/**
 * accelsim_queue_exit() - give them back
 */
void accelsim_queue_exit(void)
{
	class_unregister(&accelsim_class);
	unregister_chrdev_region(accelsim_devt, ACCELSIM_MAX_DEVICES);
}
