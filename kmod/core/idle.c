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
 * Model. In units of the power that a step saves, a period of length x costs x when
 * the step is not taken, and with delay d: x when x <= d, else d + e. The energy of a
 * ladder is the sum over its steps. Runtime PM lets its timer be late by a quarter of
 * the delay (rpm_suspend() in Linux 6.12), and an idle machine uses that: a delay of d
 * acts as one of 5/4 d.
 *
 * Algorithm. Where lengths don't depend on each other, nobody who knows their
 * distribution but not the next one does better than the best fixed delay. So
 * follow it:
 *  1. AG_IDLE_DELAYS delays are compared: none, two per octave from 1 ms to
 *     17 min, never. Each has two sums, which lose a share of 2^-AG_IDLE_DECAY_SHIFT at
 *     the end of a period and gain what it would have been with that delay: the time
 *     awake, and whether the device slept. The length itself enters, not a bin of it.
 *     A delay's cost for a step is the first sum plus e times the second: one history
 *     serves all steps, and another break-even time needs no new one.
 *  2. The delay with the least cost is next. Of several that are equal it is the
 *     longest up to e, as in 3: away from the lengths that it must outlast.
 *     Long periods weigh by their length: one of them outvotes many short ones,
 *     which is right, since it holds as much time. A larger e never makes the best
 *     delay shorter, since the second sum falls with the delay; so the steps' delays
 *     ascend by themselves, and steps with the same delay are one, the deepest.
 *  3. Before AG_IDLE_WARM periods the delay is e, which never costs more than
 *     twice the optimum (the ski-rental bound of Karlin, Manasse, Rudolph and
 *     Sleator, Algorithmica 3, 1988).
 *  4. The published prediction is the mean length, with the weight of a new one
 *     2^-AG_IDLE_MEAN_SHIFT.
 *
 * Constants. A decay of 1/32 remembers some 32 periods: with 8, as TEO has for
 * CPUs, chance decides between delays when lengths spread over three decades.
 * Lengths above AG_IDLE_LONGEST_MS are cut, which changes no choice and
 * keeps sums within 32 bits.
 */
#include "idle.h"

#define AG_IDLE_DECAY_SHIFT	5
#define AG_IDLE_MEAN_SHIFT	3
#define AG_IDLE_WARM		4

/* A period; 2^AG_IDLE_DECAY_SHIFT of them are below 2^16. */
#define AG_IDLE_ONE_SHIFT	10

/* Twice the longest delay; times 2^AG_IDLE_DECAY_SHIFT and 16, below 2^32. */
#define AG_IDLE_LONGEST_MS	2097152U

/* Sixteenths of a millisecond. */
#define AG_IDLE_TICKS_MS	16U

/* Delay @d in milliseconds: 0, 1, 1.4, 2, 2.8, ... rounded down, never. */
static u32 ag_idle_delay_ms(u32 d)
{
	u32 octave;

	if (!d)
		return 0;
	if (d == AG_IDLE_DELAYS - 1)
		return AG_IDLE_NEVER;
	octave = (u32)BIT((d - 1) / 2);
	return d % 2 ? octave : octave * 181 / 128;
}

static u32 ag_idle_ticks(u64 us)
{
	u64 most = (u64)AG_IDLE_LONGEST_MS * USEC_PER_MSEC;

	return (u32)div_u64(min_t(u64, us, most) * AG_IDLE_TICKS_MS,
			    USEC_PER_MSEC);
}

/* When delay @d is over, in ticks. */
static u32 ag_idle_after(u32 d)
{
	u32 delay_ms = ag_idle_delay_ms(d);

	return delay_ms == AG_IDLE_NEVER ? U32_MAX :
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

static void ag_idle_learn(struct ag_idle *i, u64 us)
{
	u32 mean_us = (u32)min_t(u64, us, U32_MAX), ticks = ag_idle_ticks(us);
	u32 d;

	for (d = 0; d < AG_IDLE_DELAYS; d++) {
		u32 after = ag_idle_after(d);

		i->awake[d] -= i->awake[d] >> AG_IDLE_DECAY_SHIFT;
		i->awake[d] += min_t(u32, ticks, after);
		i->slept[d] -= i->slept[d] >> AG_IDLE_DECAY_SHIFT;
		if (ticks > after)
			i->slept[d] += BIT(AG_IDLE_ONE_SHIFT);
	}
	if (i->periods)
		mean_us = i->predicted_us -
			  (i->predicted_us >> AG_IDLE_MEAN_SHIFT) +
			  (mean_us >> AG_IDLE_MEAN_SHIFT);
	i->predicted_us = mean_us;
	if (i->periods < AG_IDLE_WARM)
		i->periods++;
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
	if (!i->start_ns)
		return false;
	ag_idle_learn(i, div_u64(now_ns - min_t(u64, now_ns, i->start_ns),
				 NSEC_PER_USEC));
	i->start_ns = 0;
	return ag_idle_choose(i, cfg);
}

/* The delay that costs least with a break-even time. */
static u32 ag_idle_best_ms(const struct ag_idle *i, u32 break_even_us)
{
	u32 even = ag_idle_ticks(break_even_us), best_ms = 0, d;
	u64 least = U64_MAX;

	for (d = 0; d < AG_IDLE_DELAYS; d++) {
		u32 delay_ms = ag_idle_delay_ms(d);
		u64 cost = i->awake[d] +
			   (((u64)even * i->slept[d]) >> AG_IDLE_ONE_SHIFT);

		if (cost < least ||
		    (cost == least && delay_ms <= break_even_us / USEC_PER_MSEC)) {
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
};

/* Return: how long @to must last to be better than @from, U32_MAX where it never is. */
static u32 ag_idle_even_us(const struct ag_idle_rung *from,
			   const struct ag_idle_state *to)
{
	u64 us;

	if (to->power_mw >= from->power_mw)
		return U32_MAX;
	if (to->switch_uj <= from->switch_uj)
		return 0;
	us = div_u64((u64)(to->switch_uj - from->switch_uj) * USEC_PER_MSEC,
		     from->power_mw - to->power_mw);
	return (u32)min_t(u64, us, U32_MAX);
}

/* The next step of the lower hull. Return: its state from 0, AG_IDLE_STATES for none. */
static u32 ag_idle_next(const struct ag_idle_config *cfg,
			const struct ag_idle_rung *from, u32 *ret_even_us)
{
	u32 best = AG_IDLE_STATES, s;

	*ret_even_us = U32_MAX;
	for (s = 0; s < min_t(u32, cfg->nr_states, AG_IDLE_STATES); s++) {
		u32 even_us = ag_idle_even_us(from, &cfg->state[s]);

		if (ag_idle_too_slow(cfg, cfg->state[s].wake_us) ||
		    even_us == U32_MAX || even_us > *ret_even_us)
			continue;
		/* Of two that pay at the same time the deeper one saves more. */
		if (even_us == *ret_even_us && best < AG_IDLE_STATES &&
		    cfg->state[s].power_mw >= cfg->state[best].power_mw)
			continue;
		best = s;
		*ret_even_us = even_us;
	}
	return best;
}

static void ag_idle_add(struct ag_idle *i, u32 state, u32 even_us)
{
	struct ag_idle_step *last = i->nr_steps ? &i->step[i->nr_steps - 1] : NULL;
	struct ag_idle_step step = { .state = state };

	step.delay_ms = i->periods < AG_IDLE_WARM ?
				max_t(u32, 1, even_us / USEC_PER_MSEC) :
				ag_idle_best_ms(i, even_us);
	if (step.delay_ms == AG_IDLE_NEVER)
		return;
	if (last && step.delay_ms <= last->delay_ms) {
		last->state = state;
		return;
	}
	i->step[i->nr_steps++] = step;
}

static void ag_idle_ladder(struct ag_idle *i, const struct ag_idle_config *cfg)
{
	struct ag_idle_rung at = { .power_mw = cfg->awake_mw };
	u32 even_us, s;

	for (;;) {
		s = ag_idle_next(cfg, &at, &even_us);
		if (s == AG_IDLE_STATES)
			return;
		ag_idle_add(i, s + 1, max_t(u32, even_us, cfg->break_even_us));
		at.power_mw = cfg->state[s].power_mw;
		at.switch_uj = cfg->state[s].switch_uj;
	}
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
	struct ag_idle_step old[AG_IDLE_STATES];

	memcpy(old, i->step, sizeof(old));
	memset(i->step, 0, sizeof(i->step));
	i->nr_steps = 0;
	if (cfg->enable && cfg->nr_states)
		ag_idle_ladder(i, cfg);
	else if (cfg->enable && ag_idle_allowed(cfg))
		ag_idle_add(i, 1, cfg->break_even_us);
	i->delay_ms = i->nr_steps ? i->step[0].delay_ms : AG_IDLE_NEVER;
	return memcmp(old, i->step, sizeof(old));
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
