// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - waits of those who own a device, as signals of its samples
 */
#include <stddef.h>

#include "ownwaits.h"

/* As COLLECTOR_LOW_PART in bpf/collector.h: less than this is rest. */
#define LOW_PART	8

/* A queue that is known by less would pass for an empty one; per mille. */
#define MOST		500

/* What an integral grew by, as a share of the time since, at most all of it. */
static uint64_t share_permille(uint64_t now, uint64_t before, uint64_t us)
{
	uint64_t grown = (now - before) & DRMC_TIME_MASK;

	return grown < us ? grown * 1000 / us : 1000;
}

static void put(struct accelgov_sample *sample, enum accelgov_signal signal,
		uint64_t permille)
{
	if (!permille || sample->valid & 1U << signal)
		return;
	sample->valid |= 1U << signal;
	sample->amount &= ~(1U << signal);
	sample->val[signal] = permille;
}

static bool rests(const struct accelgov_sample *sample, enum accelgov_signal signal)
{
	uint64_t all = sample->amount & 1U << signal ? sample->window_ns : 1000;

	return sample->valid & 1U << signal && sample->val[signal] < all / LOW_PART;
}

/* What runs is in the queue too: as much of an item as the device is busy, at least. */
static uint64_t busy(const struct accelgov_sample *sample)
{
	uint64_t val = sample->val[ACCELGOV_SIG_BUSY];

	if (!(sample->valid & 1U << ACCELGOV_SIG_BUSY))
		return 0;
	return sample->amount & 1U << ACCELGOV_SIG_BUSY ?
		       val * 1000 / sample->window_ns : val;
}

static void tell(const struct ownwaits *w, const struct ownwaits *now,
		 uint64_t callers, struct accelgov_sample *sample)
{
	uint64_t us = now->at_us - w->at_us, permille;

	if (w->owned && now->owned) {
		permille = share_permille(now->input, w->input, us);
		if (permille >= MOST)
			put(sample, ACCELGOV_SIG_QUEUE, permille + busy(sample));
		put(sample, ACCELGOV_SIG_HOST,
		    share_permille(now->saving, w->saving, us));
	}
	if (!w->called || !now->called || !rests(sample, ACCELGOV_SIG_COMPUTE) ||
	    !rests(sample, ACCELGOV_SIG_MEMORY))
		return;
	/* Threads of several processes: all of them have to wait. */
	permille = share_permille(now->collective, w->collective, us * callers);
	put(sample, ACCELGOV_SIG_LINK, permille);
}

void ownwaits_fill(struct ownwaits *w, const struct drmc_device *d, uint64_t now_us,
		   struct accelgov_sample *sample)
{
	struct ownwaits now = { .at_us = now_us };

	if (d) {
		now.owned = d->owners;
		now.called = d->callers;
		now.input = DRMC_INTEGRAL(d->input, now_us);
		now.saving = DRMC_INTEGRAL(d->saving, now_us);
		now.collective = DRMC_INTEGRAL(d->collective, now_us);
	}
	if (sample->window_ns && now_us > w->at_us)
		tell(w, &now, d ? d->callers : 0, sample);
	*w = now;
}
