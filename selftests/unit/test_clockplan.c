// SPDX-License-Identifier: GPL-2.0
/*
 * Clock plans: nothing that can be tried is better, and what a plan says of
 * itself is what comes out when its requests are played to a device.
 */
#include <math.h>

#include "random.h"
#include "replay/clockplan.h"
#include "unit.h"

#define MS	1e6
#define CLOCKS	3
#define STEPS	4

/* Where in a step changes are tried, in eighths of its work. */
#define PLACES	8

struct fixture {
	struct clockplan_device dev;
	struct clockplan_kind kinds[STEPS];
	struct clockplan_step steps[STEPS];
	struct clockplan_work work;
	double price_mw;
};

struct total {
	double spent_ns;
	double energy;
};

static double share(struct random *r)
{
	return random_below(r, 1000) / 1000.0;
}

/* Work of 5 ms and more at the top clock, its scaling and power at random. */
static void fill(struct fixture *f, struct random *r, double least_ns,
		 double range_ns)
{
	memset(f, 0, sizeof(*f));
	f->dev.nr = CLOCKS;
	f->dev.stall_ns = 0.05 * MS;
	f->price_mw = 300000 * share(r);
	for (int c = 0; c < CLOCKS; c++) {
		f->dev.switch_ns[c] = (8 + 4 * share(r)) * MS;
		f->dev.stall_mw[c] = 80000 + 20000 * c;
	}
	for (int i = 0; i < STEPS; i++) {
		double top_ns = least_ns + range_ns * share(r), s = share(r);
		double mw = 100000 + 400000 * share(r);
		struct clockplan_kind *k = &f->kinds[i];

		k->is_work = random_below(r, 5);
		for (int c = 0; c < CLOCKS; c++) {
			double slow = (double)CLOCKS / (c + 1);

			k->ns[c] = top_ns * (s * slow + 1 - s);
			k->mw[c] = 70000 + mw / slow / slow;
		}
		f->steps[i].kind = i;
	}
	f->work = (struct clockplan_work){ f->kinds, f->steps, STEPS };
}

static double price_of(const struct fixture *f, int i)
{
	return f->kinds[i].is_work ? f->price_mw : 0;
}

/* Everything from step @i on, at places that are multiples of an eighth. */
static double try_all(const struct fixture *f, int i, uint32_t clock,
		      double age_ns, int places)
{
	const struct clockplan_kind *k = &f->kinds[i];
	double least, cost;

	if (i == STEPS)
		return 0;
	least = k->ns[clock] * (k->mw[clock] + price_of(f, i)) +
		try_all(f, i + 1, clock, age_ns + k->ns[clock], places);
	for (uint32_t c = 0; c < CLOCKS; c++)
		for (int p = 0; p < places && c != clock; p++) {
			double done = (double)p / PLACES, rest = 1 - done;

			if (age_ns + done * k->ns[clock] < f->dev.switch_ns[c])
				continue;
			cost = done * k->ns[clock] *
			       (k->mw[clock] + price_of(f, i)) +
			       rest * k->ns[c] * (k->mw[c] + price_of(f, i)) +
			       f->dev.stall_ns *
			       (f->dev.stall_mw[c] + price_of(f, i)) +
			       try_all(f, i + 1, c, f->dev.stall_ns +
				       rest * k->ns[c], places);
			least = fmin(least, cost);
		}
	return least;
}

static double best_of_all(const struct fixture *f, int places)
{
	double least = INFINITY;

	for (uint32_t c = 0; c < CLOCKS; c++)
		least = fmin(least, try_all(f, 0, c, 0, places));
	return least;
}

/* A device that takes requests as the model does, one at a time. */
static double play(const struct fixture *f, const struct clockplan *plan,
		   struct total *ret)
{
	double now_ns = 0, apply_ns = INFINITY, price = 0;
	uint32_t clock = plan->first, target = clock, want = clock;
	size_t next = 0;

	*ret = (struct total){ 0 };
	for (int i = 0; i < STEPS; i++) {
		const struct clockplan_kind *k = &f->kinds[i];
		double begin_ns = now_ns, left = 1;

		while (left > 1e-12) {
			double ask_ns = INFINITY, ns = left * k->ns[clock];

			if (next < plan->nr &&
			    plan->requests[next].step == (uint32_t)i)
				ask_ns = begin_ns +
					 plan->requests[next].offset_ns;
			ns = fmax(0, fmin(ns, fmin(ask_ns, apply_ns) - now_ns));
			left -= ns / k->ns[clock];
			now_ns += ns;
			ret->spent_ns += k->is_work ? ns : 0;
			ret->energy += ns * k->mw[clock];
			if (now_ns >= ask_ns)
				want = plan->requests[next++].clock;
			if (now_ns >= apply_ns) {
				clock = target;
				now_ns += f->dev.stall_ns;
				ret->energy += f->dev.stall_ns *
					       f->dev.stall_mw[clock];
				ret->spent_ns += k->is_work ?
						 f->dev.stall_ns : 0;
				apply_ns = INFINITY;
			}
			if (want != clock && isinf(apply_ns)) {
				target = want;
				apply_ns = now_ns + f->dev.switch_ns[want];
			}
		}
	}
	price = f->price_mw;
	return ret->energy + price * ret->spent_ns;
}

static void compare(struct fixture *f, int places, double tolerance)
{
	const struct clockplan_price price = { f->price_mw, f->price_mw, 0 };
	struct clockplan plan = { 0 };
	struct total total;
	double best = best_of_all(f, places), got;

	ASSERT_EQ(clockplan_make(&f->dev, &f->work, &price, &plan), 0);
	got = plan.energy_uj * 1e6 + f->price_mw * plan.spent_ns;
	EXPECT_TRUE(got <= best * (1 + tolerance));
	if (places == 1)
		EXPECT_TRUE(got >= best * (1 - 1e-9));
	EXPECT_NEAR(play(f, &plan, &total), got, 2e-3 * got);
	EXPECT_NEAR(total.spent_ns, plan.spent_ns, 4e-3 * plan.spent_ns + 1);
	clockplan_free(&plan);
}

TEST(no_choice_at_begins_of_long_steps_is_better)
{
	struct random r = { 1 };
	struct fixture f;

	for (int i = 0; i < 2000; i++) {
		fill(&f, &r, 13 * MS, 100 * MS);
		compare(&f, 1, 1e-9);
	}
}

TEST(no_choice_anywhere_in_steps_is_better)
{
	struct random r = { 2 };
	struct fixture f;

	for (int i = 0; i < 60; i++) {
		fill(&f, &r, 13 * MS, 100 * MS);
		compare(&f, PLACES, 1e-5);
	}
	for (int i = 0; i < 60; i++) {
		fill(&f, &r, 2 * MS, 30 * MS);
		compare(&f, PLACES, 2e-4);
	}
}
