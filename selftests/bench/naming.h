/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Jobs that nobody has seen, for naming.c: training and lists of phases, drawn at
 * random for a device.
 */
#ifndef _BENCH_NAMING_H
#define _BENCH_NAMING_H

#include "../unit/drawn.h"
#include "model.h"
#include "workload/work.h"

#define STATES_MAX	6

/* Shares of the time at the top clock, were each engine alone. */
struct state {
	uint32_t phase;
	double compute;
	double memory;
	double link;
	double s;
};

/* Operations that engines sustain per byte: V100 106, A100 144, H100 209. */
static inline void naming_engines(struct asim_profile *p, struct random *r)
{
	p->ops_per_cycle = (uint32_t)(drawn_around(r, 90, 240) *
				      p->mem_bytes_per_us * 1e3 / p->khz_max);
}

static inline uint64_t naming_ref_ns(const struct asim_chip *chip, uint64_t ops,
				     uint64_t bytes)
{
	struct accelsim_item item = { .ops = ops, .bytes = bytes };

	return asim_item_ref_ns(chip, &item);
}

static inline void naming_scale(const struct asim_chip *chip,
				struct training_pass *pass, double ops,
				double bytes)
{
	pass->ops = (uint64_t)((double)pass->ops * ops);
	pass->bytes = (uint64_t)((double)pass->bytes * bytes);
	pass->nominal_ns = naming_ref_ns(chip, pass->ops, pass->bytes);
}

/*
 * Any stage of a pipeline of up to eight, or none; forward passes of 10 to 120 ms
 * with less or more traffic to them than those of GPT-3; gradients that
 * hide behind the passes or don't; input that is late for 0.2 to 2 s; saving that
 * takes 0.5 to 6 s.
 */
static inline void naming_training(const struct asim_chip *chip,
				   struct random *r, struct work *w)
{
	struct training_config *t = &w->training;
	double ops = drawn_around(r, 10e6, 120e6) /
		     (double)t->forward.nominal_ns;
	double bytes = ops * drawn_between(r, 0.4, 1.3);
	double saving = drawn_around(r, 0.5, 6) * 1e9;

	t->stages = random_in(r, 1, 8);
	t->stage = random_below(r, t->stages);
	t->microbatches = random_in(r, t->stages, 32);
	naming_scale(chip, &t->forward, ops, bytes);
	naming_scale(chip, &t->backward, ops, bytes);
	t->reduce_ns = drawn_chance(r, 20) ? 0 :
		       (uint64_t)drawn_around(r, 30e6, 600e6);
	t->optimizer_bytes = (uint64_t)((double)t->optimizer_bytes *
					drawn_around(r, 0.2, 3));
	t->optimizer_nominal_ns = naming_ref_ns(chip, 0, t->optimizer_bytes);
	t->stall_every = random_in(r, 3, 12);
	t->stall_min_ns = (uint64_t)drawn_around(r, 200e6, 800e6);
	t->stall_max_ns = (uint64_t)(drawn_around(r, 1, 2.5) *
				     (double)t->stall_min_ns);
	t->checkpoint_every = random_in(r, 5, 30);
	t->checkpoint_ns = (uint64_t)saving;
	t->checkpoint_bytes = (uint64_t)(drawn_between(r, 0.4, 0.9) * saving *
				1e-3 * chip->profile->io_bytes_per_us);
}

static inline void naming_state(struct random *r, uint32_t phase,
				struct state *s)
{
	double angle = drawn_between(r, 0.05, 0.45);

	*s = (struct state){
		.phase = phase, .s = drawn_around(r, 0.15, 6),
	};
	if (phase == ACCELGOV_PHASE_MIXED)
		angle = drawn_between(r, 0.74, 0.83);
	s->compute = cos(angle);
	s->memory = sin(angle);
	if (phase == ACCELGOV_PHASE_MEMORY) {
		s->compute = sin(angle);
		s->memory = cos(angle);
	}
	if (drawn_chance(r, 30))
		s->link = drawn_between(r, 0, 0.15);
	if (phase == ACCELGOV_PHASE_LINK)
		*s = (struct state){ .phase = phase, .link = 1, .s = s->s };
}

static inline int naming_add(const struct asim_chip *chip, struct random *r,
			     const struct state *s, struct segments *list)
{
	const struct asim_profile *p = chip->profile;
	double ns = 1e9 * s->s * drawn_between(r, 0.85, 1.15);
	struct segment one = { .repeat = 1, .work.label = s->phase };

	if (s->phase == ACCELGOV_PHASE_LOADED_IDLE) {
		one.idle_ns = (uint64_t)ns;
	} else if (s->phase == ACCELGOV_PHASE_STALL ||
		   s->phase == ACCELGOV_PHASE_CHECKPOINT) {
		one.duration_ns = (uint64_t)ns;
	} else {
		one.work.ops = (uint64_t)(s->compute * ns * p->ops_per_cycle *
					  p->khz_max * 1e-6);
		one.work.bytes = (uint64_t)(s->memory * ns *
					    p->mem_bytes_per_us * 1e-3);
		one.work.link_ns = (uint64_t)(s->link * ns);
	}
	return segments_add(list, &one);
}

/*
 * A row of states over and over, with waits and saving, as training is; or any
 * state after any other with idle time between, as serving is.
 */
static inline int naming_phases(const struct asim_chip *chip, struct random *r,
				bool cycle, double seconds,
				struct segments *ret)
{
	static const uint32_t kinds[2][STATES_MAX] = {
		{ ACCELGOV_PHASE_COMPUTE, ACCELGOV_PHASE_MEMORY,
		  ACCELGOV_PHASE_COMPUTE, ACCELGOV_PHASE_MIXED,
		  ACCELGOV_PHASE_MIXED, ACCELGOV_PHASE_LOADED_IDLE },
		{ ACCELGOV_PHASE_COMPUTE, ACCELGOV_PHASE_LINK,
		  ACCELGOV_PHASE_COMPUTE, ACCELGOV_PHASE_MEMORY,
		  ACCELGOV_PHASE_STALL, ACCELGOV_PHASE_CHECKPOINT },
	};
	struct state state[STATES_MAX], *s;
	unsigned int nr = cycle ? 4 : STATES_MAX;
	unsigned int rounds = 0, at = 0;
	double left = seconds;
	int err = 0;

	for (int i = 0; i < STATES_MAX; i++)
		naming_state(r, kinds[cycle][i], &state[i]);
	/* A step computes for most of its time, and waits are short. */
	state[0].s = fmax(state[0].s, 0.5);
	state[4].s = cycle ? drawn_around(r, 0.2, 0.9) : state[4].s;
	state[5].s = drawn_around(r, 1.5, 8);
	for (int i = 1; cycle && i < 4; i++)
		state[i].s = fmin(state[i].s, state[0].s / 2);
	while (!err && left > 0) {
		s = &state[at % nr];
		if (!cycle)
			s = &state[random_below(r, nr)];
		else if (at % nr == 0 && drawn_chance(r, 15))
			err = naming_add(chip, r, &state[4], ret);
		if (!err && cycle && at % nr == 0 && ++rounds % 12 == 0)
			err = naming_add(chip, r, &state[5], ret);
		if (!err)
			err = naming_add(chip, r, s, ret);
		left -= s->s;
		at++;
	}
	return err;
}

#endif /* _BENCH_NAMING_H */
