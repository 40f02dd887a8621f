/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the governor in the kernel decided, decided again.
 *
 * A recording that saw a governor start has all that its policy core was told. The
 * same core, in this process, is told the same: after each sample it must name the
 * same phase, and at each decision want the same clock for the same reason. A decision
 * that differs is counted, and the kernel's is taken, so that each is compared from the
 * same history.
 */
#ifndef _LIB_REGOVERNED_H
#define _LIB_REGOVERNED_H

#include "../../../kmod/core/core.h"
#include "recording.h"

/**
 * struct regoverned - one device's governor, again
 * @seen: a start was seen
 * @exact: all that it was told while it governed is known
 * @why: why it is not, "" while it is
 * @samples: compared
 * @phases_same: of these, with the same phase and workload after them
 * @decisions: compared
 * @decisions_same: of these, with the same clock and reason
 * @by_busy: decisions while there were no signals, which are not compared
 * @differs_ns: CLOCK_MONOTONIC of the first that was not the same, 0 for none
 * @differs: what it was
 * @priv: of regoverned.c
 */
struct regoverned {
	bool seen;
	bool exact;
	char why[RECORDING_TEXT_LEN];
	uint64_t samples;
	uint64_t phases_same;
	uint64_t decisions;
	uint64_t decisions_same;
	uint64_t by_busy;
	uint64_t differs_ns;
	char differs[RECORDING_TEXT_LEN];
	struct {
		struct ag_core *core;
		struct ag_config saved;
		bool running;
		bool leased;
		bool lost;
		bool asked;
		bool was_asked;
		bool maybe_asked;
		bool asks;
		bool unconfirmed;
		uint64_t sample_ns;
		uint64_t asked_ns;
		struct ag_decision before;
		uint32_t phase;
		uint32_t workload;
		struct ag_opp opp[AG_OPP_MAX];
		uint32_t nr;
	} priv;
};

/**
 * regoverned_take() - go on by one line
 * @g: zeroed at first
 * @entry: of its device, in the order of the recording
 *
 * Return: 0 or -ENOMEM.
 */
int regoverned_take(struct regoverned *g, const struct recording_entry *entry);

/**
 * regoverned_finish() - the recording is over
 * @g: its state
 */
void regoverned_finish(struct regoverned *g);

/**
 * regoverned_free() - give memory back
 * @g: its state, may be zeroed
 */
void regoverned_free(struct regoverned *g);

#endif /* _LIB_REGOVERNED_H */
