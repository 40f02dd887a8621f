// SPDX-License-Identifier: GPL-2.0
/*
 * nvmlcost - what each call of NVIDIA's management library takes
 *
 *	nvmlcost [--gap-ms N] [--times N]
 *
 * One line for each function that the back end calls in a reading, on the first GPU, with
 * N ms between calls (10 by default) as a program that samples has them: the time by the
 * wall, CPU time of the thread, and how many ioctl(2) it made. Reads only. Exit code: 0, 3
 * without library or GPU.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../../userspace/backends/nvml_api.h"

#define TIMES_MAX	1000

static unsigned long ioctls;

/* The library's calls end here, because it looks among the program's functions first. */
int ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	ioctls++;
	return syscall(SYS_ioctl, fd, request, arg);
}

static struct {
	struct nvml_calls call;
	struct nvml_device *gpu;
	struct nvml_sample *sample[2];
	struct nvml_gpm_metrics metrics;
} the;

static int clock_sm(void)
{
	uint32_t mhz;

	return the.call.clock(the.gpu, NVML_CLOCK_SM, &mhz);
}

static int field(uint32_t number)
{
	struct nvml_field_value value = { .field = number };
	int ret = the.call.fields(the.gpu, 1, &value);

	return ret ? ret : (int)value.ret;
}

static int power_instant(void)
{
	return field(NVML_FIELD_POWER_INSTANT);
}

static int power_average(void)
{
	return field(NVML_FIELD_POWER_AVERAGE);
}

static int energy(void)
{
	unsigned long long mj;

	return the.call.energy(the.gpu, &mj);
}

static int utilisation(void)
{
	struct nvml_utilization use;

	return the.call.utilization(the.gpu, &use);
}

static int reasons(void)
{
	unsigned long long mask;

	return the.call.reasons(the.gpu, &mask);
}

static int temperature(void)
{
	uint32_t celsius;

	return the.call.temperature(the.gpu, 0, &celsius);
}

static int memory(void)
{
	struct nvml_memory_v2 value = { .version = NVML_VERSION(struct nvml_memory_v2, 2) };

	return the.call.memory_v2(the.gpu, &value);
}

static int processes(void)
{
	struct nvml_process list[64];
	uint32_t nr = 64;

	return the.call.processes(the.gpu, &nr, list);
}

static int process_use(void)
{
	struct nvml_process_use list[64];
	uint32_t nr = 64;

	return the.call.process_use(the.gpu, list, &nr, 0);
}

static int gpm_sample(void)
{
	return the.call.gpm_sample(the.gpu, the.sample[1]);
}

static int metrics(const uint32_t *id, uint32_t nr)
{
	uint32_t i;

	the.metrics.version = NVML_GPM_METRICS_VERSION;
	the.metrics.nr = nr;
	the.metrics.sample1 = the.sample[0];
	the.metrics.sample2 = the.sample[1];
	for (i = 0; i < nr; i++)
		the.metrics.metric[i] = (struct nvml_gpm_metric){ .id = id[i] };
	return the.call.gpm_metrics(&the.metrics);
}

static int gpm_graphics(void)
{
	static const uint32_t id = NVML_METRIC_GRAPHICS_UTIL;

	return metrics(&id, 1);
}

static int gpm_others(void)
{
	static const uint32_t id[] = {
		NVML_METRIC_SM_UTIL, NVML_METRIC_TENSOR_UTIL, NVML_METRIC_DRAM_UTIL,
		NVML_METRIC_FP64_UTIL, NVML_METRIC_FP32_UTIL, NVML_METRIC_FP16_UTIL,
		NVML_METRIC_PCIE_TX, NVML_METRIC_PCIE_RX, NVML_METRIC_NVLINK_TX,
		NVML_METRIC_NVLINK_RX,
	};

	return metrics(id, sizeof(id) / sizeof(*id));
}

static const struct {
	const char *name;
	const char *symbol;
	void *into;
	int (*run)(void);
} calls[] = {
	{ "SM clock", "nvmlDeviceGetClockInfo", &the.call.clock, clock_sm },
	{ "power, instant", "nvmlDeviceGetFieldValues", &the.call.fields, power_instant },
	{ "power, average", "nvmlDeviceGetFieldValues", &the.call.fields, power_average },
	{ "energy", "nvmlDeviceGetTotalEnergyConsumption", &the.call.energy, energy },
	{ "utilisation", "nvmlDeviceGetUtilizationRates", &the.call.utilization, utilisation },
	{ "reasons", "nvmlDeviceGetCurrentClocksEventReasons", &the.call.reasons, reasons },
	{ "temperature", "nvmlDeviceGetTemperature", &the.call.temperature, temperature },
	{ "memory in use", "nvmlDeviceGetMemoryInfo_v2", &the.call.memory_v2, memory },
	{ "processes", "nvmlDeviceGetComputeRunningProcesses_v3", &the.call.processes,
	  processes },
	{ "what they used", "nvmlDeviceGetProcessUtilization", &the.call.process_use,
	  process_use },
	{ "GPM sample", "nvmlGpmSampleGet", &the.call.gpm_sample, gpm_sample },
	{ "GPM graphics engine", "nvmlGpmMetricsGet", &the.call.gpm_metrics, gpm_graphics },
	{ "GPM, ten others", "nvmlGpmMetricsGet", &the.call.gpm_metrics, gpm_others },
};

static double us(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static int ascending(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void measure(size_t which, unsigned long times, unsigned long gap_ms)
{
	static double wall[TIMES_MAX];
	double cpu = 0, from_cpu;
	unsigned long i;
	int ret = 0;

	ioctls = 0;
	for (i = 0; i < times; i++) {
		usleep(gap_ms * 1000);
		from_cpu = us(CLOCK_THREAD_CPUTIME_ID);
		wall[i] = us(CLOCK_MONOTONIC);
		ret = calls[which].run();
		wall[i] = us(CLOCK_MONOTONIC) - wall[i];
		cpu += us(CLOCK_THREAD_CPUTIME_ID) - from_cpu;
	}
	qsort(wall, times, sizeof(*wall), ascending);
	printf("%-22s %9.1f %9.1f %9.1f %9.2f %5d\n", calls[which].name, wall[times / 2],
	       wall[times * 9 / 10], cpu / times, (double)ioctls / times, ret);
}

static void *symbol(void *library, const char *name)
{
	void *found = dlsym(library, name);

	if (!found) {
		fprintf(stderr, "nvmlcost: no %s in libnvidia-ml.so.1\n", name);
		exit(3);
	}
	return found;
}

static void prepare(void)
{
	void *library = dlopen("libnvidia-ml.so.1", RTLD_NOW), *found;
	size_t i;

	if (!library) {
		fprintf(stderr, "nvmlcost: %s\n", dlerror());
		exit(3);
	}
	for (i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		found = symbol(library, calls[i].symbol);
		memcpy(calls[i].into, &found, sizeof(found));
	}
	found = symbol(library, "nvmlInit_v2");
	memcpy(&the.call.init, &found, sizeof(found));
	found = symbol(library, "nvmlDeviceGetHandleByIndex_v2");
	memcpy(&the.call.by_index, &found, sizeof(found));
	found = symbol(library, "nvmlGpmSampleAlloc");
	memcpy(&the.call.gpm_alloc, &found, sizeof(found));
	if (the.call.init() || the.call.by_index(0, &the.gpu)) {
		fputs("nvmlcost: no GPU\n", stderr);
		exit(3);
	}
	for (i = 0; i < 2; i++)
		if (the.call.gpm_alloc(&the.sample[i]) ||
		    the.call.gpm_sample(the.gpu, the.sample[i]) || usleep(250000))
			fputs("nvmlcost: no GPM\n", stderr);
}

int main(int argc, char **argv)
{
	unsigned long gap_ms = 10, times = 50;
	size_t i;
	int arg;

	for (arg = 1; arg + 1 < argc; arg += 2) {
		if (!strcmp(argv[arg], "--gap-ms"))
			gap_ms = strtoul(argv[arg + 1], NULL, 10);
		else if (!strcmp(argv[arg], "--times"))
			times = strtoul(argv[arg + 1], NULL, 10);
		else
			break;
	}
	if (arg != argc || !times || times > TIMES_MAX || gap_ms > 1000) {
		fputs("usage: nvmlcost [--gap-ms N] [--times N]\n", stderr);
		return 2;
	}
	prepare();
	printf("%-22s %9s %9s %9s %9s %5s\n", "call", "us p50", "us p90", "us CPU", "ioctls",
	       "error");
	for (i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		measure(i, times, gap_ms);
	return 0;
}
