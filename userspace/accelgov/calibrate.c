// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov calibrate: profiles of devices from measurements.
 */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "calibrate.h"
#include "cmd.h"
#include "profile_input.h"
#include "textfile.h"
#include "units.h"

#define USUAL_BASE	"a100-sxm"
#define FILE_MAX	(64 << 20)

static const char help[] =
"usage: accelgov calibrate --sweep FILE.csv [options]\n"
"       accelgov calibrate --device DEVICE [options]\n"
"       accelgov calibrate --show PROFILE\n"
"\n"
"Fits a device profile to time and energy that were measured at locked clocks, and\n"
"says how well it fits. The profile is text; accelgov replay --device FILE uses it.\n"
"\n"
"  --sweep FILE       measurements with a header such as\n"
"                     stage,instruction,frequency,time,energy\n"
"  --device DEVICE    measure on this devfreq device: its clock is stepped down\n"
"                     under the steady load that runs on it, and put back\n"
"  --duration TIME    so long (default 60s)\n"
"  --max-slowdown SHARE  go no lower than a clock that slows the load down by more\n"
"                     (default 60%)\n"
"  --limits FILE      measurements under power limits, with a column power_limit\n"
"  --base PROFILE     what is not measured comes from this profile (default\n"
"                     a100-sxm), and where the sweep can't tell, from it too\n"
"  --name NAME        of the new profile (default: from a file's name)\n"
"  --out FILE         write the profile\n"
"  --plot FILE        write a picture of measurements and fit, SVG\n"
"  --json             print JSON instead of a table\n"
"  --show PROFILE     print a profile as text: one of the simulator's, such as\n"
"                     h100-sxm, or a file\n"
"\n"
"Formats and method are in Documentation/calibrate.rst.\n";

static const struct option long_options[] = {
	{ "show", required_argument, NULL, 's' },
	{ "sweep", required_argument, NULL, 'w' },
	{ "device", required_argument, NULL, 'd' },
	{ "duration", required_argument, NULL, 't' },
	{ "max-slowdown", required_argument, NULL, 'm' },
	{ "limits", required_argument, NULL, 'l' },
	{ "base", required_argument, NULL, 'b' },
	{ "name", required_argument, NULL, 'n' },
	{ "out", required_argument, NULL, 'o' },
	{ "plot", required_argument, NULL, 'p' },
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static int show(const char *text)
{
	static struct profile_file pf;
	int ret = profile_input(text, &pf);

	if (ret)
		return ret;
	ret = profile_write(&pf, stdout);
	return ret ? cmd_unwritten(ret) : CMD_OK;
}

static int read_sweep(const char *path, enum sweep_kind kind,
		      struct sweep *ret)
{
	struct sweep_error err = { 0 };
	char *text = NULL;
	size_t len = 0;
	int r = textfile_read(path, FILE_MAX, &text, &len);

	if (r) {
		cmd_error("can't read %s: %s", path, textfile_error(r));
		return cmd_exit_code(r);
	}
	r = sweep_parse(text, len, kind, ret, &err);
	free(text);
	if (r == -EINVAL && err.line)
		cmd_error("%s:%u: %s", path, err.line, err.reason);
	else if (r)
		cmd_error("%s: %s", path,
			  r == -EINVAL ? err.reason : strerror(-r));
	return r ? CMD_FAILURE : CMD_OK;
}

/* A file's name without folder and ending, in letters that a profile takes. */
static void name_from(const char *path, char name[PROFILE_NAME_LEN])
{
	const char *slash = strrchr(path, '/');
	size_t n = 0;

	for (path = slash ? slash + 1 : path; *path; path++) {
		unsigned char c = (unsigned char)tolower((unsigned char)*path);

		if (!strcmp(path, ".csv") || !strcmp(path, ".ini") ||
		    n == PROFILE_NAME_LEN - 1)
			break;
		name[n++] = isalnum(c) || c == '.' ? (char)c : '-';
	}
	name[n] = '\0';
	if (!n)
		strcpy(name, "device");
}

static const char *last_part(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash ? slash + 1 : path;
}

const char *calibrate_source(const struct calibrate *c)
{
	return c->sweep_path ? last_part(c->sweep_path) : c->device;
}

static void today(char *date, size_t size)
{
	time_t now = time(NULL);
	struct tm tm;

	if (!gmtime_r(&now, &tm) || !strftime(date, size, "%Y-%m-%d", &tm))
		snprintf(date, size, "an unknown day");
}

static int fit(struct calibrate *c)
{
	char name[PROFILE_NAME_LEN], why[200] = "", date[32];
	const struct fit_origin origin = {
		.source = calibrate_source(c),
		.limits = last_part(c->limits_path),
		.date = date,
	};
	int r = fit_sweep(&c->sweep, c->limits_path ? &c->limits : NULL,
			  &c->base.p, c->base_text, &c->fit);

	if (r == -ENODATA)
		return calibrate_refusal(c);
	if (r) {
		cmd_error("%s", strerror(-r));
		return CMD_FAILURE;
	}
	today(date, sizeof(date));
	name_from(c->out ? c->out : calibrate_source(c), name);
	if (!fit_profile(&c->fit, &c->sweep, &c->base, c->base_text,
			 c->name ? c->name : name, &origin, &c->profile, why)) {
		cmd_error("%s makes no profile: %s", calibrate_source(c), why);
		return CMD_FAILURE;
	}
	return calibrate_output(c);
}

static int run(struct calibrate *c)
{
	int ret = profile_input(c->base_text ? c->base_text : USUAL_BASE,
				&c->base);

	if (!ret && c->out)
		ret = output_check(c->out);
	if (!ret && c->plot)
		ret = output_check(c->plot);
	if (!ret && c->limits_path)
		ret = read_sweep(c->limits_path, SWEEP_LIMIT, &c->limits);
	if (!ret && c->sweep_path)
		ret = read_sweep(c->sweep_path, SWEEP_CLOCK, &c->sweep);
	else if (!ret)
		ret = calibrate_live(c);
	if (!ret)
		ret = fit(c);
	sweep_free(&c->sweep);
	sweep_free(&c->limits);
	return ret;
}

static int parse_duration(struct calibrate *c, const char *text)
{
	int64_t us;

	if (unit_parse(UNIT_TIME, text, &us) || us < 10000000 ||
	    us > 3600000000LL) {
		cmd_error("\"%s\" is no duration from 10 s to 60 min", text);
		return CMD_USAGE;
	}
	c->duration_ns = (uint64_t)us * 1000;
	c->duration_given = true;
	return -1;
}

static int parse_slowdown(struct calibrate *c, const char *text)
{
	int64_t permille;

	if (unit_parse(UNIT_SHARE, text, &permille) || permille <= 0 ||
	    permille > 10000) {
		cmd_error("\"%s\" is no slowdown above 0, such as 50%%", text);
		return CMD_USAGE;
	}
	c->max_slowdown = permille / 1000.0;
	c->slowdown_given = true;
	return -1;
}

/* Returns -1 when the command is to go on, an exit code otherwise. */
static int take_option(struct calibrate *c, int id)
{
	switch (id) {
	case 's':
		c->show = optarg;
		return -1;
	case 'w':
		c->sweep_path = optarg;
		return -1;
	case 'd':
		c->device = optarg;
		return -1;
	case 't':
		return parse_duration(c, optarg);
	case 'm':
		return parse_slowdown(c, optarg);
	case 'l':
		c->limits_path = optarg;
		return -1;
	case 'b':
		c->base_text = optarg;
		return -1;
	case 'n':
		c->name = optarg;
		return -1;
	case 'o':
		c->out = optarg;
		return -1;
	case 'p':
		c->plot = optarg;
		return -1;
	case 'j':
		c->json = true;
		return -1;
	case 'h':
		fputs(help, stdout);
		return CMD_OK;
	default:
		return cmd_usage();
	}
}

/* What was asked for and has no meaning here. */
static int check_unused(const struct calibrate *c)
{
	const char *unused = c->limits_path ? "--limits" :
			     c->base_text ? "--base" :
			     c->name ? "--name" : c->out ? "--out" :
			     c->plot ? "--plot" : c->json ? "--json" : NULL;

	if (c->show && unused) {
		cmd_error("--show prints a profile as text and does nothing else: %s is for --sweep and --device",
			  unused);
		return CMD_USAGE;
	}
	unused = c->duration_given ? "--duration" :
		 c->slowdown_given ? "--max-slowdown" : NULL;
	if (unused && !c->device) {
		cmd_error("%s is for measuring on a device, --device", unused);
		return CMD_USAGE;
	}
	return CMD_OK;
}

static int check(const struct calibrate *c)
{
	static struct profile_file probe;

	int jobs = !!c->show + !!c->sweep_path + !!c->device;

	if (jobs != 1) {
		cmd_error(jobs ? "--sweep, --device and --show exclude each other" :
			  "--sweep, --device or --show is missing; accelgov calibrate --help tells more");
		return CMD_USAGE;
	}
	if (check_unused(c))
		return CMD_USAGE;
	if (c->name && !profile_rename(&probe, c->name)) {
		cmd_error("\"%s\" is no name of a profile: a-z, 0-9, \".\" and \"-\", %d at most",
			  c->name, PROFILE_NAME_LEN - 1);
		return CMD_USAGE;
	}
	return CMD_OK;
}

int cmd_calibrate(int argc, char **argv)
{
	static struct calibrate c = {
		.duration_ns = 60000000000ULL,
		.max_slowdown = 0.6,
	};
	int id, ret;

	optind = 0;
	while ((id = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		ret = take_option(&c, id);
		if (ret >= 0)
			return ret;
	}
	if (optind < argc) {
		cmd_error("\"%s\" is not an option", argv[optind]);
		return CMD_USAGE;
	}
	ret = check(&c);
	if (ret)
		return ret;
	return c.show ? show(c.show) : run(&c);
}
