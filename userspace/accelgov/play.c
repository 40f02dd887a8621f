// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov play: run workloads on simulated accelerators under governors, in
 * real time, and say what it cost.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cmd.h"
#include "play.h"

static const char help[] =
"usage: accelgov play --out DIR --run WORKLOAD@DEVICE=GOVERNOR... [options]\n"
"\n"
"Runs workloads on simulated accelerators (accelsim.ko), all at the same time\n"
"and in real time, then writes DIR/results.json and a time series per run and\n"
"prints a table. Devices are given back as they were.\n"
"\n"
"  --run W@D=G        workload serving, training, mixed, bursty, batch or phases\n"
"                     on devfreq device D under governor G: performance,\n"
"                     powersave (limits pinned to one end) or any that the kernel\n"
"                     has; may be given often\n"
"  --plan FILE        the same, one W@D=G a line, # starts a comment\n"
"  --out DIR          where results go, made if needed\n"
"  --duration TIME    length of the measurement (default 120s)\n"
"  --requests FILE    requests to serve, their rates, or a list of phases;\n"
"                     without it requests are drawn from published statistics\n"
"  --format NAME      format of FILE: azure (CSV), mooncake (JSON lines),\n"
"                     servegen (rates by window, CSV) or phases (CSV); without\n"
"                     it the first line tells\n"
"  --rate-scale X     factor on their rate of arrival: 1 is as FILE has it (5/s\n"
"                     where they are drawn), 0.5 half as many a second; without\n"
"                     it the load is three fifths of what the device serves well\n"
"  --model NAME       model to serve (default llama-3-70b)\n"
"  --chunked          prefill in pieces, together with decode\n"
"  --seed N           of everything that is drawn (default 1)\n"
"  --allow-fallback   go on when accelgov gets no signals\n"
"  --json             print results.json instead of the table\n"
"  --root DIR         another root directory than /\n"
"\n"
"Definitions of all figures are in Documentation/results.rst.\n";

enum option_id {
	OPT_RUN = 1, OPT_PLAN, OPT_OUT, OPT_DURATION, OPT_FALLBACK, OPT_JSON,
	OPT_ROOT, OPT_HELP = 'h',
};

static const struct option long_options[] = {
	{ "run", required_argument, NULL, OPT_RUN },
	{ "plan", required_argument, NULL, OPT_PLAN },
	{ "out", required_argument, NULL, OPT_OUT },
	{ "duration", required_argument, NULL, OPT_DURATION },
	{ "requests", required_argument, NULL, 'r' },
	{ "format", required_argument, NULL, 'f' },
	{ "rate-scale", required_argument, NULL, 'x' },
	{ "model", required_argument, NULL, 'm' },
	{ "chunked", no_argument, NULL, 'c' },
	{ "seed", required_argument, NULL, 's' },
	{ "allow-fallback", no_argument, NULL, OPT_FALLBACK },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "root", required_argument, NULL, OPT_ROOT },
	{ "help", no_argument, NULL, OPT_HELP },
	{ }
};

uint64_t play_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * PLAY_NSEC + (uint64_t)now.tv_nsec;
}

static int take_option(struct play_options *opt, int id)
{
	switch (id) {
	case OPT_RUN:
		return play_parse_run(opt, optarg);
	case OPT_PLAN:
		return play_parse_plan(opt, optarg);
	case OPT_OUT:
		opt->out = optarg;
		return CMD_OK;
	case OPT_DURATION:
		return play_parse_duration(optarg, &opt->work.duration_ns);
	case OPT_FALLBACK:
		opt->allow_fallback = true;
		return CMD_OK;
	case OPT_JSON:
		opt->json = true;
		return CMD_OK;
	case OPT_ROOT:
		opt->root = optarg;
		return CMD_OK;
	default:
		return work_option(&opt->work, id, optarg);
	}
}

/* Requests may be meant for some of the runs only. */
static int check_plan(const struct play_options *opt)
{
	bool serves = false;

	for (unsigned int i = 0; i < opt->nr_specs; i++) {
		enum work_kind kind = work_kind_find(opt->spec[i].workload);

		serves |= work_has_requests(kind);
		if (!opt->work.requests && work_check(&opt->work, kind))
			return CMD_USAGE;
	}
	return work_check_unused(&opt->work, serves) ? CMD_USAGE : -1;
}

/* Returns -1 when the command is to go on, an exit code otherwise. */
static int parse(int argc, char **argv, struct play_options *opt)
{
	int id, ret;

	optind = 0;
	while ((id = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		if (id == OPT_HELP) {
			fputs(help, stdout);
			return CMD_OK;
		}
		ret = take_option(opt, id);
		if (ret)
			return ret;
	}
	if (optind < argc) {
		cmd_error("\"%s\" is not an option", argv[optind]);
		return CMD_USAGE;
	}
	if (!opt->nr_specs || !opt->out) {
		cmd_error("%s is missing; accelgov play --help tells more",
			  opt->out ? "--run or --plan" : "--out");
		return CMD_USAGE;
	}
	return check_plan(opt);
}

static int take_devices(struct play *play)
{
	int ret = CMD_OK;

	for (unsigned int i = 0; !ret && i < play->nr; i++)
		ret = play_device_take(&play->sysfs, &play->run[i]);
	for (unsigned int i = 0; !ret && i < play->nr; i++)
		ret = play_device_wait(&play->sysfs, &play->run[i], play);
	return ret;
}

static void give_back(struct play *play)
{
	for (unsigned int i = play->nr; i-- > 0;)
		play_device_restore(&play->sysfs, &play->run[i]);
}

static int prepare(struct play *play)
{
	int ret = CMD_OK;

	play->run = calloc(play->opt.nr_specs, sizeof(*play->run));
	if (!play->run) {
		cmd_error("out of memory");
		return CMD_FAILURE;
	}
	for (; play->nr < play->opt.nr_specs; play->nr++) {
		play->run[play->nr].spec = play->opt.spec[play->nr];
		play->run[play->nr].fd = -1;
	}
	for (unsigned int i = 0; !ret && i < play->nr; i++) {
		ret = play_device_open(&play->sysfs, &play->run[i]);
		if (!ret)
			ret = play_job_new(play, &play->run[i]);
	}
	return ret;
}

static int run(struct play *play)
{
	int ret = prepare(play);

	if (!ret)
		ret = play_trace_open(&play->trace, &play->sysfs);
	if (!ret)
		ret = take_devices(play);
	if (!ret)
		ret = play_loop(play);
	/* What is left to read is read before the governors change. */
	if (!ret && !play->interrupted)
		ret = play_output(play);
	give_back(play);
	play_trace_close(&play->trace);
	for (unsigned int i = 0; i < play->nr; i++)
		play_run_free(&play->run[i]);
	free(play->run);
	source_free(&play->source);
	if (play->interrupted) {
		cmd_error("interrupted, devices are as before, nothing written");
		return 128 + play->interrupted;
	}
	return ret;
}

/* The loop reads them; whatever else blocks is short. */
static void block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

int cmd_play(int argc, char **argv)
{
	static struct play play = {
		.opt = {
			.work = WORK_DEFAULTS(120),
		},
		.trace.fd = -1,
	};
	int ret = parse(argc, argv, &play.opt);

	if (ret >= 0)
		return ret;
	ret = sysfs_open(&play.sysfs, play.opt.root);
	if (ret) {
		cmd_error("can't open %s: %s",
			  play.opt.root ? play.opt.root : "/",
			  strerror(-ret));
		return cmd_exit_code(ret);
	}
	ret = output_folder(play.opt.out);
	if (!ret) {
		block_signals();
		ret = run(&play);
	}
	sysfs_close(&play.sysfs);
	return ret;
}
