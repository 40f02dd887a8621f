/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _AG_PHASE_H
#define _AG_PHASE_H

#include "types.h"
#include "accelgov.h"
#include "sample.h"

/**
 * struct ag_phase - short-horizon classifier
 * @now: published phase
 * @next: candidate that has not convinced yet
 * @votes: windows that @next has won in a row
 * @balanced: windows in a row that showed compute and memory alike
 * @confidence: of @now, per mille
 * @since_ns: when @now began (as far as known: end of the first window)
 * @prev: phase before @now
 */
struct ag_phase {
	enum accelgov_phase now;
	enum accelgov_phase next;
	u32 votes;
	u32 balanced;
	u32 confidence;
	u64 since_ns;
	enum accelgov_phase prev;
};

void ag_phase_init(struct ag_phase *p, u64 now_ns);
enum accelgov_phase ag_phase_classify(const struct ag_rates *r, u32 top_khz,
				      bool training, u32 *ret_confidence);
bool ag_phase_update(struct ag_phase *p, const struct ag_rates *r, u32 top_khz,
		     bool training);
bool ag_phase_impose(struct ag_phase *p, enum accelgov_phase phase,
		     const struct ag_rates *r);
void ag_phase_unknown(struct ag_phase *p, u64 now_ns);

#endif /* _AG_PHASE_H */
