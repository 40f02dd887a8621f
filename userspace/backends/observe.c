// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - what a look at a driver's files found
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "file.h"
#include "observe.h"

void observation_begin(struct observation *o)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	*o = (struct observation){
		.time_ns = now.tv_sec * 1000000000ULL + now.tv_nsec,
	};
}

void observation_asleep(struct observation *o)
{
	unsigned int s;

	for (s = 0; s < ACCELGOV_SIG_NR; s++)
		why(o->why[s], "suspended: reading would wake it");
}

void observation_publish(const struct observation *o, struct accelerator *acc)
{
	unsigned int s;

	acc->signals = 0;
	acc->sensors = 0;
	for (s = 0; s < ACCELGOV_SIG_NR; s++) {
		acc->signal_why[s][0] = '\0';
		if (o->rate[s].known || o->count[s].known)
			acc->signals |= 1U << s;
		else
			why(acc->signal_why[s], "%s", o->why[s][0] ? o->why[s] :
			    "the driver has no file that tells");
	}
	for (s = 0; s < BACKEND_SENSORS; s++)
		if (o->sensor[s].known)
			acc->sensors |= 1U << s;
}

/* A few microseconds of a counter that is kept in milliseconds may run backwards. */
#define JITTER_NS	2000000

static void take_count(const struct observation *before,
		       const struct observation *now, unsigned int s,
		       struct accelgov_sample *sample)
{
	int64_t delta;

	if (!before->count[s].known || !now->count[s].known)
		return;
	delta = now->count[s].value - before->count[s].value;
	if (s == ACCELGOV_SIG_BUSY && delta < 0 && delta > -JITTER_NS)
		delta = 0;
	if (delta < 0)
		return;
	sample->val[s] = delta;
	sample->valid |= 1U << s;
	sample->amount |= 1U << s;
}

void observation_reading(struct observation *before,
			 const struct observation *now,
			 struct backend_reading *ret_reading)
{
	struct backend_reading r = { 0 };
	unsigned int s;

	r.sample.time_ns = now->time_ns;
	if (before->time_ns && now->time_ns > before->time_ns)
		r.sample.window_ns = now->time_ns - before->time_ns;
	for (s = 0; s < ACCELGOV_SIG_NR; s++) {
		if (now->rate[s].known) {
			r.sample.val[s] = now->rate[s].value;
			r.sample.valid |= 1U << s;
		} else if (r.sample.window_ns) {
			take_count(before, now, s, &r.sample);
		}
	}
	memcpy(r.sensor, now->sensor, sizeof(r.sensor));
	*before = *now;
	*ret_reading = r;
}

void sample_drop_counts(struct accelgov_sample *sample)
{
	sample->valid &= ~sample->amount;
	sample->amount = 0;
}

/* An amount over a window, in what a rate counts: 10^9 ns are a second. */
struct reading sample_rate(const struct accelgov_sample *sample,
			   enum accelgov_signal signal)
{
	static const double scale[ACCELGOV_SIG_NR] = {
		[ACCELGOV_SIG_BUSY] = 1e3,
		[ACCELGOV_SIG_COMPUTE] = 1e3,
		[ACCELGOV_SIG_MEMORY] = 1e3,
		[ACCELGOV_SIG_LINK] = 1e3,
		[ACCELGOV_SIG_HOST] = 1e3,
		[ACCELGOV_SIG_QUEUE] = 1e6,
		[ACCELGOV_SIG_CLOCK] = 1e6,
		[ACCELGOV_SIG_POWER] = 1e6,
		[ACCELGOV_SIG_PROGRESS] = 1e9,
		[ACCELGOV_SIG_CONTEXTS] = 1e6,
	};
	struct reading none = { 0 };
	double rate;

	if (!(sample->valid & (1U << signal)))
		return none;
	if (!(sample->amount & (1U << signal)))
		return sample->val[signal] > INT64_MAX ? none :
		       reading_of(sample->val[signal]);
	if (!sample->window_ns)
		return none;
	rate = scale[signal] * sample->val[signal] / sample->window_ns;
	return rate < 9e18 ? reading_of(rate + 0.5) : none;
}
