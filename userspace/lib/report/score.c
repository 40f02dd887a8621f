// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../../kmod/core/core.h"
#include "score.h"

/* As the core has it (kmod/core/phase.c), and bound.h for items. */
#define BALANCE_PERMILLE	1270
#define TURNS			3

uint32_t phase_from_name(const char *name)
{
	for (uint32_t p = 0; p < ACCELGOV_PHASE_NR; p++)
		for (uint32_t w = 0; w < ACCELGOV_WORKLOAD_NR; w++)
			if (!strcmp(name,
				    ag_phase_name((enum accelgov_phase)p,
						  (enum accelgov_workload)w)))
				return p;
	return ACCELGOV_PHASE_NR;
}

int timeline_extend(struct timeline *t, uint64_t start_ns, uint64_t end_ns,
		    uint32_t phase)
{
	if (t->nr)
		start_ns = t->v[t->nr - 1].end_ns;
	if (end_ns <= start_ns)
		return 0;
	if (t->nr && t->v[t->nr - 1].phase == phase) {
		t->v[t->nr - 1].end_ns = end_ns;
		return 0;
	}
	if (t->nr == t->room) {
		size_t room = t->room ? t->room * 2 : 256;
		struct span *bigger = realloc(t->v, room * sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		t->v = bigger;
		t->room = room;
	}
	t->v[t->nr++] = (struct span){ start_ns, end_ns, phase };
	return 0;
}

/* First span that ends after @at_ns. */
static size_t span_after(const struct timeline *t, uint64_t at_ns)
{
	size_t lo = 0, hi = t->nr;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (t->v[mid].end_ns > at_ns)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

static uint64_t overlap_ns(const struct span *s, uint64_t start_ns,
			   uint64_t end_ns)
{
	uint64_t from = s->start_ns > start_ns ? s->start_ns : start_ns;
	uint64_t to = s->end_ns < end_ns ? s->end_ns : end_ns;

	return to > from ? to - from : 0;
}

uint32_t timeline_dominant(const struct timeline *t, uint64_t start_ns,
			   uint64_t end_ns)
{
	uint64_t held_ns[ACCELGOV_PHASE_NR + 1] = { 0 };
	uint32_t best = ACCELGOV_PHASE_NR;

	for (size_t i = span_after(t, start_ns);
	     i < t->nr && t->v[i].start_ns < end_ns; i++) {
		uint32_t phase = t->v[i].phase;

		if (phase >= ACCELGOV_PHASE_NR)
			continue;
		held_ns[phase] += overlap_ns(&t->v[i], start_ns, end_ns);
		if (held_ns[phase] > held_ns[best])
			best = phase;
	}
	return best;
}

static bool is_either(uint32_t phase)
{
	return phase == ACCELGOV_PHASE_COMPUTE ||
	       phase == ACCELGOV_PHASE_MEMORY;
}

/* Do arithmetic and traffic take turns, so that none of them prevails? */
static bool takes_turns(const struct timeline *t, uint64_t start_ns,
			uint64_t end_ns)
{
	uint64_t held_ns[ACCELGOV_PHASE_NR] = { 0 };
	uint64_t c_ns, m_ns;
	uint32_t last = ACCELGOV_PHASE_NR;
	unsigned int changes = 0;

	for (size_t i = span_after(t, start_ns);
	     i < t->nr && t->v[i].start_ns < end_ns; i++) {
		uint32_t phase = t->v[i].phase;

		if (!is_either(phase))
			continue;
		changes += last != ACCELGOV_PHASE_NR && last != phase;
		last = phase;
		held_ns[phase] += overlap_ns(&t->v[i], start_ns, end_ns);
	}
	c_ns = held_ns[ACCELGOV_PHASE_COMPUTE];
	m_ns = held_ns[ACCELGOV_PHASE_MEMORY];
	return changes >= TURNS &&
	       BALANCE_PERMILLE * c_ns >= 1000 * m_ns &&
	       BALANCE_PERMILLE * m_ns >= 1000 * c_ns &&
	       2 * (c_ns + m_ns) > end_ns - start_ns;
}

uint32_t timeline_window(const struct timeline *t, uint64_t start_ns,
			 uint64_t end_ns)
{
	uint64_t ns = end_ns - start_ns;

	if (takes_turns(t, start_ns, end_ns) &&
	    takes_turns(t, start_ns > ns ? start_ns - ns : 0, end_ns + ns))
		return ACCELGOV_PHASE_MIXED;
	return timeline_dominant(t, start_ns, end_ns);
}

static uint64_t covered_ns(const struct timeline *t, uint64_t start_ns,
			   uint64_t end_ns)
{
	struct span all;

	if (!t->nr)
		return 0;
	all = (struct span){ t->v[0].start_ns, t->v[t->nr - 1].end_ns, 0 };
	return overlap_ns(&all, start_ns, end_ns);
}

static uint64_t agreed_ns(const struct timeline *a, const struct timeline *b,
			  uint64_t start_ns, uint64_t end_ns)
{
	size_t i = span_after(a, start_ns), j = span_after(b, start_ns);
	uint64_t sum_ns = 0;

	while (i < a->nr && j < b->nr) {
		const struct span *x = &a->v[i], *y = &b->v[j];

		if (x->phase == y->phase) {
			uint64_t from = y->start_ns > start_ns ? y->start_ns :
								 start_ns;
			uint64_t to = y->end_ns < end_ns ? y->end_ns : end_ns;

			sum_ns += overlap_ns(x, from, to);
		}
		if (x->end_ns <= y->end_ns)
			i++;
		else
			j++;
	}
	return sum_ns;
}

double timeline_agreement(const struct timeline *a, const struct timeline *b,
			  uint64_t start_ns, uint64_t end_ns)
{
	uint64_t a_ns = covered_ns(a, start_ns, end_ns);
	uint64_t b_ns = covered_ns(b, start_ns, end_ns);
	uint64_t all_ns = a_ns > b_ns ? a_ns : b_ns;

	if (!all_ns)
		return NAN;
	return 1000 * (double)agreed_ns(a, b, start_ns, end_ns) /
	       (double)all_ns;
}

void timeline_free(struct timeline *t)
{
	free(t->v);
	*t = (struct timeline){ 0 };
}

static bool is_work(const struct accelsim_item *item)
{
	return item->ops || item->bytes || item->link_ns || item->io_bytes;
}

void score_init(struct score *s, uint64_t start_ns, uint64_t end_ns)
{
	*s = (struct score){ .start_ns = start_ns, .end_ns = end_ns };
	minute_init(&s->minute, 0);
}

/* Part of the item that lies before the end. */
static double share(const struct score *s, const struct accelsim_done *done)
{
	if (done->end_ns <= s->end_ns)
		return 1;
	if (done->start_ns >= s->end_ns)
		return 0;
	return (double)(s->end_ns - done->start_ns) /
	       (double)(done->end_ns - done->start_ns);
}

static int extend_truth(struct score *s, uint64_t end_ns, uint32_t phase)
{
	size_t last = s->truth.nr;
	uint64_t from_ns = last ? s->truth.v[last - 1].end_ns : s->start_ns;

	if (end_ns > s->end_ns)
		end_ns = s->end_ns;
	if (end_ns > from_ns && phase < ACCELGOV_PHASE_NR)
		s->label_ns[phase] += (double)(end_ns - from_ns);
	return timeline_extend(&s->truth, s->start_ns, end_ns, phase);
}

static void minute_done(struct score *s, const struct accelsim_done *done)
{
	if (done->end_ns < s->start_ns || done->end_ns > s->end_ns)
		return;
	minute_add(&s->minute, done->end_ns - s->start_ns, done->ref_ns,
		   done->end_ns - done->start_ns + done->wake_ns);
}

int score_done(struct score *s, const struct accelsim_item *item,
	       const struct accelsim_done *done)
{
	double part = share(s, done);
	int r;

	r = extend_truth(s, done->submit_ns, ACCELGOV_PHASE_LOADED_IDLE);
	if (!r)
		r = extend_truth(s, done->end_ns, done->label);
	if (r)
		return r;
	if (!is_work(item))
		return 0;
	minute_done(s, done);
	s->spent_ns += part * (double)(done->end_ns - done->start_ns +
				       done->wake_ns);
	s->ref_ns += part * (double)done->ref_ns;
	s->wake_ns += part * (double)done->wake_ns;
	return 0;
}

int score_finish(struct score *s)
{
	minute_advance(&s->minute, s->end_ns - s->start_ns);
	return extend_truth(s, s->end_ns, ACCELGOV_PHASE_LOADED_IDLE);
}

double score_slowdown(const struct score *s)
{
	return s->ref_ns > 0 ? 1000 * (s->spent_ns / s->ref_ns - 1) : NAN;
}

double score_minute(const struct score *s)
{
	return s->minute.worst_permille;
}

double score_accuracy(const struct score *s)
{
	if (!s->seen.nr)
		return NAN;
	return timeline_agreement(&s->truth, &s->seen, s->start_ns, s->end_ns);
}

void score_free(struct score *s)
{
	timeline_free(&s->truth);
	timeline_free(&s->seen);
}
