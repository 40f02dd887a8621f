// SPDX-License-Identifier: GPL-2.0
/*
 * launches - how long launching an empty CUDA kernel takes the process that does it
 *
 *	launches [--per-second N] [--seconds S]
 *
 * Bursts of 100 launches are timed, and waited for outside of that time. With
 * --per-second there are that many on average, else as many as go. Prints one line:
 *
 *	launches N ns_p10 N ns_p50 N ns_p90 N ns_mean N
 *
 * all per launch. Takes libcuda.so.1 as it is installed. Exit code: 0, 1 with the reason,
 * 2 for bad arguments, 3 without library or GPU.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BURST	100
#define ROOM	1000000

static const char usage[] = "usage: launches [--per-second N] [--seconds S]\n";

/* A kernel that does nothing, for any GPU since Maxwell. */
static const char ptx[] =
	".version 6.0\n.target sm_50\n.address_size 64\n"
	".visible .entry nothing()\n{\n\tret;\n}\n";

/* CUDA's driver interface, as its documentation has it; handles are pointers. */
static struct {
	int (*init)(unsigned int flags);
	int (*get)(int *device, int ordinal);
	int (*retain)(void **context, int device);
	int (*use)(void *context);
	int (*load)(void **module, const void *image);
	int (*function)(void **function, void *module, const char *name);
	int (*launch)(void *function, unsigned int gx, unsigned int gy, unsigned int gz,
		      unsigned int bx, unsigned int by, unsigned int bz,
		      unsigned int shared, void *stream, void **args, void **extra);
	int (*wait)(void);
} cu;

static const struct {
	const char *name;
	void *into;
} symbols[] = {
	{ "cuInit", &cu.init },
	{ "cuDeviceGet", &cu.get },
	{ "cuDevicePrimaryCtxRetain", &cu.retain },
	{ "cuCtxSetCurrent", &cu.use },
	{ "cuModuleLoadData", &cu.load },
	{ "cuModuleGetFunction", &cu.function },
	{ "cuLaunchKernel", &cu.launch },
	{ "cuCtxSynchronize", &cu.wait },
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static void *symbol(void *library, const char *name)
{
	void *found = dlsym(library, name);

	if (!found) {
		fprintf(stderr, "launches: no %s in libcuda.so.1\n", name);
		exit(3);
	}
	return found;
}

static void *prepare(void)
{
	void *library = dlopen("libcuda.so.1", RTLD_NOW), *found;
	void *context, *module, *function;
	int device, ret;
	size_t i;

	if (!library) {
		fprintf(stderr, "launches: %s\n", dlerror());
		exit(3);
	}
	for (i = 0; i < sizeof(symbols) / sizeof(*symbols); i++) {
		found = symbol(library, symbols[i].name);
		memcpy(symbols[i].into, &found, sizeof(found));
	}
	ret = cu.init(0);
	if (!ret)
		ret = cu.get(&device, 0);
	if (ret) {
		fprintf(stderr, "launches: no GPU, CUDA says %d\n", ret);
		exit(3);
	}
	ret = cu.retain(&context, device);
	if (!ret)
		ret = cu.use(context);
	if (!ret)
		ret = cu.load(&module, ptx);
	if (!ret)
		ret = cu.function(&function, module, "nothing");
	if (ret) {
		fprintf(stderr, "launches: the kernel was not made, CUDA says %d\n", ret);
		exit(1);
	}
	return function;
}

static uint64_t burst_ns(void *function)
{
	uint64_t from = now_ns(), to;
	int i, ret = 0;

	for (i = 0; i < BURST && !ret; i++)
		ret = cu.launch(function, 1, 1, 1, 1, 1, 1, 0, NULL, NULL, NULL);
	to = now_ns();
	if (!ret)
		ret = cu.wait();
	if (ret) {
		fprintf(stderr, "launches: CUDA says %d\n", ret);
		exit(1);
	}
	return to - from;
}

static int ascending(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void tell(uint32_t *ns, size_t nr)
{
	uint64_t sum = 0;
	size_t i;

	if (!nr)
		return;
	for (i = 0; i < nr; i++)
		sum += ns[i];
	qsort(ns, nr, sizeof(*ns), ascending);
	printf("launches %zu ns_p10 %u ns_p50 %u ns_p90 %u ns_mean %llu\n", nr * BURST,
	       ns[nr / 10], ns[nr / 2], ns[nr * 9 / 10],
	       (unsigned long long)(sum / nr));
}

/* Sleeps until the burst after @nr others is due. */
static void pace(uint64_t begin_ns, size_t nr, unsigned long per_second)
{
	uint64_t due = begin_ns + nr * BURST * 1000000000ULL / per_second;
	struct timespec at = { due / 1000000000, due % 1000000000 };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

static unsigned long number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text ? text : "", &end, 10);

	if (!text || !*text || *end || !value || value > 10000000) {
		fputs(usage, stderr);
		exit(2);
	}
	return value;
}

int main(int argc, char **argv)
{
	unsigned long per_second = 0, seconds = 5;
	uint64_t begin_ns;
	uint32_t *ns;
	size_t nr = 0;
	void *kernel;
	int i;

	for (i = 1; i < argc; i += 2) {
		if (!strcmp(argv[i], "--per-second")) {
			per_second = number(argv[i + 1]);
		} else if (!strcmp(argv[i], "--seconds")) {
			seconds = number(argv[i + 1]);
		} else {
			fputs(usage, stderr);
			return 2;
		}
	}
	ns = calloc(ROOM, sizeof(*ns));
	if (!ns)
		return 1;
	kernel = prepare();
	burst_ns(kernel);
	begin_ns = now_ns();
	while (nr < ROOM && now_ns() - begin_ns < seconds * 1000000000ULL) {
		ns[nr++] = burst_ns(kernel) / BURST;
		if (per_second)
			pace(begin_ns, nr, per_second);
	}
	tell(ns, nr);
	free(ns);
	return 0;
}
