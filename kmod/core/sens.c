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
 * Model. t^2 = t_c^2 + t_m^2, only t_c scaling with 1/f. With w the share of
 * t_c^2 at the top clock F and X = (F/f)^2,
 *
 *	(t(f) / t(F))^2 = 1 + w * (X - 1)
 *
 * One number in 0..1 covers both ends and a soft knee between them. It does not
 * cover a hard knee: on many boards memory bandwidth is whole down to some
 * clock and falls with the clock below it. So X is cut into AG_BANDS bands, each
 * with a w of its own, and the square of time is piecewise linear in X. A band
 * that the device has been in is right whatever the law is.
 *
 * Algorithm.
 *  1. Counters first. At clock f, arithmetic is active for c = t_c / t of the
 *     busy time, so c^2 is its share of t^2 there, and w follows. Each window
 *     that surely belongs to the phase moves w by one eighth. Time on the link
 *     that does not overlap with the pipes is taken out before and put back
 *     after: it does not scale. Interleaved work may be two kinds that take turns,
 *     whose times add up instead of their squares: there w = c. Where no
 *     arithmetic is counted, what traffic lacks against the highest that the board
 *     has shown stands for it; where nothing is counted, everything scales.
 *  2. Progress after. Counters lie (an SM counts as active while it waits), so
 *     whenever one episode of a phase shows two steady clocks, the ratio of the
 *     measured rates, per busy time, is one linear equation for the shares of
 *     the bands between the two. What they have more than the counters' w moves
 *     along its gradient (normalised least mean squares, Widrow and Hoff 1960), by
 *     half at first and by a sixth in the end. Bands above both clocks don't take
 *     part: a steep step below a knee would make them cheaper than nothing, and hide
 *     the loss that it has shown. Jobs change under the same name: operations per
 *     byte are a trait of the work that no clock changes, and rates of two clocks
 *     are compared only where they agree. Where one of the counters was at its end,
 *     operations alone have to: the clock falls by no less than they do.
 *     Neighbouring clocks say little about the share between them, the less the
 *     noisier their rates are, as in the update of a Kalman filter: the step is
 *     divided by x^2 + R/P, with x what lies between the clocks. R is the variance
 *     of the ratio, from what windows that follow each other at one clock differ
 *     by; P that of a share before the pair. And no share is off by more than 1: a
 *     pair that says so compares two kinds of work, and says nothing.
 *  3. Corrections are signed, so that noise around nothing averages to nothing.
 *     But the share is never taken for less than counters show: progress is not
 *     comparable across all changes of work, and a promise is at stake.
 *  4. Until pairs say otherwise a quarter of the prior is added to the counters' share,
 *     and before the first one a knee is expected below 0.57 of F.
 *  5. Trust ends an eighth below the lowest clock that was compared with another:
 *     from there on all of the time is taken to scale, and no work loses more than
 *     that. Plans may try that eighth; the books (ag_sens_times()) do not believe
 *     it before it was compared. Nor do they believe what lies above the highest clock
 *     that was compared, once a limit from outside that hid it is gone.
 *  6. A wait in a collective is told by what counters do not show, so only real
 *     progress can say that it is none: pairs teach it too, from nothing on.
 *  7. Power likewise (power.c).
 *  8. The first window of an episode straddles the change, and so does the
 *     last. The last is only known afterwards: a window counts when the next
 *     one is still of the same phase.
 *  9. Sensors are late: GPM and NVML renew what they show every 100 ms, and show it up
 *     to 100 ms later. So the first window at a clock tells of the clock before: pairs
 *     of clocks that fell step by step found that nothing was ever lost, and decode went
 *     on at a seventh of the clock and three tenths of the rate. Of windows as long as
 *     AG_LONG_WINDOW_NS the first of each clock of an episode enters no pair. Who
 *     has shorter ones reads counters of his own, and would else see the same value
 *     twice; who counts cycles knows the mean clock of the window that he counts the
 *     rest in; who knows progress counts it himself; and an inferred clock is inferred
 *     late enough.
 * 10. Slowdown is meant against the clock that the board holds when nobody slows it
 *     (ref.c), which is not always the top one.
 *
 * Constants. Exponent 2: the A100 sweep allows everything from 2 to 8 within a
 * thousandth of time (Documentation/governor.rst). Real steps contain link and launch
 * time that no clock changes, which that sweep lacks and which looks like a lower
 * exponent; and of all of them it is the one that expects the most loss of work that
 * hardly scales. Priors before any counter is known: arithmetic-bound 0.8, interleaved
 * 0.4, memory-bound 0.05, everything that waits 0. A pair needs two windows and 15 ms
 * at each clock, so that short windows do not teach noise, and clocks that are a
 * twentieth of F^2/f^2 apart. A share is known to a quarter before a pair (P; an eighth
 * learns too slowly from training that only NVML sees, a half believes in noise), and a
 * ratio to a thirty-second at best. Operations per byte within an eighth: above the 5 %
 * that sensors are off by, below what tells kinds of work apart. One late window: with
 * two, pairs are clean and too few (training with NVML saves a tenth less); with one,
 * power is learned as exact sensors teach it.
 */
#include "root.h"
#include "sens.h"

#define AG_PAIR_MIN_X2		(AG_ONE / 20)
#define AG_PAIR_MIN_WINDOWS	2
#define AG_PAIR_MIN_NS		(15 * NSEC_PER_MSEC)
#define AG_SHARE_PAIRS		6
/* Variance of a share before a pair: what variance of ratios is divided by. */
#define AG_SHARE_VAR_DIV	16
#define AG_PAIR_DAMP		(AG_SHARE_VAR_DIV * AG_ONE / 1024)
/* Windows that the noise of rates is averaged over, as a power of two. */
#define AG_NOISE_SHIFT		5
/* Operations per byte of the same work, however fast it is. */
#define AG_SAME_WORK_DIV	8
#define AG_SAME_MIX_DIV	32
#define AG_SATURATED		990
/* Memory-bound work shows at least that, per mille. */
#define AG_TRAFFIC_MIN		650
/* Clocks within 1 % are the same clock. */
#define AG_SAME_CLOCK_DIV	100
/* (F/f)^2 saturates at a clock ratio of 11. */
#define AG_X2_MAX		((u64)AG_ONE * 121)

/* Edges of the bands in (F/f)^2: 1, 0.76, 0.57, 0.43, 0.32 and 0.09 of F. */
static const u32 ag_band[AG_BANDS + 1] = {
	AG_ONE, AG_ONE * 7 / 4, AG_ONE * 49 / 16, AG_ONE * 11 / 2, AG_ONE * 10,
	AG_X2_MAX,
};

/* A knee of the memory is to be expected below half of F until progress denies. */
static const s32 ag_knee[AG_BANDS] = {
	0, 0, AG_ONE / 16, AG_ONE / 4, AG_ONE / 2,
};

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

/**
 * ag_sens_init() - priors
 * @s: state
 */
void ag_sens_init(struct ag_sens *s)
{
	int i, k;

	memset(s, 0, sizeof(*s));
	s->traffic_peak = AG_TRAFFIC_MIN;
	for (i = 0; i < ACCELGOV_PHASE_NR; i++) {
		struct ag_sens_phase *p = &s->phase[i];

		p->share = ag_prior_share(i);
		for (k = 0; k < AG_BANDS; k++)
			p->more[k] = (s32)(p->share / 4);
		ag_sens_init_power(p, i == ACCELGOV_PHASE_COMPUTE ?
				   AG_ONE * 6 / 10 : AG_ONE * 45 / 100);
	}
}

/* (top/khz)^2, saturating. */
static u64 ag_x2(u32 top_khz, u32 khz)
{
	u64 x;

	if (!khz || khz >= top_khz)
		return AG_ONE;
	x = min_t(u64, div_u64((u64)top_khz << AG_ONE_SHIFT, khz),
		  11ULL * AG_ONE);
	return min_t(u64, x * x >> AG_ONE_SHIFT, AG_X2_MAX);
}

/* Square root of a 16 bit fraction. */
static u32 ag_root_of(u64 v)
{
	return ag_root(v << AG_ONE_SHIFT);
}

/* How much of (F/f)^2 beyond 1 lies in each band. */
static void ag_spans(u64 x2, u32 span[AG_BANDS])
{
	u32 i;

	for (i = 0; i < AG_BANDS; i++) {
		u64 from = ag_band[i], to = ag_band[i + 1];

		span[i] = x2 > from ? (u32)(min_t(u64, x2, to) - from) : 0;
	}
}

/**
 * ag_sens_time() - time of a phase at a clock, against the top clock
 * @c: its curve
 * @top_khz: top clock
 * @khz: clock
 *
 * Return: t(khz)/t(top) times AG_ONE, never below AG_ONE.
 */
u32 ag_sens_time(const struct ag_curve *c, u32 top_khz, u32 khz)
{
	u64 all = ag_x2(top_khz, khz);
	u64 x2 = min_t(u64, all, max_t(u32, c->trust_x2, AG_ONE));
	s64 square = AG_ONE, least;
	u32 i;

	for (i = 0; i < AG_BANDS && x2 > ag_band[i]; i++)
		square += (s64)c->share[i] *
			  (s64)(min_t(u64, x2, ag_band[i + 1]) - ag_band[i]) >>
			  AG_ONE_SHIFT;
	least = AG_ONE + ((x2 - AG_ONE) * c->least >> AG_ONE_SHIFT);
	square = max_t(s64, max_t(s64, square, least), AG_ONE);
	if (all > x2)
		square = (s64)div64_u64((u64)square * all, x2);
	return ag_root_of(square);
}

/*
 * Highest clock that another was compared with, or the reference when it was. While
 * a limit from outside was in force, nothing above it was seen.
 */
static u32 ag_compared_khz(const struct ag_sens_phase *p, u32 ref, u32 khz)
{
	u32 high = max_t(u32, p->high_khz, khz);

	return high < ref - ref / AG_REF_FREED_DIV ? high : ref;
}

/* Time at a clock against that at a reference, of which only @seen was seen. */
static u32 ag_against(const struct ag_curve *c, u32 top, u32 ref, u32 seen,
		      u32 khz)
{
	u64 slower = ag_sens_time(c, top, khz);

	if (seen < top)
		slower = div_u64(slower << AG_ONE_SHIFT,
				 ag_sens_time(c, top, seen));
	/* Beyond what was compared all scales. */
	if (seen < ref)
		slower = div_u64(slower * ref, max_t(u32, seen, 1));
	return (u32)min_t(u64, slower, AG_X2_MAX);
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
	u32 ref = ag_sens_ref_khz(s, phase, t);
	struct ag_curve c;

	if (!ag_sens_may_scale(phase) || khz >= ref)
		return AG_ONE;
	ag_sens_curve(s, phase, &c);
	return ag_against(&c, ag_opp_top_khz(t), ref, ref, khz);
}

/**
 * ag_sens_times() - the same, and for the books
 * @s: state
 * @phase: phase
 * @t: operating points
 * @khz: clock
 * @ret: result
 *
 * What no pair of clocks has confirmed the books do not believe afterwards: below
 * the lowest clock that was compared with another, and above the highest, all of
 * the time scales. Between the two they say what the model says.
 */
void ag_sens_times(const struct ag_sens *s, enum accelgov_phase phase,
		   const struct ag_opp_table *t, u32 khz, struct ag_times *ret)
{
	u32 ref = ag_sens_ref_khz(s, phase, t), top = ag_opp_top_khz(t), seen;
	const struct ag_sens_phase *p = &s->phase[phase];
	struct ag_curve c;

	ret->likely = AG_ONE;
	ret->booked = AG_ONE;
	if (!ag_sens_may_scale(phase) || khz >= ref)
		return;
	ag_sens_curve(s, phase, &c);
	ret->likely = ag_against(&c, top, ref, ref, khz);
	ret->booked = ret->likely;
	seen = ag_compared_khz(p, ref, khz);
	if (!ag_sens_scales(phase) ||
	    (p->low_khz && khz >= p->low_khz && seen == ref))
		return;
	c.trust_x2 = p->low_x2;
	ret->booked = ag_against(&c, top, ref, seen, khz);
}

/**
 * ag_sens_compute() - compute activity that a phase usually shows
 * @s: state
 * @phase: phase
 * @top_khz: top clock
 * @khz: clock
 *
 * Return: per mille of busy time.
 */
u32 ag_sens_compute(const struct ag_sens *s, enum accelgov_phase phase,
		    u32 top_khz, u32 khz)
{
	bool serial = phase == ACCELGOV_PHASE_MIXED;
	u64 share = s->phase[phase].share;
	u64 x2 = ag_x2(top_khz, khz), part, active;

	if (serial)
		x2 = ag_root_of(x2);
	part = share * x2 >> AG_ONE_SHIFT;
	if (!part)
		return 0;
	if (serial)
		return (u32)div64_u64(part * 1000, AG_ONE - share + part);
	active = ag_root_of(div64_u64(part << AG_ONE_SHIFT, AG_ONE - share + part));
	return (u32)(active * 1000 >> AG_ONE_SHIFT);
}

/**
 * ag_sens_curve() - best estimate of a phase's time
 * @s: state
 * @phase: phase
 * @ret: counters corrected by progress
 */
void ag_sens_curve(const struct ag_sens *s, enum accelgov_phase phase,
		   struct ag_curve *ret)
{
	const struct ag_sens_phase *p = &s->phase[phase];
	bool scales = ag_sens_scales(phase), may = ag_sens_may_scale(phase);
	bool knee = scales && !p->pairs;
	s64 share = scales ? p->share : 0;
	u32 i;

	ret->trust_x2 = AG_X2_MAX;
	if (scales)
		ret->trust_x2 = max_t(u32, p->low_x2, AG_ONE) / 49 * 64;
	ret->least = (u32)share;
	if (phase == ACCELGOV_PHASE_MIXED)
		ret->least = (u32)((u64)ret->least * ret->least >> AG_ONE_SHIFT);
	for (i = 0; i < AG_BANDS; i++) {
		s64 w = may ? share + p->more[i] : 0;

		if (knee)
			w = max_t(s64, w, ag_knee[i]);
		ret->share[i] = (s32)clamp_t(s64, w, -(s64)AG_ONE, AG_ONE);
	}
}

/* A share seen at a clock, (F/f)^2 below the top, as it is at the top clock. */
static u32 ag_share_at_top(u64 share, u64 x2)
{
	u64 rest = (AG_ONE - share) * x2 >> AG_ONE_SHIFT;

	return share + rest ? (u32)div64_u64(share << AG_ONE_SHIFT,
					     share + rest) : 0;
}

/* Busy time, per mille of the window, never 0. */
static u32 ag_busy_of(const struct ag_rates *r)
{
	return ag_valid(r, ACCELGOV_SIG_BUSY) ? max_t(u32, r->busy, 1) : 1000;
}

/*
 * Share at the top clock from compute activity at this clock. Waits in a
 * collective stay as long as they are. Interleaved work
 * may be one kernel that needs both or two that take turns: then the times add
 * up, and not their squares. That is assumed until progress tells.
 */
static u32 ag_share_seen(const struct ag_rates *r, enum accelgov_phase phase,
			 u32 top_khz)
{
	u32 busy = ag_busy_of(r), compute = ag_busy_part(r->compute, busy);
	u32 waits = 0, pipes = compute;
	bool serial = phase == ACCELGOV_PHASE_MIXED;
	u64 x2 = ag_x2(top_khz, r->clock_khz), c, share;

	if (ag_valid(r, ACCELGOV_SIG_MEMORY))
		pipes = max_t(u32, pipes, ag_busy_part(r->memory, busy));
	/* What overlaps with the pipes is no wait. */
	if (ag_valid(r, ACCELGOV_SIG_LINK))
		waits = min_t(u32, ag_busy_part(r->link, busy), 1000 - pipes);
	c = ((u64)compute << AG_ONE_SHIFT) / max_t(u32, 1000 - waits, 1);
	if (serial)
		share = ag_share_at_top(c, ag_root_of(x2));
	else
		share = ag_share_at_top(c * c >> AG_ONE_SHIFT, x2);
	return (u32)(share * (1000 - waits) / 1000);
}

/*
 * Without a counter of arithmetic: what traffic lacks against the highest that
 * the board has shown is not bound by memory.
 */
static u32 ag_share_left(struct ag_sens *s, const struct ag_rates *r,
			 u32 top_khz)
{
	u32 traffic = ag_busy_part(r->memory, ag_busy_of(r));
	u64 m;

	if (traffic > s->traffic_peak)
		s->traffic_peak = ag_ewma(s->traffic_peak, traffic, 1);
	m = min_t(u64, AG_ONE, ((u64)traffic << AG_ONE_SHIFT) / s->traffic_peak);
	return ag_share_at_top(AG_ONE - (m * m >> AG_ONE_SHIFT),
			       ag_x2(top_khz, r->clock_khz));
}

/* (rate_a/rate_b)^2 as a fraction; 0 when the two can't be the same work. */
static u64 ag_ratio2(u64 rate_a, u64 rate_b)
{
	u64 q;

	while (rate_a >> 40 || rate_b >> 40) {
		rate_a >>= 8;
		rate_b >>= 8;
	}
	if (!rate_a || !rate_b || rate_a > rate_b * 11 || rate_b > rate_a * 2)
		return 0;
	q = div64_u64(rate_a << AG_ONE_SHIFT, rate_b);
	return q * q >> AG_ONE_SHIFT;
}

/* What a pair of rates says. */
struct ag_pair {
	u64 q;		/* square of the ratio of the two */
	u64 damp;	/* its variance against that of a share */
	u32 fast[AG_BANDS];
	u32 slow[AG_BANDS];
};

/*
 * Two rates of the same work at two clocks, a the faster. With q =
 * (rate_a/rate_b)^2 = (t_b/t_a)^2 and w, a, b the shares and spans of the bands,
 * 1 + w*b = q * (1 + w*a), which is w * (b - a) = (q - 1) * (1 + w*a). The last
 * factor, time at the faster clock, is taken as it is known: shares of what lies
 * between the clocks move along their gradient (normalised least mean squares),
 * others don't.
 *
 * Return: false when it can't be the same work.
 */
static bool ag_share_step(struct ag_sens_phase *p, const struct ag_pair *pair,
			  u64 low2)
{
	s64 x[AG_BANDS], xx, fast = AG_ONE, slow = 0, sum = 0, err;
	s32 k = min_t(u32, p->pairs + 2, AG_SHARE_PAIRS);
	u32 i;

	for (i = 0; i < AG_BANDS; i++) {
		s64 w = (s64)p->share + p->more[i];

		x[i] = (s64)pair->slow[i] - pair->fast[i];
		sum += x[i];
		fast += w * pair->fast[i] >> AG_ONE_SHIFT;
		slow += w * x[i] >> AG_ONE_SHIFT;
	}
	fast = max_t(s64, fast, AG_ONE);
	err = (((s64)pair->q - AG_ONE) * fast >> AG_ONE_SHIFT) - slow;
	if (err > sum || err < -sum)
		return false;
	xx = ((s64)pair->damp * fast >> AG_ONE_SHIFT) * fast >> AG_ONE_SHIFT;
	xx += AG_PAIR_DAMP;
	for (i = 0; i < AG_BANDS; i++)
		xx += x[i] * x[i] >> AG_ONE_SHIFT;
	for (i = 0; i < AG_BANDS; i++)
		p->more[i] = (s32)clamp_t(s64, p->more[i] +
					  div64_s64(err * x[i], xx * k),
					  -(s64)AG_ONE, AG_ONE);
	/* What no clock has shown yet is likely to go on as it did. */
	for (i = 1; i < AG_BANDS; i++)
		if (!pair->slow[i] && low2 <= ag_band[i])
			p->more[i] += (p->more[i - 1] - p->more[i]) / k;
	return true;
}

/*
 * Windows that follow each other at one clock: the square of what their rates
 * differ by, against their sum, is half of the variance of one of them, against
 * its mean.
 */
static void ag_learn_noise(struct ag_sens_phase *p, u64 last, u64 rate)
{
	u64 diff = last > rate ? last - rate : rate - last, sum = last + rate;
	u32 part;

	if (!last || !rate)
		return;
	while (sum >> 40) {
		sum >>= 8;
		diff >>= 8;
	}
	part = min_t(u32, div64_u64(diff << AG_ONE_SHIFT, sum), U16_MAX);
	part *= part;
	p->noise = p->noise ? ag_ewma(p->noise, part, AG_NOISE_SHIFT) : part;
}

/*
 * Variance of the square of the ratio of two mean rates, in shares: four times
 * the sum of what both have.
 */
static u64 ag_pair_damp(const struct ag_sens_phase *p,
			const struct ag_sens_run *a,
			const struct ag_sens_run *b)
{
	u64 mean = (u64)p->noise / a->windows + p->noise / b->windows;

	return 2 * 4 * AG_SHARE_VAR_DIV * mean >> AG_ONE_SHIFT;
}

static void ag_learn_time(struct ag_sens_phase *p, const struct ag_sens_run *a,
			  const struct ag_sens_run *b, u32 top_khz)
{
	const struct ag_sens_run *fast = a->khz >= b->khz ? a : b;
	const struct ag_sens_run *slow = fast == a ? b : a;
	u64 a2 = ag_x2(top_khz, fast->khz), b2 = ag_x2(top_khz, slow->khz);
	struct ag_pair pair = { .damp = ag_pair_damp(p, a, b) };

	if (b2 - a2 < AG_PAIR_MIN_X2)
		return;
	pair.q = ag_ratio2(div_u64(fast->progress, fast->windows),
			   div_u64(slow->progress, slow->windows));
	if (!pair.q)
		return;
	ag_spans(a2, pair.fast);
	ag_spans(b2, pair.slow);
	if (!ag_share_step(p, &pair,
			   ag_x2(top_khz, p->low_khz ? p->low_khz : top_khz)))
		return;
	if (p->pairs < U16_MAX)
		p->pairs++;
	p->high_khz = max_t(u32, p->high_khz, fast->khz);
	if (!p->low_khz || slow->khz < p->low_khz) {
		p->low_khz = slow->khz;
		p->low_x2 = (u32)b2;
	}
}

static bool ag_same_clock(u32 a, u32 b)
{
	u32 diff = a > b ? a - b : b - a;

	return diff <= max_t(u32, a, b) / AG_SAME_CLOCK_DIV;
}

static void ag_run_add(struct ag_sens_phase *p, struct ag_sens_run *run,
		       const struct ag_rates *r, u32 top_khz)
{
	u64 rate = 0;

	if (run->windows >= 1024)
		return;
	if (ag_valid(r, ACCELGOV_SIG_COMPUTE))
		run->operations += (u32)div_u64((u64)r->compute * r->clock_khz,
						max_t(u32, top_khz, 1));
	if (ag_valid(r, ACCELGOV_SIG_MEMORY))
		run->traffic += r->memory;
	if (r->compute >= AG_SATURATED || r->memory >= AG_SATURATED)
		run->saturated = true;
	run->windows++;
	run->ns += r->window_ns;
	run->valid &= r->valid;
	if (ag_valid(r, ACCELGOV_SIG_PROGRESS))
		rate = div_u64(min_t(u64, r->progress, U64_MAX >> 21) * 1000,
			       ag_busy_of(r));
	ag_learn_noise(p, run->newest, rate);
	run->newest = rate;
	run->progress += rate;
	if (ag_valid(r, ACCELGOV_SIG_POWER))
		run->power_mw += r->power_mw;
}

/* The clock moved inside the episode: what came before becomes comparable. */
static void ag_run_next(struct ag_sens *s, struct ag_sens_phase *p,
			const struct ag_rates *r, u32 top_khz)
{
	if (s->run.windows >= AG_PAIR_MIN_WINDOWS)
		s->before = s->run;
	memset(&s->run, 0, sizeof(s->run));
	s->run.khz = r->clock_khz;
	s->run.valid = r->valid;
	ag_run_add(p, &s->run, r, top_khz);
}

/* Long enough to be compared, and not compared yet? */
static bool ag_run_ripe(const struct ag_sens_run *run)
{
	return !run->compared && run->windows >= AG_PAIR_MIN_WINDOWS &&
	       run->ns >= AG_PAIR_MIN_NS;
}

/*
 * Operations by themselves: they can't rise where the clock falls, nor fall by more
 * than it does.
 */
static bool ag_same_operations(const struct ag_sens_run *a,
			       const struct ag_sens_run *b)
{
	const struct ag_sens_run *fast = a->khz >= b->khz ? a : b;
	const struct ag_sens_run *slow = fast == a ? b : a;
	u32 most = fast->operations / fast->windows;
	u32 seen = slow->operations / slow->windows;
	u32 least = (u32)div_u64((u64)most * slow->khz, max_t(u32, fast->khz, 1));
	u32 slack = max_t(u32, most / AG_SAME_WORK_DIV, 1000 / AG_SAME_MIX_DIV);

	return seen + slack >= least && seen <= most + slack;
}

/*
 * Do both runs show as many operations per byte? Where one of the two is next to
 * nothing, a unit more or less of it is a large part, and no other work.
 */
static bool ag_same_work(const struct ag_sens_run *a,
			 const struct ag_sens_run *b)
{
	u32 both = BIT(ACCELGOV_SIG_COMPUTE) | BIT(ACCELGOV_SIG_MEMORY);
	u64 x = (u64)a->operations * b->traffic;
	u64 y = (u64)b->operations * a->traffic;
	u64 diff = x > y ? x - y : y - x;
	u64 sums = ((u64)a->operations + a->traffic) *
		   ((u64)b->operations + b->traffic);

	if ((a->valid & b->valid & both) != both)
		return true;
	/* A counter that can't rise any more has no proportion. */
	if (a->saturated || b->saturated)
		return ag_same_operations(a, b);
	return diff <= max_t(u64, max_t(u64, x, y) / AG_SAME_WORK_DIV,
			     sums / AG_SAME_MIX_DIV);
}

static void ag_runs_compare(struct ag_sens *s, enum accelgov_phase phase,
			    const struct ag_rates *r,
			    const struct ag_opp_table *t)
{
	struct ag_sens_phase *p = &s->phase[phase];
	u32 known = s->before.valid & s->run.valid;
	u32 top = ag_opp_top_khz(t);

	if (!s->before.windows || !ag_run_ripe(&s->run))
		return;
	s->run.compared = true;
	if (ag_sens_scales(phase) && !ag_same_work(&s->before, &s->run))
		return;
	if (known & BIT(ACCELGOV_SIG_PROGRESS)) {
		ag_learn_time(p, &s->before, &s->run, top);
		if (max_t(u32, s->before.khz, s->run.khz) +
		    top / AG_SAME_CLOCK_DIV >= ag_sens_ref_khz(s, phase, t))
			p->ref_ns = r->time_ns;
	}
	if (known & BIT(ACCELGOV_SIG_POWER) && !(known & AG_CLOCK_INFERRED))
		ag_sens_pair_power(p, &s->before, &s->run, t);
}

/* Does a window show its clock and its phase, and nothing before? */
static bool ag_came(struct ag_sens *s, const struct ag_rates *r)
{
	bool steady = s->last_khz && ag_same_clock(s->last_khz, r->clock_khz);

	s->last_khz = r->clock_khz;
	return steady || r->window_ns < AG_LONG_WINDOW_NS ||
	       !(r->valid & AG_CLOCK_MOMENT) ||
	       !(r->valid & AG_PROGRESS_INFERRED);
}

static void ag_learn_window(struct ag_sens *s, enum accelgov_phase phase,
			    const struct ag_rates *r, bool at_top,
			    const struct ag_opp_table *t)
{
	struct ag_sens_phase *p = &s->phase[phase];
	u32 top = ag_opp_top_khz(t);
	bool came;

	if (!ag_valid(r, ACCELGOV_SIG_CLOCK) || !r->clock_khz)
		return;
	ag_sens_learn_ref(s, phase, r->clock_khz, r->time_ns, at_top);
	if (ag_valid(r, ACCELGOV_SIG_COMPUTE) && ag_sens_scales(phase))
		p->share = ag_ewma(p->share, ag_share_seen(r, phase, top), 3);
	else if (ag_valid(r, ACCELGOV_SIG_MEMORY) &&
		 phase == ACCELGOV_PHASE_MEMORY)
		p->share = ag_ewma(p->share, ag_share_left(s, r, top), 3);
	else if (!ag_valid(r, ACCELGOV_SIG_MEMORY) && ag_sens_scales(phase))
		/* Nobody counts anything: any work may scale. */
		p->share = ag_ewma(p->share, AG_ONE, 3);
	came = ag_came(s, r);
	ag_sens_learn_power(p, r, came, t);
	if (!came)
		return;
	if (!ag_sens_scales(phase) && (!ag_sens_may_scale(phase) ||
				       r->valid & AG_PROGRESS_INFERRED))
		return;
	if (s->run.windows && ag_same_clock(s->run.khz, r->clock_khz))
		ag_run_add(p, &s->run, r, top);
	else
		ag_run_next(s, p, r, top);
	ag_runs_compare(s, phase, r, t);
}

/**
 * ag_sens_believe() - take models for what they say, at any clock
 * @s: state
 *
 * For whoever only looks: a second clock is never seen, and nothing is lost by a
 * model that is wrong.
 */
void ag_sens_believe(struct ag_sens *s)
{
	int i;

	for (i = 0; i < ACCELGOV_PHASE_NR; i++) {
		s->phase[i].low_khz = 1;
		s->phase[i].high_khz = U32_MAX;
		s->phase[i].low_x2 = AG_X2_MAX;
	}
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
 * ag_sens_phase_change() - an episode ended, another began
 * @s: state
 */
void ag_sens_phase_change(struct ag_sens *s)
{
	memset(&s->run, 0, sizeof(s->run));
	memset(&s->before, 0, sizeof(s->before));
	s->pending_valid = false;
	s->last_khz = 0;
}
