/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _AG_SENS_H
#define _AG_SENS_H

#include "types.h"
#include "accelgov.h"
#include "opp.h"
#include "sample.h"

/* Times, energies and shares are fractions of 1 << AG_ONE_SHIFT. */
#define AG_ONE_SHIFT	16
#define AG_ONE		(1U << AG_ONE_SHIFT)

/**
 * struct ag_sens_phase - what is known of one phase on this device
 * @share: part of the fourth power of its time that scales with the clock, at
 *	the top clock, from the counters
 * @gain: what measured progress makes of @share: true share / share
 * @pairs: how many pairs of clocks taught @gain, saturating
 * @power_mw: board power at the top clock, 0 when not known
 * @dynamic: part of @power_mw that scales with f*V^2
 * @dwell_ms: mean length of an episode
 * @next_share: @share of what usually follows
 * @ref_ns: when the rate at the top clock was last seen
 * @busy: mean busy share
 */
struct ag_sens_phase {
	u32 share;
	u32 gain;
	u32 pairs;
	u32 power_mw;
	u32 dynamic;
	u32 dwell_ms;
	u32 next_share;
	u32 busy;
	u64 ref_ns;
};

/**
 * struct ag_sens_run - windows at one steady clock inside one episode
 * @khz: the clock
 * @windows: how many
 * @progress: sum of rates
 * @power_mw: sum
 */
struct ag_sens_run {
	u32 khz;
	u32 windows;
	u64 progress;
	u64 power_mw;
};

/**
 * struct ag_sens - time and power models of all phases
 * @phase: per phase
 * @before: last steady clock of this episode
 * @run: present steady clock of this episode
 * @skip: windows still to be skipped (they straddle a change)
 * @episode_ns: start of the episode
 */
struct ag_sens {
	struct ag_sens_phase phase[ACCELGOV_PHASE_NR];
	struct ag_sens_run before;
	struct ag_sens_run run;
	u32 skip;
	u64 episode_ns;
};

void ag_sens_init(struct ag_sens *s);
void ag_sens_update(struct ag_sens *s, enum accelgov_phase phase,
		    const struct ag_rates *r, const struct ag_opp_table *t);
void ag_sens_phase_change(struct ag_sens *s, enum accelgov_phase old,
			  enum accelgov_phase new, u64 now_ns);
u32 ag_sens_share(const struct ag_sens *s, enum accelgov_phase phase);
u32 ag_sens_time(u32 share, u32 top_khz, u32 khz);
u32 ag_sens_power(const struct ag_sens_phase *p, u32 dyn);

#endif /* _AG_SENS_H */
