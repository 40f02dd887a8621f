/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A device profile fitted to measurements. fit.c begins with the model and the
 * method.
 */
#ifndef _LIB_FIT_H
#define _LIB_FIT_H

#include <stdbool.h>
#include <stddef.h>

#include "profile/profile_file.h"
#include "sweep.h"

#define FIT_REMARKS_MAX		12
#define FIT_REMARK_LEN		320

/*
 * A fit is refused when, of one kind of work, time or energy at clocks that were left
 * out is off by more than this on average, in per cent, or power by so much of its
 * spread (struct fit_phase, unexplained).
 */
#define FIT_ERROR_MAX		8
#define FIT_UNEXPLAINED_MAX	0.5

/**
 * struct fit_error - how far a model is from measurements, in per cent
 * @mean: mean absolute error
 * @worst: largest
 * @worst_khz: clock of the largest, 0 when there is none
 */
struct fit_error {
	double mean;
	double worst;
	double worst_khz;
};

/**
 * struct fit_phase - one kind of work
 * @name: of the work
 * @first: its first row in the sweep
 * @nr: its rows, ascending by clock
 * @nr_free: those of them, the first ones, at which no limit held the clock
 * @held_khz: clock that a limit let it reach, 0 when none was seen
 * @held_w: its power there
 * @time_s: time at the top clock without a limit
 * @compute: share of the square of what scales that is arithmetic
 * @fixed: share of @time_s that no clock changes
 * @sensitivity: *w* of Documentation/governor.rst
 * @activity: its arithmetic power against the profile's
 * @power_w: power at the top clock without a limit
 * @time: error of time
 * @energy: error of energy
 * @left_time: error of time at clocks that were left out of the fit
 * @left_energy: the same of energy
 * @unexplained: how far power at free clocks that were left out is off, against how
 *	far it is off its mean: 0 when clocks explain it, 1 when they explain nothing
 * @core_time: error of time by the governor's model, free clocks only
 */
struct fit_phase {
	const char *name;
	size_t first;
	size_t nr;
	size_t nr_free;
	double held_khz;
	double held_w;
	double time_s;
	double compute;
	double fixed;
	double sensitivity;
	double activity;
	double power_w;
	struct fit_error time;
	struct fit_error energy;
	struct fit_error left_time;
	struct fit_error left_energy;
	double unexplained;
	struct fit_error core_time;
};

/**
 * enum fit_term - figures of the power formula, in watts
 * @FIT_STATIC: static
 * @FIT_LEAK: leakage at top voltage
 * @FIT_CLOCK: busy clock tree
 * @FIT_COMPUTE: arithmetic
 * @FIT_MOVE: data movement
 * @FIT_MEMORY: memory
 * @FIT_TERMS: how many
 */
enum fit_term {
	FIT_STATIC,
	FIT_LEAK,
	FIT_CLOCK,
	FIT_COMPUTE,
	FIT_MOVE,
	FIT_MEMORY,
	FIT_TERMS,
};

/**
 * struct fit_curve - voltage over clock, relative to the top
 * @floor: lowest voltage
 * @knee: clock up to which it stays there, of the top clock
 * @bend: exponent of the rise from there to the top
 */
struct fit_curve {
	double floor;
	double knee;
	double bend;
};

/**
 * struct fit - what came out
 * @top_khz: highest clock
 * @low_khz: lowest
 * @curve: voltage
 * @mem_knee: clock below which bandwidth falls, of the top clock
 * @memory_told: some work is bound by memory, which tells its power
 * @idle_share: clock power of idle engines, of that of busy ones
 * @term: power
 * @cap_w: mean power at which the limiter held the clock, 0 when none was seen
 * @limit_min_w: lowest power limit, 0 when no table of limits was given
 * @limit_max_w: highest
 * @limit_share: mean power under a limit that binds, of the limit
 * @static_low_w: static power at the lowest clock is at least this
 * @static_high_w: and at most this
 * @phase: kinds of work
 * @nr_phases: how many
 * @clocks: distinct clocks
 * @remark: what the measurements can't tell, for humans
 * @nr_remarks: how many
 */
struct fit {
	double top_khz;
	double low_khz;
	struct fit_curve curve;
	double mem_knee;
	bool memory_told;
	double idle_share;
	double term[FIT_TERMS];
	double cap_w;
	double limit_min_w;
	double limit_max_w;
	double limit_share;
	double static_low_w;
	double static_high_w;
	struct fit_phase phase[SWEEP_PHASES_MAX];
	uint32_t nr_phases;
	size_t clocks;
	char remark[FIT_REMARKS_MAX][FIT_REMARK_LEN];
	unsigned int nr_remarks;
};

/**
 * fit_sweep() - fit a device to a sweep
 * @sweep: time and energy at locked clocks
 * @limits: the same under power limits, or NULL
 * @base: what the measurements can't tell comes from here, scaled to fit
 * @base_given: the user chose @base, so it may stand in where it must
 * @ret: filled; on -ENODATA its remarks say what is missing
 *
 * Return: 0; -ENODATA when the measurements don't support a fit; -ENOMEM.
 */
int fit_sweep(const struct sweep *sweep, const struct sweep *limits,
	      const struct asim_profile *base, bool base_given,
	      struct fit *ret);

/**
 * fit_predict() - time and power of a kind of work at a clock
 * @fit: the fit
 * @phase: the work
 * @khz: clock that was asked for
 * @ret_time_s: time
 * @ret_power_w: mean power
 *
 * The power limit and other bounds that were seen are kept.
 */
void fit_predict(const struct fit *fit, const struct fit_phase *phase,
		 double khz, double *ret_time_s, double *ret_power_w);

/**
 * struct fit_origin - where a fit comes from
 * @source: what to call the sweep
 * @limits: what to call the table of limits, NULL for none
 * @date: when it was fitted, such as 2026-11-28
 */
struct fit_origin {
	const char *source;
	const char *limits;
	const char *date;
};

/**
 * fit_profile() - make a profile of a fit
 * @fit: the fit
 * @sweep: what it was fitted to
 * @base: profile that gives what a sweep can't tell
 * @base_given: the user chose @base: its range of clocks counts
 * @name: of the profile
 * @origin: what its notes say of where figures come from
 * @ret: the profile
 * @ret_why: reason of a failure
 *
 * Return: false when the clocks make no valid table.
 */
bool fit_profile(const struct fit *fit, const struct sweep *sweep,
		 const struct profile_file *base, bool base_given,
		 const char *name, const struct fit_origin *origin,
		 struct profile_file *ret, char ret_why[200]);

#endif /* _LIB_FIT_H */
