// SPDX-License-Identifier: GPL-2.0
/*
 * results.json. One table names every field once, for both directions.
 */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "../printable.h"
#include "results.h"
#include "textfile.h"

#define DIGITS		9
#define WHY_LEN		160

enum kind { TEXT, NUMBER, PERCENTILES };

/* In the order in which they are written. */
static const struct field {
	const char *name;
	enum kind kind;
	size_t at;
	size_t size;
} fields[] = {
#define F(member, kind) \
	{ #member, kind, offsetof(struct result, member), \
	  sizeof(((struct result *)NULL)->member) }
	F(workload, TEXT),
	F(device, TEXT),
	F(governor, TEXT),
	F(elapsed_s, NUMBER),
	F(energy_j, NUMBER),
	F(work, NUMBER),
	F(work_unit, TEXT),
	F(energy_per_work_j, NUMBER),
	F(slowdown_permille, NUMBER),
	F(ttft_ms, PERCENTILES),
	F(tpot_ms, PERCENTILES),
	F(transitions, NUMBER),
	F(phase_accuracy_permille, NUMBER),
	F(decision_latency_us, PERCENTILES),
	F(collector_ns_per_sample, NUMBER),
	F(profile, TEXT),
	F(slowdown_ref_permille, NUMBER),
	F(slowdown_minute_permille, NUMBER),
	F(saving_permille, NUMBER),
	F(step_time_ms, PERCENTILES),
	F(mean_power_w, NUMBER),
	F(wake_ms, NUMBER),
	F(budget_permille, NUMBER),
	F(requests, TEXT),
	F(rate_scale, NUMBER),
	F(request_rate_per_s, NUMBER),
	F(requests_done, NUMBER),
	F(seed, NUMBER),
	F(idle, TEXT),
	F(idle_energy_j, NUMBER),
	F(suspends, NUMBER),
	F(wake_latency_ms, PERCENTILES),
	F(sensors, TEXT),
	F(phase_f1_permille, NUMBER),
	F(phase_window_f1_permille, NUMBER),
	F(phase_delay_p50_windows, NUMBER),
	F(phase_delay_p95_windows, NUMBER),
	F(confidence_error_permille, NUMBER),
#undef F
};

#define NR_FIELDS	(sizeof(fields) / sizeof(fields[0]))

/* Counters stay integers, everything else is a real. */
static json_t *number_out(double v)
{
	if (!isfinite(v))
		return json_null();
	if (v == floor(v) && fabs(v) < 1e15)
		return json_integer((json_int_t)v);
	return json_real(v);
}

static json_t *percentiles_out(const struct result_percentiles *p)
{
	if (!isfinite(p->p50))
		return json_null();
	return json_pack("{s:o, s:o}", "p50", number_out(p->p50), "p99",
			 number_out(p->p99));
}

static json_t *field_out(const struct field *f, const struct result *r)
{
	const char *at = (const char *)r + f->at;

	switch (f->kind) {
	case TEXT:
		return *at ? json_string(at) : json_null();
	case NUMBER:
		return number_out(*(const double *)(const void *)at);
	case PERCENTILES:
		return percentiles_out((const void *)at);
	}
	return NULL;
}

static json_t *run_out(const struct result *r)
{
	json_t *o = json_object();

	for (size_t i = 0; o && i < NR_FIELDS; i++) {
		if (json_object_set_new(o, fields[i].name,
					field_out(&fields[i], r))) {
			json_decref(o);
			return NULL;
		}
	}
	return o;
}

static json_t *runs_out(const struct results *all)
{
	json_t *runs = json_array();

	for (size_t i = 0; runs && i < all->nr; i++) {
		if (json_array_append_new(runs, run_out(&all->run[i]))) {
			json_decref(runs);
			return NULL;
		}
	}
	return runs;
}

int results_write(const struct results *all, FILE *f)
{
	json_t *runs = runs_out(all), *top;
	char *text;
	int r;

	if (!runs)
		return -ENOMEM;
	top = json_pack("{s:i, s:s, s:o}", "schema", RESULTS_SCHEMA, "kernel",
			all->kernel, "runs", runs);
	if (!top)
		return -ENOMEM;
	text = json_dumps(top, JSON_INDENT(2) | JSON_REAL_PRECISION(DIGITS));
	json_decref(top);
	if (!text)
		return -ENOMEM;
	errno = 0;
	r = fprintf(f, "%s\n", text) < 0 && errno ? -errno : textfile_flush(f);
	free(text);
	return r;
}

__attribute__((format(printf, 2, 3)))
static int bad(char *why, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, WHY_LEN, fmt, args);
	va_end(args);
	printable(why);
	return -EBADMSG;
}

static bool number_in(const json_t *v, double *ret)
{
	if (v && !json_is_null(v) && !json_is_number(v))
		return false;
	*ret = json_is_number(v) ? json_number_value(v) : NAN;
	return true;
}

static bool text_in(const json_t *v, char *buf, size_t size)
{
	if (!v || json_is_null(v))
		return true;
	if (!json_is_string(v) || json_string_length(v) >= size)
		return false;
	strcpy(buf, json_string_value(v));
	printable(buf);
	return true;
}

static bool percentiles_in(const json_t *v, struct result_percentiles *p)
{
	if (!v || json_is_null(v))
		return true;
	return json_is_object(v) &&
	       number_in(json_object_get(v, "p50"), &p->p50) &&
	       number_in(json_object_get(v, "p99"), &p->p99);
}

static bool field_in(const struct field *f, const json_t *v, struct result *r)
{
	char *at = (char *)r + f->at;

	switch (f->kind) {
	case TEXT:
		return text_in(v, at, f->size);
	case NUMBER:
		return number_in(v, (double *)(void *)at);
	case PERCENTILES:
		return percentiles_in(v, (void *)at);
	}
	return false;
}

static int run_in(const json_t *o, size_t number, struct result *r, char *why)
{
	if (!json_is_object(o))
		return bad(why, "run %zu is no object", number);
	result_init(r);
	for (size_t i = 0; i < NR_FIELDS; i++)
		if (!field_in(&fields[i], json_object_get(o, fields[i].name),
			      r))
			return bad(why, "run %zu has a bad value for %s",
				   number, fields[i].name);
	if (!r->workload[0] || !r->device[0] || !r->governor[0])
		return bad(why, "run %zu lacks workload, device or governor",
			   number);
	return 0;
}

static int top_in(const json_t *top, struct results *all, char *why)
{
	const json_t *runs = json_object_get(top, "runs");
	json_int_t schema =
		json_integer_value(json_object_get(top, "schema"));
	int r;

	if (schema != RESULTS_SCHEMA)
		return bad(why, "schema is not %d", RESULTS_SCHEMA);
	if (!json_is_array(runs) || !json_array_size(runs))
		return bad(why, "there are no runs");
	if (!text_in(json_object_get(top, "kernel"), all->kernel,
		     sizeof(all->kernel)))
		return bad(why, "bad value for kernel");
	all->run = calloc(json_array_size(runs), sizeof(*all->run));
	if (!all->run)
		return -ENOMEM;
	for (; all->nr < json_array_size(runs); all->nr++) {
		r = run_in(json_array_get(runs, all->nr), all->nr + 1,
			   &all->run[all->nr], why);
		if (r)
			return r;
	}
	return 0;
}

int results_read(FILE *f, struct results *ret, char *ret_why)
{
	struct results all = { 0 };
	json_error_t error;
	json_t *top = json_loadf(f, JSON_REJECT_DUPLICATES, &error);
	int r;

	if (!top)
		return bad(ret_why, "line %d: %.130s", error.line, error.text);
	r = top_in(top, &all, ret_why);
	json_decref(top);
	if (r) {
		results_free(&all);
		return r;
	}
	*ret = all;
	return 0;
}
