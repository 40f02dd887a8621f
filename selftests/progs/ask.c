// SPDX-License-Identifier: GPL-2.0
/*
 * ask - talk to the daemon's control socket, well or badly
 *
 *	ask SOCKET [TEXT...]		send each TEXT as a line, print the answers
 *	ask --raw SOCKET		send what stdin has, print the answers
 *	ask --idle N SOCKET		hold N silent connections, print "ready"
 *	ask --deaf N SOCKET		send N requests, take no answer, print "sent=N"
 *	ask --notify SOCKET		be systemd: print what arrives as notifications
 *
 * Answers are read until each TEXT has one, or the daemon hangs up; --raw waits
 * until nothing came for half a second.
 * Exits with 0, 1 when there is no daemon, 2 for a bad command line.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define REQUEST "{\"method\":\"status\"}\n"

static int dial(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address,
			      sizeof(address))) {
		fprintf(stderr, "ask: %s: %s\n", path, strerror(errno));
		exit(1);
	}
	return fd;
}

/* Up to @lines lines; a negative number means all that come. */
static void print_answers(int fd, int lines)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char buf[65536];
	ssize_t len, i;

	while (lines && poll(&p, 1, lines < 0 ? 500 : 5000) > 0) {
		len = recv(fd, buf, sizeof(buf), 0);
		if (len <= 0)
			return;
		fwrite(buf, 1, len, stdout);
		for (i = 0; i < len && lines > 0; i++)
			lines -= buf[i] == '\n';
	}
}

static void send_all(int fd, const char *text, size_t len)
{
	ssize_t done;

	/* A daemon that hangs up in the middle is an answer as well. */
	while (len && (done = send(fd, text, len, MSG_NOSIGNAL)) > 0) {
		text += done;
		len -= done;
	}
}

static int ask(const char *path, char **texts, int nr)
{
	int fd = dial(path);

	for (; *texts; texts++) {
		send_all(fd, *texts, strlen(*texts));
		send_all(fd, "\n", 1);
	}
	print_answers(fd, nr);
	return 0;
}

static int ask_raw(const char *path)
{
	char buf[4096];
	int fd = dial(path);
	size_t len;

	while ((len = fread(buf, 1, sizeof(buf), stdin)))
		send_all(fd, buf, len);
	print_answers(fd, -1);
	return 0;
}

static int hold(const char *path, int nr)
{
	while (nr-- > 0)
		dial(path);
	puts("ready");
	fflush(stdout);
	pause();
	return 0;
}

static int be_deaf(const char *path, int nr)
{
	int fd = dial(path), sent;

	for (sent = 0; sent < nr; sent++)
		if (send(fd, REQUEST, strlen(REQUEST),
			 MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			break;
	printf("sent=%d\n", sent);
	return 0;
}

static int be_systemd(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char buf[4096];
	ssize_t len;
	int fd;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address))) {
		fprintf(stderr, "ask: %s: %s\n", path, strerror(errno));
		return 1;
	}
	while ((len = recv(fd, buf, sizeof(buf), 0)) >= 0) {
		printf("%.*s\n", (int)len, buf);
		fflush(stdout);
	}
	return 1;
}

int main(int argc, char **argv)
{
	if (argc >= 2 && argv[1][0] != '-')
		return ask(argv[1], argv + 2, argc - 2);
	if (argc == 3 && !strcmp(argv[1], "--raw"))
		return ask_raw(argv[2]);
	if (argc == 3 && !strcmp(argv[1], "--notify"))
		return be_systemd(argv[2]);
	if (argc == 4 && !strcmp(argv[1], "--idle"))
		return hold(argv[3], atoi(argv[2]));
	if (argc == 4 && !strcmp(argv[1], "--deaf"))
		return be_deaf(argv[3], atoi(argv[2]));
	fputs("usage: ask [--raw | --idle N | --deaf N | --notify] SOCKET [TEXT...]\n",
	      stderr);
	return 2;
}
