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
	ag_sens_init(&sens);
}

static double time_of(double share, double top, double khz)
{
	double x = khz && khz < top ? fmin(top / khz, 11) : 1;

	return sqrt(share * (x * x - 1) + 1);
}

/* The same share in all bands. */
static struct ag_curve curve_of(u32 share)
{
	struct ag_curve c = { .trust_x2 = AG_ONE * 121 };
	u32 i;

	for (i = 0; i < AG_BANDS; i++)
		c.share[i] = share;
	return c;
}

static u32 time_at(u32 share, u32 top, u32 khz)
{
	struct ag_curve c = curve_of(share);

	return ag_sens_time(&c, top, khz);
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

		err = fabs(time_at(share, top, khz) / ONE / want - 1);
		worst = fmax(worst, err);
	}
	unit_note("largest error of the time model %.2f per mille", worst * 1e3);
	EXPECT_TRUE(worst < 0.0005);
}

TEST(time_at_the_ends)
{
	EXPECT_EQ(time_at(0, 1410000, 210000), AG_ONE);
	EXPECT_EQ(time_at(AG_ONE, 1410000, 1410000), AG_ONE);
	EXPECT_EQ(time_at(AG_ONE, 1410000, 2000000), AG_ONE);
	EXPECT_EQ(time_at(AG_ONE, 1410000, 0), AG_ONE);
	EXPECT_NEAR(time_at(AG_ONE, 1400000, 700000) / ONE, 2, 0.001);
	/* Beyond a ratio of 11 the model stops. */
	EXPECT_EQ(time_at(AG_ONE, U32_MAX, 1),
		  time_at(AG_ONE, 1200000, 100000));
}

TEST(time_falls_with_the_clock_and_rises_with_the_share)
{
	u32 share, khz, t, last;

	for (share = 0; share <= AG_ONE; share += 997) {
		last = U32_MAX;
		for (khz = 200000; khz <= 1500000; khz += STEP) {
			t = time_at(share, 1410000, khz);
			EXPECT_GE(t, AG_ONE);
			EXPECT_LE(t, last);
			EXPECT_LE(time_at(share / 2, 1410000, khz), t);
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
	double c = sqrt(w->share) * (1410000.0 / khz) / t;
	double y = table.dyn[ag_opp_floor(&table, khz)] / ONE;
	double wobble = 1 + w->noise * (2 * random_unit(rnd) - 1);
	struct ag_rates r = window_of(1000, 0, 300 / t, 0, 0);

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
		now_ns += 30 * MS;
		ag_sens_phase_change(&sens);
	}
}

/* Share that the whole way from the top clock down to one looks like. */
static double learned(u32 khz)
{
	double x = 1410000.0 / khz, t;
	struct ag_curve c;

	ag_sens_curve(&sens, ACCELGOV_PHASE_COMPUTE, &c);
	t = ag_sens_time(&c, 1410000, khz) / ONE;
	return (t * t - 1) / (x * x - 1);
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
		EXPECT_NEAR(learned(1005000), w.share, 0.03);
	}
}

/* Largest error of a learned share when counters show @counters of activity. */
static double error_of(double counters)
{
	struct world w = {
		.counters = counters, .power_top = 400000, .dynamic = 0.6,
		.rate_top = 1e6, .noise = 0.01,
	};
	double worst = 0, err;

	for (w.share = 0.1; w.share <= 0.95; w.share += 0.1) {
		setup();
		live(&w, 1230000, 60, 22);
		err = learned(1230000) - w.share;
		if (counters > 1 && err > 0)
			err = 0;
		worst = fmax(worst, fabs(err));
	}
	return worst;
}

/*
 * With activity off by 2 the share is off by 4, and by another factor at each
 * clock; progress mends what is too little, where the device has been. What
 * counters say is never doubted downwards: that is the cautious side.
 */
TEST(progress_corrects_counters_that_lie)
{
	static const struct {
		double counters;
		double tolerance;
	} lies[] = {
		{ 0.84, 0.06 }, { 1.19, 0.06 },
		{ 0.5, 0.06 }, { 2, 0.06 },
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
	unit_note("share 0 learned as %.4f", learned(705000));
	EXPECT_TRUE(learned(705000) < 0.01);
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
	unit_note("share 0.4 without compute activity learned as %.3f",
		  learned(1005000));
	EXPECT_NEAR(learned(1005000), 0.4, 0.05);
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
		EXPECT_NEAR(ag_sens_dynamic(&sens, ACCELGOV_PHASE_COMPUTE) /
			    ONE, w.dynamic, 0.06);
		EXPECT_NEAR(p->power_mw, 430000, 20000);
	}
}

/*
 * Sensors that show the window before, as NVML's do, while the clock goes down and up
 * by steps of a tenth: the pairs that the late windows would make say that no clock
 * matters, to time or to power.
 */
TEST(late_sensors_teach_the_same)
{
	static const u32 steps[] = { 1410000, 1245000, 1110000, 1005000 };
	struct world w = {
		.share = 0.6, .counters = 0, .power_top = 400000,
		.dynamic = 0.6, .rate_top = 1e6,
	};
	const enum accelgov_phase phase = ACCELGOV_PHASE_COMPUTE;
	struct random rnd = { 28 };
	struct ag_rates r, before, late;
	u64 now_ns = SECOND;
	u32 i, at;

	setup();
	before = show(&w, steps[0], now_ns, &rnd);
	for (i = 0; i < 600; i++) {
		now_ns += 100 * MS;
		at = i / 5 % 6;
		r = show(&w, steps[at < 4 ? at : 6 - at], now_ns, &rnd);
		r.window_ns = 100 * MS;
		r.valid |= AG_PROGRESS_INFERRED | AG_CLOCK_MOMENT;
		late = before;
		before = r;
		r.progress = late.progress;
		r.power_mw = late.power_mw;
		ag_sens_update(&sens, phase, &r, at == 0, &table);
	}
	unit_note("share 0.6 learned as %.3f, dynamic part 0.6 as %.3f",
		  learned(1005000), ag_sens_dynamic(&sens, phase) / ONE);
	EXPECT_NEAR(learned(1005000), 0.6, 0.06);
	EXPECT_NEAR(ag_sens_dynamic(&sens, phase) / ONE, 0.6, 0.06);
	EXPECT_NEAR(sens.phase[phase].power_mw, 400000, 20000);
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
	EXPECT_NEAR(learned(1005000), 0.5, 0.05);
	EXPECT_NEAR(ag_sens_dynamic(&sens, phase) / ONE, 0.6, 0.08);
	EXPECT_NEAR(sens.phase[phase].power_mw, 400000, 20000);
}

TEST(phases_that_wait_never_scale)
{
	static const enum accelgov_phase waits[] = {
		ACCELGOV_PHASE_STALL, ACCELGOV_PHASE_CHECKPOINT,
		ACCELGOV_PHASE_LOADED_IDLE, ACCELGOV_PHASE_IDLE,
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
		EXPECT_FALSE(ag_sens_scales(waits[i]));
		EXPECT_EQ(ag_sens_slower(&sens, waits[i], &table, 210000),
			  AG_ONE);
	}
}

/*
 * Nothing that counters show makes a wait scale. Progress does: then it is no
 * wait; but not progress that was inferred from the same counters.
 */
TEST(only_progress_makes_a_wait_in_a_collective_scale)
{
	const enum accelgov_phase phase = ACCELGOV_PHASE_LINK;
	static const struct {
		bool measured;
		u32 valid;
	} cases[] = {
		{ false, 0 }, { true, 0 }, { true, AG_PROGRESS_INFERRED },
	};
	struct ag_rates r;
	u64 now_ns;
	u32 i, k;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		setup();
		for (k = 0; k < 200; k++) {
			now_ns = SECOND + k * 10 * MS;
			r = window_of(1000, 20, 20, 900, 0);
			r.valid |= cases[i].valid;
			r.clock_khz = k & 8 ? 1410000 : 1005000;
			r.progress = 1000000;
			if (cases[i].measured)
				r.progress = r.clock_khz;
			r.time_ns = now_ns;
			ag_sens_update(&sens, phase, &r, false, &table);
		}
		EXPECT_FALSE(ag_sens_scales(phase));
		if (cases[i].measured && !cases[i].valid)
			EXPECT_GT(ag_sens_slower(&sens, phase, &table, 1005000),
				  AG_ONE * 13 / 10);
		else
			EXPECT_EQ(ag_sens_slower(&sens, phase, &table, 210000),
				  AG_ONE);
	}
}

static double booked(u32 khz)
{
	struct ag_times time;

	ag_sens_times(&sens, ACCELGOV_PHASE_MEMORY, &table, khz, &time);
	EXPECT_EQ(time.likely, ag_sens_slower(&sens, ACCELGOV_PHASE_MEMORY,
					      &table, khz));
	return time.booked / ONE;
}

/* The books believe only what was compared. */
TEST(books_are_as_cautious_as_physics_below_what_was_compared)
{
	const enum accelgov_phase phase = ACCELGOV_PHASE_MEMORY;
	struct ag_sens_phase *p = &sens.phase[phase];

	setup();
	p->ref_khz = 1410000;
	EXPECT_NEAR(booked(705000), 2, 0.001);
	p->pairs = 1;
	p->low_khz = 940000;
	p->high_khz = 1410000;
	p->low_x2 = AG_ONE * 9 / 4;
	EXPECT_LT(booked(940000) * 1000, 1100);
	EXPECT_NEAR(booked(470000) / booked(940000), 2, 0.01);
	/* The plan may try an eighth more. */
	EXPECT_LT(ag_sens_slower(&sens, phase, &table, 840000),
		  booked(840000) * ONE);
}

TEST(slowdown_is_against_the_clock_that_the_board_holds)
{
	const enum accelgov_phase phase = ACCELGOV_PHASE_COMPUTE;
	struct ag_sens_phase *p = &sens.phase[phase];

	setup();
	p->share = AG_ONE;
	p->more[0] = 0;
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

TEST(the_reference_follows_slowly_and_a_freed_board_at_once)
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
	r.clock_khz = 1050000;
	for (i = 0; i < 20; i++) {
		ag_sens_update(&sens, phase, &r, false, &table);
		if (i == 2)
			EXPECT_NEAR(p->ref_khz, 1030000, 15000);
	}
	EXPECT_NEAR(p->ref_khz, 1050000, 1000);
	/* Lower clocks that were asked for say nothing. */
	r.clock_khz = 1005000;
	for (i = 0; i < 20; i++)
		ag_sens_update(&sens, phase, &r, false, &table);
	EXPECT_NEAR(p->ref_khz, 1050000, 1000);
	/* So much higher that the board is free: as high as it can be. */
	r.clock_khz = 1395000;
	for (i = 0; i < 2; i++)
		ag_sens_update(&sens, phase, &r, false, &table);
	EXPECT_EQ(ag_sens_ref_khz(&sens, phase, &table), 1410000);
}

/* The windows in which a phase begins and ends show other work too. */
TEST(border_windows_teach_nothing)
{
	const enum accelgov_phase phase = ACCELGOV_PHASE_MEMORY;
	struct ag_rates r = window_of(1000, 50, 900, 0, 0);
	struct ag_rates border = window_of(1000, 1000, 500, 0, 0);
	u32 i;

	setup();
	for (i = 0; i < 100; i++) {
		ag_sens_phase_change(&sens);
		ag_sens_update(&sens, phase, &r, true, &table);
		ag_sens_update(&sens, phase, &r, true, &table);
		ag_sens_update(&sens, phase, &border, true, &table);
		ag_sens_phase_change(&sens);
	}
	EXPECT_LT(sens.phase[phase].share, AG_ONE / 100);
}

/* A memory knee: nothing is lost above it, below it time goes with 1/f. */
static double knee_time(double khz)
{
	return fmax(1, 705000 / khz);
}

TEST(a_knee_is_learned_where_it_is)
{
	const enum accelgov_phase phase = ACCELGOV_PHASE_MEMORY;
	static const u32 clocks[] = {
		1410000, 1110000, 855000, 705000, 555000, 450000, 345000,
	};
	struct random rnd = { 28 };
	struct ag_curve c;
	u64 now_ns = SECOND;
	struct ag_rates r;
	double t;
	u32 i, k;

	setup();
	for (i = 0; i < 1500; i++) {
		for (k = 0; k < 4; k++) {
			r = window_of(1000, 20, 950, 0, 0);
			r = window_at(&r, 1410000,
				      clocks[i % ARRAY_SIZE(clocks)]);
			r.memory /= knee_time(r.clock_khz);
			r.compute /= knee_time(r.clock_khz);
			now_ns += 10 * MS;
			r.time_ns = now_ns;
			r.progress = 1e6 / knee_time(r.clock_khz) *
				     (0.99 + 0.02 * random_unit(&rnd));
			ag_sens_update(&sens, phase, &r, false, &table);
		}
	}
	ag_sens_curve(&sens, phase, &c);
	for (i = 0; i < ARRAY_SIZE(clocks); i++) {
		t = ag_sens_time(&c, 1410000, clocks[i]) / ONE;
		unit_note("%u MHz: %.3f, truth %.3f", clocks[i] / 1000, t,
			  knee_time(clocks[i]));
		EXPECT_NEAR(t, knee_time(clocks[i]), 0.08);
	}
	/* No share fits all of it: one band alone would be off by far more. */
	EXPECT_LT(c.share[0], AG_ONE / 20);
	EXPECT_GT(c.share[3], AG_ONE / 5);
}

/* What windows at one of two clocks show; @noise: by how much their rates scatter. */
struct shown {
	u32 khz;
	u32 compute;
	u32 memory;
	double rate;
	double noise;
};

/* Two steady clocks in one episode of memory-bound work, the faster one first. */
static void episode(const struct shown *fast, const struct shown *slow,
		    u64 *now_ns)
{
	struct ag_rates r;
	u32 k;

	ag_sens_phase_change(&sens);
	for (k = 0; k < 9; k++) {
		const struct shown *at = k < 4 ? fast : slow;

		r = window_of(1000, at->compute, at->memory, 0, 0);
		r.clock_khz = at->khz;
		*now_ns += 10 * MS;
		r.time_ns = *now_ns;
		r.progress = at->rate * (1 + (k % 2 ? at->noise : -at->noise));
		ag_sens_update(&sens, ACCELGOV_PHASE_MEMORY, &r, false, &table);
	}
}

/* The rate at the lower clock is what the higher one's is, divided by @ratio. */
static void compare(u32 fast_khz, u32 slow_khz, double ratio, double noise,
		    u64 *now_ns)
{
	const struct shown fast = { fast_khz, 0, 950, 1e6, noise };
	const struct shown slow = { slow_khz, 0, 950, 1e6 / ratio, noise };

	episode(&fast, &slow, now_ns);
}

static void compare_knee(u32 fast_khz, u32 slow_khz, u64 *now_ns)
{
	compare(fast_khz, slow_khz, knee_time(slow_khz) / knee_time(fast_khz),
		0, now_ns);
}

/*
 * Neighbours on both sides of a knee. The step below it must not be paid for by
 * clocks above it, or the books would show nothing of what it costs.
 */
TEST(a_step_below_a_knee_is_booked)
{
	const struct ag_sens_phase *p = &sens.phase[ACCELGOV_PHASE_MEMORY];
	u64 now_ns = SECOND;
	double first;
	s32 above;
	u32 i;

	setup();
	for (i = 0; i < 8; i++)
		compare_knee(1410000, 720000, &now_ns);
	above = p->more[0] + p->more[1];
	compare_knee(720000, 660000, &now_ns);
	EXPECT_EQ(p->more[0] + p->more[1], above);
	first = booked(660000);
	for (i = 0; i < 30; i++) {
		compare_knee(1410000, 720000, &now_ns);
		compare_knee(720000, 660000, &now_ns);
	}
	unit_note("720 MHz booked as %.3f, 660 MHz as %.3f and then %.3f, truth %.3f",
		  booked(720000), first, booked(660000), knee_time(660000));
	EXPECT_GE(first, 1.008);
	EXPECT_NEAR(booked(720000), 1, 0.01);
	EXPECT_NEAR(booked(660000), knee_time(660000), 0.01);
}

/* Work that lost nothing so far and is slower by far at a low clock. */
TEST(a_great_loss_is_learned_in_a_few_looks)
{
	u64 now_ns = SECOND;
	double first;
	u32 i;

	setup();
	for (i = 0; i < 12; i++)
		compare(1410000, 1290000, 1, 0, &now_ns);
	compare(1410000, 540000, 1.9, 0, &now_ns);
	first = booked(540000);
	for (i = 0; i < 9; i++)
		compare(1410000, 540000, 1.9, 0, &now_ns);
	unit_note("1.9 booked as %.3f, after ten looks as %.3f", first,
		  booked(540000));
	EXPECT_GE(first, 1.2);
	EXPECT_NEAR(booked(540000), 1.85, 0.1);
}

/* No clock changes the time of the same work by more than it differs itself. */
TEST(a_pair_that_no_share_explains_is_other_work)
{
	struct ag_sens_phase *p = &sens.phase[ACCELGOV_PHASE_MEMORY];
	struct ag_sens_phase before;
	u64 now_ns = SECOND;
	u32 i;

	setup();
	for (i = 0; i < 8; i++)
		compare(1410000, 1200000, 1, 0, &now_ns);
	before = *p;
	EXPECT_EQ(before.pairs, 8);
	compare(1350000, 1200000, 1.3, 0, &now_ns);
	compare(1350000, 1200000, 1 / 1.3, 0, &now_ns);
	EXPECT_EQ(memcmp(p->more, before.more, sizeof(p->more)), 0);
	EXPECT_EQ(p->pairs, before.pairs);
	EXPECT_EQ(p->low_khz, before.low_khz);
	compare(1350000, 1200000, 1350. / 1200, 0, &now_ns);
	EXPECT_EQ(p->pairs, before.pairs + 1);
	EXPECT_GT(p->more[0], before.more[0]);
}

/*
 * Another job's arithmetic, in the windows at one of two clocks, while traffic can't rise
 * any more: @more of it at the higher one, @less at the other, per mille.
 */
static void compare_mixed(u32 fast_khz, u32 slow_khz, u32 more, u32 less,
			  u64 *now_ns)
{
	const struct shown fast = { fast_khz, more, 1000, 1.09e6, 0 };
	const struct shown slow = { slow_khz, less, 1000, 1e6, 0 };

	episode(&fast, &slow, now_ns);
}

/* Traffic at its end has no proportion to operations; those have one to the clock. */
TEST(full_traffic_hides_no_other_work)
{
	const struct ag_sens_phase *p = &sens.phase[ACCELGOV_PHASE_MEMORY];
	u64 now_ns = SECOND;
	u32 i;

	setup();
	for (i = 0; i < 8; i++) {
		compare_mixed(1410000, 1200000, 100, 5, &now_ns);
		compare_mixed(1410000, 1200000, 5, 100, &now_ns);
	}
	EXPECT_EQ(p->pairs, 0);
	EXPECT_EQ(p->low_khz, 0);
	/* As active at both clocks it did less at the lower, as work that scales does. */
	compare_mixed(1410000, 1200000, 100, 100, &now_ns);
	EXPECT_EQ(p->pairs, 1);
	/* As many operations at both, as work does that waits for memory. */
	compare_mixed(1410000, 1200000, 100, 117, &now_ns);
	EXPECT_EQ(p->pairs, 2);
}

/* The noisier the rates, the less a pair of neighbours says, and the less far. */
TEST(noise_of_the_rates_is_weighed)
{
	static const double noise[] = { 0, 0.02, 0.05, 0.1 };
	const struct ag_sens_phase *p = &sens.phase[ACCELGOV_PHASE_MEMORY];
	double near[4], far[4];
	u64 now_ns;
	u32 i, k;

	for (i = 0; i < ARRAY_SIZE(noise); i++) {
		setup();
		now_ns = SECOND;
		for (k = 0; k < 20; k++)
			compare(1410000, 900000, 1, noise[i], &now_ns);
		near[i] = p->more[0];
		compare(1200000, 1110000, 1.05, noise[i], &now_ns);
		near[i] = (p->more[0] - near[i]) / ONE;
		far[i] = p->more[0] + p->more[1];
		compare(1410000, 900000, 1.2, noise[i], &now_ns);
		far[i] = (p->more[0] + p->more[1] - far[i]) / ONE;
		unit_note("scatter %.0f %%: neighbours move the share by %.4f, distant clocks by %.4f",
			  noise[i] * 100, near[i], far[i]);
	}
	for (i = 1; i < ARRAY_SIZE(noise); i++) {
		EXPECT_TRUE(near[i] > 0);
		EXPECT_TRUE(near[i] < near[i - 1]);
		EXPECT_TRUE(near[i] / near[0] < far[i] / far[0]);
	}
	EXPECT_TRUE(near[3] < near[0] / 4);
}

/* Under a limit from outside, nothing above it was compared with anything. */
TEST(clocks_above_a_limit_that_has_gone_are_feared)
{
	struct ag_sens_phase *p = &sens.phase[ACCELGOV_PHASE_MEMORY];
	u64 now_ns = SECOND;
	u32 i;

	setup();
	p->ref_khz = 810000;
	for (i = 0; i < 8; i++)
		compare(810000, 705000, 1, 0, &now_ns);
	EXPECT_NEAR(booked(705000), 1, 0.01);
	ag_sens_forget_ref(&sens);
	EXPECT_NEAR(booked(810000), 1410. / 810, 0.001);
	EXPECT_NEAR(booked(705000), 1410. / 810, 0.02);
	EXPECT_NEAR(booked(1200000), 1410. / 1200, 0.001);
	for (i = 0; i < 8; i++)
		compare(1410000, 810000, 1, 0, &now_ns);
	EXPECT_NEAR(booked(810000), 1, 0.01);
	EXPECT_NEAR(booked(1200000), 1, 0.01);
}

static void see_clock(enum accelgov_phase phase, u32 khz, bool at_top)
{
	struct ag_rates r = window_of(1000, 50, 900, 0, 0);

	r.clock_khz = khz;
	ag_sens_phase_change(&sens);
	ag_sens_update(&sens, phase, &r, at_top, &table);
	ag_sens_update(&sens, phase, &r, at_top, &table);
}

static u32 ref_khz(enum accelgov_phase phase)
{
	return ag_sens_ref_khz(&sens, phase, &table);
}

/* Nobody says so when a board is let go: a clock that it could not hold does. */
TEST(a_board_that_was_let_go_has_no_reference)
{
	setup();
	see_clock(ACCELGOV_PHASE_COMPUTE, 900000, true);
	see_clock(ACCELGOV_PHASE_MEMORY, 960000, true);
	see_clock(ACCELGOV_PHASE_MIXED, 1380000, true);
	see_clock(ACCELGOV_PHASE_COMPUTE, 930000, false);
	EXPECT_NEAR(ref_khz(ACCELGOV_PHASE_COMPUTE), 907500, 10);
	EXPECT_EQ(ref_khz(ACCELGOV_PHASE_MEMORY), 960000);
	see_clock(ACCELGOV_PHASE_COMPUTE, 1200000, false);
	EXPECT_EQ(ref_khz(ACCELGOV_PHASE_COMPUTE), 1410000);
	EXPECT_EQ(ref_khz(ACCELGOV_PHASE_MEMORY), 1410000);
	EXPECT_EQ(ref_khz(ACCELGOV_PHASE_MIXED), 1380000);
	/* Seen at the top, it is known. */
	see_clock(ACCELGOV_PHASE_COMPUTE, 1200000, true);
	EXPECT_EQ(ref_khz(ACCELGOV_PHASE_COMPUTE), 1200000);
	see_clock(ACCELGOV_PHASE_COMPUTE, 1395000, true);
	EXPECT_EQ(ref_khz(ACCELGOV_PHASE_COMPUTE), 1395000);
}

/*
 * A power limit lets light windows run at the top and heavy ones below. Where both have
 * one name, a clock between is what the job has, whichever window comes last.
 */
TEST(the_reference_of_windows_that_differ_is_their_mean)
{
	u32 i;

	setup();
	for (i = 0; i < 40; i++) {
		see_clock(ACCELGOV_PHASE_COMPUTE, i % 2 ? 1410000 : 1350000,
			  true);
		if (i > 10)
			EXPECT_NEAR(ref_khz(ACCELGOV_PHASE_COMPUTE), 1380000,
				    10000);
	}
}

/*
 * What a board held is in doubt where it is low and long ago, and there alone; it counts
 * until the top clock was tried.
 */
TEST(a_board_that_was_not_asked_for_long_is_doubted)
{
	const u64 now_ns = 10 * SECOND;

	setup();
	EXPECT_FALSE(ag_sens_doubts_ref(&sens, ACCELGOV_PHASE_COMPUTE, 1300000,
					now_ns));
	see_clock(ACCELGOV_PHASE_COMPUTE, 900000, true);
	see_clock(ACCELGOV_PHASE_MIXED, 1380000, true);
	EXPECT_FALSE(ag_sens_doubts_ref(&sens, ACCELGOV_PHASE_COMPUTE, 1300000,
					sens.phase[ACCELGOV_PHASE_COMPUTE].held_ns));
	EXPECT_FALSE(ag_sens_doubts_ref(&sens, ACCELGOV_PHASE_MIXED, 1300000,
					now_ns));
	EXPECT_EQ(ref_khz(ACCELGOV_PHASE_COMPUTE), 900000);
	EXPECT_TRUE(ag_sens_doubts_ref(&sens, ACCELGOV_PHASE_COMPUTE, 1300000,
				       now_ns));
	EXPECT_EQ(ref_khz(ACCELGOV_PHASE_COMPUTE), 900000);
	EXPECT_EQ(ref_khz(ACCELGOV_PHASE_MIXED), 1380000);
}

/* Where no clock has been, everything scales from the last one that was seen. */
TEST(clocks_not_seen_are_feared)
{
	struct world w = {
		.share = 0.2, .counters = 0.5, .power_top = 400000,
		.dynamic = 0.6, .rate_top = 1e6,
	};
	struct ag_curve c;

	setup();
	live(&w, 1230000, 60, 29);
	ag_sens_curve(&sens, ACCELGOV_PHASE_COMPUTE, &c);
	EXPECT_NEAR((double)ag_sens_time(&c, 1410000, 345000) /
		    ag_sens_time(&c, 1410000, 690000), 2, 0.01);
}

