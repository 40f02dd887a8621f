// SPDX-License-Identifier: GPL-2.0
/*
 * Knobs: what an operator may set, and what holds until somebody does
 *
 * What a knob does is in the file that uses it: the budget in guard.c, the cap in
 * planner.c and limiter.c, idle periods in idle.c, limits of a phase in core.c.
 *
 * Defaults. A budget of 30 per mille: on simulated boards serving saves there at least
 * six sevenths of what it saves at 100 (Documentation/frontier.rst). A sample each 10
 * ms: a prefill of 80 ms is seen, and collecting takes 0.06 % of a CPU (`make demo`).
 * No suspend is worth its while in gaps below 2 s, so that a board which wakes in 45 ms
 * can lose 2 % of its time by it at the very worst.
 *
 * Ranges. Sampling each 1 ms takes 0.6 % of a CPU; where samples are more than 100 ms
 * apart most phases would be over before a clock had come. A budget of 1000 is twice
 * the time.
 */
#include "core.h"

/**
 * ag_config_default() - knobs of a device that nobody configured
 * @cfg: to fill
 */
void ag_config_default(struct ag_config *cfg)
{
	int i;

	memset(cfg, 0, sizeof(*cfg));
	cfg->budget_permille = 30;
	cfg->sample_period_us = 10000;
	cfg->idle.enable = true;
	cfg->idle.break_even_us = 2000000;
	for (i = 0; i < ACCELGOV_PHASE_NR; i++)
		cfg->phase[i].budget_permille = -1;
}

/**
 * ag_config_check() - may these knobs be used?
 * @cfg: knobs
 *
 * Return: 0, -ERANGE for a value outside its range, -EINVAL for limits that
 * contradict each other.
 */
int ag_config_check(const struct ag_config *cfg)
{
	int i;

	if (cfg->budget_permille > 1000)
		return -ERANGE;
	if (cfg->sample_period_us < 1000 || cfg->sample_period_us > 100000)
		return -ERANGE;
	for (i = 0; i < ACCELGOV_PHASE_NR; i++) {
		const struct ag_phase_limits *l = &cfg->phase[i];

		if (l->budget_permille < -1 || l->budget_permille > 1000)
			return -ERANGE;
		if (l->min_khz && l->max_khz && l->min_khz > l->max_khz)
			return -EINVAL;
	}
	return 0;
}
