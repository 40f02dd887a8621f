/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Work for a replay: made once, then as often as jobs are needed.
 */
#ifndef _LIB_REPLAY_WORK_H
#define _LIB_REPLAY_WORK_H

#include <stdbool.h>
#include <stdint.h>

#include "../../kmod/sim/profile.h"
#include "requests.h"
#include "serving.h"
#include "training.h"

/**
 * struct replay_work - one workload
 * @is_training: which of the two follows
 * @serving: the engine, when it is one; its requests are @table
 * @training: the job, when it is one
 * @table: requests of the measured interval
 * @capacity_per_s: requests per second that the device serves well at its top
 *	clock, 0 when nobody asked
 * @rate_scale: factor on the rate of arrival
 * @rate_per_s: resulting mean rate
 */
struct replay_work {
	bool is_training;
	struct serving_config serving;
	struct training_config training;
	struct requests table;
	double capacity_per_s;
	double rate_scale;
	double rate_per_s;
};

/**
 * replay_work_serving() - requests for one rank that serves a model
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
int replay_work_serving(const struct asim_chip *chip, const char *model,
			const struct requests *all, double rate_scale,
			bool chunked, uint64_t duration_ns,
			struct replay_work *ret);

/**
 * replay_work_training() - a stage of GPT-3 175B
 * @chip: the device; the other stages run on the same kind
 * @seed: of the waits for input
 * @duration_ns: length of the measured interval
 * @ret: the work; to be freed
 */
void replay_work_training(const struct asim_chip *chip, uint64_t seed,
			  uint64_t duration_ns, struct replay_work *ret);

/**
 * replay_work_job() - begin the work anew
 * @work: struct replay_work
 * @ret: the job, set on success only
 *
 * Return: 0, -EINVAL or -ENOMEM.
 */
int replay_work_job(const void *work, struct job **ret);

/**
 * replay_work_free() - give the memory back
 * @w: the work
 */
void replay_work_free(struct replay_work *w);

#endif /* _LIB_REPLAY_WORK_H */
