/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What bounds an item on a device.
 */
#ifndef _LIB_BOUND_H
#define _LIB_BOUND_H

#include <stdint.h>

#include "../../../kmod/uapi/accelgov.h"
#include "../../../kmod/uapi/accelsim.h"

/* Arithmetic and memory time that differ by less are balanced. */
#define BOUND_BALANCE	1.27

/**
 * bound_label() - what bounds an item
 * @item: the item; its operations and bytes count
 * @ops_per_byte: operations that the device does while it moves a byte, above 0
 * @band: ratio of both times from which one of them prevails, at least 1
 *
 * Return: &enum accelgov_phase: compute, memory, or mixed where none prevails.
 */
static inline uint32_t bound_label(const struct accelsim_item *item,
				   double ops_per_byte, double band)
{
	double ops = (double)item->ops;
	double bytes = (double)item->bytes * ops_per_byte;

	if (ops >= bytes * band)
		return ACCELGOV_PHASE_COMPUTE;
	return ops * band < bytes ? ACCELGOV_PHASE_MEMORY :
				    ACCELGOV_PHASE_MIXED;
}

#endif /* _LIB_BOUND_H */
