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

static int take(struct requests *r, struct cursor *c, uint64_t *first_ns,
		struct request *one)
{
	uint64_t last_ns = r->nr ? r->v[r->nr - 1].arrival_ns : 0;

	if (!r->nr)
		*first_ns = one->arrival_ns;
	if (one->arrival_ns < *first_ns + last_ns)
		return cursor_refuse(c, "earlier than the line before");
	one->arrival_ns -= *first_ns;
	return requests_add(r, one);
}

int requests_read(struct cursor *c,
		  int (*line)(struct cursor *c, struct request *ret),
		  struct requests *ret)
{
	struct requests table = { 0 };
	uint64_t first_ns = 0;
	struct request one;
	int r;

	while ((r = cursor_next(c)) > 0) {
		r = line(c, &one);
		if (!r)
			r = take(&table, c, &first_ns, &one);
		if (r)
			break;
	}
	if (!r && !table.nr) {
		c->line = 0;
		r = cursor_refuse(c, "there is no request in it");
	}
	if (r)
		requests_free(&table);
	else
		*ret = table;
	return r;
}

static uint64_t scaled(const struct request *one, double factor)
{
	double ns = (double)one->arrival_ns / factor;

	/* Beyond all times is never. */
	return ns < 0x1p64 ? (uint64_t)ns : UINT64_MAX;
}

int requests_excerpt(const struct requests *from, double factor,
		     uint64_t end_ns, struct requests *ret)
{
	struct requests to = { 0 };

	while (to.nr < from->nr && scaled(&from->v[to.nr], factor) < end_ns)
		to.nr++;
	to.room = to.nr;
	to.v = calloc(to.nr + 1, sizeof(*to.v));
	if (!to.v)
		return -ENOMEM;
	for (size_t i = 0; i < to.nr; i++) {
		to.v[i] = from->v[i];
		to.v[i].arrival_ns = scaled(&from->v[i], factor);
	}
	*ret = to;
	return 0;
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
