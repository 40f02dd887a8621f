// SPDX-License-Identifier: GPL-2.0
/*
 * simload - give a simulated accelerator work and show what became of it
 *
 * One line per completion: cookie, wait before the start, wake-up part of it,
 * run time, best time (microseconds), energy (microjoules), label. Exit code:
 * 0, 1 with the error name on stderr, 2 for bad arguments.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "accelsim.h"

struct load {
	const char *device;
	unsigned long count;
	unsigned long gap_us;
	unsigned long hold_ms;
	unsigned long linger_ms;
	bool nonblock;
	bool quiet;
	struct accelsim_item item;
};

static const char usage[] =
	"usage: simload DEVICE [KEY=VALUE...]\n"
	"  ops= bytes= link_ns= host_ns= io_bytes= label= flags=   the item\n"
	"  count=N       how many of it (default 1; 0 only opens the device)\n"
	"  gap_us=N      pause after each completion; waits for each one\n"
	"  hold_ms=N     keep the device open before the first item\n"
	"  linger_ms=N   and after the last\n"
	"  nonblock=1    open with O_NONBLOCK: a full queue is an error\n"
	"  quiet=1       no line per completion\n";

static bool parse_item(struct accelsim_item *item, const char *key,
		       __u64 value)
{
	if (!strcmp(key, "ops"))
		item->ops = value;
	else if (!strcmp(key, "bytes"))
		item->bytes = value;
	else if (!strcmp(key, "link_ns"))
		item->link_ns = value;
	else if (!strcmp(key, "host_ns"))
		item->host_ns = value;
	else if (!strcmp(key, "io_bytes"))
		item->io_bytes = value;
	else if (!strcmp(key, "label"))
		item->label = value;
	else if (!strcmp(key, "flags"))
		item->flags = value;
	else
		return false;
	return true;
}

static bool parse_load(struct load *load, const char *key, __u64 value)
{
	if (!strcmp(key, "count"))
		load->count = value;
	else if (!strcmp(key, "gap_us"))
		load->gap_us = value;
	else if (!strcmp(key, "hold_ms"))
		load->hold_ms = value;
	else if (!strcmp(key, "linger_ms"))
		load->linger_ms = value;
	else if (!strcmp(key, "nonblock"))
		load->nonblock = value;
	else if (!strcmp(key, "quiet"))
		load->quiet = value;
	else
		return parse_item(&load->item, key, value);
	return true;
}

static bool parse(struct load *load, int argc, char **argv)
{
	char *equals, *end;
	__u64 value;
	int i;

	if (argc < 2)
		return false;
	load->device = argv[1];
	for (i = 2; i < argc; i++) {
		equals = strchr(argv[i], '=');
		if (!equals)
			return false;
		*equals = '\0';
		errno = 0;
		value = strtoull(equals + 1, &end, 0);
		if (errno || *end || end == equals + 1 ||
		    !parse_load(load, argv[i], value))
			return false;
	}
	return true;
}

static int fail(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerrorname_np(errno));
	return -1;
}

static void show(const struct accelsim_done *d)
{
	printf("%llu %llu %llu %llu %llu %llu %u\n", d->cookie,
	       (d->start_ns - d->submit_ns) / 1000, d->wake_ns / 1000,
	       (d->end_ns - d->start_ns) / 1000, d->ref_ns / 1000,
	       d->energy_uj, d->label);
	fflush(stdout);
}

static int take(int fd, const struct load *load)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	struct accelsim_done done;

	if (poll(&wait, 1, -1) < 0)
		return fail("poll");
	if (read(fd, &done, sizeof(done)) != sizeof(done))
		return fail("read");
	if (!load->quiet)
		show(&done);
	return 0;
}

/* Keeps the queue full without outrunning the completions. */
static int work(int fd, struct load *load)
{
	unsigned long sent = 0, got = 0;

	while (got < load->count) {
		while (sent < load->count && (sent == got || !load->gap_us) &&
		       (load->nonblock || sent - got < ACCELSIM_QUEUE_LEN)) {
			load->item.cookie = sent;
			if (write(fd, &load->item, sizeof(load->item)) < 0)
				return fail("write");
			sent++;
		}
		if (take(fd, load))
			return -1;
		got++;
		if (load->gap_us)
			usleep(load->gap_us);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct load load = { .count = 1 };
	int fd, ret;

	if (!parse(&load, argc, argv)) {
		fputs(usage, stderr);
		return 2;
	}
	fd = open(load.device, O_RDWR | (load.nonblock ? O_NONBLOCK : 0));
	if (fd < 0)
		return fail("open") ? 1 : 0;
	usleep(load.hold_ms * 1000);
	ret = work(fd, &load);
	if (!ret)
		usleep(load.linger_ms * 1000);
	close(fd);
	return ret ? 1 : 0;
}
