// SPDX-License-Identifier: GPL-2.0
/*
 * Clarity: how sure a name is
 *
 * Observation. A name may win by much or by little, and some of those who would have
 * had a say may not be there. Neither is a probability.
 *
 * Algorithm.
 *  1. Clarity is the margin by which the name won over the next one, lowered by an eighth
 *     for every signal that would have had a say and is not known.
 *  2. Confidence is clarity translated into how often names of that clarity were right.
 *
 * Constants. The table is from replays of a hundred pairs of board and job with all kinds
 * of sensors: of names near 0 half were right, near 100 seven of ten, from 450 on 97
 * of 100.
 */
#include "clarity.h"

/**
 * ag_clarity() - how clear a decision was, less what nobody could see
 * @valid: signals that are known, a bit each
 * @phase: the name
 * @margin: by how much it won over the next one, per mille
 *
 * Return: per mille.
 */
u32 ag_clarity(u32 valid, enum accelgov_phase phase, u32 margin)
{
	u32 say = BIT(ACCELGOV_SIG_BUSY) | BIT(ACCELGOV_SIG_HOST);
	u32 missing;

	if (phase == ACCELGOV_PHASE_STALL ||
	    phase == ACCELGOV_PHASE_LOADED_IDLE || phase == ACCELGOV_PHASE_IDLE)
		say |= BIT(ACCELGOV_SIG_CONTEXTS);
	else
		say |= BIT(ACCELGOV_SIG_COMPUTE) | BIT(ACCELGOV_SIG_MEMORY) |
		       BIT(ACCELGOV_SIG_LINK) | BIT(ACCELGOV_SIG_CLOCK);
	for (missing = say & ~valid; missing; missing &= missing - 1)
		margin -= margin / 8;
	return margin;
}

/**
 * ag_confidence() - how often a name that was that clear has been right
 * @phase: the name
 * @clarity: see ag_clarity()
 *
 * Return: per mille, 0 for an unknown phase.
 */
u32 ag_confidence(enum accelgov_phase phase, u32 clarity)
{
	static const struct {
		u16 clarity;
		u16 confidence;
	} seen[] = {
		{ 0, 450 }, { 100, 700 }, { 200, 870 }, { 300, 930 },
		{ 450, 970 }, { 1000, 995 },
	};
	u32 i = 1;

	if (phase == ACCELGOV_PHASE_UNKNOWN)
		return 0;
	clarity = min_t(u32, clarity, 1000);
	while (clarity > seen[i].clarity)
		i++;
	return seen[i - 1].confidence +
	       (clarity - seen[i - 1].clarity) *
	       (seen[i].confidence - seen[i - 1].confidence) /
	       (seen[i].clarity - seen[i - 1].clarity);
}
