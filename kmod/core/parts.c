// SPDX-License-Identifier: GPL-2.0
/*
 * Parts: what the engines did in the busy part of a window, whatever the clock
 *
 * Observation. Compute activity is the time the pipes need over the time that passes, so
 * it grows as the clock falls while the work stays the same; memory activity of
 * arithmetic grows as the clock rises. Without this being taken out a phase would
 * change its name whenever the governor acts on it, or a limiter: a board that is held
 * at a quarter of its top clock shows 490 per mille of memory in work that would show
 * 920 at the top, and 190 in work that would be half of each.
 *
 * Algorithm.
 *  1. Scale everything to the busy part.
 *  2. Brought to the top clock (times f/fmax) compute activity describes the work alone,
 *     and memory activity of arithmetic goes the other way, by fmax/f. Where pipes are
 *     not counted, the rest of a busy window is arithmetic, in quadrature as the two
 *     overlap, and is what shrinks at a higher clock.
 *  3. Link traffic counts as far as pipes leave time for it: what overlaps with them
 *     waits for nobody. AG_OVERLAP_PERMILLE is for what sensors are wrong by.
 *  4. Where pipes are not counted the link still takes time in which memory rests, as
 *     layers do that are spread over boards: 70B on two H100s shows 730 per mille of
 *     memory and 250 of link, and is memory-bound. What memory does in the time that is
 *     left is told as well. Half of a window is left at least: with more link it is
 *     a wait, whatever memory did.
 *
 * Constants. Sensors are off by 5 % (Yang et al., SC 2024; sensors.c of replay), so
 * link and pipes may add up to that more than the time there is. It hardly matters:
 * with nothing and with a tenth the benchmarks save the same, see
 * Documentation/governor.rst. An engine below AG_QUIET_PERMILLE rests: phase.c has the
 * source. Below that a busy part would divide next to nothing by next to nothing.
 */
#include "parts.h"
#include "root.h"

#define AG_OVERLAP_PERMILLE	50
#define AG_LINK_MOST		500

static u32 ag_scaled(const struct ag_rates *r, enum accelgov_signal sig,
		     u32 value, u32 busy)
{
	if (!ag_valid(r, sig))
		return 0;
	return ag_busy_part(value, busy);
}

/**
 * ag_memory_at() - memory activity at another clock, where pipes are not counted
 * @memory: activity of a busy window, up to 1000 per mille
 * @to_permille: time that arithmetic takes at the other clock, of what it took
 *
 * What is missing to a full window is arithmetic.
 *
 * Return: per mille.
 */
u32 ag_memory_at(u32 memory, u32 to_permille)
{
	u64 square = (u64)memory * memory;
	u32 rest = (u32)div_u64((u64)ag_root(1000000 - square) * to_permille,
				1000);
	u32 all = ag_root(square + (u64)rest * rest);

	return all ? memory * 1000 / all : 0;
}

/* Memory activity of the time in which the link does not move anything. */
static u32 ag_beside_link(const struct ag_parts *p)
{
	u32 left = 1000 - min_t(u32, p->link, AG_LINK_MOST);

	return min_t(u32, 1000, p->memory * 1000 / left);
}

/**
 * ag_parts_of() - bring a window to its busy part
 * @r: rates of the window
 * @khz: its clock, 0 where it is not known
 * @top_khz: highest clock of the device
 * @p: to fill
 */
void ag_parts_of(const struct ag_rates *r, u32 khz, u32 top_khz,
		 struct ag_parts *p)
{
	u32 busy = ag_valid(r, ACCELGOV_SIG_BUSY) ? r->busy : 1000;
	u32 high, low;

	busy = max_t(u32, busy, AG_QUIET_PERMILLE);
	p->busy = busy;
	p->compute = ag_scaled(r, ACCELGOV_SIG_COMPUTE, r->compute, busy);
	p->memory = ag_scaled(r, ACCELGOV_SIG_MEMORY, r->memory, busy);
	p->link = ag_scaled(r, ACCELGOV_SIG_LINK, r->link, busy);
	p->host = ag_scaled(r, ACCELGOV_SIG_HOST, r->host, busy);
	p->compute_top = p->compute;
	p->memory_top = p->memory;
	p->clock = 1000;
	if (khz && khz < top_khz) {
		p->clock = max_t(u32, 1, (u32)div_u64((u64)khz * 1000, top_khz));
		p->compute_top = (u32)div_u64((u64)p->compute * khz, top_khz);
		p->memory_top = ag_valid(r, ACCELGOV_SIG_COMPUTE) ?
				(u32)min_t(u64, 1000,
					   div_u64((u64)p->memory * top_khz,
						   khz)) :
				ag_memory_at(p->memory, p->clock);
	}
	/* The root of the sum of squares, to 7 %. */
	high = max_t(u32, p->compute, p->memory);
	low = min_t(u32, p->compute, p->memory);
	p->activity = min_t(u32, 1000, high + low * 3 / 8);
	/* What overlaps with the pipes waits for nobody. */
	p->link = min_t(u32, p->link, 1000 + AG_OVERLAP_PERMILLE - high);
	p->memory_left = p->memory_top;
	if (!ag_valid(r, ACCELGOV_SIG_COMPUTE))
		p->memory_left = ag_memory_at(ag_beside_link(p), p->clock);
}
