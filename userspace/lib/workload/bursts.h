/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Requests that come in bursts, with idle time in between.
 */
#ifndef _LIB_BURSTS_H
#define _LIB_BURSTS_H

#include <stdint.h>

#include "requests.h"

/**
 * struct bursts_config - what to make
 * @from: requests to be taken in order, at least one; from the first one again
 *	when there are no more
 * @factor: on their rate of arrival within a burst, greater than 0
 * @duration_ns: length of the result
 * @seed: the same seed gives the same bursts
 * @answer_ns: when a device at its top clock that got nothing but these requests
 *	has answered them, after the arrival of the first one
 * @context: first argument of @answer_ns
 */
struct bursts_config {
	const struct requests *from;
	double factor;
	uint64_t duration_ns;
	uint64_t seed;
	int (*answer_ns)(void *context, const struct requests *burst,
			 uint64_t *ret_ns);
	void *context;
};

/**
 * bursts_draw() - make a table of requests
 * @cfg: what to make
 * @ret: the table, set on success only
 *
 * Return: 0, -EINVAL for an impossible configuration, -ENOMEM, or what
 * @answer_ns failed with.
 */
int bursts_draw(const struct bursts_config *cfg, struct requests *ret);

#endif /* _LIB_BURSTS_H */
