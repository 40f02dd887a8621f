// SPDX-License-Identifier: GPL-2.0
/*
 * promise - does the slowdown promise hold for work that nobody has seen?
 *
 *	promise [--from SEED] [--count N] [--seconds S] [--honest] [--lowest]
 *		[--sensors KIND] [--verbose] [--trace]
 *
 * Each seed is a device, a job and a list of nuisances, all drawn at random, run
 * in a closed loop with the policy core in simulated time. What is judged is the
 * truth of the device model: the slowdown of the worst 60 s, against what the
 * same items would have taken at the highest clock that limits from outside left.
 * It may be the budget plus 5 per mille.
 *
 * Devices: see selftests/unit/drawn.h.
 *
 * Jobs: see enum job_kind. Items of 1 to 300 ms, whose share of arithmetic and of
 * traffic is drawn per state; states of 5 ms to 30 s.
 *
 * Nuisances: counters that lie, samples that get lost, periods of 1 to 100 ms,
 * signals that are missing, limits on clock and power from outside that come and
 * go. Counters lie only where progress tells the truth: without it a
 * consistent lie is a description of another job. With --honest all signals are
 * there and true; the rest stays. --lowest holds the lowest clock in place of the
 * governor, which breaks nearly every promise: that is how the judge is judged.
 * With --sensors the same jobs are seen through sensors of real boards, of a kind
 * that accelgov replay knows: late, averaged, off by 5 per cent, and not lying.
 *
 * A minute with less than 3 s of work counts as if it had that much, as in the
 * governor's own books (guard.c): what a wake-up costs is no slowdown of a job.
 *
 * Prints one line per seed that broke the promise, with --verbose per seed, and a
 * summary as "key value". With --trace a line per second goes to standard error: what was
 * true and what the books say of the second and of the minute, and what the governor
 * made of it.
 * Exit code 0; 2 for wrong usage.
 */
#define _GNU_SOURCE
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "../unit/drawn.h"
#include "../unit/loop.h"

#define STATES		6
#define MARGIN_PERMILLE	5
#define CHANGE_NS	(20 * SECOND)
#define MAX_EXCESS	9999

/**
 * enum job_kind - how a job moves between its states
 * @JOB_MARKOV: to any state, after a time of the state's own
 * @JOB_FLIP: an adversary: arithmetic as soon as the clock is low, traffic as
 *	soon as it is high
 * @JOB_DRIFT: the share of arithmetic wanders
 * @JOB_STEP: the same row of states over and over, as training
 * @JOB_BURSTS: like @JOB_MARKOV with idle time between
 * @JOB_TURNS: two states take turns item by item
 * @JOB_KINDS: number of kinds
 */
enum job_kind {
	JOB_MARKOV,
	JOB_FLIP,
	JOB_DRIFT,
	JOB_STEP,
	JOB_BURSTS,
	JOB_TURNS,
	JOB_KINDS,
};

static const char * const kind_name[JOB_KINDS] = {
	"markov", "flip", "drift", "step", "bursts", "turns",
};

/* Shares of the item's time at the top clock, were each alone. */
struct state {
	double compute;
	double memory;
	double link;
	double host;
	uint64_t item_ns;
	uint64_t stay_ns;
};

struct trial;

struct job {
	struct loop_job job;
	enum job_kind kind;
	struct trial *trial;
	struct state state[STATES];
	uint32_t now;
	uint64_t until_ns;
	double wander;
};

struct trial {
	struct asim_profile profile;
	uint32_t khz[DRAWN_CLOCKS];
	struct job job;
	struct loop loop;
	bool throttles;
	bool caps;
	bool lies;
	uint64_t change_ns;
	struct random random;
};

struct choice {
	uint64_t from;
	uint64_t count;
	uint32_t seconds;
	const struct sensors_level *level;
	bool honest;
	bool lowest;
	bool verbose;
	bool trace;
};

static void draw_state(struct state *s, struct random *r)
{
	double angle;

	*s = (struct state){
		.item_ns = (uint64_t)drawn_around(r, 1e6, 300e6),
		.stay_ns = (uint64_t)drawn_around(r, 5e6, 30e9),
	};
	switch (random_below(r, 8)) {
	case 0:
		s->link = 1;
		return;
	case 1:
		s->host = 1;
		return;
	case 2:
	case 3:
		angle = drawn_between(r, 0, 0.3);
		break;
	case 4:
	case 5:
		angle = drawn_between(r, 1.2, M_PI / 2);
		break;
	default:
		angle = drawn_between(r, 0, M_PI / 2);
		break;
	}
	s->compute = cos(angle);
	s->memory = sin(angle);
	if (drawn_chance(r, 30))
		s->link = drawn_between(r, 0, 0.3);
	if (drawn_chance(r, 30))
		s->host = drawn_between(r, 0, 0.2);
}

static void fill_item(const struct trial *t, const struct state *s, double ns,
		      struct accelsim_item *item)
{
	const struct asim_profile *p = &t->profile;

	item->ops = (uint64_t)(s->compute * ns * p->ops_per_cycle *
			       p->khz_max * 1e-6);
	item->bytes = (uint64_t)(s->memory * ns * p->mem_bytes_per_us * 1e-3);
	item->link_ns = (uint64_t)(s->link * ns);
	item->host_ns = (uint64_t)(s->host * ns);
	item->label = s->compute > s->memory ? ACCELGOV_PHASE_COMPUTE :
		      s->memory ? ACCELGOV_PHASE_MEMORY :
		      s->link ? ACCELGOV_PHASE_LINK : ACCELGOV_PHASE_STALL;
}

static void move_on(struct job *j, uint64_t now_ns)
{
	struct random *r = &j->job.random;
	bool next = now_ns >= j->until_ns;

	switch (j->kind) {
	case JOB_FLIP:
		/* States 0 and 1 are arithmetic and traffic. */
		j->now = asim_clock_khz(&j->trial->loop.model) >
			 j->trial->profile.khz_max / 4 * 3;
		return;
	case JOB_DRIFT:
		j->wander += drawn_between(r, -0.02, 0.02);
		j->wander = fmin(fmax(j->wander, 0), M_PI / 2);
		j->state[0].compute = cos(j->wander);
		j->state[0].memory = sin(j->wander);
		return;
	case JOB_STEP:
		if (next)
			j->now = (j->now + 1) % STATES;
		break;
	case JOB_TURNS:
		j->now ^= 1;
		return;
	default:
		if (next)
			j->now = random_below(r, STATES);
		break;
	}
	if (next)
		j->until_ns = now_ns + (uint64_t)
			random_exp(r, (double)j->state[j->now].stay_ns);
}

static uint64_t job_next(struct loop_job *job, uint64_t now_ns,
			 struct accelsim_item *item)
{
	struct job *j = (struct job *)job;
	struct trial *t = j->trial;
	struct random *r = &job->random;
	const struct state *s;

	move_on(j, now_ns);
	s = &j->state[j->now];
	if (j->kind == JOB_BURSTS && drawn_chance(r, 5))
		return now_ns + (uint64_t)drawn_around(r, 1e6, 5e9);
	fill_item(t, s, (double)s->item_ns * drawn_between(r, 0.8, 1.2), item);
	return 0;
}

static void draw_job(struct trial *t, struct random *r)
{
	struct job *j = &t->job;
	uint32_t i;

	j->job.next = job_next;
	j->job.random.state = random_u64(r);
	j->kind = random_below(r, JOB_KINDS);
	j->trial = t;
	for (i = 0; i < STATES; i++)
		draw_state(&j->state[i], r);
	if (j->kind == JOB_FLIP || j->kind == JOB_DRIFT) {
		j->state[0].compute = 1;
		j->state[0].memory = 0.1;
		j->state[0].link = 0;
		j->state[0].host = 0;
		j->state[1] = j->state[0];
		j->state[1].compute = 0.1;
		j->state[1].memory = 1;
	}
	if (j->kind == JOB_STEP)
		for (i = 0; i < STATES; i++)
			j->state[i].stay_ns /= 10;
}

static uint32_t draw_signals(struct random *r)
{
	uint32_t signals = ALL_SIGNALS, i;

	if (drawn_chance(r, 60))
		return signals;
	for (i = 0; i < ACCELGOV_SIG_NR; i++)
		if (i != ACCELGOV_SIG_BUSY && drawn_chance(r, 30))
			signals &= ~BIT(i);
	return signals;
}

/* Limits from outside come and go. */
static void change_limits(struct loop *l)
{
	struct trial *t = ((struct job *)l->job)->trial;
	const struct asim_profile *p = &t->profile;

	if (l->now_ns < t->change_ns)
		return;
	t->change_ns = l->now_ns + (uint64_t)
		random_exp(&t->random, (double)CHANGE_NS);
	if (t->throttles)
		l->max_khz = drawn_chance(&t->random, 50) ? UINT32_MAX :
			     t->khz[random_below(&t->random, p->nr_khz)];
	if (t->caps)
		l->cap_mw = drawn_chance(&t->random, 50) ? 0 : (uint32_t)
			drawn_between(&t->random, p->cap_min_mw, p->cap_max_mw);
}

static void draw_nuisances(struct trial *t, struct random *r, bool honest)
{
	static const uint32_t budget[] = { 5, 10, 20, 30, 50, 100, 200 };
	static const uint32_t period_us[] = { 1000, 5000, 10000, 10000, 20000,
					      50000, 100000 };
	struct loop *l = &t->loop;

	l->cfg.budget_permille = budget[random_below(r, ARRAY_SIZE(budget))];
	l->period_us = period_us[random_below(r, ARRAY_SIZE(period_us))];
	l->cfg.sample_period_us = l->period_us;
	l->signals = honest ? ALL_SIGNALS : draw_signals(r);
	t->lies = !honest && l->signals & BIT(ACCELGOV_SIG_PROGRESS) &&
		  drawn_chance(r, 25);
	if (t->lies) {
		l->gain[ACCELGOV_SIG_COMPUTE] = drawn_between(r, 0, 2);
		l->gain[ACCELGOV_SIG_MEMORY] = drawn_between(r, 0, 2);
	}
	l->gaps = drawn_chance(r, 20) ? random_below(r, 300) : 0;
	t->throttles = drawn_chance(r, 20);
	t->caps = drawn_chance(r, 20);
	l->tick = change_limits;
}

static void draw(struct trial *t, uint64_t seed, bool honest)
{
	struct random r = { seed * 0x9e3779b97f4a7c15ULL + 1 };

	memset(t, 0, sizeof(*t));
	random_u64(&r);
	drawn_device(&t->profile, t->khz, &r);
	loop_init(&t->loop, "", &t->job.job);
	t->loop.chip_profile = &t->profile;
	t->loop.random.state = random_u64(&r);
	draw_job(t, &r);
	draw_nuisances(t, &r, honest);
	t->random.state = random_u64(&r);
}

static uint32_t booked(const struct trial *t)
{
	const struct ag_guard *g = &t->loop.core.guard;

	return g->work_total_us ?
		(uint32_t)(g->lost_total_us * 1000 / g->work_total_us) : 0;
}

static void show(const struct trial *t, uint64_t seed)
{
	const struct loop *l = &t->loop;

	printf("# seed %llu: %s, budget %u, worst minute %u, all %u, books %u;",
	       (unsigned long long)seed, kind_name[t->job.kind],
	       l->cfg.budget_permille, l->worst_minute,
	       loop_slowdown_permille(l), booked(t));
	printf(" samples every %u us, switch %u us, signals %03x%s%s%s, %u lost\n",
	       l->period_us, (unsigned int)(t->profile.switch_ns / 1000),
	       l->signals, t->lies ? ", lies" : "",
	       t->throttles ? ", clock limits" : "",
	       t->caps ? ", power limits" : "", l->gaps);
}

static void trace(const struct loop *l)
{
	const struct ag_core *c = &l->core;
	const struct ag_guard *g = &c->guard;
	const struct minute *m = &l->minute;
	uint64_t now = m->second - 1;
	const struct ag_guard_bucket *b = &g->bucket[now % AG_GUARD_BUCKETS];
	uint64_t work = m->work_ns[now % MINUTE_SLOTS];
	uint64_t took = m->took_ns[now % MINUTE_SLOTS];

	fprintf(stderr,
		"%4llu s: true %5.0f of %5.0f ms, minute %4.0f; booked %5u of %5u ms, minute %4u; held %4u ms, spare %6u ms, goal %4u, price %9u mW%s; switch %u us; %s, %u MHz of %u\n",
		(unsigned long long)now, took > work ? (took - work) / 1e6 : 0,
		work / 1e6, m->permille, b->lost_us / 1000, b->work_us / 1000,
		ag_guard_slowdown_permille(g), g->later_us / 1000,
		ag_guard_spare_us(g, c->cfg.budget_permille, false) / 1000,
		g->goal * 1000 / AG_ONE, g->price_mw,
		g->engaged ? ", engaged" : "", c->switch_us,
		ag_phase_base_name(c->phase.now),
		asim_clock_khz((struct asim_model *)&l->model) / 1000,
		c->target_khz / 1000);
}

struct tally {
	uint64_t jobs;
	uint64_t broken;
	uint32_t over[MAX_EXCESS + 1];
};

static void count(struct tally *s, uint32_t excess)
{
	s->jobs++;
	s->broken += excess > MARGIN_PERMILLE;
	s->over[excess < MAX_EXCESS ? excess : MAX_EXCESS]++;
}

/* What a share of the jobs stays below, per mille above the budget. */
static uint32_t excess_of(const struct tally *s, double share)
{
	uint64_t sum = 0;
	uint32_t i;

	for (i = 0; i < MAX_EXCESS; i++) {
		sum += s->over[i];
		if ((double)sum >= share * (double)s->jobs)
			break;
	}
	return i;
}

static bool run(struct trial *t, uint64_t seed, const struct choice *c,
		struct tally *s)
{
	uint32_t allowed;

	draw(t, seed, c->honest || c->level);
	if (c->level) {
		t->loop.level = c->level;
		t->loop.period_us = c->level->period_us;
		t->loop.cfg.sample_period_us = c->level->period_us;
	}
	if (c->lowest)
		t->loop.pin_khz = t->khz[0];
	if (c->trace)
		t->loop.each_second = trace;
	if (!loop_run(&t->loop, c->seconds))
		return false;
	allowed = t->loop.cfg.budget_permille;
	count(s, t->loop.worst_minute > allowed ?
	      t->loop.worst_minute - allowed : 0);
	if (t->loop.worst_minute > allowed + MARGIN_PERMILLE || c->verbose)
		show(t, seed);
	return true;
}

static bool parse(int argc, char **argv, struct choice *c)
{
	static const struct option options[] = {
		{ "from", required_argument, NULL, 'f' },
		{ "count", required_argument, NULL, 'n' },
		{ "seconds", required_argument, NULL, 's' },
		{ "honest", no_argument, NULL, 'h' },
		{ "lowest", no_argument, NULL, 'l' },
		{ "sensors", required_argument, NULL, 'S' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "trace", no_argument, NULL, 't' },
		{ 0 },
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 'f':
			c->from = strtoull(optarg, NULL, 10);
			break;
		case 'n':
			c->count = strtoull(optarg, NULL, 10);
			break;
		case 's':
			c->seconds = (uint32_t)strtoul(optarg, NULL, 10);
			break;
		case 'h':
			c->honest = true;
			break;
		case 'l':
			c->lowest = true;
			break;
		case 'S':
			c->level = sensors_level_find(optarg);
			if (!c->level || !c->level->valid)
				return false;
			break;
		case 'v':
			c->verbose = true;
			break;
		case 't':
			c->trace = true;
			break;
		default:
			return false;
		}
	}
	return optind == argc;
}

int main(int argc, char **argv)
{
	struct choice c = { .from = 1, .count = 100, .seconds = 75 };
	static struct trial trial;
	static struct tally s;
	uint64_t seed;

	if (!parse(argc, argv, &c))
		return 2;
	for (seed = c.from; seed < c.from + c.count; seed++)
		if (!run(&trial, seed, &c, &s))
			return 2;
	printf("jobs %llu\nbroken %llu\nexcess_p95_permille %u\nexcess_p99_permille %u\n",
	       (unsigned long long)s.jobs, (unsigned long long)s.broken,
	       excess_of(&s, 0.95), excess_of(&s, 0.99));
	return 0;
}
