// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz: random samples, configurations, limits and events, in any order. What
 * must hold: no sanitizer report, no clock outside the table or the limits, no
 * published number outside its range.
 */
#include "unit.h"
#include "invariant.h"
#include "random.h"
#include "window.h"

#define ROUNDS	600
#define STEPS	5000

static struct ag_core core;
static struct ag_opp opps[AG_OPP_MAX];
static u32 nr_opps;
static u64 now_ns;
static struct random rnd;
static u32 taken, refused;

static void random_opps(void)
{
	u32 i, khz = random_in(&rnd, 1, 400000);
	u32 step = 1 + (u32)random_any(&rnd) % 30000000;

	nr_opps = random_in(&rnd, 1, AG_OPP_MAX);
	for (i = 0; i < nr_opps; i++) {
		opps[i].khz = khz;
		opps[i].mv = random_below(&rnd, 2) ? 700 + i :
						     (u32)random_any(&rnd);
		khz += step;
	}
}

static void random_config(struct ag_config *cfg)
{
	u32 i, lo, hi;

	ag_config_default(cfg);
	cfg->budget_permille = random_below(&rnd, 1001);
	cfg->power_cap_mw = random_below(&rnd, 2) ? 0 : (u32)random_any(&rnd);
	cfg->sample_period_us = random_in(&rnd, 1000, 100000);
	cfg->idle.enable = random_below(&rnd, 2);
	cfg->idle.break_even_us = (u32)random_any(&rnd);
	cfg->idle.wake_latency_us = (u32)random_any(&rnd);
	cfg->idle.max_latency_us = (u32)random_any(&rnd);
	cfg->idle.awake_mw = (u32)random_any(&rnd);
	cfg->idle.early_mw = (u32)random_any(&rnd);
	cfg->idle.early_uj = (u32)random_any(&rnd);
	cfg->idle.early_us = (u32)random_any(&rnd);
	cfg->idle.nr_states = random_below(&rnd, AG_IDLE_STATES + 1);
	for (i = 0; i < cfg->idle.nr_states; i++)
		cfg->idle.state[i] = (struct ag_idle_state){
			.power_mw = (u32)random_any(&rnd),
			.wake_us = (u32)random_any(&rnd),
			.switch_uj = (u32)random_any(&rnd),
		};
	for (i = 0; i < ACCELGOV_PHASE_NR; i++) {
		struct ag_phase_limits *l = &cfg->phase[i];

		lo = random_below(&rnd, nr_opps);
		hi = random_in(&rnd, lo, nr_opps - 1);
		l->min_khz = random_below(&rnd, 2) ? 0 : opps[lo].khz;
		l->max_khz = random_below(&rnd, 2) ? 0 : opps[hi].khz;
		l->budget_permille = (s32)random_below(&rnd, 1002) - 1;
	}
}

/* Half of the values plausible, half anything. */
static u64 random_value(enum accelgov_signal sig, u64 window_ns, bool amount)
{
	if (random_below(&rnd, 2))
		return random_any(&rnd);
	if (sig <= ACCELGOV_SIG_HOST)
		return amount ? random_unit(&rnd) * window_ns :
				random_below(&rnd, 1001);
	if (sig == ACCELGOV_SIG_CLOCK && !amount)
		return opps[random_below(&rnd, nr_opps)].khz;
	return random_below(&rnd, 1000000);
}

static void random_sample(struct accelgov_sample *s)
{
	u32 i;

	memset(s, 0, sizeof(*s));
	s->window_ns = random_below(&rnd, 4) ? 10 * MS : random_any(&rnd);
	now_ns += random_below(&rnd, 50) ? random_below(&rnd, 20 * MS) :
					   random_any(&rnd) >> 24;
	s->time_ns = random_below(&rnd, 2000) ? now_ns : random_any(&rnd) >> 2;
	s->valid = random_below(&rnd, 2) ? ALL_SIGNALS :
					   (u32)random_any(&rnd);
	s->amount = random_below(&rnd, 2) ? ALL_SIGNALS :
					    random_below(&rnd, ALL_SIGNALS + 1);
	for (i = 0; i < ACCELGOV_SIG_NR; i++)
		s->val[i] = random_value(i, s->window_ns, s->amount >> i & 1);
}

static void check(const char *broken)
{
	if (!EXPECT_TRUE(!broken))
		unit_note("%s", broken);
}

static void decide(void)
{
	u32 a = random_below(&rnd, nr_opps), b = random_in(&rnd, a, nr_opps - 1);
	struct ag_decision d;

	if (random_below(&rnd, 16) == 0) {
		ag_core_fallback(&core, random_any(&rnd), random_any(&rnd),
				 (u32)random_any(&rnd), opps[a].khz,
				 opps[b].khz, &d);
	} else {
		ag_core_decide(&core, opps[a].khz, opps[b].khz, &d);
	}
	check(broken_decision(&core, &d, opps[a].khz, opps[b].khz, true));
	if (random_below(&rnd, 8))
		ag_core_applied(&core, d.khz, now_ns);
}

static void event(void)
{
	struct ag_config cfg;

	switch (random_below(&rnd, 200)) {
	case 0:
		random_config(&cfg);
		EXPECT_EQ(ag_core_configure(&core, &cfg), 0);
		break;
	case 1:
		ag_core_lost_signals(&core, now_ns);
		break;
	case 2:
		ag_core_woke(&core, now_ns);
		break;
	case 3:
		ag_core_stale(&core, random_any(&rnd));
		break;
	case 4:
		ag_core_limited(&core, random_below(&rnd, 4), now_ns);
		break;
	default:
		break;
	}
}

static void step(void)
{
	struct accelgov_sample s;
	struct ag_rates r;
	u32 ev = 0;

	event();
	random_sample(&s);
	if (ag_sample_check(&s)) {
		refused++;
	} else {
		taken++;
		ag_sample_rates(&s, &r);
		ev = ag_core_sample(&core, &r);
	}
	if (ev & AG_EV_RETARGET || random_below(&rnd, 8) == 0)
		decide();
}

TEST(anything_in_any_order)
{
	struct ag_config cfg;
	u32 i, k;

	for (i = 0; i < ROUNDS; i++) {
		rnd.state = 1000 + i;
		random_opps();
		random_config(&cfg);
		now_ns = random_any(&rnd) >> 3;
		if (!EXPECT_EQ(ag_core_init(&core, opps, nr_opps, &cfg, now_ns), 0))
			return;
		k = random_below(&rnd, 500000);
		if (i & 1)
			ag_core_limiter(&core, k, k + random_below(&rnd, 500000));
		if (i & 2)
			ag_core_switching(&core, (u32)random_any(&rnd),
					  (u32)random_any(&rnd));
		for (k = 0; k < STEPS; k++) {
			step();
			if (!(k & 15))
				check(broken_state(&core));
			if (unit_failures) {
				unit_note("seed %u, step %u", 1000 + i, k);
				return;
			}
		}
	}
	unit_note("%u samples taken, %u refused", taken, refused);
	EXPECT_GT(taken, 1000000);
	EXPECT_GT(refused, 100000);
}

/* After any garbage, honest signals lead to a sensible clock again. */
TEST(recovers_from_garbage)
{
	struct ag_rates r = window_of(1000, 40, 900, 0, 0);
	static struct asim_chip chip;
	struct accelgov_sample s;
	struct ag_decision d;
	struct ag_config cfg;
	u32 i, k;

	for (i = 0; i < 50; i++) {
		rnd.state = 5000 + i;
		ag_config_default(&cfg);
		nr_opps = points_of("a100-sxm", &chip, opps);
		now_ns = SECOND;
		ag_core_init(&core, opps, nr_opps, &cfg, now_ns);
		for (k = 0; k < 2000; k++) {
			random_sample(&s);
			s.time_ns = now_ns;
			if (ag_sample_check(&s))
				continue;
			ag_sample_rates(&s, &r);
			ag_core_sample(&core, &r);
			ag_core_decide(&core, opps[0].khz,
				       opps[nr_opps - 1].khz, &d);
			ag_core_applied(&core, d.khz, now_ns);
		}
		/* Two minutes of decode. */
		for (k = 0; k < 12000; k++) {
			now_ns += 10 * MS;
			r = window_of(1000, 40, 900, 0, 0);
			r = window_at(&r, opps[nr_opps - 1].khz,
				      core.target_khz);
			r.time_ns = now_ns;
			if (ag_core_sample(&core, &r) & AG_EV_RETARGET) {
				ag_core_decide(&core, opps[0].khz,
					       opps[nr_opps - 1].khz, &d);
				ag_core_applied(&core, d.khz, now_ns);
			}
		}
		EXPECT_EQ(core.phase.now, ACCELGOV_PHASE_MEMORY);
		if (!EXPECT_LT(core.target_khz, 1200000))
			unit_note("seed %u ends at %u kHz, %s", 5000 + i,
				  core.target_khz, ag_reason_name(core.reason));
	}
}
