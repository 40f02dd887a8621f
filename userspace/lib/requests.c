// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "requests.h"

int requests_add(struct requests *r, const struct request *one)
{
	if (!one->context)
		return -EINVAL;
	if (r->nr && one->arrival_ns < r->v[r->nr - 1].arrival_ns)
		return -EINVAL;
	if (r->nr == r->room) {
		size_t room = r->room ? r->room * 2 : 1024;
		struct request *bigger = realloc(r->v, room * sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		r->v = bigger;
		r->room = room;
	}
	r->v[r->nr++] = *one;
	return 0;
}

void requests_scale(struct requests *r, double factor)
{
	for (size_t i = 0; i < r->nr; i++)
		r->v[i].arrival_ns =
			(uint64_t)((double)r->v[i].arrival_ns / factor);
}

void requests_cut(struct requests *r, uint64_t end_ns)
{
	while (r->nr && r->v[r->nr - 1].arrival_ns >= end_ns)
		r->nr--;
}

double requests_rate(const struct requests *r)
{
	uint64_t span_ns;

	if (r->nr < 2)
		return 0;
	span_ns = r->v[r->nr - 1].arrival_ns - r->v[0].arrival_ns;
	return span_ns ? (double)(r->nr - 1) * 1e9 / (double)span_ns : 0;
}

void requests_free(struct requests *r)
{
	free(r->v);
	*r = (struct requests){ 0 };
}
