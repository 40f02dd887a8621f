/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _AG_BOOKS_H
#define _AG_BOOKS_H

#include "core.h"

/* Clock of a window: measured, else the one that was asked for. */
static inline u32 ag_core_khz(const struct ag_core *c, const struct ag_rates *r)
{
	if (ag_valid(r, ACCELGOV_SIG_CLOCK) && r->clock_khz)
		return r->clock_khz;
	return c->target_khz ? c->target_khz : ag_opp_top_khz(&c->opp);
}

/* Is it work? */
static inline bool ag_phase_active(enum accelgov_phase phase)
{
	return phase == ACCELGOV_PHASE_COMPUTE ||
	       phase == ACCELGOV_PHASE_MEMORY ||
	       phase == ACCELGOV_PHASE_LINK ||
	       phase == ACCELGOV_PHASE_MIXED;
}

bool ag_core_book(struct ag_core *c);
void ag_core_hold(struct ag_core *c, const struct ag_rates *r);
void ag_core_book_energy(struct ag_core *c, const struct ag_rates *r);

#endif /* _AG_BOOKS_H */
