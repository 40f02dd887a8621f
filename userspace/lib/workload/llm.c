// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: what a step of inference costs
 *
 * Observation. A step of a dense decoder reads every weight once, whatever the
 * number of tokens, and multiplies each of them with every token. Prefill has
 * hundreds of tokens per weight and is bound by arithmetic; decode has one
 * token per sequence and is bound by the memory bandwidth.
 *
 * Model, per rank of a tensor-parallel group of tp:
 *
 * 1. Operations: 2 per weight and token for the layers, 2 per weight of the
 *    output head and new token, and for attention 2 times 2 per query head,
 *    channel and pair of tokens. All divided by tp.
 * 2. Bytes: all weights of the rank once, the cached keys and values that are
 *    read, those that are written, and the activations. Per layer and token 12
 *    times the residual width is read or written on every rank (two norms, two
 *    residual additions, inputs of two projections) and 26 times the width is
 *    shared between the ranks (queries, keys, values, attention output, gate,
 *    up, product and down of the feed-forward part at 3.5 times the width).
 * 3. Interconnect: two all-reduces per layer of tokens * hidden elements, one
 *    after attention, one after the feed-forward part (Shoeybi et al.,
 *    Megatron-LM, 2019). Each takes a latency that grows with log2(tp), and
 *    2 (tp - 1) / tp of its size over the link (ring or switch, the same).
 * 4. Host: the time per step in which nothing is queued on the device.
 *
 * Constants.
 *
 * - Architecture: config.json of meta-llama/Llama-2-70b-hf,
 *   meta-llama/Llama-3.1-70B and meta-llama/Llama-3.1-8B.
 * - Boards: NVIDIA data sheets; all-reduce bandwidth is the bus bandwidth that
 *   nccl-tests reach inside a node, four fifths of the NVLink data rate in one
 *   direction (450 GB/s on H100, 300 GB/s on A100).
 * - Stack of 2025: the all-reduce latencies of vLLM on H100 with 2, 4 and 8
 *   ranks are 9 us for small messages, 20 us at 256 KiB and 40 us at 1 MiB
 *   (github.com/sgl-project/sglang/pull/2904).
 * - Stack of 2023: fitted to the decode steps of Llama-2-70B at tp 2, 4 and 8
 *   in the Splitwise measurements (github.com/Mutinifni/splitwise-sim,
 *   data/perf_model.csv at 8f99e7dc, MIT), where 16 ms of 30 ms at tp 4 are
 *   neither weights nor cache.
 *
 * selftests/unit/test_llm.c prints how far the resulting step times are from
 * the measured ones.
 */
#include <stddef.h>
#include <string.h>

#include "llm.h"

#define GIB		(1ULL << 30)
#define MIB		(1ULL << 20)
#define GB_PER_S	1000000000ULL

/* Bytes in units of the residual width, per layer and token; see above. */
#define ACT_REPLICATED	12
#define ACT_SHARED	26

#define REDUCES_PER_LAYER	2

/* vLLM's gpu_memory_utilization, and what its profile run finds in use. */
#define MEMORY_PERMILLE	900
#define MEMORY_WORK	(2 * GIB)

static const struct llm models[] = {
	{
		.name = "llama-3-70b",
		.layers = 80, .hidden = 8192, .heads = 64, .kv_heads = 8,
		.head_dim = 128, .ffn = 28672, .vocab = 128256,
		.max_context = 131072,
		.weight_bytes = 2, .kv_bytes = 2, .tp = 4,
	}, {
		.name = "llama-2-70b",
		.layers = 80, .hidden = 8192, .heads = 64, .kv_heads = 8,
		.head_dim = 128, .ffn = 28672, .vocab = 32000,
		.max_context = 4096,
		.weight_bytes = 2, .kv_bytes = 2, .tp = 4,
	}, {
		.name = "llama-3-8b",
		.layers = 32, .hidden = 4096, .heads = 32, .kv_heads = 8,
		.head_dim = 128, .ffn = 14336, .vocab = 128256,
		.max_context = 131072,
		.weight_bytes = 2, .kv_bytes = 2, .tp = 1,
	},
};

static const struct llm_board boards[] = {
	{ "h100-sxm", 80 * GIB, 360 * GB_PER_S },
	{ "a100-sxm", 80 * GIB, 240 * GB_PER_S },
};

const struct llm_stack llm_stack_2023 = {
	.name = "2023",
	.host_ns = 0,
	.reduce_ns = 46000,
	.reduce_ramp_ns = 0,
};

const struct llm_stack llm_stack_2025 = {
	.name = "2025",
	.host_ns = 1000000,
	.reduce_ns = 4500,
	.reduce_ramp_ns = 30000,
};

const struct llm *llm_find(const char *name)
{
	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++)
		if (!strcmp(models[i].name, name))
			return &models[i];
	return NULL;
}

const struct llm *llm_nth(unsigned int i)
{
	return i < sizeof(models) / sizeof(models[0]) ? &models[i] : NULL;
}

const struct llm_board *llm_board_find(const char *name)
{
	for (size_t i = 0; i < sizeof(boards) / sizeof(boards[0]); i++)
		if (!strcmp(boards[i].name, name))
			return &boards[i];
	return NULL;
}

const struct llm_board *llm_board_nth(unsigned int i)
{
	return i < sizeof(boards) / sizeof(boards[0]) ? &boards[i] : NULL;
}

/* Weights of the layers, which every token meets. */
static uint64_t layer_weights(const struct llm *m)
{
	uint64_t h = m->hidden;
	uint64_t q = (uint64_t)m->heads * m->head_dim;
	uint64_t kv = (uint64_t)m->kv_heads * m->head_dim;

	return m->layers * (2 * h * q + 2 * h * kv + 3 * h * m->ffn);
}

static uint64_t head_weights(const struct llm *m)
{
	return (uint64_t)m->hidden * m->vocab;
}

/* The input embedding lies in memory too, but a step reads a few rows of it. */
uint64_t llm_weight_bytes(const struct llm_rank *rank)
{
	const struct llm *m = rank->model;

	return (layer_weights(m) + 2 * head_weights(m)) * m->weight_bytes /
	       rank->tp;
}

uint64_t llm_kv_token_bytes(const struct llm_rank *rank)
{
	const struct llm *m = rank->model;

	return 2ULL * m->layers * m->kv_heads * m->head_dim * m->kv_bytes /
	       rank->tp;
}

uint64_t llm_kv_capacity(const struct llm_rank *rank)
{
	uint64_t usable = rank->board->memory_bytes / 1000 * MEMORY_PERMILLE;
	uint64_t taken = llm_weight_bytes(rank) + MEMORY_WORK;

	return usable > taken ?
		(usable - taken) / llm_kv_token_bytes(rank) : 0;
}

static uint64_t step_ops(const struct llm_rank *rank,
			 const struct llm_step *step)
{
	const struct llm *m = rank->model;
	uint64_t channels = (uint64_t)m->layers * m->heads * m->head_dim;
	uint64_t ops;

	ops = 2 * layer_weights(m) * step->tokens +
	      2 * head_weights(m) * step->logits + 4 * channels * step->pairs;
	return ops / rank->tp;
}

static uint64_t step_bytes(const struct llm_rank *rank,
			   const struct llm_step *step)
{
	const struct llm *m = rank->model;
	uint64_t weights = (layer_weights(m) + head_weights(m)) *
			   m->weight_bytes / rank->tp;
	uint64_t width = (uint64_t)m->hidden * m->weight_bytes;
	uint64_t act = m->layers * width *
		       (ACT_REPLICATED * rank->tp + ACT_SHARED) / rank->tp;

	return weights + act * step->tokens +
	       llm_kv_token_bytes(rank) * (step->kv_read + step->tokens);
}

static unsigned int doublings(unsigned int tp)
{
	unsigned int n = 0;

	while (tp > 1) {
		tp = (tp + 1) / 2;
		n++;
	}
	return n;
}

static uint64_t reduce_ns(const struct llm_rank *rank, uint64_t bytes)
{
	const struct llm_stack *stack = rank->stack;
	uint64_t ramp = bytes < MIB ? bytes : MIB;
	double moved = 2.0 * (rank->tp - 1) / rank->tp * (double)bytes;

	return stack->reduce_ns * doublings(rank->tp) +
	       stack->reduce_ramp_ns * ramp / MIB +
	       (uint64_t)(moved * 1e9 / (double)rank->board->link_bytes_per_s);
}

void llm_cost(const struct llm_rank *rank, const struct llm_step *step,
	      struct accelsim_item *ret)
{
	const struct llm *m = rank->model;
	uint64_t message = step->tokens * m->hidden * m->weight_bytes;

	ret->ops = step_ops(rank, step);
	ret->bytes = step_bytes(rank, step);
	ret->host_ns = rank->stack->host_ns;
	ret->link_ns = 0;
	if (rank->tp > 1)
		ret->link_ns = (uint64_t)REDUCES_PER_LAYER * m->layers *
			       reduce_ns(rank, message);
}
