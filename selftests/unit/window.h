/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Windows of signals and clock tables for tests of the policy core.
 */
#ifndef _UNIT_WINDOW_H
#define _UNIT_WINDOW_H

#include "core.h"
#include "physics.h"

#define ALL_SIGNALS	((1U << ACCELGOV_SIG_NR) - 1)
#define MS		1000000ULL
#define SECOND		1000000000ULL

/* A window of 10 ms with every signal known; callers change what matters. */
static inline struct ag_rates window_of(uint32_t busy, uint32_t compute,
					uint32_t memory, uint32_t link,
					uint32_t host)
{
	return (struct ag_rates){
		.window_ns = 10 * MS,
		.valid = ALL_SIGNALS,
		.busy = busy,
		.compute = compute,
		.memory = memory,
		.link = link,
		.host = host,
		.queue = 1500,
		.clock_khz = 1410000,
		.power_mw = 300000,
		.contexts = 1000,
		.progress = 1000000,
	};
}

/*
 * The same work at another clock, when memory bounds it: as much of both is done,
 * for which the pipes need longer.
 */
static inline struct ag_rates window_at(const struct ag_rates *like,
					uint32_t top_khz, uint32_t khz)
{
	struct ag_rates r = *like;

	r.clock_khz = khz;
	if (r.memory > r.compute)
		r.compute = (uint32_t)((uint64_t)r.compute * top_khz / khz);
	return r;
}

/* What a window shows that is @permille of @a and then @b. */
static inline struct ag_rates window_mix(const struct ag_rates *a,
					 const struct ag_rates *b,
					 uint32_t permille)
{
	struct ag_rates r = *a;
	uint32_t x = permille, y = 1000 - permille;

	r.busy = (a->busy * x + b->busy * y) / 1000;
	r.compute = (a->compute * x + b->compute * y) / 1000;
	r.memory = (a->memory * x + b->memory * y) / 1000;
	r.link = (a->link * x + b->link * y) / 1000;
	r.host = (a->host * x + b->host * y) / 1000;
	r.queue = (a->queue * x + b->queue * y) / 1000;
	r.contexts = (a->contexts * x + b->contexts * y) / 1000;
	return r;
}

/* The points of a simulated device. Return: how many. */
static inline uint32_t points_of_profile(const struct asim_profile *profile,
					 struct asim_chip *chip,
					 struct ag_opp *opps)
{
	uint32_t i;

	if (asim_chip_init(chip, profile))
		return 0;
	for (i = 0; i < chip->nr_opps; i++) {
		opps[i].khz = chip->opps[i].khz;
		opps[i].mv = chip->opps[i].uv / 1000;
	}
	return chip->nr_opps;
}

/* The same, by name. */
static inline uint32_t points_of(const char *profile, struct asim_chip *chip,
				 struct ag_opp *opps)
{
	return points_of_profile(asim_profile_find(profile), chip, opps);
}

#endif /* _UNIT_WINDOW_H */
