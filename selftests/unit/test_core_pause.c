// SPDX-License-Identifier: GPL-2.0
/*
 * Pauses of training: saves at equal distances against input that is late.
 */
#include "unit.h"
#include "pause.h"

#define WINDOW_NS	(100 * NSEC_PER_MSEC)

static void work(struct ag_pause *p, u32 ms)
{
	for (; ms; ms -= 100)
		ag_pause_update(p, false, false, WINDOW_NS);
}

/* Return: windows that were called a save. */
static u32 pause_for(struct ag_pause *p, u32 ms)
{
	u32 saves = 0;

	for (; ms; ms -= 100) {
		ag_pause_update(p, true, false, WINDOW_NS);
		saves += ag_pause_is_save(p);
	}
	return saves;
}

TEST(a_long_pause_is_a_save_once_it_is_long)
{
	struct ag_pause p = { 0 };

	work(&p, 5000);
	EXPECT_EQ(pause_for(&p, 900), 0);
	work(&p, 5000);
	/* From the tenth of 25 windows on. */
	EXPECT_EQ(pause_for(&p, 2500), 16);
}

TEST(a_save_that_is_due_is_known_from_its_beginning)
{
	struct ag_pause p = { 0 };
	u32 i;

	for (i = 0; i < 3; i++) {
		work(&p, 50000);
		pause_for(&p, 2500);
	}
	work(&p, 20000);
	EXPECT_EQ(pause_for(&p, 900), 0);
	work(&p, 30000);
	EXPECT_EQ(pause_for(&p, 2500), 25);
	/* No longer than the longest wait, and it is not due. */
	work(&p, 20000);
	EXPECT_EQ(pause_for(&p, 800), 0);
	/* A long one before its time does not move the schedule. */
	EXPECT_EQ(pause_for(&p, 1700), 17);
	work(&p, 30000);
	EXPECT_EQ(pause_for(&p, 2500), 25);
}

/* Input comes late by as much as it did before, so what takes longer is no input. */
TEST(what_takes_longer_than_any_wait_is_a_save)
{
	struct ag_pause p = { 0 };
	u32 i;

	work(&p, 7000);
	pause_for(&p, 5000);
	for (i = 0; i < 9; i++) {
		work(&p, 3000 + 100 * (i * 7 % 13));
		EXPECT_LE(pause_for(&p, 300 + 100 * (i % 4)), i < 4 ? 2 : 1);
	}
	/* Half of the longest would be 2.5 s. */
	work(&p, 9000);
	EXPECT_EQ(pause_for(&p, 5000), 45);
	/* A longer wait moves the border. */
	work(&p, 4000);
	pause_for(&p, 900);
	work(&p, 2000);
	EXPECT_EQ(pause_for(&p, 800), 0);
}

/* Saves of less than a second are found by their distance. */
TEST(short_saves_are_regular_too)
{
	struct ag_pause p = { 0 };
	u32 i;

	for (i = 0; i < 3; i++) {
		work(&p, 11000);
		pause_for(&p, 800);
	}
	work(&p, 5000);
	EXPECT_EQ(pause_for(&p, 400), 0);
	work(&p, 6000);
	EXPECT_EQ(pause_for(&p, 800), 8);
}

TEST(saves_that_stop_are_forgotten)
{
	struct ag_pause p = { 0 };
	u32 i;

	for (i = 0; i < 3; i++) {
		work(&p, 50000);
		pause_for(&p, 2500);
	}
	work(&p, 110000);
	EXPECT_FALSE(p.regular);
	EXPECT_EQ(pause_for(&p, 500), 0);
}

TEST(random_pauses_have_no_schedule)
{
	static const u32 apart[] = { 7000, 31000, 12000, 44000, 3000, 20000 };
	struct ag_pause p = { 0 };
	u32 i, early = 0;

	for (i = 0; i < 60; i++) {
		work(&p, apart[i % 6] + 100 * (i * 7 % 13));
		early += pause_for(&p, 600);
		pause_for(&p, 1500);
	}
	EXPECT_LE(early, 60);
	EXPECT_FALSE(p.regular);
}

TEST(a_pause_of_a_minute_is_the_end)
{
	struct ag_pause p = { 0 };

	work(&p, 50000);
	pause_for(&p, 59900);
	EXPECT_FALSE(ag_pause_is_end(&p));
	pause_for(&p, 100);
	EXPECT_TRUE(ag_pause_is_end(&p));
	work(&p, 100);
	EXPECT_FALSE(ag_pause_is_end(&p));
	EXPECT_EQ(p.longest_ns, 0);
}

TEST(slow_copies_make_a_pause_a_save)
{
	struct ag_pause p = { 0 };

	work(&p, 5000);
	/* What a batch of input takes, at most. */
	ag_pause_update(&p, true, true, WINDOW_NS);
	EXPECT_FALSE(ag_pause_is_copy(&p));
	ag_pause_update(&p, true, true, WINDOW_NS);
	EXPECT_TRUE(ag_pause_is_copy(&p));
	/* Then it is on its way to the disk. */
	pause_for(&p, 3000);
	EXPECT_TRUE(ag_pause_is_copy(&p));
	ag_pause_update(&p, false, true, WINDOW_NS);
	EXPECT_FALSE(ag_pause_is_copy(&p));
	/* What is copied beside work counts for nothing. */
	ag_pause_update(&p, false, true, WINDOW_NS);
	pause_for(&p, 500);
	EXPECT_FALSE(ag_pause_is_copy(&p));
}
