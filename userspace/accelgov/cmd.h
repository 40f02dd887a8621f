/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - the command line: its commands and what they share
 */
#ifndef ACCELGOV_CMD_H
#define ACCELGOV_CMD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "sysfs.h"

/**
 * enum exit_code - what every command ends with
 * @CMD_OK: done
 * @CMD_FAILURE: something went wrong, stderr says what
 * @CMD_USAGE: the command line was wrong, nothing was done
 * @CMD_UNSUPPORTED: this machine, kernel or device can't do that
 * @CMD_PERMISSION: more rights are needed
 * @CMD_NO_DAEMON: accelgovd does not run
 */
enum exit_code {
	CMD_OK,
	CMD_FAILURE,
	CMD_USAGE,
	CMD_UNSUPPORTED,
	CMD_PERMISSION,
	CMD_NO_DAEMON,
};

/**
 * struct cmd_options - options that most commands take
 * @root: recorded tree, NULL for the live system
 * @socket: of the daemon, NULL for the usual one
 * @state: daemon's record of changes
 * @json: write JSON
 * @force: do it although that may be unwise
 */
struct cmd_options {
	const char *root;
	const char *socket;
	const char *state;
	bool json;
	bool force;
};

/**
 * cmd_parse() - parse the common options, wherever they stand
 * @argc: of the command
 * @argv: of the command, @argv[0] is its name; operands end up at the end
 * @help: full help text, printed for --help and, with an error, in short
 * @options: filled
 *
 * Return: index of the first operand; negative when the command ends here, with
 * -1 - exit code.
 */
int cmd_parse(int argc, char **argv, const char *help,
	      struct cmd_options *options);

/**
 * cmd_open() - open the root that the options ask for
 * @options: parsed
 * @ret_sysfs: filled on success
 *
 * Return: %CMD_OK or the exit code, with a message on stderr.
 */
int cmd_open(const struct cmd_options *options, struct sysfs *ret_sysfs);

/**
 * cmd_begin() - cmd_parse() and cmd_open() for a command without operands
 * @argc: of the command
 * @argv: of the command
 * @help: full help text
 * @options: filled
 * @ret_sysfs: filled on success
 *
 * Return: -1 when the command is to go on, else an exit code.
 */
int cmd_begin(int argc, char **argv, const char *help,
	      struct cmd_options *options, struct sysfs *ret_sysfs);

/* Name of the command that runs. */
extern const char *command_name;

/**
 * cmd_error() - one line on stderr, starting with the command's name
 * @fmt: printf style, without a newline
 */
void cmd_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * cmd_usage() - say where help is
 *
 * Return: %CMD_USAGE.
 */
int cmd_usage(void);

/**
 * cmd_unknown() - there is no such thing, but one like it or these
 * @what: kind of thing
 * @text: what was asked for
 * @known: names that there are, with NULL behind the last
 *
 * Return: %CMD_USAGE.
 */
int cmd_unknown(const char *what, const char *text, const char *const *known);

/**
 * cmd_exit_code() - exit code for an error
 * @error: negative errno
 *
 * Return: %CMD_PERMISSION, %CMD_UNSUPPORTED or %CMD_FAILURE.
 */
int cmd_exit_code(int error);

/**
 * cmd_unwritten() - say that stdout could not be written, once
 * @error: negative errno
 *
 * Return: %CMD_FAILURE.
 */
int cmd_unwritten(int error);

/* Fills a file with what @arg holds; 0 or a negative errno. */
typedef int output_fill(FILE *f, const void *arg);

/**
 * output_file() - write a file
 * @path: of the file
 * @fill: what makes its text
 * @arg: of @fill
 *
 * Nothing is written when @fill fails. Complains by itself, as all of these do.
 *
 * Return: %CMD_OK or another exit code.
 */
int output_file(const char *path, output_fill *fill, const void *arg);

/**
 * output_check() - is a file that is to be written later likely to be written
 * @path: of the file
 *
 * For before the work, which takes its time.
 *
 * Return: %CMD_OK or another exit code.
 */
int output_check(const char *path);

/**
 * output_folder() - make a folder for files unless it is there
 * @path: of the folder
 *
 * Return: %CMD_OK or another exit code.
 */
int output_folder(const char *path);

/**
 * output_failed() - say that a file can't be written
 * @path: of the file
 * @error: negative errno
 *
 * Return: the exit code.
 */
int output_failed(const char *path, int error);

/**
 * cmd_print_json() - write a document to stdout and release it
 * @json: the document, NULL when memory ran out
 *
 * Return: %CMD_OK or %CMD_FAILURE.
 */
int cmd_print_json(json_t *json);

/**
 * json_reading() - a reading as JSON, null when unknown
 * @reading: the reading
 *
 * Return: a new reference.
 */
json_t *json_reading(struct reading reading);

/**
 * json_text() - text as JSON, null when empty
 * @text: the text
 *
 * Return: a new reference.
 */
json_t *json_text(const char *text);

/* Text attributes; all empty when stdout is no terminal or NO_COLOR is set. */
extern const char *style_bold, *style_good, *style_warn, *style_bad, *style_off;

/**
 * client_call() - ask the daemon
 * @socket: its path, NULL for the usual one
 * @method: what to ask
 * @ret_answer: set on success, a new reference
 *
 * Return: 0; -ECONNREFUSED when no daemon runs; -EBADMSG for an answer that is
 * none; another negative errno.
 */
int client_call(const char *socket, const char *method, json_t **ret_answer);

/**
 * client_request() - the same with arguments
 * @socket: its path, NULL for the usual one
 * @request: what to ask, stays the caller's
 * @ret_answer: set on success, a new reference
 *
 * Return: as client_call().
 */
int client_request(const char *socket, json_t *request, json_t **ret_answer);

/* The commands. Each gets its own name as argv[0] and returns an exit code. */
int cmd_status(int argc, char **argv);
int cmd_devices(int argc, char **argv);
int cmd_jobs(int argc, char **argv);
int cmd_policy(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_restore(int argc, char **argv);
int cmd_activate(int argc, char **argv);
int cmd_observe(int argc, char **argv);
int cmd_play(int argc, char **argv);
int cmd_record(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_calibrate(int argc, char **argv);
int cmd_report(int argc, char **argv);

#endif /* ACCELGOV_CMD_H */
