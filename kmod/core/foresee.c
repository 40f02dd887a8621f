// SPDX-License-Identifier: GPL-2.0
/*
 * Foresight: how long a wait lasts, from what it lasted the last time
 *
 * Observation. A clock that was lowered for a wait has to be back when the wait
 * is over. Whoever sees that only afterwards loses the recognition and the
 * switch, two or three hundredths of a second each time, and the plan answers by
 * not lowering it much: on a simulated H100 that trains GPT-3 the clairvoyant
 * policy waits at 345 MHz and pays nothing, and one that only reacts is best
 * off near 1600. But a training step is the same as the one before it.
 * A wait for the pipeline, for gradients, for a checkpoint lasts as long as the
 * same wait did a step ago.
 *
 * Model. Which wait is the same? The one with the same past: as long a
 * stretch of work before it, before that as long a wait, and so on. No period is
 * needed, and a step that is longer by one late input confuses little of what
 * comes after it.
 *
 * Algorithm.
 *  1. When a wait is over, write down its length with its past.
 *  2. When one begins, expect it to be like the one whose past is the same over
 *     the most lengths, the shortest of several; at least AG_FORESEE_LEAST, else it is
 *     not foreseen. Lengths are the same within 1/AG_ALIKE_DIV and two windows:
 *     work is done at other clocks, and phases are known by the window. The
 *     long wait of a pipeline comes after four short ones that hardly differ,
 *     and only counting them tells which one has begun.
 *  3. One that ends by more than a quarter too early ends trust, until AG_TRUSTED
 *     others in a row did not. By how much too early the others end, a mean over
 *     AG_ERROR_MEAN, moves the expected end forward AG_ERROR_TIMES. Waits of less
 *     than AG_JUDGED_WINDOWS are not judged: no lead fits in.
 *  4. With trust and a lead of recognition and switch (core.c), the clock is
 *     that of a wait with nothing behind it until the lead is reached, then that
 *     of the work that follows. A wait that goes on beyond costs energy, not time.
 *
 * The row of such a wait in the mix (mix.c) shows what foresight is worth: the
 * work that still ran at its clock counts there and raises it.
 *
 * Constants. 1/8: at 3 % of slowdown, and even at 10 %, work of the same length
 * stays within it. 24 waits: a step of a pipeline of eight stages has two to
 * ten of them (1F1B: one at its start, one before each of up to seven passes at its
 * end, one for gradients), so two steps are there. Sixteen lengths are a step. Four
 * in a row: half of a step. Twice the mean is exceeded by one in eight if errors
 * are exponential. Four lengths as a past are two waits: with two or eight the
 * benchmarks save the same to 0.1 per mille (Documentation/governor.rst).
 */
#include "foresee.h"

#define AG_FORESEE_DEPTH	16
#define AG_FORESEE_LEAST	4
#define AG_ALIKE_DIV		8
#define AG_ERROR_MEAN		8
#define AG_ERROR_TIMES		2
#define AG_TRUSTED		4
#define AG_JUDGED_WINDOWS	6

/**
 * ag_foresee_waits() - is it a phase whose end is worth foreseeing?
 * @phase: phase
 *
 * Return: true for waits.
 */
bool ag_foresee_waits(enum accelgov_phase phase)
{
	return phase == ACCELGOV_PHASE_LINK || phase == ACCELGOV_PHASE_STALL ||
	       phase == ACCELGOV_PHASE_CHECKPOINT;
}

static bool ag_alike(u16 a, u16 b, u32 window_us)
{
	u32 diff = a > b ? a - b : b - a;

	return diff <= max_t(u32, a, b) / AG_ALIKE_DIV +
		       2 * window_us / AG_WAIT_UNIT_US;
}

/* The wait that was @back waits before the one that would be written next. */
static const struct ag_wait *ag_foresee_past(const struct ag_foresee *f, u32 back)
{
	return &f->past[(f->at + 2 * AG_FORESEE_PAST - back) % AG_FORESEE_PAST];
}

/* How many lengths, of work and waits in turn, are as they were then? */
static u32 ag_foresee_depth(const struct ag_foresee *f, u32 back, u32 window_us)
{
	const struct ag_wait *w = &f->run;
	u32 n;

	for (n = 0; n < AG_FORESEE_DEPTH; n += 2) {
		const struct ag_wait *p = ag_foresee_past(f, back + n / 2);

		if (back + n / 2 > AG_FORESEE_PAST || !p->length ||
		    p->phase != w->phase ||
		    !ag_alike(p->work, w->work, window_us))
			return n;
		if (!ag_alike(p->before, w->before, window_us))
			return n + 1;
		w = ag_foresee_past(f, n / 2 + 1);
	}
	return n;
}

/* The wait that begins is expected to be like the one with the longest same past. */
static void ag_foresee_look(struct ag_foresee *f, u32 window_us)
{
	u32 i, best = AG_FORESEE_LEAST - 1;

	f->expect_us = 0;
	for (i = 1; i <= AG_FORESEE_PAST; i++) {
		const struct ag_wait *p = ag_foresee_past(f, i);
		u32 depth = ag_foresee_depth(f, i, window_us);
		u32 us = p->length * AG_WAIT_UNIT_US;

		if (depth < best || (depth == best && f->expect_us <= us))
			continue;
		best = depth;
		f->expect_us = us;
		f->expect_after = p->after;
	}
}

/* What became of what was expected? */
static void ag_foresee_judge(struct ag_foresee *f, u32 us,
			     u32 window_us)
{
	u32 early = f->expect_us - min_t(u32, f->expect_us, us);

	if (f->expect_us < AG_JUDGED_WINDOWS * window_us)
		return;
	if (early > f->expect_us / 4) {
		f->foreseen = 0;
		return;
	}
	if (f->foreseen < 2 * AG_TRUSTED)
		f->foreseen++;
	f->error_us += ((s32)early - (s32)f->error_us) / AG_ERROR_MEAN;
}

/**
 * ag_foresee_change() - the phase has changed
 * @f: state; zero before the first call
 * @phase: new phase
 * @since_ns: when it began
 * @window_us: length of a window
 */
void ag_foresee_change(struct ag_foresee *f, enum accelgov_phase phase,
		       u64 since_ns, u32 window_us)
{
	u64 ns = since_ns - min_t(u64, since_ns, f->began_ns);
	u16 length = (u16)min_t(u64, U16_MAX, div_u64(ns, AG_WAIT_UNIT_US *
						      NSEC_PER_USEC));
	bool waits = ag_foresee_waits(phase);

	if (waits == f->waiting)
		return;
	if (waits) {
		f->run.work = length;
		f->run.phase = (u8)phase;
		ag_foresee_look(f, window_us);
	} else {
		ag_foresee_judge(f, length * AG_WAIT_UNIT_US, window_us);
		f->run.length = length;
		f->run.after = (u8)phase;
		f->past[f->at] = f->run;
		f->at = (f->at + 1) % AG_FORESEE_PAST;
		f->run.before = length;
		f->expect_us = 0;
	}
	f->waiting = waits;
	f->began_ns = since_ns;
}

/* Time until the expected end less the lead; below 0 when it is near or over. */
static s64 ag_foresee_left(const struct ag_foresee *f, u64 now_ns, u32 lead_us)
{
	s64 over_us = (s64)div_u64(now_ns - min_t(u64, now_ns, f->began_ns),
				   NSEC_PER_USEC);

	return (s64)f->expect_us - over_us - lead_us -
	       (s64)f->error_us * AG_ERROR_TIMES;
}

static bool ag_foresee_trusted(const struct ag_foresee *f)
{
	return f->waiting && f->expect_us && f->foreseen >= AG_TRUSTED;
}

/**
 * ag_foresee_deep() - is nothing but waiting ahead for more than a lead?
 * @f: state
 * @now_ns: time
 * @lead_us: how long before the end the clock has to be raised
 *
 * Return: true when there is, and waits of this phase have been as long as each other.
 */
bool ag_foresee_deep(const struct ag_foresee *f, u64 now_ns, u32 lead_us)
{
	return ag_foresee_trusted(f) && ag_foresee_left(f, now_ns, lead_us) > 0;
}

/**
 * ag_foresee_ending() - does work follow within the lead?
 * @f: state
 * @now_ns: time
 * @lead_us: how long before the end the clock has to be raised
 *
 * Return: true when it does, or the wait has lasted longer than foreseen.
 */
bool ag_foresee_ending(const struct ag_foresee *f, u64 now_ns, u32 lead_us)
{
	return ag_foresee_trusted(f) && ag_foresee_left(f, now_ns, lead_us) <= 0;
}
