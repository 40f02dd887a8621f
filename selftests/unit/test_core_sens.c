// SPDX-License-Identifier: GPL-2.0
/*
 * Sensitivity: the time model against floating point, and what windows teach.
 */
#include "unit.h"
#include "random.h"
#include "window.h"

#define ONE	((double)AG_ONE)
#define STEP	15000

static struct ag_opp_table table;
static struct ag_sens sens;

/* 210 to 1410 MHz; voltages rise with the clock in the upper half. */
static void setup(void)
{
	struct ag_opp opps[81];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(opps); i++) {
		opps[i].khz = 210000 + i * STEP;
		opps[i].mv = i < 40 ? 700 : 700 + (i - 40) * 5;
	}
	ag_opp_init(&table, opps, ARRAY_SIZE(opps));
	ag_sens_init(&sens, 0);
}

static double time_of(double share, double top, double khz)
{
	double x = khz && khz < top ? fmin(top / khz, 11) : 1;

	return pow(share * (pow(x, 4) - 1) + 1, 0.25);
}

TEST(time_against_floating_point)
{
	struct random rnd = { 20 };
	double err, worst = 0;
	u32 i;

	for (i = 0; i < 500000; i++) {
		u32 share = random_below(&rnd, AG_ONE + 1);
		u32 top = random_in(&rnd, 100000, 4000000);
		u32 khz = random_in(&rnd, top / 11 + 1, top);
		double want = time_of(share / ONE, top, khz);

		err = fabs(ag_sens_time(share, top, khz) / ONE / want - 1);
		worst = fmax(worst, err);
	}
	unit_note("largest error of the time model %.2f per mille", worst * 1e3);
	EXPECT_TRUE(worst < 0.0005);
}

TEST(time_at_the_ends)
{
	EXPECT_EQ(ag_sens_time(0, 1410000, 210000), AG_ONE);
	EXPECT_EQ(ag_sens_time(AG_ONE, 1410000, 1410000), AG_ONE);
	EXPECT_EQ(ag_sens_time(AG_ONE, 1410000, 2000000), AG_ONE);
	EXPECT_EQ(ag_sens_time(AG_ONE, 1410000, 0), AG_ONE);
	EXPECT_NEAR(ag_sens_time(AG_ONE, 1400000, 700000) / ONE, 2, 0.001);
	/* Beyond a ratio of 11 the model stops. */
	EXPECT_EQ(ag_sens_time(AG_ONE, U32_MAX, 1),
		  ag_sens_time(AG_ONE, 1200000, 100000));
}

TEST(time_falls_with_the_clock_and_rises_with_the_share)
{
	u32 share, khz, t, last;

	for (share = 0; share <= AG_ONE; share += 997) {
		last = U32_MAX;
		for (khz = 200000; khz <= 1500000; khz += STEP) {
			t = ag_sens_time(share, 1410000, khz);
			EXPECT_GE(t, AG_ONE);
			EXPECT_LE(t, last);
			EXPECT_LE(ag_sens_time(share / 2, 1410000, khz), t);
			last = t;
		}
	}
}

TEST(power_is_between_its_static_part_and_one)
{
	u32 d, y;

	for (d = 0; d <= AG_ONE; d += 1111)
		for (y = 0; y <= AG_ONE; y += 1111)
			EXPECT_NEAR(ag_sens_power(d, y) / ONE,
				    1 - d / ONE + d / ONE * y / ONE, 0.0001);
	EXPECT_EQ(ag_sens_power(AG_ONE, AG_ONE), AG_ONE);
}

/* What a device shows whose work has this true share, at this clock. */
struct world {
	double share;
	double counters;	/* what they show of compute activity */
	double power_top;	/* mW */
	double dynamic;
	double rate_top;	/* progress at the top clock */
	double noise;		/* relative, of rates and power */
};

static struct ag_rates show(const struct world *w, u32 khz, u64 now_ns,
			    struct random *rnd)
{
	double t = time_of(w->share, 1410000, khz);
	double c = pow(w->share, 0.25) * (1410000.0 / khz) / t;
	double y = table.dyn[ag_opp_floor(&table, khz)] / ONE;
	double wobble = 1 + w->noise * (2 * random_unit(rnd) - 1);
	struct ag_rates r = window_of(1000, 0, 300, 0, 0);

	r.compute = fmin(1000, 1000 * c * w->counters);
	r.clock_khz = khz;
	r.progress = w->rate_top / t * wobble;
	r.power_mw = w->power_top * (1 - w->dynamic + w->dynamic * y) * wobble;
	r.time_ns = now_ns;
	return r;
}

/* Episodes at a clock, with a visit to the top clock in each. */
static void live(const struct world *w, u32 khz, u32 episodes, u32 seed)
{
	const enum accelgov_phase phase = ACCELGOV_PHASE_COMPUTE;
	struct random rnd = { seed };
	u64 now_ns = SECOND;
	struct ag_rates r;
	u32 i, k;

	for (i = 0; i < episodes; i++) {
		for (k = 0; k < 16; k++) {
			bool top = k < 6;

			now_ns += 10 * MS;
			r = show(w, top ? 1410000 : khz, now_ns, &rnd);
			ag_sens_update(&sens, phase, &r, top, &table);
		}
		ag_sens_phase_change(&sens, phase, ACCELGOV_PHASE_MEMORY, now_ns);
		now_ns += 30 * MS;
		ag_sens_phase_change(&sens, ACCELGOV_PHASE_MEMORY, phase, now_ns);
	}
}

static double learned(void)
{
	return ag_sens_share(&sens, ACCELGOV_PHASE_COMPUTE) / ONE;
}

TEST(honest_counters_teach_the_share)
{
	struct world w = {
		.counters = 1, .power_top = 400000, .dynamic = 0.6,
		.rate_top = 1e6,
	};

	for (w.share = 0.05; w.share < 1; w.share += 0.1) {
		setup();
		live(&w, 1005000, 30, 21);
		EXPECT_NEAR(learned(), w.share, 0.03);
	}
}

/* Largest error of a learned share when counters show @counters of activity. */
static double error_of(double counters)
{
	struct world w = {
		.counters = counters, .power_top = 400000, .dynamic = 0.6,
		.rate_top = 1e6, .noise = 0.01,
	};
	double worst = 0;

	for (w.share = 0.1; w.share <= 0.95; w.share += 0.1) {
		setup();
		live(&w, 1230000, 60, 22);
		worst = fmax(worst, fabs(learned() - w.share));
	}
	return worst;
}

/*
 * A share that is off by 2 is an activity that is off by 1.19. With activity off
 * by 2 the share is off by 16, and by another factor at every clock, so that
 * one gain cannot fit all: the model stays somewhat low.
 */
TEST(progress_corrects_counters_that_lie)
{
	static const struct {
		double counters;
		double tolerance;
	} lies[] = {
		{ 0.84, 0.09 }, { 1.19, 0.06 },
		{ 0.5, 0.15 }, { 2, 0.06 },
	};
	double err;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(lies); i++) {
		err = error_of(lies[i].counters);
		unit_note("%g of the activity counted: share off by at most %.3f",
			  lies[i].counters, err);
		EXPECT_TRUE(err <= lies[i].tolerance);
	}
}

TEST(noise_alone_teaches_no_share)
{
	struct world w = {
		.share = 0, .counters = 1, .power_top = 300000, .dynamic = 0.4,
		.rate_top = 1e6, .noise = 0.02,
	};

	setup();
	live(&w, 705000, 100, 23);
	unit_note("share 0 learned as %.4f", learned());
	EXPECT_TRUE(learned() < 0.02);
}

/* A board whose memory clock falls with the core clock: pipes asleep, and yet. */
TEST(progress_can_say_that_a_phase_scales)
{
	struct world w = {
		.share = 0.4, .counters = 0, .power_top = 300000,
		.dynamic = 0.4, .rate_top = 1e6,
	};

	setup();
	live(&w, 1005000, 60, 24);
	unit_note("share 0.4 without compute activity learned as %.3f", learned());
	EXPECT_TRUE(learned() > 0.08);
}

TEST(power_and_its_dynamic_part_are_learned)
{
	struct world w = {
		.share = 0.8, .counters = 1, .power_top = 430000,
		.rate_top = 1e6, .noise = 0.005,
	};
	struct ag_sens_phase *p = &sens.phase[ACCELGOV_PHASE_COMPUTE];

	for (w.dynamic = 0.2; w.dynamic < 0.9; w.dynamic += 0.1) {
		setup();
		live(&w, 1005000, 60, 25);
		EXPECT_NEAR(p->dynamic / ONE, w.dynamic, 0.06);
		EXPECT_NEAR(p->power_mw, 430000, 20000);
	}
}

/* Progress that is known now and then teaches as if it were always known. */
TEST(missing_progress_is_not_zero_progress)
{
	struct world w = {
		.share = 0.5, .counters = 1, .power_top = 400000,
		.dynamic = 0.6, .rate_top = 1e6,
	};
	const enum accelgov_phase phase = ACCELGOV_PHASE_COMPUTE;
	struct random rnd = { 26 };
	struct ag_rates r;
	u64 now_ns = SECOND;
	u32 i;

	setup();
	for (i = 0; i < 4000; i++) {
		now_ns += 10 * MS;
		r = show(&w, i / 8 % 2 ? 1410000 : 1005000, now_ns, &rnd);
		if (random_below(&rnd, 3) == 0)
			r.valid &= ~(BIT(ACCELGOV_SIG_PROGRESS) |
				     BIT(ACCELGOV_SIG_POWER));
		if (!ag_valid(&r, ACCELGOV_SIG_PROGRESS)) {
			r.progress = 0;
			r.power_mw = 0;
		}
		ag_sens_update(&sens, phase, &r, i / 8 % 2, &table);
	}
	EXPECT_NEAR(learned(), 0.5, 0.05);
	EXPECT_NEAR(sens.phase[phase].dynamic / ONE, 0.6, 0.08);
	EXPECT_NEAR(sens.phase[phase].power_mw, 400000, 20000);
}

TEST(phases_that_wait_never_scale)
{
	static const enum accelgov_phase waits[] = {
		ACCELGOV_PHASE_LINK, ACCELGOV_PHASE_STALL,
		ACCELGOV_PHASE_CHECKPOINT, ACCELGOV_PHASE_LOADED_IDLE,
		ACCELGOV_PHASE_IDLE,
	};
	struct random rnd = { 27 };
	u64 now_ns = SECOND;
	struct ag_rates r;
	u32 i, k;

	setup();
	for (i = 0; i < ARRAY_SIZE(waits); i++) {
		for (k = 0; k < 100; k++) {
			now_ns += 10 * MS;
			r = window_of(1000, random_below(&rnd, 1001), 0, 900, 0);
			r.clock_khz = k & 8 ? 1410000 : 705000;
			r.progress = r.clock_khz;
			r.time_ns = now_ns;
			ag_sens_update(&sens, waits[i], &r, false, &table);
		}
		EXPECT_EQ(ag_sens_share(&sens, waits[i]), 0);
		EXPECT_EQ(ag_sens_slower(&sens, waits[i], &table, 210000),
			  AG_ONE);
	}
}

TEST(slowdown_is_against_the_clock_that_the_board_holds)
{
	const enum accelgov_phase phase = ACCELGOV_PHASE_COMPUTE;
	struct ag_sens_phase *p = &sens.phase[phase];

	setup();
	p->share = AG_ONE;
	EXPECT_EQ(ag_sens_ref_khz(&sens, phase, &table), 1410000);
	p->ref_khz = 1200000;
	EXPECT_EQ(ag_sens_ref_khz(&sens, phase, &table), 1200000);
	EXPECT_EQ(ag_sens_slower(&sens, phase, &table, 1410000), AG_ONE);
	EXPECT_EQ(ag_sens_slower(&sens, phase, &table, 1200000), AG_ONE);
	EXPECT_NEAR(ag_sens_slower(&sens, phase, &table, 600000) / ONE, 2, 0.01);
	p->ref_khz = U32_MAX;
	EXPECT_EQ(ag_sens_ref_khz(&sens, phase, &table), 1410000);
	ag_sens_forget_ref(&sens);
	EXPECT_EQ(p->ref_khz, 0);
}

TEST(the_reference_falls_slowly_and_rises_at_once)
{
	const enum accelgov_phase phase = ACCELGOV_PHASE_COMPUTE;
	struct ag_sens_phase *p = &sens.phase[phase];
	struct ag_rates r = window_of(1000, 900, 300, 0, 0);
	u32 i;

	setup();
	for (i = 0; i < 20; i++) {
		r.clock_khz = i < 4 ? 1380000 : 1005000;
		r.time_ns += 10 * MS;
		ag_sens_update(&sens, phase, &r, true, &table);
		if (i == 5)
			EXPECT_GT(p->ref_khz, 1200000);
	}
	EXPECT_NEAR(p->ref_khz, 1005000, 15000);
	r.clock_khz = 1395000;
	for (i = 0; i < 2; i++)
		ag_sens_update(&sens, phase, &r, false, &table);
	EXPECT_EQ(p->ref_khz, 1395000);
}

/* The windows in which a phase begins and ends show other work too. */
TEST(border_windows_teach_nothing)
{
	const enum accelgov_phase phase = ACCELGOV_PHASE_MEMORY;
	struct ag_rates r = window_of(1000, 50, 900, 0, 0);
	struct ag_rates border = window_of(1000, 1000, 500, 0, 0);
	u64 now_ns = SECOND;
	u32 i;

	setup();
	for (i = 0; i < 100; i++) {
		ag_sens_phase_change(&sens, ACCELGOV_PHASE_COMPUTE, phase, now_ns);
		ag_sens_update(&sens, phase, &r, true, &table);
		ag_sens_update(&sens, phase, &r, true, &table);
		ag_sens_update(&sens, phase, &border, true, &table);
		now_ns += 30 * MS;
		ag_sens_phase_change(&sens, phase, ACCELGOV_PHASE_COMPUTE, now_ns);
		now_ns += 30 * MS;
	}
	EXPECT_LT(sens.phase[phase].share, AG_ONE / 100);
}

TEST(episode_length_and_successor_are_learned)
{
	u64 now_ns = SECOND;
	u32 i;

	setup();
	sens.phase[ACCELGOV_PHASE_MEMORY].share = AG_ONE / 10;
	for (i = 0; i < 50; i++) {
		ag_sens_phase_change(&sens, ACCELGOV_PHASE_MEMORY,
				     ACCELGOV_PHASE_COMPUTE, now_ns);
		now_ns += 120 * MS;
		ag_sens_phase_change(&sens, ACCELGOV_PHASE_COMPUTE,
				     ACCELGOV_PHASE_MEMORY, now_ns);
		now_ns += 500 * MS;
	}
	EXPECT_NEAR(sens.phase[ACCELGOV_PHASE_COMPUTE].dwell_us, 120000, 2000);
	EXPECT_NEAR(sens.phase[ACCELGOV_PHASE_MEMORY].dwell_us, 500000, 10000);
	EXPECT_NEAR(sens.phase[ACCELGOV_PHASE_COMPUTE].next_share,
		    ag_sens_share(&sens, ACCELGOV_PHASE_MEMORY), 600);
	EXPECT_NEAR(sens.phase[ACCELGOV_PHASE_MEMORY].next_share,
		    ag_sens_share(&sens, ACCELGOV_PHASE_COMPUTE), 600);
}
