// SPDX-License-Identifier: GPL-2.0
/*
 * Rhythm: periods of regular signals, none in random ones.
 */
#include "unit.h"
#include "random.h"
#include "rhythm.h"

#define MS	1000000ULL

/* A step: waits, a pulse, arithmetic; in windows of about @window_ms. */
static u32 listen(struct ag_rhythm *r, u32 period_ms, u32 window_ms, u32 noise)
{
	struct random rnd = { period_ms };
	double t = 0;
	u32 i;

	for (i = 0; i < 60000 / window_ms; i++) {
		double at = fmod(t, period_ms) / period_ms;
		u32 v = at < 0.2 ? 30 : at < 0.3 ? 950 : 370;
		u32 us = window_ms * random_in(&rnd, 990, 1010);

		ag_rhythm_add(r, v + random_below(&rnd, noise), us * 1000ULL);
		t += us / 1000.0;
	}
	return r->period_ms;
}

TEST(periods_are_found)
{
	static const u32 period[] = { 1000, 1490, 2300, 3100, 4200 };
	static const u32 window[] = { 10, 35, 100 };
	struct ag_rhythm r;
	u32 i, k, ms;

	for (i = 0; i < ARRAY_SIZE(period); i++) {
		for (k = 0; k < ARRAY_SIZE(window); k++) {
			ag_rhythm_init(&r, 100);
			ms = listen(&r, period[i], window[k], 50);
			EXPECT_NEAR(ms, period[i], period[i] * 0.04);
			EXPECT_GE(r.strength, 450);
		}
	}
}

TEST(nothing_is_found_where_nothing_repeats)
{
	struct random rnd = { 5 };
	u32 i, looks = 0, found = 0;
	struct ag_rhythm r;

	ag_rhythm_init(&r, 100);
	for (i = 0; i < 100000; i++) {
		ag_rhythm_add(&r, random_below(&rnd, 1000), 100 * MS);
		found += r.period_ms != 0;
	}
	EXPECT_LT(found, 100);
	ag_rhythm_init(&r, 100);
	for (i = 0; i < 10000; i++)
		ag_rhythm_add(&r, 400 + random_below(&rnd, 5), 100 * MS);
	EXPECT_EQ(r.period_ms, 0);
	/* Two levels that change at random: seldom. */
	ag_rhythm_init(&r, 100);
	for (i = 0, found = 0; i < 100000; i++) {
		u32 level = i & 1 ? 900 : 50;

		ag_rhythm_add(&r, level, (u64)(random_unit(&rnd) * 1500 * MS));
		looks++;
		found += r.period_ms != 0;
	}
	unit_note("two levels at random: a period at %u of %u times", found,
		  looks);
	EXPECT_LT(found * 20, looks);
}

/* Steps of a second, an optimizer that blurs, rest before and waits in between. */
static u32 found_after(bool paused)
{
	struct random rnd = { 3 };
	struct ag_rhythm r;
	u32 i, left = 0;

	ag_rhythm_init(&r, 100);
	for (i = 0; i < 150; i++)
		paused ? ag_rhythm_pause(&r, 100 * MS) : ag_rhythm_add(&r, 500, 100 * MS);
	for (i = 0; i < 400; i++) {
		if (i % 90 == 60)
			left = 7 + random_below(&rnd, 12);
		for (; left; left--)
			paused ? ag_rhythm_pause(&r, 100 * MS) :
				 ag_rhythm_add(&r, 500, 100 * MS);
		ag_rhythm_add(&r, (i % 10 ? 300 : 400) + random_below(&rnd, 10), 100 * MS);
		if (r.period_ms)
			return i;
	}
	return i;
}

TEST(pauses_do_not_hide_it)
{
	u32 paused = found_after(true), told = found_after(false);

	unit_note("found after %u windows of work, %u with pauses as a level", paused, told);
	EXPECT_LE(paused, 90);
	EXPECT_GT(told, 2 * paused);
}

/* A long pause forgets where in a step the job was, and not how long its steps are. */
TEST(a_long_pause_keeps_the_period)
{
	struct ag_rhythm r;

	ag_rhythm_init(&r, 100);
	listen(&r, 1490, 100, 50);
	EXPECT_GT(r.period_ms, 0);
	ag_rhythm_pause(&r, ~0ULL);
	EXPECT_NEAR(r.period_ms, 1490, 60);
	listen(&r, 1490, 100, 50);
	EXPECT_NEAR(r.period_ms, 1490, 60);
}

/* Any values and times: nothing overflows, nothing hangs. */
TEST(anything_goes)
{
	struct random rnd = { 9 };
	struct ag_rhythm r;
	u32 i;

	ag_rhythm_init(&r, 100);
	for (i = 0; i < 300000; i++) {
		ag_rhythm_add(&r, (u32)random_any(&rnd),
			      random_any(&rnd) % (10000 * MS));
		if (i % 5 == 0)
			ag_rhythm_pause(&r, random_any(&rnd) >> random_below(&rnd, 64));
		EXPECT_LE(r.period_ms, 4800);
	}
}
