// SPDX-License-Identifier: GPL-2.0
/*
 * Lists of phases: CSV with a header that names the columns.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../../kmod/uapi/accelgov.h"
#include "report/score.h"
#include "segments.h"

#define NSEC_PER_MSEC	1000000ULL

/* Bounds that no product of them with any device leaves 64 bits. */
#define WORK_MAX	1000000000000000000ULL
#define DAYS_31_MS	2678400000ULL
#define REPEAT_MAX	1000000000000ULL

enum segment_column {
	COL_PHASE, COL_DURATION, COL_OPS, COL_BYTES, COL_LINK, COL_HOST,
	COL_IO, COL_IDLE, COL_REPEAT, COL_NR
};

static const char *const columns[COL_NR] = {
	[COL_PHASE] = "phase", [COL_DURATION] = "duration_ms",
	[COL_OPS] = "ops", [COL_BYTES] = "bytes", [COL_LINK] = "link_ns",
	[COL_HOST] = "host_ns", [COL_IO] = "io_bytes",
	[COL_IDLE] = "idle_ms", [COL_REPEAT] = "repeat",
};

/* The header: what stands where, and what there is. */
struct layout {
	enum segment_column at[COL_NR];
	unsigned int nr;
	unsigned int has;
};

#define HAS(column)	(1U << (column))
#define HAS_PHYSICS	(HAS(COL_OPS) | HAS(COL_BYTES) | HAS(COL_LINK) | \
			 HAS(COL_HOST) | HAS(COL_IO))

int segments_add(struct segments *s, const struct segment *one)
{
	if (s->nr == s->room) {
		size_t room = s->room ? s->room * 2 : 64;
		struct segment *bigger = realloc(s->v, room * sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		s->v = bigger;
		s->room = room;
	}
	s->v[s->nr++] = *one;
	return 0;
}

int segments_column(const struct cursor *c)
{
	for (int i = 0; i < COL_NR; i++)
		if (cursor_is(c, columns[i]))
			return i;
	return -1;
}

static int take_column(struct cursor *c, struct layout *l)
{
	struct cursor field;
	char shown[40];
	int column;

	cursor_field(c, &field);
	column = segments_column(&field);
	if (column < 0)
		return cursor_refuse(c, "unknown column \"%s\"",
				     text_printable(shown, sizeof(shown),
						    field.at, (size_t)
						    (field.end - field.at)));
	if (l->has & HAS(column))
		return cursor_refuse(c, "column %s twice", columns[column]);
	l->has |= HAS(column);
	l->at[l->nr++] = (enum segment_column)column;
	return 0;
}

static int parse_header(struct cursor *c, struct layout *l)
{
	bool more = true;

	while (more) {
		/* A comma at the end promises another column. */
		more = memchr(c->at, ',', (size_t)(c->end - c->at));
		if (take_column(c, l))
			return -EINVAL;
	}
	if (!(l->has & (HAS_PHYSICS | HAS(COL_DURATION))))
		return cursor_refuse(c, "no column says what is to be done: duration_ms, or any of ops, bytes, link_ns, host_ns, io_bytes");
	if ((l->has & HAS_PHYSICS) && (l->has & HAS(COL_DURATION)))
		return cursor_refuse(c, "duration_ms and columns of work in one list: either of them says how much it is");
	if ((l->has & HAS(COL_DURATION)) && !(l->has & HAS(COL_PHASE)))
		return cursor_refuse(c, "duration_ms says how long, but no column phase says what");
	return 0;
}

static int take_phase(struct cursor *c, struct segment *ret)
{
	char name[32];

	ret->work.label = ACCELGOV_PHASE_UNKNOWN;
	if (cursor_ended(c))
		return 0;
	text_printable(name, sizeof(name), c->at, (size_t)(c->end - c->at));
	ret->work.label = phase_from_name(name);
	if (ret->work.label == ACCELGOV_PHASE_NR)
		return cursor_refuse(c, "\"%s\" is no phase; there are compute, memory, link-wait, input-stall, checkpoint, mixed, loaded-idle, idle",
				     name);
	c->at = c->end;
	return 0;
}

static int take_ms(struct cursor *c, const char *what, uint64_t *ret_ns)
{
	double ms;
	int r = cursor_real(c, what, DAYS_31_MS, &ms);

	if (!r)
		*ret_ns = (uint64_t)llround(ms * NSEC_PER_MSEC);
	return r;
}

static int take_u64(struct cursor *c, const char *what, uint64_t max,
		    __u64 *ret)
{
	uint64_t v;
	int r = cursor_whole(c, what, max, &v);

	if (!r)
		*ret = v;
	return r;
}

static int take_value(struct cursor *c, enum segment_column column,
		      struct segment *ret)
{
	const char *what = columns[column];
	uint64_t most_ns = DAYS_31_MS * NSEC_PER_MSEC;

	switch (column) {
	case COL_PHASE:
		return take_phase(c, ret);
	case COL_DURATION:
		return take_ms(c, what, &ret->duration_ns);
	case COL_IDLE:
		return take_ms(c, what, &ret->idle_ns);
	case COL_OPS:
		return take_u64(c, what, WORK_MAX, &ret->work.ops);
	case COL_BYTES:
		return take_u64(c, what, WORK_MAX, &ret->work.bytes);
	case COL_LINK:
		return take_u64(c, what, most_ns, &ret->work.link_ns);
	case COL_HOST:
		return take_u64(c, what, most_ns, &ret->work.host_ns);
	case COL_IO:
		return take_u64(c, what, WORK_MAX, &ret->work.io_bytes);
	default:
		return cursor_whole(c, what, REPEAT_MAX, &ret->repeat);
	}
}

static int take_field(struct cursor *c, enum segment_column column,
		      struct segment *ret)
{
	struct cursor field;
	int r;

	cursor_field(c, &field);
	if (cursor_ended(&field) && column != COL_PHASE)
		return cursor_refuse(c, "%s is empty; 0 says none",
				     columns[column]);
	r = take_value(&field, column, ret);
	if (!r && !cursor_ended(&field))
		r = cursor_refuse(c, "%s is not a number", columns[column]);
	return r;
}

static bool is_idle(const struct segment *s)
{
	return s->work.label == ACCELGOV_PHASE_IDLE ||
	       s->work.label == ACCELGOV_PHASE_LOADED_IDLE;
}

static bool has_physics(const struct segment *s)
{
	const struct accelsim_item *w = &s->work;

	return w->ops || w->bytes || w->link_ns || w->host_ns || w->io_bytes;
}

/* A phase in which nothing runs is time with nothing queued. */
static int settle(struct cursor *c, struct segment *s)
{
	if (!s->repeat)
		return cursor_refuse(c, "repeat is 0");
	if (s->duration_ns && s->work.label == ACCELGOV_PHASE_UNKNOWN)
		return cursor_refuse(c, "duration_ms without a phase");
	if (is_idle(s) && has_physics(s))
		return cursor_refuse(c, "work in an idle phase");
	if (is_idle(s)) {
		s->idle_ns += s->duration_ns;
		s->duration_ns = 0;
	}
	if (!s->duration_ns && !s->idle_ns && !has_physics(s))
		return cursor_refuse(c, "neither work nor time in it");
	return 0;
}

static int parse_line(struct cursor *c, const struct layout *l,
		      struct segment *ret)
{
	unsigned int nr = cursor_fields(c);
	struct cursor line = *c, field;

	cursor_field(&line, &field);
	*ret = (struct segment){ .repeat = 1, .line = c->line };
	if (cursor_ended(c))
		return cursor_refuse(c, "empty line");
	if (segments_column(&field) >= 0)
		return cursor_refuse(c, "the header once more");
	if (nr != l->nr)
		return cursor_refuse(c, "%u fields under %u columns", nr,
				     l->nr);
	for (unsigned int i = 0; i < l->nr; i++) {
		int r = take_field(c, l->at[i], ret);

		if (r)
			return r;
	}
	return settle(c, ret);
}

static int parse_rows(struct cursor *c, const struct layout *l,
		      struct segments *ret)
{
	struct segment one;
	bool works = false;
	int r;

	while ((r = cursor_next(c)) > 0) {
		r = parse_line(c, l, &one);
		if (!r)
			r = segments_add(ret, &one);
		if (r)
			return r;
		works |= one.duration_ns || has_physics(&one);
	}
	if (r)
		return r;
	c->line = 0;
	return works ? 0 : cursor_refuse(c, "there is no work in it");
}

int segments_parse(const char *text, size_t len, struct segments *ret,
		   struct text_error *err)
{
	struct segments list = { 0 };
	struct layout layout = { 0 };
	struct cursor c;
	int r = cursor_begin(&c, text, len, err);

	if (!r)
		r = cursor_next(&c);
	if (r < 0)
		return r;
	r = parse_header(&c, &layout);
	if (!r)
		r = parse_rows(&c, &layout, &list);
	if (r) {
		segments_free(&list);
		return r;
	}
	*ret = list;
	return 0;
}

void segments_free(struct segments *s)
{
	free(s->v);
	*s = (struct segments){ 0 };
}
