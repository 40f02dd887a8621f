// SPDX-License-Identifier: GPL-2.0
/*
 * Foresight: waits of a regular job are known, those of an irregular one are not.
 */
#include "unit.h"
#include "random.h"
#include "foresee.h"

#define MS		1000000ULL
#define WINDOW_US	10000
#define LEAD_US		30000

/* A step of a pipeline: work and wait in turns, ms. */
static const u32 step[][2] = {
	{ 1370, 25 }, { 45, 20 }, { 40, 28 }, { 45, 390 }, { 30, 90 }, { 90, 130 },
};

/**
 * struct job - a job that is listened to
 * @f: what is tested
 * @rnd: jitter
 * @now_ns: time
 * @jitter: of each length, per mille
 * @deep_ms: time in waits that were foreseen to go on
 * @late: waits whose end came while they were foreseen to go on
 * @waits: waits so far
 */
struct job {
	struct ag_foresee f;
	struct random rnd;
	u64 now_ns;
	u32 jitter;
	u32 deep_ms;
	u32 late;
	u32 waits;
};

static u32 jitter(struct job *j, u32 ms)
{
	u32 spread = ms * j->jitter / 1000;

	return spread ? random_in(&j->rnd, ms - spread, ms + spread) : ms;
}

/* Phases are known by windows: a change is seen at the next multiple of 10 ms. */
static void change(struct job *j, enum accelgov_phase phase)
{
	u64 seen_ns = (j->now_ns / (10 * MS) + 1) * 10 * MS;

	ag_foresee_change(&j->f, phase, seen_ns, WINDOW_US);
}

static void work(struct job *j, u32 ms)
{
	change(j, ACCELGOV_PHASE_COMPUTE);
	j->now_ns += ms * MS;
}

static void rest(struct job *j, enum accelgov_phase phase, u32 ms)
{
	bool deep = false;
	u32 i;

	change(j, phase);
	for (i = 0; i < ms; i++) {
		j->now_ns += MS;
		deep = ag_foresee_deep(&j->f, j->now_ns, LEAD_US);
		j->deep_ms += deep;
	}
	j->late += deep;
	j->waits++;
}

static void run_steps(struct job *j, u32 nr)
{
	u32 i, k;

	for (i = 0; i < nr; i++)
		for (k = 0; k < ARRAY_SIZE(step); k++) {
			work(j, jitter(j, step[k][0]));
			rest(j, ACCELGOV_PHASE_LINK, jitter(j, step[k][1]));
		}
}

static void count_anew(struct job *j)
{
	j->deep_ms = 0;
	j->late = 0;
	j->waits = 0;
}

TEST(waits_of_a_regular_job_are_foreseen)
{
	struct job j = { .now_ns = MS };

	run_steps(&j, 4);
	count_anew(&j);
	run_steps(&j, 10);
	/* Of 390, 90 and 130 ms all but the lead and what windows blur. */
	EXPECT_GE(j.deep_ms, 10 * (390 + 90 + 130 - 3 * 55));
	EXPECT_EQ(j.late, 0);
}

TEST(their_end_is_told_a_lead_ahead)
{
	struct job j = { .now_ns = MS };
	u64 end_ns, t;

	run_steps(&j, 6);
	work(&j, step[0][0]);
	rest(&j, ACCELGOV_PHASE_LINK, step[0][1]);
	work(&j, step[1][0]);
	rest(&j, ACCELGOV_PHASE_LINK, step[1][1]);
	work(&j, step[2][0]);
	rest(&j, ACCELGOV_PHASE_LINK, step[2][1]);
	work(&j, step[3][0]);
	change(&j, ACCELGOV_PHASE_LINK);
	end_ns = j.now_ns + step[3][1] * MS;
	EXPECT_EQ(j.f.expect_after, ACCELGOV_PHASE_COMPUTE);
	for (t = j.now_ns; !ag_foresee_ending(&j.f, t, LEAD_US); t += MS)
		ASSERT_GT(end_ns, t);
	EXPECT_NEAR((end_ns - t) / MS, LEAD_US / 1000, 25);
	EXPECT_FALSE(ag_foresee_deep(&j.f, t, LEAD_US));
}

TEST(jitter_is_allowed_for)
{
	struct job j = { .now_ns = MS, .jitter = 30, .rnd = { 3 } };

	run_steps(&j, 20);
	count_anew(&j);
	run_steps(&j, 50);
	EXPECT_GE(j.deep_ms, 50 * 200);
	EXPECT_LE(j.late, j.waits / 50);
}

TEST(nothing_is_foreseen_where_nothing_repeats)
{
	struct job j = { .now_ns = MS, .rnd = { 9 } };
	u32 i, all = 0;

	for (i = 0; i < 3000; i++) {
		u32 ms = random_in(&j.rnd, 10, 1000);

		all += ms;
		work(&j, random_in(&j.rnd, 10, 1000));
		rest(&j, ACCELGOV_PHASE_LINK, ms);
	}
	EXPECT_LT(j.deep_ms, all / 50);
}

TEST(one_surprise_ends_trust)
{
	struct job j = { .now_ns = MS };
	u32 k;

	run_steps(&j, 6);
	for (k = 0; k < 3; k++) {
		work(&j, step[k][0]);
		rest(&j, ACCELGOV_PHASE_LINK, step[k][1]);
	}
	work(&j, step[3][0]);
	rest(&j, ACCELGOV_PHASE_LINK, 100);
	EXPECT_EQ(j.late, 1);
	work(&j, 30);
	j.deep_ms = 0;
	rest(&j, ACCELGOV_PHASE_LINK, 390);
	EXPECT_EQ(j.deep_ms, 0);
	run_steps(&j, 4);
	j.deep_ms = 0;
	run_steps(&j, 1);
	EXPECT_GT(j.deep_ms, 300);
}

TEST(a_late_input_confuses_no_other_wait)
{
	struct job j = { .now_ns = MS };
	u32 regular, k;

	run_steps(&j, 8);
	j.deep_ms = 0;
	run_steps(&j, 1);
	regular = j.deep_ms;
	count_anew(&j);
	for (k = 0; k < ARRAY_SIZE(step) - 1; k++) {
		work(&j, step[k][0]);
		rest(&j, ACCELGOV_PHASE_LINK, step[k][1]);
	}
	work(&j, step[k][0]);
	rest(&j, ACCELGOV_PHASE_LINK, step[k][1] + 700);
	j.deep_ms = 0;
	run_steps(&j, 1);
	EXPECT_EQ(j.late, 0);
	EXPECT_GE(j.deep_ms, regular / 4);
}

TEST(what_changes_inside_of_a_wait_is_one_wait)
{
	struct ag_foresee f = { 0 };
	u64 t = 100 * MS;
	u32 i;

	for (i = 0; i < 20; i++) {
		ag_foresee_change(&f, ACCELGOV_PHASE_COMPUTE, t, WINDOW_US);
		t += 500 * MS;
		ag_foresee_change(&f, ACCELGOV_PHASE_LINK, t, WINDOW_US);
		t += 100 * MS;
		ag_foresee_change(&f, ACCELGOV_PHASE_CHECKPOINT, t, WINDOW_US);
		t += 300 * MS;
	}
	EXPECT_TRUE(f.waiting);
	EXPECT_EQ(f.expect_us, 400000);
	ag_foresee_change(&f, ACCELGOV_PHASE_MEMORY, t, WINDOW_US);
	EXPECT_EQ(f.run.before, 400000 / AG_WAIT_UNIT_US);
	EXPECT_FALSE(ag_foresee_deep(&f, t, 0));
	EXPECT_FALSE(ag_foresee_ending(&f, t, 0));
}

TEST(time_that_runs_backwards_does_no_harm)
{
	struct ag_foresee f = { 0 };
	struct random rnd = { 1 };
	u32 i;

	for (i = 0; i < 100000; i++) {
		u64 t = random_u64(&rnd) >> 24;

		ag_foresee_change(&f, random_below(&rnd, ACCELGOV_PHASE_NR), t,
				  random_below(&rnd, 1000000));
		ag_foresee_deep(&f, random_u64(&rnd) >> 24,
				random_below(&rnd, 1U << 31));
		ASSERT_GT(AG_FORESEE_PAST, f.at);
	}
}
