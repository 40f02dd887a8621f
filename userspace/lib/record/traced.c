// SPDX-License-Identifier: GPL-2.0
/*
 * Lines of a recording from the module's trace events.
 *
 * Times are those that the policy core was given, where the event tells them; the
 * trace's own are good to a microsecond, and serve for settings alone.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "../../../kmod/core/core.h"
#include "../report/score.h"
#include "traced.h"

static int take_u64(const struct traceline *t, const char *key, uint64_t *ret)
{
	uint64_t value;

	if (traceline_number(t, key, &value) || value > INT64_MAX)
		return -EINVAL;
	*ret = value;
	return 0;
}

static int take_u32(const struct traceline *t, const char *key, uint32_t *ret)
{
	uint64_t value;

	if (take_u64(t, key, &value) || value > UINT32_MAX)
		return -EINVAL;
	*ret = (uint32_t)value;
	return 0;
}

static int take_text(const struct traceline *t, const char *key, char *buf,
		     size_t size)
{
	return traceline_field(t, key, buf, size) ? -EINVAL : 0;
}

/* Numbers that may be negative, or hexadecimal. */
static int take_s64(const struct traceline *t, const char *key, int64_t *ret)
{
	char text[32], *end;
	int64_t value;

	if (traceline_field(t, key, text, sizeof(text)) || !text[0])
		return -EINVAL;
	errno = 0;
	value = strtoll(text, &end, 0);
	if (errno || *end)
		return -EINVAL;
	*ret = value;
	return 0;
}

/*
 * Counted is what the window's cycles make the mean of. Their number gives the same clock
 * back, but for windows too short for it to matter who counted (ag_clock_counted()).
 */
static void count_cycles(struct accelgov_sample *sample)
{
	uint64_t khz = sample->val[ACCELGOV_SIG_CLOCK];
	uint64_t ms = sample->window_ns / NSEC_PER_MSEC;
	uint64_t rest_ns = sample->window_ns % NSEC_PER_MSEC;

	if (!ms || !(sample->valid & 1U << ACCELGOV_SIG_CLOCK))
		return;
	sample->val[ACCELGOV_SIG_CLOCK] = khz * ms +
		(khz * rest_ns + NSEC_PER_MSEC - 1) / NSEC_PER_MSEC;
	sample->amount |= 1U << ACCELGOV_SIG_CLOCK;
}

static int take_signal(const struct traceline *t, struct recording_entry *e)
{
	struct accelgov_sample *sample = &e->reading.sample;
	uint64_t window_ns, counted;
	int64_t valid, value;
	unsigned int s;

	e->kind = RECORDING_SAMPLE;
	if (take_u64(t, "time_ns", &e->time_ns) ||
	    take_u64(t, "window_ns", &window_ns) || window_ns > e->time_ns ||
	    take_u64(t, "clock_counted", &counted) || counted > 1 ||
	    take_s64(t, "valid", &valid) || valid < 0 ||
	    valid >= 1LL << ACCELGOV_SIG_NR)
		return -EINVAL;
	sample->time_ns = e->time_ns;
	sample->window_ns = window_ns;
	for (s = 0; s < ACCELGOV_SIG_NR; s++) {
		if (!(valid & 1LL << s))
			continue;
		if (take_s64(t, backend_signal_name(s), &value) || value < 0)
			return -EINVAL;
		sample->val[s] = (uint64_t)value;
	}
	sample->valid = (uint32_t)valid;
	if (counted)
		count_cycles(sample);
	return 1;
}

static uint32_t workload_by_name(const char *name)
{
	uint32_t w = 0;

	while (w < ACCELGOV_WORKLOAD_NR && strcmp(name, ag_workload_name(w)))
		w++;
	return w;
}

static int take_phase(const struct traceline *t, struct recording_entry *e)
{
	struct recording_decision *d = &e->decision;
	char phase[32], workload[16];
	uint32_t confidence;

	e->kind = RECORDING_DECISION;
	e->time_ns = t->time_ns;
	if (take_text(t, "new", phase, sizeof(phase)) ||
	    take_text(t, "workload", workload, sizeof(workload)) ||
	    take_u32(t, "confidence_permille", &confidence) || confidence > 1000)
		return -EINVAL;
	d->phase = phase_from_name(phase);
	d->workload = workload_by_name(workload);
	d->confidence_permille = (struct reading){ confidence, true };
	return d->phase < ACCELGOV_PHASE_NR &&
	       d->workload < ACCELGOV_WORKLOAD_NR ? 1 : -EINVAL;
}

static int take_decision(const struct traceline *t, struct recording_entry *e)
{
	struct recording_govern *g = &e->govern;

	e->kind = RECORDING_GOVERN;
	g->what = RECORDING_DECIDED;
	if (take_u64(t, "set_ns", &e->time_ns) ||
	    take_u32(t, "new_khz", &g->khz) ||
	    take_u32(t, "min_khz", &g->min_khz) ||
	    take_u32(t, "max_khz", &g->max_khz) ||
	    take_text(t, "reason", g->reason, sizeof(g->reason)))
		return -EINVAL;
	return 1;
}

static int take_govern(const struct traceline *t, struct recording_entry *e)
{
	struct recording_govern *g = &e->govern;
	char what[16];

	e->kind = RECORDING_GOVERN;
	if (take_u64(t, "time_ns", &e->time_ns) ||
	    take_u32(t, "khz", &g->khz) || take_u32(t, "mv", &g->mv) ||
	    take_text(t, "what", what, sizeof(what)))
		return -EINVAL;
	/* Modules of before tell neither. */
	if (take_u32(t, "switch_us", &g->switch_us))
		g->switch_us = 0;
	if (take_u32(t, "halt_us", &g->halt_us))
		g->halt_us = 0;
	g->what = recording_govern_by_name(what);
	return g->what == RECORDING_POINT || g->what == RECORDING_START ||
	       g->what == RECORDING_STOP || g->what == RECORDING_WOKE ||
	       g->what == RECORDING_CLOCK || g->what == RECORDING_LIMITED ?
	       1 : -EINVAL;
}

/* That signals are back shows in the next sample. */
static int take_fallback(const struct traceline *t, struct recording_entry *e)
{
	int64_t active;

	e->kind = RECORDING_GOVERN;
	e->govern.what = RECORDING_LOST;
	if (take_s64(t, "active", &active) || take_u64(t, "time_ns", &e->time_ns))
		return -EINVAL;
	return active ? 1 : 0;
}

static int take_policy(const struct traceline *t, struct recording_entry *e)
{
	struct recording_govern *g = &e->govern;
	char action[16];

	e->kind = RECORDING_GOVERN;
	e->time_ns = t->time_ns;
	if (take_text(t, "action", action, sizeof(action)) ||
	    take_s64(t, "value", &g->value))
		return -EINVAL;
	g->what = recording_govern_by_name(action);
	if (g->what == RECORDING_SET)
		return take_text(t, "key", g->key, sizeof(g->key)) ? -EINVAL : 1;
	return g->what == RECORDING_LEASE_START ||
	       g->what == RECORDING_LEASE_END ||
	       g->what == RECORDING_LEASE_EXPIRED ||
	       g->what == RECORDING_ATTACH;
}

int traced_entry(const struct traceline *t, struct recording_entry *ret)
{
	static const struct {
		const char *event;
		int (*take)(const struct traceline *t, struct recording_entry *e);
	} events[] = {
		{ "signal", take_signal }, { "phase", take_phase },
		{ "decision", take_decision }, { "govern", take_govern },
		{ "fallback", take_fallback }, { "policy", take_policy },
	};
	struct recording_entry e = { 0 };
	size_t i;
	int got;

	for (i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		if (!traceline_is(t, events[i].event))
			continue;
		got = events[i].take(t, &e);
		if (got == 1)
			*ret = e;
		return got;
	}
	return 0;
}
