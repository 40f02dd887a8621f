/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two jobs that share a device; see the essay in mixed.c.
 */
#ifndef _LIB_MIXED_H
#define _LIB_MIXED_H

#include "job.h"
#include "meter.h"

/**
 * struct mixed_config - two jobs on one device
 * @front: the one that users wait for; taken over
 * @back: the one that uses what is left; taken over
 * @meter: the device, to cut and to weigh the work
 * @end_ns: end of the measurement, after the start
 */
struct mixed_config {
	struct job *front;
	struct job *back;
	struct meter meter;
	uint64_t end_ns;
};

/**
 * mixed_new() - start both
 * @cfg: the configuration; its jobs are freed on failure too
 * @ret: the job, set on success only
 *
 * Return: 0 or -ENOMEM.
 */
int mixed_new(const struct mixed_config *cfg, struct job **ret);

#endif /* _LIB_MIXED_H */
