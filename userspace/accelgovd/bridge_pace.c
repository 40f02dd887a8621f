// SPDX-License-Identifier: GPL-2.0
/*
 * accelgovd - how often one accelerator is read
 *
 * While the kernel governs it, or is about to, at its full rate: decisions need every
 * window. While it is only observed, as often as its share of CPU time allows (pace.h).
 */
#include <time.h>

#include "bridge_work.h"

/* Most of a window: what the core takes for a quiet one. */
#define QUIET_PERMILLE	500

static uint64_t cpu_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static bool is_paced(const struct bridge_thread *t)
{
	return t->view.state != BRIDGE_ACTIVE && (!t->now.active || t->now.forbidden);
}

static bool is_quiet(const struct accelgov_sample *sample)
{
	struct ag_rates r;

	bridge_rates(sample, &r);
	if (ag_valid(&r, ACCELGOV_SIG_CONTEXTS) && !r.contexts)
		return true;
	return ag_valid(&r, ACCELGOV_SIG_BUSY) && r.busy < QUIET_PERMILLE;
}

void bridge_pace_begin(struct bridge_thread *t)
{
	pace_init(&t->pace, __atomic_load_n(&t->share_ppm, __ATOMIC_RELAXED));
	t->cpu_ns = cpu_now_ns();
}

bool bridge_pace_read(struct bridge_thread *t)
{
	bool quiet = is_quiet(&t->view.reading.sample);
	bool news = t->rested && quiet != t->was_quiet;
	uint64_t cpu_ns = cpu_now_ns();

	t->pace.share_ppm = __atomic_load_n(&t->share_ppm, __ATOMIC_RELAXED);
	if (is_paced(t))
		pace_read(&t->pace, bridge_now_ns(), cpu_ns - t->cpu_ns, news);
	else
		pace_look(&t->pace);
	t->cpu_ns = cpu_ns;
	if (!t->rested || news)
		t->was_quiet = quiet;
	t->rested = t->pace.resting;
	t->view.resting = t->rested;
	t->view.rest_us = bridge_pace_us(t);
	t->view.cost_us = is_paced(t) ? (uint32_t)(t->pace.cost_ns / 1000) : 0;
	return news;
}

uint32_t bridge_pace_us(const struct bridge_thread *t)
{
	return pace_period_us(&t->pace, t->now.period_us);
}
