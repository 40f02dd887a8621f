// SPDX-License-Identifier: GPL-2.0
/*
 * fake NVML - a simulated accelerator behind it
 */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fake.h"

#define PLATFORM "/sys/bus/platform/devices"

/* Open events of one device; -1 for none. */
struct sim {
	char name[32];
	int fd[COUNTERS];
};

static struct sim sims[FAKE_GPUS];

static const char *const event_name[COUNTERS] = {
	[BUSY] = "busy",
	[COMPUTE] = "compute",
	[MEMORY] = "memory",
	[LINK] = "link",
	[HOST] = "host",
	[CONTEXTS] = "contexts",
};

static bool read_text(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "re");
	bool good;

	if (!file)
		return false;
	good = fgets(text, size, file);
	fclose(file);
	return good;
}

static bool write_text(const char *path, uint64_t value)
{
	FILE *file = fopen(path, "we");

	if (!file)
		return false;
	fprintf(file, "%" PRIu64 "\n", value);
	return !fclose(file);
}

static bool read_number(const char *path, uint64_t *ret_value)
{
	char text[64];

	if (!read_text(path, text, sizeof(text)))
		return false;
	*ret_value = strtoull(text, NULL, 10);
	return true;
}

bool sim_there(const struct fake_gpu *gpu)
{
	char path[128];

	if (!gpu->sim[0])
		return true;
	/* Unbound it is a device still, without its driver. */
	snprintf(path, sizeof(path), PLATFORM "/%s/driver", gpu->sim);
	return !access(path, F_OK);
}

/* accelsim.3 has the PMU accelsim_3. */
static int open_event(const char *name, const char *event)
{
	struct perf_event_attr attr = { .size = sizeof(attr) };
	char pmu[32], path[160], text[64];
	uint64_t type;
	unsigned int config;
	char *dot;

	snprintf(pmu, sizeof(pmu), "%s", name);
	dot = strchr(pmu, '.');
	if (dot)
		*dot = '_';
	snprintf(path, sizeof(path), "/sys/bus/event_source/devices/%s/type", pmu);
	if (!read_number(path, &type))
		return -1;
	snprintf(path, sizeof(path), "/sys/bus/event_source/devices/%s/events/%s", pmu, event);
	if (!read_text(path, text, sizeof(text)) || sscanf(text, "event=%x", &config) != 1)
		return -1;
	attr.type = type;
	attr.config = config;
	return syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
}

static void sim_close(struct sim *sim)
{
	int i;

	for (i = 0; i < COUNTERS; i++)
		if (sim->fd[i] >= 0)
			close(sim->fd[i]);
	sim->name[0] = '\0';
}

void sim_close_all(void)
{
	int i;

	for (i = 0; i < FAKE_GPUS; i++)
		if (sims[i].name[0])
			sim_close(&sims[i]);
}

static struct sim *sim_open(const char *name)
{
	struct sim *sim, *unused = NULL;
	int i;

	for (sim = sims; sim < sims + FAKE_GPUS; sim++) {
		if (!strcmp(sim->name, name))
			return sim;
		if (!sim->name[0] && !unused)
			unused = sim;
	}
	if (!unused)
		return NULL;
	snprintf(unused->name, sizeof(unused->name), "%s", name);
	for (i = 0; i < COUNTERS; i++)
		unused->fd[i] = open_event(name, event_name[i]);
	return unused;
}

bool sim_counters(const struct fake_gpu *gpu, struct counters *ret_counters)
{
	struct sim *sim = sim_open(gpu->sim);
	int i;

	if (!sim)
		return false;
	ret_counters->ns = fake_now_ns();
	for (i = 0; i < COUNTERS; i++)
		if (sim->fd[i] < 0 || read(sim->fd[i], &ret_counters->value[i], 8) != 8)
			return false;
	return true;
}

static bool hwmon_path(const struct fake_gpu *gpu, const char *file, char *ret_path,
		       size_t size)
{
	char folder[128];
	struct dirent *entry;
	bool found = false;
	DIR *dir;

	snprintf(folder, sizeof(folder), PLATFORM "/%s/hwmon", gpu->sim);
	dir = opendir(folder);
	while (dir && !found && (entry = readdir(dir)))
		if (!strncmp(entry->d_name, "hwmon", 5)) {
			snprintf(ret_path, size, "%s/%s/%s", folder, entry->d_name, file);
			found = true;
		}
	if (dir)
		closedir(dir);
	return found;
}

bool sim_hwmon(const struct fake_gpu *gpu, const char *file, uint64_t *ret_value)
{
	char path[512];

	return hwmon_path(gpu, file, path, sizeof(path)) && read_number(path, ret_value);
}

unsigned int sim_clocks(const struct fake_gpu *gpu, uint32_t *ret_mhz, unsigned int max)
{
	char path[128], text[8192], *word, *rest = text;
	unsigned int nr = 0;

	snprintf(path, sizeof(path), "/sys/class/devfreq/%s/available_frequencies", gpu->sim);
	if (!read_text(path, text, sizeof(text)))
		return 0;
	while ((word = strsep(&rest, "\n ")) && nr < max)
		if (*word)
			ret_mhz[nr++] = strtoull(word, NULL, 10) / 1000000;
	return nr;
}

/* While its clocks stand still a GPU shows the lowest. */
bool sim_clock_mhz(const struct fake_gpu *gpu, uint32_t *ret_mhz)
{
	uint32_t mhz[FAKE_CLOCKS];
	char path[128];
	uint64_t hz;
	unsigned int i, nr;

	snprintf(path, sizeof(path), PLATFORM "/%s/effective_freq_hz", gpu->sim);
	if (!read_number(path, &hz))
		return false;
	*ret_mhz = hz / 1000000;
	nr = hz ? 0 : sim_clocks(gpu, mhz, FAKE_CLOCKS);
	for (i = 0; i < nr; i++)
		if (!i || mhz[i] < *ret_mhz)
			*ret_mhz = mhz[i];
	return true;
}

static uint64_t top_mhz(const struct fake_gpu *gpu)
{
	uint32_t mhz[FAKE_CLOCKS], top = 0;
	unsigned int i, nr = sim_clocks(gpu, mhz, FAKE_CLOCKS);

	for (i = 0; i < nr; i++)
		if (mhz[i] > top)
			top = mhz[i];
	return top;
}

int sim_apply(const struct fake_gpu *gpu, const struct set *set)
{
	uint64_t hz = (set->core[1] ? set->core[1] : top_mhz(gpu)) * 1000000ULL;
	char min[128], max[128], cap[512];

	if (!gpu->sim[0])
		return 0;
	snprintf(min, sizeof(min), "/sys/class/devfreq/%s/min_freq", gpu->sim);
	snprintf(max, sizeof(max), "/sys/class/devfreq/%s/max_freq", gpu->sim);
	if (!write_text(max, hz) || !write_text(min, hz))
		return -1;
	if (set->cap_mw && (!hwmon_path(gpu, "power1_cap", cap, sizeof(cap)) ||
			    !write_text(cap, set->cap_mw * 1000ULL)))
		return -1;
	return 0;
}
