// SPDX-License-Identifier: GPL-2.0
/*
 * accelgovd - accelerators, for people and programs
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "bridge_list.h"
#include "log.h"
#include "units.h"

#define NS_PER_S	1000000000ULL

/* Between two lines about decisions of one accelerator. */
#define SAY_NS		(10 * NS_PER_S)

const char *bridge_state_name(const struct bridge_view *view)
{
	if (view->asleep && view->state == BRIDGE_OBSERVING)
		return "asleep";
	switch (view->state) {
	case BRIDGE_STARTING:
		return "starting";
	case BRIDGE_OBSERVING:
		return "observing";
	case BRIDGE_RECORDING:
		return "preparing";
	case BRIDGE_ACTIVE:
		return "active";
	default:
		return "gone";
	}
}

static void say_state(struct bridge *b)
{
	const char *name = b->acc->name;

	if (b->said_state == b->view.state)
		return;
	if (b->view.state == BRIDGE_ACTIVE)
		log_notice("%s: active, the kernel governs it as devfreq device %s",
			   name, name);
	else if (b->view.state == BRIDGE_OBSERVING)
		log_info("%s: observing, nothing is set", name);
	else if (b->view.state == BRIDGE_GONE)
		log_notice("%s: gone", name);
	b->said_state = b->view.state;
}

static void say_problem(struct bridge *b)
{
	if (!strcmp(b->said_problem, b->view.problem))
		return;
	strcpy(b->said_problem, b->view.problem);
	if (b->view.problem[0] && b->view.state != BRIDGE_GONE)
		log_warn("%s: %s", b->acc->name, b->view.problem);
}

static void say_hold(struct bridge *b)
{
	if (!strcmp(b->said_hold, b->view.hold_problem))
		return;
	strcpy(b->said_hold, b->view.hold_problem);
	if (b->view.hold_problem[0])
		log_warn("%s: %s", b->acc->name, b->view.hold_problem);
}

static void say_stuck(struct bridge *b, uint64_t now_ns)
{
	bool stuck = bridge_hangs(&b->view, now_ns);

	if (stuck && !b->stuck)
		log_warn("%s: a call into %s has not returned for %" PRIu64 " s",
			 b->acc->name, b->acc->backend->name,
			 (uint64_t)((now_ns - b->view.stuck_ns) / NS_PER_S));
	else if (!stuck && b->stuck)
		log_notice("%s: %s answers again", b->acc->name,
			   b->acc->backend->name);
	b->stuck = stuck;
}

static void say_decision(struct bridge *b, uint64_t now_ns)
{
	const struct bridge_would *w = &b->view.would;
	char would[24], is[24] = "an unknown clock", saves[24];
	struct ag_rates r;

	if (b->view.state != BRIDGE_OBSERVING || !w->khz ||
	    !w->saving_permille.known ||
	    w->phase == ACCELGOV_PHASE_UNKNOWN || w->khz == b->said_khz ||
	    now_ns < b->said_ns + SAY_NS)
		return;
	bridge_rates(&b->view.reading.sample, &r);
	if (ag_valid(&r, ACCELGOV_SIG_CLOCK))
		unit_format(UNIT_FREQ, r.clock_khz * 1000LL, is, sizeof(is));
	unit_format(UNIT_FREQ, w->khz * 1000LL, would, sizeof(would));
	unit_format(UNIT_SHARE, w->saving_permille.value, saves, sizeof(saves));
	log_info("%s: %s: would run at %s, runs at %s; that saves %s now (model), %llu decisions",
		 b->acc->name, ag_phase_name(w->phase, w->workload), would, is,
		 saves, (unsigned long long)(w->changes - b->said_changes));
	b->said_khz = w->khz;
	b->said_ns = now_ns;
	b->said_changes = w->changes;
}

void bridge_say(struct bridge *b, uint64_t now_ns)
{
	say_state(b);
	say_problem(b);
	say_hold(b);
	say_stuck(b, now_ns);
	say_decision(b, now_ns);
}

static bool is_among(json_t *notes, json_t *one)
{
	json_t *note;
	size_t i;

	json_array_foreach(notes, i, note)
		if (json_equal(note, one))
			return true;
	return false;
}

void bridges_say_notes(json_t *before, json_t *now)
{
	json_t *note;
	size_t i;

	json_array_foreach(now, i, note)
		if (json_is_true(json_object_get(note, "left_out")) &&
		    !is_among(before, note))
			log_warn("%s finds less than there may be: %s",
				 json_string_value(json_object_get(note, "name")),
				 json_string_value(json_object_get(note, "note")));
}

static json_t *text_or_null(const char *text)
{
	return text[0] ? json_string(text) : json_null();
}

static json_t *known_or_null(bool known, json_int_t value)
{
	return known ? json_integer(value) : json_null();
}

static json_t *signals_to_json(const struct accelgov_sample *s)
{
	struct ag_rates r;

	bridge_rates(s, &r);
#define SIGNAL(sig, value) known_or_null(ag_valid(&r, sig), value)
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "busy_permille", SIGNAL(ACCELGOV_SIG_BUSY, r.busy),
			 "compute_permille",
			 SIGNAL(ACCELGOV_SIG_COMPUTE, r.compute),
			 "memory_permille",
			 SIGNAL(ACCELGOV_SIG_MEMORY, r.memory),
			 "link_permille", SIGNAL(ACCELGOV_SIG_LINK, r.link),
			 "host_permille", SIGNAL(ACCELGOV_SIG_HOST, r.host),
			 "queue_milli", SIGNAL(ACCELGOV_SIG_QUEUE, r.queue),
			 "clock_khz", SIGNAL(ACCELGOV_SIG_CLOCK, r.clock_khz),
			 "power_mw", SIGNAL(ACCELGOV_SIG_POWER, r.power_mw),
			 "progress", SIGNAL(ACCELGOV_SIG_PROGRESS, r.progress),
			 "contexts_milli",
			 SIGNAL(ACCELGOV_SIG_CONTEXTS, r.contexts));
#undef SIGNAL
}

static json_t *sensors_to_json(const struct backend_reading *reading)
{
	json_t *object = json_object();
	int i;

	for (i = 0; i < BACKEND_SENSORS; i++)
		json_object_set_new(object, backend_sensor_name(i),
				    known_or_null(reading->sensor[i].known,
						  reading->sensor[i].value));
	return object;
}

static json_t *would_to_json(const struct bridge_view *view, uint64_t now_ns)
{
	const struct bridge_would *w = &view->would;

	if (!w->there || view->state == BRIDGE_ACTIVE || !w->khz)
		return json_null();
	return json_pack("{s:s, s:s, s:i, s:I, s:I, s:s, s:o, s:i, s:I, s:I, s:I}",
			 "phase", ag_phase_name(w->phase, w->workload),
			 "workload", ag_workload_name(w->workload),
			 "confidence_permille", (int)w->confidence_permille,
			 "phase_age_ms",
			 (json_int_t)((now_ns - w->phase_since_ns) / 1000000),
			 "clock_khz", (json_int_t)w->khz,
			 "reason", ag_reason_name(w->reason),
			 "saving_permille",
			 known_or_null(w->saving_permille.known,
				       w->saving_permille.value),
			 "slowdown_permille", (int)w->slowdown_permille,
			 "energy_uj", (json_int_t)w->used_uj,
			 "energy_saved_uj", (json_int_t)w->saved_uj,
			 "decisions", (json_int_t)w->changes);
}

static json_t *set_to_json(const struct bridge_view *view)
{
	const struct reading *mem = &view->held[BACKEND_MEM];
	const struct reading *profile = &view->held[BACKEND_PROFILE];

	if (view->state != BRIDGE_ACTIVE)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:I, s:I}",
			 "clock_khz", known_or_null(view->clock_khz,
						    view->clock_khz),
			 "cap_mw", known_or_null(view->cap_mw, view->cap_mw),
			 "mem_clock_khz", known_or_null(mem->known, mem->value),
			 "profile", known_or_null(profile->known, profile->value),
			 "problem", text_or_null(view->hold_problem),
			 "targets", (json_int_t)view->targets,
			 "errors", (json_int_t)view->set_errors);
}

static json_t *bridge_to_json(const struct bridge *b,
			      const struct bridge_view *view, uint64_t now_ns)
{
	const struct accelerator *acc = b->acc;

	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:s, s:s, s:b, s:o, s:I, s:o, s:o, s:I, s:I, s:I, s:o, s:o, s:o, s:o}",
			 "name", acc->name,
			 "backend", acc->backend->name,
			 "vendor", acc->vendor,
			 "model", text_or_null(acc->model),
			 "bus", text_or_null(acc->bus),
			 "mode", b->mode == CONFIG_MODE_ACTIVE ? "active" :
								 "observe",
			 "state", bridge_state_name(view),
			 "hangs", bridge_hangs(view, now_ns),
			 "problem", text_or_null(view->problem),
			 "period_us", (json_int_t)view->period_us,
			 "rest_us", known_or_null(view->resting, view->rest_us),
			 "reading_cpu_us", known_or_null(view->cost_us, view->cost_us),
			 "reads", (json_int_t)view->reads,
			 "read_errors", (json_int_t)view->errors,
			 "proxies", (json_int_t)view->proxies,
			 "signals", signals_to_json(&view->reading.sample),
			 "sensors", sensors_to_json(&view->reading),
			 "would", would_to_json(view, now_ns),
			 "set", set_to_json(view));
}

json_t *bridges_status(const struct bridges *b)
{
	json_t *array = json_array();
	struct bridge_view view;
	struct timespec ts;
	uint64_t now_ns;
	size_t i;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	now_ns = ts.tv_sec * NS_PER_S + ts.tv_nsec;
	for (i = 0; b && i < b->nr; i++) {
		/* Not kept: what is new has to be noticed elsewhere. */
		bridge_thread_view(b->bridge[i]->thread, &view);
		json_array_append_new(array, bridge_to_json(b->bridge[i], &view,
							    now_ns));
	}
	return array;
}

json_t *bridges_notes(const struct bridges *b)
{
	return b && b->note ? json_incref(b->note) : json_array();
}
