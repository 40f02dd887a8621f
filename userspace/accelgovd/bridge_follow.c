// SPDX-License-Identifier: GPL-2.0
/*
 * accelgovd - one accelerator as a proxy device
 *
 * Going active takes three steps, so that there is never a change that nobody
 * could undo: ask the back end how things are; have that written to disk, which
 * the main thread does; make the proxy device, whose first target is the first
 * thing set. Whatever ends it, a lost device, a lost lease, another wish, the
 * accelerator is put back at once: a clock that nobody governs is of no use.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bridge_work.h"

/* From one try to set what was refused to the next: doubled up to the last. */
#define SET_RETRY_NS		(NS_PER_S / 4)
#define SET_RETRY_MAX_NS	(30 * NS_PER_S)

static int set(struct bridge_thread *t, enum backend_actuator actuator,
	       uint32_t value)
{
	int ret;

	bridge_enter(t);
	t->dirty = true;
	ret = t->acc->backend->set(t->sysfs, t->acc, actuator, value);
	bridge_leave(t);
	return ret;
}

/* Return: the accelerator is as it was found. */
bool bridge_put_back(struct bridge_thread *t)
{
	int ret;

	t->view.clock_khz = 0;
	t->view.cap_mw = 0;
	if (!t->view.line[0] || !t->dirty) {
		bridge_hold_none(t);
		return true;
	}
	bridge_enter(t);
	ret = t->acc->backend->restore(t->sysfs, t->acc, t->view.line);
	bridge_leave(t);
	if (ret) {
		bridge_problem(t, "can't be put back as it was: %s", strerror(-ret));
		return false;
	}
	t->dirty = false;
	bridge_hold_none(t);
	return true;
}

void bridge_close_proxy(struct bridge_thread *t)
{
	if (t->proxy >= 0)
		close(t->proxy);
	t->proxy = -1;
	t->seq = 0;
	t->error = 0;
	t->setting.delay_ns = 0;
}

/* Nothing is ours any more, and nothing is left to undo. */
void bridge_stand_down(struct bridge_thread *t)
{
	bridge_close_proxy(t);
	t->view.state = BRIDGE_OBSERVING;
	if (!bridge_put_back(t))
		return;
	t->view.line[0] = '\0';
	t->on_disk = false;
}

static void lost(struct bridge_thread *t, const char *why)
{
	bridge_close_proxy(t);
	t->view.state = BRIDGE_OBSERVING;
	if (bridge_put_back(t))
		bridge_problem(t, "its proxy device was lost: %s; it is made again",
			       why);
	bridge_later(t);
}

/* Return: NULL when it can be actuated, else why not. */
static const char *refusal(const struct bridge_thread *t)
{
	const struct backend *backend = t->acc->backend;
	const struct backend_range *clock = &t->acc->actuator[BACKEND_CLOCK];

	if (!backend->set || !backend->save || !backend->restore)
		return "its back end only reads";
	if (!clock->there || !clock->writable)
		return clock->why[0] ? clock->why : "its clock can't be set";
	if (!t->nr_khz)
		return "its clock can be set, but no file tells which clocks it takes";
	return NULL;
}

static void ask_for_record(struct bridge_thread *t)
{
	int ret;

	bridge_enter(t);
	ret = t->acc->backend->save(t->sysfs, t->acc, t->view.line,
				    sizeof(t->view.line));
	bridge_leave(t);
	if (ret) {
		t->view.line[0] = '\0';
		bridge_problem(t, "not touched, because it does not tell how it is: %s",
			       strerror(-ret));
		bridge_later(t);
		return;
	}
	t->view.state = BRIDGE_RECORDING;
}

static void describe(const struct bridge_thread *t,
		     struct accelgov_proxy_create *create,
		     struct accelgov_proxy_opp *opps)
{
	const struct backend_range *cap = &t->acc->actuator[BACKEND_CAP];
	uint32_t i;

	memset(create, 0, sizeof(*create));
	memset(opps, 0, AG_OPP_MAX * sizeof(*opps));
	for (i = 0; i < t->nr_khz; i++)
		opps[i].khz = t->khz[i];
	strcpy(create->name, t->acc->name);
	strcpy(create->governor, t->now.governor);
	create->opps = (uintptr_t)opps;
	create->nr_opps = t->nr_khz;
	create->lease_ms = t->now.lease_ms;
	create->switch_us = t->now.switch_us;
	create->halt_us = t->now.halt_us;
	if (!cap->there || !cap->writable || !cap->value.known ||
	    !cap->min.known || !cap->max.known ||
	    cap->value.value < cap->min.value ||
	    cap->value.value > cap->max.value)
		return;
	create->cap_min_mw = cap->min.value;
	create->cap_max_mw = cap->max.value;
	create->cap_mw = cap->value.value;
}

static void explain_create(struct bridge_thread *t, int ret)
{
	switch (ret) {
	case -ENOENT:
	case -ENXIO:
		bridge_problem(t, "only observed: there is no " PROXY_NODE ", load the module (modprobe accelgov)");
		return;
	case -EEXIST:
		bridge_problem(t, "only observed: a device of its name is there already, is another program in charge of it?");
		return;
	case -ENODEV:
		bridge_problem(t, "only observed: there is no governor %s",
			       t->now.governor);
		return;
	default:
		bridge_problem(t, "only observed: " PROXY_NODE ": %s",
			       strerror(-ret));
	}
}

static void make_proxy(struct bridge_thread *t)
{
	struct accelgov_proxy_opp opps[AG_OPP_MAX];
	struct accelgov_proxy_create create;
	int ret;

	describe(t, &create, opps);
	ret = proxy_create(&create, &t->proxy);
	if (ret) {
		t->proxy = -1;
		t->view.state = BRIDGE_OBSERVING;
		explain_create(t, ret);
		bridge_later(t);
		return;
	}
	t->view.cap_mw = create.cap_mw;
	t->view.state = BRIDGE_ACTIVE;
	t->view.problem[0] = '\0';
	t->view.proxies++;
	t->making.delay_ns = 0;
}

/* It should be active and is not: the next step towards that. */
void bridge_pursue(struct bridge_thread *t)
{
	const char *why;

	if (!t->now.active || t->now.forbidden || t->proxy >= 0 ||
	    bridge_now_ns() < t->making.next_ns)
		return;
	why = refusal(t);
	if (why) {
		bridge_problem(t, "only observed: %s", why);
		bridge_later(t);
	} else if (access(PROXY_NODE, R_OK | W_OK)) {
		explain_create(t, -errno);
		bridge_later(t);
	} else if (!t->view.line[0]) {
		ask_for_record(t);
	} else if (t->on_disk) {
		make_proxy(t);
	}
}

void bridge_report(struct bridge_thread *t,
		   const struct accelgov_sample *sample)
{
	struct accelgov_proxy_report r = { .seq = t->seq, .error = t->error };
	int ret;

	if (t->proxy < 0)
		return;
	if (sample && !ag_sample_check(sample))
		r.sample = *sample;
	ret = proxy_report(t->proxy, &r);
	if (ret == -ENODEV)
		lost(t, "its lease ran out or it was removed");
}

static int follow(struct bridge_thread *t,
		  const struct accelgov_proxy_target *target)
{
	int ret = 0, cap_ret = 0;

	if (t->again || target->clock_khz != t->view.clock_khz)
		ret = set(t, BACKEND_CLOCK, target->clock_khz);
	if (!ret)
		t->view.clock_khz = target->clock_khz;
	if (target->cap_mw && (t->again || target->cap_mw != t->view.cap_mw))
		cap_ret = set(t, BACKEND_CAP, target->cap_mw);
	if (!cap_ret)
		t->view.cap_mw = target->cap_mw;
	t->again = false;
	return ret ? ret : cap_ret;
}

/*
 * A device that was busy or being reset takes later what it does not take now. One that
 * sleeps is asked at the same short distance, since it may wake up at any time.
 */
static void refused(struct bridge_thread *t, int error)
{
	bool sleeps = error == EAGAIN;

	if (sleeps)
		t->setting.delay_ns = 0;
	bridge_backoff_step(&t->setting, bridge_now_ns(), SET_RETRY_NS,
			    SET_RETRY_MAX_NS);
	bridge_problem(t, "a clock or power limit can't be set: %s",
		       sleeps ? "it sleeps, and would have to wake up for it" :
				strerror(error));
}

static void follow_target(struct bridge_thread *t)
{
	t->error = -follow(t, &t->target);
	if (t->error) {
		refused(t, t->error);
		return;
	}
	t->setting.delay_ns = 0;
	t->view.problem[0] = '\0';
}

void bridge_take_target(struct bridge_thread *t)
{
	struct accelgov_proxy_target target;
	int ret = proxy_read(t->proxy, &target);

	if (ret == -EAGAIN)
		return;
	if (ret) {
		lost(t, ret == -ENODEV ? "its lease ran out or it was removed" :
					 strerror(-ret));
		return;
	}
	t->target = target;
	t->seq = target.seq;
	t->view.targets++;
	follow_target(t);
	t->view.set_errors += !!t->error;
	bridge_report(t, NULL);
}

void bridge_set_again(struct bridge_thread *t)
{
	bool due = t->error && bridge_now_ns() >= t->setting.next_ns;

	if (t->proxy >= 0 && t->seq && (t->again || due))
		follow_target(t);
	t->again = false;
}
