// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov play: what the governor decides, from trace events in an instance of
 * our own, so that nobody else's tracing is disturbed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "play.h"
#include "traceline.h"

#define TRACEFS		"sys/kernel/tracing"
#define EVENTS_FREQ	"events/devfreq/devfreq_frequency"

static int set(const struct play_trace *t, const char *attr, const char *value)
{
	return sysfs_write(t->sysfs, value, "%s/%s", t->path, attr);
}

static int open_pipe(struct play_trace *t)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/trace_pipe", t->path);
	t->fd = openat(t->sysfs->fd, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return t->fd < 0 ? -errno : 0;
}

static bool has_event(const struct play_trace *t, const char *event)
{
	return sysfs_exists(t->sysfs, "%s/%s", t->path, event);
}

static int enable(struct play_trace *t)
{
	int ret = set(t, "trace_clock", "mono");

	if (!ret && has_event(t, EVENTS_FREQ)) {
		ret = set(t, EVENTS_FREQ "/enable", "1");
		t->has_transitions = !ret;
	}
	if (!ret && has_event(t, "events/accelgov"))
		ret = set(t, "events/accelgov/phase/enable", "1");
	if (!ret && has_event(t, "events/accelgov"))
		ret = set(t, "events/accelgov/decision/enable", "1");
	return ret;
}

int play_trace_open(struct play_trace *t, const struct sysfs *sysfs)
{
	int ret;

	*t = (struct play_trace){ .sysfs = sysfs, .fd = -1 };
	snprintf(t->path, sizeof(t->path), TRACEFS "/instances/accelgov-%d",
		 (int)getpid());
	ret = mkdirat(sysfs->fd, t->path, 0700) ? -errno : 0;
	if (ret)
		t->path[0] = '\0';
	if (!ret)
		ret = enable(t);
	if (!ret)
		ret = open_pipe(t);
	if (!ret)
		return CMD_OK;
	cmd_error("can't follow trace events in /" TRACEFS ": %s (is tracefs mounted, are you root?)",
		  strerror(-ret));
	play_trace_close(t);
	return cmd_exit_code(ret);
}

static struct play_run *find_run(struct play *play, const char *device)
{
	for (unsigned int i = 0; i < play->nr; i++)
		if (!strcmp(play->run[i].dev.name, device))
			return &play->run[i];
	return NULL;
}

static void take_phase(struct play *play, struct play_run *run,
		       const struct traceline *line)
{
	char was[32], phase[32];

	if (traceline_field(line, "old", was, sizeof(was)) ||
	    traceline_field(line, "new", phase, sizeof(phase)))
		return;
	play_run_phase(play, run, line->time_ns, phase_from_name(was),
		       phase_from_name(phase));
}

static int take_decision(const struct play *play, struct play_run *run,
			 const struct traceline *line)
{
	uint64_t latency_us;
	char reason[32];

	if (line->time_ns < play->start_ns ||
	    traceline_field(line, "reason", reason, sizeof(reason)) ||
	    strcmp(reason, "phase") ||
	    traceline_number(line, "latency_us", &latency_us))
		return 0;
	return samples_add(&run->latency_us, (double)latency_us);
}

/*
 * The event comes with every request that differs from the effective clock,
 * which a power limit may hold elsewhere. Only new requests count.
 */
static void take_change(const struct play *play, struct play_run *run,
			const struct traceline *line)
{
	uint64_t hz;

	if (traceline_number(line, "freq", &hz))
		return;
	if (line->time_ns >= play->start_ns && run->target_hz)
		run->transitions += hz != run->target_hz;
	run->target_hz = hz;
}

static int take_line(struct play_trace *t, struct play *play, const char *text)
{
	struct traceline line;
	struct play_run *run;
	char device[64];

	if (traceline_parse(text, &line)) {
		t->lost += !!strstr(text, "LOST");
		return 0;
	}
	if (traceline_field(&line, "dev", device, sizeof(device)) &&
	    traceline_field(&line, "dev_name", device, sizeof(device)))
		return 0;
	run = find_run(play, device);
	if (!run)
		return 0;
	if (traceline_is(&line, "phase"))
		take_phase(play, run, &line);
	else if (traceline_is(&line, "decision"))
		return take_decision(play, run, &line);
	else if (traceline_is(&line, "devfreq_frequency"))
		take_change(play, run, &line);
	return 0;
}

/* Hands on whole lines and keeps the rest. */
static int take_lines(struct play_trace *t, struct play *play)
{
	char *at = t->buf, *end;
	int ret;

	t->buf[t->len] = '\0';
	while ((end = memchr(at, '\n', t->len - (size_t)(at - t->buf)))) {
		*end = '\0';
		ret = take_line(t, play, at);
		if (ret)
			return ret;
		at = end + 1;
	}
	t->len -= (size_t)(at - t->buf);
	/* A line that fills the whole buffer is none of ours. */
	if (t->len == sizeof(t->buf) - 1)
		t->len = 0;
	memmove(t->buf, at, t->len);
	return 0;
}

int play_trace_drain(struct play_trace *t, struct play *play)
{
	ssize_t n;
	int ret;

	for (;;) {
		n = read(t->fd, t->buf + t->len, sizeof(t->buf) - 1 - t->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 && errno != EAGAIN ? -errno : 0;
		t->len += (size_t)n;
		ret = take_lines(t, play);
		if (ret)
			return ret;
	}
}

void play_trace_close(struct play_trace *t)
{
	if (!t->sysfs)
		return;
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	if (t->path[0])
		unlinkat(t->sysfs->fd, t->path, AT_REMOVEDIR);
	t->path[0] = '\0';
}
