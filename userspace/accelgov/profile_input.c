// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov: device profiles on the command line.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "profile_input.h"
#include "textfile.h"

#define PROFILES_MAX	32
#define FILE_MAX	(1 << 20)

static int read_profile(const char *path, struct profile_file *ret)
{
	struct profile_error err = { 0 };
	char *text = NULL;
	size_t len = 0;
	int r = textfile_read(path, FILE_MAX, &text, &len);

	if (r) {
		cmd_error("can't read %s: %s", path, textfile_error(r));
		return cmd_exit_code(r);
	}
	r = profile_parse(text, len, ret, &err);
	free(text);
	if (r == -EINVAL && err.line)
		cmd_error("%s:%u: %s", path, err.line, err.reason);
	else if (r)
		cmd_error("%s: %s", path,
			  r == -EINVAL ? err.reason : strerror(-r));
	return r ? CMD_FAILURE : CMD_OK;
}

int profile_input(const char *text, struct profile_file *ret)
{
	const struct asim_profile *builtin = asim_profile_find(text);
	const char *known[PROFILES_MAX + 1] = { 0 };

	if (builtin) {
		profile_builtin(builtin, ret);
		return CMD_OK;
	}
	if (strpbrk(text, "/."))
		return read_profile(text, ret);
	for (u32 i = 0; i < asim_nr_profiles && i < PROFILES_MAX; i++)
		known[i] = asim_profiles[i].name;
	return cmd_unknown("device", text, known);
}
