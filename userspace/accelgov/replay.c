// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov replay: workloads under policies in simulated time.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cmd.h"
#include "replay_cmd.h"

#define NSEC	1000000000ULL

struct batch {
	struct replay_options opt;
	struct asim_chip chip;
	struct requests all;
	struct replay_work work;
	struct results results;
	struct replay_outcome outcome[REPLAY_POLICIES_MAX];
};

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static const char *source(const struct replay_options *opt)
{
	const char *slash;

	if (!opt->requests)
		return "drawn from Azure conversation 2023";
	slash = strrchr(opt->requests, '/');
	return slash ? slash + 1 : opt->requests;
}

static void fill_requests(const struct batch *s, struct result *r)
{
	if (s->work.is_training)
		return;
	snprintf(r->requests, sizeof(r->requests), "%s", source(&s->opt));
	r->rate_scale = s->work.rate_scale;
	r->request_rate_per_s = s->work.rate_per_s;
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
		.new_job = replay_work_job,
		.work = &s->work,
		.workload = s->opt.workload,
		.duration_ns = s->opt.duration_ns,
		.budget_permille = s->opt.budget_permille,
		.sample_period_us = s->opt.sample_period_us,
		.seed = s->opt.seed,
		.series = s->opt.out,
	};
	struct replay_outcome *o = &s->outcome[i];
	double start_s = now_s();
	int ret = replay_run(&cfg, o);

	if (ret) {
		replay_error("%s on %s: %s", cfg.policy->name,
			     s->opt.profile->name, strerror(-ret));
		return CMD_FAILURE;
	}
	tell_speed(o, now_s() - start_s);
	fill_requests(s, &o->result);
	s->results.run[s->results.nr++] = o->result;
	if (o->rejected && !i)
		replay_error("%llu requests were longer than the model takes and were turned away",
			     (unsigned long long)o->rejected);
	return CMD_OK;
}

static FILE *create(const char *folder, const char *name, char *path,
		    size_t size)
{
	FILE *f;

	snprintf(path, size, "%s/%s", folder, name);
	f = fopen(path, "we");
	if (!f)
		replay_error("can't write %s: %s", path, strerror(errno));
	return f;
}

static int close_written(FILE *f, int ret, const char *path)
{
	if (fclose(f) && !ret)
		ret = -errno;
	if (!ret)
		return CMD_OK;
	replay_error("can't write %s: %s", path, strerror(-ret));
	return CMD_FAILURE;
}

static int write_files(const struct batch *s)
{
	char name[192], path[4096];
	int ret = CMD_OK;
	FILE *f;

	for (size_t i = 0; !ret && i < s->results.nr; i++) {
		results_series_name(&s->results.run[i], name, sizeof(name));
		f = create(s->opt.out, name, path, sizeof(path));
		if (!f)
			return CMD_FAILURE;
		ret = close_written(f, series_write(&s->outcome[i].series, f),
				    path);
	}
	if (ret)
		return ret;
	f = create(s->opt.out, "results.json", path, sizeof(path));
	if (!f)
		return CMD_FAILURE;
	return close_written(f, results_write(&s->results, f), path);
}

static int output(struct batch *s)
{
	int ret = CMD_OK;

	results_compare(&s->results);
	if (s->opt.out)
		ret = write_files(s);
	if (!ret && s->opt.json)
		ret = results_write(&s->results, stdout) ? CMD_FAILURE : CMD_OK;
	else if (!ret)
		results_table(&s->results, stdout);
	if (!ret && fflush(stdout)) {
		replay_error("can't write the result: %s", strerror(errno));
		ret = CMD_FAILURE;
	}
	return ret;
}

static int run(struct batch *s)
{
	int ret = replay_input(&s->opt, &s->chip, &s->all, &s->work);

	if (ret)
		return ret;
	s->results.run = calloc(s->opt.nr_policies, sizeof(*s->results.run));
	if (!s->results.run) {
		replay_error("out of memory");
		return CMD_FAILURE;
	}
	strcpy(s->results.kernel, "simulated time");
	for (unsigned int i = 0; !ret && i < s->opt.nr_policies; i++)
		ret = run_policy(s, i);
	return ret ? ret : output(s);
}

static int prepare(struct batch *s)
{
	if (asim_chip_init(&s->chip, s->opt.profile)) {
		replay_error("the profile %s has no valid tables",
			     s->opt.profile->name);
		return CMD_FAILURE;
	}
	if (s->opt.out && mkdir(s->opt.out, 0777) && errno != EEXIST) {
		replay_error("can't make %s: %s", s->opt.out, strerror(errno));
		return cmd_exit_code(-errno);
	}
	return CMD_OK;
}

int cmd_replay(int argc, char **argv)
{
	static struct batch s = {
		.opt = {
			.model = "llama-3-70b",
			.budget_permille = 30,
			.duration_ns = 3600 * NSEC,
			.seed = 1,
			.sample_period_us = 10000,
		},
	};
	int ret = replay_parse(argc, argv, &s.opt);

	if (ret >= 0)
		return ret;
	ret = prepare(&s);
	if (!ret)
		ret = run(&s);
	for (unsigned int i = 0; i < REPLAY_POLICIES_MAX; i++)
		replay_free(&s.outcome[i]);
	results_free(&s.results);
	replay_work_free(&s.work);
	requests_free(&s.all);
	return ret;
}
