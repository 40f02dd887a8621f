// SPDX-License-Identifier: GPL-2.0
/*
 * Sensitivity: what a clock does to the time and the power of a phase
 *
 * Observation. Work that needs t_c of arithmetic and t_m of memory traffic, the
 * two overlapping, takes neither their sum nor exactly the longer one: kernels
 * differ, and some of each are bound by the other. GPT-3 stages on an A100
 * (Perseus, SOSP'24 artifact) take 11 % longer at 1200 MHz than at 1365, and
 * 32 % longer at 990, where the clocks differ by 14 and 38 %: most of the clock
 * counts, a little less near the top. Decode is the same curve seen from its
 * flat end: nothing is lost until, far down, arithmetic catches up.
 *
 * Model. A smooth maximum: t^4 = t_c^4 + t_m^4, only t_c scaling with 1/f. With
 * w the share of t_c^4 at the top clock F,
 *
 *	t(f) / t(F) = (w * (F/f)^4 + 1 - w)^(1/4)
 *
 * One number per phase, w in 0..1, covers both ends and the knee between them.
 * A linear share (time = s*F/f + 1 - s) cannot show a knee, and a governor that
 * believes it jumps back and forth across one.
 *
 * Power of a phase at constant activity is P(f) = P(F) * (1 - d + d * y(f)) with
 * y = f*V^2 against the top point and d the dynamic part.
 *
 * Algorithm.
 *  1. Counters first. At clock f, arithmetic is active for c = t_c / t of the
 *     busy time, so c^4 is its share of t^4 there, and w follows. Each window
 *     that surely belongs to the phase moves w by one eighth. Link, host and
 *     launch time inside a step lower c, as they must: they do not scale.
 *  2. Progress after. Counters lie (an SM counts as active while it waits), so
 *     whenever one episode of a phase shows two steady clocks, the ratio of the
 *     measured rates gives w without them. The quotient of both is the gain of
 *     the counters for this phase, believed by half at first and by an eighth
 *     per pair in the end. Jobs change under the same name; the gain, a trait
 *     of device and counters, stays. Before the first pair it is 5/4, not 1:
 *     nothing has confirmed the curve then, and a promise is at stake.
 *  3. Power likewise: the level follows every window, d follows pairs.
 *  4. The first window of an episode straddles the change, and so does the
 *     last. The last is only known afterwards: a window counts when the next
 *     one is still of the same phase.
 *  5. A board may not hold its top clock: its own power limit keeps GPT-3 on an
 *     A100 near 1370 MHz when 1410 is asked for. Slowdown is meant against
 *     what the hardware does when nobody slows it, so the reference of a phase
 *     is the effective clock seen while the top clock was asked for. A lower
 *     limit set from outside, or heat, lowers the reference in the same way:
 *     that loss is not the policy's, and no clock would win it back. A higher
 *     clock, whenever it is seen, raises the reference at once; so that it can
 *     be seen, the core probes while the reference is below the top clock.
 *  6. Mean episode length and the share of what follows are kept per phase;
 *     plan.c weighs with them what a low clock costs the successor.
 *
 * Constants. Exponent 4: the A100 sweep allows everything from 2 to 8 within a
 * thousandth of time (Documentation/governor.rst); 4 has a visible knee and
 * needs a fourth root only. Priors before any counter is known: arithmetic-bound
 * 0.8, interleaved 0.4, memory-bound 0.05, everything that waits 0. A pair
 * needs clocks whose fourth powers of F/f differ by 0.3, else noise of 2 % in a
 * rate moves w by more than 0.25. A share below 1/512 is no news from a
 * counter; the gain may reach 64, so that progress alone can say that a phase
 * scales although its pipes look asleep (a memory clock that falls with the
 * core clock does that). The dynamic part starts at 0.6 for arithmetic and 0.45
 * otherwise: the middle of what clock sweeps of V100 and A100 show (0.5 to 0.7,
 * 0.4 to 0.5).
 */
#include "sens.h"

#define AG_GAIN_MAX		((s64)64 << AG_ONE_SHIFT)
#define AG_GAIN_PRIOR		(AG_ONE * 5 / 4)
#define AG_SHARE_MIN		(AG_ONE / 512)
#define AG_PAIR_MIN_X4		(AG_ONE * 3 / 10)
#define AG_PAIR_MIN_WINDOWS	2
#define AG_POWER_PAIR_WINDOWS	3
#define AG_POWER_PAIR_MIN_DYN	(AG_ONE * 15 / 100)
/* Clocks within 1 % are the same clock. */
#define AG_SAME_CLOCK_DIV	100
/* (F/f)^4 saturates at a clock ratio of 11. */
#define AG_X4_MAX		((u64)AG_ONE << 14)

static u32 ag_prior_share(enum accelgov_phase phase)
{
	switch (phase) {
	case ACCELGOV_PHASE_COMPUTE:
	case ACCELGOV_PHASE_UNKNOWN:
		return AG_ONE * 8 / 10;
	case ACCELGOV_PHASE_MIXED:
		return AG_ONE * 4 / 10;
	case ACCELGOV_PHASE_MEMORY:
		return AG_ONE / 20;
	default:
		return 0;
	}
}

static bool ag_phase_scales(enum accelgov_phase phase)
{
	return ag_prior_share(phase) != 0;
}

/**
 * ag_sens_init() - priors
 * @s: state
 * @now_ns: time
 */
void ag_sens_init(struct ag_sens *s, u64 now_ns)
{
	int i;

	memset(s, 0, sizeof(*s));
	s->episode_ns = now_ns;
	for (i = 0; i < ACCELGOV_PHASE_NR; i++) {
		struct ag_sens_phase *p = &s->phase[i];

		p->share = ag_prior_share(i);
		p->next_share = ag_prior_share(ACCELGOV_PHASE_COMPUTE);
		p->gain = AG_GAIN_PRIOR;
		p->dynamic = i == ACCELGOV_PHASE_COMPUTE ? AG_ONE * 6 / 10 :
							   AG_ONE * 45 / 100;
	}
}

/* (top/khz)^4, saturating. */
static u64 ag_x4(u32 top_khz, u32 khz)
{
	u64 x, x2;

	if (!khz || khz >= top_khz)
		return AG_ONE;
	x = div_u64((u64)top_khz << AG_ONE_SHIFT, khz);
	if (x > 11ULL * AG_ONE)
		return AG_X4_MAX;
	x2 = x * x >> AG_ONE_SHIFT;
	return min_t(u64, x2 * x2 >> AG_ONE_SHIFT, AG_X4_MAX);
}

/*
 * Fourth root of a 16 bit fraction from 1 to 2^14. A straight line over each
 * doubling is within 2 % of it, and a step of Newton's method turns an error e
 * into 1.5 * e^2: two steps leave rounding. Square roots digit by digit take
 * four times as long, and this is most of what a sample costs.
 */
static u32 ag_root4(u64 v)
{
	/* 2^(k/4) */
	static const u32 power[] = {
		65536, 77936, 92682, 110218, 131072, 155872, 185364, 220436,
		262144, 311744, 370728, 440872, 524288, 623487, 741455, 881744,
	};
	u32 k = fls64(v) - 1 - AG_ONE_SHIFT;
	u64 r = power[k] + ((power[k + 1] - power[k]) *
			    (v - ((u64)AG_ONE << k)) >> (AG_ONE_SHIFT + k));
	int i;

	for (i = 0; i < 2; i++) {
		u64 r3 = ((r * r >> AG_ONE_SHIFT) * r) >> AG_ONE_SHIFT;

		r = (3 * r + div64_u64(v << AG_ONE_SHIFT, r3)) / 4;
	}
	return (u32)max_t(u64, r, AG_ONE);
}

/* Fourth power of the time at a clock, against the top clock. */
static u64 ag_time4(u32 share, u32 top_khz, u32 khz)
{
	u64 x4 = ag_x4(top_khz, khz);

	return AG_ONE + ((u64)share * (x4 - AG_ONE) >> AG_ONE_SHIFT);
}

/**
 * ag_sens_time() - time of a phase at a clock, against the top clock
 * @share: effective share, see ag_sens_share()
 * @top_khz: top clock
 * @khz: clock
 *
 * Return: t(khz)/t(top) times AG_ONE, never below AG_ONE.
 */
u32 ag_sens_time(u32 share, u32 top_khz, u32 khz)
{
	return ag_root4(ag_time4(share, top_khz, khz));
}

/**
 * ag_sens_ref_khz() - clock that slowdown is measured against
 * @s: state
 * @phase: phase
 * @t: operating points
 *
 * Return: what the board holds when the top clock is asked for.
 */
u32 ag_sens_ref_khz(const struct ag_sens *s, enum accelgov_phase phase,
		    const struct ag_opp_table *t)
{
	u32 khz = s->phase[phase].ref_khz;

	return khz ? min_t(u32, khz, ag_opp_top_khz(t)) : ag_opp_top_khz(t);
}

/**
 * ag_sens_slower() - time of a phase at a clock, against its reference clock
 * @s: state
 * @phase: phase
 * @t: operating points
 * @khz: clock
 *
 * Return: t(khz)/t(reference) times AG_ONE, never below AG_ONE.
 */
u32 ag_sens_slower(const struct ag_sens *s, enum accelgov_phase phase,
		   const struct ag_opp_table *t, u32 khz)
{
	u32 ref = ag_sens_ref_khz(s, phase, t), share, top;
	u64 slow, fast;

	share = ag_sens_share(s, phase);
	if (!share || khz >= ref)
		return AG_ONE;
	top = ag_opp_top_khz(t);
	slow = ag_time4(share, top, khz);
	fast = ag_time4(share, top, ref);
	return ag_root4(max_t(u64, AG_ONE,
			      div64_u64(slow << AG_ONE_SHIFT, fast)));
}

/**
 * ag_sens_power() - power of a phase at a point, against the top point
 * @dynamic: part that scales with f*V^2
 * @dyn: f*V^2 of the point against the top point, see &struct ag_opp_table
 *
 * Return: P(khz)/P(top) times AG_ONE.
 */
u32 ag_sens_power(u32 dynamic, u32 dyn)
{
	return AG_ONE - dynamic +
	       (u32)((u64)dynamic * dyn >> AG_ONE_SHIFT);
}

static u32 ag_effective(const struct ag_sens_phase *p)
{
	u64 share = max_t(u32, p->share, AG_SHARE_MIN);

	if (p->gain <= 0)
		return 0;
	return (u32)min_t(u64, share * p->gain >> AG_ONE_SHIFT, AG_ONE);
}

/**
 * ag_sens_share() - best estimate of a phase's share
 * @s: state
 * @phase: phase
 *
 * Return: counters corrected by progress, a fraction of AG_ONE; 0 for phases
 * whose time no clock changes.
 */
u32 ag_sens_share(const struct ag_sens *s, enum accelgov_phase phase)
{
	if (!ag_phase_scales(phase))
		return 0;
	return ag_effective(&s->phase[phase]);
}

static u32 ag_ewma(u32 old, u32 new, u32 shift)
{
	s64 diff = (s64)new - old;

	return (u32)(old + diff / (1 << shift));
}

/* Share at the top clock from compute activity at this clock. */
static u32 ag_share_seen(const struct ag_rates *r, u32 top_khz)
{
	u32 busy = ag_valid(r, ACCELGOV_SIG_BUSY) ? max_t(u32, r->busy, 1) :
						    1000;
	u64 c = min_t(u64, AG_ONE, div_u64((u64)r->compute << AG_ONE_SHIFT,
					   busy));
	u64 c2 = c * c >> AG_ONE_SHIFT;
	u64 c4 = c2 * c2 >> AG_ONE_SHIFT;
	u64 x4 = ag_x4(top_khz, r->clock_khz);
	u64 rest = (AG_ONE - c4) * x4 >> AG_ONE_SHIFT;

	if (!(c4 + rest))
		return 0;
	return (u32)div64_u64(c4 << AG_ONE_SHIFT, c4 + rest);
}

/*
 * Two rates of the same work at two clocks: with q = (rate_a/rate_b)^4 =
 * (t_b/t_a)^4, (1 - w + w*b4) = q * (1 - w + w*a4), solved for w.
 */
static bool ag_share_of_pair(u64 rate_a, u64 rate_b, u64 a4, u64 b4,
			     s64 *ret_share)
{
	u64 q, q2;
	s64 num, den;

	while (rate_a >> 40 || rate_b >> 40) {
		rate_a >>= 8;
		rate_b >>= 8;
	}
	if (!rate_a || !rate_b || rate_a > rate_b * 8 || rate_b > rate_a * 8)
		return false;
	q = div64_u64(rate_a << AG_ONE_SHIFT, rate_b);
	q2 = q * q >> AG_ONE_SHIFT;
	q = q2 * q2 >> AG_ONE_SHIFT;

	num = (s64)q - AG_ONE;
	den = (s64)(b4 - AG_ONE) - ((s64)(q * (a4 - AG_ONE) >> AG_ONE_SHIFT));
	if (den < 0) {
		num = -num;
		den = -den;
	}
	if (den < AG_PAIR_MIN_X4 / 4)
		return false;
	num = clamp_t(s64, num, -den, den);
	*ret_share = div64_s64(num * AG_ONE, den);
	return true;
}

static void ag_learn_time(struct ag_sens_phase *p, const struct ag_sens_run *a,
			  const struct ag_sens_run *b, u32 top_khz)
{
	u64 a4 = ag_x4(top_khz, a->khz), b4 = ag_x4(top_khz, b->khz);
	u64 span = a4 > b4 ? a4 - b4 : b4 - a4;
	s64 share, gain;

	if (span < AG_PAIR_MIN_X4)
		return;
	if (!ag_share_of_pair(div_u64(a->progress, a->windows),
			      div_u64(b->progress, b->windows), a4, b4, &share))
		return;
	gain = div64_s64(share * AG_ONE, max_t(u32, p->share, AG_SHARE_MIN));
	gain = clamp_t(s64, gain, -AG_GAIN_MAX, AG_GAIN_MAX);
	p->gain += (s32)(div_s64(gain - p->gain, min_t(u32, p->pairs + 2, 8)));
	if (p->pairs < U32_MAX)
		p->pairs++;
}

static void ag_learn_power(struct ag_sens_phase *p, const struct ag_sens_run *a,
			   const struct ag_sens_run *b,
			   const struct ag_opp_table *t)
{
	s64 ya = t->dyn[ag_opp_floor(t, a->khz)];
	s64 yb = t->dyn[ag_opp_floor(t, b->khz)];
	u64 power_a, power_b;
	s64 q, den, d;

	if (a->windows < AG_POWER_PAIR_WINDOWS ||
	    b->windows < AG_POWER_PAIR_WINDOWS)
		return;
	power_a = max_t(u64, div_u64(a->power_mw, a->windows), 1);
	power_b = div_u64(b->power_mw, b->windows);
	/* No clock changes the power of the same work by so much. */
	if (power_b > power_a * 64 || power_a > power_b * 64)
		return;
	if (ya - yb < AG_POWER_PAIR_MIN_DYN && yb - ya < AG_POWER_PAIR_MIN_DYN)
		return;
	q = div64_u64(power_b << AG_ONE_SHIFT, power_a);
	den = (yb - AG_ONE) - (q * (ya - AG_ONE) >> AG_ONE_SHIFT);
	if (!den)
		return;
	d = div64_s64((q - AG_ONE) * AG_ONE, den);
	d = clamp_t(s64, d, AG_ONE / 10, AG_ONE * 95 / 100);
	p->dynamic = ag_ewma(p->dynamic, (u32)d, 3);
}

static bool ag_same_clock(u32 a, u32 b)
{
	u32 diff = a > b ? a - b : b - a;

	return diff <= max_t(u32, a, b) / AG_SAME_CLOCK_DIV;
}

static void ag_run_add(struct ag_sens_run *run, const struct ag_rates *r)
{
	if (run->windows >= 1024)
		return;
	run->windows++;
	run->valid &= r->valid;
	if (ag_valid(r, ACCELGOV_SIG_PROGRESS))
		run->progress += min_t(u64, r->progress, U64_MAX >> 11);
	if (ag_valid(r, ACCELGOV_SIG_POWER))
		run->power_mw += r->power_mw;
}

/* The clock moved inside the episode: what came before becomes comparable. */
static void ag_run_next(struct ag_sens *s, const struct ag_rates *r)
{
	if (s->run.windows >= AG_PAIR_MIN_WINDOWS || !s->before.windows)
		s->before = s->run;
	memset(&s->run, 0, sizeof(s->run));
	s->run.khz = r->clock_khz;
	s->run.valid = r->valid;
	ag_run_add(&s->run, r);
}

static void ag_runs_compare(struct ag_sens *s, enum accelgov_phase phase,
			    const struct ag_rates *r,
			    const struct ag_opp_table *t)
{
	struct ag_sens_phase *p = &s->phase[phase];
	u32 known = s->before.valid & s->run.valid;
	u32 top = ag_opp_top_khz(t);

	if (!s->before.windows)
		return;
	if (s->run.windows == AG_PAIR_MIN_WINDOWS &&
	    known & BIT(ACCELGOV_SIG_PROGRESS)) {
		ag_learn_time(p, &s->before, &s->run, top);
		if (max_t(u32, s->before.khz, s->run.khz) +
		    top / AG_SAME_CLOCK_DIV >= ag_sens_ref_khz(s, phase, t))
			p->ref_ns = r->time_ns;
	}
	if (s->run.windows == AG_POWER_PAIR_WINDOWS &&
	    known & BIT(ACCELGOV_SIG_POWER))
		ag_learn_power(p, &s->before, &s->run, t);
}

static void ag_learn_window(struct ag_sens *s, enum accelgov_phase phase,
			    const struct ag_rates *r, bool at_top,
			    const struct ag_opp_table *t)
{
	struct ag_sens_phase *p = &s->phase[phase];
	u32 top = ag_opp_top_khz(t);
	u32 dyn, power;

	if (!ag_valid(r, ACCELGOV_SIG_CLOCK) || !r->clock_khz)
		return;
	if (p->ref_khz && r->clock_khz > p->ref_khz)
		p->ref_khz = r->clock_khz;
	else if (at_top)
		p->ref_khz = p->ref_khz ? ag_ewma(p->ref_khz, r->clock_khz, 2) :
					  r->clock_khz;
	if (ag_valid(r, ACCELGOV_SIG_COMPUTE) && ag_phase_scales(phase))
		p->share = ag_ewma(p->share, ag_share_seen(r, top), 3);
	if (ag_valid(r, ACCELGOV_SIG_POWER) && r->power_mw) {
		dyn = t->dyn[ag_opp_floor(t, r->clock_khz)];
		power = (u32)min_t(u64, S32_MAX,
				   div_u64((u64)r->power_mw << AG_ONE_SHIFT,
					   ag_sens_power(p->dynamic, dyn)));
		p->power_mw = p->power_mw ? ag_ewma(p->power_mw, power, 3) :
					    power;
	}
	if (!ag_phase_scales(phase))
		return;
	if (s->run.windows && ag_same_clock(s->run.khz, r->clock_khz))
		ag_run_add(&s->run, r);
	else
		ag_run_next(s, r);
	ag_runs_compare(s, phase, r, t);
}

/**
 * ag_sens_forget_ref() - no longer know what the board holds
 * @s: state
 */
void ag_sens_forget_ref(struct ag_sens *s)
{
	int i;

	for (i = 0; i < ACCELGOV_PHASE_NR; i++)
		s->phase[i].ref_khz = 0;
}

/**
 * ag_sens_update() - take one window into account
 * @s: state
 * @phase: phase of the window, which did not begin with it
 * @r: rates
 * @at_top: the top clock was asked for, long enough ago to be there
 * @t: operating points
 */
void ag_sens_update(struct ag_sens *s, enum accelgov_phase phase,
		    const struct ag_rates *r, bool at_top,
		    const struct ag_opp_table *t)
{
	if (s->pending_valid)
		ag_learn_window(s, phase, &s->pending, s->pending_top, t);
	s->pending = *r;
	s->pending_top = at_top;
	s->pending_valid = true;
}

/**
 * ag_sens_phase_change() - an episode ended
 * @s: state
 * @old: phase that ended
 * @now: phase that began
 * @now_ns: time
 */
void ag_sens_phase_change(struct ag_sens *s, enum accelgov_phase old,
			  enum accelgov_phase now, u64 now_ns)
{
	struct ag_sens_phase *p = &s->phase[old];
	u64 us = div_u64(now_ns - s->episode_ns, NSEC_PER_USEC);
	u32 dwell = (u32)min_t(u64, us, S32_MAX);

	p->dwell_us = p->dwell_us ? ag_ewma(p->dwell_us, dwell, 3) : dwell;
	p->next_share = ag_ewma(p->next_share, ag_sens_share(s, now), 3);

	memset(&s->run, 0, sizeof(s->run));
	memset(&s->before, 0, sizeof(s->before));
	s->pending_valid = false;
	s->episode_ns = now_ns;
}
