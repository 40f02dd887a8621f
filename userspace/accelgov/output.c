// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov: files that commands write; results.json, time series, table.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "textfile.h"
#include "work_input.h"

int output_file(const char *path, output_fill *fill, const void *arg)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	int ret = f ? fill(f, arg) : -ENOMEM;

	if (f && fclose(f) && !ret)
		ret = -errno;
	if (!ret)
		ret = textfile_write(path, text, len);
	free(text);
	return ret ? output_failed(path, ret) : CMD_OK;
}

int output_failed(const char *path, int error)
{
	cmd_error("can't write %s: %s", path, strerror(-error));
	return cmd_exit_code(error);
}

int output_check(const char *path)
{
	int ret = textfile_writable(path);

	return ret ? output_failed(path, ret) : CMD_OK;
}

int output_folder(const char *path)
{
	struct stat st;

	if (mkdir(path, 0777) && errno != EEXIST) {
		cmd_error("can't make %s: %s", path, strerror(errno));
		return cmd_exit_code(-errno);
	}
	if (stat(path, &st))
		return output_failed(path, -errno);
	if (!S_ISDIR(st.st_mode))
		return output_failed(path, -ENOTDIR);
	return access(path, W_OK | X_OK) ? output_failed(path, -errno) :
					   CMD_OK;
}

static int in_folder(const char *folder, const char *name, output_fill *fill,
		     const void *arg)
{
	char path[4096];

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >=
	    (int)sizeof(path))
		return output_failed(folder, -ENAMETOOLONG);
	return output_file(path, fill, arg);
}

static int fill_series(FILE *f, const void *arg)
{
	return series_write(arg, f);
}

int output_series(const char *folder, const struct result *run,
		  const struct series *series)
{
	char name[192];

	results_series_name(run, name, sizeof(name));
	return in_folder(folder, name, fill_series, series);
}

static int fill_report(FILE *f, const void *arg)
{
	return report_write(arg, f);
}

int output_report(const char *folder, const struct report *report)
{
	return in_folder(folder, "report.html", fill_report, report);
}

int output_page(const char *path, const struct report *report)
{
	return output_file(path, fill_report, report);
}

static int fill_results(FILE *f, const void *arg)
{
	return results_write(arg, f);
}

int output_results(const char *folder, const struct results *all, bool json)
{
	int ret = folder ? in_folder(folder, "results.json", fill_results,
				     all) : CMD_OK;

	if (ret)
		return ret;
	if (!json)
		results_table(all, stdout);
	ret = json ? results_write(all, stdout) : textfile_flush(stdout);
	return ret ? cmd_unwritten(ret) : CMD_OK;
}
