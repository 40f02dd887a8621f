/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ACCELGOV_KUNIT_FAKE_H
#define _ACCELGOV_KUNIT_FAKE_H

#include <kunit/test.h>
#include <linux/devfreq.h>
#include "device.h"
#include "uapi/accelgov.h"

#define FAKE_POINTS	4
#define FAKE_STEP_HZ	500000000UL
#define FAKE_TOP_HZ	(FAKE_POINTS * FAKE_STEP_HZ)
/* From one token to the next of the same place, see token.c. */
#define FAKE_GENERATION	1024U

/**
 * struct fake - a device that does what it is told, under the governor
 * @test: whose
 * @dev: on KUnit's bus, with FAKE_POINTS operating points
 * @df: its devfreq device, NULL without one
 * @profile: what devfreq calls
 * @hz: clock that was asked for last
 * @targets: how often one was
 * @low_hz: no target may be below
 * @high_hz: nor above
 * @outside: how many were
 * @told_hz: clock that it tells, where fake_tells() was called
 * @told_err: error that it tells instead
 * @questions: how often it was asked
 */
struct fake {
	struct kunit *test;
	struct device *dev;
	struct devfreq *df;
	struct devfreq_dev_profile profile;
	unsigned long hz;
	u32 targets;
	unsigned long low_hz;
	unsigned long high_hz;
	u32 outside;
	unsigned long told_hz;
	int told_err;
	u32 questions;
};

struct fake *fake_new(struct kunit *test, const char *name);
void fake_tells(struct fake *f, unsigned long hz, int err);
int fake_govern(struct fake *f);
struct accelgov_device *fake_governor(struct fake *f);
void fake_release(struct fake *f);
u32 fake_token(struct fake *f);
u64 fake_samples(struct fake *f);
u32 fake_dropped(struct fake *f);
bool fake_settles(struct fake *f, u64 samples);
void fake_sample(struct accelgov_sample *s);
int fake_push(u32 token);

#endif /* _ACCELGOV_KUNIT_FAKE_H */
