// SPDX-License-Identifier: GPL-2.0
/*
 * Workloads: what kind of job it is
 *
 * Observation. Training repeats: compute, an exposed collective, an optimiser
 * pass over all parameters, and from the start again, for days, with nearly
 * constant step time. Serving does not: requests arrive, short compute bursts
 * (prefill) interrupt long memory-bound stretches (decode), and when no request
 * is there the device is loaded and idle. Neither is told apart by one window;
 * over ten seconds both are obvious. Data-parallel training that hides its
 * all-reduce shows no collective at all, and windows of 100 ms blur an optimiser
 * of 30 ms away: then only the rhythm is left, or that arithmetic never ends.
 *
 * Model. The time spent in each phase, forgotten with a half-life of
 * AG_HALF_LIFE_NS, the distances of the last collectives, one a step, and the
 * rhythm of memory activity (rhythm.c) at two resolutions.
 *
 * Algorithm, per window:
 *  1. Add the window to its phase's share; every half-life halve all shares.
 *     Memory activity, or where it is not known compute activity, goes into both
 *     rhythms; where both are known, how much more traffic there is than arithmetic.
 *     Of an optimizer that takes 20 ms of a window of 100 traffic alone shows too
 *     little: 62 per mille more than arithmetic has on an H200, and pipes 150 less.
 *     Quiet phases are pauses of the rhythm.
 *  2. A change into the link phase ends a training step when the last one is
 *     at least AG_STEP_MIN_MS old (a step may contain several collectives) and,
 *     once a rhythm is known, three quarters of its period. Its length goes
 *     into a ring of eight.
 *  3. Training, any of these:
 *     - the shares show compute, collectives in them take at least
 *       AG_LINK_SHARE_PERMILLE, memory-bound work is the smaller part, and one step
 *       has been seen whole. Where link or pipes are not measured a collective is a
 *       guess, and they must take AG_GUESS_SHARE_PERMILLE;
 *     - there is a rhythm, memory-bound work is at most a fifth of compute and
 *       the device is loaded and idle for at most a quarter of the active time, or for
 *       as long as it is active when the rhythm is strong: a job that began a while
 *       ago, and has saved its state since, is no more than that;
 *     - arithmetic went on for AG_BUSY_MS. Decode takes ten times its length off
 *       that, mixed work, which is half of it decode, five times, and idleness twice;
 *     - its state is saved at equal distances (pause.c), however long it rests.
 *     Where nobody knows what is queued, the first and the third count only while
 *     quiet takes at most a third of the active time: it would all be called a
 *     wait for input otherwise. With more of it training by the other two goes on,
 *     what was training is unknown, and anything else stays what it was.
 *     The spread of the step times is published and does not decide: stalls and
 *     checkpoints stretch honest steps.
 *  4. Inference: memory-bound work is at least a fifth of the active time and
 *     collectives take less than their share; tensor-parallel layers keep the
 *     link busy inside steps but never let it dominate a window.
 *  5. Otherwise the workload stays what it was: an hour of idleness does not
 *     turn a server into something unknown. Only rest without a known queue (3) and
 *     another kind of job change it.
 *
 * Before a collective has ended a step the step time is the period of the rhythm,
 * and half its resolution the spread. Steps shorter than eight windows may show
 * as a multiple of themselves.
 *
 * A server that only prefills, without a pause, is taken for training: nothing
 * in its signals says otherwise.
 *
 * Constants. Step times from 50 ms (small models) to minutes are in the field;
 * exposed collectives take 2 to 20 % of a step (Perseus, SOSP'24; POLCA,
 * ASPLOS'24 give dips of that width). AG_LINK_SHARE_PERMILLE is half of the smallest,
 * AG_GUESS_SHARE_PERMILLE above what misnamed windows of serving reach in replay. Half a
 * minute without a decode step or a gap is far beyond any batch of prompts. A strong
 * rhythm is what one late step in six leaves of a regular one (rhythm.c). A second of
 * work, AG_ACTIVE_MIN_US, says nothing yet: it may be one prompt.
 */
#include "workload.h"

#define AG_HALF_LIFE_NS		(10 * NSEC_PER_SEC)
#define AG_STEP_MIN_MS		40
#define AG_LINK_SHARE_PERMILLE	10
#define AG_GUESS_SHARE_PERMILLE	30
#define AG_MEMORY_SHARE_PERMILLE	200
#define AG_BUSY_MS		30000
#define AG_STRONG_PERMILLE	600
#define AG_FINE_MS		100
#define AG_COARSE_MS		1000
#define AG_ACTIVE_MIN_US	1000000

/**
 * ag_workload_init() - start with nothing known
 * @w: state
 * @now_ns: time
 */
void ag_workload_init(struct ag_workload *w, u64 now_ns)
{
	memset(w, 0, sizeof(*w));
	w->decayed_ns = now_ns;
	w->since_ns = now_ns;
	ag_rhythm_init(&w->fine, AG_FINE_MS);
	ag_rhythm_init(&w->coarse, AG_COARSE_MS);
}

static void ag_workload_decay(struct ag_workload *w, u64 now_ns)
{
	int i;

	if (now_ns - w->decayed_ns < AG_HALF_LIFE_NS)
		return;
	for (i = 0; i < ACCELGOV_PHASE_NR; i++)
		w->share_us[i] /= 2;
	w->decayed_ns = now_ns;
}

/* The rhythm that was found, NULL for none. */
static const struct ag_rhythm *ag_workload_rhythm(const struct ag_workload *w)
{
	if (w->fine.period_ms)
		return &w->fine;
	return w->coarse.period_ms ? &w->coarse : NULL;
}

static void ag_workload_step(struct ag_workload *w, u64 now_ns)
{
	const struct ag_rhythm *rhythm = ag_workload_rhythm(w);
	u64 ms = div_u64(now_ns - w->step_start_ns, NSEC_PER_MSEC);

	if (!w->step_start_ns) {
		w->step_start_ns = now_ns;
		return;
	}
	if (ms < AG_STEP_MIN_MS)
		return;
	if (rhythm && ms < rhythm->period_ms - rhythm->period_ms / 4)
		return;
	w->step_ms[w->steps % AG_WORKLOAD_STEPS] = (u32)min_t(u64, ms, U32_MAX);
	if (w->steps < U32_MAX)
		w->steps++;
	w->step_start_ns = now_ns;
}

static u32 ag_workload_period_ms(const struct ag_workload *w,
				 u32 *ret_spread_permille)
{
	const struct ag_rhythm *rhythm = ag_workload_rhythm(w);

	if (!rhythm || w->now != ACCELGOV_WORKLOAD_TRAINING)
		return 0;
	*ret_spread_permille = rhythm->slot_ns / NSEC_PER_USEC / 2 /
			       rhythm->period_ms;
	return rhythm->period_ms;
}

/**
 * ag_workload_step_ms() - length of a training step
 * @w: state
 * @ret_spread_permille: mean absolute deviation over the mean; of a rhythm half
 *	its resolution
 *
 * Return: mean of the last steps in milliseconds, 0 before the first; then
 * @ret_spread_permille is 0 too.
 */
u32 ag_workload_step_ms(const struct ag_workload *w, u32 *ret_spread_permille)
{
	u32 nr = min_t(u32, w->steps, AG_WORKLOAD_STEPS);
	u64 sum = 0, dev = 0;
	u32 mean, i;

	*ret_spread_permille = 0;
	if (!nr)
		return ag_workload_period_ms(w, ret_spread_permille);
	for (i = 0; i < nr; i++)
		sum += w->step_ms[i];
	mean = (u32)div_u64(sum, nr);
	for (i = 0; i < nr; i++)
		dev += w->step_ms[i] > mean ? w->step_ms[i] - mean :
					      mean - w->step_ms[i];
	if (mean)
		*ret_spread_permille = (u32)div64_u64(dev * 1000,
						      (u64)mean * nr);
	return mean;
}

static bool ag_workload_repeats(const struct ag_workload *w, u64 compute,
				u64 memory, u64 active)
{
	u64 idle = w->share_us[ACCELGOV_PHASE_LOADED_IDLE];
	const struct ag_rhythm *rhythm = ag_workload_rhythm(w);

	if (!rhythm || compute < 5 * memory)
		return false;
	return rhythm->strength >= AG_STRONG_PERMILLE ? idle <= active :
							idle * 4 <= active;
}

/*
 * Where nobody counts what is queued, a job that trains makes any quiet a wait
 * for input. Nobody waits for most of the time.
 */
static bool ag_workload_rests(const struct ag_workload *w, u64 active)
{
	return (u64)w->share_us[ACCELGOV_PHASE_LOADED_IDLE] +
	       w->share_us[ACCELGOV_PHASE_STALL] > active / 3;
}

static enum accelgov_workload ag_workload_judge(const struct ag_workload *w,
						const struct ag_rates *r)
{
	bool measured = ag_valid(r, ACCELGOV_SIG_LINK) &&
			ag_valid(r, ACCELGOV_SIG_COMPUTE);
	const u32 *us = w->share_us;
	u64 link = us[ACCELGOV_PHASE_LINK];
	u64 memory = us[ACCELGOV_PHASE_MEMORY] +
		     us[ACCELGOV_PHASE_MIXED] / 2;
	u64 compute = us[ACCELGOV_PHASE_COMPUTE] +
		      us[ACCELGOV_PHASE_MIXED] / 2;
	u64 active = link + memory + compute;
	u32 share = measured ? AG_LINK_SHARE_PERMILLE : AG_GUESS_SHARE_PERMILLE;

	if (active < AG_ACTIVE_MIN_US)
		return w->now;
	if (w->saves || ag_workload_repeats(w, compute, memory, active))
		return ACCELGOV_WORKLOAD_TRAINING;
	if (!ag_valid(r, ACCELGOV_SIG_QUEUE) && ag_workload_rests(w, active))
		return w->now == ACCELGOV_WORKLOAD_TRAINING ?
		       ACCELGOV_WORKLOAD_UNKNOWN : w->now;
	if (w->busy_ms >= AG_BUSY_MS)
		return ACCELGOV_WORKLOAD_TRAINING;
	if (link * 1000 >= active * share) {
		if (w->steps >= 1 && compute > memory)
			return ACCELGOV_WORKLOAD_TRAINING;
		return w->now;
	}
	if (memory * 1000 >= active * AG_MEMORY_SHARE_PERMILLE)
		return ACCELGOV_WORKLOAD_INFERENCE;
	return w->now;
}

/* How long arithmetic has gone on, other work taking off more than its time. */
static void ag_workload_busy(struct ag_workload *w, enum accelgov_phase phase,
			     u32 ms)
{
	u32 less = 0;

	if (phase == ACCELGOV_PHASE_COMPUTE || phase == ACCELGOV_PHASE_LINK)
		w->busy_ms = min_t(u32, w->busy_ms + ms, 2 * AG_BUSY_MS);
	else if (phase == ACCELGOV_PHASE_MEMORY)
		less = 10 * ms;
	else if (phase == ACCELGOV_PHASE_MIXED)
		less = 5 * ms;
	else if (phase == ACCELGOV_PHASE_LOADED_IDLE ||
		 phase == ACCELGOV_PHASE_IDLE)
		less = 2 * ms;
	w->busy_ms -= min_t(u32, w->busy_ms, less);
}

static bool ag_workload_quiet(enum accelgov_phase phase)
{
	return phase == ACCELGOV_PHASE_LOADED_IDLE || phase == ACCELGOV_PHASE_IDLE ||
	       phase == ACCELGOV_PHASE_STALL || phase == ACCELGOV_PHASE_CHECKPOINT;
}

static void ag_workload_listen(struct ag_workload *w, enum accelgov_phase phase,
			       const struct ag_rates *r)
{
	u32 value;

	if (ag_workload_quiet(phase)) {
		ag_rhythm_pause(&w->fine, r->window_ns);
		ag_rhythm_pause(&w->coarse, r->window_ns);
		return;
	}
	if (ag_valid(r, ACCELGOV_SIG_MEMORY) && ag_valid(r, ACCELGOV_SIG_COMPUTE))
		value = (1000 + r->memory - r->compute) / 2;
	else if (ag_valid(r, ACCELGOV_SIG_MEMORY))
		value = r->memory;
	else if (ag_valid(r, ACCELGOV_SIG_COMPUTE))
		value = r->compute;
	else
		return;
	ag_rhythm_add(&w->fine, value, r->window_ns);
	ag_rhythm_add(&w->coarse, value, r->window_ns);
}

/**
 * ag_workload_update() - take one window into account
 * @w: state
 * @phase: phase that the window was named
 * @changed: it began with this window
 * @r: rates of the window
 *
 * Return: true when the published workload changed.
 */
bool ag_workload_update(struct ag_workload *w, enum accelgov_phase phase,
			bool changed, const struct ag_rates *r)
{
	u64 us = div_u64(r->window_ns, NSEC_PER_USEC);
	enum accelgov_workload judged;

	ag_workload_decay(w, r->time_ns);
	ag_workload_listen(w, phase, r);
	ag_workload_busy(w, phase, (u32)div_u64(us, USEC_PER_MSEC));
	w->share_us[phase] = (u32)min_t(u64, U32_MAX / 4,
					w->share_us[phase] + us);
	if (changed && phase == ACCELGOV_PHASE_LINK)
		ag_workload_step(w, r->time_ns);

	judged = ag_workload_judge(w, r);
	if (judged == w->now)
		return false;
	w->now = judged;
	w->since_ns = r->time_ns;
	return true;
}
