// SPDX-License-Identifier: GPL-2.0
/*
 * A recording, run through the policy core again.
 *
 * A window is named by what was published after it. The recorded names follow their
 * sample in the file, so a window waits for the next sample before it is counted.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../../kmod/core/core.h"
#include "backends/observe.h"
#include "recorded.h"

#define ROW_NS		100000000ULL
#define NS_PER_MS	1000000ULL

static uint64_t since(const struct recorded *r, uint64_t ns)
{
	return ns - r->head.start_ns;
}

/* What was named last holds until now. */
static int extend(struct recorded_names *n, uint64_t now_ns)
{
	return n->there ? timeline_extend(&n->seen, 0, now_ns, n->phase) : 0;
}

static int name(struct recorded_names *n, uint64_t now_ns, uint32_t phase,
		uint32_t confidence)
{
	int ret;

	if (!n->there) {
		n->there = true;
		n->phase = ACCELGOV_PHASE_UNKNOWN;
	}
	ret = extend(n, now_ns);
	n->phase = phase;
	n->confidence = confidence;
	return ret;
}

static int count_window(struct recorded *r, struct recorded_device *d,
			struct recorded_names *n)
{
	struct named_window window = d->priv.window;

	if (!n->there || window.to_ns <= window.from_ns)
		return 0;
	window.phase = n->phase;
	window.confidence = n->confidence;
	return named_windows_add(&n->windows, &window, &r->truth);
}

static int count_windows(struct recorded *r, struct recorded_device *d)
{
	int ret = count_window(r, d, &d->replayed);

	if (!ret)
		ret = count_window(r, d, &d->recorded);
	d->priv.window = (struct named_window){ 0 };
	return ret;
}

static void begin_observer(struct recorded *r, struct recorded_device *d,
			   const struct recorded_options *options)
{
	struct config_device config = {
		.budget_permille = options->budget_permille,
	};
	uint32_t khz[AG_OPP_MAX], nr;
	struct ag_config cfg;

	nr = observer_thin(d->info.clock_khz, d->info.nr_clocks, khz);
	observer_config(&config, d->info.period_us, &cfg);
	d->observes = nr && !observer_init(&d->observer, khz, nr, &cfg,
					   r->head.start_ns);
}

static void add_means(struct recorded_device *d,
		      const struct accelgov_sample *sample)
{
	struct reading clock = sample_rate(sample, ACCELGOV_SIG_CLOCK);
	struct reading power = sample_rate(sample, ACCELGOV_SIG_POWER);
	double ns = (double)sample->window_ns;

	if (clock.known) {
		d->clock_khz_ns += ns * (double)clock.value;
		d->clock_ns += ns;
	}
	if (power.known) {
		d->power_mw_ns += ns * (double)power.value;
		d->power_ns += ns;
	}
}

static int64_t known(struct reading r)
{
	return r.known ? r.value : -1;
}

/* Rows of the time series are as long as it takes, 100 ms at least. */
static int add_row(struct recorded_device *d, const struct accelgov_sample *sample,
		   uint64_t now_ns)
{
	struct reading power = sample_rate(sample, ACCELGOV_SIG_POWER);
	struct series_row *row = &d->priv.row;
	int ret;

	/* A power that no device has is not drawn. */
	if (power.known && power.value <= UINT32_MAX) {
		d->priv.row_mw_ns += (double)sample->window_ns * (double)power.value;
		d->priv.row_power_ns += (double)sample->window_ns;
	}
	if (now_ns < d->priv.row_from_ns + ROW_NS - NS_PER_MS)
		return 0;
	*row = (struct series_row){
		.end_ms = (int64_t)(now_ns / NS_PER_MS),
		.power_mw = -1,
		.clock_khz = known(sample_rate(sample, ACCELGOV_SIG_CLOCK)),
		.target_khz = d->observes ? d->observer.would_khz : -1,
		.truth = -1,
		.seen = -1,
		.slowdown_permille = -1,
	};
	if (d->priv.row_power_ns > 0)
		row->power_mw = (int64_t)(d->priv.row_mw_ns / d->priv.row_power_ns);
	ret = series_add(&d->series, row);
	d->priv.row_mw_ns = 0;
	d->priv.row_power_ns = 0;
	d->priv.row_from_ns = now_ns;
	return ret;
}

/* The core forgets a phase that nothing confirms, and so does the timeline. */
static int go_stale(struct recorded *r, struct recorded_device *d,
		    const struct accelgov_sample *sample)
{
	uint64_t begin_ns = sample->time_ns - sample->window_ns;
	uint64_t last_ns = d->last_ns, now_ns;

	if (!d->replayed.there || begin_ns < r->head.start_ns ||
	    !ag_core_stale(&d->observer.core, begin_ns))
		return 0;
	now_ns = last_ns + 3 * d->info.period_us * 1000ULL;
	if (now_ns > since(r, begin_ns))
		now_ns = since(r, begin_ns);
	return name(&d->replayed, now_ns, ACCELGOV_PHASE_UNKNOWN, 0);
}

static int decide(struct recorded *r, struct recorded_device *d,
		  const struct accelgov_sample *sample)
{
	const struct ag_phase *p = &d->observer.core.phase;
	int ret;

	if (!d->observes)
		return 0;
	ret = go_stale(r, d, sample);
	if (ret || observer_sample(&d->observer, sample) < 0)
		return ret;
	d->decided++;
	return name(&d->replayed, since(r, sample->time_ns), p->now,
		    p->confidence);
}

static void add_window(struct recorded *r, struct recorded_device *d,
		       const struct accelgov_sample *sample)
{
	uint64_t to_ns = since(r, sample->time_ns);
	uint64_t from_ns = sample->window_ns < to_ns ? to_ns - sample->window_ns :
						       0;

	if (!d->samples++)
		d->first_ns = from_ns;
	else if (from_ns > d->last_ns)
		d->silent_ns += from_ns - d->last_ns;
	if (sample->window_ns)
		d->priv.window = (struct named_window){ from_ns, to_ns, 0, 0 };
}

static int take_sample(struct recorded *r, struct recorded_device *d,
		       const struct recorded_options *options,
		       const struct recording_entry *e)
{
	const struct accelgov_sample *sample = &e->reading.sample;
	uint64_t now_ns = since(r, e->time_ns);
	int ret = count_windows(r, d);

	if (!ret)
		ret = decide(r, d, sample);
	if (!ret)
		ret = extend(&d->recorded, now_ns);
	if (ret)
		return ret;
	add_window(r, d, sample);
	add_means(d, sample);
	d->last_ns = now_ns;
	return options->series ? add_row(d, sample, now_ns) : 0;
}

/* A label ends what the one before it said. */
static int take_label(struct recorded *r, const struct recording_entry *e,
		      uint32_t *phase)
{
	int ret = timeline_extend(&r->truth, 0, since(r, e->time_ns), *phase);

	*phase = recording_label_phase(e->text);
	r->labels++;
	if (*phase < ACCELGOV_PHASE_NR || !strcmp(e->text, "-"))
		return ret;
	if (!r->strange++)
		strcpy(r->strange_text, e->text);
	return ret;
}

static int take_entry(struct recorded *r, const struct recorded_options *options,
		      const struct recording_entry *e, uint32_t *label)
{
	struct recorded_device *d = &r->device[e->device];

	if (since(r, e->time_ns) > r->end_ns)
		r->end_ns = since(r, e->time_ns);
	if (regoverned_take(&d->governed, e))
		return -ENOMEM;
	switch (e->kind) {
	case RECORDING_SAMPLE:
		return take_sample(r, d, options, e);
	case RECORDING_DECISION:
		return name(&d->recorded, since(r, e->time_ns),
			    e->decision.phase,
			    (uint32_t)e->decision.confidence_permille.value);
	case RECORDING_GAP:
		d->gaps++;
		return 0;
	case RECORDING_GOVERN:
		return 0;
	case RECORDING_LABEL:
		return take_label(r, e, label);
	case RECORDING_END:
		strcpy(r->ended_by, e->text);
		r->cpu_us = e->cpu_us;
		return 0;
	}
	return 0;
}

static int score(struct recorded *r, struct recorded_device *d,
		 struct recorded_names *n)
{
	int ret = extend(n, d->last_ns);

	if (ret || !n->there)
		return ret;
	named_windows_settle(&n->windows, &r->truth);
	confusion_time(&n->time, &r->truth, &n->seen);
	delays_add(&n->delays, &r->truth, &n->seen,
		   d->info.period_us * 1000ULL);
	return 0;
}

static int32_t phase_in(const struct timeline *t, uint64_t from_ns,
			uint64_t to_ns)
{
	uint32_t phase = timeline_dominant(t, from_ns, to_ns);

	return phase < ACCELGOV_PHASE_NR ? (int32_t)phase : -1;
}

/* Who decided then has the word, else who does now. */
static void name_rows(const struct recorded *r, struct recorded_device *d)
{
	const struct timeline *seen = d->recorded.there ? &d->recorded.seen :
							  &d->replayed.seen;
	uint64_t from_ns = d->first_ns, to_ns;
	size_t i;

	for (i = 0; i < d->series.nr; i++) {
		to_ns = (uint64_t)d->series.v[i].end_ms * NS_PER_MS;
		d->series.v[i].truth = phase_in(&r->truth, from_ns, to_ns);
		d->series.v[i].seen = phase_in(seen, from_ns, to_ns);
		from_ns = to_ns;
	}
}

static int finish(struct recorded *r, uint32_t label)
{
	int ret = timeline_extend(&r->truth, 0, r->end_ns, label);
	uint32_t i;

	for (i = 0; i < r->nr && !ret; i++) {
		struct recorded_device *d = &r->device[i];

		ret = count_windows(r, d);
		if (!ret)
			ret = score(r, d, &d->replayed);
		if (!ret)
			ret = score(r, d, &d->recorded);
		name_rows(r, d);
		regoverned_finish(&d->governed);
	}
	return ret;
}

static int begin(struct recorded *r, const struct recording_reader *reader,
		 const struct recorded_options *options)
{
	uint32_t i;

	r->head = *recording_head(reader);
	r->device = calloc(r->head.nr_devices, sizeof(*r->device));
	if (!r->device)
		return -ENOMEM;
	r->nr = r->head.nr_devices;
	for (i = 0; i < r->nr; i++) {
		r->device[i].info = *recording_device(reader, i);
		begin_observer(r, &r->device[i], options);
	}
	return 0;
}

int recorded_run(struct recording_reader *reader,
		 const struct recorded_options *options, struct recorded *ret,
		 struct recording_error *ret_error)
{
	uint32_t label = ACCELGOV_PHASE_NR;
	struct recording_entry e;
	struct recorded r = { 0 };
	int error = begin(&r, reader, options), more = 1;

	while (!error && more > 0) {
		more = recording_next(reader, &e, ret_error);
		if (more > 0)
			error = take_entry(&r, options, &e, &label);
	}
	if (!error)
		error = more;
	if (!error)
		error = finish(&r, label);
	if (error) {
		recorded_free(&r);
		return error;
	}
	r.whole = recording_is_whole(reader);
	*ret = r;
	return 0;
}

bool recorded_labelled(const struct recorded *r)
{
	size_t i;

	for (i = 0; i < r->truth.nr; i++)
		if (r->truth.v[i].phase < ACCELGOV_PHASE_NR)
			return true;
	return false;
}

static void free_names(struct recorded_names *n)
{
	timeline_free(&n->seen);
	named_windows_free(&n->windows);
}

void recorded_free(struct recorded *r)
{
	uint32_t i;

	for (i = 0; i < r->nr; i++) {
		free_names(&r->device[i].replayed);
		free_names(&r->device[i].recorded);
		series_free(&r->device[i].series);
		regoverned_free(&r->device[i].governed);
	}
	free(r->device);
	timeline_free(&r->truth);
	*r = (struct recorded){ 0 };
}
