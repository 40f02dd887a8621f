// SPDX-License-Identifier: GPL-2.0
/*
 * Idle: when to suspend a device that has nothing to do
 *
 * Observation. Suspending pays when the idle period outlasts the break-even
 * time of the suspended state, and nobody knows its length when it begins. What
 * is known is how long the earlier ones were: gaps between requests of one user
 * are seconds, between training jobs minutes, and they repeat (cpuidle's TEO
 * governor rests on the same observation).
 *
 * Model. Idle lengths fall into bins of doubling width. In units of the power
 * that suspending saves, a period of length x costs x when the device stays
 * awake, and with autosuspend delay d: x when x <= d, else d + e, where the
 * break-even time e stands for the energy of suspend and resume.
 *
 * Algorithm.
 *  1. At the end of a period all bins lose an eighth and its bin gains
 *     AG_IDLE_PULSE: the last periods weigh most, as in TEO.
 *  2. For every bin edge as delay d, and for never, add up the cost over the
 *     bins with their middle as length, and take the smallest.
 *  3. With less than AG_IDLE_WARM of weight (about four periods) the answer is
 *     d = e, which never costs more than twice the optimum (the ski-rental
 *     bound of Karlin, Manasse, Rudolph and Sleator, Algorithmica 3, 1988).
 *  4. A resume slower than the operator accepts: never.
 *  5. The published prediction is the weighted mean over the bins.
 */
#include "idle.h"

#define AG_IDLE_PULSE		1024
#define AG_IDLE_DECAY_SHIFT	3
#define AG_IDLE_WARM		(3 * AG_IDLE_PULSE)

/* Middle of a bin in microseconds: 1.5 times its lower edge. */
static u64 ag_idle_middle_us(u32 bin)
{
	return 1500ULL << bin;
}

static u32 ag_idle_bin(u64 us)
{
	u64 ms = div_u64(us, USEC_PER_MSEC);
	u32 bin = 0;

	while (bin < AG_IDLE_BINS - 1 && ms >> (bin + 1))
		bin++;
	return bin;
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
	u64 sum = 0;
	u32 b;

	i->total = 0;
	for (b = 0; b < AG_IDLE_BINS; b++) {
		i->bin[b] -= i->bin[b] >> AG_IDLE_DECAY_SHIFT;
		if (b == ag_idle_bin(us))
			i->bin[b] += AG_IDLE_PULSE;
		i->total += i->bin[b];
		sum += ag_idle_middle_us(b) * i->bin[b];
	}
	i->predicted_us = (u32)min_t(u64, U32_MAX, div_u64(sum, i->total));
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

/* Expected cost of delay @d_us, weight times microseconds. */
static u64 ag_idle_cost(const struct ag_idle *i, u64 d_us, u32 break_even_us)
{
	u64 cost = 0;
	u32 b;

	for (b = 0; b < AG_IDLE_BINS; b++) {
		u64 x = ag_idle_middle_us(b);

		cost += i->bin[b] * (x <= d_us ? x : d_us + break_even_us);
	}
	return cost;
}

static u32 ag_idle_best_ms(const struct ag_idle *i, u32 break_even_us)
{
	u64 best = ag_idle_cost(i, U64_MAX / 2, break_even_us);
	u32 delay_ms = AG_IDLE_NEVER;
	u32 b;

	for (b = 0; b <= AG_IDLE_BINS; b++) {
		u64 d_us = b ? 1000ULL << b : 0;
		u64 cost = ag_idle_cost(i, d_us, break_even_us);

		if (cost < best) {
			best = cost;
			delay_ms = (u32)div_u64(d_us, USEC_PER_MSEC);
		}
	}
	return delay_ms;
}

/**
 * ag_idle_choose() - choose the autosuspend delay
 * @i: state
 * @cfg: knobs
 *
 * Return: true when @i->delay_ms changed.
 */
bool ag_idle_choose(struct ag_idle *i, const struct ag_idle_config *cfg)
{
	u32 old = i->delay_ms;

	if (!cfg->enable ||
	    (cfg->max_latency_us && cfg->wake_latency_us > cfg->max_latency_us))
		i->delay_ms = AG_IDLE_NEVER;
	else if (i->total < AG_IDLE_WARM)
		i->delay_ms = max_t(u32, 1, cfg->break_even_us / 1000);
	else
		i->delay_ms = ag_idle_best_ms(i, cfg->break_even_us);
	return i->delay_ms != old;
}
