// SPDX-License-Identifier: GPL-2.0
/*
 * Guard: the books against a list of everything booked, and what follows.
 */
#include "unit.h"
#include "random.h"
#include "window.h"
#include "guard.h"
#include "sens.h"

#define MAX_ENTRIES	20000

static struct {
	u64 second;
	u32 work_us;
	u32 lost_us;
} entry[MAX_ENTRIES];

/* Sums over the 60 whole seconds that end with the newest. */
static void add_up(u32 nr, u64 second, u64 *work_us, u64 *lost_us)
{
	u32 i;

	*work_us = 0;
	*lost_us = 0;
	for (i = nr; i-- && entry[i].second + 60 > second;) {
		*work_us += entry[i].work_us;
		*lost_us += entry[i].lost_us;
	}
}

/* Mostly windows in a row, now and then a gap, some of them of many minutes. */
static u64 random_gap(struct random *rnd)
{
	switch (random_below(rnd, 100)) {
	case 0:
		return random_below(rnd, 10) * SECOND;
	case 1:
		return random_in(rnd, 55, 70) * SECOND;
	case 2:
		return random_below(rnd, 3) ? 0 : random_any(rnd) >> 16;
	default:
		return random_in(rnd, 1, 500) * MS;
	}
}

TEST(sums_over_the_last_minute_are_exact)
{
	struct random rnd = { 40 };
	u64 now_ns, work_us, lost_us;
	struct ag_guard g;
	u32 i, round;

	for (round = 0; round < 20; round++) {
		now_ns = random_any(&rnd) >> 8;
		ag_guard_init(&g, now_ns);
		for (i = 0; i < MAX_ENTRIES / 4; i++) {
			now_ns += random_gap(&rnd);
			entry[i].second = now_ns / SECOND;
			entry[i].work_us = random_below(&rnd, 10000000);
			entry[i].lost_us = random_below(&rnd, 10000000);
			ag_guard_account(&g, now_ns, entry[i].work_us,
					 entry[i].lost_us, 30);
			add_up(i + 1, now_ns / SECOND, &work_us, &lost_us);
			ASSERT_EQ(g.work_us, work_us);
			ASSERT_EQ(g.lost_us, lost_us);
			ASSERT_EQ(ag_guard_slowdown_permille(&g),
				  work_us ? min_t(u64, U32_MAX,
						  lost_us * 1000 / work_us) : 0);
		}
	}
}

TEST(time_that_goes_backwards_books_into_the_newest_second)
{
	struct ag_guard g;

	ag_guard_init(&g, 100 * SECOND);
	ag_guard_account(&g, 105 * SECOND, 1000, 10, 30);
	ag_guard_account(&g, 90 * SECOND, 1000, 10, 30);
	EXPECT_EQ(g.work_us, 2000);
	EXPECT_EQ(g.second, 105);
	ag_guard_account(&g, 165 * SECOND, 0, 0, 30);
	EXPECT_EQ(g.work_us, 0);
	EXPECT_EQ(g.work_total_us, 2000);
	EXPECT_EQ(g.lost_total_us, 20);
}

/* Ten minutes at a constant slowdown. Return: share of them engaged. */
static u32 engaged_permille(u32 slowdown, u32 budget, u32 *ret_changes)
{
	u32 i, engaged = 0, changes = 0, work = 10000;
	struct ag_guard g;

	ag_guard_init(&g, SECOND);
	for (i = 0; i < 60000; i++) {
		/* An engaged guard means the top clock: nothing is lost. */
		u32 lost = g.engaged ? 0 : work * slowdown / 1000;

		changes += ag_guard_account(&g, SECOND + i * 10 * MS, work,
					    lost, budget);
		engaged += g.engaged;
		/* Seconds that lost nothing leave the minute too: half a point. */
		if (i > 1000 && !EXPECT_LE(ag_guard_slowdown_permille(&g),
					   budget + 5))
			break;
	}
	*ret_changes = changes;
	return engaged / 60;
}

TEST(the_guard_keeps_the_budget_whatever_is_lost)
{
	static const u32 budgets[] = { 10, 30, 100, 500 };
	u32 i, slowdown, changes;

	for (i = 0; i < ARRAY_SIZE(budgets); i++) {
		for (slowdown = 0; slowdown <= 1000; slowdown += 50) {
			u32 engaged = engaged_permille(slowdown, budgets[i],
						       &changes);

			if (slowdown + 1 < budgets[i])
				EXPECT_EQ(engaged, 0);
			if (slowdown > budgets[i])
				EXPECT_GT(engaged, 0);
			/* It holds for seconds, not for windows. */
			EXPECT_LE(changes, 1200);
		}
	}
}

TEST(no_budget_means_always_engaged)
{
	struct ag_guard g;

	ag_guard_init(&g, SECOND);
	EXPECT_TRUE(ag_guard_account(&g, 2 * SECOND, 1000, 0, 0));
	EXPECT_TRUE(g.engaged);
	ag_guard_account(&g, 3 * SECOND, 1000, 0, 0);
	EXPECT_TRUE(g.engaged);
	/* A budget that comes later releases it. */
	EXPECT_TRUE(ag_guard_account(&g, 4 * SECOND, 1000, 0, 30));
	EXPECT_FALSE(g.engaged);
}

TEST(one_loss_at_the_start_is_no_overrun)
{
	struct ag_guard g;

	ag_guard_init(&g, SECOND);
	ag_guard_account(&g, 2 * SECOND, 50000, 20000, 30);
	EXPECT_FALSE(g.engaged);
	ag_guard_account(&g, 3 * SECOND, 500000, 250000, 30);
	EXPECT_TRUE(g.engaged);
}

/* With the half point that the promise allows, and 3 s of work at least. */
TEST(what_may_still_be_lost)
{
	struct ag_guard g;

	ag_guard_init(&g, 0);
	EXPECT_EQ(ag_guard_spare_us(&g, 30, false), 105000);
	EXPECT_EQ(ag_guard_spare_us(&g, 0, false), 15000);
	ag_guard_account(&g, SECOND, 1000000, 100000, 30);
	EXPECT_EQ(ag_guard_spare_us(&g, 30, false), 5000);
	ag_guard_account(&g, 2 * SECOND, 9000000, 100000, 30);
	EXPECT_EQ(ag_guard_spare_us(&g, 30, false), 150000);
	EXPECT_EQ(ag_guard_spare_us(&g, 10, false), 0);
	ag_guard_account(&g, 70 * SECOND, 0, 0, 30);
	EXPECT_EQ(ag_guard_spare_us(&g, 30, false), 105000);
}

TEST(releases_once_the_loss_has_left_the_minute)
{
	struct ag_guard g;
	u32 i;

	ag_guard_init(&g, SECOND);
	ag_guard_account(&g, 2 * SECOND, 900000, 900000, 30);
	EXPECT_TRUE(g.engaged);
	for (i = 0; i < 59; i++)
		ag_guard_account(&g, (3 + i) * SECOND, 100000, 0, 30);
	EXPECT_TRUE(g.engaged);
	EXPECT_TRUE(ag_guard_account(&g, 62 * SECOND, 100000, 0, 30));
	EXPECT_FALSE(g.engaged);
}

TEST(the_price_stays_in_its_range)
{
	struct random rnd = { 41 };
	struct ag_guard g;
	u32 i, round;

	for (round = 0; round < 50; round++) {
		u64 now_ns = SECOND;

		ag_guard_init(&g, now_ns);
		EXPECT_TRUE(ag_guard_price_due(&g));
		for (i = 0; i < 2000; i++) {
			now_ns += random_gap(&rnd) % (100 * SECOND);
			ag_guard_account(&g, now_ns,
					 random_below(&rnd, 1000000),
					 random_below(&rnd, 1000000),
					 random_below(&rnd, 1001));
			ag_guard_reprice(&g, random_below(&rnd, 1001),
					 (u32)random_any(&rnd) >> 4,
					 random_below(&rnd, 2),
					 (u32)random_any(&rnd));
			EXPECT_GE(g.price_mw, 1);
			EXPECT_LE(g.price_mw, 400000000);
			EXPECT_FALSE(ag_guard_price_due(&g));
		}
	}
}

/* A plan whose slowdown falls as the price rises: where does the loop settle? */
static u32 settled_permille(u32 budget, double steepness, double model_error)
{
	u64 now_ns = SECOND;
	struct ag_guard g;
	u32 i, predicted;

	ag_guard_init(&g, now_ns);
	g.price_mw = 300000;
	for (i = 0; i < 30000; i++) {
		predicted = 30 * pow(600000.0 / g.price_mw, steepness);
		now_ns += 10 * MS;
		ag_guard_account(&g, now_ns, 10000, g.engaged ? 0 :
				 10 * predicted * model_error, budget);
		if (ag_guard_price_due(&g))
			ag_guard_reprice(&g, budget,
					 predicted * AG_ONE / 1000, true,
					 300000);
	}
	return ag_guard_slowdown_permille(&g);
}

TEST(the_price_settles_near_the_budget)
{
	static const u32 budgets[] = { 10, 30, 50, 200 };
	static const double steep[] = { 0.5, 1, 2 };
	static const double error[] = { 0.7, 1, 1.4 };
	u32 i, k, n, settled;

	for (i = 0; i < ARRAY_SIZE(budgets); i++) {
		for (k = 0; k < ARRAY_SIZE(steep); k++) {
			for (n = 0; n < ARRAY_SIZE(error); n++) {
				settled = settled_permille(budgets[i], steep[k],
							   error[n]);
				EXPECT_LE(settled, budgets[i]);
				EXPECT_GE(settled, budgets[i] *
					  (error[n] == 1 ? 95 : 85) / 100);
				if (unit_failures) {
					unit_note("budget %u steepness %g error %g: %u",
						  budgets[i], steep[k], error[n], settled);
					return;
				}
			}
		}
	}
}

/* @lost_us of 10 ms for @seconds. Return: when they are over. */
static u64 lose(struct ag_guard *g, u64 now_ns, u32 seconds, u32 lost_us)
{
	u32 i;

	for (i = 0; i < seconds * 100; i++) {
		now_ns += 10 * MS;
		ag_guard_account(g, now_ns, 10000, lost_us, 30);
		if (ag_guard_price_due(g))
			ag_guard_reprice(g, 30, 0, true, 300000);
	}
	return now_ns;
}

/* What is left over of a budget is given out little by little, and taken back. */
TEST(the_goal_follows_what_minutes_have_in_common)
{
	const u32 least = AG_ONE * 9 / 10;
	u64 now_ns = SECOND;
	struct ag_guard g;
	u32 before;

	ag_guard_init(&g, now_ns);
	EXPECT_NEAR(g.goal, least, 1);
	now_ns = lose(&g, now_ns, 30, 200);
	EXPECT_GT(g.goal, least);
	EXPECT_LT(g.goal, AG_ONE * 95 / 100);
	now_ns = lose(&g, now_ns, 120, 200);
	EXPECT_EQ(g.goal, AG_ONE);

	/* Beyond the budget it falls, and where the backstop steps in by half. */
	now_ns = lose(&g, now_ns, 70, 302);
	EXPECT_FALSE(g.engaged);
	EXPECT_LT(g.goal, AG_ONE);
	do {
		before = g.goal;
		now_ns = lose(&g, now_ns, 1, 400);
	} while (!g.engaged);
	EXPECT_NEAR(g.goal - least, (before - least) / 2, AG_ONE / 1000);
	before = g.goal;
	lose(&g, now_ns, 10, 400);
	EXPECT_EQ(g.goal, before);
}

/* What one late clock loses has to fit between the backstop and the promise. */
TEST(boards_that_follow_late_have_no_room)
{
	const u32 least = AG_ONE * 9 / 10;
	u64 now_ns = SECOND;
	struct ag_guard g;

	ag_guard_init(&g, now_ns);
	g.late_us = 125000;
	now_ns = lose(&g, now_ns, 120, 200);
	EXPECT_EQ(g.goal, least);
	EXPECT_FALSE(g.engaged);
	/* The budget less a thirty-second. */
	now_ns = lose(&g, now_ns, 120, 290);
	EXPECT_FALSE(g.engaged);
	now_ns = lose(&g, now_ns, 60, 302);
	EXPECT_TRUE(g.engaged);

	/* A minute of 2 per mille is 116 ms. */
	ag_guard_init(&g, now_ns);
	g.late_us = 114000;
	now_ns = lose(&g, now_ns, 65, 200);
	lose(&g, now_ns, 65, 302);
	EXPECT_FALSE(g.engaged);
}

/* Where the top clock comes too late to help, the price keeps the promise. */
TEST(on_slow_boards_the_backstop_stands_beyond_the_budget)
{
	u64 now_ns = SECOND;
	struct ag_guard g;

	ag_guard_init(&g, now_ns);
	ag_guard_late(&g, 400000, 79999);
	EXPECT_FALSE(g.slow);
	ag_guard_late(&g, 400000, 80000);
	EXPECT_TRUE(g.slow);
	now_ns = lose(&g, now_ns, 120, 290);
	EXPECT_GT(g.goal, AG_ONE * 9 / 10);
	now_ns = lose(&g, now_ns, 120, 315);
	EXPECT_FALSE(g.engaged);
	now_ns = lose(&g, now_ns, 60, 325);
	EXPECT_TRUE(g.engaged);
	/* A budget of nothing leaves nothing. */
	ag_guard_init(&g, now_ns);
	ag_guard_late(&g, 400000, 400000);
	ag_guard_account(&g, now_ns, 1000000, 0, 0);
	EXPECT_TRUE(g.engaged);
}

/*
 * What may be lost at once after a stretch without loss is what the minute pays for
 * that the stretch has left, and not what the stretch itself would have.
 */
TEST(what_may_be_lost_is_left_by_every_minute_to_come)
{
	struct ag_guard g;

	ag_guard_init(&g, SECOND);
	lose(&g, SECOND, 54, 0);
	/* An eighth of 54 s goes on: 6.6 s, of which 35 per mille are 232 ms. */
	EXPECT_NEAR(ag_guard_spare_us(&g, 30, true), 232000, 10000);
	/* The half point of all 54 is 270, 30 per mille of 6.6 are 199. */
	EXPECT_NEAR(ag_guard_spare_us(&g, 30, false), 469000, 10000);
}

/*
 * A long stretch without loss, then bursts that lose as much as the guard lets them.
 * Once the stretch has left the minute, the bursts have to pay for themselves.
 */
TEST(a_stretch_that_leaves_is_not_spent)
{
	u64 now_ns, least_us;
	u32 i, lost, worst = 0, total = 0;
	struct ag_guard g;

	ag_guard_init(&g, SECOND);
	now_ns = lose(&g, SECOND, 6, 0);
	for (i = 0; i < 200; i++) {
		now_ns += SECOND;
		lost = g.engaged ? 0 : 5000;
		ag_guard_account(&g, now_ns, 60000, lost, 30);
		total += lost;
		least_us = max_t(u64, g.work_us, 3 * SECOND / 1000);
		worst = max_t(u32, worst, g.lost_us * 1000 / least_us);
	}
	unit_note("worst minute %u per mille, %u ms lost", worst, total / 1000);
	EXPECT_LE(worst, 35);
	/* It is not kept by losing nothing either. */
	EXPECT_GE(total, 200000);
}
