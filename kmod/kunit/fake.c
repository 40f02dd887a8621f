// SPDX-License-Identifier: GPL-2.0
/*
 * Fake: a devfreq device for tests of the governor, gone with the test.
 */
#include <kunit/device.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/pm_opp.h>
#include "compat/kunit.h"
#include "fake.h"
#include "kfunc.h"

MODULE_IMPORT_NS(ACCELGOV_KUNIT_NS);
MODULE_DESCRIPTION("KUnit tests of the accelgov governor");
MODULE_LICENSE("GPL");

static int target(struct device *dev, unsigned long *freq, u32 flags)
{
	struct fake *f = dev_get_drvdata(dev);
	struct dev_pm_opp *opp = devfreq_recommended_opp(dev, freq, flags);

	if (IS_ERR(opp))
		return PTR_ERR(opp);
	dev_pm_opp_put(opp);
	f->outside += *freq < f->low_hz || *freq > f->high_hz;
	f->targets++;
	f->hz = *freq;
	return 0;
}

static int get_status(struct device *dev, struct devfreq_dev_status *status)
{
	struct fake *f = dev_get_drvdata(dev);

	status->current_frequency = f->hz;
	status->busy_time = 1;
	status->total_time = 2;
	return 0;
}

static int get_freq(struct device *dev, unsigned long *freq)
{
	struct fake *f = dev_get_drvdata(dev);

	f->questions++;
	*freq = f->told_hz;
	return f->told_err;
}

static void cleanup(void *data)
{
	struct fake *f = data;

	fake_release(f);
	dev_pm_opp_remove_all_dynamic(f->dev);
}

/**
 * fake_new() - a device with operating points, under no governor yet
 * @test: test that it lives for
 * @name: its name
 *
 * Return: the device; the test ends where it can't be made.
 */
struct fake *fake_new(struct kunit *test, const char *name)
{
	struct fake *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->test = test;
	f->high_hz = ULONG_MAX;
	f->hz = FAKE_TOP_HZ;
	f->dev = kunit_device_register(test, name);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, f->dev);
	dev_set_drvdata(f->dev, f);
	KUNIT_ASSERT_EQ(test, kunit_add_action(test, cleanup, f), 0);
	for (i = 1; i <= FAKE_POINTS; i++)
		KUNIT_ASSERT_EQ(test, dev_pm_opp_add(f->dev, i * FAKE_STEP_HZ,
						     600000 + i * 50000), 0);
	f->profile = (struct devfreq_dev_profile){
		.initial_freq = FAKE_TOP_HZ,
		.polling_ms = 50,
		.target = target,
		.get_dev_status = get_status,
	};
	return f;
}

/**
 * fake_tells() - have it tell its clock
 * @f: device that is not governed yet
 * @hz: the clock
 * @err: 0, or the error that it tells
 */
void fake_tells(struct fake *f, unsigned long hz, int err)
{
	f->profile.get_cur_freq = get_freq;
	f->told_hz = hz;
	f->told_err = err;
}

/**
 * fake_govern() - put it under the governor
 * @f: device
 *
 * Return: 0 or what devfreq said.
 */
int fake_govern(struct fake *f)
{
	struct devfreq *df;

	df = devfreq_add_device(f->dev, &f->profile, "accelgov", NULL);
	if (IS_ERR(df))
		return PTR_ERR(df);
	f->df = df;
	return 0;
}

/**
 * fake_release() - take it away from devfreq
 * @f: device; nothing happens when it is not there
 */
void fake_release(struct fake *f)
{
	if (f->df)
		devfreq_remove_device(f->df);
	f->df = NULL;
}

/**
 * fake_governor() - what the governor knows of it
 * @f: governed device
 *
 * Return: its state, NULL when the governor is another one.
 */
struct accelgov_device *fake_governor(struct fake *f)
{
	struct accelgov_device *agd;

	mutex_lock(&f->df->lock);
	agd = accelgov_device_find(f->df);
	mutex_unlock(&f->df->lock);
	return agd;
}

/**
 * fake_token() - its name towards programs
 * @f: device
 *
 * Return: the token, 0 when it is not governed.
 */
u32 fake_token(struct fake *f)
{
	struct accelgov_device *agd = fake_governor(f);

	return agd ? agd->token : 0;
}

/**
 * fake_samples() - how many samples reached the policy core
 * @f: governed device
 *
 * Return: samples.
 */
u64 fake_samples(struct fake *f)
{
	struct accelgov_device *agd = fake_governor(f);
	unsigned long flags;
	u64 samples;

	raw_spin_lock_irqsave(&agd->lock, flags);
	samples = agd->stats.samples;
	raw_spin_unlock_irqrestore(&agd->lock, flags);
	return samples;
}

/**
 * fake_dropped() - how many did not
 * @f: governed device
 *
 * Return: samples.
 */
u32 fake_dropped(struct fake *f)
{
	return atomic_read(&fake_governor(f)->stats.dropped);
}

/**
 * fake_settles() - wait for samples to arrive
 * @f: governed device
 * @samples: how many in all
 *
 * Return: false when they did not within half a minute.
 */
bool fake_settles(struct fake *f, u64 samples)
{
	unsigned long end = jiffies + 30 * HZ;

	while (fake_samples(f) < samples) {
		if (time_after(jiffies, end))
			return false;
		usleep_range(1000, 2000);
	}
	return true;
}

/**
 * fake_sample() - a window of hard work that ends now
 * @s: where it goes
 */
void fake_sample(struct accelgov_sample *s)
{
	*s = (struct accelgov_sample){
		.window_ns = NSEC_PER_MSEC,
		.valid = BIT(ACCELGOV_SIG_BUSY) | BIT(ACCELGOV_SIG_COMPUTE) |
			 BIT(ACCELGOV_SIG_MEMORY),
		.val = {
			[ACCELGOV_SIG_BUSY] = 1000,
			[ACCELGOV_SIG_COMPUTE] = 900,
			[ACCELGOV_SIG_MEMORY] = 100,
		},
	};
}

/**
 * fake_push() - push such a window as a program does
 * @token: whom
 *
 * Context: any.
 * Return: what accelgov_push() said.
 */
int fake_push(u32 token)
{
	struct accelgov_sample s;

	fake_sample(&s);
	return accelgov_push(token, &s, sizeof(s));
}
