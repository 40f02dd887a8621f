/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _AG_PHASE_H
#define _AG_PHASE_H

#include "types.h"
#include "accelgov.h"
#include "pause.h"
#include "sample.h"

/**
 * struct ag_phase - short-horizon classifier
 * @now: published phase
 * @next: candidate that has not convinced yet
 * @mixed_left: windows for which the last mixed phase is remembered
 * @confidence: of @now, per mille
 * @since_ns: when @now began (as far as known: end of the first window)
 * @prev: phase before @now
 * @votes: windows that @next has won in a row
 * @balanced: windows in a row that showed compute and memory alike
 * @partial: windows in a row that were busy for a part, the same part
 * @steady: windows in a row that look like the one before them
 * @alike: windows in a row whose engines look like those before, whatever power says
 * @held: the board runs slower than it was told to; set by the caller
 * @rose: power has risen since the window before, and engines have not changed
 * @last_busy: of the last window, per mille
 * @last_compute: of the last window's busy part, per mille
 * @last_memory: of the last window's busy part, per mille
 * @last_power: of the last window, mW; anything where it is not known
 * @last_khz: clock of the last window
 * @pause: quiet stretches, for jobs that train
 * @memory_low: memory activity of arithmetic on this device, per mille
 * @memory_least: the least of it of late
 * @memory_most: the most of it of late
 * @memory_high: memory activity of memory-bound work, per mille
 * @low_seen: windows from which @memory_low was learned, few of them counted
 * @high_seen: the same of @memory_high
 * @link_high: link activity of a wait, per mille, 0 before any was seen
 * @compute_high: compute activity of arithmetic, per mille
 * @activity: what pipes and memory show together when they work, per mille
 * @power_low: lowest power of late, 0 before the first
 * @power_high: highest power of late
 * @work_low: lowest power of steady work of late, where no clock is read
 * @work_high: the highest of it
 * @rest_mw: power when the device was last at rest, 0 before that
 * @traffic: the most memory activity of late, whatever clock it was seen at, millionths
 */
struct ag_phase {
	enum accelgov_phase now;
	enum accelgov_phase next;
	u32 mixed_left;
	u32 confidence;
	u64 since_ns;
	enum accelgov_phase prev;
	u8 votes;
	u8 balanced;
	u8 partial;
	u8 steady;
	u8 alike;
	bool held;
	bool rose;
	u32 last_busy;
	u32 last_compute;
	u32 last_memory;
	u32 last_power;
	u32 last_khz;
	struct ag_pause pause;
	u32 memory_low;
	u32 memory_least;
	u32 memory_most;
	u32 memory_high;
	u32 low_seen;
	u32 high_seen;
	u32 link_high;
	u32 compute_high;
	u32 activity;
	u32 power_low;
	u32 power_high;
	u32 work_low;
	u32 work_high;
	u32 rest_mw;
	u32 traffic;
};

void ag_phase_init(struct ag_phase *p, u64 now_ns);
enum accelgov_phase ag_phase_classify(const struct ag_rates *r, u32 top_khz,
				      bool training, u32 *ret_confidence);
bool ag_phase_update(struct ag_phase *p, const struct ag_rates *r, u32 khz,
		     u32 top_khz, bool training);
bool ag_phase_impose(struct ag_phase *p, enum accelgov_phase phase,
		     const struct ag_rates *r);
void ag_phase_unknown(struct ag_phase *p, u64 now_ns);

#endif /* _AG_PHASE_H */
