/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov record: what the parts of the command share.
 */
#ifndef ACCELGOV_RECORD_CMD_H
#define ACCELGOV_RECORD_CMD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "backends/observe.h"
#include "device.h"
#include "observer/observer.h"
#include "pmu.h"
#include "record/recording.h"

#define RECORD_NS_PER_S		1000000000ULL

/* The variable in which a command finds the file for its labels. */
#define RECORD_LABELS_ENV	"ACCELGOV_LABELS"

/**
 * struct record_options - the command line
 * @root: recorded tree, NULL for the live system
 * @device: names asked for, none for all
 * @nr_devices: how many
 * @out: file to write
 * @force: it may be there already
 * @period_us: between samples, 0 for each device's own
 * @time_us: how long, 0 for no end
 * @labels: file or FIFO with labels, NULL for none
 * @command: to be run, NULL for none
 */
struct record_options {
	const char *root;
	const char *device[RECORDING_DEVICES];
	uint32_t nr_devices;
	const char *out;
	bool force;
	uint32_t period_us;
	int64_t time_us;
	const char *labels;
	char **command;
};

/**
 * struct record_native - a devfreq device, read through what the kernel shows of it
 * @name: in /sys/class/devfreq
 * @hwmon: path of its hwmon below the root, "" for none
 * @fd: counter per signal, -1 for none
 * @before: last look
 * @governed: the governor accelgov publishes its decisions there
 */
struct record_native {
	char name[DEVICE_NAME_LEN];
	char hwmon[128];
	int fd[ACCELGOV_SIG_NR];
	struct observation before;
	bool governed;
};

/**
 * struct record_source - one device that is recorded
 * @info: as it goes into the recording
 * @acc: of a back end, NULL for a devfreq device
 * @native: the devfreq device; beside @acc only for the decisions of its governor
 * @has_native: there is one
 * @observer: decides where no governor does, NULL when the clocks are not known
 * @decision: last one that was written
 * @decided: there was one
 * @decided_ns: time of the last one from trace events
 * @traced: the governor in the kernel has it, and its trace events are followed
 * @sensor: of the last reading, for the next sample of the governor
 * @last_ns: time of the last sample
 * @due_ns: time for the next one
 * @refreshed_ns: when what changes seldom was read
 * @in_gap: it could not be read the last time
 * @gone: it is not there any more
 */
struct record_source {
	struct recording_device info;
	struct accelerator *acc;
	struct record_native native;
	bool has_native;
	struct observer *observer;
	struct recording_decision decision;
	bool decided;
	uint64_t decided_ns;
	bool traced;
	struct reading sensor[BACKEND_SENSORS];
	uint64_t last_ns;
	uint64_t due_ns;
	uint64_t refreshed_ns;
	bool in_gap;
	bool gone;
};

/**
 * struct record_labels - where labels come from
 * @path: of the file, "" for none
 * @fd: of it, -1 for none
 * @fifo: it is one, and can be waited for itself
 * @watch: inotify on a file, -1 for none
 * @ours: it was made here and goes at the end
 * @offset: how much of the file was read
 * @last_ns: time of the last label
 * @skip: what comes is the rest of a line that was too long
 * @bad: lines that were no labels
 * @text: a line that is not whole yet
 * @len: of it
 */
struct record_labels {
	char path[512];
	int fd;
	bool fifo;
	int watch;
	bool ours;
	off_t offset;
	uint64_t last_ns;
	bool skip;
	unsigned int bad;
	char text[256];
	size_t len;
};

/**
 * struct record - a recording that is being made
 * @opt: the command line
 * @sysfs: root
 * @list: what back ends found
 * @source: devices that are recorded
 * @nr: how many
 * @head: beginning of the recording
 * @writer: of the file, NULL once that has failed
 * @error: errno of writing, 0 while all is well
 * @labels: where labels come from
 * @trace: the governor's trace events, NULL when they can't be followed
 * @pid: of the command, 0 for none
 * @status: of the command as waitpid() has it, valid when @exited
 * @exited: the command has ended
 * @signals: how many came that ask for an end
 * @signo: the last one
 * @samples: how many were written
 * @ended_by: what ended the recording, NULL while it goes on
 */
struct record {
	struct record_options opt;
	struct sysfs sysfs;
	struct accelerators list;
	struct record_source *source;
	uint32_t nr;
	struct recording_head head;
	struct recording_writer *writer;
	int error;
	struct record_labels labels;
	struct record_trace *trace;
	pid_t pid;
	int status;
	bool exited;
	unsigned int signals;
	int signo;
	uint64_t samples;
	const char *ended_by;
};

/* CLOCK_MONOTONIC */
uint64_t record_now_ns(void);

/* record_options.c: -1 when the command is to go on, else an exit code. */
int record_parse(int argc, char **argv, struct record_options *opt);

/*
 * record_source.c: find the devices, describe them, read one: an exit code, or what
 * struct backend.read() returns.
 */
int record_find_sources(struct record *r);
int record_read(struct record *r, struct record_source *s,
		struct backend_reading *ret_reading);
void record_free_sources(struct record *r);

/*
 * record_decide.c: what was decided after a sample, whoever did; true when it is
 * another decision than before.
 */
void record_begin_deciding(const struct record *r, struct record_source *s);
bool record_decide(const struct record *r, struct record_source *s,
		   const struct accelgov_sample *sample);

/*
 * record_trace.c: the governor's own trace events, where they can be followed: open,
 * write what has come, close.
 */
struct record_trace;
void record_trace_open(struct record *r);
void record_trace_drain(struct record *r);
void record_trace_close(struct record *r);

/* record_native.c: a devfreq device. */
void record_native_open(const struct sysfs *sysfs, const char *name,
			struct record_native *ret_native);
void record_native_describe(const struct sysfs *sysfs, struct record_native *n,
			    uint32_t period_us, struct recording_device *ret);
int record_native_read(const struct sysfs *sysfs, struct record_native *n,
		       struct backend_reading *ret_reading);
void record_native_close(struct record_native *n);

/*
 * record_labels.c: open the channel, take what has come, close it. @put gets every
 * label with its time.
 */
int record_labels_open(struct record_labels *l, const char *path, bool needed);
void record_labels_take(struct record_labels *l, uint64_t start_ns,
			void (*put)(void *arg, const char *label, uint64_t ns),
			void *arg);
void record_labels_close(struct record_labels *l);

/* record_child.c: run the command; CMD_OK or an exit code. */
int record_child_start(struct record *r);
/* Its exit code, or that of a shell whose command a signal took. */
int record_child_code(const struct record *r);

/* record_loop.c: run the command and record until something ends it; an exit code. */
int record_loop(struct record *r);

#endif /* ACCELGOV_RECORD_CMD_H */
