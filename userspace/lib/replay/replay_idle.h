/* SPDX-License-Identifier: GPL-2.0 */
/*
 * When an idle device suspends in a replay, and what that costs and saves.
 */
#ifndef _LIB_REPLAY_IDLE_H
#define _LIB_REPLAY_IDLE_H

#include <stdbool.h>
#include <stdint.h>

#include "../../../kmod/core/idle.h"
#include "../../../kmod/sim/model.h"
#include "samples.h"

/**
 * enum replay_idle_kind - who chooses the autosuspend delay
 * @REPLAY_IDLE_NEVER: nobody, the device stays awake
 * @REPLAY_IDLE_FIXED: it is given
 * @REPLAY_IDLE_ACCELGOV: the policy core
 * @REPLAY_IDLE_CLAIRVOYANT: nobody needs one: the next arrival is known
 */
enum replay_idle_kind {
	REPLAY_IDLE_NEVER,
	REPLAY_IDLE_FIXED,
	REPLAY_IDLE_ACCELGOV,
	REPLAY_IDLE_CLAIRVOYANT,
};

/**
 * struct replay_idle_rule - a rule
 * @name: as users write it
 * @kind: who chooses
 * @delay_ms: the delay of %REPLAY_IDLE_FIXED
 */
struct replay_idle_rule {
	char name[16];
	enum replay_idle_kind kind;
	uint32_t delay_ms;
};

/**
 * struct replay_idle_limits - what rule accelgov has to keep
 * @max_wake_latency_us: how long waking the device may take, 0 for any time
 * @break_even_us: how long an idle state must last at least to be worth it
 */
struct replay_idle_limits {
	uint32_t max_wake_latency_us;
	uint32_t break_even_us;
};

/**
 * replay_idle_nth() - list the rules that have names
 * @i: from 0
 *
 * Return: the rule or NULL behind the last one.
 */
const struct replay_idle_rule *replay_idle_nth(unsigned int i);

/**
 * struct replay_idle_step - a state that the device will be asked for
 * @at_ns: when
 * @level: of the profile
 */
struct replay_idle_step {
	uint64_t at_ns;
	uint32_t level;
};

/**
 * struct replay_idle - state of one run
 * @rule: the rule
 * @limits: what it has to keep
 * @cfg: knobs of the policy core, for rules that need it
 * @core: the policy core's own part
 * @is_idle: nothing is queued
 * @start_ns: since when
 * @start_uj: energy counter then
 * @step: what it will be asked for in this idle period
 * @nr_steps: entries of @step
 * @done: how many of them it was asked for
 * @resume_ns: when it will resume although nothing is queued
 * @energy_uj: energy of finished idle periods, wake-up included
 * @suspends: how often it suspended
 * @wake_ms: wake-up latency at the end of each idle period
 */
struct replay_idle {
	struct replay_idle_rule rule;
	struct replay_idle_limits limits;
	struct ag_idle_config cfg;
	struct ag_idle core;
	bool is_idle;
	uint64_t start_ns;
	uint64_t start_uj;
	struct replay_idle_step step[AG_IDLE_STATES];
	uint32_t nr_steps;
	uint32_t done;
	uint64_t resume_ns;
	double energy_uj;
	double suspends;
	struct samples wake_ms;
};

/**
 * replay_idle_config() - what the policy core is told of a device's idle states
 * @chip: the device
 * @opp: index of the clock that it idles at
 * @fall_ns: how long that takes it to come down to, from the highest
 * @limits: what it has to keep
 * @ret: the core's knobs
 */
void replay_idle_config(const struct asim_chip *chip, uint32_t opp, uint64_t fall_ns,
			const struct replay_idle_limits *limits,
			struct ag_idle_config *ret);

/**
 * replay_idle_init() - begin
 * @i: state
 * @rule: the rule, NULL for never
 * @chip: the device
 * @limits: what the policy core has to keep
 */
void replay_idle_init(struct replay_idle *i,
		      const struct replay_idle_rule *rule,
		      const struct asim_chip *chip,
		      const struct replay_idle_limits *limits);

/**
 * replay_idle_enter() - nothing is queued any more
 * @i: state
 * @m: the device
 * @core: the governor's own idle policy, NULL when it has none
 * @arrival_ns: when there will be work again, %U64_MAX for never
 * @now_ns: time
 */
void replay_idle_enter(struct replay_idle *i, struct asim_model *m,
		       const struct ag_idle *core, uint64_t arrival_ns,
		       uint64_t now_ns);

/**
 * replay_idle_act() - suspend or resume if it is time to
 * @i: state
 * @m: the device
 * @now_ns: time
 *
 * Return: true when the device was resumed.
 */
bool replay_idle_act(struct replay_idle *i, struct asim_model *m,
		     uint64_t now_ns);

/**
 * replay_idle_next() - when replay_idle_act() is to be called
 * @i: state
 *
 * Return: the time, %U64_MAX for never.
 */
uint64_t replay_idle_next(const struct replay_idle *i);

/**
 * replay_idle_end() - the run ends while nothing is queued
 * @i: state
 * @m: the device; it begins to resume if it was suspended
 * @now_ns: time
 */
void replay_idle_end(struct replay_idle *i, struct asim_model *m,
		     uint64_t now_ns);

/**
 * replay_idle_leave() - an item is about to be queued
 * @i: state
 * @m: the device; it begins to resume if it was suspended
 * @now_ns: time
 *
 * Return: 1 when the device was suspended, 0 when not, -ENOMEM.
 */
int replay_idle_leave(struct replay_idle *i, struct asim_model *m,
		      uint64_t now_ns);

#endif /* _LIB_REPLAY_IDLE_H */
