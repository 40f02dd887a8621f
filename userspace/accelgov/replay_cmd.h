/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov replay: what the parts of the command share.
 */
#ifndef ACCELGOV_REPLAY_CMD_H
#define ACCELGOV_REPLAY_CMD_H

#include <stdbool.h>
#include <stdint.h>

#include "replay.h"
#include "replay_work.h"
#include "requests.h"
#include "results.h"

#define REPLAY_POLICIES_MAX	16

/**
 * struct replay_options - the command line
 * @profile: the device
 * @workload: ``serving`` or ``training``
 * @requests: request file, NULL for drawn requests
 * @model: name of the served model
 * @out: directory for results and series, NULL for none
 * @policy: policies, performance first
 * @nr_policies: how many there are
 * @budget_permille: slowdown allowed
 * @duration_ns: length of the measured interval
 * @seed: of everything drawn
 * @sample_period_us: distance of samples
 * @rate_scale: factor on the rate of arrival, 0 to choose it
 * @chunked: prefill in pieces together with decode
 * @json: results to stdout instead of a table
 */
struct replay_options {
	const struct asim_profile *profile;
	const char *workload;
	const char *requests;
	const char *model;
	const char *out;
	const struct replay_policy *policy[REPLAY_POLICIES_MAX];
	unsigned int nr_policies;
	uint32_t budget_permille;
	uint64_t duration_ns;
	uint64_t seed;
	uint32_t sample_period_us;
	double rate_scale;
	bool chunked;
	bool json;
};

/* One line on stderr. */
void replay_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* replay_options.c: -1 when the command is to go on, else an exit code. */
int replay_parse(int argc, char **argv, struct replay_options *opt);

/* replay_input.c: complains by itself and returns an exit code. */
int replay_input(const struct replay_options *opt,
		 const struct asim_chip *chip, struct requests *all,
		 struct replay_work *ret);

#endif /* ACCELGOV_REPLAY_CMD_H */
