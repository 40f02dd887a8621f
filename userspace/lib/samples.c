// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "samples.h"

int samples_add(struct samples *s, double v)
{
	if (s->nr == s->room) {
		size_t room = s->room ? s->room * 2 : 256;
		double *bigger = realloc(s->v, room * sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		s->v = bigger;
		s->room = room;
	}
	s->v[s->nr++] = v;
	s->sorted = false;
	return 0;
}

int samples_move(struct samples *s, struct samples *from)
{
	for (size_t i = 0; i < from->nr; i++)
		if (samples_add(s, from->v[i]))
			return -ENOMEM;
	from->nr = 0;
	return 0;
}

static int rising(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double samples_percentile(struct samples *s, double percent)
{
	double rank, part;
	size_t below;

	if (!s->nr)
		return NAN;
	if (!s->sorted) {
		qsort(s->v, s->nr, sizeof(*s->v), rising);
		s->sorted = true;
	}
	rank = percent / 100 * (double)(s->nr - 1);
	if (rank <= 0)
		return s->v[0];
	below = (size_t)rank;
	if (below >= s->nr - 1)
		return s->v[s->nr - 1];
	part = rank - (double)below;
	return s->v[below] + part * (s->v[below + 1] - s->v[below]);
}

double samples_mean(const struct samples *s)
{
	double sum = 0;

	for (size_t i = 0; i < s->nr; i++)
		sum += s->v[i];
	return s->nr ? sum / (double)s->nr : NAN;
}

void samples_free(struct samples *s)
{
	free(s->v);
	*s = (struct samples){ 0 };
}
