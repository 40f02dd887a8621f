// SPDX-License-Identifier: GPL-2.0
/*
 * naming - how well accelgov names phases, over many devices and jobs at once
 *
 *	naming [--sensors KIND]... [--seed N] [--drawn N] [--only-drawn]
 *	       [--duration SECONDS] [--job NAME] [--device NAME] [--load X]
 *	       [--rst-file FILE]
 *
 * Every job runs on every device that can do it, in simulated time, under accelgov
 * at a budget of 3 % that sees the device through the sensors of --sensors (all
 * kinds when none is given). What each window of a run truly was and what it was
 * called goes into one matrix per kind of sensors; so do the delays from a change of
 * phase to its name. F1 is taken from that matrix: a phase counts once, however few
 * windows it has, as long as it holds for 5 of 1000 of them.
 *
 * Devices: those of the repository, and --drawn of them that are drawn at random
 * (selftests/unit/drawn.h) with --seed, which also seeds all jobs. --only-drawn
 * leaves out the former, --job all jobs but one, --device all devices but one. --load
 * makes requests come X times as often as the load that is planned for, which is three
 * fifths of what the device serves well; jobs without requests stay as they are.
 *
 * Jobs: serving of two models, with prefill as a whole and in chunks, bursts of
 * requests, training of GPT-3, training beside serving, batch jobs; and drawn ones
 * (naming.h): training of any shape, phases in a fixed row and in any order.
 *
 * Prints JSON; --rst-file writes the matrices as tables as well. Exit code 0, 1 when
 * a run failed, 2 for wrong usage.
 */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "naming.h"
#include "core.h"
#include "replay/replay.h"
#include "workload/arrivals.h"

#define SENSORS_MAX	8
#define DRAWN_MAX	64
#define PERIOD_US	10000
#define BUDGET		30

/**
 * struct kind - a kind of job
 * @name: as users write it
 * @kind: what the library calls it
 * @model: model that is served
 * @chunked: prefill in pieces together with decode
 * @drawn: drawn for the device, see naming.h
 * @cycle: phases in a fixed row
 * @any: needs no numbers of the board
 */
struct kind {
	const char *name;
	enum work_kind kind;
	const char *model;
	bool chunked;
	bool drawn;
	bool cycle;
	bool any;
};

static const struct kind kinds[] = {
	{ .name = "serving-70b", .kind = WORK_SERVING, .model = "llama-3-70b" },
	{ .name = "serving-8b", .kind = WORK_SERVING, .model = "llama-3-8b" },
	{ .name = "serving-chunked", .kind = WORK_SERVING,
	  .model = "llama-3-70b", .chunked = true },
	{ .name = "bursty", .kind = WORK_BURSTY, .model = "llama-3-70b" },
	{ .name = "mixed", .kind = WORK_MIXED, .model = "llama-3-70b" },
	{ .name = "training-gpt3", .kind = WORK_TRAINING },
	{ .name = "training-drawn", .kind = WORK_TRAINING, .drawn = true },
	{ .name = "batch", .kind = WORK_BATCH, .any = true },
	{ .name = "phases-cycle", .kind = WORK_PHASES, .drawn = true,
	  .cycle = true, .any = true },
	{ .name = "phases-any", .kind = WORK_PHASES, .drawn = true,
	  .any = true },
};

struct choice {
	const struct sensors_level *level[SENSORS_MAX];
	unsigned int nr_levels;
	uint64_t seed;
	unsigned int drawn;
	bool only_drawn;
	double seconds;
	double load;
	const char *job;
	const char *device;
	const char *rst;
};

struct device {
	char name[24];
	struct asim_profile profile;
	uint32_t khz[DRAWN_CLOCKS];
	struct asim_chip chip;
	uint64_t seed;
	bool served;
	bool drawn;
};

/* All runs with one kind of sensors. */
struct pool {
	const struct sensors_level *level;
	unsigned int runs;
	struct confusion windows;
	struct delays delays;
	struct reliability reliability;
	json_t *jobs;
};

static int add_phases(const struct device *d, const struct kind *k,
		      const struct choice *c, struct random *r,
		      struct source *source)
{
	return naming_phases(&d->chip, r, k->cycle, c->seconds,
			     &source->segments);
}

static int add_requests(const struct choice *c, uint64_t seed,
			struct source *source)
{
	struct arrivals_config cfg = {
		.rate_per_s = 5, .cv = ARRIVALS_CV, .seed = seed,
		.duration_ns = 3600000000000ULL,
	};

	return arrivals_draw(&cfg, &source->requests);
}

/* The same work again, requests at another rate. */
static int make_loaded(struct work_config *cfg, const struct kind *k,
		       const struct choice *c, struct work *ret)
{
	unsigned int line;

	cfg->rate_scale = ret->rate_scale * c->load;
	work_free(ret);
	return work_new(k->kind, cfg, ret, &line);
}

static int make_work(const struct device *d, const struct kind *k,
		     const struct choice *c, struct source *source,
		     struct work *ret)
{
	struct random r = { d->seed * 0x9e3779b97f4a7c15ULL +
			    (uint64_t)(k - kinds) + 1 };
	struct work_config cfg = {
		.chip = &d->chip, .model = k->model, .source = source,
		.chunked = k->chunked, .seed = d->seed,
		.duration_ns = (uint64_t)(c->seconds * 1e9),
	};
	unsigned int line;
	int err = 0;

	random_u64(&r);
	if (work_has_requests(k->kind))
		err = add_requests(c, d->seed, source);
	else if (k->kind == WORK_PHASES)
		err = add_phases(d, k, c, &r, source);
	if (!err)
		err = work_new(k->kind, &cfg, ret, &line);
	if (!err && work_has_requests(k->kind) && c->load != 1)
		err = make_loaded(&cfg, k, c, ret);
	if (!err && k->kind == WORK_TRAINING && k->drawn)
		naming_training(&d->chip, &r, ret);
	return err;
}

static json_t *per_phase(const struct confusion *c)
{
	json_t *o = json_object();

	for (uint32_t i = 0; i < ACCELGOV_PHASE_NR; i++) {
		double f1 = confusion_f1(c, i);

		if (!isnan(f1))
			json_object_set_new(o, ag_phase_base_name(i),
					    json_real(f1));
	}
	return o;
}

static json_t *number(double v)
{
	return isnan(v) ? json_null() : json_real(v);
}

static void note(struct pool *p, const struct device *d, const struct kind *k,
		 const struct replay_outcome *o)
{
	const struct result *r = &o->result;
	json_t *row;

	p->runs++;
	confusion_merge(&p->windows, &o->windows);
	delays_merge(&p->delays, &o->delays);
	reliability_merge(&p->reliability, &o->reliability);
	row = json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "device", d->name,
			"job", k->name, "macro_f1_permille",
			number(r->phase_window_f1_permille),
			"delay_p95_windows", number(r->phase_delay_p95_windows),
			"slowdown_permille", number(r->slowdown_ref_permille),
			"f1_permille", per_phase(&o->windows));
	json_array_append_new(p->jobs, row);
}

static int run_job(struct pool *p, const struct device *d,
		   const struct kind *k, const struct work *w)
{
	struct replay_config cfg = {
		.chip = &d->chip, .policy = &replay_accelgov,
		.new_job = work_job, .work = w, .workload = k->name,
		.duration_ns = w->duration_ns, .budget_permille = BUDGET,
		.sample_period_us = p->level->period_us ?: PERIOD_US,
		.sensors = p->level, .seed = d->seed,
	};
	struct replay_outcome o;
	int err = replay_run(&cfg, &o);

	if (err)
		return err;
	note(p, d, k, &o);
	replay_free(&o);
	return 0;
}

static int run_kind(struct pool *pools, const struct device *d,
		    const struct kind *k, const struct choice *c)
{
	struct source source = { 0 };
	struct work w = { 0 };
	int err;

	if ((!d->served && !k->any) || (c->job && strcmp(c->job, k->name)))
		return 0;
	err = make_work(d, k, c, &source, &w);
	/* Some drawn devices are too slow to serve anything well. */
	if (err == -EINVAL && d->drawn && work_has_requests(k->kind)) {
		source_free(&source);
		return 0;
	}
	for (unsigned int i = 0; !err && i < c->nr_levels; i++)
		err = run_job(&pools[i], d, k, &w);
	work_free(&w);
	source_free(&source);
	if (err)
		fprintf(stderr, "naming: %s on %s: %s\n", k->name, d->name,
			strerror(-err));
	return err;
}

static int run_device(struct pool *pools, struct device *d,
		      const struct choice *c)
{
	int err;

	if (c->device && strcmp(c->device, d->name))
		return 0;
	err = asim_chip_init(&d->chip, &d->profile);

	for (size_t i = 0; !err && i < ARRAY_SIZE(kinds); i++)
		err = run_kind(pools, d, &kinds[i], c);
	return err;
}

static int run_known(struct pool *pools, const struct choice *c)
{
	struct device d;
	int err = 0;

	for (uint32_t i = 0; !err && i < asim_nr_profiles; i++) {
		d.profile = asim_profiles[i];
		d.seed = c->seed;
		d.served = llm_board_find(d.profile.name);
		d.drawn = false;
		snprintf(d.name, sizeof(d.name), "%s", d.profile.name);
		err = run_device(pools, &d, c);
	}
	return err;
}

/* A drawn device has the memory and the links of an A100. */
static int run_drawn(struct pool *pools, const struct choice *c)
{
	struct random r = { c->seed * 0x9e3779b97f4a7c15ULL + 1 };
	struct device d;
	int err = 0;

	random_u64(&r);
	for (unsigned int i = 0; !err && i < c->drawn; i++) {
		drawn_device(&d.profile, d.khz, &r);
		naming_engines(&d.profile, &r);
		d.profile.name = "a100-sxm";
		d.seed = random_u64(&r);
		d.served = true;
		d.drawn = true;
		snprintf(d.name, sizeof(d.name), "drawn-%u", i + 1);
		err = run_device(pools, &d, c);
	}
	return err;
}

static json_t *matrix(const struct confusion *c)
{
	json_t *rows = json_object(), *row;

	for (uint32_t i = 0; i < ACCELGOV_PHASE_NR; i++) {
		row = json_object();
		for (uint32_t j = 0; j < ACCELGOV_PHASE_NR; j++)
			if (c->at[i][j] > 0)
				json_object_set_new(row, ag_phase_base_name(j),
						    json_real(c->at[i][j]));
		if (json_object_size(row))
			json_object_set(rows, ag_phase_base_name(i), row);
		json_decref(row);
	}
	return rows;
}

static json_t *summary(const struct pool *p)
{
	return json_pack("{s:s, s:i, s:o, s:o, s:o, s:o, s:I, s:I, s:o, s:o, s:O}",
			 "sensors", p->level->name, "runs", (int)p->runs,
			 "macro_f1_permille",
			 number(confusion_macro_f1(&p->windows)),
			 "delay_p50_windows",
			 number(delays_percentile(&p->delays, 50)),
			 "delay_p95_windows",
			 number(delays_percentile(&p->delays, 95)),
			 "confidence_error_permille",
			 number(reliability_error(&p->reliability)),
			 "changes", (json_int_t)p->delays.total,
			 "changes_too_short", (json_int_t)p->delays.too_short,
			 "f1_permille", per_phase(&p->windows),
			 "windows", matrix(&p->windows), "jobs", p->jobs);
}

static void print_json(const struct pool *pools, const struct choice *c)
{
	json_t *sets = json_array(), *all;

	for (unsigned int i = 0; i < c->nr_levels; i++)
		json_array_append_new(sets, summary(&pools[i]));
	all = json_pack("{s:I, s:i, s:b, s:f, s:f, s:o}", "seed",
			(json_int_t)c->seed, "drawn", (int)c->drawn,
			"only_drawn", c->only_drawn, "duration_s", c->seconds,
			"load", c->load, "sensors", sets);
	json_dumpf(all, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	putchar('\n');
	json_decref(all);
}

static int write_rst(const struct pool *pools, const struct choice *c)
{
	FILE *f = fopen(c->rst, "w");

	if (!f)
		return -errno;
	for (unsigned int i = 0; i < c->nr_levels; i++) {
		const struct pool *p = &pools[i];

		fprintf(f, "%s: %u runs, macro F1 %.3f, named after %.1f windows (p95 %.1f)\n\n",
			p->level->name, p->runs,
			confusion_macro_f1(&p->windows) / 1000,
			delays_percentile(&p->delays, 50),
			delays_percentile(&p->delays, 95));
		confusion_print(&p->windows, f);
		fputc('\n', f);
	}
	return fclose(f) ? -errno : 0;
}

static bool add_level(struct choice *c, const char *name)
{
	const struct sensors_level *l = sensors_level_find(name);

	if (!l || c->nr_levels == SENSORS_MAX)
		return false;
	c->level[c->nr_levels++] = l;
	return true;
}

static bool parse(int argc, char **argv, struct choice *c)
{
	static const struct option options[] = {
		{ "sensors", required_argument, NULL, 's' },
		{ "seed", required_argument, NULL, 'n' },
		{ "drawn", required_argument, NULL, 'd' },
		{ "only-drawn", no_argument, NULL, 'o' },
		{ "duration", required_argument, NULL, 't' },
		{ "job", required_argument, NULL, 'j' },
		{ "device", required_argument, NULL, 'e' },
		{ "load", required_argument, NULL, 'l' },
		{ "rst-file", required_argument, NULL, 'r' },
		{ 0 },
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 's':
			if (!add_level(c, optarg))
				return false;
			break;
		case 'n':
			c->seed = strtoull(optarg, NULL, 10);
			break;
		case 'd':
			c->drawn = (unsigned int)strtoul(optarg, NULL, 10);
			break;
		case 'o':
			c->only_drawn = true;
			break;
		case 't':
			c->seconds = strtod(optarg, NULL);
			break;
		case 'j':
			c->job = optarg;
			break;
		case 'e':
			c->device = optarg;
			break;
		case 'l':
			c->load = strtod(optarg, NULL);
			break;
		case 'r':
			c->rst = optarg;
			break;
		default:
			return false;
		}
	}
	for (unsigned int i = 0; !c->nr_levels && sensors_level_nth(i); i++)
		c->level[i] = sensors_level_nth(i);
	while (c->nr_levels < SENSORS_MAX && c->level[c->nr_levels])
		c->nr_levels++;
	return optind == argc && c->seconds > 0 && c->load > 0 &&
	       c->drawn <= DRAWN_MAX;
}

int main(int argc, char **argv)
{
	struct choice c = { .seed = 1, .drawn = 4, .seconds = 600, .load = 1 };
	static struct pool pools[SENSORS_MAX];
	int err = 0;

	if (!parse(argc, argv, &c))
		return 2;
	for (unsigned int i = 0; i < c.nr_levels; i++) {
		pools[i].level = c.level[i];
		pools[i].jobs = json_array();
	}
	if (!c.only_drawn)
		err = run_known(pools, &c);
	if (!err)
		err = run_drawn(pools, &c);
	if (!err && c.rst)
		err = write_rst(pools, &c);
	if (!err)
		print_json(pools, &c);
	for (unsigned int i = 0; i < c.nr_levels; i++)
		json_decref(pools[i].jobs);
	return err ? 1 : 0;
}
