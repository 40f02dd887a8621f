/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lines of a recording from the module's trace events.
 */
#ifndef _LIB_TRACED_H
#define _LIB_TRACED_H

#include "../traceline.h"
#include "recording.h"

/**
 * traced_entry() - what an event says, as a line of a recording
 * @t: the event
 * @ret: filled on 1 but for @device; of a decision only what the event tells: with
 *	``phase`` phase, workload and confidence
 *
 * ``decision`` becomes a line of %RECORDING_GOVERN, ``phase`` one of
 * %RECORDING_DECISION, ``signal`` a sample without sensors.
 *
 * Return: 1; 0 for an event that no recording keeps; -EINVAL for one that is not as
 * this version of the module writes it.
 */
int traced_entry(const struct traceline *t, struct recording_entry *ret);

#endif /* _LIB_TRACED_H */
