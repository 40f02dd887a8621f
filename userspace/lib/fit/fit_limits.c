// SPDX-License-Identifier: GPL-2.0
/*
 * Clocks that the device did not take
 *
 * Observation. Near the top of a sweep, time often stands still although the
 * clock that was asked for rises: the power limiter holds the clock (A40 from
 * 1530 MHz on at 300 W; A100 from about 1370 MHz on at 475 W), or something
 * else does. Power stands still there too. Work that is bound by memory is not
 * held: its time stands still, but its power rises with clock and voltage.
 *
 * Model. Up to some clock k the logarithms of time and power are a parabola in
 * the logarithm of the clock, and above it both are what they were at k.
 *
 * 1. For every k the least squares of both are found, over the upper part of
 *    the sweep, where a parabola is close enough.
 * 2. The k with the greatest likelihood is taken if it beats "no limit" by
 *    GAIN, and if time and power are flat above it and power is not below.
 * 3. A phase that is flat from one end to the other was held all along.
 * 4. One or two rows at the end show no kink. Once a model is fitted, they are
 *    slower and draw less than it says, at the highest power of the sweep, and
 *    then count as held too.
 */
#include <math.h>

#include "fit_parts.h"

/* The upper part: clocks above this share of the phase's highest. */
#define WINDOW		0.55
#define BELOW_MIN	4
#define ABOVE_MIN	2
/* In natural units of log likelihood; a false kink in 1 of 400. */
#define GAIN		6.0
/* Elasticities: what still counts as flat. */
#define FLAT_POWER	0.5
#define FLAT_TIME	0.35
#define FLAT_ALL	0.03
/* Rows that are further from their mean, as a share, are noise and don't stand still. */
#define SCATTER		0.03
/* Held after all: slower, at less power than fitted, near the highest. */
#define SLOWER		1.008
#define WEAKER		0.985
#define NEAR_TOP	0.96
/* Errors below these are those of a parabola, not of measurements. */
#define FLOOR_TIME	1e-6
#define FLOOR_POWER	4e-6

struct upper {
	const struct sweep_row *row;
	size_t nr;
};

static double value(const struct sweep_row *r, bool power)
{
	return log(power ? r->power_w : r->time_s);
}

static double bent_mean_square(const struct upper *u, size_t k, bool power)
{
	double a[FIT_COLUMNS_MAX][FIT_COLUMNS_MAX] = { { 0 } };
	double b[3] = { 0 }, sum = 0;
	double top = u->row[u->nr - 1].setting;

	for (size_t i = 0; i < u->nr; i++) {
		double z = log(u->row[i < k ? i : k].setting / top);
		double base[3] = { 1, z, z * z };

		for (int j = 0; j < 3; j++) {
			for (int m = 0; m < 3; m++)
				a[j][m] += base[j] * base[m];
			b[j] += base[j] * value(&u->row[i], power);
		}
	}
	if (!fit_solve(a, b, 3))
		return INFINITY;
	for (size_t i = 0; i < u->nr; i++) {
		double z = log(u->row[i < k ? i : k].setting / top);
		double off = value(&u->row[i], power) - b[0] - b[1] * z -
			     b[2] * z * z;

		sum += off * off;
	}
	return sum / (double)u->nr;
}

static double log_likelihood(const struct upper *u, size_t k)
{
	double time = bent_mean_square(u, k, false) + FLOOR_TIME;
	double power = bent_mean_square(u, k, true) + FLOOR_POWER;

	return -0.5 * (double)u->nr * (log(time) + log(power));
}

/* Slope of a straight line through rows @from to @to, both logarithms. */
static double elasticity(const struct upper *u, size_t from, size_t to,
			 bool power)
{
	double n = (double)(to - from + 1);
	double x = 0, y = 0, xx = 0, xy = 0;

	for (size_t i = from; i <= to; i++) {
		double z = log(u->row[i].setting);

		x += z / n;
		y += value(&u->row[i], power) / n;
	}
	for (size_t i = from; i <= to; i++) {
		double z = log(u->row[i].setting) - x;

		xx += z * z;
		xy += z * (value(&u->row[i], power) - y);
	}
	return xx > 0 ? xy / xx : 0;
}

static bool is_flat(const struct upper *u, size_t k)
{
	double below = elasticity(u, 0, k, true);
	double above = elasticity(u, k, u->nr - 1, true);

	return above < FLAT_POWER && above < below / 2 &&
	       elasticity(u, k, u->nr - 1, false) > -FLAT_TIME;
}

/* Rows of @u that were free, all of them when no limit shows. */
static size_t free_rows(const struct upper *u)
{
	double best, score;
	size_t found;

	if (u->nr < BELOW_MIN + ABOVE_MIN)
		return u->nr;
	found = u->nr - 1;
	best = log_likelihood(u, found) + GAIN;
	for (size_t k = u->nr - 1 - ABOVE_MIN; k + 1 >= BELOW_MIN; k--) {
		score = log_likelihood(u, k);
		if (score > best && is_flat(u, k)) {
			best = score;
			found = k;
		}
	}
	return found + 1;
}

static bool scattered(const struct upper *u, bool power)
{
	double n = (double)u->nr, mean = 0, off = 0;

	for (size_t i = 0; i < u->nr; i++)
		mean += value(&u->row[i], power) / n;
	for (size_t i = 0; i < u->nr; i++)
		off += fabs(value(&u->row[i], power) - mean) / n;
	return off > SCATTER;
}

static bool flat_all_along(const struct fit_phase *p,
			   const struct sweep_row *row)
{
	const struct upper u = { row, p->nr };

	return p->nr > 2 && row[p->nr - 1].setting > 1.08 * row[0].setting &&
	       !scattered(&u, false) && !scattered(&u, true) &&
	       fabs(elasticity(&u, 0, p->nr - 1, true)) < FLAT_ALL * 3 &&
	       fabs(elasticity(&u, 0, p->nr - 1, false)) < FLAT_ALL;
}

/* What a limit did to the rows behind the free ones. */
static void set_held(struct fit_phase *p, const struct sweep_row *row)
{
	double w = 0;

	if (p->nr_free == p->nr)
		return;
	for (size_t i = p->nr_free; i < p->nr; i++)
		w += row[i].power_w / (double)(p->nr - p->nr_free);
	p->held_w = w;
	p->held_khz = row[p->nr_free ? p->nr_free - 1 : 0].setting;
}

static void find_limit(struct fit_phase *p, const struct sweep_row *row)
{
	double high = row[p->nr - 1].setting;
	struct upper u = { row, p->nr };

	if (flat_all_along(p, row)) {
		p->nr_free = 0;
	} else {
		while (u.nr > 1 && u.row->setting < WINDOW * high) {
			u.row++;
			u.nr--;
		}
		p->nr_free = p->nr - u.nr + free_rows(&u);
	}
	set_held(p, row);
}

void fit_find_limits(const struct sweep *sweep, struct fit *fit)
{
	for (uint32_t i = 0; i < fit->nr_phases; i++)
		find_limit(&fit->phase[i], &sweep->row[fit->phase[i].first]);
}

bool fit_look_again(const struct sweep_row *row, size_t nr, struct fit *fit)
{
	double most = 0, time_s, power_w;
	bool any = false;

	for (size_t i = 0; i < nr; i++)
		most = fmax(most, row[i].power_w);
	for (uint32_t i = 0; i < fit->nr_phases; i++) {
		struct fit_phase *p = &fit->phase[i];
		const struct sweep_row *own = &row[p->first];
		size_t was = p->nr_free;

		while (p->nr_free > BELOW_MIN) {
			const struct sweep_row *last = &own[p->nr_free - 1];

			fit_predict(fit, p, last->setting, &time_s, &power_w);
			if (last->time_s < SLOWER * time_s ||
			    last->power_w > WEAKER * power_w ||
			    last->power_w < NEAR_TOP * most)
				break;
			p->nr_free--;
		}
		if (p->nr_free == was)
			continue;
		set_held(p, own);
		any = true;
	}
	return any;
}
