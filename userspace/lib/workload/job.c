// SPDX-License-Identifier: GPL-2.0
#include <stddef.h>

#include "job.h"

int job_next(struct job *j, uint64_t now_ns,
	     struct accelsim_item *ret, uint64_t *ret_wake_ns)
{
	int r = j->ops->next(j, now_ns, ret, ret_wake_ns);

	if (r == 1)
		j->stats.submitted++;
	return r;
}

int job_done(struct job *j, const struct accelsim_done *done)
{
	int r = j->ops->done(j, done);

	if (!r)
		j->stats.completed++;
	return r;
}

double job_share(const struct job *j, const struct accelsim_done *done)
{
	if (done->end_ns <= j->end_ns)
		return 1;
	if (done->start_ns >= j->end_ns)
		return 0;
	return (double)(j->end_ns - done->start_ns) /
	       (double)(done->end_ns - done->start_ns);
}

struct job *job_free(struct job *j)
{
	if (!j)
		return NULL;
	samples_free(&j->stats.ttft_ms);
	samples_free(&j->stats.tpot_ms);
	samples_free(&j->stats.step_ms);
	j->ops->free(j);
	return NULL;
}
