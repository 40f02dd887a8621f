// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov play: results.json, time series, table.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "cmd.h"
#include "play.h"

static struct result_percentiles percentiles(struct samples *s)
{
	return (struct result_percentiles){
		.p50 = samples_percentile(s, 50),
		.p99 = samples_percentile(s, 99),
	};
}

static double known(struct reading r)
{
	return r.known ? (double)r.value : NAN;
}

static void fill_names(const struct play_run *run, struct result *r)
{
	strcpy(r->workload, run->spec.workload);
	strcpy(r->device, run->dev.name);
	strcpy(r->profile, run->dev.profile);
	strcpy(r->governor, run->spec.governor);
	strcpy(r->work_unit, run->job->ops->unit);
}

static void fill_energy(const struct play_run *run, struct result *r)
{
	double uj = (double)(run->energy_uj - run->energy_start_uj);

	r->elapsed_s = (double)run->energy_ns / 1e9;
	r->energy_j = uj / 1e6;
	r->mean_power_w = r->energy_j / r->elapsed_s;
	r->work = run->job->stats.work;
	r->energy_per_work_j = r->work > 0 ? r->energy_j / r->work : NAN;
}

static void fill_times(struct play_run *run, struct result *r)
{
	struct job_stats *stats = &run->job->stats;

	r->slowdown_ref_permille = score_slowdown(&run->score);
	r->slowdown_minute_permille = score_minute(&run->score);
	r->wake_ms = run->score.wake_ns / 1e6;
	r->ttft_ms = percentiles(&stats->ttft_ms);
	r->tpot_ms = percentiles(&stats->tpot_ms);
	r->step_time_ms = percentiles(&stats->step_ms);
	if (work_has_requests(run->work.kind))
		r->requests_done = (double)stats->requests_done;
}

static void fill_governor(const struct play *play, struct play_run *run,
			  struct result *r)
{
	struct governed state;

	if (play->trace.has_transitions)
		r->transitions = (double)run->transitions;
	if (!run->dev.governed)
		return;
	device_load_governed(&play->sysfs, run->dev.name, &state);
	r->phase_accuracy_permille = score_accuracy(&run->score);
	r->decision_latency_us = percentiles(&run->latency_us);
	r->collector_ns_per_sample = known(state.collector_ns);
	r->budget_permille = known(state.budget_permille);
}

static int make_results(struct play *play, struct results *ret)
{
	struct results all = { 0 };
	struct utsname name;

	all.run = calloc(play->nr, sizeof(*all.run));
	if (!all.run)
		return -ENOMEM;
	if (!uname(&name))
		snprintf(all.kernel, sizeof(all.kernel), "%s", name.release);
	for (; all.nr < play->nr; all.nr++) {
		struct play_run *run = &play->run[all.nr];
		struct result *r = &all.run[all.nr];

		result_init(r);
		fill_names(run, r);
		fill_energy(run, r);
		fill_times(run, r);
		fill_governor(play, run, r);
		work_result(&play->opt.work, &run->work, r);
		r->seed = (double)play->opt.work.seed;
	}
	results_compare(&all);
	*ret = all;
	return 0;
}

static void warn(const struct play *play)
{
	for (unsigned int i = 0; i < play->nr; i++) {
		const struct job_stats *stats = &play->run[i].job->stats;

		if (stats->requests_rejected)
			cmd_error("%s: %llu requests were longer than the model takes and were turned away",
				  play->run[i].dev.name,
				  (unsigned long long)stats->requests_rejected);
	}
	if (play->trace.lost)
		cmd_error("the kernel lost trace events, phase accuracy and transitions are off");
}

int play_output(struct play *play)
{
	struct results all;
	int ret = CMD_OK;

	for (unsigned int i = 0; i < play->nr; i++)
		play_run_finish(play, &play->run[i]);
	if (make_results(play, &all)) {
		cmd_error("out of memory");
		return CMD_FAILURE;
	}
	for (size_t i = 0; !ret && i < all.nr; i++)
		ret = output_series(play->opt.out, &all.run[i],
				    &play->run[i].series);
	if (!ret)
		ret = output_results(play->opt.out, &all, play->opt.json);
	warn(play);
	results_free(&all);
	return ret;
}
