// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: accelgov in replay
 *
 * The policy core of the kernel module, driven as the module drives it: each
 * sample is checked and brought to rates, the core says whether it wants
 * another clock, the decision is made within the limits of the table, and the
 * core hears of it when the driver has taken it (kmod/intake.c, kmod/target.c).
 * The first sample always leads to a decision. What is published is the core's
 * phase with its confidence, and its own account of slowdown.
 *
 * A power cap that the core asks the board's limiter to hold is set when a driver
 * would have done so (replay.c).
 *
 * When the device suspends is the core's, where replay is told to use it
 * (replay_idle.c).
 */

#include "../../../kmod/core/core.h"
#include "replay_idle.h"
#include "replay_policy.h"

struct governor {
	struct ag_core core;
	uint32_t low_khz;
	uint32_t top_khz;
};

/* Of more clocks than the core takes those that the module would (kmod/points.c). */
static uint32_t thin(const struct asim_chip *chip, struct ag_opp *opps)
{
	uint32_t nr = chip->nr_opps < AG_OPP_MAX ? chip->nr_opps : AG_OPP_MAX;

	for (uint32_t i = 0; i < nr; i++) {
		const struct asim_opp *from =
			&chip->opps[nr < 2 ? 0 : i * (chip->nr_opps - 1) /
						 (nr - 1)];

		opps[i].khz = from->khz;
		opps[i].mv = from->uv / 1000;
	}
	return nr;
}

/* A window shows the end of work, the next nothing but a wait, then the clock is switched. */
static uint64_t falls_ns(const struct replay_setup *setup)
{
	return setup->sample_period_us * (uint64_t)NSEC_PER_USEC * 3 / 2 +
	       setup->chip->opps[0].switch_ns;
}

static int init(void *state, const struct replay_setup *setup,
		uint32_t *ret_khz)
{
	const struct asim_chip *chip = setup->chip;
	struct ag_opp opps[AG_OPP_MAX];
	struct governor *g = state;
	struct ag_config cfg;
	uint32_t nr = thin(chip, opps);
	int ret;

	g->low_khz = chip->opps[0].khz;
	g->top_khz = replay_top_khz(chip);
	ag_config_default(&cfg);
	cfg.budget_permille = setup->budget_permille;
	cfg.sample_period_us = setup->sample_period_us;
	replay_idle_config(chip, 0, falls_ns(setup), &setup->idle_limits, &cfg.idle);
	cfg.power_cap_mw = setup->power_cap_mw;
	*ret_khz = g->top_khz;
	ret = ag_core_init(&g->core, opps, nr, &cfg, setup->now_ns);
	if (!ret && setup->limiter)
		ag_core_limiter(&g->core, chip->profile->cap_min_mw,
				chip->profile->cap_max_mw);
	return ret;
}

static uint32_t tick(void *state, const struct replay_window *window)
{
	struct governor *g = state;
	struct ag_decision d;
	struct ag_rates rates;
	bool first = !g->core.samples;

	if (ag_sample_check(&window->sample))
		return 0;
	ag_sample_rates(&window->sample, &rates);
	if (!(ag_core_sample(&g->core, &rates) & AG_EV_RETARGET) && !first)
		return 0;
	ag_core_decide(&g->core, g->low_khz, g->top_khz, &d);
	return d.khz;
}

static void applied(void *state, uint32_t khz, uint64_t now_ns)
{
	struct governor *g = state;

	ag_core_applied(&g->core, khz, now_ns);
}

static uint32_t cap(const void *state)
{
	const struct governor *g = state;

	return g->core.limiter.asked_mw;
}

static void capped(void *state, uint64_t now_ns)
{
	struct governor *g = state;

	ag_core_limited(&g->core, true, now_ns);
}

static void view(const void *state, struct replay_view *ret)
{
	const struct governor *g = state;

	ret->phase = g->core.phase.now;
	ret->confidence = g->core.phase.confidence;
	ret->slowdown_permille = ag_guard_slowdown_permille(&g->core.guard);
}

static const struct ag_idle *idle(const void *state)
{
	const struct governor *g = state;

	return &g->core.idle;
}

static void woke(void *state, uint64_t now_ns)
{
	struct governor *g = state;

	ag_core_woke(&g->core, now_ns);
}

const struct replay_policy replay_accelgov = {
	.name = "accelgov",
	.help = "the governor of this project",
	.size = sizeof(struct governor),
	.period_ns = REPLAY_SAMPLE_PERIOD,
	.budgeted = true,
	.init = init,
	.tick = tick,
	.applied = applied,
	.cap = cap,
	.capped = capped,
	.view = view,
	.idle = idle,
	.woke = woke,
};
