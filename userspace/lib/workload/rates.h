/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rates of arrival by window of time, as ServeGen publishes them, and requests
 * drawn from them.
 */
#ifndef _LIB_RATES_H
#define _LIB_RATES_H

#include <stddef.h>
#include <stdint.h>

#include "cursor.h"
#include "requests.h"

/**
 * enum rate_family - distribution of the time between two arrivals
 * @RATE_GAMMA: gamma
 * @RATE_WEIBULL: Weibull
 */
enum rate_family { RATE_GAMMA, RATE_WEIBULL };

/**
 * struct rate_window - one window
 * @start_ns: after the start of the first window
 * @rate_per_s: mean rate of arrival
 * @family: distribution of the time between two arrivals
 * @shape: its first parameter; the second one is a scale, which follows from
 *	the rate
 */
struct rate_window {
	uint64_t start_ns;
	double rate_per_s;
	enum rate_family family;
	double shape;
};

/**
 * struct rates - windows in the order of time, without gaps
 * @v: the windows
 * @nr: how many there are
 * @room: how many fit before the array grows
 * @end_ns: end of the last one
 */
struct rates {
	struct rate_window *v;
	size_t nr;
	size_t room;
	uint64_t end_ns;
};

/**
 * rates_parse() - read windows
 * @text: the whole file
 * @len: its length in bytes
 * @ret: the windows, set on success only
 * @err: where and why, set on -EINVAL
 *
 * Either one client as ServeGen publishes it, ``chunk-*-trace.csv``: no header,
 * start of the window in seconds, requests per second, coefficient of variation
 * of the time between arrivals, ``Gamma`` or ``Weibull``, its shape and scale;
 * a window without requests has no distribution. Or sums over clients under the
 * header ``window_start_s,total_rate_req_s,active_clients``, which are taken for
 * gamma distributed as in arrivals.h.
 *
 * A window lasts until the next one, the last as long as the one before it, a
 * single one 600 s.
 *
 * Return: 0, -EINVAL with @err filled, or -ENOMEM.
 */
int rates_parse(const char *text, size_t len, struct rates *ret,
		struct text_error *err);

/**
 * rates_peak() - rate of the busiest window
 * @r: the windows
 * @end_ns: windows that begin then or later do not count
 *
 * Return: requests per second.
 */
double rates_peak(const struct rates *r, uint64_t end_ns);

/**
 * rates_draw() - make a table of requests
 * @r: the windows
 * @factor: on all rates, greater than 0
 * @end_ns: length of the table, at most that of all windows
 * @seed: the same seed gives the same table
 * @ret: the table, set on success only
 *
 * Each window gets as many requests as its rate says, to one; their lengths are
 * drawn as in arrivals.h, for the windows have none.
 *
 * Return: 0, -EINVAL when the windows are shorter than @end_ns, -E2BIG when they
 * hold more than 33 million requests, -ENOMEM.
 */
int rates_draw(const struct rates *r, double factor, uint64_t end_ns,
	       uint64_t seed, struct requests *ret);

/**
 * rates_free() - give the memory back and leave no windows
 * @r: the windows
 */
void rates_free(struct rates *r);

#endif /* _LIB_RATES_H */
