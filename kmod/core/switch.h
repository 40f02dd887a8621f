/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _AG_SWITCH_H
#define _AG_SWITCH_H

#include "core.h"

/* Clocks that differ by less are the same one. */
#define AG_STEP_DIV		50
/* A switch that takes longer is none, see switch.c. */
#define AG_SWITCH_MAX_US	1000000

void ag_core_switch_init(struct ag_core *c);
void ag_core_switch_unseen(struct ag_core *c, u32 us);
bool ag_core_near(u32 khz, u32 other_khz);
u32 ag_core_in_force(const struct ag_core *c, const struct ag_rates *r);
void ag_core_measure_switch(struct ag_core *c, const struct ag_rates *r);
bool ag_core_in_flight(const struct ag_core *c);
bool ag_core_switches_slowly(const struct ag_core *c);

#endif /* _AG_SWITCH_H */
