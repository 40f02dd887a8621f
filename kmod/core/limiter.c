// SPDX-License-Identifier: GPL-2.0
/*
 * Limiter: a power cap held by the device itself
 *
 * Observation. A clock that keeps a power cap must fit the hungriest moment of a phase
 * and is chosen a window late. Firmware that limits power looks every few milliseconds
 * and takes of the clock what the cap lacks just then. But whoever sets its limit calls
 * a driver, which takes 10 ms and more, so a limit can't follow phases, and it need not:
 * where the cap does not bind, a limit does nothing.
 *
 * Algorithm.
 *  1. Ask for the cap when work is bound by it: the plan of a phase whose power was
 *     measured had to stop at it, or measured power is above it. A cap below the
 *     device's range asks for the lowest of that, and the clock does the rest.
 *  2. Until the device answers that it was set the clock holds the cap, as without a
 *     limiter. From then on plans are made as without a cap.
 *  3. No work bound for AG_LIMITER_KEEP_NS, or no cap: the wish ends. Another cap is
 *     asked for in place of the one before, and has to be answered anew.
 *  4. Trust ends when power was above the cap by more than 1/AG_LIMITER_OVER_DIV for
 *     AG_LIMITER_OVER_MS longer than it was not, or when nobody could see whether it
 *     was: without power nobody knows that the cap is held, and without the effective
 *     clock what is held back teaches that clocks don't matter. Then the wish ends as
 *     well, the clock holds the cap, and the device is asked again after
 *     AG_LIMITER_RETRY_NS, twice that, and so on to 64 times. While there are no
 *     signals at all (fallback.c) whoever holds the cap goes on to.
 *  5. Windows that the limiter may hold back are no evidence of anything but their
 *     clock: they tell neither what the board holds by itself (ref.c), or plans would
 *     stop at it, nor how long a switch takes, and need no probe (core.c). Those that it
 *     does hold back lost nothing that another clock would have won (books.c).
 *
 * Constants. Ten minutes: a limit that does not bind costs nothing, and each time it is
 * asked for anew something was above the cap. With a minute that was a burst of prefill
 * every few minutes (serving on an H100 at 80 % of its limit). But what others see of
 * the board should be its own limit again once the job is another one. A minute for one
 * that has failed: the horizon of the promise. 1/32: boards hold their limit by their
 * own sensor, others are off by up to 5 % (sensors.c of replay); with 1/64 boards that
 * kept the cap were not trusted. Half a second: five windows of NVML, each off by what a
 * phase changed meanwhile. Sensors show a mean that ended up to 100 ms ago, and 0.3 s
 * are three of them: how long a limit may take to show. A window may be held back when
 * its power is within a twentieth of the limit, the 5 % of those sensors: taken for held
 * back, one that is not teaches a little less.
 */
#include "limiter.h"

#define AG_LIMITER_KEEP_NS	(600 * NSEC_PER_SEC)
#define AG_LIMITER_RETRY_NS	(60 * NSEC_PER_SEC)
#define AG_LIMITER_BACKOFF_MAX	6
#define AG_LIMITER_OVER_DIV	32
#define AG_LIMITER_NEAR_DIV	20
#define AG_LIMITER_OVER_MS	500
#define AG_LIMITER_SETTLE_MS	300

/**
 * ag_limiter_init() - what the device can do
 * @l: state
 * @min_mw: lowest cap that it takes
 * @max_mw: highest, 0 without a limiter
 */
void ag_limiter_init(struct ag_limiter *l, u32 min_mw, u32 max_mw)
{
	memset(l, 0, sizeof(*l));
	l->min_mw = min_mw;
	l->max_mw = max_mw;
}

/* What to ask for; the highest limit is the device's own. */
static u32 ag_limiter_wish(const struct ag_limiter *l, u32 cap_mw)
{
	if (!cap_mw || cap_mw >= l->max_mw)
		return 0;
	return max_t(u32, cap_mw, l->min_mw);
}

/**
 * ag_limiter_configure() - the cap is another one, or none
 * @l: state
 * @cap_mw: power cap, 0 for none
 */
void ag_limiter_configure(struct ag_limiter *l, u32 cap_mw)
{
	u32 asked_mw = l->asked_mw ? ag_limiter_wish(l, cap_mw) : 0;

	l->failed = 0;
	l->until_ns = 0;
	if (asked_mw && asked_mw == l->asked_mw)
		return;
	l->asked_mw = asked_mw;
	l->state = asked_mw ? AG_LIMITER_ASKED : AG_LIMITER_OFF;
}

static void ag_limiter_fail(struct ag_limiter *l, u64 now_ns)
{
	u32 shift = min_t(u32, l->failed, AG_LIMITER_BACKOFF_MAX);

	l->failed = (u8)min_t(u32, l->failed + 1, AG_LIMITER_BACKOFF_MAX);
	l->until_ns = now_ns + ((u64)AG_LIMITER_RETRY_NS << shift);
	l->asked_mw = 0;
	l->state = AG_LIMITER_FAILED;
}

/**
 * ag_limiter_answer() - the device has dealt with the cap that it was asked for
 * @l: state
 * @done: it was set
 * @now_ns: time
 */
void ag_limiter_answer(struct ag_limiter *l, bool done, u64 now_ns)
{
	if (l->state != AG_LIMITER_ASKED)
		return;
	if (!done) {
		ag_limiter_fail(l, now_ns);
		return;
	}
	l->state = AG_LIMITER_HOLDS;
	l->over_ms = -AG_LIMITER_SETTLE_MS;
}

static bool ag_limiter_seen(const struct ag_rates *r)
{
	return ag_valid(r, ACCELGOV_SIG_POWER) &&
	       ag_valid(r, ACCELGOV_SIG_CLOCK) &&
	       !(r->valid & AG_CLOCK_INFERRED);
}

/* Return: false when it can't be trusted any more. */
static bool ag_limiter_watch(struct ag_limiter *l, const struct ag_rates *r)
{
	s32 ms = (s32)min_t(u64, div_u64(r->window_ns, NSEC_PER_MSEC),
			    AG_LIMITER_OVER_MS);
	u64 most_mw = (u64)l->asked_mw + l->asked_mw / AG_LIMITER_OVER_DIV;
	s32 over = l->over_ms;

	ms = max_t(s32, ms, 1);
	if (!ag_limiter_seen(r) || r->power_mw > most_mw)
		over += ms;
	else if (over > 0)
		over = max_t(s32, over - ms, 0);
	l->over_ms = (s16)over;
	return over < AG_LIMITER_OVER_MS;
}

/**
 * ag_limiter_update() - take one window into account
 * @l: state
 * @cap_mw: power cap, 0 for none
 * @r: the window
 * @capped: the plan of its phase had to stop at the cap
 */
void ag_limiter_update(struct ag_limiter *l, u32 cap_mw,
		       const struct ag_rates *r, bool capped)
{
	u32 wish_mw = ag_limiter_wish(l, cap_mw);
	bool bound = capped || ag_limiter_near(l, r);

	if (!wish_mw)
		return;
	if (l->state == AG_LIMITER_HOLDS && !ag_limiter_watch(l, r)) {
		ag_limiter_fail(l, r->time_ns);
		return;
	}
	if (!l->asked_mw) {
		if (ag_valid(r, ACCELGOV_SIG_POWER) && r->power_mw > cap_mw)
			bound = true;
		if (!bound || !ag_limiter_seen(r) || r->time_ns < l->until_ns)
			return;
		l->asked_mw = wish_mw;
		l->state = AG_LIMITER_ASKED;
	}
	if (bound || !l->until_ns) {
		l->until_ns = r->time_ns + AG_LIMITER_KEEP_NS;
	} else if (r->time_ns >= l->until_ns) {
		l->asked_mw = 0;
		l->state = AG_LIMITER_OFF;
	}
}

/**
 * ag_limiter_holds() - need no clock hold the cap?
 * @l: state
 * @cap_mw: power cap
 *
 * Return: true when plans may be made as without a cap.
 */
bool ag_limiter_holds(const struct ag_limiter *l, u32 cap_mw)
{
	return l->state == AG_LIMITER_HOLDS && l->asked_mw <= cap_mw;
}

/**
 * ag_limiter_near() - may it be that the limiter held a window back?
 * @l: state
 * @r: the window
 *
 * Return: true when it is asked for a cap that the window's power was next to.
 */
bool ag_limiter_near(const struct ag_limiter *l, const struct ag_rates *r)
{
	return l->asked_mw && ag_valid(r, ACCELGOV_SIG_POWER) &&
	       r->power_mw >= l->asked_mw - l->asked_mw / AG_LIMITER_NEAR_DIV;
}
