// SPDX-License-Identifier: GPL-2.0
/*
 * Rhythm: does a signal repeat itself, and how soon
 *
 * Observation. A training step shows the same activity in the same order as the
 * one before, for days: waits, a pulse of memory traffic by the optimizer.
 * Sensors of 100 ms blur the parts and rarely show one of them alone, but what
 * they show still repeats. Requests arrive at random.
 *
 * Model. Autocorrelation: the mean product of the signal and of itself some
 * time ago, both against the mean, over the variance. It is 1 at the period of
 * a perfectly regular signal and about 0 at every distance for a random one.
 *
 * Algorithm.
 *  1. Spread the signal over slots of equal length, whatever its windows are. A
 *     pause in the work is of no level: a slot without any work is as the mean, so
 *     that it is like and unlike nothing, and leaves mean and likeness as they are.
 *     Otherwise the step from rest to work, and every wait for input, would be most of
 *     the variance for a minute.
 *  2. For each slot update mean and the products with the last 47 slots, as
 *     decayed means over 64 slots. That costs a few dozen multiplications per
 *     slot and no history beyond the 47.
 *  3. Every AG_LOOK_EVERY slots look for the period. Behind the first dip, where
 *     likeness is below AG_DIP_PERMILLE of the variance, and within half of what was
 *     seen, the highest peak has to reach AG_LIKE_PERMILLE of the variance; the period
 *     is the nearest peak of five eighths of that. Multiples of the period peak as
 *     well; a near one is the period itself. A parabola through the peak and its
 *     neighbours gives the fraction of a slot. Two looks in a row must agree within an
 *     eighth.
 *
 * Constants. Over 64 slots of noise the largest of 45 likenesses stays below 450 per
 * mille; one step in six that waits for input still leaves 600. Work that switches at
 * random times between two levels, as prefill and decode do, shows a period by chance
 * in one look of a hundred: who asks has to look at more than this. 64 slots are one
 * and a third of the longest distance: longer memory tells no longer period. The dip:
 * likeness at short distances is the width of a pulse and no period; below a fifth it
 * has ended.
 */
#include "rhythm.h"

#define AG_DECAY_SHIFT		6
#define AG_LIKE_PERMILLE	450
#define AG_DIP_PERMILLE		200
#define AG_LOOK_EVERY		8
/*
 * Less than 0.8 % of the range is noise, however regular: sensors' own is 0.3 % on an
 * H100, where an optimizer of 5 ms in 100 makes 1.5 %.
 */
#define AG_VARIANCE_MIN		(8 * 8)

/**
 * ag_rhythm_init() - start with nothing known
 * @r: state
 * @slot_ms: resolution, up to 4000; periods from 2 to 46 slots are found
 */
void ag_rhythm_init(struct ag_rhythm *r, u32 slot_ms)
{
	memset(r, 0, sizeof(*r));
	r->slot_ns = slot_ms * NSEC_PER_MSEC;
}

static bool ag_rhythm_is_peak(const struct ag_rhythm *r, u32 i)
{
	return r->like[i] >= r->like[i - 1] && r->like[i] > r->like[i + 1];
}

/* Distance of the first value that is unlike the present. */
static u32 ag_rhythm_dip(const struct ag_rhythm *r)
{
	s32 low = r->like[0] / 1000 * AG_DIP_PERMILLE;
	u32 i = 1;

	while (i < AG_RHYTHM_LAGS - 1 && r->like[i] > low)
		i++;
	return i;
}

static void ag_rhythm_found(struct ag_rhythm *r, u32 i)
{
	s64 a = r->like[i - 1], b = r->like[i], c = r->like[i + 1];
	s64 bend = 2 * (2 * b - a - c), part = 0;
	u32 slot_us = r->slot_ns / NSEC_PER_USEC;

	u32 ms, last = r->candidate_ms;

	if (bend > 0)
		part = div64_s64((c - a) * slot_us, bend);
	ms = (u32)div_u64((u64)((s64)i * slot_us + part), USEC_PER_MSEC);
	r->candidate_ms = ms;
	if ((ms > last ? ms - last : last - ms) > ms / 8)
		return;
	r->period_ms = ms;
	r->strength = (u32)div64_s64(b * 1000, r->like[0]);
}

/* The nearest peak that is nearly as high as any, 0 for none. */
static u32 ag_rhythm_peak(const struct ag_rhythm *r)
{
	u32 i, first = ag_rhythm_dip(r) + 1;
	s32 top = 0;

	if (r->like[0] < AG_VARIANCE_MIN)
		return 0;
	for (i = first; i < AG_RHYTHM_LAGS - 1; i++)
		if (ag_rhythm_is_peak(r, i) && r->slots >= 2 * i)
			top = max_t(s32, top, r->like[i]);
	if ((s64)top * 1000 < (s64)r->like[0] * AG_LIKE_PERMILLE)
		return 0;
	i = first;
	while (!ag_rhythm_is_peak(r, i) || r->like[i] < top / 8 * 5)
		i++;
	return i;
}

static void ag_rhythm_look(struct ag_rhythm *r)
{
	u32 i = ag_rhythm_peak(r);

	r->period_ms = 0;
	r->strength = 0;
	if (i)
		ag_rhythm_found(r, i);
	else
		r->candidate_ms = 0;
}

static void ag_rhythm_put(struct ag_rhythm *r, s16 now)
{
	r->past[r->at] = now;
	r->at = r->at + 1 < AG_RHYTHM_LAGS ? r->at + 1 : 0;
}

static void ag_rhythm_slot(struct ag_rhythm *r, u32 value)
{
	/* The first means are of few values, not of 64. */
	u32 known = min_t(u32, r->slots + 1, 1 << AG_DECAY_SHIFT);
	u32 i, k = r->at;
	s32 now;

	r->mean += (s32)((value << AG_DECAY_SHIFT) - r->mean) / (s32)known;
	now = (s32)value - r->mean / (1 << AG_DECAY_SHIFT);
	r->like[0] += (now * now - r->like[0]) / (s32)known;
	for (i = 1; i < AG_RHYTHM_LAGS; i++) {
		k = k ? k - 1 : AG_RHYTHM_LAGS - 1;
		r->like[i] += (now * r->past[k] - r->like[i]) /
			      (1 << AG_DECAY_SHIFT);
	}
	ag_rhythm_put(r, (s16)now);
	if (r->slots < U32_MAX)
		r->slots++;
	if (r->slots % AG_LOOK_EVERY == 0)
		ag_rhythm_look(r);
}

static void ag_rhythm_spread(struct ag_rhythm *r, u32 value, u64 ns, bool works)
{
	while (r->filled_ns + ns >= r->slot_ns) {
		u32 rest = r->slot_ns - r->filled_ns;

		r->sum += (u64)value * rest;
		if (r->works || (works && rest))
			ag_rhythm_slot(r, (u32)div_u64(r->sum, r->slot_ns));
		else
			ag_rhythm_put(r, 0);
		r->sum = 0;
		r->filled_ns = 0;
		r->works = false;
		ns -= rest;
	}
	r->filled_ns += (u32)ns;
	r->sum += (u64)value * ns;
	r->works |= works && ns;
}

/**
 * ag_rhythm_add() - the signal held a value for some time
 * @r: state
 * @value: 0 to 1000
 * @ns: how long; longer than a whole memory of slots starts anew
 */
void ag_rhythm_add(struct ag_rhythm *r, u32 value, u64 ns)
{
	value = min_t(u32, value, 1000);
	if (ns >= (u64)AG_RHYTHM_LAGS * r->slot_ns) {
		ag_rhythm_init(r, r->slot_ns / NSEC_PER_MSEC);
		return;
	}
	ag_rhythm_spread(r, value, ns, true);
}

/**
 * ag_rhythm_pause() - nothing was done for some time
 * @r: state
 * @ns: how long
 */
void ag_rhythm_pause(struct ag_rhythm *r, u64 ns)
{
	/* What is before that does not matter any more. */
	ns = min_t(u64, ns, (u64)(AG_RHYTHM_LAGS + 1) * r->slot_ns);
	ag_rhythm_spread(r, (u32)r->mean / (1 << AG_DECAY_SHIFT), ns, false);
}
