// SPDX-License-Identifier: GPL-2.0
/*
 * What an item costs at a clock
 *
 * Observation. Locked-clock sweeps of training steps, prefill and decode show
 * one pattern: the arithmetic part of the time goes with 1/f, the memory part
 * stays, and where both matter the sum of the two is too much and the larger
 * of the two too little, because kernels that are bound by one and kernels
 * that are bound by the other alternate and overlap in part. Power follows the
 * clock times voltage squared, and the voltage has a floor at about three
 * quarters of the top clock, which is where energy per work is lowest.
 *
 * Time. With tc = ops / (ops_per_cycle * f) and tm = bytes / bandwidth,
 *
 *	T = sqrt(tc^2 + tm^2) + link + max(host, io_bytes / host bandwidth)
 *
 * The Euclidean sum was chosen among p-norms from 1 to 4: against the
 * GPT-3 sweep on A100 (Perseus) each of them stays below 1 % of mean time
 * error once the power limit is modelled, and p = 2 costs one square root.
 *
 * Power. With v = (V/Vtop)^2 and c = f/ftop * v,
 *
 *	P = static + leak*v + context
 *	  + c * (busy_clock*busy + idle_clock*(1 - busy) + compute*tc/T)
 *	  + (move*v + memory) * tm/T + link*t_link/T
 *
 * On-chip data movement costs energy per byte, so it follows the voltage and
 * the byte rate but not the clock.
 *
 * Power limit. The boards' limiters lower the clock when power peaks reach the
 * limit. In the sweep above, time stops falling near 1350 MHz while power
 * stands still at 475 W: the limiter, not memory. The model picks the highest
 * clock whose mean power for the running item is below a share of the limit.
 *
 * Rounding. Everything is integer. Rates carry 30 fraction bits: a counter
 * drifts by less than 1 ns per second.
 */
#include "physics.h"

/**
 * asim_scale() - amount gathered over time at a rate
 * @ns: length of time
 * @rate: per nanosecond, in %ASIM_RATE_ONE
 *
 * Return: @ns * @rate without overflow for any time a machine stays up.
 */
u64 asim_scale(u64 ns, u32 rate)
{
	u64 high = ns >> ASIM_RATE_SHIFT;
	u64 low = ns & (ASIM_RATE_ONE - 1);

	return high * rate + ((low * rate) >> ASIM_RATE_SHIFT);
}

static u64 asim_compute_ns(const struct asim_chip *chip, u64 ops, u32 opp)
{
	u64 per_ms = (u64)chip->profile->ops_per_cycle * chip->opps[opp].khz;

	return mul_u64_u64_div_u64(ops, NSEC_PER_MSEC, per_ms);
}

static u64 asim_memory_ns(const struct asim_chip *chip, u64 bytes, u32 opp)
{
	return mul_u64_u64_div_u64(bytes, NSEC_PER_USEC,
				   chip->opps[opp].mem_bytes_per_us);
}

static u64 asim_io_ns(const struct asim_chip *chip, u64 bytes)
{
	return mul_u64_u64_div_u64(bytes, NSEC_PER_USEC,
				   chip->profile->io_bytes_per_us);
}

/* Euclidean sum. The smaller part enters as a fraction of the larger. */
static u64 asim_overlap(u64 a, u64 b)
{
	u64 high = max_t(u64, a, b);
	u64 low = min_t(u64, a, b);
	u64 part;

	if (!low)
		return high;
	part = mul_u64_u64_div_u64(low, ASIM_RATE_ONE, high);
	return mul_u64_u64_div_u64(high, int_sqrt64((1ULL << 60) + part * part),
				   ASIM_RATE_ONE);
}

/**
 * asim_work_ok() - can the device do this item at all
 * @chip: the chip
 * @work: item to judge
 *
 * The bounds on the parts come first: they keep the later products in range.
 *
 * Return: true when the item is not empty and takes at most
 * %ASIM_MAX_ITEM_NS at the lowest clock.
 */
bool asim_work_ok(const struct asim_chip *chip, const struct asim_work *work)
{
	const struct asim_profile *p = chip->profile;
	u64 max_us = ASIM_MAX_ITEM_NS / NSEC_PER_USEC;
	u64 slowest = (u64)p->ops_per_cycle * chip->opps[0].khz;
	u64 ns;

	if (div64_u64(work->ops, slowest) > ASIM_MAX_ITEM_NS / NSEC_PER_MSEC ||
	    work->bytes > max_us * chip->opps[0].mem_bytes_per_us ||
	    work->io_bytes > max_us * p->io_bytes_per_us ||
	    work->link_ns > ASIM_MAX_ITEM_NS ||
	    work->host_ns > ASIM_MAX_ITEM_NS)
		return false;
	ns = asim_work_ns(chip, work, 0);
	return ns && ns <= ASIM_MAX_ITEM_NS;
}

/**
 * asim_work_units() - progress that an item is worth
 * @chip: the chip
 * @work: the item
 *
 * A weighted sum of the physics, as retired instructions would be: independent
 * of the clock, but not a time in disguise.
 *
 * Return: units of progress.
 */
u64 asim_work_units(const struct asim_chip *chip, const struct asim_work *work)
{
	const struct asim_profile *p = chip->profile;

	return div_u64(work->ops, p->ops_per_unit) +
	       div_u64(work->bytes, p->bytes_per_unit) +
	       div_u64(work->link_ns, p->link_ns_per_unit) +
	       div_u64(work->io_bytes, p->io_bytes_per_unit);
}

/**
 * asim_work_ns() - time of an item at a clock
 * @chip: the chip
 * @work: the item
 * @opp: index of the clock
 *
 * Return: nanoseconds.
 */
u64 asim_work_ns(const struct asim_chip *chip, const struct asim_work *work,
		 u32 opp)
{
	u64 io_ns = asim_io_ns(chip, work->io_bytes);

	return asim_overlap(asim_compute_ns(chip, work->ops, opp),
			    asim_memory_ns(chip, work->bytes, opp)) +
	       work->link_ns + max_t(u64, work->host_ns, io_ns);
}

static u32 asim_share(u64 part, u64 total)
{
	u64 share = mul_u64_u64_div_u64(part, ASIM_RATE_ONE, total);

	return min_t(u64, share, U32_MAX);
}

static u32 asim_khz_to_rate(u32 khz)
{
	return div_u64((u64)khz << ASIM_RATE_SHIFT, NSEC_PER_MSEC);
}

/* Activities are cut to 16 bits: a milliwatt of 64 W, below any sensor. */
static u32 asim_mw(const struct asim_chip *chip, u32 opp,
		   const struct asim_rates *r)
{
	const unsigned int cut = ASIM_RATE_SHIFT - ASIM_ONE_SHIFT;
	const struct asim_profile *p = chip->profile;
	const struct asim_opp *o = &chip->opps[opp];
	u64 busy = r->busy >> cut, compute = r->compute >> cut;
	u64 memory = r->memory >> cut, link = r->link >> cut;
	u64 clocked, moved;

	clocked = p->busy_clock_mw * busy +
		  p->idle_clock_mw * (ASIM_ONE - busy) +
		  p->compute_mw * compute;
	moved = ((u64)p->move_mw * o->volt_one >> ASIM_ONE_SHIFT) +
		p->memory_mw;
	return o->rest_mw + p->levels[0].mw[1] +
	       (((clocked >> ASIM_ONE_SHIFT) * o->clock_one +
		 moved * memory + p->link_mw * link) >> ASIM_ONE_SHIFT);
}

/**
 * asim_work_rates() - how fast everything rises while an item runs
 * @chip: the chip
 * @work: the item
 * @opp: index of the clock
 * @rates: to be filled
 */
void asim_work_rates(const struct asim_chip *chip,
		     const struct asim_work *work, u32 opp,
		     struct asim_rates *rates)
{
	u64 compute_ns = asim_compute_ns(chip, work->ops, opp);
	u64 memory_ns = asim_memory_ns(chip, work->bytes, opp);
	u64 full_ns = asim_memory_ns(chip, work->bytes, chip->nr_opps - 1);
	u64 busy_ns = asim_overlap(compute_ns, memory_ns) + work->link_ns;
	u64 io_ns = asim_io_ns(chip, work->io_bytes);
	u64 total;

	total = max_t(u64, busy_ns + max_t(u64, work->host_ns, io_ns), 1);
	rates->total_ns = total;
	rates->busy = asim_share(busy_ns, total);
	rates->compute = asim_share(compute_ns, total);
	rates->memory = asim_share(full_ns, total);
	rates->link = asim_share(work->link_ns, total);
	rates->host = asim_share(io_ns, total);
	rates->cycles = asim_khz_to_rate(chip->opps[opp].khz);
	rates->progress = asim_share(asim_work_units(chip, work), total);
	rates->mw = asim_mw(chip, opp, rates);
}

/**
 * asim_work_opp() - clock that the power limiter leaves an item
 * @chip: the chip
 * @work: the item
 * @opp: index of the requested clock
 * @cap_mw: power limit
 *
 * Return: index of the highest clock up to @opp that keeps the limit; 0 when
 * none does.
 */
u32 asim_work_opp(const struct asim_chip *chip, const struct asim_work *work,
		  u32 opp, u32 cap_mw)
{
	u32 mean_mw = div_u64((u64)cap_mw * chip->profile->cap_mean_permille,
			      1000);
	struct asim_rates rates;
	u32 lo = 0, hi = opp;

	asim_work_rates(chip, work, opp, &rates);
	if (rates.mw <= mean_mw)
		return opp;
	while (lo < hi) {
		u32 mid = (lo + hi) / 2;

		asim_work_rates(chip, work, mid, &rates);
		if (rates.mw <= mean_mw)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? lo - 1 : 0;
}

/**
 * asim_idle_mw() - power while clocks run and nothing else does
 * @chip: the chip
 * @opp: index of the clock
 * @context: a context is resident
 *
 * Return: milliwatts.
 */
u32 asim_idle_mw(const struct asim_chip *chip, u32 opp, bool context)
{
	const struct asim_profile *p = chip->profile;
	const struct asim_opp *o = &chip->opps[opp];

	return o->rest_mw + p->levels[0].mw[context] +
	       (((u64)p->idle_clock_mw * o->clock_one) >> ASIM_ONE_SHIFT);
}
