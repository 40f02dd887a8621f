// SPDX-License-Identifier: GPL-2.0
/*
 * Pauses: does a job that trains save its state, or wait for input
 *
 * Observation. Both leave every engine quiet, and boards that don't show their
 * host link show no difference, not in power either. But a job saves its state
 * after so many steps, so saves are equally far from each other; and they take
 * longer than input is usually late. Input is late at random.
 *
 * Algorithm.
 *  1. A pause that is over was long if it took AG_PAUSE_LEAST_NS, and five eighths of
 *     the longest of late. A long pause was a save, as far as anybody knows, any other
 *     one that was not due a wait for input. Work between two long ones, in time that
 *     was not quiet, is the distance; waits for input stretch the clock on the wall,
 *     not that.
 *  2. Two distances in a row that differ by at most an eighth make saves regular,
 *     and one that is twice as long ends that. Long pauses before their time don't
 *     count then.
 *  3. A pause is a save from its beginning when saves are regular and the next one is
 *     due, to a sixteenth of the distance. Any other one is a save once it has taken as
 *     long as the longest wait of late, AG_PAUSE_LEAST_NS at least, for input is late
 *     by as much as it was before. Until there was a wait that is so after
 *     AG_PAUSE_LONG_NS and half of the longest, and never later. Of the longest an
 *     eighth is forgotten with each that is shorter, of the longest wait an
 *     AG_PAUSE_WAIT_DIV-th: there are many short ones.
 *  4. Each distance that is like the one before it is a proof that the job saves its
 *     state, and so trains, however long it waits; each other one takes AG_PAUSE_DOUBT
 *     back. AG_PAUSE_PROOFS are enough.
 *  5. A pause of AG_PAUSE_END_NS is none: the job is over, or nobody watches it.
 *  6. Where the host link is seen, a pause in which something was copied slowly for
 *     AG_PAUSE_COPY_US is a save until it ends: a thread that copies what is not pinned
 *     writes it to disk itself, and nothing moves on the link then. Input that is late
 *     has nothing to copy, and what comes in the end is copied in one window. Who
 *     copies at the speed of the link leaves writing to others, and goes on.
 *
 * Constants. Stalls for input last fractions of a second, checkpoints 2 to 5 s
 * where they are seen at all (training.c): the border is one second, and half of that
 * where the job has shown how long it waits. In 152 replays of ten minutes of serving,
 * bursts, batches and phases in any order no job had more than 5 proofs, with 2 taken
 * back each time; of 76 of jobs that save 55 had 6. PyTorch's torch.save() of 2.7 GB,
 * from H100 and H200, showed 6 to 17 per mille of a link of 16 lanes of the fifth
 * generation for three seconds (memory that is not pinned is copied at 1 GB/s), then
 * none for two; at rest it was below 0.01, and 1 in training.
 */
#include "pause.h"

#define AG_PAUSE_LONG_NS	NSEC_PER_SEC
#define AG_PAUSE_LEAST_NS	(500 * NSEC_PER_MSEC)
#define AG_PAUSE_END_NS		(60 * NSEC_PER_SEC)
#define AG_PAUSE_COPY_US	200000
#define AG_PAUSE_FORGET_DIV	8
#define AG_PAUSE_WAIT_DIV	64
#define AG_PAUSE_ALIKE_DIV	8
#define AG_PAUSE_DUE_DIV	16
#define AG_PAUSE_PROOFS		6
#define AG_PAUSE_DOUBT		2

static u64 ag_pause_apart(u64 a, u64 b)
{
	return a > b ? a - b : b - a;
}

/* From when on a pause that goes on is longer than waits for input are. */
static u64 ag_pause_save_ns(const struct ag_pause *p)
{
	u64 wait_ns = max_t(u64, AG_PAUSE_LEAST_NS,
			    (u64)p->wait_us * NSEC_PER_USEC);
	u64 ns = max_t(u64, AG_PAUSE_LONG_NS, p->longest_ns / 2);

	return p->longest_ns && p->wait_us ? min_t(u64, ns, wait_ns) : ns;
}

static bool ag_pause_due(const struct ag_pause *p)
{
	return p->regular && ag_pause_apart(p->work_ns, p->every_ns) <=
			     p->every_ns / AG_PAUSE_DUE_DIV;
}

static void ag_pause_saved(struct ag_pause *p)
{
	u64 apart = ag_pause_apart(p->work_ns, p->every_ns);

	if (p->regular && p->work_ns < p->every_ns &&
	    apart > p->every_ns / AG_PAUSE_ALIKE_DIV)
		return;
	p->regular = apart <= p->every_ns / AG_PAUSE_ALIKE_DIV;
	if (p->regular)
		p->proofs = min_t(u8, p->proofs + 1, 2 * AG_PAUSE_PROOFS);
	else
		p->proofs -= min_t(u8, p->proofs, AG_PAUSE_DOUBT);
	p->every_ns = p->work_ns;
	p->work_ns = 0;
}

static void ag_pause_ended(struct ag_pause *p)
{
	bool was_long = p->quiet_ns >= max_t(u64, AG_PAUSE_LEAST_NS,
					     p->longest_ns / 8 * 5);
	u32 us = (u32)div_u64(p->quiet_ns, NSEC_PER_USEC);

	if (p->quiet_ns >= AG_PAUSE_LEAST_NS)
		p->longest_ns = max_t(u64, p->quiet_ns, p->longest_ns -
				      p->longest_ns / AG_PAUSE_FORGET_DIV);
	if (was_long)
		ag_pause_saved(p);
	else if (!ag_pause_due(p))
		p->wait_us = max_t(u32, us, p->wait_us - p->wait_us /
						   AG_PAUSE_WAIT_DIV);
}

/**
 * ag_pause_update() - take one window into account
 * @p: state, zero to begin with
 * @quiet: no engine was busy in it
 * @copied: something went over the host link, slowly
 * @ns: its length
 */
void ag_pause_update(struct ag_pause *p, bool quiet, bool copied, u64 ns)
{
	if (quiet) {
		p->quiet_ns += ns;
		if (copied && p->copied_us < AG_PAUSE_COPY_US)
			p->copied_us += (u32)div_u64(ns, NSEC_PER_USEC);
		return;
	}
	if (p->quiet_ns >= AG_PAUSE_END_NS)
		memset(p, 0, sizeof(*p));
	else if (p->quiet_ns)
		ag_pause_ended(p);
	p->quiet_ns = 0;
	p->copied_us = 0;
	p->work_ns += ns;
	if (p->work_ns / 2 > p->every_ns)
		p->regular = false;
}

/**
 * ag_pause_is_save() - what the present pause is for
 * @p: state
 *
 * Return: true when the job saves its state, false when it waits for input.
 */
bool ag_pause_is_save(const struct ag_pause *p)
{
	return p->quiet_ns >= ag_pause_save_ns(p) || ag_pause_due(p);
}

/**
 * ag_pause_is_copy() - has state been copied in the present pause
 * @p: state
 *
 * Return: true when the host link has shown it. A job that trains saves its state then.
 */
bool ag_pause_is_copy(const struct ag_pause *p)
{
	return p->copied_us >= AG_PAUSE_COPY_US;
}

/**
 * ag_pause_is_regular() - does the job save its state at equal distances
 * @p: state
 *
 * Return: true when that was so too often for chance. The job trains then.
 */
bool ag_pause_is_regular(const struct ag_pause *p)
{
	return p->proofs >= AG_PAUSE_PROOFS;
}

/**
 * ag_pause_is_end() - has the pause become something else
 * @p: state
 *
 * Return: true when it is too long for a job that goes on.
 */
bool ag_pause_is_end(const struct ag_pause *p)
{
	return p->quiet_ns >= AG_PAUSE_END_NS;
}
