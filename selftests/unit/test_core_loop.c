// SPDX-License-Identifier: GPL-2.0
/*
 * Closed loop: budget, energy and phase accuracy on simulated boards.
 *
 * Two jobs. Serving: Poisson arrivals, exponential prompt and answer lengths,
 * continuous batching, a 70B model on four boards. Training: micro-batches of
 * forward and backward, an exposed all-reduce, an optimiser pass over memory,
 * now and then an input stall and a checkpoint.
 */
#include "unit.h"
#include "loop.h"

#define RUN_SECONDS	120
#define MAX_RUNNING	256
#define MAX_WAITING	4096
#define PREFILL_TOKENS	4096
#define PARAMS_RANK	(70e9 / 4)
#define WEIGHT_BYTES	(2 * PARAMS_RANK)
#define KV_TOKEN_BYTES	80e3

struct request {
	uint32_t prompt;
	uint32_t answer;
};

struct serving {
	struct loop_job job;
	double per_second;
	uint64_t arrival_ns;
	struct request waiting[MAX_WAITING];
	uint32_t nr_waiting;
	struct request running[MAX_RUNNING];
	uint32_t nr_running;
	double context;		/* tokens in the caches of all running */
	uint64_t tokens;
};

static void serving_arrive(struct serving *s, uint64_t now_ns)
{
	struct random *rnd = &s->job.random;

	while (s->arrival_ns <= now_ns) {
		if (s->nr_waiting < MAX_WAITING)
			s->waiting[s->nr_waiting++] = (struct request){
				.prompt = 50 + fmin(6000, random_exp(rnd, 1100)),
				.answer = 10 + random_exp(rnd, 200),
			};
		s->arrival_ns += random_exp(rnd, 1e9 / s->per_second);
	}
}

static void serving_prefill(struct serving *s, struct accelsim_item *item)
{
	uint32_t tokens = 0, n = 0;

	while (n < s->nr_waiting && s->nr_running < MAX_RUNNING &&
	       (!n || tokens + s->waiting[n].prompt <= PREFILL_TOKENS)) {
		tokens += s->waiting[n].prompt;
		s->running[s->nr_running++] = s->waiting[n++];
	}
	s->nr_waiting -= n;
	memmove(s->waiting, s->waiting + n, s->nr_waiting * sizeof(s->waiting[0]));
	s->context += tokens;
	s->tokens += n;
	item->ops = 2 * PARAMS_RANK * tokens;
	item->bytes = WEIGHT_BYTES;
	item->link_ns = tokens * 2000;
	item->host_ns = 300000;
	item->label = ACCELGOV_PHASE_COMPUTE;
}

static void serving_decode(struct serving *s, struct accelsim_item *item)
{
	uint32_t i;

	item->ops = 2 * PARAMS_RANK * s->nr_running;
	item->bytes = WEIGHT_BYTES + s->context * KV_TOKEN_BYTES;
	item->link_ns = 1600000;
	item->host_ns = 500000;
	item->label = ACCELGOV_PHASE_MEMORY;
	s->tokens += s->nr_running;
	s->context += s->nr_running;
	for (i = 0; i < s->nr_running;) {
		struct request *r = &s->running[i];

		r->prompt++;
		if (--r->answer) {
			i++;
			continue;
		}
		s->context -= r->prompt;
		*r = s->running[--s->nr_running];
	}
}

static uint64_t serving_next(struct loop_job *job, uint64_t now_ns,
			     struct accelsim_item *item)
{
	struct serving *s = (struct serving *)job;

	serving_arrive(s, now_ns);
	if (s->nr_waiting && s->nr_running < MAX_RUNNING)
		serving_prefill(s, item);
	else if (s->nr_running)
		serving_decode(s, item);
	else
		return s->arrival_ns;
	return 0;
}

struct training {
	struct loop_job job;
	double slower;		/* size of a micro-batch */
	uint32_t part;
	uint32_t steps;
};

#define MICRO_BATCHES	24
enum training_part {
	PART_REDUCE = 2 * MICRO_BATCHES,
	PART_OPTIMISER,
	PART_INPUT,
	PART_CHECKPOINT,
	PART_NR,
};

static uint64_t training_next(struct loop_job *job, uint64_t now_ns,
			      struct accelsim_item *item)
{
	struct training *t = (struct training *)job;
	uint32_t part = t->part++;
	double size = part & 1 ? 2 : 1;

	if (t->part == PART_NR) {
		t->part = 0;
		t->steps++;
	}
	switch (part) {
	case PART_REDUCE:
		item->link_ns = 250 * MS;
		item->label = ACCELGOV_PHASE_LINK;
		return 0;
	case PART_OPTIMISER:
		item->bytes = 120e9;
		item->ops = 2e11;
		item->label = ACCELGOV_PHASE_MEMORY;
		return 0;
	case PART_INPUT:
		if (t->steps % 4 != 1)
			return training_next(job, now_ns, item);
		item->host_ns = 600 * MS;
		item->io_bytes = 100e6;
		item->label = ACCELGOV_PHASE_STALL;
		return 0;
	case PART_CHECKPOINT:
		if (t->steps % 12 != 7)
			return training_next(job, now_ns, item);
		item->io_bytes = 60e9;
		item->bytes = 1e9;
		item->label = ACCELGOV_PHASE_CHECKPOINT;
		return 0;
	default:
		item->ops = 8.9e12 * size;
		item->bytes = 43e9 * size;
		item->label = ACCELGOV_PHASE_COMPUTE;
		return 0;
	}
}

/* What a test runs. Jobs start over with each run. */
struct scene {
	const char *profile;
	double per_second;	/* requests, 0 for training */
	uint32_t saving;	/* least saving at 30 per mille, per mille */
};

static const struct scene scenes[] = {
	{ "h100-sxm", 1.5, 200 },
	{ "a100-sxm", 0.4, 200 },
	{ "a100-sxm", 0, 50 },
};

static struct serving serving;
static struct training training;
static struct loop loop;

static const char *scene_job(const struct scene *s)
{
	return s->per_second ? "serving" : "training";
}

static void scene_init(const struct scene *s)
{
	serving = (struct serving){
		.job = { .next = serving_next, .random = { 11 } },
		.per_second = s->per_second,
	};
	training = (struct training){
		.job = { .next = training_next, .random = { 12 } },
	};
	loop_init(&loop, s->profile, s->per_second ? &serving.job :
						     &training.job);
}

static bool scene_run(const struct scene *s, const char *how)
{
	if (!EXPECT_TRUE(loop_run(&loop, RUN_SECONDS)))
		return false;
	unit_note("%s %s, %s: slowdown %u (worst minute %u, ledger %u) permille, %.1f J/Gunit, accuracy %u, %u switches",
		  s->profile, scene_job(s), how, loop_slowdown_permille(&loop),
		  loop.worst_minute,
		  (u32)(loop.core.guard.lost_total_us * 1000 /
			(loop.core.guard.work_total_us + 1)),
		  loop_energy_per_unit(&loop) * 1000,
		  loop_accuracy_permille(&loop), loop.switches);
	return true;
}

static double pinned_energy(const struct scene *s)
{
	scene_init(s);
	loop.pin_khz = U32_MAX;
	scene_run(s, "pinned to the top clock");
	return loop_energy_per_unit(&loop);
}

static void budget_holds(const struct scene *s)
{
	static const u32 budgets[] = { 10, 30, 50 };
	double top = pinned_energy(s), saving;
	char how[64];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(budgets); i++) {
		scene_init(s);
		loop.cfg.budget_permille = budgets[i];
		snprintf(how, sizeof(how), "budget %u", budgets[i]);
		if (!scene_run(s, how))
			return;
		saving = 1000 * (1 - loop_energy_per_unit(&loop) / top);
		unit_note("  saves %.0f permille", saving);
		EXPECT_LE(loop_slowdown_permille(&loop), budgets[i] + 5);
		EXPECT_LE(loop.worst_minute, budgets[i] + 5);
		EXPECT_GE(loop_accuracy_permille(&loop), 900);
		EXPECT_EQ(loop.outside, 0);
		if (budgets[i] == 30)
			EXPECT_GE(saving, s->saving);
	}
}

TEST(budget_and_saving_serving_h100)
{
	budget_holds(&scenes[0]);
}

TEST(budget_and_saving_serving_a100)
{
	budget_holds(&scenes[1]);
}

TEST(budget_and_saving_training_a100)
{
	budget_holds(&scenes[2]);
}

/*
 * How long a switch takes is measured, whatever windows it falls into and however often
 * the target changes meanwhile: for windows much shorter than a switch that is often,
 * and some times are too short. The board follows always after the same time here.
 */
TEST(the_time_of_a_switch_is_measured)
{
	static const u32 switch_ms[] = { 2, 8, 20, 45, 120, 400 };
	static const u32 period_ms[] = { 1, 10, 20 };
	static struct asim_profile profile;
	u32 i, k, ms;

	for (i = 0; i < ARRAY_SIZE(switch_ms) * ARRAY_SIZE(period_ms); i++) {
		ms = switch_ms[i / ARRAY_SIZE(period_ms)];
		k = i % ARRAY_SIZE(period_ms);
		scene_init(&scenes[i % 2]);
		profile = *asim_profile_find(scenes[i % 2].profile);
		profile.switch_ns = ms * NSEC_PER_MSEC;
		profile.switch_spread_ns = 0;
		profile.slow_every = 0;
		loop.chip_profile = &profile;
		loop.period_us = period_ms[k] * 1000;
		loop.cfg.sample_period_us = loop.period_us;
		ASSERT_TRUE(loop_run(&loop, 60));
		unit_note("%u ms, samples every %u: %u us, the longest %u",
			  ms, period_ms[k], loop.core.switch_us,
			  loop.core.guard.late_us);
		EXPECT_EQ(loop.core.switches, 8);
		EXPECT_GE(loop.core.switch_us, ms * 600);
		EXPECT_LE(loop.core.switch_us, ms * 1300 + 500);
	}
}

/*
 * On boards that take 400 ms each minute keeps the promise, and more is saved than where
 * the top clock is asked for whenever the budget is spent: 136 and 160 then. Where nobody
 * tells the clock nobody measures what a switch takes, but somebody may tell that.
 */
TEST(slow_boards_keep_the_promise)
{
	static const double least[] = { 145, 168, 45, 45 };
	static struct asim_profile profile;
	double saving;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(least); i++) {
		const struct scene *s = &scenes[i % 2];
		double top = pinned_energy(s);

		scene_init(s);
		profile = *asim_profile_find(s->profile);
		profile.switch_ns = 400 * NSEC_PER_MSEC;
		profile.switch_spread_ns = 20 * NSEC_PER_MSEC;
		profile.slow_every = 0;
		loop.chip_profile = &profile;
		loop.cfg.budget_permille = 30;
		if (i >= 2) {
			loop.signals &= ~BIT(ACCELGOV_SIG_CLOCK);
			loop.switch_us = 400000;
		}
		ASSERT_TRUE(scene_run(s, i < 2 ? "400 ms" : "400 ms as told"));
		saving = 1000 * (1 - loop_energy_per_unit(&loop) / top);
		unit_note("  saves %.0f permille", saving);
		EXPECT_LE(loop.worst_minute, 35);
		EXPECT_GE(saving, least[i]);
	}
}

/* What was told of it is where that begins, and one that was told wrongly is unlearnt. */
TEST(a_switch_that_was_told_of_is_counted_on_until_one_was_measured)
{
	static struct asim_profile profile;
	static struct ag_core unused;
	u32 us;

	scene_init(&scenes[0]);
	loop.switch_us = 120000;
	loop.halt_us = 700;
	ASSERT_TRUE(loop_run(&loop, 0));
	EXPECT_EQ(loop.core.switch_us, 120000);
	EXPECT_EQ(loop.core.guard.late_us, 120000);
	EXPECT_EQ(loop.core.halt_us, 700);
	unused = loop.core;
	ag_core_switching(&unused, 0, 0);
	EXPECT_EQ(unused.switch_us, 120000);
	EXPECT_EQ(unused.halt_us, 0);
	ag_core_switching(&unused, U32_MAX, U32_MAX);
	EXPECT_EQ(unused.switch_us, 1000000);
	EXPECT_EQ(unused.halt_us, 1000000);
	for (us = 1000; us <= 1000000; us *= 1000) {
		scene_init(&scenes[0]);
		profile = *asim_profile_find(scenes[0].profile);
		profile.switch_ns = 20 * NSEC_PER_MSEC;
		profile.switch_spread_ns = 0;
		profile.slow_every = 0;
		loop.chip_profile = &profile;
		loop.switch_us = us;
		ASSERT_TRUE(scene_run(&scenes[0], "told of switches"));
		EXPECT_EQ(loop.core.switches, 8);
		EXPECT_GE(loop.core.switch_us, 12000);
		EXPECT_LE(loop.core.switch_us, 26500);
		EXPECT_LE(loop.worst_minute, 35);
	}
}

/*
 * A device that halts at each change loses time that no signal shows. Told of it, the
 * books are right about it.
 */
TEST(what_a_change_halts_is_in_the_books)
{
	static struct asim_profile profile;
	u32 k, truth, booked, off[2];

	for (k = 0; k < 2; k++) {
		scene_init(&scenes[0]);
		profile = *asim_profile_find(scenes[0].profile);
		profile.stall_ns = 10 * NSEC_PER_MSEC;
		loop.chip_profile = &profile;
		loop.halt_us = k ? 10000 : 0;
		ASSERT_TRUE(scene_run(&scenes[0], k ? "halts, told" : "halts"));
		truth = loop_slowdown_permille(&loop);
		booked = (u32)(loop.core.guard.lost_total_us * 1000 /
			       (loop.core.guard.work_total_us + 1));
		off[k] = truth > booked ? truth - booked : booked - truth;
		unit_note("books off by %u permille", off[k]);
	}
	EXPECT_LE(loop.worst_minute, 35);
	EXPECT_LT(off[1], off[0] / 2);
}

/*
 * A switch on its way is not taken back: on a board that takes its time, targets that
 * change with every window are each somewhere when they are not wanted any more.
 */
TEST(a_slow_board_is_not_asked_faster_than_it_follows)
{
	static struct asim_profile profile;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(scenes); i++) {
		scene_init(&scenes[i]);
		profile = *asim_profile_find(scenes[i].profile);
		profile.switch_ns = 400 * NSEC_PER_MSEC;
		profile.switch_spread_ns = 0;
		profile.slow_every = 0;
		loop.chip_profile = &profile;
		ASSERT_TRUE(loop_run(&loop, 120));
		unit_note("%s: %u targets in 120 s, slowdown %u permille",
			  scenes[i].profile, loop.switches,
			  loop_slowdown_permille(&loop));
		EXPECT_LE(loop.switches, 120000 / 400);
	}
}

/* The promise does not depend on what a device is able to tell. */
TEST(budget_holds_with_few_signals)
{
	static const struct {
		const char *how;
		u32 without;
	} lacks[] = {
		{ "no progress", BIT(ACCELGOV_SIG_PROGRESS) },
		{ "no power", BIT(ACCELGOV_SIG_POWER) },
		{ "no clock", BIT(ACCELGOV_SIG_CLOCK) },
		{ "no busy time", BIT(ACCELGOV_SIG_BUSY) },
		{ "busy, compute and memory alone",
		  ALL_SIGNALS & ~(BIT(ACCELGOV_SIG_BUSY) |
				  BIT(ACCELGOV_SIG_COMPUTE) |
				  BIT(ACCELGOV_SIG_MEMORY)) },
		{ "busy alone", ALL_SIGNALS & ~BIT(ACCELGOV_SIG_BUSY) },
	};
	u32 i, k;

	for (i = 0; i < ARRAY_SIZE(scenes); i++) {
		for (k = 0; k < ARRAY_SIZE(lacks); k++) {
			scene_init(&scenes[i]);
			loop.signals &= ~lacks[k].without;
			if (!scene_run(&scenes[i], lacks[k].how))
				return;
			EXPECT_LE(loop.worst_minute, 35);
			/* Books at their limit must not move the clock all the time. */
			EXPECT_LE(loop.switches, RUN_SECONDS * 10);
		}
	}
}

/*
 * Nor does saving depend on the clock being told. The board holds its top clock only
 * by name here: its power limit is in the way, and nobody sees that.
 */
TEST(training_saves_without_a_clock)
{
	double top = pinned_energy(&scenes[2]), saving;

	scene_init(&scenes[2]);
	loop.signals &= ~BIT(ACCELGOV_SIG_CLOCK);
	ASSERT_TRUE(scene_run(&scenes[2], "no clock"));
	saving = 1000 * (1 - loop_energy_per_unit(&loop) / top);
	unit_note("  saves %.0f permille", saving);
	EXPECT_GE(saving, 20);
	EXPECT_LE(loop.worst_minute, 35);
}

/*
 * Compute counters that show too little or too much. With half of it the
 * training job's arithmetic gets the name of its optimiser pass: two kinds of
 * work under one name have no common model, and the budget is exceeded in the
 * mean (Documentation/governor.rst, limits); 0.7 is already enough for the name.
 */
TEST(budget_holds_with_lying_counters)
{
	static const double dim[ARRAY_SIZE(scenes)] = { 0.5, 0.5, 0.7 };
	char how[64];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(scenes); i++) {
		scene_init(&scenes[i]);
		loop.gain[ACCELGOV_SIG_COMPUTE] = dim[i];
		snprintf(how, sizeof(how), "%g of the compute activity", dim[i]);
		if (!scene_run(&scenes[i], how))
			return;
		EXPECT_LE(loop.worst_minute, 35);
		scene_init(&scenes[i]);
		loop.gain[ACCELGOV_SIG_COMPUTE] = 2;
		if (!scene_run(&scenes[i], "twice the compute activity"))
			return;
		EXPECT_LE(loop.worst_minute, 35);
	}
	/* How far it goes where the promise is lost: a figure of that document. */
	scene_init(&scenes[2]);
	loop.gain[ACCELGOV_SIG_COMPUTE] = 0.5;
	ASSERT_TRUE(scene_run(&scenes[2], "0.5 of the compute activity"));
	EXPECT_LE(loop.worst_minute, 40);
}

TEST(budget_holds_at_other_sample_periods)
{
	static const u32 periods_us[] = { 1000, 3000, 30000, 100000 };
	char how[64];
	u32 i, k;

	for (i = 0; i < ARRAY_SIZE(scenes); i++) {
		for (k = 0; k < ARRAY_SIZE(periods_us); k++) {
			scene_init(&scenes[i]);
			loop.period_us = periods_us[k];
			loop.cfg.sample_period_us = periods_us[k];
			loop.gaps = 20;
			snprintf(how, sizeof(how), "%u us, some samples lost",
				 periods_us[k]);
			if (!scene_run(&scenes[i], how))
				return;
			EXPECT_LE(loop.worst_minute, 35);
		}
	}
}

TEST(limits_from_outside_win)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(scenes); i++) {
		scene_init(&scenes[i]);
		loop.min_khz = 1005000;
		loop.max_khz = 1200000;
		if (!scene_run(&scenes[i], "limited to 1005..1200 MHz"))
			return;
		EXPECT_EQ(loop.outside, 0);
	}
}

/* A limit that binds is asked for once, not with every sample. */
TEST(a_limit_does_not_make_the_core_ask_again_and_again)
{
	scene_init(&scenes[2]);
	loop.max_khz = 1005000;
	ASSERT_TRUE(scene_run(&scenes[2], "limited to 1005 MHz"));
	unit_note("%u decisions in %u s", loop.decisions, RUN_SECONDS);
	EXPECT_LE(loop.decisions, 1000);
}

static uint64_t late_work_ns, late_took_ns;

static void throttle_then_count(struct loop *l)
{
	l->cap_mw = l->now_ns < 41 * SECOND ? 200000 : 0;
	if (l->now_ns < 61 * SECOND) {
		late_work_ns = l->work_ns;
		late_took_ns = l->took_ns;
	}
}

/* A board that was hot is not held at its hot clock for ever. */
TEST(the_reference_comes_back_after_throttling)
{
	u64 work, took;

	scene_init(&scenes[2]);
	loop.tick = throttle_then_count;
	ASSERT_TRUE(scene_run(&scenes[2], "board limit 200 W for 40 s"));
	work = loop.work_ns - late_work_ns;
	took = loop.took_ns - late_took_ns;
	unit_note("slowdown of the last minute %.1f permille",
		  1000 * ((double)took / work - 1));
	EXPECT_LE(took * 1000, work * 1035);
}

/* Arithmetic and waiting for the host take turns, neither for longer than a probe. */
static uint64_t turns_next(struct loop_job *job, uint64_t now_ns,
			   struct accelsim_item *item)
{
	static bool wait;

	wait = !wait && now_ns > SECOND;
	if (wait) {
		item->host_ns = 25 * MS;
		item->label = ACCELGOV_PHASE_STALL;
		return 0;
	}
	item->ops = 3.6e12;
	item->bytes = 4e9;
	item->label = ACCELGOV_PHASE_COMPUTE;
	return 0;
}

/* The same where no phase is long enough for a probe. */
TEST(the_reference_comes_back_without_a_probe)
{
	static struct loop_job job = { .next = turns_next };
	u64 work, took;

	loop_init(&loop, "a100-sxm", &job);
	loop.period_us = 5000;
	loop.cfg.sample_period_us = 5000;
	loop.tick = throttle_then_count;
	ASSERT_TRUE(loop_run(&loop, RUN_SECONDS));
	work = loop.work_ns - late_work_ns;
	took = loop.took_ns - late_took_ns;
	unit_note("slowdown of the last minute %.1f permille",
		  1000 * ((double)took / work - 1));
	EXPECT_LE(took * 1000, work * 1035);
}

/* A minute of memory traffic alone, then arithmetic. */
static uint64_t late_next(struct loop_job *job, uint64_t now_ns,
			  struct accelsim_item *item)
{
	bool late = now_ns > 61 * SECOND;

	item->ops = late ? 8.9e11 : 5e8;
	item->bytes = late ? 4.3e9 : 30e9;
	item->label = late ? ACCELGOV_PHASE_COMPUTE : ACCELGOV_PHASE_MEMORY;
	return 0;
}

static uint64_t begin_work_ns, begin_took_ns, first_work_ns, first_took_ns;

static void note_first_seconds(struct loop *l)
{
	if (l->now_ns < 61 * SECOND) {
		begin_work_ns = l->work_ns;
		begin_took_ns = l->took_ns;
	} else if (l->now_ns < 63 * SECOND) {
		first_work_ns = l->work_ns - begin_work_ns;
		first_took_ns = l->took_ns - begin_took_ns;
	}
}

/*
 * While nothing can spend the budget, time must not become worthless: the first
 * burst of arithmetic would run at the lowest clock until the guard steps in.
 */
TEST(work_that_comes_late_is_not_starved)
{
	static struct loop_job job = { .next = late_next };
	uint32_t slow;

	loop_init(&loop, "a100-sxm", &job);
	loop.tick = note_first_seconds;
	ASSERT_TRUE(loop_run(&loop, RUN_SECONDS));
	slow = (first_took_ns - first_work_ns) * 1000 / first_work_ns;
	unit_note("slowdown of the first two seconds %u permille, of the run %u",
		  slow, loop_slowdown_permille(&loop));
	EXPECT_LE(slow, 200);
	EXPECT_LE(loop.worst_minute, 35);
}

static uint64_t warm_uj;

static void note_warm_energy(struct loop *l)
{
	if (l->now_ns < 11 * SECOND)
		warm_uj = asim_counter(&l->model, ACCELGOV_SIG_POWER, l->now_ns);
}

/* After 10 s, the mean of what the board really draws. */
TEST(power_stays_below_the_cap)
{
	u32 i, mw;

	for (i = 0; i < ARRAY_SIZE(scenes); i++) {
		scene_init(&scenes[i]);
		loop.cfg.power_cap_mw = 250000;
		loop.tick = note_warm_energy;
		if (!scene_run(&scenes[i], "cap 250 W"))
			return;
		mw = (loop.energy_uj - warm_uj) / ((RUN_SECONDS - 10) * 1000);
		unit_note("mean power %.1f W", mw / 1000.0);
		EXPECT_LE(mw, 250000);
		EXPECT_GE(mw, 200000);
	}
}
