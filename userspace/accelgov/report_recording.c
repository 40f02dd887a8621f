// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov report: a recording as a page.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "recording_cmd.h"
#include "report/report_recording.h"

static int write_page(const struct recorded *r, const char *out)
{
	FILE *f = fopen(out, "we");
	int ret;

	if (!f) {
		cmd_error("can't write %s: %s", out, strerror(errno));
		return cmd_exit_code(-errno);
	}
	ret = report_recording_write(r, f);
	if (fclose(f) && !ret)
		ret = -errno;
	if (!ret)
		return CMD_OK;
	cmd_error("can't write %s: %s", out, strerror(-ret));
	return CMD_FAILURE;
}

int report_recording(const char *path, const char *out)
{
	const struct recorded_options options = { .series = true };
	struct recorded r;
	int ret = recording_input(path, &options, &r);

	if (ret)
		return ret;
	ret = write_page(&r, out);
	recorded_free(&r);
	return ret;
}
