/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an item costs at a clock: time, activities, power. Pure code.
 */
#ifndef _ASIM_PHYSICS_H
#define _ASIM_PHYSICS_H

#include "profile.h"

/* Activities and rates per nanosecond are fractions with 30 bits. */
#define ASIM_RATE_SHIFT		30
#define ASIM_RATE_ONE		BIT(ASIM_RATE_SHIFT)

/**
 * struct asim_work - the physics of one item
 * @ops: arithmetic operations
 * @bytes: device-memory traffic
 * @link_ns: exposed time on the interconnect
 * @host_ns: time waiting for the host
 * @io_bytes: bytes over the host link, beside @host_ns
 */
struct asim_work {
	u64 ops;
	u64 bytes;
	u64 link_ns;
	u64 host_ns;
	u64 io_bytes;
};

/**
 * struct asim_rates - what rises how fast while nothing changes
 * @total_ns: time of the whole item at these rates
 * @busy: share of time that any engine works, %ASIM_RATE_ONE is all
 * @compute: share of the peak arithmetic rate at this clock
 * @memory: share of the full bandwidth, whatever this clock allows
 * @link: share of time on the interconnect
 * @host: share of time on the host link
 * @cycles: core cycles per nanosecond, same scale
 * @progress: units of work per nanosecond, same scale
 * @mw: power
 */
struct asim_rates {
	u64 total_ns;
	u32 busy;
	u32 compute;
	u32 memory;
	u32 link;
	u32 host;
	u32 cycles;
	u32 progress;
	u32 mw;
};

u64 asim_scale(u64 ns, u32 rate);
bool asim_work_ok(const struct asim_chip *chip, const struct asim_work *work);
u64 asim_work_units(const struct asim_chip *chip,
		    const struct asim_work *work);
u64 asim_work_ns(const struct asim_chip *chip, const struct asim_work *work,
		 u32 opp);
void asim_work_rates(const struct asim_chip *chip,
		     const struct asim_work *work, u32 opp,
		     struct asim_rates *rates);
u32 asim_work_opp(const struct asim_chip *chip, const struct asim_work *work,
		  u32 opp, u32 cap_mw);
u32 asim_idle_mw(const struct asim_chip *chip, u32 opp, bool context);

#endif /* _ASIM_PHYSICS_H */
