// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - putting accelerators back as a daemon that is gone found them
 */
#include <errno.h>
#include <string.h>

#include "backend.h"
#include "undo.h"

static enum undo_result undo(const struct sysfs *sysfs,
			     const struct accelerators *list,
			     const struct state_accelerator *record,
			     int *ret_error)
{
	struct accelerator *acc = accelerators_find(list, record->name);
	int ret;

	*ret_error = 0;
	/* Its driver has gone, and its settings with it. */
	if (!acc)
		return UNDO_GONE;
	ret = -EOPNOTSUPP;
	if (acc->backend->restore &&
	    !strcmp(acc->backend->name, record->backend))
		ret = acc->backend->restore(sysfs, acc, record->line);
	if (!ret)
		return UNDO_DONE;
	if (ret == -ENODEV)
		return UNDO_GONE;
	*ret_error = ret;
	return UNDO_FAILED;
}

int accelerators_undo(const struct sysfs *sysfs, const struct state *state,
		      accelerator_undo_fn *undone, void *arg)
{
	struct accelerators list;
	enum undo_result result;
	int ret = 0, error;
	size_t i;

	if (!state->nr_accelerators)
		return 0;
	/* What one back end can't find may be another's. */
	accelerators_scan(sysfs, &list, NULL, NULL);
	for (i = 0; i < state->nr_accelerators; i++) {
		result = undo(sysfs, &list, &state->accelerator[i], &error);
		if (result == UNDO_FAILED)
			ret = error;
		if (undone)
			undone(arg, &state->accelerator[i], result, error);
	}
	accelerators_free(&list);
	return ret;
}
