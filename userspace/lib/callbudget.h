/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - what probes may cost, shared by all that are there
 */
#ifndef ACCELGOV_LIB_CALLBUDGET_H
#define ACCELGOV_LIB_CALLBUDGET_H

#include <stddef.h>
#include <stdint.h>

/* What all hits of all libraries may cost where nobody says so, of one CPU. */
#define CALLBUDGET_PERMILLE	2

/**
 * struct callbudget - of a host
 * @window_us: length of a window
 * @permille: how much of it may be spent, of one CPU
 * @opened_us: when the last window began, CLOCK_MONOTONIC
 * @debt_ns: what was spent beyond that until then
 * @left_ns: what this window has left for who comes in it
 */
struct callbudget {
	uint64_t window_us;
	uint32_t permille;
	uint64_t opened_us;
	uint64_t debt_ns;
	uint64_t left_ns;
};

/**
 * struct callbudget_part - one group of functions of one library
 * @used_ns: what it cost in the window before, hits and beginning and ending them; in:
 *	it would have cost, had it been probed all the time
 * @most_ns: more than that it may not cost in any case
 * @grant_ns: out: what it may cost in this window, 0 for nothing: it is not probed
 */
struct callbudget_part {
	uint64_t used_ns;
	uint64_t most_ns;
	uint64_t grant_ns;
};

/**
 * callbudget_set() - how much of a CPU
 * @b: the budget; what was spent before still counts
 * @window_us: length of a window
 * @permille: of one CPU
 */
void callbudget_set(struct callbudget *b, uint64_t window_us, uint32_t permille);

/**
 * callbudget_open() - a window begins
 * @b: the budget
 * @now_us: CLOCK_MONOTONIC
 * @spent_ns: what everything has cost since the window before began
 * @part: who was there; grants are filled in
 * @nr: how many
 *
 * Grants and what is kept for who comes never add up to more than a window may cost, less
 * what those before it have cost too much. Each has a quarter of its equal share for
 * certain; the rest goes to who needs it, evenly. A window may begin early: then what
 * the one before it has cost is not paid for yet.
 */
void callbudget_open(struct callbudget *b, uint64_t now_us, uint64_t spent_ns,
		     struct callbudget_part *part, size_t nr);

/**
 * callbudget_join() - one comes while a window runs
 * @b: the budget
 * @most_ns: more than that it may not cost in any case
 *
 * Return: what it may cost until the window ends, 0 for nothing.
 */
uint64_t callbudget_join(struct callbudget *b, uint64_t most_ns);

#endif /* ACCELGOV_LIB_CALLBUDGET_H */
