// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov record: one loop over devices, labels, signals and the command.
 *
 * A library that hangs holds all up for as long as its back end waits, two seconds
 * for NVML, and once: then its calls fail at once until it comes back.
 *
 * A file that can't be written ends the recording and nothing else: the command is
 * somebody's work.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "record_cmd.h"

/* How often labels are looked for where nothing tells of them. */
#define LABELS_NS	100000000ULL

/* How often a device is read beside samples that its governor takes. */
#define SENSORS_NS	100000000ULL

/* Devices are read together that are due within so much of a period. */
#define TOGETHER	50

struct loop {
	struct record *r;
	int signals;
	uint64_t end_ns;
};

uint64_t record_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * RECORD_NS_PER_S + ts.tv_nsec;
}

static void put(struct record *r, const struct recording_entry *entry)
{
	if (!r->error)
		r->error = recording_put(r->writer, entry);
}

static void put_label(void *arg, const char *label, uint64_t ns)
{
	struct recording_entry e = { .kind = RECORDING_LABEL, .time_ns = ns };

	strcpy(e.text, label);
	put(arg, &e);
}

static void take_labels(struct record *r)
{
	record_labels_take(&r->labels, r->head.start_ns, put_label, r);
}

static void put_gap(struct record *r, struct record_source *s, const char *why)
{
	struct recording_entry e = {
		.kind = RECORDING_GAP,
		.device = (uint32_t)(s - r->source),
		.time_ns = record_now_ns(),
	};

	if (s->in_gap)
		return;
	s->in_gap = true;
	snprintf(e.text, sizeof(e.text), "%s", why);
	put(r, &e);
}

static void put_sample(struct record *r, struct record_source *s,
		       const struct backend_reading *reading)
{
	struct recording_entry e = {
		.kind = RECORDING_SAMPLE,
		.device = (uint32_t)(s - r->source),
		.time_ns = reading->sample.time_ns,
		.reading = *reading,
	};

	/* Nothing new, or from before the recording began. */
	if (e.time_ns <= s->last_ns || e.time_ns < r->head.start_ns)
		return;
	s->last_ns = e.time_ns;
	put(r, &e);
	if (!record_decide(r, s, &reading->sample))
		return;
	e.kind = RECORDING_DECISION;
	e.decision = s->decision;
	if (e.time_ns < s->decided_ns)
		e.time_ns = s->decided_ns;
	s->decided_ns = e.time_ns;
	put(r, &e);
}

/* What the governor has decided by goes before what was read beside it. */
static void take_reading(struct record *r, struct record_source *s,
			 const struct backend_reading *reading)
{
	record_trace_drain(r);
	if (s->traced) {
		memcpy(s->sensor, reading->sensor, sizeof(s->sensor));
		return;
	}
	s->in_gap = false;
	put_sample(r, s, reading);
}

static void sample(struct record *r, struct record_source *s)
{
	struct backend_reading reading;
	int ret = record_read(r, s, &reading);

	if (ret == -ENODEV) {
		put_gap(r, s, "gone");
		cmd_error("%s is gone", s->info.name);
		s->gone = true;
	} else if (ret) {
		put_gap(r, s, strerror(-ret));
	} else if (s->acc && s->acc->asleep && !reading.sample.valid) {
		put_gap(r, s, "asleep");
	} else {
		take_reading(r, s, &reading);
	}
}

/*
 * Counters that a device renews no faster than its own period have nothing to tell
 * before: a reading that was late pushes the next one back.
 */
static void schedule(struct record_source *s, uint64_t now_ns)
{
	uint64_t period_ns = s->info.period_us * 1000ULL;
	uint64_t own_ns = s->acc ? s->acc->period_us * 1000ULL : 0;
	uint64_t earliest_ns = now_ns + own_ns - own_ns / TOGETHER;

	/* Samples come from elsewhere, these are sensors only. */
	if (s->traced && period_ns < SENSORS_NS)
		period_ns = SENSORS_NS;

	s->due_ns += period_ns;
	/* What was missed is not made up for. */
	if (s->due_ns < now_ns)
		s->due_ns = now_ns + period_ns;
	if (s->due_ns < earliest_ns)
		s->due_ns = earliest_ns;
}

static bool is_due(const struct record_source *s, uint64_t now_ns)
{
	uint64_t period_ns = s->info.period_us * 1000ULL;

	return !s->gone && now_ns + period_ns / TOGETHER >= s->due_ns;
}

static void sample_due(struct record *r)
{
	bool left = false;
	uint32_t i;

	for (i = 0; i < r->nr; i++) {
		struct record_source *s = &r->source[i];
		uint64_t now_ns = record_now_ns();

		if (is_due(s, now_ns)) {
			sample(r, s);
			schedule(s, now_ns);
		}
		left |= !s->gone;
	}
	if (!left)
		r->ended_by = "gone";
}

static void reap(struct record *r)
{
	if (!r->pid || r->exited ||
	    waitpid(r->pid, &r->status, WNOHANG) != r->pid)
		return;
	r->exited = true;
	if (!r->ended_by)
		r->ended_by = "command";
}

/*
 * What ends a recording without a command is meant for the command where there is
 * one; the terminal has told it already. Whoever asks twice wants the recording to
 * end.
 */
static void take_signal(struct loop *l, const struct signalfd_siginfo *info)
{
	struct record *r = l->r;

	if (info->ssi_signo == SIGCHLD)
		return;
	r->signals++;
	r->signo = (int)info->ssi_signo;
	if (r->pid && !r->exited && r->signals < 2) {
		if (info->ssi_code == SI_USER || info->ssi_code == SI_QUEUE)
			kill(r->pid, (int)info->ssi_signo);
		return;
	}
	if (!r->ended_by)
		r->ended_by = "signal";
}

static void take_signals(struct loop *l)
{
	struct signalfd_siginfo info;

	while (read(l->signals, &info, sizeof(info)) == sizeof(info))
		take_signal(l, &info);
	reap(l->r);
}

static uint64_t next_ns(const struct loop *l)
{
	const struct record *r = l->r;
	uint64_t next = record_now_ns() + RECORD_NS_PER_S;
	uint32_t i;

	if (r->labels.fd >= 0)
		next -= RECORD_NS_PER_S - LABELS_NS;
	if (l->end_ns && l->end_ns < next)
		next = l->end_ns;
	for (i = 0; i < r->nr; i++)
		if (!r->source[i].gone && r->source[i].due_ns < next)
			next = r->source[i].due_ns;
	return next;
}

static void wait_until(const struct loop *l, uint64_t ns)
{
	const struct record_labels *labels = &l->r->labels;
	uint64_t now_ns = record_now_ns();
	uint64_t left_ns = ns > now_ns ? ns - now_ns : 0;
	struct pollfd fds[] = {
		{ .fd = l->signals, .events = POLLIN },
		{ .fd = labels->fifo ? labels->fd : labels->watch,
		  .events = POLLIN },
	};
	struct timespec left = {
		.tv_sec = (time_t)(left_ns / RECORD_NS_PER_S),
		.tv_nsec = (long)(left_ns % RECORD_NS_PER_S),
	};

	ppoll(fds, 2, &left, NULL);
}

static void record_until_end(struct loop *l)
{
	struct record *r = l->r;

	while (!r->ended_by && !r->error) {
		wait_until(l, next_ns(l));
		take_signals(l);
		take_labels(r);
		record_trace_drain(r);
		if (l->end_ns && record_now_ns() >= l->end_ns && !r->ended_by)
			r->ended_by = "time";
		sample_due(r);
	}
}

static void put_end(struct record *r)
{
	struct recording_entry e = {
		.kind = RECORDING_END,
		.time_ns = record_now_ns(),
		.samples = recording_samples(r->writer),
	};
	struct rusage usage;

	snprintf(e.text, sizeof(e.text), "%s", r->ended_by);
	if (!getrusage(RUSAGE_SELF, &usage))
		e.cpu_us = (struct reading){
			(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) *
					1000000LL +
				usage.ru_utime.tv_usec + usage.ru_stime.tv_usec,
			true,
		};
	put(r, &e);
}

static int open_signals(void)
{
	sigset_t set;

	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* The recording is over; the command need not be. */
static void wait_for_child(struct loop *l)
{
	struct pollfd fd = { .fd = l->signals, .events = POLLIN };
	struct record *r = l->r;

	reap(r);
	while (r->pid && !r->exited && r->signals < 2) {
		poll(&fd, 1, 1000);
		take_signals(l);
	}
}

static int end_file(struct record *r)
{
	int ret;

	take_labels(r);
	record_trace_drain(r);
	if (!r->error)
		put_end(r);
	ret = recording_close(r->writer);
	r->writer = NULL;
	if (!r->error)
		r->error = ret;
	if (r->error)
		cmd_error("can't write %s: %s; what is there can be read, accelgov replay --recording tells how much that is",
			  r->opt.out, strerror(-r->error));
	return r->error ? CMD_FAILURE : CMD_OK;
}

/* How busy it was means nothing of a recording that was over at once. */
static void tell(const struct record *r)
{
	char size[32] = "", cost[48] = "";
	struct rusage usage;
	struct stat st;
	double s = (double)(record_now_ns() - r->head.start_ns) / 1e9, cpu_s;

	getrusage(RUSAGE_SELF, &usage);
	cpu_s = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
		(double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
	if (!stat(r->opt.out, &st))
		snprintf(size, sizeof(size), " (%.1f kB)",
			 (double)st.st_size / 1000);
	if (s >= 1)
		snprintf(cost, sizeof(cost), "; took %.2f %% of a core", 100 * cpu_s / s);
	fprintf(stderr, "accelgov record: %llu sample%s of %u device%s in %.1f s, in %s%s%s\n",
		(unsigned long long)r->samples, r->samples == 1 ? "" : "s", r->nr,
		r->nr == 1 ? "" : "s", s, r->opt.out, size, cost);
}

int record_loop(struct record *r)
{
	struct loop l = { .r = r, .signals = open_signals() };
	int ret;

	if (l.signals < 0) {
		cmd_error("can't wait for signals: %s", strerror(errno));
		return CMD_FAILURE;
	}
	ret = record_child_start(r);
	if (ret) {
		close(l.signals);
		return ret;
	}
	if (r->opt.time_us)
		l.end_ns = r->head.start_ns + (uint64_t)r->opt.time_us * 1000;
	record_until_end(&l);
	r->samples = recording_samples(r->writer);
	ret = end_file(r);
	/* What did not get into the file is no sample of it. */
	if (!ret)
		tell(r);
	wait_for_child(&l);
	close(l.signals);
	if (!r->pid)
		return ret;
	if (record_child_code(r))
		return record_child_code(r);
	return ret;
}
