// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov policy - policies that came with accelgov, by name
 *
 * They are found from where the program itself lies, not from a path that was
 * fixed when it was compiled: one build can be installed under any PREFIX=, and
 * works in the build folder as well.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "policy_catalog.h"
#include "sysfs.h"

#define SUFFIX	".bpf.o"

/* From the folder of the program: installed, built. */
static const char *const folders[] = {
	"../lib/accelgov/policies", "../bpf/policies",
};

static int own_folder(char *folder, size_t size)
{
	ssize_t len = readlink("/proc/self/exe", folder, size - 1);
	char *slash;

	if (len < 0)
		return -errno;
	folder[len] = '\0';
	slash = strrchr(folder, '/');
	if (!slash)
		return -ENOENT;
	*slash = '\0';
	return 0;
}

static bool is_path(const char *word)
{
	size_t len = strlen(word);

	return strchr(word, '/') || (len > 2 && !strcmp(word + len - 2, ".o"));
}

static bool ends_in_suffix(const char *name)
{
	size_t len = strlen(name);

	return len > strlen(SUFFIX) &&
	       !strcmp(name + len - strlen(SUFFIX), SUFFIX);
}

/* Tell what there is in the first of the folders that exists. */
static int unknown(const char *word, const char *own)
{
	const char *known[64] = { NULL };
	struct names names = { 0 };
	struct sysfs root;
	char path[PATH_MAX];
	size_t i, nr = 0;
	int ret = -ENOENT;

	for (i = 0; ret && i < sizeof(folders) / sizeof(folders[0]); i++) {
		if (snprintf(path, sizeof(path), "%s/%s", own, folders[i]) >=
		    (int)sizeof(path) || sysfs_open(&root, path))
			continue;
		ret = sysfs_list(&root, &names, ".");
		sysfs_close(&root);
	}
	for (i = 0; !ret && i < names.nr && nr < 63; i++) {
		if (!ends_in_suffix(names.name[i]))
			continue;
		names.name[i][strlen(names.name[i]) - strlen(SUFFIX)] = '\0';
		known[nr++] = names.name[i];
	}
	if (nr)
		cmd_unknown("policy", word, known);
	else
		cmd_error("no policies are installed here: name a file, such as ./%s" SUFFIX,
			  word);
	names_free(&names);
	return CMD_USAGE;
}

int catalog_find(const char *word, char *path, size_t size)
{
	char own[PATH_MAX], at[2 * PATH_MAX], found[PATH_MAX];
	size_t i;
	int ret;

	if (is_path(word)) {
		if (strlen(word) >= size) {
			cmd_error("%s: %s", word, strerror(ENAMETOOLONG));
			return CMD_FAILURE;
		}
		strcpy(path, word);
		return CMD_OK;
	}
	ret = own_folder(own, sizeof(own));
	if (ret) {
		cmd_error("can't tell where accelgov is installed (%s): name the policy's file",
			  strerror(-ret));
		return CMD_FAILURE;
	}
	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(at, sizeof(at), "%s/%s/%s" SUFFIX, own, folders[i],
			 word);
		if (realpath(at, found) && strlen(found) < size) {
			strcpy(path, found);
			return CMD_OK;
		}
	}
	return unknown(word, own);
}
