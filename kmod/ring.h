/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ACCELGOV_RING_H
#define _ACCELGOV_RING_H

#include <linux/atomic.h>
#include <linux/types.h>
#include "uapi/accelgov.h"

/* A power of two. At the shortest sample period this is 8 ms of samples. */
#define ACCELGOV_RING_LEN	8

/**
 * struct accelgov_slot - one sample on its way
 * @sample: as pushed, checked
 * @arrival_ns: when accelgov_push() got it, CLOCK_MONOTONIC
 * @seq: whose turn the slot is: position + 0 a producer's, + 1 the consumer's
 */
struct accelgov_slot {
	struct accelgov_sample sample;
	u64 arrival_ns;
	u32 seq;
};

/**
 * struct accelgov_ring - lossy queue, many producers, one consumer at a time
 * @slot: the samples
 * @head: position of the next free slot, moved by producers
 * @tail: position of the oldest sample, owned by the consumer
 */
struct accelgov_ring {
	struct accelgov_slot slot[ACCELGOV_RING_LEN];
	u32 head;
	u32 tail;
};

void accelgov_ring_init(struct accelgov_ring *ring);
bool accelgov_ring_put(struct accelgov_ring *ring,
		       const struct accelgov_sample *sample, u64 arrival_ns);
bool accelgov_ring_get(struct accelgov_ring *ring,
		       struct accelgov_slot *ret_slot);

#endif /* _ACCELGOV_RING_H */
