// SPDX-License-Identifier: GPL-2.0
/*
 * Two panels: time and energy over the clock, both relative to the fit's at
 * the top clock without a limit. Colours are those of Okabe and Ito.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fit_plot.h"
#include "report/report_parts.h"
#include "textfile.h"

#define WIDTH		960
#define HEIGHT		490
#define TOP		58
#define PLOT_H		300
#define PLOT_W		400
#define LEFT_X		60
#define RIGHT_X		540
#define SHOWN_MAX	6
#define STEPS		100
#define TICKS		5
#define LEGEND_Y	(TOP + PLOT_H + 66)
#define LEGEND_X	460	/* from one column to the next */
/* Longer names lose their middle: begin and end tell them apart. */
#define NAME_MAX_LEN	48
#define NAME_PART	22

static const char *const colours[SHOWN_MAX] = {
	"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9",
};

static const char style[] =
"svg{background:#fff}text{font:12px system-ui,'Segoe UI','Liberation Sans',"
"Arial,sans-serif;fill:#1c1f23}.b{font-weight:650}.s{fill:#5a626b}"
".m{text-anchor:middle}.e{text-anchor:end}.g{stroke:#eceeef}"
".l{fill:none;stroke-width:1.6}";

struct panel {
	const struct fit *fit;
	const struct sweep *sweep;
	const struct fit_phase *phase[SHOWN_MAX];
	unsigned int alike[SHOWN_MAX];
	unsigned int nr;
	int x;
	bool energy;
	double low;
	double high;
	FILE *f;
};

static double relative(const struct panel *p, const struct fit_phase *phase,
		       double time_s, double power_w)
{
	double v = time_s / phase->time_s;

	return p->energy ? v * power_w / phase->power_w : v;
}

static double x_at(const struct panel *p, double khz)
{
	return p->x + PLOT_W * (khz - p->fit->low_khz) /
		      fmax(p->fit->top_khz - p->fit->low_khz, 1);
}

static double y_at(const struct panel *p, double v)
{
	return TOP + PLOT_H * (p->high - v) / fmax(p->high - p->low, 1e-9);
}

static double fitted(const struct panel *p, const struct fit_phase *phase,
		     double khz)
{
	double time_s, power_w;

	fit_predict(p->fit, phase, khz, &time_s, &power_w);
	return relative(p, phase, time_s, power_w);
}

static double measured(const struct panel *p, const struct fit_phase *phase,
		       size_t i)
{
	const struct sweep_row *row = &p->sweep->row[phase->first + i];

	return relative(p, phase, row->time_s, row->power_w);
}

static void set_range(struct panel *p)
{
	p->low = INFINITY;
	p->high = 0;
	for (unsigned int k = 0; k < p->nr; k++) {
		for (size_t i = 0; i < p->phase[k]->nr; i++) {
			double v = measured(p, p->phase[k], i);

			p->low = fmin(p->low, v);
			p->high = fmax(p->high, v);
		}
	}
	p->low = floor(p->low * 10 - 0.2) / 10;
	p->high = ceil(p->high * 10 + 0.2) / 10;
}

static void axes(const struct panel *p, const char *title)
{
	fprintf(p->f, "<text class=\"b\" x=\"%d\" y=\"%d\">%s</text>\n", p->x,
		TOP - 12, title);
	for (int i = 0; i <= TICKS; i++) {
		double v = p->low + (p->high - p->low) * i / TICKS;
		double khz = p->fit->low_khz + (p->fit->top_khz -
						p->fit->low_khz) * i / TICKS;

		fprintf(p->f, "<path class=\"g\" d=\"M%d %.1fh%d\"/><text class=\"s e\" x=\"%d\" y=\"%.1f\">%.2f</text>\n",
			p->x, y_at(p, v), PLOT_W, p->x - 6, y_at(p, v) + 4, v);
		fprintf(p->f, "<text class=\"s m\" x=\"%.1f\" y=\"%d\">%.0f</text>\n",
			x_at(p, khz), TOP + PLOT_H + 18, khz / 1000);
	}
	fprintf(p->f, "<text class=\"s m\" x=\"%d\" y=\"%d\">Clock, MHz</text>\n",
		p->x + PLOT_W / 2, TOP + PLOT_H + 36);
}

static void curve(const struct panel *p, unsigned int k)
{
	const struct fit_phase *phase = p->phase[k];

	fprintf(p->f, "<path class=\"l\" stroke=\"%s\" d=\"", colours[k]);
	for (int i = 0; i <= STEPS; i++) {
		double khz = p->fit->low_khz + (p->fit->top_khz -
						p->fit->low_khz) * i / STEPS;

		fprintf(p->f, "%c%.1f %.1f", i ? 'L' : 'M', x_at(p, khz),
			y_at(p, fitted(p, phase, khz)));
	}
	fputs("\"/>\n", p->f);
	for (size_t i = 0; i < phase->nr; i++)
		fprintf(p->f, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\" fill=\"%s\" fill-opacity=\".55\"/>\n",
			x_at(p, p->sweep->row[phase->first + i].setting),
			y_at(p, measured(p, phase, i)), colours[k]);
}

static void draw(struct panel *p, const char *title)
{
	set_range(p);
	axes(p, title);
	for (unsigned int k = 0; k < p->nr; k++)
		curve(p, k);
}

static void name_out(const struct panel *p, unsigned int k)
{
	const char *name = p->phase[k]->name;
	size_t len = strlen(name);
	char begin[NAME_PART + 1];

	if (len > NAME_MAX_LEN) {
		snprintf(begin, sizeof(begin), "%.*s", NAME_PART, name);
		report_text(p->f, begin);
		fputs("...", p->f);
		name += len - NAME_PART;
	}
	report_text(p->f, name);
	if (p->alike[k])
		fprintf(p->f, " (and %u alike)", p->alike[k]);
}

static void legend(const struct panel *p)
{
	for (unsigned int k = 0; k < p->nr; k++) {
		int x = LEFT_X + (int)(k % 2) * LEGEND_X;
		int y = LEGEND_Y + (int)(k / 2) * 20;

		fprintf(p->f, "<circle cx=\"%d\" cy=\"%d\" r=\"5\" fill=\"%s\"/><text x=\"%d\" y=\"%d\">",
			x, y - 4, colours[k], x + 12, y);
		name_out(p, k);
		fputs("</text>\n", p->f);
	}
}

static int by_error(const void *a, const void *b)
{
	const struct fit_phase *one = *(const struct fit_phase *const *)a;
	const struct fit_phase *two = *(const struct fit_phase *const *)b;
	double x = one->time.mean + one->energy.mean;
	double y = two->time.mean + two->energy.mean;

	if (x != y)
		return x > y ? -1 : 1;
	return one < two ? -1 : one > two;
}

/* Published sweeps hold copies of a stage, whose curves would hide each other. */
static bool is_copy(const struct fit_phase *a, const struct fit_phase *b)
{
	return a->nr == b->nr && a->time_s == b->time_s &&
	       a->power_w == b->power_w && a->time.mean == b->time.mean &&
	       a->energy.mean == b->energy.mean;
}

static int choose(struct panel *p)
{
	const struct fit_phase **all = calloc(p->fit->nr_phases + 1,
					      sizeof(const struct fit_phase *));

	if (!all)
		return -ENOMEM;
	for (uint32_t i = 0; i < p->fit->nr_phases; i++)
		all[i] = &p->fit->phase[i];
	qsort(all, p->fit->nr_phases, sizeof(const struct fit_phase *),
	      by_error);
	for (uint32_t i = 0; i < p->fit->nr_phases; i++) {
		if (p->nr && is_copy(all[i], p->phase[p->nr - 1]))
			p->alike[p->nr - 1]++;
		else if (p->nr < SHOWN_MAX)
			p->phase[p->nr++] = all[i];
		else
			break;
	}
	free(all);
	return 0;
}

int fit_plot(const struct fit *fit, const struct sweep *sweep,
	     const char *title, FILE *f)
{
	struct panel p = { .fit = fit, .sweep = sweep, .f = f, .x = LEFT_X };

	if (choose(&p))
		return -ENOMEM;
	fprintf(f, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\"><title>",
		WIDTH, HEIGHT);
	report_text(f, title);
	fprintf(f, "</title><style>%s</style>\n<text class=\"b\" x=\"%d\" y=\"22\">",
		style, LEFT_X);
	report_text(f, title);
	fputs("</text>\n", f);
	draw(&p, "Time against the top clock: measured (points), fitted (lines)");
	p.x = RIGHT_X;
	p.energy = true;
	draw(&p, "Energy");
	legend(&p);
	fputs("</svg>\n", f);
	return textfile_flush(f);
}
