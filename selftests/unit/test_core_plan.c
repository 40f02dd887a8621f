// SPDX-License-Identifier: GPL-2.0
/*
 * Plan: the chosen point against every other, in floating point.
 */
#include "unit.h"
#include "random.h"
#include "window.h"

#define ONE	((double)AG_ONE)
#define PHASE	ACCELGOV_PHASE_COMPUTE
#define OTHER	ACCELGOV_PHASE_MEMORY

static struct ag_opp_table table;
static struct ag_sens sens;

/* What one choice depends on, in floating point: the phase and what it meets. */
struct part {
	double weight;
	double share;
	double dynamic;
	double power_mw;
};

struct model {
	struct part part[2];
	double price_mw;
};

static double time_of(double share, u32 i)
{
	double x = fmin((double)ag_opp_top_khz(&table) / table.khz[i], 11);

	return sqrt(share * (x * x - 1) + 1);
}

static double power_of(const struct part *p, u32 i)
{
	return 1 - p->dynamic + p->dynamic * table.dyn[i] / ONE;
}

static double cost_of(const struct model *m, u32 i)
{
	double sum = 0;
	u32 k;

	for (k = 0; k < 2; k++) {
		const struct part *p = &m->part[k];
		double t = time_of(p->share, i);

		sum += p->weight * (power_of(p, i) * t * p->power_mw +
				    m->price_mw * (t - 1));
	}
	return sum;
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

static void random_part(struct random *rnd, enum accelgov_phase phase,
			u32 power_mw, u32 weight, struct part *ret)
{
	struct ag_sens_phase *p = &sens.phase[phase];
	u32 dynamic = random_in(rnd, AG_ONE / 10, AG_ONE * 95 / 100), i;
	struct ag_curve c;

	p->share = random_in(rnd, AG_ONE / 32, AG_ONE);
	for (i = 0; i < AG_BANDS; i++)
		p->more[i] = 0;
	/* Every clock was compared. */
	p->low_khz = 1;
	p->low_x2 = AG_ONE * 121;
	ag_sens_init_power(p, dynamic);
	p->power_mw = power_mw;
	p->pairs = 1;
	ag_sens_curve(&sens, phase, &c);
	*ret = (struct part){
		.weight = (double)weight / AG_MIX_ONE,
		.share = c.share[0] / ONE,
		.dynamic = ag_sens_dynamic(&sens, phase) / ONE,
		.power_mw = power_mw,
	};
}

static void random_model(struct random *rnd, struct model *m,
			 struct ag_plan_input *in)
{
	u32 power_mw = random_in(rnd, 5000, 1000000);
	u32 other = random_below(rnd, 3) ? random_below(rnd, AG_MIX_ONE) : 0;

	ag_sens_init(&sens);
	random_part(rnd, PHASE, power_mw, AG_MIX_ONE - other, &m->part[0]);
	random_part(rnd, OTHER, random_in(rnd, power_mw / 4, power_mw), other,
		    &m->part[1]);
	*in = (struct ag_plan_input){
		/* A fiftieth to fifty times the board's power, see guard.c. */
		.price_mw = power_mw * exp(8 * random_unit(rnd) - 4),
		.budget_permille = 1000,
	};
	in->weight[PHASE] = AG_MIX_ONE - other;
	in->weight[OTHER] = other;
	m->price_mw = in->price_mw;
}

/* Choose from scratch. */
static void choose(const struct ag_plan_input *in, struct ag_plan_entry *ret)
{
	struct ag_plan_model m;

	memset(ret, 0, sizeof(*ret));
	ag_plan_model(&table, &sens, &m);
	ag_plan_choose(&m, PHASE, in, ret);
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
		choose(&in, &e);

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
	double t, lost, mw;
	struct model m;
	u32 i, k, n;

	for (i = 0; i < 20000; i++) {
		random_table(&rnd);
		random_model(&rnd, &m, &in);
		choose(&in, &e);
		k = ag_opp_floor(&table, e.khz);
		t = time_of(m.part[0].share, k);
		lost = 0;
		mw = 0;
		for (n = 0; n < 2; n++) {
			const struct part *p = &m.part[n];

			lost += p->weight * (time_of(p->share, k) - 1);
			mw += p->weight * time_of(p->share, k) *
			      power_of(p, k) * p->power_mw;
		}
		EXPECT_NEAR(e.slowdown_permille, 1000 * (t - 1), 2 + 2 * t);
		EXPECT_NEAR(e.energy_permille,
			    1000 * t * power_of(&m.part[0], k), 2 + 2 * t);
		EXPECT_NEAR(e.lost / ONE, lost, 0.001 + lost / 500);
		EXPECT_NEAR(e.mean_mw, mw, 2 + mw / 500);
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
			choose(&in, &e);
			/* Flat valleys leave a step to rounding. */
			EXPECT_GE(ag_opp_floor(&table, e.khz) + 1, last);
			last = ag_opp_floor(&table, e.khz);
		}
		if (m.part[0].share > 0.02 && !m.part[1].weight)
			EXPECT_EQ(last, table.nr - 1);
	}
}

/* Below the sweet spot energy rises: no price makes that attractive. */
TEST(a_free_clock_stays_at_the_sweet_spot)
{
	struct ag_plan_input in;
	struct random rnd = { 33 };
	struct ag_plan_entry e;
	struct model m;
	u32 i, k;

	for (i = 0; i < 5000; i++) {
		random_table(&rnd);
		random_model(&rnd, &m, &in);
		in.price_mw = 0;
		m.price_mw = 0;
		choose(&in, &e);
		k = cheapest(&m, 0, table.nr - 1);
		if (one_valley(&m))
			EXPECT_NEAR(cost_of(&m, ag_opp_floor(&table, e.khz)),
				    cost_of(&m, k), cost_of(&m, k) / 125);
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
		choose(&in, &free_e);
		in.cap_mw = random_in(&rnd, 1, m.part[0].power_mw * 11 / 10);
		choose(&in, &e);
		k = ag_opp_floor(&table, e.khz);
		capped += e.capped;
		EXPECT_TRUE(!k || power_of(&m.part[0], k) * m.part[0].power_mw <=
			    in.cap_mw * 1.001 + 1);
		k = ag_opp_floor(&table, free_e.khz);
		if (power_of(&m.part[0], k) * m.part[0].power_mw > in.cap_mw) {
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
		choose(&in, &e);
		k = ag_opp_floor(&table, e.khz);
		EXPECT_LE(1000 * (time_of(m.part[0].share, k) - 1), permille + 1.0);
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
		sens.phase[OTHER].ref_khz = ref;
		in.price_mw = 400000000;
		choose(&in, &e);
		EXPECT_LE(e.khz, table.khz[ag_opp_ceil(&table, ref)]);
	}
}

/* A row that mostly meets arithmetic gets arithmetic's clock. */
TEST(short_phases_are_blended_with_what_they_meet)
{
	static struct asim_chip chip;
	struct ag_opp opps[AG_OPP_MAX];
	struct ag_plan_input in = {
		.price_mw = 600000, .budget_permille = 1000,
	};
	struct ag_plan_entry brief = { 0 }, lengthy = { 0 };
	struct ag_plan_model m;
	u32 nr = points_of("a100-sxm", &chip, opps);

	ag_opp_init(&table, opps, nr);
	ag_sens_init(&sens);
	sens.phase[ACCELGOV_PHASE_LINK].power_mw = 90000;
	sens.phase[ACCELGOV_PHASE_COMPUTE].power_mw = 450000;
	in.weight[ACCELGOV_PHASE_LINK] = AG_MIX_ONE / 4;
	in.weight[ACCELGOV_PHASE_COMPUTE] = AG_MIX_ONE * 3 / 4;
	ag_plan_model(&table, &sens, &m);
	ag_plan_choose(&m, ACCELGOV_PHASE_LINK, &in, &brief);
	in.weight[ACCELGOV_PHASE_LINK] = AG_MIX_ONE * 99 / 100;
	in.weight[ACCELGOV_PHASE_COMPUTE] = AG_MIX_ONE / 100;
	ag_plan_choose(&m, ACCELGOV_PHASE_LINK, &in, &lengthy);
	unit_note("collective shorter than the lag: %u MHz, much longer: %u MHz",
		  brief.khz / 1000, lengthy.khz / 1000);
	EXPECT_GT(brief.khz, 1200000);
	EXPECT_LT(lengthy.khz, 900000);
}

TEST(no_choice_below_the_floor)
{
	struct random rnd = { 37 };
	struct ag_plan_input in;
	struct ag_plan_entry e;
	struct model m;
	u32 i;

	for (i = 0; i < 5000; i++) {
		random_table(&rnd);
		random_model(&rnd, &m, &in);
		in.price_mw = 0;
		in.floor_khz = random_in(&rnd, table.khz[0],
					 ag_opp_top_khz(&table));
		choose(&in, &e);
		EXPECT_GE(e.khz, in.floor_khz);
		/* A cap stands above it. */
		in.cap_mw = 1;
		choose(&in, &e);
		EXPECT_EQ(e.khz, table.khz[0]);
	}
}
