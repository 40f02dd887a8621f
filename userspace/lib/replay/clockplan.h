/* SPDX-License-Identifier: GPL-2.0 */
/*
 * When to change the clock, for work whose every step is known; see the essay
 * in clockplan.c.
 */
#ifndef _LIB_CLOCKPLAN_H
#define _LIB_CLOCKPLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Clocks that a plan may choose between, at most. */
#define CLOCKPLAN_CLOCKS	128

/**
 * struct clockplan_device - what a change of the clock costs
 * @nr: clocks, ascending, 1 to %CLOCKPLAN_CLOCKS
 * @switch_ns: from a request for this clock until it applies
 * @stall_ns: engines halt this long when it does
 * @stall_mw: power meanwhile, by the new clock
 */
struct clockplan_device {
	uint32_t nr;
	double switch_ns[CLOCKPLAN_CLOCKS];
	double stall_ns;
	double stall_mw[CLOCKPLAN_CLOCKS];
};

/**
 * struct clockplan_kind - steps of the same work
 * @is_work: its time counts against the budget
 * @is_gap: nothing is queued: nothing stalls either
 * @ns: time at each clock
 * @mw: power at each clock
 */
struct clockplan_kind {
	bool is_work;
	bool is_gap;
	double ns[CLOCKPLAN_CLOCKS];
	double mw[CLOCKPLAN_CLOCKS];
};

/**
 * struct clockplan_step - one item, or the gap between two
 * @kind: index of its kind
 * @ns: its length at any clock, 0 for that of its kind
 */
struct clockplan_step {
	uint32_t kind;
	double ns;
};

/**
 * struct clockplan_work - what is to be done, in order
 * @kinds: tables
 * @steps: the steps
 * @nr: how many
 */
struct clockplan_work {
	const struct clockplan_kind *kinds;
	const struct clockplan_step *steps;
	size_t nr;
};

/**
 * struct clockplan_price - what a second of work costs beside its energy
 * @mw: price up to @until
 * @then_mw: price from there on
 * @until: index of a step
 */
struct clockplan_price {
	double mw;
	double then_mw;
	size_t until;
};

/**
 * struct clockplan_request - a request that the plan makes
 * @step: during which step
 * @clock: for which clock
 * @offset_ns: how long after the step's start
 */
struct clockplan_request {
	uint32_t step;
	uint32_t clock;
	double offset_ns;
};

/**
 * struct clockplan - the plan
 * @first: clock to begin with
 * @requests: what to ask for when, in order
 * @nr: how many
 * @room: how many fit
 * @start_ns: when each step begins
 * @want: clock last asked for when each step begins
 * @room_steps: how many steps fit
 * @spent_ns: time of the work
 * @ref_ns: its time at the highest clock
 * @energy_uj: energy of all steps
 * @changes: changes of the clock
 */
struct clockplan {
	uint32_t first;
	struct clockplan_request *requests;
	size_t nr;
	size_t room;
	double *start_ns;
	uint8_t *want;
	size_t room_steps;
	double spent_ns;
	double ref_ns;
	double energy_uj;
	size_t changes;
};

/**
 * clockplan_make() - the cheapest plan at a price
 * @dev: the device
 * @work: what is to be done
 * @price: of time
 * @ret: the plan; to be freed, may be used again
 *
 * Return: 0 or -ENOMEM.
 */
int clockplan_make(const struct clockplan_device *dev,
		   const struct clockplan_work *work,
		   const struct clockplan_price *price, struct clockplan *ret);

/**
 * clockplan_fit() - the cheapest plan within a budget
 * @dev: the device
 * @work: what is to be done
 * @low_mw: lowest price to think of
 * @budget: slowdown allowed, as a share
 * @hint: price found for similar work, or that of which all is unknown: zeros;
 *	set to the price found
 * @ret: the plan; to be freed, may be used again
 *
 * Return: 0 or -ENOMEM.
 */
int clockplan_fit(const struct clockplan_device *dev,
		  const struct clockplan_work *work, double low_mw,
		  double budget, struct clockplan_price *hint,
		  struct clockplan *ret);

/**
 * clockplan_slowdown() - share of time that a plan loses
 * @p: the plan
 *
 * Return: 0 for none; 0 without any work.
 */
double clockplan_slowdown(const struct clockplan *p);

/**
 * clockplan_free() - give the memory back and leave an empty plan
 * @p: the plan
 */
void clockplan_free(struct clockplan *p);

#endif /* _LIB_CLOCKPLAN_H */
