/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hrtimer_init() and the assignment of the function became one call,
 * hrtimer_setup(), and 6.15 has that alone.
 */
#ifndef _COMPAT_HRTIMER_H
#define _COMPAT_HRTIMER_H

#include <linux/hrtimer.h>
#include <linux/version.h>

static inline void
compat_hrtimer_setup(struct hrtimer *timer,
		     enum hrtimer_restart (*function)(struct hrtimer *),
		     clockid_t clock, enum hrtimer_mode mode)
{
#if KERNEL_VERSION(6, 15, 0) <= LINUX_VERSION_CODE
	hrtimer_setup(timer, function, clock, mode);
#else
	hrtimer_init(timer, clock, mode);
	timer->function = function;
#endif
}

#endif /* _COMPAT_HRTIMER_H */
