// SPDX-License-Identifier: GPL-2.0
/*
 * Samples: from what a collector pushed to one rate per signal
 *
 * A collector may know a signal as a rate (NVML: "utilisation 87 %") or as an
 * amount (a counter's delta over the window). Both end here as rates in fixed
 * units, so that no later stage has to ask. What is not valid stays invalid:
 * an unknown reading is never zero.
 */
#include "sample.h"

#define AG_PERMILLE_MAX	1000
/* 100 kW, above any board: energy sums stay in range for years of garbage. */
#define AG_POWER_MAX_MW	100000000

/**
 * ag_sample_check() - may this sample enter the core?
 * @s: sample as pushed, @time_ns already stamped
 *
 * Return: 0, or -EINVAL for an impossible window, unknown bits or no signal.
 */
int ag_sample_check(const struct accelgov_sample *s)
{
	if (s->window_ns < AG_WINDOW_MIN_NS || s->window_ns > AG_WINDOW_MAX_NS)
		return -EINVAL;
	if (!s->valid || (s->valid | s->amount) & ~AG_ALL_SIGNALS || s->pad)
		return -EINVAL;
	return 0;
}

/* Any amount per window, as a rate per second scaled by @unit. */
static u64 ag_rate(u64 amount, u64 window_ns, u64 unit)
{
	if (amount <= U64_MAX / unit)
		return div64_u64(amount * unit, window_ns);

	/* Garbage must saturate, not wrap. */
	if (div64_u64(amount, window_ns) >= U64_MAX / unit)
		return U64_MAX;
	return mul_u64_u64_div_u64(amount, unit, window_ns);
}

static u32 ag_clip(u64 value, u32 max)
{
	return value > max ? max : (u32)value;
}

/* ns of activity per ns of window, or per mille already. */
static u32 ag_share(const struct accelgov_sample *s, enum accelgov_signal sig)
{
	u64 v = s->val[sig];

	if (s->amount & BIT(sig))
		v = ag_rate(v, s->window_ns, AG_PERMILLE_MAX);
	return ag_clip(v, AG_PERMILLE_MAX);
}

/* item*us per window are thousandths of an item after times 1e6 over ns. */
static u32 ag_level(const struct accelgov_sample *s, enum accelgov_signal sig)
{
	u64 v = s->val[sig];

	if (s->amount & BIT(sig))
		v = ag_rate(v, s->window_ns, 1000000);
	return ag_clip(v, U32_MAX);
}

/**
 * ag_sample_rates() - bring a checked sample to rates
 * @s: sample that passed ag_sample_check()
 * @r: result
 */
void ag_sample_rates(const struct accelgov_sample *s, struct ag_rates *r)
{
	u64 clock = s->val[ACCELGOV_SIG_CLOCK];
	u64 power = s->val[ACCELGOV_SIG_POWER];
	u64 progress = s->val[ACCELGOV_SIG_PROGRESS];

	r->time_ns = s->time_ns;
	r->window_ns = s->window_ns;
	r->valid = s->valid;
	/* A counter of cycles knows the window's mean, a sensor its end. */
	if (s->valid & ~s->amount & BIT(ACCELGOV_SIG_CLOCK))
		r->valid |= AG_CLOCK_MOMENT;
	r->busy = ag_share(s, ACCELGOV_SIG_BUSY);
	r->compute = ag_share(s, ACCELGOV_SIG_COMPUTE);
	r->memory = ag_share(s, ACCELGOV_SIG_MEMORY);
	r->link = ag_share(s, ACCELGOV_SIG_LINK);
	r->host = ag_share(s, ACCELGOV_SIG_HOST);
	r->queue = ag_level(s, ACCELGOV_SIG_QUEUE);
	r->contexts = ag_level(s, ACCELGOV_SIG_CONTEXTS);

	/* cycles per ns are GHz: times 1e6 makes kHz; uJ per ns are kW. */
	if (s->amount & BIT(ACCELGOV_SIG_CLOCK))
		clock = ag_rate(clock, s->window_ns, 1000000);
	if (s->amount & BIT(ACCELGOV_SIG_POWER))
		power = ag_rate(power, s->window_ns, 1000000);
	if (s->amount & BIT(ACCELGOV_SIG_PROGRESS))
		progress = ag_rate(progress, s->window_ns, NSEC_PER_SEC);
	r->clock_khz = ag_clip(clock, U32_MAX);
	r->power_mw = ag_clip(power, AG_POWER_MAX_MW);
	r->progress = progress;
}
