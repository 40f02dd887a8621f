// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - what probes may cost, shared by all that are there
 *
 * A group of functions has a bound of its own, but there are three groups and as many
 * libraries as containers have copies. So all of them have one budget for each window,
 * in time. Who hardly calls leaves what it does not need to others.
 *
 * Hits come in until the probes are gone, and to begin and end probes costs as well.
 * Neither is known before it was spent, so it is taken from the windows to come: then
 * less is probed, or nothing, and in the long run it adds up to the budget.
 */
#include "callbudget.h"

/* Kept in each window for libraries that come in it. */
#define RESERVE_DIV	4
/* What a newcomer gets of what is left: several come at once. */
#define JOIN_DIV	4
/* Of its equal share, what each has for certain. */
#define FLOOR_DIV	4
/* Less than that is not worth beginning for. */
#define LEAST_NS	10000

static uint64_t lower(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

void callbudget_set(struct callbudget *b, uint64_t window_us, uint32_t permille)
{
	b->window_us = window_us;
	b->permille = permille;
	b->left_ns = lower(b->left_ns, window_us * permille);
}

/* What may have been spent by now, of what is owed. */
static uint64_t paid_ns(const struct callbudget *b, uint64_t now_us,
			uint64_t owed_ns)
{
	uint64_t gone_us = now_us - b->opened_us;

	/* Microseconds times per mille are nanoseconds. */
	if (gone_us >= owed_ns / b->permille + 1)
		return owed_ns;
	return lower(owed_ns, gone_us * b->permille);
}

/* Twice what it cost: it may call more. */
static uint64_t wants_ns(const struct callbudget_part *p)
{
	return lower(p->used_ns < UINT64_MAX / 2 ? 2 * p->used_ns : UINT64_MAX,
		     p->most_ns);
}

/* Everybody gets as much more as the others, until it has what it wants. */
static uint64_t fill(struct callbudget_part *part, size_t nr, uint64_t pool_ns)
{
	uint64_t more_ns, each_ns;
	size_t i, hungry;

	do {
		hungry = 0;
		for (i = 0; i < nr; i++)
			hungry += part[i].grant_ns < wants_ns(&part[i]);
		each_ns = hungry ? pool_ns / hungry : 0;
		for (i = 0; i < nr && each_ns; i++) {
			if (part[i].grant_ns >= wants_ns(&part[i]))
				continue;
			more_ns = lower(each_ns,
					wants_ns(&part[i]) - part[i].grant_ns);
			part[i].grant_ns += more_ns;
			pool_ns -= more_ns;
		}
	} while (each_ns);
	return pool_ns;
}

void callbudget_open(struct callbudget *b, uint64_t now_us, uint64_t spent_ns,
		     struct callbudget_part *part, size_t nr)
{
	uint64_t owed_ns = b->debt_ns + spent_ns, pool_ns, floor_ns;
	size_t i;

	b->debt_ns = owed_ns - paid_ns(b, now_us, owed_ns);
	b->opened_us = now_us;
	pool_ns = b->window_us * b->permille;
	pool_ns -= lower(pool_ns, b->debt_ns);
	b->left_ns = pool_ns / RESERVE_DIV;
	pool_ns -= b->left_ns;
	floor_ns = nr ? pool_ns / nr / FLOOR_DIV : 0;
	for (i = 0; i < nr; i++) {
		part[i].grant_ns = lower(floor_ns, part[i].most_ns);
		pool_ns -= part[i].grant_ns;
	}
	b->left_ns += fill(part, nr, pool_ns);
	for (i = 0; i < nr; i++)
		if (part[i].grant_ns < lower(LEAST_NS, part[i].most_ns))
			part[i].grant_ns = 0;
}

uint64_t callbudget_join(struct callbudget *b, uint64_t most_ns)
{
	uint64_t grant_ns = lower(b->left_ns / JOIN_DIV, most_ns);

	if (grant_ns < LEAST_NS)
		return 0;
	b->left_ns -= grant_ns;
	return grant_ns;
}
