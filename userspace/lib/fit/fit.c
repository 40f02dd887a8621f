// SPDX-License-Identifier: GPL-2.0
/*
 * A device profile from a sweep over locked clocks
 *
 * Observation. Published sweeps give time and energy of a few kinds of work at
 * some tens of clocks. Neither tells all of a device: a clock that was asked for
 * may be held by a limit, kinds of work alike tell the sum of powers and not
 * the parts, and without clocks low enough nobody can tell static power from
 * a voltage that rises.
 *
 * 1. Rows at which a limit held the clock are found and set aside
 *    (fit_limits.c). Their mean power is the limiter's.
 * 2. Time is fitted per kind of work (fit_time.c), then power over all of them
 *    together (fit_power.c), since voltage and its floor belong to the device.
 * 3. When kinds of work can't share one arithmetic power, they get activities,
 *    if that takes GAIN of the squares away.
 * 4. Errors are those of all rows, held ones included: these are predicted by
 *    the power limit. Then every clock is left out once, for all work at a time
 *    (published sweeps hold copies of a stage: leaving one row out would leave
 *    its copy in), all is fitted again, and the rows left out are predicted.
 * 5. Static power is forced up and down until the fit gets clearly worse. If
 *    it hardly does, the sweep lacks clocks at the voltage floor: the fit is
 *    refused, unless the user named a profile to take the figure from.
 *
 * 6. What was predicted of clocks left out has to be near what was measured,
 *    else the fit is refused too (fit_judge.c).
 *
 * Constants. CHI: 99 % of a chi-squared with one degree of freedom. LOW_ENOUGH:
 * voltage floors of the devices that were looked at begin between 0.6 and 0.75 of
 * the top clock.
 */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "fit_parts.h"

#define LOW_ENOUGH	0.75
#define GAIN		0.7
#define ALIKE		0.6	/* mean square, in (1 %)^2 */
#define ACTIVITY_ROUNDS	4
#define ROUNDS		160
#define ROUNDS_AGAIN	40
#define CHI		6.6
#define ROW_VARIANCE	0.09	/* (0.3 %)^2, in per cent */
#define CAP_ALIKE	0.93
#define BINDS		1.03
#define JUMP		0.025
#define OTHER_BOARD	1.05

void fit_remark(struct fit *fit, const char *fmt, ...)
{
	va_list args;

	if (fit->nr_remarks == FIT_REMARKS_MAX)
		return;
	va_start(args, fmt);
	vsnprintf(fit->remark[fit->nr_remarks++], FIT_REMARK_LEN, fmt, args);
	va_end(args);
}

static void begin(const struct sweep *sweep, const struct asim_profile *base,
		  struct fit *fit)
{
	memset(fit, 0, sizeof(*fit));
	fit->low_khz = INFINITY;
	fit->idle_share = base->busy_clock_mw ?
		fmin(1, (double)base->idle_clock_mw / base->busy_clock_mw) : 1;
	fit->mem_knee = (double)base->mem_knee_khz / base->khz_max;
	fit->nr_phases = sweep->nr_phases;
	for (size_t i = 0; i < sweep->nr; i++) {
		struct fit_phase *p = &fit->phase[sweep->row[i].phase];

		if (!p->nr++) {
			p->first = i;
			p->name = sweep->phase[sweep->row[i].phase];
			p->activity = 1;
		}
		fit->top_khz = fmax(fit->top_khz, sweep->row[i].setting);
		fit->low_khz = fmin(fit->low_khz, sweep->row[i].setting);
	}
}

size_t fit_distinct(const struct sweep *sweep, const struct fit *fit,
		    bool only_free, double *ret)
{
	size_t n = 0, k = 0;

	for (uint32_t p = 0; p < fit->nr_phases; p++) {
		const struct fit_phase *ph = &fit->phase[p];
		size_t nr = only_free ? ph->nr_free : ph->nr;

		for (size_t i = 0; i < nr; i++)
			ret[n++] = sweep->row[ph->first + i].setting;
	}
	fit_sort(ret, n);
	for (size_t i = 0; i < n; i++)
		if (!k || ret[i] > ret[k - 1])
			ret[k++] = ret[i];
	return k;
}

/* The base profile's terms, scaled to the power of the sweep. */
static void scale_prior(struct fit_data *data, struct fit *fit,
			const struct asim_profile *base)
{
	const struct fit_curve usual = { 0.75, 0.65, 1.2 };
	double scale;

	data->prior[FIT_STATIC] = base->static_mw + base->levels[0].mw[1];
	data->prior[FIT_LEAK] = base->leak_mw;
	data->prior[FIT_CLOCK] = base->busy_clock_mw;
	data->prior[FIT_COMPUTE] = base->compute_mw;
	data->prior[FIT_MOVE] = base->move_mw;
	data->prior[FIT_MEMORY] = base->memory_mw;
	fit->curve = usual;
	for (uint32_t p = 0; p < fit->nr_phases; p++) {
		const struct fit_phase *ph = &fit->phase[p];
		const struct sweep_row *row =
			&data->row[ph->first + ph->nr_free - 1];
		double part[FIT_TERMS], time_s, w = 0;

		fit_parts(fit, ph, row->setting, part, &time_s);
		for (int i = 0; i < FIT_TERMS; i++)
			w += part[i] * data->prior[i];
		data->scratch[p] = row->power_w / w;
	}
	scale = fit_median(data->scratch, fit->nr_phases);
	for (int i = 0; i < FIT_TERMS; i++)
		data->prior[i] = fmax(data->prior[i], 1) * scale;
	fit->curve.floor = 0;
}

/* Where bandwidth begins to fall: the base's share, unless another is better. */
static void choose_knee(struct fit_data *data, struct fit *fit)
{
	static const double knees[] = { 0, 0.2, 0.3, 0.4, 0.5 };
	double usual = fit->mem_knee, least = fit_time(data, fit) * 0.8, now;
	double best = usual;

	for (size_t i = 0; i < sizeof(knees) / sizeof(knees[0]); i++) {
		fit->mem_knee = knees[i];
		now = fit_time(data, fit);
		if (now < least && fit->low_khz < knees[4] * fit->top_khz) {
			least = now;
			best = knees[i];
		}
	}
	fit->mem_knee = best;
	fit_time(data, fit);
}

static void try_activities(struct fit_data *data, struct fit *fit, double plain)
{
	struct fit *with = malloc(sizeof(*with));
	double now = plain;

	if (!with)
		return;
	*with = *fit;
	for (int i = 0; i < ACTIVITY_ROUNDS; i++) {
		fit_activities(data, with);
		now = fit_power(data, with, ROUNDS_AGAIN);
	}
	if (now < plain * GAIN && plain > ALIKE * (double)data->nr) {
		*fit = *with;
		fit_remark(fit, "kinds of work draw different power at the same use of arithmetic; power.compute is that of the most active one");
	}
	free(with);
}

static void set_cap(struct fit *fit)
{
	double most = 0, sum = 0;
	size_t n = 0;

	for (uint32_t i = 0; i < fit->nr_phases; i++)
		most = fmax(most, fit->phase[i].held_w);
	for (uint32_t i = 0; i < fit->nr_phases; i++) {
		const struct fit_phase *p = &fit->phase[i];

		if (p->held_w > 0 && p->held_w >= CAP_ALIKE * most) {
			sum += p->held_w * (double)(p->nr - p->nr_free);
			n += p->nr - p->nr_free;
		}
	}
	fit->cap_w = n ? sum / (double)n : 0;
}

static double watts(const struct fit *fit, const struct fit_phase *phase,
		    double khz, double *ret_time_s)
{
	double part[FIT_TERMS], w = 0;

	fit_parts(fit, phase, khz, part, ret_time_s);
	for (int i = 0; i < FIT_TERMS; i++)
		w += part[i] * fit->term[i];
	return w;
}

void fit_predict(const struct fit *fit, const struct fit_phase *phase,
		 double khz, double *ret_time_s, double *ret_power_w)
{
	double lo, hi = khz;

	if (phase->held_khz > 0 && phase->held_w < CAP_ALIKE * fit->cap_w)
		hi = fmin(khz, phase->held_khz);
	*ret_power_w = watts(fit, phase, hi, ret_time_s);
	if (fit->cap_w <= 0 || *ret_power_w <= fit->cap_w)
		return;
	lo = hi / 4;
	for (int i = 0; i < 40; i++) {
		double mid = (lo + hi) / 2;

		if (watts(fit, phase, mid, ret_time_s) > fit->cap_w)
			hi = mid;
		else
			lo = mid;
	}
	*ret_power_w = watts(fit, phase, lo, ret_time_s);
}

static void add_off(struct fit_error *e, double off, double khz)
{
	e->mean += off;
	if (off <= e->worst)
		return;
	e->worst = off;
	e->worst_khz = khz;
}

static void add_error(const struct fit *fit, const struct fit_phase *phase,
		      const struct sweep_row *row, struct fit_error *time,
		      struct fit_error *energy)
{
	double t, w, off_time, off_energy;

	fit_predict(fit, phase, row->setting, &t, &w);
	off_time = 100 * fabs(t / row->time_s - 1);
	off_energy = 100 * fabs(t * w / (row->time_s * row->power_w) - 1);
	add_off(time, off_time, row->setting);
	add_off(energy, off_energy, row->setting);
}

static void set_errors(const struct fit_data *data, struct fit *fit)
{
	for (uint32_t p = 0; p < fit->nr_phases; p++) {
		struct fit_phase *ph = &fit->phase[p];

		for (size_t i = 0; i < ph->nr; i++)
			add_error(fit, ph, &data->row[ph->first + i],
				  &ph->time, &ph->energy);
		ph->time.mean /= (double)ph->nr;
		ph->energy.mean /= (double)ph->nr;
		watts(fit, ph, fit->top_khz, &ph->time_s);
		ph->power_w = watts(fit, ph, fit->top_khz, &ph->time_s);
		fit_core(data, ph, fit->top_khz);
	}
}

/* How far power is off that was predicted without its clock. */
static double left_power(const struct fit *without,
			 const struct fit_phase *phase,
			 const struct sweep_row *row)
{
	double t, w;

	fit_predict(without, phase, row->setting, &t, &w);
	return fabs(log(w / row->power_w));
}

/* One clock is left out of the fit and predicted. */
static void leave_out(const struct fit_data *data, struct fit *fit,
		      struct fit *again, double *weight, double khz)
{
	struct fit_data rest = *data;

	memcpy(again, fit, sizeof(*fit));
	memcpy(weight, data->weight, data->nr * sizeof(*weight));
	for (size_t i = 0; i < data->nr; i++)
		if (data->row[i].setting == khz)
			weight[i] = 0;
	rest.weight = weight;
	rest.keep_fixed = true;
	fit_time(&rest, again);
	fit_power(&rest, again, ROUNDS_AGAIN);
	for (uint32_t p = 0; p < fit->nr_phases; p++) {
		struct fit_phase *ph = &fit->phase[p];

		for (size_t i = ph->first; i < ph->first + ph->nr; i++)
			if (data->row[i].setting == khz)
				add_error(again, &again->phase[p],
					  &data->row[i], &ph->left_time,
					  &ph->left_energy);
		for (size_t i = ph->first; i < ph->first + ph->nr_free; i++)
			if (data->row[i].setting == khz)
				ph->unexplained +=
					left_power(again, &again->phase[p],
						   &data->row[i]);
	}
}

/*
 * How far power is off its mean, which knows nothing of clocks. No squares: one row
 * that is far off must not outweigh all others.
 */
static double spread(const struct fit_data *data, const struct fit_phase *p)
{
	const struct sweep_row *row = &data->row[p->first];
	double mean = 0, off = 0;

	for (size_t i = 0; i < p->nr_free; i++)
		mean += log(row[i].power_w) / (double)p->nr_free;
	for (size_t i = 0; i < p->nr_free; i++)
		off += fabs(log(row[i].power_w) - mean);
	return fmax(off, 1e-9);
}

static int leave_each_out(const struct fit_data *data, struct fit *fit,
			  const double *clock, size_t n)
{
	struct fit *again = malloc(sizeof(*again));
	double *weight = calloc(data->nr, sizeof(*weight));
	int ret = again && weight ? 0 : -ENOMEM;

	for (size_t i = 0; !ret && i < n; i++)
		leave_out(data, fit, again, weight, clock[i]);
	for (uint32_t p = 0; p < fit->nr_phases; p++) {
		fit->phase[p].left_time.mean /= (double)fit->phase[p].nr;
		fit->phase[p].left_energy.mean /= (double)fit->phase[p].nr;
		fit->phase[p].unexplained /= spread(data, &fit->phase[p]);
	}
	free(weight);
	free(again);
	return ret;
}

/* Is the fit clearly worse with static power at @w? */
static bool worse_at(const struct fit_data *data, const struct fit *fit,
		     struct fit *forced, double w, double best)
{
	struct fit_data held = *data;
	double variance, now;
	size_t n = 0;

	for (size_t i = 0; i < data->nr; i++)
		n += data->weight[i] > 0;
	variance = fmax(best / (double)n, ROW_VARIANCE);
	memcpy(forced, fit, sizeof(*fit));
	held.hold_static = w;
	now = fit_power(&held, forced, 2 * ROUNDS_AGAIN);
	/* Copies of a stage are no further evidence: clocks are. */
	return (now - best) / variance * fmin(1, 2.0 * (double)fit->clocks /
					      (double)n) > CHI;
}

static double static_w(const struct fit *fit)
{
	return fit->term[FIT_STATIC] + fit->term[FIT_LEAK] * fit->curve.floor *
	       fit->curve.floor;
}

static int bound_static(const struct fit_data *data, struct fit *fit,
			double best)
{
	static const double steps[] = { 1.1, 1.2, 1.35, 1.5, 1.75, 2, 2.5 };
	struct fit *forced = malloc(sizeof(*forced));
	double w = static_w(fit);
	const int n = sizeof(steps) / sizeof(steps[0]);

	if (!forced)
		return -ENOMEM;
	fit->static_low_w = w / steps[n - 1];
	fit->static_high_w = w * steps[n - 1];
	for (int i = 0; i < n; i++) {
		if (!worse_at(data, fit, forced, w / steps[i], best))
			continue;
		fit->static_low_w = w / steps[i];
		break;
	}
	for (int i = 0; i < n; i++) {
		if (!worse_at(data, fit, forced, w * steps[i], best))
			continue;
		fit->static_high_w = w * steps[i];
		break;
	}
	free(forced);
	return 0;
}

static int judge_static(struct fit *fit, const double *free_clock, size_t n,
			bool base_given)
{
	double w = static_w(fit), high = free_clock[n - 1];
	bool told = fit->static_low_w > w / 1.6 && fit->static_high_w < w * 1.6;
	bool low_enough = free_clock[0] < LOW_ENOUGH * high;

	if (told)
		return 0;
	if (low_enough || base_given) {
		fit_remark(fit, "static power is uncertain, %.3g to %.3g W fit alike; the profile has %.3g W",
			   fit->static_low_w, fit->static_high_w, w);
		return 0;
	}
	fit_remark(fit, "static power can't be told from power that rises with the voltage: %.3g to %.3g W fit alike, since no clock lies below the knee of the voltage curve; clocks below %.0f MHz are missing (or a profile to take it from, --base)",
		   fit->static_low_w, fit->static_high_w,
		   LOW_ENOUGH * high / 1000);
	return -ENODATA;
}

static void use_limits(const struct sweep *limits, struct fit *fit,
		       double *scratch)
{
	double quickest = INFINITY;
	size_t n = 0, from = 0;

	fit->limit_min_w = INFINITY;
	for (size_t i = 0; i < limits->nr; i++) {
		fit->limit_min_w = fmin(fit->limit_min_w,
					limits->row[i].setting);
		fit->limit_max_w = fmax(fit->limit_max_w,
					limits->row[i].setting);
		quickest = fmin(quickest, limits->row[i].time_s);
		if (i + 1 < limits->nr &&
		    limits->row[i + 1].phase == limits->row[i].phase)
			continue;
		for (; from <= i; from++) {
			const struct sweep_row *r = &limits->row[from];
			double share = r->power_w / r->setting;

			if (r->time_s > BINDS * quickest && share <= 1 &&
			    share > 0.7)
				scratch[n++] = share;
		}
		quickest = INFINITY;
	}
	fit->limit_share = fit_median(scratch, n);
	if (!n)
		fit_remark(fit, "no power limit of the table slowed work down and was reached; limits below %.0f W are missing",
			   fit->limit_min_w);
}

static void tell_what_lacks(struct fit *fit)
{
	if (fit->limit_max_w > 0 && fit->cap_w > OTHER_BOARD * fit->limit_max_w) {
		fit_remark(fit, "the table of limits ends at %.4g W, but the sweep was held at %.4g W: it is of another board and was not used",
			   fit->limit_max_w, fit->cap_w);
		fit->limit_max_w = 0;
	}
	for (uint32_t i = 0; i < fit->nr_phases; i++)
		fit->memory_told |= fit->phase[i].compute < 0.5 &&
				    fit->phase[i].fixed < 0.5;
	if (!fit->memory_told)
		fit_remark(fit, "no work is bound by memory, so data_movement and memory power are the base profile's, scaled; a phase that is would tell them");
	if (fit->cap_w <= 0 && fit->limit_max_w <= 0)
		fit_remark(fit, "no limit held a clock, so limit.max is only the highest power that was seen; a table of power limits would tell");
}

/* Time that rises with the clock was measured under other conditions. */
static void tell_jumps(const struct sweep *sweep, struct fit *fit)
{
	for (uint32_t i = 0; i < fit->nr_phases; i++) {
		const struct fit_phase *p = &fit->phase[i];
		const struct sweep_row *row = &sweep->row[p->first];
		size_t at = 0;

		for (size_t k = 1; k < p->nr; k++)
			if (row[k].time_s / row[k - 1].time_s >
			    fmax(1 + JUMP, at ? row[at].time_s /
				 row[at - 1].time_s : 0))
				at = k;
		if (!at)
			continue;
		fit_remark(fit, "%s: time rises by %.1f %% from %.0f to %.0f MHz, which no model follows; was the device hot, or not alone?",
			   p->name, 100 * (row[at].time_s / row[at - 1].time_s - 1),
			   row[at - 1].setting / 1000, row[at].setting / 1000);
		return;
	}
}

/* Errors, and whether they and what was measured allow for a profile. */
static int judge(const struct fit_data *data, struct fit *fit, bool base_given,
		 double squares, double *clock)
{
	const struct sweep sweep = { .row = (struct sweep_row *)data->row };
	size_t n = fit_distinct(&sweep, fit, false, clock);
	int ret;

	set_errors(data, fit);
	ret = leave_each_out(data, fit, clock, n);
	if (!ret && !fit_believable(fit))
		ret = -ENODATA;
	if (!ret)
		ret = bound_static(data, fit, squares);
	n = fit_distinct(&sweep, fit, true, clock);
	if (!ret)
		ret = judge_static(fit, clock, n, base_given);
	if (!ret)
		tell_what_lacks(fit);
	return ret;
}

static int fit_all(struct fit_data *data, struct fit *fit,
		   const struct asim_profile *base, bool base_given,
		   double *clock)
{
	double squares;

	choose_knee(data, fit);
	scale_prior(data, fit, base);
	squares = fit_power(data, fit, ROUNDS);
	if (fit_look_again(data->row, data->nr, fit)) {
		for (size_t i = 0; i < data->nr; i++)
			data->weight[i] = 1;
		fit_time(data, fit);
		fit->curve.floor = 0;
		squares = fit_power(data, fit, ROUNDS);
	}
	if (fit->nr_phases > 1)
		try_activities(data, fit, squares);
	squares = fit_power(data, fit, ROUNDS);
	set_cap(fit);
	return judge(data, fit, base_given, squares, clock);
}

int fit_sweep(const struct sweep *sweep, const struct sweep *limits,
	      const struct asim_profile *base, bool base_given,
	      struct fit *ret)
{
	size_t most = sweep->nr + (limits ? limits->nr : 0) + SWEEP_PHASES_MAX;
	struct fit_data data = { .row = sweep->row, .nr = sweep->nr };
	double *clock = calloc(most, sizeof(*clock));
	int r = -ENOMEM;

	data.weight = calloc(most, sizeof(*data.weight));
	data.scratch = calloc(most, sizeof(*data.scratch));
	if (clock && data.weight && data.scratch) {
		begin(sweep, base, ret);
		ret->clocks = fit_distinct(sweep, ret, false, clock);
		for (size_t i = 0; i < sweep->nr; i++)
			data.weight[i] = 1;
		fit_find_limits(sweep, ret);
		r = -ENODATA;
		if (fit_supported(sweep, base, ret, clock)) {
			tell_jumps(sweep, ret);
			if (limits)
				use_limits(limits, ret, data.scratch);
			r = fit_all(&data, ret, base, base_given, clock);
		}
	}
	free(clock);
	free(data.weight);
	free(data.scratch);
	return r;
}
