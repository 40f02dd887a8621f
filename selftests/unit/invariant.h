/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What holds for the policy core whatever it was fed. Each check returns what
 * does not hold, or NULL.
 */
#ifndef _UNIT_INVARIANT_H
#define _UNIT_INVARIANT_H

#include "core.h"

/* The time model ends at 11 times. */
#define SLOWDOWN_MAX_PERMILLE	10100
#define ENERGY_MAX_PERMILLE	11400

static inline bool in_table(const struct ag_core *c, uint32_t khz)
{
	return c->opp.khz[ag_opp_floor(&c->opp, khz)] == khz;
}

/* @points: the limits are operating points, so the decision is one as well. */
static inline const char *broken_decision(const struct ag_core *c,
					  const struct ag_decision *d,
					  uint32_t min_khz, uint32_t max_khz,
					  bool points)
{
	if (d->khz < min_khz || d->khz > max_khz)
		return "the decision is outside of the limits";
	if (points && !in_table(c, d->khz))
		return "the decision is no operating point";
	if (d->phase >= ACCELGOV_PHASE_NR || d->reason >= AG_REASON_NR)
		return "the decision has no name";
	if (d->slowdown_permille > SLOWDOWN_MAX_PERMILLE ||
	    d->energy_permille > ENERGY_MAX_PERMILLE)
		return "the prediction is beyond the model";
	return NULL;
}

/* Sums over the horizon are what lies in the buckets. */
static inline const char *broken_ledger(const struct ag_guard *g)
{
	uint64_t work_us = 0, lost_us = 0;

	for (int i = 0; i < AG_GUARD_BUCKETS; i++) {
		work_us += g->bucket[i].work_us;
		lost_us += g->bucket[i].lost_us;
	}
	if (work_us != g->work_us || lost_us != g->lost_us)
		return "the ledger's sums are not those of its buckets";
	if (g->work_us > g->work_total_us || g->lost_us > g->lost_total_us)
		return "the horizon holds more than there ever was";
	/* A window of up to 10 s may begin before the horizon. */
	if (g->work_us > 70000000 || g->lost_us > 70000000)
		return "the horizon holds more time than it lasts";
	return NULL;
}

static inline bool broken_curve(const struct ag_core *c,
				enum accelgov_phase phase)
{
	struct ag_curve curve;

	ag_sens_curve(&c->sens, phase, &curve);
	for (int i = 0; i < AG_BANDS; i++)
		if (curve.share[i] > (s32)AG_ONE)
			return true;
	return curve.least > AG_ONE;
}

static inline const char *broken_state(const struct ag_core *c)
{
	if (c->phase.confidence > 1000)
		return "confidence is above 1000 per mille";
	if (c->phase.now >= ACCELGOV_PHASE_NR ||
	    c->workload.now >= ACCELGOV_WORKLOAD_NR)
		return "phase or workload has no name";
	for (int i = 0; i < ACCELGOV_PHASE_NR; i++) {
		if (c->sens.phase[i].share > AG_ONE ||
		    ag_sens_dynamic(&c->sens, i) > AG_ONE || broken_curve(c, i))
			return "a share is above 1";
	}
	for (int i = 0; i < AG_SLOT_NR; i++)
		if (c->plan.entry[i].khz && !in_table(c, c->plan.entry[i].khz))
			return "a planned clock is no operating point";
	if (c->limiter.asked_mw > c->limiter.max_mw ||
	    (c->limiter.asked_mw && c->limiter.asked_mw < c->limiter.min_mw))
		return "a limiter is asked for what it can't";
	if (!c->limiter.asked_mw == (c->limiter.state == AG_LIMITER_ASKED ||
				     c->limiter.state == AG_LIMITER_HOLDS))
		return "a limiter holds what it was not asked for";
	return broken_ledger(&c->guard);
}

#endif /* _UNIT_INVARIANT_H */
