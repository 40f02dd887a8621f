// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: requests from published statistics
 *
 * Token counts: the percentiles below are those of the conversation trace of
 * the Azure LLM inference trace 2023 (AzureLLMInferenceTrace_conv.csv, 19,366
 * requests in 3,502 s, github.com/Azure/AzurePublicDataset at b469a113,
 * CC-BY-4.0; Patel et al., Splitwise, ISCA 2024). Between two of them the
 * quantile function is a straight line. Prompt and answer are drawn
 * independently of each other.
 *
 * Time between arrivals: gamma distributed. ServeGen (Xiang et al., 2025,
 * github.com/alibaba/ServeGen at f891d118) fits gamma or Weibull to each
 * client and 600 s window; the coefficient of variation of the four largest
 * language clients there has its quartiles at 1.04, 1.10 and 1.22, and the
 * Azure trace has 1.09 over its whole hour. Hence 1.10.
 */
#include <errno.h>
#include <math.h>

#include "arrivals.h"
#include "prng.h"

/* One point of a quantile function. */
struct quantile {
	double permille;
	double tokens;
};

static const struct quantile azure_conv_context[] = {
	{ 0, 2 },	{ 10, 29 },	{ 50, 181 },	{ 100, 207 },
	{ 200, 387 },	{ 250, 396 },	{ 300, 403 },	{ 400, 703 },
	{ 500, 1020 },	{ 600, 1071 },	{ 700, 1130 },	{ 750, 1189 },
	{ 800, 1315 },	{ 900, 2735 },	{ 950, 4083 },	{ 990, 4142 },
	{ 995, 4831 },	{ 1000, 14050 },
};

static const struct quantile azure_conv_generated[] = {
	{ 0, 7 },	{ 10, 16 },	{ 50, 41 },	{ 100, 54 },
	{ 200, 77 },	{ 250, 85 },	{ 300, 91 },	{ 400, 103 },
	{ 500, 129 },	{ 600, 177 },	{ 700, 384 },	{ 750, 395 },
	{ 800, 400 },	{ 900, 424 },	{ 950, 451 },	{ 990, 601 },
	{ 995, 643 },	{ 1000, 1000 },
};

static uint32_t draw_tokens(struct prng *p, const struct quantile *q)
{
	double at = prng_uniform(p) * 1000;

	while (q[1].permille < at)
		q++;
	at = (at - q->permille) / (q[1].permille - q->permille);
	return (uint32_t)lround(q->tokens + at * (q[1].tokens - q->tokens));
}

void arrivals_lengths(struct prng *p, struct request *ret)
{
	ret->context = draw_tokens(p, azure_conv_context);
	ret->generated = draw_tokens(p, azure_conv_generated);
}

int arrivals_draw(const struct arrivals_config *cfg, struct requests *ret)
{
	double mean_ns, shape, at_ns = 0;
	struct prng p = { cfg->seed };
	struct requests table = { 0 };
	int r;

	if (!(cfg->rate_per_s > 0) || !(cfg->cv > 0) || !cfg->duration_ns)
		return -EINVAL;
	mean_ns = 1e9 / cfg->rate_per_s;
	shape = 1 / (cfg->cv * cfg->cv);
	while (at_ns < (double)cfg->duration_ns) {
		struct request one = { .arrival_ns = (uint64_t)at_ns };

		arrivals_lengths(&p, &one);
		r = requests_add(&table, &one);
		if (r) {
			requests_free(&table);
			return r;
		}
		at_ns += prng_gamma(&p, shape) * mean_ns;
	}
	*ret = table;
	return 0;
}
