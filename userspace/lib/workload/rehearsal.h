/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A job in simulated time on a device that needs a known time for each item:
 * how fast it would be, without waiting for it.
 */
#ifndef _LIB_REHEARSAL_H
#define _LIB_REHEARSAL_H

#include <stdint.h>

#include "job.h"

/**
 * struct rehearsal_device - what runs the items
 * @item_ns: how long an item takes
 * @context: first argument of @item_ns
 */
struct rehearsal_device {
	uint64_t (*item_ns)(void *context, const struct accelsim_item *item);
	void *context;
};

/**
 * struct rehearsal - what came out
 * @end_ns: when the last item was done
 * @label_ns: time that items of each &enum accelgov_phase took
 * @changes: how often the label differed from the one before it
 */
struct rehearsal {
	uint64_t end_ns;
	uint64_t label_ns[16];
	uint64_t changes;
};

/**
 * rehearsal_run() - run a job to its end
 * @job: the job
 * @device: the device; it runs one item after the other
 * @ret: what came out, set on success only
 *
 * Return: 0 or what the job failed with.
 */
int rehearsal_run(struct job *job, const struct rehearsal_device *device,
		  struct rehearsal *ret);

#endif /* _LIB_REHEARSAL_H */
