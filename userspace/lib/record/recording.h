/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Recordings: all that was seen and decided in a run, in one file.
 *
 * JSON, one object per line, usually behind gzip; Documentation/record.rst says
 * what each line holds. The writer hands whole lines to the disk once a second, so
 * what a crash leaves can be read up to there. The reader takes nothing that it
 * does not know.
 */
#ifndef _LIB_RECORDING_H
#define _LIB_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backends/backend.h"

#define RECORDING_VERSION	1
#define RECORDING_DEVICES	256
#define RECORDING_NAME_LEN	64
#define RECORDING_TEXT_LEN	128

/* What "label" holds at most, its end included. */
#define RECORDING_LABEL_LEN	64

/**
 * struct recording_head - where and how a recording was made
 * @tool: version of accelgov
 * @host: name of the machine
 * @kernel: its release
 * @machine: its architecture
 * @wall_s: when it began, seconds since 1970
 * @start_ns: the same, CLOCK_MONOTONIC of that machine
 * @nr_devices: how many devices there are
 */
struct recording_head {
	char tool[16];
	char host[RECORDING_NAME_LEN];
	char kernel[96];
	char machine[16];
	int64_t wall_s;
	uint64_t start_ns;
	uint32_t nr_devices;
};

/**
 * struct recording_device - one device of a recording
 * @name: as accelgov devices shows it
 * @source: the back end, or "devfreq"
 * @decider: whose decisions are in the recording: "observer" for the policy core
 *	that looks on, "governor" for what the module published, "" for none
 * @vendor: "" when unknown, as all that follow
 * @model: as the vendor calls it
 * @driver: kernel driver
 * @driver_version: its version
 * @bus: bus address
 * @pci: PCI vendor and device
 * @period_us: distance of samples that was aimed at
 * @signals: bit per &enum accelgov_signal that could be read at the beginning
 * @why: per signal that could not: the reason
 * @sensors: bit per &enum backend_sensor that could be read
 * @power: what the power signal is worth
 * @clock_khz: core clocks that can be set, ascending
 * @nr_clocks: how many, 0 when unknown
 */
struct recording_device {
	char name[RECORDING_NAME_LEN];
	char source[16];
	char decider[12];
	char vendor[16];
	char model[96];
	char driver[32];
	char driver_version[48];
	char bus[32];
	char pci[12];
	uint32_t period_us;
	uint32_t signals;
	char why[ACCELGOV_SIG_NR][BACKEND_WHY_LEN];
	uint32_t sensors;
	struct backend_power_sensor power;
	uint32_t clock_khz[BACKEND_CLOCKS];
	uint32_t nr_clocks;
};

/**
 * enum recording_kind - what a line tells
 * @RECORDING_SAMPLE: signals and sensors of one device
 * @RECORDING_DECISION: phase, clock or reason are others than before
 * @RECORDING_GAP: from here to the next sample a device could not be read
 * @RECORDING_LABEL: what the job does from here on, said by somebody who knows
 * @RECORDING_END: the recording was ended, nothing is missing
 * @RECORDING_GOVERN: what the governor in the kernel was told beside samples, and did
 */
enum recording_kind {
	RECORDING_SAMPLE,
	RECORDING_DECISION,
	RECORDING_GAP,
	RECORDING_LABEL,
	RECORDING_END,
	RECORDING_GOVERN,
};

/**
 * enum recording_govern_what - what happened in the governor
 * @RECORDING_POINT: before the start: one of the operating points
 * @RECORDING_START: it took the device over, with all knobs at their defaults
 * @RECORDING_STOP: it let it go
 * @RECORDING_WOKE: the device has resumed
 * @RECORDING_LOST: signals went stale, until the next sample
 * @RECORDING_CLOCK: a target was set that nobody decided
 * @RECORDING_DECIDED: one that was decided
 * @RECORDING_SET: a knob was written
 * @RECORDING_LEASE_START: knobs are kept as they are, to be put back
 * @RECORDING_LEASE_END: they were put back
 * @RECORDING_LEASE_EXPIRED: the same
 * @RECORDING_ATTACH: a policy in BPF decides from here on
 * @RECORDING_LIMITED: the device was asked to hold the power cap itself
 * @RECORDING_MISSED: something that happened is not in the recording
 * @RECORDING_WHATS: number of these
 */
enum recording_govern_what {
	RECORDING_POINT,
	RECORDING_START,
	RECORDING_STOP,
	RECORDING_WOKE,
	RECORDING_LOST,
	RECORDING_CLOCK,
	RECORDING_DECIDED,
	RECORDING_SET,
	RECORDING_LEASE_START,
	RECORDING_LEASE_END,
	RECORDING_LEASE_EXPIRED,
	RECORDING_ATTACH,
	RECORDING_LIMITED,
	RECORDING_MISSED,
	RECORDING_WHATS,
};

/**
 * struct recording_govern - something that happened in the governor
 * @what: which of the following hold
 * @khz: of a point, a clock or a decision
 * @mv: voltage of a point, 0 when not known
 * @switch_us: at the start, what the governor was told of a change of clock: until it
 *	holds; 0 when not known
 * @halt_us: the same: without work
 * @min_khz: lowest clock that devfreq's limits allowed for a decision
 * @max_khz: highest
 * @reason: of a decision
 * @key: path of a knob below accelgov/
 * @value: that was written there
 */
struct recording_govern {
	enum recording_govern_what what;
	uint32_t khz;
	uint32_t mv;
	uint32_t switch_us;
	uint32_t halt_us;
	uint32_t min_khz;
	uint32_t max_khz;
	char reason[16];
	char key[48];
	int64_t value;
};

/**
 * struct recording_decision - what was decided after a sample
 * @phase: &enum accelgov_phase
 * @workload: &enum accelgov_workload
 * @confidence_permille: in @phase
 * @clock_khz: that would be in force, or was asked for
 * @saving_permille: energy that it saves (model)
 * @reason: why this clock, "" when not known
 */
struct recording_decision {
	uint32_t phase;
	uint32_t workload;
	struct reading confidence_permille;
	struct reading clock_khz;
	struct reading saving_permille;
	char reason[16];
};

/**
 * struct recording_entry - one line
 * @kind: which of the following hold
 * @device: index of the device, but for labels and the end
 * @time_ns: CLOCK_MONOTONIC of the machine; of a sample the end of its window
 * @reading: a sample; its own time_ns is the same
 * @decision: a decision
 * @govern: something that happened in the governor
 * @text: a label, why there is a gap, or what ended the recording
 * @samples: how many there were, at the end
 * @cpu_us: CPU time that recording took, at the end
 */
struct recording_entry {
	enum recording_kind kind;
	uint32_t device;
	uint64_t time_ns;
	struct backend_reading reading;
	struct recording_decision decision;
	struct recording_govern govern;
	char text[RECORDING_TEXT_LEN];
	uint64_t samples;
	struct reading cpu_us;
};

/**
 * struct recording_error - what is wrong with a file
 * @line: number of the line, from 1
 * @offset: of its first byte in the text, unpacked
 * @reason: in words
 */
struct recording_error {
	uint64_t line;
	uint64_t offset;
	char reason[RECORDING_TEXT_LEN];
};

struct recording_writer;
struct recording_reader;

/**
 * recording_create() - begin to write
 * @fd: of the file; closed by recording_close(), or here on failure
 * @head: the beginning
 * @device: @head->nr_devices of them
 * @ret_writer: set on success
 *
 * Return: 0 or a negative errno.
 */
int recording_create(int fd, const struct recording_head *head,
		     const struct recording_device *device,
		     struct recording_writer **ret_writer);

/**
 * recording_put() - write a line
 * @w: the writer
 * @entry: what it tells; samples, decisions and gaps of one device in the order of
 *	time, labels as well
 *
 * Return: 0 or a negative errno, from then on always the same.
 */
int recording_put(struct recording_writer *w,
		  const struct recording_entry *entry);

/**
 * recording_samples() - samples written so far
 * @w: the writer
 *
 * Return: how many.
 */
uint64_t recording_samples(const struct recording_writer *w);

/**
 * recording_close() - write what is left and close the file
 * @w: the writer, may be NULL
 *
 * Return: 0 or a negative errno.
 */
int recording_close(struct recording_writer *w);

/**
 * recording_open() - begin to read
 * @path: of the file, packed or not
 * @ret_reader: set on success
 * @ret_error: filled on -EBADMSG
 *
 * Return: 0; -EBADMSG when it is no recording, or its first lines are damaged;
 * another negative errno.
 */
int recording_open(const char *path, struct recording_reader **ret_reader,
		   struct recording_error *ret_error);

/**
 * recording_open_fd() - the same for a file that is open
 * @fd: of the file; closed by recording_end(), or here on failure
 * @ret_reader: set on success
 * @ret_error: filled on -EBADMSG
 *
 * Return: as recording_open().
 */
int recording_open_fd(int fd, struct recording_reader **ret_reader,
		      struct recording_error *ret_error);

/**
 * recording_head() - how the recording was made
 * @r: the reader
 *
 * Return: the beginning.
 */
const struct recording_head *recording_head(const struct recording_reader *r);

/**
 * recording_device() - one of its devices
 * @r: the reader
 * @index: below nr_devices of the beginning
 *
 * Return: the device.
 */
const struct recording_device *
recording_device(const struct recording_reader *r, uint32_t index);

/**
 * recording_next() - read a line
 * @r: the reader
 * @ret_entry: filled on 1
 * @ret_error: filled on -EBADMSG
 *
 * Return: 1; 0 at the end; -EBADMSG for a line that is none; another negative
 * errno.
 */
int recording_next(struct recording_reader *r, struct recording_entry *ret_entry,
		   struct recording_error *ret_error);

/**
 * recording_is_whole() - was the recording ended, rather than cut off
 * @r: the reader, at the end
 *
 * Return: false when lines may be missing: the recorder crashed, or still runs.
 */
bool recording_is_whole(const struct recording_reader *r);

/**
 * recording_end() - close what recording_open() opened
 * @r: the reader, may be NULL
 */
void recording_end(struct recording_reader *r);

/**
 * recording_govern_name() - what happened in the governor, in a word
 * @what: which
 *
 * Return: "start" and so on.
 */
const char *recording_govern_name(enum recording_govern_what what);

/**
 * recording_govern_by_name() - the other way round
 * @name: the word
 *
 * Return: which, %RECORDING_WHATS when it is none.
 */
enum recording_govern_what recording_govern_by_name(const char *name);

/**
 * recording_title() - what a device is, in words
 * @device: the device
 * @buf: result
 * @size: of @buf
 *
 * Return: @buf: vendor and model, as far as they are known.
 */
const char *recording_title(const struct recording_device *device, char *buf,
			    size_t size);

/**
 * recording_label_valid() - can this be a label
 * @text: the word
 *
 * Return: false when it is empty, too long, or has other characters than letters,
 * digits and ``-_.:/+@``.
 */
bool recording_label_valid(const char *text);

/**
 * recording_label_phase() - phase that a label stands for
 * @text: a published name of a phase, with or without the workload, or one of some
 *	words that jobs use
 *
 * Return: &enum accelgov_phase; %ACCELGOV_PHASE_NR when it stands for none, and then
 * the time is not scored.
 */
uint32_t recording_label_phase(const char *text);

#endif /* _LIB_RECORDING_H */
