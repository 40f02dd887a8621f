// SPDX-License-Identifier: GPL-2.0
/*
 * Step times that follow from the cost of a step and a device profile, against
 * measured ones.
 */
#include <math.h>

#include "unit.h"

#include "../../kmod/sim/physics.h"
#include "../../userspace/lib/workload/llm.h"

/*
 * Llama-2-70B, one sequence unless @batch says otherwise, means over the
 * repetitions. Splitwise (Patel et al., ISCA 2024), github.com/Mutinifni/
 * splitwise-sim at 8f99e7dc, data/perf_model.csv, MIT.
 */
struct measured {
	const char *board;
	unsigned int tp;
	unsigned int prompt;
	unsigned int batch;
	double prompt_ms;
	double token_ms;
};

static const struct measured splitwise[] = {
	{ "h100-sxm", 2, 512, 1, 83.9, 37.00 },
	{ "h100-sxm", 2, 1024, 1, 157.8, 37.36 },
	{ "h100-sxm", 2, 2048, 1, 308.2, 37.38 },
	{ "h100-sxm", 2, 4096, 1, 642.0, 37.53 },
	{ "h100-sxm", 2, 512, 4, 299.6, 39.95 },
	{ "h100-sxm", 4, 512, 1, 59.6, 29.61 },
	{ "h100-sxm", 4, 1024, 1, 106.3, 29.33 },
	{ "h100-sxm", 4, 2048, 1, 200.9, 29.83 },
	{ "h100-sxm", 4, 4096, 1, 466.4, 29.54 },
	{ "h100-sxm", 4, 512, 4, 197.2, 29.98 },
	{ "h100-sxm", 4, 512, 8, 442.1, 31.41 },
	{ "h100-sxm", 8, 1024, 1, 78.3, 29.82 },
	{ "h100-sxm", 8, 2048, 1, 136.6, 31.23 },
	{ "h100-sxm", 8, 4096, 1, 378.6, 30.57 },
	{ "a100-sxm", 2, 512, 1, 196.7, 54.84 },
	{ "a100-sxm", 2, 1024, 1, 377.3, 54.79 },
	{ "a100-sxm", 2, 2048, 1, 687.3, 54.84 },
	{ "a100-sxm", 2, 4096, 1, 1481.4, 55.78 },
	{ "a100-sxm", 4, 512, 1, 127.1, 44.96 },
	{ "a100-sxm", 4, 1024, 1, 230.1, 44.94 },
	{ "a100-sxm", 4, 2048, 1, 403.3, 44.91 },
	{ "a100-sxm", 4, 4096, 1, 969.7, 46.36 },
	{ "a100-sxm", 4, 512, 4, 531.7, 45.17 },
	{ "a100-sxm", 8, 1024, 1, 154.6, 44.78 },
	{ "a100-sxm", 8, 2048, 1, 274.2, 45.51 },
};

static double item_ms(const char *board, const struct accelsim_item *item)
{
	struct asim_work work = {
		.ops = item->ops,
		.bytes = item->bytes,
		.link_ns = item->link_ns,
		.host_ns = item->host_ns,
		.io_bytes = item->io_bytes,
	};
	static struct asim_chip chip;

	if (asim_chip_init(&chip, asim_profile_find(board)))
		return NAN;
	return (double)asim_work_ns(&chip, &work, chip.nr_opps - 1) / 1e6;
}

static double prefill_ms(const struct llm_rank *rank, unsigned int prompt,
			 unsigned int batch)
{
	struct llm_step step = {
		.tokens = (uint64_t)prompt * batch,
		.logits = batch,
		.pairs = (uint64_t)prompt * (prompt + 1) / 2 * batch,
	};
	struct accelsim_item item = { 0 };

	llm_cost(rank, &step, &item);
	return item_ms(rank->board->name, &item);
}

static double decode_ms(const struct llm_rank *rank, unsigned int context,
			unsigned int batch)
{
	struct llm_step step = {
		.tokens = batch,
		.logits = batch,
		.pairs = (uint64_t)context * batch,
		.kv_read = (uint64_t)context * batch,
	};
	struct accelsim_item item = { 0 };

	llm_cost(rank, &step, &item);
	return item_ms(rank->board->name, &item);
}

static double off_percent(double model, double measured)
{
	return 100 * (model / measured - 1);
}

TEST(step_times_against_splitwise)
{
	double prompt_sum = 0, token_sum = 0, prompt, token;
	size_t n = ARRAY_SIZE(splitwise);

	for (size_t i = 0; i < n; i++) {
		const struct measured *m = &splitwise[i];
		struct llm_rank rank = {
			.model = llm_find("llama-2-70b"),
			.board = llm_board_find(m->board),
			.stack = &llm_stack_2023,
			.tp = m->tp,
		};

		prompt = prefill_ms(&rank, m->prompt, m->batch);
		token = decode_ms(&rank, m->prompt + 64, m->batch);
		unit_note("%s tp %u, %u x %4u tokens: prefill %.0f ms, measured %.0f, %+.0f %%; decode %.1f ms, measured %.1f, %+.0f %%",
			  m->board, m->tp, m->batch, m->prompt, prompt,
			  m->prompt_ms, off_percent(prompt, m->prompt_ms),
			  token, m->token_ms, off_percent(token, m->token_ms));
		prompt_sum += fabs(off_percent(prompt, m->prompt_ms));
		token_sum += fabs(off_percent(token, m->token_ms));
	}
	unit_note("mean absolute error: prefill %.1f %%, decode %.1f %%",
		  prompt_sum / (double)n, token_sum / (double)n);
	EXPECT_TRUE(prompt_sum / (double)n < 15);
	EXPECT_TRUE(token_sum / (double)n < 10);
}

/*
 * Llama-3.1-70B, vLLM of 2025 on four H100, 173 tokens in and 178 out: mean
 * concurrency and time per output token over 26 or 27 runs at one rate each.
 * The same 1000 prompts come in every run, so its prefix cache holds them and
 * the steps are taken to be decode alone. Vercellino et al., arXiv 2604.07345;
 * github.com/IsabellaLiu99/genai-gpu-power-analysis at a451f702,
 * inference_online_finite_llama3_70b, InstructCoder.
 */
static const struct {
	unsigned int batch;
	double token_ms;
} vllm_2025[] = {
	{ 33, 20.09 }, { 64, 21.55 }, { 97, 23.79 }, { 133, 26.82 },
	{ 174, 31.05 },
};

TEST(decode_against_vllm)
{
	struct llm_rank rank = {
		.model = llm_find("llama-3-70b"),
		.board = llm_board_find("h100-sxm"),
		.stack = &llm_stack_2025,
		.tp = 4,
	};
	size_t n = ARRAY_SIZE(vllm_2025);
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		double ms = decode_ms(&rank, 173 + 178 / 2, vllm_2025[i].batch);
		double off = off_percent(ms, vllm_2025[i].token_ms);

		unit_note("%u sequences: decode %.1f ms, measured %.1f, %+.0f %%",
			  vllm_2025[i].batch, ms, vllm_2025[i].token_ms, off);
		sum += fabs(off);
	}
	unit_note("mean absolute error: decode %.1f %%", sum / (double)n);
	EXPECT_TRUE(sum / (double)n < 10);
}

TEST(models_and_boards_are_found_by_name)
{
	EXPECT_TRUE(llm_find("llama-2-70b"));
	EXPECT_TRUE(!llm_find("llama-9-70b"));
	EXPECT_TRUE(llm_nth(0));
	EXPECT_TRUE(!llm_nth(1000));
	EXPECT_TRUE(llm_board_find("a100-sxm"));
	EXPECT_TRUE(!llm_board_find("npu-edge"));
}

/* Weights as published: 70.6 and 69.0 billion. */
TEST(weights_add_up)
{
	struct llm_rank rank = {
		.model = llm_find("llama-3-70b"),
		.board = llm_board_find("h100-sxm"),
		.stack = &llm_stack_2025,
		.tp = 1,
	};

	EXPECT_NEAR((double)llm_weight_bytes(&rank) / 2e9, 70.55, 0.05);
	rank.model = llm_find("llama-2-70b");
	EXPECT_NEAR((double)llm_weight_bytes(&rank) / 2e9, 68.98, 0.05);
	rank.model = llm_find("llama-3-8b");
	EXPECT_NEAR((double)llm_weight_bytes(&rank) / 2e9, 8.03, 0.01);
}
