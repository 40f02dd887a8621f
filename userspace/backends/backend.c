// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - the list of back ends and of what they found
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "nvml.h"
#include "printable.h"

/*
 * A vendor's library comes before the files of its driver: it knows more. New
 * back ends are listed here and nowhere else.
 */
const struct backend *const backends[] = {
	&backend_nvml,
	&backend_amdgpu,
	&backend_xe,
	&backend_i915,
	&backend_ivpu,
	&backend_habanalabs,
	/* What nobody above has found. */
	&backend_seen,
	NULL
};

struct accelerator *accelerators_add(struct accelerators *list,
				     const struct backend *backend)
{
	struct accelerator **item;
	struct accelerator *acc;

	acc = calloc(1, sizeof(*acc));
	if (!acc)
		return NULL;
	item = reallocarray(list->item, list->nr + 1, sizeof(*item));
	if (!item) {
		free(acc);
		return NULL;
	}
	list->item = item;
	acc->backend = backend;
	item[list->nr++] = acc;
	return acc;
}

struct accelerator *accelerators_find(const struct accelerators *list,
				      const char *name)
{
	size_t i;

	for (i = 0; i < list->nr; i++)
		if (!strcmp(list->item[i]->name, name))
			return list->item[i];
	return NULL;
}

void accelerator_free(struct accelerator *acc)
{
	if (acc->backend->release)
		acc->backend->release(acc);
	free(acc);
}

void accelerators_free(struct accelerators *list)
{
	while (list->nr)
		accelerator_free(list->item[--list->nr]);
	free(list->item);
	list->item = NULL;
}

static bool known_before(const struct accelerators *list, size_t first,
			 const struct accelerator *acc)
{
	size_t i;

	for (i = 0; i < first; i++)
		if (!strcmp(list->item[i]->name, acc->name) ||
		    (acc->bus[0] && !acc->parent[0] &&
		     !strcmp(list->item[i]->bus, acc->bus)))
			return true;
	return false;
}

/* Drop what an earlier back end has found already. */
static void drop_known(struct accelerators *list, size_t first)
{
	size_t i, kept = first;

	for (i = first; i < list->nr; i++) {
		if (known_before(list, first, list->item[i]))
			accelerator_free(list->item[i]);
		else
			list->item[kept++] = list->item[i];
	}
	list->nr = kept;
}

/* Files of a recorded tree and vendors' libraries may say anything. */
static void make_printable(struct accelerator *acc)
{
	printable(acc->name);
	printable(acc->vendor);
	printable(acc->model);
	printable(acc->driver);
	printable(acc->driver_version);
	printable(acc->bus);
	printable(acc->uuid);
	printable(acc->parent);
	printable(acc->devfreq);
}

/* One that failed found less than there may be, whether it says why or not. */
static void note_failure(struct backend_note *said, int error)
{
	said->left_out = true;
	if (!said->text[0])
		snprintf(said->text, sizeof(said->text),
			 "looking for its devices failed: %s", strerror(-error));
}

int accelerators_scan(const struct sysfs *sysfs, struct accelerators *ret_list,
		      void (*note)(void *arg, const struct backend *backend,
				   const struct backend_note *note),
		      void *arg)
{
	const struct backend *const *backend;
	int ret, first_error = 0;
	struct backend_note said;
	size_t first, i;

	*ret_list = (struct accelerators){ 0 };
	for (backend = backends; *backend; backend++) {
		first = ret_list->nr;
		said = (struct backend_note){ 0 };
		ret = (*backend)->scan(sysfs, ret_list, &said);
		if (ret && !first_error)
			first_error = ret;
		for (i = first; i < ret_list->nr; i++)
			make_printable(ret_list->item[i]);
		drop_known(ret_list, first);
		if (ret)
			note_failure(&said, ret);
		printable(said.text);
		if (said.text[0] && note)
			note(arg, *backend, &said);
	}
	return first_error;
}

const char *backend_signal_name(enum accelgov_signal signal)
{
	static const char * const name[ACCELGOV_SIG_NR] = {
		[ACCELGOV_SIG_BUSY] = "busy_permille",
		[ACCELGOV_SIG_COMPUTE] = "compute_permille",
		[ACCELGOV_SIG_MEMORY] = "memory_permille",
		[ACCELGOV_SIG_LINK] = "link_permille",
		[ACCELGOV_SIG_HOST] = "host_permille",
		[ACCELGOV_SIG_QUEUE] = "queue_milli",
		[ACCELGOV_SIG_CLOCK] = "clock_khz",
		[ACCELGOV_SIG_POWER] = "power_mw",
		[ACCELGOV_SIG_PROGRESS] = "progress_per_s",
		[ACCELGOV_SIG_CONTEXTS] = "contexts_milli",
	};

	return name[signal];
}

const char *backend_sensor_name(enum backend_sensor sensor)
{
	static const char * const name[BACKEND_SENSORS] = {
		[BACKEND_MEM_CLOCK] = "mem_clock_khz",
		[BACKEND_ENERGY] = "energy_uj",
		[BACKEND_TEMPERATURE] = "temperature_mc",
		[BACKEND_MEM_USED] = "mem_used_bytes",
		[BACKEND_MEM_TOTAL] = "mem_total_bytes",
		[BACKEND_THROTTLE] = "throttle",
		[BACKEND_POWER_AVERAGE] = "power_average_mw",
	};

	return name[sensor];
}

const char *backend_actuator_name(enum backend_actuator actuator)
{
	static const char * const name[BACKEND_ACTUATORS] = {
		[BACKEND_CLOCK] = "clock_khz",
		[BACKEND_MEM] = "mem_clock_khz",
		[BACKEND_CAP] = "cap_mw",
		[BACKEND_AUTOSUSPEND] = "autosuspend_ms",
		[BACKEND_PROFILE] = "profile",
	};

	return name[actuator];
}
