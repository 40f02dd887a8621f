/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What runs of workloads under governors came out as: results.json, schema 1,
 * described in Documentation/results.rst. A number that does not apply or is
 * not known is NAN here and null there.
 */
#ifndef _LIB_RESULTS_H
#define _LIB_RESULTS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define RESULTS_SCHEMA	1

/**
 * struct result_percentiles - middle and tail of a distribution
 * @p50: median
 * @p99: 99th percentile
 */
struct result_percentiles {
	double p50;
	double p99;
};

/**
 * struct result - one workload on one device under one governor
 * @workload: name of the workload, such as ``serving``
 * @device: name of the devfreq device
 * @profile: kind of the device, "" when unknown
 * @governor: who chose the clock
 * @elapsed_s: length of the measured interval
 * @energy_j: energy in it
 * @work: units of work in it
 * @work_unit: ``token``, ``step`` or ``ref-kJ``
 * @energy_per_work_j: energy per unit of work
 * @slowdown_permille: against the run under ``performance``
 * @ttft_ms: time to first token
 * @tpot_ms: time per output token
 * @transitions: clock changes
 * @phase_accuracy_permille: time in which the published phase was the true one
 * @decision_latency_us: from a pushed signal to the new target, phase changes
 * @collector_ns_per_sample: what one sample cost the collector
 * @slowdown_ref_permille: against the top clock, from the device's own account
 * @slowdown_minute_permille: the same in the worst 60 s
 * @saving_permille: energy per work saved against ``performance``
 * @step_time_ms: length of a step of training
 * @mean_power_w: energy over time
 * @wake_ms: wake-up latency that work waited for, sum
 * @budget_permille: slowdown the governor was allowed
 * @requests: where the requests came from, "" for none
 * @rate_scale: factor on the arrival rate of that source
 * @request_rate_per_s: resulting mean rate
 * @requests_done: requests answered in the interval
 * @seed: of everything that was drawn
 * @idle: rule by which the device suspends, "" when not known
 * @idle_energy_j: energy while nothing was queued, wake-up included
 * @suspends: how often it suspended
 * @wake_latency_ms: wake-up latency at the end of idle periods
 * @sensors: what the governor saw of the device, "" when not known
 * @phase_f1_permille: macro F1 of published phases over time
 * @phase_window_f1_permille: the same over windows
 * @phase_delay_p50_windows: from a change of phase to its publication, median
 * @phase_delay_p95_windows: the same, 95th percentile
 * @confidence_error_permille: distance of confidence and right names
 */
struct result {
	char workload[24];
	char device[64];
	char profile[24];
	char governor[24];
	double elapsed_s;
	double energy_j;
	double work;
	char work_unit[12];
	double energy_per_work_j;
	double slowdown_permille;
	struct result_percentiles ttft_ms;
	struct result_percentiles tpot_ms;
	double transitions;
	double phase_accuracy_permille;
	struct result_percentiles decision_latency_us;
	double collector_ns_per_sample;
	double slowdown_ref_permille;
	double slowdown_minute_permille;
	double saving_permille;
	struct result_percentiles step_time_ms;
	double mean_power_w;
	double wake_ms;
	double budget_permille;
	char requests[128];
	double rate_scale;
	double request_rate_per_s;
	double requests_done;
	double seed;
	char idle[16];
	double idle_energy_j;
	double suspends;
	struct result_percentiles wake_latency_ms;
	char sensors[16];
	double phase_f1_permille;
	double phase_window_f1_permille;
	double phase_delay_p50_windows;
	double phase_delay_p95_windows;
	double confidence_error_permille;
};

/**
 * struct results - all of them
 * @kernel: release of the kernel they were measured on
 * @run: the runs
 * @nr: how many there are
 */
struct results {
	char kernel[96];
	struct result *run;
	size_t nr;
};

/**
 * result_init() - a run of which nothing is known
 * @r: the run; all numbers become NAN, all strings empty
 */
void result_init(struct result *r);

/**
 * results_baseline() - the run that another one is compared with
 * @all: all runs
 * @r: one of them
 *
 * Return: the run of the same workload on the same kind of device under
 * ``performance``, or NULL.
 */
const struct result *results_baseline(const struct results *all,
				      const struct result *r);

/**
 * results_compare() - fill in what compares runs with each other
 * @all: all runs; slowdown_permille and saving_permille are set
 *
 * Slowdown is the ratio of two accounts against the top clock; without a run
 * under ``performance`` it is the account itself, and the saving is unknown.
 */
void results_compare(struct results *all);

/**
 * results_write() - write results.json
 * @all: all runs
 * @f: where to
 *
 * Return: 0 or a negative errno.
 */
int results_write(const struct results *all, FILE *f);

/**
 * results_read() - read results.json
 * @f: where from
 * @ret: the runs, set on success only
 * @ret_why: what is wrong with the text, at least 160 bytes, set on -EBADMSG
 *
 * Return: 0, -EBADMSG or -ENOMEM.
 */
int results_read(FILE *f, struct results *ret, char *ret_why);

/**
 * results_table() - print a table for humans
 * @all: all runs
 * @f: where to
 */
void results_table(const struct results *all, FILE *f);

/**
 * results_series_name() - file name of the time series of a run
 * @r: the run
 * @buf: where it goes
 * @size: bytes there
 *
 * Return: @buf.
 */
const char *results_series_name(const struct result *r, char *buf,
				size_t size);

/**
 * results_free() - give the memory back and leave an empty set
 * @all: the runs
 */
void results_free(struct results *all);

#endif /* _LIB_RESULTS_H */
