// SPDX-License-Identifier: GPL-2.0
/*
 * What the policy core costs: one pushed sample, one decision, one device.
 *
 *	cost [--rounds N]
 *
 * Compiled like the programs, at -O2 and without sanitizers. A serving and a
 * training job run under accelgov in simulated time, and every sample is kept
 * as the collector pushed it. Then the core alone goes through them again:
 *
 * - sample: checked, brought to rates, taken by the core (what the module does
 *   with one off its ring), timed one by one;
 * - decision: whenever the core asks for one, timed one by one; and many in a row,
 *   against as many of simple_ondemand's, since one of those is shorter than
 *   any clock's tick;
 * - the same samples with the states of many devices in turn, so that each is
 *   out of the caches when its sample comes, as it is at 100 samples a second.
 *
 * The time that reading the clock takes is measured and subtracted. Others on
 * the machine can only make it slower, so the median says more than the mean.
 * The result is JSON on stdout; all times are in nanoseconds.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core.h"
#include "replay/replay.h"
#include "samples.h"
#include "workload/arrivals.h"
#include "workload/work.h"

#define JOB_NS		(120 * 1000000000ULL)
#define PERIOD_US	10000
#define IN_A_ROW	1000000
/* 4096 times the state is more than any second-level cache holds. */
#define DEVICES		4096
#define APPLIED_NS	500000

struct recording {
	struct accelgov_sample *v;
	size_t nr;
	size_t room;
};

struct cost {
	struct recording seen[2];
	struct ag_opp opps[2][AG_OPP_MAX];
	uint32_t nr_opps[2];
	double tick_ns;
	double clock_ticks;
	struct samples sample;
	struct samples decision;
	struct samples cold;
	double decisions_ns;
	double limited_ns;
	double ondemand_ns;
};

static struct recording *recording;

/* What was computed is needed, as far as the compiler can tell. */
static inline void use(uint64_t value)
{
	asm volatile("" : : "r"(value));
}

/* The cheapest clock there is; how long its ticks are is measured. */
static inline uint64_t ticks(void)
{
#if defined(__x86_64__)
	return __builtin_ia32_rdtsc();
#else
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
#endif
}

static double now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static void calibrate(struct cost *c)
{
	struct samples empty = { 0 };
	double begin_ns = now_ns();
	uint64_t begin = ticks(), at;

	while (now_ns() - begin_ns < 1e8)
		;
	c->tick_ns = (now_ns() - begin_ns) / (double)(ticks() - begin);
	for (int i = 0; i < 100000; i++) {
		at = ticks();
		samples_add(&empty, (double)(ticks() - at));
	}
	c->clock_ticks = samples_percentile(&empty, 50);
	samples_free(&empty);
}

static void took(struct cost *c, struct samples *s, uint64_t begin,
		 uint64_t end)
{
	double t = (double)(end - begin) - c->clock_ticks;

	samples_add(s, t > 0 ? t * c->tick_ns : 0);
}

/* replay's own governor, watched. */
static uint32_t record(void *state, const struct replay_window *window)
{
	struct recording *r = recording;

	if (r->nr == r->room) {
		r->room = r->room ? r->room * 2 : 4096;
		r->v = realloc(r->v, r->room * sizeof(*r->v));
		if (!r->v)
			abort();
	}
	r->v[r->nr++] = window->sample;
	return replay_accelgov.tick(state, window);
}

static int make_work(const struct asim_chip *chip, bool training,
		     struct work *ret)
{
	struct arrivals_config drawn = {
		.rate_per_s = 5, .cv = ARRIVALS_CV, .duration_ns = JOB_NS,
		.seed = 1,
	};
	struct requests all;
	int r;

	if (training) {
		work_training(chip, 1, JOB_NS, ret);
		return 0;
	}
	r = arrivals_draw(&drawn, &all);
	if (r)
		return r;
	r = work_serving(chip, "llama-3-70b", &all, 0, false, JOB_NS, ret);
	requests_free(&all);
	return r;
}

static int record_job(struct cost *c, bool training)
{
	struct replay_policy watched = replay_accelgov;
	struct replay_config cfg = {
		.policy = &watched, .new_job = work_job,
		.workload = training ? "training" : "serving",
		.duration_ns = JOB_NS, .budget_permille = 30,
		.sample_period_us = PERIOD_US, .seed = 1,
	};
	struct replay_outcome outcome;
	static struct asim_chip chip;
	struct work work = { 0 };
	int r;

	r = asim_chip_init(&chip, asim_profile_find(training ? "a100-sxm" :
							       "h100-sxm"));
	if (!r)
		r = make_work(&chip, training, &work);
	if (r)
		return r;
	for (uint32_t i = 0; i < chip.nr_opps; i++) {
		c->opps[training][i].khz = chip.opps[i].khz;
		c->opps[training][i].mv = chip.opps[i].uv / 1000;
	}
	c->nr_opps[training] = chip.nr_opps;
	recording = &c->seen[training];
	watched.tick = record;
	cfg.chip = &chip;
	cfg.work = &work;
	r = replay_once(&cfg, &(struct replay_tune){ 0 }, &outcome);
	if (!r)
		replay_free(&outcome);
	work_free(&work);
	return r;
}

static void start(struct cost *c, int job, struct ag_core *core)
{
	struct ag_config cfg;

	ag_config_default(&cfg);
	if (ag_core_init(core, c->opps[job], c->nr_opps[job], &cfg,
			 c->seen[job].v[0].time_ns - PERIOD_US * 1000ULL))
		abort();
}

static __attribute__((noinline)) u32 push(struct ag_core *core,
					  const struct accelgov_sample *s)
{
	struct ag_rates r;

	if (ag_sample_check(s))
		return 0;
	ag_sample_rates(s, &r);
	return ag_core_sample(core, &r);
}

static void decide(struct cost *c, int job, struct ag_core *core,
		   struct samples *timed)
{
	const struct ag_opp *opps = c->opps[job];
	struct ag_decision d;
	uint64_t begin = ticks();

	ag_core_decide(core, opps[0].khz, opps[c->nr_opps[job] - 1].khz, &d);
	if (timed)
		took(c, timed, begin, ticks());
	ag_core_applied(core, d.khz, core->rates.time_ns + APPLIED_NS);
}

static void go_through(struct cost *c, int job, bool timed)
{
	static struct ag_core core;
	uint64_t begin, end;
	u32 ev;

	start(c, job, &core);
	for (size_t i = 0; i < c->seen[job].nr; i++) {
		begin = ticks();
		ev = push(&core, &c->seen[job].v[i]);
		end = ticks();
		if (timed)
			took(c, &c->sample, begin, end);
		if (ev & AG_EV_RETARGET || !i)
			decide(c, job, &core, timed ? &c->decision : NULL);
	}
}

/* Every device gets its sample, then every one the next. */
static int go_around(struct cost *c, int job)
{
	struct ag_core *cores = calloc(DEVICES, sizeof(*cores));
	uint64_t begin, end;
	u32 ev;

	if (!cores)
		return -ENOMEM;
	for (int d = 0; d < DEVICES; d++)
		start(c, job, &cores[d]);
	for (size_t i = 0; i < 100 && i < c->seen[job].nr; i++) {
		for (int d = 0; d < DEVICES; d++) {
			begin = ticks();
			ev = push(&cores[d], &c->seen[job].v[i]);
			end = ticks();
			/* The first windows of a device name it only. */
			if (i > 10)
				took(c, &c->cold, begin, end);
			if (ev & AG_EV_RETARGET || !i)
				decide(c, job, &cores[d], NULL);
		}
	}
	free(cores);
	return 0;
}

/* The kernel's proportional rule, as drivers/devfreq/governor_simpleondemand.c
 * computes it with its default thresholds.
 */
static __attribute__((noinline)) uint64_t
ondemand_hz(uint64_t busy, uint64_t total, uint64_t cur_hz)
{
	if (!total || busy * 100 > total * 90)
		return UINT64_MAX;
	if (busy * 100 > total * 85)
		return cur_hz;
	return busy * cur_hz / total * 100 / 88;
}

static double in_a_row_ondemand(void)
{
	double begin = now_ns();
	uint64_t sum = 0;

	for (uint32_t i = 0; i < IN_A_ROW; i++)
		sum += ondemand_hz(5000000 + i % 4000000, 10000000,
				   1500000000 + i);
	use(sum);
	return (now_ns() - begin) / IN_A_ROW;
}

/* @points: how many of the lowest operating points a limit leaves. */
static double in_a_row_decisions(struct cost *c, int job, u32 points)
{
	static struct ag_core core;
	struct ag_decision d;
	uint64_t sum = 0;
	double begin;

	start(c, job, &core);
	for (size_t i = 0; i < c->seen[job].nr; i++)
		if (push(&core, &c->seen[job].v[i]) & AG_EV_RETARGET)
			decide(c, job, &core, NULL);
	begin = now_ns();
	for (u32 i = 0; i < IN_A_ROW; i++) {
		core.phase.now = ACCELGOV_PHASE_COMPUTE + i % 2;
		core.planned_khz = core.plan.entry[core.slot].khz;
		ag_core_decide(&core, core.opp.khz[0],
			       core.opp.khz[points - 1], &d);
		sum += d.khz;
	}
	use(sum);
	return (now_ns() - begin) / IN_A_ROW;
}

static double lower(double a, double b)
{
	return a && a < b ? a : b;
}

static int measure(struct cost *c, int rounds)
{
	int r = 0;

	for (int job = 0; job < 2; job++)
		go_through(c, job, false);
	for (int i = 0; i < rounds; i++) {
		for (int job = 0; job < 2; job++)
			go_through(c, job, true);
		c->decisions_ns = lower(c->decisions_ns,
					in_a_row_decisions(c, 0, c->nr_opps[0]));
		c->limited_ns = lower(c->limited_ns, in_a_row_decisions(c, 0, 8));
		c->ondemand_ns = lower(c->ondemand_ns, in_a_row_ondemand());
	}
	for (int job = 0; !r && job < 2; job++)
		r = go_around(c, job);
	return r;
}

static json_t *spread(struct samples *s)
{
	return json_pack("{s:I, s:f, s:f, s:f}", "times", (json_int_t)s->nr,
			 "median", samples_percentile(s, 50), "p99",
			 samples_percentile(s, 99), "mean", samples_mean(s));
}

static int print(struct cost *c)
{
	json_t *top = json_pack("{s:o, s:o, s:o, s:f, s:f, s:f, s:f, s:i, s:f, s:f}",
				"sample_ns", spread(&c->sample),
				"decision_ns", spread(&c->decision),
				"sample_out_of_cache_ns", spread(&c->cold),
				"decision_in_a_row_ns", c->decisions_ns,
				"limited_decision_in_a_row_ns", c->limited_ns,
				"simple_ondemand_in_a_row_ns", c->ondemand_ns,
				"decision_over_simple_ondemand",
				c->decisions_ns / c->ondemand_ns,
				"state_bytes", (int)sizeof(struct ag_core),
				"subtracted_ns", c->clock_ticks * c->tick_ns,
				"core_permille_of_a_cpu_at_100_samples_per_s",
				samples_mean(&c->sample) * 100 / 1e6);
	int r;

	if (!top)
		return -ENOMEM;
	r = json_dumpf(top, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(4));
	json_decref(top);
	putchar('\n');
	return r ? -EIO : 0;
}

int main(int argc, char **argv)
{
	static struct cost c;
	int rounds = 5, r = 0;

	if (argc == 3 && !strcmp(argv[1], "--rounds"))
		rounds = atoi(argv[2]);
	else if (argc != 1)
		rounds = 0;
	if (rounds < 1 || rounds > 1000) {
		fputs("usage: cost [--rounds 1..1000]\n", stderr);
		return 2;
	}
	calibrate(&c);
	for (int job = 0; !r && job < 2; job++)
		r = record_job(&c, job);
	if (!r)
		r = measure(&c, rounds);
	if (!r)
		r = print(&c);
	if (r)
		fprintf(stderr, "cost: %s\n", strerror(-r));
	for (int job = 0; job < 2; job++)
		free(c.seen[job].v);
	samples_free(&c.sample);
	samples_free(&c.decision);
	samples_free(&c.cold);
	return r ? 1 : 0;
}
