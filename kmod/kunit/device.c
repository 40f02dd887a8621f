// SPDX-License-Identifier: GPL-2.0
/*
 * Device: how it comes under the governor, leaves it, and what is asked of it
 * meanwhile.
 */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/pm_opp.h>
#include <linux/pm_qos.h>
#include <linux/units.h>
#include "fake.h"
#include "kfunc.h"

#define LIVES	20

static void comes_and_goes(struct kunit *test)
{
	struct fake *f = fake_new(test, "accelgov-life");
	u32 token, other;

	KUNIT_ASSERT_EQ(test, fake_govern(f), 0);
	token = fake_token(f);
	KUNIT_EXPECT_NE(test, token, 0);
	KUNIT_EXPECT_EQ(test, accelgov_device_start(f->df), -EBUSY);
	KUNIT_EXPECT_EQ(test, fake_token(f), token);

	/* devfreq says it twice when a device is removed. */
	accelgov_device_stop(f->df);
	KUNIT_EXPECT_EQ(test, fake_token(f), 0);
	accelgov_device_stop(f->df);
	KUNIT_EXPECT_EQ(test, fake_push(token), -ENODEV);

	KUNIT_ASSERT_EQ(test, accelgov_device_start(f->df), 0);
	other = fake_token(f);
	KUNIT_EXPECT_NE(test, other, 0);
	KUNIT_EXPECT_NE(test, other, token);
	KUNIT_EXPECT_EQ(test, fake_push(token), -ENODEV);
	KUNIT_EXPECT_EQ(test, fake_push(other), 0);
	fake_release(f);
	KUNIT_EXPECT_EQ(test, fake_push(other), -ENODEV);
}

static void devices_have_tokens_of_their_own(struct kunit *test)
{
	struct fake *a = fake_new(test, "accelgov-a");
	struct fake *b = fake_new(test, "accelgov-b");

	KUNIT_ASSERT_EQ(test, fake_govern(a), 0);
	KUNIT_ASSERT_EQ(test, fake_govern(b), 0);
	KUNIT_EXPECT_NE(test, fake_token(a), fake_token(b));
	KUNIT_EXPECT_EQ(test, fake_push(fake_token(b)), 0);
	KUNIT_EXPECT_TRUE(test, fake_settles(b, 1));
	KUNIT_EXPECT_EQ(test, fake_samples(a), 0);
}

/**
 * struct fire - somebody who pushes all the time
 * @first: token of the first life; the others follow one generation apart
 * @err: what a push should never have said
 */
struct fire {
	u32 first;
	int err;
};

static int push_always(void *data)
{
	struct fire *fire = data;
	u32 n = 0;

	while (!kthread_should_stop()) {
		int err = fake_push(fire->first + n * FAKE_GENERATION);

		if (err && err != -EBUSY && err != -ENODEV)
			fire->err = err;
		n = (n + 1) % (LIVES + 2);
		cond_resched();
	}
	return 0;
}

/* Return: 0 or an error of devfreq's. */
static int one_life(struct fake *f, u32 *ret_token)
{
	int err = fake_govern(f);

	if (err)
		return err;
	*ret_token = fake_token(f);
	usleep_range(1000, 3000);
	fake_release(f);
	KUNIT_EXPECT_EQ(f->test, fake_push(*ret_token), -ENODEV);
	return 0;
}

/* Somebody pushes to tokens that come and go, from the same or another CPU. */
static void lives_end_under_fire(struct kunit *test)
{
	struct fake *f = fake_new(test, "accelgov-fire");
	struct fire *fire = kunit_kzalloc(test, sizeof(*fire), GFP_KERNEL);
	struct task_struct *task;
	u32 token = 0;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, fire);
	KUNIT_ASSERT_EQ(test, one_life(f, &fire->first), 0);
	task = kthread_run(push_always, fire, "accelgov-push");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	for (i = 1; i <= LIVES; i++) {
		KUNIT_EXPECT_EQ(test, one_life(f, &token), 0);
		KUNIT_EXPECT_EQ(test, token,
				fire->first + i * FAKE_GENERATION);
	}
	kthread_stop(task);
	KUNIT_EXPECT_EQ(test, fire->err, 0);
}

/* Whatever the policy wants, what others forbid is not set. */
static void limits_hold(struct kunit *test)
{
	static const s32 high_khz[] = { 1500000, 500000, 1000000, 2000000 };
	struct fake *f = fake_new(test, "accelgov-limit");
	struct dev_pm_qos_request req = {};
	u32 token;
	int i, k;

	KUNIT_ASSERT_EQ(test, fake_govern(f), 0);
	token = fake_token(f);
	KUNIT_ASSERT_GE(test, dev_pm_qos_add_request(f->dev, &req,
						     DEV_PM_QOS_MAX_FREQUENCY,
						     high_khz[0]), 0);
	for (i = 0; i < ARRAY_SIZE(high_khz); i++) {
		KUNIT_EXPECT_GE(test, dev_pm_qos_update_request(&req,
								high_khz[i]), 0);
		/* The request has been served: from here on it is the limit. */
		f->high_hz = high_khz[i] * HZ_PER_KHZ;
		KUNIT_EXPECT_LE(test, f->hz, f->high_hz);
		for (k = 0; k < 20; k++) {
			fake_push(token);
			usleep_range(5000, 6000);
		}
		f->high_hz = ULONG_MAX;
	}
	dev_pm_qos_remove_request(&req);
	KUNIT_EXPECT_EQ(test, f->outside, 0);
	KUNIT_EXPECT_GT(test, f->targets, 0);
}

static void add_point(struct kunit *test, struct device *dev, unsigned long hz)
{
	KUNIT_ASSERT_EQ(test, dev_pm_opp_add(dev, hz, 0), 0);
}

static void tables_are_read_or_refused(struct kunit *test)
{
	struct fake *f = fake_new(test, "accelgov-table");
	struct accelgov_points *points;
	struct ag_opp *opps;
	u32 *khz;
	int i;

	khz = kunit_kcalloc(test, AG_OPP_MAX, sizeof(*khz), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, khz);
	points = kunit_kzalloc(test, sizeof(*points), GFP_KERNEL);
	opps = kunit_kcalloc(test, AG_OPP_MAX, sizeof(*opps), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, points);
	KUNIT_ASSERT_NOT_NULL(test, opps);
	dev_pm_opp_remove_all_dynamic(f->dev);
	KUNIT_EXPECT_EQ(test, accelgov_points_read(points, f->dev, opps),
			-ENODEV);

	/* More than the core takes: both ends stay. */
	for (i = 0; i < 3 * AG_OPP_MAX; i++)
		add_point(test, f->dev, 100000333 + i * 1000000UL);
	KUNIT_ASSERT_EQ(test, accelgov_points_read(points, f->dev, opps), 0);
	KUNIT_EXPECT_EQ(test, points->nr, AG_OPP_MAX);
	KUNIT_EXPECT_EQ(test, opps[0].khz, 100000);
	KUNIT_EXPECT_EQ(test, opps[AG_OPP_MAX - 1].khz,
			100000 + 1000 * (3 * AG_OPP_MAX - 1));
	/* Clocks are kept by whoever uses the points. */
	for (i = 0; i < AG_OPP_MAX; i++)
		khz[i] = opps[i].khz;
	points->khz = khz;
	/* The part below a kHz comes back, and counts for limits. */
	KUNIT_EXPECT_EQ(test, accelgov_points_hz(points, 100000), 100000333);
	KUNIT_EXPECT_EQ(test, accelgov_points_ceil(points, 100000333), 100000);
	KUNIT_EXPECT_GT(test, accelgov_points_ceil(points, 100000334), 100000);
	KUNIT_EXPECT_EQ(test, accelgov_points_floor(points, 1), 100000);

	dev_pm_opp_remove_all_dynamic(f->dev);
	add_point(test, f->dev, 100000100);
	add_point(test, f->dev, 100000900);
	KUNIT_EXPECT_EQ(test, accelgov_points_read(points, f->dev, opps),
			-ERANGE);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(comes_and_goes),
	KUNIT_CASE(devices_have_tokens_of_their_own),
	KUNIT_CASE(lives_end_under_fire),
	KUNIT_CASE(limits_hold),
	KUNIT_CASE(tables_are_read_or_refused),
	{}
};

static struct kunit_suite suite = {
	.name = "accelgov_device",
	.test_cases = cases,
};

kunit_test_suite(suite);
