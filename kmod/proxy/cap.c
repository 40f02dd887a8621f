// SPDX-License-Identifier: GPL-2.0
/*
 * Proxy power cap: one limit for two who want one
 *
 * A user writes power1_cap, a governor may wish for a limit of its own (limiter.c). The
 * target has the lower of the two. power1_cap stays what was written, so a wish that
 * ends leaves the user's, and so does a governor that goes.
 */
#include "limiter.h"
#include "proxy.h"

static u32 lower(const struct accelgov_proxy_cap *c)
{
	return c->wish_mw ? min(c->wish_mw, c->own_mw) : c->own_mw;
}

/* Return: the target is another one, and who reads it is to be woken. */
static bool aim(struct accelgov_proxy *p)
{
	bool changed = accelgov_proxy_aim(p, ACCELGOV_PROXY_CAP_MW,
					  lower(&p->cap));

	if (changed)
		p->cap.seq = p->target.seq;
	return changed;
}

/**
 * accelgov_proxy_cap_own() - a user wants another limit
 * @p: device
 * @mw: limit, in its range
 *
 * Context: any but NMI.
 */
void accelgov_proxy_cap_own(struct accelgov_proxy *p, u32 mw)
{
	unsigned long flags;
	bool changed;

	spin_lock_irqsave(&p->state_lock, flags);
	p->cap.own_mw = mw;
	changed = aim(p);
	spin_unlock_irqrestore(&p->state_lock, flags);
	if (changed)
		wake_up_interruptible(&p->wait);
}

/* Is it one of ours, and has it a limit? */
static struct accelgov_proxy *proxy_with_cap(struct device *dev)
{
	struct accelgov_proxy *p;

	if (dev->class != &accelgov_proxy_class)
		return NULL;
	p = to_proxy(dev);
	return p->table.cap_max_mw ? p : NULL;
}

/**
 * accelgov_proxy_cap_range() - which limits a device can hold by itself
 * @dev: the device that a devfreq device belongs to, a proxy or not
 * @ret_min_mw: lowest
 * @ret_max_mw: highest, 0 for none
 *
 * Context: any.
 */
void accelgov_proxy_cap_range(struct device *dev, u32 *ret_min_mw,
			      u32 *ret_max_mw)
{
	const struct accelgov_proxy *p = proxy_with_cap(dev);

	*ret_min_mw = p ? p->table.cap_min_mw : 0;
	*ret_max_mw = p ? p->table.cap_max_mw : 0;
}

/**
 * accelgov_proxy_cap_wish() - a governor wants a limit
 * @dev: the device that a devfreq device belongs to, a proxy or not
 * @mw: limit, 0 for none any more
 *
 * The first report after it was dealt with is passed to accelgov_limiter_answer().
 *
 * Context: any but NMI.
 * Return: true when it is another one than before.
 */
bool accelgov_proxy_cap_wish(struct device *dev, u32 mw)
{
	struct accelgov_proxy *p = proxy_with_cap(dev);
	bool changed, other;
	unsigned long flags;

	if (!p)
		return false;
	spin_lock_irqsave(&p->state_lock, flags);
	other = p->cap.wish_mw != mw;
	p->cap.wish_mw = mw;
	if (other)
		p->cap.waits = mw;
	changed = aim(p);
	spin_unlock_irqrestore(&p->state_lock, flags);
	if (changed)
		wake_up_interruptible(&p->wait);
	return other;
}

/**
 * accelgov_proxy_cap_reported() - does a report answer the governor's wish?
 * @p: device, locked
 * @error: errno that the report has, 0 for success
 */
void accelgov_proxy_cap_reported(struct accelgov_proxy *p, int error)
{
	unsigned long flags;
	bool answers;

	lockdep_assert_held(&p->lock);
	spin_lock_irqsave(&p->state_lock, flags);
	answers = p->cap.waits && p->done_seq >= p->cap.seq;
	if (answers)
		p->cap.waits = false;
	spin_unlock_irqrestore(&p->state_lock, flags);
	if (answers)
		accelgov_limiter_answer(p->df, !error);
}
