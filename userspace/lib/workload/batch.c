// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: batch jobs
 *
 * Observation. Most jobs of a research cluster are short and on one device:
 * half of the GPU jobs on Seren and Kalos (AcmeTrace, Hu et al., NSDI 2024) run
 * for less than 122 and 124 s on one GPU. Between two of them, and while a user
 * thinks, the device is idle; see gaps.c.
 *
 * 1. The length of a job is lognormal with a median of 122 s, cut at 10 s
 *    and at an hour. Its spread, a factor of e, is a model figure: the published
 *    mean of 1400 s comes from jobs of many hours, which have no gaps to show.
 * 2. A job begins with a wait for its input of 0.5 to 2 s.
 * 3. Then compute for 4 to 12 s and memory for 1 to 4 s take turns until its
 *    length is used up: model figures, the phases of data processing, scoring or
 *    fine-tuning with an evaluation now and then.
 * 4. It ends with its result going to the host, 0.5 to 2 s.
 * 5. A gap follows.
 */
#include <math.h>

#include "../../../kmod/uapi/accelgov.h"
#include "batch.h"
#include "gaps.h"

#define NSEC_PER_SEC	1000000000ULL
#define MEDIAN_S	122.0
#define SIGMA		1.0
#define MIN_S		10.0
#define MAX_S		3600.0

struct draw {
	struct prng p;
	struct segments list;
	uint64_t ns;
};

static uint64_t uniform_ns(struct draw *d, double low_s, double high_s)
{
	return (uint64_t)(1e9 * (low_s + (high_s - low_s) *
				 prng_uniform(&d->p)));
}

static int add(struct draw *d, uint32_t phase, uint64_t ns, uint64_t idle_ns)
{
	struct segment one = {
		.work.label = phase,
		.duration_ns = ns,
		.idle_ns = idle_ns,
		.repeat = 1,
	};

	d->ns += ns + idle_ns;
	return segments_add(&d->list, &one);
}

static uint64_t job_ns(struct draw *d)
{
	double s = MEDIAN_S * exp(SIGMA * prng_normal(&d->p));

	return (uint64_t)(1e9 * fmin(fmax(s, MIN_S), MAX_S));
}

static int draw_job(struct draw *d)
{
	uint64_t end_ns = d->ns + job_ns(d);
	int r = add(d, ACCELGOV_PHASE_STALL, uniform_ns(d, 0.5, 2), 0);

	while (!r && d->ns < end_ns) {
		r = add(d, ACCELGOV_PHASE_COMPUTE, uniform_ns(d, 4, 12), 0);
		if (!r)
			r = add(d, ACCELGOV_PHASE_MEMORY, uniform_ns(d, 1, 4),
				0);
	}
	return r ? r : add(d, ACCELGOV_PHASE_CHECKPOINT,
			   uniform_ns(d, 0.5, 2), gap_draw(&d->p));
}

int batch_draw(uint64_t seed, uint64_t duration_ns, struct segments *ret)
{
	struct draw d = { .p.state = seed };
	int r = 0;

	while (!r && d.ns < duration_ns)
		r = draw_job(&d);
	if (r)
		segments_free(&d.list);
	else
		*ret = d.list;
	return r;
}
