// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov replay: the command line.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "profile_input.h"
#include "replay_cmd.h"
#include "units.h"

#define SENSORS_MAX	16
#define PERIOD_US	10000
#define PERIOD_MIN_US	1000
#define PERIOD_MAX_US	100000
#define IDLE_MAX_US	3600000000LL

static const char help[] =
"usage: accelgov replay --device PROFILE --workload W [--policy P]... [options]\n"
"       accelgov replay --recording FILE [--device NAME] [--budget SHARE] [--json]\n"
"\n"
"Runs a workload on a simulated accelerator under policies, one after the other,\n"
"in simulated time, and prints what each cost. Needs no module, no device and no\n"
"rights. performance always runs first, the others are compared with it.\n"
"\n"
"With --recording the signals that accelgov record has seen go through the policy\n"
"core again: phases, what lower clocks would have saved, and, where there are\n"
"labels, how well phases were told apart.\n"
"\n"
"  --device PROFILE     kind of device, such as h100-sxm, or a file that describes\n"
"                       one (accelgov calibrate makes such files)\n"
"  --workload W         serving, training, mixed (serving and training on one\n"
"                       device), bursty (serving with idle gaps), batch (batch jobs\n"
"                       with idle gaps) or phases (a list, --requests)\n"
"  --policy P           may be given often; all runs every one (default accelgov)\n"
"  --budget SHARE       slowdown that policies with a budget may cause (default 3%)\n"
"  --power-cap POWER    power that accelgov keeps the device under (default: no cap)\n"
"  --cap-by-clock       by choice of clocks alone, without the board's own limiter\n"
"  --requests FILE      requests to serve, their rates, or a list of phases;\n"
"                       without it requests are drawn from published statistics\n"
"  --format NAME        format of FILE: azure (CSV), mooncake (JSON lines),\n"
"                       servegen (rates by window, CSV) or phases (CSV); without\n"
"                       it the first line tells\n"
"  --rate-scale X       factor on their rate of arrival: 1 is as FILE has it (5/s\n"
"                       where they are drawn), 0.5 half as many a second; without\n"
"                       it the load is three fifths of what the device serves well\n"
"  --model NAME         model to serve (default llama-3-70b)\n"
"  --chunked            prefill in pieces, together with decode\n"
"  --duration TIME      length of the measurement (default 60min)\n"
"  --sensors KIND       what accelgov sees of the device (default full)\n"
"  --sample-period TIME distance of its samples (default 10ms, 100ms for all other\n"
"                       sensors than full)\n"
"  --idle RULE          when the device suspends while nothing is queued: never (the\n"
"                       default), driver (after 2s), sm-idle (5s), a delay, accelgov,\n"
"                       or clairvoyant\n"
"  --max-wake-latency TIME  rule accelgov: no idle state that takes longer to wake\n"
"                       from (default: it may take any time)\n"
"  --break-even TIME    rule accelgov: no idle state that is not expected to last so\n"
"                       long (default 0: energy alone decides)\n"
"  --seed N             of everything that is drawn (default 1)\n"
"  --out DIR            write results.json, time series and report.html there; made\n"
"                       if needed\n"
"  --json               print results.json instead of the table\n"
"\n";

static const struct option long_options[] = {
	{ "device", required_argument, NULL, 'd' },
	{ "workload", required_argument, NULL, 'w' },
	{ "policy", required_argument, NULL, 'p' },
	{ "budget", required_argument, NULL, 'b' },
	{ "requests", required_argument, NULL, 'r' },
	{ "format", required_argument, NULL, 'f' },
	{ "rate-scale", required_argument, NULL, 'x' },
	{ "model", required_argument, NULL, 'm' },
	{ "chunked", no_argument, NULL, 'c' },
	{ "idle", required_argument, NULL, 'i' },
	{ "max-wake-latency", required_argument, NULL, 'l' },
	{ "break-even", required_argument, NULL, 'k' },
	{ "power-cap", required_argument, NULL, 'C' },
	{ "cap-by-clock", no_argument, NULL, 'K' },
	{ "seed", required_argument, NULL, 's' },
	{ "duration", required_argument, NULL, 't' },
	{ "sensors", required_argument, NULL, 'n' },
	{ "sample-period", required_argument, NULL, 'e' },
	{ "out", required_argument, NULL, 'o' },
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static void print_help(void)
{
	const struct sensors_level *l;
	const struct replay_policy *p;

	fputs(help, stdout);
	puts("Sensors:");
	for (unsigned int i = 0; (l = sensors_level_nth(i)); i++)
		printf("  %-18s %s\n", l->name, l->help);
	puts("\nPolicies:");
	for (unsigned int i = 0; (p = replay_policy_nth(i)); i++)
		printf("  %-18s %s\n", p->name, p->help);
	puts("\nDefinitions are in Documentation/replay.rst.");
}

static int parse_device(struct replay_options *opt, const char *text)
{
	static struct profile_file device;
	int ret = profile_input(text, &device);

	if (!ret)
		opt->profile = &device.p;
	return ret;
}

static int parse_workload(struct replay_options *opt, const char *text)
{
	opt->kind = work_kind_find(text);
	return opt->kind == WORK_NR ? work_unknown(text) : CMD_OK;
}

static void add_policy(struct replay_options *opt,
		       const struct replay_policy *policy)
{
	for (unsigned int i = 0; i < opt->nr_policies; i++)
		if (opt->policy[i] == policy)
			return;
	if (opt->nr_policies < REPLAY_POLICIES_MAX)
		opt->policy[opt->nr_policies++] = policy;
}

static int parse_policy(struct replay_options *opt, const char *text)
{
	const char *known[REPLAY_POLICIES_MAX + 2] = { 0 };
	const struct replay_policy *p = replay_policy_find(text);
	bool all = !strcmp(text, "all");
	unsigned int i;

	if (p) {
		add_policy(opt, p);
		return CMD_OK;
	}
	for (i = 0; i < REPLAY_POLICIES_MAX; i++) {
		p = replay_policy_nth(i);
		if (!p)
			break;
		known[i] = p->name;
		if (all)
			add_policy(opt, p);
	}
	known[i] = "all";
	return all ? CMD_OK : cmd_unknown("policy", text, known);
}

static int parse_share(const char *text, uint32_t *ret)
{
	int64_t v;

	if (unit_parse(UNIT_SHARE, text, &v) || v < 0 || v > 1000) {
		cmd_error("\"%s\" is no budget from 0 to 100%%, such as %s",
			  text, unit_samples(UNIT_SHARE));
		return CMD_USAGE;
	}
	*ret = (uint32_t)v;
	return CMD_OK;
}

static int parse_time(const char *text, const char *what, int64_t low_us,
		      int64_t high_us, int64_t *ret_us)
{
	char low[24], high[24];

	if (!unit_parse(UNIT_TIME, text, ret_us) && *ret_us >= low_us &&
	    *ret_us <= high_us)
		return CMD_OK;
	cmd_error("\"%s\" is no %s from %s to %s", text, what,
		  unit_format(UNIT_TIME, low_us, low, sizeof(low)),
		  unit_format(UNIT_TIME, high_us, high, sizeof(high)));
	return CMD_USAGE;
}

static int parse_duration(struct replay_options *opt, const char *text)
{
	int64_t us = 0;
	int ret = parse_time(text, "duration", 1000000, 31LL * 86400 * 1000000,
			     &us);

	if (!ret)
		opt->work.duration_ns = (uint64_t)us * 1000;
	return ret;
}

static int parse_period(struct replay_options *opt, const char *text)
{
	int64_t us = 0;
	int ret = parse_time(text, "sample period", PERIOD_MIN_US,
			     PERIOD_MAX_US, &us);

	if (!ret)
		opt->sample_period_us = (uint32_t)us;
	return ret;
}

static int parse_sensors(struct replay_options *opt, const char *text)
{
	const char *known[SENSORS_MAX + 1] = { 0 };
	const struct sensors_level *l;

	opt->sensors = sensors_level_find(text);
	if (opt->sensors)
		return CMD_OK;
	for (unsigned int i = 0; i < SENSORS_MAX; i++) {
		l = sensors_level_nth(i);
		if (!l)
			break;
		known[i] = l->name;
	}
	return cmd_unknown("kind of sensors", text, known);
}

static int parse_idle(struct replay_options *opt, const char *text)
{
	const struct replay_idle_rule *r;
	int64_t us = 0;
	int ret;

	for (unsigned int i = 0; (r = replay_idle_nth(i)); i++) {
		if (strcmp(r->name, text))
			continue;
		opt->idle = *r;
		return CMD_OK;
	}
	ret = parse_time(text, "idle rule or delay", 0, IDLE_MAX_US, &us);
	if (ret)
		return ret;
	opt->idle.kind = REPLAY_IDLE_FIXED;
	opt->idle.delay_ms = (uint32_t)(us / 1000);
	snprintf(opt->idle.name, sizeof(opt->idle.name), "%ums",
		 opt->idle.delay_ms);
	return CMD_OK;
}

static int parse_idle_limit(const char *text, const char *what, uint32_t *ret_us)
{
	int64_t us = 0;
	int ret = parse_time(text, what, 0, IDLE_MAX_US, &us);

	if (!ret)
		*ret_us = (uint32_t)us;
	return ret;
}

static int parse_cap(struct replay_options *opt, const char *text)
{
	int64_t uw;

	if (unit_parse(UNIT_POWER, text, &uw) || uw < 1000 ||
	    uw / 1000 > UINT32_MAX) {
		cmd_error("\"%s\" is no power cap, such as %s", text,
			  unit_samples(UNIT_POWER));
		return CMD_USAGE;
	}
	opt->power_cap_mw = (uint32_t)(uw / 1000);
	return CMD_OK;
}

static int take_option(struct replay_options *opt, int id)
{
	switch (id) {
	case 'd':
		return parse_device(opt, optarg);
	case 'w':
		return parse_workload(opt, optarg);
	case 'p':
		return parse_policy(opt, optarg);
	case 'b':
		return parse_share(optarg, &opt->budget_permille);
	case 't':
		return parse_duration(opt, optarg);
	case 'n':
		return parse_sensors(opt, optarg);
	case 'e':
		return parse_period(opt, optarg);
	case 'i':
		return parse_idle(opt, optarg);
	case 'l':
		return parse_idle_limit(optarg, "wake-up latency",
					&opt->idle_limits.max_wake_latency_us);
	case 'k':
		return parse_idle_limit(optarg, "break-even time",
					&opt->idle_limits.break_even_us);
	case 'C':
		return parse_cap(opt, optarg);
	case 'K':
		opt->cap_by_clock = true;
		return CMD_OK;
	case 'o':
		opt->out = optarg;
		return CMD_OK;
	case 'j':
		opt->json = true;
		return CMD_OK;
	default:
		return work_option(&opt->work, id, optarg);
	}
}

static int check(struct replay_options *opt)
{
	const char *missing = !opt->profile ? "--device" :
			      opt->kind == WORK_NR ? "--workload" : NULL;

	if (missing) {
		cmd_error("%s is missing; accelgov replay --help tells more",
			  missing);
		return CMD_USAGE;
	}
	if (work_check(&opt->work, opt->kind) ||
	    work_check_unused(&opt->work, work_has_requests(opt->kind)))
		return CMD_USAGE;
	if (!opt->sample_period_us && opt->sensors)
		opt->sample_period_us = opt->sensors->period_us;
	if (!opt->sample_period_us)
		opt->sample_period_us = PERIOD_US;
	if (opt->nr_policies == 1)
		add_policy(opt, &replay_accelgov);
	return -1;
}

int replay_parse(int argc, char **argv, struct replay_options *opt)
{
	int id, ret;

	add_policy(opt, &replay_performance);
	optind = 0;
	while ((id = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		if (id == 'h') {
			print_help();
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
	return check(opt);
}
