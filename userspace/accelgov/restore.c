// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov restore - undo what a daemon that crashed left behind
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backends/undo.h"
#include "cmd.h"
#include "state.h"

static const char help[] =
	"usage: accelgov restore [--json] [--root DIR] [--state PATH] [--force]\n"
	"\n"
	"Puts governors and values back that an accelgovd which is gone had changed, as\n"
	"it recorded them. What somebody else has changed since stays. A daemon that\n"
	"stops by itself leaves nothing to do here. Accelerators that are set through a\n"
	"library are put back as the daemon found them.\n"
	"\n"
	"  --json        JSON, schema 1\n"
	"  --root DIR    a recorded /sys instead of the live one\n"
	"  --state PATH  the record (default " STATE_PATH ")\n"
	"  --force       even while the daemon runs\n"
	"\n"
	"Exit codes: 0 done, or nothing to do; 1 something could not be put back;\n"
	"4 permission.\n";

static const char *const results[] = {
	[UNDO_DONE] = "restored",
	[UNDO_FOREIGN] = "left: somebody else changed it",
	[UNDO_GONE] = "nothing to do",
	[UNDO_FAILED] = "failed",
};

static void on_undone(void *arg, const char *device, const char *attr,
		      const char *was, enum undo_result result, int error)
{
	json_t *list = arg, *change;

	change = json_pack("{s:s, s:s, s:s, s:s}", "device", device, "file",
			   attr, "value", was, "result", results[result]);
	if (list)
		json_array_append(list, change);
	else if (result == UNDO_DONE)
		printf("%s: %s is %s again\n", device, attr, was);
	else if (result == UNDO_FOREIGN)
		printf("%s: somebody else changed %s, it stays\n", device,
		       attr);
	json_decref(change);
	if (result == UNDO_FAILED)
		cmd_error("%s: %s can't be set back to %s: %s", device, attr,
			  was, strerror(-error));
}

static void on_accelerator(void *arg, const struct state_accelerator *record,
			   enum undo_result result, int error)
{
	json_t *list = arg;

	if (list)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s}",
						      "device", record->name,
						      "file", record->backend,
						      "value", record->line,
						      "result",
						      results[result]));
	else if (result == UNDO_DONE)
		printf("%s: is as it was: %s\n", record->name, record->line);
	else if (result == UNDO_GONE)
		printf("%s: is not there any more\n", record->name);
	if (result == UNDO_FAILED)
		cmd_error("%s can't be put back as it was: %s", record->name,
			  strerror(-error));
}

static int undo_all(const struct sysfs *sysfs, const struct state *state,
		    json_t *list)
{
	int ret = 0, one;
	size_t i;

	for (i = 0; i < state->nr_devices; i++) {
		one = state_undo_device(sysfs, &state->device[i], on_undone,
					list);
		if (one)
			ret = one;
	}
	one = accelerators_undo(sysfs, state, on_accelerator, list);
	return one ? one : ret;
}

static int load(const struct cmd_options *o, struct state *state)
{
	int ret = state_load(o->state, state);

	if (ret == -ENOENT)
		return CMD_OK;
	if (ret) {
		cmd_error("%s %s", o->state, ret == -EBADMSG ?
			  "is damaged: nothing was done; remove it when the values are right" :
			  strerror(-ret));
		return cmd_exit_code(ret);
	}
	if (!o->force && state_owner_alive(state)) {
		cmd_error("accelgovd (pid %d) still runs: stop it, it undoes its changes itself",
			  (int)state->pid);
		state_free(state);
		return CMD_FAILURE;
	}
	return CMD_OK;
}

static int restore(const struct cmd_options *o, const struct sysfs *sysfs)
{
	json_t *list = o->json ? json_array() : NULL;
	int ret, lock = state_lock(o->state);
	struct state state = { 0 };

	ret = load(o, &state);
	if (ret) {
		state_unlock(lock);
		json_decref(list);
		return ret;
	}
	if (!state.nr_devices && !state.nr_accelerators && !o->json)
		puts("nothing to restore");
	ret = undo_all(sysfs, &state, list);
	/* What failed stays recorded for another try. */
	if (!ret)
		unlink(o->state);
	state_unlock(lock);
	state_free(&state);
	if (o->json)
		cmd_print_json(json_pack("{s:i, s:o}", "schema", 1, "changes",
					 list));
	return ret ? cmd_exit_code(ret) : CMD_OK;
}

int cmd_restore(int argc, char **argv)
{
	struct cmd_options options;
	struct sysfs sysfs;
	int ret = cmd_begin(argc, argv, help, &options, &sysfs);

	if (ret >= 0)
		return ret;
	ret = restore(&options, &sysfs);
	sysfs_close(&sysfs);
	return ret;
}
