/* SPDX-License-Identifier: GPL-2.0 */
/* Loading the test BPF programs, for every program that pushes samples. */
#ifndef ACCELGOV_SELFTESTS_LOAD_H
#define ACCELGOV_SELFTESTS_LOAD_H

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../bpf/push.h"

static inline void fail(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what,
		strerror(errno));
	exit(2);
}

/* Return: the loaded programs of push.bpf.c; without them the program ends. */
static inline struct bpf_object *load(void)
{
	const char *build = getenv("ACCELGOV_BUILD");
	struct bpf_object *obj;
	char path[4096];

	snprintf(path, sizeof(path), "%s/selftests/bpf/push.bpf.o",
		 build ? build : "build");
	obj = bpf_object__open_file(path, NULL);
	if (!obj)
		fail(path);
	if (bpf_object__load(obj))
		fail("the kernel refused the program");
	return obj;
}

static inline int prog_fd(struct bpf_object *obj, const char *name)
{
	struct bpf_program *prog = bpf_object__find_program_by_name(obj, name);

	if (!prog)
		fail(name);
	return bpf_program__fd(prog);
}

/* Return: what accelgov_push() said. */
static inline int push(int fd, struct push_call *call)
{
	/* What the program writes comes back in ctx_in. */
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = call,
		    .ctx_size_in = sizeof(*call));

	if (bpf_prog_test_run_opts(fd, &opts))
		fail("the program did not run");
	return call->ret;
}

#endif /* ACCELGOV_SELFTESTS_LOAD_H */
