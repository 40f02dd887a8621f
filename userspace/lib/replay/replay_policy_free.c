// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: oracle-free
 *
 * What could be saved at most within a slowdown budget, by choice of clocks
 * alone. No policy can be that good; the distance to it is what is left.
 *
 * Problem. Minimize the sum of P_i(f_i) T_i(f_i) over items i, so that the sum of
 * T_i(f_i) is at most 1 + budget times the sum of T_i at the top clock. For a
 * price of time l the items fall apart: each takes the clock with the least
 * (P_i(f) + l) T_i(f). The price for which the budget is just used up gives the
 * optimum (Everett, Operations Research 11(3), 1963).
 *
 * What it knows and may do that no governor does:
 *
 * - operations, bytes and waits of every item when it begins, and the
 *   device's exact time and power for it at every clock;
 * - it changes the clock for each item, at once and at no cost: it does NOT
 *   include switching time or stalls;
 * - the whole work, for it has tried all prices on it before;
 * - the device is at its lowest clock whenever nothing is queued, again at no
 *   cost.
 *
 * What it does not do: reorder or hold back work, enter runtime suspend, or use
 * that a slower step makes the next batch larger. The last is why "at most" holds
 * for a given sequence of items, and is only nearly exact for a serving engine.
 *
 * 1. The price is bisected. Its lower end is minus the power of the idle
 *    device: where work leaves gaps, longer work means shorter gaps. Where
 *    it leaves none (training) price 0 is the better end, so both are tried.
 * 2. Clocks come in steps, so does slowdown over price. Between the last two
 *    prices the share of items at the lower one is bisected as well, and
 *    items are dealt to the two evenly over their time.
 * 3. The clock of an item is looked for from that of the last item with the same
 *    label, in strides of 8 and then of 1: the cost has one minimum, up to kinks
 *    of the voltage curve which strides step over.
 *
 * Constants. Prices as in clockplan.c. Six halvings deal the items within a 64th of
 * themselves: what is left of the budget then is a 64th of what one step of the price
 * changes.
 */
#include <math.h>

#include "../../../kmod/sim/physics.h"
#include "replay.h"

#define PRICE_MAX_MW	4000000.0
#define PRICE_STEP_MW	500.0
#define SHARE_STEPS	6
#define STRIDE		8

struct oracle {
	const struct asim_chip *chip;
	struct replay_tune tune;
	uint32_t last[2][ACCELGOV_PHASE_NR];
	double cheap_ns;
	double all_ns;
};

/* Search state of one item. */
struct choice {
	const struct asim_chip *chip;
	struct asim_work work;
	double price_mw;
	uint32_t cap;
};

static int init(void *state, const struct replay_setup *setup,
		uint32_t *ret_khz)
{
	struct oracle *o = state;

	o->chip = setup->chip;
	o->tune = setup->tune;
	for (int i = 0; i < ACCELGOV_PHASE_NR; i++) {
		o->last[0][i] = setup->chip->nr_opps - 1;
		o->last[1][i] = setup->chip->nr_opps - 1;
	}
	*ret_khz = replay_top_khz(setup->chip);
	return 0;
}

static double cost(const struct choice *c, uint32_t opp)
{
	struct asim_rates rates;

	asim_work_rates(c->chip, &c->work, opp, &rates);
	return (double)rates.total_ns * (rates.mw + c->price_mw);
}

/* As long as a step down is better, take it; else the same upwards. */
static uint32_t descend(const struct choice *c, uint32_t at, uint32_t stride,
			double *least)
{
	uint32_t start = at;
	double v;

	while (at >= stride) {
		v = cost(c, at - stride);
		if (v >= *least)
			break;
		*least = v;
		at -= stride;
	}
	while (at >= start && at + stride <= c->cap) {
		v = cost(c, at + stride);
		if (v >= *least)
			break;
		*least = v;
		at += stride;
	}
	return at;
}

static uint32_t choose(const struct choice *c, uint32_t from)
{
	uint32_t at = from < c->cap ? from : c->cap;
	double least = cost(c, at);

	at = descend(c, at, STRIDE, &least);
	return descend(c, at, 1, &least);
}

/* Deals items to the two prices, so that time at each is as it should be. */
static bool is_cheap(struct oracle *o, const struct choice *c)
{
	double ns = (double)asim_work_ns(c->chip, &c->work, c->cap);
	bool cheap;

	o->all_ns += ns;
	cheap = o->cheap_ns + ns / 2 < o->tune.cheap_share * o->all_ns;
	if (cheap)
		o->cheap_ns += ns;
	return cheap;
}

static uint32_t item(void *state, const struct replay_moment *m,
		     uint64_t *ret_timer_ns)
{
	const struct accelsim_item *item = m->item;
	struct oracle *o = state;
	struct choice c = { .chip = o->chip };
	uint32_t *last;
	bool cheap;

	if (!item)
		return o->chip->opps[0].khz;
	c.work = (struct asim_work){
		.ops = item->ops,
		.bytes = item->bytes,
		.link_ns = item->link_ns,
		.host_ns = item->host_ns,
		.io_bytes = item->io_bytes,
	};
	c.cap = asim_work_opp(o->chip, &c.work, o->chip->nr_opps - 1,
			      o->chip->profile->cap_max_mw);
	cheap = is_cheap(o, &c);
	c.price_mw = cheap ? o->tune.cheap_mw : o->tune.price_mw;
	last = &o->last[cheap][item->label % ACCELGOV_PHASE_NR];
	*last = choose(&c, *last);
	return o->chip->opps[*last].khz;
}

struct trial {
	double slowdown;
	double energy;
};

static int try(const struct replay_config *cfg, const struct replay_tune *tune,
	       uint32_t *runs, struct trial *ret)
{
	struct replay_outcome o;
	int err = replay_once(cfg, tune, &o);

	if (err)
		return err;
	ret->slowdown = o.result.slowdown_ref_permille;
	ret->energy = o.result.energy_per_work_j;
	replay_free(&o);
	*runs += 1;
	return 0;
}

static bool keeps(const struct replay_config *cfg, const struct trial *t)
{
	return !(t->slowdown > cfg->budget_permille);
}

/* Lowest price from @low_mw on that keeps the budget, then the share. */
static int use_up(const struct replay_config *cfg, double low_mw,
		  struct replay_tune *tune, struct trial *ret, uint32_t *runs)
{
	struct replay_tune t = { .price_mw = low_mw, .cheap_mw = low_mw };
	double high_mw = PRICE_MAX_MW, share = 0;
	struct trial got;
	int err = try(cfg, &t, runs, &got);

	*ret = got;
	*tune = t;
	if (err || keeps(cfg, &got))
		return err;
	while (!err && high_mw - low_mw > PRICE_STEP_MW) {
		t.price_mw = (low_mw + high_mw) / 2;
		err = try(cfg, &t, runs, &got);
		*(keeps(cfg, &got) ? &high_mw : &low_mw) = t.price_mw;
	}
	t = (struct replay_tune){ .price_mw = high_mw, .cheap_mw = low_mw };
	*tune = t;
	if (!err)
		err = try(cfg, &t, runs, ret);
	for (int i = 1; !err && i <= SHARE_STEPS; i++) {
		t.cheap_share = share + ldexp(1, -i);
		err = try(cfg, &t, runs, &got);
		if (err || !keeps(cfg, &got))
			continue;
		share = t.cheap_share;
		if (got.energy < ret->energy) {
			*ret = got;
			*tune = t;
		}
	}
	return err;
}

static int search(const struct replay_config *cfg, struct replay_tune *ret,
		  uint32_t *runs)
{
	double idle_mw = asim_idle_mw(cfg->chip, 0, true);
	struct replay_tune tune;
	struct trial gaps, full;
	int err = use_up(cfg, -idle_mw, ret, &gaps, runs);

	/* A price above 0 at which the budget binds is the answer to both. */
	if (err || ret->price_mw > 0)
		return err;
	err = use_up(cfg, 0, &tune, &full, runs);
	if (!err && keeps(cfg, &full) && full.energy < gaps.energy)
		*ret = tune;
	return err;
}

const struct replay_policy replay_oracle_free = {
	.name = "oracle-free",
	.help = "clairvoyant, and free to switch: a bound, no policy",
	.size = sizeof(struct oracle),
	.instant = true,
	.budgeted = true,
	.init = init,
	.item = item,
	.search = search,
};
