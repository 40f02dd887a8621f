// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: sm-idle
 *
 * The rule that follows from the study of execution-idle time on 756 GPUs (arXiv
 * 2605.23918): a job that holds its device but has done nothing for 5 s, where
 * nothing is less than 5 % activity, gets the lowest core clock, and the
 * highest one back when there is activity again. The study counts time as
 * execution-idle under these very thresholds and measures what the lowest core
 * clock saves in it.
 *
 * Activity is SM_ACTIVE, see replay_sm_active(), over 100 ms, the shortest
 * interval that DCGM supports. So work that arrives finds the lowest clock for
 * up to 100 ms. The study also wants the other engines below 5 %: memory traffic
 * is part of SM_ACTIVE here, and waiting in a collective is not idle.
 */
#include "replay_policy.h"

#define UPDATE_NS	(100 * 1000000ULL)
#define QUIET_NS	(5 * 1000000000ULL)
#define THRESHOLD	0.05

struct idle {
	uint32_t low_khz;
	uint32_t high_khz;
	uint64_t quiet_ns;
};

static int init(void *state, const struct replay_setup *setup,
		uint32_t *ret_khz)
{
	struct idle *i = state;

	i->low_khz = setup->chip->opps[0].khz;
	i->high_khz = replay_top_khz(setup->chip);
	*ret_khz = i->high_khz;
	return 0;
}

static uint32_t tick(void *state, const struct replay_window *window)
{
	const struct accelgov_sample *s = &window->sample;
	double link = (double)s->val[ACCELGOV_SIG_LINK];
	struct idle *i = state;

	if (replay_sm_active(s) < THRESHOLD &&
	    link < THRESHOLD * (double)s->window_ns)
		i->quiet_ns += s->window_ns;
	else
		i->quiet_ns = 0;
	return i->quiet_ns >= QUIET_NS ? i->low_khz : i->high_khz;
}

const struct replay_policy replay_sm_idle = {
	.name = "sm-idle",
	.help = "the lowest clock after 5 s below 5 % activity",
	.size = sizeof(struct idle),
	.period_ns = UPDATE_NS,
	.init = init,
	.tick = tick,
};
