// SPDX-License-Identifier: GPL-2.0
/*
 * Core: configuration, decisions within limits, stale signals, the fallback.
 */
#include "unit.h"
#include "random.h"
#include "window.h"

static struct ag_core core;
static struct asim_chip chip;
static struct ag_opp opps[AG_OPP_MAX];
static u32 nr_opps;
static struct ag_config cfg;

#define TOP_KHZ	1410000
#define LOW_KHZ	210000

static void setup(void)
{
	nr_opps = points_of("a100-sxm", &chip, opps);
	ag_config_default(&cfg);
	ag_core_init(&core, opps, nr_opps, &cfg, SECOND);
}

static u32 sample(const struct ag_rates *like, u64 ms)
{
	struct ag_rates r = *like;

	r.time_ns = core.rates.time_ns + ms * MS;
	return ag_core_sample(&core, &r);
}

/* A caller that does what the core asks for. Return: the clock. */
static u32 obey(const struct ag_rates *like, u32 samples, u32 min_khz,
		u32 max_khz)
{
	struct ag_decision d;
	struct ag_rates r;

	while (samples--) {
		r = window_at(like, TOP_KHZ, core.target_khz ?
			      core.target_khz : TOP_KHZ);
		if (sample(&r, 10) & AG_EV_RETARGET) {
			ag_core_decide(&core, min_khz, max_khz, &d);
			ag_core_applied(&core, d.khz, core.rates.time_ns);
		}
	}
	return core.target_khz;
}

TEST(state_stays_small)
{
	unit_note("struct ag_core: %zu bytes", sizeof(struct ag_core));
	EXPECT_LE(sizeof(struct ag_core), 8192);
}

TEST(configuration_bounds)
{
	struct ag_config good, bad;
	u32 i;

	ag_config_default(&good);
	EXPECT_EQ(ag_config_check(&good), 0);
	EXPECT_EQ(good.budget_permille, 30);
	EXPECT_EQ(good.power_cap_mw, 0);
	bad = good;
	bad.budget_permille = 1001;
	EXPECT_EQ(ag_config_check(&bad), -ERANGE);
	bad = good;
	bad.sample_period_us = 999;
	EXPECT_EQ(ag_config_check(&bad), -ERANGE);
	bad.sample_period_us = 100001;
	EXPECT_EQ(ag_config_check(&bad), -ERANGE);
	for (i = 0; i < ACCELGOV_PHASE_NR; i++) {
		bad = good;
		bad.phase[i].budget_permille = 1001;
		EXPECT_EQ(ag_config_check(&bad), -ERANGE);
		bad.phase[i].budget_permille = -2;
		EXPECT_EQ(ag_config_check(&bad), -ERANGE);
		bad = good;
		bad.phase[i].min_khz = 2;
		EXPECT_EQ(ag_config_check(&bad), 0);
		bad.phase[i].max_khz = 1;
		EXPECT_EQ(ag_config_check(&bad), -EINVAL);
	}
}

TEST(a_refused_configuration_changes_nothing)
{
	struct ag_config bad;

	setup();
	bad = cfg;
	bad.budget_permille = 5000;
	bad.power_cap_mw = 123;
	EXPECT_EQ(ag_core_configure(&core, &bad), -ERANGE);
	EXPECT_EQ(memcmp(&core.cfg, &cfg, sizeof(cfg)), 0);
	EXPECT_EQ(ag_core_init(&core, opps, nr_opps, &bad, 0), -ERANGE);
	EXPECT_EQ(ag_core_init(&core, opps, 0, &cfg, 0), -EINVAL);
}

TEST(starts_at_the_top_clock)
{
	struct ag_decision d;

	setup();
	ag_core_decide(&core, LOW_KHZ, TOP_KHZ, &d);
	EXPECT_EQ(d.khz, TOP_KHZ);
	EXPECT_EQ(d.reason, AG_REASON_START);
	EXPECT_EQ(d.phase, ACCELGOV_PHASE_UNKNOWN);
}

TEST(repeated_and_late_samples_are_ignored)
{
	struct ag_rates r = window_of(1000, 60, 900, 0, 0);
	static struct ag_core before;

	setup();
	obey(&r, 500, LOW_KHZ, TOP_KHZ);
	before = core;
	r.time_ns = core.rates.time_ns;
	EXPECT_EQ(ag_core_sample(&core, &r), 0);
	r.time_ns -= 5 * MS;
	EXPECT_EQ(ag_core_sample(&core, &r), 0);
	r.time_ns = 0;
	EXPECT_EQ(ag_core_sample(&core, &r), 0);
	EXPECT_EQ(memcmp(&core, &before, sizeof(core)), 0);
}

/* Two collectives on one device: energy and time count once. */
TEST(overlapping_windows_count_once)
{
	struct ag_rates r = window_of(1000, 60, 900, 0, 0);
	u32 i;

	setup();
	for (i = 0; i < 1000; i++)
		sample(&r, 5);
	EXPECT_NEAR((core.guard.work_total_us + core.guard.lost_total_us) / 1e6,
		    5, 0.02);
	EXPECT_NEAR(core.energy_uj / 1e6, 5 * 300, 6);
}

TEST(energy_is_booked_as_measured)
{
	struct ag_rates r = window_of(1000, 60, 900, 0, 0);

	setup();
	r.power_mw = 250000;
	obey(&r, 1000, LOW_KHZ, TOP_KHZ);
	EXPECT_NEAR(core.energy_uj, 2500e6, 3e6);
	r.valid &= ~BIT(ACCELGOV_SIG_POWER);
	r.power_mw = U32_MAX;
	obey(&r, 1000, LOW_KHZ, TOP_KHZ);
	EXPECT_NEAR(core.energy_uj, 2500e6, 3e6);
}

/* Without a clock nothing is known of the top clock. */
TEST(no_saving_is_claimed_for_an_unknown_reference)
{
	struct ag_rates r = window_of(0, 0, 0, 0, 0);
	s64 saved;

	setup();
	r.queue = 0;
	r.valid &= ~BIT(ACCELGOV_SIG_CLOCK);
	r.power_mw = 70000;
	obey(&r, 1000, LOW_KHZ, TOP_KHZ);
	saved = core.saved_uj;
	obey(&r, 1000, LOW_KHZ, TOP_KHZ);
	EXPECT_EQ(core.saved_uj, saved);
	EXPECT_EQ(saved, 0);
}

TEST(phases_get_their_clocks)
{
	struct ag_rates memory = window_of(1000, 60, 900, 0, 0);
	struct ag_rates compute = window_of(1000, 950, 50, 0, 0);
	struct ag_rates idle = window_of(0, 0, 0, 0, 0);
	const struct ag_plan_entry *plan = core.plan.entry;

	setup();
	idle.queue = 0;
	compute.valid &= ~BIT(ACCELGOV_SIG_PROGRESS);
	EXPECT_GT(obey(&compute, 2000, LOW_KHZ, TOP_KHZ), 1200000);
	EXPECT_LT(obey(&memory, 1000, LOW_KHZ, TOP_KHZ), 1200000);
	/* From then on a change of phase is a look-up. */
	EXPECT_EQ(obey(&compute, 1, LOW_KHZ, TOP_KHZ),
		  plan[ag_slot(ACCELGOV_PHASE_COMPUTE, false)].khz);
	EXPECT_EQ(obey(&memory, 1, LOW_KHZ, TOP_KHZ),
		  plan[ag_slot(ACCELGOV_PHASE_MEMORY, false)].khz);
	EXPECT_GT(plan[ag_slot(ACCELGOV_PHASE_COMPUTE, false)].khz,
		  plan[ag_slot(ACCELGOV_PHASE_MEMORY, false)].khz);
	EXPECT_LT(obey(&idle, 500, LOW_KHZ, TOP_KHZ), 500000);
}

TEST(a_limit_of_a_phase_applies_as_it_begins)
{
	struct ag_rates memory = window_of(1000, 60, 900, 0, 0);
	struct ag_rates link = window_of(1000, 10, 20, 1000, 0);

	setup();
	cfg.phase[ACCELGOV_PHASE_LINK].max_khz = 600000;
	cfg.phase[ACCELGOV_PHASE_LINK].min_khz = 600000;
	cfg.phase[ACCELGOV_PHASE_MEMORY].min_khz = 1005000;
	cfg.phase[ACCELGOV_PHASE_MEMORY].max_khz = 1005000;
	ASSERT_EQ(ag_core_configure(&core, &cfg), 0);
	EXPECT_EQ(obey(&memory, 100, LOW_KHZ, TOP_KHZ), 1005000);
	EXPECT_EQ(obey(&link, 1, LOW_KHZ, TOP_KHZ), 600000);
	EXPECT_EQ(obey(&memory, 1, LOW_KHZ, TOP_KHZ), 1005000);
	/* What the device allows stands above what a phase wants. */
	EXPECT_EQ(obey(&link, 1, 900000, TOP_KHZ), 900000);
	EXPECT_EQ(obey(&memory, 1, LOW_KHZ, 705000), 705000);
}

static bool in_table(u32 khz)
{
	u32 i;

	for (i = 0; i < nr_opps; i++)
		if (opps[i].khz == khz)
			return true;
	return false;
}

static void random_config(struct random *rnd)
{
	u32 i, a, b;

	ag_config_default(&cfg);
	cfg.budget_permille = random_below(rnd, 1001);
	cfg.power_cap_mw = random_below(rnd, 2) ? 0 : (u32)random_any(rnd);
	cfg.sample_period_us = random_in(rnd, 1000, 100000);
	for (i = 0; i < ACCELGOV_PHASE_NR; i++) {
		a = random_below(rnd, nr_opps);
		b = random_below(rnd, nr_opps);
		if (random_below(rnd, 4) == 0)
			cfg.phase[i].min_khz = opps[min_t(u32, a, b)].khz;
		if (random_below(rnd, 4) == 0)
			cfg.phase[i].max_khz = opps[max_t(u32, a, b)].khz;
		cfg.phase[i].budget_permille = (s32)random_below(rnd, 1002) - 1;
	}
}

TEST(limits_hold_for_any_configuration)
{
	struct random rnd = { 70 };
	struct ag_decision d;
	u32 i, k, a, b;

	setup();
	for (i = 0; i < 1000; i++) {
		random_config(&rnd);
		ASSERT_EQ(ag_core_configure(&core, &cfg), 0);
		for (k = 0; k < 100; k++) {
			struct ag_rates r = window_of(random_below(&rnd, 1001),
						      random_below(&rnd, 1001),
						      random_below(&rnd, 1001),
						      random_below(&rnd, 1001),
						      random_below(&rnd, 1001));

			r.clock_khz = core.target_khz;
			sample(&r, 10);
			a = random_below(&rnd, nr_opps);
			b = random_in(&rnd, a, nr_opps - 1);
			ag_core_decide(&core, opps[a].khz, opps[b].khz, &d);
			ASSERT_TRUE(d.khz >= opps[a].khz && d.khz <= opps[b].khz);
			ASSERT_TRUE(in_table(d.khz));
			EXPECT_LT(d.reason, AG_REASON_NR);
			ag_core_applied(&core, d.khz, core.rates.time_ns);
		}
	}
}

TEST(signals_are_stale_after_three_periods)
{
	struct ag_rates r = window_of(1000, 900, 300, 0, 0);
	u64 last_ns;

	setup();
	EXPECT_TRUE(ag_core_stale(&core, SECOND));
	sample(&r, 10);
	last_ns = core.rates.time_ns;
	EXPECT_FALSE(ag_core_stale(&core, last_ns));
	EXPECT_FALSE(ag_core_stale(&core, last_ns + 30 * MS));
	EXPECT_TRUE(ag_core_stale(&core, last_ns + 30 * MS + 1));
	cfg.sample_period_us = 100000;
	ASSERT_EQ(ag_core_configure(&core, &cfg), 0);
	EXPECT_FALSE(ag_core_stale(&core, last_ns + 300 * MS));
	/* The time asleep does not count as silence. */
	ag_core_woke(&core, last_ns + 500 * MS);
	EXPECT_FALSE(ag_core_stale(&core, last_ns + 700 * MS));
}

TEST(lost_signals_are_forgotten_and_come_back)
{
	struct ag_rates memory = window_of(1000, 60, 900, 0, 0);
	u32 low;

	setup();
	low = obey(&memory, 12000, LOW_KHZ, TOP_KHZ);
	ag_core_lost_signals(&core, core.rates.time_ns + 40 * MS);
	EXPECT_EQ(core.phase.now, ACCELGOV_PHASE_UNKNOWN);
	EXPECT_EQ(core.planned_khz, TOP_KHZ);
	EXPECT_EQ(core.reason, AG_REASON_FALLBACK);
	sample(&memory, 1000);
	EXPECT_EQ(core.phase.now, ACCELGOV_PHASE_MEMORY);
	EXPECT_NEAR(obey(&memory, 100, LOW_KHZ, TOP_KHZ), low, low / 20);
}

TEST(useless_signals_lead_to_the_top_clock)
{
	struct ag_rates memory = window_of(1000, 60, 900, 0, 0);
	struct ag_rates power = memory;

	setup();
	EXPECT_LT(obey(&memory, 1000, LOW_KHZ, TOP_KHZ), 1200000);
	power.valid = BIT(ACCELGOV_SIG_POWER) | BIT(ACCELGOV_SIG_CLOCK);
	EXPECT_EQ(obey(&power, 3, LOW_KHZ, TOP_KHZ), TOP_KHZ);
}

/*
 * simple_ondemand with its default thresholds, written down from its
 * description in Hz, and what devfreq makes of the answer: the lowest point at
 * or above it, within limits.
 */
static u64 ondemand_hz(u64 busy, u64 total, u64 cur_hz)
{
	const u64 up = 90, diff = 5;

	if (!total)
		return U64_MAX;
	if (busy >= 1 << 24 || total >= 1 << 24) {
		busy >>= 7;
		total >>= 7;
	}
	if (busy * 100 > total * up)
		return U64_MAX;
	if (!cur_hz)
		return U64_MAX;
	if (busy * 100 > total * (up - diff))
		return cur_hz;
	return busy * cur_hz / total * 100 / (up - diff / 2);
}

static u32 devfreq_khz(u64 hz, u32 min_khz, u32 max_khz)
{
	u32 i;

	if (hz > max_khz * 1000ULL)
		hz = max_khz * 1000ULL;
	if (hz < min_khz * 1000ULL)
		hz = min_khz * 1000ULL;
	for (i = 0; i < nr_opps; i++)
		if (opps[i].khz * 1000ULL >= hz)
			return opps[i].khz;
	return opps[nr_opps - 1].khz;
}

TEST(the_fallback_decides_like_simple_ondemand)
{
	struct random rnd = { 71 };
	u32 i, a, b, cur, want, kinds[3] = { 0 };
	struct ag_decision d;
	u64 busy, total;

	setup();
	for (i = 0; i < 1000000; i++) {
		/* What the kernel's own arithmetic holds: 2 s of ns. */
		total = random_u64(&rnd) >> random_in(&rnd, 33, 62);
		busy = total * random_unit(&rnd);
		if (random_below(&rnd, 8) == 0)
			busy = total * random_in(&rnd, 84, 91) / 100;
		a = random_below(&rnd, nr_opps);
		b = random_in(&rnd, a, nr_opps - 1);
		cur = random_below(&rnd, 50) ?
		      opps[random_in(&rnd, a, b)].khz : 0;
		want = devfreq_khz(ondemand_hz(busy, total, cur * 1000ULL),
				   opps[a].khz, opps[b].khz);
		ag_core_fallback(&core, busy, total, cur, opps[a].khz,
				 opps[b].khz, &d);
		kinds[d.khz == opps[b].khz ? 0 : d.khz == cur ? 1 : 2]++;
		EXPECT_EQ(d.reason, AG_REASON_FALLBACK);
		if (!EXPECT_EQ(d.khz, want)) {
			unit_note("busy %" PRIu64 " of %" PRIu64 " at %u kHz, %u to %u",
				  busy, total, cur, opps[a].khz, opps[b].khz);
			break;
		}
	}
	unit_note("%u decisions: %u highest, %u kept, %u scaled", i, kinds[0],
		  kinds[1], kinds[2]);
}

/* Full busy time asks for the top clock, and a cap that a phase broke forbids it. */
TEST(the_fallback_keeps_the_cap)
{
	struct ag_rates hungry = window_of(1000, 900, 100, 0, 0);
	struct ag_rates frugal = window_of(1000, 100, 900, 0, 0);
	struct ag_decision d;
	u32 capped_khz;

	setup();
	cfg.power_cap_mw = 250000;
	EXPECT_EQ(ag_core_configure(&core, &cfg), 0);
	EXPECT_EQ(ag_core_cap_khz(&core), U32_MAX);
	hungry.power_mw = 400000;
	frugal.power_mw = 200000;
	obey(&frugal, 100, LOW_KHZ, TOP_KHZ);
	EXPECT_GE(ag_core_cap_khz(&core), TOP_KHZ);
	obey(&hungry, 100, LOW_KHZ, TOP_KHZ);
	obey(&frugal, 100, LOW_KHZ, TOP_KHZ);
	capped_khz = ag_core_cap_khz(&core);
	unit_note("the cap allows %u kHz", capped_khz);
	EXPECT_LT(capped_khz, TOP_KHZ);

	ag_core_lost_signals(&core, core.rates.time_ns + SECOND);
	ag_core_fallback(&core, 0, 0, TOP_KHZ, LOW_KHZ, TOP_KHZ, &d);
	EXPECT_EQ(d.khz, capped_khz);
	ag_core_fallback(&core, 100, 100, capped_khz, LOW_KHZ, TOP_KHZ, &d);
	EXPECT_EQ(d.khz, capped_khz);
	ag_core_fallback(&core, 0, 100, capped_khz, LOW_KHZ, TOP_KHZ, &d);
	EXPECT_EQ(d.khz, LOW_KHZ);
	/* The administrator's limit is the stronger one. */
	ag_core_fallback(&core, 100, 100, TOP_KHZ, TOP_KHZ, TOP_KHZ, &d);
	EXPECT_EQ(d.khz, TOP_KHZ);

	cfg.power_cap_mw = 0;
	EXPECT_EQ(ag_core_configure(&core, &cfg), 0);
	ag_core_fallback(&core, 100, 100, capped_khz, LOW_KHZ, TOP_KHZ, &d);
	EXPECT_EQ(d.khz, TOP_KHZ);
}

/* Limits may be no operating points, and what they left of one is nobody's wish. */
TEST(the_fallback_leaves_an_operating_point_to_go_on_from)
{
	struct ag_decision d;

	setup();
	ag_core_fallback(&core, 0, 100, TOP_KHZ, LOW_KHZ + 1, LOW_KHZ + 1, &d);
	EXPECT_EQ(d.khz, LOW_KHZ + 1);
	ag_core_decide(&core, LOW_KHZ, TOP_KHZ, &d);
	EXPECT_TRUE(in_table(d.khz));
}

TEST(the_fallback_takes_any_input)
{
	struct random rnd = { 72 };
	struct ag_decision d;
	u32 i;

	setup();
	for (i = 0; i < 300000; i++) {
		ag_core_fallback(&core, random_any(&rnd), random_any(&rnd),
				 (u32)random_any(&rnd), LOW_KHZ, TOP_KHZ, &d);
		ASSERT_TRUE(in_table(d.khz));
	}
}

TEST(names_are_stable)
{
	EXPECT_STREQ(ag_phase_name(ACCELGOV_PHASE_COMPUTE,
				   ACCELGOV_WORKLOAD_TRAINING),
		     "training-compute");
	EXPECT_STREQ(ag_phase_name(ACCELGOV_PHASE_COMPUTE,
				   ACCELGOV_WORKLOAD_INFERENCE),
		     "inference-prefill");
	EXPECT_STREQ(ag_phase_name(ACCELGOV_PHASE_MEMORY,
				   ACCELGOV_WORKLOAD_INFERENCE),
		     "inference-decode");
	EXPECT_STREQ(ag_phase_name(ACCELGOV_PHASE_LINK,
				   ACCELGOV_WORKLOAD_TRAINING),
		     "training-collective");
	EXPECT_STREQ(ag_phase_name(ACCELGOV_PHASE_LINK,
				   ACCELGOV_WORKLOAD_UNKNOWN), "link-wait");
	EXPECT_STREQ(ag_phase_name(ACCELGOV_PHASE_LOADED_IDLE,
				   ACCELGOV_WORKLOAD_TRAINING), "loaded-idle");
	EXPECT_STREQ(ag_phase_name(99, 99), "unknown");
	EXPECT_STREQ(ag_phase_base_name(99), "unknown");
	EXPECT_STREQ(ag_workload_name(99), "unknown");
	EXPECT_STREQ(ag_reason_name(99), "hold");
	for (u32 i = 0; i < AG_REASON_NR; i++)
		EXPECT_TRUE(ag_reason_name(i) && *ag_reason_name(i));
	for (u32 i = 0; i < ACCELGOV_PHASE_NR; i++)
		EXPECT_TRUE(*ag_phase_name(i, ACCELGOV_WORKLOAD_TRAINING));
}
