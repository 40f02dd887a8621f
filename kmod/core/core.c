// SPDX-License-Identifier: GPL-2.0
/*
 * Core: one device from window to operating point
 *
 * Each window runs through the stages in one direction:
 *
 *	rates -> phase -> workload -> sens -> guard, mix -> plan -> target
 *
 *  1. Name the phase (phase.c) and the workload (workload.c).
 *  2. Teach the models (sens.c): phase changes close an episode, windows inside
 *     one teach time and power at the clock they ran at.
 *  3. Book work, lost time and energy (guard.c). A window is booked when the
 *     next one is known: one that straddles a change belongs to both phases, in
 *     the parts that its compute activity shows (books.c).
 *  4. Enter the window into the mix (mix.c), at the clock that was in force.
 *     A change of phase also tells foresee.c, which knows when waits end.
 *  5. When the price is due, compare the plan's slowdown for the present mix
 *     with the books, move the price, and plan every row anew (planner.c). A
 *     phase change alone only looks its entry up.
 *  6. The wanted clock is the entry of the phase, young or old, or of the phase that is
 *     about to follow a wait, unless the guard is engaged (top clock for phases that
 *     scale and whose clock loses more than half of the budget, and for waits after
 *     which an eighth of it is lost) or a probe runs (below), and never a clock that
 *     the ledger could not pay for if arithmetic began there now. What the limits leave
 *     of it is compared with the target: a difference of less than 1/AG_STEP_DIV is not
 *     worth a switch, unless the row changed (and switches are not slow, switch.c), or
 *     the guard, a probe or a policy asks.
 *
 * Trust. Counters may lie by any factor. No phase that scales goes more than
 * an eighth below the lowest clock whose rate was compared with another (planner.c): a
 * lie costs a few windows at a slightly lower clock, not a second at half of it,
 * and the books take such windows for arithmetic. Where no progress is known,
 * operations and bytes per time stand for it: a counter that is off by a factor
 * is off at both clocks, and the ratio is right all the same.
 *
 * Probes. A phase that stays at one clock shows no pair, and its model ages; and a
 * board that was held back may be free again without anybody knowing. When the last
 * comparison with the top clock is older than AG_PROBE_NS and the phase has run for
 * AG_PROBE_WINDOWS at its clock, run AG_PROBE_TOP_WINDOWS at the top clock,
 * AG_PROBE_MAX_NS at most, and two switches more where those are slow. That costs
 * energy, never time. At a clock that was never compared, and on a board that is held
 * back by more than 1/AG_HELD_DIV, AG_PROBE_HELD_NS are enough: the books are too
 * cautious there, or too kind. On slow boards (guard.c) it takes AG_PROBE_SWITCHES times
 * what a switch takes as well, for up and down again would else be a tenth of the time.
 * Phases that are entered from a higher clock compare
 * themselves on every entry and need no probe. Phases that are over before a probe could
 * begin would believe for ever in a clock that a board was held at once: when neither
 * they nor a probe have asked for the top clock for AG_PROBE_HELD_NS and
 * AG_PROBE_MAX_NS, everything asks for it until the phase has had it, or the time. What
 * the board was held at counts until then: forgotten at once, it had to be learned anew
 * each time, and the books charged a board that never had the top clock for it.
 *
 * Switching is switch.c's: when the clock has followed, how long that takes, which row
 * a window belongs to meanwhile, and that no lower clock takes the place of one that is
 * still to come. A row is old AG_YOUNG_WINDOWS after the mean time of a switch (three: at
 * four, eight jobs of the benchmarks save 202.5 per mille and not 203.1).
 *
 * Foresight. Where the end of a wait is known, the clock goes up before it by the
 * mean time of a switch and half of that, for targets differ by as much, and by
 * AG_LEAD_WINDOWS: one until the core is asked, one because a change is dated to
 * the end of its first window.
 *
 * Cap. The cap is planned with the model, which follows measured power, and where it
 * decides the guard does not. What the model misses is taken from the cap of that
 * phase: its trim grows by an eighth of that while measured power is above the cap, to
 * half of the cap at most, and shrinks by a 64th while power is 5 % below, a band wide
 * enough that neighbouring operating points do not alternate. Windows in which the last
 * phase's clock is still in force do not count: no model is to blame. Where the device
 * holds the cap itself (limiter.c) plans are made without one.
 *
 * Policies. Somebody else may name the window (step 1) and wish a clock (step
 * 6); between the two halves, ag_core_observe() and ag_core_steer(), a caller
 * can ask for both without a lock. A wish replaces the plan's entry and nothing
 * else: the books, the guard, the budget of the phase, the cap and the limits
 * are the same for everybody, and judge.c keeps count of what they had to stop.
 * So are the probes of clocks that were never compared: without them the books
 * would hold the worst of a policy that stays where it is.
 *
 * Stale signals are fallback.c's.
 *
 * Constants. What other values cost is in Documentation/governor.rst: none of them is
 * steep. A wait of five minutes is five horizons of the promise, and AG_AFTER_WAIT_MS of
 * work after it a choice: they pay for two fifths of the clock at 3 %. The trim's steps
 * are a choice: ten windows make up for three quarters of a miss, 45 without need halve
 * it.
 */
#include "books.h"
#include "core.h"
#include "planner.h"
#include "switch.h"

#define AG_YOUNG_WINDOWS	3
#define AG_LEAD_WINDOWS		2
#define AG_PROBE_NS		(10 * NSEC_PER_SEC)
#define AG_PROBE_HELD_NS	NSEC_PER_SEC
#define AG_HELD_DIV		16
#define AG_PROBE_SWITCHES	100
#define AG_PROBE_MAX_NS		(300 * NSEC_PER_MSEC)
#define AG_PROBE_WINDOWS	8
#define AG_PROBE_TOP_WINDOWS	3
#define AG_LONG_WAIT_NS		(300 * NSEC_PER_SEC)
#define AG_AFTER_WAIT_MS	5000
/* Changes are recognised within three windows (p95, Documentation/phases.rst). */
#define AG_NAMED_WINDOWS	3
#define AG_UNSEEN_NS		(300 * NSEC_PER_MSEC)

/**
 * ag_core_init() - take a device over
 * @c: state
 * @opps: operating points in ascending order
 * @nr: how many
 * @cfg: knobs
 * @now_ns: time
 *
 * Return: 0, or a negative errno of ag_opp_init() or ag_config_check().
 */
int ag_core_init(struct ag_core *c, const struct ag_opp *opps, u32 nr,
		 const struct ag_config *cfg, u64 now_ns)
{
	int ret;

	ret = ag_config_check(cfg);
	if (ret)
		return ret;
	memset(c, 0, sizeof(*c));
	ret = ag_opp_init(&c->opp, opps, nr);
	if (ret)
		return ret;
	c->cfg = *cfg;
	c->reason = AG_REASON_START;
	c->planned_khz = ag_opp_top_khz(&c->opp);
	c->max_khz = U32_MAX;
	c->rates.time_ns = now_ns;
	ag_phase_init(&c->phase, now_ns);
	ag_workload_init(&c->workload, now_ns);
	ag_sens_init(&c->sens);
	ag_mix_init(&c->mix, now_ns);
	ag_guard_init(&c->guard, now_ns);
	ag_core_switch_init(c);
	ag_idle_init(&c->idle, &cfg->idle);
	return 0;
}

/**
 * ag_core_configure() - use other knobs from the next window on
 * @c: state
 * @cfg: knobs
 *
 * Return: 0, or a negative errno of ag_config_check(); then nothing changed.
 */
int ag_core_configure(struct ag_core *c, const struct ag_config *cfg)
{
	int ret = ag_config_check(cfg);

	if (ret)
		return ret;
	if (cfg->power_cap_mw != c->cfg.power_cap_mw)
		ag_limiter_configure(&c->limiter, cfg->power_cap_mw);
	c->cfg = *cfg;
	memset(c->cap_trim_mw, 0, sizeof(c->cap_trim_mw));
	c->plan.planned_ns = 0;
	ag_sens_forget_ref(&c->sens);
	ag_idle_choose(&c->idle, &cfg->idle);
	return 0;
}

/*
 * What nobody counts. The clock is the target, AG_UNSEEN_NS after it, or after twice of
 * what somebody told: too soon, and pairs teach that lower clocks lose nothing (of jobs 1
 * to 4000 of promise.c, 0.04 s breaks 101 promises, 0.3 s 74). Progress is operations and
 * bytes per time: work of one phase has both in a fixed proportion, and counters are wrong
 * by the same factor at both clocks.
 */
static void ag_core_infer(struct ag_core *c)
{
	u64 unseen_ns = max_t(u64, AG_UNSEEN_NS, 2000ULL * c->switch_us);
	struct ag_rates *r = &c->rates;
	u64 done = 0;

	if (!ag_valid(r, ACCELGOV_SIG_CLOCK) && c->target_khz &&
	    !c->applied_ns &&
	    r->time_ns >= c->target_ns + r->window_ns + unseen_ns) {
		r->clock_khz = c->target_khz;
		r->valid |= BIT(ACCELGOV_SIG_CLOCK) | AG_CLOCK_INFERRED;
		ag_core_switch_unseen(c, AG_UNSEEN_NS / NSEC_PER_USEC);
	}

	if (ag_valid(r, ACCELGOV_SIG_PROGRESS) ||
	    !(r->valid & (BIT(ACCELGOV_SIG_COMPUTE) |
			  BIT(ACCELGOV_SIG_MEMORY))))
		return;
	if (ag_valid(r, ACCELGOV_SIG_COMPUTE))
		done += (u64)r->compute * ag_core_khz(c, r);
	if (ag_valid(r, ACCELGOV_SIG_MEMORY))
		done += (u64)r->memory * ag_opp_top_khz(&c->opp);
	r->progress = done;
	r->valid |= BIT(ACCELGOV_SIG_PROGRESS) | AG_PROGRESS_INFERRED;
}

static void ag_core_trim_cap(struct ag_core *c, const struct ag_rates *r,
			     bool changed)
{
	u64 switching_ns = r->window_ns + c->switch_us * 1000ULL;
	u32 *trim = &c->cap_trim_mw[c->phase.now];
	u32 cap = c->cfg.power_cap_mw;

	if (!cap || !ag_valid(r, ACCELGOV_SIG_POWER) ||
	    ag_limiter_holds(&c->limiter, cap))
		return;
	if (changed || r->time_ns < c->target_ns + switching_ns)
		return;
	if (r->power_mw > cap)
		*trim += (r->power_mw - cap) / 8 + 1;
	else if (r->power_mw < cap - cap / 20)
		*trim -= *trim / 64;
	*trim = min_t(u32, *trim, cap / 2);
}

/*
 * Slot of the present phase. Where the end of a wait is foreseen, the clock goes
 * up by so much earlier that recognition and switch are over by then.
 */
static u32 ag_core_slot(const struct ag_core *c, u64 now_ns)
{
	u64 young_us = c->switch_us +
		       AG_YOUNG_WINDOWS * c->cfg.sample_period_us;
	u32 lead_us = c->switch_us + c->switch_us / 2 +
		      AG_LEAD_WINDOWS * c->cfg.sample_period_us;

	if (ag_foresee_deep(&c->foresee, now_ns, lead_us))
		return AG_SLOT_FORESEEN;
	if (ag_foresee_ending(&c->foresee, now_ns, lead_us))
		return ag_slot(c->foresee.expect_after, true);
	return ag_slot(c->phase.now,
		       now_ns - c->phase.since_ns > young_us * NSEC_PER_USEC);
}

/* Per-phase limits first, the device's last: those always win. */
static u32 ag_core_limit(const struct ag_core *c, u32 khz)
{
	const struct ag_phase_limits *l = &c->cfg.phase[c->phase.now];

	if (l->max_khz)
		khz = min_t(u32, khz, l->max_khz);
	if (l->min_khz)
		khz = max_t(u32, khz, l->min_khz);
	khz = min_t(u32, khz, ag_opp_top_khz(&c->opp));
	khz = min_t(u32, khz, c->max_khz);
	return max_t(u32, khz, c->min_khz);
}

/* Has the running probe shown what it can? */
static bool ag_core_probed(const struct ag_core *c, u32 near_ref, u64 now_ns)
{
	u64 us = div_u64(now_ns - c->probe_ns, NSEC_PER_USEC);
	u64 most_us = AG_PROBE_MAX_NS / NSEC_PER_USEC;

	if (ag_core_switches_slowly(c))
		most_us += 2 * c->switch_us;
	if (us >= most_us)
		return true;
	if (us < c->switch_us + AG_PROBE_TOP_WINDOWS * c->cfg.sample_period_us)
		return false;
	return c->sens.run.khz >= near_ref &&
	       c->sens.run.windows >= AG_PROBE_TOP_WINDOWS;
}

static bool ag_core_probe(struct ag_core *c, u64 now_ns)
{
	const struct ag_sens *s = &c->sens;
	u32 near = ag_opp_top_khz(&c->opp) / AG_STEP_DIV;
	u32 top = ag_core_limit(c, ag_opp_top_khz(&c->opp));
	u64 ref_ns = s->phase[c->phase.now].ref_ns;
	u32 ref = ag_sens_ref_khz(s, c->phase.now, &c->opp);
	u64 every_ns = AG_PROBE_NS;
	bool unseen;

	if (!ag_sens_scales(c->phase.now) || ag_core_cut(c, &c->rates))
		return false;
	if (c->probing) {
		if (!ag_core_probed(c, ref - min_t(u32, ref, near), now_ns))
			return true;
		c->probed_ns = now_ns;
		return false;
	}
	unseen = s->run.khz + near < s->phase[c->phase.now].low_khz ||
		 !s->phase[c->phase.now].low_khz;
	if (ref_ns && now_ns - ref_ns < AG_PROBE_NS && ref >= top && !unseen)
		return false;
	/*
	 * Whoever holds the board back may let it go at any time, and a clock
	 * that was never compared costs books more than it should.
	 */
	if (ref < top - top / AG_HELD_DIV || unseen)
		every_ns = AG_PROBE_HELD_NS;
	if (c->guard.slow)
		every_ns = max_t(u64, every_ns,
				 AG_PROBE_SWITCHES * 1000ULL * c->switch_us);
	if (c->probe_ns && now_ns - c->probe_ns < every_ns)
		return false;
	if (s->run.windows < AG_PROBE_WINDOWS || s->run.khz + near >= top)
		return false;
	c->probe_ns = now_ns;
	return true;
}

/*
 * A board that was held back is asked again where phases are too short for a probe:
 * whoever held it may be gone. That is a probe of all phases, until the one in doubt has
 * been at the top, or had the time.
 */
static void ag_core_doubt_ref(struct ag_core *c, u64 now_ns)
{
	u32 top = ag_core_limit(c, ag_opp_top_khz(&c->opp));
	u64 old_ns = AG_PROBE_HELD_NS + AG_PROBE_MAX_NS;

	if (c->asking) {
		c->asking = c->sens.phase[c->ask_phase].held_ns < c->probe_ns &&
			    now_ns <= c->probe_ns + AG_PROBE_MAX_NS +
				      2ULL * c->slowest_us * NSEC_PER_USEC;
		if (!c->asking)
			c->probed_ns = now_ns;
		return;
	}
	if (now_ns < c->probed_ns + old_ns ||
	    !ag_sens_doubts_ref(&c->sens, c->phase.now,
				top - top / AG_HELD_DIV, now_ns - old_ns))
		return;
	c->asking = true;
	c->ask_phase = c->phase.now;
	c->probe_ns = now_ns;
}

static bool ag_core_guarded(const struct ag_core *c)
{
	return c->guard.engaged && ag_sens_scales(c->phase.now);
}

/* What the books charge where the plan wants a phase that scales; see below. */
static u64 ag_core_charged(const struct ag_core *c)
{
	struct ag_times time;

	if (ag_valid(&c->rates, ACCELGOV_SIG_CLOCK) &&
	    !(c->rates.valid & AG_CLOCK_INFERRED))
		return 0;
	ag_sens_times(&c->sens, c->phase.now, &c->opp,
		      c->plan.entry[c->slot].khz, &time);
	return time.booked - AG_ONE;
}

/*
 * Does the row of this slot lose more than half of the budget, of its own work
 * or, for a phase that waits, of all work? If none did, the books would fall:
 * those that lose less need not go to the top clock. Unless the books do not believe
 * the plan, as they don't for long where nobody tells the clock: then they stay at
 * what can be paid, and the clock went up and down with each window.
 */
static bool ag_core_costly(const struct ag_core *c)
{
	u64 limit = (u64)c->cfg.budget_permille * AG_ONE / 2000;
	u64 lost = c->plan.entry[c->slot].lost, active;

	if (ag_sens_scales(c->phase.now))
		return max_t(u64, lost, ag_core_charged(c)) > limit || !limit;
	active = max_t(u64, ag_core_active_us(c), 1);
	lost = div64_u64(lost * ag_mix_us(&c->mix, c->slot), active);
	return lost > limit / 4;
}

/* Does foresight choose the row? */
static bool ag_core_foresees(const struct ag_core *c)
{
	return c->slot == AG_SLOT_FORESEEN ||
	       (ag_foresee_waits(c->phase.now) &&
		ag_slot_phase(c->slot) != c->phase.now);
}

/*
 * The lowest clock that the ledger can pay for: should arithmetic begin now, it
 * runs there until that is recognised and the clock has followed, twice as long if
 * another one is still to come. Where windows are short, recognition counts for waits
 * only: what work loses at its clock is in the books window by window, and books that
 * doubt an unknown clock would never let it become known. Long ones are late as well: a
 * tenth of a second for a window, and prompts that come one after the other lose more
 * than a minute with little else to do may, before the first of them is in the books.
 * Who comes after a wait of five minutes is taken to stay for AG_AFTER_WAIT_MS of
 * work: else a device that is loaded and idle would never go below two thirds of its clock.
 */
static u32 ag_core_payable_khz(const struct ag_core *c)
{
	bool tardy = c->cfg.sample_period_us * NSEC_PER_USEC >= AG_LONG_WINDOW_NS;
	u32 spare_us = ag_guard_spare_us(&c->guard, c->cfg.budget_permille,
					 tardy || c->guard.slow);
	u32 top = ag_opp_top_khz(&c->opp);
	u32 late_us = c->guard.late_us;

	if (!ag_sens_scales(c->phase.now) &&
	    c->rates.time_ns >= c->phase.since_ns + AG_LONG_WAIT_NS)
		spare_us = max_t(u32, spare_us, (c->cfg.budget_permille +
				 AG_SPARE_PERMILLE) * AG_AFTER_WAIT_MS);
	if (tardy || !ag_sens_scales(c->phase.now))
		late_us += AG_NAMED_WINDOWS * c->cfg.sample_period_us;
	if (spare_us >= late_us)
		return 0;
	top -= (u32)div_u64((u64)top * spare_us, late_us);
	return c->opp.khz[ag_opp_ceil(&c->opp, top)];
}

/* What the phase wants, before limits. */
static void ag_core_want(struct ag_core *c, bool changed, u64 now_ns)
{
	const struct ag_plan_entry *e = &c->plan.entry[c->slot];
	u32 top = ag_opp_top_khz(&c->opp), payable_khz;

	c->probing = !changed && !c->asking && ag_core_probe(c, now_ns);
	c->want_khz = top;
	c->want_reason = changed ? AG_REASON_PHASE : c->reason;
	if (c->phase.now == ACCELGOV_PHASE_UNKNOWN || !e->khz)
		return;
	if (e->capped) {
		c->want_reason = AG_REASON_CAP;
		c->want_khz = e->khz;
	} else if (c->guard.engaged && ag_core_costly(c)) {
		c->want_reason = AG_REASON_GUARD;
	} else if (c->probing || c->asking) {
		c->want_reason = AG_REASON_PROBE;
	} else {
		c->want_reason = changed ? AG_REASON_PHASE : AG_REASON_PRICE;
		if (ag_core_foresees(c))
			c->want_reason = AG_REASON_FORESIGHT;
		payable_khz = ag_core_payable_khz(c);
		if (e->khz < payable_khz)
			c->want_reason = AG_REASON_GUARD;
		c->want_khz = max_t(u32, e->khz, payable_khz);
	}
}

/* What the guard, the phase's budget and the cap leave of a policy's wish. */
static u32 ag_core_grant(const struct ag_core *c, u32 khz,
			 enum ag_reason *reason)
{
	const struct ag_plan_entry *e = &c->plan.entry[c->slot];
	u32 low = c->sens.phase[c->phase.now].low_khz;
	u32 payable_khz = ag_core_payable_khz(c);

	if (c->phase.now == ACCELGOV_PHASE_UNKNOWN || !e->khz) {
		*reason = c->want_reason;
		return c->want_khz;
	}
	*reason = AG_REASON_POLICY;
	if (ag_core_guarded(c)) {
		*reason = AG_REASON_GUARD;
		khz = ag_opp_top_khz(&c->opp);
	} else if (c->probing && (!low || khz < low)) {
		/* The books are too cautious there, and the guard with them. */
		*reason = AG_REASON_PROBE;
		khz = ag_opp_top_khz(&c->opp);
	} else if (khz < payable_khz && payable_khz >= e->min_khz) {
		*reason = AG_REASON_GUARD;
		khz = payable_khz;
	} else if (khz < e->min_khz) {
		*reason = AG_REASON_LIMIT;
		khz = e->min_khz;
	}
	if (khz > e->max_khz) {
		*reason = AG_REASON_CAP;
		khz = e->max_khz;
	}
	return khz;
}

/* Is the wanted clock, within limits, worth a switch? */
static bool ag_core_worth(const struct ag_core *c, u32 want_khz,
			  enum ag_reason reason, bool changed)
{
	u32 khz = ag_core_limit(c, want_khz);
	u32 old = c->target_khz;
	u32 diff = old > khz ? old - khz : khz - old;

	if (!old)
		return true;
	if (khz < old && ag_core_in_flight(c) && reason != AG_REASON_POLICY &&
	    reason != AG_REASON_CAP)
		return false;
	if ((changed && !ag_core_switches_slowly(c)) || reason == AG_REASON_GUARD ||
	    reason == AG_REASON_PROBE || reason == AG_REASON_POLICY)
		return diff;
	return diff > old / AG_STEP_DIV;
}

static u32 ag_core_idle(struct ag_core *c, const struct ag_rates *r)
{
	bool idle = c->phase.now == ACCELGOV_PHASE_LOADED_IDLE ||
		    c->phase.now == ACCELGOV_PHASE_IDLE;

	return ag_idle_window(&c->idle, r, idle, &c->cfg.idle) ? AG_EV_IDLE : 0;
}

/*
 * Was the highest clock that limits allow asked for during the whole window,
 * and had time to come? A clock that arrives late must not be taken for one that
 * the board can't hold: the slowest switch of late has to be over twice. Nor must one
 * that the power cap takes back: an operator's cap is not what the board holds.
 */
static bool ag_core_at_top(const struct ag_core *c, const struct ag_rates *r)
{
	u64 switch_ns = 2ULL * c->slowest_us * NSEC_PER_USEC;

	return c->target_khz >= ag_core_limit(c, ag_opp_top_khz(&c->opp)) &&
	       !c->applied_ns && r->time_ns >= c->followed_ns + r->window_ns &&
	       r->time_ns >= c->target_ns + r->window_ns + switch_ns &&
	       !ag_limiter_near(&c->limiter, r);
}

/* Does the board hold the clock back although it had time to come? */
static bool ag_core_held_back(const struct ag_core *c, const struct ag_rates *r)
{
	return ag_valid(r, ACCELGOV_SIG_CLOCK) && !c->applied_ns &&
	       r->time_ns >= c->followed_ns + r->window_ns &&
	       r->clock_khz < c->target_khz - c->target_khz / AG_HELD_DIV;
}

/* Phase and workload, and what hangs on their change. */
static u32 ag_core_name(struct ag_core *c, const struct ag_rates *r, s32 named)
{
	bool training = c->workload.now == ACCELGOV_WORKLOAD_TRAINING;
	bool phase, workload;
	u32 ev = 0;

	c->phase.held = ag_core_held_back(c, r);
	if (named != AG_BUILTIN)
		phase = ag_phase_impose(&c->phase, named, r);
	else
		phase = ag_phase_update(&c->phase, r, ag_core_khz(c, r),
					ag_opp_top_khz(&c->opp), training);
	c->workload.saves = ag_pause_is_regular(&c->phase.pause);
	workload = ag_workload_update(&c->workload, c->phase.now, phase, r);
	if (phase) {
		ag_sens_phase_change(&c->sens);
		ag_foresee_change(&c->foresee, c->phase.now, c->phase.since_ns,
				  c->cfg.sample_period_us);
	} else {
		ag_sens_update(&c->sens, c->phase.now, r, ag_core_at_top(c, r),
			       &c->opp);
	}
	if (phase || workload)
		ev |= AG_EV_PHASE;
	return ev;
}

/**
 * ag_core_classify() - what the built-in classifier takes one window for
 * @c: state
 * @r: rates
 * @ret_confidence: how sure it is, per mille
 *
 * The phase that ag_core_observe() takes without a policy can be another one:
 * it waits for a second window like it.
 *
 * Return: see ag_phase_classify().
 */
enum accelgov_phase ag_core_classify(const struct ag_core *c,
				     const struct ag_rates *r,
				     u32 *ret_confidence)
{
	bool training = c->workload.now == ACCELGOV_WORKLOAD_TRAINING;

	return ag_phase_classify(r, ag_opp_top_khz(&c->opp), training,
				 ret_confidence);
}

/**
 * ag_core_observe() - take one window into account, first half
 * @c: state
 * @r: rates of a checked sample
 * @phase: what a policy calls the window, or %AG_BUILTIN
 *
 * Names the window, teaches the models, keeps the books, and leaves what the
 * built-in policy wants in @c->want_khz. ag_core_steer() has to follow when
 * %AG_EV_WINDOW is set; whatever else happens to @c between the two is fine.
 *
 * Windows that end before the last one are ignored, and one that begins before
 * its end is cut: a second collector, or one that repeats itself, must not
 * count time twice.
 *
 * Return: AG_EV_* bits.
 */
u32 ag_core_observe(struct ag_core *c, const struct ag_rates *r, s32 phase)
{
	bool changed;
	u64 window_ns;
	u32 ev, slot;

	if (c->samples && r->time_ns <= c->rates.time_ns)
		return 0;
	window_ns = r->window_ns;
	if (c->samples)
		window_ns = min_t(u64, window_ns, r->time_ns - c->rates.time_ns);
	c->rates = *r;
	c->rates.window_ns = window_ns;
	r = &c->rates;
	c->samples++;
	ag_core_infer(c);
	ag_core_measure_switch(c, r);
	ev = AG_EV_WINDOW | ag_core_name(c, r, phase);
	changed = ev & AG_EV_PHASE;
	ev |= ag_core_idle(c, r);
	ag_core_trim_cap(c, r, changed);
	c->ran = ag_core_in_force(c, r);
	if (ag_core_book(c))
		ev |= AG_EV_GUARD;
	ag_core_hold(c, r);
	ag_core_book_energy(c, r);
	ag_core_doubt_ref(c, r->time_ns);
	ag_core_replan(c, r->time_ns);
	slot = ag_core_slot(c, r->time_ns);
	c->aged = c->slot != slot;
	c->slot = slot;
	ev |= ag_core_limit_power(c);
	ag_core_want(c, changed, r->time_ns);
	return ev;
}

/**
 * ag_core_steer() - take one window into account, second half
 * @c: state
 * @ev: what ag_core_observe() said
 * @khz: an operating point that a policy wishes, or %AG_BUILTIN
 *
 * A wish is granted within the guard, the phase's own budget and the power cap;
 * ag_core_decide() adds the limits.
 *
 * Return: AG_EV_* bits, what the caller has to do now.
 */
u32 ag_core_steer(struct ag_core *c, u32 ev, s32 khz)
{
	enum ag_reason reason = c->want_reason;
	bool changed = ev & AG_EV_PHASE;
	u32 want_khz = c->want_khz;

	ev &= ~AG_EV_WINDOW;
	if (khz != AG_BUILTIN)
		want_khz = ag_core_grant(c, (u32)khz, &reason);
	if (ag_core_switches_slowly(c) &&
	    ag_core_near(ag_core_limit(c, want_khz), c->target_khz))
		c->target_slot = c->slot;
	if (!ag_core_worth(c, want_khz, reason, changed || c->aged))
		return ev;
	/* The first reason for a clock is the one, however late it is set. */
	if (want_khz != c->planned_khz || changed)
		c->reason = reason;
	c->planned_khz = want_khz;
	return ev | AG_EV_RETARGET;
}

/**
 * ag_core_unsteer() - a policy has left: what the built-in one wants counts
 * @c: state
 */
void ag_core_unsteer(struct ag_core *c)
{
	if (c->phase.now == ACCELGOV_PHASE_UNKNOWN || !c->want_khz)
		return;
	c->planned_khz = c->want_khz;
	c->reason = c->want_reason;
}

/**
 * ag_core_sample() - take one window into account with the built-in policy
 * @c: state
 * @r: rates of a checked sample
 *
 * Return: AG_EV_* bits, what the caller has to do now.
 */
u32 ag_core_sample(struct ag_core *c, const struct ag_rates *r)
{
	u32 ev = ag_core_observe(c, r, AG_BUILTIN);

	return ev & AG_EV_WINDOW ? ag_core_steer(c, ev, AG_BUILTIN) : 0;
}

/**
 * ag_core_decide() - the operating point to set now
 * @c: state
 * @min_khz: lowest clock allowed by limits outside the policy
 * @max_khz: highest clock allowed by limits outside the policy
 * @ret: the decision
 */
void ag_core_decide(struct ag_core *c, u32 min_khz, u32 max_khz,
		    struct ag_decision *ret)
{
	const struct ag_plan_entry *e = &c->plan.entry[c->slot];
	struct accelgov_prediction p;
	u32 khz;

	/* What was the most under a lower limit need not be any more. */
	if (max_khz > c->max_khz)
		ag_sens_forget_ref(&c->sens);
	c->min_khz = min_khz;
	c->max_khz = max_khz;
	khz = ag_core_limit(c, c->planned_khz);
	ret->khz = khz;
	ret->phase = c->phase.now;
	ret->cap_mw = c->limiter.asked_mw;
	ret->reason = c->reason;
	if (khz != c->planned_khz)
		ret->reason = AG_REASON_LIMIT;
	else if (khz == c->target_khz)
		ret->reason = AG_REASON_HOLD;
	if (khz == e->khz) {
		ret->slowdown_permille = e->slowdown_permille;
		ret->energy_permille = e->energy_permille;
		return;
	}
	ret->slowdown_permille = 0;
	ret->energy_permille = 1000;
	if (!ag_core_predict(c, c->phase.now, khz, &p))
		return;
	ret->slowdown_permille = p.slowdown_permille;
	ret->energy_permille = p.energy_permille;
}

/**
 * ag_core_woke() - the device resumed: signals are to be waited for again
 * @c: state
 * @now_ns: time
 *
 * Return: true when the autosuspend delay should change.
 */
bool ag_core_woke(struct ag_core *c, u64 now_ns)
{
	bool changed = ag_idle_woke(&c->idle, c->rates.time_ns, now_ns,
				    &c->cfg.idle);

	c->rates.time_ns = max_t(u64, c->rates.time_ns, now_ns);
	c->applied_ns = 0;
	c->probing = false;
	return changed;
}
