/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Large language models as the device sees them: what one step of inference
 * costs one rank of a tensor-parallel group in operations, bytes, interconnect
 * time and host time.
 */
#ifndef _LIB_LLM_H
#define _LIB_LLM_H

#include <stdint.h>

#include "../../../kmod/uapi/accelsim.h"

/**
 * struct llm - architecture of a dense decoder with grouped-query attention
 * @name: as users write it
 * @layers: transformer layers
 * @hidden: width of the residual stream
 * @heads: query heads
 * @kv_heads: key and value heads
 * @head_dim: width of a head
 * @ffn: width of the gated feed-forward layer
 * @vocab: tokens in the vocabulary
 * @max_context: longest prompt and answer together, in tokens
 * @weight_bytes: bytes per weight
 * @kv_bytes: bytes per element of the KV cache
 * @tp: ranks that share a layer when nothing else is asked for
 */
struct llm {
	const char *name;
	unsigned int layers;
	unsigned int hidden;
	unsigned int heads;
	unsigned int kv_heads;
	unsigned int head_dim;
	unsigned int ffn;
	unsigned int vocab;
	unsigned int max_context;
	unsigned int weight_bytes;
	unsigned int kv_bytes;
	unsigned int tp;
};

/**
 * struct llm_board - what a rank needs to know of the board it runs on
 * @name: name of the device profile
 * @memory_bytes: device memory
 * @link_bytes_per_s: all-reduce bandwidth ("bus bandwidth") of the interconnect
 *	inside the node
 */
struct llm_board {
	const char *name;
	uint64_t memory_bytes;
	uint64_t link_bytes_per_s;
};

/**
 * struct llm_stack - overheads of the serving software
 * @name: short name
 * @host_ns: time per step in which the device waits for the host
 * @reduce_ns: exposed latency of one all-reduce of a few bytes, per doubling of
 *	the ranks
 * @reduce_ramp_ns: what a message of 1 MiB takes longer; smaller ones in
 *	proportion, larger ones no more than that, plus their transfer time
 */
struct llm_stack {
	const char *name;
	uint64_t host_ns;
	uint64_t reduce_ns;
	uint64_t reduce_ramp_ns;
};

/**
 * struct llm_rank - one device's share of a model
 * @model: the model
 * @board: the board
 * @stack: the software
 * @tp: ranks that share each layer
 */
struct llm_rank {
	const struct llm *model;
	const struct llm_board *board;
	const struct llm_stack *stack;
	unsigned int tp;
};

/**
 * struct llm_step - what one step of the engine computes
 * @tokens: tokens that go through the layers
 * @logits: sequences that get a new token
 * @pairs: sum over the tokens of the tokens each attends to, itself included
 * @kv_read: tokens whose keys and values are read from the cache
 */
struct llm_step {
	uint64_t tokens;
	uint64_t logits;
	uint64_t pairs;
	uint64_t kv_read;
};

/* The stacks that the numbers in llm.c were measured with. */
extern const struct llm_stack llm_stack_2023;
extern const struct llm_stack llm_stack_2025;

/**
 * llm_find() - look a model up
 * @name: for example ``llama-3-70b``
 *
 * Return: the model or NULL.
 */
const struct llm *llm_find(const char *name);

/**
 * llm_nth() - list the models
 * @i: from 0
 *
 * Return: the model or NULL behind the last one.
 */
const struct llm *llm_nth(unsigned int i);

/**
 * llm_board_find() - look a board up by the name of its device profile
 * @name: for example ``h100-sxm``
 *
 * Return: the board or NULL.
 */
const struct llm_board *llm_board_find(const char *name);

/**
 * llm_board_nth() - list the boards
 * @i: from 0
 *
 * Return: the board or NULL behind the last one.
 */
const struct llm_board *llm_board_nth(unsigned int i);

/**
 * llm_weight_bytes() - weights that one rank holds
 * @rank: the rank
 *
 * Return: bytes.
 */
uint64_t llm_weight_bytes(const struct llm_rank *rank);

/**
 * llm_kv_token_bytes() - KV cache of one token on one rank
 * @rank: the rank
 *
 * Return: bytes.
 */
uint64_t llm_kv_token_bytes(const struct llm_rank *rank);

/**
 * llm_kv_capacity() - tokens that fit into the KV cache of one rank
 * @rank: the rank
 *
 * Nine tenths of the memory belong to the engine (vLLM's default); weights and
 * 2 GiB for activations go off.
 *
 * Return: tokens, 0 when the weights alone do not fit.
 */
uint64_t llm_kv_capacity(const struct llm_rank *rank);

/**
 * llm_cost() - physics of one step on one rank
 * @rank: the rank
 * @step: the step
 * @ret: its ops, bytes, link_ns and host_ns are set, the rest stays
 */
void llm_cost(const struct llm_rank *rank, const struct llm_step *step,
	      struct accelsim_item *ret);

#endif /* _LIB_LLM_H */
