// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov record: signals, decisions and labels of a run in one file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "record_cmd.h"

#define OUT	"accelgov.rec"

static int open_out(const struct record *r)
{
	const struct record_options *opt = &r->opt;
	int fd = open(opt->out, O_WRONLY | O_CREAT | O_CLOEXEC |
		      (opt->force ? O_TRUNC : O_EXCL), 0666);

	int error = errno;

	if (fd >= 0)
		return fd;
	if (error == EEXIST)
		cmd_error("%s is there already; --force overwrites it",
			  opt->out);
	else
		cmd_error("can't write %s: %s", opt->out, strerror(error));
	return -error;
}

/* Labels that were written already would be overwritten. */
static int check_labels(const struct record *r)
{
	struct stat out, labels;

	if (r->labels.fd < 0 || stat(r->opt.out, &out) ||
	    fstat(r->labels.fd, &labels) || out.st_dev != labels.st_dev ||
	    out.st_ino != labels.st_ino)
		return CMD_OK;
	cmd_error("%s is the file of the labels: record to another with --out",
		  r->opt.out);
	return CMD_USAGE;
}

/* A recorded tree tells of its own machine, as far as it does. */
static void describe(struct record *r)
{
	struct recording_head *h = &r->head;
	struct utsname name;

	strcpy(h->tool, ACCELGOV_VERSION);
	if (r->sysfs.live && !uname(&name)) {
		snprintf(h->host, sizeof(h->host), "%.63s", name.nodename);
		snprintf(h->kernel, sizeof(h->kernel), "%.64s", name.release);
		snprintf(h->machine, sizeof(h->machine), "%.15s", name.machine);
	} else {
		sysfs_read(&r->sysfs, h->host, sizeof(h->host),
			   "proc/sys/kernel/hostname");
		sysfs_read(&r->sysfs, h->kernel, sizeof(h->kernel),
			   "proc/sys/kernel/osrelease");
	}
	h->wall_s = time(NULL);
	h->start_ns = record_now_ns();
	h->nr_devices = r->nr;
}

static int create(struct record *r)
{
	struct recording_device *device = calloc(r->nr, sizeof(*device));
	int fd, ret;
	uint32_t i;

	if (!device) {
		cmd_error("out of memory");
		return CMD_FAILURE;
	}
	fd = open_out(r);
	if (fd < 0) {
		free(device);
		return cmd_exit_code(fd);
	}
	describe(r);
	for (i = 0; i < r->nr; i++)
		device[i] = r->source[i].info;
	ret = recording_create(fd, &r->head, device, &r->writer);
	free(device);
	if (!ret)
		return CMD_OK;
	cmd_error("can't write %s: %s", r->opt.out, strerror(-ret));
	return CMD_FAILURE;
}

static int run(struct record *r)
{
	int ret = record_find_sources(r);

	if (!ret)
		ret = record_labels_open(&r->labels, r->opt.labels,
					 r->opt.command);
	if (!ret)
		ret = check_labels(r);
	if (ret)
		return ret;
	record_trace_open(r);
	ret = create(r);
	if (ret)
		return ret;
	ret = record_loop(r);
	if (!r->writer)
		return ret;
	/* Nothing was recorded, so nothing is left behind. */
	recording_close(r->writer);
	if (!r->opt.force)
		unlink(r->opt.out);
	return ret;
}

int cmd_record(int argc, char **argv)
{
	static struct record r = {
		.opt = { .out = OUT },
		.labels = { .fd = -1, .watch = -1 },
	};
	struct cmd_options root = { 0 };
	int ret = record_parse(argc, argv, &r.opt);

	if (ret >= 0)
		return ret;
	root.root = r.opt.root;
	ret = cmd_open(&root, &r.sysfs);
	if (ret)
		return ret;
	ret = run(&r);
	record_labels_close(&r.labels);
	record_trace_close(&r);
	record_free_sources(&r);
	sysfs_close(&r.sysfs);
	return ret;
}
