// SPDX-License-Identifier: GPL-2.0
/*
 * Switch: when the clock follows a target, and what happens until it does
 *
 * Observation. From a target to the clock it takes microseconds on one chip and half a
 * second on another. A switch on its way is not taken back, so whoever asks for another
 * clock meanwhile gets that one after both; and a governor that changes its mind with
 * every window, on a board that takes 400 ms, has each clock at some time and none when
 * it is wanted.
 *
 * Algorithm.
 *  1. The clock has followed a target when it is there, or has left where it was and
 *     where the target before wanted it, for a board may hold it elsewhere. A target that
 *     asks it back to where it still is, before it has left, is followed when the one
 *     before could have come and gone: twice the mean time. After AG_SWITCH_MAX_US
 *     nothing more is waited for.
 *  2. How long it took is known when the clock is where it should be and was not before.
 *     A window in which it changed has the mean of both clocks, which tells when; without
 *     that nearly every switch would go unmeasured. It has to begin where the target
 *     before wanted it: a board that is held below its target, and let go, is no switch;
 *     and neither is one of two targets that were on their way together.
 *  3. The mean is of the first AG_SWITCH_MEAN and then with that weight of the newest;
 *     before them it is what somebody told of the device, or AG_SWITCH_DEFAULT_US. Where
 *     nobody tells the clock none is measured, and the books count on the time after
 *     which the clock is taken for the target (core.c).
 *     The longest of late (it fades by a sixty-fourth with each one that is measured) is
 *     what a clock that comes too late may cost (guard.c), and for how long one below the
 *     top is taken for late rather than held (core.c).
 *  4. Until the clock has followed, windows belong to the row of the clock before, and
 *     teach nothing about the reference; on a slow device an earlier target may arrive
 *     after a later one was set, and its windows are entered where they belong. Where
 *     switches are slow (6) a row whose clock is the target's already takes it over.
 *  5. No lower clock takes the place of a target on its way, until it has followed or
 *     twice the mean time is over, the longest before any was measured. A higher one
 *     does: it keeps the promise. So does what the power cap asks for, and a policy in
 *     BPF, which pays for its switches (judge.c).
 *  6. A change of phase is worth any difference of clocks where switches are fast. Where
 *     one takes more than AG_SLOW_WINDOWS windows, phases whose clocks differ by less
 *     than 1/AG_STEP_DIV share one.
 *
 * Constants. 15 ms is the shortest that the simulated A100 takes (kmod/sim/profile.c has
 * the source). GPUs take 1 to 500 ms, by model and pair of clocks (D. Velicka et al.,
 * arXiv 2502.20075, on GH200, A100 and Quadro RTX 6000), so after a second something else
 * is the matter. Four windows: on faster boards a clock that is a little off costs more
 * than its switch. A fiftieth is two or three operating points of an A100, less than
 * what counters that err by 5 % tell apart. How boards that take 400 ms fare is in
 * Documentation/governor.rst.
 */
#include "books.h"
#include "planner.h"
#include "switch.h"

#define AG_SWITCH_DEFAULT_US	15000
#define AG_SWITCH_MEAN		8
#define AG_SLOW_WINDOWS		4

/**
 * ag_core_switch_init() - nothing measured yet
 * @c: state, its guard ready
 */
void ag_core_switch_init(struct ag_core *c)
{
	c->switch_us = AG_SWITCH_DEFAULT_US;
	c->slowest_us = AG_SWITCH_MAX_US / 2;
	ag_guard_late(&c->guard, AG_SWITCH_DEFAULT_US, AG_SWITCH_DEFAULT_US);
}

/**
 * ag_core_switching() - what a change of clock costs, by who knows the device
 * @c: state, as ag_core_init() left it
 * @switch_us: from a target to the clock that holds, 0 when not known
 * @halt_us: how long the device does no work at a change, 0 when not known
 *
 * The first is where measuring begins, and nothing measures the second. Both are at
 * most AG_SWITCH_MAX_US here, whatever is told.
 */
void ag_core_switching(struct ag_core *c, u32 switch_us, u32 halt_us)
{
	switch_us = min_t(u32, switch_us, AG_SWITCH_MAX_US);
	c->halt_us = min_t(u32, halt_us, AG_SWITCH_MAX_US);
	if (!switch_us)
		return;
	c->told = true;
	c->switch_us = switch_us;
	c->slowest_us = max_t(u32, c->slowest_us, switch_us);
	c->guard.late_us = 0;
	ag_guard_late(&c->guard, switch_us, switch_us);
}

/**
 * ag_core_switch_unseen() - nobody tells the clock, so no switch is ever measured
 * @c: state
 * @us: what one may take
 */
void ag_core_switch_unseen(struct ag_core *c, u32 us)
{
	if (!c->told && !c->switches)
		ag_guard_late(&c->guard, us, us);
}

/**
 * ag_core_near() - is it the same clock, near enough?
 * @khz: a clock
 * @other_khz: another one
 *
 * Return: true when no switch between them would be worth it.
 */
bool ag_core_near(u32 khz, u32 other_khz)
{
	u32 diff = khz > other_khz ? khz - other_khz : other_khz - khz;

	return diff <= other_khz / AG_STEP_DIV;
}

static bool ag_core_followed(const struct ag_core *c, const struct ag_rates *r)
{
	u64 us = div_u64(r->time_ns - c->target_ns, NSEC_PER_USEC);
	bool later = us > 2 * c->switch_us + c->cfg.sample_period_us;

	if (us > AG_SWITCH_MAX_US)
		return true;
	if (!ag_valid(r, ACCELGOV_SIG_CLOCK))
		return later;
	if (c->chased && ag_core_near(c->from_khz, c->target_khz) && !later)
		return false;
	return ag_core_near(r->clock_khz, c->target_khz) ||
	       (!ag_core_near(r->clock_khz, c->from_khz) &&
		!ag_core_near(r->clock_khz, c->before_khz));
}

/**
 * ag_core_switches_slowly() - does a switch take longer than a few windows?
 * @c: state
 *
 * Return: true when it does.
 */
bool ag_core_switches_slowly(const struct ag_core *c)
{
	return c->switch_us > AG_SLOW_WINDOWS * c->cfg.sample_period_us;
}

/**
 * ag_core_in_force() - slot whose clock is in force
 * @c: state
 * @r: the newest window
 *
 * A slow switch to an earlier target may end after a later one was set.
 *
 * Return: the slot.
 */
u32 ag_core_in_force(const struct ag_core *c, const struct ag_rates *r)
{
	if (ag_valid(r, ACCELGOV_SIG_CLOCK) &&
	    ag_core_near(r->clock_khz, c->before_khz) &&
	    !ag_core_near(r->clock_khz, c->target_khz))
		return c->before_slot;
	if (!c->applied_ns)
		return ag_core_switches_slowly(c) ? c->target_slot : c->slot;
	return c->ran;
}

/* How much of a window ran at the target, when the clock was the mean of two. */
static u64 ag_core_after_us(const struct ag_core *c, u32 mean_khz, u64 us)
{
	u32 from = c->from_khz, to = c->target_khz;

	if (mean_khz > min_t(u32, from, to) && mean_khz < max_t(u32, from, to))
		return div_u64(us * (mean_khz > from ? mean_khz - from :
						       from - mean_khz),
			       to > from ? to - from : from - to);
	return 0;
}

static void ag_core_learn_switch(struct ag_core *c, u64 us)
{
	us = min_t(u64, us, AG_SWITCH_MAX_US);
	c->switches = min_t(u32, c->switches + 1, AG_SWITCH_MEAN);
	c->switch_us += ((s32)us - (s32)c->switch_us) / (s32)c->switches;
	c->slowest_us = max_t(u32, c->slowest_us - c->slowest_us / 64, us);
	ag_guard_late(&c->guard, us, c->switch_us);
}

/**
 * ag_core_measure_switch() - has the clock followed, and how long did it take?
 * @c: state
 * @r: the newest window
 *
 * A window in which the clock changed has the mean of both; the one after it tells
 * whether it went where it should, and then the mean tells when.
 */
void ag_core_measure_switch(struct ag_core *c, const struct ag_rates *r)
{
	u64 us, window_us = div_u64(r->window_ns, NSEC_PER_USEC);
	bool there = ag_valid(r, ACCELGOV_SIG_CLOCK) &&
		     ag_core_near(r->clock_khz, c->target_khz);
	bool cut = ag_core_cut(c, r);

	if (!c->applied_ns && c->between_us && there)
		ag_core_learn_switch(c, c->between_us);
	c->between_us = 0;
	/* A window from before the target says nothing about it. */
	if (!c->applied_ns || r->time_ns <= c->applied_ns ||
	    (!cut && !ag_core_followed(c, r)))
		return;
	us = div_u64(r->time_ns - c->applied_ns, NSEC_PER_USEC);
	c->applied_ns = 0;
	c->followed_ns = r->time_ns;
	/* One that was there already, or still, or on its way elsewhere, tells nothing. */
	if (cut || c->chased || ag_core_near(c->from_khz, c->target_khz) ||
	    (c->before_khz && !ag_core_near(c->from_khz, c->before_khz)))
		return;
	if (there) {
		/* All of it ran at the target: it followed before its start. */
		ag_core_learn_switch(c, us - min_t(u64, us, window_us));
	} else if (ag_valid(r, ACCELGOV_SIG_CLOCK)) {
		us -= min_t(u64, us,
			    ag_core_after_us(c, r->clock_khz, window_us));
		c->between_us = max_t(u64, us, 1);
	}
}

/**
 * ag_core_in_flight() - may a target still be on its way?
 * @c: state
 *
 * Return: true when it may.
 */
bool ag_core_in_flight(const struct ag_core *c)
{
	u32 us = c->switches ? 2 * c->switch_us : c->slowest_us;

	return c->applied_ns && c->rates.time_ns < c->target_ns + us * 1000ULL;
}

/**
 * ag_core_applied() - the driver took a target
 * @c: state
 * @khz: clock that was asked for
 * @now_ns: time
 */
void ag_core_applied(struct ag_core *c, u32 khz, u64 now_ns)
{
	if (khz != c->target_khz) {
		c->from_khz = ag_core_khz(c, &c->rates);
		c->chased = c->applied_ns;
		c->between_us = 0;
		c->before_khz = c->target_khz;
		/* More than one in a window is rare, and the first is none. */
		if (c->target_khz && c->halts < U8_MAX)
			c->halts++;
		c->before_slot = c->target_slot;
		c->target_slot = c->slot;
		c->applied_ns = now_ns;
		c->target_ns = now_ns;
	}
	c->target_khz = khz;
}
