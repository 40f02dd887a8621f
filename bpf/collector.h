/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - what the collector program and the daemon share
 *
 * Included from BPF (types from vmlinux.h) and from userspace.
 */
#ifndef ACCELGOV_BPF_COLLECTOR_H
#define ACCELGOV_BPF_COLLECTOR_H

#include "../kmod/uapi/accelgov.h"
#include "drm.h"

/*
 * Devices one daemon can collect from. BPF arrays can't grow once they are loaded;
 * this costs 200 KiB, and no host has as many accelerators, parts of them counted.
 */
#define COLLECTOR_SLOTS		512

/* Perf event array index of one counter of one slot. */
#define COLLECTOR_INDEX(slot, signal)	((slot) * ACCELGOV_SIG_NR + (signal))

/*
 * A window outside these limits is not worth pushing, see &struct
 * accelgov_sample: a shorter one is left to grow until the next run, a longer
 * one (the machine slept) starts over.
 */
#define COLLECTOR_WINDOW_MIN_NS	100000ULL
#define COLLECTOR_WINDOW_MAX_NS	10000000000ULL

/* Less than this part of the window is rest, for pipes and memory. */
#define COLLECTOR_LOW_PART	8

/*
 * Devices that share a clock event. A clock event costs an interrupt, often a wake-up
 * from idle and another interrupt for what the module does with the samples: several
 * times what reading a device costs (make bench B=scale). Shared by eight that is
 * little; shared by more, all that is done in one interrupt would be long.
 */
#define COLLECTOR_TICK_SLOTS	8

/**
 * struct collector_tick - devices that are read at the same clock event
 * @nr: how many
 * @slot: their numbers, @nr of them
 *
 * Userspace changes it while the program runs, word by word: a run meanwhile may miss a
 * device, whose next window is longer then, or read one twice, whose second window is
 * too short to count.
 */
struct collector_tick {
	__u32 nr;
	__u32 slot[COLLECTOR_TICK_SLOTS];
};

/**
 * struct collector_slot - one device as the program sees it
 * @token: what the module knows this device by, from push_token
 * @signals: bit per &enum accelgov_signal with a counter in the event array
 * @primed: bit per &enum accelgov_signal whose @last is a real reading
 * @drm: index of its DRM device plus 1, 0 when the scheduler tells nothing of it:
 *	that knows BUSY and QUEUE where no counter does
 * @last_cost_ns: what the previous run cost, goes out with the next sample
 * @input_primed: @last_input is a real reading
 * @last_ns: when @last was read, CLOCK_MONOTONIC; 0 before the first run
 * @last_input: integral of waits for input of the previous run
 * @last: counter values of the previous run
 * @sample: what the current run puts together; in the map rather than on the
 *	stack, where the verifier would tell apart each way to fill it
 * @runs: how often the program ran for this slot
 * @run_ns: how long all runs together took
 * @max_cost_ns: the dearest of them
 * @pushed: samples the module took
 * @busy: samples the module dropped because its ring was full
 * @stale: samples refused because nobody has this token any more
 * @refused: samples refused for any other reason
 * @absent: runs that found no module to push to
 * @skipped: runs that had no window to report: the first, too short, too long
 * @read_errors: counters that could not be read
 * @backwards: counters that went backwards, so their delta is unknown
 *
 * Userspace writes it only while no tick has it; from then on it belongs to the
 * program. All ticks that a slot ever has are on one CPU, where none interrupts another.
 */
struct collector_slot {
	__u32 token;
	__u32 signals;
	__u32 primed;
	__u32 drm;
	__u32 last_cost_ns;
	__u32 input_primed;
	__u64 last_ns;
	__u64 last_input;
	__u64 last[ACCELGOV_SIG_NR];
	struct accelgov_sample sample;
	__u64 runs;
	__u64 run_ns;
	__u64 max_cost_ns;
	__u64 pushed;
	__u64 busy;
	__u64 stale;
	__u64 refused;
	__u64 absent;
	__u64 skipped;
	__u64 read_errors;
	__u64 backwards;
};

_Static_assert(sizeof(struct collector_slot) ==
	       24 + 16 + 8 * ACCELGOV_SIG_NR +
	       sizeof(struct accelgov_sample) + 11 * 8,
	       "collector_slot is the same in BPF and userspace");

#endif /* ACCELGOV_BPF_COLLECTOR_H */
