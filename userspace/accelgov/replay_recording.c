// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov replay --recording: recorded signals through the policy core again.
 */
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../kmod/core/core.h"
#include "cmd.h"
#include "record/recorded.h"
#include "recording_cmd.h"
#include "replay_cmd.h"
#include "units.h"

struct options {
	const char *file;
	const char *device;
	struct recorded_options run;
	bool json;
};

int recording_input(const char *path, const struct recorded_options *options,
		    struct recorded *ret)
{
	struct recording_reader *reader;
	struct recording_error error;
	int r = recording_open(path, &reader, &error);

	if (!r) {
		r = recorded_run(reader, options, ret, &error);
		recording_end(reader);
	}
	if (r == -EBADMSG && error.line <= 1)
		cmd_error("%s is no recording that can be read here (line 1: %s): accelgov record --out FILE makes one",
			  path, error.reason);
	else if (r == -EBADMSG)
		cmd_error("%s, line %llu (byte %llu unpacked): %s", path,
			  (unsigned long long)error.line,
			  (unsigned long long)error.offset, error.reason);
	else if (r)
		cmd_error("can't read %s: %s", path, strerror(-r));
	if (r)
		return cmd_exit_code(r);
	if (!ret->whole)
		cmd_error("%s was cut off: the recorder crashed, had no room left, or still runs; this is what is whole of it",
			  path);
	if (ret->strange)
		cmd_error("%llu of %llu labels stand for no phase, such as \"%s\": that time is not scored",
			  (unsigned long long)ret->strange,
			  (unsigned long long)ret->labels, ret->strange_text);
	return CMD_OK;
}

static int take_option(struct options *opt, int id)
{
	int64_t v;

	switch (id) {
	case 'r':
		opt->file = optarg;
		return -1;
	case 'd':
		opt->device = optarg;
		return -1;
	case 'j':
		opt->json = true;
		return -1;
	case 'b':
		if (unit_parse(UNIT_SHARE, optarg, &v) || v < 0 || v > 1000) {
			cmd_error("\"%s\" is no budget from 0 to 100%%, such as %s",
				  optarg, unit_samples(UNIT_SHARE));
			return CMD_USAGE;
		}
		opt->run.budget_permille = (struct reading){ v, true };
		return -1;
	default:
		return cmd_usage();
	}
}

static int parse(int argc, char **argv, struct options *opt)
{
	static const struct option long_options[] = {
		{ "recording", required_argument, NULL, 'r' },
		{ "device", required_argument, NULL, 'd' },
		{ "budget", required_argument, NULL, 'b' },
		{ "json", no_argument, NULL, 'j' },
		{ }
	};
	int id, ret;

	optind = 0;
	while ((id = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		ret = take_option(opt, id);
		if (ret >= 0)
			return ret;
	}
	if (optind == argc)
		return -1;
	cmd_error("\"%s\" is not an option", argv[optind]);
	return CMD_USAGE;
}

static json_t *real(double v)
{
	return isfinite(v) ? json_real(v) : json_null();
}

static json_t *phases_json(const struct timeline *t)
{
	double held_s[ACCELGOV_PHASE_NR] = { 0 };
	json_t *o = json_object();
	size_t i;

	for (i = 0; i < t->nr; i++)
		if (t->v[i].phase < ACCELGOV_PHASE_NR)
			held_s[t->v[i].phase] +=
				(double)(t->v[i].end_ns - t->v[i].start_ns) / 1e9;
	for (i = 0; i < ACCELGOV_PHASE_NR; i++)
		if (held_s[i] > 0)
			json_object_set_new(o, ag_phase_base_name(i),
					    json_real(held_s[i]));
	return o;
}

static json_t *row_json(const struct confusion *c, uint32_t truth)
{
	json_t *o = json_object();
	uint32_t i;

	for (i = 0; i < ACCELGOV_PHASE_NR; i++)
		if (c->at[truth][i] > 0)
			json_object_set_new(o, ag_phase_base_name(i),
					    json_real(c->at[truth][i]));
	return o;
}

/* By true phase, then by what it was called. */
static json_t *matrix_json(const struct confusion *c)
{
	json_t *o = json_object(), *row;
	uint32_t i;

	for (i = 0; i < ACCELGOV_PHASE_NR; i++) {
		row = row_json(c, i);
		if (json_object_size(row))
			json_object_set(o, ag_phase_base_name(i), row);
		json_decref(row);
	}
	return o;
}

static json_t *score_json(const struct recorded_names *n)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "f1_permille", real(confusion_macro_f1(&n->time)),
			 "window_f1_permille",
			 real(confusion_macro_f1(&n->windows.confusion)),
			 "delay_p50_windows", real(delays_percentile(&n->delays, 50)),
			 "delay_p95_windows", real(delays_percentile(&n->delays, 95)),
			 "confidence_error_permille",
			 real(reliability_error(&n->windows.reliability)),
			 "seconds", matrix_json(&n->time),
			 "windows", matrix_json(&n->windows.confusion));
}

static json_t *names_json(const struct recorded *r,
			  const struct recorded_names *n)
{
	if (!n->there)
		return json_null();
	return json_pack("{s:o, s:o}", "phases_s", phases_json(&n->seen),
			 "score", recorded_labelled(r) ? score_json(n) :
							 json_null());
}

static json_t *would_json(const struct recorded_device *d)
{
	const struct observer *o = &d->observer;

	if (!d->observes || !d->decided)
		return json_null();
	return json_pack("{s:I, s:I, s:I, s:I, s:I}",
			 "energy_uj", (json_int_t)o->used_uj,
			 "energy_saved_uj", (json_int_t)o->saved_uj,
			 "slowdown_permille",
			 (json_int_t)observer_slowdown_permille(o),
			 "changes", (json_int_t)o->changes,
			 "clock_khz", (json_int_t)o->would_khz);
}

static double mean(double sum, double weight)
{
	return weight > 0 ? sum / weight : NAN;
}

static double same_permille(const struct recorded_device *d)
{
	if (!d->replayed.there || !d->recorded.there)
		return NAN;
	return timeline_agreement(&d->replayed.seen, &d->recorded.seen,
				  d->first_ns, d->last_ns);
}

static json_t *governed_json(const struct recorded_device *d)
{
	const struct regoverned *g = &d->governed;

	if (!g->seen)
		return json_null();
	return json_pack("{s:b, s:o, s:I, s:I, s:I, s:I, s:I, s:o}",
			 "exact", g->exact, "why", json_text(g->why),
			 "samples", (json_int_t)g->samples,
			 "phases_same", (json_int_t)g->phases_same,
			 "decisions", (json_int_t)g->decisions,
			 "decisions_same", (json_int_t)g->decisions_same,
			 "decisions_by_busy", (json_int_t)g->by_busy,
			 "differs", json_text(g->differs));
}

static json_t *device_json(const struct recorded *r,
			   const struct recorded_device *d)
{
	const struct recording_device *i = &d->info;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:f, s:f, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "name", json_text(i->name), "source", json_text(i->source),
			 "vendor", json_text(i->vendor),
			 "model", json_text(i->model),
			 "decider", json_text(i->decider),
			 "period_us", (json_int_t)i->period_us,
			 "samples", (json_int_t)d->samples,
			 "decided", (json_int_t)d->decided,
			 "gaps", (json_int_t)d->gaps,
			 "seconds", (double)(d->last_ns - d->first_ns) / 1e9,
			 "silent_s", (double)d->silent_ns / 1e9,
			 "mean_power_mw", real(mean(d->power_mw_ns, d->power_ns)),
			 "mean_clock_khz", real(mean(d->clock_khz_ns, d->clock_ns)),
			 "would", would_json(d),
			 "replayed", names_json(r, &d->replayed),
			 "recorded", names_json(r, &d->recorded),
			 "same_permille", real(same_permille(d)),
			 "governed", governed_json(d));
}

static json_t *all_json(const struct recorded *r, const struct options *opt)
{
	json_t *devices = json_array();
	uint32_t i;

	for (i = 0; i < r->nr; i++)
		if (!opt->device || !strcmp(opt->device, r->device[i].info.name))
			json_array_append_new(devices,
					      device_json(r, &r->device[i]));
	return json_pack("{s:i, s:o, s:o, s:o, s:I, s:f, s:b, s:o, s:o, s:I, s:o}",
			 "schema", 1, "tool", json_text(r->head.tool),
			 "host", json_text(r->head.host),
			 "kernel", json_text(r->head.kernel),
			 "wall_s", (json_int_t)r->head.wall_s,
			 "seconds", (double)r->end_ns / 1e9, "whole", r->whole,
			 "ended_by", json_text(r->ended_by),
			 "cpu_us", json_reading(r->cpu_us),
			 "labels", (json_int_t)r->labels, "devices", devices);
}

static void print_phases(const struct timeline *t)
{
	double held_s[ACCELGOV_PHASE_NR] = { 0 }, all_s = 0, s;
	size_t i;

	for (i = 0; i < t->nr; i++) {
		s = (double)(t->v[i].end_ns - t->v[i].start_ns) / 1e9;
		if (t->v[i].phase < ACCELGOV_PHASE_NR)
			held_s[t->v[i].phase] += s;
		all_s += s;
	}
	for (i = 0; i < ACCELGOV_PHASE_NR; i++)
		if (held_s[i] > 0)
			printf(" %s %.1f %%", ag_phase_base_name(i),
			       100 * held_s[i] / all_s);
	putchar('\n');
}

static void print_would(const struct recorded_device *d)
{
	const struct observer *o = &d->observer;
	char used[24];

	if (!d->observes) {
		puts("  would      not known: its clocks are not");
		return;
	}
	if (!d->decided) {
		puts("  would      not known: there was no window with signals");
		return;
	}
	printf("  would      ");
	if (o->used_uj)
		printf("save %.1f %% of %s ",
		       100 * (double)o->saved_uj / (double)o->used_uj,
		       format_energy((int64_t)o->used_uj, used, sizeof(used)));
	printf("at %.1f %% slowdown, in %llu changes of the clock (model estimates)\n",
	       observer_slowdown_permille(o) / 10.0,
	       (unsigned long long)o->changes);
}

static void print_share(const char *text, double permille, const char *end)
{
	if (isfinite(permille))
		printf("%s %.3f%s", text, permille / 1000, end);
	else
		printf("%s unknown%s", text, end);
}

static void print_score(const char *title, const struct recorded_names *n)
{
	double p50 = delays_percentile(&n->delays, 50);

	if (!n->there)
		return;
	printf("  %-10s macro F1", title);
	print_share("", confusion_macro_f1(&n->windows.confusion),
		    " over windows,");
	print_share("", confusion_macro_f1(&n->time), " over time");
	if (isfinite(p50))
		printf("; named after %.1f windows (p95 %.1f)", p50,
		       delays_percentile(&n->delays, 95));
	putchar('\n');
}

static void print_governed(const struct recorded *r, const struct regoverned *g)
{
	if (!g->seen)
		return;
	printf("  governor   %llu of %llu decisions, and %llu of %llu phases, are the same again\n",
	       (unsigned long long)g->decisions_same,
	       (unsigned long long)g->decisions,
	       (unsigned long long)g->phases_same,
	       (unsigned long long)g->samples);
	if (g->by_busy)
		printf("             %llu decisions without signals are not compared\n",
		       (unsigned long long)g->by_busy);
	if (!g->exact)
		printf("             not compared from where %s\n", g->why);
	if (g->differs_ns)
		printf("             the first other one, at %.3f s: %s\n",
		       (double)(g->differs_ns - r->head.start_ns) / 1e9,
		       g->differs);
}

static void print_device(const struct recorded *r,
			 const struct recorded_device *d)
{
	const struct recording_device *i = &d->info;
	double mw = mean(d->power_mw_ns, d->power_ns);
	double khz = mean(d->clock_khz_ns, d->clock_ns);
	char title[128];

	printf("\n%s%s%s  %s, %s\n", style_bold, i->name, style_off,
	       recording_title(i, title, sizeof(title)), i->source);
	printf("  samples    %llu, one every %.0f ms was aimed at; %llu gaps, %.1f of %.1f s not seen\n",
	       (unsigned long long)d->samples, i->period_us / 1e3,
	       (unsigned long long)d->gaps, (double)d->silent_ns / 1e9,
	       (double)(d->last_ns - d->first_ns) / 1e9);
	if (isfinite(mw))
		printf("  power      %.1f W on average\n", mw / 1e3);
	if (isfinite(khz))
		printf("  clock      %.0f MHz on average\n", khz / 1e3);
	print_would(d);
	if (d->replayed.there) {
		printf("  phases    ");
		print_phases(&d->replayed.seen);
	}
	if (isfinite(same_permille(d)))
		printf("  as then    %.1f %% of the time the same phase as the %s named\n",
		       same_permille(d) / 10, i->decider);
	print_governed(r, &d->governed);
	if (!recorded_labelled(r))
		return;
	print_score("labels", &d->replayed);
	print_score("then", &d->recorded);
	if (!d->replayed.there)
		return;
	puts("\nShare of true windows and what they are called, per mille\n");
	confusion_print(&d->replayed.windows.confusion, stdout);
}

static void print_all(const struct recorded *r, const struct options *opt)
{
	uint32_t i;

	printf("%s: %.1f s on %s, kernel %s, %llu labels%s%s\n", opt->file,
	       (double)r->end_ns / 1e9, r->head.host, r->head.kernel,
	       (unsigned long long)r->labels,
	       r->whole ? ", ended by " : ", cut off", r->ended_by);
	for (i = 0; i < r->nr; i++)
		if (!opt->device || !strcmp(opt->device, r->device[i].info.name))
			print_device(r, &r->device[i]);
}

static int check_device(const struct recorded *r, const struct options *opt)
{
	const char *known[RECORDING_DEVICES + 1] = { 0 };
	uint32_t i;

	for (i = 0; i < r->nr; i++) {
		if (!opt->device || !strcmp(opt->device, r->device[i].info.name))
			return CMD_OK;
		known[i] = r->device[i].info.name;
	}
	return cmd_unknown("device in the recording", opt->device, known);
}

int replay_recording(int argc, char **argv)
{
	struct options opt = { 0 };
	struct recorded r;
	int ret = parse(argc, argv, &opt);

	if (ret >= 0)
		return ret;
	ret = recording_input(opt.file, &opt.run, &r);
	if (ret)
		return ret;
	ret = check_device(&r, &opt);
	if (!ret && opt.json)
		ret = cmd_print_json(all_json(&r, &opt));
	else if (!ret)
		print_all(&r, &opt);
	recorded_free(&r);
	return ret;
}
