/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Work for a device: made once, then as often as jobs are needed.
 */
#ifndef _LIB_WORK_H
#define _LIB_WORK_H

#include <stdbool.h>
#include <stdint.h>

#include "../../../kmod/sim/profile.h"
#include "requests.h"
#include "segments.h"
#include "serving.h"
#include "source.h"
#include "training.h"

/**
 * enum work_kind - what kind of work
 * @WORK_SERVING: requests for one rank that serves a model
 * @WORK_TRAINING: a stage of a pipelined training job
 * @WORK_MIXED: serving, and a training job in what it leaves
 * @WORK_BURSTY: serving in bursts with idle gaps
 * @WORK_BATCH: batch jobs with idle gaps
 * @WORK_PHASES: a list of phases
 * @WORK_NR: number of kinds, also for "none"
 */
enum work_kind {
	WORK_SERVING,
	WORK_TRAINING,
	WORK_MIXED,
	WORK_BURSTY,
	WORK_BATCH,
	WORK_PHASES,
	WORK_NR
};

/**
 * struct work_config - what to make
 * @chip: the device
 * @model: name of the served model
 * @source: requests or a list of phases; rates of arrival for %WORK_SERVING and
 *	%WORK_MIXED only
 * @rate_scale: factor on the rate of arrival, 0 to choose it; for rates by window
 *	on the rates, else on time
 * @chunked: prefill in pieces together with decode
 * @duration_ns: length of the measured interval
 * @seed: of everything that is drawn
 */
struct work_config {
	const struct asim_chip *chip;
	const char *model;
	const struct source *source;
	double rate_scale;
	bool chunked;
	uint64_t duration_ns;
	uint64_t seed;
};

/**
 * struct work - one workload
 * @kind: which
 * @chip: the device
 * @duration_ns: length of the measured interval
 * @serving: the engine, when there is one; its requests are @table, its board
 *	has another name than the device when it stands for it
 * @training: the training job, when there is one
 * @table: requests of the measured interval
 * @segments: what is done one after the other, by physics
 * @capacity_per_s: requests per second that the device serves well at its top
 *	clock, 0 when nobody asked
 * @late: no rate is served well, and @capacity_per_s is the highest at which the
 *	queue does not grow
 * @rate_scale: factor on the rate of arrival
 * @rate_per_s: resulting mean rate
 */
struct work {
	enum work_kind kind;
	struct asim_chip chip;
	uint64_t duration_ns;
	struct serving_config serving;
	struct training_config training;
	struct requests table;
	struct segments segments;
	double capacity_per_s;
	bool late;
	double rate_scale;
	double rate_per_s;
};

/**
 * work_kind_name() - what users call a kind of work
 * @kind: the kind
 *
 * Return: the name, NULL for %WORK_NR.
 */
const char *work_kind_name(enum work_kind kind);

/**
 * work_kind_find() - look a kind of work up
 * @name: for example ``serving``
 *
 * Return: the kind or %WORK_NR.
 */
enum work_kind work_kind_find(const char *name);

/**
 * work_has_requests() - is there a serving engine in it
 * @kind: the kind
 *
 * Return: true when there is.
 */
bool work_has_requests(enum work_kind kind);

/**
 * work_new() - make work of any kind
 * @kind: which
 * @cfg: from what
 * @ret: the work, set on success only; to be freed
 * @ret_line: line of the list of phases that the device can't do, set on -ERANGE
 *
 * Return: 0; -ENODEV when no serving numbers are known for the device and it is
 * much slower than those for which there are; -EINVAL when the model does not fit or
 * no load can be found; -ENODATA when the rates of arrival end before the interval
 * does; -E2BIG for too many requests; -ERANGE for a phase that is too short for the
 * device; -ENOMEM.
 */
int work_new(enum work_kind kind, const struct work_config *cfg,
	     struct work *ret, unsigned int *ret_line);

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
 * Return: as work_new().
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
 * @work: struct work; must stay where it is as long as the job
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
