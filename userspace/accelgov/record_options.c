// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov record: the command line.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "record_cmd.h"
#include "units.h"

#define RATE_MIN_HZ	0.1
#define RATE_MAX_HZ	1000.0

static const char help[] =
"usage: accelgov record [options] [--] [COMMAND [ARG]...]\n"
"\n"
"Records the signals of accelerators, what is decided for them, and labels of who\n"
"knows what they do, to one file. Sets nothing, and needs no more rights than the\n"
"sensors do. Ends with COMMAND, else with --time or Ctrl-C.\n"
"\n"
"  --device D         record D, may be given often (default all that can be read;\n"
"                     accelgov devices lists them)\n"
"  --out FILE         file to write (default accelgov.rec)\n"
"  --force            overwrite FILE\n"
"  --rate HZ          samples per second (default 10, or as many as the device has;\n"
"                     100 for devfreq devices with counters)\n"
"  --time TIME        end after TIME, such as 60s\n"
"  --labels FILE      a file that labels are appended to, or a FIFO: a line for each\n"
"                     change, NAME or NAME TIME, TIME in ns of CLOCK_MONOTONIC; NAME\n"
"                     is a phase, such as decode, or - for none\n"
"  --root DIR         a recorded /sys and /proc instead of the live ones\n"
"\n"
"COMMAND finds a file for its labels in $ACCELGOV_LABELS:\n"
"\n"
"  accelgov record -- sh -c 'echo prefill >>$ACCELGOV_LABELS; ...'\n"
"\n"
"accelgov replay --recording FILE tells what the recording says, accelgov report\n"
"FILE --out PAGE draws it. The format is described in Documentation/record.rst.\n"
"\n"
"Exit codes: that of COMMAND where there is one (128 and the signal when one ended\n"
"it; 126, 127 when it can't be run); 0; 1 when the recording failed; 2 usage; 3 no\n"
"device can be recorded; 4 permission.\n";

static const struct option long_options[] = {
	{ "device", required_argument, NULL, 'd' },
	{ "out", required_argument, NULL, 'o' },
	{ "force", no_argument, NULL, 'f' },
	{ "rate", required_argument, NULL, 'r' },
	{ "time", required_argument, NULL, 't' },
	{ "labels", required_argument, NULL, 'l' },
	{ "root", required_argument, NULL, 'R' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static int add_device(struct record_options *opt, const char *name)
{
	uint32_t i;

	for (i = 0; i < opt->nr_devices; i++)
		if (!strcmp(opt->device[i], name))
			return CMD_OK;
	if (opt->nr_devices == RECORDING_DEVICES) {
		cmd_error("more than %d devices", RECORDING_DEVICES);
		return CMD_USAGE;
	}
	opt->device[opt->nr_devices++] = name;
	return CMD_OK;
}

static int parse_rate(struct record_options *opt, const char *text)
{
	char *end;
	double hz = strtod(text, &end);

	if (end == text || *end || !(hz >= RATE_MIN_HZ && hz <= RATE_MAX_HZ)) {
		cmd_error("\"%s\" is no rate from %g to %g samples per second",
			  text, RATE_MIN_HZ, RATE_MAX_HZ);
		return CMD_USAGE;
	}
	opt->period_us = (uint32_t)(1e6 / hz + 0.5);
	return CMD_OK;
}

static int parse_time(struct record_options *opt, const char *text)
{
	if (!unit_parse(UNIT_TIME, text, &opt->time_us) && opt->time_us > 0 &&
	    opt->time_us < INT64_MAX / 1000000)
		return CMD_OK;
	cmd_error("\"%s\" is no length of time, such as %s", text,
		  unit_samples(UNIT_TIME));
	return CMD_USAGE;
}

static int take_option(struct record_options *opt, int id)
{
	switch (id) {
	case 'd':
		return add_device(opt, optarg);
	case 'o':
		opt->out = optarg;
		return CMD_OK;
	case 'f':
		opt->force = true;
		return CMD_OK;
	case 'r':
		return parse_rate(opt, optarg);
	case 't':
		return parse_time(opt, optarg);
	case 'l':
		opt->labels = optarg;
		return CMD_OK;
	case 'R':
		opt->root = optarg;
		return CMD_OK;
	default:
		return cmd_usage();
	}
}

int record_parse(int argc, char **argv, struct record_options *opt)
{
	int id, ret;

	optind = 0;
	while ((id = getopt_long(argc, argv, "+h", long_options, NULL)) != -1) {
		if (id == 'h') {
			fputs(help, stdout);
			return CMD_OK;
		}
		ret = take_option(opt, id);
		if (ret)
			return ret;
	}
	if (optind < argc)
		opt->command = argv + optind;
	return -1;
}
