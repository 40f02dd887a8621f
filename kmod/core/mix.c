// SPDX-License-Identifier: GPL-2.0
/*
 * Mix: what really runs at the clock of each phase
 *
 * Observation. A clock is chosen for a phase, but the phase does not have it
 * alone. It is recognised one window after it began, the clock follows after
 * the switching time, and a window may be named wrongly: the first stretch of
 * prefill runs at the clock of decode, and a wait of 50 ms in a collective
 * hands a third of its clock's time to the pass that follows. On a simulated
 * H100 that serves within a budget of 1 %, nine tenths of what is lost is lost
 * there.
 *
 * Model. A table of work, measured: rows are clocks, named by the phase that
 * each was chosen for, columns are phases. Row q says that at the clock of q
 * so much of q was done, so much of p. plan.c minimises energy and loss of the
 * whole row. Nothing else is needed for lag, for slow switches and for phases
 * shorter than a switch: a row that holds more of the successor than of its own
 * phase gets, near enough, the successor's clock, and no switch is chased.
 *
 * A phase has two rows: young, and old after a switch and three windows. Waits
 * that have lasted tend to go on, so the old row shows little of what follows
 * and may go low, while the young one stays near the successor's clock. Waits
 * whose end is foreseen (foresee.c) have a row together: next to nothing follows
 * at its clock, so it goes lowest, and as low as foresight is right.
 *
 * Algorithm, per window:
 *  1. The row is that of the clock in force, which switch.c knows from the clock
 *     signal; the column is the phase that the window was named. A window that
 *     straddles a change is split (books.c).
 *  2. Work counts as time at the top clock: what is slow does not weigh more.
 *  3. Every AG_MIX_HALF_NS all cells are halved.
 *
 * Constants. Thirty seconds hold some thirty episodes of decode and a few steps
 * of training, and are half of the horizon of the promise. The prior of a row
 * is a tenth of a second of its own phase and a tenth of that in arithmetic:
 * enough that an unknown row does not go to the lowest clock, gone within a
 * second or two of measurements.
 */
#include "mix.h"

#define AG_MIX_HALF_NS		(30ULL * NSEC_PER_SEC)
#define AG_MIX_PRIOR_US		100000
#define AG_MIX_PRIOR_COMPUTE_US	10000

/**
 * ag_mix_init() - nothing seen yet
 * @m: state
 * @now_ns: time
 */
void ag_mix_init(struct ag_mix *m, u64 now_ns)
{
	memset(m, 0, sizeof(*m));
	m->decayed_ns = now_ns;
}

static void ag_mix_decay(struct ag_mix *m, u64 now_ns)
{
	u32 *us = &m->us[0][0];
	u32 i;

	if (now_ns - m->decayed_ns < AG_MIX_HALF_NS)
		return;
	for (i = 0; i < AG_SLOT_NR * ACCELGOV_PHASE_NR; i++)
		us[i] /= 2;
	m->decayed_ns = now_ns;
}

/**
 * ag_mix_add() - take one window into account
 * @m: state
 * @slot: whose clock was in force
 * @phase: what the window was named
 * @us: its work, in time at the top clock
 * @now_ns: time
 */
void ag_mix_add(struct ag_mix *m, u32 slot, enum accelgov_phase phase, u32 us,
		u64 now_ns)
{
	u32 *cell = &m->us[slot][phase];

	ag_mix_decay(m, now_ns);
	*cell = (u32)min_t(u64, U32_MAX / AG_SLOT_NR, (u64)*cell + us);
}

/**
 * ag_mix_us() - work seen at the clock of a slot
 * @m: state
 * @slot: slot
 *
 * Return: microseconds at the top clock, decayed.
 */
u64 ag_mix_us(const struct ag_mix *m, u32 slot)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < ACCELGOV_PHASE_NR; i++)
		sum += m->us[slot][i];
	return sum;
}

/**
 * ag_mix_row() - what to expect at the clock of a slot
 * @m: state
 * @slot: slot
 * @weight: to fill, per phase, in AG_MIX_ONE
 */
void ag_mix_row(const struct ag_mix *m, u32 slot,
		u32 weight[ACCELGOV_PHASE_NR])
{
	u64 sum = ag_mix_us(m, slot) + AG_MIX_PRIOR_US +
		  AG_MIX_PRIOR_COMPUTE_US;
	u64 us;
	u32 i;

	for (i = 0; i < ACCELGOV_PHASE_NR; i++) {
		us = m->us[slot][i];
		if (i == ag_slot_phase(slot))
			us += AG_MIX_PRIOR_US;
		if (i == ACCELGOV_PHASE_COMPUTE)
			us += AG_MIX_PRIOR_COMPUTE_US;
		weight[i] = (u32)div64_u64(us * AG_MIX_ONE, sum);
	}
}
