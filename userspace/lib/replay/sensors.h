/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a collector can see of a simulated device: everything, exactly, or what
 * the management library of a real board shows; see the essay in sensors.c.
 */
#ifndef _LIB_SENSORS_H
#define _LIB_SENSORS_H

#include <stdbool.h>
#include <stdint.h>

#include "../../../kmod/uapi/accelgov.h"
#include "prng.h"

/**
 * struct sensors_level - a kind of sensors
 * @name: as users write it
 * @help: what it stands for, in a line
 * @valid: bit per &enum accelgov_signal that it knows
 * @own: bit per signal that is averaged over the collector's own window
 * @update_ns: period in which all other utilisations are renewed
 * @fine: they are shown per mille, not in whole per cents
 * @late: and some time after
 * @power_slow: the average of a second in place of a sample per 100 ms
 * @period_us: distance of samples that suits it
 */
struct sensors_level {
	const char *name;
	const char *help;
	uint32_t valid;
	uint32_t own;
	uint64_t update_ns;
	bool fine;
	bool late;
	bool power_slow;
	uint32_t period_us;
};

/**
 * struct sensors - the sensors of one board
 * @level: their kind; NULL for exact ones
 * @gain: what each signal shows for 1
 * @next_ns: when the board renews its utilisations, %UINT64_MAX for never
 * @late_ns: how long after that they are shown
 * @edge_ns: when it did last
 * @seen: counters at that time
 * @latch: utilisations as of then, per mille
 * @latch_from_ns: start of the interval that they are of
 * @latched: they are not shown yet
 * @shown: utilisations that are shown, per mille
 * @own_ns: start of the collector's window
 * @own_seen: counters at that time
 * @own_shown: means over the last such window, per mille
 * @from_ns: start of the interval that a sample describes
 * @to_ns: its end
 */
struct sensors {
	const struct sensors_level *level;
	double gain[ACCELGOV_SIG_NR];
	uint64_t next_ns;
	uint64_t late_ns;
	uint64_t edge_ns;
	uint64_t seen[ACCELGOV_SIG_NR];
	uint64_t latch[ACCELGOV_SIG_NR];
	uint64_t latch_from_ns;
	bool latched;
	uint64_t shown[ACCELGOV_SIG_NR];
	uint64_t own_ns;
	uint64_t own_seen[ACCELGOV_SIG_NR];
	uint64_t own_shown[ACCELGOV_SIG_NR];
	uint64_t from_ns;
	uint64_t to_ns;
};

/**
 * struct sensors_now - what the device can be read for at a moment
 * @now_ns: the moment
 * @counter: cumulative amounts, as of &struct accelgov_sample
 * @clock_khz: clock of the engines
 * @sample_mw: the board's instantaneous power reading
 * @average_mw: the board's power reading over a second
 */
struct sensors_now {
	uint64_t now_ns;
	uint64_t counter[ACCELGOV_SIG_NR];
	uint32_t clock_khz;
	uint32_t sample_mw;
	uint32_t average_mw;
};

struct asim_model;

/**
 * sensors_look() - read a simulated device
 * @m: device
 * @now_ns: the moment
 * @power: its power readings as well, 0 otherwise
 * @ret: what it can be read for
 */
void sensors_look(struct asim_model *m, uint64_t now_ns, bool power,
		  struct sensors_now *ret);

/**
 * sensors_level_nth() - list the kinds
 * @i: from 0
 *
 * Return: the kind or NULL behind the last one. The first one is exact.
 */
const struct sensors_level *sensors_level_nth(unsigned int i);

/**
 * sensors_level_find() - look a kind up
 * @name: for example ``nvml``
 *
 * Return: the kind or NULL.
 */
const struct sensors_level *sensors_level_find(const char *name);

/**
 * sensors_init() - build sensors into a board
 * @s: to be filled
 * @level: their kind, NULL for exact ones
 * @seed: of gains and phases, which differ from board to board
 * @now: what the device can be read for
 */
void sensors_init(struct sensors *s, const struct sensors_level *level,
		  uint64_t seed, const struct sensors_now *now);

/**
 * sensors_renew() - the board renews its utilisations
 * @s: the sensors
 * @now: what the device can be read for at &sensors.next_ns
 */
void sensors_renew(struct sensors *s, const struct sensors_now *now);

/**
 * sensors_read() - what a collector makes of them
 * @s: the sensors
 * @now: what the device can be read for
 * @sample: exact amounts since the last sample; replaced by what is shown.
 *	Exact sensors leave it alone
 */
void sensors_read(struct sensors *s, const struct sensors_now *now,
		  struct accelgov_sample *sample);

#endif /* _LIB_SENSORS_H */
