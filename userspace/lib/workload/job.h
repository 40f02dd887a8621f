/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a job does to a device, without a clock of its own: somebody else (a
 * player in real time, a replay in simulated time) says what time it is, takes
 * items from the job, has them executed and reports their completion. All times
 * are nanoseconds after the start of the job.
 */
#ifndef _LIB_JOB_H
#define _LIB_JOB_H

#include <stdint.h>

#include "../../../kmod/uapi/accelsim.h"
#include "samples.h"

/* No point in time. */
#define JOB_NEVER	UINT64_MAX

struct job;

/**
 * struct job_stats - what a job has achieved so far
 * @work: units of work done, see &job_ops.unit
 * @submitted: items handed out
 * @completed: items reported back
 * @steps: engine steps or training steps completed
 * @tokens_in: prompt tokens processed; serving only
 * @requests_done: requests answered completely; serving only
 * @requests_rejected: requests too long for model or memory; serving only
 * @requests_waiting: requests that arrived and have not started; serving only
 * @ttft_ms: time to first token, one per request; serving only
 * @tpot_ms: time per further token, one per finished request; serving only
 * @step_ms: length of each step; training only
 */
struct job_stats {
	double work;
	uint64_t submitted;
	uint64_t completed;
	uint64_t steps;
	uint64_t tokens_in;
	uint64_t requests_done;
	uint64_t requests_rejected;
	uint64_t requests_waiting;
	struct samples ttft_ms;
	struct samples tpot_ms;
	struct samples step_ms;
};

/**
 * struct job_ops - what every kind of job can do
 * @name: as users write it: ``serving``, ``training``, ...
 * @unit: unit of work: ``token``, ``step``, ``ref-kJ``
 * @next: hand out the next item; see job_next()
 * @done: take a completion; see job_done()
 * @free: give all memory back, the job itself included
 */
struct job_ops {
	const char *name;
	const char *unit;
	int (*next)(struct job *j, uint64_t now_ns,
		    struct accelsim_item *ret, uint64_t *ret_wake_ns);
	int (*done)(struct job *j, const struct accelsim_done *done);
	void (*free)(struct job *j);
};

/**
 * struct job - the common part of every job
 * @ops: its kind
 * @end_ns: completions after this moment count in part or not at all
 * @stats: what it has achieved so far
 */
struct job {
	const struct job_ops *ops;
	uint64_t end_ns;
	struct job_stats stats;
};

/**
 * job_next() - ask a job for the next item
 * @j: the job
 * @now_ns: what time it is
 * @ret: the item, set when 1 is returned
 * @ret_wake_ns: when to ask again if nothing completes before, set when 0 is
 *	returned; %JOB_NEVER when only a completion can bring more
 *
 * Return: 1 with an item, 0 without, -ENOMEM.
 */
int job_next(struct job *j, uint64_t now_ns,
	     struct accelsim_item *ret, uint64_t *ret_wake_ns);

/**
 * job_done() - report a completion
 * @j: the job
 * @done: the completion, times relative to the start of the job; completions
 *	must come in the order of submission
 *
 * Of an item that runs over &job.end_ns the part of its work counts that
 * its time before that moment is of its whole time.
 *
 * Return: 0, -EINVAL for a completion of something never submitted, -ENOMEM.
 */
int job_done(struct job *j, const struct accelsim_done *done);

/**
 * job_share() - which part of an item lies before the end
 * @j: the job
 * @done: the completion
 *
 * Return: 0 to 1.
 */
double job_share(const struct job *j, const struct accelsim_done *done);

/**
 * job_free() - end a job
 * @j: the job or NULL
 *
 * Return: NULL.
 */
struct job *job_free(struct job *j);

#endif /* _LIB_JOB_H */
