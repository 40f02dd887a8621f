// SPDX-License-Identifier: GPL-2.0
/*
 * The serving engine in simulated time: what it batches, in which order, what
 * it counts; and its latencies against measured ones.
 */
#include <errno.h>
#include <math.h>

#include "unit.h"

#include "../../kmod/sim/model.h"
#include "../../userspace/lib/workload/arrivals.h"
#include "../../userspace/lib/workload/load.h"
#include "../../userspace/lib/workload/rehearsal.h"
#include "../../userspace/lib/workload/serving.h"

#define MSEC	1000000ULL
#define SEC	1000000000ULL

static const struct llm_rank *rank_70b(void)
{
	static struct llm_rank rank;

	rank = (struct llm_rank){
		.model = llm_find("llama-3-70b"),
		.board = llm_board_find("h100-sxm"),
		.stack = &llm_stack_2025,
		.tp = 4,
	};
	return &rank;
}

/* Engine under a table that the test writes down. */
static struct job *engine(struct request *v, size_t nr, uint64_t end_ns,
			  void (*tweak)(struct serving_config *cfg))
{
	static struct requests table;
	struct serving_config cfg;
	struct job *job = NULL;

	table = (struct requests){ v, nr, nr };
	cfg = serving_defaults(rank_70b(), &table, end_ns);
	if (tweak)
		tweak(&cfg);
	EXPECT_EQ(serving_new(&cfg, &job), 0);
	return job;
}

static struct accelsim_item item;
static uint64_t wake_ns;

static int next(struct job *job, uint64_t now_ns)
{
	return job_next(job, now_ns, &item, &wake_ns);
}

static int done(struct job *job, uint64_t cookie, uint64_t start_ns,
		uint64_t end_ns)
{
	struct accelsim_done d = {
		.cookie = cookie,
		.start_ns = start_ns,
		.end_ns = end_ns,
		.ref_ns = end_ns - start_ns,
	};

	return job_done(job, &d);
}

TEST(idle_until_the_first_arrival)
{
	struct request v[] = { { 5 * SEC, 100, 3 } };
	struct job *job = engine(v, 1, 60 * SEC, NULL);

	ASSERT_TRUE(job);
	EXPECT_EQ(next(job, 0), 0);
	EXPECT_EQ(wake_ns, 5 * SEC);
	EXPECT_EQ(next(job, 5 * SEC), 1);
	EXPECT_EQ(item.label, ACCELGOV_PHASE_COMPUTE);
	job_free(job);
}

TEST(one_request_from_prefill_to_its_last_token)
{
	struct request v[] = { { 0, 100, 3 } };
	struct job *job = engine(v, 1, 60 * SEC, NULL);

	ASSERT_TRUE(job);
	EXPECT_EQ(next(job, 0), 1);
	EXPECT_EQ(item.label, ACCELGOV_PHASE_COMPUTE);
	/* The next step is queued while this one runs, a third is not. */
	EXPECT_EQ(next(job, 1), 1);
	EXPECT_EQ(item.label, ACCELGOV_PHASE_MEMORY);
	EXPECT_EQ(next(job, 2), 0);
	EXPECT_EQ(wake_ns, JOB_NEVER);
	EXPECT_EQ(done(job, 0, 0, 100 * MSEC), 0);
	EXPECT_EQ(next(job, 100 * MSEC), 1);
	EXPECT_EQ(done(job, 1, 100 * MSEC, 120 * MSEC), 0);
	EXPECT_EQ(next(job, 120 * MSEC), 0);
	EXPECT_EQ(done(job, 2, 120 * MSEC, 140 * MSEC), 0);
	EXPECT_EQ(next(job, 140 * MSEC), 0);
	EXPECT_EQ(wake_ns, JOB_NEVER);
	EXPECT_NEAR(job->stats.work, 3, 0);
	EXPECT_EQ(job->stats.requests_done, 1);
	EXPECT_EQ(job->stats.tokens_in, 100);
	EXPECT_EQ(job->stats.steps, 3);
	EXPECT_NEAR(samples_percentile(&job->stats.ttft_ms, 50), 100, 1e-6);
	EXPECT_NEAR(samples_percentile(&job->stats.tpot_ms, 50), 20, 1e-6);
	job_free(job);
}

TEST(prefill_goes_before_decode)
{
	struct request v[] = { { 0, 100, 50 }, { 10 * MSEC, 200, 50 } };
	struct job *job = engine(v, 2, 60 * SEC, NULL);

	ASSERT_TRUE(job);
	EXPECT_EQ(next(job, 0), 1);
	EXPECT_EQ(next(job, 0), 1);
	EXPECT_EQ(item.label, ACCELGOV_PHASE_MEMORY);
	EXPECT_EQ(done(job, 0, 0, 20 * MSEC), 0);
	EXPECT_EQ(next(job, 20 * MSEC), 1);
	EXPECT_EQ(item.label, ACCELGOV_PHASE_COMPUTE);
	job_free(job);
}

TEST(a_step_takes_as_many_prompts_as_fit)
{
	struct request v[] = {
		{ 0, 5000, 9 }, { 0, 3000, 9 }, { 0, 500, 9 },
	};
	struct job *job = engine(v, 3, 60 * SEC, NULL);
	uint64_t both_ops;

	ASSERT_TRUE(job);
	EXPECT_EQ(next(job, 0), 1);
	both_ops = item.ops;
	EXPECT_EQ(job->stats.requests_waiting, 1);
	/* The third did not fit any more and comes in a step of its own. */
	EXPECT_EQ(next(job, 0), 1);
	EXPECT_EQ(item.label, ACCELGOV_PHASE_COMPUTE);
	EXPECT_LT(item.ops * 10, both_ops);
	job_free(job);
}

TEST(a_prompt_longer_than_a_step_goes_alone)
{
	struct request v[] = { { 0, 14050, 39 }, { 0, 10, 5 } };
	struct job *job = engine(v, 2, 60 * SEC, NULL);

	ASSERT_TRUE(job);
	EXPECT_EQ(next(job, 0), 1);
	EXPECT_EQ(job->stats.requests_waiting, 1);
	EXPECT_EQ(job->stats.requests_rejected, 0);
	job_free(job);
}

static void small_cache(struct serving_config *cfg)
{
	cfg->kv_tokens = 1000;
}

TEST(the_cache_bounds_what_runs)
{
	struct request v[] = { { 0, 600, 2 }, { 0, 600, 2 }, { 0, 2000, 2 },
			       { 0, 100, 2 } };
	struct job *job = engine(v, 4, 60 * SEC, small_cache);

	ASSERT_TRUE(job);
	EXPECT_EQ(next(job, 0), 1);
	/* No room for the second prompt: the first one goes on. */
	EXPECT_EQ(next(job, 0), 1);
	EXPECT_EQ(item.label, ACCELGOV_PHASE_MEMORY);
	EXPECT_EQ(done(job, 0, 0, 10), 0);
	EXPECT_EQ(next(job, 10), 0);
	EXPECT_EQ(done(job, 1, 10, 20), 0);
	/* The third never fits, so that the fourth joins the second. */
	EXPECT_EQ(next(job, 20), 1);
	EXPECT_EQ(item.label, ACCELGOV_PHASE_COMPUTE);
	EXPECT_EQ(job->stats.requests_rejected, 1);
	EXPECT_EQ(job->stats.requests_waiting, 0);
	job_free(job);
}

static void chunked(struct serving_config *cfg)
{
	cfg->chunked = true;
	cfg->max_tokens = 512;
}

TEST(chunked_prefill_mixes)
{
	struct request v[] = { { 0, 100, 50 }, { 0, 1000, 50 } };
	struct job *job = engine(v, 2, 60 * SEC, chunked);

	ASSERT_TRUE(job);
	EXPECT_EQ(next(job, 0), 1);
	EXPECT_EQ(item.label, ACCELGOV_PHASE_COMPUTE);
	EXPECT_EQ(next(job, 0), 1);
	EXPECT_EQ(item.label, ACCELGOV_PHASE_MIXED);
	EXPECT_EQ(done(job, 0, 0, 10), 0);
	/* 412 and 511 of 1000 are done: the rest shares the third step. */
	EXPECT_EQ(next(job, 10), 1);
	EXPECT_EQ(item.label, ACCELGOV_PHASE_MIXED);
	EXPECT_EQ(done(job, 1, 10, 20), 0);
	EXPECT_EQ(next(job, 20), 1);
	EXPECT_EQ(item.label, ACCELGOV_PHASE_MEMORY);
	job_free(job);
}

/* Arithmetic of a step at 312e12 a second over its traffic at 2.04e12, per mille. */
static unsigned int bound(const struct accelsim_item *step)
{
	return (unsigned int)(1000 * (double)step->ops / 312 /
			      ((double)step->bytes / 2.04));
}

static void known_device(struct serving_config *cfg)
{
	cfg->ops_per_byte = 312 / 2.04;
	cfg->kv_tokens = 1000000;
}

/* @nr prompts of @context tokens as one step, then a step that decodes them. */
static struct job *two_steps(struct request *v, size_t nr, uint32_t context,
			     struct accelsim_item *ret_prefill)
{
	struct job *job;

	for (size_t i = 0; i < nr; i++)
		v[i] = (struct request){ 0, context, 10 };
	job = engine(v, nr, 60 * SEC, known_device);
	EXPECT_EQ(next(job, 0), 1);
	*ret_prefill = item;
	EXPECT_EQ(next(job, 0), 1);
	return job;
}

TEST(on_a_known_device_a_step_is_called_by_what_bounds_it)
{
	static struct request v[256];
	struct accelsim_item prefill;
	struct job *job = two_steps(v, 1, 2000, &prefill);

	EXPECT_GT(bound(&prefill), 1270);
	EXPECT_EQ(prefill.label, ACCELGOV_PHASE_COMPUTE);
	EXPECT_LT(bound(&item), 787);
	EXPECT_EQ(item.label, ACCELGOV_PHASE_MEMORY);
	job_free(job);

	job = two_steps(v, 1, 200, &prefill);
	EXPECT_GT(bound(&prefill), 787);
	EXPECT_LT(bound(&prefill), 1270);
	EXPECT_EQ(prefill.label, ACCELGOV_PHASE_MIXED);
	job_free(job);

	/* A full batch decodes with as much arithmetic as traffic. */
	job = two_steps(v, 180, 20, &prefill);
	EXPECT_GT(bound(&item), 787);
	EXPECT_LT(bound(&item), 1270);
	EXPECT_EQ(item.label, ACCELGOV_PHASE_MIXED);
	job_free(job);
}

TEST(work_stops_at_the_end_and_counts_in_part)
{
	struct request v[] = { { 0, 100, 1000 } };
	struct job *job = engine(v, 1, 100 * MSEC, NULL);

	ASSERT_TRUE(job);
	EXPECT_EQ(next(job, 0), 1);
	EXPECT_EQ(next(job, 0), 1);
	EXPECT_EQ(done(job, 0, 0, 90 * MSEC), 0);
	EXPECT_EQ(next(job, 100 * MSEC), 0);
	EXPECT_EQ(wake_ns, JOB_NEVER);
	EXPECT_EQ(done(job, 1, 90 * MSEC, 130 * MSEC), 0);
	EXPECT_NEAR(job->stats.work, 1.25, 1e-9);
	EXPECT_EQ(job->stats.requests_done, 0);
	job_free(job);
}

TEST(strange_completions_are_refused)
{
	struct request v[] = { { 0, 100, 10 } };
	struct job *job = engine(v, 1, SEC, NULL);

	ASSERT_TRUE(job);
	EXPECT_EQ(done(job, 0, 0, 1), -EINVAL);
	EXPECT_EQ(next(job, 0), 1);
	EXPECT_EQ(done(job, 5, 0, 1), -EINVAL);
	EXPECT_EQ(done(job, 0, 0, 1), 0);
	job_free(job);
}

TEST(impossible_engines_are_refused)
{
	struct requests table = { 0 };
	struct serving_config cfg = serving_defaults(rank_70b(), &table, SEC);
	struct job *job = NULL;

	cfg.depth = SERVING_DEPTH_MAX + 1;
	EXPECT_EQ(serving_new(&cfg, &job), -EINVAL);
	cfg.depth = 0;
	EXPECT_EQ(serving_new(&cfg, &job), -EINVAL);
	cfg.depth = 1;
	cfg.kv_tokens = 0;
	EXPECT_EQ(serving_new(&cfg, &job), -EINVAL);
	EXPECT_TRUE(!job);
}

TEST(the_model_fits_on_four_boards_not_on_one)
{
	struct llm_rank rank = *rank_70b();

	/* 35 GB of weights leave 35 GB and 82 kB per token. */
	EXPECT_EQ(llm_kv_token_bytes(&rank), 81920);
	EXPECT_NEAR((double)llm_kv_capacity(&rank), 490000, 30000);
	rank.tp = 1;
	EXPECT_EQ(llm_kv_capacity(&rank), 0);
}

static uint64_t item_ns(void *context, const struct accelsim_item *i)
{
	return asim_item_ref_ns(context, i);
}

static const struct rehearsal_device *h100(void)
{
	static struct asim_chip chip;
	static const struct rehearsal_device device = { item_ns, &chip };

	if (asim_chip_init(&chip, asim_profile_find("h100-sxm")))
		return NULL;
	return &device;
}

TEST(every_request_is_answered_with_every_token)
{
	struct arrivals_config draw = { 3, ARRIVALS_CV, 120 * SEC, 3 };
	struct serving_config cfg;
	struct rehearsal out;
	struct requests table;
	uint64_t tokens = 0, prompts = 0;
	struct job *job;

	ASSERT_EQ(arrivals_draw(&draw, &table), 0);
	for (int mixed = 0; mixed < 2; mixed++) {
		tokens = 0;
		prompts = 0;
		for (size_t i = 0; i < table.nr; i++) {
			tokens += table.v[i].generated;
			prompts += table.v[i].context;
		}
		cfg = serving_defaults(rank_70b(), &table, 3600 * SEC);
		cfg.chunked = mixed;
		ASSERT_EQ(serving_new(&cfg, &job), 0);
		ASSERT_EQ(rehearsal_run(job, h100(), &out), 0);
		EXPECT_EQ(job->stats.requests_done, table.nr);
		EXPECT_NEAR(job->stats.work, (double)tokens, 1e-6);
		EXPECT_EQ(job->stats.tokens_in, prompts);
		EXPECT_EQ(job->stats.ttft_ms.nr, table.nr);
		EXPECT_EQ(job->stats.submitted, job->stats.completed);
		job_free(job);
	}
	requests_free(&table);
}

TEST(capacity_is_where_the_tail_meets_the_limit)
{
	struct arrivals_config draw = { 5, ARRIVALS_CV, 3600 * SEC, 1 };
	struct serving_config cfg;
	struct requests table, part;
	double capacity, scale;

	ASSERT_EQ(arrivals_draw(&draw, &table), 0);
	cfg = serving_defaults(rank_70b(), &table, 120 * SEC);
	ASSERT_EQ(load_capacity(&cfg, h100(), &capacity), 0);
	unit_note("capacity %.2f requests/s", capacity);
	EXPECT_TRUE(capacity > 0.5 && capacity < 6);
	scale = load_scale(&table, 1, 120 * SEC);
	ASSERT_EQ(requests_excerpt(&table, scale, 120 * SEC, &part), 0);
	EXPECT_EQ(part.nr, 120);
	requests_free(&part);
	EXPECT_NEAR(load_scale(&table, 100000, SEC), 0, 0);
	table.nr = 1;
	EXPECT_EQ(load_capacity(&cfg, h100(), &capacity), -EINVAL);
	EXPECT_EQ(load_throughput(&cfg, h100(), &capacity), -EINVAL);
	requests_free(&table);
}

/* Pairs: a long prompt holds up the short answer beside it at any rate. */
TEST(throughput_is_known_where_latency_is_hopeless)
{
	struct request v[64];
	struct requests table = { v, ARRAY_SIZE(v), ARRAY_SIZE(v) };
	struct serving_config cfg;
	double rate = 0;

	for (size_t i = 0; i < ARRAY_SIZE(v); i++)
		v[i] = (struct request){
			.arrival_ns = i / 2 * SEC,
			.context = i % 2 ? 80000 : 300,
			.generated = 40,
		};
	cfg = serving_defaults(rank_70b(), &table, 120 * SEC);
	EXPECT_EQ(load_capacity(&cfg, h100(), &rate), -EDOM);
	ASSERT_EQ(load_throughput(&cfg, h100(), &rate), 0);
	unit_note("throughput %.3f requests/s", rate);
	EXPECT_TRUE(rate > 0.05 && rate < 1);
}
