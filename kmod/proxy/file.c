// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/accelgov: the door for programs that actuate an accelerator
 *
 * An open file makes at most one device, and the device is there at most while
 * the file is open: whoever dies, in whatever way, takes it along. The protocol
 * is in uapi/accelgov_proxy.h.
 *
 * Everything from userspace is copied once and checked whole before anything is
 * made or changed.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "proxy.h"

#define LEASE_MIN_MS	100
#define LEASE_MAX_MS	3600000
/* In milliwatts; a limit in microwatts must fit a long. */
#define CAP_MAX_MW	1000000
#define CLOCK_MAX_KHZ	4000000

/**
 * struct proxy_file - an open file
 * @lock: serialises the making of a device
 * @proxy: the device, NULL before; stays when the lease has ended it
 */
struct proxy_file {
	struct mutex lock; /* making a device */
	struct accelgov_proxy *proxy;
};

static int check_opps(const struct accelgov_proxy_opp *o, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++)
		if (o[i].pad || !o[i].khz || o[i].khz > CLOCK_MAX_KHZ ||
		    (i && o[i].khz <= o[i - 1].khz) ||
		    o[i].power_mw > CAP_MAX_MW || o[i].mv > CAP_MAX_MW)
			return -EINVAL;
	return 0;
}

static int check_idle(const struct accelgov_proxy_idle *idle, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++)
		if (i ? idle[i].entry_us <= idle[i - 1].entry_us :
			idle[i].entry_us)
			return -EINVAL;
	return 0;
}

/* The deeper the less. */
static int check_cost(const struct accelgov_proxy_idle_cost *cost, u32 nr,
		      u32 awake_mw)
{
	u32 i;

	for (i = 0; i < nr; i++)
		if (cost[i].power_mw >= (i ? cost[i - 1].power_mw : awake_mw))
			return -EINVAL;
	return 0;
}

static bool costs_ok(const struct accelgov_proxy_create *c)
{
	if (!c->idle_cost)
		return !c->awake_mw;
	return c->nr_idle && c->awake_mw && c->awake_mw <= CAP_MAX_MW;
}

static bool lease_ok(u32 ms)
{
	return !ms || (ms >= LEASE_MIN_MS && ms <= LEASE_MAX_MS);
}

static bool caps_ok(const struct accelgov_proxy_create *c)
{
	if (!c->cap_max_mw)
		return !c->cap_min_mw && !c->cap_mw;
	return c->cap_min_mw <= c->cap_mw && c->cap_mw <= c->cap_max_mw &&
	       c->cap_max_mw <= CAP_MAX_MW;
}

static bool switching_ok(const struct accelgov_proxy_create *c)
{
	return c->switch_us <= ACCELGOV_PROXY_SWITCH_MAX_US &&
	       c->halt_us <= ACCELGOV_PROXY_SWITCH_MAX_US;
}

static int check_create(struct accelgov_proxy_create *c)
{
	if (c->flags || c->pad || !c->nr_opps || c->nr_opps > ACCELGOV_PROXY_OPPS_MAX ||
	    c->nr_idle > ACCELGOV_PROXY_IDLE_MAX)
		return -EINVAL;
	if (strnlen(c->name, sizeof(c->name)) == sizeof(c->name) ||
	    strnlen(c->governor, sizeof(c->governor)) == sizeof(c->governor))
		return -EINVAL;
	return lease_ok(c->lease_ms) && caps_ok(c) && costs_ok(c) &&
	       switching_ok(c) ? 0 : -EINVAL;
}

static int read_create(struct accelgov_proxy_create *c, void __user *arg)
{
	u32 size;
	int err;

	if (get_user(size, (u32 __user *)arg))
		return -EFAULT;
	if (size < ACCELGOV_PROXY_CREATE_SIZE_V0)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	err = copy_struct_from_user(c, sizeof(*c), arg, size);
	return err ? err : check_create(c);
}

static struct accelgov_proxy *make(void __user *arg)
{
	struct accelgov_proxy_idle_cost cost[ACCELGOV_PROXY_IDLE_MAX] = {};
	struct accelgov_proxy_idle idle[ACCELGOV_PROXY_IDLE_MAX];
	struct accelgov_proxy_create create;
	struct accelgov_proxy_opp *opps;
	struct accelgov_proxy *p;
	int err;

	err = read_create(&create, arg);
	if (err)
		return ERR_PTR(err);
	opps = vmemdup_array_user(u64_to_user_ptr(create.opps), create.nr_opps,
				  sizeof(*opps));
	if (IS_ERR(opps))
		return ERR_CAST(opps);
	p = ERR_PTR(-EFAULT);
	if (copy_from_user(idle, u64_to_user_ptr(create.idle),
			   create.nr_idle * sizeof(*idle)))
		goto free;
	if (create.idle_cost &&
	    copy_from_user(cost, u64_to_user_ptr(create.idle_cost),
			   create.nr_idle * sizeof(*cost)))
		goto free;
	err = check_opps(opps, create.nr_opps);
	if (!err)
		err = check_idle(idle, create.nr_idle);
	if (!err && create.idle_cost)
		err = check_cost(cost, create.nr_idle, create.awake_mw);
	p = err ? ERR_PTR(err) :
		  accelgov_proxy_new(&create, opps, idle, cost);
free:
	kvfree(opps);
	return p;
}

static int create(struct proxy_file *pf, void __user *arg)
{
	struct accelgov_proxy *p;
	int err = 0;

	if (mutex_lock_interruptible(&pf->lock))
		return -ERESTARTSYS;
	if (pf->proxy) {
		err = -EBUSY;
		goto unlock;
	}
	p = make(arg);
	if (IS_ERR(p)) {
		err = PTR_ERR(p);
		goto unlock;
	}
	/* Pairs with proxy_of(): a reader sees all of it or none. */
	smp_store_release(&pf->proxy, p);
unlock:
	mutex_unlock(&pf->lock);
	return err;
}

static struct accelgov_proxy *proxy_of(struct file *file)
{
	struct proxy_file *pf = file->private_data;

	/* Pairs with create(). */
	return smp_load_acquire(&pf->proxy);
}

static long proxy_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	if (cmd != ACCELGOV_PROXY_CREATE)
		return -ENOTTY;
	if ((file->f_mode & (FMODE_READ | FMODE_WRITE)) !=
	    (FMODE_READ | FMODE_WRITE))
		return -EBADF;
	return create(file->private_data, (void __user *)arg);
}

/* Return: is there a target that was not read yet? Then it is in @ret. */
static bool peek_target(struct accelgov_proxy *p,
			struct accelgov_proxy_target *ret)
{
	unsigned long flags;
	bool new;

	spin_lock_irqsave(&p->state_lock, flags);
	*ret = p->target;
	new = p->read_seq != p->target.seq;
	spin_unlock_irqrestore(&p->state_lock, flags);
	return new;
}

/* Only what reached the reader counts as read. */
static void was_read(struct accelgov_proxy *p, u64 seq)
{
	unsigned long flags;

	spin_lock_irqsave(&p->state_lock, flags);
	p->read_seq = max(p->read_seq, seq);
	spin_unlock_irqrestore(&p->state_lock, flags);
}

static int wait_for_target(struct file *file, struct accelgov_proxy *p,
			   struct accelgov_proxy_target *ret)
{
	int err;

	while (!READ_ONCE(p->gone)) {
		if (peek_target(p, ret))
			return 0;
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(p->wait, READ_ONCE(p->gone) ||
					       peek_target(p, ret));
		if (err)
			return err;
	}
	return -ENODEV;
}

static ssize_t proxy_read(struct file *file, char __user *buf, size_t len,
			  loff_t *pos)
{
	struct accelgov_proxy *p = proxy_of(file);
	struct accelgov_proxy_target target;
	int err;

	if (!p)
		return -ENXIO;
	if (len < ACCELGOV_PROXY_TARGET_SIZE_V0)
		return -EINVAL;
	err = wait_for_target(file, p, &target);
	if (err)
		return err;
	len = min(len, sizeof(target));
	if (copy_to_user(buf, &target, len))
		return -EFAULT;
	was_read(p, target.seq);
	return len;
}

static ssize_t proxy_write(struct file *file, const char __user *buf,
			   size_t len, loff_t *pos)
{
	struct accelgov_proxy *p = proxy_of(file);
	struct accelgov_proxy_report report;
	int err;

	if (!p)
		return -ENXIO;
	if (len < ACCELGOV_PROXY_REPORT_SIZE_V0)
		return -EINVAL;
	if (len > PAGE_SIZE)
		return -E2BIG;
	err = copy_struct_from_user(&report, sizeof(report), buf, len);
	if (err)
		return err;
	if (report.size != len)
		return -EINVAL;
	err = accelgov_proxy_report(p, &report);
	return err ? err : len;
}

static __poll_t proxy_poll(struct file *file, poll_table *wait)
{
	struct accelgov_proxy *p = proxy_of(file);
	struct accelgov_proxy_target target;

	if (!p)
		return EPOLLERR;
	poll_wait(file, &p->wait, wait);
	if (READ_ONCE(p->gone))
		return EPOLLHUP | EPOLLERR;
	return EPOLLOUT | EPOLLWRNORM |
	       (peek_target(p, &target) ? EPOLLIN | EPOLLRDNORM : 0);
}

static int proxy_open(struct inode *inode, struct file *file)
{
	struct proxy_file *pf = kzalloc(sizeof(*pf), GFP_KERNEL);

	if (!pf)
		return -ENOMEM;
	mutex_init(&pf->lock);
	file->private_data = pf;
	return stream_open(inode, file);
}

static int proxy_release(struct inode *inode, struct file *file)
{
	struct proxy_file *pf = file->private_data;

	if (pf->proxy) {
		accelgov_proxy_end(pf->proxy, "its file was closed");
		accelgov_proxy_free(pf->proxy);
	}
	mutex_destroy(&pf->lock);
	kfree(pf);
	return 0;
}

static const struct file_operations fops = {
	.owner = THIS_MODULE,
	.open = proxy_open,
	.release = proxy_release,
	.read = proxy_read,
	.write = proxy_write,
	.poll = proxy_poll,
	.unlocked_ioctl = proxy_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

/* Whoever may use it decides about clocks: root, or whom root lets. */
static struct miscdevice node = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "accelgov",
	.fops = &fops,
	.mode = 0600,
};

/**
 * accelgov_proxy_init() - offer /dev/accelgov
 *
 * Return: 0 or a negative error.
 */
int accelgov_proxy_init(void)
{
	int err;

	BUILD_BUG_ON(sizeof(struct accelgov_proxy_create) !=
		     ACCELGOV_PROXY_CREATE_SIZE_V2);
	BUILD_BUG_ON(sizeof(struct accelgov_proxy_target) !=
		     ACCELGOV_PROXY_TARGET_SIZE_V0);
	BUILD_BUG_ON(sizeof(struct accelgov_proxy_report) !=
		     ACCELGOV_PROXY_REPORT_SIZE_V0);
	err = class_register(&accelgov_proxy_class);
	if (err)
		return err;
	err = misc_register(&node);
	if (err)
		class_unregister(&accelgov_proxy_class);
	return err;
}

/**
 * accelgov_proxy_exit() - no file is open any more
 */
void accelgov_proxy_exit(void)
{
	misc_deregister(&node);
	class_unregister(&accelgov_proxy_class);
}
