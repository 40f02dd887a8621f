/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _AG_SENS_H
#define _AG_SENS_H

#include "types.h"
#include "accelgov.h"
#include "opp.h"
#include "sample.h"

/* Times, energies and shares are fractions with 16 bits. */
#define AG_ONE_SHIFT	16
#define AG_ONE		0x10000U

/**
 * struct ag_sens_phase - what is known of one phase on this device
 * @share: part of the fourth power of its time that scales with the clock, at
 *	the top clock, from the counters; a fraction of AG_ONE
 * @gain: true share over @share as measured progress has it, times AG_ONE;
 *	signed, so that noise around zero averages to zero
 * @pairs: how many pairs of clocks taught @gain, saturating
 * @power_mw: board power at the top clock, 0 when not known
 * @dynamic: part of @power_mw that scales with f*V^2, a fraction of AG_ONE
 * @dwell_us: mean length of an episode, 0 before the first has ended
 * @next_share: effective share of what usually follows
 * @ref_khz: effective clock that the board holds in this phase when the top
 *	clock is asked for, 0 when not seen
 * @ref_ns: when the rate at the top clock was last compared with another
 */
struct ag_sens_phase {
	u32 share;
	s32 gain;
	u32 pairs;
	u32 power_mw;
	u32 dynamic;
	u32 dwell_us;
	u32 next_share;
	u32 ref_khz;
	u64 ref_ns;
};

/**
 * struct ag_sens_run - windows at one steady clock inside one episode
 * @khz: the clock
 * @windows: how many
 * @valid: signals that all of them knew
 * @progress: sum of rates
 * @power_mw: sum
 */
struct ag_sens_run {
	u32 khz;
	u32 windows;
	u32 valid;
	u64 progress;
	u64 power_mw;
};

/**
 * struct ag_sens - time and power models of all phases
 * @phase: per phase
 * @before: last steady clock of this episode
 * @run: present steady clock of this episode
 * @pending: newest window, counted once the next one is of the same phase
 * @pending_valid: @pending holds a window
 * @pending_top: the top clock was asked for during @pending
 * @episode_ns: start of the episode
 */
struct ag_sens {
	struct ag_sens_phase phase[ACCELGOV_PHASE_NR];
	struct ag_sens_run before;
	struct ag_sens_run run;
	struct ag_rates pending;
	bool pending_valid;
	bool pending_top;
	u64 episode_ns;
};

void ag_sens_init(struct ag_sens *s, u64 now_ns);
void ag_sens_update(struct ag_sens *s, enum accelgov_phase phase,
		    const struct ag_rates *r, bool at_top,
		    const struct ag_opp_table *t);
void ag_sens_phase_change(struct ag_sens *s, enum accelgov_phase old,
			  enum accelgov_phase now, u64 now_ns);
u32 ag_sens_share(const struct ag_sens *s, enum accelgov_phase phase);
u32 ag_sens_time(u32 share, u32 top_khz, u32 khz);
u32 ag_sens_slower(const struct ag_sens *s, enum accelgov_phase phase,
		   const struct ag_opp_table *t, u32 khz);
u32 ag_sens_ref_khz(const struct ag_sens *s, enum accelgov_phase phase,
		    const struct ag_opp_table *t);
u32 ag_sens_power(u32 dynamic, u32 dyn);
void ag_sens_forget_ref(struct ag_sens *s);

#endif /* _AG_SENS_H */
