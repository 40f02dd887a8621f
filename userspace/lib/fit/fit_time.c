// SPDX-License-Identifier: GPL-2.0
/*
 * What a clock does to the time of one kind of work
 *
 * Model. As in kmod/sim/physics.c, in parts of the time at the top clock F,
 *
 *	T(f)/T(F) = (1 - h) * sqrt(s * (F/f)^2 + (1 - s) * m^2) + h
 *
 * with s the arithmetic share of the square, m = max(1, knee/f) for the memory,
 * and h the part that no clock changes: waiting for the host, gaps between
 * kernels.
 *
 * 1. For a given h, s is found by golden section; T(F) follows from it.
 * 2. h is 0 unless another value makes the rows more likely by more than chance
 *    would in 1 of 400 cases, and only where there are enough clocks to tell.
 * 3. Rows far off, by the median, count less (Huber), and s is found again.
 *
 * The governor's model, exponent 4 and no h, is fitted beside it: what comes
 * out is the sensitivity that the governor would learn.
 */
#include <math.h>
#include <stdlib.h>

#include "fit_parts.h"

#define FIXED_STEP	0.05
#define FIXED_MAX	0.9
#define FIXED_ROWS	8
#define FIXED_GAIN	9.0	/* in -2 log likelihood */
#define FIXED_LEAST	0.9
/* Huber's bound, in standard deviations, and the least of those. */
#define HUBER		2.5
#define SIGMA_MIN	0.001
#define ROBUST_ROUNDS	3

/* The search for one phase; @power is 2, or 4 for the governor's model. */
struct search {
	const struct fit_data *data;
	const struct fit_phase *phase;
	double top_khz;
	double knee;
	double fixed;
	double power;
	double log_time;
};

static double shape(const struct search *s, double compute, double khz)
{
	double x = s->top_khz / khz;
	double m = fmax(1, s->knee * x);
	double scaled;

	/* Exponent 2 or 4: no need for pow(). */
	x *= x;
	m *= m;
	if (s->power > 2) {
		x *= x;
		m *= m;
	}
	scaled = sqrt(compute * x + (1 - compute) * m);
	if (s->power > 2)
		scaled = sqrt(scaled);
	return (1 - s->fixed) * scaled + s->fixed;
}

static double residual(const struct search *s, double compute, size_t i)
{
	const struct sweep_row *row = &s->data->row[i];

	return log(row->time_s) - log(shape(s, compute, row->setting));
}

/* Weighted squares at the best T(F), which is kept. */
static double misfit(double compute, void *arg)
{
	struct search *s = arg;
	size_t end = s->phase->first + s->phase->nr_free;
	double sum = 0, weights = 0, squares = 0;

	for (size_t i = s->phase->first; i < end; i++) {
		double w = s->data->weight[i], off;

		if (w <= 0)
			continue;
		off = residual(s, compute, i);
		sum += w * off;
		squares += w * off * off;
		weights += w;
	}
	s->log_time = weights > 0 ? sum / weights : 0;
	return fmax(squares - sum * s->log_time, 0);
}

static double best_compute(struct search *s, double *ret_squares)
{
	double compute = fit_golden(misfit, s, 0, 1), sum;

	/* The ends count too: golden section comes close to them only. */
	if (misfit(0, s) <= misfit(compute, s))
		compute = 0;
	else if (misfit(1, s) <= misfit(compute, s))
		compute = 1;
	sum = misfit(compute, s);
	if (ret_squares)
		*ret_squares = sum;
	return compute;
}

static size_t used_rows(const struct fit_data *data,
			const struct fit_phase *phase)
{
	size_t n = 0;

	for (size_t i = 0; i < phase->nr_free; i++)
		n += data->weight[phase->first + i] > 0;
	return n;
}

static double fit_one(struct search *s, struct fit_phase *phase)
{
	double plain, least, sum, best = 0;
	size_t n = used_rows(s->data, phase);

	if (s->data->keep_fixed) {
		s->fixed = phase->fixed;
		phase->compute = best_compute(s, &sum);
		phase->time_s = exp(s->log_time);
		return sum;
	}
	s->fixed = 0;
	phase->compute = best_compute(s, &plain);
	if (n >= FIXED_ROWS) {
		least = plain * fmin(exp(-FIXED_GAIN / (double)n), FIXED_LEAST);
		for (double h = FIXED_STEP; h <= FIXED_MAX; h += FIXED_STEP) {
			s->fixed = h;
			best_compute(s, &sum);
			if (sum < least) {
				least = sum;
				best = h;
			}
		}
	}
	s->fixed = best;
	phase->fixed = best;
	phase->compute = best_compute(s, &sum);
	phase->time_s = exp(s->log_time);
	return sum;
}

/* Rows that are far off count less; returns whether any does. */
static bool doubt(struct search *s, const struct fit_phase *phase)
{
	double *off = s->data->scratch;
	bool any = false;
	size_t n = 0;
	double sigma;

	for (size_t i = 0; i < phase->nr_free; i++)
		if (s->data->weight[phase->first + i] > 0)
			off[n++] = fabs(residual(s, phase->compute,
						 phase->first + i) -
					log(phase->time_s));
	sigma = fmax(1.4826 * fit_median(off, n), SIGMA_MIN);
	for (size_t i = 0; i < phase->nr_free; i++) {
		double *w = &s->data->weight[phase->first + i];
		double r = fabs(residual(s, phase->compute, phase->first + i) -
				log(phase->time_s));

		if (*w <= 0)
			continue;
		*w = r > HUBER * sigma ? HUBER * sigma / r : 1;
		any = any || *w < 1;
	}
	return any;
}

double fit_time(const struct fit_data *data, struct fit *fit)
{
	double sum = 0, one;

	for (uint32_t i = 0; i < fit->nr_phases; i++) {
		struct fit_phase *phase = &fit->phase[i];
		struct search s = {
			.data = data,
			.phase = phase,
			.top_khz = fit->top_khz,
			.knee = fit->mem_knee,
			.power = 2,
		};

		one = fit_one(&s, phase);
		for (int k = 0; k < ROBUST_ROUNDS && doubt(&s, phase); k++)
			one = fit_one(&s, phase);
		sum += one;
	}
	return sum;
}

void fit_core(const struct fit_data *data, struct fit_phase *phase,
	      double top_khz)
{
	struct search s = {
		.data = data,
		.phase = phase,
		.top_khz = top_khz,
		.power = 4,
	};
	double sum = 0, worst = 0;

	phase->sensitivity = best_compute(&s, NULL);
	for (size_t i = 0; i < phase->nr_free; i++) {
		double off = fabs(expm1(residual(&s, phase->sensitivity,
						 phase->first + i) -
					s.log_time));

		sum += 100 * off;
		worst = fmax(worst, 100 * off);
	}
	phase->core_time.mean = phase->nr_free ?
				sum / (double)phase->nr_free : 0;
	phase->core_time.worst = worst;
}
