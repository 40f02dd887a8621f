// SPDX-License-Identifier: GPL-2.0
/*
 * What the governor in the kernel decided, decided again.
 *
 * In the kernel a sample may ask for a target, which a work item decides and hands to
 * the driver, a little later. The core learns of it when the driver has it, and that is
 * where the recording has the decision. Another sample may have come in between, after
 * the deciding: so a decision may be that of before the last sample, when one had been
 * asked for by then.
 *
 * What a phase was named is known to be confirmed when the next sample comes: events
 * of a change follow their sample.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "regoverned.h"

/* Of any knob, in its own unit: 32 bit of kHz or mW. */
#define KNOB_MAX	(UINT32_MAX * 1000LL)

/* A decision follows what asks for it, unless the device sleeps. */
#define LATE_NS		1000000000ULL

static void inexact(struct regoverned *g, const char *why)
{
	if (!g->priv.running || !g->exact)
		return;
	g->exact = false;
	snprintf(g->why, sizeof(g->why), "%s", why);
}

__attribute__((format(printf, 3, 4)))
static void differs(struct regoverned *g, uint64_t ns, const char *fmt, ...)
{
	va_list args;

	if (g->differs_ns)
		return;
	g->differs_ns = ns;
	va_start(args, fmt);
	vsnprintf(g->differs, sizeof(g->differs), fmt, args);
	va_end(args);
}

static void add_point(struct regoverned *g, const struct recording_govern *point)
{
	if (g->priv.nr < AG_OPP_MAX)
		g->priv.opp[g->priv.nr++] = (struct ag_opp){
			.khz = point->khz, .mv = point->mv,
		};
}

static void ask(struct regoverned *g, uint64_t now_ns)
{
	if (!g->priv.asked)
		g->priv.asked_ns = now_ns;
	g->priv.asked = true;
}

static int start(struct regoverned *g, const struct recording_govern *told,
		 uint64_t now_ns)
{
	struct ag_config cfg;

	if (!g->priv.core)
		g->priv.core = malloc(sizeof(*g->priv.core));
	if (!g->priv.core)
		return -ENOMEM;
	g->exact |= !g->seen;
	g->seen = true;
	g->priv.running = true;
	ag_config_default(&cfg);
	if (ag_core_init(g->priv.core, g->priv.opp, g->priv.nr, &cfg, now_ns))
		inexact(g, "its operating points are not as they must be");
	ag_core_switching(g->priv.core, told->switch_us, told->halt_us);
	g->priv.leased = false;
	g->priv.lost = false;
	g->priv.was_asked = false;
	g->priv.unconfirmed = false;
	ask(g, now_ns);
	g->priv.phase = ACCELGOV_PHASE_UNKNOWN;
	g->priv.workload = ACCELGOV_WORKLOAD_UNKNOWN;
	return 0;
}

static bool configure(struct regoverned *g, const struct ag_config *cfg)
{
	return !ag_core_configure(g->priv.core, cfg);
}

/* kHz as the module rounds them: a limit that is set never becomes none. */
static uint32_t khz_of(int64_t hz, bool up)
{
	return (uint32_t)((hz + (up ? 999 : 0)) / 1000);
}

static bool set_phase(struct ag_config *cfg, const char *key, int64_t value)
{
	struct ag_phase_limits *l;
	uint32_t phase;
	size_t len;

	for (phase = 0; phase < ACCELGOV_PHASE_NR; phase++) {
		len = strlen(ag_phase_base_name(phase));
		if (!strncmp(key, ag_phase_base_name(phase), len) &&
		    key[len] == '/')
			break;
	}
	if (phase == ACCELGOV_PHASE_NR)
		return false;
	l = &cfg->phase[phase];
	key += len + 1;
	if (!strcmp(key, "min_freq_hz"))
		l->min_khz = khz_of(value, true);
	else if (!strcmp(key, "max_freq_hz"))
		l->max_khz = khz_of(value, false);
	else if (!strcmp(key, "slowdown_budget_permille"))
		l->budget_permille = (int32_t)value;
	else
		return false;
	return true;
}

/* Knobs of idle states decide about no clock; that one was written does. */
static bool set_knob(struct ag_config *cfg, const char *key, int64_t value)
{
	if (!strcmp(key, "slowdown_budget_permille"))
		cfg->budget_permille = (uint32_t)value;
	else if (!strcmp(key, "power_cap_uw"))
		cfg->power_cap_mw = (uint32_t)(value / 1000);
	else if (!strcmp(key, "sample_period_us"))
		cfg->sample_period_us = (uint32_t)value;
	else if (!strncmp(key, "phases/", 7))
		return set_phase(cfg, key + 7, value);
	else
		return !strncmp(key, "idle/", 5);
	return true;
}

static void set(struct regoverned *g, const struct recording_govern *e,
		uint64_t now_ns)
{
	struct ag_config cfg = g->priv.core->cfg;

	if (e->value < -1 || e->value > KNOB_MAX ||
	    !set_knob(&cfg, e->key, e->value) || !configure(g, &cfg))
		inexact(g, "a knob was written that is not known here");
	ask(g, now_ns);
}

static void end_lease(struct regoverned *g, uint64_t now_ns)
{
	if (g->priv.leased)
		configure(g, &g->priv.saved);
	g->priv.leased = false;
	ask(g, now_ns);
}

/* After the events of a sample: was it taken for the same? */
static void confirm(struct regoverned *g)
{
	const struct ag_core *c = g->priv.core;
	bool same;

	if (!g->priv.unconfirmed)
		return;
	g->priv.unconfirmed = false;
	same = c->phase.now == g->priv.phase &&
	       c->workload.now == g->priv.workload;
	g->samples++;
	g->phases_same += same;
	if (!same)
		differs(g, g->priv.sample_ns, "%s, which is %s here",
			ag_phase_name(g->priv.phase, g->priv.workload),
			ag_phase_name(c->phase.now, c->workload.now));
}

static void take_sample(struct regoverned *g, const struct accelgov_sample *sample)
{
	struct ag_core *c = g->priv.core;
	struct ag_rates rates;
	uint32_t events;

	confirm(g);
	if (sample->time_ns <= c->rates.time_ns) {
		inexact(g, "its samples do not go on in time");
		return;
	}
	/* What would have been decided, had the work been here by now. */
	g->priv.was_asked = g->priv.asked || g->priv.maybe_asked;
	g->priv.maybe_asked = false;
	if (g->priv.was_asked)
		ag_core_decide(c, c->min_khz, c->max_khz, &g->priv.before);
	ag_sample_rates(sample, &rates);
	events = ag_core_sample(c, &rates);
	g->priv.asks = events & AG_EV_RETARGET || g->priv.lost;
	if (g->priv.asks)
		ask(g, sample->time_ns);
	g->priv.lost = false;
	g->priv.unconfirmed = true;
	g->priv.sample_ns = sample->time_ns;
}

static bool same_decision(const struct ag_decision *d,
			  const struct recording_govern *e)
{
	return d->khz == e->khz && !strcmp(ag_reason_name(d->reason), e->reason);
}

/* One that never came is one that is not the same. */
static void check_late(struct regoverned *g, uint64_t now_ns)
{
	if (!g->priv.asked || now_ns < g->priv.asked_ns + LATE_NS ||
	    !g->priv.core->samples)
		return;
	g->decisions++;
	differs(g, g->priv.asked_ns, "nothing was decided for %llu ms",
		(unsigned long long)((now_ns - g->priv.asked_ns) / 1000000));
}

static void compare(struct regoverned *g, const struct recording_entry *e)
{
	struct ag_core *c = g->priv.core;
	struct ag_decision d;
	bool now, before;

	check_late(g, e->time_ns);
	ag_core_decide(c, e->govern.min_khz, e->govern.max_khz, &d);
	now = same_decision(&d, &e->govern);
	before = g->priv.was_asked &&
		 same_decision(&g->priv.before, &e->govern);
	g->decisions++;
	g->decisions_same += now || before;
	if (!now && !before)
		differs(g, e->time_ns, "%u kHz for %s, which is %u kHz for %s here",
			e->govern.khz, e->govern.reason, d.khz,
			ag_reason_name(d.reason));
	/* What the last sample asked for is still to come then; or was this it? */
	g->priv.asked = before && !now && g->priv.asks;
	g->priv.maybe_asked = before && now && g->priv.asks;
	g->priv.asked_ns = g->priv.sample_ns;
	g->priv.was_asked = false;
}

static void take_decision(struct regoverned *g, const struct recording_entry *e)
{
	if (g->priv.lost) {
		g->by_busy++;
		g->priv.core->planned_khz = e->govern.khz;
	} else {
		compare(g, e);
	}
	ag_core_applied(g->priv.core, e->govern.khz, e->time_ns);
}

static void lose(struct regoverned *g, uint64_t now_ns)
{
	confirm(g);
	ag_core_lost_signals(g->priv.core, now_ns);
	g->priv.phase = g->priv.core->phase.now;
	g->priv.workload = g->priv.core->workload.now;
	g->priv.lost = true;
}

static int take_govern(struct regoverned *g, const struct recording_entry *e)
{
	switch (e->govern.what) {
	case RECORDING_POINT:
		add_point(g, &e->govern);
		return 0;
	case RECORDING_START:
		return start(g, &e->govern, e->time_ns);
	case RECORDING_MISSED:
		inexact(g, "something that happened is not in the recording");
		return 0;
	case RECORDING_LIMITED:
		inexact(g, "the device held the power cap itself");
		return 0;
	case RECORDING_ATTACH:
		inexact(g, "a policy in BPF decided");
		return 0;
	default:
		break;
	}
	if (e->govern.what == RECORDING_STOP) {
		regoverned_finish(g);
		g->priv.running = false;
		g->priv.nr = 0;
		return 0;
	}
	if (!g->exact || !g->priv.running)
		return 0;
	switch (e->govern.what) {
	case RECORDING_WOKE:
		ag_core_woke(g->priv.core, e->time_ns);
		g->priv.asked = false;
		ask(g, e->time_ns);
		break;
	case RECORDING_LOST:
		lose(g, e->time_ns);
		break;
	case RECORDING_CLOCK:
		ag_core_applied(g->priv.core, e->govern.khz, e->time_ns);
		break;
	case RECORDING_DECIDED:
		take_decision(g, e);
		break;
	case RECORDING_SET:
		set(g, &e->govern, e->time_ns);
		break;
	case RECORDING_LEASE_START:
		g->priv.saved = g->priv.core->cfg;
		g->priv.leased = true;
		break;
	case RECORDING_LEASE_END:
	case RECORDING_LEASE_EXPIRED:
		end_lease(g, e->time_ns);
		break;
	default:
		break;
	}
	return 0;
}

int regoverned_take(struct regoverned *g, const struct recording_entry *entry)
{
	if (entry->kind == RECORDING_GOVERN)
		return take_govern(g, entry);
	if (!g->exact || !g->priv.running)
		return 0;
	if (entry->kind == RECORDING_SAMPLE) {
		if (ag_sample_check(&entry->reading.sample))
			inexact(g, "it took a sample that can't be");
		else
			take_sample(g, &entry->reading.sample);
	} else if (entry->kind == RECORDING_DECISION) {
		g->priv.phase = entry->decision.phase;
		g->priv.workload = entry->decision.workload;
	}
	return 0;
}

void regoverned_finish(struct regoverned *g)
{
	if (g->exact && g->priv.running)
		confirm(g);
}

void regoverned_free(struct regoverned *g)
{
	free(g->priv.core);
	g->priv.core = NULL;
}
