// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: how often an accelerator is read that is only observed
 *
 * What a reading takes is up to the driver: 50 us of CPU time where it answers from
 * memory, 600 us on an H200 (Documentation/hardware.rst), so ten a second of eight such
 * GPUs would take a twentieth of a CPU, for nothing but to be told. What observing may
 * take is bounded therefore, and each accelerator has an equal share of it.
 *
 * Reading all of the time at a lower rate would keep the bound as well, and tell
 * little: windows of seconds hold several phases each. What the observer says would be
 * saved falls to less than half of that at 1.6 s (selftests/unit/test_observer.c). So an
 * accelerator is looked at for seconds at the full rate, and rests in between.
 *
 *  1. A share earns credit as time goes by, and each reading takes what it has cost,
 *     the time for all that follows from it included.
 *  2. A look goes on while there is credit: for ever where readings are cheap.
 *  3. A rest begins when there is none, and ends when there is enough for a look of
 *     LOOK_READINGS. Where a reading shows that things have changed, a quarter of that
 *     is enough.
 *  4. Credit is kept for two looks and no more, or an accelerator that slept for a day
 *     would cost as much as eight for an hour.
 *  5. In a rest it is still read, for energy and owners, at half its share at most.
 *
 * LOOK_READINGS are 10 s of the usual 100 ms: several steps of most training jobs.
 */
#include "pace.h"

#define LOOK_READINGS	100
/* As things have changed: a look of so much less. */
#define NEWS_DIV	4
/* Looks that credit is kept for. */
#define KEPT_LOOKS	2
/* What a reading is taken to cost before one was made: 50 of them. */
#define FIRST_NS	25000000
#define MEAN_SHIFT	3
#define REST_US		5000000
#define REST_MAX_US	10000000
#define PPM		1000000ULL

void pace_init(struct pace *p, uint32_t share_ppm)
{
	*p = (struct pace){ .share_ppm = share_ppm, .credit_ns = FIRST_NS };
}

static int64_t look_ns(const struct pace *p)
{
	return (int64_t)(p->cost_ns * LOOK_READINGS);
}

static void earn(struct pace *p, uint64_t now_ns)
{
	int64_t most_ns = KEPT_LOOKS * look_ns(p);
	uint64_t us;

	if (most_ns < FIRST_NS)
		most_ns = FIRST_NS;
	/* Microseconds times ppm are picoseconds. */
	us = p->at_ns ? (now_ns - p->at_ns) / 1000 : 0;
	p->credit_ns += (int64_t)(us * p->share_ppm / 1000);
	if (p->credit_ns > most_ns)
		p->credit_ns = most_ns;
	p->at_ns = now_ns;
}

static void spend(struct pace *p, uint64_t spent_ns)
{
	p->credit_ns -= (int64_t)spent_ns;
	if (!p->cost_ns)
		p->cost_ns = spent_ns;
	else
		p->cost_ns += ((int64_t)spent_ns - (int64_t)p->cost_ns) >> MEAN_SHIFT;
}

void pace_read(struct pace *p, uint64_t now_ns, uint64_t spent_ns, bool news)
{
	earn(p, now_ns);
	spend(p, spent_ns);
	if (!p->resting)
		p->resting = p->credit_ns < 0;
	else
		p->resting = p->credit_ns < look_ns(p) / (news ? NEWS_DIV : 1);
}

void pace_look(struct pace *p)
{
	p->resting = false;
}

uint32_t pace_period_us(const struct pace *p, uint32_t period_us)
{
	uint64_t us;

	if (!p->resting)
		return period_us;
	us = p->share_ppm ? 2 * p->cost_ns * PPM / 1000 / p->share_ppm : REST_MAX_US;
	if (us > REST_MAX_US)
		return REST_MAX_US;
	return us < REST_US ? REST_US : (uint32_t)us;
}
