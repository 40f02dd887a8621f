/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - whether a later look at an accelerator found more than an earlier one
 *
 * A driver makes its files one after the other, and a device that sleeps tells little:
 * what was found first need not be all.
 */
#ifndef ACCELGOV_BACKENDS_GAIN_H
#define ACCELGOV_BACKENDS_GAIN_H

#include "backend.h"

/**
 * accelerator_gains() - what can be done by a later description and not by an earlier
 * @before: the earlier one
 * @now: the later one
 * @untouched: nothing of ours was in force during either look. Otherwise a list or a
 *	range that is another one may be our own doing, and only what is wider counts.
 *
 * Values in force and signals do not count, for they come and go. A description that
 * lacks clocks or something to be set that was there before has no gain, whatever else
 * it has.
 *
 * Return: what was gained, for people: "clocks"; NULL for nothing.
 */
const char *accelerator_gains(const struct accelerator *before,
			      const struct accelerator *now, bool untouched);

#endif /* ACCELGOV_BACKENDS_GAIN_H */
