/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Policies that ``accelgov replay`` compares, one file each.
 */
#ifndef _LIB_REPLAY_POLICY_H
#define _LIB_REPLAY_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../../kmod/sim/profile.h"
#include "../../../kmod/uapi/accelgov.h"
#include "../../../kmod/uapi/accelsim.h"
#include "replay_idle.h"

struct replay_config;
struct replay_plan;

/* Period of a policy that samples as often as the user wants. */
#define REPLAY_SAMPLE_PERIOD	1

/**
 * struct replay_tune - what a policy with hindsight may choose for a run
 * @opp: index of the clock; static-best
 * @cap_mw: power limit of the board, 0 for its highest; power-cap-best
 * @price_mw: what a second of work costs beside its energy; oracle-free
 * @cheap_mw: lower price, for part of the items; oracle-free
 * @cheap_share: which part, 0 to 1
 * @plan: when to ask for which clock; oracle
 */
struct replay_tune {
	uint32_t opp;
	uint32_t cap_mw;
	double price_mw;
	double cheap_mw;
	double cheap_share;
	struct replay_plan *plan;
};

/**
 * struct replay_setup - what a policy gets to know at the start
 * @chip: the device; beside its clocks only the oracle, and geopm for its
 *	characterization, look at it
 * @budget_permille: slowdown allowed
 * @sample_period_us: distance of samples
 * @idle_limits: what the policy core has to keep when it suspends the device
 * @power_cap_mw: power that accelgov keeps the device under, 0 for no cap
 * @limiter: it may ask the board to hold that itself
 * @tune: what hindsight has chosen
 * @now_ns: time of the start
 */
struct replay_setup {
	const struct asim_chip *chip;
	uint32_t budget_permille;
	uint32_t sample_period_us;
	struct replay_idle_limits idle_limits;
	uint32_t power_cap_mw;
	bool limiter;
	struct replay_tune tune;
	uint64_t now_ns;
};

/**
 * struct replay_window - what a policy sees at a tick
 * @sample: all signals since the last tick, as a collector would push them
 * @clock_khz: clock that engines run at now
 */
struct replay_window {
	struct accelgov_sample sample;
	uint32_t clock_khz;
};

/**
 * struct replay_moment - an item begins, or the device runs dry
 * @item: the item, NULL when nothing is queued
 * @next: the one queued behind it, NULL for none
 * @now_ns: when
 */
struct replay_moment {
	const struct accelsim_item *item;
	const struct accelsim_item *next;
	uint64_t now_ns;
};

/**
 * struct replay_view - what a policy says about itself
 * @phase: &enum accelgov_phase
 * @confidence: in @phase, per mille
 * @slowdown_permille: its own account
 */
struct replay_view {
	uint32_t phase;
	uint32_t confidence;
	uint32_t slowdown_permille;
};

/**
 * struct replay_policy - who chooses the clock
 * @name: as users write it
 * @help: what it does, in a line
 * @size: bytes of state, zeroed before @init
 * @period_ns: distance of ticks, 0 for none, %REPLAY_SAMPLE_PERIOD
 * @instant: its clock changes take no time and stop nothing
 * @budgeted: it honours the slowdown budget
 * @init: begin; sets the first clock, in force before the work starts
 * @tick: look at a window; returns a clock, 0 to leave it as it is
 * @item: for those who see the work itself; returns a clock, 0 to leave it as
 *	it is, and may set the time at which it wants @timer to be called
 * @timer: that time has come; as @item
 * @applied: a clock that @tick returned was handed to the driver
 * @cap: power limit that it wants of the board now, 0 for the board's own; asked after
 *	@tick
 * @capped: the driver has set the newest such limit
 * @view: what it publishes; NULL when nothing
 * @idle: what it has planned for idle periods; NULL when it plans none
 * @woke: the device is resumed
 * @search: choose in hindsight, counting runs in the last argument
 * @forget: give back what @search allocated; NULL when nothing
 */
struct replay_policy {
	const char *name;
	const char *help;
	size_t size;
	uint64_t period_ns;
	bool instant;
	bool budgeted;
	int (*init)(void *state, const struct replay_setup *setup,
		    uint32_t *ret_khz);
	uint32_t (*tick)(void *state, const struct replay_window *window);
	uint32_t (*item)(void *state, const struct replay_moment *moment,
			 uint64_t *ret_timer_ns);
	uint32_t (*timer)(void *state, uint64_t now_ns,
			  uint64_t *ret_timer_ns);
	void (*applied)(void *state, uint32_t khz, uint64_t now_ns);
	uint32_t (*cap)(const void *state);
	void (*capped)(void *state, uint64_t now_ns);
	void (*view)(const void *state, struct replay_view *ret);
	const struct ag_idle *(*idle)(const void *state);
	void (*woke)(void *state, uint64_t now_ns);
	int (*search)(const struct replay_config *cfg,
		      struct replay_tune *ret, uint32_t *runs);
	void (*forget)(struct replay_tune *tune);
};

extern const struct replay_policy replay_accelgov;
extern const struct replay_policy replay_performance;
extern const struct replay_policy replay_powersave;
extern const struct replay_policy replay_simple_ondemand;
extern const struct replay_policy replay_static_best;
extern const struct replay_policy replay_power_cap_best;
extern const struct replay_policy replay_geopm;
extern const struct replay_policy replay_sm_idle;
extern const struct replay_policy replay_oracle;
extern const struct replay_policy replay_oracle_free;

/**
 * replay_policy_nth() - list the policies
 * @i: from 0
 *
 * Return: the policy or NULL behind the last one.
 */
const struct replay_policy *replay_policy_nth(unsigned int i);

/**
 * replay_policy_find() - look a policy up
 * @name: for example ``simple_ondemand``
 *
 * Return: the policy or NULL.
 */
const struct replay_policy *replay_policy_find(const char *name);

/**
 * replay_top_khz() - highest clock of a device
 * @chip: the device
 *
 * Return: kilohertz.
 */
static inline uint32_t replay_top_khz(const struct asim_chip *chip)
{
	return chip->opps[chip->nr_opps - 1].khz;
}

/**
 * replay_sm_active() - share of a window in which the cores computed
 * @s: the window
 *
 * The model has no count of cores at work. A kernel that computes or moves
 * memory occupies all of them; one that waits for the interconnect a few, taken
 * as none. That is what SM_ACTIVE says of such kernels.
 *
 * Return: 0 to 1.
 */
static inline double replay_sm_active(const struct accelgov_sample *s)
{
	uint64_t busy = s->val[ACCELGOV_SIG_BUSY];
	uint64_t link = s->val[ACCELGOV_SIG_LINK];

	if (!s->window_ns || link >= busy)
		return 0;
	return (double)(busy - link) / (double)s->window_ns;
}

#endif /* _LIB_REPLAY_POLICY_H */
