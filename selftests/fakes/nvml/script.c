// SPDX-License-Identifier: GPL-2.0
/*
 * fake NVML - the text file that it plays
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "fake.h"

static struct script script;
static struct stat seen;
static bool loaded;
static uint64_t start_ns;

static const char *const number_key[NUMBERS] = {
	[SM_MHZ] = "sm_mhz",
	[MEM_MHZ] = "mem_mhz",
	[UTIL_GPU] = "util_gpu",
	[UTIL_MEM] = "util_mem",
	[POWER_MW] = "power_mw",
	[POWER_AVERAGE_MW] = "power_average_mw",
	[ENERGY_MJ] = "energy_mj",
	[TEMP_C] = "temp_c",
	[MEM_TOTAL_MIB] = "mem_total_mib",
	[MEM_RESERVED_MIB] = "mem_reserved_mib",
	[MEM_USED_MIB] = "mem_used_mib",
	[REASONS] = "reasons",
	[PROCESSES] = "processes",
	[PROCESS_BYTES] = "process_bytes",
	[CAP_MW] = "cap_mw",
	[CAP_MIN_MW] = "cap_min_mw",
	[CAP_MAX_MW] = "cap_max_mw",
	[NVLINK_KIB] = "nvlink_kib",
	[PCIE_BYTES] = "pcie_bytes",
	[ARCH] = "arch",
	[GPM] = "gpm",
	[MIG] = "mig",
	[LOST] = "lost",
	[RESETS] = "resets",
};

uint64_t fake_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

void fake_start_time(void)
{
	if (!start_ns)
		start_ns = fake_now_ns();
}

bool fake_value(const struct series *series, double *ret_value)
{
	uint64_t ms = (fake_now_ns() - start_ns) / 1000000;
	unsigned int i;

	if (!series->nr)
		return false;
	for (i = 0; i < series->nr && series->step[i].ms <= ms; i++)
		*ret_value = series->step[i].value;
	return i > 0;
}

bool fake_number(const struct fake_gpu *gpu, enum number which, double *ret_value)
{
	return fake_value(&gpu->number[which], ret_value);
}

/* "VALUE VALUE@MS ..." */
static void parse_series(struct series *series, char *text)
{
	char *word, *rest = text, *at;

	series->nr = 0;
	while ((word = strsep(&rest, " ")) && series->nr < FAKE_STEPS) {
		if (!*word)
			continue;
		at = strchr(word, '@');
		series->step[series->nr].ms = at ? strtoull(at + 1, NULL, 0) : 0;
		series->step[series->nr].value = strncmp(word, "0x", 2) ?
			strtod(word, NULL) : (double)strtoull(word, NULL, 16);
		series->nr++;
	}
}

/* "A B C-D/S ..." */
static unsigned int parse_clocks(uint32_t *mhz, unsigned int max, char *text)
{
	unsigned int nr = 0, from, to, step;
	char *word, *rest = text;

	while ((word = strsep(&rest, " "))) {
		if (!*word)
			continue;
		if (sscanf(word, "%u-%u/%u", &from, &to, &step) != 3) {
			from = strtoul(word, NULL, 10);
			to = from;
			step = 1;
		}
		for (; from <= to && nr < max && step; from += step)
			mhz[nr++] = from;
	}
	return nr;
}

static void parse_profiles(struct fake_gpu *gpu, char *text)
{
	char *word, *rest = text;
	unsigned long bit;

	gpu->has_profiles = true;
	while ((word = strsep(&rest, " "))) {
		bit = strtoul(word, NULL, 10);
		if (*word && bit < 255)
			gpu->profiles.word[bit / 32] |= 1U << bit % 32;
	}
}

static void parse_rule(struct rule *rule, unsigned int *nr, const char *text)
{
	rule += *nr;
	if (*nr < FAKE_RULES &&
	    sscanf(text, "%63[^:]:%d", rule->function, &rule->code) == 2)
		(*nr)++;
}

static void parse_instance(struct fake_gpu *gpu, const char *text)
{
	struct instance *instance = &gpu->instance[gpu->nr_instances];

	if (gpu->nr_instances < FAKE_INSTANCES &&
	    sscanf(text, "%u:%u:%63s", &instance->gi, &instance->ci, instance->uuid) == 3)
		gpu->nr_instances++;
}

static void parse_process(struct fake_gpu *gpu, const char *text)
{
	struct process *process = &gpu->process[gpu->nr_processes];

	if (gpu->nr_processes == FAKE_PROCESSES)
		return;
	process->percent = -1;
	if (sscanf(text, "%u:%u:%d", &process->pid, &process->mem_mib,
		   &process->percent) >= 2)
		gpu->nr_processes++;
}

static void parse_number(struct fake_gpu *gpu, const char *key, char *value)
{
	unsigned int metric;
	int i;

	for (i = 0; i < NUMBERS; i++)
		if (!strcmp(key, number_key[i]))
			parse_series(&gpu->number[i], value);
	if (sscanf(key, "gpm.%u", &metric) == 1 && metric < FAKE_METRICS)
		parse_series(&gpu->metric[metric], value);
}

static void parse_gpu(struct fake_gpu *gpu, const char *key, char *value)
{
	if (!strcmp(key, "uuid"))
		snprintf(gpu->uuid, sizeof(gpu->uuid), "%s", value);
	else if (!strcmp(key, "bus"))
		snprintf(gpu->bus, sizeof(gpu->bus), "%s", value);
	else if (!strcmp(key, "name"))
		snprintf(gpu->name, sizeof(gpu->name), "%s", value);
	else if (!strcmp(key, "sim"))
		snprintf(gpu->sim, sizeof(gpu->sim), "%s", value);
	else if (!strcmp(key, "clocks"))
		gpu->nr_clocks = parse_clocks(gpu->clock, FAKE_CLOCKS, value);
	else if (!strcmp(key, "mem_clocks"))
		gpu->nr_mem_clocks = parse_clocks(gpu->mem_clock, 32, value);
	else if (!strcmp(key, "nvlink"))
		sscanf(value, "%u:%u", &gpu->links, &gpu->link_mb_s);
	else if (!strcmp(key, "pcie"))
		sscanf(value, "%u:%u", &gpu->pcie_generation, &gpu->pcie_lanes);
	else if (!strcmp(key, "profiles"))
		parse_profiles(gpu, value);
	else if (!strcmp(key, "instance"))
		parse_instance(gpu, value);
	else if (!strcmp(key, "process"))
		parse_process(gpu, value);
	else if (!strcmp(key, "refuse"))
		parse_rule(gpu->refuse, &gpu->nr_refuse, value);
	else if (!strcmp(key, "spin"))
		parse_rule(gpu->spin, &gpu->nr_spin, value);
	else if (!strcmp(key, "hang") && gpu->nr_hang < FAKE_RULES)
		snprintf(gpu->hang[gpu->nr_hang++], 64, "%s", value);
	else
		parse_number(gpu, key, value);
}

static void parse_line(char *line)
{
	char *value;

	line[strcspn(line, "#\n")] = '\0';
	if (!strcmp(line, "[gpu]") && script.nr < FAKE_GPUS) {
		memset(&script.gpu[script.nr], 0, sizeof(*script.gpu));
		script.nr++;
		return;
	}
	value = strchr(line, '=');
	if (!value)
		return;
	*value++ = '\0';
	if (script.nr)
		parse_gpu(&script.gpu[script.nr - 1], line, value);
	else if (!strcmp(line, "driver"))
		snprintf(script.driver, sizeof(script.driver), "%s", value);
	else if (!strcmp(line, "init"))
		script.init = atoi(value);
}

static void load(FILE *file)
{
	char line[8192];

	script.nr = 0;
	script.init = 0;
	script.driver[0] = '\0';
	while (fgets(line, sizeof(line), file))
		parse_line(line);
}

const char *fake_path(void)
{
	return getenv("ACCELGOV_FAKE_NVML");
}

bool fake_still(void)
{
	static int still = -1;

	if (still < 0)
		still = !!getenv("ACCELGOV_FAKE_NVML_STILL");
	return still;
}

/* Read again when it is another file or another text. */
const struct script *fake_script(void)
{
	const char *path;
	struct stat now;
	FILE *file;

	if (loaded && fake_still())
		return &script;
	path = fake_path();
	if (!path || stat(path, &now))
		return NULL;
	if (loaded && now.st_ino == seen.st_ino && now.st_size == seen.st_size &&
	    now.st_mtim.tv_sec == seen.st_mtim.tv_sec &&
	    now.st_mtim.tv_nsec == seen.st_mtim.tv_nsec)
		return &script;
	file = fopen(path, "re");
	if (!file)
		return NULL;
	load(file);
	fclose(file);
	seen = now;
	loaded = true;
	return &script;
}
