// SPDX-License-Identifier: GPL-2.0
#include <math.h>
#include <string.h>
#include <time.h>

#include "../../../kmod/core/core.h"
#include "../../backends/backend.h"
#include "report_parts.h"
#include "report_recording.h"
#include "textfile.h"

static void head(FILE *f, const struct recorded *r)
{
	char when[32] = "";
	time_t wall = (time_t)r->head.wall_s;
	struct tm tm;

	if (gmtime_r(&wall, &tm))
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M UTC", &tm);
	fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>accelgov: a recording</title>\n<style>\n",
	      f);
	fputs(report_style, f);
	fputs("</style></head>\n<body><main>\n<h1>A recording</h1>\n<p>", f);
	fprintf(f, "%.1f seconds on ", (double)r->end_ns / 1e9);
	report_text(f, r->head.host[0] ? r->head.host : "an unknown machine");
	fprintf(f, ", %s, kernel ", when);
	report_text(f, r->head.kernel[0] ? r->head.kernel : "unknown");
	fputs(", by accelgov ", f);
	report_text(f, r->head.tool);
	fprintf(f, ".%s</p>\n", r->whole ? "" :
		" It was cut off: the recorder crashed, had no room left, or was still running.");
}

static void fact(FILE *f, const char *name, const char *text)
{
	fprintf(f, "<dt>%s</dt><dd>", name);
	report_text(f, text);
	fputs("</dd>", f);
}

static void missing(FILE *f, const struct recording_device *d)
{
	const char *separator = "";
	unsigned int s;

	fputs("<dt>Not known</dt><dd>", f);
	for (s = 0; s < ACCELGOV_SIG_NR; s++) {
		if (d->signals & (1U << s))
			continue;
		fprintf(f, "%s%s", separator, backend_signal_name(s));
		if (d->why[s][0])
			fputs(": ", f);
		report_text(f, d->why[s]);
		separator = "; ";
	}
	fprintf(f, "%s</dd>", separator[0] ? "" : "nothing");
}

static void facts(FILE *f, const struct recorded_device *d)
{
	const struct recording_device *i = &d->info;
	const struct observer *o = &d->observer;
	char text[256], title[128];

	fputs("<dl>", f);
	snprintf(text, sizeof(text), "%s; driver %s%s%s, read through %s",
		 recording_title(i, title, sizeof(title)),
		 i->driver[0] ? i->driver : "unknown",
		 i->driver_version[0] ? " " : "", i->driver_version, i->source);
	fact(f, "Device", text);
	snprintf(text, sizeof(text), "%llu, one every %.0f ms was aimed at; %llu gaps, %.1f s not seen",
		 (unsigned long long)d->samples, i->period_us / 1e3,
		 (unsigned long long)d->gaps, (double)d->silent_ns / 1e9);
	fact(f, "Samples", text);
	missing(f, i);
	if (d->observes && d->decided) {
		snprintf(text, sizeof(text), "%.1f %% of energy, at %.1f %% slowdown, by the models of the policy core",
			 o->used_uj ? 100 * (double)o->saved_uj /
					      (double)o->used_uj : 0.,
			 observer_slowdown_permille(o) / 10.0);
		fact(f, "Lower clocks would have saved", text);
	}
	fputs("</dl>\n", f);
}

static void chart(FILE *f, const struct recorded_device *d)
{
	struct report_group g = { .nr = 1 };
	struct result run;

	result_init(&run);
	snprintf(run.governor, sizeof(run.governor), "%s",
		 d->recorded.there ? d->info.decider : "observer");
	if (d->power_ns > 0)
		run.mean_power_w = d->power_mw_ns / d->power_ns / 1e3;
	g.run[0] = &run;
	g.series[0] = &d->series;
	report_run(f, &g);
	report_legend(f, &g);
}

static void matrix_row(FILE *f, const struct confusion *c, uint32_t truth)
{
	double sum = 0, f1 = confusion_f1(c, truth);
	uint32_t i;

	for (i = 0; i < ACCELGOV_PHASE_NR; i++)
		sum += c->at[truth][i];
	if (sum <= 0)
		return;
	fprintf(f, "<tr><td>%s</td>", ag_phase_base_name(truth));
	for (i = 0; i < ACCELGOV_PHASE_NR; i++)
		fprintf(f, "<td>%.1f</td>", 100 * c->at[truth][i] / sum);
	if (isfinite(f1))
		fprintf(f, "<td>%.3f</td></tr>\n", f1 / 1000);
	else
		fputs("<td>&ndash;</td></tr>\n", f);
}

static void matrix(FILE *f, const struct recorded_names *n)
{
	const struct confusion *c = &n->windows.confusion;
	double f1 = confusion_macro_f1(c);
	uint32_t i;

	if (!n->there || !isfinite(f1))
		return;
	fprintf(f, "<h3>Phases against labels</h3>\n<p class=\"soft\">Windows by what the labels say, and what the policy core calls them, in percent; macro F1 %.3f over windows, %.3f over time.</p>\n<div class=\"wide\" tabindex=\"0\"><table><thead><tr><th scope=\"col\">true</th>",
		f1 / 1000, confusion_macro_f1(&n->time) / 1000);
	for (i = 0; i < ACCELGOV_PHASE_NR; i++)
		fprintf(f, "<th scope=\"col\">%s</th>", ag_phase_base_name(i));
	fputs("<th scope=\"col\">F1</th></tr></thead><tbody>\n", f);
	for (i = 0; i < ACCELGOV_PHASE_NR; i++)
		matrix_row(f, c, i);
	fputs("</tbody></table></div>\n", f);
}

int report_recording_write(const struct recorded *r, FILE *f)
{
	uint32_t i;

	head(f, r);
	for (i = 0; i < r->nr; i++) {
		const struct recorded_device *d = &r->device[i];

		fputs("<section><h2>", f);
		report_text(f, d->info.name);
		fputs("</h2>\n", f);
		facts(f, d);
		chart(f, d);
		if (recorded_labelled(r))
			matrix(f, &d->replayed);
		fputs("</section>\n", f);
	}
	fputs("</main></body></html>\n", f);
	return textfile_flush(f);
}
