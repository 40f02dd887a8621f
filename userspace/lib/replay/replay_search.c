// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: search in hindsight
 *
 * A row of settings, each slower than the next. Wanted is the one with the least
 * energy per unit of work of those that keep the slowdown within the budget.
 *
 * 1. Slowdown falls along the row. The slowest setting within the budget is
 *    found by bisection.
 * 2. Energy per work has one minimum along the row: on the slow side static
 *    power is paid for longer, on the fast side voltage rises. Among the settings
 *    that are left it is found by comparing two inside of the interval and
 *    dropping the third behind the worse one; the last few are all tried.
 *
 * Each comparison is a run of the whole work. That both shapes are what they are
 * taken for is checked by a test that runs every setting.
 */
#include <errno.h>
#include <stdlib.h>

#include "replay_search.h"

/* Intervals of fewer settings are searched one by one: thirds would save no run. */
#define FEW	5

/* Runs made so far, by setting. */
struct sweep {
	const struct replay_config *cfg;
	const struct replay_settings *settings;
	struct {
		bool known;
		double slowdown;
		double energy;
	} at[REPLAY_SETTINGS_MAX];
	uint32_t *runs;
};

static int measure(struct sweep *s, uint32_t i)
{
	struct replay_tune tune = { 0 };
	struct replay_outcome o;
	int ret;

	if (s->at[i].known)
		return 0;
	s->settings->set(s->cfg->chip, i, &tune);
	ret = replay_once(s->cfg, &tune, &o);
	if (ret)
		return ret;
	s->at[i].known = true;
	s->at[i].slowdown = o.result.slowdown_ref_permille;
	s->at[i].energy = o.result.energy_per_work_j;
	*s->runs += 1;
	replay_free(&o);
	return 0;
}

/* Without any work every setting keeps the budget. */
static bool keeps_budget(const struct sweep *s, uint32_t i)
{
	return !(s->at[i].slowdown > s->cfg->budget_permille);
}

static int find_lowest(struct sweep *s, uint32_t *ret_low)
{
	uint32_t bad = 0, good = s->settings->nr - 1;
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
	uint32_t high = s->settings->nr - 1;
	int ret = 0;

	while (!ret && high - low >= FEW) {
		uint32_t third = (high - low) / 3;
		uint32_t a = low + third, b = high - third;

		ret = measure(s, a);
		if (!ret)
			ret = measure(s, b);
		if (!ret && s->at[a].energy <= s->at[b].energy)
			high = b;
		else
			low = a;
	}
	*ret_best = high;
	if (!ret)
		ret = measure(s, high);
	for (uint32_t i = low; !ret && i < high; i++) {
		ret = measure(s, i);
		if (!ret && s->at[i].energy < s->at[*ret_best].energy)
			*ret_best = i;
	}
	return ret;
}

int replay_search(const struct replay_config *cfg,
		  const struct replay_settings *settings,
		  struct replay_tune *ret, uint32_t *runs)
{
	struct sweep *s = calloc(1, sizeof(*s));
	uint32_t low, best;
	int err;

	if (!s)
		return -ENOMEM;
	s->cfg = cfg;
	s->settings = settings;
	s->runs = runs;
	err = find_lowest(s, &low);
	if (!err)
		err = find_cheapest(s, low, &best);
	if (!err) {
		*ret = (struct replay_tune){ 0 };
		settings->set(cfg->chip, best, ret);
	}
	free(s);
	return err;
}
