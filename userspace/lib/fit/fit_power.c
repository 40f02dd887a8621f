// SPDX-License-Identifier: GPL-2.0
/*
 * What a clock does to power
 *
 * Model. That of kmod/sim/physics.c, with v the square of the voltage and c
 * clock times v, both of their values at the top:
 *
 *	P = static + leak*v + c * (clock*(busy + i*(1 - busy)) + a*compute*tc/T)
 *	  + (move*v + memory) * tm/T
 *
 * i is the base profile's ratio of idle to busy clock power, a the activity of
 * the work. Voltage is a floor up to a knee and rises from there to the top
 * with some exponent: three numbers, which describe a floor and a bend, or a
 * straight line, and little else. Ten free knots would describe noise.
 *
 * 1. For a given voltage curve the formula is linear in its six terms. They are
 *    found by least squares of relative error, none of them negative.
 * 2. Work of one kind tells the sum of some terms and not each of them (a
 *    sweep of matrix products has nothing to say about memory). So every term
 *    is drawn to the base profile's, scaled to the power that was measured, as
 *    if that were a measurement with an error as large as itself. Where the
 *    sweep does tell, its hundreds of rows win.
 * 3. Around that, the curve is searched: a grid, then a simplex.
 * 4. Rows far off count less (Huber), as with time.
 * 5. Where kinds of work differ, the arithmetic of each gets an activity, and
 *    the profile's compute is that of the most active one (fit.c decides).
 */
#include <math.h>
#include <string.h>

#include "fit_parts.h"

/* Relative errors: of a row, of the base profile, of a forced static power. */
#define SIGMA_ROW	0.01
#define SIGMA_BASE	1.0
#define SIGMA_HOLD	0.002
#define SIGMA_ACTIVITY	0.5

/* What voltage curves are like, and how sure that is. */
#define FLOOR_USUAL	0.75
#define FLOOR_SIGMA	0.2
#define KNEE_USUAL	0.65
#define KNEE_SIGMA	0.3
#define BEND_SIGMA	0.5
#define FLOOR_MIN	0.3
#define KNEE_MIN	0.05
#define KNEE_MAX	0.97
#define BEND_MAX	1.1	/* of its logarithm, either way */

#define HUBER		2.5
#define SIGMA_MIN	0.004
#define ACTIVITY_MIN	0.02
#define ACTIVITY_MAX	4.0

double fit_volt(const struct fit_curve *curve, double x)
{
	if (x >= 1)
		return 1;
	if (x <= curve->knee)
		return curve->floor;
	return curve->floor + (1 - curve->floor) *
	       pow((x - curve->knee) / (1 - curve->knee), curve->bend);
}

void fit_parts(const struct fit *fit, const struct fit_phase *phase,
	       double khz, double part[FIT_TERMS], double *ret_time_s)
{
	double f = khz / fit->top_khz, volt = fit_volt(&fit->curve, f);
	double v = volt * volt, c = f * v, scaled = 1 - phase->fixed;
	double tc = sqrt(phase->compute) / f * scaled;
	double full = sqrt(1 - phase->compute) * scaled;
	double tm = full * fmax(1, fit->mem_knee / f);
	double busy = sqrt(tc * tc + tm * tm);
	double total = busy + phase->fixed;

	part[FIT_STATIC] = 1;
	part[FIT_LEAK] = v;
	part[FIT_CLOCK] = c * (busy + fit->idle_share * (total - busy)) / total;
	part[FIT_COMPUTE] = phase->activity * c * tc / total;
	part[FIT_MOVE] = v * full / total;
	part[FIT_MEMORY] = full / total;
	*ret_time_s = phase->time_s * total;
}

static double power_at(const struct fit *fit, const struct fit_phase *phase,
		       double khz)
{
	double part[FIT_TERMS], time_s, w = 0;

	fit_parts(fit, phase, khz, part, &time_s);
	for (int i = 0; i < FIT_TERMS; i++)
		w += part[i] * fit->term[i];
	return w;
}

/* One equation: @part times the terms is @value, in units of its error. */
static void add_row(double a[FIT_COLUMNS_MAX][FIT_COLUMNS_MAX], double *b,
		    const double *part, double value, double weight)
{
	for (int i = 0; i < FIT_TERMS; i++) {
		for (int k = 0; k < FIT_TERMS; k++)
			a[i][k] += weight * part[i] * part[k];
		b[i] += weight * part[i] * value;
	}
}

/* Unknowns are multiples of the prior, which keeps the system well scaled. */
static void gather(const struct fit_data *data, const struct fit *fit,
		   double a[FIT_COLUMNS_MAX][FIT_COLUMNS_MAX], double *b)
{
	double part[FIT_TERMS], time_s;

	for (uint32_t p = 0; p < fit->nr_phases; p++) {
		const struct fit_phase *phase = &fit->phase[p];

		for (size_t i = phase->first; i < phase->first + phase->nr_free;
		     i++) {
			double w = data->row[i].power_w;

			if (data->weight[i] <= 0)
				continue;
			fit_parts(fit, phase, data->row[i].setting, part,
				  &time_s);
			for (int k = 0; k < FIT_TERMS; k++)
				part[k] *= data->prior[k] / (SIGMA_ROW * w);
			add_row(a, b, part, 1 / SIGMA_ROW, data->weight[i]);
		}
	}
	for (int i = 0; i < FIT_TERMS; i++) {
		a[i][i] += 1 / (SIGMA_BASE * SIGMA_BASE);
		b[i] += 1 / (SIGMA_BASE * SIGMA_BASE);
	}
	if (data->hold_static > 0) {
		double v = fit->curve.floor * fit->curve.floor;
		double unit = SIGMA_HOLD * data->hold_static;
		double held[FIT_TERMS] = {
			data->prior[FIT_STATIC] / unit,
			data->prior[FIT_LEAK] * v / unit,
		};

		add_row(a, b, held, 1 / SIGMA_HOLD, 1);
	}
}

/* The system without unknowns that are fixed at zero. */
static bool solve_rest(double a[FIT_COLUMNS_MAX][FIT_COLUMNS_MAX],
		       const double *b, const bool *zero, double *x)
{
	double small[FIT_COLUMNS_MAX][FIT_COLUMNS_MAX], rest[FIT_TERMS];
	int at[FIT_TERMS] = { 0 }, n = 0;

	for (int i = 0; i < FIT_TERMS; i++)
		if (!zero[i])
			at[n++] = i;
	for (int i = 0; i < n; i++) {
		for (int k = 0; k < n; k++)
			small[i][k] = a[at[i]][at[k]];
		rest[i] = b[at[i]];
	}
	memset(x, 0, FIT_TERMS * sizeof(*x));
	if (!fit_solve(small, rest, n))
		return false;
	for (int i = 0; i < n; i++)
		x[at[i]] = rest[i];
	return true;
}

static void solve_terms(const struct fit_data *data, struct fit *fit)
{
	double a[FIT_COLUMNS_MAX][FIT_COLUMNS_MAX] = { { 0 } };
	double b[FIT_TERMS] = { 0 }, x[FIT_TERMS];
	bool zero[FIT_TERMS] = { false };

	gather(data, fit, a, b);
	for (int round = 0; round < FIT_TERMS; round++) {
		int least = 0;

		if (!solve_rest(a, b, zero, x))
			return;
		for (int i = 1; i < FIT_TERMS; i++)
			if (x[i] < x[least])
				least = i;
		if (x[least] >= 0)
			break;
		zero[least] = true;
	}
	for (int i = 0; i < FIT_TERMS; i++)
		fit->term[i] = fmax(x[i], 0) * data->prior[i];
}

static double square(double x)
{
	return x * x;
}

static double sum_of_squares(const struct fit_data *data, const struct fit *fit)
{
	double sum = 0, v = square(fit->curve.floor);

	for (uint32_t p = 0; p < fit->nr_phases; p++) {
		const struct fit_phase *phase = &fit->phase[p];

		for (size_t i = phase->first; i < phase->first + phase->nr_free;
		     i++) {
			const struct sweep_row *row = &data->row[i];

			if (data->weight[i] > 0)
				sum += data->weight[i] *
				       square((power_at(fit, phase,
							row->setting) /
					       row->power_w - 1) / SIGMA_ROW);
		}
	}
	for (int i = 0; i < FIT_TERMS; i++)
		sum += square((fit->term[i] / data->prior[i] - 1) / SIGMA_BASE);
	if (data->hold_static > 0)
		sum += square(((fit->term[FIT_STATIC] +
				fit->term[FIT_LEAK] * v) /
			       data->hold_static - 1) / SIGMA_HOLD);
	return sum + square((fit->curve.floor - FLOOR_USUAL) / FLOOR_SIGMA) +
	       square((fit->curve.knee - KNEE_USUAL) / KNEE_SIGMA) +
	       square(log(fit->curve.bend) / BEND_SIGMA);
}

struct search {
	const struct fit_data *data;
	struct fit *fit;
};

static double bounded(double x, double lo, double hi, double *beyond)
{
	double in = fmin(fmax(x, lo), hi);

	*beyond += square((x - in) / 0.01);
	return in;
}

static double judge(const double *x, void *arg)
{
	struct search *s = arg;
	double beyond = 0;

	s->fit->curve.floor = bounded(x[0], FLOOR_MIN, 1, &beyond);
	s->fit->curve.knee = bounded(x[1], KNEE_MIN, KNEE_MAX, &beyond);
	s->fit->curve.bend = exp(bounded(x[2], -BEND_MAX, BEND_MAX, &beyond));
	solve_terms(s->data, s->fit);
	return sum_of_squares(s->data, s->fit) + beyond;
}

static void best_of_grid(struct search *s, double *best)
{
	static const double bends[] = { -0.4, 0, 0.4 };
	double least = INFINITY, now;

	for (double volt = 0.5; volt < 1; volt += 0.1) {
		for (double knee = 0.15; knee < 0.95; knee += 0.1) {
			for (int i = 0; i < 3; i++) {
				double x[3] = { volt, knee, bends[i] };

				now = judge(x, s);
				if (now < least) {
					least = now;
					memcpy(best, x, sizeof(x));
				}
			}
		}
	}
}

/* Rows whose power is far off count less. */
static void doubt(const struct fit_data *data, const struct fit *fit)
{
	size_t n = 0;
	double sigma;

	for (int turn = 0; turn < 2; turn++) {
		sigma = fmax(1.4826 * fit_median(data->scratch, n), SIGMA_MIN);
		for (uint32_t p = 0; p < fit->nr_phases; p++) {
			const struct fit_phase *ph = &fit->phase[p];

			for (size_t i = ph->first; i < ph->first + ph->nr_free;
			     i++) {
				const struct sweep_row *r = &data->row[i];
				double off = fabs(power_at(fit, ph, r->setting) /
						  r->power_w - 1);

				if (data->weight[i] <= 0)
					continue;
				if (!turn)
					data->scratch[n++] = off;
				else if (off > HUBER * sigma)
					data->weight[i] *= HUBER * sigma / off;
			}
		}
	}
}

double fit_power(const struct fit_data *data, struct fit *fit, int rounds)
{
	static const double step[3] = { 0.05, 0.08, 0.2 };
	struct search s = { data, fit };
	double x[3] = { fit->curve.floor, fit->curve.knee,
			log(fit->curve.bend) };

	if (!(fit->curve.floor > 0)) {
		best_of_grid(&s, x);
		fit_simplex(judge, &s, x, step, 3, rounds / 2);
		judge(x, &s);
		if (!data->hold_static)
			doubt(data, fit);
	}
	fit_simplex(judge, &s, x, step, 3, rounds);
	return judge(x, &s);
}

/* Least squares of one number per phase, drawn to 1. */
static double activity_of(const struct fit_data *data, const struct fit *fit,
			  const struct fit_phase *phase)
{
	double part[FIT_TERMS], time_s;
	double up = 1 / square(SIGMA_ACTIVITY), down = up;

	for (size_t i = phase->first; i < phase->first + phase->nr_free; i++) {
		double w = data->row[i].power_w, own, rest = 0;

		fit_parts(fit, phase, data->row[i].setting, part, &time_s);
		for (int k = 0; k < FIT_TERMS; k++)
			if (k != FIT_COMPUTE)
				rest += part[k] * fit->term[k];
		own = part[FIT_COMPUTE] * fit->term[FIT_COMPUTE] /
		      phase->activity / (w * SIGMA_ROW);
		up += data->weight[i] * own * (w - rest) / (w * SIGMA_ROW);
		down += data->weight[i] * own * own;
	}
	return fmin(fmax(up / down, ACTIVITY_MIN), ACTIVITY_MAX);
}

void fit_activities(const struct fit_data *data, struct fit *fit)
{
	double most = 0;

	for (uint32_t i = 0; i < fit->nr_phases; i++) {
		fit->phase[i].activity = activity_of(data, fit, &fit->phase[i]);
		most = fmax(most, fit->phase[i].activity);
	}
	for (uint32_t i = 0; i < fit->nr_phases; i++)
		fit->phase[i].activity /= most;
	fit->term[FIT_COMPUTE] *= most;
}
