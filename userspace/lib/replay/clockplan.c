// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: clock plan
 *
 * Given is a sequence of steps, each with its time and power at every clock, and
 * a device that takes time to change its clock. Wanted are the moments at which
 * to ask for which clock, so that energy is least within a bound on time.
 *
 * Model of the device, as in kmod/sim/model.c. A request for clock k applies
 * s(k) later, until then the old clock goes on; requests do not overlap; when
 * the new clock applies the engines halt for a moment. Whoever knows the future
 * asks early enough. So latency alone costs nothing; what it does is to
 * keep changes apart: k can apply at t only when the change before it applied at
 * t - s(k) or earlier.
 *
 * 1. Bound. A price l on the time of work turns it into a sum over steps of
 *    (P + l) T (Everett, Operations Research 11(3), 1963); see 5.
 * 2. Where changes can apply. Within a step cost is linear in the moment of a
 *    change, so that moment is at one of its bounds: the begin of the step, or the
 *    first moment that the change before leaves free, or the last that the one
 *    behind does. The third matters only around steps shorter than s; it
 *    is tried at quarters of the longest s before the end of a step that
 *    such a step follows.
 * 3. State. At the begin of a step: the clock, and the age of the last change,
 *    up to the longest s. Of two ways to the same clock the one that is
 *    cheaper and older is better; up to AGES others are kept per clock.
 * 4. Dynamic program forwards over the steps, in blocks of BLOCK: the way is
 *    traced back from LAG steps behind the block and kept up to its end. No
 *    decision depends on what comes hundreds of steps later; this keeps memory
 *    small for a day of steps.
 * 5. The price is bisected until the plan uses the budget up. Clocks come in
 *    steps, so does time over price: the first part of the work goes at the
 *    last price that is too low, the rest at the last that is not, and where
 *    to cut is bisected too.
 *
 * Constants. AGES, PLACES, SOURCES, LAG and BLOCK bound work and memory, for devices
 * whose switch is longer than steps are. For three minutes of serving and training on
 * h100-sxm (accelgov replay --duration 3min --policy oracle) all of them may be 1, and
 * BLOCK 4, and the savings are the same to the last digit. Prices: 4 kW is ten times the
 * power of a board of 400 W, and ends every wish for a lower clock there; 500 mW is a
 * thousandth of it: with 500 W, and a cut to half of the work, training saves 1.1 per
 * mille less. Eight halvings cut within a 256th of the work.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clockplan.h"

#define AGES		4
#define BLOCK		2048
#define LAG		256
#define PLACES		4
#define SOURCES		3

#define PRICE_MAX_MW	4000000.0
#define PRICE_STEP_MW	500.0
#define CUT_STEPS	8

enum action {
	STAY,
	AT_BEGIN,
	AS_SOON,
	LATE,	/* to LATE + PLACES - 1 */
};

/* How a state was reached. */
struct origin {
	uint8_t clock;
	uint8_t age : 2, action : 4;
};

/* Ways to one clock, the cheapest first, each further one older. */
struct ways {
	double cost[AGES];
	double age_ns[AGES];
	struct origin from[AGES];
	uint32_t nr;
};

struct decision {
	uint8_t clock;
	uint8_t action;
};

struct planner {
	const struct clockplan_device *dev;
	const struct clockplan_work *work;
	const struct clockplan_price *price;
	struct clockplan *plan;
	double longest_ns;
	bool settled;
	struct ways now[CLOCKPLAN_CLOCKS];
	struct ways next[CLOCKPLAN_CLOCKS];
	struct origin (*trace)[CLOCKPLAN_CLOCKS][AGES];
	struct decision *decisions;

	/* Where the plan has got to. */
	uint32_t start;
	uint32_t clock;
	double now_ns;
	double changed_ns;
};

/* One step, with what it costs at each clock. */
struct stage {
	const struct clockplan_kind *kind;
	double fixed_ns;
	double price_mw;
	bool before_short;
};

static double stage_ns(const struct stage *s, uint32_t clock)
{
	return s->fixed_ns > 0 ? s->fixed_ns : s->kind->ns[clock];
}

static double stage_cost(const struct stage *s, uint32_t clock)
{
	return stage_ns(s, clock) * (s->kind->mw[clock] + s->price_mw);
}

static struct stage stage_at(const struct planner *p, size_t i)
{
	const struct clockplan_step *step = &p->work->steps[i];
	const struct clockplan_price *price = p->price;
	struct stage s = {
		.kind = &p->work->kinds[step->kind],
		.fixed_ns = step->ns,
	};

	if (s.kind->is_work)
		s.price_mw = i < price->until ? price->mw : price->then_mw;
	return s;
}

static bool is_short(const struct planner *p, size_t i)
{
	struct stage s;

	if (i >= p->work->nr)
		return false;
	s = stage_at(p, i);
	return stage_ns(&s, p->dev->nr - 1) < p->longest_ns;
}

static double stall_ns(const struct planner *p, const struct stage *s)
{
	return s->kind->is_gap ? 0 : p->dev->stall_ns;
}

static double stall_cost(const struct planner *p, const struct stage *s,
			 uint32_t clock)
{
	return stall_ns(p, s) * (p->dev->stall_mw[clock] + s->price_mw);
}

/* Keep a way unless another is as cheap and as old; those that are go. */
static void offer(struct ways *w, double cost, double age_ns,
		  struct origin from)
{
	uint32_t at = 0, kept;

	while (at < w->nr && w->cost[at] <= cost) {
		if (w->age_ns[at] >= age_ns)
			return;
		at++;
	}
	for (kept = at; kept < w->nr && w->age_ns[kept] <= age_ns;)
		kept++;
	if (kept == at && at == AGES)
		return;
	if (kept == at && w->nr == AGES)
		w->nr--;
	memmove(&w->cost[at + 1], &w->cost[kept],
		(w->nr - kept) * sizeof(w->cost[0]));
	memmove(&w->age_ns[at + 1], &w->age_ns[kept],
		(w->nr - kept) * sizeof(w->age_ns[0]));
	memmove(&w->from[at + 1], &w->from[kept],
		(w->nr - kept) * sizeof(w->from[0]));
	w->nr = at + 1 + w->nr - kept;
	w->cost[at] = cost;
	w->age_ns[at] = age_ns;
	w->from[at] = from;
}

/* What is known of the step when it begins to be planned. */
struct frontier {
	struct stage stage;
	uint32_t settled[SOURCES];
	uint32_t nr_settled;
	double least;
};

static void push(struct planner *p, uint32_t clock, double cost,
		 double age_ns, struct origin from)
{
	offer(&p->next[clock], cost, fmin(age_ns, p->longest_ns), from);
}

static bool is_settled(const struct planner *p, const struct ways *w,
		       uint32_t age)
{
	return w->age_ns[age] >= p->longest_ns;
}

static double oldest_cost(const struct planner *p, uint32_t clock)
{
	const struct ways *w = &p->now[clock];

	return w->cost[w->nr - 1];
}

/* The cheapest clocks whose last change is long ago. */
static void find_settled(const struct planner *p, struct frontier *f)
{
	f->nr_settled = 0;
	f->least = INFINITY;
	for (uint32_t c = 0; c < p->dev->nr; c++) {
		const struct ways *w = &p->now[c];
		uint32_t at = f->nr_settled, old = w->nr - 1;
		double cost;

		if (!w->nr || !is_settled(p, w, old))
			continue;
		cost = w->cost[old];
		f->least = fmin(f->least, cost);
		while (at && oldest_cost(p, f->settled[at - 1]) > cost)
			at--;
		if (at == SOURCES)
			continue;
		if (f->nr_settled < SOURCES)
			f->nr_settled++;
		memmove(&f->settled[at + 1], &f->settled[at],
			(f->nr_settled - at - 1) * sizeof(f->settled[0]));
		f->settled[at] = c;
	}
}

static void stay(struct planner *p, const struct frontier *f, uint32_t c)
{
	const struct ways *w = &p->now[c];
	double ns = stage_ns(&f->stage, c), cost = stage_cost(&f->stage, c);

	for (uint32_t a = 0; a < w->nr; a++)
		push(p, c, w->cost[a] + cost, w->age_ns[a] + ns,
		     (struct origin){ c, a, STAY });
}

/* Change to @to after @share of the step at the clock before it. */
static void change(struct planner *p, const struct frontier *f, uint32_t c,
		   uint32_t a, uint32_t to, double share, enum action action)
{
	const struct stage *s = &f->stage;
	double rest = 1 - share;

	push(p, to, p->now[c].cost[a] + share * stage_cost(s, c) +
	     rest * stage_cost(s, to) + stall_cost(p, s, to),
	     stall_ns(p, s) + rest * stage_ns(s, to),
	     (struct origin){ c, a, action });
}

/* From a change that is not long ago: as soon as the device is free for it. */
static void change_young(struct planner *p, const struct frontier *f,
			 uint32_t c, uint32_t a)
{
	const struct ways *w = &p->now[c];
	double ns = stage_ns(&f->stage, c);

	if (w->cost[a] >= f->least)
		return;
	for (uint32_t to = 0; to < p->dev->nr; to++) {
		double wait_ns = p->dev->switch_ns[to] - w->age_ns[a];

		if (to == c || wait_ns >= ns)
			continue;
		if (wait_ns <= 0)
			change(p, f, c, a, to, 0, AT_BEGIN);
		else
			change(p, f, c, a, to, wait_ns / ns, AS_SOON);
	}
}

static double late_share(const struct planner *p, const struct stage *s,
			 uint32_t to, enum action action)
{
	double rest_ns = p->longest_ns * (action - LATE + 1) / PLACES;

	return 1 - rest_ns / stage_ns(s, to);
}

static void change_late(struct planner *p, const struct frontier *f, uint32_t c)
{
	uint32_t a = p->now[c].nr - 1;

	for (uint32_t to = 0; to < p->dev->nr; to++)
		for (int i = 0; i < PLACES; i++) {
			double share = late_share(p, &f->stage, to, LATE + i);

			if (to != c && share > 0)
				change(p, f, c, a, to, share, LATE + i);
		}
}

static void change_settled(struct planner *p, const struct frontier *f)
{
	uint32_t c = f->settled[0], a;

	if (!f->nr_settled)
		return;
	a = p->now[c].nr - 1;
	for (uint32_t to = 0; to < p->dev->nr; to++)
		if (to != c)
			change(p, f, c, a, to, 0, AT_BEGIN);
	for (uint32_t i = 0; f->stage.before_short && i < f->nr_settled; i++)
		change_late(p, f, f->settled[i]);
}

/*
 * The common case: no change is recent, and none will be at the end of the
 * step. Whoever changes does so at its begin, from the cheapest clock.
 */
static void plan_settled(struct planner *p, const struct stage *s,
			 struct origin (*trace)[AGES])
{
	double least = INFINITY, cost;
	struct origin from = { 0, 0, AT_BEGIN };

	for (uint32_t c = 0; c < p->dev->nr; c++) {
		if (!p->now[c].nr || p->now[c].cost[0] >= least)
			continue;
		least = p->now[c].cost[0];
		from.clock = (uint8_t)c;
	}
	for (uint32_t c = 0; c < p->dev->nr; c++) {
		struct ways *w = &p->now[c];

		cost = least + stall_cost(p, s, c);
		trace[c][0] = from;
		if (w->nr && w->cost[0] <= cost) {
			cost = w->cost[0];
			trace[c][0] = (struct origin){ c, 0, STAY };
		}
		w->cost[0] = cost + stage_cost(s, c);
		w->age_ns[0] = p->longest_ns;
		w->nr = 1;
	}
}

static bool all_settled(const struct planner *p)
{
	for (uint32_t c = 0; c < p->dev->nr; c++)
		if (p->now[c].nr > 1 ||
		    (p->now[c].nr && !is_settled(p, &p->now[c], 0)))
			return false;
	return true;
}

static void plan_step(struct planner *p, size_t i, size_t from)
{
	struct frontier f = { .stage = stage_at(p, i) };

	f.stage.before_short = is_short(p, i + 1);
	if (p->settled && !f.stage.before_short && !is_short(p, i)) {
		plan_settled(p, &f.stage, p->trace[i - from]);
		return;
	}
	find_settled(p, &f);
	for (uint32_t c = 0; c < p->dev->nr; c++)
		p->next[c].nr = 0;
	for (uint32_t c = 0; c < p->dev->nr; c++)
		stay(p, &f, c);
	change_settled(p, &f);
	for (uint32_t c = 0; c < p->dev->nr; c++)
		for (uint32_t a = 0; a < p->now[c].nr; a++)
			if (!is_settled(p, &p->now[c], a))
				change_young(p, &f, c, a);
	for (uint32_t c = 0; c < p->dev->nr; c++) {
		memcpy(p->trace[i - from][c], p->next[c].from,
		       sizeof(p->next[c].from));
		p->now[c] = p->next[c];
	}
	p->settled = all_settled(p);
}

/* Decisions that lead to the cheapest way there is behind step @to. */
static void trace_back(struct planner *p, size_t from, size_t to)
{
	struct origin at = { 0 };
	double least = INFINITY;

	for (uint32_t c = 0; c < p->dev->nr; c++) {
		if (!p->now[c].nr || p->now[c].cost[0] >= least)
			continue;
		least = p->now[c].cost[0];
		at = (struct origin){ c, 0, STAY };
	}
	while (to > from) {
		struct origin before = p->trace[--to - from][at.clock][at.age];

		p->decisions[to - from] = (struct decision){
			at.clock, before.action
		};
		at = before;
	}
	p->start = at.clock;
}

static int add_request(struct clockplan *plan, double at_ns, uint32_t clock)
{
	if (plan->nr == plan->room) {
		size_t room = plan->room ? plan->room * 2 : 1024;
		struct clockplan_request *more =
			realloc(plan->requests, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		plan->requests = more;
		plan->room = room;
	}
	/* The step is found when all are known. */
	plan->requests[plan->nr++] = (struct clockplan_request){
		.clock = clock, .offset_ns = fmax(at_ns, 0),
	};
	return 0;
}

/* Go through a step as decided, with exact times. */
static int walk_step(struct planner *p, size_t i, const struct decision *d)
{
	struct stage s = stage_at(p, i);
	struct clockplan *plan = p->plan;
	double share = 0, ns, at_ns, free_ns;
	uint32_t old = p->clock;

	plan->start_ns[i] = p->now_ns;
	s.price_mw = 0;
	ns = stage_ns(&s, d->clock);
	if (d->action != STAY) {
		free_ns = p->changed_ns + p->dev->switch_ns[d->clock];
		if (d->action == AS_SOON)
			share = fmax(0, free_ns - p->now_ns) /
				stage_ns(&s, old);
		else if (d->action >= LATE)
			share = late_share(p, &s, d->clock, d->action);
		at_ns = p->now_ns + share * stage_ns(&s, old);
		if (add_request(plan, at_ns - p->dev->switch_ns[d->clock],
				d->clock))
			return -ENOMEM;
		p->changed_ns = at_ns;
		p->clock = d->clock;
		ns = share * stage_ns(&s, old) + (1 - share) * ns +
		     stall_ns(p, &s);
		plan->energy_uj += stall_cost(p, &s, d->clock) / 1e6;
		plan->changes++;
	}
	plan->energy_uj += (share * stage_cost(&s, old) +
			    (1 - share) * stage_cost(&s, d->clock)) / 1e6;
	if (s.kind->is_work) {
		plan->spent_ns += ns;
		plan->ref_ns += stage_ns(&s, p->dev->nr - 1);
	}
	p->now_ns += ns;
	return 0;
}

/* From one clock, with its last change @age_ns ago, or from any. */
static void begin_block(struct planner *p, bool any)
{
	for (uint32_t c = 0; c < p->dev->nr; c++) {
		p->now[c].nr = any || c == p->clock;
		p->now[c].cost[0] = 0;
		p->now[c].age_ns[0] =
			fmin(p->longest_ns, p->now_ns - p->changed_ns);
	}
	p->settled = all_settled(p);
}

static int plan_block(struct planner *p, size_t from, size_t *ret_to)
{
	size_t nr = p->work->nr, to = nr - from > BLOCK + LAG ?
				      from + BLOCK + LAG : nr;
	size_t keep = to < nr ? from + BLOCK : nr;
	int ret = 0;

	begin_block(p, !from);
	for (size_t i = from; i < to; i++)
		plan_step(p, i, from);
	trace_back(p, from, to);
	if (!from) {
		p->clock = p->start;
		p->plan->first = p->start;
	}
	for (size_t i = from; !ret && i < keep; i++)
		ret = walk_step(p, i, &p->decisions[i - from]);
	*ret_to = keep;
	return ret;
}

/* Which step a request falls into, and what has been asked for before each. */
static void place_requests(struct clockplan *plan, size_t nr)
{
	uint32_t want = plan->first;
	size_t r = 0;

	for (size_t i = 0; i < nr; i++) {
		plan->want[i] = (uint8_t)want;
		while (r < plan->nr &&
		       (i + 1 == nr ||
			plan->requests[r].offset_ns < plan->start_ns[i + 1])) {
			plan->requests[r].step = (uint32_t)i;
			plan->requests[r].offset_ns -= plan->start_ns[i];
			want = plan->requests[r++].clock;
		}
	}
}

static int make_room(struct clockplan *plan, size_t nr)
{
	double *start_ns;
	uint8_t *want;

	if (plan->room_steps >= nr)
		return 0;
	start_ns = realloc(plan->start_ns, nr * sizeof(*start_ns));
	if (!start_ns)
		return -ENOMEM;
	plan->start_ns = start_ns;
	want = realloc(plan->want, nr);
	if (!want)
		return -ENOMEM;
	plan->want = want;
	plan->room_steps = nr;
	return 0;
}

static void reset(struct clockplan *plan)
{
	plan->first = 0;
	plan->nr = 0;
	plan->spent_ns = 0;
	plan->ref_ns = 0;
	plan->energy_uj = 0;
	plan->changes = 0;
}

static void set_up(struct planner *p)
{
	for (uint32_t c = 0; c < p->dev->nr; c++)
		p->longest_ns = fmax(p->longest_ns, p->dev->switch_ns[c]);
	reset(p->plan);
}

int clockplan_make(const struct clockplan_device *dev,
		   const struct clockplan_work *work,
		   const struct clockplan_price *price, struct clockplan *ret)
{
	struct planner *p = calloc(1, sizeof(*p));
	int err = -ENOMEM;

	if (!p)
		return -ENOMEM;
	p->dev = dev;
	p->work = work;
	p->price = price;
	p->plan = ret;
	p->trace = malloc((BLOCK + LAG) * sizeof(*p->trace));
	p->decisions = malloc((BLOCK + LAG) * sizeof(*p->decisions));
	if (p->trace && p->decisions)
		err = make_room(ret, work->nr);
	set_up(p);
	for (size_t i = 0; !err && i < work->nr;)
		err = plan_block(p, i, &i);
	if (!err)
		place_requests(ret, work->nr);
	free(p->decisions);
	free(p->trace);
	free(p);
	return err;
}

double clockplan_slowdown(const struct clockplan *p)
{
	return p->ref_ns > 0 ? p->spent_ns / p->ref_ns - 1 : 0;
}

/* A search for the price. */
struct fit {
	const struct clockplan_device *dev;
	const struct clockplan_work *work;
	double budget;
	struct clockplan *plan;
};

static int keeps(struct fit *f, const struct clockplan_price *price,
		 bool *ret_keeps)
{
	int err = clockplan_make(f->dev, f->work, price, f->plan);

	*ret_keeps = !err && clockplan_slowdown(f->plan) <= f->budget;
	return err;
}

static struct clockplan_price flat(double mw)
{
	return (struct clockplan_price){ mw, mw, 0 };
}

/* Widen [*low, *high] around a hint until the budget binds in between. */
static int bracket(struct fit *f, double floor_mw, double hint_mw,
		   double *low, double *high)
{
	double width = hint_mw > 0 ? hint_mw / 8 : PRICE_STEP_MW * 16;
	struct clockplan_price price;
	bool ok;
	int err;

	*low = floor_mw;
	*high = PRICE_MAX_MW;
	for (double mw = hint_mw; mw > floor_mw && mw < PRICE_MAX_MW;
	     width *= 2) {
		price = flat(mw);
		err = keeps(f, &price, &ok);
		if (err)
			return err;
		*(ok ? high : low) = mw;
		if (*low > floor_mw && *high < PRICE_MAX_MW)
			return 0;
		mw += ok ? -width : width;
	}
	return 0;
}

static int bisect_price(struct fit *f, double *low, double *high)
{
	struct clockplan_price price;
	bool ok;
	int err;

	while (*high - *low > PRICE_STEP_MW) {
		price = flat((*low + *high) / 2);
		err = keeps(f, &price, &ok);
		if (err)
			return err;
		*(ok ? high : low) = price.mw;
	}
	return 0;
}

static int bisect_cut(struct fit *f, double low_mw, double high_mw,
		      struct clockplan_price *ret)
{
	size_t good = 0, bad = f->work->nr;
	bool ok;
	int err;

	for (int i = 0; i < CUT_STEPS && bad - good > 1; i++) {
		*ret = (struct clockplan_price){
			low_mw, high_mw, good + (bad - good) / 2
		};
		err = keeps(f, ret, &ok);
		if (err)
			return err;
		*(ok ? &good : &bad) = ret->until;
	}
	*ret = (struct clockplan_price){ low_mw, high_mw, good };
	return keeps(f, ret, &ok);
}

int clockplan_fit(const struct clockplan_device *dev,
		  const struct clockplan_work *work, double low_mw,
		  double budget, struct clockplan_price *hint,
		  struct clockplan *ret)
{
	struct fit f = { dev, work, budget, ret };
	struct clockplan_price price = flat(low_mw);
	double low, high;
	bool ok;
	int err = keeps(&f, &price, &ok);

	if (!err && !ok) {
		err = bracket(&f, low_mw, hint->then_mw, &low, &high);
		if (!err)
			err = bisect_price(&f, &low, &high);
		if (!err)
			err = bisect_cut(&f, low, high, &price);
	}
	if (!err)
		*hint = price;
	return err;
}

void clockplan_free(struct clockplan *p)
{
	free(p->requests);
	free(p->start_ns);
	free(p->want);
	*p = (struct clockplan){ 0 };
}
