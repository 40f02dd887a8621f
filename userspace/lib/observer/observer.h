/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Observer: what accelgov would do with an accelerator that it does not touch
 *
 * The policy core of the kernel module, fed in this process. The core is told the
 * truth: the device is held at its top clock. What the core wants beyond that is
 * kept here, as a clock that would be in force, and the time that it would have
 * cost is entered in the core's books, so that the budget is spent as it would be.
 *
 * Savings are figures of the core's models. What lower clocks do to time and power
 * of a job is measured only where the clock really moves: until then counters and
 * priors say so.
 */
#ifndef _LIB_OBSERVER_H
#define _LIB_OBSERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "../../../kmod/core/core.h"
#include "config.h"

/**
 * struct observer - one accelerator
 * @core: policy core, its clock is held at the top
 * @would_khz: clock that would be in force now, 0 before the first sample
 * @reason: why
 * @changes: how often @would_khz changed
 * @work_us: work seen, in time at the highest clock that the board holds
 * @lost_us: time that @would_khz would have cost (model)
 * @used_uj: energy seen
 * @saved_uj: energy that @would_khz would have saved (model)
 */
struct observer {
	struct ag_core core;
	uint32_t would_khz;
	enum ag_reason reason;
	uint64_t changes;
	uint64_t work_us;
	uint64_t lost_us;
	uint64_t used_uj;
	int64_t saved_uj;
};

/**
 * observer_config() - knobs of the core from the daemon's configuration
 * @config: resolved for the accelerator
 * @period_us: between samples, brought into the core's range
 * @ret_cfg: filled
 */
void observer_config(const struct config_device *config, uint32_t period_us,
		     struct ag_config *ret_cfg);

/**
 * observer_thin() - operating points from a list of clocks
 * @khz: clocks, ascending
 * @nr: how many
 * @ret_khz: %AG_OPP_MAX of them, the lowest and the highest among them, spread
 *	evenly when there are more
 *
 * Return: how many were filled.
 */
uint32_t observer_thin(const uint32_t *khz, size_t nr, uint32_t *ret_khz);

/**
 * observer_init() - begin
 * @o: filled on success
 * @khz: clocks from observer_thin()
 * @nr: how many
 * @cfg: knobs
 * @now_ns: CLOCK_MONOTONIC
 *
 * Return: 0; -EINVAL for clocks that are none; -ERANGE for a knob.
 */
int observer_init(struct observer *o, const uint32_t *khz, uint32_t nr,
		  const struct ag_config *cfg, uint64_t now_ns);

/**
 * observer_sample() - take one window into account
 * @o: the observer
 * @sample: signals, time_ns set
 *
 * Return: 0; 1 when the clock that would be in force is another one now; -EINVAL
 * for an impossible sample.
 */
int observer_sample(struct observer *o, const struct accelgov_sample *sample);

/**
 * observer_skip() - a window that is too long to be looked into
 * @o: the observer
 * @sample: its power counts, time_ns need not be set
 *
 * What would have been saved of its energy is taken to be as much as of all others.
 */
void observer_skip(struct observer *o, const struct accelgov_sample *sample);

/**
 * observer_lost() - there are no signals any more
 * @o: the observer
 * @now_ns: CLOCK_MONOTONIC
 */
void observer_lost(struct observer *o, uint64_t now_ns);

/**
 * observer_saving_permille() - energy that would be saved at the next window like
 *	the last one, a model figure
 * @o: the observer
 *
 * Return: per mille of what the device uses; negative when it would use more.
 */
int32_t observer_saving_permille(const struct observer *o);

/**
 * observer_slowdown_permille() - slowdown that would have been caused, all in all
 * @o: the observer
 *
 * Return: per mille, a model figure.
 */
uint32_t observer_slowdown_permille(const struct observer *o);

#endif /* _LIB_OBSERVER_H */
