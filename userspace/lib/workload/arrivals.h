/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Requests drawn from published statistics, for when there is no trace.
 */
#ifndef _LIB_ARRIVALS_H
#define _LIB_ARRIVALS_H

#include <stdint.h>

#include "prng.h"
#include "requests.h"

/**
 * struct arrivals_config - what to draw
 * @rate_per_s: mean rate of arrival, greater than 0
 * @cv: coefficient of variation of the time between two arrivals, greater
 *	than 0; 1 is Poisson, more is burstier
 * @duration_ns: length of the table
 * @seed: the same seed gives the same table
 */
struct arrivals_config {
	double rate_per_s;
	double cv;
	uint64_t duration_ns;
	uint64_t seed;
};

/* Coefficient of variation to use when there is no other wish. */
#define ARRIVALS_CV	1.10

/**
 * arrivals_draw() - make a table of requests
 * @cfg: what to draw
 * @ret: the table, set on success only; the first request arrives at 0
 *
 * Return: 0, -EINVAL for an impossible configuration, -ENOMEM.
 */
int arrivals_draw(const struct arrivals_config *cfg, struct requests *ret);

/**
 * arrivals_lengths() - draw how long prompt and answer of a request are
 * @p: where randomness comes from
 * @ret: its context and generated are set
 */
void arrivals_lengths(struct prng *p, struct request *ret);

#endif /* _LIB_ARRIVALS_H */
