// SPDX-License-Identifier: GPL-2.0
/*
 * Phases: what the engines do now
 *
 * Observation. "Busy" says nothing: prefill, decode, training and a spinning
 * all-reduce all read 100 %. What differs is which part of the chip limits the
 * rate. Arithmetic pipes near their limit: compute. Memory near its limit and
 * pipes mostly waiting: memory. Neither, although busy: a kernel that spins in
 * a collective, whether or not the interconnect counts bytes. Nothing busy: the
 * queue, the host link and the resident contexts say whether a job waits, saves
 * its state, or is not there at all.
 *
 * Few collectors know all of that. A board without pipe counters still tells
 * memory utilisation: on B300 prefill shows 24 %, training 27 %, decode 87 %,
 * and a wait nothing, at a fifth of the power. Where the borders lie differs
 * from board to board and from job to job, hence they are learned.
 *
 * Model. A window is a sum over time: half of it prefill and half of it decode
 * shows the mean of both. Against the level that each kind reaches alone on this
 * device, activity is therefore the share of the window that it filled, and the
 * border between two kinds is half way between their levels. What a clock does to
 * activities is taken out first (parts.c).
 *
 * Algorithm, per window:
 *  1. Less than half of the window busy: the window belongs to one of the quiet
 *     phases. Host link at or above 300 per mille: checkpoint. No context: idle. A
 *     job that is known to train, nothing queued, and the link has shown slower
 *     copying for a while: checkpoint until the pause ends (pause.c). Work submitted
 *     and not running: input stall. Otherwise loaded idle; where no queue depth is
 *     known, a job that is known to train is taken to wait, or to save its state where
 *     no host link is known either and the pause looks like that (pause.c). Where busy
 *     time is not known, the window is quiet when every engine is known and below
 *     AG_QUIET_PERMILLE. Windows that are all busy for the same part are no straddle:
 *     short steps with gaps, which are named, and go on to be while any part is busy.
 *  2. Bring everything to the busy part, and work to the top clock (parts.c).
 *  3. Host link active, pipes below 150 and memory below half of it: checkpoint
 *     (a copy engine is busy).
 *  4. A wait in a collective: link at or above 450 and above both pipes; or pipes
 *     and memory together below half of what they show when they work. Without
 *     pipes memory has to be below half of its level in arithmetic. That says much
 *     where arithmetic has much traffic; the less it has, the more the link is
 *     heard, up to being the only witness. Further witnesses: a link that is as
 *     busy as in a wait; power near the lowest of the device; and against a wait
 *     power above that, or a board that runs slower than it was told to, for its
 *     limiter has nothing to do in a wait. Below AG_SLOW_PERMILLE of the top clock all
 *     power is low, and only high power says something. Power is late by a window: it
 *     is heard once three windows have shown the same engines, and what has risen by
 *     an eighth of the range while they stayed the same is theirs at once.
 *  5. Compute against memory. A window like its predecessor shows one kind of
 *     work: the greater at the top clock names it. Another one straddles a change:
 *     each counts against its own level, and the greater share wins.
 *  6. Without pipes, memory against the middle of its two levels: at the top clock
 *     where windows are steady, and where they straddle a change, as sums over time,
 *     at the clock that they ran at. Where that leaves doubt and windows are steady,
 *     power near the highest of the device speaks for arithmetic, at the clocks at
 *     which low power says something too. A window right after a wait that is
 *     not steady, with more traffic than arithmetic ever has, holds memory-bound
 *     work and the rest of the wait: it goes to the longer one of these. That is
 *     how an optimizer of half a window is seen. Steady windows between the levels
 *     with more power than memory-bound work takes, which is less at a lower clock, are
 *     mixed, up to the traffic that leaves no time for as much arithmetic, of the time
 *     that the link leaves (parts.c). Where power says nothing, either a measured
 *     clock or a level of memory-bound work that was seen has to vouch for what is
 *     between. A measured clock also says from which traffic on there can't be much more
 *     arithmetic; without one the border is nearer the middle, and above what arithmetic
 *     has shown.
 *  7. A step that needs as much of both at the top clock is mixed. Half a step of each
 *     kind shows as much of both too, but less: what overlaps adds up as the root of
 *     the sum of squares, to as much as memory-bound work shows alone, or before any was
 *     seen to a full window but for what sensors are wrong by, the link's time beside
 *     it; what takes turns adds up to 0.85 of that. So a short balanced window that is
 *     full is mixed at once. At a low clock memory is slower, and one that is like its
 *     predecessor may show a tenth less. Windows of AG_LONG_WINDOW_NS hold many steps.
 *  8. Work that is really interleaved looks like a straddling window for ever:
 *     after AG_MIXED_VOTES balanced windows in a row, after two that are alike as
 *     well, for two halves don't fall alike twice, or after one long one like its
 *     predecessor, the phase is mixed, and stays so until windows are unbalanced.
 *     For AG_MIXED_MEMORY windows after that a single one is enough, without pipes
 *     also one that is not steady: it is more often the first of mixed work than half
 *     of each of two others, and where the clock is measured, it is mixed for
 *     the greater part from half way between arithmetic and the edge on.
 *  9. Clarity is the margin of the decision, less what nobody could see (clarity.c). A
 *     change that is clear
 *     is believed at once, any other after two windows: clear changes cost one
 *     window of delay, noise costs no switch. Windows of AG_LONG_WINDOW_NS have
 *     averaged their noise and their successor is far: they need little. Windows
 *     that show no engine at all end a phase in the same way: it is then unknown.
 * 10. Levels move by an eighth with each steady window of the phase that stands,
 *     the activity of pipes and memory together by a sixteenth. The most and the
 *     least traffic of arithmetic and the most of memory-bound work go a quarter of
 *     the way outwards and one per mille back: work of one kind differs, and the
 *     extremes are what tells it from another. Memory-bound work teaches its level only
 *     where it can't be mixed: else mixed work that is misnamed takes the level down to
 *     its own, and is misnamed for good. Lowest and highest power follow at
 *     once outwards and take 2^14 windows back.
 * 11. Where a limiter sets a clock that nobody reads, the most traffic of late is the
 *     level of memory-bound work (limited.h).
 *
 * Constants. Loaded idle as "all engines below 5 %" follows the definition of
 * execution idle in the study of 756 GPUs (arXiv 2605.23918); the 300 and 450
 * per mille are the middle between what the respective phases show (host link
 * of a checkpoint: near saturation, of input: below 100; link during an exposed
 * collective: near 1000, of tensor-parallel layers: below 300). Levels begin at
 * what B300 shows (24 and 87 % of memory, see above) and with pipes that reach
 * 85 %. Before arithmetic was seen in AG_LEVEL_SEEN windows it is taken to have
 * AG_MEMORY_LEAST of traffic at least. Where power says mixed was found by replay
 * over drawn devices: decode takes half of what arithmetic does above the lowest.
 * AG_MIXED_EDGE is where a full window has 1.27 times as much traffic as arithmetic, the
 * ratio behind AG_BALANCED_PERMILLE; three quarters of that, 590, is where it has as
 * much less, but for the 5 % by which a board's sensors may be wrong. Where the level of
 * memory-bound work itself is lower the edge is a tenth below it, or such work would be
 * mixed: 10 per mille of macro F1 with NVML-like sensors (replay). Power tells a wait
 * from work where it ranges over an AG_WAIT_DIV-th of the lowest, for that is the
 * range's lower end; what lies within the range needs an AG_POWER_DIV-th. With the
 * former for both, a board that had shown no quiet, only 85 to 104 W of work, took 43 %
 * of arithmetic for mixed (replay). AG_POWER_ROSE is the middle of the range.
 * AG_SENSORS_PERMILLE is how far sensors are off (parts.c), AG_MIXED_OVER half of that,
 * two steps of a utilisation in whole per cent. AG_WHOLE_SLOW_DIV is from what an A100
 * and an H100 show of balanced prefill at their idle clock: 0.96 and 0.93 of the window.
 *
 * How flat it is there, by naming --drawn 4 --duration 300 (selftests/bench/naming.c),
 * macro F1 in per mille with all signals, NVML and basic (996, 954 and 884 as it is):
 * with AG_STEADY_PERMILLE of 100 and 200, AG_WHOLE_SLOW_DIV of 5 and 19, AG_MIXED_OVER
 * of 0 and 50 and AG_HELD_SAYS of 300 and 1000 the same to 0.3. With AG_SURE_PERMILLE of
 * 150 0.8 more with all signals, with 400 2.7 less, and changes named after 2.0 windows
 * (p95), not 1.6. With AG_BALANCED_PERMILLE of 80 0.7 less, with 180 32 less. With
 * AG_POWER_ROSE of 300 0.9 less with NVML, of 700 0.8 less with basic. With
 * AG_MIXED_MEMORY of 64 1.1 less with NVML and 2.0 with basic. Rule 11 makes 12 more with
 * basic, mean of seeds 1, 7, 100, 200, 300, 500, 600 and 900 of 600 s.
 */
#include "clarity.h"
#include "limited.h"
#include "parts.h"
#include "phase.h"
#include "root.h"

#define AG_BUSY_PERMILLE	500
#define AG_CHECKPOINT_PERMILLE	300
#define AG_COPY_PERMILLE	4
#define AG_LINK_PERMILLE	450
#define AG_PIPES_OFF_PERMILLE	150
#define AG_SURE_PERMILLE	250
#define AG_SURE_LONG_PERMILLE	10
#define AG_BALANCED_PERMILLE	120
#define AG_WHOLE_SLOW_DIV	9
#define AG_MIXED_VOTES		3
#define AG_MIXED_MEMORY		256
#define AG_VOTES		2
#define AG_STEADY_PERMILLE	150
#define AG_SLOW_PERMILLE	700
#define AG_POWER_LATE		2
#define AG_POWER_ROSE		500
#define AG_POWER_DIV		4
#define AG_WAIT_DIV		8
#define AG_MEMORY_SAYS		300
#define AG_HELD_SAYS		600
#define AG_MIXED_SCORE		450
#define AG_MIXED_EDGE		786
#define AG_MIXED_STAYS		550
#define AG_MIXED_OVER		25
#define AG_SENSORS_PERMILLE	50
#define AG_MIXED_POWER		500
#define AG_MIXED_SURE		750
#define AG_LEVEL_SEEN		8
/* Levels before any were seen. */
#define AG_MEMORY_LOW		250
#define AG_MEMORY_LOW_MAX	600
#define AG_MEMORY_LEAST		100
#define AG_MEMORY_HIGH		850
#define AG_MEMORY_HIGH_MIN	650
#define AG_COMPUTE_HIGH		850
#define AG_COMPUTE_HIGH_MIN	400
#define AG_ACTIVITY		600
/* Half an item on average over the window: something is queued. */
#define AG_QUEUED_MILLI		500

static u32 ag_diff(u32 a, u32 b)
{
	return a > b ? a - b : b - a;
}

static u32 ag_margin(u32 a, u32 b)
{
	u32 sum = a + b;

	return sum ? ag_diff(a, b) * 1000 / sum : 0;
}

static bool ag_all(const struct ag_rates *r, u32 signals)
{
	return (r->valid & signals) == signals;
}

static bool ag_is_partial(u32 busy)
{
	return busy >= AG_QUIET_PERMILLE && busy < AG_BUSY_PERMILLE;
}

/*
 * Is most of the window quiet? Only then @ret_active is set: how much is not.
 * A window that is partly busy straddles a change; when all are, work comes
 * with gaps, and what it does counts.
 */
static bool ag_is_quiet(const struct ag_phase *p, const struct ag_rates *r,
			u32 *ret_active)
{
	u32 active;

	if (ag_valid(r, ACCELGOV_SIG_BUSY)) {
		if (r->busy >= AG_BUSY_PERMILLE)
			return false;
		if (ag_is_partial(r->busy) && p->partial >= AG_VOTES)
			return false;
		*ret_active = r->busy;
		return true;
	}
	if (!ag_all(r, BIT(ACCELGOV_SIG_COMPUTE) | BIT(ACCELGOV_SIG_MEMORY) |
		       BIT(ACCELGOV_SIG_LINK)))
		return false;
	active = max_t(u32, max_t(u32, r->compute, r->memory), r->link);
	if (active >= AG_QUIET_PERMILLE)
		return false;
	*ret_active = active;
	return true;
}

/*
 * Work that runs is in the queue too: at least as much as the device is busy.
 * How much more cannot be told, so a stall is sure only when nothing runs.
 */
static enum accelgov_phase ag_classify_waiting(const struct ag_rates *r,
					       u32 active, u32 *margin)
{
	if (r->queue < AG_QUEUED_MILLI + active)
		return ACCELGOV_PHASE_LOADED_IDLE;
	if (active >= AG_QUIET_PERMILLE)
		*margin = min_t(u32, *margin, AG_SURE_PERMILLE - 1);
	return ACCELGOV_PHASE_STALL;
}

static bool ag_is_queued(const struct ag_rates *r)
{
	return ag_valid(r, ACCELGOV_SIG_QUEUE) && r->queue >= AG_QUEUED_MILLI;
}

static enum accelgov_phase ag_classify_quiet(const struct ag_phase *p,
					     const struct ag_rates *r,
					     u32 active, bool training,
					     u32 *ret_margin)
{
	*ret_margin = 1000 - active;
	if (ag_valid(r, ACCELGOV_SIG_HOST) && r->host >= AG_CHECKPOINT_PERMILLE)
		return ACCELGOV_PHASE_CHECKPOINT;
	if (ag_valid(r, ACCELGOV_SIG_CONTEXTS) &&
	    r->contexts < AG_QUEUED_MILLI)
		return ACCELGOV_PHASE_IDLE;
	if (training && ag_pause_is_copy(&p->pause) && !ag_is_queued(r)) {
		*ret_margin /= 2;
		return ACCELGOV_PHASE_CHECKPOINT;
	}
	if (ag_valid(r, ACCELGOV_SIG_QUEUE))
		return ag_classify_waiting(r, active, ret_margin);
	*ret_margin /= 2;
	if (!training || ag_pause_is_end(&p->pause))
		return ACCELGOV_PHASE_LOADED_IDLE;
	if (!ag_valid(r, ACCELGOV_SIG_HOST) && ag_pause_is_save(&p->pause))
		return ACCELGOV_PHASE_CHECKPOINT;
	return ACCELGOV_PHASE_STALL;
}

/*
 * Where the power of a window lies in what the device has shown, per mille. That has to
 * be a range of a @div-th of the lowest at least.
 */
static bool ag_power_at(const struct ag_phase *p, const struct ag_rates *r,
			u32 div, u32 *ret_at)
{
	u32 range = p->power_high - p->power_low;

	if (!ag_valid(r, ACCELGOV_SIG_POWER) || !range ||
	    range < p->power_low / div)
		return false;
	if (r->power_mw <= p->power_low)
		*ret_at = 0;
	else
		*ret_at = (u32)min_t(u64, 1000, div_u64((u64)(r->power_mw -
					p->power_low) * 1000, range));
	return true;
}

/* Power is late: it is heard once windows have been steady for a while. */
static bool ag_power_heard(const struct ag_phase *p, const struct ag_rates *r,
			   bool slow, u32 div, u32 *ret_at)
{
	return !slow && p->alike >= AG_POWER_LATE &&
	       ag_power_at(p, r, div, ret_at);
}

/* Traffic that arithmetic has at least, with a careful guess to begin with. */
static u32 ag_working(const struct ag_phase *p)
{
	if (p->low_seen < AG_LEVEL_SEEN)
		return AG_MEMORY_LEAST;
	return p->memory_least < p->memory_low / 2 ? p->memory_least :
						     p->memory_low;
}

/*
 * What power says of a wait. High power is work at any clock, low power a wait at a high
 * one alone. Power that rises while engines go on as before is theirs, however late.
 */
static s32 ag_wait_power(const struct ag_phase *p, const struct ag_rates *r,
			 bool slow)
{
	u32 at = 0;
	bool known = ag_power_at(p, r, AG_WAIT_DIV, &at);

	if (known && p->alike >= AG_POWER_LATE)
		return clamp_t(s32, 4 * (250 - (s32)at), -1000, slow ? 0 : 600);
	if (known && p->rose && at >= AG_POWER_ROSE)
		return -1000;
	return p->held && p->steady ? -AG_HELD_SAYS : 0;
}

/*
 * Positive: as low as in a wait. The less traffic arithmetic has on this device,
 * the less its absence says, and the more the link does.
 */
static s32 ag_wait_score(const struct ag_phase *p, const struct ag_rates *r,
			 const struct ag_parts *w, bool slow)
{
	u32 level = ag_working(p);
	s32 half = (s32)max_t(u32, level / 2, 50), score;
	s32 say = (s32)min_t(u32, level, AG_MEMORY_SAYS);

	score = ((s32)level / 2 - (s32)w->memory_top) * 1000 / half;
	score = clamp_t(s32, score, -1000, 1000) *
		(score > 0 ? say : AG_MEMORY_SAYS);
	if (w->link > AG_LINK_PERMILLE)
		score += 2 * (s32)(w->link - AG_LINK_PERMILLE) *
			 (AG_MEMORY_SAYS - say);
	score /= AG_MEMORY_SAYS;
	/* A link that is as busy as in a wait; it may be read a little later. */
	if (p->link_high && w->link > p->link_high / 2)
		score += min_t(s32, 300, (s32)(w->link - p->link_high / 2) *
			       600 / (s32)p->link_high);
	return score + ag_wait_power(p, r, slow);
}

/* Waiting in a collective: busy, and no engine does much. */
static bool ag_is_link(const struct ag_phase *p, const struct ag_rates *r,
		       const struct ag_parts *w, bool slow, u32 *ret_margin)
{
	u32 pipes = max_t(u32, w->compute, w->memory);
	s32 score;

	if (w->link >= AG_LINK_PERMILLE && w->link > pipes &&
	    (ag_valid(r, ACCELGOV_SIG_COMPUTE) ||
	     !ag_valid(r, ACCELGOV_SIG_MEMORY))) {
		*ret_margin = ag_margin(w->link, pipes);
		return true;
	}
	if (ag_all(r, BIT(ACCELGOV_SIG_COMPUTE) | BIT(ACCELGOV_SIG_MEMORY))) {
		if (w->activity >= p->activity / 2)
			return false;
		*ret_margin = ag_margin(p->activity / 2, w->activity);
		return true;
	}
	if (!ag_valid(r, ACCELGOV_SIG_MEMORY))
		return false;
	score = ag_wait_score(p, r, w, slow);
	if (score <= 0)
		return false;
	*ret_margin = min_t(u32, (u32)score / 2, 500);
	return true;
}

/*
 * Steady windows show one kind of work: what bounds it at the top clock. Others
 * show two kinds one after the other: whichever filled more of the window.
 */
static enum accelgov_phase ag_by_pipes(const struct ag_phase *p,
				       const struct ag_parts *w,
				       u32 *ret_margin)
{
	u32 compute = w->compute_top, memory = w->memory;

	if (!p->steady) {
		compute = w->compute * 1000 / p->compute_high;
		memory = memory * 1000 / p->memory_high;
	}
	*ret_margin = ag_margin(compute, memory);
	return compute >= memory ? ACCELGOV_PHASE_COMPUTE :
				   ACCELGOV_PHASE_MEMORY;
}

/*
 * A window that follows a wait holds the rest of it. Traffic that arithmetic does
 * not reach is memory-bound work then, with nothing but the wait beside it.
 */
static bool ag_after_wait(const struct ag_phase *p, const struct ag_parts *w)
{
	return !p->steady && p->now == ACCELGOV_PHASE_LINK &&
	       w->memory_top > p->memory_most + p->memory_most / 4;
}

/* Memory activity of memory-bound work. */
static u32 ag_memory_high(const struct ag_phase *p)
{
	return ag_is_limited(p) ? p->traffic / AG_TRAFFIC_ONE : p->memory_high;
}

/* Less traffic than this leaves time for as much arithmetic. */
static u32 ag_edge_below(u32 high)
{
	return min_t(u32, AG_MIXED_EDGE, high * 9 / 10);
}

/*
 * Traffic between both levels. A measured clock tells how much arithmetic there is beside
 * it; without one, levels are off where a limiter is at work, and a window has to be well
 * between them, and above what arithmetic has shown. Windows that straddle a change
 * are mixed from half way on.
 */
static bool ag_is_between(const struct ag_phase *p, const struct ag_parts *w,
			  bool told, s32 score)
{
	s32 most = p->now == ACCELGOV_PHASE_MIXED ? AG_MIXED_STAYS :
						    AG_MIXED_SCORE;
	u32 edge = ag_edge_below(ag_memory_high(p));

	if (w->memory_top >= edge ||
	    w->memory_left >= edge + edge * AG_SENSORS_PERMILLE / 1000)
		return false;
	if (told && !p->steady)
		return w->memory_top >= (p->memory_low + edge) / 2;
	if (score <= (ag_is_limited(p) ? -AG_MIXED_SCORE : -AG_MIXED_SCORE / 2))
		return false;
	if (told)
		return w->memory_top >= edge * 3 / 4;
	return score < most && w->memory_top > p->memory_most + AG_MIXED_OVER;
}

/*
 * Between both levels and at more power than memory-bound work takes: both kinds at
 * once. Power has its say as soon as it is heard; a lower clock takes less of it. Other
 * windows than steady ones straddle something, unless there was mixed work of late.
 */
static bool ag_between(const struct ag_phase *p, const struct ag_rates *r,
		       const struct ag_parts *w, bool slow, s32 score)
{
	bool told = ag_is_told(r);
	bool sure = told || p->high_seen >= AG_LEVEL_SEEN || ag_is_limited(p);
	u32 at;

	if ((!p->steady && !p->mixed_left) || p->low_seen < AG_LEVEL_SEEN ||
	    !ag_is_between(p, w, told, score))
		return false;
	if (ag_power_heard(p, r, slow, AG_POWER_DIV, &at))
		return at * 1000 >= w->clock * (sure ? AG_MIXED_POWER :
						       AG_MIXED_SURE);
	return sure;
}

/* Without pipes: memory against the levels of the device, then power. */
static enum accelgov_phase ag_by_memory(const struct ag_phase *p,
					const struct ag_rates *r,
					const struct ag_parts *w, bool slow,
					u32 *ret_margin)
{
	bool waited = ag_after_wait(p, w);
	s32 low = (s32)p->memory_low, high = (s32)ag_memory_high(p);
	s32 memory = (s32)w->memory_top, score;
	u32 at;

	/* What straddles a change is a sum over time, at the clock that it ran at. */
	if (!p->steady) {
		low = waited ? 0 : (s32)ag_memory_at((u32)low, 1000000 / w->clock);
		high = (s32)ag_memory_at((u32)high, 1000000 / w->clock);
		memory = (s32)w->memory;
	}
	score = (2 * memory - high - low) * 1000 / max_t(s32, high - low, 100);
	if (ag_between(p, r, w, slow, score)) {
		*ret_margin = AG_MIXED_SCORE / 2;
		return ACCELGOV_PHASE_MIXED;
	}
	if (ag_power_heard(p, r, slow, AG_POWER_DIV, &at) && score < 700 &&
	    score > -700)
		score -= clamp_t(s32, 2 * ((s32)at - 750), -500, 500);
	*ret_margin = (u32)clamp_t(s32, score > 0 ? score : -score, 0, 1000) / 2;
	if (score >= 0)
		return ACCELGOV_PHASE_MEMORY;
	return waited ? ACCELGOV_PHASE_LINK : ACCELGOV_PHASE_COMPUTE;
}

static enum accelgov_phase ag_classify_busy(const struct ag_phase *p,
					    const struct ag_rates *r,
					    const struct ag_parts *w, bool slow,
					    u32 *ret_margin)
{
	bool compute = ag_valid(r, ACCELGOV_SIG_COMPUTE);
	bool memory = ag_valid(r, ACCELGOV_SIG_MEMORY);

	if (w->host >= AG_CHECKPOINT_PERMILLE && (compute || memory) &&
	    w->compute < AG_PIPES_OFF_PERMILLE && w->memory < w->host / 2) {
		*ret_margin = ag_margin(w->host, w->activity);
		return ACCELGOV_PHASE_CHECKPOINT;
	}
	if (ag_is_link(p, r, w, slow, ret_margin))
		return ACCELGOV_PHASE_LINK;
	if (compute && memory)
		return ag_by_pipes(p, w, ret_margin);
	if (memory)
		return ag_by_memory(p, r, w, slow, ret_margin);
	/* One of the pair: above half of its range it is the likely limit. */
	if (compute) {
		*ret_margin = ag_margin(w->compute_top, 500) / 2;
		return w->compute_top >= 500 ? ACCELGOV_PHASE_COMPUTE :
					       ACCELGOV_PHASE_MEMORY;
	}
	*ret_margin = 0;
	return ACCELGOV_PHASE_MIXED;
}

/* The name, and by how much it won over the next one. */
static enum accelgov_phase ag_classify(const struct ag_phase *p,
				       const struct ag_rates *r,
				       const struct ag_parts *w, bool slow,
				       bool training, u32 *ret_margin)
{
	u32 active;

	*ret_margin = 0;
	if (!(r->valid & (BIT(ACCELGOV_SIG_BUSY) | BIT(ACCELGOV_SIG_COMPUTE) |
			  BIT(ACCELGOV_SIG_MEMORY))))
		return ACCELGOV_PHASE_UNKNOWN;

	if (ag_is_quiet(p, r, &active))
		return ag_classify_quiet(p, r, active, training, ret_margin);
	return ag_classify_busy(p, r, w, slow, ret_margin);
}

/**
 * ag_phase_init() - start with nothing known
 * @p: state
 * @now_ns: time
 */
void ag_phase_init(struct ag_phase *p, u64 now_ns)
{
	memset(p, 0, sizeof(*p));
	p->since_ns = now_ns;
	p->memory_low = AG_MEMORY_LOW;
	p->memory_least = AG_MEMORY_LOW;
	p->memory_most = AG_MEMORY_LOW;
	p->memory_high = AG_MEMORY_HIGH;
	p->compute_high = AG_COMPUTE_HIGH;
	p->activity = AG_ACTIVITY;
}

/* Is the clock so low that power tells little? */
static bool ag_is_slow(u32 khz, u32 top_khz)
{
	return khz < top_khz / 1000 * AG_SLOW_PERMILLE;
}

/**
 * ag_phase_classify() - name one window, without history
 * @r: rates of the window
 * @top_khz: highest clock of the device
 * @training: the job is known to train
 * @ret_confidence: how likely it is right, per mille
 *
 * Return: the phase, ACCELGOV_PHASE_UNKNOWN when neither busy time nor
 * compute nor memory activity is known.
 */
enum accelgov_phase ag_phase_classify(const struct ag_rates *r, u32 top_khz,
				      bool training, u32 *ret_confidence)
{
	u32 khz = ag_valid(r, ACCELGOV_SIG_CLOCK) ? r->clock_khz : top_khz;
	enum accelgov_phase phase;
	struct ag_phase fresh;
	struct ag_parts w;
	u32 margin;

	ag_phase_init(&fresh, 0);
	fresh.steady = AG_POWER_LATE;
	fresh.alike = AG_POWER_LATE;
	ag_parts_of(r, khz, top_khz, &w);
	phase = ag_classify(&fresh, r, &w, ag_is_slow(khz, top_khz), training,
			    &margin);
	*ret_confidence = ag_confidence(phase, ag_clarity(r->valid, phase, margin));
	return phase;
}

static void ag_phase_set(struct ag_phase *p, enum accelgov_phase phase,
			 u64 now_ns)
{
	p->prev = p->now;
	p->now = phase;
	p->next = phase;
	p->votes = 0;
	p->since_ns = now_ns;
}

/*
 * Is the window full of one kind of work? What overlaps adds up as the root of the sum of
 * squares, what takes turns as the sum, which is less. Memory is slower than it can be
 * at a low clock.
 */
static bool ag_is_whole(const struct ag_phase *p, const struct ag_parts *w)
{
	u32 all = w->link + ag_root((u64)w->compute * w->compute +
				    (u64)w->memory * w->memory);

	if (p->steady && w->clock < AG_SLOW_PERMILLE)
		all += all / AG_WHOLE_SLOW_DIV;
	return all >= (p->high_seen ? p->memory_high :
				      1000 - AG_SENSORS_PERMILLE);
}

/* Balanced windows in a row mean interleaved work, single ones a straddle. */
static enum accelgov_phase ag_phase_mix(struct ag_phase *p,
					const struct ag_rates *r,
					const struct ag_parts *w,
					enum accelgov_phase seen, u32 *margin)
{
	u32 both = ag_margin(w->compute_top, w->memory);
	bool pair = (seen == ACCELGOV_PHASE_COMPUTE ||
		     seen == ACCELGOV_PHASE_MEMORY) &&
		    ag_valid(r, ACCELGOV_SIG_COMPUTE) &&
		    ag_valid(r, ACCELGOV_SIG_MEMORY);

	if (p->mixed_left)
		p->mixed_left--;
	/* Without pipes: named by level and power, see ag_between(). */
	if (seen == ACCELGOV_PHASE_MIXED && p->steady >= AG_POWER_LATE)
		p->mixed_left = AG_MIXED_MEMORY;
	if (pair && p->mixed_left)
		*margin = min_t(u32, *margin, both);
	if (pair && r->window_ns < AG_LONG_WINDOW_NS &&
	    both < AG_BALANCED_PERMILLE && ag_is_whole(p, w)) {
		*margin = 1000 - both;
		return ACCELGOV_PHASE_MIXED;
	}
	if (!pair || *margin >= AG_BALANCED_PERMILLE) {
		p->balanced = 0;
		return seen;
	}
	/* Two long ones that are alike straddle nothing. */
	if (p->steady && r->window_ns >= AG_LONG_WINDOW_NS)
		p->balanced = AG_MIXED_VOTES;
	if (p->balanced < AG_MIXED_VOTES) {
		p->balanced++;
		if (p->now != ACCELGOV_PHASE_MIXED && !p->mixed_left &&
		    (!p->steady || p->balanced < AG_VOTES))
			return seen;
	} else {
		p->mixed_left = AG_MIXED_MEMORY;
	}
	*margin = 1000 - *margin;
	return ACCELGOV_PHASE_MIXED;
}

/**
 * ag_phase_unknown() - signals went stale
 * @p: state
 * @now_ns: time
 */
void ag_phase_unknown(struct ag_phase *p, u64 now_ns)
{
	if (p->now != ACCELGOV_PHASE_UNKNOWN)
		ag_phase_set(p, ACCELGOV_PHASE_UNKNOWN, now_ns);
	p->balanced = 0;
	p->confidence = 0;
}

/* A long window has averaged its noise away, and the next is far off. */
static u32 ag_sure(const struct ag_rates *r)
{
	return r->window_ns >= AG_LONG_WINDOW_NS ? AG_SURE_LONG_PERMILLE :
						   AG_SURE_PERMILLE;
}

static u32 ag_drift(u32 old, u32 new, u32 shift)
{
	return (u32)((s32)old + ((s32)new - (s32)old) / (1 << shift));
}

/* The lowest and the highest power of late, whatever runs. */
static void ag_learn_power(struct ag_phase *p, const struct ag_rates *r)
{
	if (!ag_valid(r, ACCELGOV_SIG_POWER) || !r->power_mw)
		return;
	ag_lowest(&p->power_low, r->power_mw);
	ag_highest(&p->power_high, r->power_mw);
}

/*
 * Extremes of what is steady: outwards by a quarter, and back by one per window,
 * once there is more than a guess to go back from.
 */
static void ag_learn_least(struct ag_phase *p, u32 memory)
{
	if (p->steady < AG_POWER_LATE)
		return;
	if (memory <= p->memory_least || p->low_seen < AG_LEVEL_SEEN)
		p->memory_least = ag_drift(p->memory_least, memory, 2);
	else
		p->memory_least++;
	if (memory >= p->memory_most || p->low_seen < AG_LEVEL_SEEN)
		p->memory_most = ag_drift(p->memory_most, memory, 2);
	else
		p->memory_most--;
	p->low_seen = min_t(u32, p->low_seen + 1, AG_LEVEL_SEEN);
}

static void ag_learn_most(struct ag_phase *p, u32 memory)
{
	/* What may as well be mixed would take the level down to its own. */
	if (p->steady < AG_POWER_LATE || memory < ag_edge_below(p->memory_high))
		return;
	if (memory >= p->memory_high || p->high_seen < AG_LEVEL_SEEN)
		p->memory_high = max_t(u32, AG_MEMORY_HIGH_MIN,
				       ag_drift(p->memory_high, memory, 2));
	else
		p->memory_high--;
	p->high_seen = min_t(u32, p->high_seen + 1, AG_LEVEL_SEEN);
}

/* What this window says of the device's levels, when it straddles nothing. */
static void ag_learn_levels(struct ag_phase *p, const struct ag_rates *r,
			    const struct ag_parts *w, enum accelgov_phase seen)
{
	if (!p->steady || seen != p->now || w->busy < AG_BUSY_PERMILLE)
		return;
	if (seen == ACCELGOV_PHASE_LINK && p->steady >= AG_POWER_LATE)
		p->link_high = ag_drift(p->link_high, w->link, 2);
	if (seen != ACCELGOV_PHASE_COMPUTE && seen != ACCELGOV_PHASE_MEMORY)
		return;
	if (ag_all(r, BIT(ACCELGOV_SIG_COMPUTE) | BIT(ACCELGOV_SIG_MEMORY)))
		p->activity = ag_drift(p->activity, w->activity, 4);
	if (ag_valid(r, ACCELGOV_SIG_COMPUTE) && seen == ACCELGOV_PHASE_COMPUTE)
		p->compute_high = max_t(u32, AG_COMPUTE_HIGH_MIN,
					ag_drift(p->compute_high, w->compute, 3));
	if (!ag_valid(r, ACCELGOV_SIG_MEMORY))
		return;
	if (seen == ACCELGOV_PHASE_COMPUTE &&
	    w->memory_top <= AG_MEMORY_LOW_MAX) {
		p->memory_low = ag_drift(p->memory_low, w->memory_top, 3);
		ag_learn_least(p, w->memory_top);
	} else if (seen == ACCELGOV_PHASE_MEMORY) {
		ag_learn_most(p, w->memory_top);
	}
}

/* Does this window look like the last one? */
static bool ag_is_alike(const struct ag_phase *p, const struct ag_parts *w,
			u32 busy)
{
	return ag_diff(busy, p->last_busy) < AG_STEADY_PERMILLE &&
	       ag_diff(w->compute, p->last_compute) < AG_STEADY_PERMILLE &&
	       ag_diff(w->memory, p->last_memory) <
	       max_t(u32, p->memory_low, AG_STEADY_PERMILLE) / 4;
}

/* How long have engines been alike, and power as well? A late sensor needs one more. */
static void ag_compare(struct ag_phase *p, const struct ag_rates *r,
		       const struct ag_parts *w, u32 busy)
{
	u32 eighth = (p->power_high - p->power_low) / 8;
	bool power = ag_valid(r, ACCELGOV_SIG_POWER);

	if (!ag_is_alike(p, w, busy)) {
		p->alike = 0;
		p->steady = 0;
		p->rose = false;
		return;
	}
	p->alike = min_t(u8, p->alike + 1, AG_MIXED_VOTES);
	p->rose = power && r->power_mw > p->last_power + eighth;
	if (power && ag_diff(r->power_mw, p->last_power) > eighth)
		p->steady = 0;
	else
		p->steady = min_t(u8, p->steady + 1, AG_MIXED_VOTES);
}

/* What the next windows are compared with. */
static void ag_remember(struct ag_phase *p, const struct ag_rates *r,
			const struct ag_parts *w)
{
	u32 busy = ag_valid(r, ACCELGOV_SIG_BUSY) ? r->busy : 1000;

	ag_compare(p, r, w, busy);
	if (!ag_is_partial(busy) ||
	    (p->partial < AG_VOTES &&
	     ag_diff(busy, p->last_busy) >= AG_STEADY_PERMILLE))
		p->partial = 0;
	else if (p->partial < AG_VOTES)
		p->partial++;
	ag_pause_update(&p->pause, busy < AG_QUIET_PERMILLE,
			ag_valid(r, ACCELGOV_SIG_HOST) &&
			r->host >= AG_COPY_PERMILLE &&
			r->host < AG_CHECKPOINT_PERMILLE, r->window_ns);
	p->last_busy = busy;
	p->last_compute = w->compute;
	p->last_memory = w->memory;
	p->last_power = r->power_mw;
}

/**
 * ag_phase_update() - take one window into account
 * @p: state
 * @r: rates of the window
 * @khz: clock of the window: measured, else the one that was asked for
 * @top_khz: highest clock of the device
 * @training: the job is known to train
 *
 * Return: true when the published phase changed.
 */
bool ag_phase_update(struct ag_phase *p, const struct ag_rates *r, u32 khz,
		     u32 top_khz, bool training)
{
	enum accelgov_phase seen;
	struct ag_parts w;
	u32 margin, clarity, conf;

	/* What was asked for is not what a limiter leaves, and nobody knows what is. */
	if (!ag_is_told(r) && ag_is_limited(p))
		khz = top_khz;
	/* A clock that was read at the end of the window says too little. */
	ag_parts_of(r, max_t(u32, khz, p->last_khz), top_khz, &w);
	p->last_khz = khz;
	ag_learn_power(p, r);
	ag_remember(p, r, &w);
	seen = ag_classify(p, r, &w, ag_is_slow(khz, top_khz), training,
			   &margin);
	ag_learn_levels(p, r, &w, seen);
	ag_learn_work(p, r, &w, seen);
	seen = ag_phase_mix(p, r, &w, seen, &margin);
	clarity = ag_clarity(r->valid, seen, margin);
	conf = ag_confidence(seen, clarity);
	if (seen == p->now) {
		p->confidence += ((s32)conf - (s32)p->confidence) / 4;
		p->votes = 0;
		p->next = seen;
		return false;
	}

	p->votes = seen == p->next ? p->votes + 1 : 1;
	p->next = seen;
	if (clarity < ag_sure(r) && p->votes < AG_VOTES)
		return false;
	ag_phase_set(p, seen, r->time_ns);
	p->confidence = conf;
	return true;
}

/**
 * ag_phase_impose() - take a name for one window from outside
 * @p: state
 * @phase: the name; nothing here votes on it
 * @r: rates of the window
 *
 * Return: true when the published phase changed.
 */
bool ag_phase_impose(struct ag_phase *p, enum accelgov_phase phase,
		     const struct ag_rates *r)
{
	p->confidence = 1000;
	p->votes = 0;
	p->next = phase;
	if (phase == p->now)
		return false;
	ag_phase_set(p, phase, r->time_ns);
	return true;
}
