// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov report: results of accelgov play as a table or a page, recordings as one.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "recording_cmd.h"
#include "report/report.h"
#include "work_input.h"

static const char help[] =
"usage: accelgov report --results FILE [--series DIR] [--out FILE] [--json]\n"
"       accelgov report RECORDING --out FILE\n"
"\n"
"Shows what accelgov play found: as a table, or with --out as one HTML page\n"
"that needs nothing else. Of a recording (accelgov record) the page shows power,\n"
"clock and phases of each device.\n"
"\n"
"  --results FILE     results.json\n"
"  --series DIR       time series beside it (default: the folder of FILE);\n"
"                     runs without one get no chart\n"
"  --out FILE         write a page\n"
"  --json             print the results as JSON again, checked\n";

struct options {
	const char *recording;
	const char *results;
	const char *series;
	const char *out;
	bool json;
};

/* Returns -1 when the command is to go on, an exit code otherwise. */
static int check(int argc, char **argv, struct options *opt)
{
	if (optind < argc && !opt->results && !opt->json && !opt->series)
		opt->recording = argv[optind++];
	if (optind < argc) {
		cmd_error("\"%s\" is not an option", argv[optind]);
		return CMD_USAGE;
	}
	if (opt->recording && !opt->out) {
		cmd_error("--out is missing; accelgov replay --recording tells in words");
		return CMD_USAGE;
	}
	if (!opt->recording && !opt->results) {
		cmd_error("--results is missing, or a recording; accelgov report --help tells more");
		return CMD_USAGE;
	}
	return -1;
}

static int parse(int argc, char **argv, struct options *opt)
{
	static const struct option long_options[] = {
		{ "results", required_argument, NULL, 'r' },
		{ "series", required_argument, NULL, 's' },
		{ "out", required_argument, NULL, 'o' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	int id;

	optind = 0;
	while ((id = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		switch (id) {
		case 'r':
			opt->results = optarg;
			break;
		case 's':
			opt->series = optarg;
			break;
		case 'o':
			opt->out = optarg;
			break;
		case 'j':
			opt->json = true;
			break;
		case 'h':
			fputs(help, stdout);
			return CMD_OK;
		default:
			fputs("accelgov report --help tells more\n", stderr);
			return CMD_USAGE;
		}
	}
	return check(argc, argv, opt);
}

static int load_results(const char *path, struct results *ret)
{
	char why[160];
	FILE *f = fopen(path, "re");
	int r;

	if (!f) {
		cmd_error("can't read %s: %s", path, strerror(errno));
		return cmd_exit_code(-errno);
	}
	r = results_read(f, ret, why);
	fclose(f);
	if (!r)
		return CMD_OK;
	cmd_error("%s: %s", path, r == -EBADMSG ? why : strerror(-r));
	return CMD_FAILURE;
}

static int load_one(const char *dir, const struct result *run,
		    struct series *ret)
{
	char path[512], name[192];
	unsigned int line;
	FILE *f;
	int r;

	results_series_name(run, name, sizeof(name));
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "re");
	if (!f && errno == ENOENT) {
		cmd_error("no time series %s, its chart is left out", path);
		return CMD_OK;
	}
	if (!f) {
		cmd_error("can't read %s: %s", path, strerror(errno));
		return cmd_exit_code(-errno);
	}
	r = series_read(f, ret, &line);
	fclose(f);
	if (!r)
		return CMD_OK;
	if (r == -EBADMSG)
		cmd_error("%s:%u: no row of a time series", path, line);
	else
		cmd_error("%s: %s", path, strerror(-r));
	return CMD_FAILURE;
}

static char *series_dir(const struct options *opt)
{
	const char *slash;

	if (opt->series)
		return strdup(opt->series);
	slash = strrchr(opt->results, '/');
	if (!slash)
		return strdup(".");
	return strndup(opt->results, (size_t)(slash - opt->results) + 1);
}

static int load_series(const struct options *opt, const struct results *all,
		       struct series *series)
{
	char *dir = series_dir(opt);
	int ret = CMD_OK;

	if (!dir) {
		cmd_error("out of memory");
		return CMD_FAILURE;
	}
	for (size_t i = 0; !ret && i < all->nr; i++)
		ret = load_one(dir, &all->run[i], &series[i]);
	free(dir);
	return ret;
}

static int write_page(const struct options *opt, const struct results *all,
		      const struct series *series)
{
	struct report report = { all, series };

	return output_page(opt->out, &report);
}

static int make_page(const struct options *opt, const struct results *all)
{
	struct series *series = calloc(all->nr, sizeof(*series));
	int ret;

	if (!series) {
		cmd_error("out of memory");
		return CMD_FAILURE;
	}
	ret = load_series(opt, all, series);
	if (!ret)
		ret = write_page(opt, all, series);
	for (size_t i = 0; i < all->nr; i++)
		series_free(&series[i]);
	free(series);
	return ret;
}

int cmd_report(int argc, char **argv)
{
	struct options opt = { 0 };
	struct results all;
	int ret = parse(argc, argv, &opt);

	if (ret >= 0)
		return ret;
	if (opt.recording)
		return report_recording(opt.recording, opt.out);
	ret = opt.out ? output_check(opt.out) : CMD_OK;
	if (!ret)
		ret = load_results(opt.results, &all);
	if (ret)
		return ret;
	if (opt.json || !opt.out)
		ret = output_results(NULL, &all, opt.json);
	if (!ret && opt.out)
		ret = make_page(&opt, &all);
	results_free(&all);
	return ret;
}
