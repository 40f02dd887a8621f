// SPDX-License-Identifier: GPL-2.0
/*
 * Knobs: what an operator may set, and what holds until somebody does
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
