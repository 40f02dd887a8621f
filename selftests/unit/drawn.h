/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Devices that nobody has seen, drawn at random: 4 to 100 clocks over a ratio of
 * 1.5 to 8, a voltage floor anywhere, a memory knee anywhere, little or much
 * static power, a clock that switches in 50 us to 400 ms, a board whose own limit
 * lies below its top clock, or not.
 */
#ifndef _UNIT_DRAWN_H
#define _UNIT_DRAWN_H

#include "profile.h"
#include "random.h"

#define DRAWN_CLOCKS	100
#define DRAWN_SLOW_NS	500000000ULL

static inline double drawn_between(struct random *r, double lo, double hi)
{
	return lo + (hi - lo) * random_unit(r);
}

/* Every order of magnitude is equally likely. */
static inline double drawn_around(struct random *r, double lo, double hi)
{
	return lo * pow(hi / lo, random_unit(r));
}

static inline bool drawn_chance(struct random *r, uint32_t percent)
{
	return random_below(r, 100) < percent;
}

static inline void drawn_clocks(struct asim_profile *p, uint32_t *khz,
				struct random *r)
{
	uint32_t nr = random_in(r, 4, DRAWN_CLOCKS), i;
	double top = drawn_around(r, 600e3, 3e6);
	double low = top / drawn_around(r, 1.5, 8);
	double floor_khz = drawn_between(r, low, top * 0.9);
	double floor_uv = drawn_between(r, 500e3, 800e3);

	for (i = 0; i < nr; i++)
		khz[i] = (uint32_t)(low + (top - low) * i / (nr - 1));
	p->khz = khz;
	p->nr_khz = nr;
	p->khz_min = khz[0];
	p->khz_max = khz[nr - 1];
	p->nr_volts = 3;
	p->volts[0] = (struct asim_volt){ p->khz_min, (uint32_t)floor_uv };
	p->volts[1] = (struct asim_volt){
		(uint32_t)fmax(floor_khz, p->khz_min + 1), (uint32_t)floor_uv };
	p->volts[2] = (struct asim_volt){
		p->khz_max,
		(uint32_t)(floor_uv * drawn_between(r, 1.05, 1.5)) };
	p->mem_knee_khz = (uint32_t)(top * drawn_between(r, 0, 0.7));
}

static inline void drawn_power(struct asim_profile *p, struct random *r)
{
	double board = drawn_around(r, 5e3, 1e6), full;

	p->static_mw = (uint32_t)(board * drawn_between(r, 0.05, 0.3));
	p->leak_mw = (uint32_t)(board * drawn_between(r, 0.02, 0.1));
	p->idle_clock_mw = (uint32_t)(board * drawn_between(r, 0.01, 0.06));
	p->busy_clock_mw = p->idle_clock_mw +
			   (uint32_t)(board * drawn_between(r, 0, 0.1));
	p->compute_mw = (uint32_t)(board * drawn_between(r, 0.3, 0.9));
	p->move_mw = (uint32_t)(board * drawn_between(r, 0.05, 0.3));
	p->memory_mw = (uint32_t)(board * drawn_between(r, 0.05, 0.3));
	p->link_mw = (uint32_t)(board * 0.01);
	full = p->static_mw + p->leak_mw + p->busy_clock_mw + p->compute_mw;
	p->cap_max_mw = (uint32_t)(full * (drawn_chance(r, 30) ?
					   drawn_between(r, 0.7, 1) : 2));
	p->cap_min_mw = (uint32_t)(full * 0.3);
	p->cap_mean_permille = 1000;
}

static inline void drawn_switching(struct asim_profile *p, struct random *r)
{
	p->switch_ns = (uint64_t)drawn_around(r, 50e3, 400e6);
	p->switch_spread_ns = p->switch_ns / 2;
	p->slow_every = drawn_chance(r, 20) ? random_in(r, 3, 30) : 0;
	p->slow_ns = p->switch_ns * 5 < DRAWN_SLOW_NS ? p->switch_ns * 5 :
							     DRAWN_SLOW_NS;
	p->stall_ns = (uint64_t)drawn_around(r, 1e3, 100e3);
}

/* @khz is the table of clocks: %DRAWN_CLOCKS of them, as long-lived as @p. */
static inline void drawn_device(struct asim_profile *p, uint32_t *khz,
				struct random *r)
{
	*p = *asim_profile_find("a100-sxm");
	p->name = "drawn";
	drawn_clocks(p, khz, r);
	drawn_power(p, r);
	drawn_switching(p, r);
}

#endif /* _UNIT_DRAWN_H */
