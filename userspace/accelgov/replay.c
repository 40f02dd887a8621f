// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov replay: workloads under policies in simulated time; recordings elsewhere.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../kmod/core/opp.h"
#include "cmd.h"
#include "recording_cmd.h"
#include "replay_cmd.h"

struct batch {
	struct replay_options opt;
	struct asim_chip chip;
	struct source source;
	struct work work;
	struct results results;
	struct replay_outcome outcome[REPLAY_POLICIES_MAX];
};

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void tell_speed(const struct replay_outcome *o, double took_s)
{
	double total_s = o->result.elapsed_s * o->runs;

	fprintf(stderr, "%-16s %.0f s", o->result.governor,
		o->result.elapsed_s);
	if (o->runs > 1)
		fprintf(stderr, " in %u runs", o->runs);
	fprintf(stderr, ", %.2f s on this machine, %.0f times as fast\n",
		took_s, took_s > 0 ? total_s / took_s : 0);
}

static int run_policy(struct batch *s, unsigned int i)
{
	struct replay_config cfg = {
		.chip = &s->chip,
		.policy = s->opt.policy[i],
		.new_job = work_job,
		.work = &s->work,
		.workload = work_kind_name(s->opt.kind),
		.duration_ns = s->opt.work.duration_ns,
		.budget_permille = s->opt.budget_permille,
		.sample_period_us = s->opt.sample_period_us,
		.sensors = s->opt.sensors,
		.idle = &s->opt.idle,
		.idle_limits = s->opt.idle_limits,
		.power_cap_mw = s->opt.power_cap_mw,
		.limiter = !s->opt.cap_by_clock,
		.seed = s->opt.work.seed,
		.series = s->opt.out,
	};
	struct replay_outcome *o = &s->outcome[i];
	double start_s = now_s();
	int ret = replay_run(&cfg, o);

	if (ret) {
		cmd_error("%s on %s: %s", cfg.policy->name,
			  s->opt.profile->name, strerror(-ret));
		return CMD_FAILURE;
	}
	tell_speed(o, now_s() - start_s);
	work_result(&s->opt.work, &s->work, &o->result);
	if (work_has_requests(s->opt.kind))
		o->result.requests_done = (double)o->requests_done;
	s->results.run[s->results.nr++] = o->result;
	if (o->rejected && !i)
		cmd_error("%llu requests were longer than the model takes and were turned away",
			  (unsigned long long)o->rejected);
	return CMD_OK;
}

/* Time series, one by one and all on a page. */
static int output_files(struct batch *s)
{
	struct series series[REPLAY_POLICIES_MAX];
	struct report report = { &s->results, series };
	int ret = CMD_OK;

	for (size_t i = 0; !ret && i < s->results.nr; i++) {
		series[i] = s->outcome[i].series;
		ret = output_series(s->opt.out, &s->results.run[i],
				    &series[i]);
	}
	return ret ? ret : output_report(s->opt.out, &report);
}

/* How the windows of whoever names phases were called. */
static void print_confusion(const struct batch *s)
{
	for (size_t i = 0; i < s->results.nr; i++) {
		const struct result *r = &s->results.run[i];

		if (!r->sensors[0])
			continue;
		printf("\n%s, %s sensors: share of true windows and what they were called, per mille\n",
		       r->governor, r->sensors);
		confusion_print(&s->outcome[i].windows, stdout);
	}
}

static int output(struct batch *s)
{
	int ret = CMD_OK;

	results_compare(&s->results);
	if (s->opt.out)
		ret = output_files(s);
	if (!ret)
		ret = output_results(s->opt.out, &s->results, s->opt.json);
	if (!ret && !s->opt.json)
		print_confusion(s);
	return ret;
}

static int run(struct batch *s)
{
	int ret = work_input(&s->opt.work, &s->chip, s->opt.kind, &s->source,
			     &s->work);

	if (ret)
		return ret;
	s->results.run = calloc(s->opt.nr_policies, sizeof(*s->results.run));
	if (!s->results.run) {
		cmd_error("out of memory");
		return CMD_FAILURE;
	}
	strcpy(s->results.kernel, "simulated time");
	for (unsigned int i = 0; !ret && i < s->opt.nr_policies; i++)
		ret = run_policy(s, i);
	return ret ? ret : output(s);
}

static void tell_clocks(const struct batch *s)
{
	for (unsigned int i = 0; i < s->opt.nr_policies; i++)
		if (s->opt.policy[i] == &replay_accelgov &&
		    s->chip.nr_opps > AG_OPP_MAX)
			fprintf(stderr, "%s has %u clocks; policy accelgov uses %d of them, evenly spread, as the module does\n",
				s->opt.profile->name, s->chip.nr_opps,
				AG_OPP_MAX);
}

static int prepare(struct batch *s)
{
	if (asim_chip_init(&s->chip, s->opt.profile)) {
		cmd_error("the profile %s has no valid tables",
			  s->opt.profile->name);
		return CMD_FAILURE;
	}
	tell_clocks(s);
	return s->opt.out ? output_folder(s->opt.out) : CMD_OK;
}

static bool is_recording(int argc, char **argv)
{
	bool is = false;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			return false;
		is |= !strcmp(argv[i], "--recording") ||
		      !strncmp(argv[i], "--recording=", 12);
	}
	return is;
}

int cmd_replay(int argc, char **argv)
{
	static struct batch s = {
		.opt = {
			.kind = WORK_NR,
			.budget_permille = 30,
			.idle.name = "never",
			.work = WORK_DEFAULTS(3600),
		},
	};
	int ret;

	if (is_recording(argc, argv))
		return replay_recording(argc, argv);
	ret = replay_parse(argc, argv, &s.opt);
	if (ret >= 0)
		return ret;
	ret = prepare(&s);
	if (!ret)
		ret = run(&s);
	for (unsigned int i = 0; i < REPLAY_POLICIES_MAX; i++)
		replay_free(&s.outcome[i]);
	results_free(&s.results);
	work_free(&s.work);
	source_free(&s.source);
	return ret;
}
