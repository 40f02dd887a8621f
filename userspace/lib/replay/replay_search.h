/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The best of a row of settings in hindsight.
 */
#ifndef _LIB_REPLAY_SEARCH_H
#define _LIB_REPLAY_SEARCH_H

#include "replay.h"

#define REPLAY_SETTINGS_MAX	ASIM_MAX_OPPS

/**
 * struct replay_settings - a row of settings, the fastest last
 * @nr: how many, 1 to %REPLAY_SETTINGS_MAX
 * @set: writes number @i of them
 */
struct replay_settings {
	uint32_t nr;
	void (*set)(const struct asim_chip *chip, uint32_t i,
		    struct replay_tune *tune);
};

/**
 * replay_search() - the setting with the least energy per work in the budget
 * @cfg: what to run
 * @settings: to choose from; the last is taken to keep every budget
 * @ret: the setting, set on success only
 * @runs: counts runs
 *
 * Return: as replay_once().
 */
int replay_search(const struct replay_config *cfg,
		  const struct replay_settings *settings,
		  struct replay_tune *ret, uint32_t *runs);

#endif /* _LIB_REPLAY_SEARCH_H */
