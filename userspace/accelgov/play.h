/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov play: workloads against simulated accelerators, in real time. What
 * the parts of the command share.
 */
#ifndef ACCELGOV_PLAY_H
#define ACCELGOV_PLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "device.h"
#include "report/score.h"
#include "samples.h"
#include "sysfs.h"
#include "workload/job.h"
#include "work_input.h"

#define PLAY_RUNS_MAX	64
#define PLAY_NAME_LEN	24

#define PLAY_NSEC	1000000000ULL
#define PLAY_MSEC	1000000ULL

/**
 * struct play_spec - one --run: WORKLOAD@DEVICE=GOVERNOR
 * @workload: name of an &enum work_kind
 * @device: name of the devfreq device
 * @governor: ``performance``, ``powersave``, or a devfreq governor
 */
struct play_spec {
	char workload[PLAY_NAME_LEN];
	char device[DEVICE_NAME_LEN];
	char governor[PLAY_NAME_LEN];
};

/**
 * struct play_device - a device while it is ours
 * @name: name of the devfreq device
 * @profile: kind of the device
 * @hwmon: path of its hwmon below the root
 * @low_hz: lowest operating point
 * @high_hz: highest operating point
 * @governor_was: governor to go back to, "" when nothing was changed
 * @min_was: lower limit to go back to
 * @max_was: upper limit to go back to
 * @governed: accelgov is in charge
 */
struct play_device {
	char name[DEVICE_NAME_LEN];
	char profile[PLAY_NAME_LEN];
	char hwmon[128];
	int64_t low_hz;
	int64_t high_hz;
	char governor_was[PLAY_NAME_LEN];
	char min_was[24];
	char max_was[24];
	bool governed;
};

/**
 * struct play_run - one workload on one device
 * @spec: what was asked for
 * @dev: the device
 * @fd: of its character device
 * @job: the workload
 * @items: items in the device, a ring in the order of submission
 * @head: oldest of @items
 * @nr_items: entries in @items
 * @held: an item that the device did not take yet
 * @has_held: there is one
 * @wake_ns: when to ask the job again, after the start
 * @score: account
 * @seen_phase: phase published last
 * @latency_us: decision latencies after a change of phase
 * @series: time series
 * @energy_start_uj: energy counter at the start
 * @energy_uj: latest reading of it
 * @energy_ns: when that was, after the start
 * @target_hz: clock requested last, 0 when none was seen
 * @transitions: changes of it since the start
 * @work: what @job was made from
 */
struct play_run {
	struct play_spec spec;
	struct play_device dev;
	int fd;
	struct job *job;
	struct accelsim_item items[ACCELSIM_QUEUE_LEN];
	unsigned int head;
	unsigned int nr_items;
	struct accelsim_item held;
	bool has_held;
	uint64_t wake_ns;
	struct score score;
	uint32_t seen_phase;
	struct samples latency_us;
	struct series series;
	int64_t energy_start_uj;
	int64_t energy_uj;
	uint64_t energy_ns;
	uint64_t target_hz;
	uint64_t transitions;
	struct work work;
};

/**
 * struct play_options - the command line
 * @root: root directory, NULL for the live system
 * @out: directory for results and series
 * @work: what the jobs are made from
 * @json: results to stdout instead of a table
 * @allow_fallback: go on when accelgov gets no signals
 * @spec: the runs
 * @nr_specs: how many there are
 */
struct play_options {
	const char *root;
	const char *out;
	struct work_options work;
	bool json;
	bool allow_fallback;
	struct play_spec spec[PLAY_RUNS_MAX];
	unsigned int nr_specs;
};

/**
 * struct play_trace - a private instance of the kernel's tracing
 * @sysfs: root
 * @path: of the instance below the root, "" when there is none
 * @fd: of its pipe
 * @buf: text that does not make a whole line yet
 * @len: bytes in @buf
 * @lost: events that the kernel could not keep
 * @has_transitions: clock changes are among the events
 */
struct play_trace {
	const struct sysfs *sysfs;
	char path[96];
	int fd;
	char buf[8192];
	size_t len;
	uint64_t lost;
	bool has_transitions;
};

/**
 * struct play - everything at run time
 * @opt: the command line
 * @sysfs: root
 * @source: what there is to be done, as it was read or drawn
 * @run: the runs
 * @nr: how many there are
 * @trace: phases and decisions of accelgov
 * @start_ns: start of the measured interval, CLOCK_MONOTONIC
 * @interrupted: signal that ended it early, 0 for none
 */
struct play {
	struct play_options opt;
	struct sysfs sysfs;
	struct source source;
	struct play_run *run;
	unsigned int nr;
	struct play_trace trace;
	uint64_t start_ns;
	int interrupted;
};

uint64_t play_now_ns(void);

/* play_plan.c */
int play_parse_run(struct play_options *opt, const char *text);
int play_parse_plan(struct play_options *opt, const char *path);
int play_parse_duration(const char *text, uint64_t *ret_ns);

/* play_device.c: each complains by itself and returns an exit code. */
int play_device_open(const struct sysfs *sysfs, struct play_run *run);
int play_device_take(const struct sysfs *sysfs, struct play_run *run);
int play_device_wait(const struct sysfs *sysfs, struct play_run *run,
		     const struct play *play);
void play_device_restore(const struct sysfs *sysfs, struct play_run *run);
struct reading play_device_energy(const struct sysfs *sysfs,
				  const struct play_device *dev);

/* play_trace.c */
int play_trace_open(struct play_trace *t, const struct sysfs *sysfs);
int play_trace_drain(struct play_trace *t, struct play *play);
void play_trace_close(struct play_trace *t);

/* play_job.c */
int play_job_new(struct play *play, struct play_run *run);

/* play_run.c */
int play_run_pump(struct play *play, struct play_run *run);
int play_run_complete(struct play *play, struct play_run *run);
int play_run_sample(struct play *play, struct play_run *run, uint64_t now_ns);
void play_run_phase(struct play *play, struct play_run *run, uint64_t time_ns,
		    uint32_t was, uint32_t phase);
void play_run_finish(struct play *play, struct play_run *run);
void play_run_free(struct play_run *run);

/* play_loop.c */
int play_loop(struct play *play);

/* play_progress.c */
void play_progress(const struct play *play, uint64_t now_ns);
void play_progress_end(const struct play *play);

/* play_output.c */
int play_output(struct play *play);

#endif /* ACCELGOV_PLAY_H */
