// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov play: one run, between its job and its device.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "play.h"

#define CLASS		"sys/class/devfreq"
#define DONES		16

/* How long to wait when the device takes no more. */
#define RETRY_NS	(10 * PLAY_MSEC)

static uint64_t since_start(const struct play *play, uint64_t ns)
{
	return ns > play->start_ns ? ns - play->start_ns : 0;
}

static int complain(const struct play_run *run, const char *what, int error)
{
	cmd_error("%s: can't %s: %s", run->dev.name, what, strerror(-error));
	return cmd_exit_code(error);
}

static void remember(struct play_run *run, const struct accelsim_item *item)
{
	unsigned int tail = (run->head + run->nr_items) % ACCELSIM_QUEUE_LEN;

	run->items[tail] = *item;
	run->nr_items++;
}

/* Gives the device what the job has for it; a full queue keeps the item. */
int play_run_pump(struct play *play, struct play_run *run)
{
	uint64_t now_ns = since_start(play, play_now_ns());
	int ret;

	for (;;) {
		if (!run->has_held) {
			ret = job_next(run->job, now_ns, &run->held,
				       &run->wake_ns);
			if (ret < 0)
				return complain(run, "make work", ret);
			if (!ret)
				return CMD_OK;
			run->has_held = true;
		}
		if (run->nr_items == ACCELSIM_QUEUE_LEN) {
			run->wake_ns = JOB_NEVER;
			return CMD_OK;
		}
		if (write(run->fd, &run->held, sizeof(run->held)) < 0) {
			if (errno == EAGAIN) {
				run->wake_ns = now_ns + RETRY_NS;
				return CMD_OK;
			}
			if (errno == EINTR)
				continue;
			return complain(run, "submit work", -errno);
		}
		remember(run, &run->held);
		run->has_held = false;
	}
}

static int take_done(struct play *play, struct play_run *run,
		     struct accelsim_done *done)
{
	int ret;

	if (!run->nr_items)
		return complain(run, "match a completion", -EPROTO);
	done->submit_ns = since_start(play, done->submit_ns);
	done->start_ns = since_start(play, done->start_ns);
	done->end_ns = since_start(play, done->end_ns);
	ret = score_done(&run->score, &run->items[run->head], done);
	if (!ret)
		ret = job_done(run->job, done);
	run->head = (run->head + 1) % ACCELSIM_QUEUE_LEN;
	run->nr_items--;
	return ret ? complain(run, "account a completion", ret) : CMD_OK;
}

int play_run_complete(struct play *play, struct play_run *run)
{
	struct accelsim_done done[DONES];
	ssize_t n;
	int ret;

	for (;;) {
		n = read(run->fd, done, sizeof(done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return CMD_OK;
		if (n < 0)
			return complain(run, "read completions", -errno);
		for (size_t i = 0; i < (size_t)n / sizeof(done[0]); i++) {
			ret = take_done(play, run, &done[i]);
			if (ret)
				return ret;
		}
		if ((size_t)n < sizeof(done))
			return CMD_OK;
	}
}

static int64_t khz(struct reading hz)
{
	return hz.known ? hz.value / 1000 : -1;
}

/*
 * Takes the mean power since the last reading. The last reading comes a little
 * late; what is past the end goes off, at that power.
 */
static int64_t take_energy(struct play *play, struct play_run *run)
{
	struct reading energy = play_device_energy(&play->sysfs, &run->dev);
	uint64_t now_ns = play_now_ns() - play->start_ns;
	uint64_t end_ns = play->opt.work.duration_ns;
	double uj, uw;

	if (!energy.known || now_ns <= run->energy_ns)
		return -1;
	uj = (double)(energy.value - run->energy_uj);
	uw = uj * 1e9 / (double)(now_ns - run->energy_ns);
	if (now_ns > end_ns) {
		uj = uw * (double)(end_ns - run->energy_ns) / 1e9;
		now_ns = end_ns;
	}
	run->energy_uj += (int64_t)uj;
	run->energy_ns = now_ns;
	return (int64_t)(uw / 1e3);
}

/* One row of the time series; the phases are filled in at the end. */
int play_run_sample(struct play *play, struct play_run *run, uint64_t now_ns)
{
	const struct sysfs *sysfs = &play->sysfs;
	const char *name = run->dev.name;
	struct series_row row = {
		.end_ms = (int64_t)(now_ns / PLAY_MSEC),
		.power_mw = take_energy(play, run),
		.truth = -1,
		.seen = -1,
		.slowdown_permille = -1,
	};
	struct reading slowdown;

	row.clock_khz = khz(sysfs_reading(sysfs, CLASS
				"/%s/device/effective_freq_hz", name));
	row.target_khz = khz(sysfs_reading(sysfs, CLASS "/%s/target_freq",
					   name));
	if (run->dev.governed) {
		slowdown = sysfs_reading(sysfs, CLASS
					 "/%s/accelgov/slowdown_permille",
					 name);
		if (slowdown.known)
			row.slowdown_permille = slowdown.value;
	}
	return series_add(&run->series, &row) ?
		       complain(run, "keep the time series", -ENOMEM) : CMD_OK;
}

/* A phase holds from its publication to that of the next one. */
void play_run_phase(struct play *play, struct play_run *run, uint64_t time_ns,
		    uint32_t was, uint32_t phase)
{
	if (was < ACCELGOV_PHASE_NR)
		run->seen_phase = was;
	timeline_extend(&run->score.seen, 0, since_start(play, time_ns),
			run->seen_phase);
	if (phase < ACCELGOV_PHASE_NR)
		run->seen_phase = phase;
}

void play_run_finish(struct play *play, struct play_run *run)
{
	uint64_t end_ns = play->opt.work.duration_ns, from_ns = 0;

	score_finish(&run->score);
	if (run->dev.governed)
		timeline_extend(&run->score.seen, 0, end_ns, run->seen_phase);
	for (size_t i = 0; i < run->series.nr; i++) {
		struct series_row *row = &run->series.v[i];
		uint64_t to_ns = (uint64_t)row->end_ms * PLAY_MSEC;

		row->truth = (int32_t)timeline_window(&run->score.truth,
						      from_ns, to_ns);
		row->seen = (int32_t)timeline_dominant(&run->score.seen,
						       from_ns, to_ns);
		from_ns = to_ns;
	}
}

void play_run_free(struct play_run *run)
{
	if (run->fd >= 0)
		close(run->fd);
	run->fd = -1;
	run->job = job_free(run->job);
	score_free(&run->score);
	samples_free(&run->latency_us);
	series_free(&run->series);
	work_free(&run->work);
}
