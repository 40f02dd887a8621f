/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov replay: what the parts of the command share.
 */
#ifndef ACCELGOV_REPLAY_CMD_H
#define ACCELGOV_REPLAY_CMD_H

#include <stdbool.h>
#include <stdint.h>

#include "replay/replay.h"
#include "work_input.h"

#define REPLAY_POLICIES_MAX	16

/**
 * struct replay_options - the command line
 * @profile: the device
 * @kind: the workload
 * @work: what the job is made from
 * @out: directory for results and series, NULL for none
 * @policy: policies, performance first
 * @nr_policies: how many there are
 * @budget_permille: slowdown allowed
 * @sensors: what accelgov sees; NULL for everything
 * @idle: when the idle device suspends
 * @idle_limits: what rule accelgov of @idle has to keep
 * @power_cap_mw: power that accelgov keeps the device under, 0 for no cap
 * @cap_by_clock: it may not use the board's limiter for that
 * @sample_period_us: distance of samples
 * @json: results to stdout instead of a table
 */
struct replay_options {
	const struct asim_profile *profile;
	enum work_kind kind;
	struct work_options work;
	const char *out;
	const struct replay_policy *policy[REPLAY_POLICIES_MAX];
	unsigned int nr_policies;
	uint32_t budget_permille;
	const struct sensors_level *sensors;
	struct replay_idle_rule idle;
	struct replay_idle_limits idle_limits;
	uint32_t power_cap_mw;
	bool cap_by_clock;
	uint32_t sample_period_us;
	bool json;
};

/* replay_options.c: -1 when the command is to go on, else an exit code. */
int replay_parse(int argc, char **argv, struct replay_options *opt);

#endif /* ACCELGOV_REPLAY_CMD_H */
