/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How well a device was run: what it really did (the hidden labels), what the
 * governor took it for, and how much longer work took than at the top clock.
 */
#ifndef _LIB_SCORE_H
#define _LIB_SCORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../../kmod/uapi/accelgov.h"
#include "../../../kmod/uapi/accelsim.h"
#include "minute.h"

/**
 * phase_from_name() - phase that a published name stands for
 * @name: with or without the workload: ``memory``, ``inference-decode``
 *
 * Return: &enum accelgov_phase, %ACCELGOV_PHASE_NR for no such name.
 */
uint32_t phase_from_name(const char *name);

/**
 * struct span - a stretch of time in one phase
 * @start_ns: first moment
 * @end_ns: first moment behind it
 * @phase: &enum accelgov_phase
 */
struct span {
	uint64_t start_ns;
	uint64_t end_ns;
	uint32_t phase;
};

/**
 * struct timeline - phases over time, without holes or overlaps
 * @v: the spans, in order
 * @nr: how many there are
 * @room: how many fit before the array grows
 */
struct timeline {
	struct span *v;
	size_t nr;
	size_t room;
};

/**
 * timeline_extend() - a phase holds until a moment
 * @t: the timeline
 * @start_ns: begin of the very first span; ignored later, when a span begins
 *	where the one before it ends
 * @end_ns: until when; one that is not after the last end changes nothing
 * @phase: &enum accelgov_phase
 *
 * Return: 0 or -ENOMEM, then the timeline is as before.
 */
int timeline_extend(struct timeline *t, uint64_t start_ns, uint64_t end_ns,
		    uint32_t phase);

/**
 * timeline_dominant() - phase that holds longest in an interval
 * @t: the timeline
 * @start_ns: first moment of the interval
 * @end_ns: first moment behind it
 *
 * Return: the phase, %ACCELGOV_PHASE_NR when the timeline does not touch the
 * interval.
 */
uint32_t timeline_dominant(const struct timeline *t, uint64_t start_ns,
			   uint64_t end_ns);

/**
 * timeline_window() - what a window of that interval should be called
 * @t: the timeline
 * @start_ns: first moment of the interval
 * @end_ns: first moment behind it
 *
 * The phase that holds longest, unless arithmetic and traffic take turns, each at
 * least twice, and neither has 1.27 times as much time as the other: that is what
 * %ACCELGOV_PHASE_MIXED means. It must be so in the interval and in three times as
 * long a one around it: a phase is what goes on for a while.
 *
 * Return: the phase, %ACCELGOV_PHASE_NR when the timeline does not touch the
 * interval.
 */
uint32_t timeline_window(const struct timeline *t, uint64_t start_ns,
			 uint64_t end_ns);

/**
 * timeline_agreement() - share of time in which two timelines agree
 * @a: one timeline
 * @b: the other
 * @start_ns: first moment that counts
 * @end_ns: first moment that does not
 *
 * Time that only one of them covers counts as disagreement.
 *
 * Return: per mille, NAN when neither covers any of the interval.
 */
double timeline_agreement(const struct timeline *a, const struct timeline *b,
			  uint64_t start_ns, uint64_t end_ns);

/**
 * timeline_free() - give the memory back and leave an empty timeline
 * @t: the timeline
 */
void timeline_free(struct timeline *t);

/**
 * struct score - account of one device
 * @start_ns: first moment that counts
 * @end_ns: first moment that does not
 * @truth: what the device did
 * @seen: what the governor published
 * @spent_ns: time that work took, wake-up latency included
 * @ref_ns: time the same work takes at the top clock
 * @wake_ns: wake-up latency in @spent_ns
 * @label_ns: time in each phase
 * @minute: the same minute by minute, from @start_ns on
 */
struct score {
	uint64_t start_ns;
	uint64_t end_ns;
	struct timeline truth;
	struct timeline seen;
	double spent_ns;
	double ref_ns;
	double wake_ns;
	double label_ns[ACCELGOV_PHASE_NR];
	struct minute minute;
};

/**
 * score_init() - an empty account
 * @s: to fill
 * @start_ns: first moment that counts
 * @end_ns: first moment that does not
 */
void score_init(struct score *s, uint64_t start_ns, uint64_t end_ns);

/**
 * score_done() - take a completion
 * @s: the account
 * @item: what was submitted
 * @done: how it went; in the order of submission
 *
 * A gap before the item in which nothing was queued is loaded idle. Items that
 * only wait for the host are no work. What lies behind &score.end_ns counts in
 * proportion or not at all.
 *
 * Return: 0 or -ENOMEM.
 */
int score_done(struct score *s, const struct accelsim_item *item,
	       const struct accelsim_done *done);

/**
 * score_finish() - nothing more will complete
 * @s: the account
 *
 * Time from the last completion to the end is loaded idle.
 *
 * Return: 0 or -ENOMEM.
 */
int score_finish(struct score *s);

/**
 * score_slowdown() - time spent against the top clock
 * @s: the account
 *
 * Return: per mille, NAN without any work.
 */
double score_slowdown(const struct score *s);

/**
 * score_minute() - the same in the worst minute
 * @s: the account
 *
 * Minutes begin and end with whole seconds after the start. An item belongs to the
 * second in which it ends.
 *
 * Return: per mille, NAN when it does not hold a whole minute.
 */
double score_minute(const struct score *s);

/**
 * score_accuracy() - share of time in which the governor was right
 * @s: the account
 *
 * Return: per mille, NAN when it published nothing.
 */
double score_accuracy(const struct score *s);

/**
 * score_free() - give the memory back
 * @s: the account
 */
void score_free(struct score *s);

#endif /* _LIB_SCORE_H */
