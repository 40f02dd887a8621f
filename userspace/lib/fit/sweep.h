/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Measurements that a device profile is fitted to: time and energy of work at
 * locked clocks (a sweep) or under power limits (a table of limits). Which
 * columns a CSV file has is up to its header.
 */
#ifndef _LIB_SWEEP_H
#define _LIB_SWEEP_H

#include <stddef.h>
#include <stdint.h>

#define SWEEP_PHASES_MAX	256
#define SWEEP_LABEL_LEN		64

/**
 * enum sweep_kind - what was set for a measurement
 * @SWEEP_CLOCK: the core clock
 * @SWEEP_LIMIT: the power limit
 */
enum sweep_kind {
	SWEEP_CLOCK,
	SWEEP_LIMIT,
};

/**
 * struct sweep_row - one measurement
 * @phase: which work
 * @setting: core clock in kilohertz or power limit in watts
 * @time_s: time of the work
 * @power_w: mean power of one device meanwhile
 */
struct sweep_row {
	uint32_t phase;
	double setting;
	double time_s;
	double power_w;
};

/**
 * struct sweep - measurements, by phase and ascending by what was set
 * @row: the measurements
 * @nr: how many
 * @room: how many fit before the array grows
 * @phase: names of phases, in the order of their first row
 * @nr_phases: how many
 * @repeated: rows that were merged into the mean of equal ones
 * @mixed: rows left out since devices had different limits
 * @unused: columns that were not understood, separated by spaces, maybe cut
 */
struct sweep {
	struct sweep_row *row;
	size_t nr;
	size_t room;
	char phase[SWEEP_PHASES_MAX][SWEEP_LABEL_LEN];
	uint32_t nr_phases;
	uint32_t repeated;
	uint32_t mixed;
	char unused[160];
};

/**
 * struct sweep_error - why a text was refused
 * @line: line number, from 1; 0 when the text as a whole is wrong
 * @reason: what is wrong with it, for humans
 */
struct sweep_error {
	unsigned int line;
	char reason[200];
};

/**
 * sweep_parse() - read CSV
 * @text: the whole file
 * @len: its length in bytes
 * @kind: what the file tells about
 * @ret: the measurements, set on success only
 * @err: where and why, set on -EINVAL
 *
 * Needed are a clock (or a limit), a time, and an energy or a power; names and
 * units are described in Documentation/calibrate.rst. Columns of words, and
 * those that are known to tell work apart, make phases. Any row that is not
 * understood is an error; nothing is guessed.
 *
 * Return: 0, -EINVAL with @err filled, or -ENOMEM.
 */
int sweep_parse(const char *text, size_t len, enum sweep_kind kind,
		struct sweep *ret, struct sweep_error *err);

/**
 * sweep_phase() - number of a phase, a new one when its name is new
 * @sweep: the measurements
 * @name: of the phase
 *
 * Return: its number or -ENOSPC.
 */
int sweep_phase(struct sweep *sweep, const char *name);

/**
 * sweep_add() - append one measurement
 * @sweep: the measurements
 * @row: the measurement
 *
 * Return: 0 or -ENOMEM.
 */
int sweep_add(struct sweep *sweep, const struct sweep_row *row);

/**
 * sweep_sort() - order rows and merge those with the same phase and setting
 * @sweep: the measurements
 */
void sweep_sort(struct sweep *sweep);

/**
 * sweep_free() - give the memory back and leave nothing
 * @sweep: the measurements
 */
void sweep_free(struct sweep *sweep);

#endif /* _LIB_SWEEP_H */
