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
 * power-cap-best is the same with one power limit of the board, its clock free:
 * of CAPS limits, evenly from the lowest to the highest that the board takes.
 * The board's limiter (asim_work_opp()) then lowers the clock of each item as
 * far as that item needs it.
 */
#include "replay_search.h"

/* Steps of 5 W between 200 and 700 W. */
#define CAPS	101

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

static void set_clock(const struct asim_chip *chip, uint32_t i,
		      struct replay_tune *tune)
{
	tune->opp = i;
}

static void set_cap(const struct asim_chip *chip, uint32_t i,
		    struct replay_tune *tune)
{
	const struct asim_profile *p = chip->profile;
	uint64_t range_mw = p->cap_max_mw - p->cap_min_mw;

	tune->cap_mw = p->cap_min_mw + (uint32_t)(range_mw * i / (CAPS - 1));
}

static int search_clock(const struct replay_config *cfg,
			struct replay_tune *ret, uint32_t *runs)
{
	const struct replay_settings clocks = { cfg->chip->nr_opps, set_clock };

	return replay_search(cfg, &clocks, ret, runs);
}

static int search_cap(const struct replay_config *cfg, struct replay_tune *ret,
		      uint32_t *runs)
{
	const struct replay_settings caps = { CAPS, set_cap };

	return replay_search(cfg, &caps, ret, runs);
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
	.search = search_clock,
};

const struct replay_policy replay_power_cap_best = {
	.name = "power-cap-best",
	.help = "the best single power limit in hindsight",
	.budgeted = true,
	.init = top_init,
	.search = search_cap,
};
