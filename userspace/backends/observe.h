/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - what a look at a driver's files found
 *
 * Back ends look; here the looks become samples: rates as they are, counters as
 * differences between two looks.
 */
#ifndef ACCELGOV_BACKENDS_OBSERVE_H
#define ACCELGOV_BACKENDS_OBSERVE_H

#include "backend.h"

/**
 * struct observation - one look
 * @time_ns: when, CLOCK_MONOTONIC
 * @rate: signals that are rates by themselves, in the unit of a rate
 * @count: signals that are counters, in the unit of an amount
 * @sensor: the rest
 * @why: per signal that has neither: the reason
 */
struct observation {
	uint64_t time_ns;
	struct reading rate[ACCELGOV_SIG_NR];
	struct reading count[ACCELGOV_SIG_NR];
	struct reading sensor[BACKEND_SENSORS];
	char why[ACCELGOV_SIG_NR][BACKEND_WHY_LEN];
};

/**
 * observation_begin() - empty, at this time
 * @o: cleared
 */
void observation_begin(struct observation *o);

/**
 * observation_asleep() - a reason for all signals: nothing was asked
 * @o: the look
 */
void observation_asleep(struct observation *o);

/**
 * observation_publish() - what can be read, and the reasons, into the accelerator
 * @o: the look
 * @acc: signals, signal_why and sensors are set
 */
void observation_publish(const struct observation *o, struct accelerator *acc);

/**
 * observation_reading() - a sample from two looks
 * @before: the earlier one, its time 0 for none; becomes @now
 * @now: the later one
 * @ret_reading: filled
 *
 * A counter that went backwards was reset: unknown for this window. Counters that
 * are not known now keep nothing.
 */
void observation_reading(struct observation *before,
			 const struct observation *now,
			 struct backend_reading *ret_reading);

/**
 * sample_drop_counts() - leave out what comes from counters
 * @sample: a sample
 *
 * Counters of a recorded tree stand still while time goes on, which would be a device
 * at rest, and says nothing of what it did. Without a window they are no rates.
 */
void sample_drop_counts(struct accelgov_sample *sample);

/**
 * sample_rate() - a signal of a sample as a rate
 * @sample: the sample
 * @signal: which
 *
 * Return: in the unit of a rate, see &enum accelgov_signal; unknown when the sample
 * does not have it.
 */
struct reading sample_rate(const struct accelgov_sample *sample,
			   enum accelgov_signal signal);

#endif /* ACCELGOV_BACKENDS_OBSERVE_H */
