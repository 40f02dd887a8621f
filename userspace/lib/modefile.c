// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - the drop-in that says which devices may be touched
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "modefile.h"
#include "textfile.h"

#define HEADER	"# Written by accelgov activate and accelgov observe, and overwritten by them.\n"
#define FILE_MAX	(1 << 20)

static void path_of(const char *dir, const char *suffix, char *buf, size_t size)
{
	snprintf(buf, size, "%s/" MODEFILE_NAME "%s", dir, suffix);
}

int modefile_put(const char *dir, const char *text)
{
	char path[512], fresh[512], parent[512];
	bool good;
	FILE *file;

	path_of(dir, "", path, sizeof(path));
	/* Not a name that the configuration is read from. */
	path_of(dir, ".new", fresh, sizeof(fresh));
	if (!text)
		return unlink(path) && errno != ENOENT ? -errno : 0;
	snprintf(parent, sizeof(parent), "%s/conf.d", dir);
	if (mkdir(parent, 0755) && errno != EEXIST)
		return -errno;
	file = fopen(fresh, "we");
	if (!file)
		return -errno;
	good = fputs(text, file) >= 0;
	good &= !fclose(file);
	if (good && !rename(fresh, path))
		return 0;
	unlink(fresh);
	return good ? -errno : -EIO;
}

static int load(const char *dir, char **ret_text)
{
	char path[512], *text = NULL;
	size_t len = 0;
	int ret;

	path_of(dir, "", path, sizeof(path));
	*ret_text = NULL;
	if (access(path, F_OK))
		return errno == ENOENT ? 0 : -errno;
	ret = textfile_read(path, FILE_MAX, &text, &len);
	if (ret)
		return ret;
	if (strncmp(text, HEADER, strlen(HEADER))) {
		free(text);
		return -EEXIST;
	}
	*ret_text = text;
	return 0;
}

static const char *word(enum config_mode mode)
{
	return mode == CONFIG_MODE_ACTIVE ? "active" : "observe";
}

/* All sections of the old text but the one for this device. */
static void copy_others(FILE *to, const char *old, const char *device)
{
	const char *at = strstr(old, "\n["), *next;
	char header[DEVICE_NAME_LEN + 16];

	snprintf(header, sizeof(header), "[Device %s]\n", device);
	for (; at; at = next) {
		next = strstr(at + 1, "\n[");
		if (!strncmp(at + 1, header, strlen(header)))
			continue;
		fprintf(to, "%.*s", next ? (int)(next - at) : (int)strlen(at),
			at);
	}
}

static char *compose(const char *old, const char *device, enum config_mode mode)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	if (!to)
		return NULL;
	fputs(HEADER, to);
	if (device && old)
		copy_others(to, old, device);
	fprintf(to, "\n[Device %s]\nMode=%s\n", device ? device : "*",
		word(mode));
	if (fclose(to)) {
		free(text);
		return NULL;
	}
	return text;
}

int modefile_set(const char *dir, const char *device, enum config_mode mode,
		 char **ret_old)
{
	char *old, *text;
	int ret;

	ret = load(dir, &old);
	if (ret)
		return ret;
	text = compose(old, device, mode);
	ret = text ? modefile_put(dir, text) : -ENOMEM;
	free(text);
	if (ret) {
		free(old);
		return ret;
	}
	*ret_old = old;
	return 0;
}
