// SPDX-License-Identifier: GPL-2.0
/*
 * Intake: what is let in, from every context, and that the books on it add up.
 */
#include <linux/delay.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>
#include "fake.h"
#include "intake.h"
#include "kfunc.h"

#define FLOOD	2000

static void refuses_impossible_samples(struct kunit *test)
{
	u64 now_ns = 100 * NSEC_PER_SEC;
	struct accelgov_sample good, s;

	fake_sample(&good);
	s = good;
	KUNIT_EXPECT_EQ(test, accelgov_intake_check(&s, now_ns), 0);
	KUNIT_EXPECT_EQ(test, s.time_ns, now_ns);
	s.time_ns = now_ns + NSEC_PER_MSEC;
	KUNIT_EXPECT_EQ(test, accelgov_intake_check(&s, now_ns), 0);
	s.time_ns = now_ns + NSEC_PER_MSEC + 1;
	KUNIT_EXPECT_EQ(test, accelgov_intake_check(&s, now_ns), -EINVAL);
	s.time_ns = U64_MAX;
	KUNIT_EXPECT_EQ(test, accelgov_intake_check(&s, now_ns), -EINVAL);
	s.time_ns = now_ns - AG_WINDOW_MAX_NS;
	KUNIT_EXPECT_EQ(test, accelgov_intake_check(&s, now_ns), 0);
	s.time_ns--;
	KUNIT_EXPECT_EQ(test, accelgov_intake_check(&s, now_ns), -EINVAL);

	s = good;
	s.window_ns = AG_WINDOW_MIN_NS - 1;
	KUNIT_EXPECT_EQ(test, accelgov_intake_check(&s, now_ns), -EINVAL);
	s.window_ns = AG_WINDOW_MAX_NS + 1;
	KUNIT_EXPECT_EQ(test, accelgov_intake_check(&s, now_ns), -EINVAL);
	s = good;
	s.valid = 0;
	KUNIT_EXPECT_EQ(test, accelgov_intake_check(&s, now_ns), -EINVAL);
	s.valid = BIT(ACCELGOV_SIG_NR);
	KUNIT_EXPECT_EQ(test, accelgov_intake_check(&s, now_ns), -EINVAL);
	s = good;
	s.pad = 1;
	KUNIT_EXPECT_EQ(test, accelgov_intake_check(&s, now_ns), -EINVAL);
}

static void finds_devices_by_token(struct kunit *test)
{
	struct fake *f = fake_new(test, "accelgov-token");
	struct accelgov_sample s;
	u32 token;

	fake_sample(&s);
	KUNIT_ASSERT_EQ(test, fake_govern(f), 0);
	token = fake_token(f);
	KUNIT_EXPECT_NE(test, token, 0);
	KUNIT_EXPECT_EQ(test, accelgov_push(0, &s, sizeof(s)), -ENODEV);
	KUNIT_EXPECT_EQ(test, accelgov_push(token ^ FAKE_GENERATION, &s, sizeof(s)),
			-ENODEV);
	KUNIT_EXPECT_EQ(test, accelgov_push(token, &s, sizeof(s) - 8), -EINVAL);
	KUNIT_EXPECT_EQ(test, accelgov_push(token, &s, sizeof(s)), 0);
	KUNIT_EXPECT_TRUE(test, fake_settles(f, 1));
	fake_release(f);
	KUNIT_EXPECT_EQ(test, accelgov_push(token, &s, sizeof(s)), -ENODEV);
}

/* A second sample right after the first is not worth its interrupt. */
static void gate_drops_what_comes_too_soon(struct kunit *test)
{
	struct fake *f = fake_new(test, "accelgov-gate");
	int first, second;
	unsigned long flags;
	u32 token;

	KUNIT_ASSERT_EQ(test, fake_govern(f), 0);
	token = fake_token(f);
	local_irq_save(flags);
	first = fake_push(token);
	second = fake_push(token);
	local_irq_restore(flags);
	KUNIT_EXPECT_EQ(test, first, 0);
	KUNIT_EXPECT_EQ(test, second, -EBUSY);
	KUNIT_EXPECT_TRUE(test, fake_settles(f, 1));
	KUNIT_EXPECT_EQ(test, fake_dropped(f), 1);
	/* An eighth of the longest sample period. */
	msleep(20);
	KUNIT_EXPECT_EQ(test, fake_push(token), 0);
	KUNIT_EXPECT_TRUE(test, fake_settles(f, 2));
}

struct flood {
	u32 token;
	atomic_t taken;
	atomic_t busy;
	atomic_t other;
};

static void flood_here(void *data)
{
	struct flood *flood = data;
	int i, err;

	for (i = 0; i < FLOOD; i++) {
		err = fake_push(flood->token);
		if (!err)
			atomic_inc(&flood->taken);
		else if (err == -EBUSY)
			atomic_inc(&flood->busy);
		else
			atomic_inc(&flood->other);
	}
}

/* In interrupts of all CPUs at once: what is not taken is counted as dropped. */
static void flood_from_interrupts(struct kunit *test)
{
	struct fake *f = fake_new(test, "accelgov-flood");
	u32 all = FLOOD * num_online_cpus();
	struct flood *flood;
	u64 samples;

	flood = kunit_kzalloc(test, sizeof(*flood), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, flood);
	KUNIT_ASSERT_EQ(test, fake_govern(f), 0);
	flood->token = fake_token(f);
	on_each_cpu(flood_here, flood, 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&flood->other), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&flood->taken) +
			atomic_read(&flood->busy), all);
	KUNIT_EXPECT_GT(test, atomic_read(&flood->taken), 0);
	KUNIT_EXPECT_GT(test, atomic_read(&flood->busy), 0);
	msleep(200);
	samples = fake_samples(f);
	kunit_info(test, "%u pushes, %d taken, %llu samples\n", all,
		   atomic_read(&flood->taken), samples);
	/* Of those taken some end before the last window: dropped later. */
	KUNIT_EXPECT_EQ(test, samples + fake_dropped(f), all);
	KUNIT_EXPECT_GT(test, samples, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(refuses_impossible_samples),
	KUNIT_CASE(finds_devices_by_token),
	KUNIT_CASE(gate_drops_what_comes_too_soon),
	KUNIT_CASE(flood_from_interrupts),
	{}
};

static struct kunit_suite suite = {
	.name = "accelgov_intake",
	.test_cases = cases,
};

kunit_test_suite(suite);
