// SPDX-License-Identifier: GPL-2.0
/*
 * accelgovd - what is held for as long as an accelerator is active
 *
 * Highest memory clock and workload power profile: no governor moves them, the operator
 * asks for them. They are set after the first target, so that what was found is on
 * disk by then, and go back with clock and power limit, from the same record. One that
 * can't be set keeps nothing else from it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bridge_work.h"
#include "units.h"

/* Before one that failed is tried again: that it can't be set may change. */
#define RETRY_NS	(10 * NS_PER_S)

static const struct {
	enum backend_actuator actuator;
	const char *key;
} holds[] = {
	{ BACKEND_MEM, "MaxMemoryFreq" },
	{ BACKEND_PROFILE, "PowerProfile" },
};

#define HOLDS	(sizeof(holds) / sizeof(holds[0]))

static const char *value_text(enum backend_actuator actuator, int64_t value,
			      char buf[24])
{
	if (actuator == BACKEND_MEM)
		return unit_format(UNIT_FREQ, value * 1000, buf, 24);
	if (value < 0)
		return "none";
	snprintf(buf, 24, "%" PRId64, value);
	return buf;
}

/* " 0 2 5", as many as there is room for. */
static void list_values(const struct accelerator *acc,
			enum backend_actuator actuator, char *buf, size_t size)
{
	bool mem = actuator == BACKEND_MEM;
	size_t nr = mem ? acc->nr_mem_clocks : acc->nr_profiles, i, at = 0;
	char one[24];

	buf[0] = '\0';
	for (i = 0; i < nr; i++) {
		value_text(actuator, mem ? acc->mem_khz[i] : acc->profile[i], one);
		if (at + strlen(one) + 6 > size) {
			strcpy(buf + at, " ...");
			return;
		}
		at += snprintf(buf + at, size - at, "%s %s", i ? "," : "", one);
	}
}

static bool has_profile(const struct accelerator *acc, int64_t number)
{
	size_t i;

	for (i = 0; i < acc->nr_profiles; i++)
		if (acc->profile[i] == number)
			return true;
	return number < 0 && acc->actuator[BACKEND_PROFILE].min.known &&
	       acc->actuator[BACKEND_PROFILE].min.value < 0;
}

/* Before the back end is asked: nothing that it would have to refuse. */
static bool in_range(const struct accelerator *acc,
		     enum backend_actuator actuator, int64_t value)
{
	const struct backend_range *range = &acc->actuator[actuator];

	if (actuator == BACKEND_PROFILE)
		return has_profile(acc, value);
	return (!range->min.known || value >= range->min.value) &&
	       (!range->max.known || value <= range->max.value);
}

static void complain(struct bridge_thread *t, size_t which, const char *why)
{
	char *text = t->view.hold_problem, value[24];
	size_t at = strlen(text), room = sizeof(t->view.hold_problem) - at;
	enum backend_actuator actuator = holds[which].actuator;

	snprintf(text + at, room, "%s%s=%s is not set: %s", at ? "; " : "",
		 holds[which].key,
		 value_text(actuator, t->now.hold[actuator].value, value), why);
}

static void explain_range(struct bridge_thread *t, size_t which)
{
	char list[96], why[160];

	list_values(t->acc, holds[which].actuator, list, sizeof(list));
	if (holds[which].actuator == BACKEND_MEM)
		snprintf(why, sizeof(why), "out of range, its memory clocks are%s",
			 list);
	else
		snprintf(why, sizeof(why), "it has no such profile, but%s", list);
	complain(t, which, why);
}

static void explain(struct bridge_thread *t, size_t which, int error)
{
	const struct backend_range *range = &t->acc->actuator[holds[which].actuator];

	if (error == -ERANGE)
		explain_range(t, which);
	else if (error == -EAGAIN)
		complain(t, which, "it sleeps, and would have to wake up for it");
	else if (range->why[0])
		complain(t, which, range->why);
	else
		complain(t, which, strerror(-error));
}

static int set(struct bridge_thread *t, enum backend_actuator actuator,
	       int64_t value)
{
	const struct backend_range *range = &t->acc->actuator[actuator];
	int ret;

	if (!range->there || !range->writable)
		return range->there ? -EPERM : -EOPNOTSUPP;
	if (!in_range(t->acc, actuator, value))
		return -ERANGE;
	bridge_enter(t);
	t->dirty = true;
	t->touched[actuator] = true;
	ret = t->acc->backend->set(t->sysfs, t->acc, actuator, value);
	bridge_leave(t);
	return ret;
}

/* It was set, and nobody asks for it any more. */
static bool is_left(const struct bridge_thread *t, size_t which)
{
	enum backend_actuator actuator = holds[which].actuator;

	return t->touched[actuator] && !t->now.hold[actuator].known;
}

/* Of clocks the highest that is not above; out of range it stays, to be refused. */
static int64_t aim_of(const struct bridge_thread *t, size_t which)
{
	int64_t value = t->now.hold[holds[which].actuator].value;
	size_t i = t->acc->nr_mem_clocks;

	if (holds[which].actuator != BACKEND_MEM || !i ||
	    value > t->acc->mem_khz[i - 1])
		return value;
	while (i-- > 0)
		if (t->acc->mem_khz[i] <= value)
			return t->acc->mem_khz[i];
	return value;
}

static bool is_missing(const struct bridge_thread *t, size_t which)
{
	const struct reading *held = &t->view.held[holds[which].actuator];

	return t->now.hold[holds[which].actuator].known &&
	       (!held->known || held->value != aim_of(t, which));
}

static bool anything_to_do(const struct bridge_thread *t)
{
	size_t i;

	for (i = 0; i < HOLDS; i++)
		if (is_left(t, i) || is_missing(t, i))
			return true;
	return false;
}

/*
 * One that is not asked for any more goes back to what it was. Back ends put back all
 * or nothing; the rest is set again at once.
 */
static bool take_back(struct bridge_thread *t)
{
	size_t i;

	for (i = 0; i < HOLDS; i++) {
		if (!is_left(t, i))
			continue;
		if (!bridge_put_back(t))
			return false;
		t->again = true;
		bridge_set_again(t);
		break;
	}
	return true;
}

void bridge_hold(struct bridge_thread *t)
{
	enum backend_actuator actuator;
	int64_t aim;
	size_t i;
	int ret;

	if (t->proxy < 0 || !t->seq || bridge_now_ns() < t->hold_retry_ns)
		return;
	t->view.hold_problem[0] = '\0';
	if (!anything_to_do(t))
		return;
	t->hold_retry_ns = bridge_now_ns() + RETRY_NS;
	if (!take_back(t))
		return;
	for (i = 0; i < HOLDS; i++) {
		if (!is_missing(t, i))
			continue;
		actuator = holds[i].actuator;
		aim = aim_of(t, i);
		ret = set(t, actuator, aim);
		if (ret)
			explain(t, i, ret);
		else
			t->view.held[actuator] = (struct reading){ aim, true };
	}
}

void bridge_hold_again(struct bridge_thread *t)
{
	t->hold_retry_ns = 0;
	memset(t->view.held, 0, sizeof(t->view.held));
}

void bridge_hold_none(struct bridge_thread *t)
{
	memset(t->view.held, 0, sizeof(t->view.held));
	memset(t->touched, 0, sizeof(t->touched));
	t->view.hold_problem[0] = '\0';
	t->hold_retry_ns = 0;
}
