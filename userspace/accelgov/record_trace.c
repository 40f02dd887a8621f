// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov record: what the governor in the kernel was given and did, from its trace
 * events, in an instance of our own.
 *
 * While it governs a device its samples are the recording's: those that it decided by,
 * to the last digit, and not another reading of the same hardware a moment later. What
 * only a back end tells (temperature, memory) is read beside it as before.
 *
 * It takes the right to make an instance in tracefs. Without that, and without the
 * module, a recording has what sysfs publishes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "record/traced.h"
#include "record_cmd.h"

#define TRACEFS		"sys/kernel/tracing"
#define EVENTS		"events/accelgov"

struct record_trace {
	const struct sysfs *sysfs;
	char path[64];
	int fd;
	bool lost;
	size_t len;
	char buf[65536];
};

static int set(const struct record_trace *t, const char *attr, const char *value)
{
	return sysfs_write(t->sysfs, value, "%s/%s", t->path, attr);
}

static int enable(const struct record_trace *t)
{
	static const char *const events[] = {
		"signal", "phase", "decision", "govern", "fallback", "policy",
	};
	char attr[64];
	size_t i;
	int ret;

	ret = set(t, "trace_clock", "mono");
	for (i = 0; i < sizeof(events) / sizeof(events[0]) && !ret; i++) {
		snprintf(attr, sizeof(attr), EVENTS "/%s/enable", events[i]);
		ret = set(t, attr, "1");
	}
	return ret;
}

static int open_pipe(struct record_trace *t)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/trace_pipe", t->path);
	t->fd = openat(t->sysfs->fd, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return t->fd < 0 ? -errno : 0;
}

/* Left by a recorder that was killed: the kernel would go on filling them. */
static void remove_stale(const struct sysfs *sysfs)
{
	char path[128];
	struct names names;
	size_t i;
	int pid;

	if (sysfs_list(sysfs, &names, TRACEFS "/instances"))
		return;
	for (i = 0; i < names.nr; i++) {
		if (sscanf(names.name[i], "accelgov-%d", &pid) != 1 || pid <= 0 ||
		    (pid != getpid() && (!kill(pid, 0) || errno != ESRCH)))
			continue;
		snprintf(path, sizeof(path), TRACEFS "/instances/accelgov-%d",
			 pid);
		unlinkat(sysfs->fd, path, AT_REMOVEDIR);
	}
	names_free(&names);
}

static int set_up(struct record_trace *t)
{
	int ret;

	remove_stale(t->sysfs);
	snprintf(t->path, sizeof(t->path), TRACEFS "/instances/accelgov-%d",
		 (int)getpid());
	if (mkdirat(t->sysfs->fd, t->path, 0700)) {
		t->path[0] = '\0';
		return -errno;
	}
	ret = enable(t);
	return ret ? ret : open_pipe(t);
}

void record_trace_open(struct record *r)
{
	struct record_trace *t;

	if (!r->sysfs.live || !sysfs_exists(&r->sysfs, TRACEFS "/" EVENTS "/govern"))
		return;
	t = calloc(1, sizeof(*t));
	if (!t)
		return;
	t->sysfs = &r->sysfs;
	t->fd = -1;
	r->trace = t;
	if (set_up(t))
		record_trace_close(r);
}

void record_trace_close(struct record *r)
{
	struct record_trace *t = r->trace;

	if (!t)
		return;
	if (t->fd >= 0)
		close(t->fd);
	if (t->path[0])
		unlinkat(t->sysfs->fd, t->path, AT_REMOVEDIR);
	free(t);
	r->trace = NULL;
}

static bool is_named(const struct record_source *s, const char *device)
{
	if (s->acc && (!strcmp(s->acc->name, device) ||
		       !strcmp(s->acc->devfreq, device)))
		return true;
	return s->has_native && !strcmp(s->native.name, device);
}

static struct record_source *find(struct record *r, const char *device)
{
	uint32_t i;

	for (i = 0; i < r->nr; i++)
		if (is_named(&r->source[i], device))
			return &r->source[i];
	return NULL;
}

static void put(struct record *r, struct record_source *s,
		struct recording_entry *e)
{
	e->device = (uint32_t)(s - r->source);
	if (e->time_ns >= r->head.start_ns && !r->error)
		r->error = recording_put(r->writer, e);
}

static void put_missed(struct record *r, struct record_source *s)
{
	struct recording_entry e = {
		.kind = RECORDING_GOVERN,
		.time_ns = record_now_ns(),
		.govern = { .what = RECORDING_MISSED },
	};

	put(r, s, &e);
}

/* Sensors are those of the last reading, an own one of the same device. */
static void put_sample(struct record *r, struct record_source *s,
		       struct recording_entry *e)
{
	if (e->time_ns <= s->last_ns || e->time_ns < r->head.start_ns) {
		put_missed(r, s);
		return;
	}
	memcpy(e->reading.sensor, s->sensor, sizeof(s->sensor));
	memset(s->sensor, 0, sizeof(s->sensor));
	s->last_ns = e->time_ns;
	s->in_gap = false;
	put(r, s, e);
}

/* Phase and clock are told apart, a decision is both. Not before its sample. */
static void put_decision(struct record *r, struct record_source *s,
			 uint64_t time_ns)
{
	struct recording_entry e = {
		.kind = RECORDING_DECISION,
		.time_ns = time_ns > s->decided_ns ? time_ns : s->decided_ns,
		.decision = s->decision,
	};

	if (e.time_ns < s->last_ns)
		e.time_ns = s->last_ns;
	s->decided_ns = e.time_ns;
	s->decided = true;
	put(r, s, &e);
}

static void take_govern(struct record *r, struct record_source *s,
			struct recording_entry *e)
{
	struct recording_decision *d = &s->decision;

	put(r, s, e);
	switch (e->govern.what) {
	case RECORDING_START:
		s->traced = true;
		*d = (struct recording_decision){ 0 };
		break;
	case RECORDING_STOP:
		s->traced = false;
		break;
	case RECORDING_LOST:
		d->phase = ACCELGOV_PHASE_UNKNOWN;
		d->confidence_permille = (struct reading){ 0 };
		put_decision(r, s, e->time_ns);
		break;
	case RECORDING_DECIDED:
		if (d->clock_khz.known && d->clock_khz.value == e->govern.khz &&
		    !strcmp(d->reason, e->govern.reason))
			break;
		d->clock_khz = (struct reading){ e->govern.khz, true };
		strcpy(d->reason, e->govern.reason);
		put_decision(r, s, e->time_ns);
		break;
	default:
		break;
	}
}

static void take_entry(struct record *r, struct record_source *s,
		       struct recording_entry *e)
{
	switch (e->kind) {
	case RECORDING_SAMPLE:
		/* Governed already when the recording began. */
		s->traced = true;
		put_sample(r, s, e);
		break;
	case RECORDING_DECISION:
		s->decision.phase = e->decision.phase;
		s->decision.workload = e->decision.workload;
		s->decision.confidence_permille = e->decision.confidence_permille;
		put_decision(r, s, e->time_ns);
		break;
	default:
		take_govern(r, s, e);
		break;
	}
}

static void miss_all(struct record *r)
{
	uint32_t i;

	for (i = 0; i < r->nr; i++)
		if (r->source[i].traced)
			put_missed(r, &r->source[i]);
}

static void take_line(struct record *r, const char *text)
{
	struct recording_entry e;
	struct record_source *s;
	struct traceline line;
	char device[64];
	int ret;

	if (traceline_parse(text, &line)) {
		if (strstr(text, "LOST"))
			miss_all(r);
		return;
	}
	if (traceline_field(&line, "dev", device, sizeof(device)))
		return;
	s = find(r, device);
	if (!s)
		return;
	ret = traced_entry(&line, &e);
	if (ret > 0)
		take_entry(r, s, &e);
	else if (ret < 0)
		put_missed(r, s);
}

/* Hands on whole lines and keeps the rest. */
static void take_lines(struct record *r)
{
	struct record_trace *t = r->trace;
	char *at = t->buf, *end;

	while ((end = memchr(at, '\n', t->len - (size_t)(at - t->buf)))) {
		*end = '\0';
		take_line(r, at);
		at = end + 1;
	}
	t->len -= (size_t)(at - t->buf);
	/* A line that fills the whole buffer is none of ours. */
	if (t->len == sizeof(t->buf))
		t->len = 0;
	memmove(t->buf, at, t->len);
}

void record_trace_drain(struct record *r)
{
	struct record_trace *t = r->trace;
	ssize_t n;

	while (t) {
		n = read(t->fd, t->buf + t->len, sizeof(t->buf) - t->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		t->len += (size_t)n;
		take_lines(r);
	}
}
