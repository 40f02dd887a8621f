/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A job on a simulated device under a policy, in simulated time.
 *
 * The device is the model behind accelsim.ko, the job is what ``accelgov play``
 * runs, the policy sees what a governor would. Time jumps from event to event;
 * nothing depends on the machine that runs this, and the same configuration
 * gives the same numbers to the last bit.
 */
#ifndef _LIB_REPLAY_H
#define _LIB_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "../../../kmod/sim/model.h"
#include "replay_idle.h"
#include "replay_policy.h"
#include "report/confusion.h"
#include "report/results.h"
#include "report/series.h"
#include "sensors.h"
#include "workload/job.h"

/**
 * struct replay_config - one run
 * @chip: the device
 * @policy: who chooses its clock
 * @new_job: makes the job anew; -EINVAL or -ENOMEM end the run
 * @work: first argument of @new_job
 * @workload: name of the job, for the result
 * @duration_ns: length of the measured interval
 * @budget_permille: slowdown that the policy may cause
 * @sample_period_us: distance of samples, for policies that leave it open
 * @sensors: what policies that publish a phase see of the device; NULL for
 *	everything, exactly, as all others do
 * @idle: when the idle device suspends, NULL for never
 * @idle_limits: what the policy core has to keep then
 * @power_cap_mw: power that accelgov keeps the device under, 0 for no cap
 * @limiter: it may ask the board to hold that itself
 * @seed: of the jitter of samples and of the errors of sensors
 * @series: keep a time series
 */
struct replay_config {
	const struct asim_chip *chip;
	const struct replay_policy *policy;
	int (*new_job)(const void *work, struct job **ret);
	const void *work;
	const char *workload;
	uint64_t duration_ns;
	uint32_t budget_permille;
	uint32_t sample_period_us;
	const struct sensors_level *sensors;
	const struct replay_idle_rule *idle;
	struct replay_idle_limits idle_limits;
	uint32_t power_cap_mw;
	bool limiter;
	uint64_t seed;
	bool series;
};

/**
 * struct replay_outcome - what came out
 * @result: as in results.json; what compares runs is not set
 * @series: time series, empty unless asked for
 * @time: seconds by true and published phase
 * @windows: windows by what most of each was, and published phase
 * @reliability: confidence against right names of windows
 * @delays: from each change of phase to its publication, in windows
 * @rejected: requests turned away because they were too long
 * @requests_done: requests answered completely in the interval
 * @events: steps in which time went on
 * @tune: what a policy with hindsight has chosen
 * @runs: runs that it took to choose, 1 for all others
 */
struct replay_outcome {
	struct result result;
	struct series series;
	struct confusion time;
	struct confusion windows;
	struct reliability reliability;
	struct delays delays;
	uint64_t rejected;
	uint64_t requests_done;
	uint64_t events;
	struct replay_tune tune;
	uint32_t runs;
};

/**
 * replay_once() - one run
 * @cfg: what to run
 * @tune: what hindsight has chosen, ignored by policies without it
 * @ret: what came out, set on success only; to be freed
 *
 * Return: 0, -EINVAL when job or policy refuse the device, -ENOMEM.
 */
int replay_once(const struct replay_config *cfg,
		const struct replay_tune *tune, struct replay_outcome *ret);

/**
 * replay_run() - a run as its policy wants it, hindsight included
 * @cfg: what to run
 * @ret: what came out, set on success only; to be freed
 *
 * Return: as replay_once().
 */
int replay_run(const struct replay_config *cfg, struct replay_outcome *ret);

/**
 * replay_free() - give the memory back
 * @o: what came out
 */
void replay_free(struct replay_outcome *o);

#endif /* _LIB_REPLAY_H */
