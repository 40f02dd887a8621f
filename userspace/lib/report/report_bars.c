// SPDX-License-Identifier: GPL-2.0
/*
 * Two bar charts side by side: energy per unit of work, and slowdown with the
 * budget as a line. Slowdowns far beyond the budget are cut off, with their
 * value written out, or nobody could tell 1 % from 3 %.
 */
#include <math.h>
#include <string.h>

#include "report_parts.h"

#define WIDTH		960
#define TOP		34
#define ROW		34
#define BAR		18
#define NAME_X		132
#define LEFT_X		144
#define LEFT_W		270
#define RIGHT_X		566
#define RIGHT_W		290
#define BUDGET_PERMILLE	30.0

/* The slowdown axis ends at so many budgets. */
#define CUT_BUDGETS	4

static double budget_permille(const struct report_group *g)
{
	for (size_t i = 0; i < g->nr; i++)
		if (isfinite(g->run[i]->budget_permille))
			return g->run[i]->budget_permille;
	return BUDGET_PERMILLE;
}

static const char *bar_class(const struct result *r)
{
	return strcmp(r->governor, "accelgov") ? "bar" : "bar us";
}

static void grid(FILE *f, int x, int width, const struct report_axis *a,
		 int bottom, const char *unit, double unit_factor, int digits)
{
	for (int i = 0; i * a->step <= a->max * 1.0001; i++) {
		double v = i * a->step, at = x + width * v / a->max;

		fprintf(f, "<path class=\"%s\" d=\"M%.1f %dV%d\"/>",
			i ? "grid" : "axis", at, TOP - 6, bottom);
		fprintf(f, "<text class=\"s m\" x=\"%.1f\" y=\"%d\">%.*f%s</text>",
			at, bottom + 16, digits, v * unit_factor,
			(i + 1) * a->step > a->max * 1.0001 ? unit : "");
	}
}

static int digits_for(double step)
{
	return step >= 1 ? 0 : step >= 0.1 ? 1 : step >= 0.01 ? 2 : 3;
}

static void energy_side(FILE *f, const struct report_group *g, int bottom)
{
	struct report_axis a;
	double max = 0;

	for (size_t i = 0; i < g->nr; i++)
		if (g->run[i]->energy_per_work_j > max)
			max = g->run[i]->energy_per_work_j;
	a = report_axis(max, 4);
	fprintf(f, "<text class=\"b\" x=\"%d\" y=\"16\">Energy per %s</text>",
		LEFT_X, g->run[0]->work_unit);
	grid(f, LEFT_X, LEFT_W, &a, bottom, " J", 1, digits_for(a.step));
	for (size_t i = 0; i < g->nr; i++) {
		const struct result *r = g->run[i];
		double width = LEFT_W * r->energy_per_work_j / a.max;
		int y = TOP + (int)i * ROW;

		if (!isfinite(width))
			continue;
		fprintf(f, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\"/>",
			bar_class(r), LEFT_X, y, width, BAR);
		fprintf(f, "<text class=\"v\" x=\"%.1f\" y=\"%d\">%.*f J",
			LEFT_X + width + 6, y + BAR - 5,
			digits_for(a.step / 100), r->energy_per_work_j);
		if (isfinite(r->saving_permille) &&
		    strcmp(r->governor, "performance"))
			fprintf(f, " (%s%.1f %%)", r->saving_permille > 0 ?
				"&minus;" : "+", fabs(r->saving_permille) / 10);
		fputs("</text>", f);
	}
}

static void slowdown_side(FILE *f, const struct report_group *g, int bottom)
{
	double budget = budget_permille(g), max = budget * 1.5, x;
	struct report_axis a;

	for (size_t i = 0; i < g->nr; i++)
		if (g->run[i]->slowdown_permille > max)
			max = g->run[i]->slowdown_permille;
	if (max > budget * CUT_BUDGETS)
		max = budget * CUT_BUDGETS;
	a = report_axis(max, 5);
	fprintf(f, "<text class=\"b\" x=\"%d\" y=\"16\">Slowdown against performance</text>",
		RIGHT_X);
	grid(f, RIGHT_X, RIGHT_W, &a, bottom, " %", 0.1, 1);
	x = RIGHT_X + RIGHT_W * budget / a.max;
	fprintf(f, "<path class=\"limit\" d=\"M%.1f %dV%d\"/>", x, TOP - 6,
		bottom);
	fprintf(f, "<text class=\"lt m\" x=\"%.1f\" y=\"%d\">budget %.1f %%</text>",
		x, bottom + 34, budget / 10);
	for (size_t i = 0; i < g->nr; i++) {
		const struct result *r = g->run[i];
		double v = r->slowdown_permille;
		int y = TOP + (int)i * ROW, cut = v > a.max;
		double width = RIGHT_W * (cut ? a.max : v > 0 ? v : 0) / a.max;

		if (!isfinite(v))
			continue;
		fprintf(f, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\"/>",
			bar_class(r), RIGHT_X, y, width, BAR);
		if (cut)
			fprintf(f, "<path fill=\"var(--card)\" d=\"M%.1f %dl6 0l-5 %dl-6 0z\"/>",
				RIGHT_X + width - 18, y, BAR);
		fprintf(f, "<text class=\"v\" x=\"%.1f\" y=\"%d\">%.1f %%</text>",
			RIGHT_X + width + 6, y + BAR - 5, v / 10);
	}
}

void report_bars(FILE *f, const struct report_group *g)
{
	int bottom = TOP + (int)g->nr * ROW - 8;

	fputs("<figure class=\"wide\">", f);
	fprintf(f, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Energy per %s and slowdown by governor, the same numbers as in the table\">",
		WIDTH, bottom + 44, g->run[0]->work_unit);
	energy_side(f, g, bottom);
	slowdown_side(f, g, bottom);
	for (size_t i = 0; i < g->nr; i++) {
		fprintf(f, "<text class=\"e%s\" x=\"%d\" y=\"%d\">",
			strcmp(g->run[i]->governor, "accelgov") ? "" : " b u",
			NAME_X, TOP + (int)i * ROW + BAR - 5);
		report_text(f, g->run[i]->governor);
		fputs("</text>", f);
	}
	fputs("</svg></figure>\n", f);
}
