// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: GEOPM's gpu_activity agent
 *
 * The rule is published in geopm_agent_gpu_activity(7) (github.com/geopm/geopm,
 * docs/source/geopm_agent_gpu_activity.7.rst):
 *
 *	F = Fe + (Fmax - Fe) * GPU_CORE_ACTIVITY / GPU_UTILIZATION
 *
 * with phi at its default, 0.5, which leaves the range between Fe and Fmax as
 * it is.
 *
 * 1. Fe is found as that page says: the clock at which work that scales with the
 *    clock takes the least energy. Here that is arithmetic without memory
 *    traffic, through the device's own tables.
 * 2. GPU_CORE_ACTIVITY is DCGM's SM_ACTIVE, see replay_sm_active().
 *    GPU_UTILIZATION is the share of time in which any kernel runs.
 * 3. Both are means over 100 ms, the rate of DCGM that the page asks for; the
 *    agent's own loop of 20 ms finds nothing new in between.
 * 4. Without utilization the activity is 0: Fe.
 *
 * The result is rounded to the next lower clock, as a locked clock is.
 *
 * A kernel that waits for memory keeps the cores active, so the rule leaves the
 * clock high there. It lowers the clock in collectives and when idle.
 */
#include "../../../kmod/sim/physics.h"
#include "replay_policy.h"

#define UPDATE_NS	(100 * 1000000ULL)

/* Any amount will do, it only has to be long against a nanosecond. */
#define PROBE_OPS	1000000000000ULL

struct geopm {
	const struct asim_chip *chip;
	double low_khz;
	double high_khz;
};

static uint32_t efficient_khz(const struct asim_chip *chip)
{
	const struct asim_work work = { .ops = PROBE_OPS };
	uint32_t best = 0;
	double least = 0;

	for (uint32_t i = 0; i < chip->nr_opps; i++) {
		struct asim_rates rates;
		double energy;

		asim_work_rates(chip, &work, i, &rates);
		energy = (double)rates.total_ns * rates.mw;
		if (!i || energy < least) {
			least = energy;
			best = i;
		}
	}
	return chip->opps[best].khz;
}

static int init(void *state, const struct replay_setup *setup,
		uint32_t *ret_khz)
{
	struct geopm *g = state;

	g->chip = setup->chip;
	g->low_khz = efficient_khz(setup->chip);
	g->high_khz = replay_top_khz(setup->chip);
	*ret_khz = replay_top_khz(setup->chip);
	return 0;
}

static uint32_t tick(void *state, const struct replay_window *window)
{
	const struct accelgov_sample *s = &window->sample;
	double busy = (double)s->val[ACCELGOV_SIG_BUSY];
	const struct geopm *g = state;
	double active = 0;

	if (busy > 0)
		active = replay_sm_active(s) * (double)s->window_ns / busy;
	if (active > 1)
		active = 1;
	return g->chip->opps[asim_chip_floor(g->chip, (uint32_t)(g->low_khz +
			     (g->high_khz - g->low_khz) * active))].khz;
}

const struct replay_policy replay_geopm = {
	.name = "geopm",
	.help = "GEOPM's gpu_activity agent, phi 0.5",
	.size = sizeof(struct geopm),
	.period_ns = UPDATE_NS,
	.init = init,
	.tick = tick,
};
