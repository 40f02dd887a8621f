// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov calibrate --device: a sweep on a device that works
 *
 * The user's own load runs on and the clock is stepped down under it, by
 * min_freq and max_freq, which every governor obeys. What is counted is
 * progress (the PMU's event of that name) and energy (hwmon, else the
 * governor's account). One load makes one kind of work.
 *
 * 1. The load is watched at the top clock. Without progress, or when parts of
 *    the watch differ by more than STEADY, nothing is measured.
 * 2. Clock by clock downward, in even steps: set it, wait SETTLE, count. Below
 *    the clock at which the load gets slower than the user allows it ends.
 * 3. Every clock gets the same share of the time that the user gave, in parts;
 *    their medians make the measurement, so that one late reading on a busy
 *    host does no harm.
 * 4. At the end the top clock is measured again. A load that has changed
 *    meanwhile was not steady.
 * 5. Limits are put back, also after an error and on a signal to end.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "calibrate.h"
#include "cmd.h"
#include "device.h"
#include "pmu.h"

#define CLASS		"sys/class/devfreq"
#define CLOCKS_MAX	16
#define PARTS		5
#define SETTLE_NS	300000000ULL
#define PART_MIN_NS	100000000ULL

/* Largest difference of parts, and of begin and end, that is still steady. */
#define STEADY		0.05

struct live {
	struct sysfs sysfs;
	struct device dev;
	int progress;
	bool by_governor;
	uint64_t part_ns;
	double top_rate;
	double allowed;
	sigset_t signals;
	int stopped;
};

/* What was counted up to a moment. */
struct count {
	double s;
	double work;
	double joule;
};

/* They wait until somebody naps: what has begun is finished or undone. */
static void hold_signals(struct live *l)
{
	sigemptyset(&l->signals);
	sigaddset(&l->signals, SIGINT);
	sigaddset(&l->signals, SIGTERM);
	sigaddset(&l->signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &l->signals, NULL);
}

static void nap(struct live *l, uint64_t ns)
{
	const struct timespec t = {
		.tv_sec = (time_t)(ns / 1000000000),
		.tv_nsec = (long)(ns % 1000000000),
	};
	int number;

	if (l->stopped)
		return;
	number = sigtimedwait(&l->signals, NULL, &t);
	if (number > 0)
		l->stopped = number;
}

static int set(struct live *l, const char *attr, int64_t hz)
{
	char text[24];
	int ret;

	snprintf(text, sizeof(text), "%" PRId64, hz);
	ret = sysfs_write(&l->sysfs, text, CLASS "/%s/%s", l->dev.name, attr);
	if (ret)
		cmd_error("can't set %s of %s to %s: %s", attr, l->dev.name,
			  text, strerror(-ret));
	return ret ? cmd_exit_code(ret) : CMD_OK;
}

/* The lower limit goes out of the way first: min_freq may not be above max. */
static int limit(struct live *l, int64_t min_hz, int64_t max_hz)
{
	int ret = set(l, "min_freq", l->dev.freq_hz[0]);

	if (!ret)
		ret = set(l, "max_freq", max_hz);
	return ret ? ret : set(l, "min_freq", min_hz);
}

static struct reading energy(const struct live *l)
{
	if (!l->by_governor)
		return sysfs_reading(&l->sysfs, "%s/energy1_input",
				     l->dev.hwmon);
	return sysfs_reading(&l->sysfs, CLASS "/%s/accelgov/energy_uj",
			     l->dev.name);
}

static int take_count(struct live *l, struct count *ret)
{
	struct timespec now;
	struct reading uj = energy(l);
	uint64_t work;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!uj.known || read(l->progress, &work, sizeof(work)) != sizeof(work)) {
		cmd_error("%s no longer tells its %s", l->dev.name,
			  uj.known ? "progress" : "energy");
		return CMD_FAILURE;
	}
	ret->s = (double)now.tv_sec + now.tv_nsec / 1e9;
	ret->work = (double)work;
	ret->joule = uj.value / 1e6;
	return CMD_OK;
}

static int compare(const void *a, const void *b)
{
	double one = *(const double *)a, two = *(const double *)b;

	return one < two ? -1 : one > two;
}

/* Medians of PARTS rates and powers, and how far the rates lie apart. */
static int watch(struct live *l, double *ret_rate, double *ret_w,
		 double *ret_spread)
{
	double rate[PARTS], watt[PARTS];
	struct count from, to;
	int ret;

	nap(l, SETTLE_NS);
	ret = take_count(l, &from);
	for (int i = 0; !ret && !l->stopped && i < PARTS; i++) {
		nap(l, l->part_ns);
		ret = take_count(l, &to);
		if (ret)
			return ret;
		rate[i] = (to.work - from.work) / (to.s - from.s);
		watt[i] = (to.joule - from.joule) / (to.s - from.s);
		from = to;
	}
	if (ret || l->stopped)
		return ret ? ret : CMD_FAILURE;
	qsort(rate, PARTS, sizeof(*rate), compare);
	qsort(watt, PARTS, sizeof(*watt), compare);
	*ret_rate = rate[PARTS / 2];
	*ret_w = watt[PARTS / 2];
	/* The outermost may be late readings; of five parts three must agree. */
	*ret_spread = (rate[PARTS - 2] - rate[1]) / fmax(rate[PARTS / 2], 1e-9);
	return CMD_OK;
}

static int watch_steady(struct live *l, double *ret_rate, double *ret_w)
{
	double spread;
	int ret = watch(l, ret_rate, ret_w, &spread);

	if (ret)
		return ret;
	if (*ret_rate <= 0) {
		cmd_error("%s makes no progress: start the work that it is to be measured with, and keep it running",
			  l->dev.name);
		return CMD_FAILURE;
	}
	if (spread > STEADY) {
		cmd_error("the load on %s is not steady: its progress differs by %.0f %% from one moment to the next; more time (--duration) may even it out",
			  l->dev.name, 100 * spread);
		return CMD_FAILURE;
	}
	return CMD_OK;
}

static int add(struct calibrate *c, const struct live *l, int64_t hz,
	       double rate, double w)
{
	struct sweep_row row = {
		.setting = hz / 1e3,
		.time_s = l->top_rate / rate,
		.power_w = w,
	};

	sweep_phase(&c->sweep, "load");
	if (!sweep_add(&c->sweep, &row))
		return CMD_OK;
	cmd_error("out of memory");
	return CMD_FAILURE;
}

static int unsupported(const struct live *l, const char *lacks)
{
	cmd_error("%s has no %s", l->dev.name, lacks);
	return CMD_UNSUPPORTED;
}

/* Operating points within the limits that were found, at most CLOCKS_MAX. */
static size_t choose(const struct live *l, int64_t *ret_hz)
{
	const struct device *d = &l->dev;
	size_t lo = 0, hi = d->nr_freqs, n;

	while (lo < hi && d->freq_hz[lo] < d->min_freq_hz.value)
		lo++;
	while (hi > lo && d->freq_hz[hi - 1] > d->max_freq_hz.value)
		hi--;
	n = hi - lo < CLOCKS_MAX ? hi - lo : CLOCKS_MAX;
	for (size_t i = 0; i < n; i++)
		ret_hz[i] = d->freq_hz[n > 1 ? hi - 1 - i * (hi - lo - 1) /
					       (n - 1) : lo];
	return n;
}

static int step_down(struct calibrate *c, struct live *l, const int64_t *hz,
		     size_t n)
{
	double rate, w;
	int ret = CMD_OK;

	for (size_t i = 0; !ret && i < n; i++) {
		ret = limit(l, hz[i], hz[i]);
		if (!ret)
			ret = watch_steady(l, &rate, &w);
		if (ret)
			return ret;
		if (!i)
			l->top_rate = rate;
		fprintf(stderr, "%4.0f MHz: %.1f %% slower, %.4g W\n",
			hz[i] / 1e6, 100 * (l->top_rate / rate - 1), w);
		ret = add(c, l, hz[i], rate, w);
		if (l->top_rate / rate - 1 > l->allowed) {
			fprintf(stderr, "slower than --max-slowdown allows: no lower clock\n");
			break;
		}
	}
	return ret;
}

static int sweep_clocks(struct calibrate *c, struct live *l)
{
	int64_t hz[CLOCKS_MAX];
	size_t n = choose(l, hz);
	double rate, w;
	int ret;

	if (!n)
		return unsupported(l, "operating point within its limits");
	l->part_ns = c->duration_ns / (n + 1);
	l->part_ns = l->part_ns > SETTLE_NS + PARTS * PART_MIN_NS ?
		     (l->part_ns - SETTLE_NS) / PARTS : PART_MIN_NS;
	ret = step_down(c, l, hz, n);
	if (!ret)
		ret = limit(l, hz[0], hz[0]);
	if (!ret)
		ret = watch_steady(l, &rate, &w);
	if (!ret && fabs(rate / l->top_rate - 1) > STEADY) {
		cmd_error("the load on %s has changed: at the top clock it is %.0f %% %s than at the beginning",
			  l->dev.name, 100 * fabs(rate / l->top_rate - 1),
			  rate > l->top_rate ? "faster" : "slower");
		ret = CMD_FAILURE;
	}
	if (!ret)
		sweep_sort(&c->sweep);
	return ret;
}

static int open_progress(struct live *l)
{
	struct pmu pmu;
	int ret;

	if (!l->dev.pmu[0] || pmu_load(&l->sysfs, l->dev.pmu, &pmu) ||
	    !(pmu.signals & (1U << ACCELGOV_SIG_PROGRESS)))
		return unsupported(l, "event of a PMU that tells progress");
	l->progress = pmu_event_open(&pmu, ACCELGOV_SIG_PROGRESS, pmu.cpu);
	if (l->progress >= 0)
		return CMD_OK;
	ret = l->progress;
	cmd_error("can't open the progress event of %s: %s", l->dev.pmu,
		  strerror(-ret));
	return cmd_exit_code(ret);
}

static int open_device(struct live *l, const char *name)
{
	if (!device_name_valid(name) ||
	    device_load(&l->sysfs, name, &l->dev)) {
		cmd_error("there is no device %s; accelgov devices lists them",
			  name);
		return CMD_UNSUPPORTED;
	}
	if (!l->dev.nr_freqs)
		return unsupported(l, "operating points");
	if (!l->dev.min_freq_hz.known || !l->dev.max_freq_hz.known)
		return unsupported(l, "limits of its clock");
	l->by_governor = !l->dev.hwmon[0] || !energy(l).known;
	if (!energy(l).known)
		return unsupported(l, "energy counter");
	return open_progress(l);
}

static int measure(struct calibrate *c, struct live *l)
{
	int ret, back;

	hold_signals(l);
	ret = sweep_clocks(c, l);
	back = limit(l, l->dev.min_freq_hz.value, l->dev.max_freq_hz.value);
	if (l->stopped)
		return 128 + l->stopped;
	return ret ? ret : back;
}

int calibrate_live(struct calibrate *c)
{
	struct live l = { .progress = -1, .allowed = c->max_slowdown };
	int ret = sysfs_open(&l.sysfs, NULL);

	if (ret) {
		cmd_error("can't open /: %s", strerror(-ret));
		return cmd_exit_code(ret);
	}
	ret = open_device(&l, c->device);
	if (!ret)
		ret = measure(c, &l);
	if (l.progress >= 0)
		close(l.progress);
	sysfs_close(&l.sysfs);
	return ret;
}
