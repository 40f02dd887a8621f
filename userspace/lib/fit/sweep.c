// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sweep.h"

int sweep_phase(struct sweep *sweep, const char *name)
{
	uint32_t i;

	for (i = 0; i < sweep->nr_phases; i++)
		if (!strcmp(sweep->phase[i], name))
			return (int)i;
	if (i == SWEEP_PHASES_MAX)
		return -ENOSPC;
	snprintf(sweep->phase[i], sizeof(sweep->phase[i]), "%s", name);
	sweep->nr_phases++;
	return (int)i;
}

int sweep_add(struct sweep *sweep, const struct sweep_row *row)
{
	if (sweep->nr == sweep->room) {
		size_t room = sweep->room ? sweep->room * 2 : 256;
		struct sweep_row *more = realloc(sweep->row,
						 room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		sweep->row = more;
		sweep->room = room;
	}
	sweep->row[sweep->nr++] = *row;
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct sweep_row *one = a, *two = b;

	if (one->phase != two->phase)
		return one->phase < two->phase ? -1 : 1;
	if (one->setting != two->setting)
		return one->setting < two->setting ? -1 : 1;
	/* An order of its own keeps sums the same whatever the file's order. */
	if (one->time_s != two->time_s)
		return one->time_s < two->time_s ? -1 : 1;
	return one->power_w < two->power_w ? -1 : one->power_w > two->power_w;
}

/* The mean of rows @from to @to of time and of energy. */
static struct sweep_row mean(const struct sweep *s, size_t from, size_t to)
{
	struct sweep_row m = s->row[from];
	double time_s = 0, energy_j = 0;

	for (size_t i = from; i < to; i++) {
		time_s += s->row[i].time_s;
		energy_j += s->row[i].time_s * s->row[i].power_w;
	}
	m.time_s = time_s / (double)(to - from);
	m.power_w = energy_j / time_s;
	return m;
}

void sweep_sort(struct sweep *sweep)
{
	size_t nr = 0, end;

	if (!sweep->nr)
		return;
	qsort(sweep->row, sweep->nr, sizeof(*sweep->row), compare);
	for (size_t i = 0; i < sweep->nr; i = end) {
		for (end = i + 1; end < sweep->nr; end++)
			if (sweep->row[end].phase != sweep->row[i].phase ||
			    sweep->row[end].setting != sweep->row[i].setting)
				break;
		sweep->repeated += (uint32_t)(end - i - 1);
		sweep->row[nr++] = mean(sweep, i, end);
	}
	sweep->nr = nr;
}

void sweep_free(struct sweep *sweep)
{
	free(sweep->row);
	*sweep = (struct sweep){ 0 };
}
