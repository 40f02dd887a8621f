// SPDX-License-Identifier: GPL-2.0
/*
 * fake NVML - what was set, in a file that outlives the process
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "fake.h"

#define LINE	256

/* FILE.state or FILE.log */
static FILE *open_beside(const char *suffix, const char *mode)
{
	char path[4096];

	if (!fake_path() ||
	    snprintf(path, sizeof(path), "%s.%s", fake_path(), suffix) >= sizeof(path))
		return NULL;
	return fopen(path, mode);
}

static int lock_state(void)
{
	FILE *file = open_beside("lock", "ae");
	int fd;

	if (!file)
		return -1;
	fd = dup(fileno(file));
	fclose(file);
	if (fd >= 0)
		flock(fd, LOCK_EX);
	return fd;
}

static void format_set(char *line, const char *uuid, const struct set *set)
{
	int at, i;

	at = snprintf(line, LINE, "%s resets=%" PRIu64 " core=%u-%u mem=%u-%u cap=%u profiles=",
		      uuid, set->resets, set->core[0], set->core[1], set->mem[0],
		      set->mem[1], set->cap_mw);
	for (i = 7; i >= 0; i--)
		at += snprintf(line + at, LINE - at, "%08x", set->profiles.word[i]);
}

static bool parse_set(const char *line, const char *uuid, struct set *ret_set)
{
	struct set set = { 0 };
	char name[64], hex[65], word[9] = "";
	int i;

	if (sscanf(line, "%63s resets=%" SCNu64 " core=%u-%u mem=%u-%u cap=%u profiles=%64s",
		   name, &set.resets, &set.core[0], &set.core[1], &set.mem[0],
		   &set.mem[1], &set.cap_mw, hex) != 8 || strcmp(name, uuid))
		return false;
	for (i = 0; i < 8 && strlen(hex) == 64; i++) {
		memcpy(word, hex + 8 * i, 8);
		set.profiles.word[7 - i] = strtoul(word, NULL, 16);
	}
	*ret_set = set;
	return true;
}

static uint64_t resets(const struct fake_gpu *gpu)
{
	double value = 0;

	fake_number(gpu, RESETS, &value);
	return value;
}

/* A reset, and nothing else, makes a GPU forget. */
void fake_get_set(const struct fake_gpu *gpu, struct set *ret_set)
{
	struct set set;
	char line[LINE];
	FILE *file;

	*ret_set = (struct set){ .resets = resets(gpu) };
	if (fake_still())
		return;
	file = open_beside("state", "re");
	if (!file)
		return;
	while (fgets(line, sizeof(line), file))
		if (parse_set(line, gpu->uuid, &set) && set.resets == ret_set->resets)
			*ret_set = set;
	fclose(file);
}

void fake_put_set(const struct fake_gpu *gpu, const struct set *set)
{
	FILE *old, *new;
	char line[LINE], from[4096], to[4096];
	struct set other;
	int lock = lock_state();

	new = open_beside("state.new", "we");
	if (!new)
		goto unlock;
	old = open_beside("state", "re");
	while (old && fgets(line, sizeof(line), old))
		if (!parse_set(line, gpu->uuid, &other))
			fputs(line, new);
	if (old)
		fclose(old);
	format_set(line, gpu->uuid, set);
	fprintf(new, "%s\n", line);
	fclose(new);
	snprintf(from, sizeof(from), "%s.state.new", fake_path());
	snprintf(to, sizeof(to), "%s.state", fake_path());
	rename(from, to);
unlock:
	if (lock >= 0)
		close(lock);
}

void fake_log(const char *function, const char *uuid, int code, const char *fmt, ...)
{
	FILE *file = open_beside("log", "ae");
	char arguments[128];
	va_list ap;

	if (!file)
		return;
	va_start(ap, fmt);
	vsnprintf(arguments, sizeof(arguments), fmt, ap);
	va_end(ap);
	fprintf(file, "%s %s %s= %d\n", function, uuid, arguments, code);
	fclose(file);
}
