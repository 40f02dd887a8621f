// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: how much load is realistic
 *
 * Observation. A serving engine takes far more requests per second than it can
 * answer well: batches grow, prefill goes first, and running answers stutter.
 * Operators plan for latency, not for saturation, and for the peak of the day.
 *
 * Model. Capacity is the highest rate of arrival at which 99 of 100 requests
 * get a token every 40 ms or faster, at the top clock. 40 ms is the limit that
 * MLPerf Inference sets for interactive use of Llama-2-70B. Runs take three
 * fifths of the capacity unless told otherwise.
 *
 * 1. The first ten minutes of the table, arrivals scaled to a trial rate, are
 *    rehearsed on the device at its top clock.
 * 2. The trial rate is bisected between 0.05 and 100 requests per second until
 *    it is known to 2 %.
 *
 * Prompts of tens of thousands of tokens, such as Mooncake's, each hold up the
 * answers that run beside them for seconds: no rate keeps that limit then.
 * What is left to plan with is throughput: requests per second that the engine
 * gets done when there are always some waiting. Above it the queue grows.
 */
#include <errno.h>
#include <math.h>
#include <stdbool.h>

#include "load.h"

#define REHEARSAL_NS	(600 * 1000000000ULL)
#define RATE_MIN	0.05
#define RATE_MAX	100.0
#define RATE_STEP	1.02

/**
 * struct outcome - what a rehearsal showed
 * @good: 99 of 100 requests get their tokens within LOAD_TPOT_MS
 * @through_per_s: requests that the engine is through with, be it to refuse them; 0
 *	when it has answered none
 */
struct outcome {
	bool good;
	double through_per_s;
};

static int rehearse(const struct serving_config *cfg,
		    const struct rehearsal_device *device, struct outcome *ret)
{
	const struct job_stats *stats;
	struct rehearsal out;
	struct job *job;
	int r = serving_new(cfg, &job);

	if (r)
		return r;
	r = rehearsal_run(job, device, &out);
	stats = &job->stats;
	*ret = (struct outcome){ 0 };
	if (!r && stats->requests_done && out.end_ns) {
		ret->good = samples_percentile(&job->stats.tpot_ms, 99) <=
			    LOAD_TPOT_MS;
		ret->through_per_s = (double)(stats->requests_done +
					      stats->requests_rejected) *
				     1e9 / (double)out.end_ns;
	}
	job_free(job);
	return r;
}

static int try_rate(const struct serving_config *cfg,
		    const struct rehearsal_device *device, double rate_per_s,
		    struct outcome *ret)
{
	double factor = rate_per_s / requests_rate(cfg->requests);
	struct serving_config trial = *cfg;
	struct requests table;
	int r = requests_excerpt(cfg->requests, factor, REHEARSAL_NS, &table);

	if (r)
		return r;
	trial.requests = &table;
	trial.end_ns = REHEARSAL_NS;
	r = rehearse(&trial, device, ret);
	requests_free(&table);
	return r;
}

int load_capacity(const struct serving_config *cfg,
		  const struct rehearsal_device *device, double *ret)
{
	double low = RATE_MIN, high = RATE_MAX;
	struct outcome out;
	int r;

	if (requests_rate(cfg->requests) <= 0)
		return -EINVAL;
	r = try_rate(cfg, device, low, &out);
	if (r)
		return r;
	if (!out.good)
		return -EDOM;
	while (high / low > RATE_STEP) {
		double middle = sqrt(low * high);

		r = try_rate(cfg, device, middle, &out);
		if (r)
			return r;
		*(out.good ? &low : &high) = middle;
	}
	*ret = low;
	return 0;
}

int load_throughput(const struct serving_config *cfg,
		    const struct rehearsal_device *device, double *ret)
{
	struct outcome out;
	int r;

	if (requests_rate(cfg->requests) <= 0)
		return -EINVAL;
	r = try_rate(cfg, device, RATE_MAX, &out);
	if (r)
		return r;
	if (out.through_per_s <= 0)
		return -EINVAL;
	*ret = out.through_per_s;
	return 0;
}

double load_scale(const struct requests *table, double rate_per_s,
		  uint64_t duration_ns)
{
	size_t want = (size_t)lround(rate_per_s * (double)duration_ns / 1e9);

	if (!want || want >= table->nr)
		return 0;
	return (double)table->v[want].arrival_ns / (double)duration_ns;
}
