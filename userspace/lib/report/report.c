// SPDX-License-Identifier: GPL-2.0
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "report_parts.h"
#include "textfile.h"

void report_text(FILE *f, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '<':
			fputs("&lt;", f);
			break;
		case '>':
			fputs("&gt;", f);
			break;
		case '&':
			fputs("&amp;", f);
			break;
		case '"':
			fputs("&quot;", f);
			break;
		default:
			fputc(*text, f);
		}
	}
}

struct report_axis report_axis(double max, int ticks)
{
	static const double round_steps[] = { 1, 2, 2.5, 5, 10 };
	struct report_axis a = { 1, 1 };
	double raw, power;

	if (!(max > 0))
		return a;
	raw = max / ticks;
	power = pow(10, floor(log10(raw)));
	for (size_t i = 0; i < sizeof(round_steps) / sizeof(round_steps[0]);
	     i++) {
		a.step = round_steps[i] * power;
		if (a.step >= raw * 0.999)
			break;
	}
	a.max = a.step * ceil(max / a.step * 0.999);
	return a;
}

static bool same_group(const struct result *a, const struct result *b)
{
	return !strcmp(a->workload, b->workload) &&
	       !strcmp(a->profile, b->profile);
}

/* Runs like run @first, which must be the first of its kind. */
static struct report_group gather(const struct report *r, size_t first)
{
	const struct results *all = r->results;
	struct report_group g = { 0 };

	for (size_t i = first; i < all->nr && g.nr < REPORT_GROUP_MAX; i++) {
		if (!same_group(&all->run[i], &all->run[first]))
			continue;
		g.run[g.nr] = &all->run[i];
		g.series[g.nr] = &r->series[i];
		g.nr++;
	}
	return g;
}

static bool is_first(const struct results *all, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (same_group(&all->run[k], &all->run[i]))
			return false;
	return true;
}

static void cell(FILE *f, double v, int digits, const char *unit)
{
	if (isfinite(v))
		fprintf(f, "<td>%.*f%s</td>", digits, v, unit);
	else
		fputs("<td>&ndash;</td>", f);
}

static void cell_pair(FILE *f, const struct result_percentiles *p, int digits)
{
	if (isfinite(p->p50))
		fprintf(f, "<td>%.*f / %.*f</td>", digits, p->p50, digits,
			p->p99);
	else
		fputs("<td>&ndash;</td>", f);
}

static bool is_unit(const struct report_group *g, const char *unit)
{
	return !strcmp(g->run[0]->work_unit, unit);
}

static bool has_requests(const struct report_group *g)
{
	for (size_t i = 0; i < g->nr; i++)
		if (isfinite(g->run[i]->ttft_ms.p50))
			return true;
	return false;
}

static void table_head(FILE *f, const struct report_group *g)
{
	fprintf(f, "<thead><tr><th scope=\"col\">Governor</th><th scope=\"col\">J per %s</th><th scope=\"col\">Saved</th><th scope=\"col\">Slowdown</th><th scope=\"col\">In the worst minute</th>",
		g->run[0]->work_unit);
	if (is_unit(g, "step"))
		fputs("<th scope=\"col\">Step p50 / p99, s</th>", f);
	if (has_requests(g))
		fputs("<th scope=\"col\">TTFT p50 / p99, ms</th><th scope=\"col\">TPOT p50 / p99, ms</th>",
		      f);
	fprintf(f, "<th scope=\"col\">%s</th><th scope=\"col\">Mean power</th><th scope=\"col\">Clock changes</th><th scope=\"col\">Phase right</th></tr></thead>",
		is_unit(g, "step") ? "Steps" :
		is_unit(g, "token") ? "Tokens" : "Work");
}

static void table_row(FILE *f, const struct report_group *g,
		      const struct result *r)
{
	struct result_percentiles step_s = { r->step_time_ms.p50 / 1000,
					     r->step_time_ms.p99 / 1000 };

	fprintf(f, "<tr%s><td>",
		strcmp(r->governor, "accelgov") ? "" : " class=\"us\"");
	report_text(f, r->governor);
	fputs("</td>", f);
	cell(f, r->energy_per_work_j, is_unit(g, "token") ? 3 : 1, "");
	cell(f, r->saving_permille / 10, 1, " %");
	cell(f, r->slowdown_permille / 10, 1, " %");
	cell(f, r->slowdown_minute_permille / 10, 1, " %");
	if (is_unit(g, "step"))
		cell_pair(f, &step_s, 2);
	if (has_requests(g)) {
		cell_pair(f, &r->ttft_ms, 0);
		cell_pair(f, &r->tpot_ms, 1);
	}
	cell(f, r->work, is_unit(g, "token") ? 0 : 1, "");
	cell(f, r->mean_power_w, 0, " W");
	cell(f, r->transitions, 0, "");
	cell(f, r->phase_accuracy_permille / 10, 1, " %");
	fputs("</tr>\n", f);
}

static void table(FILE *f, const struct report_group *g)
{
	fputs("<div class=\"wide\" tabindex=\"0\"><table>", f);
	table_head(f, g);
	fputs("<tbody>\n", f);
	for (size_t i = 0; i < g->nr; i++)
		table_row(f, g, g->run[i]);
	fputs("</tbody></table></div>\n", f);
}

/* What is said of a workload. */
static const struct about {
	const char *workload;
	const char *title;
	const char *what;
} abouts[] = {
	{ "serving", "Serving",
	  "One of four ranks that serve a 70B model with continuous "
	  "batching: prefill when requests arrive, decode in between." },
	{ "training", "Training",
	  "One stage of a pipelined GPT-3 175B job: forward and backward "
	  "passes, waits for the other stages, gradient all-reduce, "
	  "optimizer, late input now and then, checkpoints." },
	{ "mixed", "Serving and training",
	  "A rank that serves a 70B model, and a training job that takes "
	  "turns with it on the same device." },
	{ "bursty", "Serving in bursts",
	  "A rank that serves a 70B model, at its usual load for half a "
	  "minute or so and then idle for a while, as published of real "
	  "devices." },
	{ "batch", "Batch jobs",
	  "Jobs of some minutes that compute and move memory in turns, "
	  "with idle time between them." },
	{ "phases", "A list of phases", "What a list says, over and over." },
};

static const struct about *about(const struct report_group *g)
{
	const size_t nr = sizeof(abouts) / sizeof(abouts[0]);
	size_t i = 0;

	while (i + 1 < nr && strcmp(abouts[i].workload, g->run[0]->workload))
		i++;
	return &abouts[i];
}

static const struct result *ours(const struct report_group *g)
{
	for (size_t i = 0; i < g->nr; i++)
		if (!strcmp(g->run[i]->governor, "accelgov"))
			return g->run[i];
	return NULL;
}

static void group_intro(FILE *f, const struct report_group *g)
{
	const struct result *r = g->run[0];

	fprintf(f, "<h2>%s on ", about(g)->title);
	report_text(f, r->profile[0] ? r->profile : r->device);
	fputs("</h2>\n<p class=\"soft\">", f);
	fputs(about(g)->what, f);
	if (r->requests[0]) {
		fputs(" From: ", f);
		report_text(f, r->requests);
		if (isfinite(r->request_rate_per_s))
			fprintf(f, ", %.2f per second", r->request_rate_per_s);
		fputc('.', f);
	}
	fputs("</p>\n", f);
}

static void group_section(FILE *f, const struct report_group *g)
{
	const struct result *r = ours(g);

	fputs("<section>", f);
	group_intro(f, g);
	table(f, g);
	report_bars(f, g);
	report_overview(f, g);
	report_legend(f, g);
	report_detail(f, g);
	if (r && isfinite(r->decision_latency_us.p99))
		fprintf(f, "<p class=\"soft\">From a pushed signal that changes the phase to the new clock target: p50 %.2f ms, p99 %.2f ms. The collector takes %.1f us per sample.</p>\n",
			r->decision_latency_us.p50 / 1000,
			r->decision_latency_us.p99 / 1000,
			r->collector_ns_per_sample / 1000);
	fputs("</section>\n", f);
}

static void card(FILE *f, const struct report_group *g)
{
	const struct result *r = ours(g);

	if (!r || !isfinite(r->saving_permille))
		return;
	fprintf(f, "<div class=\"card\"><span>%s, accelgov against performance</span><b>%.1f %% less energy per %s</b><span>at %.1f %% slowdown",
		about(g)->title, r->saving_permille / 10, r->work_unit,
		r->slowdown_permille / 10);
	if (isfinite(r->budget_permille))
		fprintf(f, ", budget %.1f %%", r->budget_permille / 10);
	fputs("</span></div>\n", f);
}

static void head(FILE *f, const struct report *report)
{
	const struct results *all = report->results;
	const struct result *r = &all->run[0];
	bool is_simulated = !strcmp(all->kernel, "simulated time");

	fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>accelgov: energy and slowdown by governor</title>\n<style>\n",
	      f);
	fputs(report_style, f);
	fputs("</style></head>\n<body><main>\n<h1>Energy and slowdown by governor</h1>\n<p>",
	      f);
	if (is_simulated)
		fprintf(f, "The same work ran on a simulated accelerator under one policy after the other, for %.0f seconds of simulated time.",
			r->elapsed_s);
	else
		fprintf(f, "The same workloads ran on simulated accelerators at the same time, each device under another clock governor, for %.0f seconds of real time.",
			r->elapsed_s);
	if (all->kernel[0] && !is_simulated) {
		fputs(" Kernel ", f);
		report_text(f, all->kernel);
		fputs(".", f);
	}
	if (isfinite(r->seed))
		fprintf(f, " Seed %.0f.", r->seed);
	fputs(" Energy and time come from a device model that was fitted to published measurements; nothing here was measured on a real accelerator.</p>\n<div class=\"cards\">",
	      f);
	for (size_t i = 0; i < all->nr; i++) {
		if (is_first(all, i)) {
			struct report_group g = gather(report, i);

			card(f, &g);
		}
	}
	fputs("</div>\n", f);
}

static void foot(FILE *f)
{
	fputs("<section><h2>What the figures mean</h2>\n<dl>"
	      "<dt>Energy per work</dt><dd>Board energy of one device over the whole interval, idle time included, divided by the tokens generated or the steps done in it, parts of a step included.</dd>"
	      "<dt>Saved</dt><dd>Energy per work against the run under performance, which had the same work at the same times.</dd>"
	      "<dt>Slowdown</dt><dd>Time the device needed for its work, wake-up from idle states included, against the run under performance. Waiting for work or for the host counts on neither side.</dd>"
	      "<dt>TTFT, TPOT</dt><dd>Time to first token from the arrival of a request, and time per further token.</dd>"
	      "<dt>Phase right</dt><dd>Share of time in which the phase that accelgov published was the true one, which it never sees. Transitions count.</dd>"
	      "<dt>performance, powersave</dt><dd>Lower limit pinned to the top clock, upper limit pinned to the lowest clock.</dd>"
	      "</dl></section>\n</main></body></html>\n",
	      f);
}

int report_write(const struct report *report, FILE *f)
{
	const struct results *all = report->results;

	head(f, report);
	for (size_t i = 0; i < all->nr; i++) {
		if (is_first(all, i)) {
			struct report_group g = gather(report, i);

			group_section(f, &g);
		}
	}
	foot(f);
	return textfile_flush(f);
}
