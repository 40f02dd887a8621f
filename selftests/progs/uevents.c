// SPDX-License-Identifier: GPL-2.0
/*
 * uevents - print what the kernel tells userspace about governed devices
 *
 *	uevents MS
 *
 * Listens for MS milliseconds and prints one line per event that has an
 * ACCELGOV_EVENT: "ACTION DEVPATH EVENT". Prints "ready" first.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* A message is "action@path", then strings KEY=value, each with its zero. */
static void print(const char *msg, ssize_t len)
{
	const char *action = "", *path = "", *event = NULL, *p;

	for (p = msg; p < msg + len; p += strlen(p) + 1) {
		if (!strncmp(p, "ACTION=", 7))
			action = p + 7;
		else if (!strncmp(p, "DEVPATH=", 8))
			path = p + 8;
		else if (!strncmp(p, "ACCELGOV_EVENT=", 15))
			event = p + 15;
	}
	if (event)
		printf("%s %s %s\n", action, path, event);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	int fd = socket(AF_NETLINK, SOCK_DGRAM, NETLINK_KOBJECT_UEVENT);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	long end;

	if (argc != 2) {
		fprintf(stderr, "usage: uevents MS\n");
		return 2;
	}
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		fprintf(stderr, "uevents: netlink: %s\n", strerror(errno));
		return 2;
	}
	puts("ready");
	fflush(stdout);
	end = now_ms() + atol(argv[1]);
	while (now_ms() < end) {
		char msg[8192];
		ssize_t len;

		if (poll(&p, 1, 50) <= 0)
			continue;
		len = recv(fd, msg, sizeof(msg) - 1, 0);
		if (len <= 0)
			continue;
		msg[len] = '\0';
		print(msg, len);
	}
	return 0;
}
