// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: trace of a replay
 *
 * Steps of serving number hundreds of thousands, and hardly two are the same.
 * Tables of time and power are kept per kind: items whose operations and bytes
 * agree to QUANTUM_BITS bits (0.4 % of one item) and that agree in everything
 * else are one kind, for which its first item stands.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../../kmod/sim/physics.h"
#include "replay_trace.h"

#define QUANTUM_BITS	8

static uint64_t coarse(uint64_t v)
{
	int bits = v ? 64 - __builtin_clzll(v) : 0;
	int cut = bits > QUANTUM_BITS ? bits - QUANTUM_BITS : 0;

	return v >> cut << cut;
}

static bool alike(const struct accelsim_item *a, const struct accelsim_item *b)
{
	return coarse(a->ops) == coarse(b->ops) &&
	       coarse(a->bytes) == coarse(b->bytes) &&
	       a->link_ns == b->link_ns && a->host_ns == b->host_ns &&
	       a->io_bytes == b->io_bytes;
}

static size_t hash(const struct accelsim_item *i)
{
	uint64_t h = coarse(i->ops) * 0x9e3779b97f4a7c15ULL;

	h = (h ^ h >> 29 ^ coarse(i->bytes)) * 0xbf58476d1ce4e5b9ULL;
	h = (h ^ h >> 32 ^ i->link_ns) * 0x94d049bb133111ebULL;
	h = (h ^ h >> 29 ^ i->host_ns) * 0x9e3779b97f4a7c15ULL;
	return (size_t)(h ^ h >> 32 ^ i->io_bytes);
}

static void *grown(void *v, size_t *room, size_t size)
{
	size_t more = *room ? *room * 2 : 256;
	void *bigger = realloc(v, more * size);

	if (bigger)
		*room = more;
	return bigger;
}

/* Slot of the item's kind, or the empty one where it belongs. */
static uint32_t *find(const struct replay_trace *t,
		      const struct accelsim_item *item)
{
	size_t i = hash(item) & (t->room_table - 1);

	while (t->table[i] && !alike(&t->kinds[t->table[i] - 1], item))
		i = (i + 1) & (t->room_table - 1);
	return &t->table[i];
}

/* The first kind, the gap, is in no slot. */
static int grow_table(struct replay_trace *t)
{
	size_t room = t->room_table ? t->room_table * 2 : 1024;
	uint32_t *table = calloc(room, sizeof(*table));

	if (!table)
		return -ENOMEM;
	free(t->table);
	t->table = table;
	t->room_table = room;
	for (size_t k = 1; k < t->nr_kinds; k++)
		*find(t, &t->kinds[k]) = (uint32_t)k + 1;
	return 0;
}

static int add_kind(struct replay_trace *t, const struct accelsim_item *item)
{
	if (t->nr_kinds == t->room_kinds) {
		void *more = grown(t->kinds, &t->room_kinds,
				   sizeof(*t->kinds));

		if (!more)
			return -ENOMEM;
		t->kinds = more;
	}
	t->kinds[t->nr_kinds++] = *item;
	return 0;
}

static int kind_of(struct replay_trace *t, const struct accelsim_item *item,
		   uint32_t *ret)
{
	static const struct accelsim_item gap;
	uint32_t *slot;
	int err = t->nr_kinds ? 0 : add_kind(t, &gap);

	*ret = 0;
	if (err || !item)
		return err;
	if (2 * t->nr_kinds >= t->room_table)
		err = grow_table(t);
	if (err)
		return err;
	slot = find(t, item);
	if (!*slot) {
		err = add_kind(t, item);
		if (err)
			return err;
		*slot = (uint32_t)t->nr_kinds;
	}
	*ret = *slot - 1;
	return 0;
}

int replay_trace_add(struct replay_trace *t, const struct accelsim_item *item,
		     uint64_t now_ns)
{
	struct replay_step step = {
		.start_ns = now_ns,
		.label = item ? item->label : ACCELGOV_PHASE_LOADED_IDLE,
	};
	int err = kind_of(t, item, &step.kind);

	if (!err && t->nr == t->room) {
		void *more = grown(t->steps, &t->room, sizeof(*t->steps));

		if (!more)
			return -ENOMEM;
		t->steps = more;
	}
	if (!err)
		t->steps[t->nr++] = step;
	return err;
}

uint32_t replay_trace_kind(const struct replay_trace *t,
			   const struct accelsim_item *item)
{
	uint32_t slot = item && t->nr_kinds ? *find(t, item) : 1;

	return slot ? slot - 1 : UINT32_MAX;
}

void replay_clocks_pick(const struct asim_chip *chip, uint32_t most,
			struct replay_clocks *ret)
{
	struct clockplan_device *dev = &ret->dev;
	uint32_t stride = (chip->nr_opps + most - 1) / most, best;

	dev->nr = 0;
	dev->stall_ns = (double)chip->profile->stall_ns;
	for (uint32_t i = 0; i < chip->nr_opps; i += stride) {
		best = i;
		for (uint32_t j = i; j < i + stride && j < chip->nr_opps; j++)
			if (chip->opps[j].switch_ns < chip->opps[best].switch_ns)
				best = j;
		if (!i)
			best = 0;
		if (i + stride >= chip->nr_opps)
			best = chip->nr_opps - 1;
		dev->switch_ns[dev->nr] = (double)chip->opps[best].switch_ns;
		dev->stall_mw[dev->nr] = asim_idle_mw(chip, best, true);
		ret->opp[dev->nr++] = (uint16_t)best;
	}
}

static void fill_kind(const struct asim_chip *chip,
		      const struct replay_clocks *clocks,
		      const struct accelsim_item *item,
		      struct clockplan_kind *ret)
{
	const struct asim_work work = {
		.ops = item->ops,
		.bytes = item->bytes,
		.link_ns = item->link_ns,
		.host_ns = item->host_ns,
		.io_bytes = item->io_bytes,
	};
	uint32_t limit = asim_work_opp(chip, &work, chip->nr_opps - 1,
				       chip->profile->cap_max_mw);
	struct asim_rates rates;

	ret->is_work = item->ops || item->bytes || item->link_ns ||
		       item->io_bytes;
	for (uint32_t c = 0; c < clocks->dev.nr; c++) {
		asim_work_rates(chip, &work, clocks->opp[c] < limit ?
				clocks->opp[c] : limit, &rates);
		ret->ns[c] = (double)rates.total_ns;
		ret->mw[c] = rates.mw;
	}
}

static void fill_gap(const struct asim_chip *chip,
		     const struct replay_clocks *clocks,
		     struct clockplan_kind *ret)
{
	ret->is_gap = true;
	for (uint32_t c = 0; c < clocks->dev.nr; c++)
		ret->mw[c] = asim_idle_mw(chip, clocks->opp[c], true);
}

int replay_trace_work(const struct replay_trace *t,
		      const struct asim_chip *chip,
		      const struct replay_clocks *clocks, uint64_t end_ns,
		      struct clockplan_work *ret)
{
	struct clockplan_kind *kinds = calloc(t->nr_kinds + 1, sizeof(*kinds));
	struct clockplan_step *steps = calloc(t->nr + 1, sizeof(*steps));

	if (!kinds || !steps) {
		free(kinds);
		free(steps);
		return -ENOMEM;
	}
	if (t->nr_kinds)
		fill_gap(chip, clocks, &kinds[0]);
	for (size_t k = 1; k < t->nr_kinds; k++)
		fill_kind(chip, clocks, &t->kinds[k], &kinds[k]);
	for (size_t i = 0; i < t->nr; i++) {
		uint64_t to_ns = i + 1 < t->nr ? t->steps[i + 1].start_ns :
						 end_ns;

		steps[i].kind = t->steps[i].kind;
		if (!steps[i].kind && to_ns > t->steps[i].start_ns)
			steps[i].ns = (double)(to_ns - t->steps[i].start_ns);
	}
	*ret = (struct clockplan_work){ kinds, steps, t->nr };
	return 0;
}

void replay_trace_work_free(struct clockplan_work *w)
{
	free((void *)w->kinds);
	free((void *)w->steps);
	*w = (struct clockplan_work){ 0 };
}

void replay_trace_free(struct replay_trace *t)
{
	free(t->steps);
	free(t->kinds);
	free(t->table);
	*t = (struct replay_trace){ 0 };
}
