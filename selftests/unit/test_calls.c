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
#include "probepoint.h"
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
	unsigned char code[8];
	int fd = open_fake();

	want(syms);
	ASSERT_EQ(elfsyms_find(fd, syms, WANTED), 2);
	ASSERT_EQ(pread(fd, code, sizeof(code), syms[0].offset), (ssize_t)sizeof(code));
#if defined(__x86_64__)
	/* endbr64, as it is asked for; push %rbp, as nothing is optimized. */
	EXPECT_EQ(memcmp(code, "\xf3\x0f\x1e\xfa\x55", 5), 0);
	EXPECT_EQ(probepoint_find(code, sizeof(code)).skip, 4);
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

#if defined(__x86_64__)
/* Return: where it is probed, -1 at its beginning and stepped. */
static int point(const char *code, size_t len)
{
	struct probepoint p = probepoint_find((const uint8_t *)code, len);

	EXPECT_TRUE(!p.stepped || !p.skip);
	return p.stepped ? -1 : (int)p.skip;
}

#define POINT(code)	point(code, sizeof(code) - 1)
#define ENDBR		"\xf3\x0f\x1e\xfa"
#define PUSH		"\x55"

TEST(what_the_kernel_does_is_probed)
{
	EXPECT_EQ(POINT(PUSH "\x48\x89\xe5"), 0);
	EXPECT_EQ(POINT("\x41\x57"), 0);
	EXPECT_EQ(POINT("\x90"), 0);
	EXPECT_EQ(POINT("\xe9\x00\x00\x00\x00"), 0);
	EXPECT_EQ(POINT("\x0f\x84\x00\x00\x00\x00"), 0);
	EXPECT_EQ(POINT(ENDBR PUSH), 4);
	EXPECT_EQ(POINT(ENDBR "\x41\x54"), 4);
	EXPECT_EQ(POINT(ENDBR "\xe9"), 4);
	/* mov %rdi,%rax; mov %r8d,%r12d; xor %eax,%eax; lea 1(%rip),%r10 */
	EXPECT_EQ(POINT("\x48\x89\xf8" PUSH), 3);
	EXPECT_EQ(POINT("\x45\x89\xc4" PUSH), 3);
	EXPECT_EQ(POINT("\x31\xc0" PUSH), 2);
	EXPECT_EQ(POINT("\x4c\x8d\x15\x01\x00\x00\x00" PUSH), 7);
	/* mov %rsi,%rbx written the other way round */
	EXPECT_EQ(POINT(ENDBR "\x48\x8b\xde" PUSH), 7);
}

TEST(what_is_not_known_is_not_passed)
{
	/* To arguments and the stack pointer: rdi, rsi, rdx, rcx, r8, r9, rsp. */
	EXPECT_EQ(POINT("\x48\x89\xc7" PUSH), -1);
	EXPECT_EQ(POINT("\x48\x89\xc6" PUSH), -1);
	EXPECT_EQ(POINT("\x48\x89\xc2" PUSH), -1);
	EXPECT_EQ(POINT("\x48\x89\xc1" PUSH), -1);
	EXPECT_EQ(POINT("\x49\x89\xc0" PUSH), -1);
	EXPECT_EQ(POINT("\x49\x89\xc1" PUSH), -1);
	EXPECT_EQ(POINT("\x48\x89\xc4" PUSH), -1);
	EXPECT_EQ(POINT("\x31\xd2" PUSH), -1);
	EXPECT_EQ(POINT("\x48\x8d\x35\x01\x00\x00\x00" PUSH), -1);
	/* Reads memory, which may fault; xor of two; sub $8,%rsp; a return. */
	EXPECT_EQ(POINT("\x48\x8b\x07" PUSH), -1);
	EXPECT_EQ(POINT("\x31\xd8" PUSH), -1);
	EXPECT_EQ(POINT("\x48\x83\xec\x08" PUSH), -1);
	EXPECT_EQ(POINT("\x31\xc0\xc3" PUSH), -1);
	/* A no-op of two bytes, xchg %eax,%r8d, push that 6.12 steps over. */
	EXPECT_EQ(POINT("\x66\x90"), -1);
	EXPECT_EQ(POINT("\x41\x90"), -1);
	EXPECT_EQ(POINT("\x48\x55"), -1);
	/* Cut off. */
	EXPECT_EQ(point("", 0), -1);
	EXPECT_EQ(POINT(ENDBR), -1);
	EXPECT_EQ(POINT("\xf3\x0f\x1e"), -1);
	EXPECT_EQ(POINT("\x48"), -1);
	EXPECT_EQ(POINT("\x48\x89"), -1);
	EXPECT_EQ(POINT("\x4c\x8d\x15\x01\x00"), -1);
	EXPECT_EQ(POINT(ENDBR "\x41"), -1);
}

TEST(any_code_is_looked_at)
{
	unsigned char code[PROBEPOINT_CODE + 8];
	struct probepoint p;
	unsigned int seed = 1;
	size_t i, k, len;

	for (i = 0; i < 100000; i++) {
		for (k = 0; k < sizeof(code); k++)
			code[k] = rand_r(&seed) >> 8;
		/* Most of it begins with something that is known. */
		if (i % 4)
			memcpy(code, ENDBR "\x48\x89\xf8", 7);
		len = rand_r(&seed) % (sizeof(code) + 1);
		p = probepoint_find(code, len);
		if (p.skip >= (len ? len : 1) || p.skip >= PROBEPOINT_CODE)
			EXPECT_EQ(p.skip, 0);
	}
}
#endif

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
