// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov play: one epoll loop for all runs.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "cmd.h"
#include "play.h"

#define TICK_NS		(100 * PLAY_MSEC)

/* After the end, how long work in the devices may still take. */
#define DRAIN_NS	(60 * PLAY_NSEC)

/* What an event belongs to: below PLAY_RUNS_MAX a run. */
enum { SOURCE_TIMER = PLAY_RUNS_MAX, SOURCE_SIGNAL, SOURCE_TRACE };

struct loop {
	struct play *play;
	int epoll;
	int timer;
	int signal;
	uint64_t next_tick_ns;
	bool ended;
};

static int watch(struct loop *l, int fd, uint32_t source)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = source };

	return epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static int watch_all(struct loop *l)
{
	struct play *play = l->play;
	int ret = watch(l, l->timer, SOURCE_TIMER);

	if (!ret)
		ret = watch(l, l->signal, SOURCE_SIGNAL);
	if (!ret)
		ret = watch(l, play->trace.fd, SOURCE_TRACE);
	for (unsigned int i = 0; !ret && i < play->nr; i++)
		ret = watch(l, play->run[i].fd, i);
	return ret;
}

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void close_loop(struct loop *l)
{
	if (l->epoll >= 0)
		close(l->epoll);
	if (l->timer >= 0)
		close(l->timer);
	if (l->signal >= 0)
		close(l->signal);
}

static int open_loop(struct loop *l)
{
	int ret;

	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	l->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	l->signal = open_signals();
	if (l->epoll < 0 || l->timer < 0 || l->signal < 0)
		ret = -errno;
	else
		ret = watch_all(l);
	if (ret)
		close_loop(l);
	return ret;
}

/* The timer fires at the next tick or when a job wants to be asked. */
static void set_timer(struct loop *l)
{
	const struct play *play = l->play;
	struct itimerspec when = { 0 };
	uint64_t next_ns = l->next_tick_ns;

	for (unsigned int i = 0; i < play->nr; i++)
		if (play->run[i].wake_ns < next_ns)
			next_ns = play->run[i].wake_ns;
	next_ns += play->start_ns;
	when.it_value.tv_sec = (time_t)(next_ns / PLAY_NSEC);
	when.it_value.tv_nsec = (long)(next_ns % PLAY_NSEC);
	timerfd_settime(l->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static int on_tick(struct loop *l, uint64_t now_ns)
{
	struct play *play = l->play;
	int ret = CMD_OK;

	for (unsigned int i = 0; !ret && i < play->nr; i++)
		ret = play_run_sample(play, &play->run[i], now_ns);
	l->ended = now_ns >= play->opt.work.duration_ns;
	play_progress(play, now_ns);
	while (l->next_tick_ns <= now_ns)
		l->next_tick_ns += TICK_NS;
	/* The last row ends with the measurement. */
	if (l->ended)
		l->next_tick_ns += DRAIN_NS;
	else if (l->next_tick_ns > play->opt.work.duration_ns)
		l->next_tick_ns = play->opt.work.duration_ns;
	return ret;
}

static int on_timer(struct loop *l)
{
	struct play *play = l->play;
	uint64_t now_ns = play_now_ns() - play->start_ns, fired;
	int ret = CMD_OK;

	while (read(l->timer, &fired, sizeof(fired)) > 0)
		;
	if (!l->ended && now_ns >= l->next_tick_ns)
		ret = on_tick(l, now_ns);
	for (unsigned int i = 0; !ret && i < play->nr; i++)
		if (play->run[i].wake_ns <= now_ns)
			ret = play_run_pump(play, &play->run[i]);
	return ret;
}

static int on_run(struct loop *l, uint32_t source)
{
	struct play_run *run = &l->play->run[source];
	int ret = play_run_complete(l->play, run);

	return ret ? ret : play_run_pump(l->play, run);
}

static int on_trace(struct loop *l)
{
	int ret = play_trace_drain(&l->play->trace, l->play);

	if (!ret)
		return CMD_OK;
	cmd_error("can't read trace events: %s", strerror(-ret));
	return cmd_exit_code(ret);
}

static int on_event(struct loop *l, const struct epoll_event *event)
{
	struct signalfd_siginfo info;

	switch (event->data.u32) {
	case SOURCE_TIMER:
		return on_timer(l);
	case SOURCE_TRACE:
		return on_trace(l);
	case SOURCE_SIGNAL:
		if (read(l->signal, &info, sizeof(info)) == sizeof(info))
			l->play->interrupted = (int)info.ssi_signo;
		return CMD_OK;
	default:
		return on_run(l, event->data.u32);
	}
}

static bool is_drained(const struct play *play)
{
	for (unsigned int i = 0; i < play->nr; i++)
		if (play->run[i].nr_items)
			return false;
	return true;
}

static int run_loop(struct loop *l)
{
	struct play *play = l->play;
	uint64_t give_up_ns = play->opt.work.duration_ns + DRAIN_NS;
	struct epoll_event events[16];
	int n, ret = CMD_OK;

	while (!ret && !play->interrupted) {
		if (l->ended && is_drained(play))
			return on_trace(l);
		if (play_now_ns() - play->start_ns > give_up_ns) {
			cmd_error("devices did not finish their work");
			return CMD_FAILURE;
		}
		set_timer(l);
		n = epoll_wait(l->epoll, events, 16, 1000);
		if (n < 0 && errno != EINTR)
			return CMD_FAILURE;
		for (int i = 0; !ret && i < n; i++)
			ret = on_event(l, &events[i]);
	}
	return ret;
}

/* The first item of every run goes out at the same moment. */
static int start_all(struct loop *l)
{
	struct play *play = l->play;
	int ret = CMD_OK;

	for (unsigned int i = 0; i < play->nr; i++) {
		struct play_run *run = &play->run[i];
		struct reading energy;
		char phase[32];

		score_init(&run->score, 0, play->opt.work.duration_ns);
		run->seen_phase = ACCELGOV_PHASE_UNKNOWN;
		if (run->dev.governed &&
		    !sysfs_read(&play->sysfs, phase, sizeof(phase),
				"sys/class/devfreq/%s/accelgov/phase",
				run->dev.name))
			run->seen_phase = phase_from_name(phase);
		energy = play_device_energy(&play->sysfs, &run->dev);
		if (!energy.known) {
			cmd_error("can't read the energy counter of %s",
				  run->dev.name);
			return CMD_FAILURE;
		}
		run->energy_start_uj = energy.value;
		run->energy_uj = energy.value;
	}
	play->start_ns = play_now_ns();
	l->next_tick_ns = TICK_NS;
	for (unsigned int i = 0; !ret && i < play->nr; i++)
		ret = play_run_pump(play, &play->run[i]);
	return ret;
}

int play_loop(struct play *play)
{
	struct loop l = { .play = play };
	int ret = open_loop(&l);

	if (ret) {
		cmd_error("can't set up the event loop: %s", strerror(-ret));
		return CMD_FAILURE;
	}
	ret = start_all(&l);
	if (!ret)
		ret = run_loop(&l);
	play_progress_end(play);
	close_loop(&l);
	return ret;
}
