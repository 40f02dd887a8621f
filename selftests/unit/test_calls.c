// SPDX-License-Identifier: GPL-2.0
/*
 * Functions of vendors' libraries: which files are some, where functions lie in them,
 * files that are broken in every way, lines of /proc/PID/maps, cookies and budgets.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "callmap.h"
#include "elfsyms.h"
#include "procmaps.h"
#include "unit.h"

#define WANTED 3

static void want(struct elfsym *syms)
{
	syms[0] = (struct elfsym){ "cuLaunchKernel", 1 };
	syms[1] = (struct elfsym){ "cuNoSuchThing", 1 };
	syms[2] = (struct elfsym){ "cuCtxSynchronize", 1 };
}

static int open_fake(void)
{
	const char *build = getenv("ACCELGOV_BUILD");
	char path[512];

	snprintf(path, sizeof(path), "%s/selftests/fakes/libcuda.so.1",
		 build ? build : "build");
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* Return: a file in memory with the first @size bytes of the fake library. */
static int copy_fake(size_t size, char **ret_bytes)
{
	int from = open_fake(), fd = memfd_create("lib", MFD_CLOEXEC);
	char *bytes = malloc(size);

	if (from < 0 || fd < 0 || !bytes ||
	    pread(from, bytes, size, 0) != (ssize_t)size ||
	    pwrite(fd, bytes, size, 0) != (ssize_t)size)
		abort();
	close(from);
	*ret_bytes = bytes;
	return fd;
}

static size_t size_of_fake(void)
{
	int fd = open_fake();
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		abort();
	close(fd);
	return st.st_size;
}

TEST(functions_are_found)
{
	struct elfsym syms[WANTED];
	int fd = open_fake();

	ASSERT_TRUE(fd >= 0);
	want(syms);
	EXPECT_EQ(elfsyms_find(fd, syms, WANTED), 2);
	EXPECT_TRUE(syms[0].offset && syms[2].offset);
	EXPECT_EQ(syms[1].offset, 0);
	EXPECT_TRUE(syms[0].offset < size_of_fake());
	close(fd);
}

/* The daemon's own calibration relies on it: what is there is code. */
TEST(an_offset_is_the_function)
{
	struct elfsym syms[WANTED];
	unsigned char code[1];
	int fd = open_fake();

	want(syms);
	ASSERT_EQ(elfsyms_find(fd, syms, WANTED), 2);
	ASSERT_EQ(pread(fd, code, 1, syms[0].offset), 1);
#if defined(__x86_64__)
	/* push %rbp: it is compiled without optimization. */
	EXPECT_EQ(code[0], 0x55);
#endif
	close(fd);
}

TEST(no_library)
{
	struct elfsym syms[WANTED];
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	want(syms);
	EXPECT_EQ(elfsyms_find(fd, syms, WANTED), -ENOEXEC);
	EXPECT_EQ(syms[0].offset, 0);
	close(fd);
	/* A program that can't be moved has no functions for others. */
	fd = memfd_create("text", MFD_CLOEXEC);
	ASSERT_EQ(write(fd, "#!/bin/sh\n", 10), 10);
	EXPECT_EQ(elfsyms_find(fd, syms, WANTED), -ENOEXEC);
	close(fd);
	EXPECT_EQ(elfsyms_find(-1, syms, WANTED), -EBADF);
}

TEST(cut_off_anywhere)
{
	size_t size = size_of_fake(), len;
	struct elfsym syms[WANTED];
	char *bytes;
	int fd = copy_fake(size, &bytes), ret;

	for (len = size - 1; len > 97; len -= 97) {
		ASSERT_EQ(ftruncate(fd, len), 0);
		want(syms);
		ret = elfsyms_find(fd, syms, WANTED);
		EXPECT_TRUE(ret == -ENOEXEC || ret >= 0);
	}
	EXPECT_EQ(elfsyms_find(fd, syms, WANTED), -ENOEXEC);
	close(fd);
	free(bytes);
}

/* Each number of the headers made small, huge, and just wrong. */
TEST(any_byte_may_be_wrong)
{
	static const unsigned char wrong[] = { 0x00, 0x7f, 0xff };
	size_t size = size_of_fake(), at, i;
	struct elfsym syms[WANTED];
	char *bytes;
	int fd = copy_fake(size, &bytes), ret;

	for (at = 0; at < size; at += at < 4096 ? 1 : 13) {
		for (i = 0; i < sizeof(wrong); i++) {
			ASSERT_EQ(pwrite(fd, &wrong[i], 1, at), 1);
			want(syms);
			ret = elfsyms_find(fd, syms, WANTED);
			EXPECT_TRUE(ret == -ENOEXEC || ret == -ENOMEM ||
				    (ret >= 0 && ret <= WANTED));
		}
		ASSERT_EQ(pwrite(fd, bytes + at, 1, at), 1);
	}
	close(fd);
	free(bytes);
}

TEST(files_are_known_by_name)
{
	const struct callmap *map = callmap_find("/usr/lib/x86_64-linux-gnu/libcuda.so.550.54");

	ASSERT_TRUE(!!map);
	EXPECT_STREQ(map->name, "cuda");
	EXPECT_STREQ(callmap_find("/opt/rocm/lib/libamdhip64.so.6")->name, "hip");
	EXPECT_STREQ(callmap_find("libnccl.so.2")->name, "nccl");
	EXPECT_STREQ(callmap_find("/a/librccl.so")->name, "nccl");
	/* The rest of its last mapping says so. */
	EXPECT_STREQ(callmap_find("/a/libnccl.so.2 (deleted)")->name, "nccl");
	EXPECT_FALSE(callmap_find("/usr/lib/libcudart.so.12"));
	EXPECT_FALSE(callmap_find("/usr/lib/libcuda.sock"));
	EXPECT_FALSE(callmap_find("/usr/lib/libcuda.so.1/other"));
	EXPECT_FALSE(callmap_find(""));
}

static bool is_sound(const struct callmap *map)
{
	size_t i, j;

	for (i = 0; map->function[i].name; i++)
		for (j = 0; j < i; j++)
			if (!strcmp(map->function[i].name,
				    map->function[j].name))
				return false;
	return i && i <= CALLMAP_FUNCTIONS;
}

TEST(tables_are_sound)
{
	EXPECT_TRUE(is_sound(callmap_find("libcuda.so")));
	EXPECT_TRUE(is_sound(callmap_find("libamdhip64.so")));
	EXPECT_TRUE(is_sound(callmap_find("libnccl.so")));
}

TEST(a_cookie_holds_what_was_put_in)
{
	uint64_t cookie = CALLC_COOKIE(CALLC_COLLECTIVE, CALLC_REDUCE, 7, 8) |
			  CALLC_COOKIE_METER(CALLC_METER_OF(15, 2));

	EXPECT_EQ(CALLC_OP(cookie), CALLC_COLLECTIVE);
	EXPECT_EQ(CALLC_KIND(cookie), CALLC_REDUCE);
	EXPECT_EQ(CALLC_A(cookie), 7);
	EXPECT_EQ(CALLC_B(cookie), 8);
	EXPECT_EQ(CALLC_METER(cookie), 47);
	EXPECT_EQ(CALLC_LIB(cookie), 15);
	EXPECT_TRUE(CALLC_METER(cookie) < CALLC_METERS);
	EXPECT_FALSE(callmap_ends(cookie));
	EXPECT_TRUE(callmap_ends(CALLC_COOKIE(CALLC_SYNC_ALL, 0, 0, 0)));
	EXPECT_STREQ(callmap_what(CALLC_REDUCE), "reduce");
	EXPECT_FALSE(callmap_what(CALLC_NONE));
	EXPECT_FALSE(callmap_what(CALLC_WHATS));
}

TEST(a_budget_is_time_over_cost)
{
	/* 0.5 % of 2 s is 10 ms. */
	EXPECT_EQ(callmap_budget(2000000, 5, 1000), 10000);
	EXPECT_EQ(callmap_budget(2000000, 5, 0), 1000);
	EXPECT_EQ(callmap_budget(1, 1, 4000000000U), 1);
}

static bool parse(const char *text, struct procmap *map)
{
	static char line[256];

	snprintf(line, sizeof(line), "%s", text);
	return procmap_parse(line, map);
}

TEST(lines_of_maps)
{
	struct procmap map;

	ASSERT_TRUE(parse("7f0000001000-7f0000003000 r-xp 00001000 fe:00 123                        /usr/lib/lib cuda.so (deleted)\n",
			  &map));
	EXPECT_EQ(map.start, 0x7f0000001000);
	EXPECT_EQ(map.end, 0x7f0000003000);
	EXPECT_EQ(map.offset, 0x1000);
	EXPECT_TRUE(map.executable);
	EXPECT_STREQ(map.path, "/usr/lib/lib cuda.so (deleted)");
	ASSERT_TRUE(parse("1000-2000 r--p 00000000 fe:00 5 /x\n", &map));
	EXPECT_FALSE(map.executable);
	EXPECT_FALSE(parse("1000-2000 rw-p 00000000 00:00 0\n", &map));
	EXPECT_FALSE(parse("1000-2000 rw-p 00000000 00:00 0    [heap]\n", &map));
	EXPECT_FALSE(parse("2000-1000 r-xp 00000000 fe:00 5 /x\n", &map));
	EXPECT_FALSE(parse("", &map));
	EXPECT_FALSE(parse("nonsense", &map));
}
