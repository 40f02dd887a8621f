// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov calibrate: the table, JSON, the profile and its picture.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calibrate.h"
#include "cmd.h"
#include "fit/fit_plot.h"
#include "profile/profile_fields.h"
#include "textfile.h"

#define TABLE_ROWS	24

/* Place of an error in a phase. */
#define AT(member)	offsetof(struct fit_phase, member)

static void error_cells(const struct fit_error *e)
{
	printf(" %6.2f (%5.2f)", e->mean, e->worst);
}

static void phase_row(const struct fit_phase *p)
{
	printf("%-28.28s %4zu %5.2f", p->name, p->nr, p->sensitivity);
	error_cells(&p->time);
	error_cells(&p->energy);
	error_cells(&p->left_time);
	error_cells(&p->left_energy);
	putchar('\n');
}

static struct fit_error over_all(const struct fit *fit, size_t at)
{
	struct fit_error sum = { 0 };
	double rows = 0;

	for (uint32_t i = 0; i < fit->nr_phases; i++) {
		const struct fit_phase *p = &fit->phase[i];
		const struct fit_error *e =
			(const void *)((const char *)p + at);

		sum.mean += e->mean * (double)p->nr;
		sum.worst = fmax(sum.worst, e->worst);
		rows += (double)p->nr;
	}
	sum.mean /= rows;
	return sum;
}

static void table(const struct calibrate *c)
{
	const struct fit *fit = &c->fit;
	struct fit_error all;
	static const size_t columns[] = {
		AT(time),
		AT(energy),
		AT(left_time),
		AT(left_energy),
	};

	printf("%zu measurements of %u kinds of work at %zu clocks from %.0f to %.0f MHz\n\n",
	       c->sweep.nr, fit->nr_phases, fit->clocks, fit->low_khz / 1000,
	       fit->top_khz / 1000);
	printf("Mean (worst) error, %%         rows     w %15s%15s%15s%15s\n",
	       "time", "energy", "time, left out", "energy, l. o.");
	for (uint32_t i = 0; i < fit->nr_phases && i < TABLE_ROWS; i++)
		phase_row(&fit->phase[i]);
	if (fit->nr_phases > TABLE_ROWS)
		printf("... and %u more, see --json\n",
		       fit->nr_phases - TABLE_ROWS);
	printf("%-28s %4zu      ", "all", c->sweep.nr);
	for (size_t i = 0; i < 4; i++) {
		all = over_all(fit, columns[i]);
		error_cells(&all);
	}
	printf("\n\nStatic power %.3g W (%.3g to %.3g W fit alike), voltage floor %.0f %% up to %.0f MHz\n",
	       fit->term[FIT_STATIC] + fit->term[FIT_LEAK] *
	       fit->curve.floor * fit->curve.floor, fit->static_low_w,
	       fit->static_high_w, 100 * fit->curve.floor,
	       fit->curve.knee * fit->top_khz / 1000);
	if (fit->cap_w > 0)
		printf("Clocks are held at a mean power of %.4g W\n",
		       fit->cap_w);
}

static void remarks(const struct calibrate *c)
{
	if (c->sweep.repeated)
		fprintf(stderr, "note: %u repeated measurements were averaged\n",
			c->sweep.repeated);
	if (c->limits.mixed)
		fprintf(stderr, "note: %u rows set the devices different limits and were left out\n",
			c->limits.mixed);
	if (c->sweep.unused[0])
		fprintf(stderr, "note: columns not used: %s\n",
			c->sweep.unused);
	for (unsigned int i = 0; i < c->fit.nr_remarks; i++)
		fprintf(stderr, "note: %s\n", c->fit.remark[i]);
}

static json_t *error_json(const struct fit_error *e)
{
	return json_pack("{s:f, s:f}", "mean_percent", e->mean,
			 "worst_percent", e->worst);
}

static json_t *all_json(const struct fit *fit, size_t at)
{
	const struct fit_error all = over_all(fit, at);

	return error_json(&all);
}

static json_t *phase_json(const struct fit_phase *p)
{
	return json_pack("{s:s, s:i, s:i, s:f, s:f, s:f, s:f, s:f, s:f, s:o, s:o, s:o, s:o, s:o, s:f, s:o}",
			 "phase", p->name, "rows", (int)p->nr, "rows_held",
			 (int)(p->nr - p->nr_free), "sensitivity",
			 p->sensitivity, "compute_share", p->compute,
			 "fixed_share", p->fixed, "activity", p->activity,
			 "time_s", p->time_s, "power_w", p->power_w,
			 "held_hz", p->held_khz > 0 ?
			 json_integer(llround(p->held_khz * 1000)) :
			 json_null(),
			 "time_error", error_json(&p->time),
			 "energy_error", error_json(&p->energy),
			 "left_out_time_error", error_json(&p->left_time),
			 "left_out_energy_error", error_json(&p->left_energy),
			 "power_unexplained_share", p->unexplained,
			 "governor_time_error", error_json(&p->core_time));
}

static json_t *remarks_json(const struct fit *fit)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < fit->nr_remarks; i++)
		json_array_append_new(list, json_string(fit->remark[i]));
	return list;
}

/* Figures of the profile by section and key, in the simulator's units. */
static json_t *profile_json(const struct profile_file *pf)
{
	json_t *top = json_pack("{s:s}", "name", pf->name), *section;
	const struct profile_field *f;

	for (u32 i = 0; (f = profile_field(i)); i++) {
		char text[48];

		section = json_object_get(top, f->section);
		if (!section) {
			json_object_set_new(top, f->section, json_object());
			section = json_object_get(top, f->section);
		}
		unit_exact(f->unit, (int64_t)(profile_field_get(f, &pf->p) *
					      f->per), text, sizeof(text));
		json_object_set_new(section, f->key, json_string(text));
	}
	return top;
}

static json_t *fit_json(const struct calibrate *c)
{
	const struct fit *fit = &c->fit;
	json_t *phases = json_array();

	for (uint32_t i = 0; i < fit->nr_phases; i++)
		json_array_append_new(phases, phase_json(&fit->phase[i]));
	return json_pack("{s:i, s:i, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:{s:f, s:f, s:f}, s:o, s:o, s:o}",
			 "schema", 1, "rows", (int)c->sweep.nr, "clocks",
			 (int)fit->clocks,
			 "time_error", all_json(fit, AT(time)),
			 "energy_error", all_json(fit, AT(energy)),
			 "left_out_time_error", all_json(fit, AT(left_time)),
			 "left_out_energy_error", all_json(fit, AT(left_energy)),
			 "static_w", json_pack("[f, f]", fit->static_low_w,
					       fit->static_high_w),
			 "held_power_w", fit->cap_w > 0 ?
			 json_real(fit->cap_w) : json_null(),
			 "voltage", "floor_share", fit->curve.floor,
			 "knee_share", fit->curve.knee, "exponent",
			 fit->curve.bend,
			 "phases", phases, "remarks", remarks_json(fit),
			 "profile", profile_json(&c->profile));
}

static int fill_profile(FILE *f, const void *arg)
{
	const struct calibrate *c = arg;

	return profile_write(&c->profile, f);
}

static int fill_plot(FILE *f, const void *arg)
{
	const struct calibrate *c = arg;
	char title[200];

	snprintf(title, sizeof(title), "%s, fitted to %s", c->profile.name,
		 calibrate_source(c));
	return fit_plot(&c->fit, &c->sweep, title, f);
}

int calibrate_output(const struct calibrate *c)
{
	int ret = CMD_OK;

	if (c->out)
		ret = output_file(c->out, fill_profile, c);
	if (!ret && c->plot)
		ret = output_file(c->plot, fill_plot, c);
	if (ret)
		return ret;
	if (c->json)
		return cmd_print_json(fit_json(c));
	table(c);
	ret = textfile_flush(stdout);
	remarks(c);
	return ret ? cmd_unwritten(ret) : CMD_OK;
}

int calibrate_refusal(const struct calibrate *c)
{
	cmd_error("%s does not support a fit:",
		  c->sweep_path ? c->sweep_path : c->device);
	for (unsigned int i = 0; i < c->fit.nr_remarks; i++)
		fprintf(stderr, "  %s\n", c->fit.remark[i]);
	if (c->json)
		cmd_print_json(json_pack("{s:i, s:n, s:o}", "schema", 1,
					 "profile", "missing",
					 remarks_json(&c->fit)));
	return CMD_FAILURE;
}
