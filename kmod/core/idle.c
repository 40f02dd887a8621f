// SPDX-License-Identifier: GPL-2.0
/*
 * Idle: when to suspend a device that has nothing to do, and how deep
 *
 * Observation. Suspending pays when the idle period outlasts the break-even
 * time of the suspended state, and nobody knows its length when it begins. What
 * is known is how long the earlier ones were: gaps between requests of one user
 * are seconds, between training jobs minutes, and they repeat (cpuidle's TEO
 * governor rests on the same observation). In jobs on 756 GPUs half of them were
 * longer than 9 s, a tenth longer than 44 s and a hundredth longer than 836 s
 * (arXiv 2605.23918): the few long ones hold most of the time.
 *
 * States. A device may have several: a light one that it leaves at once, a deep one
 * that takes its time. Entering state s and leaving it costs the energy W(s), by
 * default what the device draws awake while it wakes up and work waits; in between it
 * draws P(s). So a period is a ladder, and each step of it has a break-even time of its
 * own: e = (W(s) - W(before)) / (P(before) - P(s)). Only the steps on the lower hull
 * count: from where it is the ladder goes on to the state with the shortest e, so that
 * break-even times ascend and no state is visited on the way to a better one. States
 * that take longer to leave than users accept are left out before, and no break-even
 * time is taken for shorter than the operator says: who waits 45 ms after each gap
 * of 0.2 s saves energy and has another device than before.
 *
 * By itself. A device that stays awake may come down by itself: its clock, or a light
 * state of its own. Until then, @early_us, it draws @early_mw more, and waking it from
 * where it would sleep costs @early_uj more than afterwards: where a clock has not come
 * down the device wakes up at it, and who has sunk must wake from there as well. A
 * period that ends early is worth more or less than its length says; e is when what was
 * drawn is what sleeping would have cost.
 *
 * Model. In units of the power that a step saves, a period of length x costs x when
 * the step is not taken, and with delay d: x when x <= d, else d + e. The energy of a
 * ladder is the sum over its steps. Runtime PM lets its timer be late by a quarter of
 * the delay (rpm_suspend() in Linux 6.12), and an idle machine uses that: a delay of d
 * acts as one of 5/4 d.
 *
 * Lengths. The core sees windows. A period begins where the last one with work has work no
 * more and ends where the next has some again: what is not busy of the first lies at its
 * end, and of the second at its begin. Only what the phase calls idle counts, for a job
 * that waits for its input is not let sleep. A period that is shorter than a window shows
 * in none; but when the device slept in it, it resumes, and that says when the period was
 * over. If it began in the window that is not over yet, half of that has passed. Without
 * that nobody would learn that a device is put to sleep in gaps too short for it. What
 * is quiet after a resume is the device waking up. A resume right after a window that
 * ended a period is because of that window.
 *
 * Algorithm. Where lengths don't depend on each other, nobody who knows their
 * distribution but not the next one does better than the best fixed delay. So
 * follow it, for what comes after a short period and after a long one:
 *  1. AG_IDLE_DELAYS delays are compared: none, one or two per octave up to
 *     9 min, never. Each has two sums, which lose a share of 2^-AG_IDLE_DECAY_SHIFT at
 *     the end of a period and gain what it would have been with that delay: whether the
 *     device slept, and how much of the time to the next delay it would have been awake.
 *     The length itself enters, not a bin of it. A delay's cost for a step is the time
 *     awake up to it, plus e times the first sum: one history
 *     serves all steps, and another break-even time needs no new one.
 *  2. There is one such history of what followed short periods and one of what followed
 *     long ones: lengths that take turns, or come in bursts, are told apart by that.
 *     A period is long when it is above the mean, or where that can't matter, above the
 *     first or the last e. Both histories forget with each period. The one that fits
 *     counts four times as much as the other, so that what has no order loses little.
 *  3. The delay with the least cost is next. Of several that are equal it is the
 *     longest up to e, as in 4: away from the lengths that it must outlast.
 *     Long periods weigh by their length: one of them outvotes many short ones,
 *     which is right, since it holds as much time. A larger e never makes the best
 *     delay shorter, since the first sum falls with the delay; so the steps' delays
 *     ascend by themselves, and steps with the same delay are one, the deepest.
 *  4. Before AG_IDLE_WARM periods the delay is e, which never costs more than
 *     twice the optimum (the ski-rental bound of Karlin, Manasse, Rudolph and
 *     Sleator, Algorithmica 3, 1988).
 *  5. The published prediction is the mean length, with the weight of a new one
 *     2^-AG_IDLE_MEAN_SHIFT.
 *
 * A ceiling on added latency holds for each single resume, not for 99 of 100: states
 * that take longer to leave are not asked for at all.
 *
 * Constants. A decay of 1/64 remembers some 64 periods in both histories: with 8, as TEO
 * has for CPUs, chance decides between delays when lengths spread over three decades.
 * The mean over near_the_break_even_time of test_core_idle.c is 86.1 % of a clairvoyant's
 * saving. It is 85.9 with a decay of 1/32; 83.3 where the other history counts as much,
 * 85.4 where it counts half and 86.2 where it counts an eighth, but then a new kind of
 * lengths is learned later.
 * Lengths above AG_IDLE_LONGEST_MS are cut, which changes no choice.
 */
#include "idle.h"

#define AG_IDLE_DECAY_SHIFT	6
#define AG_IDLE_MEAN_SHIFT	3
#define AG_IDLE_WARM		4

/* Windows with a twentieth of work are none of an idle period. */
#define AG_IDLE_WORK_DIV	20

/* A period; 2^AG_IDLE_DECAY_SHIFT of them are below 2^16. */
#define AG_IDLE_ONE		1000

/* What followed a period of the other kind counts a quarter. */
#define AG_IDLE_SAME_SHIFT	2

/* Four times the longest delay. */
#define AG_IDLE_LONGEST_MS	2097152U

/* Sixteenths of a millisecond. */
#define AG_IDLE_TICKS_MS	16U

/* Ratios of powers, up to a thousand. */
#define AG_IDLE_RATIO_SHIFT	8
#define AG_IDLE_EARLY_MOST	(1000U << AG_IDLE_RATIO_SHIFT)

static const u32 ag_idle_delays_ms[AG_IDLE_DELAYS] = {
	0, 1, 2, 4,
	8, 11, 16, 22, 32, 45, 64, 90, 128, 181, 256, 362, 512, 724,
	1024, 1448, 2048, 2896, 4096, 5792, 8192,
	16384, 32768, 65536, 131072, 262144, 524288, AG_IDLE_NEVER,
};

static u32 ag_idle_ticks(u64 us)
{
	u64 most = (u64)AG_IDLE_LONGEST_MS * USEC_PER_MSEC;

	return (u32)div_u64(min_t(u64, us, most) * AG_IDLE_TICKS_MS,
			    USEC_PER_MSEC);
}

/* When delay @d is over, in ticks; that of the last ends with the longest period. */
static u32 ag_idle_over(u32 d)
{
	u32 delay_ms = ag_idle_delays_ms[d];

	return delay_ms == AG_IDLE_NEVER ?
		       AG_IDLE_LONGEST_MS * AG_IDLE_TICKS_MS :
		       delay_ms * AG_IDLE_TICKS_MS / 4 * 5;
}

/**
 * ag_idle_init() - nothing seen yet
 * @i: state
 * @cfg: knobs
 */
void ag_idle_init(struct ag_idle *i, const struct ag_idle_config *cfg)
{
	memset(i, 0, sizeof(*i));
	i->delay_ms = AG_IDLE_NEVER;
	ag_idle_choose(i, cfg);
}

/**
 * ag_idle_enter() - an idle period begins
 * @i: state
 * @now_ns: time
 */
void ag_idle_enter(struct ag_idle *i, u64 now_ns)
{
	if (!i->start_ns)
		i->start_ns = now_ns;
}

/* Rounded up, so that what no period adds to comes to nothing. */
static void ag_idle_fade(u16 *sum)
{
	*sum -= (*sum + BIT(AG_IDLE_DECAY_SHIFT) - 1) >> AG_IDLE_DECAY_SHIFT;
}

/* Sums fall with the delay: behind the first that is 0 there is nothing to lose. */
static void ag_idle_forget(struct ag_idle_history *h)
{
	u32 d;

	for (d = 0; d < AG_IDLE_DELAYS - 1 && h->slept[d]; d++) {
		ag_idle_fade(&h->slept[d]);
		ag_idle_fade(&h->part[d]);
	}
}

static void ag_idle_remember(struct ag_idle_history *h, u32 ticks)
{
	u32 over, next = ag_idle_over(0), d;

	for (d = 0; d < AG_IDLE_DELAYS - 1 && ticks > next; d++) {
		over = next;
		next = ag_idle_over(d + 1);
		h->slept[d] += AG_IDLE_ONE;
		h->part[d] += ticks >= next ? AG_IDLE_ONE :
			      (u32)div_u64((u64)(ticks - over) * AG_IDLE_ONE,
					   next - over);
	}
}

static void ag_idle_learn(struct ag_idle *i, u64 us)
{
	u32 mean_us = (u32)min_t(u64, us, U32_MAX);

	ag_idle_forget(&i->after[0]);
	ag_idle_forget(&i->after[1]);
	ag_idle_remember(&i->after[i->was_long], ag_idle_ticks(us));
	if (i->periods)
		mean_us = i->predicted_us -
			  (i->predicted_us >> AG_IDLE_MEAN_SHIFT) +
			  (mean_us >> AG_IDLE_MEAN_SHIFT);
	i->predicted_us = mean_us;
	if (i->periods < AG_IDLE_WARM)
		i->periods++;
}

/* Both kinds of history in one, that of the present kind with more weight. */
static u32 ag_idle_sum(const u16 *same, const u16 *other, u32 d)
{
	return ((u32)same[d] << AG_IDLE_SAME_SHIFT) + other[d];
}

/* What staying awake costs from one time to another. */
static u64 ag_idle_drawn(u32 from, u32 to, u32 early, u32 more)
{
	u64 sum = (u64)(to - from) << AG_IDLE_RATIO_SHIFT;

	if (early > from)
		sum += (u64)(min_t(u32, early, to) - from) * more;
	return sum;
}

/*
 * A step of the ladder, in units of the power that it saves.
 * @even_us: how long its state must last to be better than the one before
 * @cost_us: what entering and leaving it costs
 * @early_us: until then the device draws more, and leaving costs more
 * @dearer_us: how much more leaving costs
 * @early: how much more it draws, in 2^-AG_IDLE_RATIO_SHIFT
 */
struct ag_idle_rise {
	u32 state;
	u32 even_us;
	u32 cost_us;
	u32 early_us;
	u32 dearer_us;
	u32 early;
};

/* What leaving early costs more, for each delay that is over before. */
static u64 ag_idle_dearer(const u32 *slept, u32 d, const struct ag_idle_rise *to)
{
	u32 early = ag_idle_ticks(to->early_us), after = d;

	while (ag_idle_over(after) < early)
		after++;
	return (u64)ag_idle_ticks(to->dearer_us) * (slept[d] - slept[after]);
}

/* The delay that costs least for a step. */
static u32 ag_idle_best_ms(const struct ag_idle *i, const struct ag_idle_rise *to)
{
	const struct ag_idle_history *same = &i->after[i->was_long];
	const struct ag_idle_history *other = &i->after[!i->was_long];
	u64 least = U64_MAX, awake = 0, cost, even = ag_idle_ticks(to->cost_us);
	u32 early = ag_idle_ticks(to->early_us), best_ms = 0, d;
	u32 slept[AG_IDLE_DELAYS] = { 0 };

	for (d = 0; d < AG_IDLE_DELAYS - 1; d++)
		slept[d] = ag_idle_sum(same->slept, other->slept, d);
	for (d = 0; d < AG_IDLE_DELAYS; d++) {
		u32 delay_ms = ag_idle_delays_ms[d], over = ag_idle_over(d);

		cost = even * slept[d];
		if (over < early)
			cost += ag_idle_dearer(slept, d, to);
		cost = awake + (cost << AG_IDLE_RATIO_SHIFT);
		if (slept[d])
			awake += ag_idle_drawn(over, ag_idle_over(d + 1), early, to->early) *
				 ag_idle_sum(same->part, other->part, d);
		if (cost < least ||
		    (cost == least && delay_ms <= to->even_us / USEC_PER_MSEC)) {
			least = cost;
			best_ms = delay_ms;
		}
	}
	return best_ms;
}

static bool ag_idle_too_slow(const struct ag_idle_config *cfg, u32 wake_us)
{
	return cfg->max_latency_us && wake_us > cfg->max_latency_us;
}

/* Where a ladder stands: what the device draws, and what leaving costs. */
struct ag_idle_rung {
	u32 power_mw;
	u32 switch_uj;
	u32 early_mw;
	u32 early_uj;
	u32 early_us;
};

/* In time of saving @less_mw. */
static u32 ag_idle_worth_us(u32 uj, u32 less_mw)
{
	return (u32)min_t(u64, div_u64((u64)uj * USEC_PER_MSEC, less_mw), U32_MAX);
}

/* When it has paid: before the device has come down by itself, or after. */
static u32 ag_idle_pays_us(const struct ag_idle_rise *r)
{
	u64 early_us = ((u64)r->early_us * r->early) >> AG_IDLE_RATIO_SHIFT;
	u64 cost_us = (u64)r->cost_us + r->dearer_us;

	if (cost_us < r->early_us + early_us)
		return (u32)div64_u64(r->early_us * cost_us, r->early_us + early_us);
	if (r->cost_us < r->early_us + early_us)
		return r->early_us;
	return r->cost_us - (u32)early_us;
}

/* How long @to must last to be better than @from. Return: false where it never is. */
static bool ag_idle_rise(const struct ag_idle_rung *from, const struct ag_idle_state *to,
			 struct ag_idle_rise *ret)
{
	u32 less_mw = from->power_mw - to->power_mw;

	if (to->power_mw >= from->power_mw)
		return false;
	*ret = (struct ag_idle_rise){
		.early_us = from->early_us,
		.dearer_us = ag_idle_worth_us(from->early_uj, less_mw),
		.early = (u32)min_t(u64, AG_IDLE_EARLY_MOST,
				    div_u64((u64)from->early_mw << AG_IDLE_RATIO_SHIFT,
					    less_mw)),
	};
	if (to->switch_uj > from->switch_uj)
		ret->cost_us = ag_idle_worth_us(to->switch_uj - from->switch_uj,
						less_mw);
	ret->even_us = ag_idle_pays_us(ret);
	return ret->even_us != U32_MAX;
}

/* The next step of the lower hull. Return: false when there is none. */
static bool ag_idle_next(const struct ag_idle_config *cfg,
			 const struct ag_idle_rung *from, struct ag_idle_rise *ret)
{
	struct ag_idle_rise to = { 0 };
	u32 s;

	ret->state = 0;
	for (s = 0; s < min_t(u32, cfg->nr_states, AG_IDLE_STATES); s++) {
		if (ag_idle_too_slow(cfg, cfg->state[s].wake_us) ||
		    !ag_idle_rise(from, &cfg->state[s], &to))
			continue;
		/* Of two that pay at the same time the deeper one saves more. */
		if (ret->state && (to.even_us > ret->even_us ||
				   (to.even_us == ret->even_us &&
				    cfg->state[s].power_mw >=
					    cfg->state[ret->state - 1].power_mw)))
			continue;
		to.state = s + 1;
		*ret = to;
	}
	return ret->state;
}

/* States on the lower hull. */
struct ag_idle_ladder {
	u32 nr;
	struct ag_idle_rise rise[AG_IDLE_STATES];
};

/* The operator's time counts for what it says, whatever the device draws when. */
static void ag_idle_floor(struct ag_idle_rise *r, u32 break_even_us)
{
	if (r->even_us >= break_even_us)
		return;
	r->even_us = break_even_us;
	r->cost_us = break_even_us;
	r->early_us = 0;
}

static void ag_idle_climb(const struct ag_idle_config *cfg, struct ag_idle_ladder *ret)
{
	struct ag_idle_rung at = {
		.power_mw = cfg->awake_mw,
		.early_mw = cfg->early_mw,
		.early_uj = cfg->early_uj,
		.early_us = cfg->early_us,
	};
	struct ag_idle_rise *r = ret->rise;

	ret->nr = 0;
	if (!cfg->enable)
		return;
	if (!cfg->nr_states) {
		ret->nr = ag_idle_allowed(cfg);
		*r = (struct ag_idle_rise){ .state = 1 };
		ag_idle_floor(r, cfg->break_even_us);
		return;
	}
	for (; ret->nr < AG_IDLE_STATES && ag_idle_next(cfg, &at, r); ret->nr++, r++) {
		const struct ag_idle_state *s = &cfg->state[r->state - 1];

		ag_idle_floor(r, cfg->break_even_us);
		at = (struct ag_idle_rung){
			.power_mw = s->power_mw, .switch_uj = s->switch_uj,
		};
	}
}

static void ag_idle_add(struct ag_idle *i, const struct ag_idle_rise *to)
{
	struct ag_idle_step *last = i->nr_steps ? &i->step[i->nr_steps - 1] : NULL;
	struct ag_idle_step step = { .state = to->state };

	step.delay_ms = i->periods < AG_IDLE_WARM ?
				max_t(u32, 1, to->even_us / USEC_PER_MSEC) :
				ag_idle_best_ms(i, to);
	if (step.delay_ms == AG_IDLE_NEVER)
		return;
	if (last && step.delay_ms <= last->delay_ms) {
		last->state = to->state;
		return;
	}
	i->step[i->nr_steps++] = step;
}

/* Return: true when a step changed. */
static bool ag_idle_plan(struct ag_idle *i, const struct ag_idle_ladder *l)
{
	struct ag_idle_step old[AG_IDLE_STATES];
	u32 s;

	memcpy(old, i->step, sizeof(old));
	memset(i->step, 0, sizeof(i->step));
	i->nr_steps = 0;
	for (s = 0; s < l->nr; s++)
		ag_idle_add(i, &l->rise[s]);
	i->delay_ms = i->nr_steps ? i->step[0].delay_ms : AG_IDLE_NEVER;
	return memcmp(old, i->step, sizeof(old));
}

/**
 * ag_idle_choose() - choose the autosuspend delay, and when deeper states follow
 * @i: state
 * @cfg: knobs
 *
 * Return: true when a step of @i changed.
 */
bool ag_idle_choose(struct ag_idle *i, const struct ag_idle_config *cfg)
{
	struct ag_idle_ladder l;

	ag_idle_climb(cfg, &l);
	return ag_idle_plan(i, &l);
}

/* Which lengths are long: those above the mean, within what decides anything. */
static u64 ag_idle_long_us(const struct ag_idle *i, const struct ag_idle_ladder *l)
{
	if (!l->nr)
		return i->predicted_us;
	return clamp_t(u64, i->predicted_us, l->rise[0].even_us,
		       l->rise[l->nr - 1].even_us);
}

/**
 * ag_idle_leave() - the idle period is over
 * @i: state
 * @now_ns: time
 * @cfg: knobs
 *
 * Return: true when the autosuspend delay should change.
 */
bool ag_idle_leave(struct ag_idle *i, u64 now_ns,
		   const struct ag_idle_config *cfg)
{
	struct ag_idle_ladder l;
	u64 us;

	if (!i->start_ns)
		return false;
	us = div_u64(now_ns - min_t(u64, now_ns, i->start_ns), NSEC_PER_USEC);
	i->start_ns = 0;
	ag_idle_learn(i, us);
	ag_idle_climb(cfg, &l);
	i->was_long = us > ag_idle_long_us(i, &l);
	return ag_idle_plan(i, &l);
}

/* How much of a window nothing ran. */
static u32 ag_idle_quiet_us(const struct ag_rates *r, u32 window_us, bool idle)
{
	u32 busy = idle ? 0 : 1000;

	if (ag_valid(r, ACCELGOV_SIG_BUSY))
		busy = min_t(u32, 1000, r->busy);
	return (u32)div_u64((u64)window_us * (1000 - busy), 1000);
}

static u64 ag_idle_before(u64 ns, u32 us)
{
	return ns - min_t(u64, ns, us * (u64)NSEC_PER_USEC);
}

/**
 * ag_idle_window() - a window of signals, of which idle periods are measured
 * @i: state
 * @r: rates of the window
 * @idle: does the phase say that there is nothing to do?
 * @cfg: knobs
 *
 * Return: true when a step of @i changed.
 */
bool ag_idle_window(struct ag_idle *i, const struct ag_rates *r, bool idle,
		    const struct ag_idle_config *cfg)
{
	bool running = i->start_ns;
	u32 window_us, quiet_us;

	/* Most windows of work have nothing else, and need no division. */
	if (!running && ag_valid(r, ACCELGOV_SIG_BUSY) && r->busy >= 1000) {
		i->stage = AG_IDLE_WORKS;
		i->rest_us = 0;
		return false;
	}
	window_us = (u32)div_u64(r->window_ns, NSEC_PER_USEC);
	quiet_us = ag_idle_quiet_us(r, window_us, idle);
	if (window_us - quiet_us >= window_us / AG_IDLE_WORK_DIV) {
		i->stage = running ? AG_IDLE_ENDED : AG_IDLE_WORKS;
		i->rest_us = running ? 0 : quiet_us;
		return running &&
		       ag_idle_leave(i, ag_idle_before(r->time_ns, window_us - quiet_us),
				     cfg);
	}
	i->rest_us += min_t(u32, window_us, U32_MAX - i->rest_us);
	if (i->stage == AG_IDLE_WAKING)
		return false;
	i->stage = AG_IDLE_WORKS;
	if (!idle) {
		if (running)
			i->rest_us = 0;
		return ag_idle_leave(i, r->time_ns, cfg);
	}
	ag_idle_enter(i, ag_idle_before(r->time_ns, i->rest_us));
	return false;
}

/**
 * ag_idle_woke() - the device has slept and resumes
 * @i: state
 * @seen_ns: when the last window ended, 0 for none
 * @now_ns: time
 * @cfg: knobs
 *
 * Return: true when a step of @i changed.
 */
bool ag_idle_woke(struct ag_idle *i, u64 seen_ns, u64 now_ns,
		  const struct ag_idle_config *cfg)
{
	u64 since_ns = now_ns - min_t(u64, now_ns, seen_ns);

	/* What began in a window that is not over yet began half way, for all one knows. */
	if (seen_ns && i->stage == AG_IDLE_WORKS)
		ag_idle_enter(i, i->rest_us ? ag_idle_before(seen_ns, i->rest_us) :
					      now_ns - since_ns / 2);
	i->stage = AG_IDLE_WAKING;
	i->rest_us = 0;
	return ag_idle_leave(i, now_ns, cfg);
}

/**
 * ag_idle_allowed() - is there a state that users wait for to end?
 * @cfg: knobs
 *
 * Return: true when one is left soon enough.
 */
bool ag_idle_allowed(const struct ag_idle_config *cfg)
{
	u32 s;

	if (!cfg->nr_states)
		return !ag_idle_too_slow(cfg, cfg->wake_latency_us);
	for (s = 0; s < min_t(u32, cfg->nr_states, AG_IDLE_STATES); s++)
		if (!ag_idle_too_slow(cfg, cfg->state[s].wake_us))
			return true;
	return false;
}
