// SPDX-License-Identifier: GPL-2.0
/*
 * Plan: the chosen point against every other, in floating point.
 */
#include "unit.h"
#include "random.h"
#include "window.h"

#define ONE	((double)AG_ONE)
#define PHASE	ACCELGOV_PHASE_COMPUTE

static struct ag_opp_table table;
static struct ag_sens sens;

/* What one choice depends on, in floating point. */
struct model {
	double share;
	double next_share;
	double dynamic;
	double power_mw;
	double price_mw;
	double lag;
};

static double time_of(double share, u32 i)
{
	double x = fmin((double)ag_opp_top_khz(&table) / table.khz[i], 11);

	return pow(share * (pow(x, 4) - 1) + 1, 0.25);
}

static double power_of(const struct model *m, u32 i)
{
	return 1 - m->dynamic + m->dynamic * table.dyn[i] / ONE;
}

static double cost_of(const struct model *m, u32 i)
{
	double t = time_of(m->share, i);
	double lost = t - 1 + m->lag * (time_of(m->next_share, i) - 1);

	return power_of(m, i) * t * m->power_mw + m->price_mw * lost;
}

/* A table as real boards have it: even steps, voltage flat, then rising. */
static void random_table(struct random *rnd)
{
	struct ag_opp opps[AG_OPP_MAX];
	u32 nr = random_in(rnd, 2, AG_OPP_MAX);
	u32 step = random_in(rnd, 5000, 50000);
	u32 low = random_in(rnd, 100000, 600000);
	u32 floor = random_below(rnd, nr), i;
	double rise = random_unit(rnd) * 300 / nr;
	bool known = random_below(rnd, 4);

	for (i = 0; i < nr; i++) {
		opps[i].khz = low + i * step;
		opps[i].mv = !known ? 0 :
			     i < floor ? 700 : 700 + (i - floor) * rise;
	}
	ag_opp_init(&table, opps, nr);
}

static void random_model(struct random *rnd, struct model *m,
			 struct ag_plan_input *in)
{
	struct ag_sens_phase *p = &sens.phase[PHASE];

	ag_sens_init(&sens, 0);
	p->share = random_below(rnd, AG_ONE + 1);
	p->next_share = random_below(rnd, AG_ONE + 1);
	p->dynamic = random_in(rnd, AG_ONE / 10, AG_ONE * 95 / 100);
	p->power_mw = random_in(rnd, 5000, 1000000);
	p->dwell_us = random_in(rnd, 1000, 5000000);
	*in = (struct ag_plan_input){
		/* A fiftieth to fifty times the board's power, see guard.c. */
		.price_mw = p->power_mw * exp(8 * random_unit(rnd) - 4),
		.lag_us = random_in(rnd, 1000, 500000),
		.budget_permille = 1000,
	};
	*m = (struct model){
		.share = ag_sens_share(&sens, PHASE) / ONE,
		.next_share = p->next_share / ONE,
		.dynamic = p->dynamic / ONE,
		.power_mw = p->power_mw,
		.price_mw = in->price_mw,
		.lag = fmin(1, (double)in->lag_us / p->dwell_us),
	};
}

static u32 cheapest(const struct model *m, u32 lo, u32 hi)
{
	u32 i, best = lo;

	for (i = lo; i <= hi; i++)
		if (cost_of(m, i) < cost_of(m, best))
			best = i;
	return best;
}

/* Does the cost fall and then rise, beyond rounding? */
static bool one_valley(const struct model *m)
{
	bool rising = false;
	u32 i;

	for (i = 1; i < table.nr; i++) {
		double step = cost_of(m, i) / cost_of(m, i - 1) - 1;

		if (step > 1e-4)
			rising = true;
		else if (step < -1e-4 && rising)
			return false;
	}
	return true;
}

TEST(the_choice_is_the_cheapest_point)
{
	struct random rnd = { 30 };
	u32 i, valleys = 0, exact = 0;
	struct ag_plan_entry e;
	struct ag_plan_input in;
	double excess, worst = 0, worst_any = 0;
	struct model m;

	for (i = 0; i < 30000; i++) {
		random_table(&rnd);
		random_model(&rnd, &m, &in);
		ag_plan_choose(&table, &sens, PHASE, &in, &e);

		u32 best = cheapest(&m, 0, table.nr - 1);
		u32 got = ag_opp_floor(&table, e.khz);

		ASSERT_EQ(table.khz[got], e.khz);
		excess = cost_of(&m, got) / cost_of(&m, best) - 1;
		worst_any = fmax(worst_any, excess);
		if (!one_valley(&m))
			continue;
		valleys++;
		exact += got == best;
		worst = fmax(worst, excess);
		if (!EXPECT_TRUE(excess < 0.02)) {
			unit_note("model %u: chose %u, best %u of %u", i, got,
				  best, table.nr);
			break;
		}
	}
	unit_note("one valley: %u of %u, %u exact, cost at most %.3f per mille above the best",
		  valleys, i, exact, worst * 1e3);
	unit_note("any shape: cost at most %.1f per mille above the best",
		  worst_any * 1e3);
	/* Where a phase hardly scales, steps of 16 bits hide the slope. */
	EXPECT_GT(valleys, i / 2);
	EXPECT_GT(exact * 100, valleys * 95);
	EXPECT_TRUE(worst_any < 0.05);
}

TEST(predictions_are_those_of_the_model)
{
	struct random rnd = { 31 };
	struct ag_plan_entry e;
	struct ag_plan_input in;
	double t, next;
	struct model m;
	u32 i, k;

	for (i = 0; i < 20000; i++) {
		random_table(&rnd);
		random_model(&rnd, &m, &in);
		ag_plan_choose(&table, &sens, PHASE, &in, &e);
		k = ag_opp_floor(&table, e.khz);
		t = time_of(m.share, k);
		next = m.lag * (time_of(m.next_share, k) - 1);
		EXPECT_NEAR(e.slowdown_permille, 1000 * (t - 1 + next),
			    2 + 2 * t);
		EXPECT_NEAR(e.energy_permille, 1000 * t * power_of(&m, k),
			    2 + 2 * t);
		EXPECT_FALSE(e.capped);
		if (unit_failures)
			break;
	}
}

TEST(a_higher_price_never_lowers_the_clock)
{
	struct random rnd = { 32 };
	struct ag_plan_input in;
	struct ag_plan_entry e;
	struct model m;
	u32 i, last;
	u64 price;

	for (i = 0; i < 5000; i++) {
		random_table(&rnd);
		random_model(&rnd, &m, &in);
		if (!one_valley(&m))
			continue;
		last = 0;
		for (price = 1; price <= 400000000; price *= 4) {
			in.price_mw = price;
			m.price_mw = price;
			ag_plan_choose(&table, &sens, PHASE, &in, &e);
			/* Flat valleys leave a step to rounding. */
			EXPECT_GE(ag_opp_floor(&table, e.khz) + 1, last);
			last = ag_opp_floor(&table, e.khz);
		}
		if (m.share > 0.02)
			EXPECT_EQ(last, table.nr - 1);
	}
}

/* Below the sweet spot energy rises: no price makes that attractive. */
TEST(a_free_clock_stays_at_the_sweet_spot)
{
	struct ag_plan_input in = { .lag_us = 1, .budget_permille = 1000 };
	struct random rnd = { 33 };
	struct ag_plan_entry e;
	struct model m;
	u32 i, k;

	for (i = 0; i < 5000; i++) {
		random_table(&rnd);
		random_model(&rnd, &m, &in);
		in = (struct ag_plan_input){ .lag_us = 1,
					     .budget_permille = 1000 };
		m.price_mw = 0;
		m.lag = 0;
		ag_plan_choose(&table, &sens, PHASE, &in, &e);
		k = cheapest(&m, 0, table.nr - 1);
		if (one_valley(&m))
			EXPECT_NEAR(e.energy_permille,
				    1000 * time_of(m.share, k) * power_of(&m, k),
				    8);
	}
}

TEST(a_cap_bounds_the_predicted_power)
{
	struct random rnd = { 34 };
	struct ag_plan_entry free_e, e;
	struct ag_plan_input in;
	struct model m;
	u32 i, k, capped = 0, moved = 0, unmarked = 0, needless = 0;

	for (i = 0; i < 20000; i++) {
		random_table(&rnd);
		random_model(&rnd, &m, &in);
		ag_plan_choose(&table, &sens, PHASE, &in, &free_e);
		in.cap_mw = random_in(&rnd, 1, m.power_mw * 11 / 10);
		ag_plan_choose(&table, &sens, PHASE, &in, &e);
		k = ag_opp_floor(&table, e.khz);
		capped += e.capped;
		EXPECT_TRUE(!k || power_of(&m, k) * m.power_mw <=
			    in.cap_mw * 1.001 + 1);
		k = ag_opp_floor(&table, free_e.khz);
		if (power_of(&m, k) * m.power_mw > in.cap_mw) {
			moved++;
			unmarked += !e.capped;
		} else {
			needless += e.capped && e.khz != free_e.khz;
		}
		if (unit_failures)
			break;
	}
	/* Flat valleys and second ones make a few choices ambiguous. */
	unit_note("cap moved the choice %u times, unmarked %u, without need %u",
		  moved, unmarked, needless);
	EXPECT_LE(unmarked * 100, moved);
	EXPECT_LE(needless * 100, moved);
	EXPECT_GT(capped, 1000);
	EXPECT_GT(moved, 1000);
}

TEST(a_phase_budget_bounds_its_own_slowdown)
{
	struct random rnd = { 35 };
	struct ag_plan_input in;
	struct ag_plan_entry e;
	struct model m;
	u32 i, k, permille;

	for (i = 0; i < 20000; i++) {
		random_table(&rnd);
		random_model(&rnd, &m, &in);
		permille = random_below(&rnd, 1000);
		in.price_mw = 0;
		in.budget_permille = permille;
		ag_plan_choose(&table, &sens, PHASE, &in, &e);
		k = ag_opp_floor(&table, e.khz);
		EXPECT_LE(1000 * (time_of(m.share, k) - 1), permille + 1.0);
	}
}

TEST(no_clock_above_what_the_board_holds)
{
	struct random rnd = { 36 };
	struct ag_plan_input in;
	struct ag_plan_entry e;
	struct model m;
	u32 i, ref;

	for (i = 0; i < 20000; i++) {
		random_table(&rnd);
		random_model(&rnd, &m, &in);
		ref = random_in(&rnd, table.khz[0], ag_opp_top_khz(&table));
		sens.phase[PHASE].ref_khz = ref;
		in.price_mw = 400000000;
		ag_plan_choose(&table, &sens, PHASE, &in, &e);
		EXPECT_LE(e.khz, table.khz[ag_opp_ceil(&table, ref)]);
	}
}

/* A phase much shorter than the lag carries its successor in full. */
TEST(short_phases_are_blended_with_what_follows)
{
	struct ag_sens_phase *p = &sens.phase[ACCELGOV_PHASE_LINK];
	struct ag_plan_input in = {
		.price_mw = 600000, .lag_us = 30000, .budget_permille = 1000,
	};
	struct ag_plan_entry brief, lengthy;
	static struct asim_chip chip;
	struct ag_opp opps[AG_OPP_MAX];
	u32 nr = points_of("a100-sxm", &chip, opps);

	ag_opp_init(&table, opps, nr);
	ag_sens_init(&sens, 0);
	p->next_share = AG_ONE * 9 / 10;
	p->dwell_us = 10000;
	ag_plan_choose(&table, &sens, ACCELGOV_PHASE_LINK, &in, &brief);
	in.age_us = 2000000;
	ag_plan_choose(&table, &sens, ACCELGOV_PHASE_LINK, &in, &lengthy);
	EXPECT_LT(lengthy.khz, 900000);
	in.age_us = 0;
	p->dwell_us = 2000000;
	ag_plan_choose(&table, &sens, ACCELGOV_PHASE_LINK, &in, &lengthy);
	unit_note("collective of 10 ms: %u MHz, of 2 s: %u MHz",
		  brief.khz / 1000, lengthy.khz / 1000);
	EXPECT_GT(brief.khz, 1200000);
	EXPECT_LT(lengthy.khz, 900000);
}
