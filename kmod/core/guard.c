// SPDX-License-Identifier: GPL-2.0
/*
 * Guard: the ledger of lost time, and the price that keeps it within budget
 *
 * Observation. A slowdown promise is about what happened, not about what a
 * model wanted: wrong sensitivities, late recognition and slow switches all
 * cost time that no plan contains. So every window is booked as it ran, with
 * the clock it really had, and the plan is steered by the books.
 *
 * Model. A window of busy time b at a clock where the phase takes t times as
 * long as at the top clock did b/t of work and lost b - b/t. Slowdown is lost
 * over work, summed over the last 60 s, the horizon of the promise. Waiting for
 * work is in neither sum.
 *
 * Algorithm.
 *  1. Book work and lost time into one bucket per second; sums over the horizon
 *     are kept up to date as buckets leave it.
 *  2. Every AG_REPRICE_US of work compare two slowdowns with their targets: the
 *     one in the books, and the one that the present plan predicts for the
 *     present mix of phases. What the books leave over, or lack, moves the
 *     target of the plan: aim = goal + AG_AIM_GAIN * (goal - booked), between 0
 *     and twice the goal, which also keeps the integral that the books are from
 *     winding up.
 *  3. The price moves in proportion to the relative error, by at most a
 *     quarter. Where clocks are far apart it wanders around the price at which
 *     one follows the other, and the device shares its time between the two:
 *     that is the optimum there. The plan answers to the price at once, without
 *     the 60 s of delay that the books have, so the loop is stable.
 *  4. A lower price is taken only while time for nothing would save more than
 *     1/AG_WORTH_DIV of the energy (planner.c). Otherwise a long stretch that can't
 *     spend the budget would make time worthless, and the first burst of
 *     arithmetic after it would run at the lowest clock.
 *  5. Backstop: when the books reach the budget, less 1/AG_MARGIN_DIV and more
 *     AG_OVER_PERMILLE, or 1/AG_OVER_DIV where that is less, the guard engages and
 *     every phase that scales and loses much (core.c) runs at the top clock, until the
 *     books are 1/AG_RELEASE_DIV below. The promise allows half a point beyond the
 *     budget in the worst minute. The margin is for books that err, which they do in
 *     proportion to what is lost; the rest of the half point is for a clock that comes
 *     late: where one switch takes longer than that rest of the horizon's work, the
 *     backstop stands at the budget less the margin, and the goal (6) at its least.
 *     Not on slow boards, whose clock takes AG_SLOW_US and more in the mean: there the
 *     top clock comes when the prompt or pass is over that it was for, and is paid for
 *     by what follows. The price keeps the promise, which acts on what is planned, and
 *     the backstop stands 1/AG_SLOW_OVER_DIV beyond the budget.
 *  6. The goal. Minutes differ, and where the backstop has to step in, a second of it
 *     costs more than the budget that was left over was worth; where they hardly do,
 *     what is left over is lost for nothing. So the goal begins at AG_GOAL_LEAST of the
 *     budget and rises with each price by AG_GOAL_STEP, up to the whole budget, while
 *     the books are within it and have room for a late clock, or the board is slow, and
 *     else falls; each time
 *     the backstop steps in, it loses half of what it has gained. So the mean stays
 *     within the budget, also where what was planned is always exceeded.
 *  7. What is not lost yet may be: a wait ends, or traffic turns into arithmetic,
 *     and the device runs at a low clock until that is named and the clock has
 *     followed. On a board that takes 0.4 s to follow, one such moment is more than
 *     a minute may lose. ag_guard_spare_us() is what the horizon has left, with the
 *     AG_SPARE_PERMILLE that the promise allows beyond the budget, and no clock is
 *     chosen so low that it would not pay for one (core.c).
 *  8. Seconds leave the horizon, and the ratio of what stays is the promise of later.
 *     A job that begins with a long stretch without loss and then goes on in bursts
 *     would spend what the stretch allows, and a minute later have only the bursts to
 *     set against it, without another loss. So each second all minutes to come are
 *     looked at: what stays of the horizon's work and loss, and more work at
 *     1/AG_FUTURE_DIV of the horizon's mean rate, without loss. How much time less than
 *     now the worst of them could have lost is held back: it counts as lost in all of
 *     the above. Where each second loses about its share, nothing is held back.
 *     What is allowed beyond the budget (7) is a share of work that leaves, too; where
 *     one loss is large, because windows are long or the board is slow, that is held back
 *     as well.
 *
 * While less than AG_WARM_US of work is in the horizon, the ledger is judged as
 * if it were that much: one late recognition right after start is no overrun.
 *
 * Constants. A quarter: from one end of the useful price range (a fiftieth of the
 * board power to fifty times it) to the other in 35 steps, 9 s of work. Nine tenths: a
 * goal that serving keeps for minutes although requests arrive at random; from there to
 * the whole budget are 100 s of work, nearly twice the horizon, so that a minute is
 * seen before the next one may lose more. Three per mille beyond the budget, less a
 * thirty-second: with one and a sixty-fourth eight jobs of the benchmarks at four
 * budgets, seeds 1 and 2, save 201.1 per mille in the mean, with these 203.2, and with
 * more the clock that comes late has no room. Work that goes on at an eighth of its rate: of 10,000
 * honest random jobs (selftests/progs/promise.c) 44 break the promise with nothing held
 * back, 35 where it is taken to go on at the full rate, 23 at an eighth, and 19 where it
 * is taken to stop, which costs 5 per cent of all saving and an eighth 0.3. Gain 2: an
 * error of the plan of 20 % moves the books by 6 %. The start price of twice the phase's
 * power is where clock sweeps of A100 GPT-3 stages (Perseus, SOSP'24 artifact) have lost
 * 2 to 4 % of time. Prompts of a 70B model take an H100 80 to 300 ms. A sixteenth beyond
 * the budget: how boards of 100 to 400 ms fare with that is in
 * Documentation/governor.rst, and with an eighth they save as much.
 */
#include "guard.h"
#include "sens.h"

#define AG_REPRICE_US		250000
#define AG_WARM_US		3000000
#define AG_GOAL_LEAST		(AG_ONE * 9 / 10)
#define AG_GOAL_STEP		(AG_ONE / 4096)
#define AG_AIM_GAIN		2
#define AG_MARGIN_DIV		32
#define AG_OVER_PERMILLE	3
#define AG_OVER_DIV		5
#define AG_RELEASE_DIV		50
#define AG_FUTURE_DIV		8
#define AG_SLOW_US		80000
#define AG_SLOW_OVER_DIV	16
#define AG_PRICE_MIN_MW		1
#define AG_PRICE_MAX_MW		400000000

/**
 * ag_guard_init() - empty books
 * @g: state
 * @now_ns: time
 */
void ag_guard_init(struct ag_guard *g, u64 now_ns)
{
	memset(g, 0, sizeof(*g));
	g->second = div_u64(now_ns, NSEC_PER_SEC);
	g->goal = AG_GOAL_LEAST;
}

static struct ag_guard_bucket *ag_bucket(struct ag_guard *g, u64 second)
{
	return &g->bucket[second % AG_GUARD_BUCKETS];
}

/* Return: is it another second? */
static bool ag_guard_advance(struct ag_guard *g, u64 second)
{
	if (second <= g->second)
		return false;
	if (second - g->second >= AG_GUARD_BUCKETS) {
		memset(g->bucket, 0, sizeof(g->bucket));
		g->work_us = 0;
		g->lost_us = 0;
		g->second = second;
		return true;
	}
	while (g->second < second) {
		struct ag_guard_bucket *b;

		g->second++;
		b = ag_bucket(g, g->second - AG_GUARD_HORIZON_S);
		g->work_us -= b->work_us;
		g->lost_us -= b->lost_us;
		memset(b, 0, sizeof(*b));
	}
	return true;
}

/*
 * How much less time than now a minute to come may have lost, with what stays of it,
 * where so much of its work may be.
 */
static u32 ag_guard_later(struct ag_guard *g, u32 permille)
{
	u64 now = max_t(u64, g->work_us, AG_WARM_US), later;
	u64 stays_us = g->work_us, gone_us = 0;
	u32 more_us = (u32)div_u64(g->work_us,
				   AG_GUARD_HORIZON_S * AG_FUTURE_DIV);
	s64 most = 0;
	u32 s;

	for (s = 1; s < AG_GUARD_HORIZON_S; s++) {
		const struct ag_guard_bucket *b =
			ag_bucket(g, g->second - AG_GUARD_HORIZON_S + s);

		stays_us -= b->work_us;
		gone_us += b->lost_us;
		later = max_t(u64, stays_us + (u64)s * more_us, AG_WARM_US);
		most = max_t(s64, most, (s64)(now - later) * permille -
					(s64)gone_us * 1000);
	}
	return (u32)min_t(u64, S32_MAX, div_u64((u64)most, 1000));
}

static u32 ag_permille(u64 lost_us, u64 work_us)
{
	if (!work_us)
		return 0;
	return (u32)min_t(u64, U32_MAX, div64_u64(lost_us * 1000, work_us));
}

/**
 * ag_guard_slowdown_permille() - slowdown over the last 60 s
 * @g: state
 *
 * Return: per mille of the work of these, 0 before there was any.
 */
u32 ag_guard_slowdown_permille(const struct ag_guard *g)
{
	return ag_permille(g->lost_us, g->work_us);
}

/*
 * Booked slowdown, with what is held back, a fraction of AG_ONE; little work is judged
 * as if it were more.
 */
static u32 ag_guard_judged(const struct ag_guard *g)
{
	u64 work_us = max_t(u64, g->work_us, AG_WARM_US);

	return (u32)min_t(u64, S32_MAX / 8,
			  div64_u64((g->lost_us + g->later_us) << AG_ONE_SHIFT,
				    work_us));
}

/**
 * ag_guard_late() - a clock took that long to follow
 * @g: state
 * @us: how long
 * @mean_us: how long it takes in the mean
 */
void ag_guard_late(struct ag_guard *g, u32 us, u32 mean_us)
{
	g->late_us = max_t(u32, g->late_us - g->late_us / 64, us);
	g->slow = mean_us >= AG_SLOW_US;
}

/* Does what the promise leaves beyond the backstop pay for a clock that comes late? */
static bool ag_guard_has_room(const struct ag_guard *g)
{
	return g->work_us * (AG_SPARE_PERMILLE - AG_OVER_PERMILLE) >=
	       1000ULL * g->late_us;
}

/* Where the backstop steps in, a fraction of AG_ONE. */
static u32 ag_guard_limit(const struct ag_guard *g, u32 budget_permille)
{
	u32 budget = budget_permille * AG_ONE / 1000, over = 0;

	if (g->slow)
		return budget + budget / AG_SLOW_OVER_DIV;
	if (ag_guard_has_room(g))
		over = min_t(u32, budget / AG_OVER_DIV,
			     AG_OVER_PERMILLE * AG_ONE / 1000);
	return budget - budget / AG_MARGIN_DIV + over;
}

static bool ag_guard_engage(struct ag_guard *g, u32 budget_permille)
{
	u32 limit = ag_guard_limit(g, budget_permille);
	u32 booked = ag_guard_judged(g);
	bool was = g->engaged;

	if (booked >= limit && (g->lost_us || !limit))
		g->engaged = true;
	else if (booked <= limit - limit / AG_RELEASE_DIV)
		g->engaged = false;
	if (g->engaged && !was)
		g->goal -= (g->goal - AG_GOAL_LEAST) / 2;
	return g->engaged != was;
}

/**
 * ag_guard_account() - book one window
 * @g: state
 * @now_ns: end of the window
 * @work_us: its work, in time at the top clock
 * @lost_us: its lost time
 * @budget_permille: slowdown budget
 *
 * Return: true when the guard engaged or released.
 */
bool ag_guard_account(struct ag_guard *g, u64 now_ns, u32 work_us, u32 lost_us,
		      u32 budget_permille)
{
	struct ag_guard_bucket *b;

	if (ag_guard_advance(g, div_u64(now_ns, NSEC_PER_SEC))) {
		g->later_us = ag_guard_later(g, budget_permille);
		g->later_spare_us = ag_guard_later(g, budget_permille +
						      AG_SPARE_PERMILLE);
	}
	b = ag_bucket(g, g->second);
	b->work_us += work_us;
	b->lost_us += lost_us;
	g->work_us += work_us;
	g->lost_us += lost_us;
	g->work_total_us += work_us;
	g->lost_total_us += lost_us;
	g->priced_us += work_us;
	return ag_guard_engage(g, budget_permille);
}

/**
 * ag_guard_spare_us() - time that may still be lost in this horizon
 * @g: state
 * @budget_permille: slowdown budget
 * @lasting: each minute to come has to pay for what is allowed beyond the budget as well
 *
 * Return: microseconds of lost time, 0 when the promise is broken.
 */
u32 ag_guard_spare_us(const struct ag_guard *g, u32 budget_permille,
		      bool lasting)
{
	u64 work_us = max_t(u64, g->work_us, AG_WARM_US);
	u64 most_us = div_u64(work_us * (budget_permille + AG_SPARE_PERMILLE),
			      1000);

	u64 gone_us = g->lost_us + (lasting ? g->later_spare_us : g->later_us);

	return (u32)(most_us - min_t(u64, most_us, gone_us));
}

static u32 ag_guard_aim(const struct ag_guard *g, u32 budget_permille)
{
	s64 goal = (s64)budget_permille * g->goal / 1000;
	s64 aim = goal + (goal - ag_guard_judged(g)) * AG_AIM_GAIN;

	return (u32)clamp_t(s64, aim, 0, 2 * goal);
}

/**
 * ag_guard_price_due() - is it time to look at the price again?
 * @g: state
 *
 * Return: true when enough work has been done since.
 */
bool ag_guard_price_due(const struct ag_guard *g)
{
	return !g->price_mw || g->priced_us >= AG_REPRICE_US;
}

static void ag_guard_move_goal(struct ag_guard *g, u32 budget_permille)
{
	if (g->engaged)
		return;
	if (ag_guard_judged(g) <= budget_permille * AG_ONE / 1000 &&
	    (g->slow || ag_guard_has_room(g)))
		g->goal = min_t(u32, g->goal + AG_GOAL_STEP, AG_ONE);
	else
		g->goal = max_t(u32, g->goal - AG_GOAL_STEP, AG_GOAL_LEAST);
}

/* A step in proportion to the error, at most a quarter of the price. */
static u32 ag_guard_step(u32 price, u32 error, u32 aim)
{
	u64 part = div_u64((u64)error << AG_ONE_SHIFT, max_t(u32, aim, 1));

	part = min_t(u64, part / 2, AG_ONE / 4);
	return (u32)(price * part >> AG_ONE_SHIFT) + 1;
}

/**
 * ag_guard_reprice() - move the price of lost time
 * @g: state
 * @budget_permille: slowdown budget
 * @predicted: slowdown that the plan predicts for the present mix, a fraction
 *	of AG_ONE
 * @worth: would a lower price still save energy?
 * @power_mw: mean power at the top clock, to start from
 */
void ag_guard_reprice(struct ag_guard *g, u32 budget_permille, u32 predicted,
		      bool worth, u32 power_mw)
{
	u32 aim, price = g->price_mw;

	ag_guard_move_goal(g, budget_permille);
	aim = ag_guard_aim(g, budget_permille);
	g->priced_us = 0;
	if (!price)
		price = 2 * min_t(u32, power_mw, AG_PRICE_MAX_MW / 2);
	else if (predicted > aim)
		price += ag_guard_step(price, predicted - aim, aim);
	else if (worth)
		price -= ag_guard_step(price, aim - predicted, aim);
	g->price_mw = clamp_t(u32, price, AG_PRICE_MIN_MW, AG_PRICE_MAX_MW);
}
