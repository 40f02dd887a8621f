// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - the command line: choosing a command
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "suggest.h"
#include "textfile.h"

#define OUTPUT_BUFFER	(256 << 10)

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
	{ "status", cmd_status, "what governed devices do and what it saves" },
	{ "devices", cmd_devices, "all accelerators and what can be done with them" },
	{ "jobs", cmd_jobs, "whose energy it was: processes and cgroups" },
	{ "policy", cmd_policy, "what a governed device may do, and policies in BPF" },
	{ "doctor", cmd_doctor, "what this machine supports and what is missing" },
	{ "activate", cmd_activate, "let accelgov set clocks and power limits" },
	{ "observe", cmd_observe, "let it only tell what it would set" },
	{ "restore", cmd_restore, "undo what a daemon that crashed left behind" },
	{ "play", cmd_play, "run workloads on simulated accelerators" },
	{ "record", cmd_record, "record signals and decisions to a file" },
	{ "replay", cmd_replay, "run workloads under policies in simulated time" },
	{ "calibrate", cmd_calibrate, "fit a device profile to measurements, or show one" },
	{ "report", cmd_report, "turn results or recordings into a table or a page" },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void usage(FILE *to)
{
	size_t i;

	fputs("usage: accelgov COMMAND [options]\n\n"
	      "Accelerators that use the least energy their slowdown budget allows.\n\n",
	      to);
	for (i = 0; i < COMMANDS; i++)
		fprintf(to, "  %-9s %s\n", commands[i].name, commands[i].help);
	fputs("\n"
	      "accelgov help COMMAND, or accelgov COMMAND --help, tells more.\n"
	      "Exit codes: 0 ok, 1 failure, 2 usage, 3 not supported here, 4 permission,\n"
	      "5 accelgovd does not run.\n", to);
}

static const struct command *find(const char *name)
{
	const char *known[COMMANDS + 2] = { 0 };
	const char *near;
	size_t i;

	for (i = 0; i < COMMANDS; i++) {
		if (!strcmp(commands[i].name, name))
			return &commands[i];
		known[i] = commands[i].name;
	}
	known[i] = "help";
	near = suggest(name, known);
	fprintf(stderr, "accelgov: there is no command \"%s\"", name);
	if (near)
		fprintf(stderr, ", did you mean \"%s\"?\n", near);
	else
		fputs("; accelgov --help lists them\n", stderr);
	return NULL;
}

/*
 * What a command printed counts only when it was written. The C library forgets why a
 * write failed unless it was the last, so with a buffer this large most are.
 */
static void buffer_output(void)
{
	if (!isatty(STDOUT_FILENO))
		setvbuf(stdout, NULL, _IOFBF, OUTPUT_BUFFER);
}

static int finish(int ret)
{
	int error = textfile_flush(stdout);

	if (error)
		cmd_unwritten(error);
	return error && !ret ? CMD_FAILURE : ret;
}

static int start(const struct command *command, int argc, char **argv)
{
	char who[32];

	command_name = command->name;
	/* getopt_long() puts it in front of what it complains about. */
	snprintf(who, sizeof(who), "accelgov %s", command->name);
	argv[0] = who;
	return finish(command->run(argc, argv));
}

static int help(int argc, char **argv)
{
	const struct command *command;
	char *args[3] = { NULL, "--help", NULL };

	if (argc < 2) {
		usage(stdout);
		return finish(CMD_OK);
	}
	command = find(argv[1]);
	if (!command)
		return CMD_USAGE;
	args[0] = argv[1];
	return start(command, 2, args);
}

int main(int argc, char **argv)
{
	const struct command *command;

	buffer_output();
	if (argc < 2) {
		usage(stderr);
		return CMD_USAGE;
	}
	if (!strcmp(argv[1], "--version")) {
		puts("accelgov " ACCELGOV_VERSION);
		return finish(CMD_OK);
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return help(0, NULL);
	if (!strcmp(argv[1], "help"))
		return help(argc - 1, argv + 1);
	command = find(argv[1]);
	return command ? start(command, argc - 1, argv + 1) : CMD_USAGE;
}
