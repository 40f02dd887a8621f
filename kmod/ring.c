// SPDX-License-Identifier: GPL-2.0
/*
 * Ring: samples from BPF programs, in any context, to one consumer
 *
 * A producer may be a perf event in an NMI that interrupted another producer on
 * the same CPU, so nobody may wait for anybody. Every slot carries a sequence
 * number that says whose turn it is:
 *
 *  - A producer finds the slot at head free (seq == head), claims the position
 *    by moving head, fills the slot and passes it on with seq = head + 1.
 *  - A slot that is not free means a full ring: the sample is dropped, which
 *    costs one window of one device and nothing else.
 *  - The consumer takes the slot at tail when it has been passed on, and hands
 *    it back for the next round with seq = tail + length. A claimed slot that is
 *    not filled yet stops it; its producer queues the consumer again when done.
 *
 * The claim is tried a fixed number of times, so the time spent here is bounded
 * on any number of CPUs.
 */
#include "ring.h"

#define ACCELGOV_RING_TRIES	8

static struct accelgov_slot *slot_at(struct accelgov_ring *ring, u32 pos)
{
	return &ring->slot[pos & (ACCELGOV_RING_LEN - 1)];
}

/**
 * accelgov_ring_init() - an empty ring
 * @ring: ring
 */
void accelgov_ring_init(struct accelgov_ring *ring)
{
	u32 i;

	BUILD_BUG_ON(ACCELGOV_RING_LEN & (ACCELGOV_RING_LEN - 1));
	for (i = 0; i < ACCELGOV_RING_LEN; i++)
		ring->slot[i].seq = i;
	ring->head = 0;
	ring->tail = 0;
}

/**
 * accelgov_ring_put() - hand one sample over
 * @ring: ring
 * @sample: sample, copied
 * @arrival_ns: when it came
 *
 * Context: any, NMI included.
 * Return: false when it had to be dropped.
 */
bool accelgov_ring_put(struct accelgov_ring *ring,
		       const struct accelgov_sample *sample, u64 arrival_ns)
{
	u32 pos = READ_ONCE(ring->head);
	int i;

	for (i = 0; i < ACCELGOV_RING_TRIES; i++) {
		struct accelgov_slot *slot = slot_at(ring, pos);
		/* Pairs with the release in accelgov_ring_get(). */
		u32 seq = smp_load_acquire(&slot->seq);

		if (seq != pos) {
			if ((s32)(seq - pos) < 0)
				return false;
			pos = READ_ONCE(ring->head);
			continue;
		}
		if (!try_cmpxchg(&ring->head, &pos, pos + 1))
			continue;
		slot->sample = *sample;
		slot->arrival_ns = arrival_ns;
		/* Pairs with the acquire in accelgov_ring_get(). */
		smp_store_release(&slot->seq, pos + 1);
		return true;
	}
	return false;
}

/**
 * accelgov_ring_get() - take the oldest sample
 * @ring: ring
 * @ret_slot: where it goes
 *
 * Context: any but NMI; callers exclude each other.
 * Return: false when there is none.
 */
bool accelgov_ring_get(struct accelgov_ring *ring,
		       struct accelgov_slot *ret_slot)
{
	struct accelgov_slot *slot = slot_at(ring, ring->tail);

	/* Pairs with the release in accelgov_ring_put(). */
	if (smp_load_acquire(&slot->seq) != ring->tail + 1)
		return false;
	*ret_slot = *slot;
	/* Pairs with the acquire in accelgov_ring_put(). */
	smp_store_release(&slot->seq, ring->tail + ACCELGOV_RING_LEN);
	ring->tail++;
	return true;
}
