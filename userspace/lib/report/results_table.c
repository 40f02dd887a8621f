// SPDX-License-Identifier: GPL-2.0
#include <math.h>
#include <string.h>

#include "results.h"

/* "12.3" or "-"; @buf holds at least 16 bytes. */
static const char *number(char *buf, double v, int digits)
{
	if (isfinite(v))
		snprintf(buf, 16, "%.*f", digits, v);
	else
		strcpy(buf, "-");
	return buf;
}

static const char *pair(char *buf, const struct result_percentiles *p,
			int digits)
{
	if (isfinite(p->p50))
		snprintf(buf, 32, "%.*f / %.*f", digits, p->p50, digits,
			 p->p99);
	else
		strcpy(buf, "-");
	return buf;
}

static void header(FILE *f, const struct result *r)
{
	int training = !strcmp(r->work_unit, "step");

	fprintf(f, "\n%s on %s, energy in J per %s\n", r->workload,
		r->profile[0] ? r->profile : r->device, r->work_unit);
	fprintf(f, "  %-16s %9s %8s %10s %7s  %-15s %-15s %7s\n", "governor",
		"energy", "saved %", "slowdown %", "worst %",
		training ? "step p50/p99 ms" : "TTFT p50/p99 ms",
		training ? "" : "TPOT p50/p99 ms", "phase %");
}

static void line(FILE *f, const struct result *r)
{
	char energy[16], saved[16], slow[16], worst[16], first[32], second[32];
	char phase[16];
	int training = !strcmp(r->work_unit, "step");

	fprintf(f, "  %-16s %9s %8s %10s %7s  %-15s %-15s %7s\n", r->governor,
		number(energy, r->energy_per_work_j,
		       strcmp(r->work_unit, "token") ? 1 : 3),
		number(saved, r->saving_permille / 10, 1),
		number(slow, r->slowdown_permille / 10, 1),
		number(worst, r->slowdown_minute_permille / 10, 1),
		pair(first, training ? &r->step_time_ms : &r->ttft_ms, 0),
		training ? "" : pair(second, &r->tpot_ms, 1),
		number(phase, r->phase_accuracy_permille / 10, 1));
}

static void idle_times(FILE *f, const struct result *r)
{
	char energy[16], times[16], wake[32];

	if (!isfinite(r->suspends) || !strcmp(r->idle, "never"))
		return;
	fprintf(f, "  %s with idle rule %s: %s J while idle, suspended %s times, wake-up p50/p99 %s ms\n",
		r->governor, r->idle, number(energy, r->idle_energy_j, 0),
		number(times, r->suspends, 0),
		pair(wake, &r->wake_latency_ms, 1));
}

static void phases(FILE *f, const struct result *r)
{
	char time[16], windows[16], p50[16], p95[16], error[16];

	if (!isfinite(r->phase_f1_permille))
		return;
	fprintf(f, "  %s with %s sensors: macro F1 %s of time, %s of windows; changes seen after %s windows (p95 %s); confidence off by %s\n",
		r->governor, r->sensors, number(time, r->phase_f1_permille / 1000, 3),
		number(windows, r->phase_window_f1_permille / 1000, 3),
		number(p50, r->phase_delay_p50_windows, 1),
		number(p95, r->phase_delay_p95_windows, 1),
		number(error, r->confidence_error_permille / 1000, 3));
}

/* Runs of one workload on one kind of device stand together. */
static int same_group(const struct result *a, const struct result *b)
{
	return !strcmp(a->workload, b->workload) &&
	       !strcmp(a->profile, b->profile);
}

void results_table(const struct results *all, FILE *f)
{
	for (size_t i = 0; i < all->nr; i++) {
		size_t first = 0;

		while (!same_group(&all->run[first], &all->run[i]))
			first++;
		if (first < i)
			continue;
		header(f, &all->run[i]);
		for (size_t j = i; j < all->nr; j++)
			if (same_group(&all->run[i], &all->run[j]))
				line(f, &all->run[j]);
		for (size_t j = i; j < all->nr; j++)
			if (same_group(&all->run[i], &all->run[j]))
				idle_times(f, &all->run[j]);
		for (size_t j = i; j < all->nr; j++)
			if (same_group(&all->run[i], &all->run[j]))
				phases(f, &all->run[j]);
	}
}
