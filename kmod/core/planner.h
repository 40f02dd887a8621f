/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _AG_PLANNER_H
#define _AG_PLANNER_H

#include "core.h"

u64 ag_core_active_us(const struct ag_core *c);
bool ag_core_cut(const struct ag_core *c, const struct ag_rates *r);
u32 ag_core_limit_power(struct ag_core *c);
void ag_core_replan(struct ag_core *c, u64 now_ns);

#endif /* _AG_PLANNER_H */
