// SPDX-License-Identifier: GPL-2.0
/*
 * Idle: when to suspend a device that has nothing to do
 *
 * Observation. Suspending pays when the idle period outlasts the break-even
 * time of the suspended state, and nobody knows its length when it begins. What
 * is known is how long the earlier ones were: gaps between requests of one user
 * are seconds, between training jobs minutes, and they repeat (cpuidle's TEO
 * governor rests on the same observation). In jobs on 756 GPUs half of them were
 * longer than 9 s, a tenth longer than 44 s and a hundredth longer than 836 s
 * (arXiv 2605.23918): the few long ones hold most of the time.
 *
 * Model. In units of the power that suspending saves, a period of length x
 * costs x when the device stays awake, and with autosuspend delay d: x when
 * x <= d, else d + e, where the break-even time e stands for the energy of
 * suspend and resume. Runtime PM lets its timer be late by a quarter of the
 * delay (rpm_suspend() in Linux 6.12), and an idle machine uses that: a delay
 * of d acts as one of 5/4 d.
 *
 * Algorithm. Where lengths don't depend on each other, nobody who knows their
 * distribution but not the next one does better than the best fixed delay. So
 * follow it:
 *  1. AG_IDLE_DELAYS delays are compared: none, two per octave from 1 ms to
 *     17 min, never. At the end of a period each one's cost loses a share of
 *     2^-AG_IDLE_DECAY_SHIFT and gains what the period would have cost with it.
 *     The length itself enters, not a bin of it.
 *  2. The delay with the least cost is next. Of several that are equal it is the
 *     longest up to e, as in 3: away from the lengths that it must outlast.
 *     Long periods weigh by their length: one of them outvotes many short ones,
 *     which is right, since it holds as much time.
 *  3. Before AG_IDLE_WARM periods the delay is e, which never costs more than
 *     twice the optimum (the ski-rental bound of Karlin, Manasse, Rudolph and
 *     Sleator, Algorithmica 3, 1988).
 *  4. A resume slower than the operator accepts: never. So no period adds more
 *     latency than that.
 *  5. The published prediction is the mean length, with the weight of a new one
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

/* What a period costs with a delay. */
static u32 ag_idle_cost(u32 d, u32 ticks, u32 break_even_ticks)
{
	u32 delay_ms = ag_idle_delay_ms(d), after;

	if (delay_ms == AG_IDLE_NEVER)
		return ticks;
	after = delay_ms * AG_IDLE_TICKS_MS / 4 * 5;
	return ticks <= after ? ticks : after + break_even_ticks;
}

/**
 * ag_idle_init() - nothing seen yet
 * @i: state
 * @cfg: knobs
 */
void ag_idle_init(struct ag_idle *i, const struct ag_idle_config *cfg)
{
	memset(i, 0, sizeof(*i));
	i->break_even_us = cfg->break_even_us;
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
	u32 break_even = ag_idle_ticks(i->break_even_us);
	u32 d;

	for (d = 0; d < AG_IDLE_DELAYS; d++) {
		i->cost[d] -= i->cost[d] >> AG_IDLE_DECAY_SHIFT;
		i->cost[d] += ag_idle_cost(d, ticks, break_even);
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

static u32 ag_idle_best_ms(const struct ag_idle *i)
{
	u32 best = 0, d;

	for (d = 1; d < AG_IDLE_DELAYS; d++) {
		if (i->cost[d] > i->cost[best])
			continue;
		if (i->cost[d] < i->cost[best] ||
		    ag_idle_delay_ms(d) <= i->break_even_us / USEC_PER_MSEC)
			best = d;
	}
	return ag_idle_delay_ms(best);
}

/**
 * ag_idle_choose() - choose the autosuspend delay
 * @i: state
 * @cfg: knobs
 *
 * With another break-even time what was counted before is worth nothing.
 *
 * Return: true when @i->delay_ms changed.
 */
bool ag_idle_choose(struct ag_idle *i, const struct ag_idle_config *cfg)
{
	u32 old = i->delay_ms;

	if (i->break_even_us != cfg->break_even_us) {
		memset(i->cost, 0, sizeof(i->cost));
		i->periods = 0;
		i->break_even_us = cfg->break_even_us;
	}
	if (!cfg->enable ||
	    (cfg->max_latency_us && cfg->wake_latency_us > cfg->max_latency_us))
		i->delay_ms = AG_IDLE_NEVER;
	else if (i->periods < AG_IDLE_WARM)
		i->delay_ms = max_t(u32, 1, cfg->break_even_us / 1000);
	else
		i->delay_ms = ag_idle_best_ms(i);
	return i->delay_ms != old;
}
