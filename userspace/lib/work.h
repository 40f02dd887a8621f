/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Work for a device: made once, then as often as jobs are needed.
 */
#ifndef _LIB_WORK_H
#define _LIB_WORK_H

#include <stdbool.h>
#include <stdint.h>

#include "../../kmod/sim/profile.h"
#include "requests.h"
#include "serving.h"
#include "training.h"

/**
 * struct work - one workload
 * @is_training: which of the two follows
 * @serving: the engine, when it is one; its requests are @table
 * @training: the job, when it is one
 * @table: requests of the measured interval
 * @capacity_per_s: requests per second that the device serves well at its top
 *	clock, 0 when nobody asked
 * @rate_scale: factor on the rate of arrival
 * @rate_per_s: resulting mean rate
 */
struct work {
	bool is_training;
	struct serving_config serving;
	struct training_config training;
	struct requests table;
	double capacity_per_s;
	double rate_scale;
	double rate_per_s;
};

/**
 * work_serving() - requests for one rank that serves a model
 * @chip: the device
 * @model: name of the model
 * @all: requests there are
 * @rate_scale: factor on their rate of arrival, 0 for three fifths of what the
 *	device serves well, as ``accelgov play`` does
 * @chunked: prefill in pieces together with decode
 * @duration_ns: length of the measured interval
 * @ret: the work, set on success only; to be freed
 *
 * Return: 0; -ENODEV when no serving numbers are known for the device; -EINVAL
 * when the model does not fit or no load can be found; -ENOMEM.
 */
int work_serving(const struct asim_chip *chip, const char *model,
		 const struct requests *all, double rate_scale,
		 bool chunked, uint64_t duration_ns,
		 struct work *ret);

/**
 * work_training() - a stage of GPT-3 175B
 * @chip: the device; the other stages run on the same kind
 * @seed: of the waits for input
 * @duration_ns: length of the measured interval
 * @ret: the work; to be freed
 */
void work_training(const struct asim_chip *chip, uint64_t seed,
		   uint64_t duration_ns, struct work *ret);

/**
 * work_job() - begin the work anew
 * @work: struct work
 * @ret: the job, set on success only
 *
 * Return: 0, -EINVAL or -ENOMEM.
 */
int work_job(const void *work, struct job **ret);

/**
 * work_free() - give the memory back
 * @w: the work
 */
void work_free(struct work *w);

#endif /* _LIB_WORK_H */
