// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov record: the command that is recorded.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "cmd.h"
#include "record_cmd.h"

/* As env(1) and nice(1) have it. */
#define CODE_CANNOT_RUN	126
#define CODE_NOT_FOUND	127
#define CODE_SIGNAL	128

extern char **environ;

/* Signals are blocked here, not there. */
static int spawn(struct record *r)
{
	posix_spawnattr_t attr;
	sigset_t none;
	int ret;

	ret = posix_spawnattr_init(&attr);
	if (ret)
		return ret;
	sigemptyset(&none);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	ret = posix_spawnp(&r->pid, r->opt.command[0], NULL, &attr,
			   r->opt.command, environ);
	posix_spawnattr_destroy(&attr);
	return ret;
}

int record_child_start(struct record *r)
{
	int ret;

	if (!r->opt.command)
		return CMD_OK;
	if (r->labels.path[0])
		setenv(RECORD_LABELS_ENV, r->labels.path, 1);
	ret = spawn(r);
	if (!ret)
		return CMD_OK;
	r->pid = 0;
	cmd_error("can't run %s: %s", r->opt.command[0], strerror(ret));
	return ret == ENOENT ? CODE_NOT_FOUND : CODE_CANNOT_RUN;
}

int record_child_code(const struct record *r)
{
	/* Left alone, by somebody who asked twice. */
	if (!r->exited)
		return CODE_SIGNAL + r->signo;
	if (WIFSIGNALED(r->status))
		return CODE_SIGNAL + WTERMSIG(r->status);
	return WEXITSTATUS(r->status);
}
