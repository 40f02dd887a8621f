// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: bursts of requests
 *
 * Observation. A device that serves few users, or one model of many, is not lightly
 * loaded all the time: it is loaded as planned for a while and then has nothing
 * to do. Execution-idle makes up 61 % of the time of serving (gaps.c).
 *
 * 1. A burst takes requests from a table as they stand there, at the rate at
 *    which the device would be planned to run.
 * 2. It goes on for a time that is exponentially distributed with a mean of
 *    31 s: with the gaps of gaps.c and what is still being answered after the
 *    last arrival, the device is idle for 61 % of the time then.
 * 3. The burst is rehearsed at the top clock. The next one begins a gap after
 *    all is answered, so that gaps at the top clock have the published lengths.
 *    A slower device gets the same requests at the same times and a shorter gap.
 */
#include <errno.h>
#include <math.h>

#include "bursts.h"
#include "gaps.h"

#define BURST_MEAN_S	31.0

struct draw {
	const struct bursts_config *cfg;
	struct prng p;
	size_t next;
	struct requests burst;
	struct requests table;
};

/* The next requests that arrive within @length_ns of the first of them. */
static int fill_burst(struct draw *d, uint64_t length_ns)
{
	const struct requests *from = d->cfg->from;
	uint64_t first_ns = from->v[d->next].arrival_ns;
	int r = 0;

	d->burst.nr = 0;
	while (!r) {
		struct request one = from->v[d->next];
		double ns = (double)(one.arrival_ns - first_ns) /
			    d->cfg->factor;

		if (ns > (double)length_ns)
			break;
		one.arrival_ns = (uint64_t)ns;
		r = requests_add(&d->burst, &one);
		if (++d->next < from->nr)
			continue;
		d->next = 0;
		break;
	}
	return r;
}

static int append_burst(struct draw *d, uint64_t start_ns)
{
	int r = 0;

	for (size_t i = 0; !r && i < d->burst.nr; i++) {
		struct request one = d->burst.v[i];

		one.arrival_ns += start_ns;
		if (one.arrival_ns >= d->cfg->duration_ns)
			break;
		r = requests_add(&d->table, &one);
	}
	return r;
}

static int draw_burst(struct draw *d, uint64_t *at_ns)
{
	double length_s = -BURST_MEAN_S * log(prng_uniform(&d->p));
	uint64_t took_ns;
	int r = fill_burst(d, (uint64_t)(1e9 * length_s));

	if (!r)
		r = append_burst(d, *at_ns);
	if (!r)
		r = d->cfg->answer_ns(d->cfg->context, &d->burst, &took_ns);
	if (!r)
		*at_ns += took_ns + gap_draw(&d->p);
	return r;
}

int bursts_draw(const struct bursts_config *cfg, struct requests *ret)
{
	struct draw d = { .cfg = cfg, .p.state = cfg->seed };
	uint64_t at_ns = 0;
	int r = cfg->from->nr && cfg->factor > 0 ? 0 : -EINVAL;

	while (!r && at_ns < cfg->duration_ns)
		r = draw_burst(&d, &at_ns);
	requests_free(&d.burst);
	if (r)
		requests_free(&d.table);
	else
		*ret = d.table;
	return r;
}
