/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One stage of a pipelined training job; see the essay in training.c.
 */
#ifndef _LIB_TRAINING_H
#define _LIB_TRAINING_H

#include <stdint.h>

#include "job.h"

/**
 * struct training_pass - one pass of one microbatch through the stage
 * @ops: operations
 * @bytes: device-memory traffic
 * @nominal_ns: how long it takes at the highest clock; sets the length of the
 *	waits for other stages, which do the same, and the weight of the pass
 *	in the progress of the step
 */
struct training_pass {
	uint64_t ops;
	uint64_t bytes;
	uint64_t nominal_ns;
};

/**
 * struct training_config - one job
 * @stages: stages of the pipeline
 * @stage: which of them this device is, from 0
 * @microbatches: microbatches per step, at least @stages
 * @forward: forward pass
 * @backward: backward pass
 * @reduce_ns: exposed part of the gradient all-reduce
 * @optimizer_bytes: device-memory traffic of the optimizer
 * @optimizer_nominal_ns: how long that takes
 * @stall_every: one step in so many waits for its input, on average; 0 never
 * @stall_min_ns: shortest wait for input
 * @stall_max_ns: longest
 * @checkpoint_every: one step in so many ends with a checkpoint; 0 never
 * @checkpoint_bytes: what it moves to the host
 * @checkpoint_ns: how long it takes, at least
 * @depth: items queued ahead
 * @ops_per_byte: operations that the device does while it moves a byte; passes are
 *	labelled with what bounds them. 0 when not known: with arithmetic
 * @seed: of the waits for input
 * @end_ns: end of the measurement, after the start
 */
struct training_config {
	unsigned int stages;
	unsigned int stage;
	unsigned int microbatches;
	struct training_pass forward;
	struct training_pass backward;
	uint64_t reduce_ns;
	uint64_t optimizer_bytes;
	uint64_t optimizer_nominal_ns;
	unsigned int stall_every;
	uint64_t stall_min_ns;
	uint64_t stall_max_ns;
	unsigned int checkpoint_every;
	uint64_t checkpoint_bytes;
	uint64_t checkpoint_ns;
	unsigned int depth;
	double ops_per_byte;
	uint64_t seed;
	uint64_t end_ns;
};

/**
 * training_gpt3() - a middle stage of GPT-3 175B on A100 SXM boards
 * @seed: of the waits for input
 * @end_ns: end of the measurement
 *
 * Return: the configuration.
 */
struct training_config training_gpt3(uint64_t seed, uint64_t end_ns);

/**
 * training_alone() - the same layers on a board of their own
 * @seed: of nothing, unless stalls are added
 * @end_ns: end of the measurement
 *
 * No pipeline, no replicas, no waits: a fine-tuning job beside which something
 * else runs.
 *
 * Return: the configuration.
 */
struct training_config training_alone(uint64_t seed, uint64_t end_ns);

/**
 * training_new() - start a job
 * @cfg: its configuration
 * @ret: the job, set on success only
 *
 * Return: 0, -EINVAL for an impossible configuration, -ENOMEM.
 */
int training_new(const struct training_config *cfg, struct job **ret);

#endif /* _LIB_TRAINING_H */
