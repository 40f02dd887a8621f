// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: oracle
 *
 * What could be saved within a slowdown budget by a governor that knows the
 * future, on the device as it is: clocks take their time to change, and the
 * engines halt when they do.
 *
 * What it knows that no governor does: every item and every gap to come, and
 * the device's exact time and power for each at every clock. So it asks for a
 * clock ahead of the item that wants it, and does not ask where a change would
 * not pay. It does not reorder or hold back work.
 *
 * 1. Record: the work is run at the top clock; what came when is kept
 *    (replay_trace.h).
 * 2. Plan: clockplan.c finds the moments at which to ask for which clock.
 * 3. Execute: the work is run with the plan. A slower device forms other
 *    batches, so what came when is kept anew, and 2. goes on with that. What
 *    the run lost more or less than planned is taken off the next target.
 * 4. The best run that kept the budget counts, the best single clock among
 *    them. After ROUNDS rounds, or when nothing improves, it is done.
 *
 * A plan speaks of recorded steps, and a serving engine may come to its steps
 * in another order. Each step that begins is looked up: the recorded step
 * nearest in time with the same label, followed by one of the same label as
 * the one that is queued next. If the plan had asked for another clock by then
 * than is asked for, it is asked for at once.
 *
 * Prices. As long as work waits, time costs its own energy only: the lowest
 * price is 0. Where work leaves gaps, longer work means shorter gaps: minus the
 * power of the idle device. Where slower steps make larger and so fewer batches,
 * time costs even less. Where the budget is not used up at one of these, the next
 * is tried too, and runs decide.
 *
 * Clocks. CLOCKS of them are chosen between, those that are switched to fastest.
 *
 * Constants, by the command of clockplan.c, in per mille saved: with 20 clocks 0.3 more
 * in training and 1.3 less in serving, with 80 0.4 more and 0.2 less; with 3 rounds up
 * to 0.2 less, with 12 0.1 to 0.4 more, and twice the time. A step is looked up among
 * the NEAR next ones in either order of a serving engine: with a quarter of them 0.1
 * less.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "replay.h"
#include "replay_trace.h"

#define CLOCKS		40
#define ROUNDS		6
#define NEAR		512

/* A run whose slowdown, per mille, is this close to the budget uses it up. */
#define CLOSE		0.1

struct replay_plan {
	struct clockplan plan;
	struct replay_clocks clocks;
	struct replay_trace trace;	/* what it was made for */
	struct replay_trace seen;	/* what came when it was executed */
	int error;
};

struct oracle {
	const struct asim_chip *chip;
	struct replay_plan *run;
	size_t step;
	size_t request;
	uint64_t step_ns;
	uint32_t want;
};

static int init(void *state, const struct replay_setup *setup,
		uint32_t *ret_khz)
{
	struct oracle *o = state;

	o->chip = setup->chip;
	o->run = setup->tune.plan;
	o->step = SIZE_MAX;
	*ret_khz = replay_top_khz(setup->chip);
	if (!o->run)
		return 0;
	replay_trace_free(&o->run->seen);
	o->want = o->run->plan.first;
	*ret_khz = setup->chip->opps[o->run->clocks.opp[o->want]].khz;
	return 0;
}

static uint32_t khz_of(const struct oracle *o, uint32_t clock)
{
	return o->chip->opps[o->run->clocks.opp[clock]].khz;
}

static uint32_t label_of(const struct accelsim_item *item)
{
	return item ? item->label : ACCELGOV_PHASE_LOADED_IDLE;
}

static bool is_like(const struct replay_trace *t, size_t i,
		    const struct replay_moment *m)
{
	if (i >= t->nr || t->steps[i].label != label_of(m->item))
		return false;
	return !m->item || i + 1 == t->nr ||
	       t->steps[i + 1].label == label_of(m->next);
}

/* Last step that was recorded to begin by now. */
static size_t present(const struct replay_trace *t, uint64_t now_ns)
{
	size_t lo = 0, hi = t->nr - 1;

	while (lo < hi) {
		size_t mid = (lo + hi + 1) / 2;

		if (t->steps[mid].start_ns <= now_ns)
			lo = mid;
		else
			hi = mid - 1;
	}
	return lo;
}

/* The recorded step that the one which begins now stands for. */
static size_t look_up(const struct oracle *o, const struct replay_moment *m)
{
	const struct replay_trace *t = &o->run->trace;
	size_t next = o->step + 1 < t->nr ? o->step + 1 : t->nr - 1, at;

	if (is_like(t, next, m) &&
	    replay_trace_kind(t, m->item) == t->steps[next].kind)
		return next;
	at = present(t, m->now_ns);
	for (size_t i = 0; i < NEAR; i++) {
		if (is_like(t, at + i, m))
			return at + i;
		if (i <= at && is_like(t, at - i, m))
			return at - i;
	}
	return next;
}

/* First request of a step or behind it. */
static size_t first_request(const struct clockplan *plan, size_t step)
{
	size_t lo = 0, hi = plan->nr;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (plan->requests[mid].step < step)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Requests of the present step that are due; when the next one is. */
static uint32_t due(struct oracle *o, uint64_t now_ns, uint64_t *ret_ns)
{
	const struct clockplan *plan = &o->run->plan;

	*ret_ns = JOB_NEVER;
	for (; o->request < plan->nr; o->request++) {
		const struct clockplan_request *r = &plan->requests[o->request];
		uint64_t at_ns = o->step_ns + (uint64_t)r->offset_ns;

		if (r->step != o->step)
			break;
		if (at_ns > now_ns) {
			*ret_ns = at_ns;
			break;
		}
		o->want = r->clock;
	}
	return khz_of(o, o->want);
}

static uint32_t item(void *state, const struct replay_moment *m,
		     uint64_t *ret_timer_ns)
{
	struct oracle *o = state;
	struct replay_plan *run = o->run;

	if (!run)
		return 0;
	if (replay_trace_add(&run->seen, m->item, m->now_ns))
		run->error = -ENOMEM;
	if (!run->trace.nr)
		return 0;
	o->step = look_up(o, m);
	o->step_ns = m->now_ns;
	o->request = first_request(&run->plan, o->step);
	o->want = run->plan.want[o->step];
	return due(o, m->now_ns, ret_timer_ns);
}

static uint32_t timer(void *state, uint64_t now_ns, uint64_t *ret_timer_ns)
{
	return due(state, now_ns, ret_timer_ns);
}

/* The search for the best plan. */
struct search {
	const struct replay_config *cfg;
	struct replay_plan *next;
	struct replay_plan *best;
	double energy;
	double slowdown;
	struct clockplan_price price;
	uint32_t *runs;
};

static void free_plan(struct replay_plan *p)
{
	if (!p)
		return;
	clockplan_free(&p->plan);
	replay_trace_free(&p->trace);
	replay_trace_free(&p->seen);
	free(p);
}

/* Run the next plan; it becomes the best if it is. */
static int execute(struct search *s, bool *ret_better)
{
	struct replay_tune tune = { .plan = s->next };
	struct replay_outcome o;
	double energy;
	int err = replay_once(s->cfg, &tune, &o);

	*ret_better = false;
	if (!err)
		err = s->next->error;
	if (err)
		return err;
	s->slowdown = o.result.slowdown_ref_permille;
	energy = o.result.energy_per_work_j;
	replay_free(&o);
	*s->runs += 1;
	if (s->slowdown > s->cfg->budget_permille || energy >= s->energy)
		return 0;
	s->energy = energy;
	*ret_better = true;
	return 0;
}

/* Plan for what was seen last, for a slowdown. */
static int plan(struct search *s, double low_mw, double budget_permille)
{
	uint64_t end_ns = s->cfg->duration_ns + 1000000000ULL;
	struct replay_plan *p = s->next;
	struct clockplan_work work;
	int err;

	replay_trace_free(&p->trace);
	p->trace = p->seen;
	p->seen = (struct replay_trace){ 0 };
	err = replay_trace_work(&p->trace, s->cfg->chip, &p->clocks, end_ns,
				&work);
	if (err)
		return err;
	err = clockplan_fit(&p->clocks.dev, &work, low_mw,
			    budget_permille / 1000, &s->price, &p->plan);
	replay_trace_work_free(&work);
	return err;
}

static int keep(struct search *s)
{
	struct replay_plan *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->clocks = s->next->clocks;
	p->seen = s->next->seen;
	s->next->seen = (struct replay_trace){ 0 };
	free_plan(s->best);
	s->best = s->next;
	s->next = p;
	return 0;
}

/* All at one clock, the top unless hindsight knows better. */
static int begin(struct search *s)
{
	struct replay_config fixed = *s->cfg;
	struct replay_tune tune = { 0 };
	bool better;
	int err;

	fixed.policy = &replay_static_best;
	err = fixed.policy->search(&fixed, &tune, s->runs);
	if (err)
		return err;
	s->next->clocks.opp[0] = (uint16_t)tune.opp;
	err = execute(s, &better);
	if (!err && better)
		err = keep(s);
	if (!err)
		replay_clocks_pick(s->cfg->chip, CLOCKS, &s->next->clocks);
	return err;
}

/* Rounds at one lowest price; is there budget left at the end? */
static int improve(struct search *s, double low_mw, bool *ret_left)
{
	double budget = s->cfg->budget_permille, target = budget;
	bool better = false;
	int err = 0;

	for (int round = 0; !err && round < ROUNDS; round++) {
		err = plan(s, low_mw, target);
		*ret_left = s->price.mw <= low_mw;
		if (!err)
			err = execute(s, &better);
		if (!err && better)
			err = keep(s);
		if (s->slowdown <= budget && s->slowdown > budget - CLOSE)
			break;
		target = fmax(budget / 2, target + budget - s->slowdown);
	}
	return err;
}

static int search(const struct replay_config *cfg, struct replay_tune *ret,
		  uint32_t *runs)
{
	double idle_mw = asim_idle_mw(cfg->chip, 0, true);
	const double low_mw[] = { 0, -idle_mw, -3 * idle_mw };
	struct search s = {
		.cfg = cfg,
		.next = calloc(1, sizeof(*s.next)),
		.energy = INFINITY,
		.runs = runs,
	};
	bool left = true;
	int err = s.next ? begin(&s) : -ENOMEM;

	for (int i = 0; !err && left && i < 3; i++)
		err = improve(&s, low_mw[i], &left);
	free_plan(s.next);
	if (err)
		free_plan(s.best);
	else
		ret->plan = s.best;
	return err;
}

static void forget(struct replay_tune *tune)
{
	free_plan(tune->plan);
	tune->plan = NULL;
}

const struct replay_policy replay_oracle = {
	.name = "oracle",
	.help = "clairvoyant, on the device as it is: the yardstick",
	.size = sizeof(struct oracle),
	.budgeted = true,
	.init = init,
	.item = item,
	.timer = timer,
	.search = search,
	.forget = forget,
};
