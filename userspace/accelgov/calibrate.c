// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov calibrate: profiles of devices.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "profile_input.h"

static const char help[] =
"usage: accelgov calibrate --show PROFILE\n"
"\n"
"Prints a device profile as text that can be edited and given to accelgov replay\n"
"--device FILE.\n"
"\n"
"  --show PROFILE     one of the simulator's profiles, such as h100-sxm, or a file\n";

static const struct option long_options[] = {
	{ "show", required_argument, NULL, 's' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static int show(const char *text)
{
	static struct profile_file pf;
	int ret = profile_input(text, &pf);

	if (ret)
		return ret;
	if (!profile_write(&pf, stdout))
		return CMD_OK;
	cmd_error("can't write the profile");
	return CMD_FAILURE;
}

int cmd_calibrate(int argc, char **argv)
{
	const char *profile = NULL;
	int id;

	optind = 0;
	while ((id = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		switch (id) {
		case 's':
			profile = optarg;
			break;
		case 'h':
			fputs(help, stdout);
			return CMD_OK;
		default:
			return cmd_usage();
		}
	}
	if (optind < argc) {
		cmd_error("\"%s\" is not an option", argv[optind]);
		return CMD_USAGE;
	}
	if (!profile) {
		cmd_error("--show is missing; accelgov calibrate --help tells more");
		return CMD_USAGE;
	}
	return show(profile);
}
