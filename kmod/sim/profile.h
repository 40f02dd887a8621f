/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Device profiles of the simulated accelerators: what a chip is made of, and
 * the tables derived from it. Pure code, see ../core/types.h.
 */
#ifndef _ASIM_PROFILE_H
#define _ASIM_PROFILE_H

#include "../core/types.h"

/*
 * Clocks of a chip. Boards of NVIDIA have one every 15 MHz, 155 (L40S) to 194 of them.
 * The tables are one per chip, whatever the number of devices.
 */
#define ASIM_MAX_OPPS		512
#define ASIM_MAX_LEVELS		4
#define ASIM_MAX_VOLTS		10

/* Fractions of the top value, and activities in the power formula. */
#define ASIM_ONE_SHIFT		16
#define ASIM_ONE		BIT(ASIM_ONE_SHIFT)

/* Longest time that one item may take at the lowest clock. */
#define ASIM_MAX_ITEM_NS	(1000ULL * NSEC_PER_SEC)

/**
 * struct asim_volt - a knot of the voltage curve, linear in between
 * @khz: core clock
 * @uv: voltage at that clock
 */
struct asim_volt {
	u32 khz;
	u32 uv;
};

/**
 * struct asim_level - an idle state
 * @name: as shown in sysfs
 * @mw: board power without and with a resident context; of the first level
 *	only what the context adds, the rest follows from the clock
 * @entry_ns: idle time after which the device enters it by itself; 0 for the
 *	first level, %U64_MAX when only software leads there
 * @wake_ns: from the arrival of work to its start
 * @with_context: also entered while a context is resident
 */
struct asim_level {
	const char *name;
	u32 mw[2];
	u64 entry_ns;
	u64 wake_ns;
	bool with_context;
};

/**
 * struct asim_profile - one kind of accelerator
 * @name: name of the profile
 * @khz: core clocks when they are not evenly spaced, ascending, else NULL
 * @nr_khz: entries of @khz
 * @khz_min: lowest core clock
 * @khz_max: highest core clock
 * @khz_step: distance of two clocks when @khz is NULL
 * @volts: voltage curve, ascending, last entry at @khz_max
 * @nr_volts: entries of @volts
 * @ops_per_cycle: sustained operations per core cycle
 * @mem_bytes_per_us: sustained device-memory bandwidth
 * @mem_knee_khz: below this clock the bandwidth falls in proportion to it
 * @io_bytes_per_us: sustained host-link bandwidth
 * @static_mw: power that neither clock nor voltage changes
 * @leak_mw: static power at top voltage, falls with its square
 * @idle_clock_mw: clock tree of idle engines at top clock and voltage
 * @busy_clock_mw: the same of busy engines
 * @compute_mw: arithmetic, at top clock and voltage, all pipes active
 * @move_mw: on-chip part of device-memory traffic, at top voltage
 * @memory_mw: device memory itself at full bandwidth
 * @link_mw: interconnect at full activity
 * @cap_min_mw: lowest power limit the board takes
 * @cap_max_mw: highest, and the default
 * @cap_mean_permille: share of the limit that the mean power of an item may
 *	reach before the limiter, which acts on peaks, lowers the clock
 * @switch_ns: usual time from a clock request to the new clock
 * @switch_spread_ns: part of it that depends on the target
 * @slow_every: each such target in a row takes @slow_ns instead; 0 for none
 * @slow_ns: switching time of those targets
 * @stall_ns: engines halt this long when the clock changes
 * @ops_per_unit: operations that count as one unit of progress
 * @bytes_per_unit: device-memory bytes that do
 * @link_ns_per_unit: link nanoseconds that do
 * @io_bytes_per_unit: host-link bytes that do
 * @levels: idle states, lightest first; the last is runtime suspend, and those that
 *	only software enters come after the others
 * @nr_levels: entries of @levels
 */
struct asim_profile {
	const char *name;
	const u32 *khz;
	u32 nr_khz;
	u32 khz_min;
	u32 khz_max;
	u32 khz_step;
	struct asim_volt volts[ASIM_MAX_VOLTS];
	u32 nr_volts;
	u32 ops_per_cycle;
	u32 mem_bytes_per_us;
	u32 mem_knee_khz;
	u32 io_bytes_per_us;
	u32 static_mw;
	u32 leak_mw;
	u32 idle_clock_mw;
	u32 busy_clock_mw;
	u32 compute_mw;
	u32 move_mw;
	u32 memory_mw;
	u32 link_mw;
	u32 cap_min_mw;
	u32 cap_max_mw;
	u32 cap_mean_permille;
	u64 switch_ns;
	u64 switch_spread_ns;
	u32 slow_every;
	u64 slow_ns;
	u64 stall_ns;
	u32 ops_per_unit;
	u32 bytes_per_unit;
	u32 link_ns_per_unit;
	u32 io_bytes_per_unit;
	struct asim_level levels[ASIM_MAX_LEVELS];
	u32 nr_levels;
};

/**
 * struct asim_opp - one clock of a chip and what follows from it
 * @khz: core clock
 * @uv: voltage
 * @clock_one: clock times voltage squared, relative to the top OPP
 * @volt_one: voltage squared, relative to the top OPP
 * @mem_bytes_per_us: memory bandwidth at this clock
 * @rest_mw: power of a chip whose clocks stand still at this voltage
 * @switch_ns: time from a request for this clock until it applies
 */
struct asim_opp {
	u32 khz;
	u32 uv;
	u32 clock_one;
	u32 volt_one;
	u32 mem_bytes_per_us;
	u32 rest_mw;
	u64 switch_ns;
};

/**
 * struct asim_chip - tables derived from a profile, shared by its devices
 * @profile: where they come from
 * @opps: one entry per clock, ascending
 * @nr_opps: entries of @opps
 */
struct asim_chip {
	const struct asim_profile *profile;
	struct asim_opp opps[ASIM_MAX_OPPS];
	u32 nr_opps;
};

extern const struct asim_profile asim_profiles[];
extern const u32 asim_nr_profiles;

const struct asim_profile *asim_profile_find(const char *name);
int asim_chip_init(struct asim_chip *chip, const struct asim_profile *profile);
u32 asim_chip_floor(const struct asim_chip *chip, u32 khz);

#endif /* _ASIM_PROFILE_H */
