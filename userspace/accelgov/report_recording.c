// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov report: a recording as a page.
 */
#include <stdio.h>

#include "cmd.h"
#include "recording_cmd.h"
#include "report/report_recording.h"

static int fill_page(FILE *f, const void *arg)
{
	return report_recording_write(arg, f);
}

int report_recording(const char *path, const char *out)
{
	const struct recorded_options options = { .series = true };
	struct recorded r;
	int ret = output_check(out);

	if (!ret)
		ret = recording_input(path, &options, &r);
	if (ret)
		return ret;
	ret = output_file(out, fill_page, &r);
	recorded_free(&r);
	return ret;
}
