// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz: measurements that device profiles are fitted to. The input is a sweep over
 * clocks and, behind a byte 0xff, a table of power limits. What is accepted is in
 * order and finite, and fitting it ends: with a fit, or with what is missing.
 */
#include <errno.h>
#include <math.h>

#include "fit/fit.h"
#include "fit/sweep.h"
#include "fuzz.h"

#define ROWS_MAX	40

static void check_rows(const struct sweep *s)
{
	HOLDS(s->nr && s->nr_phases && s->nr_phases <= SWEEP_PHASES_MAX);
	for (size_t i = 0; i < s->nr; i++) {
		const struct sweep_row *r = &s->row[i];

		HOLDS(r->phase < s->nr_phases);
		HOLDS(isfinite(r->setting) && r->setting > 0);
		HOLDS(isfinite(r->time_s) && r->time_s > 0);
		HOLDS(isfinite(r->power_w) && r->power_w > 0);
	}
}

/* Return: true when @s is filled, to be freed. */
static bool parse(struct bytes *in, enum sweep_kind kind, struct sweep *s)
{
	struct sweep_error err = { 0 };
	size_t len = 0;
	char *text = take_text(in, &len);
	int ret;

	if (!text)
		return false;
	ret = sweep_parse(text, len, kind, s, &err);
	free(text);
	if (ret) {
		HOLDS(!s->row && !s->nr);
		HOLDS(ret == -ENOMEM || err.reason[0]);
		return false;
	}
	check_rows(s);
	return true;
}

static void check_fit(const struct sweep *clocks, const struct sweep *limits)
{
	static struct fit fit;
	double time_s, power_w;
	int ret;

	ret = fit_sweep(clocks, limits, asim_profile_find("a100-sxm"), false,
			&fit);
	HOLDS(ret == 0 || ret == -ENODATA || ret == -ENOMEM);
	HOLDS(ret != -ENODATA || fit.nr_remarks);
	if (ret)
		return;
	for (uint32_t i = 0; i < fit.nr_phases; i++) {
		fit_predict(&fit, &fit.phase[i], fit.low_khz, &time_s,
			    &power_w);
		HOLDS(isfinite(time_s) && time_s > 0);
		HOLDS(isfinite(power_w) && power_w > 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = { data, data + size };
	static struct sweep clocks, limits;
	bool have_clocks, have_limits;

	memset(&clocks, 0, sizeof(clocks));
	memset(&limits, 0, sizeof(limits));
	have_clocks = parse(&in, SWEEP_CLOCK, &clocks);
	have_limits = parse(&in, SWEEP_LIMIT, &limits);
	/* Every row is left out once, which takes its time under sanitizers. */
	if (have_clocks && clocks.nr <= ROWS_MAX)
		check_fit(&clocks, have_limits ? &limits : NULL);
	sweep_free(&clocks);
	sweep_free(&limits);
	return 0;
}
