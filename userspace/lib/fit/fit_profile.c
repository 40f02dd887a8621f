// SPDX-License-Identifier: GPL-2.0
/*
 * What a fit found, as a profile
 *
 * The profile's clocks are those of the sweep. Its formula is the fit's, so
 * terms go over as they are, less the power of a context, which the simulator
 * adds by itself. What no sweep tells comes from the base profile: rates (they
 * only set what an operation is worth), switching times, idle states. Powers
 * among them are scaled with what was found, to keep a small device's idle
 * states below its static power. Every figure says where it comes from.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fit_parts.h"
#include "profile/profile_fields.h"

#define KNOTS		ASIM_MAX_VOLTS

/* A context's power can't be more than this share of static power. */
#define CONTEXT_SHARE	0.25

struct maker {
	const struct fit *fit;
	const struct profile_file *base;
	struct profile_file *to;
	char fitted[PROFILE_NOTE_LEN];
	char scaled[PROFILE_NOTE_LEN];
	char copied[PROFILE_NOTE_LEN];
	char memory[PROFILE_NOTE_LEN];
	char limits[PROFILE_NOTE_LEN];
	double scale;
};

static u32 mw(double w)
{
	return (u32)lround(fmax(w, 0) * 1000);
}

static u32 greatest_divisor(u32 a, u32 b)
{
	while (b) {
		u32 rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

static int by_number(const void *a, const void *b)
{
	u32 one = *(const u32 *)a, two = *(const u32 *)b;

	return one < two ? -1 : one > two;
}

/* Distinct clocks of the sweep, ascending. */
static u32 *clocks_of(const struct sweep *sweep, size_t *ret_nr)
{
	u32 *khz = calloc(sweep->nr, sizeof(*khz));
	size_t n = 0;

	if (!khz)
		return NULL;
	for (size_t i = 0; i < sweep->nr; i++)
		khz[i] = (u32)lround(sweep->row[i].setting);
	qsort(khz, sweep->nr, sizeof(*khz), by_number);
	for (size_t i = 0; i < sweep->nr; i++)
		if (!n || khz[i] != khz[n - 1])
			khz[n++] = khz[i];
	*ret_nr = n;
	return khz;
}

/* Evenly spaced if that fits, else a list, thinned out when it is too long. */
static void set_clocks(struct profile_file *to, const u32 *khz, size_t n)
{
	struct asim_profile *p = &to->p;
	u32 step = 0;

	for (size_t i = 1; i < n; i++)
		step = greatest_divisor(khz[i] - khz[i - 1], step);
	p->khz_min = khz[0];
	p->khz_max = khz[n - 1];
	p->khz = NULL;
	p->nr_khz = 0;
	p->khz_step = step;
	if (!step || (p->khz_max - p->khz_min) / step < ASIM_MAX_OPPS)
		return;
	p->khz = to->khz;
	p->khz_step = 0;
	p->nr_khz = n < ASIM_MAX_OPPS ? (u32)n : ASIM_MAX_OPPS;
	if (p->nr_khz < n)
		profile_note(to, "clock", "list", "evenly spread, the sweep has more");
	for (u32 i = 0; i < p->nr_khz; i++)
		to->khz[i] = khz[i * (n - 1) / (p->nr_khz - 1)];
}

static bool same_range(const struct asim_profile *base, const u32 *khz,
		       size_t n)
{
	return base->khz_max == khz[n - 1] && base->khz_min <= khz[0];
}

/* Fitted clocks look better in whole megahertz. */
static u32 round_to(double khz, u32 unit, u32 lo, u32 hi)
{
	u32 v = (u32)lround(khz / unit) * unit;

	if (khz <= lo + 0.5 || v < lo)
		return lo;
	return khz >= hi - 0.5 || v > hi ? hi : v;
}

static void set_volts(struct maker *m)
{
	const struct asim_profile *from = &m->base->p;
	struct asim_profile *p = &m->to->p;
	double top_uv = from->volts[from->nr_volts - 1].uv;
	double knee = m->fit->curve.knee * p->khz_max;
	double begin = fmax(knee, p->khz_min);
	char hz[40];

	p->nr_volts = 0;
	for (int i = 0; i < KNOTS; i++) {
		double khz = i ? begin + (p->khz_max - begin) * (i - 1) /
				 (KNOTS - 2) : p->khz_min;
		struct asim_volt v = {
			round_to(khz, p->khz_max >= 100000 ? 1000 : 1,
				 p->khz_min, p->khz_max),
			(u32)lround(top_uv * fit_volt(&m->fit->curve,
						      khz / p->khz_max)),
		};

		if (!p->nr_volts || v.khz > p->volts[p->nr_volts - 1].khz)
			p->volts[p->nr_volts++] = v;
	}
	unit_exact(UNIT_FREQ, p->khz_min * 1000LL, hz, sizeof(hz));
	profile_note(m->to, "voltage", hz,
		     "shape fitted; only ratios to the top count");
}

static void set_power(struct maker *m)
{
	const struct asim_profile *from = &m->base->p;
	const double *term = m->fit->term;
	struct asim_profile *p = &m->to->p;
	char note[PROFILE_NOTE_LEN];
	double context = from->levels[0].mw[1] / 1000.0 * m->scale;

	context = fmin(context, CONTEXT_SHARE * term[FIT_STATIC]);
	snprintf(note, sizeof(note), "%.120s, %.3g to %.3g W with leakage fit alike",
		 m->fitted, m->fit->static_low_w, m->fit->static_high_w);
	p->levels[0].mw[1] = mw(context);
	p->static_mw = mw(term[FIT_STATIC]) - p->levels[0].mw[1];
	p->leak_mw = mw(term[FIT_LEAK]);
	p->busy_clock_mw = mw(term[FIT_CLOCK]);
	/* Busy engines tell the clock tree from arithmetic badly. */
	p->idle_clock_mw = mw(fmin(term[FIT_CLOCK] * m->fit->idle_share,
				   from->idle_clock_mw / 1000.0 * m->scale));
	p->compute_mw = mw(term[FIT_COMPUTE]);
	p->move_mw = mw(term[FIT_MOVE]);
	p->memory_mw = mw(term[FIT_MEMORY]);
	p->link_mw = mw(from->link_mw / 1000.0 * m->scale);
	profile_note(m->to, "power", "static", note);
	profile_note(m->to, "power", "leakage", m->fitted);
	profile_note(m->to, "power", "busy_clock", m->fitted);
	profile_note(m->to, "power", "compute", m->fitted);
	profile_note(m->to, "power", "data_movement", m->memory);
	profile_note(m->to, "power", "memory", m->memory);
	profile_note(m->to, "power", "idle_clock", m->scaled);
	profile_note(m->to, "power", "link", m->scaled);
}

static double highest_power(const struct sweep *sweep)
{
	double most = 0;

	for (size_t i = 0; i < sweep->nr; i++)
		most = fmax(most, sweep->row[i].power_w);
	return most;
}

static void set_limit(struct maker *m, const struct sweep *sweep)
{
	const struct fit *fit = m->fit;
	struct asim_profile *p = &m->to->p;
	double most = highest_power(sweep), share = 1;

	if (fit->limit_max_w > 0) {
		share = fit->limit_share > 0 ? fit->limit_share : 1;
		p->cap_max_mw = mw(fit->limit_max_w);
		p->cap_min_mw = mw(fit->limit_min_w);
		profile_note(m->to, "limit", "max", m->limits);
		profile_note(m->to, "limit", "min", m->limits);
		if (fit->cap_w > 0 && fit->cap_w <= fit->limit_max_w)
			share = fit->cap_w / fit->limit_max_w;
		profile_note(m->to, "limit", "mean_share",
			     fit->cap_w > 0 ? "the sweep's power at the limit" :
			     fit->limit_share > 0 ? m->limits :
			     "no limit was reached");
	} else {
		char part[PROFILE_NOTE_LEN];

		snprintf(part, sizeof(part), "not measured, the share of max that it is in %s",
			 m->base->name);
		p->cap_max_mw = mw(fit->cap_w > 0 ? fit->cap_w : most);
		p->cap_min_mw = (u32)((u64)p->cap_max_mw *
				      m->base->p.cap_min_mw /
				      m->base->p.cap_max_mw);
		profile_note(m->to, "limit", "max", fit->cap_w > 0 ?
			     "mean power at which the clock was held" :
			     "highest power seen, no limit was reached");
		profile_note(m->to, "limit", "min", part);
		profile_note(m->to, "limit", "mean_share",
			     "max is of mean power already");
	}
	p->cap_mean_permille = (u32)lround(1000 * share);
}

/* Idle states stay in their order: none draws more than the one above. */
static void set_idle(struct maker *m)
{
	struct asim_profile *p = &m->to->p;
	double v = m->fit->curve.floor * m->fit->curve.floor;
	u32 bound = p->static_mw + (u32)(v * p->leak_mw);
	char section[PROFILE_LABEL_LEN + 8];

	for (u32 i = 1; i < p->nr_levels; i++) {
		const char *note[2];

		for (int k = 0; k < 2; k++) {
			double from = m->base->p.levels[i].mw[k] / 1000.0;
			u32 now = mw(from * m->scale);

			p->levels[i].mw[k] = now < bound ? now : bound;
			note[k] = now <= bound ? m->scaled :
				  "not measured, as much as the state above at most";
		}
		snprintf(section, sizeof(section), "idle %s",
			 m->to->level_name[i]);
		profile_note(m->to, section, "power", note[0]);
		profile_note(m->to, section, "power_with_context", note[1]);
		bound = p->levels[i].mw[1];
	}
}

static void set_phases(struct maker *m)
{
	const struct fit *fit = m->fit;

	m->to->nr_phases = 0;
	for (u32 i = 0; i < fit->nr_phases && i < PROFILE_PHASES_MAX; i++) {
		const struct fit_phase *from = &fit->phase[i];
		struct profile_phase *to = &m->to->phase[m->to->nr_phases++];

		snprintf(to->name, sizeof(to->name), "%s", from->name);
		to->sensitivity_permille =
			(u32)lround(1000 * from->sensitivity);
		to->time_ns = (u64)llround(fmax(1, 1e9 * from->time_s));
		to->mw = mw(from->power_w);
	}
}

/* Figures that no sweep tells keep the base's values and say so. */
static void note_rest(struct maker *m)
{
	const struct profile_field *f;

	for (u32 i = 0; (f = profile_field(i)); i++)
		if (!strcmp(f->section, "rate") || !strcmp(f->section, "switch"))
			profile_note(m->to, f->section, f->key, m->copied);
	profile_note(m->to, "rate", "memory_knee", m->fit->low_khz <
		     0.5 * m->fit->top_khz ? m->fitted : m->copied);
}

static double mean_of(const struct fit *fit, bool left, bool energy)
{
	double sum = 0, n = 0;

	for (u32 i = 0; i < fit->nr_phases; i++) {
		const struct fit_phase *p = &fit->phase[i];

		sum += (double)p->nr *
		       (left ? energy ? &p->left_energy : &p->left_time :
			       energy ? &p->energy : &p->time)->mean;
		n += (double)p->nr;
	}
	return sum / n;
}

/* Which file, when, and how well. */
static void note_origin(struct maker *m, const struct fit_origin *origin)
{
	char text[PROFILE_NOTE_LEN];

	snprintf(text, sizeof(text), "fitted to %.80s on %s; mean error of time %.2g %%, energy %.2g %%; of clocks left out %.2g and %.2g %%",
		 origin->source, origin->date,
		 mean_of(m->fit, false, false),
		 mean_of(m->fit, false, true),
		 mean_of(m->fit, true, false),
		 mean_of(m->fit, true, true));
	profile_note(m->to, "device", "name", text);
}

static void begin(struct maker *m, const char *name,
		  const struct fit_origin *origin)
{
	double base_w = m->base->p.static_mw + m->base->p.levels[0].mw[1] +
			m->base->p.leak_mw;

	profile_file_copy(m->base, m->to);
	m->to->nr_notes = 0;
	profile_rename(m->to, name);
	m->scale = 1000 * (m->fit->term[FIT_STATIC] + m->fit->term[FIT_LEAK]) /
		   base_w;
	snprintf(m->fitted, sizeof(m->fitted), "fitted to %.80s",
		 origin->source);
	snprintf(m->limits, sizeof(m->limits), "table of limits %.80s",
		 origin->limits ? origin->limits : "");
	snprintf(m->copied, sizeof(m->copied), "not measured, that of %s",
		 m->base->name);
	snprintf(m->scaled, sizeof(m->scaled),
		 "not measured, that of %s times %.3g", m->base->name,
		 m->scale);
	if (m->fit->memory_told)
		strcpy(m->memory, m->fitted);
	else
		snprintf(m->memory, sizeof(m->memory), "not measured, no work is bound by memory: that of %s, scaled",
			 m->base->name);
	note_origin(m, origin);
}

bool fit_profile(const struct fit *fit, const struct sweep *sweep,
		 const struct profile_file *base, bool base_given,
		 const char *name, const struct fit_origin *origin,
		 struct profile_file *ret, char ret_why[200])
{
	struct maker m = { .fit = fit, .base = base, .to = ret };
	size_t n = 0;
	u32 *khz = clocks_of(sweep, &n);

	if (!khz) {
		strcpy(ret_why, "out of memory");
		return false;
	}
	begin(&m, name, origin);
	if (base_given && same_range(&base->p, khz, n))
		profile_note(ret, "clock", "max", m.copied);
	else
		set_clocks(ret, khz, n);
	free(khz);
	ret->p.mem_knee_khz = (u32)lround(fit->mem_knee * ret->p.khz_max);
	set_volts(&m);
	set_power(&m);
	set_limit(&m, sweep);
	set_idle(&m);
	set_phases(&m);
	note_rest(&m);
	return profile_check(&ret->p, ret_why, 200);
}
