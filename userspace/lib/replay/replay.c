// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: replay
 *
 * Observation. A policy is judged by what it does to a device under work, and
 * nobody waits a day for the result of a day. Between two events of the device
 * model every rate is constant, so nothing needs to be stepped through.
 *
 * 1. The device is set up at the first clock of the policy one second before
 *    the work begins, so that no switch is in flight then.
 * 2. Whatever the job has is submitted; a full queue keeps it waiting.
 * 3. Time jumps to the next of: an item ends or the clock changes (the model's
 *    next event), the job wants to be asked, the policy's tick, a clock on its
 *    way to the driver, a row of the series, the end of the interval.
 * 4. Completions go to the job and to the account (score.h).
 * 5. At a tick the policy gets the amounts since the last one. The clock that it
 *    wants reaches the driver REPLAY_DECIDE_NS later, from there the model's
 *    switching time goes on top. A power limit that it wants of the board is in
 *    force REPLAY_CAP_NS after that.
 * 6. Energy is read exactly at the end; work in flight is run to its end.
 *
 * Constants. 500 us from the end of a window to the driver is the order that
 * interrupt, work item and driver call take; 10 ms is what NVML takes at least to set
 * a power limit. Ticks come up to 1 % early or
 * late, as timers do: with an exact period a policy could fall into step with
 * a workload.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "prng.h"
#include "replay.h"
#include "report/score.h"

#define NSEC		1000000000ULL
#define MSEC		1000000ULL
#define START_NS	NSEC
#define REPLAY_DECIDE_NS	(500 * 1000ULL)
/* What a driver needs to set a power limit, at least. */
#define REPLAY_CAP_NS	(10 * MSEC)
#define JITTER		0.01

#define ROW_NS		(100 * MSEC)
#define ROWS_MAX	36000

/* State of one run; times are of the model, START_NS ahead of the job's. */
struct replay {
	const struct replay_config *cfg;
	const struct replay_policy *policy;
	void *state;
	struct asim_profile profile;
	struct asim_chip chip;
	struct asim_model model;
	struct job *job;
	struct score score;
	struct named_windows windows;
	struct sensors sensors;
	struct replay_idle idle;
	struct series series;
	struct prng prng;
	struct accelsim_item items[ACCELSIM_QUEUE_LEN];
	unsigned int head;
	unsigned int nr_items;
	struct accelsim_item held;
	bool has_held;
	uint64_t now_ns;
	uint64_t end_ns;
	uint64_t wake_ns;
	uint64_t tick_ns;
	uint64_t last_tick_ns;
	uint64_t timer_ns;
	uint64_t apply_ns;
	uint32_t apply_khz;
	uint64_t cap_ns;
	uint32_t cap_mw;
	uint32_t target_khz;
	uint64_t transitions;
	uint64_t seen[ACCELGOV_SIG_NR];
	uint32_t phase;
	uint64_t row_ns;
	uint64_t row_step_ns;
	uint64_t row_uj;
	uint64_t start_uj;
	uint64_t energy_uj;
	bool ended;
	uint64_t done;
	uint64_t shown;
	uint64_t events;
};

static uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t period_ns(const struct replay *r)
{
	if (r->policy->period_ns == REPLAY_SAMPLE_PERIOD)
		return r->cfg->sample_period_us * 1000ULL;
	return r->policy->period_ns;
}

static void set_tick(struct replay *r)
{
	double period = (double)period_ns(r);
	double jitter = JITTER * (2 * prng_uniform(&r->prng) - 1);

	if (period > 0)
		r->tick_ns = r->now_ns + (uint64_t)(period * (1 + jitter));
}

/* Rows stay few enough to look at, however long the run is. */
static uint64_t row_step(uint64_t duration_ns)
{
	uint64_t rows = duration_ns / ROW_NS;

	return ROW_NS * ((rows + ROWS_MAX - 1) / ROWS_MAX + !rows);
}

static void free_replay(struct replay *r)
{
	free(r->state);
	r->job = job_free(r->job);
	score_free(&r->score);
	named_windows_free(&r->windows);
	samples_free(&r->idle.wake_ms);
	series_free(&r->series);
}

static void set_chip(struct replay *r)
{
	r->chip = *r->cfg->chip;
	if (!r->policy->instant)
		return;
	r->profile = *r->chip.profile;
	r->profile.stall_ns = 0;
	r->chip.profile = &r->profile;
	for (uint32_t i = 0; i < r->chip.nr_opps; i++)
		r->chip.opps[i].switch_ns = 0;
}

static void set_times(struct replay *r)
{
	r->now_ns = START_NS;
	r->last_tick_ns = START_NS;
	r->end_ns = START_NS + r->cfg->duration_ns;
	r->tick_ns = JOB_NEVER;
	r->apply_ns = JOB_NEVER;
	r->cap_ns = JOB_NEVER;
	r->timer_ns = JOB_NEVER;
	r->row_ns = JOB_NEVER;
	r->wake_ns = START_NS;
	score_init(&r->score, 0, r->cfg->duration_ns);
	r->row_step_ns = row_step(r->cfg->duration_ns);
	if (r->cfg->series)
		r->row_ns = min_u64(START_NS + r->row_step_ns, r->end_ns);
}

static void read_device(struct replay *r, struct sensors_now *now)
{
	sensors_look(&r->model, r->now_ns, r->sensors.level, now);
}

static void set_device(struct replay *r, uint32_t cap_mw)
{
	struct sensors_now now;

	asim_init(&r->model, &r->chip, 1000, 0);
	asim_set_context(&r->model, true, 0);
	asim_set_clock(&r->model, r->target_khz, 0);
	if (cap_mw)
		asim_set_cap(&r->model, cap_mw, 0);
	asim_advance(&r->model, START_NS);
	read_device(r, &now);
	memcpy(r->seen, now.counter, sizeof(r->seen));
	sensors_init(&r->sensors, r->policy->view ? r->cfg->sensors : NULL,
		     r->cfg->seed, &now);
	r->start_uj = r->seen[ACCELGOV_SIG_POWER];
	r->row_uj = r->start_uj;
}

static int set_up(struct replay *r, const struct replay_tune *tune)
{
	struct replay_setup setup = {
		.chip = r->cfg->chip,
		.budget_permille = r->cfg->budget_permille,
		.sample_period_us = r->cfg->sample_period_us,
		.idle_limits = r->cfg->idle_limits,
		.power_cap_mw = r->cfg->power_cap_mw,
		.limiter = r->cfg->limiter,
		.tune = *tune,
		.now_ns = START_NS,
	};
	int ret;

	r->state = calloc(1, r->policy->size + 1);
	if (!r->state)
		return -ENOMEM;
	ret = r->policy->init(r->state, &setup, &r->target_khz);
	if (ret)
		return ret;
	set_chip(r);
	set_times(r);
	set_device(r, tune->cap_mw);
	replay_idle_init(&r->idle, r->cfg->idle, r->cfg->chip,
			 &r->cfg->idle_limits);
	r->prng.state = r->cfg->seed;
	set_tick(r);
	return r->cfg->new_job(r->cfg->work, &r->job);
}

static void remember(struct replay *r, const struct accelsim_item *item)
{
	r->items[(r->head + r->nr_items) % ACCELSIM_QUEUE_LEN] = *item;
	r->nr_items++;
}

static void resumed(struct replay *r)
{
	if (r->policy->woke)
		r->policy->woke(r->state, r->now_ns);
}

static int leave_idle(struct replay *r)
{
	int ret = 0;

	if (r->idle.is_idle)
		ret = replay_idle_leave(&r->idle, &r->model, r->now_ns);
	if (ret > 0)
		resumed(r);
	return ret < 0 ? ret : 0;
}

static void enter_idle(struct replay *r)
{
	if (r->nr_items || r->has_held || r->idle.is_idle || r->ended)
		return;
	replay_idle_enter(&r->idle, &r->model,
			  r->policy->idle ? r->policy->idle(r->state) : NULL,
			  r->wake_ns, r->now_ns);
}

static int pump(struct replay *r)
{
	uint64_t wake_ns;
	int ret;

	for (;;) {
		if (!r->has_held) {
			ret = job_next(r->job, r->now_ns - START_NS, &r->held,
				       &wake_ns);
			if (ret < 0)
				return ret;
			r->wake_ns = JOB_NEVER;
			if (!ret && wake_ns != JOB_NEVER)
				r->wake_ns = wake_ns + START_NS;
			if (!ret)
				return 0;
			r->has_held = true;
		}
		r->wake_ns = JOB_NEVER;
		ret = leave_idle(r);
		if (ret)
			return ret;
		ret = asim_submit(&r->model, &r->held,
				  asim_item_ref_ns(&r->chip, &r->held), NULL,
				  r->now_ns);
		if (ret)
			return ret == -EAGAIN ? 0 : ret;
		remember(r, &r->held);
		r->has_held = false;
	}
}

static int take_done(struct replay *r, struct accelsim_done *done)
{
	int ret;

	done->submit_ns -= START_NS;
	done->start_ns -= START_NS;
	done->end_ns -= START_NS;
	ret = score_done(&r->score, &r->items[r->head], done);
	r->head = (r->head + 1) % ACCELSIM_QUEUE_LEN;
	r->nr_items--;
	r->done++;
	return ret ? ret : job_done(r->job, done);
}

static int collect(struct replay *r)
{
	struct asim_finished f;
	int ret = 0;

	while (!ret && asim_take_finished(&r->model, &f))
		ret = take_done(r, &f.done);
	return ret;
}

static void request(struct replay *r, uint32_t khz)
{
	r->transitions += khz != r->target_khz;
	r->target_khz = khz;
	asim_set_clock(&r->model, khz, r->now_ns);
}

/* Who sees the work is told of every item in the moment in which it begins. */
static void show_item(struct replay *r)
{
	uint64_t head = 2 * r->done + !r->nr_items;
	struct replay_moment m = { .now_ns = r->now_ns };
	uint32_t khz;

	if (!r->policy->item || head == r->shown)
		return;
	r->shown = head;
	if (r->nr_items)
		m.item = &r->items[r->head];
	if (r->nr_items > 1)
		m.next = &r->items[(r->head + 1) % ACCELSIM_QUEUE_LEN];
	r->timer_ns = JOB_NEVER;
	khz = r->policy->item(r->state, &m, &r->timer_ns);
	if (khz)
		request(r, khz);
}

static void run_timer(struct replay *r)
{
	uint32_t khz;

	khz = r->policy->timer(r->state, r->now_ns, &r->timer_ns);
	if (khz)
		request(r, khz);
}

static void read_window(struct replay *r, struct replay_window *w)
{
	struct accelgov_sample *s = &w->sample;
	struct sensors_now now;

	memset(w, 0, sizeof(*w));
	s->time_ns = r->now_ns;
	s->window_ns = r->now_ns - r->last_tick_ns;
	s->valid = (1U << ACCELGOV_SIG_NR) - 1;
	s->amount = s->valid;
	read_device(r, &now);
	for (int i = 0; i < ACCELGOV_SIG_NR; i++)
		s->val[i] = now.counter[i] - r->seen[i];
	memcpy(r->seen, now.counter, sizeof(r->seen));
	w->clock_khz = now.clock_khz;
	sensors_read(&r->sensors, &now, s);
	r->last_tick_ns = r->now_ns;
}

static int name_window(struct replay *r, const struct replay_view *view)
{
	struct named_window window = {
		.from_ns = r->sensors.from_ns - START_NS,
		.to_ns = r->sensors.to_ns - START_NS,
		.phase = view->phase,
		.confidence = view->confidence,
	};

	if (r->ended)
		return 0;
	return named_windows_add(&r->windows, &window, &r->score.truth);
}

static int publish(struct replay *r)
{
	struct replay_view view = { 0 };
	int ret = 0;

	if (!r->policy->view)
		return 0;
	r->policy->view(r->state, &view);
	if (view.phase != r->phase)
		ret = timeline_extend(&r->score.seen, 0,
				      min_u64(r->now_ns, r->end_ns) - START_NS,
				      r->phase);
	r->phase = view.phase;
	return ret ? ret : name_window(r, &view);
}

/* A limit that is wanted later than it takes to set one is set in its place. */
static void want_cap(struct replay *r)
{
	uint32_t mw = r->policy->cap ? r->policy->cap(r->state) : 0;

	if (mw == r->cap_mw)
		return;
	r->cap_mw = mw;
	r->cap_ns = r->now_ns + REPLAY_DECIDE_NS + REPLAY_CAP_NS;
}

static void apply_cap(struct replay *r)
{
	uint32_t own_mw = r->chip.profile->cap_max_mw;

	asim_set_cap(&r->model, r->cap_mw ? r->cap_mw : own_mw, r->now_ns);
	r->cap_ns = JOB_NEVER;
	r->policy->capped(r->state, r->now_ns);
}

static int tick(struct replay *r)
{
	struct replay_window w;
	uint32_t khz;

	read_window(r, &w);
	khz = r->policy->tick(r->state, &w);
	set_tick(r);
	if (khz) {
		r->apply_khz = khz;
		r->apply_ns = r->now_ns + REPLAY_DECIDE_NS;
	}
	want_cap(r);
	return publish(r);
}

static void apply(struct replay *r)
{
	request(r, r->apply_khz);
	r->apply_ns = JOB_NEVER;
	if (r->policy->applied)
		r->policy->applied(r->state, r->apply_khz, r->now_ns);
}

static int add_row(struct replay *r)
{
	uint64_t uj = asim_counter(&r->model, ACCELGOV_SIG_POWER, r->now_ns);
	uint64_t start_ns = START_NS;
	struct series_row row = {
		.end_ms = (int64_t)((r->now_ns - START_NS) / MSEC),
		.clock_khz = asim_effective_khz(&r->model, r->now_ns),
		.target_khz = r->target_khz,
		.truth = -1,
		.seen = -1,
		.slowdown_permille = -1,
	};
	struct replay_view view = { 0 };

	if (r->series.nr)
		start_ns += MSEC * (uint64_t)
			r->series.v[r->series.nr - 1].end_ms;
	row.power_mw = (int64_t)((double)(uj - r->row_uj) * 1e6 /
				 (double)(r->now_ns - start_ns));
	r->row_uj = uj;
	if (r->policy->view) {
		r->policy->view(r->state, &view);
		row.slowdown_permille = view.slowdown_permille;
	}
	r->row_ns = r->now_ns < r->end_ns ?
		    min_u64(r->now_ns + r->row_step_ns, r->end_ns) : JOB_NEVER;
	return series_add(&r->series, &row);
}

static int act(struct replay *r)
{
	struct sensors_now now;
	int ret = 0;

	if (r->now_ns >= r->sensors.next_ns) {
		read_device(r, &now);
		sensors_renew(&r->sensors, &now);
	}
	if (replay_idle_act(&r->idle, &r->model, r->now_ns))
		resumed(r);
	if (r->now_ns >= r->apply_ns)
		apply(r);
	if (r->now_ns >= r->cap_ns)
		apply_cap(r);
	if (r->now_ns >= r->timer_ns)
		run_timer(r);
	if (r->now_ns >= r->tick_ns)
		ret = tick(r);
	if (!ret && r->now_ns >= r->row_ns)
		ret = add_row(r);
	if (!ret && !r->ended && r->now_ns >= r->end_ns) {
		if (r->idle.is_idle)
			replay_idle_end(&r->idle, &r->model, r->now_ns);
		r->ended = true;
		r->energy_uj = asim_counter(&r->model, ACCELGOV_SIG_POWER,
					    r->now_ns);
	}
	return ret;
}

static uint64_t next_ns(const struct replay *r)
{
	uint64_t ns = min_u64(asim_next_event(&r->model), r->wake_ns);

	ns = min_u64(ns, min_u64(r->tick_ns, r->apply_ns));
	ns = min_u64(ns, min_u64(r->row_ns, r->sensors.next_ns));
	ns = min_u64(ns, r->cap_ns);
	ns = min_u64(ns, min_u64(r->timer_ns, replay_idle_next(&r->idle)));
	return r->ended ? ns : min_u64(ns, r->end_ns);
}

static bool is_over(const struct replay *r)
{
	return r->ended && !r->nr_items && !r->has_held &&
	       r->wake_ns == JOB_NEVER;
}

static int go(struct replay *r)
{
	uint64_t ns;
	int ret;

	for (;;) {
		ret = pump(r);
		if (ret)
			return ret;
		show_item(r);
		enter_idle(r);
		if (is_over(r))
			return 0;
		ns = next_ns(r);
		if (ns > r->now_ns)
			r->now_ns = ns;
		r->events++;
		asim_advance(&r->model, r->now_ns);
		ret = collect(r);
		if (!ret)
			ret = act(r);
		if (ret)
			return ret;
	}
}

static int finish(struct replay *r)
{
	uint64_t from_ns = 0;
	int ret = score_finish(&r->score);

	if (!ret && r->policy->view)
		ret = timeline_extend(&r->score.seen, 0, r->cfg->duration_ns,
				      r->phase);
	named_windows_settle(&r->windows, &r->score.truth);
	for (size_t i = 0; !ret && i < r->series.nr; i++) {
		struct series_row *row = &r->series.v[i];
		uint64_t to_ns = (uint64_t)row->end_ms * MSEC;

		row->truth = (int32_t)timeline_window(&r->score.truth,
						      from_ns, to_ns);
		row->seen = (int32_t)timeline_dominant(&r->score.seen,
						       from_ns, to_ns);
		from_ns = to_ns;
	}
	return ret;
}

static struct result_percentiles percentiles(struct samples *s)
{
	return (struct result_percentiles){
		.p50 = samples_percentile(s, 50),
		.p99 = samples_percentile(s, 99),
	};
}

static void fill_phases(struct replay *r, struct replay_outcome *o)
{
	uint64_t window_ns = r->cfg->sample_period_us * 1000ULL;
	struct result *res = &o->result;

	if (!r->policy->view)
		return;
	snprintf(res->sensors, sizeof(res->sensors), "%s", r->sensors.level ?
		 r->sensors.level->name : sensors_level_nth(0)->name);
	res->phase_accuracy_permille = score_accuracy(&r->score);
	confusion_time(&o->time, &r->score.truth, &r->score.seen);
	o->windows = r->windows.confusion;
	o->reliability = r->windows.reliability;
	delays_add(&o->delays, &r->score.truth, &r->score.seen, window_ns);
	res->phase_f1_permille = confusion_macro_f1(&o->time);
	res->phase_window_f1_permille = confusion_macro_f1(&o->windows);
	res->confidence_error_permille = reliability_error(&o->reliability);
	res->phase_delay_p50_windows = delays_percentile(&o->delays, 50);
	res->phase_delay_p95_windows = delays_percentile(&o->delays, 95);
}

static void fill_result(struct replay *r, struct result *res)
{
	struct job_stats *stats = &r->job->stats;

	result_init(res);
	strncpy(res->workload, r->cfg->workload, sizeof(res->workload) - 1);
	strncpy(res->device, r->chip.profile->name, sizeof(res->device) - 1);
	strncpy(res->profile, r->chip.profile->name, sizeof(res->profile) - 1);
	strncpy(res->governor, r->policy->name, sizeof(res->governor) - 1);
	strncpy(res->work_unit, r->job->ops->unit, sizeof(res->work_unit) - 1);
	res->elapsed_s = (double)r->cfg->duration_ns / 1e9;
	res->energy_j = (double)(r->energy_uj - r->start_uj) / 1e6;
	res->mean_power_w = res->energy_j / res->elapsed_s;
	res->work = stats->work;
	if (stats->work > 0)
		res->energy_per_work_j = res->energy_j / stats->work;
	res->slowdown_ref_permille = score_slowdown(&r->score);
	res->slowdown_minute_permille = score_minute(&r->score);
	res->wake_ms = r->score.wake_ns / 1e6;
	res->ttft_ms = percentiles(&stats->ttft_ms);
	res->tpot_ms = percentiles(&stats->tpot_ms);
	res->step_time_ms = percentiles(&stats->step_ms);
	snprintf(res->idle, sizeof(res->idle), "%s", r->idle.rule.name);
	res->idle_energy_j = r->idle.energy_uj / 1e6;
	res->suspends = r->idle.suspends;
	res->wake_latency_ms = percentiles(&r->idle.wake_ms);
	res->transitions = (double)r->transitions;
	res->seed = (double)r->cfg->seed;
	if (r->policy->budgeted)
		res->budget_permille = r->cfg->budget_permille;
}

int replay_once(const struct replay_config *cfg,
		const struct replay_tune *tune, struct replay_outcome *ret)
{
	struct replay *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	r->cfg = cfg;
	r->policy = cfg->policy;
	r->shown = UINT64_MAX;
	err = set_up(r, tune);
	if (!err)
		err = go(r);
	if (!err)
		err = finish(r);
	if (!err) {
		*ret = (struct replay_outcome){
			.series = r->series,
			.rejected = r->job->stats.requests_rejected,
			.requests_done = r->job->stats.requests_done,
			.events = r->events,
			.tune = *tune,
			.runs = 1,
		};
		fill_result(r, &ret->result);
		fill_phases(r, ret);
		r->series = (struct series){ 0 };
	}
	free_replay(r);
	free(r);
	return err;
}

int replay_run(const struct replay_config *cfg, struct replay_outcome *ret)
{
	struct replay_tune tune = { .opp = cfg->chip->nr_opps - 1 };
	struct replay_config quiet = *cfg;
	uint32_t runs = 0;
	int err = 0;

	quiet.series = false;
	if (cfg->policy->search)
		err = cfg->policy->search(&quiet, &tune, &runs);
	if (!err)
		err = replay_once(cfg, &tune, ret);
	if (!err)
		ret->runs = runs + 1;
	if (cfg->policy->forget)
		cfg->policy->forget(&tune);
	return err;
}

void replay_free(struct replay_outcome *o)
{
	series_free(&o->series);
}
