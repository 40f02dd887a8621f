// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: jobs from a list
 *
 * Observation. Somebody knows what a device did, from a profile of a job or from
 * a log: so long of this, then so long of that, then nothing for a while. It is
 * enough to try policies on.
 *
 * 1. The stretches of the list are done in order, each as often as it says;
 *    behind the last one the list begins anew.
 * 2. A stretch that takes longer than 100 ms at the top clock is handed out in
 *    equal pieces: work of minutes is many kernels, and a policy that looks at
 *    items should not see one.
 * 3. After a stretch with idle time the device is left without work for so long,
 *    from the completion of what was queued. A slow device is idle later, not
 *    less.
 * 4. Work of one stretch can't be added to that of another by counting. Each
 *    piece is worth the energy that it takes at the top clock, so that energy per
 *    work of 1000 J per unit is what the work alone costs there. A piece that the
 *    end of the measurement cuts counts in part.
 *
 * Constants. 16 pieces are queued ahead, as kernels are launched ahead.
 */
#include <errno.h>
#include <stdlib.h>

#include "sequence.h"

#define PIECE_NS	100000000ULL
#define DEPTH		16

/* A piece between its submission and its completion. */
struct flight {
	uint64_t cookie;
	double work;
};

struct sequence {
	struct job job;
	struct sequence_config cfg;

	/* Stretch that is being handed out, and how often it was. */
	size_t at;
	uint64_t done;
	struct pieces pieces;

	/* Idle time comes when all is done, then until this moment. */
	uint64_t idle_ns;
	uint64_t idle_until_ns;

	struct flight flights[DEPTH];
	unsigned int head;
	unsigned int nr_flights;
	uint64_t next_cookie;
};

static struct sequence *to_sequence(struct job *j)
{
	return (struct sequence *)j;
}

static bool has_work(const struct segment *s)
{
	const struct accelsim_item *w = &s->work;

	return w->ops || w->bytes || w->link_ns || w->host_ns || w->io_bytes;
}

/* Goes on to the next stretch, or does the same one again. */
static void begin(struct sequence *s)
{
	const struct segment *one = &s->cfg.list->v[s->at];

	if (has_work(one))
		s->pieces = pieces_cut(&s->cfg.meter, &one->work, PIECE_NS);
	s->idle_ns = one->idle_ns;
	if (++s->done < one->repeat)
		return;
	s->done = 0;
	s->at = (s->at + 1) % s->cfg.list->nr;
}

/* From the completion of the last piece, or from the end of other idle time. */
static void begin_idle(struct sequence *s, uint64_t from_ns)
{
	if (from_ns < s->idle_until_ns)
		from_ns = s->idle_until_ns;
	s->idle_until_ns = from_ns + s->idle_ns;
	s->idle_ns = 0;
}

static int hand_out(struct sequence *s, struct accelsim_item *ret)
{
	const struct meter *m = &s->cfg.meter;
	struct flight *f = &s->flights[(s->head + s->nr_flights) % DEPTH];

	*ret = pieces_take(&s->pieces);
	ret->cookie = s->next_cookie++;
	*f = (struct flight){
		.cookie = ret->cookie,
		.work = m->joule(m->context, ret) / METER_UNIT_J,
	};
	s->nr_flights++;
	return 1;
}

static int sequence_next(struct job *j, uint64_t now_ns,
			 struct accelsim_item *ret, uint64_t *ret_wake_ns)
{
	struct sequence *s = to_sequence(j);

	*ret_wake_ns = JOB_NEVER;
	if (now_ns >= j->end_ns || s->nr_flights >= DEPTH)
		return 0;
	while (!pieces_left(&s->pieces)) {
		if (s->idle_ns && s->nr_flights)
			return 0;
		if (s->idle_ns)
			begin_idle(s, now_ns);
		if (now_ns < s->idle_until_ns) {
			*ret_wake_ns = s->idle_until_ns;
			return 0;
		}
		begin(s);
	}
	return hand_out(s, ret);
}

static int sequence_done(struct job *j, const struct accelsim_done *done)
{
	struct sequence *s = to_sequence(j);
	const struct flight *f = &s->flights[s->head];

	if (!s->nr_flights || f->cookie != done->cookie)
		return -EINVAL;
	s->head = (s->head + 1) % DEPTH;
	s->nr_flights--;
	j->stats.work += f->work * job_share(j, done);
	if (!s->nr_flights && !pieces_left(&s->pieces) && s->idle_ns)
		begin_idle(s, done->end_ns);
	return 0;
}

static void sequence_free(struct job *j)
{
	free(to_sequence(j));
}

static const struct job_ops sequence_ops = {
	.name = "phases",
	.unit = METER_UNIT,
	.next = sequence_next,
	.done = sequence_done,
	.free = sequence_free,
};

static bool is_possible(const struct segments *list)
{
	bool works = false;

	for (size_t i = 0; i < list->nr; i++) {
		if (list->v[i].duration_ns || !list->v[i].repeat)
			return false;
		works |= has_work(&list->v[i]);
	}
	return works;
}

int sequence_new(const struct sequence_config *cfg, struct job **ret)
{
	struct sequence *s;

	if (!is_possible(cfg->list))
		return -EINVAL;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->job.ops = &sequence_ops;
	s->job.end_ns = cfg->end_ns;
	s->cfg = *cfg;
	*ret = &s->job;
	return 0;
}
