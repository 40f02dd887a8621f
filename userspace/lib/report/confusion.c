// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../../kmod/core/core.h"
#include "confusion.h"

/* A phase that is there for less than this of the time makes no class. */
#define SHARE_MIN	0.005
#define DELAY_WINDOWS	3
#define SETTLE_EVERY	4096

void confusion_add(struct confusion *c, uint32_t truth, uint32_t seen,
		   double amount)
{
	if (truth >= ACCELGOV_PHASE_NR)
		return;
	if (seen >= ACCELGOV_PHASE_NR)
		seen = ACCELGOV_PHASE_UNKNOWN;
	c->at[truth][seen] += amount;
}

void confusion_merge(struct confusion *c, const struct confusion *other)
{
	for (int i = 0; i < ACCELGOV_PHASE_NR; i++)
		for (int j = 0; j < ACCELGOV_PHASE_NR; j++)
			c->at[i][j] += other->at[i][j];
}

void confusion_time(struct confusion *c, const struct timeline *truth,
		    const struct timeline *seen)
{
	size_t j = 0;

	for (size_t i = 0; i < truth->nr; i++) {
		uint64_t at_ns = truth->v[i].start_ns;
		uint64_t end_ns = truth->v[i].end_ns;

		while (at_ns < end_ns) {
			uint32_t name = ACCELGOV_PHASE_UNKNOWN;
			uint64_t to_ns = end_ns;

			while (j < seen->nr && seen->v[j].end_ns <= at_ns)
				j++;
			if (j < seen->nr && seen->v[j].start_ns > at_ns)
				to_ns = seen->v[j].start_ns;
			else if (j < seen->nr)
				to_ns = seen->v[j].end_ns;
			if (j < seen->nr && seen->v[j].start_ns <= at_ns)
				name = seen->v[j].phase;
			if (to_ns > end_ns)
				to_ns = end_ns;
			confusion_add(c, truth->v[i].phase, name,
				      (double)(to_ns - at_ns) / 1e9);
			at_ns = to_ns;
		}
	}
}

static double true_sum(const struct confusion *c, uint32_t phase)
{
	double sum = 0;

	for (int i = 0; i < ACCELGOV_PHASE_NR; i++)
		sum += c->at[phase][i];
	return sum;
}

static double total(const struct confusion *c)
{
	double sum = 0;

	for (uint32_t i = 0; i < ACCELGOV_PHASE_NR; i++)
		sum += true_sum(c, i);
	return sum;
}

double confusion_f1(const struct confusion *c, uint32_t phase)
{
	double named = 0, there = true_sum(c, phase);

	if (there <= 0 || there < SHARE_MIN * total(c))
		return NAN;
	for (int i = 0; i < ACCELGOV_PHASE_NR; i++)
		named += c->at[i][phase];
	return 1000 * 2 * c->at[phase][phase] / (there + named);
}

double confusion_macro_f1(const struct confusion *c)
{
	double sum = 0;
	int nr = 0;

	for (uint32_t i = 0; i < ACCELGOV_PHASE_NR; i++) {
		double f1 = confusion_f1(c, i);

		if (isnan(f1))
			continue;
		sum += f1;
		nr++;
	}
	return nr ? sum / nr : NAN;
}

static void print_rule(FILE *f)
{
	fputs("============  ======", f);
	for (int i = 0; i < ACCELGOV_PHASE_NR; i++)
		fputs("  ======", f);
	fputs("  ======\n", f);
}

static const char *short_name(uint32_t phase)
{
	static const char *const name[ACCELGOV_PHASE_NR] = {
		[ACCELGOV_PHASE_UNKNOWN] = "unkn.",
		[ACCELGOV_PHASE_COMPUTE] = "comp.",
		[ACCELGOV_PHASE_MEMORY] = "memory",
		[ACCELGOV_PHASE_LINK] = "link",
		[ACCELGOV_PHASE_STALL] = "stall",
		[ACCELGOV_PHASE_CHECKPOINT] = "checkp",
		[ACCELGOV_PHASE_MIXED] = "mixed",
		[ACCELGOV_PHASE_LOADED_IDLE] = "l-idle",
		[ACCELGOV_PHASE_IDLE] = "idle",
	};

	return name[phase];
}

void confusion_print(const struct confusion *c, FILE *f)
{
	double all = total(c);

	print_rule(f);
	fprintf(f, "%-12s  %6s", "true", "share");
	for (uint32_t i = 0; i < ACCELGOV_PHASE_NR; i++)
		fprintf(f, "  %6s", short_name(i));
	fprintf(f, "  %6s\n", "F1");
	print_rule(f);
	for (uint32_t i = 0; i < ACCELGOV_PHASE_NR; i++) {
		double sum = true_sum(c, i);

		if (sum <= 0)
			continue;
		fprintf(f, "%-12s  %6.1f", ag_phase_base_name(i),
			1000 * sum / all);
		for (uint32_t j = 0; j < ACCELGOV_PHASE_NR; j++)
			fprintf(f, "  %6.0f", 1000 * c->at[i][j] / sum);
		if (isnan(confusion_f1(c, i)))
			fprintf(f, "  %6s\n", "\\-");
		else
			fprintf(f, "  %6.0f\n", confusion_f1(c, i));
	}
	print_rule(f);
}

static const struct span *span_at(const struct timeline *t, size_t *j,
				  uint64_t at_ns)
{
	while (*j < t->nr && t->v[*j].end_ns <= at_ns)
		++*j;
	return *j < t->nr ? &t->v[*j] : NULL;
}

/* When @span was first published for what it was, its end for never. */
static uint64_t noticed_ns(const struct span *span,
			   const struct timeline *seen, size_t j)
{
	for (; j < seen->nr && seen->v[j].start_ns < span->end_ns; j++)
		if (seen->v[j].phase == span->phase)
			return seen->v[j].start_ns;
	return span->end_ns;
}

static void count_delay(struct delays *d, uint64_t late_ns, uint64_t window_ns)
{
	uint64_t part = late_ns * DELAY_PARTS / window_ns;

	d->nr[part < DELAY_BINS ? part : DELAY_BINS - 1]++;
	d->total++;
}

void delays_add(struct delays *d, const struct timeline *truth,
		const struct timeline *seen, uint64_t window_ns)
{
	size_t j = 0;

	for (size_t i = 1; i < truth->nr; i++) {
		const struct span *span = &truth->v[i], *before;

		before = span_at(seen, &j, span->start_ns);
		if (span->phase >= ACCELGOV_PHASE_NR)
			continue;
		if (span->end_ns - span->start_ns < DELAY_WINDOWS * window_ns)
			d->too_short++;
		else if (!before || before->phase != span->phase)
			count_delay(d, noticed_ns(span, seen, j) -
				    span->start_ns, window_ns);
	}
}

void delays_merge(struct delays *d, const struct delays *other)
{
	for (int i = 0; i < DELAY_BINS; i++)
		d->nr[i] += other->nr[i];
	d->total += other->total;
	d->too_short += other->too_short;
}

double delays_percentile(const struct delays *d, double percent)
{
	double rank = percent / 100 * (double)d->total;
	uint64_t sum = 0;

	for (int i = 0; d->total && i < DELAY_BINS; i++) {
		sum += d->nr[i];
		if ((double)sum >= rank && sum)
			return (i + 1.0) / DELAY_PARTS;
	}
	return NAN;
}

void reliability_add(struct reliability *r, uint32_t confidence, bool right)
{
	uint32_t bin = confidence * RELIABILITY_BINS / 1001;

	if (bin >= RELIABILITY_BINS)
		bin = RELIABILITY_BINS - 1;
	r->nr[bin]++;
	r->sum[bin] += confidence;
	r->right[bin] += right;
}

void reliability_merge(struct reliability *r, const struct reliability *other)
{
	for (int i = 0; i < RELIABILITY_BINS; i++) {
		r->nr[i] += other->nr[i];
		r->sum[i] += other->sum[i];
		r->right[i] += other->right[i];
	}
}

double reliability_error(const struct reliability *r)
{
	double error = 0, nr = 0;

	for (int i = 0; i < RELIABILITY_BINS; i++) {
		error += fabs(r->sum[i] - 1000 * r->right[i]);
		nr += r->nr[i];
	}
	return nr > 0 ? error / nr : NAN;
}

void named_windows_settle(struct named_windows *w,
			  const struct timeline *truth)
{
	uint64_t known_ns = truth->nr ? truth->v[truth->nr - 1].end_ns : 0;
	size_t i;

	for (i = 0; i < w->nr && w->v[i].to_ns <= known_ns; i++) {
		const struct named_window *n = &w->v[i];
		uint32_t phase = timeline_window(truth, n->from_ns, n->to_ns);

		if (phase >= ACCELGOV_PHASE_NR)
			continue;
		confusion_add(&w->confusion, phase, n->phase, 1);
		reliability_add(&w->reliability, n->confidence,
				n->phase == phase);
	}
	if (!i)
		return;
	w->nr -= i;
	memmove(w->v, w->v + i, w->nr * sizeof(*w->v));
}

int named_windows_add(struct named_windows *w,
		      const struct named_window *window,
		      const struct timeline *truth)
{
	if (w->nr == w->room) {
		size_t room = w->room ? w->room * 2 : 2 * SETTLE_EVERY;
		struct named_window *bigger;

		bigger = realloc(w->v, room * sizeof(*bigger));
		if (!bigger)
			return -ENOMEM;
		w->v = bigger;
		w->room = room;
	}
	w->v[w->nr++] = *window;
	if (w->nr % SETTLE_EVERY == 0)
		named_windows_settle(w, truth);
	return 0;
}

void named_windows_free(struct named_windows *w)
{
	free(w->v);
	w->v = NULL;
	w->nr = 0;
	w->room = 0;
}
