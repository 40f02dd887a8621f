// SPDX-License-Identifier: GPL-2.0
/*
 * Limiter: a power cap that the device holds itself, and what the core learns then.
 */
#include "unit.h"
#include "loop.h"

#define CAP_MW		300000
#define MIN_MW		200000
#define MAX_MW		700000
#define RUN_SECONDS	120

static struct ag_limiter limiter;
static struct loop loop;
static u64 now_ns;

/* Windows of 10 ms at @mw for @ms. */
static void draw(u32 cap_mw, u32 mw, u32 ms, bool capped)
{
	struct ag_rates r = window_of(1000, 900, 100, 0, 0);
	u32 i;

	r.power_mw = mw;
	for (i = 0; i < ms / 10; i++) {
		now_ns += 10 * MS;
		r.time_ns = now_ns;
		ag_limiter_update(&limiter, cap_mw, &r, capped);
	}
}

static void begin(void)
{
	now_ns = SECOND;
	ag_limiter_init(&limiter, MIN_MW, MAX_MW);
}

static void begin_holding(void)
{
	begin();
	draw(CAP_MW, CAP_MW + 1, 10, false);
	ag_limiter_answer(&limiter, true, now_ns);
}

TEST(without_a_limiter_or_a_cap_nothing_is_asked)
{
	begin();
	draw(0, 900000, 1000, true);
	EXPECT_EQ(limiter.asked_mw, 0);
	draw(MAX_MW, 900000, 1000, true);
	EXPECT_EQ(limiter.asked_mw, 0);
	ag_limiter_init(&limiter, 0, 0);
	draw(CAP_MW, 900000, 1000, true);
	EXPECT_EQ(limiter.asked_mw, 0);
	EXPECT_FALSE(ag_limiter_holds(&limiter, CAP_MW));
}

TEST(it_is_asked_where_the_cap_binds)
{
	begin();
	draw(CAP_MW, CAP_MW, 5000, false);
	EXPECT_EQ(limiter.asked_mw, 0);
	draw(CAP_MW, CAP_MW / 2, 10, true);
	EXPECT_EQ(limiter.asked_mw, CAP_MW);
	begin();
	draw(CAP_MW, CAP_MW + 1, 10, false);
	EXPECT_EQ(limiter.asked_mw, CAP_MW);
	EXPECT_FALSE(ag_limiter_holds(&limiter, CAP_MW));
	ag_limiter_answer(&limiter, true, now_ns);
	EXPECT_TRUE(ag_limiter_holds(&limiter, CAP_MW));
}

TEST(below_its_range_the_clock_does_the_rest)
{
	begin();
	draw(MIN_MW / 2, MIN_MW, 10, true);
	EXPECT_EQ(limiter.asked_mw, MIN_MW);
	ag_limiter_answer(&limiter, true, now_ns);
	EXPECT_FALSE(ag_limiter_holds(&limiter, MIN_MW / 2));
	/* The clock's plan goes on to say that work is bound. */
	draw(MIN_MW / 2, MIN_MW / 2, 2000000, true);
	EXPECT_EQ(limiter.asked_mw, MIN_MW);
}

TEST(the_wish_ends_when_nothing_was_bound_for_ten_minutes)
{
	begin_holding();
	draw(CAP_MW, CAP_MW, 100000, false);
	EXPECT_EQ(limiter.asked_mw, CAP_MW);
	draw(CAP_MW, CAP_MW / 2, 599000, false);
	EXPECT_EQ(limiter.asked_mw, CAP_MW);
	draw(CAP_MW, CAP_MW - 1, 10, false);
	draw(CAP_MW, CAP_MW / 2, 599000, false);
	EXPECT_EQ(limiter.asked_mw, CAP_MW);
	draw(CAP_MW, CAP_MW / 2, 2000, false);
	EXPECT_EQ(limiter.asked_mw, 0);
	EXPECT_FALSE(ag_limiter_holds(&limiter, CAP_MW));
}

TEST(another_cap_is_asked_for_at_once)
{
	begin_holding();
	ag_limiter_configure(&limiter, CAP_MW + 1000);
	EXPECT_EQ(limiter.asked_mw, CAP_MW + 1000);
	EXPECT_FALSE(ag_limiter_holds(&limiter, CAP_MW + 1000));
	ag_limiter_configure(&limiter, 0);
	EXPECT_EQ(limiter.asked_mw, 0);
	EXPECT_EQ(limiter.state, AG_LIMITER_OFF);
}

/* Return: for how long after a failure it is not asked, in seconds. */
static u32 silence(void)
{
	u64 from_ns = now_ns;

	while (!limiter.asked_mw && now_ns < from_ns + 10000 * SECOND)
		draw(CAP_MW, CAP_MW + 1, 10, true);
	return (now_ns - from_ns) / SECOND;
}

TEST(one_that_refuses_is_asked_ever_less)
{
	u32 i;

	begin();
	draw(CAP_MW, CAP_MW + 1, 10, true);
	for (i = 0; i < 9; i++) {
		u32 want_s = 60 << min_t(u32, i, 6);

		ag_limiter_answer(&limiter, false, now_ns);
		EXPECT_EQ(limiter.asked_mw, 0);
		EXPECT_FALSE(ag_limiter_holds(&limiter, CAP_MW));
		EXPECT_EQ(silence(), want_s);
	}
	ag_limiter_answer(&limiter, false, now_ns);
	ag_limiter_configure(&limiter, CAP_MW + 1);
	draw(CAP_MW + 1, CAP_MW + 2, 10, true);
	EXPECT_EQ(limiter.asked_mw, CAP_MW + 1);
}

TEST(power_above_the_cap_ends_trust)
{
	/* What sensors are off by, and moments, don't. */
	begin_holding();
	draw(CAP_MW, CAP_MW + CAP_MW / 32, 100000, false);
	EXPECT_TRUE(ag_limiter_holds(&limiter, CAP_MW));
	draw(CAP_MW, 2 * CAP_MW, 700, false);
	EXPECT_TRUE(ag_limiter_holds(&limiter, CAP_MW));
	draw(CAP_MW, CAP_MW, 400, false);
	draw(CAP_MW, 2 * CAP_MW, 400, false);
	EXPECT_TRUE(ag_limiter_holds(&limiter, CAP_MW));
	draw(CAP_MW, 2 * CAP_MW, 500, false);
	EXPECT_FALSE(ag_limiter_holds(&limiter, CAP_MW));
	EXPECT_EQ(limiter.asked_mw, 0);
}

TEST(what_nobody_sees_is_not_trusted)
{
	static const u32 lacks[] = { ACCELGOV_SIG_POWER, ACCELGOV_SIG_CLOCK };
	struct ag_rates r = window_of(1000, 900, 100, 0, 0);
	u32 i, k;

	for (i = 0; i < ARRAY_SIZE(lacks); i++) {
		begin_holding();
		r = window_of(1000, 900, 100, 0, 0);
		r.power_mw = CAP_MW;
		r.valid &= ~BIT(lacks[i]);
		for (k = 0; k < 100; k++) {
			r.time_ns = now_ns += 10 * MS;
			ag_limiter_update(&limiter, CAP_MW, &r, true);
		}
		EXPECT_FALSE(ag_limiter_holds(&limiter, CAP_MW));
		draw(CAP_MW, CAP_MW, 10, true);
		EXPECT_EQ(limiter.asked_mw, 0);
	}
	/* Nor is it asked. */
	begin();
	for (k = 0; k < 100; k++) {
		r.time_ns = now_ns += 10 * MS;
		ag_limiter_update(&limiter, CAP_MW, &r, true);
	}
	EXPECT_EQ(limiter.asked_mw, 0);
}

static struct ag_core core;

/* A window of 10 ms of arithmetic. */
static void compute(u32 khz, u32 mw)
{
	struct ag_rates r = window_of(1000, 900, 100, 0, 0);

	r.time_ns = core.rates.time_ns + 10 * MS;
	r.clock_khz = khz;
	r.power_mw = mw;
	ag_core_sample(&core, &r);
}

static void compute_for(u32 windows, u32 khz, u32 mw)
{
	while (windows--)
		compute(khz, mw);
}

/* A core whose cap is held, or that has none, at a target. Return: the top clock. */
static u32 core_init(bool held, u32 budget_permille, u32 khz)
{
	static struct ag_opp opps[AG_OPP_MAX];
	static struct asim_chip chip;
	struct ag_config cfg;
	u32 nr = points_of("a100-sxm", &chip, opps), top_khz = opps[nr - 1].khz;

	ag_config_default(&cfg);
	cfg.budget_permille = budget_permille;
	cfg.power_cap_mw = held ? CAP_MW : 0;
	EXPECT_EQ(ag_core_init(&core, opps, nr, &cfg, SECOND), 0);
	ag_core_limiter(&core, MIN_MW, MAX_MW);
	ag_core_applied(&core, khz ? khz : top_khz, SECOND);
	compute_for(10, core.target_khz, CAP_MW + 1);
	ag_core_limited(&core, true, core.rates.time_ns);
	EXPECT_EQ(ag_limiter_holds(&core.limiter, CAP_MW), held);
	return top_khz;
}

/* A cap that goes must not leave a board that is thought to be held for ever. */
TEST(a_limit_is_not_what_the_board_holds)
{
	const struct ag_sens_phase *p = &core.sens.phase[ACCELGOV_PHASE_COMPUTE];

	core_init(false, 0, 0);
	compute_for(300, 1000000, CAP_MW);
	EXPECT_GE(p->ref_khz, 990000);
	EXPECT_LE(p->ref_khz, 1010000);
	core_init(true, 0, 0);
	compute_for(300, 1000000, CAP_MW);
	EXPECT_TRUE(!p->ref_khz || p->ref_khz >= 1390000);
}

/* The clock stays until there is lighter work: nobody switched for so long. */
TEST(what_is_held_back_is_no_slow_switch)
{
	u32 top_khz = core_init(true, 0, 1005000), switches;

	compute_for(100, 1005000, CAP_MW);
	switches = core.switches;
	ag_core_applied(&core, top_khz, core.rates.time_ns);
	compute_for(40, 1005000, CAP_MW);
	EXPECT_EQ(core.applied_ns, 0);
	compute_for(40, top_khz, CAP_MW / 2);
	EXPECT_EQ(core.switches, switches);
	/* One that it does not hold back is measured. */
	ag_core_applied(&core, 1005000, core.rates.time_ns);
	compute_for(4, top_khz, CAP_MW / 2);
	compute_for(40, 1005000, CAP_MW / 2);
	EXPECT_EQ(core.switches, switches + 1);
}

TEST(what_is_held_back_is_not_probed)
{
	u64 before_ns;

	core_init(true, 1000, 1305000);
	before_ns = core.probe_ns;
	compute_for(2000, 1005000, CAP_MW);
	EXPECT_EQ(core.probe_ns, before_ns);
	compute_for(2000, 1005000, CAP_MW / 2);
	EXPECT_GT(core.probe_ns, before_ns);
}

/* Half a second of arithmetic, a second of memory traffic, a moment without work. */
struct turns {
	struct loop_job job;
	u32 n;
};

static uint64_t turns_next(struct loop_job *job, uint64_t at_ns,
			   struct accelsim_item *item)
{
	struct turns *t = (struct turns *)job;
	u32 n = t->n++ % 152;

	if (n < 50) {
		item->ops = 5e12;
		item->label = ACCELGOV_PHASE_COMPUTE;
	} else if (n < 150) {
		item->bytes = 25e9;
		item->ops = 2e11;
		item->label = ACCELGOV_PHASE_MEMORY;
	} else {
		item->host_ns = 100 * MS;
		item->label = ACCELGOV_PHASE_STALL;
	}
	return 0;
}

/* From here on everything has been asked for. */
#define WARM_NS		(11 * SECOND)

static u64 warm_uj, last_uj, last_ns, over_ns;
static u32 most_mw;

static void measure(struct loop *l)
{
	u64 uj = asim_counter(&l->model, ACCELGOV_SIG_POWER, l->now_ns);

	if (l->now_ns < WARM_NS)
		warm_uj = uj;
	else if ((uj - last_uj) * 1000000 > (l->now_ns - last_ns) * most_mw)
		over_ns += l->now_ns - last_ns;
	last_uj = uj;
	last_ns = l->now_ns;
}

static struct turns turns;

static void turns_init(enum loop_limiter kind, u32 cap_mw)
{
	memset(&turns, 0, sizeof(turns));
	turns.job.next = turns_next;
	loop_init(&loop, "h100-sxm", &turns.job);
	loop.limiter = kind;
	loop.cfg.power_cap_mw = cap_mw;
	loop.tick = measure;
	most_mw = cap_mw + cap_mw / 100;
	over_ns = 0;
}

/* Return: true power after the beginning. */
static u32 turns_run(enum loop_limiter kind, u32 cap_mw)
{
	turns_init(kind, cap_mw);
	if (!EXPECT_TRUE(loop_run(&loop, RUN_SECONDS)))
		return 0;
	return (loop.energy_uj - warm_uj) / (RUN_SECONDS - 10) / 1000;
}

/* The ledger's slowdown since the beginning. */
static u32 booked_permille(void)
{
	return (u32)(loop.core.guard.lost_total_us * 1000 /
		     loop.core.guard.work_total_us);
}

static void tell(const char *how)
{
	unit_note("%s: slowdown %u permille, booked %u, above the cap %llu ms, %u switches, asked %u times",
		  how, loop_slowdown_permille(&loop), booked_permille(),
		  (unsigned long long)(over_ns / MS), loop.switches, loop.asked);
}

TEST(a_cap_that_never_binds_changes_nothing)
{
	static struct ag_core without;

	turns_run(LOOP_NO_LIMITER, 0);
	without = loop.core;
	turns_run(LOOP_OBEYS, 0);
	EXPECT_EQ(loop.asked, 0);
	loop.core.limiter = without.limiter;
	EXPECT_EQ(memcmp(&without, &loop.core, sizeof(without)), 0);
}

TEST(the_limiter_holds_the_cap_with_less_loss_and_no_more_power)
{
	u32 slow, switches, mw;
	u64 over;

	turns_run(LOOP_NO_LIMITER, CAP_MW);
	tell("clock");
	slow = loop_slowdown_permille(&loop);
	switches = loop.switches;
	over = over_ns;

	mw = turns_run(LOOP_OBEYS, CAP_MW);
	tell("limiter");
	EXPECT_EQ(loop.asked, 1);
	EXPECT_EQ(loop.core.limiter.state, AG_LIMITER_HOLDS);
	EXPECT_LE(mw, CAP_MW);
	EXPECT_LE(loop_slowdown_permille(&loop), slow);
	EXPECT_LE(loop.switches, switches);
	EXPECT_LE(over_ns, over);
	EXPECT_EQ(over_ns, 0);
}

TEST(what_the_limiter_takes_teaches_nothing_false)
{
	u32 top_khz, switch_us;

	turns_run(LOOP_NO_LIMITER, 0);
	switch_us = loop.core.switch_us;
	turns_run(LOOP_OBEYS, CAP_MW);
	top_khz = ag_opp_top_khz(&loop.core.opp);
	unit_note("switches take %u us, %u without a cap", loop.core.switch_us,
		  switch_us);
	EXPECT_GE(loop_slowdown_permille(&loop), 100);
	EXPECT_GE(loop.core.switch_us, switch_us / 2);
	EXPECT_LE(loop.core.switch_us, switch_us * 2);
	EXPECT_EQ(loop.core.sens.phase[ACCELGOV_PHASE_COMPUTE].ref_khz, 0);
	EXPECT_GE(ag_sens_ref_khz(&loop.core.sens, ACCELGOV_PHASE_MEMORY,
				  &loop.core.opp), top_khz - top_khz / 50);
	EXPECT_GE(loop_accuracy_permille(&loop), 970);
}

/*
 * Against what the board does under the cap at its top clock: the reference of the loop
 * has the cap where the board's own limit is as low.
 */
TEST(what_the_cap_costs_is_nobodys_slowdown)
{
	turns_init(LOOP_OBEYS, CAP_MW);
	loop.cap_mw = CAP_MW;
	ASSERT_TRUE(loop_run(&loop, RUN_SECONDS));
	tell("board's own");
	EXPECT_EQ(loop.core.limiter.state, AG_LIMITER_HOLDS);
	EXPECT_LE(loop.worst_minute, 35);
	EXPECT_LE(booked_permille(), 35);
	EXPECT_GE(booked_permille() + 10, loop_slowdown_permille(&loop));
}

/* With one cap two runs differ by as much as they exceed it. */
TEST(the_clock_holds_the_cap_where_the_limiter_does_not)
{
	static const enum loop_limiter kinds[] = { LOOP_REFUSES, LOOP_IGNORES };
	static const u32 caps_mw[] = { 260000, 280000, CAP_MW, 320000, 340000 };
	u64 over = 0, over_kind;
	u32 i, k;

	for (k = 0; k < ARRAY_SIZE(caps_mw); k++) {
		turns_run(LOOP_NO_LIMITER, caps_mw[k]);
		over += over_ns;
	}
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		over_kind = 0;
		for (k = 0; k < ARRAY_SIZE(caps_mw); k++) {
			EXPECT_LE(turns_run(kinds[i], caps_mw[k]), caps_mw[k]);
			tell(i ? "ignores" : "refuses");
			EXPECT_GE(loop.asked, 1);
			EXPECT_LE(loop.asked, 2);
			EXPECT_EQ(loop.core.limiter.state, AG_LIMITER_FAILED);
			over_kind += over_ns;
		}
		unit_note("above five caps %llu ms, without a limiter %llu",
			  (unsigned long long)(over_kind / MS),
			  (unsigned long long)(over / MS));
		EXPECT_LE(over_kind, over + over / 2 + 2 * SECOND);
	}
}

/* Signals are lost: whoever holds the cap goes on to do so. */
TEST(without_signals_the_holder_stays)
{
	struct ag_decision d;
	u32 top_khz, i;

	for (i = LOOP_NO_LIMITER; i <= LOOP_OBEYS; i++) {
		turns_run(i, CAP_MW);
		top_khz = ag_opp_top_khz(&loop.core.opp);
		ag_core_lost_signals(&loop.core, loop.now_ns);
		ag_core_fallback(&loop.core, 100, 100, top_khz, 0, top_khz, &d);
		EXPECT_EQ(d.khz == top_khz, i == LOOP_OBEYS);
		EXPECT_EQ(d.cap_mw, i == LOOP_OBEYS ? CAP_MW : 0);
	}
}

TEST(a_knob_that_is_cleared_ends_the_wish)
{
	struct ag_config cfg;

	turns_run(LOOP_OBEYS, CAP_MW);
	EXPECT_EQ(loop.core.limiter.asked_mw, CAP_MW);
	cfg = loop.core.cfg;
	cfg.budget_permille = 50;
	EXPECT_EQ(ag_core_configure(&loop.core, &cfg), 0);
	EXPECT_EQ(loop.core.limiter.state, AG_LIMITER_HOLDS);
	cfg.power_cap_mw = 0;
	EXPECT_EQ(ag_core_configure(&loop.core, &cfg), 0);
	EXPECT_EQ(loop.core.limiter.asked_mw, 0);
}
