// SPDX-License-Identifier: GPL-2.0
/*
 * accelgovd - accelerators that are known already, looked at again
 *
 * What was found while a driver was still making its files, while its library was not
 * ready or while the device slept is not all that there is. A back end may keep what it
 * found, so a better description comes with private data of its own, and its thread is
 * exchanged for one that works on that. Which is no small thing for a device in use: it
 * takes something that was not there before, and is not done twice in a short time.
 */
#include <string.h>

#include "backends/gain.h"
#include "bridge_again.h"

#define NS_PER_S	1000000000ULL

/* From one time to the next: doubled up to the last. */
#define BACKOFF_NS		(5 * NS_PER_S)
#define BACKOFF_MAX_NS	(3600 * NS_PER_S)

static void step(struct bridge_backoff *backoff, uint64_t now_ns)
{
	bridge_backoff_step(backoff, now_ns, BACKOFF_NS, BACKOFF_MAX_NS);
}

static void take_readings(struct bridge *one, const struct bridge_view *view)
{
	int i;

	one->read_signals |= view->reading.sample.valid;
	for (i = 0; i < BACKEND_SENSORS; i++)
		if (view->reading.sensor[i].known)
			one->read_sensors |= 1U << i;
}

void bridge_watch(struct bridge *one, uint64_t now_ns)
{
	take_readings(one, &one->view);
	if (one->view.line[0])
		one->touched_ns = now_ns;
}

bool bridge_asks_for_scan(struct bridge *one, uint64_t now_ns)
{
	if (!one->view.outdated || one->next || one->leaves ||
	    now_ns < one->asked.next_ns || now_ns < one->taken.next_ns)
		return false;
	step(&one->asked, now_ns);
	return true;
}

/* Signals come and go: what was read once can be read. */
static const char *readings_gain(struct bridge *one, const struct accelerator *acc)
{
	struct bridge_view view;

	bridge_thread_view(one->thread, &view);
	take_readings(one, &view);
	if (acc->signals & ~(one->found.signals | one->read_signals))
		return "signals";
	if (acc->sensors & ~(one->found.sensors | one->read_sensors))
		return "sensors";
	return NULL;
}

static const char *gain(struct bridge *one, const struct accelerator *acc,
			uint64_t began_ns)
{
	bool untouched = !one->view.line[0] && began_ns > one->touched_ns;
	const char *what;

	if (acc->backend != one->acc->backend)
		return one->acc->backend == &backend_seen ? "a back end that reads it" :
							    NULL;
	what = accelerator_gains(&one->found, acc, untouched);
	/* Its thread may have begun at a moment when less was to be read. */
	if (!what && one->view.outdated && acc->nr_clocks)
		what = "what its thread began without";
	if (!what && !acc->asleep)
		what = readings_gain(one, acc);
	if (!what && untouched && acc->model[0] && !one->found.model[0])
		what = "a name";
	return what;
}

const char *bridge_compare(struct bridge *one, const struct accelerator *acc,
			   uint64_t began_ns, uint64_t now_ns)
{
	const char *what;

	if (one->next || one->leaves || now_ns < one->taken.next_ns)
		return NULL;
	what = gain(one, acc, began_ns);
	if (what)
		step(&one->taken, now_ns);
	return what;
}

void bridge_remember(struct bridge *one)
{
	one->found = *one->acc;
	/* That is the thread's. */
	one->found.priv = NULL;
	one->read_signals = 0;
	one->read_sensors = 0;
}

bool bridge_is_superseded(const struct bridge *one, const struct accelerators *list)
{
	const struct accelerator *now = accelerators_find(list, one->acc->name);

	return now ? now->devfreq[0] : one->acc->backend == &backend_seen;
}
