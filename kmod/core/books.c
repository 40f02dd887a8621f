// SPDX-License-Identifier: GPL-2.0
/*
 * Books: what a window did and what it lost
 *
 * Observation. A name is given to a whole window, and windows are not that pure.
 * Some straddle a change, some hold bursts that are shorter than they are, and at a
 * low clock memory-bound work looks like a wait: traffic falls with the clock, and
 * pipes do little either way. What such windows lose is lost all the same, and a
 * promise that is kept only by names is none.
 *
 * Algorithm, for the window before the newest, whose neighbours are both known:
 *  1. A window beside a change belongs to both phases, in the parts that its
 *     compute activity shows between what both usually have at its clock.
 *  2. Any other that should have little arithmetic and shows some is split in the
 *     same way with arithmetic; inside of memory-bound work from a quarter on only,
 *     for less is noise.
 *  3. Of a wait, the busy time that neither link nor host explain is taken for
 *     starved memory-bound work, as far as its traffic would fill it were the clock
 *     at the top.
 *  4. Where nobody counts arithmetic, the unexplained part of a wait is taken for
 *     it as far as power allows: no further than its power lies between the lowest
 *     of the device, or a quarter of the highest, and the highest at this clock.
 *  5. Each part is work and lost time by the model of its phase (sens.c), as far as
 *     pairs of clocks have confirmed that, and by 1/f beyond. Both go to the guard
 *     (guard.c) and, at the clock that was in force, to the mix (mix.c).
 *  6. Some phases are over before two clocks could be compared: an optimizer is,
 *     and would be booked like arithmetic for ever. So the model's word is taken
 *     for AG_CREDIT_PERMILLE of all work, or 1/AG_CREDIT_DIV of the budget where that is
 *     less; saved up for AG_CREDIT_MAX_US at most. What that can cost if the
 *     model is wrong lies inside of the half point that the promise allows.
 *  7. What the device's own limiter takes of the clock to hold the operator's cap
 *     (limiter.c) is lost at any clock that could have been asked for: such a window
 *     is all work, as it would be had the cap been set without us (ref.c).
 *  8. Sensors are late: what is told at the end of a long window was done before, and
 *     the clock is that of its end. After a rise most of it was done at the clock before,
 *     so it is booked 1/AG_LATE_DIV of the way up. After a fall it is booked at the lower
 *     clock as any other: some of that was work at the higher one, but a promise is at
 *     stake. Who counts cycles knows the mean clock of what he counts.
 *  9. What a change of clock halts the device for, where somebody told it
 *     (ag_core_switching()), is lost of the busy time of the window after it: the device
 *     counts itself busy meanwhile, and no model sees it.
 * 10. A wait is busy time as far as the device is busy; a checkpoint is all work:
 *     the job has given the device something to do. Where nobody knows busy time, phases
 *     that work are busy all the time, and others not at all.
 *
 * Constants. Two phases whose usual compute activities are less than a tenth apart
 * can't be told by it. The optimizer of a GPT-3 stage on an H100 is 1.3 % of all work,
 * of which 1/f at the lowest clock that is tried makes an eighth, 1.6 per mille. A
 * sixteenth of the budget is the same at the default of 30, and 32 ms are the credit of
 * 16 s of work at 2 per mille: a few steps of training. Boards wait at less than a
 * quarter of what arithmetic draws: A100 85 of 475 W, H100 122 of 650 W
 * (kmod/sim/profile.c has the sources). What GPM of an H100 tells is renewed every 100
 * ms and ended 35 to 75 ms before (hardware.rst), so of a window of 100 ms nearly all
 * is from before it. With a third, of 1,000 random jobs that GPM sees
 * (selftests/progs/promise.c) 8 break the promise, with a half 17, with a quarter 5,
 * and booked at the clock as told 35; the benchmarks' scenarios at four budgets, seeds
 * 1 and 2, save 171, 173, 171 and 178 per mille.
 */
#include "books.h"
#include "planner.h"

#define AG_APART_PERMILLE	100
#define AG_WAIT_POWER_DIV	4
#define AG_CREDIT_PERMILLE	2
#define AG_CREDIT_DIV		16
#define AG_CREDIT_UNIT		16
#define AG_CREDIT_MAX_US	32000
#define AG_LATE_DIV		3

/**
 * ag_core_book_energy() - book energy and what the top clock would have taken
 * @c: state
 * @r: rates of the newest window
 *
 * The latter is a model's figure.
 */
void ag_core_book_energy(struct ag_core *c, const struct ag_rates *r)
{
	const struct ag_sens_phase *p = &c->sens.phase[c->phase.now];
	u64 used, ref;

	if (!ag_valid(r, ACCELGOV_SIG_POWER))
		return;
	/* mW times ns are pJ. */
	used = div_u64((u64)r->power_mw * r->window_ns, 1000000);
	c->energy_uj += used;
	/* What the top clock would draw is not known yet: claim nothing. */
	if (!p->power_mw)
		return;
	ref = div_u64((u64)p->power_mw * r->window_ns, 1000000);
	ref = div_u64(ref << AG_ONE_SHIFT, c->held.time.booked);
	/* Unsigned: centuries of garbage wrap around, defined. */
	c->saved_uj = (s64)((u64)c->saved_uj + ref - used);
}

/*
 * Which part of the held window belongs to another phase? Windows straddle
 * changes, and bursts are shorter than windows; compute activity between what
 * both phases usually show says how much.
 */
static u32 ag_core_straddle(const struct ag_core *c, enum accelgov_phase beside)
{
	const struct ag_held *w = &c->held;
	u32 top = ag_opp_top_khz(&c->opp);
	s32 own, other, part;

	if (w->compute > 1000)
		return 0;
	own = (s32)ag_sens_compute(&c->sens, w->phase, top, w->khz);
	if (!ag_sens_scales(w->phase))
		own = 0;
	other = (s32)ag_sens_compute(&c->sens, beside, top, w->khz);
	if (other - own < AG_APART_PERMILLE && own - other < AG_APART_PERMILLE)
		return 0;
	part = ((s32)w->compute - own) * (s32)AG_ONE / (other - own);
	return (u32)clamp_t(s32, part, 0, AG_ONE);
}

/* Work that was done in @us of time. */
static u32 ag_work(u32 us, u32 time)
{
	return (u32)div_u64((u64)us << AG_ONE_SHIFT, time);
}

/*
 * What the model makes more work of than the books do, as far as there is credit
 * for that.
 */
static u32 ag_core_doubt(struct ag_core *c, u32 likely, u32 work)
{
	u32 doubt = min_t(u32, likely - min_t(u32, likely, work), c->credit_us);

	c->credit_us -= doubt;
	return doubt;
}

/* A part of the held window, were it all of one phase. Return: work. */
static u32 ag_core_book_part(struct ag_core *c, enum accelgov_phase phase,
			     u32 us, u32 busy_us)
{
	const struct ag_held *w = &c->held;
	struct ag_times time = w->time;
	u32 work;

	if (c->cut)
		time = (struct ag_times){ .likely = AG_ONE, .booked = AG_ONE };
	else if (phase != w->phase)
		ag_sens_times(&c->sens, phase, &c->opp, w->khz, &time);
	ag_mix_add(&c->mix, w->slot, phase, ag_work(us, time.booked),
		   w->time_ns);
	work = ag_work(busy_us, time.booked);
	if (time.likely < time.booked)
		work += ag_core_doubt(c, ag_work(busy_us, time.likely), work);
	return work;
}

/* Credit comes with work: AG_CREDIT_PERMILLE of it, or a part of the budget. */
static void ag_core_credit(struct ag_core *c, u32 work_us)
{
	u32 part = min_t(u32, AG_CREDIT_UNIT * AG_CREDIT_PERMILLE,
			 c->cfg.budget_permille * AG_CREDIT_UNIT / AG_CREDIT_DIV);

	c->credit_us += (u32)div_u64((u64)work_us * part, 1000 * AG_CREDIT_UNIT);
	c->credit_us = min_t(u32, c->credit_us, AG_CREDIT_MAX_US);
}

/*
 * A phase that waits is told by little arithmetic and traffic. At a low clock
 * that may be memory-bound work which the clock starves: what neither link nor
 * host explain of the busy time is taken for that, as far as traffic would fill
 * it were the clock at the top.
 */
static u32 ag_core_starved(const struct ag_core *c)
{
	const struct ag_held *w = &c->held;
	u64 part;

	if (ag_sens_scales(w->phase) || w->traffic > 1000 || !w->khz)
		return 0;
	part = div_u64((u64)w->traffic * ag_opp_top_khz(&c->opp), w->khz);
	part = min_t(u64, part, w->unexplained);
	return (u32)div_u64(part << AG_ONE_SHIFT, 1000);
}

/* Arithmetic inside of a window of another name. */
static u32 ag_core_hidden(const struct ag_core *c)
{
	const struct ag_held *w = &c->held;
	u32 part;

	if (w->phase == ACCELGOV_PHASE_COMPUTE ||
	    w->phase == ACCELGOV_PHASE_MIXED)
		return 0;
	if (w->compute > 1000) {
		/* Nobody counts it: power says how much there can be. */
		part = ag_sens_scales(w->phase) ? 0 :
		       min_t(u32, w->unexplained, w->heat);
		return (part << AG_ONE_SHIFT) / 1000;
	}
	part = ag_core_straddle(c, ACCELGOV_PHASE_COMPUTE);
	/* Inside of an episode of work only what is no noise. */
	return ag_sens_scales(w->phase) && part < AG_ONE / 4 ? 0 : part;
}

/**
 * ag_core_book() - book the held window, now that the phase after it is known
 * @c: state
 *
 * Return: true when the guard engaged or released.
 */
bool ag_core_book(struct ag_core *c)
{
	const struct ag_held *w = &c->held;
	enum accelgov_phase beside = w->before;
	u32 part = 0, starved, own, work, busy_us;

	if (!w->us)
		return false;
	busy_us = w->busy_us - (u32)min_t(u64, w->busy_us,
					  (u64)w->halts * c->halt_us);
	if (w->phase != c->phase.now)
		beside = c->phase.now;
	if (beside != w->phase)
		part = ag_core_straddle(c, beside);
	if (!part) {
		beside = ACCELGOV_PHASE_COMPUTE;
		part = ag_core_hidden(c);
	}
	starved = min_t(u32, ag_core_starved(c), AG_ONE - part);
	part = (u32)((u64)busy_us * part >> AG_ONE_SHIFT);
	starved = (u32)((u64)busy_us * starved >> AG_ONE_SHIFT);
	own = busy_us - part - starved;
	work = ag_core_book_part(c, w->phase, own + w->us - w->busy_us, own);
	if (part)
		work += ag_core_book_part(c, beside, part, part);
	if (starved)
		work += ag_core_book_part(c, ACCELGOV_PHASE_MEMORY, starved,
					  starved);
	work = min_t(u32, work, busy_us);
	ag_core_credit(c, work);
	return ag_guard_account(&c->guard, w->time_ns, work,
				w->busy_us - work, c->cfg.budget_permille);
}

/*
 * How much of a window can be arithmetic by its power, per mille: where it lies
 * between the lowest that the device has shown and the highest at this clock.
 */
static u32 ag_core_heat(const struct ag_core *c, const struct ag_rates *r,
			u32 khz)
{
	u32 low = c->phase.power_low, high = c->phase.power_high;
	u64 range;

	if (!ag_valid(r, ACCELGOV_SIG_POWER) || high <= low)
		return 1000;
	/* It may not have waited yet. */
	low = min_t(u32, low, high / AG_WAIT_POWER_DIV);
	range = (u64)(high - low) * c->opp.dyn[ag_opp_floor(&c->opp, khz)];
	range = max_t(u64, range >> AG_ONE_SHIFT, 1);
	if (r->power_mw <= low)
		return 0;
	return (u32)min_t(u64, 1000, div64_u64((u64)(r->power_mw - low) * 1000,
					       range));
}

/* Per mille of the window's busy time, beyond 1000 when not known. */
static u32 ag_held_part(const struct ag_held *w, const struct ag_rates *r,
			enum accelgov_signal signal, u32 value)
{
	if (!ag_valid(r, signal) || !w->busy_us)
		return U32_MAX;
	if (w->busy_us == w->us)
		return min_t(u32, 1000, value);
	return (u32)min_t(u64, 1000, div_u64((u64)w->us * value, w->busy_us));
}

/* The clock that the work of a window is taken to have had. */
static u32 ag_core_booked_khz(const struct ag_core *c, const struct ag_rates *r,
			      u32 khz)
{
	u32 before = c->held.told_khz;

	if (r->window_ns < AG_LONG_WINDOW_NS ||
	    !(r->valid & AG_CLOCK_MOMENT) || !before || khz <= before)
		return khz;
	return before + (khz - before) / AG_LATE_DIV;
}

/**
 * ag_core_hold() - keep the newest window until the next one is known
 * @c: state
 * @r: its rates
 */
void ag_core_hold(struct ag_core *c, const struct ag_rates *r)
{
	enum accelgov_phase phase = c->phase.now;
	struct ag_held *w = &c->held;
	u32 khz, link, host;

	w->before = w->us ? w->phase : phase;
	w->phase = phase;
	w->time_ns = r->time_ns;
	w->us = (u32)div_u64(r->window_ns, NSEC_PER_USEC);
	w->busy_us = w->us;
	khz = ag_core_khz(c, r);
	w->khz = ag_core_booked_khz(c, r, khz);
	w->told_khz = khz;
	ag_sens_times(&c->sens, phase, &c->opp, w->khz, &w->time);
	w->slot = c->ran;
	w->halts = c->halts;
	c->halts = 0;
	c->cut = ag_core_cut(c, r);
	if (ag_valid(r, ACCELGOV_SIG_BUSY))
		w->busy_us = (u32)div_u64((u64)w->us * r->busy, 1000);
	else if (!ag_phase_active(phase))
		w->busy_us = 0;
	/* A checkpoint occupies the device, whoever moves the bytes. */
	if (phase == ACCELGOV_PHASE_CHECKPOINT)
		w->busy_us = w->us;
	w->compute = ag_held_part(w, r, ACCELGOV_SIG_COMPUTE, r->compute);
	w->traffic = ag_held_part(w, r, ACCELGOV_SIG_MEMORY, r->memory);
	/* Power tells as much as somebody who counts. */
	if (w->compute > 1000)
		w->heat = ag_core_heat(c, r, w->khz);
	w->unexplained = 1000;
	link = ag_held_part(w, r, ACCELGOV_SIG_LINK, r->link);
	if (link <= 1000)
		w->unexplained -= link;
	host = ag_held_part(w, r, ACCELGOV_SIG_HOST, r->host);
	if (host <= 1000)
		w->unexplained -= min_t(u32, w->unexplained, host);
}
