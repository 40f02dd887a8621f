/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How well phases are told apart: what was there against what it was called,
 * how late a change is noticed, and whether confidence means anything.
 */
#ifndef _LIB_CONFUSION_H
#define _LIB_CONFUSION_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "score.h"

/**
 * struct confusion - time or windows by true and published phase
 * @at: amount; first index the true phase, second the published one
 */
struct confusion {
	double at[ACCELGOV_PHASE_NR][ACCELGOV_PHASE_NR];
};

/* Bins of confidence, of equal width. */
#define RELIABILITY_BINS	10

/**
 * struct reliability - confidence against how often it was deserved
 * @nr: windows per bin of published confidence
 * @sum: sum of their confidence, per mille
 * @right: how many of them had the right name
 */
struct reliability {
	double nr[RELIABILITY_BINS];
	double sum[RELIABILITY_BINS];
	double right[RELIABILITY_BINS];
};

/* Delays are told apart to a sixteenth of a window, up to 32 windows. */
#define DELAY_PARTS	16
#define DELAY_BINS	(32 * DELAY_PARTS)

/**
 * struct delays - how late changes of phase were published
 * @nr: changes per delay; the last one and all that were later
 * @total: their sum
 * @too_short: changes to what is shorter than three windows, which are left out
 */
struct delays {
	uint64_t nr[DELAY_BINS];
	uint64_t total;
	uint64_t too_short;
};

/**
 * confusion_add() - count something
 * @c: the matrix
 * @truth: &enum accelgov_phase; others count nothing
 * @seen: &enum accelgov_phase; others count as unknown
 * @amount: how much
 */
void confusion_add(struct confusion *c, uint32_t truth, uint32_t seen,
		   double amount);

/**
 * confusion_merge() - add another matrix
 * @c: the matrix
 * @other: what to add
 */
void confusion_merge(struct confusion *c, const struct confusion *other);

/**
 * confusion_time() - count time
 * @c: the matrix, in seconds
 * @truth: what was there
 * @seen: what it was called; where nothing is known, unknown
 */
void confusion_time(struct confusion *c, const struct timeline *truth,
		    const struct timeline *seen);

/**
 * confusion_f1() - harmonic mean of precision and recall of a phase
 * @c: the matrix
 * @phase: which
 *
 * Return: per mille, NAN for a phase with less than 5 thousandths of all.
 */
double confusion_f1(const struct confusion *c, uint32_t phase);

/**
 * confusion_macro_f1() - mean of confusion_f1() over the phases that occur
 * @c: the matrix
 *
 * Return: per mille, NAN when there is nothing.
 */
double confusion_macro_f1(const struct confusion *c);

/**
 * confusion_print() - the matrix for humans, a reStructuredText table
 * @c: the matrix
 * @f: where to
 *
 * One row per phase that occurs: its share, what it was called in per mille of
 * that, and its F1.
 */
void confusion_print(const struct confusion *c, FILE *f);

/**
 * delays_add() - count the changes of a run
 * @d: the account
 * @truth: what was there
 * @seen: what it was called
 * @window_ns: length of a window
 *
 * A change that is not published before the phase ends counts with the length
 * of the phase. One whose phase was published already tells nothing and is left
 * out, and so is one to what is no phase.
 */
void delays_add(struct delays *d, const struct timeline *truth,
		const struct timeline *seen, uint64_t window_ns);

/**
 * delays_merge() - add another account
 * @d: the account
 * @other: what to add
 */
void delays_merge(struct delays *d, const struct delays *other);

/**
 * delays_percentile() - delay below which @percent of the changes lie
 * @d: the account
 * @percent: 0 to 100
 *
 * Return: windows, rounded up to a sixteenth; NAN without changes.
 */
double delays_percentile(const struct delays *d, double percent);

/**
 * reliability_add() - count a window
 * @r: the account
 * @confidence: as published, per mille
 * @right: it had the right name
 */
void reliability_add(struct reliability *r, uint32_t confidence, bool right);

/**
 * reliability_merge() - add another account
 * @r: the account
 * @other: what to add
 */
void reliability_merge(struct reliability *r, const struct reliability *other);

/**
 * reliability_error() - expected calibration error
 * @r: the account
 *
 * Return: mean distance between confidence and the share of right names over
 * the bins, weighted with windows, per mille; NAN without windows.
 */
double reliability_error(const struct reliability *r);

/**
 * struct named_window - a window and what it was called
 * @from_ns: start of the interval that it describes
 * @to_ns: its end
 * @phase: published phase
 * @confidence: published with it
 */
struct named_window {
	uint64_t from_ns;
	uint64_t to_ns;
	uint32_t phase;
	uint32_t confidence;
};

/**
 * struct named_windows - all windows of a run
 * @v: those whose truth is not known yet, in order
 * @nr: how many there are
 * @room: how many fit before the array grows
 * @confusion: the others, counted
 * @reliability: the same
 */
struct named_windows {
	struct named_window *v;
	size_t nr;
	size_t room;
	struct confusion confusion;
	struct reliability reliability;
};

/**
 * named_windows_add() - a window was named
 * @w: the account
 * @window: the window
 * @truth: what was there, as far as it is known yet
 *
 * A window is what timeline_window() calls it.
 *
 * Return: 0 or -ENOMEM.
 */
int named_windows_add(struct named_windows *w,
		      const struct named_window *window,
		      const struct timeline *truth);

/**
 * named_windows_settle() - count the windows whose truth is known
 * @w: the account
 * @truth: what was there
 */
void named_windows_settle(struct named_windows *w,
			  const struct timeline *truth);

/**
 * named_windows_free() - give the memory back; what was counted stays
 * @w: the account
 */
void named_windows_free(struct named_windows *w);

#endif /* _LIB_CONFUSION_H */
