// SPDX-License-Identifier: GPL-2.0
/*
 * Phases: names of windows with and without all signals, and of sequences.
 */
#include "unit.h"
#include "random.h"
#include "window.h"

#define TOP	1410000

/* What each phase shows on a device that tells everything. */
static const struct {
	enum accelgov_phase phase;
	u32 busy, compute, memory, link, host, queue, contexts;
} typical[] = {
	{ ACCELGOV_PHASE_COMPUTE, 1000, 950, 300, 20, 10, 1500, 1000 },
	{ ACCELGOV_PHASE_MEMORY, 980, 60, 900, 80, 5, 1500, 1000 },
	{ ACCELGOV_PHASE_LINK, 1000, 10, 20, 1000, 0, 1500, 1000 },
	{ ACCELGOV_PHASE_STALL, 10, 5, 5, 0, 80, 1200, 1000 },
	{ ACCELGOV_PHASE_CHECKPOINT, 20, 0, 20, 0, 950, 1200, 1000 },
	{ ACCELGOV_PHASE_CHECKPOINT, 700, 10, 60, 0, 950, 1200, 1000 },
	{ ACCELGOV_PHASE_LOADED_IDLE, 0, 0, 0, 0, 0, 0, 1000 },
	{ ACCELGOV_PHASE_IDLE, 0, 0, 0, 0, 0, 0, 0 },
};

static struct ag_rates typical_window(u32 i)
{
	struct ag_rates r = window_of(typical[i].busy, typical[i].compute,
				      typical[i].memory, typical[i].link,
				      typical[i].host);

	r.queue = typical[i].queue;
	r.contexts = typical[i].contexts;
	return r;
}

TEST(each_phase_is_known_by_its_signals)
{
	struct ag_rates r;
	u32 i, conf;

	for (i = 0; i < ARRAY_SIZE(typical); i++) {
		r = typical_window(i);
		EXPECT_EQ(ag_phase_classify(&r, TOP, false, &conf),
			  typical[i].phase);
		EXPECT_GE(conf, 500);
		EXPECT_LE(conf, 1000);
	}
}

TEST(a_stall_without_queue_depth_needs_a_known_job)
{
	struct ag_rates r = typical_window(3);
	u32 conf;

	r.valid &= ~BIT(ACCELGOV_SIG_QUEUE);
	EXPECT_EQ(ag_phase_classify(&r, TOP, true, &conf),
		  ACCELGOV_PHASE_STALL);
	EXPECT_EQ(ag_phase_classify(&r, TOP, false, &conf),
		  ACCELGOV_PHASE_LOADED_IDLE);
}

/* A chip whose arithmetic and memory overlap with exponent @p. */
static struct ag_rates chip_window(double tc_top, double tm, double p, u32 khz)
{
	double tc = tc_top * TOP / khz;
	double t = pow(pow(tc, p) + pow(tm, p), 1 / p);
	struct ag_rates r = window_of(1000, (u32)(tc / t * 1000),
				      (u32)(tm / t * 1000), 0, 0);

	r.clock_khz = khz;
	return r;
}

TEST(the_clock_does_not_change_the_name)
{
	struct random rnd = { 6 };
	u32 i, conf, compute = 0;

	for (i = 0; i < 100000; i++) {
		double tc = 0.02 + random_unit(&rnd);
		double tm = 0.02 + random_unit(&rnd);
		double p = 1 + 3 * random_unit(&rnd);
		enum accelgov_phase at_top;
		struct ag_rates r;

		/* Within rounding of each other either name is right. */
		if (fabs(tc / tm - 1) < 0.02)
			continue;
		r = chip_window(tc, tm, p, TOP);
		at_top = ag_phase_classify(&r, TOP, false, &conf);
		compute += at_top == ACCELGOV_PHASE_COMPUTE;
		ASSERT_EQ(at_top, tc > tm ? ACCELGOV_PHASE_COMPUTE :
					    ACCELGOV_PHASE_MEMORY);
		r = chip_window(tc, tm, p, random_in(&rnd, TOP / 6, TOP));
		if (!EXPECT_EQ(ag_phase_classify(&r, TOP, false, &conf),
			       at_top)) {
			unit_note("tc %f tm %f p %f at %u kHz", tc, tm, p,
				  r.clock_khz);
			break;
		}
	}
	EXPECT_GT(compute, 30000);
	EXPECT_LT(compute, 70000);
}

/* The simulated boards, link time included, at every clock that they have. */
TEST(simulated_items_keep_their_name)
{
	static const struct {
		struct asim_work work;
		enum accelgov_phase phase;
	} items[] = {
		{ { .ops = 9000000000000, .bytes = 40000000000 },
		  ACCELGOV_PHASE_COMPUTE },
		{ { .ops = 70000000000, .bytes = 36000000000,
		    .link_ns = 1600000, .host_ns = 500000 },
		  ACCELGOV_PHASE_MEMORY },
		{ { .link_ns = 250000000 }, ACCELGOV_PHASE_LINK },
		{ { .io_bytes = 60000000000, .bytes = 1000000000 },
		  ACCELGOV_PHASE_CHECKPOINT },
		{ { .io_bytes = 100000000, .host_ns = 600000000 },
		  ACCELGOV_PHASE_STALL },
	};
	static struct asim_chip chip;
	struct ag_opp opps[AG_OPP_MAX];
	struct asim_rates s;
	struct ag_rates r;
	u32 i, k, conf, nr = points_of("a100-sxm", &chip, opps);

	for (i = 0; i < ARRAY_SIZE(items); i++) {
		for (k = 0; k < nr; k++) {
			asim_work_rates(&chip, &items[i].work, k, &s);
			r = window_of((u64)s.busy * 1000 >> ASIM_RATE_SHIFT,
				      (u64)s.compute * 1000 >> ASIM_RATE_SHIFT,
				      (u64)s.memory * 1000 >> ASIM_RATE_SHIFT,
				      (u64)s.link * 1000 >> ASIM_RATE_SHIFT,
				      (u64)s.host * 1000 >> ASIM_RATE_SHIFT);
			r.clock_khz = opps[k].khz;
			EXPECT_EQ(ag_phase_classify(&r, opps[nr - 1].khz, true,
						    &conf), items[i].phase);
		}
	}
}

/* What is not valid must not be looked at, whatever it holds. */
TEST(invalid_values_have_no_say)
{
	struct random rnd = { 7 };
	struct ag_rates a, b;
	u32 i, valid, conf_a, conf_b;

	for (valid = 0; valid <= ALL_SIGNALS; valid++) {
		for (i = 0; i < 200; i++) {
			a = window_of(random_below(&rnd, 1001),
				      random_below(&rnd, 1001),
				      random_below(&rnd, 1001),
				      random_below(&rnd, 1001),
				      random_below(&rnd, 1001));
			a.queue = random_below(&rnd, 2000);
			a.contexts = random_below(&rnd, 2000);
			a.clock_khz = random_below(&rnd, 2 * TOP);
			a.valid = valid;
			b = a;
			if (!ag_valid(&b, ACCELGOV_SIG_BUSY))
				b.busy = (u32)random_any(&rnd);
			if (!ag_valid(&b, ACCELGOV_SIG_COMPUTE))
				b.compute = (u32)random_any(&rnd);
			if (!ag_valid(&b, ACCELGOV_SIG_MEMORY))
				b.memory = (u32)random_any(&rnd);
			if (!ag_valid(&b, ACCELGOV_SIG_LINK))
				b.link = (u32)random_any(&rnd);
			if (!ag_valid(&b, ACCELGOV_SIG_HOST))
				b.host = (u32)random_any(&rnd);
			if (!ag_valid(&b, ACCELGOV_SIG_QUEUE))
				b.queue = (u32)random_any(&rnd);
			if (!ag_valid(&b, ACCELGOV_SIG_CONTEXTS))
				b.contexts = (u32)random_any(&rnd);
			if (!ag_valid(&b, ACCELGOV_SIG_CLOCK))
				b.clock_khz = (u32)random_any(&rnd);
			ASSERT_EQ(ag_phase_classify(&a, TOP, i & 1, &conf_a),
				  ag_phase_classify(&b, TOP, i & 1, &conf_b));
			ASSERT_EQ(conf_a, conf_b);
			EXPECT_LE(conf_a, 1000);
		}
	}
}

TEST(without_engines_the_phase_is_unknown)
{
	const u32 engines = BIT(ACCELGOV_SIG_BUSY) | BIT(ACCELGOV_SIG_COMPUTE) |
			    BIT(ACCELGOV_SIG_MEMORY);
	struct ag_rates r = typical_window(0);
	u32 valid, conf;

	for (valid = 0; valid <= ALL_SIGNALS; valid++) {
		r.valid = valid;
		EXPECT_EQ(ag_phase_classify(&r, TOP, false, &conf) ==
			  ACCELGOV_PHASE_UNKNOWN, !(valid & engines));
	}
}

/* A device that does not count busy time still has quiet phases. */
TEST(quiet_engines_without_busy_time_are_quiet)
{
	struct ag_rates r;
	u32 i, conf;

	for (i = 3; i < ARRAY_SIZE(typical); i++) {
		if (i == 5)	/* busy by copying alone: needs to be told */
			continue;
		r = typical_window(i);
		r.valid &= ~BIT(ACCELGOV_SIG_BUSY);
		EXPECT_EQ(ag_phase_classify(&r, TOP, false, &conf),
			  typical[i].phase);
		/* Silence of the engines that are known proves nothing. */
		r.valid &= ~BIT(ACCELGOV_SIG_LINK);
		EXPECT_NE(ag_phase_classify(&r, TOP, false, &conf),
			  ACCELGOV_PHASE_IDLE);
	}
}

/* Each signal that is missing makes a name less certain, never more. */
TEST(missing_signals_cost_confidence)
{
	static const enum accelgov_signal say[] = {
		ACCELGOV_SIG_BUSY, ACCELGOV_SIG_COMPUTE, ACCELGOV_SIG_MEMORY,
		ACCELGOV_SIG_LINK, ACCELGOV_SIG_HOST,
	};
	enum accelgov_phase name, full;
	struct ag_rates r;
	u32 i, k, conf, all;

	for (i = 0; i < 3; i++) {
		r = typical_window(i);
		full = ag_phase_classify(&r, TOP, false, &all);
		for (k = 0; k < ARRAY_SIZE(say); k++) {
			r = typical_window(i);
			r.valid &= ~BIT(say[k]);
			name = ag_phase_classify(&r, TOP, false, &conf);
			if (name == full && !EXPECT_LT(conf, all))
				unit_note("phase %u without signal %u", i,
					  say[k]);
		}
		r = typical_window(i);
		r.valid = BIT(ACCELGOV_SIG_BUSY);
		ag_phase_classify(&r, TOP, false, &conf);
		EXPECT_LT(conf, all / 2);
	}
	for (i = 6; i < 8; i++) {
		r = typical_window(i);
		ag_phase_classify(&r, TOP, false, &all);
		r.valid &= ~BIT(ACCELGOV_SIG_CONTEXTS);
		EXPECT_EQ(ag_phase_classify(&r, TOP, false, &conf),
			  ACCELGOV_PHASE_LOADED_IDLE);
		EXPECT_LT(conf, all);
	}
}

/* Feeds the same window @n times. Return: how often the phase changed. */
static u32 feed(struct ag_phase *p, const struct ag_rates *r, u32 n, u64 *now_ns)
{
	struct ag_rates w = *r;
	u32 changes = 0;

	while (n--) {
		*now_ns += w.window_ns;
		w.time_ns = *now_ns;
		changes += ag_phase_update(p, &w, w.clock_khz, TOP, true);
	}
	return changes;
}

/*
 * Any phase after any other, the change anywhere inside a window: one change
 * at the latest with the first whole window, and never a third name.
 */
TEST(a_straddling_window_names_no_third_phase)
{
	u32 i, k, x, n, wrong_side = 0, cases = 0;
	struct ag_rates a, b, mix;
	struct ag_phase p;
	u64 now_ns;

	for (i = 0; i < ARRAY_SIZE(typical); i++) {
		for (k = 0; k < ARRAY_SIZE(typical); k++) {
			if (typical[i].phase == typical[k].phase)
				continue;
			for (x = 25; x < 1000; x += 50) {
				a = typical_window(i);
				b = typical_window(k);
				mix = window_mix(&a, &b, x);
				now_ns = SECOND;
				ag_phase_init(&p, now_ns);
				feed(&p, &a, 5, &now_ns);
				ASSERT_EQ(p.now, typical[i].phase);
				n = feed(&p, &mix, 1, &now_ns);
				cases++;
				wrong_side += n != (x < 500);
				if (n && !EXPECT_EQ(p.now, typical[k].phase)) {
					unit_note("%s to %s at %u",
						  ag_phase_base_name(typical[i].phase),
						  ag_phase_base_name(typical[k].phase), x);
					unit_note("named %s", ag_phase_base_name(p.now));
				}
				n += feed(&p, &b, 2, &now_ns);
				EXPECT_EQ(n, 1);
				EXPECT_EQ(p.now, typical[k].phase);
			}
		}
	}
	unit_note("straddles named after their smaller part: %u of %u",
		  wrong_side, cases);
	EXPECT_LT(wrong_side * 5, cases);
}

TEST(a_clear_change_is_believed_at_once)
{
	struct ag_rates compute = typical_window(0);
	struct ag_rates memory = typical_window(1);
	u64 now_ns = SECOND, since_ns;
	struct ag_phase p;

	ag_phase_init(&p, now_ns);
	EXPECT_EQ(p.now, ACCELGOV_PHASE_UNKNOWN);
	EXPECT_EQ(feed(&p, &compute, 10, &now_ns), 1);
	EXPECT_EQ(p.since_ns, SECOND + 10 * MS);
	since_ns = now_ns + 10 * MS;
	EXPECT_EQ(feed(&p, &memory, 1, &now_ns), 1);
	EXPECT_EQ(p.now, ACCELGOV_PHASE_MEMORY);
	EXPECT_EQ(p.prev, ACCELGOV_PHASE_COMPUTE);
	EXPECT_EQ(p.since_ns, since_ns);
	feed(&p, &memory, 40, &now_ns);
	EXPECT_GE(p.confidence, 800);
}

TEST(a_doubtful_change_needs_two_windows)
{
	struct ag_rates compute = typical_window(0);
	struct ag_rates doubt = window_of(1000, 480, 600, 0, 0);
	u64 now_ns = SECOND;
	struct ag_phase p;

	ag_phase_init(&p, now_ns);
	feed(&p, &compute, 10, &now_ns);
	EXPECT_EQ(feed(&p, &doubt, 1, &now_ns), 0);
	EXPECT_EQ(feed(&p, &compute, 1, &now_ns), 0);
	EXPECT_EQ(feed(&p, &doubt, 1, &now_ns), 0);
	EXPECT_EQ(p.now, ACCELGOV_PHASE_COMPUTE);
	EXPECT_EQ(feed(&p, &doubt, 1, &now_ns), 1);
	EXPECT_EQ(p.now, ACCELGOV_PHASE_MEMORY);
}

/* Noise around the border of two phases does not make the name flicker. */
TEST(interleaved_work_becomes_mixed_and_stays)
{
	struct random rnd = { 8 };
	struct ag_rates memory = typical_window(1);
	struct ag_rates r;
	u64 now_ns = SECOND;
	u32 i, changes = 0;
	struct ag_phase p;

	ag_phase_init(&p, now_ns);
	for (i = 0; i < 1000; i++) {
		r = window_of(1000, random_in(&rnd, 660, 740),
			      random_in(&rnd, 660, 740), 0, 0);
		changes += feed(&p, &r, 1, &now_ns);
		if (i > 20)
			EXPECT_EQ(p.now, ACCELGOV_PHASE_MIXED);
	}
	unit_note("balanced work: %u changes in 1000 windows", changes);
	EXPECT_LE(changes, 5);
	EXPECT_GE(p.confidence, 800);
	feed(&p, &memory, 2, &now_ns);
	EXPECT_EQ(p.now, ACCELGOV_PHASE_MEMORY);
}

/* One balanced step among others: two windows of it that are alike are enough. */
TEST(two_balanced_windows_that_are_alike_are_mixed)
{
	struct ag_rates memory = window_of(1000, 200, 900, 0, 0);
	struct ag_rates half = window_of(1000, 480, 560, 0, 0);
	struct ag_rates other = window_of(1000, 690, 560, 0, 0);
	struct ag_rates even = window_of(1000, 600, 600, 0, 0);
	u64 now_ns = SECOND;
	struct ag_phase p;

	ag_phase_init(&p, now_ns);
	feed(&p, &memory, 20, &now_ns);
	feed(&p, &even, 1, &now_ns);
	EXPECT_NE(p.now, ACCELGOV_PHASE_MIXED);
	feed(&p, &even, 1, &now_ns);
	EXPECT_EQ(p.now, ACCELGOV_PHASE_MIXED);
	feed(&p, &memory, 20, &now_ns);
	/* Halves of two kinds are balanced as well, and not alike. */
	feed(&p, &half, 1, &now_ns);
	feed(&p, &other, 1, &now_ns);
	EXPECT_NE(p.now, ACCELGOV_PHASE_MIXED);
}

/* One step that needs as much of both: nothing was idle, so nothing took turns. */
TEST(a_full_window_of_both_is_mixed_at_once)
{
	struct ag_rates memory = window_of(1000, 60, 900, 90, 0);
	struct ag_rates turns = window_of(1000, 500, 500, 50, 0);
	struct ag_rates both = window_of(1000, 520, 520, 250, 0);
	u64 now_ns = SECOND;
	struct ag_phase p;

	ag_phase_init(&p, now_ns);
	feed(&p, &memory, 20, &now_ns);
	feed(&p, &turns, 1, &now_ns);
	EXPECT_NE(p.now, ACCELGOV_PHASE_MIXED);
	feed(&p, &memory, 5, &now_ns);
	EXPECT_EQ(feed(&p, &both, 1, &now_ns), 1);
	EXPECT_EQ(p.now, ACCELGOV_PHASE_MIXED);
	/* As much at the top clock, seen at a clock at which it isn't. */
	feed(&p, &memory, 5, &now_ns);
	both = window_of(1000, 900, 180, 80, 0);
	both.clock_khz = TOP / 5;
	feed(&p, &both, 3, &now_ns);
	EXPECT_EQ(p.now, ACCELGOV_PHASE_MIXED);
	/* Windows of 100 ms hold many steps. */
	both = window_of(1000, 520, 520, 250, 0);
	both.window_ns = 100 * MS;
	feed(&p, &memory, 5, &now_ns);
	p.mixed_left = 0;
	feed(&p, &both, 1, &now_ns);
	EXPECT_NE(p.now, ACCELGOV_PHASE_MIXED);
}

/* Balance can only be seen where both are known. */
TEST(one_engine_alone_is_never_mixed)
{
	struct ag_rates r = window_of(1000, 0, 560, 0, 0);
	u64 now_ns = SECOND;
	struct ag_phase p;

	r.valid &= ~BIT(ACCELGOV_SIG_COMPUTE);
	ag_phase_init(&p, now_ns);
	feed(&p, &r, 50, &now_ns);
	EXPECT_EQ(p.now, ACCELGOV_PHASE_MEMORY);
}

/* A window as a board without pipe counters shows it. */
static struct ag_rates plain_window(u32 busy, u32 memory, u32 power_mw)
{
	struct ag_rates r = window_of(busy, 0, memory, 0, 0);

	r.window_ns = 100 * MS;
	r.power_mw = power_mw;
	r.valid = BIT(ACCELGOV_SIG_BUSY) | BIT(ACCELGOV_SIG_MEMORY) |
		  BIT(ACCELGOV_SIG_POWER);
	return r;
}

/* Idle, arithmetic and decode, each long enough to be learned. */
static void learn_plain(struct ag_phase *p, u64 *now_ns)
{
	struct ag_rates idle = plain_window(0, 0, 60000);
	struct ag_rates compute = plain_window(1000, 300, 480000);
	struct ag_rates memory = plain_window(1000, 920, 300000);

	ag_phase_init(p, *now_ns);
	feed(p, &idle, 10, now_ns);
	feed(p, &compute, 30, now_ns);
	EXPECT_EQ(p->now, ACCELGOV_PHASE_COMPUTE);
	feed(p, &memory, 30, now_ns);
	EXPECT_EQ(p->now, ACCELGOV_PHASE_MEMORY);
}

TEST(between_both_levels_at_full_power_is_mixed)
{
	struct ag_rates mixed = plain_window(1000, 660, 470000);
	struct ag_rates small = plain_window(1000, 660, 220000);
	u64 now_ns = SECOND;
	struct ag_phase p;

	learn_plain(&p, &now_ns);
	feed(&p, &mixed, 10, &now_ns);
	EXPECT_EQ(p.now, ACCELGOV_PHASE_MIXED);
	/* The same traffic at little power: decode of small batches. */
	learn_plain(&p, &now_ns);
	feed(&p, &small, 10, &now_ns);
	EXPECT_EQ(p.now, ACCELGOV_PHASE_MEMORY);
}

/* Layers that are spread over boards: memory rests while the link works. */
TEST(memory_that_waits_for_the_link_is_not_mixed)
{
	struct ag_rates r = plain_window(1000, 700, 400000);
	u64 now_ns = SECOND;
	struct ag_phase p;

	learn_plain(&p, &now_ns);
	feed(&p, &r, 10, &now_ns);
	EXPECT_EQ(p.now, ACCELGOV_PHASE_MIXED);
	learn_plain(&p, &now_ns);
	r.valid |= BIT(ACCELGOV_SIG_LINK);
	r.link = 240;
	feed(&p, &r, 10, &now_ns);
	EXPECT_EQ(p.now, ACCELGOV_PHASE_MEMORY);
}

/* Where mixed work was seen of late, windows between it and arithmetic are halves. */
TEST(a_straddle_beside_mixed_work_is_named_by_its_half)
{
	struct ag_rates mixed = plain_window(1000, 660, 470000);
	struct ag_rates compute = plain_window(1000, 200, 470000);
	struct ag_rates most = plain_window(1000, 540, 470000);
	struct ag_rates least = plain_window(1000, 320, 470000);
	u64 now_ns = SECOND;
	struct ag_phase p;

	most.valid |= BIT(ACCELGOV_SIG_CLOCK);
	least.valid |= BIT(ACCELGOV_SIG_CLOCK);
	learn_plain(&p, &now_ns);
	feed(&p, &mixed, 10, &now_ns);
	feed(&p, &compute, 5, &now_ns);
	EXPECT_EQ(p.now, ACCELGOV_PHASE_COMPUTE);
	feed(&p, &most, 1, &now_ns);
	EXPECT_EQ(p.now, ACCELGOV_PHASE_MIXED);
	feed(&p, &least, 1, &now_ns);
	EXPECT_EQ(p.now, ACCELGOV_PHASE_COMPUTE);
}

/* Half a window of an optimizer between two waits. */
TEST(a_burst_of_traffic_in_a_wait_is_memory_bound)
{
	struct ag_rates wait = plain_window(1000, 0, 90000);
	struct ag_rates burst = plain_window(1000, 550, 90000);
	struct ag_rates work = plain_window(1000, 180, 90000);
	u64 now_ns = SECOND;
	struct ag_phase p;

	learn_plain(&p, &now_ns);
	feed(&p, &wait, 3, &now_ns);
	EXPECT_EQ(p.now, ACCELGOV_PHASE_LINK);
	feed(&p, &burst, 1, &now_ns);
	EXPECT_EQ(p.now, ACCELGOV_PHASE_MEMORY);
	feed(&p, &wait, 3, &now_ns);
	EXPECT_EQ(p.now, ACCELGOV_PHASE_LINK);
	/* As much as arithmetic has in half a window or more. */
	feed(&p, &work, 1, &now_ns);
	EXPECT_EQ(p.now, ACCELGOV_PHASE_COMPUTE);
}

/* The lowest power ever seen is no wait when memory is busy. */
TEST(traffic_at_the_lowest_power_is_no_wait)
{
	struct ag_rates compute = plain_window(1000, 100, 480000);
	struct ag_rates memory = plain_window(1000, 930, 250000);
	u64 now_ns = SECOND;
	struct ag_phase p;

	ag_phase_init(&p, now_ns);
	feed(&p, &compute, 3, &now_ns);
	feed(&p, &memory, 30, &now_ns);
	EXPECT_EQ(p.now, ACCELGOV_PHASE_MEMORY);
}

/* Arithmetic with hardly any traffic: the limiter tells it from a wait. */
TEST(a_board_at_its_limit_does_not_wait)
{
	struct ag_rates r = plain_window(1000, 20, 300000);
	u64 now_ns = SECOND;
	struct ag_phase p;

	ag_phase_init(&p, now_ns);
	feed(&p, &r, 5, &now_ns);
	EXPECT_EQ(p.now, ACCELGOV_PHASE_LINK);
	p.held = true;
	feed(&p, &r, 5, &now_ns);
	EXPECT_EQ(p.now, ACCELGOV_PHASE_COMPUTE);
}

/* Power comes late, but what rises while engines go on as before is theirs. */
TEST(power_that_rises_is_no_wait)
{
	struct ag_rates idle = plain_window(0, 0, 100000);
	struct ag_rates begin = plain_window(1000, 20, 100000);
	struct ag_rates r = plain_window(1000, 20, 500000);
	u64 now_ns = SECOND;
	struct ag_phase p;

	ag_phase_init(&p, now_ns);
	feed(&p, &idle, 5, &now_ns);
	feed(&p, &begin, 1, &now_ns);
	EXPECT_EQ(p.now, ACCELGOV_PHASE_LINK);
	feed(&p, &r, 1, &now_ns);
	EXPECT_EQ(p.now, ACCELGOV_PHASE_COMPUTE);
	/* It goes on rising: the engines have been alike for long enough. */
	r.power_mw = 600000;
	feed(&p, &r, 1, &now_ns);
	r.power_mw = 400000;
	feed(&p, &r, 1, &now_ns);
	EXPECT_EQ(p.now, ACCELGOV_PHASE_COMPUTE);
}

/* A limiter holds it at a third of its clock: low power says nothing there, high does. */
TEST(high_power_is_heard_at_a_low_clock)
{
	struct ag_rates idle = plain_window(0, 0, 7000);
	struct ag_rates r = plain_window(1000, 0, 9000);
	u64 now_ns = SECOND;
	struct ag_phase p;

	r.clock_khz = TOP / 3;
	ag_phase_init(&p, now_ns);
	feed(&p, &idle, 5, &now_ns);
	feed(&p, &r, 6, &now_ns);
	EXPECT_EQ(p.now, ACCELGOV_PHASE_COMPUTE);
	r.power_mw = 7000;
	feed(&p, &r, 6, &now_ns);
	EXPECT_EQ(p.now, ACCELGOV_PHASE_LINK);
}

/* A limiter that holds a board at a quarter of its clock: what each work shows there. */
static void limited(struct ag_phase *p, u32 rest_mw, u32 memory_mw, u64 *now_ns)
{
	struct ag_rates rest = plain_window(0, 0, rest_mw);
	struct ag_rates compute = plain_window(1000, 190, 45000);
	struct ag_rates memory = plain_window(1000, 490, memory_mw);
	u32 i;

	ag_phase_init(p, *now_ns);
	for (i = 0; i < 3; i++) {
		feed(p, &rest, 10, now_ns);
		feed(p, &compute, 30, now_ns);
		feed(p, &memory, 30, now_ns);
	}
}

TEST(what_has_most_traffic_under_a_limiter_is_memory_bound)
{
	struct ag_rates compute = plain_window(1000, 190, 45000);
	struct ag_rates mixed = plain_window(1000, 400, 45500);
	u64 now_ns = SECOND;
	struct ag_phase p;

	limited(&p, 24000, 44500, &now_ns);
	EXPECT_EQ(p.now, ACCELGOV_PHASE_MEMORY);
	feed(&p, &compute, 5, &now_ns);
	EXPECT_EQ(p.now, ACCELGOV_PHASE_COMPUTE);
	feed(&p, &mixed, 5, &now_ns);
	EXPECT_EQ(p.now, ACCELGOV_PHASE_MIXED);
}

/* What was asked for is not the clock: the name stays when the governor acts on it. */
TEST(a_clock_that_was_asked_for_says_nothing_under_a_limiter)
{
	struct ag_rates compute = plain_window(1000, 190, 45000);
	u64 now_ns = SECOND;
	struct ag_phase p;

	limited(&p, 24000, 44500, &now_ns);
	compute.clock_khz = TOP / 4;
	feed(&p, &compute, 20, &now_ns);
	EXPECT_EQ(p.now, ACCELGOV_PHASE_COMPUTE);
}

/* Traffic of 490 is arithmetic's wherever the clock is near the top, or known. */
TEST(traffic_in_the_middle_is_arithmetic_without_a_limiter)
{
	struct ag_rates memory = plain_window(1000, 490, 44500);
	u64 now_ns = SECOND;
	struct ag_phase p;

	/* It draws more than the other does: nobody holds it. */
	limited(&p, 24000, 48500, &now_ns);
	EXPECT_NE(p.now, ACCELGOV_PHASE_MEMORY);
	/* Ten times what rest takes: a limiter leaves most of the clock. */
	limited(&p, 4500, 44500, &now_ns);
	EXPECT_NE(p.now, ACCELGOV_PHASE_MEMORY);
	/* A clock is read. */
	limited(&p, 24000, 44500, &now_ns);
	memory.valid |= BIT(ACCELGOV_SIG_CLOCK);
	feed(&p, &memory, 30, &now_ns);
	EXPECT_NE(p.now, ACCELGOV_PHASE_MEMORY);
}

TEST(a_phase_ends_when_its_engines_are_no_longer_known)
{
	struct ag_rates compute = typical_window(0), power = compute;
	u64 now_ns = SECOND;
	struct ag_phase p;
	u32 i;

	power.valid = BIT(ACCELGOV_SIG_POWER);
	ag_phase_init(&p, now_ns);
	feed(&p, &compute, 10, &now_ns);
	/* Two collectors, one of which knows power alone. */
	for (i = 0; i < 20; i++) {
		EXPECT_EQ(feed(&p, &power, 1, &now_ns), 0);
		EXPECT_EQ(feed(&p, &compute, 1, &now_ns), 0);
	}
	EXPECT_EQ(p.now, ACCELGOV_PHASE_COMPUTE);
	feed(&p, &power, 10, &now_ns);
	EXPECT_EQ(p.now, ACCELGOV_PHASE_UNKNOWN);
	EXPECT_EQ(p.confidence, 0);
	feed(&p, &compute, 1, &now_ns);
	EXPECT_EQ(p.now, ACCELGOV_PHASE_COMPUTE);
}

static enum accelgov_phase after(struct ag_phase *p, struct ag_rates *r, u32 busy,
				 u32 host, bool training, u32 windows, u64 *now_ns)
{
	while (windows--) {
		r->busy = busy;
		r->host = host;
		r->window_ns = 100 * MS;
		*now_ns += r->window_ns;
		r->time_ns = *now_ns;
		ag_phase_update(p, r, TOP, TOP, training);
	}
	return p->now;
}

/* torch.save(): a thread copies what is not pinned, then writes it. */
TEST(a_slow_copy_of_a_job_that_trains_is_a_checkpoint)
{
	struct ag_rates r = typical_window(6);
	u64 now_ns = SECOND;
	struct ag_phase p;

	r.valid &= ~BIT(ACCELGOV_SIG_QUEUE);
	ag_phase_init(&p, now_ns);
	EXPECT_EQ(after(&p, &r, 0, 0, true, 5, &now_ns), ACCELGOV_PHASE_STALL);
	EXPECT_EQ(after(&p, &r, 0, 15, true, 4, &now_ns), ACCELGOV_PHASE_CHECKPOINT);
	EXPECT_EQ(after(&p, &r, 0, 0, true, 15, &now_ns), ACCELGOV_PHASE_CHECKPOINT);
	r.valid |= BIT(ACCELGOV_SIG_QUEUE);
	EXPECT_EQ(after(&p, &r, 0, 0, true, 2, &now_ns), ACCELGOV_PHASE_CHECKPOINT);
	r.queue = 1500;
	EXPECT_EQ(after(&p, &r, 0, 0, true, 4, &now_ns), ACCELGOV_PHASE_STALL);
	/* A server that fetches a little is one that rests. */
	r.valid &= ~BIT(ACCELGOV_SIG_QUEUE);
	ag_phase_init(&p, now_ns);
	EXPECT_EQ(after(&p, &r, 0, 15, false, 9, &now_ns), ACCELGOV_PHASE_LOADED_IDLE);
}

/*
 * A host that launches each kernel by itself leaves gaps, and not always the same: what
 * an H100 showed of decode without graphs.
 */
TEST(work_with_gaps_stays_work)
{
	static const u16 busy[] = { 242, 244, 178, 66, 242, 350, 121, 243, 107, 294 };
	struct ag_rates r = typical_window(1);
	u64 now_ns = SECOND;
	struct ag_phase p;
	u32 i;

	r.valid &= ~(BIT(ACCELGOV_SIG_QUEUE) | BIT(ACCELGOV_SIG_LINK));
	ag_phase_init(&p, now_ns);
	for (i = 0; i < 100; i++) {
		u32 b = busy[i % ARRAY_SIZE(busy)];

		r.compute = b / 15;
		r.memory = b * 7 / 10;
		after(&p, &r, b, 1, false, 1, &now_ns);
		if (i > 3)
			EXPECT_EQ(p.now, ACCELGOV_PHASE_MEMORY);
	}
	r.compute = 0;
	r.memory = 0;
	EXPECT_EQ(after(&p, &r, 0, 0, false, 2, &now_ns), ACCELGOV_PHASE_LOADED_IDLE);
}

TEST(stale_signals_make_the_phase_unknown)
{
	struct ag_rates compute = typical_window(0);
	u64 now_ns = SECOND;
	struct ag_phase p;

	ag_phase_init(&p, now_ns);
	feed(&p, &compute, 3, &now_ns);
	ag_phase_unknown(&p, now_ns + 50 * MS);
	EXPECT_EQ(p.now, ACCELGOV_PHASE_UNKNOWN);
	EXPECT_EQ(p.confidence, 0);
	EXPECT_EQ(p.since_ns, now_ns + 50 * MS);
	ag_phase_unknown(&p, now_ns + 90 * MS);
	EXPECT_EQ(p.since_ns, now_ns + 50 * MS);
}
