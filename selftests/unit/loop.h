/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Closed loop: the policy core governs a simulated device in simulated time.
 *
 * The device model is the one of accelsim.ko, so clock switching takes its
 * time, the board's limiter acts and counters are what the collector reads.
 * Time jumps from event to event (a completion, an arrival, a sample, a target
 * that takes effect); nothing depends on the machine that runs this.
 *
 * The job is a function that makes the next item, or says when to ask again.
 */
#ifndef _UNIT_LOOP_H
#define _UNIT_LOOP_H

#include "core.h"
#include "model.h"
#include "random.h"
#include "replay/sensors.h"
#include "report/minute.h"
#include "window.h"

/* From a window's end to the request in the driver. */
#define LOOP_DECIDE_NS		(500 * 1000ULL)
/* What a driver needs to set a power limit. */
#define LOOP_LIMIT_NS		(10 * MS)
#define LOOP_NEVER		UINT64_MAX

struct loop;

/**
 * struct loop_job - where work comes from
 * @next: makes the next item; 0, or the time to ask again
 * @random: for the job's own dice
 */
struct loop_job {
	uint64_t (*next)(struct loop_job *job, uint64_t now_ns,
			 struct accelsim_item *ret);
	struct random random;
};

enum loop_limiter {
	LOOP_NO_LIMITER,	/* the governor does not know of any */
	LOOP_OBEYS,
	LOOP_REFUSES,
	LOOP_IGNORES,		/* says that it does */
};

/**
 * struct loop - one run
 * @profile: device, by the name of its profile
 * @chip_profile: device, when it is none of those
 * @job: work
 * @cfg: configuration of the governor
 * @pin_khz: fixed clock in place of the governor, 0 for the governor
 * @period_us: distance of samples
 * @signals: bit per signal that the collector can read
 * @gain: what the collector makes of each signal, 1 for honest
 * @level: what sensors the board has; NULL for exact counters of @signals
 * @gaps: samples that get lost, per mille
 * @min_khz: limit from outside
 * @max_khz: limit from outside
 * @cap_mw: the board's own limit, 0 for its default
 * @limiter: what the board makes of a limit that the governor asks for
 * @switch_us: what the governor is told that a change of clock takes, 0 for nothing
 * @halt_us: what it is told that the device halts for at one
 * @tick: called before each sample, may change all of the above
 * @now_ns: time since the start
 */
struct loop {
	const char *profile;
	const struct asim_profile *chip_profile;
	struct loop_job *job;
	struct ag_config cfg;
	uint32_t pin_khz;
	uint32_t period_us;
	uint32_t signals;
	double gain[ACCELGOV_SIG_NR];
	const struct sensors_level *level;
	uint32_t gaps;
	uint32_t min_khz;
	uint32_t max_khz;
	uint32_t cap_mw;
	enum loop_limiter limiter;
	uint32_t switch_us;
	uint32_t halt_us;
	void (*tick)(struct loop *l);
	uint64_t now_ns;

	/* Results */
	struct ag_core core;
	uint64_t work_ns;	/* what the work takes at the top clock */
	uint64_t took_ns;	/* what it took */
	uint64_t energy_uj;
	uint64_t units;
	uint64_t right_ns;	/* the phase was named rightly */
	uint64_t named_ns[ACCELGOV_PHASE_NR][ACCELGOV_PHASE_NR];
	uint32_t worst_minute;	/* largest true slowdown over 60 s */
	uint32_t outside;	/* decisions outside of limits or table */
	uint32_t decisions;
	uint32_t switches;
	uint32_t asked;		/* limits that the governor asked for */

	/* Inside */
	struct asim_chip chip;
	struct asim_model model;
	struct sensors sensors;
	struct random random;
	uint64_t ask_ns;
	uint64_t sample_ns;
	uint64_t last_ns;
	uint64_t apply_ns;
	uint32_t apply_khz;
	uint64_t limiter_ns;
	uint32_t asked_mw;
	uint32_t set_mw;
	uint32_t decided_max_khz;
	uint64_t limits;
	uint32_t limit_khz, limit_mw;
	uint64_t seen[ACCELGOV_SIG_NR];
	struct minute minute;
	void (*each_second)(const struct loop *l);
};

static inline void loop_init(struct loop *l, const char *profile,
			     struct loop_job *job)
{
	int i;

	memset(l, 0, sizeof(*l));
	for (i = 0; i < ACCELGOV_SIG_NR; i++)
		l->gain[i] = 1;
	l->profile = profile;
	l->job = job;
	l->period_us = 10000;
	l->signals = ALL_SIGNALS;
	l->max_khz = UINT32_MAX;
	ag_config_default(&l->cfg);
}

static inline bool loop_setup(struct loop *l)
{
	struct ag_opp opps[AG_OPP_MAX];
	const struct asim_profile *profile = l->chip_profile;
	struct sensors_now now;
	uint32_t nr;

	if (!profile)
		profile = asim_profile_find(l->profile);
	nr = points_of_profile(profile, &l->chip, opps);

	if (!nr || ag_core_init(&l->core, opps, nr, &l->cfg, SECOND))
		return false;
	if (l->limiter)
		ag_core_limiter(&l->core, profile->cap_min_mw,
				profile->cap_max_mw);
	ag_core_switching(&l->core, l->switch_us, l->halt_us);
	l->now_ns = SECOND;
	minute_init(&l->minute, l->now_ns);
	l->last_ns = SECOND;
	l->ask_ns = SECOND;
	l->apply_ns = LOOP_NEVER;
	l->limiter_ns = LOOP_NEVER;
	l->limits = 1;
	l->limit_khz = l->max_khz;
	l->limit_mw = l->cap_mw;
	l->sample_ns = SECOND + l->period_us * 1000ULL;
	asim_init(&l->model, &l->chip, 1000, SECOND);
	asim_set_context(&l->model, true, SECOND);
	if (l->pin_khz)
		asim_set_clock(&l->model, l->pin_khz, SECOND);
	sensors_look(&l->model, l->now_ns, true, &now);
	sensors_init(&l->sensors, l->level,
		     l->level ? random_u64(&l->random) : 0, &now);
	return true;
}

/* Waiting for the host is no work: it counts on neither side. */
static inline bool loop_is_work(const struct accelsim_item *item)
{
	return item->ops || item->bytes || item->link_ns;
}

static inline enum accelgov_phase loop_label(const struct loop *l)
{
	const struct asim_model *m = &l->model;

	return m->nr_queue ? m->queue[m->first].item.label :
			     ACCELGOV_PHASE_LOADED_IDLE;
}

static inline void loop_minute(struct loop *l)
{
	uint64_t second = l->minute.second;

	minute_advance(&l->minute, l->now_ns);
	if (l->minute.worst_permille > 0)
		l->worst_minute = (uint32_t)l->minute.worst_permille;
	if (l->minute.second != second && l->each_second)
		l->each_second(l);
}

static inline void loop_advance(struct loop *l, uint64_t to_ns)
{
	enum accelgov_phase label = loop_label(l);
	uint64_t ns = to_ns - l->now_ns;

	l->named_ns[label][l->core.phase.now] += ns;
	if (label == l->core.phase.now)
		l->right_ns += ns;
	asim_advance(&l->model, to_ns);
	l->now_ns = to_ns;
	loop_minute(l);
}

static inline void loop_collect(struct loop *l)
{
	struct asim_finished f;
	uint64_t took;

	while (asim_take_finished(&l->model, &f)) {
		/* No work, or begun under other limits: no reference. */
		if (f.done.cookie != l->limits)
			continue;
		took = f.done.end_ns - f.done.start_ns;
		l->work_ns += f.done.ref_ns;
		l->took_ns += took;
		minute_add(&l->minute, l->now_ns, f.done.ref_ns, took);
	}
}

/*
 * What the item takes at the highest clock that limits from outside leave: what
 * they cost is nobody's slowdown.
 */
static inline uint64_t loop_ref_ns(const struct loop *l,
				   const struct accelsim_item *item)
{
	struct asim_work work = {
		.ops = item->ops,
		.bytes = item->bytes,
		.link_ns = item->link_ns,
		.host_ns = item->host_ns,
		.io_bytes = item->io_bytes,
	};
	uint32_t opp = asim_chip_floor(&l->chip, l->max_khz);
	uint32_t cap_mw = l->cap_mw;

	if (!cap_mw)
		cap_mw = l->chip.profile->cap_max_mw;
	opp = asim_work_opp(&l->chip, &work, opp, cap_mw);
	return asim_work_ns(&l->chip, &work, opp);
}

static inline void loop_submit(struct loop *l)
{
	struct accelsim_item item;
	uint64_t ask;

	while (!asim_has_work(&l->model) && l->ask_ns <= l->now_ns) {
		memset(&item, 0, sizeof(item));
		ask = l->job->next(l->job, l->now_ns, &item);
		if (ask) {
			l->ask_ns = ask;
			return;
		}
		item.cookie = loop_is_work(&item) ? l->limits : 0;
		asim_submit(&l->model, &item, loop_ref_ns(l, &item), l,
			    l->now_ns);
	}
}

static inline void loop_read(struct loop *l, struct accelgov_sample *s)
{
	struct sensors_now all;
	uint64_t now;
	uint32_t i;

	memset(s, 0, sizeof(*s));
	s->time_ns = l->now_ns;
	s->window_ns = l->now_ns - l->last_ns;
	s->valid = l->signals;
	s->amount = l->signals;
	l->last_ns = l->now_ns;
	for (i = 0; i < ACCELGOV_SIG_NR; i++) {
		now = asim_counter(&l->model, i, l->now_ns);
		/* What is not valid holds rubbish. */
		s->val[i] = l->signals >> i & 1 ? now - l->seen[i] :
						  random_any(&l->random);
		l->seen[i] = now;
		if (l->signals >> i & 1 && l->gain[i] != 1)
			s->val[i] = (uint64_t)((double)s->val[i] * l->gain[i]);
	}
	if (!l->level)
		return;
	sensors_look(&l->model, l->now_ns, true, &all);
	sensors_read(&l->sensors, &all, s);
}

static inline void loop_renew(struct loop *l)
{
	struct sensors_now now;

	if (l->now_ns < l->sensors.next_ns)
		return;
	sensors_look(&l->model, l->now_ns, true, &now);
	sensors_renew(&l->sensors, &now);
}

static inline bool loop_allowed(const struct loop *l, uint32_t khz)
{
	uint32_t i;

	if (khz < l->min_khz || khz > l->max_khz)
		return false;
	for (i = 0; i < l->chip.nr_opps; i++)
		if (l->chip.opps[i].khz == khz)
			return true;
	return false;
}

static inline void loop_decide(struct loop *l)
{
	uint32_t top = l->chip.opps[l->chip.nr_opps - 1].khz;
	struct ag_decision d;

	ag_core_decide(&l->core, max_t(uint32_t, l->min_khz,
				       l->chip.opps[0].khz),
		       min_t(uint32_t, l->max_khz, top), &d);
	l->decisions++;
	l->decided_max_khz = l->max_khz;
	l->outside += !loop_allowed(l, d.khz);
	ag_core_applied(&l->core, d.khz, l->now_ns);
	l->apply_khz = d.khz;
	l->apply_ns = l->now_ns + LOOP_DECIDE_NS;
}

/* The lower of the board's own limit and of what the governor asked for. */
static inline void loop_set_cap(struct loop *l)
{
	uint32_t mw = l->cap_mw ? l->cap_mw : l->chip.profile->cap_max_mw;

	if (l->set_mw)
		mw = min_t(uint32_t, mw, l->set_mw);
	asim_set_cap(&l->model, mw, l->now_ns);
}

static inline void loop_ask(struct loop *l)
{
	uint32_t mw = l->core.limiter.asked_mw;

	if (mw == l->asked_mw)
		return;
	l->asked_mw = mw;
	l->asked += !!mw;
	l->limiter_ns = l->now_ns + LOOP_LIMIT_NS;
}

static inline void loop_answer(struct loop *l)
{
	l->limiter_ns = LOOP_NEVER;
	l->set_mw = l->limiter == LOOP_OBEYS ? l->asked_mw : 0;
	loop_set_cap(l);
	ag_core_limited(&l->core, l->limiter != LOOP_REFUSES, l->now_ns);
}

static inline void loop_sample(struct loop *l)
{
	struct accelgov_sample s;
	struct ag_rates r;

	if (l->tick)
		l->tick(l);
	/* devfreq asks anew as soon as a limit moves. */
	if (l->decided_max_khz != l->max_khz && l->decisions)
		loop_decide(l);
	if (l->limit_khz != l->max_khz || l->limit_mw != l->cap_mw)
		l->limits++;
	l->limit_khz = l->max_khz;
	l->limit_mw = l->cap_mw;
	loop_set_cap(l);
	l->sample_ns += l->period_us * (990 + random_below(&l->random, 21));
	if (random_below(&l->random, 1000) < l->gaps)
		return;
	loop_read(l, &s);
	if (ag_sample_check(&s))
		return;
	ag_sample_rates(&s, &r);
	if (ag_core_sample(&l->core, &r) & AG_EV_RETARGET && !l->pin_khz)
		loop_decide(l);
	loop_ask(l);
}

/* Return: true, or false when the configuration was refused. */
static inline bool loop_run(struct loop *l, uint32_t seconds)
{
	uint64_t end, next;

	if (!loop_setup(l))
		return false;
	end = l->now_ns + seconds * SECOND;
	while (l->now_ns < end) {
		loop_submit(l);
		next = min_t(uint64_t, l->sample_ns, asim_next_event(&l->model));
		next = min_t(uint64_t, next, l->apply_ns);
		next = min_t(uint64_t, next, l->limiter_ns);
		next = min_t(uint64_t, next, l->sensors.next_ns);
		if (!asim_has_work(&l->model))
			next = min_t(uint64_t, next, l->ask_ns);
		loop_advance(l, max_t(uint64_t, next, l->now_ns));
		loop_collect(l);
		loop_renew(l);
		if (l->now_ns >= l->apply_ns) {
			l->switches += l->apply_khz != l->model.chip->opps[l->model.want].khz;
			asim_set_clock(&l->model, l->apply_khz, l->now_ns);
			l->apply_ns = LOOP_NEVER;
		}
		if (l->now_ns >= l->limiter_ns)
			loop_answer(l);
		if (l->now_ns >= l->sample_ns)
			loop_sample(l);
	}
	l->energy_uj = asim_counter(&l->model, ACCELGOV_SIG_POWER, l->now_ns);
	l->units = asim_counter(&l->model, ACCELGOV_SIG_PROGRESS, l->now_ns);
	return true;
}

/* True slowdown of the whole run, from completions. */
static inline uint32_t loop_slowdown_permille(const struct loop *l)
{
	if (!l->work_ns || l->took_ns < l->work_ns)
		return 0;
	return (uint32_t)((l->took_ns - l->work_ns) * 1000 / l->work_ns);
}

static inline uint32_t loop_accuracy_permille(const struct loop *l)
{
	return (uint32_t)(l->right_ns * 1000 / (l->now_ns - SECOND));
}

static inline double loop_energy_per_unit(const struct loop *l)
{
	return (double)l->energy_uj / (double)l->units;
}

#endif /* _UNIT_LOOP_H */
