// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov: results.json, time series, table.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "work_input.h"

static FILE *create(const char *folder, const char *name, char *path,
		    size_t size)
{
	FILE *f;

	snprintf(path, size, "%s/%s", folder, name);
	f = fopen(path, "we");
	if (!f)
		cmd_error("can't write %s: %s", path, strerror(errno));
	return f;
}

static int close_written(FILE *f, int ret, const char *path)
{
	if (fclose(f) && !ret)
		ret = -errno;
	if (!ret)
		return CMD_OK;
	cmd_error("can't write %s: %s", path, strerror(-ret));
	return cmd_exit_code(ret);
}

int output_series(const char *folder, const struct result *run,
		  const struct series *series)
{
	char name[192], path[4096];
	FILE *f;

	results_series_name(run, name, sizeof(name));
	f = create(folder, name, path, sizeof(path));
	return f ? close_written(f, series_write(series, f), path) :
		   CMD_FAILURE;
}

int output_report(const char *folder, const struct report *report)
{
	char path[4096];
	FILE *f = create(folder, "report.html", path, sizeof(path));

	return f ? close_written(f, report_write(report, f), path) :
		   CMD_FAILURE;
}

static int write_file(const char *folder, const struct results *all)
{
	char path[4096];
	FILE *f = create(folder, "results.json", path, sizeof(path));

	return f ? close_written(f, results_write(all, f), path) : CMD_FAILURE;
}

int output_results(const char *folder, const struct results *all, bool json)
{
	int ret = folder ? write_file(folder, all) : CMD_OK;

	if (ret)
		return ret;
	if (json)
		ret = results_write(all, stdout) ? CMD_FAILURE : CMD_OK;
	else
		results_table(all, stdout);
	if (!ret && fflush(stdout)) {
		cmd_error("can't write the result: %s", strerror(errno));
		ret = CMD_FAILURE;
	}
	return ret;
}
