// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdbool.h>

#include "rehearsal.h"

#define QUEUE_LEN	ACCELSIM_QUEUE_LEN

/* Items submitted and unfinished, a ring; the first of them runs. */
struct queue {
	struct accelsim_item items[QUEUE_LEN];
	uint64_t submit_ns[QUEUE_LEN];
	unsigned int head;
	unsigned int nr;
};

struct stage {
	struct job *job;
	const struct rehearsal_device *device;
	struct queue queue;
	struct rehearsal out;
	uint64_t now_ns;
	uint64_t wake_ns;
	uint64_t free_ns;
	uint32_t last_label;
};

static int fill(struct stage *s)
{
	struct queue *q = &s->queue;
	int r;

	for (;;) {
		unsigned int tail = (q->head + q->nr) % QUEUE_LEN;

		if (q->nr == QUEUE_LEN)
			return 0;
		r = job_next(s->job, s->now_ns, &q->items[tail], &s->wake_ns);
		if (r <= 0)
			return r;
		q->submit_ns[tail] = s->now_ns;
		q->nr++;
	}
}

static void account(struct stage *s, const struct accelsim_done *done)
{
	struct rehearsal *out = &s->out;

	out->end_ns = done->end_ns;
	if (done->label < sizeof(out->label_ns) / sizeof(out->label_ns[0]))
		out->label_ns[done->label] += done->end_ns - done->start_ns;
	out->changes += done->label != s->last_label;
	s->last_label = done->label;
}

/* Times of the first item in the queue, were nothing to happen before. */
static struct accelsim_done predict(const struct stage *s)
{
	const struct queue *q = &s->queue;
	const struct accelsim_item *item = &q->items[q->head];
	uint64_t submit_ns = q->submit_ns[q->head];
	uint64_t ns = s->device->item_ns(s->device->context, item);
	struct accelsim_done done = {
		.cookie = item->cookie,
		.label = item->label,
		.submit_ns = submit_ns,
		.start_ns = submit_ns > s->free_ns ? submit_ns : s->free_ns,
		.ref_ns = ns,
	};

	done.end_ns = done.start_ns + ns;
	return done;
}

static int complete(struct stage *s, const struct accelsim_done *done)
{
	s->queue.head = (s->queue.head + 1) % QUEUE_LEN;
	s->queue.nr--;
	s->free_ns = done->end_ns;
	s->now_ns = done->end_ns;
	account(s, done);
	return job_done(s->job, done);
}

int rehearsal_run(struct job *job, const struct rehearsal_device *device,
		  struct rehearsal *ret)
{
	struct stage s = { .job = job, .device = device };
	struct accelsim_done done;
	int r;

	for (;;) {
		r = fill(&s);
		if (r)
			return r;
		if (s.queue.nr) {
			done = predict(&s);
			if (s.wake_ns < done.end_ns) {
				s.now_ns = s.wake_ns;
				continue;
			}
			r = complete(&s, &done);
			if (r)
				return r;
		} else if (s.wake_ns != JOB_NEVER) {
			s.now_ns = s.wake_ns;
		} else {
			*ret = s.out;
			return 0;
		}
	}
}
