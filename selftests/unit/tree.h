/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A small /sys for tests: files below a temporary folder.
 *
 *	struct sysfs sysfs;
 *	tree_begin(&sysfs);
 *	tree_file("sys/class/devfreq/x/governor", "accelgov\n");
 *	...
 *	tree_end(&sysfs);
 */
#ifndef _UNIT_TREE_H
#define _UNIT_TREE_H

#define _GNU_SOURCE
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sysfs.h"

static char tree_root[80];

static inline void tree_begin(struct sysfs *sysfs)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(tree_root, sizeof(tree_root), "%.40s/accelgov-unit-XXXXXX",
		 tmp ? tmp : "/tmp");
	if (!mkdtemp(tree_root) || sysfs_open(sysfs, tree_root)) {
		printf("Bail out! no temporary folder\n");
		exit(1);
	}
}

static inline int tree_remove(const char *path, const struct stat *st,
			      int type, struct FTW *ftw)
{
	return remove(path);
}

static inline void tree_end(struct sysfs *sysfs)
{
	sysfs_close(sysfs);
	nftw(tree_root, tree_remove, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void tree_path(char *buf, size_t size, const char *path)
{
	char *slash;

	snprintf(buf, size, "%s/%s", tree_root, path);
	for (slash = buf + strlen(tree_root) + 1; (slash = strchr(slash, '/'));
	     slash++) {
		*slash = '\0';
		mkdir(buf, 0755);
		*slash = '/';
	}
}

static inline void tree_bytes(const char *path, const void *bytes, size_t len)
{
	char full[512];
	FILE *file;

	tree_path(full, sizeof(full), path);
	file = fopen(full, "w");
	if (!file || fwrite(bytes, 1, len, file) != len || fclose(file)) {
		printf("Bail out! can't write %s\n", full);
		exit(1);
	}
}

static inline void tree_file(const char *path, const char *text)
{
	tree_bytes(path, text, strlen(text));
}

static inline void tree_link(const char *path, const char *target)
{
	char full[512];

	tree_path(full, sizeof(full), path);
	if (symlink(target, full)) {
		printf("Bail out! can't link %s\n", full);
		exit(1);
	}
}

#endif /* _UNIT_TREE_H */
