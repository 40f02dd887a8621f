// SPDX-License-Identifier: GPL-2.0
/*
 * polctl - what tests do with policies besides accelgov policy
 *
 *	polctl cost FILE...          load each; print "FILE PROGRAM VERDICT INSNS":
 *	                             what the verifier said and went through; of one
 *	                             that is refused "FILE - refused 0", and end with 1;
 *	                             nothing of one that is loaded on some kernels only
 *	polctl swap COUNT FILE FILE  attach the first, swap both COUNT times, detach;
 *	                             print "swapped=N longest_us=N"
 *	polctl hold FILE             attach without a pin, print "ready", wait until
 *	                             the module detaches ("detached") or stdin ends
 *	polctl race FILE COUNT       attach and detach COUNT times, print how often it
 *	                             worked, how often somebody else was first
 *	                             ("won=N busy=N"); any other error ends it
 *
 * Exits with 0, 1 when the kernel refused something, 2 for bad usage.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "drmtrace.h"

static int fail(const char *what)
{
	fprintf(stderr, "polctl: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000ULL + ts.tv_nsec / 1000;
}

static struct bpf_object *load(const char *file)
{
	struct bpf_object *obj = bpf_object__open_file(file, NULL);

	if (!obj || bpf_object__load(obj))
		fail(file);
	return obj;
}

static struct bpf_map *policy_of(struct bpf_object *obj)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, obj)
		if (bpf_map__type(map) == BPF_MAP_TYPE_STRUCT_OPS)
			return map;
	errno = ENOENT;
	fail("no policy");
	return NULL;
}

static void cost_of(const char *name, struct bpf_program *prog)
{
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);

	if (bpf_prog_get_info_by_fd(bpf_program__fd(prog), &info, &len))
		fail("program");
	printf("%s %s accepted %u\n", name, bpf_program__name(prog),
	       info.verified_insns);
}

static bool is_there(const struct bpf_program *prog)
{
	const char *slash = strchr(bpf_program__section_name(prog), '/');

	return slash && libbpf_find_vmlinux_btf_id(slash + 1,
			bpf_program__expected_attach_type(prog)) > 0;
}

/* Programs for a function that only some kernels have are looked at where there is one. */
static void choose(struct bpf_object *obj)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, obj)
		if (bpf_program__type(prog) == BPF_PROG_TYPE_TRACING &&
		    !bpf_program__autoload(prog))
			bpf_program__set_autoload(prog, is_there(prog));
}

static int cost(char **files)
{
	int ret = 0;

	for (; *files; files++) {
		struct bpf_object *obj = bpf_object__open_file(*files, NULL);
		const char *slash = strrchr(*files, '/');
		const char *name = slash ? slash + 1 : *files;
		struct bpf_program *prog;

		if (!obj)
			fail(*files);
		choose(obj);
		if (drmtrace_prepare(obj) || bpf_object__load(obj)) {
			printf("%s - refused 0\n", name);
			ret = 1;
		} else {
			bpf_object__for_each_program(prog, obj)
				if (bpf_program__autoload(prog))
					cost_of(name, prog);
		}
		bpf_object__close(obj);
	}
	return ret;
}

static int swap(int count, const char *a, const char *b)
{
	struct bpf_object *obj[2] = { load(a), load(b) };
	struct bpf_map *map[2] = { policy_of(obj[0]), policy_of(obj[1]) };
	struct bpf_link *link = bpf_map__attach_struct_ops(map[0]);
	uint64_t start, took, longest = 0;
	int i;

	if (!link)
		fail("attach");
	for (i = 0; i < count; i++) {
		start = now_us();
		if (bpf_link__update_map(link, map[(i + 1) % 2]))
			fail("swap");
		took = now_us() - start;
		if (took > longest)
			longest = took;
	}
	printf("swapped=%d longest_us=%" PRIu64 "\n", i, longest);
	bpf_link__destroy(link);
	bpf_object__close(obj[0]);
	bpf_object__close(obj[1]);
	return 0;
}

static int hold(const char *file)
{
	struct bpf_object *obj = load(file);
	struct bpf_link *link = bpf_map__attach_struct_ops(policy_of(obj));
	struct pollfd p[2] = { { .fd = STDIN_FILENO, .events = POLLIN } };

	if (!link)
		fail("attach");
	p[1].fd = bpf_link__fd(link);
	puts("ready");
	fflush(stdout);
	while (poll(p, 2, -1) >= 0 && !p[0].revents && !p[1].revents)
		;
	puts(p[1].revents & POLLHUP ? "detached" : "over");
	bpf_link__destroy(link);
	bpf_object__close(obj);
	return 0;
}

static int race(const char *file, int count)
{
	struct bpf_object *obj = load(file);
	struct bpf_map *map = policy_of(obj);
	struct bpf_link *link;
	int won = 0, busy = 0;

	while (count--) {
		link = bpf_map__attach_struct_ops(map);
		if (!link && errno != EBUSY)
			fail("attach");
		if (!link) {
			busy++;
			continue;
		}
		won++;
		/* The last reference goes when the kernel gets to it. */
		bpf_link__detach(link);
		bpf_link__destroy(link);
	}
	printf("won=%d busy=%d\n", won, busy);
	bpf_object__close(obj);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "cost"))
		return cost(argv + 2);
	if (argc == 5 && !strcmp(argv[1], "swap"))
		return swap(atoi(argv[2]), argv[3], argv[4]);
	if (argc == 3 && !strcmp(argv[1], "hold"))
		return hold(argv[2]);
	if (argc == 4 && !strcmp(argv[1], "race"))
		return race(argv[2], atoi(argv[3]));
	fprintf(stderr, "usage: polctl cost|swap|hold|race ...; see the source\n");
	return 2;
}
