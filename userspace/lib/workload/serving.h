/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A serving engine with continuous batching; see the essay in serving.c.
 */
#ifndef _LIB_SERVING_H
#define _LIB_SERVING_H

#include <stdbool.h>
#include <stdint.h>

#include "llm.h"
#include "requests.h"
#include "job.h"

/* Steps that may be scheduled and unfinished at the same time, at most. */
#define SERVING_DEPTH_MAX	8

/**
 * struct serving_config - one engine
 * @rank: model, board and software
 * @requests: the table, in the order of arrival; not copied, must stay
 * @max_tokens: tokens that one step may process
 * @max_seqs: sequences that one step may process
 * @kv_tokens: capacity of the KV cache in tokens
 * @depth: steps scheduled ahead, 1 to %SERVING_DEPTH_MAX
 * @chunked: mix prefill in pieces with decode in one step
 * @ops_per_byte: operations that the device does while it moves a byte; steps are
 *	labelled with what bounds them. 0 when not known: with prefill, decode or
 *	both
 * @end_ns: end of the measurement, after the start
 */
struct serving_config {
	struct llm_rank rank;
	const struct requests *requests;
	unsigned int max_tokens;
	unsigned int max_seqs;
	uint64_t kv_tokens;
	unsigned int depth;
	bool chunked;
	double ops_per_byte;
	uint64_t end_ns;
};

/**
 * serving_defaults() - configuration that the engine has unless told otherwise
 * @rank: model, board and software
 * @requests: the table
 * @end_ns: end of the measurement
 *
 * Return: the configuration.
 */
struct serving_config serving_defaults(const struct llm_rank *rank,
				       const struct requests *requests,
				       uint64_t end_ns);

/**
 * serving_new() - start an engine
 * @cfg: its configuration
 * @ret: the job, set on success only
 *
 * Return: 0, -EINVAL for an impossible configuration, -ENOMEM.
 */
int serving_new(const struct serving_config *cfg, struct job **ret);

#endif /* _LIB_SERVING_H */
