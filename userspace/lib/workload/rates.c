// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: requests from rates by window
 *
 * Observation. ServeGen (Xiang et al., NSDI 2026, github.com/alibaba/ServeGen)
 * describes each client of a service by windows of 600 s: how many requests per
 * second arrived and which distribution fits the time between two of them.
 * Rates are those of whole clusters, hundreds of requests per second, and they
 * follow the time of day.
 *
 * 1. A factor scales all rates to one device; the windows keep their length, so
 *    that a day stays a day.
 * 2. A window with n requests, the rate times its length, what was rounded off
 *    being carried to the next, gets n + 1 times drawn from its family. Divided
 *    by their sum they share out the window, and the requests lie between them.
 *
 * The sum is forced because fitted shapes go down to 0.015 (gamma) and 0.18 (Weibull):
 * their mean hangs on a few enormous values, and windows drawn freely would have anything
 * between no request and thousands, not the rate that was measured.
 */
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "arrivals.h"
#include "prng.h"
#include "rates.h"

#define TOTALS		"window_start_s,total_rate_req_s,active_clients"
#define NSEC_PER_SEC	1000000000ULL
#define WINDOW_NS	(600 * NSEC_PER_SEC)

/* Beyond these a number is a mistake, and sums of times still fit. */
#define START_MAX_S	3000000000ULL
#define RATE_MAX	1e6
#define CV_MAX		1e6
#define CLIENTS_MAX	1000000000ULL
#define GAMMA_MIN	0.001
#define WEIBULL_MIN	0.02
#define SHAPE_MAX	1e6
#define SCALE_MAX	1e12

/* Half a gigabyte; a device serves less in a year. */
#define REQUESTS_MAX	(1ULL << 25)

static int add(struct rates *r, const struct rate_window *one)
{
	if (r->nr == r->room) {
		size_t room = r->room ? r->room * 2 : 256;
		struct rate_window *bigger = realloc(r->v,
						     room * sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		r->v = bigger;
		r->room = room;
	}
	r->v[r->nr++] = *one;
	return 0;
}

/* The next field, which must hold one number and nothing else. */
static int take_real(struct cursor *c, const char *what, double max,
		     double *ret)
{
	struct cursor field;
	int r;

	cursor_field(c, &field);
	r = cursor_real(&field, what, max, ret);
	if (!r && !cursor_ended(&field))
		r = cursor_refuse(c, "%s is not a number", what);
	return r;
}

static int take_whole(struct cursor *c, const char *what, uint64_t max,
		      uint64_t *ret)
{
	struct cursor field;
	int r;

	cursor_field(c, &field);
	r = cursor_whole(&field, what, max, ret);
	if (!r && !cursor_ended(&field))
		r = cursor_refuse(c, "%s is not a whole number", what);
	return r;
}

static int take_family(struct cursor *c, struct rate_window *ret)
{
	double shape, scale, min = GAMMA_MIN;
	struct cursor field;
	int r;

	cursor_field(c, &field);
	if (cursor_is(&field, "Weibull"))
		ret->family = RATE_WEIBULL;
	else if (!cursor_is(&field, "Gamma") &&
		 !(cursor_ended(&field) && ret->rate_per_s == 0))
		return cursor_refuse(c, "the distribution is not Gamma or Weibull");
	r = take_real(c, "its shape", SHAPE_MAX, &shape);
	if (!r)
		r = take_real(c, "its scale", SCALE_MAX, &scale);
	if (r)
		return r;
	if (ret->family == RATE_WEIBULL)
		min = WEIBULL_MIN;
	if (ret->rate_per_s > 0 && shape < min)
		return cursor_refuse(c, "its shape is below %g", min);
	if (ret->rate_per_s > 0 && !(scale > 0))
		return cursor_refuse(c, "its scale is 0");
	ret->shape = shape;
	return 0;
}

static int take_client(struct cursor *c, struct rate_window *ret)
{
	double cv;
	int r = take_real(c, "the coefficient of variation", CV_MAX, &cv);

	return r ? r : take_family(c, ret);
}

static int take_totals(struct cursor *c, struct rate_window *ret)
{
	uint64_t clients;

	ret->shape = 1 / (ARRIVALS_CV * ARRIVALS_CV);
	return take_whole(c, "the number of clients", CLIENTS_MAX, &clients);
}

static int take_window(struct cursor *c, bool totals, struct rate_window *ret)
{
	unsigned int want = totals ? 3 : 6, nr = cursor_fields(c);
	uint64_t start_s;
	int r;

	if (cursor_ended(c))
		return cursor_refuse(c, "empty line");
	if (cursor_is(c, TOTALS))
		return cursor_refuse(c, "the header once more");
	if (nr != want)
		return cursor_refuse(c, "%u fields instead of %u", nr, want);
	*ret = (struct rate_window){ .family = RATE_GAMMA };
	r = take_whole(c, "the start of the window", START_MAX_S, &start_s);
	if (!r)
		r = take_real(c, "the rate", RATE_MAX, &ret->rate_per_s);
	if (r)
		return r;
	ret->start_ns = start_s * NSEC_PER_SEC;
	return totals ? take_totals(c, ret) : take_client(c, ret);
}

/* From @r as the cursor stands, which is on the first line with a window. */
static int parse_windows(struct cursor *c, bool totals, struct rates *ret)
{
	struct rate_window one;
	uint64_t first_ns = 0;
	int r = 1;

	for (; r > 0; r = cursor_next(c)) {
		r = take_window(c, totals, &one);
		if (r)
			return r;
		if (!ret->nr)
			first_ns = one.start_ns;
		else if (one.start_ns <= first_ns + ret->v[ret->nr - 1].start_ns)
			return cursor_refuse(c, "the window does not start after the one before");
		one.start_ns -= first_ns;
		r = add(ret, &one);
		if (r)
			return r;
	}
	return r;
}

static uint64_t end_of_last(const struct rates *r)
{
	const struct rate_window *last = &r->v[r->nr - 1];

	return last->start_ns +
	       (r->nr > 1 ? last->start_ns - last[-1].start_ns : WINDOW_NS);
}

int rates_parse(const char *text, size_t len, struct rates *ret,
		struct text_error *err)
{
	struct rates windows = { 0 };
	struct cursor c;
	bool totals;
	int r = cursor_begin(&c, text, len, err);

	if (!r)
		r = cursor_next(&c);
	if (r < 0)
		return r;
	totals = cursor_is(&c, TOTALS);
	if (totals)
		r = cursor_next(&c);
	if (!r)
		return cursor_refuse(&c, "no window after the header");
	if (r > 0)
		r = parse_windows(&c, totals, &windows);
	if (r) {
		rates_free(&windows);
		return r;
	}
	windows.end_ns = end_of_last(&windows);
	*ret = windows;
	return 0;
}

double rates_peak(const struct rates *r, uint64_t end_ns)
{
	double peak = 0;

	for (size_t i = 0; i < r->nr && r->v[i].start_ns < end_ns; i++)
		if (r->v[i].rate_per_s > peak)
			peak = r->v[i].rate_per_s;
	return peak;
}

static double draw_gap(const struct rate_window *w, struct prng *p)
{
	if (w->family == RATE_WEIBULL)
		return pow(-log(prng_uniform(p)), 1 / w->shape) + DBL_MIN;
	return prng_gamma(p, w->shape) + DBL_MIN;
}

/* @n requests from @t->nr on, spread over the window; times are set at last. */
static int draw_window(const struct rate_window *w, uint64_t ns, size_t n,
		       struct prng *p, struct requests *t)
{
	double *at = calloc(n + 1, sizeof(*at)), sum = 0;
	struct request one;
	int r = at ? 0 : -ENOMEM;

	for (size_t i = 0; !r && i <= n; i++) {
		sum += draw_gap(w, p);
		at[i] = sum;
	}
	for (size_t i = 0; !r && i < n; i++) {
		arrivals_lengths(p, &one);
		one.arrival_ns = w->start_ns +
				 (uint64_t)(at[i] / sum * (double)ns);
		r = requests_add(t, &one);
	}
	free(at);
	return r;
}

int rates_draw(const struct rates *r, double factor, uint64_t end_ns,
	       uint64_t seed, struct requests *ret)
{
	struct requests table = { 0 };
	struct prng p = { seed };
	double carried = 0.5;
	int err = 0;

	if (!(factor > 0) || r->end_ns < end_ns)
		return -EINVAL;
	for (size_t i = 0; !err && i < r->nr && r->v[i].start_ns < end_ns;
	     i++) {
		uint64_t ns = (i + 1 < r->nr ? r->v[i + 1].start_ns :
			       r->end_ns) - r->v[i].start_ns;
		double n = r->v[i].rate_per_s * factor * (double)ns / 1e9;

		carried += n;
		if (carried + (double)table.nr > REQUESTS_MAX)
			err = -E2BIG;
		else
			err = draw_window(&r->v[i], ns, (size_t)carried, &p, &table);
		carried -= floor(carried);
	}
	while (!err && table.nr && table.v[table.nr - 1].arrival_ns >= end_ns)
		table.nr--;
	if (err)
		requests_free(&table);
	else
		*ret = table;
	return err;
}

void rates_free(struct rates *r)
{
	free(r->v);
	*r = (struct rates){ 0 };
}
