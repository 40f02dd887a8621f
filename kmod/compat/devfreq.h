/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a devfreq governor needs and older kernels keep to themselves.
 *
 * Kernels that ship <linux/devfreq-governor.h> are served by it. Up to then
 * every function is exported but its declaration is not installed, so the
 * layout and the prototypes are repeated here. Both were the same from 6.1 to
 * the kernel that made them public.
 */
#ifndef _ACCELGOV_COMPAT_DEVFREQ_H
#define _ACCELGOV_COMPAT_DEVFREQ_H

#include <linux/devfreq.h>

/* sparse does not know __has_include; either declaration suits it. */
#ifndef __CHECKER__
#if __has_include(<linux/devfreq-governor.h>)
#define ACCELGOV_PUBLIC_GOVERNOR
#endif
#endif

#ifdef ACCELGOV_PUBLIC_GOVERNOR
#include <linux/devfreq-governor.h>
#else

#define DEVFREQ_NAME_LEN		16

/* Events that the core hands to event_handler(). */
#define DEVFREQ_GOV_START		0x1
#define DEVFREQ_GOV_STOP		0x2
#define DEVFREQ_GOV_UPDATE_INTERVAL	0x3
#define DEVFREQ_GOV_SUSPEND		0x4
#define DEVFREQ_GOV_RESUME		0x5

/* The core schedules no polling of its own for such a governor. */
#define DEVFREQ_GOV_FLAG_IRQ_DRIVEN	BIT(1)

/**
 * struct devfreq_governor - a governor as the core sees it
 * @node: owned by the core
 * @name: as written to the governor file
 * @attrs: attributes of the core that the governor asks for
 * @flags: DEVFREQ_GOV_FLAG_*
 * @get_target_freq: the wanted clock in Hz; called with df->lock held
 * @event_handler: DEVFREQ_GOV_*; called without df->lock, whatever the in-tree
 *	comment says
 */
struct devfreq_governor {
	struct list_head node;
	const char name[DEVFREQ_NAME_LEN];
	const u64 attrs;
	const u64 flags;
	int (*get_target_freq)(struct devfreq *df, unsigned long *freq);
	int (*event_handler)(struct devfreq *df, unsigned int event,
			     void *data);
};

int devfreq_add_governor(struct devfreq_governor *governor);
int devfreq_remove_governor(struct devfreq_governor *governor);
void devfreq_get_freq_range(struct devfreq *df, unsigned long *min_freq,
			    unsigned long *max_freq);

#endif /* ACCELGOV_PUBLIC_GOVERNOR */

#endif /* _ACCELGOV_COMPAT_DEVFREQ_H */
