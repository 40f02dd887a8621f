/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - waits of those who own a device, as signals of its samples
 *
 * For devices that the daemon samples by itself. bpf/collector.bpf.c does the same in the
 * kernel, and there is why.
 */
#ifndef ACCELGOV_LIB_OWNWAITS_H
#define ACCELGOV_LIB_OWNWAITS_H

#include <stdbool.h>
#include <stdint.h>

#include "../../bpf/drm.h"
#include "../../kmod/uapi/accelgov.h"

/**
 * struct ownwaits - where integrals of waits stood
 * @owned: @input and @saving are those of the sample before
 * @called: @collective is
 * @at_us: when that was, CLOCK_MONOTONIC
 * @input: threads that wait for input
 * @saving: threads that wait for what they write
 * @collective: threads that wait behind a collective
 */
struct ownwaits {
	bool owned;
	bool called;
	uint64_t at_us;
	uint64_t input;
	uint64_t saving;
	uint64_t collective;
};

/**
 * ownwaits_fill() - add what waits tell and nothing else did
 * @w: zeroed before the first sample
 * @d: the device in the collectors' map, NULL when there is none
 * @now_us: when that was read, CLOCK_MONOTONIC
 * @sample: with a window; rates or amounts
 *
 * Signals that are valid stay. *Queue* is told while some owner waits for input most of
 * the time, since the rest of what is queued is not known; *host* while one waits for
 * what it writes; *link* while all wait behind a collective and pipes and memory are
 * known to rest.
 */
void ownwaits_fill(struct ownwaits *w, const struct drmc_device *d, uint64_t now_us,
		   struct accelgov_sample *sample);

#endif /* ACCELGOV_LIB_OWNWAITS_H */
