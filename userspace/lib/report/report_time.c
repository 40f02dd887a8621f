// SPDX-License-Identifier: GPL-2.0
/*
 * Time series: one panel per run with power, clock and two bands of phases,
 * what the device did above what the governor took it for. All panels share
 * their scales.
 */
#include <math.h>
#include <string.h>

#include "../../../kmod/core/core.h"
#include "report_parts.h"

#define WIDTH		960
#define LEFT		74
#define PLOT_W		852
#define HEAD		22
#define POWER_H		66
#define CLOCK_H		46
#define GAP		18
#define BAND_GAP	8
#define BAND_H		10
#define PANEL_GAP	20
#define AXIS_H		36

/* The detail shows so much of the middle of the run, or so many rows. */
#define DETAIL_MS	12000
#define DETAIL_ROWS	120

/* Panels of one chart and their common scales. */
struct view {
	const struct report_group *g;
	size_t show[REPORT_GROUP_MAX];
	size_t nr;
	int64_t from_ms;
	int64_t to_ms;
	int64_t bin_ms;
	struct report_axis power;
	struct report_axis clock;
};

static double x_at(const struct view *v, int64_t ms)
{
	return LEFT + PLOT_W * (double)(ms - v->from_ms) /
			      (double)(v->to_ms - v->from_ms);
}

static int64_t start_ms(const struct series *s, size_t i)
{
	return i ? s->v[i - 1].end_ms : 0;
}

static bool in_view(const struct view *v, const struct series *s, size_t i)
{
	return s->v[i].end_ms > v->from_ms && start_ms(s, i) < v->to_ms;
}

static int64_t value_of(const struct series_row *row, bool clock)
{
	return clock ? row->clock_khz : row->power_mw;
}

/*
 * Mean of one bin, from row @i on; *@ret_next is the first row behind it.
 * Returns NAN when nothing is known.
 */
static double bin_mean(const struct view *v, const struct series *s, size_t i,
		       bool clock, size_t *ret_next)
{
	int64_t end_ms = start_ms(s, i) + v->bin_ms;
	double sum = 0, weight = 0;

	for (; i < s->nr && s->v[i].end_ms <= end_ms; i++) {
		double ms = (double)(s->v[i].end_ms - start_ms(s, i));
		int64_t value = value_of(&s->v[i], clock);

		if (value < 0)
			continue;
		sum += ms * (double)value;
		weight += ms;
	}
	*ret_next = i;
	return weight > 0 ? sum / weight : NAN;
}

/* A stepped line of means; @area closes it down to the base line. */
static void line(FILE *f, const struct view *v, const struct series *s,
		 bool clock, int top, int height, bool area)
{
	const struct report_axis *a = clock ? &v->clock : &v->power;
	double scale = height / (a->max * 1000), last_x = 0;
	bool open = false;
	size_t next;

	fprintf(f, "<path class=\"%s\" d=\"",
		area ? "pf" : clock ? "ck" : "pw");
	for (size_t i = 0; i < s->nr; i = next) {
		double mean = bin_mean(v, s, i, clock, &next);
		double y = top + height - mean * scale;

		if (next == i)
			next = i + 1;
		if (!in_view(v, s, i) || !isfinite(mean))
			continue;
		if (!open && area)
			fprintf(f, "M%.1f %dV%.1f", x_at(v, start_ms(s, i)),
				top + height, y);
		else
			fprintf(f, "%c%.1f %.1f", open ? 'L' : 'M',
				x_at(v, start_ms(s, i)), y);
		last_x = x_at(v, s->v[next - 1].end_ms);
		if (last_x > LEFT + PLOT_W)
			last_x = LEFT + PLOT_W;
		fprintf(f, "H%.1f", last_x);
		open = true;
	}
	if (open && area)
		fprintf(f, "V%dZ", top + height);
	fputs("\"/>", f);
}

static int32_t phase_of(const struct series_row *row, bool seen)
{
	int32_t phase = seen ? row->seen : row->truth;

	return phase >= 0 && phase < ACCELGOV_PHASE_NR ? phase : -1;
}

/*
 * Phase that held longest in one bin, from row @i on, -1 for none; *@ret_next
 * is the first row behind it.
 */
static int32_t bin_phase(const struct view *v, const struct series *s,
			 size_t i, bool seen, size_t *ret_next)
{
	int64_t end_ms = start_ms(s, i) + v->bin_ms;
	int64_t held_ms[ACCELGOV_PHASE_NR] = { 0 };
	int32_t best = phase_of(&s->v[i], seen);

	for (*ret_next = i + 1; i < s->nr && s->v[i].end_ms <= end_ms; i++) {
		int32_t phase = phase_of(&s->v[i], seen);

		*ret_next = i + 1;
		if (phase < 0)
			continue;
		held_ms[phase] += s->v[i].end_ms - start_ms(s, i);
		if (best < 0 || held_ms[phase] > held_ms[best])
			best = phase;
	}
	return best;
}

static void span(FILE *f, const struct view *v, int64_t from_ms, int64_t to_ms,
		 int y)
{
	double x = x_at(v, from_ms), end = x_at(v, to_ms);

	if (x < LEFT)
		x = LEFT;
	if (end > LEFT + PLOT_W)
		end = LEFT + PLOT_W;
	fprintf(f, "M%.1f %dH%.1fv%dH%.1fz", x, y, end, BAND_H, x);
}

/* One path per phase: spans of equal phase run together. */
static void band(FILE *f, const struct view *v, const struct series *s,
		 bool seen, int y)
{
	for (int32_t p = 0; p < ACCELGOV_PHASE_NR; p++) {
		int64_t from_ms = -1;
		bool any = false;
		size_t next;

		for (size_t i = 0; i <= s->nr; i = next) {
			bool on = false;

			next = i + 1;
			if (i < s->nr && in_view(v, s, i))
				on = bin_phase(v, s, i, seen, &next) == p;
			if (on && from_ms < 0)
				from_ms = start_ms(s, i);
			if (!on && from_ms >= 0) {
				if (!any)
					fprintf(f, "<path class=\"p%d\" d=\"", p);
				any = true;
				span(f, v, from_ms, start_ms(s, i), y);
				from_ms = -1;
			}
		}
		if (any)
			fputs("\"/>", f);
	}
}

static void y_axis(FILE *f, const struct report_axis *a, int top, int height,
		   const char *unit)
{
	for (int i = 0; i * a->step <= a->max * 1.0001; i++) {
		double y = top + height - height * i * a->step / a->max;
		bool last = (i + 1) * a->step > a->max * 1.0001;

		fprintf(f, "<path class=\"%s\" d=\"M%d %.1fh%d\"/>",
			i ? "grid" : "axis", LEFT, y, PLOT_W);
		fprintf(f, "<text class=\"s e\" x=\"%d\" y=\"%.1f\">%.0f%s</text>",
			LEFT - 6, y + 4, i * a->step, last ? unit : "");
	}
}

/* A unit in which the axis has numbers of few digits. */
static int64_t axis_unit_ms(const struct view *v, const char **ret_name)
{
	int64_t span_ms = v->to_ms - v->from_ms;

	if (span_ms >= 3 * 3600000LL) {
		*ret_name = "h";
		return 3600000;
	}
	*ret_name = span_ms >= 10 * 60000 ? "min" : "s";
	return span_ms >= 10 * 60000 ? 60000 : 1000;
}

static void x_axis(FILE *f, const struct view *v, int y)
{
	double span_ms = (double)(v->to_ms - v->from_ms);
	const char *unit;
	double unit_ms = (double)axis_unit_ms(v, &unit);
	struct report_axis a = report_axis(span_ms / unit_ms, 12);

	for (int i = 0; i * a.step * unit_ms <= span_ms; i++) {
		int64_t ms = v->from_ms + (int64_t)(i * a.step * unit_ms);

		fprintf(f, "<path class=\"axis\" d=\"M%.1f %dv5\"/>",
			x_at(v, ms), y);
		fprintf(f, "<text class=\"s m\" x=\"%.1f\" y=\"%d\">%.6g",
			x_at(v, ms), y + 19, (double)ms / unit_ms);
		fprintf(f, "%s%s</text>", i ? "" : " ", i ? "" : unit);
	}
}

static bool has_band(const struct series *s, bool seen)
{
	for (size_t i = 0; i < s->nr; i++)
		if (phase_of(&s->v[i], seen) >= 0)
			return true;
	return false;
}

static int panel_height(const struct series *s)
{
	return HEAD + POWER_H + GAP + CLOCK_H + BAND_GAP +
	       (has_band(s, false) + has_band(s, true)) * (BAND_H + 3);
}

static void panel_head(FILE *f, const struct result *r, int y)
{
	bool us = !strcmp(r->governor, "accelgov");

	fprintf(f, "<text class=\"b%s\" x=\"%d\" y=\"%d\">", us ? " u" : "",
		LEFT, y + 14);
	report_text(f, r->governor);
	fputs("</text>", f);
	if (isfinite(r->mean_power_w))
		fprintf(f, "<text class=\"s e\" x=\"%d\" y=\"%d\">mean %.0f W</text>",
			LEFT + PLOT_W, y + 14, r->mean_power_w);
}

/* Returns the height that it took. */
static int phase_band(FILE *f, const struct view *v, const struct series *s,
		      bool seen, int y)
{
	if (!has_band(s, seen))
		return 0;
	fprintf(f, "<text class=\"s e\" x=\"%d\" y=\"%d\">%s</text>",
		LEFT - 6, y + BAND_H - 1, seen ? "seen" : "true");
	band(f, v, s, seen, y);
	return BAND_H + 3;
}

static void panel(FILE *f, const struct view *v, size_t index, int top)
{
	const struct series *s = v->g->series[index];
	int y = top + HEAD;

	panel_head(f, v->g->run[index], top);
	y_axis(f, &v->power, y, POWER_H, " W");
	line(f, v, s, false, y, POWER_H, true);
	line(f, v, s, false, y, POWER_H, false);
	y += POWER_H + GAP;
	y_axis(f, &v->clock, y, CLOCK_H, " MHz");
	line(f, v, s, true, y, CLOCK_H, false);
	y += CLOCK_H + BAND_GAP;
	y += phase_band(f, v, s, false, y);
	phase_band(f, v, s, true, y);
}

static void set_axes(struct view *v)
{
	double power = 0, clock = 0;
	size_t next;

	for (size_t k = 0; k < v->nr; k++) {
		const struct series *s = v->g->series[v->show[k]];

		for (size_t i = 0; i < s->nr; i = next > i ? next : i + 1) {
			double mw = bin_mean(v, s, i, false, &next);
			double khz = bin_mean(v, s, i, true, &next);

			if (in_view(v, s, i) && mw > power)
				power = mw;
			if (in_view(v, s, i) && khz > clock)
				clock = khz;
		}
	}
	v->power = report_axis(power / 1000, 3);
	v->clock = report_axis(clock / 1000, 2);
}

static void draw(FILE *f, struct view *v, const char *label)
{
	int height = 0, y = 4;

	set_axes(v);
	for (size_t k = 0; k < v->nr; k++)
		height += panel_height(v->g->series[v->show[k]]) + PANEL_GAP;
	fprintf(f, "<figure class=\"wide\"><svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">",
		WIDTH, height + AXIS_H, label);
	for (size_t k = 0; k < v->nr; k++) {
		panel(f, v, v->show[k], y);
		y += panel_height(v->g->series[v->show[k]]) + PANEL_GAP;
	}
	x_axis(f, v, y - PANEL_GAP + 4);
	fputs("</svg></figure>\n", f);
}

static int64_t end_ms(const struct report_group *g)
{
	int64_t end = 0;

	for (size_t i = 0; i < g->nr; i++) {
		const struct series *s = g->series[i];

		if (s->nr && s->v[s->nr - 1].end_ms > end)
			end = s->v[s->nr - 1].end_ms;
	}
	return end;
}

/* Longest row of all series: no bin can be shorter. */
static int64_t row_ms(const struct report_group *g)
{
	int64_t longest = 100;

	for (size_t i = 0; i < g->nr; i++) {
		const struct series *s = g->series[i];

		for (size_t k = 0; k < s->nr; k++)
			if (s->v[k].end_ms - start_ms(s, k) > longest)
				longest = s->v[k].end_ms - start_ms(s, k);
	}
	return longest;
}

/* A round length, of which a plot has as many as it has points at most. */
static int64_t overview_bin_ms(const struct report_group *g)
{
	static const int64_t round_s[] = {
		1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600
	};
	int64_t least_ms = end_ms(g) / PLOT_W, row = row_ms(g);
	size_t i = 0;

	if (row > least_ms)
		least_ms = row;
	while (i + 1 < sizeof(round_s) / sizeof(round_s[0]) &&
	       round_s[i] * 1000 < least_ms)
		i++;
	return round_s[i] * 1000 > least_ms ? round_s[i] * 1000 : least_ms;
}

void report_overview(FILE *f, const struct report_group *g)
{
	struct view v = { .g = g, .to_ms = end_ms(g) };

	for (size_t i = 0; i < g->nr; i++)
		if (g->series[i]->nr)
			v.show[v.nr++] = i;
	if (!v.nr)
		return;
	v.bin_ms = overview_bin_ms(g);
	fprintf(f, "<h3>The whole run</h3>\n<p class=\"soft\">Power and effective clock as means over %.0f s; below them what the device did (true) and, for accelgov, what the governor took it for (seen), as the phase that held longest.</p>\n",
		(double)v.bin_ms / 1000);
	draw(f, &v, "Power, clock and phases over the whole run, one panel per governor");
}

/* The middle of a run; false when it is shorter. */
static bool middle(const struct report_group *g, struct view *v)
{
	int64_t end = end_ms(g), row = row_ms(g);
	int64_t length = row * DETAIL_ROWS > DETAIL_MS ? row * DETAIL_ROWS :
							 DETAIL_MS;

	if (end <= length)
		return false;
	v->bin_ms = row;
	v->from_ms = (end - length) / 2 / 1000 * 1000;
	v->to_ms = v->from_ms + length;
	return true;
}

void report_detail(FILE *f, const struct report_group *g)
{
	struct view v = { .g = g };

	if (!middle(g, &v))
		return;
	for (size_t i = 0; i < g->nr; i++)
		if (g->series[i]->nr &&
		    (!strcmp(g->run[i]->governor, "performance") ||
		     !strcmp(g->run[i]->governor, "accelgov")))
			v.show[v.nr++] = i;
	if (!v.nr)
		return;
	fprintf(f, "<h3>%.0f seconds of it</h3>\n<p class=\"soft\">The same in steps of %.0f ms.</p>\n",
		(double)(v.to_ms - v.from_ms) / 1000, (double)v.bin_ms);
	draw(f, &v, "Power, clock and phases in detail, under performance and accelgov");
}

void report_run(FILE *f, const struct report_group *g)
{
	struct view v = { .g = g, .nr = 1, .to_ms = end_ms(g) };
	int64_t row = row_ms(g);

	if (!g->series[0]->nr)
		return;
	v.bin_ms = v.to_ms / PLOT_W > row ? v.to_ms / PLOT_W : row;
	fprintf(f, "<h3>All of it</h3>\n<p class=\"soft\">Power and clock as means over %.0f ms; phases as what held longest.</p>\n",
		(double)v.bin_ms);
	draw(f, &v, "Power, clock and phases over the whole recording");
	if (v.bin_ms == row || !middle(g, &v))
		return;
	fprintf(f, "<h3>%.0f seconds of it</h3>\n<p class=\"soft\">The same in steps of %.0f ms.</p>\n",
		(double)(v.to_ms - v.from_ms) / 1000, (double)v.bin_ms);
	draw(f, &v, "Power, clock and phases in the middle of the recording");
}

static bool occurs(const struct report_group *g, int32_t phase)
{
	for (size_t i = 0; i < g->nr; i++)
		for (size_t k = 0; k < g->series[i]->nr; k++)
			if (phase_of(&g->series[i]->v[k], false) == phase ||
			    phase_of(&g->series[i]->v[k], true) == phase)
				return true;
	return false;
}

void report_legend(FILE *f, const struct report_group *g)
{
	static const char *const meaning[ACCELGOV_PHASE_NR] = {
		[ACCELGOV_PHASE_UNKNOWN] = "unknown",
		[ACCELGOV_PHASE_COMPUTE] = "compute (prefill, forward, backward)",
		[ACCELGOV_PHASE_MEMORY] = "memory (decode, optimizer)",
		[ACCELGOV_PHASE_LINK] = "waiting for other devices",
		[ACCELGOV_PHASE_STALL] = "waiting for input",
		[ACCELGOV_PHASE_CHECKPOINT] = "checkpoint",
		[ACCELGOV_PHASE_MIXED] = "compute and memory mixed",
		[ACCELGOV_PHASE_LOADED_IDLE] = "idle with a model loaded",
		[ACCELGOV_PHASE_IDLE] = "idle",
	};

	fputs("<ul class=\"legend\" aria-label=\"Colours of the phases\">", f);
	for (int32_t p = 0; p < ACCELGOV_PHASE_NR; p++)
		if (occurs(g, p))
			fprintf(f, "<li><svg viewBox=\"0 0 14 14\" aria-hidden=\"true\"><rect class=\"p%d\" x=\"1\" y=\"1\" width=\"12\" height=\"12\" rx=\"2\"/></svg>%s</li>",
				p, meaning[p]);
	fputs("</ul>\n", f);
}
