/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For tests of the NVIDIA back end: a library that is played from a file
 *
 * The fake is loaded first. The back end's dlopen("libnvidia-ml.so.1") gets it then,
 * as it has that name.
 */
#ifndef UNIT_NVML_FAKE_H
#define UNIT_NVML_FAKE_H

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <time.h>
#include <unistd.h>

#include "backends/nvml.h"
#include "unit.h"

/* Steady on a machine that is busy otherwise. */
#define PATIENCE_MS	60000

#define H100 \
	"[gpu]\n" \
	"uuid=GPU-1\n" \
	"bus=0000:3b:00.0\n" \
	"name=NVIDIA H100 80GB HBM3\n" \
	"arch=9\n" \
	"clocks=345-1980/15\n" \
	"mem_clocks=2619 1593\n" \
	"sm_mhz=1980\n" \
	"mem_mhz=2619\n" \
	"util_gpu=100\n" \
	"util_mem=40\n" \
	"power_mw=629000\n" \
	"power_average_mw=630100\n" \
	"energy_mj=5000\n" \
	"temp_c=59\n" \
	"mem_total_mib=81559\n" \
	"mem_reserved_mib=479\n" \
	"mem_used_mib=19818\n" \
	"reasons=4\n" \
	"processes=3\n" \
	"cap_mw=700000\n" \
	"cap_min_mw=200000\n" \
	"cap_max_mw=700000\n" \
	"nvlink=18:26562\n" \
	"pcie=5:16\n" \
	"gpm=1\n" \
	"gpm.1=97.5\n" \
	"gpm.5=61\n" \
	"gpm.11=0\n" \
	"gpm.12=7\n" \
	"gpm.13=2\n" \
	"gpm.10=43.25\n" \
	"gpm.20=3000\n" \
	"gpm.21=6008.9\n" \
	"gpm.60=45597\n" \
	"gpm.61=100\n"

#define A100 \
	"[gpu]\n" \
	"uuid=GPU-2\n" \
	"bus=0000:86:00.0\n" \
	"name=NVIDIA A100-SXM4-80GB\n" \
	"arch=7\n" \
	"clocks=210-1410/15\n" \
	"mem_clocks=1593\n" \
	"sm_mhz=1410\n" \
	"mem_mhz=1593\n" \
	"util_gpu=88\n" \
	"util_mem=31\n" \
	"power_mw=301000\n" \
	"temp_c=51\n" \
	"processes=1\n" \
	"cap_mw=400000\n" \
	"cap_min_mw=100000\n" \
	"cap_max_mw=400000\n" \
	"nvlink=12:25781\n" \
	"pcie=4:16\n"

static struct {
	char dir[64];
	char script[96];
	void *library;
	struct sysfs sysfs;
	struct accelerators list;
	struct backend_note note;
} the;

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

__attribute__((unused))
static void sleep_ms(unsigned int ms)
{
	const struct timespec pause = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&pause, NULL);
}

static void put_file(const char *path, const char *text)
{
	char new[160];
	FILE *file;

	snprintf(new, sizeof(new), "%s.new", path);
	file = fopen(new, "w");
	if (!EXPECT_TRUE(file))
		return;
	fputs(text, file);
	fclose(file);
	EXPECT_EQ(rename(new, path), 0);
}

static void script(const char *text)
{
	put_file(the.script, text);
}

/* What FILE.log or FILE.state holds, "" when there is none. */
__attribute__((unused))
static const char *beside(const char *suffix)
{
	static char text[8192];
	char path[128];
	FILE *file;

	text[0] = '\0';
	snprintf(path, sizeof(path), "%s.%s", the.script, suffix);
	file = fopen(path, "r");
	if (file) {
		text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
		fclose(file);
	}
	return text;
}

/* Beside the test's own program. */
static void fake_path(const char *variant, char path[PATH_MAX])
{
	char self[PATH_MAX] = "";

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		self[0] = '\0';
	snprintf(path, PATH_MAX, "%.2000s/../fakes/%slibnvidia-ml.so.1", dirname(self),
		 variant);
}

static bool setup(const char *variant, const char *text)
{
	char path[PATH_MAX];

	snprintf(the.dir, sizeof(the.dir), "/tmp/test_nvml.XXXXXX");
	if (!EXPECT_TRUE(mkdtemp(the.dir)))
		return false;
	snprintf(the.script, sizeof(the.script), "%s/gpus", the.dir);
	script(text);
	setenv("ACCELGOV_FAKE_NVML", the.script, 1);
	fake_path(variant, path);
	the.library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!EXPECT_TRUE(the.library)) {
		unit_note("%s", dlerror());
		return false;
	}
	/* A root of its own: sleeping devices are files there. */
	the.sysfs = (struct sysfs){
		.fd = open(the.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), .live = true,
	};
	the.list = (struct accelerators){ 0 };
	return true;
}

static void teardown(void)
{
	char command[128];

	accelerators_free(&the.list);
	close(the.sysfs.fd);
	if (the.library)
		dlclose(the.library);
	the.library = NULL;
	snprintf(command, sizeof(command), "rm -rf %s", the.dir);
	EXPECT_EQ(system(command), 0);
}

static int scan(void)
{
	accelerators_free(&the.list);
	the.note = (struct backend_note){ 0 };
	return backend_nvml.scan(&the.sysfs, &the.list, &the.note);
}

/* Setup and one scan that finds @nr. */
__attribute__((unused))
static bool found(const char *variant, const char *text, size_t nr)
{
	return setup(variant, text) && EXPECT_EQ(scan(), 0) && EXPECT_EQ(the.list.nr, nr);
}

static struct accelerator *gpu(size_t index)
{
	return the.list.item[index];
}

__attribute__((unused))
static int read_one(size_t index, struct backend_reading *ret_reading)
{
	return backend_nvml.read(&the.sysfs, gpu(index), ret_reading);
}

__attribute__((unused))
static int set_one(size_t index, enum backend_actuator actuator, int64_t value)
{
	return backend_nvml.set(&the.sysfs, gpu(index), actuator, value);
}

/* Readings until the answer is this one. */
__attribute__((unused))
static bool reads_as(size_t index, int error)
{
	uint64_t end = now_ms() + PATIENCE_MS;
	struct backend_reading reading;
	int ret;

	do {
		ret = read_one(index, &reading);
		if (ret == error)
			return true;
		sleep_ms(50);
	} while (now_ms() < end);
	unit_note("last answer: %d", ret);
	return false;
}

static bool valid(const struct backend_reading *reading, enum accelgov_signal signal)
{
	return reading->sample.valid & 1U << signal;
}

/* A signal as it is after a window. */
__attribute__((unused))
static int64_t signal_of(const struct backend_reading *reading, enum accelgov_signal signal)
{
	return valid(reading, signal) ? (int64_t)reading->sample.val[signal] : -1;
}

__attribute__((unused))
static int64_t sensor_of(const struct backend_reading *reading, enum backend_sensor sensor)
{
	return reading->sensor[sensor].known ? reading->sensor[sensor].value : -1;
}

#endif /* UNIT_NVML_FAKE_H */
