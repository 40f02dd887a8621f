// SPDX-License-Identifier: GPL-2.0
/*
 * Operating points: what is refused, look-ups, and the power of each point.
 */
#include "unit.h"
#include "random.h"
#include "window.h"

/* An ascending table of random steps. Return: how many. */
static u32 random_points(struct random *rnd, struct ag_opp *opps, bool known_mv)
{
	u32 nr = random_in(rnd, 1, AG_OPP_MAX);
	u32 khz = random_in(rnd, 1000, 500000);
	u32 mv = random_in(rnd, 400, 700);
	u32 i;

	for (i = 0; i < nr; i++) {
		opps[i].khz = khz;
		opps[i].mv = known_mv ? mv : 0;
		khz += random_in(rnd, 1, 40000);
		mv += random_below(rnd, 6);
	}
	return nr;
}

TEST(junk_tables_are_refused)
{
	struct ag_opp opps[AG_OPP_MAX + 1];
	struct ag_opp_table t, before;
	u32 i;

	for (i = 0; i <= AG_OPP_MAX; i++)
		opps[i] = (struct ag_opp){ .khz = 1000 * (i + 1), .mv = 700 };
	memset(&t, 0xa5, sizeof(t));
	before = t;
	EXPECT_EQ(ag_opp_init(&t, opps, 0), -EINVAL);
	EXPECT_EQ(ag_opp_init(&t, opps, AG_OPP_MAX + 1), -EINVAL);
	opps[0].khz = 0;
	EXPECT_EQ(ag_opp_init(&t, opps, 4), -EINVAL);
	opps[0].khz = 2000;
	EXPECT_EQ(ag_opp_init(&t, opps, 4), -EINVAL);
	opps[0].khz = 2001;
	EXPECT_EQ(ag_opp_init(&t, opps, 4), -EINVAL);
	EXPECT_EQ(memcmp(&t, &before, sizeof(t)), 0);
	opps[0].khz = 1;
	EXPECT_EQ(ag_opp_init(&t, opps, AG_OPP_MAX), 0);
	EXPECT_EQ(t.nr, AG_OPP_MAX);
}

TEST(one_point_is_a_table)
{
	struct ag_opp o = { .khz = U32_MAX, .mv = 900 };
	struct ag_opp_table t;

	ASSERT_EQ(ag_opp_init(&t, &o, 1), 0);
	EXPECT_EQ(ag_opp_top_khz(&t), U32_MAX);
	EXPECT_EQ(ag_opp_floor(&t, 0), 0);
	EXPECT_EQ(ag_opp_ceil(&t, U32_MAX), 0);
	EXPECT_EQ(t.dyn[0], U16_MAX);
}

TEST(junk_voltages_are_not_used)
{
	static const u32 bad[][3] = {
		{ 700, 0, 900 },		/* one is missing */
		{ 700000, 800000, 900000 },	/* microvolts */
		{ 900, 800, 700 },		/* falls with the clock */
		{ 5000, 1, 5000 },
	};
	struct ag_opp o[3] = { { 500000, 0 }, { 750000, 0 }, { 1000000, 0 } };
	struct ag_opp_table t, none;
	u32 i, k;

	ASSERT_EQ(ag_opp_init(&none, o, 3), 0);
	EXPECT_FALSE(none.known_mv);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		for (k = 0; k < 3; k++)
			o[k].mv = bad[i][k];
		ASSERT_EQ(ag_opp_init(&t, o, 3), 0);
		EXPECT_FALSE(t.known_mv);
		EXPECT_EQ(memcmp(t.dyn, none.dyn, sizeof(t.dyn[0]) * 3), 0);
	}
}

static u32 floor_slowly(const struct ag_opp_table *t, u32 khz)
{
	u32 i, best = 0;

	for (i = 0; i < t->nr; i++)
		if (t->khz[i] <= khz)
			best = i;
	return best;
}

static u32 ceil_slowly(const struct ag_opp_table *t, u32 khz)
{
	u32 i;

	for (i = 0; i < t->nr; i++)
		if (t->khz[i] >= khz)
			return i;
	return t->nr - 1;
}

TEST(look_ups_against_linear_search)
{
	struct random rnd = { 3 };
	struct ag_opp opps[AG_OPP_MAX];
	struct ag_opp_table t;
	u32 i, k, nr, khz;

	for (i = 0; i < 500; i++) {
		nr = random_points(&rnd, opps, false);
		ASSERT_EQ(ag_opp_init(&t, opps, nr), 0);
		for (k = 0; k < 200; k++) {
			khz = k & 1 ? opps[random_below(&rnd, nr)].khz +
				      random_below(&rnd, 3) - 1 :
				      (u32)random_any(&rnd);
			ASSERT_EQ(ag_opp_floor(&t, khz), floor_slowly(&t, khz));
			ASSERT_EQ(ag_opp_ceil(&t, khz), ceil_slowly(&t, khz));
		}
	}
}

TEST(power_of_points_with_voltages)
{
	struct random rnd = { 4 };
	struct ag_opp opps[AG_OPP_MAX];
	struct ag_opp_table t;
	double worst = 0;
	u32 i, k, nr;

	for (i = 0; i < 500; i++) {
		nr = random_points(&rnd, opps, true);
		ASSERT_EQ(ag_opp_init(&t, opps, nr), 0);
		EXPECT_TRUE(t.known_mv);
		EXPECT_EQ(t.dyn[nr - 1], U16_MAX);
		for (k = 0; k < nr; k++) {
			double f = (double)opps[k].khz / opps[nr - 1].khz;
			double v = (double)opps[k].mv / opps[nr - 1].mv;

			worst = fmax(worst, fabs(t.dyn[k] / 65536.0 - f * v * v));
			EXPECT_TRUE(!k || t.dyn[k] >= t.dyn[k - 1]);
		}
	}
	unit_note("f*V^2: largest error %.6f of the top point", worst);
	EXPECT_TRUE(worst < 1e-4);
}

TEST(power_of_points_without_voltages)
{
	struct random rnd = { 5 };
	struct ag_opp opps[AG_OPP_MAX];
	struct ag_opp_table t;
	double worst = 0;
	u32 i, k, nr;

	for (i = 0; i < 500; i++) {
		nr = random_points(&rnd, opps, false);
		ASSERT_EQ(ag_opp_init(&t, opps, nr), 0);
		for (k = 0; k < nr; k++) {
			double f = (double)opps[k].khz / opps[nr - 1].khz;

			worst = fmax(worst,
				     fabs(t.dyn[k] / 65536.0 - pow(f, 2.4)));
			EXPECT_TRUE(!k || t.dyn[k] >= t.dyn[k - 1]);
		}
	}
	unit_note("f^2.4: largest error %.6f of the top point", worst);
	EXPECT_TRUE(worst < 1e-3);
}
