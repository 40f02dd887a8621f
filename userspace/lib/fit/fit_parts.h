/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the fit share.
 */
#ifndef _LIB_FIT_PARTS_H
#define _LIB_FIT_PARTS_H

#include "fit.h"

#define FIT_COLUMNS_MAX	8

/**
 * struct fit_data - a sweep while it is fitted
 * @row: its rows
 * @nr: how many
 * @weight: per row, 0 for one that is left out or held by a limit
 * @prior: power formula that is believed without a measurement, watts
 * @hold_static: force static power to this many watts at the voltage floor, 0
 *	not to
 * @keep_fixed: parts of time that no clock changes are as they were
 * @scratch: room for one number per row
 */
struct fit_data {
	const struct sweep_row *row;
	size_t nr;
	double *weight;
	double prior[FIT_TERMS];
	double hold_static;
	bool keep_fixed;
	double *scratch;
};

/* Solves a symmetric positive system of @n unknowns in place; false if none. */
bool fit_solve(double a[FIT_COLUMNS_MAX][FIT_COLUMNS_MAX], double *b, int n);

/* Minimum over [lo, hi] of a function with one, to about 1e-5 of the range. */
double fit_golden(double (*f)(double x, void *arg), void *arg, double lo,
		  double hi);

/* Down from *x of @n dimensions with first steps @step; the least value. */
double fit_simplex(double (*f)(const double *x, void *arg), void *arg,
		   double *x, const double *step, int n, int rounds);

/* Ascending. */
void fit_sort(double *v, size_t n);

/* Median of @v, which is reordered; 0 of nothing. */
double fit_median(double *v, size_t n);

/* Distinct clocks of the rows, or of the free ones; @ret has room for all. */
size_t fit_distinct(const struct sweep *sweep, const struct fit *fit,
		    bool only_free, double *ret);

/*
 * Can a fit be tried: clocks enough, far enough apart, powers and clocks of a
 * device of about the size of @base? Remarks say what is missing. @clock is scratch
 * with room for one number per row.
 */
bool fit_supported(const struct sweep *sweep, const struct asim_profile *base,
		   struct fit *fit, double *clock);

/* Was what was left out predicted? When not, remarks say what to measure again. */
bool fit_believable(struct fit *fit);

/* Which rows a limit held. */
void fit_find_limits(const struct sweep *sweep, struct fit *fit);

/* The same once a model is there; true when rows turned out to be held. */
bool fit_look_again(const struct sweep_row *row, size_t nr, struct fit *fit);

/* Time of each phase from free rows of weight above 0; returns its error. */
double fit_time(const struct fit_data *data, struct fit *fit);

/* Power from the same rows; returns the sum of squares, prior included. */
double fit_power(const struct fit_data *data, struct fit *fit, int rounds);

/* Activity of each phase, the greatest being 1, by what power leaves over. */
void fit_activities(const struct fit_data *data, struct fit *fit);

/* Formula's parts for a phase at a clock, each to be multiplied by its term. */
void fit_parts(const struct fit *fit, const struct fit_phase *phase,
	       double khz, double part[FIT_TERMS], double *ret_time_s);

double fit_volt(const struct fit_curve *curve, double x);

/* By the governor's model: sensitivity and its error, free rows only. */
void fit_core(const struct fit_data *data, struct fit_phase *phase,
	      double top_khz);

/* Adds a remark. */
void fit_remark(struct fit *fit, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* _LIB_FIT_PARTS_H */
