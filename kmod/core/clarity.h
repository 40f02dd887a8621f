/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _AG_CLARITY_H
#define _AG_CLARITY_H

#include "types.h"
#include "accelgov.h"

u32 ag_clarity(u32 valid, enum accelgov_phase phase, u32 margin);
u32 ag_confidence(enum accelgov_phase phase, u32 clarity);

#endif /* _AG_CLARITY_H */
