// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz: signals and everything else that reaches the policy core.
 *
 * The input is a device (points, configuration) and then a sequence of steps:
 * windows as a collector pushes them, windows of garbage, other knobs, other
 * limits, a driver that sets something else, answers of a limiter, clocks that jump,
 * signals that stop. A window may repeat, so that a few bytes reach as far as a minute.
 */
#include "fuzz.h"
#include "invariant.h"

#define STEPS_MAX	4096

struct run {
	struct bytes in;
	struct ag_core core;
	struct ag_opp opps[AG_OPP_MAX];
	uint32_t nr_opps;
	uint64_t now_ns;
	uint32_t min_khz;
	uint32_t max_khz;
	bool limits_in_table;
	uint32_t steps;
};

static void take_points(struct run *r)
{
	bool voltages = take_below(&r->in, 2);
	uint32_t khz = 1 + take_below(&r->in, 2000000);
	uint32_t step = 1 + take_below(&r->in, 30000000);

	r->nr_opps = 1 + take_below(&r->in, AG_OPP_MAX);
	for (uint32_t i = 0; i < r->nr_opps; i++) {
		r->opps[i].khz = khz;
		r->opps[i].mv = voltages ? 600 + 4 * i : 0;
		/* The last points of a steep table would not fit. */
		khz += khz < UINT32_MAX - step ? step : 0;
		if (khz == r->opps[i].khz)
			r->nr_opps = i + 1;
	}
	if (take_below(&r->in, 8) == 7)
		r->opps[take_below(&r->in, r->nr_opps)].mv =
			(uint32_t)take_any(&r->in);
}

static uint32_t take_point(struct run *r)
{
	return r->opps[take_below(&r->in, r->nr_opps)].khz;
}

static void take_phase_limits(struct run *r, struct ag_config *cfg)
{
	uint32_t phase = take_below(&r->in, ACCELGOV_PHASE_NR);
	struct ag_phase_limits *l = &cfg->phase[phase];
	uint32_t a = take_point(r), b = take_point(r);

	l->min_khz = take_below(&r->in, 2) ? min_t(u32, a, b) : 0;
	l->max_khz = take_below(&r->in, 2) ? max_t(u32, a, b) : 0;
	l->budget_permille = (int32_t)take_below(&r->in, 1002) - 1;
}

static void take_config(struct run *r, struct ag_config *cfg)
{
	ag_config_default(cfg);
	cfg->budget_permille = take_below(&r->in, 1001);
	cfg->sample_period_us = 1000 + take_below(&r->in, 99001);
	cfg->power_cap_mw = (uint32_t)take_any(&r->in);
	cfg->idle.enable = take_below(&r->in, 2);
	cfg->idle.break_even_us = (uint32_t)take_any(&r->in);
	cfg->idle.wake_latency_us = (uint32_t)take_any(&r->in);
	cfg->idle.max_latency_us = (uint32_t)take_any(&r->in);
	for (uint32_t i = take_below(&r->in, 4); i; i--)
		take_phase_limits(r, cfg);
	cfg->idle.nr_states = take_below(&r->in, AG_IDLE_STATES + 1);
	cfg->idle.awake_mw = cfg->idle.nr_states ? (uint32_t)take_any(&r->in) : 0;
	if (cfg->idle.nr_states) {
		cfg->idle.early_mw = (uint32_t)take_any(&r->in);
		cfg->idle.early_uj = (uint32_t)take_any(&r->in);
		cfg->idle.early_us = (uint32_t)take_any(&r->in);
	}
	for (uint32_t i = 0; i < cfg->idle.nr_states; i++)
		cfg->idle.state[i] = (struct ag_idle_state){
			.power_mw = (uint32_t)take_any(&r->in),
			.wake_us = (uint32_t)take_any(&r->in),
			.switch_uj = (uint32_t)take_any(&r->in),
		};
}

/* What the device's limiter is asked for it can hold, and only then. */
static void check_cap(const struct run *r, uint32_t cap_mw)
{
	const struct ag_limiter *l = &r->core.limiter;

	HOLDS(!cap_mw || (cap_mw >= l->min_mw && cap_mw <= l->max_mw));
	HOLDS(!cap_mw == (l->state == AG_LIMITER_OFF || l->state == AG_LIMITER_FAILED));
}

static void decide(struct run *r, bool apply)
{
	struct ag_decision d;
	const char *why;

	ag_core_decide(&r->core, r->min_khz, r->max_khz, &d);
	why = broken_decision(&r->core, &d, r->min_khz, r->max_khz,
			      r->limits_in_table);
	if (why)
		fprintf(stderr, "%s: %u kHz, limits %u to %u, slowdown %u, energy %u\n",
			why, d.khz, r->min_khz, r->max_khz,
			d.slowdown_permille, d.energy_permille);
	HOLDS(!why);
	check_cap(r, d.cap_mw);
	if (apply)
		ag_core_applied(&r->core, d.khz, r->now_ns);
}

static void push(struct run *r, const struct accelgov_sample *s)
{
	u64 energy_uj = r->core.energy_uj, samples = r->core.samples;
	struct ag_rates rates;
	u32 ev;

	if (ag_sample_check(s))
		return;
	ag_sample_rates(s, &rates);
	ev = ag_core_sample(&r->core, &rates);
	HOLDS(!(ev & ~(AG_EV_PHASE | AG_EV_RETARGET | AG_EV_GUARD | AG_EV_IDLE |
		       AG_EV_CAP)));
	HOLDS(!(ev & AG_EV_CAP) || r->core.limiter.max_mw);
	HOLDS(r->core.energy_uj >= energy_uj);
	HOLDS(r->core.samples - samples <= 1);
	if (ev & (AG_EV_RETARGET | AG_EV_CAP))
		decide(r, true);
}

/* A window such as devices show; one byte for each signal. */
static void plausible(struct run *r)
{
	u64 period_ns = r->core.cfg.sample_period_us * 1000ULL;
	u32 repeat = 1 + take_below(&r->in, 64);
	struct accelgov_sample s = {
		.window_ns = period_ns,
		.valid = 0x3ff & ~(u32)take(&r->in, 2),
	};

	for (u32 i = 0; i < ACCELGOV_SIG_NR; i++)
		s.val[i] = take(&r->in, 1) * 4;
	s.val[ACCELGOV_SIG_QUEUE] *= 10;
	s.val[ACCELGOV_SIG_POWER] *= 1000;
	s.val[ACCELGOV_SIG_PROGRESS] *= 1000;
	while (repeat-- && r->steps++ < STEPS_MAX) {
		r->now_ns += period_ns;
		s.time_ns = r->now_ns;
		s.val[ACCELGOV_SIG_CLOCK] = r->core.target_khz;
		push(r, &s);
	}
}

static void garbage(struct run *r)
{
	struct accelgov_sample s = {
		.time_ns = take_below(&r->in, 4) ? r->now_ns : take_any(&r->in),
		.window_ns = take_any(&r->in),
		.valid = (u32)take(&r->in, 2),
		.amount = (u32)take(&r->in, 2),
		.pad = take_below(&r->in, 256) == 255,
	};

	for (u32 i = 0; i < ACCELGOV_SIG_NR; i++)
		s.val[i] = take_any(&r->in);
	push(r, &s);
}

static void limits(struct run *r)
{
	uint32_t a, b;

	r->limits_in_table = take_below(&r->in, 4);
	a = r->limits_in_table ? take_point(r) : (uint32_t)take_any(&r->in);
	b = r->limits_in_table ? take_point(r) : (uint32_t)take_any(&r->in);
	r->min_khz = min_t(u32, a, b);
	r->max_khz = max_t(u32, a, b);
	decide(r, take_below(&r->in, 2));
}

static void fallback(struct run *r)
{
	u64 busy = take_any(&r->in), total = take_any(&r->in);
	u32 cur_khz = (u32)take_any(&r->in);
	struct ag_decision d;

	ag_core_fallback(&r->core, busy, total, cur_khz, r->min_khz,
			 r->max_khz, &d);
	HOLDS(d.khz >= r->min_khz && d.khz <= r->max_khz);
	HOLDS(d.reason == AG_REASON_FALLBACK);
	ag_core_applied(&r->core, d.khz, r->now_ns);
}

static void configure(struct run *r)
{
	struct ag_config cfg;

	take_config(r, &cfg);
	HOLDS(!ag_core_configure(&r->core, &cfg));
	cfg.budget_permille = 1001;
	HOLDS(ag_core_configure(&r->core, &cfg) == -ERANGE);
	HOLDS(r->core.cfg.budget_permille <= 1000);
}

static void step(struct run *r)
{
	switch (take_below(&r->in, 16)) {
	case 0:
		garbage(r);
		break;
	case 1:
		limits(r);
		break;
	case 2:
		fallback(r);
		break;
	case 3:
		configure(r);
		break;
	case 4:
		/* A clock that jumps, up to 18 years ahead. */
		r->now_ns += take_any(&r->in) >> 5;
		break;
	case 5:
		ag_core_lost_signals(&r->core, r->now_ns);
		HOLDS(r->core.phase.now == ACCELGOV_PHASE_UNKNOWN);
		break;
	case 6:
		ag_core_woke(&r->core, r->now_ns);
		break;
	case 7:
		/* The driver rounds, or somebody else has set a clock. */
		ag_core_applied(&r->core, (u32)take_any(&r->in), r->now_ns);
		break;
	case 8:
		ag_core_stale(&r->core, take_any(&r->in));
		break;
	case 9:
		/* Nobody has to be asked to answer. */
		ag_core_limited(&r->core, take_below(&r->in, 4), r->now_ns);
		break;
	default:
		plausible(r);
		break;
	}
}

static void begin(struct run *r)
{
	struct ag_config cfg;
	u32 switch_us, halt_us, min_mw, max_mw;

	take_points(r);
	take_config(r, &cfg);
	switch_us = (u32)take_any(&r->in);
	halt_us = (u32)take_any(&r->in);
	r->now_ns = 1 + (take_any(&r->in) >> 3);
	r->min_khz = r->opps[0].khz;
	r->max_khz = r->opps[r->nr_opps - 1].khz;
	r->limits_in_table = true;
	HOLDS(!ag_core_init(&r->core, r->opps, r->nr_opps, &cfg, r->now_ns));
	ag_core_switching(&r->core, switch_us, halt_us);
	min_mw = (u32)take(&r->in, 3);
	max_mw = (u32)take(&r->in, 3);
	ag_core_limiter(&r->core, min_t(u32, min_mw, max_mw), max_mw);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct run r;
	const char *why = NULL;

	memset(&r, 0, sizeof(r));
	r.in = (struct bytes){ data, data + size };
	begin(&r);
	while (!why && r.in.at < r.in.end && r.steps++ < STEPS_MAX) {
		step(&r);
		why = broken_state(&r.core);
	}
	if (why)
		fprintf(stderr, "%s\n", why);
	HOLDS(!why);
	return 0;
}
