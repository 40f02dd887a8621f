// SPDX-License-Identifier: GPL-2.0
/*
 * Profiles of the simulated accelerators
 *
 * Each figure is either measured by somebody, fitted to such measurements, or
 * a model figure: a plausible value that nobody published. The comment at each
 * says which. Sources:
 *
 * [P] Perseus (SOSP'24) artifact, stage_profile/gpt3-175b+a100_sxm_bf16: time
 *     and energy of GPT-3 forward and backward at 38 locked clocks. The unit
 *     test test_sim_fit.c holds the model against it.
 * [S] Splitwise artifact, perf_model: Llama2-70B prompt and token times on
 *     A100-80GB and H100-80GB, A100 power.
 * [D] NVIDIA data sheets: peak rates, bandwidths, clock ranges, power limits.
 * [X] execution-idle study (arXiv 2605.23918): what a context costs, what
 *     lower clocks save while nothing runs.
 * [N] NCCL peer-to-peer wait on A100: 85 W.
 */
#include "profile.h"

static const u32 asim_npu_khz[] = {
	200000, 350000, 500000, 650000, 800000, 1000000,
};

const struct asim_profile asim_profiles[] = {
	{
		.name = "a100-sxm",
		.khz_min = 210000,	/* [D] */
		.khz_max = 1410000,
		.khz_step = 15000,
		/* Shape fitted to [P]; only ratios to the top matter there. */
		.volts = {
			{ 210000, 686000 },
			{ 1050000, 686000 },
			{ 1125000, 708000 },
			{ 1200000, 743000 },
			{ 1275000, 793000 },
			{ 1350000, 846000 },
			{ 1410000, 900000 },
		},
		.nr_volts = 7,
		/* 108 SM x 2048 FLOP [D], 66 % reached: prefill in [S]. */
		.ops_per_cycle = 146000,
		/* 2039 GB/s [D], 70 % reached: token times in [S]. */
		.mem_bytes_per_us = 1430000,
		/* No loss above 0.4 of the top clock (RTX 8000, V100). */
		.mem_knee_khz = 564000,
		.io_bytes_per_us = 25000,	/* PCIe 4 x16 */
		/* Together 62 W loaded and at the lowest clock. */
		.static_mw = 45000,
		.leak_mw = 15000,
		.idle_clock_mw = 17000,	/* context +33 W, 26 to 50 W in [X] */
		.busy_clock_mw = 20000,	/* 88 W in a link wait, 85 W in [N] */
		.compute_mw = 392000,	/* fitted to [P] */
		.move_mw = 120000,	/* decode 290 W, 294 W in [S] */
		.memory_mw = 80000,
		.link_mw = 2000,	/* model figure */
		.cap_min_mw = 100000,	/* [D] */
		.cap_max_mw = 500000,	/* [D], the 500 W variant: [P] draws 475 W */
		.cap_mean_permille = 955,	/* fitted: [P] stays below 482 W */
		/* Model figures within the 1 to 500 ms of arXiv 2502.20075. */
		.switch_ns = 15 * NSEC_PER_MSEC,
		.switch_spread_ns = 10 * NSEC_PER_MSEC,
		.slow_every = 0,
		.stall_ns = 50 * NSEC_PER_USEC,
		.ops_per_unit = 262144,
		.bytes_per_unit = 2048,
		.link_ns_per_unit = 2,
		.io_bytes_per_unit = 64,
		.levels = {
			{ "active", { 0, 6000 }, 0, 0, true },
			/* Model figures. */
			{ "clock-gated", { 50000, 50000 },
			  200 * NSEC_PER_MSEC, 5 * NSEC_PER_MSEC, false },
			{ "suspended", { 22000, 30000 },
			  U64_MAX, 60 * NSEC_PER_MSEC, true },
		},
		.nr_levels = 3,
	}, {
		.name = "h100-sxm",
		.khz_min = 345000,	/* [D] */
		.khz_max = 1980000,
		.khz_step = 15000,
		/* Model figures, floor at 0.6 of the top clock. */
		.volts = {
			{ 345000, 680000 },
			{ 1200000, 680000 },
			{ 1395000, 715000 },
			{ 1590000, 775000 },
			{ 1785000, 855000 },
			{ 1980000, 945000 },
		},
		.nr_volts = 6,
		/* 132 SM x 4096 FLOP [D], 46 % reached: prefill in [S]. */
		.ops_per_cycle = 248000,
		/* 3350 GB/s [D], 70 % reached: token times in [S]. */
		.mem_bytes_per_us = 2350000,
		.mem_knee_khz = 792000,	/* as for A100 */
		.io_bytes_per_us = 50000,	/* PCIe 5 x16 */
		/* 122 W loaded at the top clock [X], 79 W at the lowest. */
		.static_mw = 50000,
		.leak_mw = 28000,
		.idle_clock_mw = 34000,
		.busy_clock_mw = 55000,
		/* Prefill 600 to 690 W, decode of 70B 400 to 480 W. */
		.compute_mw = 500000,
		.move_mw = 150000,
		.memory_mw = 140000,
		.link_mw = 5000,	/* model figure */
		.cap_min_mw = 200000,	/* [D] */
		.cap_max_mw = 700000,
		.cap_mean_permille = 1000,
		/* Model figures. */
		.switch_ns = 8 * NSEC_PER_MSEC,
		.switch_spread_ns = 4 * NSEC_PER_MSEC,
		.slow_every = 29,
		.slow_ns = 60 * NSEC_PER_MSEC,
		.stall_ns = 50 * NSEC_PER_USEC,
		.ops_per_unit = 524288,
		.bytes_per_unit = 4096,
		.link_ns_per_unit = 2,
		.io_bytes_per_unit = 128,
		.levels = {
			{ "active", { 0, 10000 }, 0, 0, true },
			/* 70 W without a context [X]; latencies model figures. */
			{ "clock-gated", { 70000, 70000 },
			  200 * NSEC_PER_MSEC, 5 * NSEC_PER_MSEC, false },
			{ "suspended", { 28000, 40000 },
			  U64_MAX, 45 * NSEC_PER_MSEC, true },
		},
		.nr_levels = 3,
	}, {
		/* An embedded 10 W class part; all model figures. */
		.name = "npu-edge",
		.khz = asim_npu_khz,
		.nr_khz = ARRAY_SIZE(asim_npu_khz),
		.khz_min = 200000,
		.khz_max = 1000000,
		.volts = {
			{ 200000, 550000 },
			{ 350000, 560000 },
			{ 500000, 600000 },
			{ 650000, 660000 },
			{ 800000, 730000 },
			{ 1000000, 850000 },
		},
		.nr_volts = 6,
		.ops_per_cycle = 9800,		/* 8192 MACs, 60 % reached */
		.mem_bytes_per_us = 42000,	/* LPDDR5, 60 GB/s peak */
		.mem_knee_khz = 300000,
		.io_bytes_per_us = 8000,
		.static_mw = 120,
		.leak_mw = 280,
		.idle_clock_mw = 250,
		.busy_clock_mw = 600,
		.compute_mw = 6200,
		.move_mw = 1200,
		.memory_mw = 1300,
		.link_mw = 100,
		.cap_min_mw = 2000,
		.cap_max_mw = 10000,
		.cap_mean_permille = 1000,
		.switch_ns = 80 * NSEC_PER_USEC,
		.switch_spread_ns = 40 * NSEC_PER_USEC,
		.slow_every = 0,
		.stall_ns = 5 * NSEC_PER_USEC,
		.ops_per_unit = 16384,
		.bytes_per_unit = 128,
		.link_ns_per_unit = 2,
		.io_bytes_per_unit = 32,
		.levels = {
			{ "active", { 0, 0 }, 0, 0, true },
			{ "clock-gated", { 90, 90 },
			  200 * NSEC_PER_USEC, 20 * NSEC_PER_USEC, true },
			{ "deep-idle", { 5, 8 },
			  20 * NSEC_PER_MSEC, 1 * NSEC_PER_MSEC, true },
			{ "suspended", { 1, 3 },
			  U64_MAX, 3 * NSEC_PER_MSEC, true },
		},
		.nr_levels = 4,
	},
};

const u32 asim_nr_profiles = ARRAY_SIZE(asim_profiles);

/**
 * asim_profile_find() - look a profile up by name
 * @name: of the profile
 *
 * Return: the profile, NULL when there is none of that name.
 */
const struct asim_profile *asim_profile_find(const char *name)
{
	u32 i;

	for (i = 0; i < asim_nr_profiles; i++)
		if (!strcmp(asim_profiles[i].name, name))
			return &asim_profiles[i];
	return NULL;
}

static u32 asim_volt_at(const struct asim_profile *p, u32 khz)
{
	const struct asim_volt *a, *b;
	u32 i;

	for (i = 1; i < p->nr_volts - 1; i++)
		if (khz <= p->volts[i].khz)
			break;
	a = &p->volts[i - 1];
	b = &p->volts[i];
	return a->uv + div_u64((u64)(b->uv - a->uv) * (khz - a->khz),
			       b->khz - a->khz);
}

/*
 * Published tables show latencies that depend on the target far more than on
 * the start, without an order to it. A fixed scramble of the index gives each
 * target its own.
 */
static u64 asim_switch_at(const struct asim_profile *p, u32 i)
{
	u32 scramble = (i * 2654435761U) >> 22;	/* 0 to 1023 */

	if (p->slow_every && i % p->slow_every == p->slow_every / 2)
		return p->slow_ns;
	return p->switch_ns + ((p->switch_spread_ns * scramble) >> 10);
}

static void asim_opp_init(struct asim_opp *opp, const struct asim_profile *p,
			  u32 khz, u32 index)
{
	u64 top = p->volts[p->nr_volts - 1].uv;
	u64 volt;

	opp->khz = khz;
	opp->uv = asim_volt_at(p, khz);
	volt = div64_u64((u64)opp->uv * opp->uv << ASIM_ONE_SHIFT, top * top);
	opp->volt_one = volt;
	opp->clock_one = div_u64(volt * khz, p->khz_max);
	opp->mem_bytes_per_us = p->mem_bytes_per_us;
	if (khz < p->mem_knee_khz)
		opp->mem_bytes_per_us = div_u64((u64)p->mem_bytes_per_us * khz,
						p->mem_knee_khz);
	opp->rest_mw = p->static_mw + ((p->leak_mw * volt) >> ASIM_ONE_SHIFT);
	opp->switch_ns = asim_switch_at(p, index);
}

/**
 * asim_chip_init() - derive the tables of a profile
 * @chip: to be filled
 * @profile: described device
 *
 * Return: 0, or -EINVAL when the profile has more clocks than a chip holds.
 */
int asim_chip_init(struct asim_chip *chip, const struct asim_profile *profile)
{
	u32 i, nr = profile->nr_khz;

	if (!profile->khz)
		nr = (profile->khz_max - profile->khz_min) /
		     profile->khz_step + 1;
	if (!nr || nr > ASIM_MAX_OPPS)
		return -EINVAL;

	chip->profile = profile;
	chip->nr_opps = nr;
	for (i = 0; i < nr; i++)
		asim_opp_init(&chip->opps[i], profile, profile->khz ?
			      profile->khz[i] :
			      profile->khz_min + i * profile->khz_step, i);
	return 0;
}

/**
 * asim_chip_floor() - the highest clock that is not above one
 * @chip: the chip
 * @khz: bound
 *
 * Return: index of that clock, 0 when all are above.
 */
u32 asim_chip_floor(const struct asim_chip *chip, u32 khz)
{
	u32 lo = 0, hi = chip->nr_opps - 1;

	while (lo < hi) {
		u32 mid = (lo + hi + 1) / 2;

		if (chip->opps[mid].khz <= khz)
			lo = mid;
		else
			hi = mid - 1;
	}
	return lo;
}
