// SPDX-License-Identifier: GPL-2.0
/*
 * accelgovd - what processes call in vendors' libraries: who may cost how much of it
 */
#include "callwatch_work.h"

/* Where it could not be measured: more than was ever seen. */
#define ASSUMED_NS	10000

uint64_t callwatch_cost_ns(const struct callwatch *w,
			   const struct calllib_group *group)
{
	uint32_t cost_ns = w->cost_ns[group->stepped];

	return cost_ns ? cost_ns : ASSUMED_NS;
}

uint64_t callwatch_spent_ns(struct callwatch *w, const struct calllib *lib,
			    int group)
{
	const struct calllib_group *g = &lib->group[group];

	if (!g->nr)
		return 0;
	return calllib_spent_ns(g, callwatch_hits(w, CALLC_METER_OF(lib->index, group)),
				callwatch_cost_ns(w, g));
}

uint64_t callwatch_most_ns(const struct callwatch *w)
{
	uint32_t permille = w->permille < CALLLIB_BUDGET_PERMILLE ?
			    w->permille : CALLLIB_BUDGET_PERMILLE;

	/* Microseconds times per mille are nanoseconds. */
	return CALLLIB_WINDOW_US * permille;
}

/* One group, as it is shared out. */
struct entry {
	struct calllib *lib;
	int group;
	uint64_t hits;
};

static size_t collect(struct callwatch *w, uint64_t now_us, struct entry *entry,
		      struct callbudget_part *part, uint64_t *ret_spent_ns)
{
	struct calllib_group *g;
	size_t i, nr = 0;
	int group;

	for (i = 0; i < CALLC_LIBS; i++) {
		for (group = 0; w->lib[i].used && group < CALLC_GROUPS; group++) {
			g = &w->lib[i].group[group];
			if (!g->nr)
				continue;
			entry[nr] = (struct entry){
				.lib = &w->lib[i], .group = group,
				.hits = callwatch_hits(w, CALLC_METER_OF(i, group)),
			};
			part[nr] = (struct callbudget_part){
				.used_ns = calllib_would_ns(g, entry[nr].hits,
							    callwatch_cost_ns(w, g),
							    now_us),
				.most_ns = callwatch_most_ns(w),
			};
			*ret_spent_ns += calllib_spent_ns(g, entry[nr].hits,
							  callwatch_cost_ns(w, g));
			nr++;
		}
	}
	return nr;
}

static void grant(struct callwatch *w, const struct entry *e, uint64_t grant_ns,
		  uint64_t now_us)
{
	struct calllib_group *g = &e->lib->group[e->group];
	uint64_t more = grant_ns / callwatch_cost_ns(w, g);

	/* None: the next hit tells that it has come to that. */
	callwatch_allow(w, CALLC_METER_OF(e->lib->index, e->group), e->hits, more);
	calllib_plan(g, e->hits, more, now_us);
}

void callwatch_share(struct callwatch *w, uint64_t now_us)
{
	struct callbudget_part part[CALLC_LIBS * CALLC_GROUPS];
	struct entry entry[CALLC_LIBS * CALLC_GROUPS];
	uint64_t spent_ns = w->gone_ns;
	size_t i, nr = collect(w, now_us, entry, part, &spent_ns);

	w->gone_ns = 0;
	callbudget_set(&w->budget, CALLLIB_WINDOW_US, w->permille);
	callbudget_open(&w->budget, now_us, spent_ns, part, nr);
	for (i = 0; i < nr; i++)
		grant(w, &entry[i], part[i].grant_ns, now_us);
}

uint64_t callwatch_join(struct callwatch *w, const struct calllib_group *group,
			uint64_t now_us)
{
	/* The first of all: nobody else shares, and a window begins with it. */
	if (!w->window_us && now_us >= w->budget.opened_us + CALLLIB_WINDOW_US) {
		callbudget_set(&w->budget, CALLLIB_WINDOW_US, w->permille);
		callbudget_open(&w->budget, now_us, w->gone_ns, NULL, 0);
		w->gone_ns = 0;
	}
	return callbudget_join(&w->budget, callwatch_most_ns(w)) /
	       callwatch_cost_ns(w, group);
}
