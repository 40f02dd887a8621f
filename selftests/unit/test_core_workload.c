// SPDX-License-Identifier: GPL-2.0
/*
 * Workloads: what a sequence of phases says about the job.
 */
#include "unit.h"
#include "random.h"
#include "window.h"
#include "workload.h"

struct job {
	struct ag_workload w;
	enum accelgov_phase last;
	u64 now_ns;
	u32 changes;
};

static void job_init(struct job *j)
{
	*j = (struct job){ .now_ns = SECOND };
	ag_workload_init(&j->w, j->now_ns);
}

static void spend(struct job *j, enum accelgov_phase phase, u32 ms)
{
	struct ag_rates r = window_of(1000, 0, 0, 0, 0);
	u32 i;

	for (i = 0; i < ms / 10; i++) {
		j->now_ns += r.window_ns;
		r.time_ns = j->now_ns;
		j->changes += ag_workload_update(&j->w, phase, phase != j->last,
						 &r);
		j->last = phase;
	}
}

static void train(struct job *j, u32 steps, u32 compute_ms, u32 link_ms)
{
	while (steps--) {
		spend(j, ACCELGOV_PHASE_COMPUTE, compute_ms);
		spend(j, ACCELGOV_PHASE_LINK, link_ms);
		spend(j, ACCELGOV_PHASE_MEMORY, 50);
	}
}

static void serve(struct job *j, u32 requests, u32 prefill_ms, u32 decode_ms)
{
	while (requests--) {
		spend(j, ACCELGOV_PHASE_COMPUTE, prefill_ms);
		spend(j, ACCELGOV_PHASE_MEMORY, decode_ms);
	}
}

TEST(nothing_seen_is_unknown)
{
	struct job j;

	job_init(&j);
	EXPECT_EQ(j.w.now, ACCELGOV_WORKLOAD_UNKNOWN);
	spend(&j, ACCELGOV_PHASE_LOADED_IDLE, 60000);
	EXPECT_EQ(j.w.now, ACCELGOV_WORKLOAD_UNKNOWN);
	spend(&j, ACCELGOV_PHASE_COMPUTE, 20000);
	EXPECT_EQ(j.w.now, ACCELGOV_WORKLOAD_UNKNOWN);
	EXPECT_EQ(j.changes, 0);
}

/* Steps that sensors blur into one: arithmetic without an end. */
TEST(arithmetic_that_never_ends_is_training)
{
	struct job j;

	job_init(&j);
	spend(&j, ACCELGOV_PHASE_COMPUTE, 31000);
	EXPECT_EQ(j.w.now, ACCELGOV_WORKLOAD_TRAINING);
	/* Prompts with a decode step between them are none. */
	job_init(&j);
	for (u32 i = 0; i < 100; i++) {
		spend(&j, ACCELGOV_PHASE_COMPUTE, 900);
		spend(&j, ACCELGOV_PHASE_MEMORY, 100);
	}
	EXPECT_NE(j.w.now, ACCELGOV_WORKLOAD_TRAINING);
}

/* Activity of 100 ms windows that hide an optimiser of 30 ms. */
static void blur(struct job *j, u32 period_ms, u32 seconds)
{
	struct random rnd = { period_ms };

	for (u32 i = 0; i < seconds * 10; i++) {
		struct ag_rates r = window_of(1000, 0, 350, 0, 0);
		double at = fmod(i * 100.0, period_ms);

		r.valid &= ~(BIT(ACCELGOV_SIG_LINK) | BIT(ACCELGOV_SIG_COMPUTE));
		r.window_ns = 100 * MS;
		if (at + 100 > period_ms)
			r.memory += 200 * (at + 100 - period_ms) / 100;
		else if (at < 100)
			r.memory += 200 * (1 - at / 100);
		r.memory += random_below(&rnd, 20);
		j->now_ns += r.window_ns;
		r.time_ns = j->now_ns;
		j->changes += ag_workload_update(&j->w, ACCELGOV_PHASE_COMPUTE,
						 !i, &r);
	}
}

TEST(hidden_steps_are_found_by_their_rhythm)
{
	static const u32 period[] = { 900, 1370, 2200, 3600 };
	u32 i, spread, ms;
	struct job j;

	for (i = 0; i < ARRAY_SIZE(period); i++) {
		job_init(&j);
		blur(&j, period[i], 25);
		EXPECT_EQ(j.w.now, ACCELGOV_WORKLOAD_TRAINING);
		ms = ag_workload_step_ms(&j.w, &spread);
		unit_note("steps of %u ms: %u ms, spread %u", period[i], ms,
			  spread);
		EXPECT_NEAR(ms, period[i], period[i] / 20.0);
		EXPECT_GT(spread, 0);
		EXPECT_LT(spread, 100);
	}
}

TEST(steps_with_collectives_are_training)
{
	struct job j;
	u64 since_ns;

	job_init(&j);
	train(&j, 1, 2000, 200);
	since_ns = j.now_ns;
	train(&j, 1, 2000, 200);
	EXPECT_EQ(j.w.now, ACCELGOV_WORKLOAD_TRAINING);
	EXPECT_GE(j.w.since_ns, since_ns);
	train(&j, 50, 2000, 200);
	EXPECT_EQ(j.changes, 1);
}

TEST(bursts_and_decode_are_inference)
{
	struct job j;

	job_init(&j);
	serve(&j, 20, 150, 600);
	EXPECT_EQ(j.w.now, ACCELGOV_WORKLOAD_INFERENCE);
	EXPECT_EQ(j.changes, 1);
}

TEST(pauses_change_no_workload)
{
	struct job j;

	job_init(&j);
	serve(&j, 20, 150, 600);
	spend(&j, ACCELGOV_PHASE_LOADED_IDLE, 3600000);
	EXPECT_EQ(j.w.now, ACCELGOV_WORKLOAD_INFERENCE);

	job_init(&j);
	train(&j, 10, 2000, 200);
	spend(&j, ACCELGOV_PHASE_CHECKPOINT, 60000);
	spend(&j, ACCELGOV_PHASE_STALL, 60000);
	train(&j, 2, 2000, 200);
	EXPECT_EQ(j.w.now, ACCELGOV_WORKLOAD_TRAINING);
	EXPECT_EQ(j.changes, 1);
}

TEST(another_job_is_noticed_within_a_minute)
{
	struct job j;

	job_init(&j);
	train(&j, 30, 2000, 200);
	EXPECT_EQ(j.w.now, ACCELGOV_WORKLOAD_TRAINING);
	serve(&j, 80, 150, 600);
	EXPECT_EQ(j.w.now, ACCELGOV_WORKLOAD_INFERENCE);
	train(&j, 25, 2000, 200);
	EXPECT_EQ(j.w.now, ACCELGOV_WORKLOAD_TRAINING);
	EXPECT_EQ(j.changes, 3);
}

TEST(step_length_and_its_spread)
{
	u32 spread, ms;
	struct job j;

	job_init(&j);
	EXPECT_EQ(ag_workload_step_ms(&j.w, &spread), 0);
	EXPECT_EQ(spread, 0);
	train(&j, 20, 1000, 100);
	ms = ag_workload_step_ms(&j.w, &spread);
	EXPECT_EQ(ms, 1150);
	EXPECT_EQ(spread, 0);
	train(&j, 4, 1000, 100);
	train(&j, 5, 3000, 100);
	ms = ag_workload_step_ms(&j.w, &spread);
	/* Of the last eight, five took 3150 ms. */
	EXPECT_EQ(ms, 2400);
	EXPECT_EQ(spread, 390);
}

/* Several collectives within one step are one step. */
TEST(collectives_close_together_end_one_step)
{
	u32 spread;
	struct job j;

	job_init(&j);
	for (u32 i = 0; i < 20; i++) {
		spend(&j, ACCELGOV_PHASE_COMPUTE, 500);
		spend(&j, ACCELGOV_PHASE_LINK, 10);
		spend(&j, ACCELGOV_PHASE_COMPUTE, 10);
		spend(&j, ACCELGOV_PHASE_LINK, 10);
	}
	EXPECT_EQ(ag_workload_step_ms(&j.w, &spread), 530);
}

TEST(random_sequences_keep_the_state_sane)
{
	struct random rnd = { 60 };
	struct ag_rates r = window_of(1000, 0, 0, 0, 0);
	struct ag_workload w;
	u32 i, spread;

	ag_workload_init(&w, random_any(&rnd));
	for (i = 0; i < 500000; i++) {
		r.time_ns = random_any(&rnd);
		r.window_ns = random_any(&rnd) % AG_WINDOW_MAX_NS;
		ag_workload_update(&w, random_below(&rnd, ACCELGOV_PHASE_NR),
				   random_below(&rnd, 2), &r);
		ag_workload_step_ms(&w, &spread);
		EXPECT_LT(w.now, ACCELGOV_WORKLOAD_NR);
	}
}
