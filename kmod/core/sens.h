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

/* Bands of the clock, each with a share of its own. */
#define AG_BANDS	5

/* A clock that much above the reference, or a reference above clocks compared. */
#define AG_REF_FREED_DIV	16

/**
 * struct ag_curve - time of a phase against the clock
 * @share: per band, part of the square of its time that scales with the square
 *	of the clock; fractions of AG_ONE, all 0 for time that no clock changes;
 *	signed, for estimates of next to nothing must err to both sides
 * @least: share that the time is never below
 * @trust_x2: square of the ratio of the top clock to the lowest clock that the
 *	model is trusted at; below that all of the time is taken to scale
 */
struct ag_curve {
	s32 share[AG_BANDS];
	u32 least;
	u32 trust_x2;
};

/**
 * struct ag_times - time of a phase at a clock, against its reference clock
 * @likely: as the model has it, times AG_ONE, never below AG_ONE
 * @booked: as the books have it: they believe no more of the model than pairs of
 *	clocks have confirmed
 */
struct ag_times {
	u32 likely;
	u32 booked;
};

/**
 * struct ag_fit - weighted mean of a slope, from pairs that say it unequally well
 * @xy: mean of product of cause and effect
 * @xx: mean square of the cause
 * @slope: one over the other, within what is possible: a tenth to 0.95 of AG_ONE
 */
struct ag_fit {
	s32 xy;
	u32 xx;
	u32 slope;
};

/**
 * struct ag_sens_phase - what is known of one phase on this device
 * @share: part of the square of its time that scales with the square of the
 *	clock, at the top clock, from the counters; a fraction of AG_ONE
 * @more: per band, what the true share has more than @share, as measured
 *	progress has it; signed, so that noise around zero averages to zero
 * @noise: half of the variance of the rate of one window against its mean, a
 *	fraction of 2^32; 0 when not known
 * @power_mw: board power at the top clock, 0 when not known
 * @dynamic: part of @power_mw that scales with f*V^2
 * @pairs: how many pairs of clocks taught @more, saturating
 * @power_pairs: how many taught @dynamic, saturating
 * @ref_khz: effective clock that the board holds in this phase when the top
 *	clock is asked for, 0 when not seen
 * @low_khz: lowest clock whose rate was compared with another, 0 when none was
 * @high_khz: highest such clock, 0 when none was
 * @low_x2: square of the ratio of the top clock to it
 * @ref_ns: when the rate at the top clock was last compared with another
 * @held_ns: when @ref_khz was last seen with the top clock asked for
 */
struct ag_sens_phase {
	u32 share;
	s32 more[AG_BANDS];
	u32 noise;
	u32 power_mw;
	struct ag_fit dynamic;
	u16 pairs;
	u16 power_pairs;
	u32 ref_khz;
	u32 low_khz;
	u32 high_khz;
	u32 low_x2;
	u64 ref_ns;
	u64 held_ns;
};

/**
 * struct ag_sens_run - windows at one steady clock inside one episode
 * @khz: the clock
 * @windows: how many
 * @ns: their length
 * @compared: was compared with the run before it
 * @valid: signals that all of them knew
 * @progress: sum of rates, per time that was busy
 * @newest: the last of them, 0 when not known
 * @power_mw: sum
 * @operations: sum of arithmetic rates, per mille of those at the top clock
 * @traffic: sum of memory activities, per mille
 * @saturated: one of the two counters was at its end
 */
struct ag_sens_run {
	u32 khz;
	u32 windows;
	u32 valid;
	bool compared;
	u64 ns;
	u64 progress;
	u64 newest;
	u64 power_mw;
	u32 operations;
	u32 traffic;
	bool saturated;
};

/**
 * struct ag_sens - time and power models of all phases
 * @phase: per phase
 * @before: last steady clock of this episode
 * @run: present steady clock of this episode
 * @traffic_peak: memory activity that memory-bound work alone shows on this
 *	board, per mille of busy time: the highest of late
 * @pending: newest window, counted once the next one is of the same phase
 * @pending_valid: @pending holds a window
 * @pending_top: the top clock was asked for during @pending
 * @last_khz: clock of the last window of this episode, 0 when there was none
 */
struct ag_sens {
	struct ag_sens_phase phase[ACCELGOV_PHASE_NR];
	struct ag_sens_run before;
	struct ag_sens_run run;
	u32 traffic_peak;
	struct ag_rates pending;
	bool pending_valid;
	bool pending_top;
	u32 last_khz;
};

/* Moves by a part of the difference, a power of two. */
static inline u32 ag_ewma(u32 old, u32 new, u32 shift)
{
	s64 diff = (s64)new - old;

	return (u32)(old + diff / (1 << shift));
}

/**
 * ag_sens_scales() - can a clock change the time of a phase?
 * @phase: phase
 *
 * Return: false for phases that wait.
 */
static inline bool ag_sens_scales(enum accelgov_phase phase)
{
	return BIT(phase) & (BIT(ACCELGOV_PHASE_UNKNOWN) |
			     BIT(ACCELGOV_PHASE_COMPUTE) |
			     BIT(ACCELGOV_PHASE_MEMORY) |
			     BIT(ACCELGOV_PHASE_MIXED));
}

/**
 * ag_sens_may_scale() - does it have to be measured whether a clock does?
 * @phase: phase
 *
 * A wait in a collective is told by what counters do not show. If they lie, only
 * progress knows.
 *
 * Return: true for these and for phases that scale.
 */
static inline bool ag_sens_may_scale(enum accelgov_phase phase)
{
	return ag_sens_scales(phase) || phase == ACCELGOV_PHASE_LINK;
}

void ag_sens_init(struct ag_sens *s);
void ag_sens_update(struct ag_sens *s, enum accelgov_phase phase,
		    const struct ag_rates *r, bool at_top,
		    const struct ag_opp_table *t);
void ag_sens_phase_change(struct ag_sens *s);
void ag_sens_curve(const struct ag_sens *s, enum accelgov_phase phase,
		   struct ag_curve *ret);
u32 ag_sens_time(const struct ag_curve *c, u32 top_khz, u32 khz);
u32 ag_sens_slower(const struct ag_sens *s, enum accelgov_phase phase,
		   const struct ag_opp_table *t, u32 khz);
void ag_sens_times(const struct ag_sens *s, enum accelgov_phase phase,
		   const struct ag_opp_table *t, u32 khz, struct ag_times *ret);
u32 ag_sens_ref_khz(const struct ag_sens *s, enum accelgov_phase phase,
		    const struct ag_opp_table *t);
u32 ag_sens_power(u32 dynamic, u32 dyn);
u32 ag_sens_compute(const struct ag_sens *s, enum accelgov_phase phase,
		    u32 top_khz, u32 khz);
u32 ag_sens_dynamic(const struct ag_sens *s, enum accelgov_phase phase);
void ag_sens_init_power(struct ag_sens_phase *p, u32 dynamic);
void ag_sens_learn_power(struct ag_sens_phase *p, const struct ag_rates *r,
			 bool came, const struct ag_opp_table *t);
void ag_sens_pair_power(struct ag_sens_phase *p, const struct ag_sens_run *a,
			const struct ag_sens_run *b,
			const struct ag_opp_table *t);
void ag_sens_learn_ref(struct ag_sens *s, enum accelgov_phase phase, u32 khz,
		       u64 now_ns, bool at_top);
void ag_sens_forget_ref(struct ag_sens *s);
bool ag_sens_doubts_ref(const struct ag_sens *s, enum accelgov_phase phase,
			u32 khz, u64 before_ns);
void ag_sens_believe(struct ag_sens *s);

#endif /* _AG_SENS_H */
