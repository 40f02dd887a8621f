// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: simple_ondemand
 *
 * The rule of drivers/devfreq/governor_simpleondemand.c in Linux 6.12, with the
 * values it has when a driver sets none (upthreshold 90, downdifferential 5) and
 * the polling interval of accelsim, 50 ms. In every interval:
 *
 * 1. busy / total above 90 %, or nothing known: the highest clock.
 * 2. above 85 %: the clock that is there.
 * 3. else f = clock * busy / total * 100 / (90 - 5 / 2), divisions of integers,
 *    rounded up to a clock of the table as devfreq_recommended_opp() does.
 *
 * The clock it starts from is what the driver reports at that moment, which is
 * the effective one.
 */
#include "replay_policy.h"

#define POLL_NS		(50 * 1000000ULL)
#define UP_THRESHOLD	90
#define DOWN_DIFFERENTIAL	5

/* Above this the kernel drops digits, to stay within 64 bits. */
#define DIGITS_MAX	(1ULL << 24)
#define DIGITS_DROPPED	7

struct ondemand {
	const struct asim_chip *chip;
};

static int init(void *state, const struct replay_setup *setup,
		uint32_t *ret_khz)
{
	struct ondemand *o = state;

	o->chip = setup->chip;
	*ret_khz = replay_top_khz(setup->chip);
	return 0;
}

static uint32_t recommended(const struct asim_chip *chip, uint64_t hz)
{
	for (uint32_t i = 0; i < chip->nr_opps; i++)
		if (chip->opps[i].khz * 1000ULL >= hz)
			return chip->opps[i].khz;
	return replay_top_khz(chip);
}

static uint32_t tick(void *state, const struct replay_window *window)
{
	uint64_t busy = window->sample.val[ACCELGOV_SIG_BUSY];
	uint64_t total = window->sample.window_ns;
	uint64_t hz = window->clock_khz * 1000ULL;
	const struct ondemand *o = state;

	if (busy >= DIGITS_MAX || total >= DIGITS_MAX) {
		busy >>= DIGITS_DROPPED;
		total >>= DIGITS_DROPPED;
	}
	if (!total || !hz || busy * 100 > total * UP_THRESHOLD)
		return replay_top_khz(o->chip);
	if (busy * 100 <= total * (UP_THRESHOLD - DOWN_DIFFERENTIAL))
		hz = busy * hz / total * 100 /
		     (UP_THRESHOLD - DOWN_DIFFERENTIAL / 2);
	return recommended(o->chip, hz);
}

const struct replay_policy replay_simple_ondemand = {
	.name = "simple_ondemand",
	.help = "devfreq's governor, 90/5 and 50 ms",
	.size = sizeof(struct ondemand),
	.period_ns = POLL_NS,
	.init = init,
	.tick = tick,
};
