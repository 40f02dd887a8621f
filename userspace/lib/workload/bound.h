/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What bounds an item on a device.
 */
#ifndef _LIB_BOUND_H
#define _LIB_BOUND_H

#include <stdint.h>

#include "../../../kmod/uapi/accelgov.h"
#include "../../../kmod/uapi/accelsim.h"

/*
 * Arithmetic and memory time that differ by less are balanced, as the core has it
 * (kmod/core/phase.c): a lower clock then costs 0.38 to 0.62 of what it would cost
 * arithmetic alone, as both overlap in quadrature.
 */
#define BOUND_BALANCE	1.27

/**
 * bound_label() - what bounds an item
 * @item: the item; its operations and bytes count
 * @ops_per_byte: operations that the device does while it moves a byte at its highest
 *	clock, above 0
 *
 * Return: &enum accelgov_phase: compute, memory, or mixed where none prevails.
 */
static inline uint32_t bound_label(const struct accelsim_item *item,
				   double ops_per_byte)
{
	double ops = (double)item->ops;
	double bytes = (double)item->bytes * ops_per_byte;

	if (ops >= bytes * BOUND_BALANCE)
		return ACCELGOV_PHASE_COMPUTE;
	return ops * BOUND_BALANCE < bytes ? ACCELGOV_PHASE_MEMORY :
					     ACCELGOV_PHASE_MIXED;
}

#endif /* _LIB_BOUND_H */
