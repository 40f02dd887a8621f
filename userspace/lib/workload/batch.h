/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Batch jobs on one device, one after the other, with nothing in between.
 */
#ifndef _LIB_BATCH_H
#define _LIB_BATCH_H

#include <stdint.h>

#include "segments.h"

/**
 * batch_draw() - draw jobs
 * @seed: the same seed gives the same jobs
 * @duration_ns: the list is at least so long at the top clock
 * @ret: the jobs by phase and length, set on success only
 *
 * Return: 0 or -ENOMEM.
 */
int batch_draw(uint64_t seed, uint64_t duration_ns, struct segments *ret);

#endif /* _LIB_BATCH_H */
