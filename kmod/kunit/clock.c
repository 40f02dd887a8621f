// SPDX-License-Identifier: GPL-2.0
/*
 * Clock: whom the driver is asked for, when, and which windows its answer is for.
 */
#include <linux/delay.h>
#include <linux/units.h>
#include "clock.h"
#include "fake.h"
#include "watchdog.h"

#define SAMPLES		20
#define TOLD_KHZ	1234000
#define ANSWER_NS	(10 * (u64)NSEC_PER_SEC)

/* A window of @us that ends @us_after after the answer. */
static void window(struct ag_rates *r, u32 us, u32 us_after)
{
	*r = (struct ag_rates){
		.time_ns = ANSWER_NS + us_after * (u64)NSEC_PER_USEC,
		.window_ns = us * (u64)NSEC_PER_USEC,
		.valid = BIT(ACCELGOV_SIG_BUSY),
		.clock_khz = 1,
	};
}

/* Return: clock of the filled window, 0 without one. */
static u32 filled(struct accelgov_device *agd, struct ag_rates *r)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&agd->lock, flags);
	accelgov_clock_fill(agd, r);
	raw_spin_unlock_irqrestore(&agd->lock, flags);
	return ag_valid(r, ACCELGOV_SIG_CLOCK) ? r->clock_khz : 0;
}

/* A device of which nothing runs: no sample is pushed, and nobody misses one. */
static struct accelgov_device *answered(struct kunit *test, const char *name)
{
	struct fake *f = fake_new(test, name);
	struct accelgov_device *agd;
	unsigned long flags;

	fake_tells(f, FAKE_TOP_HZ, 0);
	KUNIT_ASSERT_EQ(test, fake_govern(f), 0);
	agd = fake_governor(f);
	accelgov_watchdog_stop(agd);
	flush_work(&agd->retarget);
	raw_spin_lock_irqsave(&agd->lock, flags);
	agd->core.target_khz = TOLD_KHZ;
	agd->told = (struct accelgov_told){
		.khz = TOLD_KHZ,
		.time_ns = ANSWER_NS,
		.again_ns = ANSWER_NS + NSEC_PER_SEC,
	};
	raw_spin_unlock_irqrestore(&agd->lock, flags);
	return agd;
}

static void windows_behind_an_answer_have_its_clock(struct kunit *test)
{
	struct accelgov_device *agd = answered(test, "accelgov-told");
	unsigned long flags;
	struct ag_rates r;

	window(&r, 1000, 1000);
	KUNIT_EXPECT_EQ(test, filled(agd, &r), TOLD_KHZ);
	KUNIT_EXPECT_FALSE(test, ag_clock_counted(&r));
	window(&r, 1000, 999);
	KUNIT_EXPECT_EQ(test, filled(agd, &r), 0);
	KUNIT_EXPECT_EQ(test, r.valid, (u32)BIT(ACCELGOV_SIG_BUSY));
	window(&r, 1000, 5000);
	r.valid |= BIT(ACCELGOV_SIG_CLOCK);
	KUNIT_EXPECT_EQ(test, filled(agd, &r), 1);

	raw_spin_lock_irqsave(&agd->lock, flags);
	accelgov_clock_forget(agd);
	raw_spin_unlock_irqrestore(&agd->lock, flags);
	window(&r, 1000, 5000);
	KUNIT_EXPECT_EQ(test, filled(agd, &r), 0);
}

static void asks_when_it_is_time(struct kunit *test)
{
	struct accelgov_device *agd = answered(test, "accelgov-again");
	struct ag_rates r;

	window(&r, 1000, 999999);
	filled(agd, &r);
	KUNIT_EXPECT_FALSE(test, test_bit(ACCELGOV_TRIGGER_CLOCK,
					  &agd->requests));
	/* Whoever tells it need not be doubted. */
	window(&r, 1000, 1000000);
	r.valid |= BIT(ACCELGOV_SIG_CLOCK);
	filled(agd, &r);
	KUNIT_EXPECT_FALSE(test, test_bit(ACCELGOV_TRIGGER_CLOCK,
					  &agd->requests));
	window(&r, 1000, 1000000);
	filled(agd, &r);
	KUNIT_EXPECT_TRUE(test, test_and_clear_bit(ACCELGOV_TRIGGER_CLOCK,
						   &agd->requests));
}

/* Return: how often the driver was asked while samples came every 10 ms. */
static u32 questions(struct kunit *test, struct fake *f)
{
	u32 token, i;

	KUNIT_ASSERT_EQ(test, fake_govern(f), 0);
	token = fake_token(f);
	for (i = 0; i < SAMPLES; i++) {
		/* The gate may be closed: a slow machine is no reason to fail. */
		fake_push(token);
		usleep_range(10000, 11000);
	}
	return f->questions;
}

/* Which clock the core has is what the last answer was. */
static void asks_until_the_clock_is_there(struct kunit *test)
{
	struct fake *f = fake_new(test, "accelgov-there");
	struct accelgov_device *agd;
	struct ag_rates r;
	unsigned long flags;
	u32 asked;

	fake_tells(f, FAKE_TOP_HZ, 0);
	asked = questions(test, f);
	agd = fake_governor(f);
	raw_spin_lock_irqsave(&agd->lock, flags);
	r = agd->core.rates;
	raw_spin_unlock_irqrestore(&agd->lock, flags);
	KUNIT_EXPECT_TRUE(test, ag_valid(&r, ACCELGOV_SIG_CLOCK));
	KUNIT_EXPECT_EQ(test, r.clock_khz, FAKE_TOP_HZ / HZ_PER_KHZ);
	KUNIT_EXPECT_GE(test, asked, 1);
	/* Once, and again each half of a second. */
	KUNIT_EXPECT_LT(test, asked, SAMPLES / 2);
}

static void asks_again_while_it_is_not(struct kunit *test)
{
	struct fake *f = fake_new(test, "accelgov-coming");

	fake_tells(f, FAKE_STEP_HZ, 0);
	KUNIT_EXPECT_GE(test, questions(test, f), SAMPLES / 4);
	KUNIT_EXPECT_LE(test, f->questions, SAMPLES);
}

static void drivers_that_fail_are_left_in_peace(struct kunit *test)
{
	struct fake *f = fake_new(test, "accelgov-fails");
	struct accelgov_device *agd;
	unsigned long flags;
	u32 asked, khz;

	fake_tells(f, FAKE_TOP_HZ, -EIO);
	asked = questions(test, f);
	agd = fake_governor(f);
	raw_spin_lock_irqsave(&agd->lock, flags);
	khz = agd->told.khz;
	raw_spin_unlock_irqrestore(&agd->lock, flags);
	KUNIT_EXPECT_GE(test, asked, 1);
	KUNIT_EXPECT_LT(test, asked, SAMPLES / 2);
	KUNIT_EXPECT_EQ(test, khz, 0);
}

static void drivers_that_do_not_say_are_not_asked(struct kunit *test)
{
	struct fake *f = fake_new(test, "accelgov-mute");

	KUNIT_EXPECT_EQ(test, questions(test, f), 0);
	KUNIT_EXPECT_EQ(test, fake_governor(f)->told.time_ns, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(windows_behind_an_answer_have_its_clock),
	KUNIT_CASE(asks_when_it_is_time),
	KUNIT_CASE(asks_until_the_clock_is_there),
	KUNIT_CASE(asks_again_while_it_is_not),
	KUNIT_CASE(drivers_that_fail_are_left_in_peace),
	KUNIT_CASE(drivers_that_do_not_say_are_not_asked),
	{}
};

static struct kunit_suite suite = {
	.name = "accelgov_clock",
	.test_cases = cases,
};

kunit_test_suite(suite);
