/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A recording, run through the policy core again.
 *
 * Each device has its signals put before an observer, which decides as it would have
 * then: phases, clocks, estimated saving. Where somebody told what the job really
 * did, the phases that the core names now, and those that were named when it was
 * recorded, are compared with that.
 */
#ifndef _LIB_RECORDED_H
#define _LIB_RECORDED_H

#include "../observer/observer.h"
#include "../report/confusion.h"
#include "../report/series.h"
#include "regoverned.h"
#include "recording.h"

/**
 * struct recorded_names - phases that somebody named
 * @there: somebody did
 * @phase: named last
 * @confidence: with it, per mille
 * @seen: over time, from the beginning of the recording on
 * @windows: each sample's window against the labels
 * @time: the same by time, in seconds
 * @delays: from each change of the label, in sample periods
 */
struct recorded_names {
	bool there;
	uint32_t phase;
	uint32_t confidence;
	struct timeline seen;
	struct named_windows windows;
	struct confusion time;
	struct delays delays;
};

/**
 * struct recorded_device - what came of one device
 * @info: as recorded
 * @observes: its clocks are known, so there is an observer
 * @observer: state after the last sample
 * @replayed: by the core, now
 * @recorded: as the recording has it
 * @governed: what the governor in the kernel decided, decided again
 * @samples: how many
 * @decided: of these, what the core could take
 * @gaps: how often it could not be read
 * @first_ns: begin of the first window, from the beginning of the recording
 * @last_ns: end of the last one
 * @silent_ns: time in between that no window covers
 * @clock_khz_ns: clock by time, where it is known
 * @clock_ns: that time
 * @power_mw_ns: power by time, where it is known
 * @power_ns: that time
 * @series: rows of 100 ms or more, empty unless asked for
 * @priv: of recorded.c
 */
struct recorded_device {
	struct recording_device info;
	bool observes;
	struct observer observer;
	struct recorded_names replayed;
	struct recorded_names recorded;
	struct regoverned governed;
	uint64_t samples;
	uint64_t decided;
	uint64_t gaps;
	uint64_t first_ns;
	uint64_t last_ns;
	uint64_t silent_ns;
	double clock_khz_ns;
	double clock_ns;
	double power_mw_ns;
	double power_ns;
	struct series series;
	struct {
		struct named_window window;
		struct series_row row;
		double row_mw_ns;
		double row_power_ns;
		uint64_t row_from_ns;
	} priv;
};

/**
 * struct recorded - what came of a recording
 * @head: how it was made
 * @device: @nr of them
 * @nr: how many
 * @labels: how many there are
 * @strange: of these, what stands for no phase
 * @strange_text: the first of them
 * @truth: what labels say, %ACCELGOV_PHASE_NR where they say nothing
 * @end_ns: of the recording, from its beginning
 * @whole: it was ended, not cut off
 * @ended_by: what ended it
 * @cpu_us: CPU time that recording took
 */
struct recorded {
	struct recording_head head;
	struct recorded_device *device;
	uint32_t nr;
	uint64_t labels;
	uint64_t strange;
	char strange_text[RECORDING_LABEL_LEN];
	struct timeline truth;
	uint64_t end_ns;
	bool whole;
	char ended_by[RECORDING_TEXT_LEN];
	struct reading cpu_us;
};

/**
 * struct recorded_options - how it is run
 * @budget_permille: slowdown allowed, the default when not known
 * @series: keep time series
 */
struct recorded_options {
	struct reading budget_permille;
	bool series;
};

/**
 * recorded_run() - run it
 * @reader: at its first entry; at the end afterwards
 * @options: how
 * @ret: what came out, to be freed; set on success only
 * @ret_error: filled on -EBADMSG
 *
 * Return: 0, or a negative errno as recording_next().
 */
int recorded_run(struct recording_reader *reader,
		 const struct recorded_options *options, struct recorded *ret,
		 struct recording_error *ret_error);

/**
 * recorded_labelled() - is there anything to score against
 * @r: what came of a recording
 *
 * Return: true when labels told a phase.
 */
bool recorded_labelled(const struct recorded *r);

/**
 * recorded_free() - give the memory back
 * @r: what came of a recording
 */
void recorded_free(struct recorded *r);

#endif /* _LIB_RECORDED_H */
