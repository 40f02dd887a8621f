// SPDX-License-Identifier: GPL-2.0
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results.h"

void result_init(struct result *r)
{
	const struct result_percentiles none = { NAN, NAN };

	*r = (struct result){
		.elapsed_s = NAN, .energy_j = NAN, .work = NAN,
		.energy_per_work_j = NAN, .slowdown_permille = NAN,
		.ttft_ms = none, .tpot_ms = none, .transitions = NAN,
		.phase_accuracy_permille = NAN, .decision_latency_us = none,
		.collector_ns_per_sample = NAN, .slowdown_ref_permille = NAN,
		.slowdown_minute_permille = NAN,
		.saving_permille = NAN, .step_time_ms = none,
		.mean_power_w = NAN, .wake_ms = NAN, .budget_permille = NAN,
		.rate_scale = NAN, .request_rate_per_s = NAN,
		.requests_done = NAN, .seed = NAN, .phase_f1_permille = NAN,
		.phase_window_f1_permille = NAN, .phase_delay_p50_windows = NAN,
		.phase_delay_p95_windows = NAN, .confidence_error_permille = NAN,
		.idle_energy_j = NAN, .suspends = NAN, .wake_latency_ms = none,
	};
}

const struct result *results_baseline(const struct results *all,
				      const struct result *r)
{
	for (size_t i = 0; i < all->nr; i++) {
		const struct result *b = &all->run[i];

		if (!strcmp(b->governor, "performance") &&
		    !strcmp(b->workload, r->workload) &&
		    !strcmp(b->profile, r->profile))
			return b;
	}
	return NULL;
}

void results_compare(struct results *all)
{
	for (size_t i = 0; i < all->nr; i++) {
		struct result *r = &all->run[i];
		const struct result *b = results_baseline(all, r);

		r->saving_permille = NAN;
		r->slowdown_permille = r->slowdown_ref_permille;
		if (!b)
			continue;
		r->saving_permille = 1000 * (1 - r->energy_per_work_j /
						     b->energy_per_work_j);
		r->slowdown_permille =
			1000 * ((1000 + r->slowdown_ref_permille) /
					(1000 + b->slowdown_ref_permille) - 1);
	}
}

const char *results_series_name(const struct result *r, char *buf, size_t size)
{
	snprintf(buf, size, "%s-%s-%s.csv", r->workload, r->governor,
		 r->device);
	return buf;
}

void results_free(struct results *all)
{
	free(all->run);
	*all = (struct results){ 0 };
}
