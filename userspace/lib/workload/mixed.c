// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: co-located jobs
 *
 * Observation. Serving leaves a device partly idle, so operators put a batch or
 * training job beside it. Without hardware partitions the two take turns: the
 * driver switches between contexts, and the work of both passes through one
 * device one piece after the other.
 *
 * 1. The job in front hands out its items as ever.
 * 2. Items of the job behind are cut into pieces of at most 10 ms at the top
 *    clock. Two of them are in the device at most: one that runs and one that
 *    follows.
 * 3. While both have something, they take turns; what arrives in front waits for
 *    two pieces at most. While only one has, it has the device for itself.
 * 4. Each piece of work is worth the energy that it takes at the top clock, as
 *    in sequence.c: tokens and training steps can't be added up, and a slow
 *    device does the same requests but fewer training steps.
 * 5. Each piece keeps the label of its own job: whoever has the device at a
 *    moment, that is what it does then. Turns that are shorter than a window are
 *    one truth for the whole of it, see timeline_window().
 *
 * Constants. 10 ms is a fifth of a forward pass of the training job and half a
 * decode step of a 70B model: short enough to keep the service good. NVIDIA's time
 * slices are a few milliseconds; kernels are not cut, so turns are longer.
 * That both fit into memory is taken for granted.
 */
#include <errno.h>
#include <stdlib.h>

#include "../../../kmod/uapi/accelgov.h"
#include "mixed.h"

#define PIECE_NS	10000000ULL
#define BACK_DEPTH	2
#define FLIGHTS		(ACCELSIM_QUEUE_LEN * 2)

/* A piece between its submission and its completion. */
struct flight {
	uint64_t cookie;
	uint64_t its_cookie;
	bool back;
	bool first;
	bool last;
	double work;
};

struct mixed {
	struct job job;
	struct mixed_config cfg;
	struct pieces pieces;
	bool back_next;

	struct flight flights[FLIGHTS];
	unsigned int head;
	unsigned int nr_flights;
	unsigned int nr_back;
	uint64_t next_cookie;

	/* Start of the item behind that is being completed. */
	uint64_t back_start_ns;
};

static struct mixed *to_mixed(struct job *j)
{
	return (struct mixed *)j;
}

static int next_back(struct mixed *m, uint64_t now_ns,
		     struct accelsim_item *ret, struct flight *f)
{
	struct accelsim_item whole;
	uint64_t ignored;
	int r;

	if (m->nr_back >= BACK_DEPTH)
		return 0;
	if (!pieces_left(&m->pieces)) {
		r = job_next(m->cfg.back, now_ns, &whole, &ignored);
		if (r <= 0)
			return r;
		m->pieces = pieces_cut(&m->cfg.meter, &whole, PIECE_NS);
	}
	f->back = true;
	f->first = !m->pieces.next;
	*ret = pieces_take(&m->pieces);
	f->last = !pieces_left(&m->pieces);
	return 1;
}

/* Gives it a cookie that is unique among both, and remembers its own. */
static void send(struct mixed *m, struct accelsim_item *item,
		 struct flight *f)
{
	const struct meter *meter = &m->cfg.meter;

	f->cookie = m->next_cookie++;
	f->its_cookie = item->cookie;
	f->work = meter->joule(meter->context, item) / METER_UNIT_J;
	item->cookie = f->cookie;
	m->flights[(m->head + m->nr_flights) % FLIGHTS] = *f;
	m->nr_flights++;
	m->nr_back += f->back;
	m->back_next = !f->back;
}

/* Counters of the front job, and both jobs' lists of times. */
static int collect(struct mixed *m)
{
	struct job_stats *to = &m->job.stats, *front = &m->cfg.front->stats;
	struct job_stats *back = &m->cfg.back->stats;
	int r;

	to->steps = front->steps + back->steps;
	to->tokens_in = front->tokens_in;
	to->requests_done = front->requests_done;
	to->requests_rejected = front->requests_rejected;
	to->requests_waiting = front->requests_waiting;
	r = samples_move(&to->ttft_ms, &front->ttft_ms);
	if (!r)
		r = samples_move(&to->tpot_ms, &front->tpot_ms);
	return r ? r : samples_move(&to->step_ms, &back->step_ms);
}

static int mixed_next(struct job *j, uint64_t now_ns,
		      struct accelsim_item *ret, uint64_t *ret_wake_ns)
{
	struct mixed *m = to_mixed(j);
	struct flight f = { 0 };
	int r = 0;

	*ret_wake_ns = JOB_NEVER;
	if (m->nr_flights == FLIGHTS)
		return 0;
	if (m->back_next)
		r = next_back(m, now_ns, ret, &f);
	if (!r)
		r = job_next(m->cfg.front, now_ns, ret, ret_wake_ns);
	if (!r && !m->back_next)
		r = next_back(m, now_ns, ret, &f);
	j->stats.requests_waiting = m->cfg.front->stats.requests_waiting;
	if (r == 1)
		send(m, ret, &f);
	return r;
}

static int done_back(struct mixed *m, const struct flight *f,
		     struct accelsim_done *done)
{
	if (f->first)
		m->back_start_ns = done->start_ns;
	if (!f->last)
		return 0;
	done->start_ns = m->back_start_ns;
	return job_done(m->cfg.back, done);
}

static int mixed_done(struct job *j, const struct accelsim_done *done)
{
	struct mixed *m = to_mixed(j);
	const struct flight *f = &m->flights[m->head];
	struct accelsim_done its = *done;
	int r;

	if (!m->nr_flights || f->cookie != done->cookie)
		return -EINVAL;
	m->head = (m->head + 1) % FLIGHTS;
	m->nr_flights--;
	m->nr_back -= f->back;
	j->stats.work += f->work * job_share(j, done);
	its.cookie = f->its_cookie;
	r = f->back ? done_back(m, f, &its) : job_done(m->cfg.front, &its);
	return r ? r : collect(m);
}

static void mixed_free(struct job *j)
{
	struct mixed *m = to_mixed(j);

	job_free(m->cfg.front);
	job_free(m->cfg.back);
	free(m);
}

static const struct job_ops mixed_ops = {
	.name = "mixed",
	.unit = METER_UNIT,
	.next = mixed_next,
	.done = mixed_done,
	.free = mixed_free,
};

int mixed_new(const struct mixed_config *cfg, struct job **ret)
{
	struct mixed *m = calloc(1, sizeof(*m));

	if (!m) {
		job_free(cfg->front);
		job_free(cfg->back);
		return -ENOMEM;
	}
	m->job.ops = &mixed_ops;
	m->job.end_ns = cfg->end_ns;
	m->cfg = *cfg;
	*ret = &m->job;
	return 0;
}
