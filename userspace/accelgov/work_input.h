/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the work of play and replay comes from, and where its results go.
 */
#ifndef ACCELGOV_WORK_INPUT_H
#define ACCELGOV_WORK_INPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "report/report.h"
#include "report/results.h"
#include "report/series.h"
#include "workload/input_format.h"
#include "workload/work.h"

/**
 * struct work_options - what of the command line both take
 * @requests: file with requests or phases, NULL for drawn requests
 * @format: of that file, %INPUT_FORMAT_NR to tell it from the text
 * @model: name of the served model
 * @model_given: the user named it
 * @rate_scale: factor on the rate of arrival, 0 to choose it
 * @duration_ns: length of the measured interval
 * @seed: of everything drawn
 * @chunked: prefill in pieces together with decode
 */
struct work_options {
	const char *requests;
	enum input_format format;
	const char *model;
	bool model_given;
	double rate_scale;
	uint64_t duration_ns;
	uint64_t seed;
	bool chunked;
};

#define WORK_DEFAULTS(seconds) {				\
	.format = INPUT_FORMAT_NR,				\
	.model = "llama-3-70b",					\
	.duration_ns = (seconds) * 1000000000ULL,		\
	.seed = 1,						\
}

/* Each of these complains by itself and returns an exit code. */

/**
 * work_option() - take an option that both have
 * @opt: set
 * @id: what getopt_long() returned: r requests, f format, x rate scale, m model,
 *	c chunked, s seed
 * @text: argument of the option
 *
 * Return: %CMD_OK or %CMD_USAGE, also for an option that is none of them.
 */
int work_option(struct work_options *opt, int id, const char *text);

/**
 * work_check() - does the command line have what a workload needs
 * @opt: the command line
 * @kind: the workload
 *
 * Return: %CMD_OK or %CMD_USAGE.
 */
int work_check(const struct work_options *opt, enum work_kind kind);

/**
 * work_check_unused() - does the command line have what nothing would use
 * @opt: the command line
 * @serves: some workload has requests
 *
 * Return: %CMD_OK or %CMD_USAGE.
 */
int work_check_unused(const struct work_options *opt, bool serves);

/**
 * work_unknown() - there is no such workload
 * @text: what was asked for
 *
 * Return: %CMD_USAGE.
 */
int work_unknown(const char *text);

/**
 * work_input() - make the work
 * @opt: the command line
 * @chip: the device
 * @kind: what kind of work
 * @source: what there is to be done; filled when it is empty
 * @ret: the work, set on success only
 *
 * Return: an exit code.
 */
int work_input(const struct work_options *opt, const struct asim_chip *chip,
	       enum work_kind kind, struct source *source, struct work *ret);

/**
 * work_result() - say in a result which requests it is about
 * @opt: the command line
 * @w: the work
 * @r: the result; as before when the work has no requests
 */
void work_result(const struct work_options *opt, const struct work *w,
		 struct result *r);

/* output.c: a time series into @folder, named after its @run. */
int output_series(const char *folder, const struct result *run,
		  const struct series *series);
/* The page into @folder, as report.html. */
int output_report(const char *folder, const struct report *report);
/* The page under a name of its own. */
int output_page(const char *path, const struct report *report);
/* All results into @folder, NULL for none, and as JSON or table to stdout. */
int output_results(const char *folder, const struct results *all, bool json);

#endif /* ACCELGOV_WORK_INPUT_H */
