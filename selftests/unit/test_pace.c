// SPDX-License-Identifier: GPL-2.0
/*
 * How often what is only observed is read: all of the time where that is cheap, else as
 * often as its share allows, whatever a reading costs, in a time of our own.
 */
#include "pace.h"
#include "random.h"
#include "unit.h"

#define PERIOD_US	100000
#define MINUTE_US	60000000ULL

struct run {
	struct pace pace;
	uint64_t now_us;
	uint64_t spent_us;
	unsigned int reads;
	unsigned int looks;	/* readings at the full rate */
	unsigned int begun;	/* looks that began after a rest */
};

static struct run fresh(uint32_t share_ppm)
{
	struct run r = { .now_us = MINUTE_US };

	pace_init(&r.pace, share_ppm);
	return r;
}

static void read_once(struct run *r, uint32_t cost_us, bool news)
{
	bool rested = r->pace.resting;

	r->now_us += pace_period_us(&r->pace, PERIOD_US);
	r->looks += !rested;
	pace_read(&r->pace, 1000 * r->now_us, 1000ULL * cost_us, news);
	r->spent_us += cost_us;
	r->reads++;
	r->begun += rested && !r->pace.resting;
}

static void go_on(struct run *r, uint64_t us, uint32_t cost_us)
{
	uint64_t end_us = r->now_us + us;

	while (r->now_us < end_us)
		read_once(r, cost_us, false);
}

TEST(what_is_cheap_is_always_looked_at)
{
	struct run r = fresh(2000);

	go_on(&r, 60 * MINUTE_US, 200);
	EXPECT_EQ(r.looks, r.reads);
	EXPECT_EQ(r.reads, 36000);
	EXPECT_EQ(pace_period_us(&r.pace, PERIOD_US), PERIOD_US);
}

TEST(what_is_dear_is_looked_at_in_turns)
{
	/* One of eight H200: 614 us a reading, an eighth of 0.2 %. */
	struct run r = fresh(250);

	go_on(&r, 60 * MINUTE_US, 614);
	EXPECT_LE(r.spent_us, 60 * MINUTE_US / 4000 + 25000 + 614);
	/* Nothing is left over either: less than a look. */
	EXPECT_GE(r.spent_us, 60 * MINUTE_US / 4000 - 2 * 61400);
	EXPECT_GE(r.begun, 5);
	EXPECT_GE(r.looks / r.begun, 90);
	EXPECT_GE(r.reads - r.looks, 60 * 60 / 10);
}

TEST(news_is_looked_at_sooner)
{
	struct run r = fresh(250), s;

	while (!r.pace.resting)
		read_once(&r, 614, false);
	s = r;
	while (r.pace.resting)
		read_once(&r, 614, false);
	while (s.pace.resting)
		read_once(&s, 614, true);
	EXPECT_LE(s.now_us - MINUTE_US, (r.now_us - MINUTE_US) / 2);
}

TEST(who_asks_gets_a_look)
{
	struct run r = fresh(250);

	while (!r.pace.resting)
		read_once(&r, 614, false);
	EXPECT_GE(pace_period_us(&r.pace, PERIOD_US), 5000000);
	pace_look(&r.pace);
	EXPECT_EQ(pace_period_us(&r.pace, PERIOD_US), PERIOD_US);
	/* One reading, and what that costs is owed. */
	read_once(&r, 614, false);
	EXPECT_TRUE(r.pace.resting);
}

TEST(a_long_sleep_is_not_made_up_for)
{
	struct run r = fresh(250);

	while (!r.pace.resting)
		read_once(&r, 614, false);
	r.now_us += 24 * 60 * MINUTE_US;
	r.spent_us = 0;
	go_on(&r, MINUTE_US, 614);
	EXPECT_LE(r.spent_us, 2 * 61400 + MINUTE_US / 4000 + 614);
}

TEST(without_a_share_it_rests)
{
	struct run r = fresh(0);

	go_on(&r, 10 * MINUTE_US, 100);
	EXPECT_TRUE(r.pace.resting);
	EXPECT_EQ(pace_period_us(&r.pace, PERIOD_US), 10000000);
	r.pace.share_ppm = 2000;
	go_on(&r, MINUTE_US, 100);
	EXPECT_TRUE(!r.pace.resting);
}

TEST(the_bound_holds_whatever_a_reading_costs)
{
	struct random rnd = { 17 };
	struct run r;

	for (int i = 0; i < 200; i++) {
		uint32_t share = 20 + random_below(&rnd, 5000);
		uint32_t most = 10 + random_below(&rnd, 4000), cost;
		uint64_t begin_us, rests_us;

		r = fresh(share);
		begin_us = r.now_us;
		while (r.now_us < begin_us + 120 * MINUTE_US) {
			cost = 1 + random_below(&rnd, most);
			read_once(&r, cost, random_below(&rnd, 10) == 0);
		}
		/* One reading in 10 s is made in any case. */
		rests_us = (r.now_us - begin_us) / 10000000 * most;
		EXPECT_LE(r.spent_us, (r.now_us - begin_us) / 1000 * share / 1000 +
			  25000 + most + (2ULL * most * 1000000 / share > 10000000 ?
					  rests_us : 0));
	}
}
