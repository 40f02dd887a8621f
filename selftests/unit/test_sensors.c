// SPDX-License-Identifier: GPL-2.0
/*
 * Sensors of real boards: late, averaged, wrong by a gain, and the same for the
 * same seed.
 */
#include "unit.h"

#include "../../userspace/lib/replay/sensors.h"

#define MSEC	1000000ULL
#define B(sig)	(1U << ACCELGOV_SIG_##sig)

/* A device that is busy, in memory and in a collective for shares of 1000. */
struct board {
	struct sensors s;
	struct sensors_now now;
	uint64_t last_ns;
};

static void run(struct board *b, uint64_t ms, uint32_t busy, uint32_t memory)
{
	while (ms--) {
		b->now.now_ns += MSEC;
		b->now.counter[ACCELGOV_SIG_BUSY] += busy * 1000;
		b->now.counter[ACCELGOV_SIG_MEMORY] += memory * 1000;
		b->now.counter[ACCELGOV_SIG_LINK] += MSEC;
		if (b->now.now_ns >= b->s.next_ns)
			sensors_renew(&b->s, &b->now);
	}
}

static struct accelgov_sample read_board(struct board *b)
{
	struct accelgov_sample sample = {
		.time_ns = b->now.now_ns,
		.window_ns = b->now.now_ns - b->last_ns,
		.valid = (1U << ACCELGOV_SIG_NR) - 1,
		.amount = (1U << ACCELGOV_SIG_NR) - 1,
	};

	for (int i = 0; i < ACCELGOV_SIG_NR; i++)
		sample.val[i] = 12345;
	sensors_read(&b->s, &b->now, &sample);
	b->last_ns = b->now.now_ns;
	return sample;
}

static void setup(struct board *b, const char *level, uint64_t seed)
{
	*b = (struct board){ .now.clock_khz = 1410000,
			     .now.sample_mw = 300000,
			     .now.average_mw = 200000 };
	sensors_init(&b->s, sensors_level_find(level), seed, &b->now);
}

TEST(kinds_have_names)
{
	const struct sensors_level *l;

	for (unsigned int i = 0; (l = sensors_level_nth(i)); i++) {
		EXPECT_TRUE(sensors_level_find(l->name) == l);
		EXPECT_GT(strlen(l->help), 5);
	}
	EXPECT_TRUE(!sensors_level_find("none"));
	EXPECT_STREQ(sensors_level_nth(0)->name, "full");
}

TEST(full_sensors_leave_samples_alone)
{
	struct accelgov_sample s;
	struct board b;

	setup(&b, "full", 1);
	run(&b, 50, 500, 100);
	s = read_board(&b);
	EXPECT_EQ(s.valid, (1U << ACCELGOV_SIG_NR) - 1);
	EXPECT_EQ(s.amount, s.valid);
	EXPECT_EQ(s.val[ACCELGOV_SIG_QUEUE], 12345);
	EXPECT_EQ(b.s.from_ns, 0);
	EXPECT_EQ(b.s.to_ns, 50 * MSEC);
}

TEST(what_is_not_known_is_not_valid)
{
	struct accelgov_sample s;
	struct board b;

	setup(&b, "basic", 1);
	run(&b, 300, 1000, 400);
	s = read_board(&b);
	EXPECT_EQ(s.valid, B(BUSY) | B(MEMORY) | B(POWER));
	EXPECT_EQ(s.amount, 0);
	setup(&b, "nvml", 1);
	run(&b, 300, 1000, 400);
	s = read_board(&b);
	EXPECT_EQ(s.valid & (B(COMPUTE) | B(QUEUE) | B(PROGRESS)), 0);
	EXPECT_EQ(s.val[ACCELGOV_SIG_CLOCK], 1410000);
	setup(&b, "gpm", 1);
	EXPECT_EQ(read_board(&b).valid & (B(COMPUTE) | B(QUEUE)), B(COMPUTE));
}

/* Steady utilisation comes out within the gain error and one per cent. */
TEST(gains_are_within_five_per_cent_and_differ)
{
	uint64_t low = 1000, high = 0, power_low = ~0ULL, power_high = 0;
	struct accelgov_sample s;
	struct board b;

	for (uint64_t seed = 1; seed <= 200; seed++) {
		setup(&b, seed & 1 ? "nvml" : "gpm", seed);
		run(&b, 400, 800, 400);
		s = read_board(&b);
		EXPECT_GE(s.val[ACCELGOV_SIG_MEMORY], 375);
		EXPECT_LE(s.val[ACCELGOV_SIG_MEMORY], 425);
		EXPECT_LE(s.val[ACCELGOV_SIG_LINK], 1000);
		if (s.val[ACCELGOV_SIG_LINK] < low)
			low = s.val[ACCELGOV_SIG_LINK];
		if (s.val[ACCELGOV_SIG_LINK] > high)
			high = s.val[ACCELGOV_SIG_LINK];
		if (s.val[ACCELGOV_SIG_POWER] < power_low)
			power_low = s.val[ACCELGOV_SIG_POWER];
		if (s.val[ACCELGOV_SIG_POWER] > power_high)
			power_high = s.val[ACCELGOV_SIG_POWER];
	}
	/* A collective may show as anything. */
	EXPECT_LT(low, 100);
	EXPECT_GT(high, 900);
	EXPECT_GE(power_low, 285000);
	EXPECT_LT(power_low, 290000);
	EXPECT_LE(power_high, 315000);
	EXPECT_GT(power_high, 310000);
}

/* A step of utilisation is seen in full after one to two renewals, and @late_ms. */
static void expect_lag(const char *level, uint64_t update_ms, uint64_t late_ms)
{
	uint64_t ms, first = 1000, last = 0;
	struct board b;

	for (uint64_t seed = 1; seed <= 100; seed++) {
		setup(&b, level, seed);
		run(&b, 700, 0, 0);
		for (ms = 0; ms < 1000; ms++) {
			run(&b, 1, 1000, 1000);
			if (read_board(&b).val[ACCELGOV_SIG_BUSY] >= 940)
				break;
		}
		first = ms < first ? ms : first;
		last = ms > last ? ms : last;
	}
	EXPECT_GE(first, update_ms * 9 / 10);
	EXPECT_GE(last, update_ms * 3 / 2);
	EXPECT_LE(last, 2 * update_ms + late_ms);
}

TEST(utilisation_is_late)
{
	expect_lag("nvml", 100, 0);
	expect_lag("basic", 100, 0);
	expect_lag("nvml-200ms", 200, 0);
	expect_lag("gpm", 100, 76);
}

/* GPM is renewed by the board and shown later: who asks more often gets the same again. */
TEST(early_questions_get_old_answers)
{
	uint64_t from_ns = 0, now_ms, renewed = 0, late_ms, least = 1000, most = 0;
	struct board b;

	for (uint64_t seed = 1; seed <= 50; seed++) {
		setup(&b, "gpm", seed);
		run(&b, 300, 1000, 500);
		for (now_ms = 301; now_ms <= 1300; now_ms++) {
			run(&b, 1, 1000, 500);
			read_board(&b);
			EXPECT_EQ(b.s.to_ns - b.s.from_ns, 100 * MSEC);
			if (b.s.from_ns == from_ns)
				continue;
			from_ns = b.s.from_ns;
			renewed++;
			late_ms = now_ms - b.s.to_ns / MSEC;
			least = late_ms < least ? late_ms : least;
			most = late_ms > most ? late_ms : most;
		}
	}
	EXPECT_GE(renewed, 50 * 9);
	EXPECT_LE(renewed, 50 * 11 + 50);
	EXPECT_GE(least, 35);
	EXPECT_LE(least, 40);
	EXPECT_GE(most, 70);
}

TEST(power_may_be_the_slow_one)
{
	struct board fast, slow;

	setup(&fast, "basic", 9);
	setup(&slow, "basic-1s", 9);
	EXPECT_NEAR((double)read_board(&fast).val[ACCELGOV_SIG_POWER] * 2 / 3,
		    (double)read_board(&slow).val[ACCELGOV_SIG_POWER], 2);
}

TEST(the_same_seed_is_the_same_board)
{
	struct accelgov_sample x, y;
	struct board a, b, c;

	setup(&a, "nvml", 5);
	setup(&b, "nvml", 5);
	setup(&c, "nvml", 6);
	run(&a, 250, 1000, 300);
	run(&b, 250, 1000, 300);
	x = read_board(&a);
	y = read_board(&b);
	EXPECT_EQ(memcmp(&x, &y, sizeof(x)), 0);
	EXPECT_NE(a.s.next_ns, c.s.next_ns);
}
