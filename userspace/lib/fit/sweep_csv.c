// SPDX-License-Identifier: GPL-2.0
/*
 * Measurements as CSV: cells between commas, semicolons or tabs, whichever the
 * header has first; quotes around a cell that holds one of them.
 */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sweep.h"
#include "sweep_columns.h"

#define LINE_MAX	4096
#define CELLS_MAX	64

/* What a core clock and a power limit can be. */
#define KHZ_MIN		1e3
#define KHZ_MAX		20e6
/* What can be no MHz and no kHz either. */
#define HZ_FROM_MHZ	1e7
#define WATT_MIN	0.01
#define WATT_MAX	100e3

struct reader {
	const char *at;
	const char *end;
	unsigned int line;
	char delimiter;
	enum sweep_kind kind;
	struct sweep_error *err;
	struct sweep_column column[CELLS_MAX];
	size_t nr_columns;
	bool has_limit;
	bool typed;
	char text[LINE_MAX];
	char *cell[CELLS_MAX];
	size_t nr_cells;
};

/* One row while its cells are gathered. */
struct gather {
	char label[512];
	double mhz, seconds, joules, watts;
	double limit_min, limit_max;
	unsigned int nr_limits, nr_joules;
};

__attribute__((format(printf, 2, 3)))
static int refuse(struct reader *r, const char *fmt, ...)
{
	va_list args;

	r->err->line = r->line;
	va_start(args, fmt);
	vsnprintf(r->err->reason, sizeof(r->err->reason), fmt, args);
	va_end(args);
	return -EINVAL;
}

/* The next line that is neither empty nor a remark; 0 at the end. */
static int next_line(struct reader *r)
{
	while (r->at < r->end) {
		const char *eol = memchr(r->at, '\n', (size_t)(r->end - r->at));
		size_t len = (size_t)((eol ? eol : r->end) - r->at);
		const char *line = r->at;

		r->at = eol ? eol + 1 : r->end;
		r->line++;
		if (len && line[len - 1] == '\r')
			len--;
		if (len >= sizeof(r->text))
			return refuse(r, "the line is longer than %zu characters",
				      sizeof(r->text) - 1);
		if (memchr(line, '\0', len))
			return refuse(r, "a NUL character");
		memcpy(r->text, line, len);
		r->text[len] = '\0';
		if (r->text[strspn(r->text, " \t")] && *r->text != '#')
			return 1;
	}
	return 0;
}

static char *trim(char *text)
{
	size_t len;

	text += strspn(text, " \t");
	len = strlen(text);
	while (len && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		text[--len] = '\0';
	return text;
}

/* Takes the quotes off a cell; returns what follows it, NULL without an end. */
static char *unquote(char *cell)
{
	char *from = cell + 1, *to = cell;

	while (*from && (*from != '"' || from[1] == '"')) {
		if (*from == '"')
			from++;
		*to++ = *from++;
	}
	if (!*from)
		return NULL;
	*to = '\0';
	return from + 1;
}

static int split(struct reader *r)
{
	char *at = r->text;

	r->nr_cells = 0;
	for (;;) {
		char *cell = at, *stop;

		if (r->nr_cells == CELLS_MAX)
			return refuse(r, "more than %d cells", CELLS_MAX);
		r->cell[r->nr_cells++] = cell;
		if (*cell == '"') {
			at = unquote(cell);
			if (!at || (*at && *at != r->delimiter))
				return refuse(r, "cell %zu has a quote without its end",
					      r->nr_cells);
			stop = at;
		} else {
			stop = at + strcspn(at, (char[]){ r->delimiter, 0 });
		}
		if (!*stop)
			break;
		at = stop + 1;
		*stop = '\0';
	}
	for (size_t i = 0; i < r->nr_cells; i++)
		r->cell[i] = trim(r->cell[i]);
	return 0;
}

static bool has_role(const struct reader *r, enum sweep_role role)
{
	for (size_t i = 0; i < r->nr_columns; i++)
		if (r->column[i].role == role)
			return true;
	return false;
}

/* Would the other option take this file? */
static bool is_other_kind(const struct reader *r)
{
	bool clocks = has_role(r, SWEEP_MHZ);

	return r->kind == SWEEP_CLOCK ? r->has_limit && !clocks :
					clocks && !r->has_limit;
}

static int check_columns(struct reader *r)
{
	bool clocks = r->kind == SWEEP_CLOCK;
	const char *lacks = NULL;

	if (clocks && !has_role(r, SWEEP_MHZ))
		lacks = "frequency";
	else if (!clocks && !has_role(r, SWEEP_WATT_LIMIT) &&
		 !has_role(r, SWEEP_WINDOW))
		lacks = "power_limit";
	else if (!has_role(r, SWEEP_SECONDS))
		lacks = "time";
	else if (!has_role(r, SWEEP_JOULES) && !has_role(r, SWEEP_WATTS))
		lacks = "energy or power";
	if (lacks && is_other_kind(r) && clocks)
		return refuse(r, "this is a table of power limits, it has no clocks: give it with --limits, and a sweep over locked clocks with --sweep");
	if (lacks && is_other_kind(r))
		return refuse(r, "this is a sweep over clocks, it has no power limits: give it with --sweep");
	if (lacks)
		return refuse(r, "the header has no column %s: expected is one such as %s",
			      lacks, clocks ?
			      "stage,instruction,frequency,time,energy" :
			      "network,power_limit,time,average_power");
	return 0;
}

static int check_once(struct reader *r, size_t column)
{
	const struct sweep_column *c = &r->column[column];

	for (size_t i = 0; i < column; i++) {
		bool same = r->column[i].role == c->role;

		if (same && (c->role == SWEEP_MHZ || c->role == SWEEP_SECONDS ||
			     c->role == SWEEP_WATTS))
			return refuse(r, "columns %zu and %zu, \"%s\" and \"%s\", are the same thing: leave one out",
				      i + 1, column + 1, r->column[i].name,
				      c->name);
	}
	return 0;
}

static int read_header(struct reader *r)
{
	const char *wrong;
	int ret;

	if (r->end - r->at >= 2 && (!memcmp(r->at, "\xff\xfe", 2) ||
				    !memcmp(r->at, "\xfe\xff", 2)))
		return refuse(r, "the text is UTF-16, save it as UTF-8");
	if (r->end - r->at >= 3 && !memcmp(r->at, "\xef\xbb\xbf", 3))
		r->at += 3;
	ret = next_line(r);
	if (ret <= 0)
		return ret ? ret : refuse(r, "the file is empty");
	r->delimiter = r->text[strcspn(r->text, ",;\t")];
	if (!r->delimiter)
		return refuse(r, "the header has one column only; cells are divided by commas");
	ret = split(r);
	for (size_t i = 0; !ret && i < r->nr_cells; i++) {
		wrong = sweep_column(r->cell[i], &r->column[i]);
		if (wrong)
			return refuse(r, "column %zu, \"%.40s\", %s", i + 1,
				      r->cell[i], wrong);
		r->has_limit |= r->column[i].role == SWEEP_WATT_LIMIT ||
				r->column[i].role == SWEEP_WINDOW;
		/* A time of one kind in a table of the other is a label. */
		if (r->column[i].role == SWEEP_WATT_LIMIT &&
		    r->kind == SWEEP_CLOCK)
			r->column[i].role = SWEEP_LABEL;
		ret = check_once(r, i);
	}
	r->nr_columns = r->nr_cells;
	return ret ? ret : check_columns(r);
}

static bool is_number(const char *text, double *ret)
{
	char *end;

	if (!*text || text[strspn(text, "0123456789+-.eE")])
		return false;
	*ret = strtod(text, &end);
	return end != text && !*end && isfinite(*ret);
}

/* Columns of words tell work apart, unknown ones of numbers don't. */
static void type_columns(struct reader *r, struct sweep *sweep)
{
	size_t len = 0;
	double v;

	for (size_t i = 0; i < r->nr_columns; i++) {
		struct sweep_column *c = &r->column[i];

		if (c->role != SWEEP_UNKNOWN)
			continue;
		c->role = !*r->cell[i] || is_number(r->cell[i], &v) ?
			SWEEP_IGNORED : SWEEP_LABEL;
		if (c->role == SWEEP_IGNORED && len < sizeof(sweep->unused))
			len += (size_t)snprintf(sweep->unused + len,
						sizeof(sweep->unused) - len,
						"%s%s", len ? " " : "", c->name);
	}
	r->typed = true;
}

/* What a section of a profile can hold. */
static bool is_plain(char c)
{
	return isalnum((unsigned char)c) || strchr(" ._,:+/-", c);
}

static void add_label(struct gather *g, const char *name, const char *text)
{
	size_t len = strlen(g->label);
	double v;

	if (!*text)
		text = "-";
	snprintf(g->label + len, sizeof(g->label) - len, "%s%s%s%s",
		 len ? " " : "", is_number(text, &v) ? name : "",
		 is_number(text, &v) ? " " : "", text);
	for (char *c = g->label + len; *c; c++)
		if (!is_plain(*c))
			*c = '_';
}

static int add_window(struct reader *r, struct gather *g, char *text)
{
	char *limit = strrchr(text, '_');
	double v;

	if (r->kind == SWEEP_CLOCK) {
		add_label(g, "window", text);
		return 0;
	}
	if (!limit || !is_number(limit + 1, &v) || v <= 0)
		return refuse(r, "window_name \"%.40s\" does not end in an underscore and a limit in watts",
			      text);
	*limit = '\0';
	add_label(g, "window", text);
	g->limit_min = v;
	g->limit_max = v;
	g->nr_limits = 1;
	return 0;
}

static void add_number(struct gather *g, const struct sweep_column *c, double v)
{
	v *= c->factor;
	switch (c->role) {
	case SWEEP_MHZ:
		g->mhz = v;
		break;
	case SWEEP_SECONDS:
		g->seconds = v;
		break;
	case SWEEP_WATTS:
		g->watts = v;
		break;
	case SWEEP_JOULES:
		g->joules += v;
		g->nr_joules++;
		break;
	default:
		g->limit_min = g->nr_limits ? fmin(g->limit_min, v) : v;
		g->limit_max = fmax(g->limit_max, v);
		g->nr_limits++;
	}
}

static int refuse_number(struct reader *r, const char *name, const char *text)
{
	size_t digits = strspn(text, "0123456789");
	double v;

	if (is_number(text, &v))
		return refuse(r, "%s is %.40s, it has to be above 0", name,
			      text);
	if (digits && text[digits] == ',')
		return refuse(r, "%s is no number: \"%.40s\"; decimals begin with a point",
			      name, text);
	return refuse(r, "%s is no number above 0: \"%.40s\"", name, text);
}

static int take_cell(struct reader *r, struct gather *g, size_t i)
{
	const struct sweep_column *c = &r->column[i];
	double v;

	switch (c->role) {
	case SWEEP_UNKNOWN:
	case SWEEP_IGNORED:
		return 0;
	case SWEEP_LABEL:
		add_label(g, c->name, r->cell[i]);
		return 0;
	case SWEEP_WINDOW:
		return add_window(r, g, r->cell[i]);
	default:
		if (!is_number(r->cell[i], &v) || v <= 0)
			return refuse_number(r, c->name, r->cell[i]);
		add_number(g, c, v);
		return 0;
	}
}

/* Names that are too long stay different through a hash of the whole. */
static void shorten(char *label)
{
	uint32_t hash = 2166136261U;

	if (strlen(label) < SWEEP_LABEL_LEN)
		return;
	for (const char *c = label; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 16777619U;
	sprintf(label + SWEEP_LABEL_LEN - 10, "-%08x", hash);
}

/*
 * Joules of several columns are those of several devices; those of one column
 * beside several limits are the sum of them.
 */
static double watts_of(const struct gather *g)
{
	unsigned int devices = g->nr_joules;

	if (!devices)
		return g->watts;
	if (devices == 1 && g->nr_limits > 1)
		devices = g->nr_limits;
	return g->joules / g->seconds / devices;
}

static int finish_row(struct reader *r, struct gather *g, struct sweep *sweep)
{
	struct sweep_row row = { .time_s = g->seconds, .power_w = watts_of(g) };
	int phase;

	if (r->kind == SWEEP_LIMIT && g->limit_min < g->limit_max) {
		sweep->mixed++;
		return 0;
	}
	row.setting = r->kind == SWEEP_CLOCK ? g->mhz * 1000 : g->limit_max;
	if (r->kind == SWEEP_CLOCK &&
	    (row.setting < KHZ_MIN || row.setting > KHZ_MAX))
		return refuse(r, "a clock of %g MHz can't be; if it is in another unit, the header has to say so, as in frequency_%s",
			      g->mhz, row.setting < KHZ_MIN ? "ghz" :
			      g->mhz < HZ_FROM_MHZ ? "khz" : "hz");
	if (row.power_w < WATT_MIN || row.power_w > WATT_MAX)
		return refuse(r, "a power of %g W can't be; energy is in J and time in s unless the header says so, as in %s",
			      row.power_w, row.power_w < WATT_MIN ? "time_us" :
			      "energy_mj");
	if (!g->label[0])
		strcpy(g->label, "all");
	shorten(g->label);
	phase = sweep_phase(sweep, g->label);
	if (phase < 0)
		return refuse(r, "more than %d kinds of work; leave out columns that tell them apart",
			      SWEEP_PHASES_MAX);
	row.phase = (uint32_t)phase;
	return sweep_add(sweep, &row);
}

static int read_row(struct reader *r, struct sweep *sweep)
{
	struct gather g = { 0 };
	int ret = split(r);

	if (!ret && r->nr_cells != r->nr_columns)
		ret = refuse(r, "%zu cells, but the header has %zu",
			     r->nr_cells, r->nr_columns);
	if (!ret && !r->typed)
		type_columns(r, sweep);
	for (size_t i = 0; !ret && i < r->nr_cells; i++)
		ret = take_cell(r, &g, i);
	return ret ? ret : finish_row(r, &g, sweep);
}

int sweep_parse(const char *text, size_t len, enum sweep_kind kind,
		struct sweep *ret, struct sweep_error *err)
{
	struct reader r = { .at = text, .end = text + len, .kind = kind,
			    .err = err };
	struct sweep sweep = { 0 };
	int more = 1, error = read_header(&r);

	while (!error && more > 0) {
		more = next_line(&r);
		error = more > 0 ? read_row(&r, &sweep) : more;
	}
	if (!error && !sweep.nr) {
		r.line = 0;
		error = refuse(&r, sweep.mixed ?
			       "every row sets the devices different limits" :
			       "there is no measurement below the header");
	}
	if (error) {
		sweep_free(&sweep);
		return error;
	}
	sweep_sort(&sweep);
	*ret = sweep;
	return 0;
}
