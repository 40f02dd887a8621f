// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: policies that leave the clock alone
 *
 * performance and powersave are devfreq's governors of these names: the highest
 * and the lowest clock, all the time.
 *
 * static-best is what an operator could reach with one locked clock who had
 * seen the whole run before: of all clocks that keep the slowdown within the
 * budget, the one with the least energy per unit of work.
 *
 * 1. Slowdown rises as the clock falls. The lowest clock within the budget is
 *    found by bisection over the table.
 * 2. Energy per work has one minimum over the clock: below it static power is
 *    paid for longer, above it voltage rises. Among the clocks that are left it
 *    is found by comparing two clocks inside of the interval and dropping the
 *    third behind the worse one; the last few are all tried.
 *
 * Each comparison is a run of the whole work. That both shapes are what they
 * are taken for is checked by a test that runs every clock.
 */
#include <errno.h>
#include <stdlib.h>

#include "replay.h"

/* Intervals of so many clocks are searched one by one. */
#define FEW	5

static int top_init(void *state, const struct replay_setup *setup,
		    uint32_t *ret_khz)
{
	*ret_khz = replay_top_khz(setup->chip);
	return 0;
}

static int bottom_init(void *state, const struct replay_setup *setup,
		       uint32_t *ret_khz)
{
	*ret_khz = setup->chip->opps[0].khz;
	return 0;
}

static int tuned_init(void *state, const struct replay_setup *setup,
		      uint32_t *ret_khz)
{
	*ret_khz = setup->chip->opps[setup->tune.opp].khz;
	return 0;
}

/* Runs made so far, by clock. */
struct sweep {
	const struct replay_config *cfg;
	struct {
		bool known;
		double slowdown;
		double energy;
	} at[ASIM_MAX_OPPS];
	uint32_t *runs;
};

static int measure(struct sweep *s, uint32_t opp)
{
	struct replay_tune tune = { .opp = opp };
	struct replay_outcome o;
	int ret;

	if (s->at[opp].known)
		return 0;
	ret = replay_once(s->cfg, &tune, &o);
	if (ret)
		return ret;
	s->at[opp].known = true;
	s->at[opp].slowdown = o.result.slowdown_ref_permille;
	s->at[opp].energy = o.result.energy_per_work_j;
	*s->runs += 1;
	replay_free(&o);
	return 0;
}

/* Without any work every clock keeps the budget. */
static bool keeps_budget(const struct sweep *s, uint32_t opp)
{
	return !(s->at[opp].slowdown > s->cfg->budget_permille);
}

static int find_lowest(struct sweep *s, uint32_t *ret_low)
{
	uint32_t bad = 0, good = s->cfg->chip->nr_opps - 1;
	int ret = measure(s, 0);

	if (!ret && keeps_budget(s, 0))
		good = 0;
	while (!ret && good > bad + 1) {
		uint32_t middle = (bad + good) / 2;

		ret = measure(s, middle);
		if (!ret)
			*(keeps_budget(s, middle) ? &good : &bad) = middle;
	}
	*ret_low = good;
	return ret;
}

static int find_cheapest(struct sweep *s, uint32_t low, uint32_t *ret_best)
{
	uint32_t high = s->cfg->chip->nr_opps - 1;
	int ret = 0;

	while (!ret && high - low >= FEW) {
		uint32_t a = low + (high - low) / 3, b = high - (high - low) / 3;

		ret = measure(s, a);
		if (!ret)
			ret = measure(s, b);
		if (!ret && s->at[a].energy <= s->at[b].energy)
			high = b;
		else
			low = a;
	}
	*ret_best = high;
	for (uint32_t i = low; !ret && i <= high; i++) {
		ret = measure(s, i);
		if (!ret && s->at[i].energy < s->at[*ret_best].energy)
			*ret_best = i;
	}
	return ret;
}

static int search(const struct replay_config *cfg, struct replay_tune *ret,
		  uint32_t *runs)
{
	struct sweep *s = calloc(1, sizeof(*s));
	uint32_t low = 0;
	int err;

	if (!s)
		return -ENOMEM;
	s->cfg = cfg;
	s->runs = runs;
	err = measure(s, cfg->chip->nr_opps - 1);
	if (!err)
		err = find_lowest(s, &low);
	if (!err)
		err = find_cheapest(s, low, &ret->opp);
	free(s);
	return err;
}

const struct replay_policy replay_performance = {
	.name = "performance",
	.help = "the highest clock",
	.init = top_init,
};

const struct replay_policy replay_powersave = {
	.name = "powersave",
	.help = "the lowest clock",
	.init = bottom_init,
};

const struct replay_policy replay_static_best = {
	.name = "static-best",
	.help = "the best single clock in hindsight",
	.budgeted = true,
	.init = tuned_init,
	.search = search,
};
