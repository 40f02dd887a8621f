// SPDX-License-Identifier: GPL-2.0
/*
 * The training job in simulated time: what a step is made of, how work counts.
 */
#include <errno.h>
#include <math.h>

#include "unit.h"

#include "../../kmod/sim/model.h"
#include "../../userspace/lib/workload/rehearsal.h"
#include "../../userspace/lib/workload/training.h"

#define MSEC	1000000ULL
#define SEC	1000000000ULL

static uint64_t item_ns(void *context, const struct accelsim_item *item)
{
	return asim_item_ref_ns(context, item);
}

static const struct rehearsal_device *a100(void)
{
	static struct asim_chip chip;
	static const struct rehearsal_device device = { item_ns, &chip };

	if (asim_chip_init(&chip, asim_profile_find("a100-sxm")))
		return NULL;
	return &device;
}

static struct training_config plain(void)
{
	struct training_config cfg = training_gpt3(1, 3600 * SEC);

	cfg.stall_every = 0;
	cfg.checkpoint_every = 0;
	return cfg;
}

/* Hands one step out and completes it at once, each item for its waits. */
struct tally {
	unsigned int nr[ACCELGOV_PHASE_NR];
	uint64_t link_ns;
	uint64_t first_wait_ns;
	unsigned int items;
};

static void one_step(struct job *job, uint64_t *now_ns, struct tally *t)
{
	uint64_t step = job->stats.steps, wake_ns;
	struct accelsim_item item;

	*t = (struct tally){ 0 };
	while (job->stats.steps == step && t->items < 10000) {
		struct accelsim_done done = { 0 };

		if (job_next(job, *now_ns, &item, &wake_ns) != 1)
			return;
		done.cookie = item.cookie;
		done.start_ns = *now_ns;
		*now_ns += MSEC + item.link_ns;
		done.end_ns = *now_ns;
		t->nr[item.label]++;
		t->link_ns += item.link_ns;
		if (!t->items)
			t->first_wait_ns = item.link_ns;
		t->items++;
		if (job_done(job, &done))
			return;
	}
}

TEST(a_step_has_all_microbatches_and_the_whole_bubble)
{
	struct training_config cfg = plain();
	struct tally t;
	uint64_t now_ns = 0;
	struct job *job;

	for (cfg.stage = 0; cfg.stage < cfg.stages; cfg.stage++) {
		uint64_t bubble = (cfg.stages - 1) *
				  (cfg.forward.nominal_ns +
				   cfg.backward.nominal_ns);

		ASSERT_EQ(training_new(&cfg, &job), 0);
		one_step(job, &now_ns, &t);
		EXPECT_EQ(t.nr[ACCELGOV_PHASE_COMPUTE], 2 * cfg.microbatches);
		EXPECT_EQ(t.nr[ACCELGOV_PHASE_MEMORY], 1);
		EXPECT_EQ(t.link_ns, bubble + cfg.reduce_ns);
		if (cfg.stage)
			EXPECT_EQ(t.first_wait_ns,
				  cfg.stage * cfg.forward.nominal_ns);
		EXPECT_EQ(job->stats.steps, 1);
		EXPECT_NEAR(job->stats.work, 1, 1e-9);
		job_free(job);
	}
}

TEST(checkpoints_come_every_so_many_steps)
{
	struct training_config cfg = plain();
	struct tally t;
	uint64_t now_ns = 0;
	struct job *job;

	cfg.checkpoint_every = 3;
	ASSERT_EQ(training_new(&cfg, &job), 0);
	for (int step = 1; step <= 9; step++) {
		one_step(job, &now_ns, &t);
		EXPECT_EQ(t.nr[ACCELGOV_PHASE_CHECKPOINT], step % 3 == 0);
	}
	EXPECT_NEAR(job->stats.work, 9, 1e-9);
	job_free(job);
}

static unsigned int stalls(uint64_t seed, unsigned int steps)
{
	struct training_config cfg = plain();
	unsigned int sum = 0;
	struct tally t;
	uint64_t now_ns = 0;
	struct job *job;

	cfg.stall_every = 6;
	cfg.seed = seed;
	if (training_new(&cfg, &job))
		return 0;
	while (steps--) {
		one_step(job, &now_ns, &t);
		sum += t.nr[ACCELGOV_PHASE_STALL];
	}
	job_free(job);
	return sum;
}

TEST(input_is_late_now_and_then_and_the_same_for_a_seed)
{
	unsigned int some = stalls(1, 600);

	unit_note("%u of 600 steps wait for input", some);
	EXPECT_TRUE(some > 70 && some < 130);
	EXPECT_EQ(stalls(1, 600), some);
	EXPECT_NE(stalls(2, 50) * 1000 + stalls(3, 50),
		  stalls(4, 50) * 1000 + stalls(5, 50));
}

/* Two minutes at the top clock, as the demo has them. */
TEST(steps_take_as_long_as_published)
{
	struct training_config cfg = training_gpt3(1, 120 * SEC);
	struct rehearsal out;
	struct job *job;
	double p50;

	ASSERT_EQ(training_new(&cfg, &job), 0);
	ASSERT_EQ(rehearsal_run(job, a100(), &out), 0);
	p50 = samples_percentile(&job->stats.step_ms, 50);
	unit_note("%.1f steps, p50 %.0f ms; compute %.0f %%, waits for others %.0f %%, checkpoint %.1f %%, input %.1f %%",
		  job->stats.work, p50,
		  (double)out.label_ns[ACCELGOV_PHASE_COMPUTE] / 1.2e9,
		  (double)out.label_ns[ACCELGOV_PHASE_LINK] / 1.2e9,
		  (double)out.label_ns[ACCELGOV_PHASE_CHECKPOINT] / 1.2e9,
		  (double)out.label_ns[ACCELGOV_PHASE_STALL] / 1.2e9);
	/* 24 (F + B) + 7 (F + B) + all-reduce + optimizer, measured F and B. */
	EXPECT_NEAR(p50, 31 * (50.2 + 93.0) + 220 + 53, 100);
	EXPECT_GE(job->stats.steps, 20);
	/* Work is the steps done and the part of the one that was cut. */
	EXPECT_TRUE(job->stats.work >= (double)job->stats.steps &&
		    job->stats.work < (double)job->stats.steps + 1);
	EXPECT_TRUE(out.end_ns >= 120 * SEC);
	job_free(job);
}

TEST(not_more_is_queued_than_asked_for)
{
	struct training_config cfg = plain();
	struct accelsim_item item;
	uint64_t wake_ns = 0;
	struct job *job;

	ASSERT_EQ(training_new(&cfg, &job), 0);
	for (unsigned int i = 0; i < cfg.depth; i++)
		EXPECT_EQ(job_next(job, 0, &item, &wake_ns), 1);
	EXPECT_EQ(job_next(job, 0, &item, &wake_ns), 0);
	EXPECT_EQ(wake_ns, JOB_NEVER);
	EXPECT_EQ(job_next(job, cfg.end_ns, &item, &wake_ns), 0);
	job_free(job);
}

TEST(impossible_jobs_are_refused)
{
	struct training_config cfg = plain();
	struct job *job = NULL;

	cfg.stage = cfg.stages;
	EXPECT_EQ(training_new(&cfg, &job), -EINVAL);
	cfg = plain();
	cfg.microbatches = cfg.stages - 1;
	EXPECT_EQ(training_new(&cfg, &job), -EINVAL);
	cfg = plain();
	cfg.stall_min_ns = cfg.stall_max_ns + 1;
	EXPECT_EQ(training_new(&cfg, &job), -EINVAL);
	cfg = plain();
	cfg.depth = 1000;
	EXPECT_EQ(training_new(&cfg, &job), -EINVAL);
	EXPECT_TRUE(!job);
}
