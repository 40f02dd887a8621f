// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - what the commands share
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "state.h"
#include "suggest.h"
#include "textfile.h"

const char *style_bold = "", *style_good = "", *style_warn = "";
const char *style_bad = "", *style_off = "";

const char *command_name = "";

static const struct option long_options[] = {
	{ "root", required_argument, NULL, 'r' },
	{ "socket", required_argument, NULL, 's' },
	{ "state", required_argument, NULL, 't' },
	{ "json", no_argument, NULL, 'j' },
	{ "force", no_argument, NULL, 'f' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static void set_styles(void)
{
	const char *no_color = getenv("NO_COLOR");

	if ((no_color && *no_color) || !isatty(STDOUT_FILENO))
		return;
	style_bold = "\033[1m";
	style_good = "\033[32m";
	style_warn = "\033[33m";
	style_bad = "\033[31m";
	style_off = "\033[0m";
}

int cmd_parse(int argc, char **argv, const char *help,
	      struct cmd_options *options)
{
	struct cmd_options o = { .state = STATE_PATH };
	int c;

	optind = 0;
	while ((c = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		switch (c) {
		case 'r':
			o.root = optarg;
			break;
		case 's':
			o.socket = optarg;
			break;
		case 't':
			o.state = optarg;
			break;
		case 'j':
			o.json = true;
			break;
		case 'f':
			o.force = true;
			break;
		case 'h':
			fputs(help, stdout);
			return -1 - CMD_OK;
		default:
			fprintf(stderr, "%.*s\n", (int)strcspn(help, "\n"),
				help);
			return -1 - CMD_USAGE;
		}
	}
	set_styles();
	*options = o;
	return optind;
}

void cmd_error(const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "accelgov%s%s: ", *command_name ? " " : "",
		command_name);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

int cmd_usage(void)
{
	fprintf(stderr, "accelgov %s --help tells more\n", command_name);
	return CMD_USAGE;
}

int cmd_unknown(const char *what, const char *text, const char *const *known)
{
	const char *near = suggest(text, known);

	if (near) {
		cmd_error("there is no %s \"%s\", did you mean \"%s\"?", what,
			  text, near);
		return CMD_USAGE;
	}
	cmd_error("there is no %s \"%s\", but these:", what, text);
	for (; *known; known++)
		fprintf(stderr, "  %s\n", *known);
	return CMD_USAGE;
}

int cmd_open(const struct cmd_options *options, struct sysfs *ret_sysfs)
{
	int ret = sysfs_open(ret_sysfs, options->root);

	if (!ret)
		return CMD_OK;
	cmd_error("can't open %s: %s", options->root ? options->root : "/",
		  strerror(-ret));
	return cmd_exit_code(ret);
}

int cmd_begin(int argc, char **argv, const char *help,
	      struct cmd_options *options, struct sysfs *ret_sysfs)
{
	int first = cmd_parse(argc, argv, help, options), ret;

	if (first < 0)
		return -1 - first;
	if (first < argc) {
		cmd_error("\"%s\" is not an option", argv[first]);
		return CMD_USAGE;
	}
	ret = cmd_open(options, ret_sysfs);
	return ret ? ret : -1;
}

int cmd_exit_code(int error)
{
	switch (error) {
	case -EACCES:
	case -EPERM:
		return CMD_PERMISSION;
	case -ENODEV:
	case -EOPNOTSUPP:
		return CMD_UNSUPPORTED;
	default:
		return CMD_FAILURE;
	}
}

int cmd_unwritten(int error)
{
	static bool told;

	if (!told)
		cmd_error("can't write the result: %s", strerror(-error));
	told = true;
	return CMD_FAILURE;
}

int cmd_print_json(json_t *json)
{
	char *text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;
	int ret = -ENOMEM;

	json_decref(json);
	if (text)
		ret = puts(text) == EOF ? -errno : textfile_flush(stdout);
	free(text);
	return ret ? cmd_unwritten(ret) : CMD_OK;
}

json_t *json_reading(struct reading reading)
{
	return reading.known ? json_integer(reading.value) : json_null();
}

json_t *json_text(const char *text)
{
	return text[0] ? json_string(text) : json_null();
}
