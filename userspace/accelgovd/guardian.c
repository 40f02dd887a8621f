// SPDX-License-Identifier: GPL-2.0
/*
 * accelgovd - a process that puts accelerators back when the daemon can't
 *
 * It is the daemon's own program, started anew, so that it shares neither memory
 * nor open libraries with what may have gone wrong. It ignores the signals that
 * end a service: systemd sends them to what is left of a daemon that was killed,
 * and lets it finish.
 *
 * The record names the process that wrote it. A guardian touches nothing that
 * another daemon, started since, has recorded; a lock keeps the two apart.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backends/undo.h"
#include "guardian.h"
#include "log.h"
#include "state.h"

#define ARGUMENT "--guardian"

struct guardian {
	pid_t pid;
	int fd;
};

/* The daemon, as the guardian knows it. */
struct ward {
	int fd;
	pid_t pid;
	const char *state_path;
	uint32_t patience_ms;
};

static void start_image(int fd, const char *state_path, pid_t daemon)
{
	char fd_text[16], pid_text[16];

	snprintf(fd_text, sizeof(fd_text), "%d", fd);
	snprintf(pid_text, sizeof(pid_text), "%d", (int)daemon);
	execl("/proc/self/exe", "accelgovd", ARGUMENT, fd_text, pid_text,
	      state_path, NULL);
	_exit(127);
}

int guardian_start(const char *state_path, struct guardian **ret_guardian)
{
	struct guardian *g = calloc(1, sizeof(*g));
	pid_t daemon = getpid();
	int fds[2], ret;

	if (!g)
		return -ENOMEM;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds)) {
		ret = -errno;
		free(g);
		return ret;
	}
	g->fd = fds[0];
	g->pid = fork();
	if (!g->pid) {
		/* A copy without the flag; all else closes with exec. */
		start_image(dup(fds[1]), state_path, daemon);
	}
	ret = -errno;
	close(fds[1]);
	if (g->pid < 0) {
		close(fds[0]);
		free(g);
		return ret;
	}
	*ret_guardian = g;
	return 0;
}

bool guardian_beat(struct guardian *g, uint32_t patience_ms)
{
	return send(g->fd, &patience_ms, sizeof(patience_ms),
		    MSG_NOSIGNAL | MSG_DONTWAIT) > 0 || errno == EAGAIN;
}

struct guardian *guardian_free(struct guardian *g)
{
	if (!g)
		return NULL;
	close(g->fd);
	/* It ends by itself; a daemon that goes on must not keep a zombie. */
	waitpid(g->pid, NULL, WNOHANG);
	free(g);
	return NULL;
}

static void on_undone(void *arg, const struct state_accelerator *record,
		      enum undo_result result, int error)
{
	if (result == UNDO_DONE)
		log_notice("%s: put back as it was", record->name);
	else if (result == UNDO_FAILED)
		log_err("%s can't be put back as it was: %s", record->name,
			strerror(-error));
}

static void undo(const struct ward *ward, const struct state *state, bool died)
{
	struct sysfs sysfs;
	int ret;
	size_t i;

	if (sysfs_open(&sysfs, NULL))
		return;
	ret = accelerators_undo(&sysfs, state, on_undone, NULL);
	/* Of a daemon that lives the kernel's leases take care. */
	for (i = 0; died && i < state->nr_devices; i++)
		if (state_undo_device(&sysfs, &state->device[i], NULL, NULL))
			ret = -EIO;
	sysfs_close(&sysfs);
	/* What failed is left to accelgov restore. */
	if (died && !ret)
		unlink(ward->state_path);
}

static void act(const struct ward *ward, bool died)
{
	int lock = state_lock(ward->state_path);
	struct state state;

	if (!state_load(ward->state_path, &state)) {
		if (state.pid == ward->pid)
			undo(ward, &state, died);
		state_free(&state);
	}
	state_unlock(lock);
}

/* Return: false when the daemon is no more. */
static bool hear(struct ward *ward)
{
	uint32_t patience_ms;
	ssize_t len = read(ward->fd, &patience_ms, sizeof(patience_ms));

	if (len < 0 && errno == EINTR)
		return true;
	if (len != sizeof(patience_ms))
		return false;
	ward->patience_ms = patience_ms;
	return true;
}

static void watch(struct ward *ward)
{
	struct pollfd pollfd = { .fd = ward->fd, .events = POLLIN };
	int ret;

	do {
		ret = poll(&pollfd, 1, ward->patience_ms ?
				       (int)ward->patience_ms : -1);
		if (ret)
			continue;
		log_warn("accelgovd (pid %d) hangs: putting back what it set",
			 (int)ward->pid);
		act(ward, false);
		ward->patience_ms = 0;
	} while (ret <= 0 || hear(ward));
	act(ward, true);
}

bool guardian_main(int argc, char **argv, int *ret_code)
{
	struct ward ward = { 0 };

	if (argc != 5 || strcmp(argv[1], ARGUMENT))
		return false;
	ward.fd = atoi(argv[2]);
	ward.pid = atoi(argv[3]);
	ward.state_path = argv[4];
	log_init("accelgovd", false);
	prctl(PR_SET_NAME, "accelgovd-guard");
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	watch(&ward);
	*ret_code = EXIT_SUCCESS;
	return true;
}
