// SPDX-License-Identifier: GPL-2.0
/*
 * Jobs from lists, and jobs that share a device, in simulated time: order,
 * idle time, pieces, and what work is worth.
 */
#include <errno.h>
#include <math.h>

#include "unit.h"

#include "../../kmod/sim/model.h"
#include "workload/batch.h"
#include "workload/gaps.h"
#include "workload/mixed.h"
#include "workload/rehearsal.h"
#include "workload/sequence.h"
#include "workload/work.h"
#include "workload/work_phases.h"

#define MSEC	1000000ULL
#define SEC	1000000000ULL

static struct asim_chip chip;

static uint64_t item_ns(void *context, const struct accelsim_item *item)
{
	return asim_item_ref_ns(context, item);
}

static const struct rehearsal_device device = { item_ns, &chip };

static bool on(const char *name)
{
	return EXPECT_EQ(asim_chip_init(&chip, asim_profile_find(name)), 0);
}

static struct job *job_of(const struct segments *list, uint64_t end_ns)
{
	struct sequence_config cfg = { list, work_meter(&chip), end_ns };
	struct job *job = NULL;

	EXPECT_EQ(sequence_new(&cfg, &job), 0);
	return job;
}

/* Every phase takes its length on every device, and a list is a loop. */
TEST(phases_take_as_long_as_they_should)
{
	static const char *const name[] = { "a100-sxm", "h100-sxm", "npu-edge" };
	static const uint32_t phase[] = {
		ACCELGOV_PHASE_COMPUTE, ACCELGOV_PHASE_MEMORY,
		ACCELGOV_PHASE_LINK, ACCELGOV_PHASE_STALL,
		ACCELGOV_PHASE_CHECKPOINT, ACCELGOV_PHASE_MIXED,
	};
	struct segments list = { 0 }, physics;
	struct rehearsal out;
	unsigned int line;
	struct job *job;

	for (int i = 0; i < 6; i++) {
		struct segment one = {
			.work.label = phase[i], .repeat = 2,
			.duration_ns = (250 + i) * MSEC,
		};

		ASSERT_EQ(segments_add(&list, &one), 0);
	}
	for (int d = 0; d < 3; d++) {
		ASSERT_TRUE(on(name[d]));
		ASSERT_EQ(work_phases(&chip, &list, &physics, &line), 0);
		for (int i = 0; i < 6; i++) {
			const struct accelsim_item *w = &physics.v[i].work;

			EXPECT_NEAR((double)asim_item_ref_ns(&chip, w),
				    1e6 * (250 + i), 1e4);
		}
		/* All of it once, then the start of it again. */
		job = job_of(&physics, 3100 * MSEC);
		ASSERT_EQ(rehearsal_run(job, &device, &out), 0);
		for (int i = 2; i < 6; i++)
			EXPECT_GE(out.label_ns[phase[i]],
				  (500 + 2 * (uint64_t)i) * MSEC - MSEC);
		EXPECT_GE(out.changes, 7);
		job_free(job);
		segments_free(&physics);
	}
	segments_free(&list);
}

static struct segment compute(uint64_t ns, uint64_t idle_ns)
{
	return (struct segment){
		.work.label = ACCELGOV_PHASE_COMPUTE,
		.duration_ns = ns, .idle_ns = idle_ns, .repeat = 1,
	};
}

TEST(idle_time_begins_when_work_is_done)
{
	struct segments list = { 0 }, physics;
	struct segment one = compute(50 * MSEC, 200 * MSEC);
	struct accelsim_item item;
	uint64_t wake_ns = 0;
	unsigned int line;
	struct job *job;

	ASSERT_TRUE(on("a100-sxm"));
	ASSERT_EQ(segments_add(&list, &one), 0);
	ASSERT_EQ(work_phases(&chip, &list, &physics, &line), 0);
	job = job_of(&physics, 10 * SEC);
	ASSERT_EQ(job_next(job, 0, &item, &wake_ns), 1);
	EXPECT_EQ(job_next(job, 0, &item, &wake_ns), 0);
	EXPECT_EQ(wake_ns, JOB_NEVER);
	struct accelsim_done done = {
		.cookie = item.cookie, .start_ns = 0, .end_ns = 90 * MSEC,
	};
	EXPECT_EQ(job_done(job, &done), 0);
	EXPECT_EQ(job_next(job, 90 * MSEC, &item, &wake_ns), 0);
	EXPECT_EQ(wake_ns, 290 * MSEC);
	EXPECT_EQ(job_next(job, 290 * MSEC, &item, &wake_ns), 1);
	EXPECT_EQ(job_done(job, &done), -EINVAL);
	job_free(job);
	segments_free(&list);
	segments_free(&physics);
}

/* Pieces add up to the byte, whatever the number. */
TEST(pieces_are_the_whole)
{
	struct accelsim_item whole = {
		.ops = 999999999999999989ULL, .bytes = 12345678901ULL,
		.link_ns = 7, .io_bytes = 1, .label = 3, .cookie = 9,
	};
	struct accelsim_item sum = { 0 }, part;
	struct pieces p = { .whole = whole, .nr = 1009 };

	while (pieces_left(&p)) {
		part = pieces_take(&p);
		EXPECT_EQ(part.label, 3);
		EXPECT_EQ(part.cookie, 9);
		sum.ops += part.ops;
		sum.bytes += part.bytes;
		sum.link_ns += part.link_ns;
		sum.io_bytes += part.io_bytes;
	}
	EXPECT_EQ(sum.ops, whole.ops);
	EXPECT_EQ(sum.bytes, whole.bytes);
	EXPECT_EQ(sum.link_ns, whole.link_ns);
	EXPECT_EQ(sum.io_bytes, whole.io_bytes);
}

/* A kilojoule of work at the top clock is one, also when it is cut off. */
TEST(work_is_worth_its_energy)
{
	struct segments list = { 0 }, physics;
	struct segment one = compute(10 * SEC, 0);
	struct rehearsal out;
	struct meter meter;
	unsigned int line;
	struct job *job;
	double joule;

	ASSERT_TRUE(on("h100-sxm"));
	ASSERT_EQ(segments_add(&list, &one), 0);
	ASSERT_EQ(work_phases(&chip, &list, &physics, &line), 0);
	meter = work_meter(&chip);
	joule = meter.joule(meter.context, &physics.v[0].work);
	EXPECT_NEAR(joule, 6700, 300);
	job = job_of(&physics, 25 * SEC);
	ASSERT_EQ(rehearsal_run(job, &device, &out), 0);
	EXPECT_NEAR(job->stats.work, 2.5 * joule / METER_UNIT_J, 0.001);
	job_free(job);
	segments_free(&list);
	segments_free(&physics);
}

TEST(what_is_no_work_is_refused)
{
	struct segments list = { 0 }, physics = { .nr = 77 };
	struct segment one = { .idle_ns = SEC, .repeat = 1 };
	struct sequence_config cfg = { .list = &list };
	unsigned int line = 0;
	struct job *job;

	ASSERT_TRUE(on("h100-sxm"));
	EXPECT_EQ(sequence_new(&cfg, &job), -EINVAL);
	ASSERT_EQ(segments_add(&list, &one), 0);
	EXPECT_EQ(sequence_new(&cfg, &job), -EINVAL);
	one = compute(SEC, 0);
	ASSERT_EQ(segments_add(&list, &one), 0);
	EXPECT_EQ(sequence_new(&cfg, &job), -EINVAL);
	one = (struct segment){ .work.ops = 5, .repeat = 1, .line = 4 };
	ASSERT_EQ(segments_add(&list, &one), 0);
	EXPECT_EQ(work_phases(&chip, &list, &physics, &line), -ERANGE);
	EXPECT_EQ(line, 4);
	EXPECT_EQ(physics.nr, 77);
	segments_free(&list);
}

TEST(gaps_have_the_published_quantiles)
{
	double sum = 0;

	EXPECT_EQ(gap_quantile(1), 5 * SEC);
	EXPECT_NEAR((double)gap_quantile(0.5) / 1e9, 9, 1e-6);
	EXPECT_NEAR((double)gap_quantile(0.1) / 1e9, 44, 1e-6);
	EXPECT_NEAR((double)gap_quantile(0.01) / 1e9, 836, 1e-6);
	EXPECT_EQ(gap_quantile(1e-9), GAP_MAX_NS);
	for (int i = 0; i < 1000000; i++)
		sum += (double)gap_quantile((i + 0.5) / 1e6) / 1e15;
	unit_note("mean gap %.1f s", sum);
	EXPECT_NEAR(sum, 47.4, 0.5);
}

TEST(batch_jobs)
{
	struct segments a, b;
	uint64_t idle_ns = 0, ns = 0;
	unsigned int jobs = 0;

	ASSERT_EQ(batch_draw(1, 86400 * SEC, &a), 0);
	ASSERT_EQ(batch_draw(1, 86400 * SEC, &b), 0);
	EXPECT_TRUE(a.nr == b.nr && !memcmp(a.v, b.v, a.nr * sizeof(*a.v)));
	for (size_t i = 0; i < a.nr; i++) {
		jobs += a.v[i].idle_ns > 0;
		idle_ns += a.v[i].idle_ns;
		ns += a.v[i].idle_ns + a.v[i].duration_ns;
	}
	unit_note("%u jobs in a day, idle %.1f %%", jobs,
		  100 * (double)idle_ns / (double)ns);
	EXPECT_GE(ns, 86400 * SEC);
	EXPECT_GT(jobs, 250);
	EXPECT_LT(jobs, 600);
	segments_free(&a);
	segments_free(&b);
}

static bool make(enum work_kind kind, uint64_t duration_ns, uint64_t seed,
		 struct source *source, struct work *ret)
{
	struct work_config cfg = {
		.chip = &chip, .model = "llama-3-70b", .source = source,
		.duration_ns = duration_ns, .seed = seed,
	};
	unsigned int line;

	return EXPECT_EQ(work_new(kind, &cfg, ret, &line), 0);
}

/* A second of prompts and answers, over and over. */
static void add_requests(struct source *s)
{
	for (uint64_t i = 0; i < 4000; i++) {
		struct request one = {
			i * SEC / 2, 500 + i % 7 * 200, 100 + i % 11 * 20
		};

		requests_add(&s->requests, &one);
	}
}

TEST(bursts_leave_the_published_share_idle)
{
	struct source source = { 0 };
	struct work w, again;
	struct rehearsal out;
	struct job *job;
	double busy_ns = 0;

	ASSERT_TRUE(on("h100-sxm"));
	add_requests(&source);
	ASSERT_TRUE(make(WORK_BURSTY, 86400 * SEC, 1, &source, &w));
	ASSERT_EQ(work_job(&w, &job), 0);
	ASSERT_EQ(rehearsal_run(job, &device, &out), 0);
	for (int i = 0; i < 16; i++)
		busy_ns += (double)out.label_ns[i];
	unit_note("idle for %.1f %% of a day", 100 - busy_ns / 864e9);
	EXPECT_NEAR(100 - busy_ns / 864e9, 61, 6);
	ASSERT_TRUE(make(WORK_BURSTY, 86400 * SEC, 1, &source, &again));
	EXPECT_TRUE(again.table.nr == w.table.nr &&
		    !memcmp(again.table.v, w.table.v,
			    w.table.nr * sizeof(*w.table.v)));
	job_free(job);
	work_free(&w);
	work_free(&again);
	source_free(&source);
}

/* Requests are all answered, and what they leave goes to training. */
TEST(two_jobs_share_a_device)
{
	struct work alone, both;
	struct source source = { 0 };
	struct rehearsal a, b;
	struct job *one, *two;

	ASSERT_TRUE(on("a100-sxm"));
	add_requests(&source);
	ASSERT_TRUE(make(WORK_MIXED, 600 * SEC, 1, &source, &both));
	alone = both;
	alone.kind = WORK_SERVING;
	ASSERT_EQ(work_job(&alone, &one), 0);
	ASSERT_EQ(work_job(&both, &two), 0);
	ASSERT_EQ(rehearsal_run(one, &device, &a), 0);
	ASSERT_EQ(rehearsal_run(two, &device, &b), 0);
	EXPECT_GT(two->stats.requests_done, 100);
	EXPECT_NEAR((double)two->stats.requests_done,
		    (double)one->stats.requests_done, 5);
	EXPECT_GT(two->stats.step_ms.nr, 30);
	EXPECT_TRUE(samples_percentile(&two->stats.tpot_ms, 50) >
		    samples_percentile(&one->stats.tpot_ms, 50) * 1.1);
	EXPECT_TRUE(samples_percentile(&two->stats.tpot_ms, 99) < 2 * 40);
	EXPECT_STREQ(two->ops->unit, METER_UNIT);
	/* Always busy: with both, or with training alone. */
	EXPECT_NEAR((double)b.end_ns / 1e9, 600, 0.2);
	EXPECT_GT(b.label_ns[ACCELGOV_PHASE_COMPUTE], 100 * SEC);
	EXPECT_GT(b.label_ns[ACCELGOV_PHASE_MEMORY], 100 * SEC);
	EXPECT_NEAR((double)(b.label_ns[ACCELGOV_PHASE_COMPUTE] +
			     b.label_ns[ACCELGOV_PHASE_MEMORY]),
		    (double)b.end_ns, 1e6);
	job_free(one);
	job_free(two);
	work_free(&both);
	source_free(&source);
}

TEST(completions_of_nothing_are_refused)
{
	struct accelsim_done done = { .cookie = 1 };
	struct source source = { 0 };
	struct work w;
	struct job *job;

	ASSERT_TRUE(on("a100-sxm"));
	add_requests(&source);
	ASSERT_TRUE(make(WORK_MIXED, SEC, 1, &source, &w));
	ASSERT_EQ(work_job(&w, &job), 0);
	EXPECT_EQ(job_done(job, &done), -EINVAL);
	job_free(job);
	work_free(&w);
	source_free(&source);
}

TEST(kinds_have_names)
{
	for (int i = 0; i < WORK_NR; i++)
		EXPECT_EQ(work_kind_find(work_kind_name((enum work_kind)i)),
			  i);
	EXPECT_EQ(work_kind_find("gaming"), WORK_NR);
}
