// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../../../kmod/core/core.h"
#include "score.h"
#include "series.h"
#include "textfile.h"

#define HEADER \
	"time_ms,power_mw,clock_khz,target_khz,phase,phase_seen,slowdown_permille"

int series_add(struct series *s, const struct series_row *row)
{
	if (s->nr == s->room) {
		size_t room = s->room ? s->room * 2 : 2048;
		struct series_row *bigger = realloc(s->v,
						    room * sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		s->v = bigger;
		s->room = room;
	}
	s->v[s->nr++] = *row;
	return 0;
}

static void put_number(FILE *f, int64_t v)
{
	if (v >= 0)
		fprintf(f, ",%" PRId64, v);
	else
		fputc(',', f);
}

static void put_phase(FILE *f, int32_t phase)
{
	fputc(',', f);
	if (phase >= 0 && phase < ACCELGOV_PHASE_NR)
		fputs(ag_phase_base_name((enum accelgov_phase)phase), f);
}

int series_write(const struct series *s, FILE *f)
{
	fputs(HEADER "\n", f);
	for (size_t i = 0; i < s->nr; i++) {
		const struct series_row *row = &s->v[i];

		fprintf(f, "%" PRId64, row->end_ms);
		put_number(f, row->power_mw);
		put_number(f, row->clock_khz);
		put_number(f, row->target_khz);
		put_phase(f, row->truth);
		put_phase(f, row->seen);
		put_number(f, row->slowdown_permille);
		fputc('\n', f);
	}
	return textfile_flush(f);
}

/* Takes one field and the comma behind it; an empty one is unknown. */
static int take_number(char **at, char end, int64_t *ret)
{
	char *stop;

	if (**at == end) {
		*ret = -1;
		(*at)++;
		return 0;
	}
	if (**at < '0' || **at > '9')
		return -EBADMSG;
	errno = 0;
	*ret = strtoll(*at, &stop, 10);
	if (errno || *stop != end)
		return -EBADMSG;
	*at = stop + 1;
	return 0;
}

static int take_phase(char **at, int32_t *ret)
{
	char *comma = strchr(*at, ',');

	if (!comma)
		return -EBADMSG;
	*comma = '\0';
	*ret = **at ? (int32_t)phase_from_name(*at) : -1;
	*at = comma + 1;
	return *ret == ACCELGOV_PHASE_NR ? -EBADMSG : 0;
}

static int parse_row(char *at, struct series_row *row)
{
	if (take_number(&at, ',', &row->end_ms) || row->end_ms < 0 ||
	    take_number(&at, ',', &row->power_mw) ||
	    take_number(&at, ',', &row->clock_khz) ||
	    take_number(&at, ',', &row->target_khz) ||
	    take_phase(&at, &row->truth) || take_phase(&at, &row->seen) ||
	    take_number(&at, '\n', &row->slowdown_permille))
		return -EBADMSG;
	return 0;
}

static int read_rows(FILE *f, struct series *s, unsigned int *line)
{
	char buf[256];
	int r;

	*line = 1;
	if (!fgets(buf, sizeof(buf), f) || strcmp(buf, HEADER "\n"))
		return -EBADMSG;
	while (fgets(buf, sizeof(buf), f)) {
		struct series_row row;

		(*line)++;
		if (parse_row(buf, &row) ||
		    (s->nr && row.end_ms <= s->v[s->nr - 1].end_ms))
			return -EBADMSG;
		r = series_add(s, &row);
		if (r)
			return r;
	}
	return 0;
}

int series_read(FILE *f, struct series *ret, unsigned int *ret_line)
{
	struct series s = { 0 };
	unsigned int line;
	int r = read_rows(f, &s, &line);

	if (r) {
		series_free(&s);
		*ret_line = line;
		return r;
	}
	*ret = s;
	return 0;
}

void series_free(struct series *s)
{
	free(s->v);
	*s = (struct series){ 0 };
}
