// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov play: which workload on which device under which governor.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "play.h"
#include "units.h"

/* Copies up to @stop, which must exist, and steps over it. */
static bool take_word(const char **at, char stop, char *buf, size_t size)
{
	const char *end = stop ? strchr(*at, stop) : *at + strlen(*at);
	size_t len;

	if (!end)
		return false;
	len = (size_t)(end - *at);
	if (!len || len >= size)
		return false;
	memcpy(buf, *at, len);
	buf[len] = '\0';
	*at = stop ? end + 1 : end;
	return true;
}

static int check_spec(const struct play_options *opt,
		      const struct play_spec *spec)
{
	if (work_kind_find(spec->workload) == WORK_NR)
		return work_unknown(spec->workload);
	if (!device_name_valid(spec->device)) {
		cmd_error("\"%s\" can't be a device", spec->device);
		return CMD_USAGE;
	}
	for (unsigned int i = 0; i < opt->nr_specs; i++) {
		if (strcmp(opt->spec[i].device, spec->device))
			continue;
		cmd_error("%s is asked for twice; a device does one run",
			  spec->device);
		return CMD_USAGE;
	}
	return CMD_OK;
}

int play_parse_run(struct play_options *opt, const char *text)
{
	const char *at = text;
	struct play_spec spec;
	int ret;

	if (!take_word(&at, '@', spec.workload, sizeof(spec.workload)) ||
	    !take_word(&at, '=', spec.device, sizeof(spec.device)) ||
	    !take_word(&at, '\0', spec.governor, sizeof(spec.governor))) {
		cmd_error("\"%s\" is not WORKLOAD@DEVICE=GOVERNOR", text);
		return CMD_USAGE;
	}
	ret = check_spec(opt, &spec);
	if (ret)
		return ret;
	if (opt->nr_specs == PLAY_RUNS_MAX) {
		cmd_error("more than %d runs", PLAY_RUNS_MAX);
		return CMD_USAGE;
	}
	opt->spec[opt->nr_specs++] = spec;
	return CMD_OK;
}

int play_parse_plan(struct play_options *opt, const char *path)
{
	FILE *f = fopen(path, "re");
	unsigned int number = 0;
	char line[256];
	int ret = CMD_OK;

	if (!f) {
		cmd_error("can't read %s: %s", path, strerror(errno));
		return CMD_FAILURE;
	}
	while (!ret && fgets(line, sizeof(line), f)) {
		number++;
		line[strcspn(line, "#\r\n")] = '\0';
		while (*line && line[strlen(line) - 1] == ' ')
			line[strlen(line) - 1] = '\0';
		if (!*line)
			continue;
		ret = play_parse_run(opt, line);
		if (ret)
			cmd_error("that is line %u of %s", number, path);
	}
	fclose(f);
	return ret;
}

int play_parse_duration(const char *text, uint64_t *ret_ns)
{
	int64_t us;

	if (unit_parse(UNIT_TIME, text, &us) || us < 1000000) {
		cmd_error("\"%s\" is no duration of at least 1s", text);
		return CMD_USAGE;
	}
	*ret_ns = (uint64_t)us * 1000;
	return CMD_OK;
}
