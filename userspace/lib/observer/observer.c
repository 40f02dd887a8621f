// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: what accelgov would do
 *
 * The core runs as for a device whose min_freq is its top clock: its target is the
 * top clock and the clock signal shows that. So everything that it learns is true.
 * Three things differ from a device that follows:
 *
 *  1. The core wants a clock after each window. It is taken, within the limits of
 *     the phase, when the core would have found it worth a switch.
 *  2. Work that was done in a busy time b at the clock of the hardware would have
 *     taken b * t(would) / t(is). The difference is lost time, and the guard's
 *     books get it on top of what the core booked: price, plan and guard answer
 *     to it as to a real loss.
 *  3. The energy of the window, times the ratio of power at both clocks and of the
 *     time, is what it would have used.
 *
 * Where the clock of the hardware is below the wanted one, by a power limit or by
 * itself, the wanted one would change nothing. A change is taken to be in force
 * from the next window on.
 *
 * Without a second clock no pair is ever compared: time comes from counters and
 * what the core adds to them at first, power from its priors. A core that acts goes
 * no lower than an eighth below the clocks that it has compared, which here are
 * none; this one believes its models. Progress is kept from it: that can only say
 * something about two clocks.
 */
#include <errno.h>

#include "observer.h"

/* As in the core: a smaller difference is not worth a switch. */
#define STEP_DIV	50

void observer_config(const struct config_device *config, uint32_t period_us,
		     struct ag_config *ret_cfg)
{
	const struct config_phase *p;
	struct ag_config cfg;
	unsigned int phase;

	ag_config_default(&cfg);
	cfg.sample_period_us = clamp_t(uint32_t, period_us, 1000, 100000);
	if (config->budget_permille.known)
		cfg.budget_permille = config->budget_permille.value;
	if (config->cap_uw.known)
		cfg.power_cap_mw = config->cap_uw.value / 1000;
	for (phase = 0; phase < ACCELGOV_PHASE_NR; phase++) {
		p = &config->phase[phase];
		if (p->min_freq_hz.known)
			cfg.phase[phase].min_khz = p->min_freq_hz.value / 1000;
		if (p->max_freq_hz.known)
			cfg.phase[phase].max_khz = p->max_freq_hz.value / 1000;
		if (p->budget_permille.known)
			cfg.phase[phase].budget_permille =
				p->budget_permille.value;
	}
	*ret_cfg = cfg;
}

uint32_t observer_thin(const uint32_t *khz, size_t nr, uint32_t *ret_khz)
{
	size_t i;

	if (nr <= AG_OPP_MAX) {
		memcpy(ret_khz, khz, nr * sizeof(*khz));
		return nr;
	}
	for (i = 0; i < AG_OPP_MAX; i++)
		ret_khz[i] = khz[i * (nr - 1) / (AG_OPP_MAX - 1)];
	return AG_OPP_MAX;
}

/* The core's target is what the hardware is left at. */
static void hold_top(struct observer *o, uint64_t now_ns)
{
	uint32_t top = ag_opp_top_khz(&o->core.opp);
	struct ag_decision d;

	ag_core_decide(&o->core, top, top, &d);
	ag_core_applied(&o->core, top, now_ns);
	/* Nothing was switched, so no switch is to be waited for. */
	o->core.applied_ns = 0;
}

int observer_init(struct observer *o, const uint32_t *khz, uint32_t nr,
		  const struct ag_config *cfg, uint64_t now_ns)
{
	struct ag_opp opps[AG_OPP_MAX] = { 0 };
	struct observer fresh = { 0 };
	uint32_t i;
	int ret;

	if (!nr || nr > AG_OPP_MAX)
		return -EINVAL;
	for (i = 0; i < nr; i++)
		opps[i].khz = khz[i];
	ret = ag_core_init(&fresh.core, opps, nr, cfg, now_ns);
	if (ret)
		return ret;
	ag_sens_believe(&fresh.core.sens);
	hold_top(&fresh, now_ns);
	*o = fresh;
	return 0;
}

static uint32_t clock_of(const struct observer *o)
{
	const struct ag_rates *r = &o->core.rates;

	if (ag_valid(r, ACCELGOV_SIG_CLOCK) && r->clock_khz)
		return r->clock_khz;
	return ag_opp_top_khz(&o->core.opp);
}

/* Clock that would have been in force during the last window. */
static uint32_t would_of(const struct observer *o)
{
	uint32_t is = clock_of(o);

	return o->would_khz && o->would_khz < is ? o->would_khz : is;
}

/* Time at the clock that would be, against the one that is. */
static uint64_t slower(const struct observer *o)
{
	const struct ag_core *c = &o->core;
	uint64_t would, is;

	would = ag_sens_slower(&c->sens, c->phase.now, &c->opp, would_of(o));
	is = ag_sens_slower(&c->sens, c->phase.now, &c->opp, clock_of(o));
	return (would << AG_ONE_SHIFT) / is;
}

static uint64_t power_at(const struct observer *o, uint32_t khz)
{
	const struct ag_core *c = &o->core;
	uint32_t at = ag_opp_floor(&c->opp, khz);

	return ag_sens_power(ag_sens_dynamic(&c->sens, c->phase.now),
			     c->opp.dyn[at]);
}

/* Busy part of the last window, of AG_ONE. */
static uint64_t busy_of(const struct observer *o)
{
	const struct ag_rates *r = &o->core.rates;

	if (ag_valid(r, ACCELGOV_SIG_BUSY))
		return (uint64_t)r->busy * AG_ONE / 1000;
	return ag_sens_scales(o->core.phase.now) ? AG_ONE : 0;
}

/* Energy that the last window would have taken, of AG_ONE. */
static uint64_t energy_ratio(const struct observer *o)
{
	uint64_t longer = slower(o) - AG_ONE;
	uint64_t power;

	power = (power_at(o, would_of(o)) << AG_ONE_SHIFT) /
		power_at(o, clock_of(o));
	return power * (AG_ONE + (busy_of(o) * longer >> AG_ONE_SHIFT)) >>
	       AG_ONE_SHIFT;
}

static void book_time(struct observer *o)
{
	struct ag_core *c = &o->core;
	uint64_t busy_us, lost_us;
	uint32_t is;

	is = ag_sens_slower(&c->sens, c->phase.now, &c->opp, clock_of(o));
	busy_us = c->rates.window_ns / 1000 * busy_of(o) >> AG_ONE_SHIFT;
	lost_us = busy_us * (slower(o) - AG_ONE) >> AG_ONE_SHIFT;
	o->work_us += (busy_us << AG_ONE_SHIFT) / is;
	o->lost_us += lost_us;
	ag_guard_account(&c->guard, c->rates.time_ns, 0, (uint32_t)lost_us,
			 c->cfg.budget_permille);
}

/* Milliwatts for a millisecond are microjoules; 0 where power is not known. */
static uint64_t energy_uj(const struct ag_rates *r)
{
	if (!ag_valid(r, ACCELGOV_SIG_POWER))
		return 0;
	return (uint64_t)r->power_mw * (r->window_ns / 1000) / 1000;
}

static void book_energy(struct observer *o)
{
	uint64_t used_uj = energy_uj(&o->core.rates);

	o->used_uj += used_uj;
	o->saved_uj += (int64_t)used_uj -
		       (int64_t)(used_uj * energy_ratio(o) >> AG_ONE_SHIFT);
}

static uint32_t limited(const struct observer *o)
{
	const struct ag_core *c = &o->core;
	const struct ag_phase_limits *l = &c->cfg.phase[c->phase.now];
	uint32_t khz = c->want_khz, top = ag_opp_top_khz(&c->opp);

	if (l->max_khz)
		khz = min_t(uint32_t, khz, l->max_khz);
	if (l->min_khz)
		khz = max_t(uint32_t, khz, l->min_khz);
	return clamp_t(uint32_t, khz, c->opp.khz[0], top);
}

static bool worth(const struct observer *o, uint32_t khz, bool changed)
{
	uint32_t old = o->would_khz;
	uint32_t diff = old > khz ? old - khz : khz - old;

	if (!old)
		return true;
	if (changed || o->core.want_reason == AG_REASON_GUARD ||
	    o->core.want_reason == AG_REASON_PROBE)
		return diff;
	return diff > old / STEP_DIV;
}

static bool choose(struct observer *o, bool changed)
{
	uint32_t khz = limited(o);

	if (!worth(o, khz, changed))
		return false;
	o->changes += khz != o->would_khz;
	o->would_khz = khz;
	o->reason = o->core.want_reason;
	return true;
}

int observer_sample(struct observer *o, const struct accelgov_sample *sample)
{
	struct ag_core *c = &o->core;
	struct ag_rates rates;
	uint64_t seen;
	uint32_t ev;

	if (ag_sample_check(sample) || sample->time_ns < sample->window_ns ||
	    !(sample->valid & ~BIT(ACCELGOV_SIG_PROGRESS)))
		return -EINVAL;
	if (c->samples && ag_core_stale(c, sample->time_ns - sample->window_ns))
		observer_lost(o, sample->time_ns - sample->window_ns);
	ag_sample_rates(sample, &rates);
	rates.valid &= ~BIT(ACCELGOV_SIG_PROGRESS);
	seen = c->samples;
	ev = ag_core_sample(c, &rates);
	if (c->samples == seen)
		return 0;
	book_time(o);
	book_energy(o);
	return choose(o, ev & AG_EV_PHASE || c->aged);
}

void observer_skip(struct observer *o, const struct accelgov_sample *sample)
{
	struct ag_rates rates;
	uint64_t used_uj;

	if (ag_sample_check(sample) || !sample->window_ns)
		return;
	ag_sample_rates(sample, &rates);
	used_uj = energy_uj(&rates);
	if (o->used_uj)
		o->saved_uj += (int64_t)((double)used_uj * (double)o->saved_uj /
					 (double)o->used_uj);
	o->used_uj += used_uj;
}

void observer_lost(struct observer *o, uint64_t now_ns)
{
	ag_core_lost_signals(&o->core, now_ns);
	o->would_khz = ag_opp_top_khz(&o->core.opp);
	o->reason = AG_REASON_FALLBACK;
}

int32_t observer_saving_permille(const struct observer *o)
{
	return 1000 - (int32_t)(energy_ratio(o) * 1000 >> AG_ONE_SHIFT);
}

uint32_t observer_slowdown_permille(const struct observer *o)
{
	if (!o->work_us)
		return 0;
	return (uint32_t)(o->lost_us * 1000 / o->work_us);
}
