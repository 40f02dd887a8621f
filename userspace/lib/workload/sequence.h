/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A job that does one stretch of a list after the other; see the essay in
 * sequence.c.
 */
#ifndef _LIB_SEQUENCE_H
#define _LIB_SEQUENCE_H

#include "job.h"
#include "meter.h"
#include "segments.h"

/**
 * struct sequence_config - one job
 * @list: what it does, all of it by physics; not copied, must stay
 * @meter: the device, to cut long stretches and to weigh the work
 * @end_ns: end of the measurement, after the start
 */
struct sequence_config {
	const struct segments *list;
	struct meter meter;
	uint64_t end_ns;
};

/**
 * sequence_new() - start a job
 * @cfg: its configuration
 * @ret: the job, set on success only
 *
 * Return: 0, -EINVAL for a list without work or with lengths instead of
 * physics, -ENOMEM.
 */
int sequence_new(const struct sequence_config *cfg, struct job **ret);

#endif /* _LIB_SEQUENCE_H */
