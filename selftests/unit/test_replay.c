// SPDX-License-Identifier: GPL-2.0
/*
 * Whole replays: the same every time, and in the order that physics allows.
 */
#include <errno.h>
#include <math.h>

#include "replay/replay.h"
#include "unit.h"
#include "workload/arrivals.h"
#include "workload/rehearsal.h"
#include "workload/work.h"

#define SECOND	1000000000ULL

/* Batches that differ by chance change energy by so much. */
#define NOISE	0.003

struct fixture {
	struct asim_chip chip;
	struct requests all;
	struct work work;
	struct replay_config cfg;
};

static bool setup(struct fixture *f, const char *device, const char *workload,
		  unsigned int seconds)
{
	struct arrivals_config drawn = {
		.rate_per_s = 5, .cv = ARRIVALS_CV,
		.duration_ns = 3600 * SECOND, .seed = 1,
	};

	memset(f, 0, sizeof(*f));
	f->cfg = (struct replay_config){
		.chip = &f->chip,
		.new_job = work_job,
		.work = &f->work,
		.workload = workload,
		.duration_ns = seconds * SECOND,
		.budget_permille = 30,
		.sample_period_us = 10000,
		.seed = 1,
	};
	if (asim_chip_init(&f->chip, asim_profile_find(device)))
		return false;
	if (!strcmp(workload, "training")) {
		work_training(&f->chip, 1, f->cfg.duration_ns, &f->work);
		return true;
	}
	return EXPECT_EQ(arrivals_draw(&drawn, &f->all), 0) &&
	       EXPECT_EQ(work_serving(&f->chip, "llama-3-70b", &f->all,
				      0.2, false, f->cfg.duration_ns,
				      &f->work), 0);
}

static void drop(struct fixture *f)
{
	work_free(&f->work);
	requests_free(&f->all);
}

/* Keeps no series, so there is nothing to free. */
static struct result run(struct fixture *f, const char *policy)
{
	struct replay_outcome o = { 0 };

	f->cfg.policy = replay_policy_find(policy);
	result_init(&o.result);
	EXPECT_EQ(replay_run(&f->cfg, &o), 0);
	return o.result;
}

/* To the last digit that is written. */
static char *text_of(struct result *r)
{
	struct results all = { .run = r, .nr = 1 };
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	EXPECT_EQ(results_write(&all, f), 0);
	fclose(f);
	return text;
}

static void expect_same(struct result *a, struct result *b)
{
	char *x = text_of(a), *y = text_of(b);

	EXPECT_STREQ(x, y);
	free(x);
	free(y);
}

TEST(the_same_seed_gives_the_same_numbers)
{
	static const char *const workload[] = { "serving", "training" };
	struct result a, b;
	struct fixture f;

	for (int i = 0; i < 2; i++) {
		ASSERT_TRUE(setup(&f, "h100-sxm", workload[i], 60));
		a = run(&f, "accelgov");
		b = run(&f, "accelgov");
		expect_same(&a, &b);
		EXPECT_TRUE(a.energy_j == b.energy_j);
		f.cfg.seed = 2;
		b = run(&f, "accelgov");
		EXPECT_TRUE(a.energy_j != b.energy_j);
		drop(&f);
	}
}

static uint64_t item_ns(void *context, const struct accelsim_item *item)
{
	return asim_item_ref_ns(context, item);
}

/* rehearsal.c knows nothing of clocks, windows and queues of devices. */
static void compare_rehearsal(struct fixture *f)
{
	struct rehearsal_device device = { item_ns, &f->chip };
	struct result r = run(f, "performance");
	struct rehearsal out;
	struct job *job;

	ASSERT_EQ(work_job(&f->work, &job), 0);
	EXPECT_EQ(rehearsal_run(job, &device, &out), 0);
	EXPECT_GT(job->stats.work, 0);
	EXPECT_NEAR(r.work, job->stats.work, 1e-9 * r.work);
	job_free(job);
}

TEST(performance_does_what_a_rehearsal_says_and_loses_nothing)
{
	static const char *const device[] = { "h100-sxm", "a100-sxm" };
	static const char *const workload[] = { "serving", "training" };
	struct fixture f;

	for (int i = 0; i < 4; i++) {
		ASSERT_TRUE(setup(&f, device[i / 2], workload[i % 2], 120));
		EXPECT_NEAR(run(&f, "performance").slowdown_ref_permille, 0,
			    1e-3);
		EXPECT_EQ(run(&f, "performance").transitions, 0);
		compare_rehearsal(&f);
		drop(&f);
	}
}

TEST(accelgov_keeps_its_budget_and_uses_it)
{
	static const char *const workload[] = { "serving", "training" };
	static const uint32_t budget[] = { 10, 30, 50, 100 };
	struct result base, r;
	struct fixture f;
	double last;

	for (int i = 0; i < 2; i++) {
		ASSERT_TRUE(setup(&f, "a100-sxm", workload[i], 300));
		base = run(&f, "performance");
		last = base.energy_per_work_j;
		for (int j = 0; j < 4; j++) {
			f.cfg.budget_permille = budget[j];
			r = run(&f, "accelgov");
			EXPECT_EQ(r.budget_permille, budget[j]);
			EXPECT_LE(r.slowdown_ref_permille, budget[j] + 5);
			EXPECT_TRUE(r.energy_per_work_j < last);
			EXPECT_GT(r.transitions, 0);
			EXPECT_GT(r.phase_accuracy_permille, 800);
			last = r.energy_per_work_j;
		}
		f.cfg.budget_permille = 0;
		r = run(&f, "accelgov");
		EXPECT_LE(r.slowdown_ref_permille, 5);
		drop(&f);
	}
}

/* Run @policy, which must not do better than @bound; what it saves. */
static double saved(struct fixture *f, const char *policy, double base,
		    double bound)
{
	struct result r = run(f, policy);

	if (r.slowdown_ref_permille <= f->cfg.budget_permille)
		EXPECT_TRUE(r.energy_per_work_j > bound * (1 - NOISE));
	return 100 - 100 * r.energy_per_work_j / base;
}

/* Nobody is better than the oracle, and that not better than the free one. */
static void compare_oracle(struct fixture *f)
{
	struct result base = run(f, "performance"), oracle, free;
	double energy, fixed, cap, ours;

	oracle = run(f, "oracle");
	free = run(f, "oracle-free");
	energy = oracle.energy_per_work_j;
	EXPECT_LE(oracle.slowdown_ref_permille, f->cfg.budget_permille);
	EXPECT_LE(free.slowdown_ref_permille, f->cfg.budget_permille);
	EXPECT_TRUE(energy > free.energy_per_work_j * (1 - NOISE));
	EXPECT_TRUE(energy < base.energy_per_work_j);
	EXPECT_TRUE(run(f, "static-best").energy_per_work_j >= energy);
	fixed = saved(f, "static-best", base.energy_per_work_j, energy);
	cap = saved(f, "power-cap-best", base.energy_per_work_j, energy);
	ours = saved(f, "accelgov", base.energy_per_work_j, energy);
	for (unsigned int i = 0; replay_policy_nth(i); i++)
		if (!replay_policy_nth(i)->search)
			saved(f, replay_policy_nth(i)->name,
			      base.energy_per_work_j, energy);
	unit_note("%s on %s at %u permille: saved %.1f %% by static-best, %.1f power-cap-best, %.1f accelgov, %.1f oracle, %.1f oracle-free",
		  f->cfg.workload, f->chip.profile->name,
		  f->cfg.budget_permille, fixed, cap, ours,
		  100 - 100 * energy / base.energy_per_work_j,
		  100 - 100 * free.energy_per_work_j /
		  base.energy_per_work_j);
}

TEST(the_oracle_saves_most_within_the_budget)
{
	static const char *const device[] = { "h100-sxm", "a100-sxm" };
	static const char *const workload[] = { "serving", "training" };
	static const uint32_t budget[] = { 10, 30, 100 };
	struct fixture f;

	for (int i = 0; i < 4; i++) {
		ASSERT_TRUE(setup(&f, device[i / 2], workload[i % 2], 180));
		f.cfg.budget_permille = budget[i % 3];
		compare_oracle(&f);
		drop(&f);
	}
}

/* Bounds on what a rule may do, in one run of sparse serving. */
TEST(idle_rules_suspend_as_they_say)
{
	double least = INFINITY, awake_j = 0;
	const struct replay_idle_rule *rule;
	struct fixture f;
	struct result r;

	ASSERT_TRUE(setup(&f, "h100-sxm", "serving", 600));
	work_free(&f.work);
	ASSERT_EQ(work_serving(&f.chip, "llama-3-70b", &f.all, 0.01, false,
			       f.cfg.duration_ns, &f.work), 0);
	for (unsigned int i = 0; (rule = replay_idle_nth(i)); i++) {
		bool known = rule->kind == REPLAY_IDLE_CLAIRVOYANT;
		bool awake = rule->kind == REPLAY_IDLE_NEVER;

		f.cfg.idle = rule;
		r = run(&f, "performance");
		EXPECT_TRUE(!strcmp(r.idle, rule->name));
		EXPECT_TRUE(r.idle_energy_j > 0);
		EXPECT_TRUE(r.idle_energy_j < r.energy_j);
		EXPECT_EQ(awake, !r.suspends);
		/* The profile's 45 ms; who knows the future never waits. */
		EXPECT_NEAR(r.wake_latency_ms.p99, awake || known ? 0 : 45,
			    1e-3);
		EXPECT_TRUE((r.wake_ms > 0) == (r.wake_latency_ms.p99 > 0));
		if (awake)
			awake_j = r.idle_energy_j;
		if (!known)
			least = fmin(least, r.idle_energy_j);
		unit_note("%s: %.0f J, %.0f J idle, suspended %.0f times",
			  rule->name, r.energy_j, r.idle_energy_j, r.suspends);
	}
	/* What the work itself needs depends on who waits for a wake-up. */
	EXPECT_TRUE(least < awake_j);
	EXPECT_TRUE(r.idle_energy_j <= least);
	drop(&f);
}

static const struct replay_idle_rule *rule_of(enum replay_idle_kind kind)
{
	const struct replay_idle_rule *rule = NULL;

	for (unsigned int i = 0; (rule = replay_idle_nth(i)); i++)
		if (rule->kind == kind)
			break;
	return rule;
}

/* Under its own policy, which sees idle periods through samples, and under others. */
TEST(a_ceiling_on_latency_holds)
{
	static const char *const policies[] = { "accelgov", "performance" };
	struct fixture f;
	struct result r;

	ASSERT_TRUE(setup(&f, "h100-sxm", "bursty", 300));
	f.cfg.idle = rule_of(REPLAY_IDLE_ACCELGOV);
	for (unsigned int i = 0; i < ARRAY_SIZE(policies); i++) {
		f.cfg.idle_limits.max_wake_latency_us = 45000;
		r = run(&f, policies[i]);
		EXPECT_TRUE(r.suspends > 0);
		EXPECT_TRUE(r.wake_latency_ms.p99 <= 45);
		f.cfg.idle_limits.max_wake_latency_us = 44999;
		r = run(&f, policies[i]);
		EXPECT_EQ(r.suspends > 0, false);
		EXPECT_NEAR(r.wake_latency_ms.p99, 0, 1e-9);
	}
	drop(&f);
}

/* The H100 with a light sleep before its deep one. */
static bool with_light_sleep(struct fixture *f, struct asim_profile *ret)
{
	*ret = *asim_profile_find("h100-sxm");
	ret->levels[1] = (struct asim_level){
		"light", { 50000, 60000 }, U64_MAX, 2 * NSEC_PER_MSEC, true,
	};
	return EXPECT_EQ(asim_chip_init(&f->chip, ret), 0);
}

/*
 * Without a ceiling it goes as deep as pays, which is nearly all that clairvoyance
 * saves; with one that the deep state doesn't keep the light one is left.
 */
TEST(of_two_sleeps_the_one_that_pays_is_taken)
{
	static const char *const policies[] = { "accelgov", "performance" };
	double never_j, all_j, deep_j, light_j;
	struct asim_profile profile;
	struct fixture f;
	struct result r;

	ASSERT_TRUE(setup(&f, "h100-sxm", "serving", 600));
	ASSERT_TRUE(with_light_sleep(&f, &profile));
	work_free(&f.work);
	ASSERT_EQ(work_serving(&f.chip, "llama-3-70b", &f.all, 0.01, false,
			       f.cfg.duration_ns, &f.work), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(policies); i++) {
		f.cfg.idle_limits.max_wake_latency_us = 0;
		f.cfg.idle = rule_of(REPLAY_IDLE_NEVER);
		never_j = run(&f, policies[i]).idle_energy_j;
		f.cfg.idle = rule_of(REPLAY_IDLE_CLAIRVOYANT);
		all_j = never_j - run(&f, policies[i]).idle_energy_j;
		f.cfg.idle = rule_of(REPLAY_IDLE_ACCELGOV);
		r = run(&f, policies[i]);
		deep_j = never_j - r.idle_energy_j;
		EXPECT_NEAR(r.wake_latency_ms.p99, 45, 1e-3);
		f.cfg.idle_limits.max_wake_latency_us = 44999;
		r = run(&f, policies[i]);
		light_j = never_j - r.idle_energy_j;
		EXPECT_NEAR(r.wake_latency_ms.p99, 2, 1e-3);
		unit_note("%s: of %.0f J deep sleep saves %.0f, light sleep %.0f",
			  policies[i], all_j, deep_j, light_j);
		EXPECT_TRUE(deep_j >= 0.9 * all_j);
		EXPECT_TRUE(light_j > 0);
		EXPECT_TRUE(light_j < deep_j);
	}
	drop(&f);
}

/* 0.3 s of arithmetic, then a gap, again and again. */
static bool with_gaps(struct fixture *f, unsigned int gap_ms)
{
	struct work_config make = {
		.chip = &f->chip, .duration_ns = f->cfg.duration_ns, .seed = 1,
	};
	struct segment one = {
		.work = { .label = ACCELGOV_PHASE_COMPUTE },
		.duration_ns = 300 * NSEC_PER_MSEC,
		.idle_ns = gap_ms * (uint64_t)NSEC_PER_MSEC,
		.repeat = 1,
	};
	struct source source = { 0 };
	unsigned int line;
	bool ok;

	make.source = &source;
	work_free(&f->work);
	ok = EXPECT_EQ(segments_add(&source.segments, &one), 0) &&
	     EXPECT_EQ(work_new(WORK_PHASES, &make, &f->work, &line), 0);
	source_free(&source);
	return ok;
}

struct gaps {
	double never_j;
	double all_j;
	double ours_j;
};

/* What is drawn awake, what clairvoyance saves of it, and what accelgov does. */
static struct gaps save_in_gaps(struct fixture *f, const char *policy)
{
	struct gaps ret;

	f->cfg.idle = rule_of(REPLAY_IDLE_NEVER);
	ret.never_j = run(f, policy).idle_energy_j;
	f->cfg.idle = rule_of(REPLAY_IDLE_CLAIRVOYANT);
	ret.all_j = ret.never_j - run(f, policy).idle_energy_j;
	f->cfg.idle = rule_of(REPLAY_IDLE_ACCELGOV);
	ret.ours_j = ret.never_j - run(f, policy).idle_energy_j;
	return ret;
}

/* What it saves in gaps, of what clairvoyance does. */
TEST(break_even_times_are_those_of_the_device)
{
	static const char *const devices[] = {
		"h100-sxm", "a100-sxm", "npu-edge",
	};
	static const unsigned int gap_ms[] = { 10, 300, 1000 };
	struct fixture f;
	struct gaps gaps;

	for (unsigned int i = 0; i < 9; i++) {
		unsigned int ms = gap_ms[i % 3];

		ASSERT_TRUE(setup(&f, devices[i / 3], "training", 120));
		ASSERT_TRUE(with_gaps(&f, ms));
		gaps = save_in_gaps(&f, "performance");
		unit_note("%s, gaps of %u ms: %.1f of %.1f J", devices[i / 3],
			  ms, gaps.ours_j, gaps.all_j);
		EXPECT_TRUE(gaps.ours_j >= 0.9 * gaps.all_j);
		drop(&f);
	}
}

/*
 * The governor sees gaps through samples of 10 ms, and a device that wakes up at the clock
 * of the work. Near the break-even time it gets nearly all, below it loses nearly nothing.
 */
TEST(gaps_are_seen_through_samples)
{
	static const struct {
		const char *device;
		unsigned int gap_ms;
		double least;
	} all[] = {
		{ "h100-sxm", 100, 0.9 }, { "h100-sxm", 200, 0.9 },
		{ "a100-sxm", 200, 0.85 }, { "npu-edge", 50, 0.9 },
		{ "npu-edge", 200, 0.9 }, { "npu-edge", 3, 0 },
		{ "npu-edge", 7, 0 },
	};
	struct fixture f;
	struct gaps gaps;

	for (unsigned int i = 0; i < ARRAY_SIZE(all); i++) {
		ASSERT_TRUE(setup(&f, all[i].device, "training", 120));
		ASSERT_TRUE(with_gaps(&f, all[i].gap_ms));
		gaps = save_in_gaps(&f, "accelgov");
		unit_note("%s, gaps of %u ms, seen by samples: %.3f of %.3f J, %.3f awake",
			  all[i].device, all[i].gap_ms, gaps.ours_j, gaps.all_j, gaps.never_j);
		EXPECT_TRUE(gaps.ours_j >= (all[i].least > 0 ?
						    all[i].least * gaps.all_j :
						    -0.05 * gaps.never_j));
		drop(&f);
	}
}

/* Its search takes shapes for granted; every clock is tried here. */
TEST(static_best_is_the_best_of_all_clocks)
{
	static const char *const workload[] = { "serving", "training" };
	struct replay_outcome o;
	struct result found;
	struct fixture f;
	double least;

	for (int i = 0; i < 2; i++) {
		ASSERT_TRUE(setup(&f, "a100-sxm", workload[i], 60));
		f.cfg.budget_permille = i ? 100 : 30;
		found = run(&f, "static-best");
		least = INFINITY;
		for (uint32_t opp = 0; opp < f.chip.nr_opps; opp++) {
			struct replay_tune tune = { .opp = opp };

			ASSERT_EQ(replay_once(&f.cfg, &tune, &o), 0);
			if (o.result.slowdown_ref_permille <=
			    f.cfg.budget_permille &&
			    o.result.energy_per_work_j < least)
				least = o.result.energy_per_work_j;
		}
		EXPECT_LE(found.slowdown_ref_permille, f.cfg.budget_permille);
		EXPECT_NEAR(found.energy_per_work_j, least, 0.002 * least);
		drop(&f);
	}
}

/* The same for power limits, with the power that they leave. */
TEST(power_cap_best_is_the_best_of_all_limits)
{
	struct result base, found;
	struct replay_outcome o;
	double least = INFINITY;
	struct fixture f;

	ASSERT_TRUE(setup(&f, "h100-sxm", "training", 60));
	base = run(&f, "performance");
	found = run(&f, "power-cap-best");
	for (uint32_t mw = 200000; mw <= 700000; mw += 5000) {
		struct replay_tune tune = { .cap_mw = mw };

		ASSERT_EQ(replay_once(&f.cfg, &tune, &o), 0);
		if (o.result.slowdown_ref_permille <= 30 &&
		    o.result.energy_per_work_j < least)
			least = o.result.energy_per_work_j;
	}
	EXPECT_LE(found.slowdown_ref_permille, 30);
	EXPECT_TRUE(found.energy_per_work_j < base.energy_per_work_j);
	EXPECT_NEAR(found.energy_per_work_j, least, 0.002 * least);
	drop(&f);
}

/*
 * What costs no time at all is left: clocks above the one that the power limit
 * allows, and clocks of a device that waits.
 */
TEST(without_a_budget_hindsight_loses_no_time)
{
	struct result base, r;
	struct fixture f;

	ASSERT_TRUE(setup(&f, "a100-sxm", "training", 60));
	f.cfg.budget_permille = 0;
	base = run(&f, "performance");
	r = run(&f, "static-best");
	EXPECT_NEAR(r.slowdown_ref_permille, 0, 1e-3);
	EXPECT_TRUE(r.energy_per_work_j <= base.energy_per_work_j);
	EXPECT_TRUE(r.energy_per_work_j > 0.99 * base.energy_per_work_j);
	r = run(&f, "oracle");
	EXPECT_NEAR(r.slowdown_ref_permille, 0, 1e-3);
	EXPECT_TRUE(r.energy_per_work_j < base.energy_per_work_j);
	drop(&f);
}

TEST(the_series_adds_up)
{
	struct replay_outcome o;
	double joule = 0;
	struct fixture f;
	int64_t last = 0;

	ASSERT_TRUE(setup(&f, "h100-sxm", "serving", 61));
	f.cfg.duration_ns += 50000000;
	f.cfg.policy = &replay_accelgov;
	f.cfg.series = true;
	ASSERT_EQ(replay_run(&f.cfg, &o), 0);
	EXPECT_EQ(o.series.nr, 611);
	for (size_t i = 0; i < o.series.nr; i++) {
		const struct series_row *row = &o.series.v[i];

		joule += (double)row->power_mw *
			 (double)(row->end_ms - last) / 1e6;
		last = row->end_ms;
		EXPECT_GT(row->clock_khz, 0);
		EXPECT_LT(row->truth, ACCELGOV_PHASE_NR);
		EXPECT_LT(row->seen, ACCELGOV_PHASE_NR);
		EXPECT_GE(row->slowdown_permille, 0);
	}
	EXPECT_EQ(last, 61050);
	EXPECT_NEAR(joule, o.result.energy_j, 0.001 * joule);
	replay_free(&o);
	drop(&f);
}

static int refuse(const void *work, struct job **ret)
{
	return -EINVAL;
}

/* Memory size and links are those of the board that is nearest in speed. */
TEST(another_name_serves_as_the_nearest_board)
{
	struct asim_profile mine;
	struct work work = { 0 };
	struct fixture f;

	ASSERT_TRUE(setup(&f, "a100-sxm", "serving", 10));
	mine = *asim_profile_find("a100-sxm");
	mine.name = "mygpu";
	mine.mem_bytes_per_us = mine.mem_bytes_per_us * 11 / 10;
	EXPECT_EQ(asim_chip_init(&f.chip, &mine), 0);
	ASSERT_EQ(work_serving(&f.chip, "llama-3-70b", &f.all, 1, false,
			       SECOND, &work), 0);
	EXPECT_STREQ(work.serving.rank.board->name, "a100-sxm");
	work_free(&work);
	mine.mem_bytes_per_us /= 5;
	EXPECT_EQ(work_serving(&f.chip, "llama-3-70b", &f.all, 1, false,
			       SECOND, &work), -ENODEV);
	drop(&f);
}

TEST(what_cannot_run_is_refused)
{
	struct work work = { 0 };
	struct replay_outcome o;
	struct fixture f;

	ASSERT_TRUE(setup(&f, "a100-sxm", "training", 10));
	f.cfg.new_job = refuse;
	for (unsigned int i = 0; replay_policy_nth(i); i++) {
		f.cfg.policy = replay_policy_nth(i);
		EXPECT_EQ(replay_run(&f.cfg, &o), -EINVAL);
	}
	EXPECT_EQ(work_serving(&f.chip, "llama-3-70b", &f.all, 0, false,
			       SECOND, &work), -EINVAL);
	EXPECT_EQ(asim_chip_init(&f.chip, asim_profile_find("npu-edge")), 0);
	EXPECT_EQ(work_serving(&f.chip, "llama-3-70b", &f.all, 1, false,
			       SECOND, &work), -ENODEV);
	EXPECT_EQ(work.table.nr, 0);
	drop(&f);
}
