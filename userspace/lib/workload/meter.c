// SPDX-License-Identifier: GPL-2.0
#include "meter.h"

struct pieces pieces_cut(const struct meter *m,
			 const struct accelsim_item *whole, uint64_t most_ns)
{
	uint64_t ns = m->ns(m->context, whole);

	return (struct pieces){
		.whole = *whole,
		.nr = ns > most_ns ? (ns - 1) / most_ns + 1 : 1,
	};
}

/* What comes up to part number @p->next, less what came before it. */
static uint64_t part_of(const struct pieces *p, uint64_t all)
{
	__uint128_t wide = all;

	return (uint64_t)(wide * (p->next + 1) / p->nr -
			  wide * p->next / p->nr);
}

struct accelsim_item pieces_take(struct pieces *p)
{
	struct accelsim_item part = p->whole;

	part.ops = part_of(p, p->whole.ops);
	part.bytes = part_of(p, p->whole.bytes);
	part.link_ns = part_of(p, p->whole.link_ns);
	part.host_ns = part_of(p, p->whole.host_ns);
	part.io_bytes = part_of(p, p->whole.io_bytes);
	p->next++;
	return part;
}
