// SPDX-License-Identifier: GPL-2.0
/*
 * failnth - do something again and again, each time with another allocation failing
 *
 *	failnth [--from N] [--max N] [--step N] [--also ERRNO]... [--undo PATH=TEXT]
 *		OPERATION
 *
 *	write PATH TEXT          write TEXT into the file
 *	insmod FILE [PARAMETER]  load a module, and unload it when that worked
 *	proxy NAME GOVERNOR      make a device of userspace, and close it
 *	attach FILE              attach a policy in BPF that is loaded, and detach it
 *	load FILE                load one, too
 *	open PATH                open a file for reading and writing, read, close
 *
 * The first time the first allocation of this thread fails, then the second, and
 * so on (fail-nth of the kernel's fault injection), until the operation got to its
 * end without one. --undo writes a file after each time, --step leaves some out.
 *
 * Prints "allocations=N refused=N survived=N wrong=N". An operation that fails is
 * refused, one that works all the same survived: not everything that is allocated
 * is needed. Wrong is another error than ENOMEM, except for those that --also names
 * because somebody between us and the caller says them instead, and an operation that
 * still fails when nothing else does. Exits with 0 when nothing is wrong and at least
 * one allocation failed, 1 otherwise, 2 when it could not try.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <bpf/libbpf.h>
#include "policies.h"
#include "proxy.h"

#define FAIL_NTH	"/proc/thread-self/fail-nth"

/* The arguments of the operation, and what one time leaves for the next. */
struct job {
	int argc;
	char **argv;
	const char *undo_path;
	const char *undo_text;
	int fd;
	struct bpf_object *obj;
	struct bpf_link *link;
};

/**
 * struct operation - something that can be done
 * @name: on the command line
 * @args: how many arguments it takes at least
 * @prepare: what is done before, with nothing failing; 0 or a negative errno
 * @run: the operation; 0 or a negative errno
 * @undo: what is done after, whether it worked or not
 */
struct operation {
	const char *name;
	int args;
	int (*prepare)(struct job *j);
	int (*run)(struct job *j);
	void (*undo)(struct job *j, int err);
};

static void fail(const char *what)
{
	fprintf(stderr, "failnth: %s: %s\n", what, strerror(errno));
	exit(2);
}

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

/* Files are opened before: opening them is not what is tried. */
static int prepare_write(struct job *j)
{
	j->fd = open(j->argv[0], O_WRONLY | O_CLOEXEC);
	return j->fd < 0 ? -errno : 0;
}

static int run_write(struct job *j)
{
	return write(j->fd, j->argv[1], strlen(j->argv[1])) < 0 ? -errno : 0;
}

static void undo_fd(struct job *j, int err)
{
	if (j->fd >= 0)
		close(j->fd);
	j->fd = -1;
}

static int prepare_insmod(struct job *j)
{
	j->fd = open(j->argv[0], O_RDONLY | O_CLOEXEC);
	return j->fd < 0 ? -errno : 0;
}

static int run_insmod(struct job *j)
{
	const char *parameters = j->argc > 1 ? j->argv[1] : "";

	return syscall(SYS_finit_module, j->fd, parameters, 0) ? -errno : 0;
}

static void undo_insmod(struct job *j, int err)
{
	const char *slash = strrchr(j->argv[0], '/');
	char name[64];
	int tries;

	undo_fd(j, err);
	if (err)
		return;
	snprintf(name, sizeof(name), "%s", slash ? slash + 1 : j->argv[0]);
	*strchrnul(name, '.') = '\0';
	for (tries = 0; syscall(SYS_delete_module, name, O_NONBLOCK); tries++) {
		if (tries == 200)
			fail("delete_module");
		usleep(50000);
	}
}

static int run_proxy(struct job *j)
{
	struct accelgov_proxy_opp opps[] = {
		{ .khz = 200000, .power_mw = 5000 },
		{ .khz = 400000, .power_mw = 9000 },
	};
	struct accelgov_proxy_idle idle = {};
	struct accelgov_proxy_create c = {
		.opps = (uintptr_t)opps,
		.nr_opps = 2,
		.idle = (uintptr_t)&idle,
		.nr_idle = 1,
		.cap_max_mw = 10000,
		.cap_mw = 10000,
		.lease_ms = 60000,
	};

	snprintf(c.name, sizeof(c.name), "%s", j->argv[0]);
	snprintf(c.governor, sizeof(c.governor), "%s", j->argv[1]);
	return proxy_create(&c, &j->fd);
}

/* Once for all times: the verifier takes longer than all the rest. */
static int prepare_attach(struct job *j)
{
	if (j->obj)
		return 0;
	j->obj = bpf_object__open_file(j->argv[0], NULL);
	if (!j->obj)
		return -errno;
	return bpf_object__load(j->obj) ? -errno : 0;
}

static int run_attach(struct job *j)
{
	struct bpf_map *map = policies_ops(j->obj);

	j->link = map ? bpf_map__attach_struct_ops(map) : NULL;
	return j->link ? 0 : -errno;
}

static int prepare_load(struct job *j)
{
	j->obj = bpf_object__open_file(j->argv[0], NULL);
	return j->obj ? 0 : -errno;
}

/*
 * A policy calls functions of the module. When libbpf has no memory to open the types
 * that tell of them, it warns of ENOMEM, then answers EINVAL, as it does for whatever
 * keeps it from finding a function. The warning is what counts: without it, EINVAL is
 * as wrong as ever.
 */
static bool types_lacked_memory;

static int listen_to_libbpf(enum libbpf_print_level level, const char *format,
			    va_list args)
{
	char text[256], end[16];

	vsnprintf(text, sizeof(text), format, args);
	snprintf(end, sizeof(end), " FD: %d\n", -ENOMEM);
	if (strstr(text, "failed to get BTF object") && strstr(text, end))
		types_lacked_memory = true;
	return 0;
}

static int run_load(struct job *j)
{
	types_lacked_memory = false;
	if (bpf_object__load(j->obj))
		return errno == EINVAL && types_lacked_memory ? -ENOMEM : -errno;
	return run_attach(j);
}

static void undo_attach(struct job *j, int err)
{
	/* Its last reference may go later, and the next one would be refused. */
	if (j->link)
		bpf_link__detach(j->link);
	bpf_link__destroy(j->link);
	j->link = NULL;
}

static void undo_load(struct job *j, int err)
{
	undo_attach(j, err);
	bpf_object__close(j->obj);
	j->obj = NULL;
}

static int run_open(struct job *j)
{
	char buf[4096];

	j->fd = open(j->argv[0], O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (j->fd < 0)
		return -errno;
	if (read(j->fd, buf, sizeof(buf)) < 0 && errno == ENOMEM)
		return -ENOMEM;
	return 0;
}

static const struct operation operations[] = {
	{ "write", 2, prepare_write, run_write, undo_fd },
	{ "insmod", 1, prepare_insmod, run_insmod, undo_insmod },
	{ "proxy", 2, NULL, run_proxy, undo_fd },
	{ "attach", 1, prepare_attach, run_attach, undo_attach },
	{ "load", 1, prepare_load, run_load, undo_load },
	{ "open", 1, NULL, run_open, undo_fd },
};

static void set_nth(int fd, unsigned int nth)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", nth);

	if (pwrite(fd, text, len, 0) != len)
		fail(FAIL_NTH);
}

/* Return: how many allocations were still to come; 0 when one has failed. */
static unsigned int get_nth(int fd)
{
	char text[16] = "";

	if (pread(fd, text, sizeof(text) - 1, 0) <= 0)
		fail(FAIL_NTH);
	return strtoul(text, NULL, 10);
}

/* Other words for memory that is short. */
static int also[8];
static int nr_also;

static bool is_about_memory(int err)
{
	int i;

	for (i = 0; i < nr_also; i++)
		if (-err == also[i])
			return true;
	return err == -ENOMEM;
}

static bool add_also(const char *name)
{
	int err;

	/* The kernel has some that C has no name for. */
	if (atoi(name) > 0 && nr_also < 8) {
		also[nr_also++] = atoi(name);
		return true;
	}
	for (err = 1; err < 200; err++) {
		const char *this = strerrorname_np(err);

		if (this && !strcmp(this, name) && nr_also < 8) {
			also[nr_also++] = err;
			return true;
		}
	}
	return false;
}

struct totals {
	unsigned int allocations;
	unsigned int refused;
	unsigned int survived;
	unsigned int wrong;
};

/* Return: false when the operation came to its end without a failure. */
static bool once(const struct operation *o, struct job *j, int fd,
		 unsigned int nth, struct totals *t)
{
	int err = o->prepare ? o->prepare(j) : 0;
	bool hit;

	if (err) {
		errno = -err;
		fail("what comes before the operation");
	}
	set_nth(fd, nth);
	err = o->run(j);
	hit = !get_nth(fd);
	set_nth(fd, 0);
	o->undo(j, err);
	/* There may be nothing to undo. */
	if (j->undo_path)
		write_text(j->undo_path, j->undo_text);
	if (!hit) {
		if (err) {
			printf("nothing fails, and yet: %s\n", strerror(-err));
			t->wrong++;
		}
		return false;
	}
	t->allocations++;
	if (!err)
		t->survived++;
	else
		t->refused++;
	if (err && !is_about_memory(err)) {
		printf("allocation %u: %s (%d)\n", nth, strerror(-err), -err);
		t->wrong++;
	}
	return true;
}

static int iterate(const struct operation *o, struct job *j, unsigned int from,
		   unsigned int max, unsigned int step)
{
	struct totals t = {};
	unsigned int nth;
	bool more = true;
	int fd;

	fd = open(FAIL_NTH, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		fail(FAIL_NTH);
	for (nth = from; more && nth < max; nth += step)
		more = once(o, j, fd, nth, &t);
	if (more) {
		printf("no end after %u allocations\n", nth);
		t.wrong++;
	}
	printf("allocations=%u refused=%u survived=%u wrong=%u\n",
	       t.allocations, t.refused, t.survived, t.wrong);
	return t.wrong || !t.allocations;
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "from", required_argument, NULL, 'f' },
		{ "max", required_argument, NULL, 'm' },
		{ "step", required_argument, NULL, 's' },
		{ "undo", required_argument, NULL, 'u' },
		{ "also", required_argument, NULL, 'a' },
		{}
	};
	unsigned int from = 1, max = 20000, step = 1, i;
	struct job j = { .fd = -1 };
	int c;

	while ((c = getopt_long(argc, argv, "+", longs, NULL)) != -1) {
		if (c == 'f') {
			from = strtoul(optarg, NULL, 0);
		} else if (c == 'm') {
			max = strtoul(optarg, NULL, 0);
		} else if (c == 's') {
			step = strtoul(optarg, NULL, 0);
		} else if (c == 'a' && add_also(optarg)) {
			continue;
		} else if (c == 'u' && strchr(optarg, '=')) {
			j.undo_path = strsep(&optarg, "=");
			j.undo_text = optarg;
		} else {
			return 2;
		}
	}
	libbpf_set_print(listen_to_libbpf);
	for (i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		const struct operation *o = &operations[i];

		if (optind >= argc || strcmp(argv[optind], o->name))
			continue;
		j.argc = argc - optind - 1;
		j.argv = argv + optind + 1;
		if (j.argc >= o->args)
			return iterate(o, &j, from, max, step);
	}
	fprintf(stderr, "failnth: no such operation; see the source\n");
	return 2;
}
