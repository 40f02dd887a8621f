// SPDX-License-Identifier: GPL-2.0
/*
 * Core: what a loaded policy may wish, what it gets, and when it has to go.
 */
#include "unit.h"
#include "judge.h"
#include "random.h"
#include "window.h"

static struct ag_core core;
static struct ag_judge judge;
static struct asim_chip chip;
static struct ag_opp opps[AG_OPP_MAX];
static struct ag_config cfg;
static struct ag_judge_case cs;
static struct ag_rates compute, memory;

#define TOP_KHZ		1410000
#define MIDDLE_KHZ	1005000
#define LOW_KHZ		210000

static void setup(void)
{
	u32 nr = points_of("a100-sxm", &chip, opps);

	compute = window_of(1000, 950, 50, 0, 0);
	memory = window_of(1000, 60, 900, 0, 0);
	ag_config_default(&cfg);
	ag_core_init(&core, opps, nr, &cfg, SECOND);
	ag_judge_init(&judge, SECOND);
	cs = (struct ag_judge_case){
		.opp = &core.opp,
		.builtin_khz = TOP_KHZ,
		.switch_us = 15000,
		.now_ns = SECOND,
	};
}

/* One window, the policy's answers included, and a caller that obeys. */
static void window(const struct ag_rates *like, s32 phase, s32 khz)
{
	struct ag_rates r = *like;
	struct ag_decision d;
	u32 ev;

	r.time_ns = core.rates.time_ns + 10 * MS;
	r.clock_khz = core.target_khz ? core.target_khz : TOP_KHZ;
	ev = ag_core_observe(&core, &r, phase);
	EXPECT_TRUE(ev & AG_EV_WINDOW);
	ev = ag_core_steer(&core, ev, khz);
	EXPECT_FALSE(ev & AG_EV_WINDOW);
	if (!(ev & AG_EV_RETARGET))
		return;
	ag_core_decide(&core, core.min_khz, core.max_khz, &d);
	ag_core_applied(&core, d.khz, r.time_ns);
}

static void windows(const struct ag_rates *like, s32 phase, s32 khz, u32 nr)
{
	while (nr--)
		window(like, phase, khz);
}

TEST(a_wish_becomes_the_target)
{
	setup();
	windows(&memory, AG_BUILTIN, MIDDLE_KHZ, 5);
	EXPECT_EQ(core.phase.now, ACCELGOV_PHASE_MEMORY);
	EXPECT_EQ(core.target_khz, MIDDLE_KHZ);
	EXPECT_EQ(core.reason, AG_REASON_POLICY);
	windows(&memory, AG_BUILTIN, AG_BUILTIN, 10);
	EXPECT_NE(core.reason, AG_REASON_POLICY);
}

/* What was never compared is, once, whatever the policy wishes. */
TEST(a_clock_that_was_never_compared_is_probed)
{
	struct ag_rates r = memory;
	u32 probes = 0, i;

	setup();
	/* The same work at any clock: as many bytes, more time for the pipes. */
	for (i = 0; i < 400; i++) {
		r = window_at(&memory, TOP_KHZ, core.target_khz ?
			      core.target_khz : TOP_KHZ);
		window(&r, AG_BUILTIN, MIDDLE_KHZ);
		probes += core.reason == AG_REASON_PROBE;
	}
	EXPECT_GT(probes, 0);
	EXPECT_LE(probes, 40);
	EXPECT_EQ(core.target_khz, MIDDLE_KHZ);
	EXPECT_LE(core.sens.phase[ACCELGOV_PHASE_MEMORY].low_khz, MIDDLE_KHZ);
}

TEST(a_small_step_is_granted_too)
{
	setup();
	windows(&memory, AG_BUILTIN, MIDDLE_KHZ, 5);
	windows(&memory, AG_BUILTIN, MIDDLE_KHZ + 15000, 1);
	EXPECT_EQ(core.target_khz, MIDDLE_KHZ + 15000);
}

TEST(a_named_phase_is_published)
{
	setup();
	windows(&memory, ACCELGOV_PHASE_COMPUTE, AG_BUILTIN, 3);
	EXPECT_EQ(core.phase.now, ACCELGOV_PHASE_COMPUTE);
	EXPECT_EQ(core.phase.confidence, 1000);
	windows(&memory, AG_BUILTIN, AG_BUILTIN, 10);
	EXPECT_EQ(core.phase.now, ACCELGOV_PHASE_MEMORY);
}

TEST(halves_make_a_whole)
{
	struct ag_core other;
	struct ag_rates r;
	u32 i, ev;

	setup();
	other = core;
	for (i = 0; i < 2000; i++) {
		r = i / 50 % 2 ? memory : compute;
		r.time_ns = core.rates.time_ns + 10 * MS;
		ev = ag_core_observe(&core, &r, AG_BUILTIN);
		ev = ag_core_steer(&core, ev, AG_BUILTIN);
		EXPECT_EQ(ag_core_sample(&other, &r), ev);
	}
	EXPECT_EQ(memcmp(&core, &other, sizeof(core)), 0);
}

TEST(the_guard_wins_over_a_wish)
{
	u32 i, top = 0;

	setup();
	for (i = 0; i < 3000; i++) {
		windows(&compute, AG_BUILTIN, LOW_KHZ, 1);
		if (core.guard.engaged) {
			EXPECT_EQ(core.planned_khz, TOP_KHZ);
			top++;
		}
	}
	EXPECT_GT(top, 0);
	unit_note("slowdown %u per mille of %u allowed, %u of %u windows at the top",
		  ag_guard_slowdown_permille(&core.guard), cfg.budget_permille,
		  top, i);
	EXPECT_LE(ag_guard_slowdown_permille(&core.guard),
		  cfg.budget_permille + 5);
}

TEST(the_cap_wins_over_a_wish)
{
	setup();
	cfg.power_cap_mw = 150000;
	ag_core_configure(&core, &cfg);
	windows(&compute, AG_BUILTIN, TOP_KHZ, 50);
	EXPECT_EQ(core.reason, AG_REASON_CAP);
	EXPECT_LT(core.target_khz, TOP_KHZ);
	EXPECT_LE(core.target_khz,
		  core.plan.entry[core.slot].max_khz);
}

TEST(so_do_the_budget_of_a_phase_and_limits)
{
	setup();
	cfg.phase[ACCELGOV_PHASE_COMPUTE].budget_permille = 10;
	ag_core_configure(&core, &cfg);
	windows(&compute, AG_BUILTIN, LOW_KHZ, 50);
	EXPECT_EQ(core.planned_khz,
		  core.plan.entry[core.slot].min_khz);
	EXPECT_GT(core.planned_khz, MIDDLE_KHZ);

	setup();
	cfg.budget_permille = 1000;
	ag_core_configure(&core, &cfg);
	core.max_khz = 600000;
	windows(&memory, AG_BUILTIN, TOP_KHZ, 20);
	EXPECT_EQ(core.target_khz, 600000);
	core.min_khz = 405000;
	windows(&memory, AG_BUILTIN, LOW_KHZ, 60);
	EXPECT_EQ(core.target_khz, 405000);
}

TEST(a_phase_that_does_not_exist_is_left_to_the_builtin)
{
	setup();
	EXPECT_EQ(ag_judge_phase(&judge, ACCELGOV_PHASE_LINK, SECOND),
		  ACCELGOV_PHASE_LINK);
	EXPECT_EQ(ag_judge_phase(&judge, ACCELGOV_BUILTIN, SECOND),
		  ACCELGOV_BUILTIN);
	EXPECT_EQ(judge.count[ACCELGOV_OFFENCE_PHASE], 0);
	EXPECT_EQ(ag_judge_phase(&judge, ACCELGOV_PHASE_NR, SECOND),
		  ACCELGOV_BUILTIN);
	EXPECT_EQ(ag_judge_phase(&judge, ACCELGOV_PHASE_UNKNOWN, SECOND),
		  ACCELGOV_BUILTIN);
	EXPECT_EQ(ag_judge_phase(&judge, -7, SECOND), ACCELGOV_BUILTIN);
	EXPECT_EQ(judge.count[ACCELGOV_OFFENCE_PHASE], 3);
}

TEST(a_clock_that_is_no_point_becomes_the_next_lower_one)
{
	setup();
	EXPECT_EQ(ag_judge_clock(&judge, &cs, MIDDLE_KHZ), MIDDLE_KHZ);
	EXPECT_EQ(judge.count[ACCELGOV_OFFENCE_CLOCK], 0);
	EXPECT_EQ(ag_judge_clock(&judge, &cs, MIDDLE_KHZ + 1), MIDDLE_KHZ);
	EXPECT_EQ(ag_judge_clock(&judge, &cs, S32_MAX), TOP_KHZ);
	EXPECT_EQ(ag_judge_clock(&judge, &cs, 0), LOW_KHZ);
	EXPECT_EQ(ag_judge_clock(&judge, &cs, -100), LOW_KHZ);
	EXPECT_EQ(judge.count[ACCELGOV_OFFENCE_CLOCK], 4);
	EXPECT_EQ(ag_judge_clock(&judge, &cs, ACCELGOV_HOLD), LOW_KHZ);
}

TEST(garbage_ends_a_policy_soon)
{
	u32 i;

	setup();
	for (i = 0; i < 100 && !ag_judge_guilty(&judge); i++)
		ag_judge_phase(&judge, 99, SECOND + i * 10 * MS);
	EXPECT_EQ(i, 32);
	EXPECT_EQ(judge.guilty, ACCELGOV_OFFENCE_PHASE);
}

TEST(a_slip_a_second_is_forgiven_for_ever)
{
	u32 i;

	setup();
	for (i = 0; i < 100000; i++) {
		cs.now_ns += SECOND;
		ag_judge_phase(&judge, 99, cs.now_ns);
		ag_judge_clock(&judge, &cs, 1);
		ag_judge_time(&judge, 11 * MS, 10, cs.now_ns);
	}
	EXPECT_FALSE(ag_judge_guilty(&judge));
	EXPECT_EQ(judge.count[ACCELGOV_OFFENCE_CLOCK], 100000);
}

/* Return: seconds until the policy is ejected, or 0 within a minute. */
static u32 alternate(s32 a, s32 b, u32 every, bool imposed, u32 *ret_changes)
{
	u32 i, changes = 0;
	s32 old = 0;

	setup();
	cs.imposed = imposed;
	for (i = 0; i < 6000 && !ag_judge_guilty(&judge); i++) {
		s32 got;

		cs.now_ns += 10 * MS;
		cs.builtin_khz = i / every % 2 ? LOW_KHZ : TOP_KHZ;
		got = ag_judge_clock(&judge, &cs, i / every % 2 ? a : b);
		if (got == ACCELGOV_BUILTIN)
			got = (s32)cs.builtin_khz;
		changes += got != old;
		old = got;
	}
	*ret_changes = changes;
	return ag_judge_guilty(&judge) ? i / 100 + 1 : 0;
}

TEST(oscillation_is_stopped_and_ends_a_policy)
{
	u32 changes;

	EXPECT_EQ(alternate(LOW_KHZ, TOP_KHZ, 1, false, &changes), 2);
	EXPECT_EQ(judge.guilty, ACCELGOV_OFFENCE_SWITCH);
	/* A burst of eight, and one for every 60 ms of a good second. */
	EXPECT_LE(changes, 1 + 8 + 2000 / 60);
	EXPECT_EQ(alternate(ACCELGOV_BUILTIN, MIDDLE_KHZ, 1, false, &changes),
		  2);
	EXPECT_EQ(alternate(ACCELGOV_BUILTIN, ACCELGOV_BUILTIN, 1, true,
			    &changes), 2);
}

TEST(changes_that_are_due_are_not_oscillation)
{
	u32 changes;

	EXPECT_EQ(alternate(LOW_KHZ, TOP_KHZ, 7, false, &changes), 0);
	EXPECT_EQ(judge.count[ACCELGOV_OFFENCE_SWITCH], 0);
	EXPECT_GE(changes, 6000 / 7);
	/* The built-in policy's own changes are none of the policy's. */
	EXPECT_EQ(alternate(ACCELGOV_BUILTIN, ACCELGOV_BUILTIN, 1, false,
			    &changes), 0);
	EXPECT_EQ(judge.count[ACCELGOV_OFFENCE_SWITCH], 0);
}

TEST(whoever_asks_first_never_offends)
{
	u32 i;

	setup();
	for (i = 0; i < 6000; i++) {
		s32 khz = i % 2 ? LOW_KHZ : TOP_KHZ;

		cs.now_ns += 10 * MS;
		if (!ag_judge_may_switch(&judge, cs.switch_us, cs.now_ns))
			khz = ACCELGOV_HOLD;
		ag_judge_clock(&judge, &cs, khz);
	}
	EXPECT_EQ(judge.count[ACCELGOV_OFFENCE_SWITCH], 0);
}

TEST(four_engagements_of_the_guard_are_enough)
{
	u32 i;

	setup();
	ag_judge_guard(&judge, true, SECOND);
	EXPECT_EQ(judge.count[ACCELGOV_OFFENCE_BUDGET], 0);
	ag_judge_guard(&judge, false, SECOND);
	ag_judge_clock(&judge, &cs, LOW_KHZ);
	for (i = 0; i < 4; i++) {
		EXPECT_FALSE(ag_judge_guilty(&judge));
		ag_judge_guard(&judge, true, SECOND * (i + 2));
		ag_judge_guard(&judge, true, SECOND * (i + 2));
		ag_judge_guard(&judge, false, SECOND * (i + 2));
	}
	EXPECT_EQ(judge.guilty, ACCELGOV_OFFENCE_BUDGET);
}

TEST(an_overrun_ends_a_policy_in_the_loop)
{
	u32 i;

	setup();
	for (i = 0; i < 12000 && !ag_judge_guilty(&judge); i++) {
		cs.now_ns = core.rates.time_ns;
		windows(&compute, AG_BUILTIN,
			ag_judge_clock(&judge, &cs, LOW_KHZ), 1);
		ag_judge_guard(&judge, core.guard.engaged, core.rates.time_ns);
	}
	unit_note("always the lowest clock: ejected after %u ms", i * 10);
	EXPECT_EQ(judge.guilty, ACCELGOV_OFFENCE_BUDGET);
}

TEST(slow_callbacks_weigh_by_how_slow_they_are)
{
	setup();
	ag_judge_time(&judge, 9 * MS, 10, SECOND);
	EXPECT_EQ(judge.count[ACCELGOV_OFFENCE_SLOW], 0);
	ag_judge_time(&judge, 10 * MS, 10, SECOND);
	EXPECT_EQ(judge.points[ACCELGOV_OFFENCE_SLOW], 1);
	ag_judge_time(&judge, 69 * MS, 10, SECOND);
	EXPECT_EQ(judge.points[ACCELGOV_OFFENCE_SLOW], 7);
	EXPECT_FALSE(ag_judge_guilty(&judge));
	ag_judge_time(&judge, UINT64_MAX, 10, SECOND);
	EXPECT_EQ(judge.guilty, ACCELGOV_OFFENCE_SLOW);
}

TEST(delays_below_zero_are_left_to_the_builtin)
{
	setup();
	EXPECT_EQ(ag_judge_idle(&judge, 0, SECOND), 0);
	EXPECT_EQ(ag_judge_idle(&judge, ACCELGOV_NEVER, SECOND),
		  ACCELGOV_NEVER);
	EXPECT_EQ(ag_judge_idle(&judge, ACCELGOV_BUILTIN, SECOND),
		  ACCELGOV_BUILTIN);
	EXPECT_EQ(judge.count[ACCELGOV_OFFENCE_IDLE], 0);
	EXPECT_EQ(ag_judge_idle(&judge, -3, SECOND), ACCELGOV_BUILTIN);
	EXPECT_EQ(judge.count[ACCELGOV_OFFENCE_IDLE], 1);
}

TEST(the_last_decisions_are_kept)
{
	u32 i;

	setup();
	for (i = 0; i < 20; i++) {
		cs.now_ns += SECOND;
		ag_judge_note(&judge, (s32)i, ag_judge_clock(&judge, &cs, i),
			      ACCELGOV_PHASE_LINK, cs.now_ns);
	}
	EXPECT_EQ(judge.nr, 20);
	EXPECT_EQ(judge.last[19 % AG_JUDGE_HISTORY].asked, 19);
	EXPECT_EQ(judge.last[19 % AG_JUDGE_HISTORY].got_khz, LOW_KHZ);
	EXPECT_EQ(judge.last[19 % AG_JUDGE_HISTORY].offence,
		  ACCELGOV_OFFENCE_CLOCK);
	EXPECT_EQ(judge.last[20 % AG_JUDGE_HISTORY].asked, 12);
}

/* Whatever is answered, whenever: what comes out is usable, what is kept sane. */
TEST(any_answer_is_brought_into_bounds)
{
	struct random random = { .state = 4711 };
	u32 i, max;

	setup();
	for (i = 0; i < 200000; i++) {
		s32 answer = (s32)random_u64(&random);
		s32 got;

		if (i % 3 == 0)
			answer %= 2000000;
		if (i % 7 == 0)
			cs.now_ns = random_u64(&random);
		else
			cs.now_ns += random_below(&random, 20 * MS);
		cs.switch_us = random_below(&random, 600000);
		got = ag_judge_clock(&judge, &cs, answer);
		max = (u32)got;
		EXPECT_TRUE(got == ACCELGOV_BUILTIN ||
			    core.opp.khz[ag_opp_floor(&core.opp, max)] == max);
		got = ag_judge_phase(&judge, answer, cs.now_ns);
		EXPECT_TRUE(got == ACCELGOV_BUILTIN ||
			    (got > 0 && got < ACCELGOV_PHASE_NR));
		EXPECT_GE(ag_judge_idle(&judge, answer, cs.now_ns), -1);
		EXPECT_LE(judge.switches, 8);
		EXPECT_LE(judge.points[ACCELGOV_OFFENCE_CLOCK], 32);
	}
}

TEST(predictions_are_those_of_the_plan)
{
	struct accelgov_prediction p, top;
	const struct ag_plan_entry *e;

	setup();
	windows(&memory, AG_BUILTIN, AG_BUILTIN, 200);
	e = &core.plan.entry[core.slot];
	ASSERT_TRUE(ag_core_predict(&core, ACCELGOV_PHASE_MEMORY, e->khz, &p));
	EXPECT_NEAR(p.energy_permille, e->energy_permille, 5);
	EXPECT_LE(p.slowdown_permille, e->slowdown_permille + 2);
	ASSERT_TRUE(ag_core_predict(&core, ACCELGOV_PHASE_MEMORY, TOP_KHZ,
				    &top));
	EXPECT_EQ(top.slowdown_permille, 0);
	EXPECT_NEAR(top.energy_permille, 1000, 2);
	EXPECT_LE(p.power_mw, top.power_mw);
	p.power_mw = 4711;
	EXPECT_FALSE(ag_core_predict(&core, ACCELGOV_PHASE_NR, TOP_KHZ, &p));
	EXPECT_FALSE(ag_core_predict(&core, ACCELGOV_PHASE_MEMORY,
				     TOP_KHZ + 1, &p));
	EXPECT_FALSE(ag_core_predict(&core, ACCELGOV_PHASE_MEMORY,
				     LOW_KHZ - 1, &p));
	EXPECT_EQ(p.power_mw, 4711);
}

TEST(who_asks_for_the_builtin_choice_gets_it)
{
	setup();
	EXPECT_EQ(ag_core_planned(&core, ACCELGOV_PHASE_COMPUTE), TOP_KHZ);
	windows(&memory, AG_BUILTIN, MIDDLE_KHZ, 20);
	EXPECT_EQ(ag_core_planned(&core, ACCELGOV_PHASE_MEMORY),
		  core.want_khz);
	EXPECT_EQ(ag_core_planned(&core, ACCELGOV_PHASE_COMPUTE),
		  core.plan.entry[ag_slot(ACCELGOV_PHASE_COMPUTE, false)].khz);
	EXPECT_EQ(ag_core_planned(&core, 99), TOP_KHZ);
	EXPECT_EQ(core.planned_khz, MIDDLE_KHZ);
	ag_core_unsteer(&core);
	EXPECT_EQ(core.planned_khz, core.want_khz);
	EXPECT_NE(core.reason, AG_REASON_POLICY);
}
