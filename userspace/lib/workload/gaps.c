// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: idle gaps
 *
 * Observation. On 756 GPUs of an academic cluster, watched for 31 days (arXiv
 * 2605.23918), a device that holds a job is idle for a fifth of the time, in
 * serving for 61 %: no activity above 5 %, no link above 1 GB/s, for at least
 * 5 s. Half of these intervals are longer than 9 s, a tenth longer than 44 s,
 * a hundredth longer than 836 s.
 *
 * Model. Between those points the logarithm of the length is a straight line
 * over the logarithm of the share of longer intervals, which makes each part a
 * Pareto distribution. The shortest are 5 s, by definition. Beyond the last
 * point the line goes on to an hour, which then stands for all longer ones; that
 * end is a model figure. The mean is 47 s.
 */
#include <math.h>
#include <stddef.h>

#include "gaps.h"

static const struct point {
	double share;
	double s;
} published[] = {
	{ 1, 5 }, { 0.5, 9 }, { 0.1, 44 }, { 0.01, 836 },
};

#define NR	(sizeof(published) / sizeof(published[0]))

uint64_t gap_quantile(double share)
{
	size_t i = 0;
	double slope, ns;

	while (i + 2 < NR && share < published[i + 1].share)
		i++;
	slope = log(published[i + 1].s / published[i].s) /
		log(published[i].share / published[i + 1].share);
	ns = 1e9 * published[i].s * pow(published[i].share / share, slope);
	return ns < GAP_MAX_NS ? (uint64_t)ns : GAP_MAX_NS;
}
