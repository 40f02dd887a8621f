// SPDX-License-Identifier: GPL-2.0
/*
 * Phases: what the engines do now
 *
 * Observation. "Busy" says nothing: prefill, decode, training and a spinning
 * all-reduce all read 100 %. What differs is which part of the chip limits the
 * rate. Arithmetic pipes near their limit: compute. Memory near its limit and
 * pipes mostly waiting: memory. Interconnect active and neither of the others:
 * a collective. Nothing busy: the queue, the host link and the resident
 * contexts say whether a job waits, saves its state, or is not there at all.
 *
 * Model. Compute activity is the time the pipes need over the time that passes,
 * so it grows as the clock falls while the work stays the same. Brought to the
 * top clock (times f/fmax) it describes the work alone; only then is it
 * comparable with memory activity, whose time does not depend on the clock.
 * Without this a phase would change its name whenever the governor acts on it.
 *
 * Algorithm, per window:
 *  1. Less than half of the window busy: the window belongs to one of the quiet
 *     phases. Host link at or above 300 per mille: checkpoint. No context: idle.
 *     Work submitted and not running: input stall. Otherwise loaded idle; where
 *     no queue depth is known, a job that is known to train is taken to wait.
 *     Where busy time is not known, the window is quiet when every engine is
 *     known and below AG_QUIET_PERMILLE.
 *  2. Host link active and pipes below 150: checkpoint (a copy engine is busy).
 *  3. Scale everything to the busy part. Interconnect at or above 450 and above
 *     both others, or busy with everything else near zero: link.
 *  4. Compute at the top clock against memory: the greater names the phase. A
 *     window that straddles a change shows both; whichever filled more of it
 *     wins, which is right half a window after the change on average.
 *  5. Work that is really interleaved looks like a straddling window for ever:
 *     after AG_MIXED_VOTES balanced windows in a row the phase is mixed, and
 *     stays so until windows are unbalanced. Balance shows only where both are
 *     known.
 *  6. Confidence is the margin of the decision, lowered by an eighth for every
 *     signal that would have had a say and is not known. A change with at least
 *     AG_SURE_PERMILLE is believed at once, any other after two windows: clear
 *     changes cost one window of delay, noise costs no switch. Windows that
 *     show no engine at all end a phase in the same way: it is then unknown.
 *
 * Constants. Loaded idle as "all engines below 5 %" follows the definition of
 * execution idle in the study of 756 GPUs (arXiv 2605.23918); the 300 and 450
 * per mille are the middle between what the respective phases show (host link
 * of a checkpoint: near saturation, of input: below 100; link during an exposed
 * collective: near 1000, of tensor-parallel layers: below 300).
 */
#include "phase.h"

#define AG_BUSY_PERMILLE	500
#define AG_QUIET_PERMILLE	50
#define AG_CHECKPOINT_PERMILLE	300
#define AG_LINK_PERMILLE	450
#define AG_PIPES_OFF_PERMILLE	150
#define AG_SURE_PERMILLE	250
#define AG_BALANCED_PERMILLE	120
#define AG_MIXED_VOTES		6
#define AG_VOTES		2
/* Half an item on average over the window: something is queued. */
#define AG_QUEUED_MILLI		500

/* The parts of a window on one scale: per mille of its busy time. */
struct ag_parts {
	u32 compute;
	u32 memory;
	u32 link;
	u32 host;
};

static u32 ag_margin(u32 a, u32 b)
{
	u32 sum = a + b;

	if (!sum)
		return 0;
	return (a > b ? a - b : b - a) * 1000 / sum;
}

static u32 ag_scaled(const struct ag_rates *r, enum accelgov_signal sig,
		     u32 value, u32 busy)
{
	if (!ag_valid(r, sig))
		return 0;
	return min_t(u32, 1000, value * 1000 / busy);
}

static void ag_parts_of(const struct ag_rates *r, u32 top_khz,
			struct ag_parts *p)
{
	u32 busy = ag_valid(r, ACCELGOV_SIG_BUSY) ? r->busy : 1000;

	busy = max_t(u32, busy, AG_QUIET_PERMILLE);
	p->compute = ag_scaled(r, ACCELGOV_SIG_COMPUTE, r->compute, busy);
	p->memory = ag_scaled(r, ACCELGOV_SIG_MEMORY, r->memory, busy);
	p->link = ag_scaled(r, ACCELGOV_SIG_LINK, r->link, busy);
	p->host = ag_scaled(r, ACCELGOV_SIG_HOST, r->host, busy);
	if (ag_valid(r, ACCELGOV_SIG_CLOCK) && r->clock_khz < top_khz)
		p->compute = (u32)div_u64((u64)p->compute * r->clock_khz,
					  top_khz);
}

/* Is most of the window quiet? Only then @ret_active is set: how much is not. */
static bool ag_is_quiet(const struct ag_rates *r, u32 *ret_active)
{
	u32 active;

	if (ag_valid(r, ACCELGOV_SIG_BUSY)) {
		if (r->busy >= AG_BUSY_PERMILLE)
			return false;
		*ret_active = r->busy;
		return true;
	}
	if (!ag_valid(r, ACCELGOV_SIG_COMPUTE) ||
	    !ag_valid(r, ACCELGOV_SIG_MEMORY) ||
	    !ag_valid(r, ACCELGOV_SIG_LINK))
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

static enum accelgov_phase ag_classify_quiet(const struct ag_rates *r,
					     u32 active, bool training,
					     u32 *ret_margin)
{
	*ret_margin = 1000 - active;
	if (ag_valid(r, ACCELGOV_SIG_HOST) && r->host >= AG_CHECKPOINT_PERMILLE)
		return ACCELGOV_PHASE_CHECKPOINT;
	if (ag_valid(r, ACCELGOV_SIG_CONTEXTS) &&
	    r->contexts < AG_QUEUED_MILLI)
		return ACCELGOV_PHASE_IDLE;
	if (ag_valid(r, ACCELGOV_SIG_QUEUE))
		return ag_classify_waiting(r, active, ret_margin);
	*ret_margin /= 2;
	return training ? ACCELGOV_PHASE_STALL : ACCELGOV_PHASE_LOADED_IDLE;
}

static bool ag_is_link(const struct ag_rates *r, const struct ag_parts *p)
{
	if (ag_valid(r, ACCELGOV_SIG_LINK))
		return p->link >= AG_LINK_PERMILLE &&
		       p->link > p->compute && p->link > p->memory;
	return ag_valid(r, ACCELGOV_SIG_COMPUTE) &&
	       ag_valid(r, ACCELGOV_SIG_MEMORY) &&
	       p->compute < AG_PIPES_OFF_PERMILLE &&
	       p->memory < AG_PIPES_OFF_PERMILLE;
}

static u32 ag_link_margin(const struct ag_rates *r, const struct ag_parts *p)
{
	u32 pipes = max_t(u32, p->compute, p->memory);

	if (ag_valid(r, ACCELGOV_SIG_LINK))
		return ag_margin(p->link, pipes);
	return ag_margin(AG_PIPES_OFF_PERMILLE, pipes) / 2;
}

static enum accelgov_phase ag_classify_busy(const struct ag_rates *r,
					    const struct ag_parts *p,
					    u32 *ret_margin)
{
	bool compute = ag_valid(r, ACCELGOV_SIG_COMPUTE);
	bool memory = ag_valid(r, ACCELGOV_SIG_MEMORY);

	if (compute && p->host >= AG_CHECKPOINT_PERMILLE &&
	    p->compute < AG_PIPES_OFF_PERMILLE) {
		*ret_margin = ag_margin(p->host, p->compute);
		return ACCELGOV_PHASE_CHECKPOINT;
	}
	if (ag_is_link(r, p)) {
		*ret_margin = ag_link_margin(r, p);
		return ACCELGOV_PHASE_LINK;
	}
	if (compute && memory) {
		*ret_margin = ag_margin(p->compute, p->memory);
		return p->compute >= p->memory ? ACCELGOV_PHASE_COMPUTE :
						 ACCELGOV_PHASE_MEMORY;
	}
	/* One of the pair: above half of its range it is the likely limit. */
	if (memory) {
		*ret_margin = ag_margin(p->memory, 500) / 2;
		return p->memory >= 500 ? ACCELGOV_PHASE_MEMORY :
					  ACCELGOV_PHASE_COMPUTE;
	}
	if (compute) {
		*ret_margin = ag_margin(p->compute, 500) / 2;
		return p->compute >= 500 ? ACCELGOV_PHASE_COMPUTE :
					   ACCELGOV_PHASE_MEMORY;
	}
	*ret_margin = 0;
	return ACCELGOV_PHASE_MIXED;
}

/* The name, and by how much it won over the next one. */
static enum accelgov_phase ag_classify(const struct ag_rates *r, u32 top_khz,
				       bool training, u32 *ret_margin)
{
	struct ag_parts p;
	u32 active;

	*ret_margin = 0;
	if (!(r->valid & (BIT(ACCELGOV_SIG_BUSY) | BIT(ACCELGOV_SIG_COMPUTE) |
			  BIT(ACCELGOV_SIG_MEMORY))))
		return ACCELGOV_PHASE_UNKNOWN;

	if (ag_is_quiet(r, &active))
		return ag_classify_quiet(r, active, training, ret_margin);
	ag_parts_of(r, top_khz, &p);
	return ag_classify_busy(r, &p, ret_margin);
}

static u32 ag_confidence(const struct ag_rates *r, enum accelgov_phase phase,
			 u32 margin)
{
	u32 say = BIT(ACCELGOV_SIG_BUSY) | BIT(ACCELGOV_SIG_HOST);
	u32 missing;

	if (phase == ACCELGOV_PHASE_STALL ||
	    phase == ACCELGOV_PHASE_LOADED_IDLE || phase == ACCELGOV_PHASE_IDLE)
		say |= BIT(ACCELGOV_SIG_CONTEXTS);
	else
		say |= BIT(ACCELGOV_SIG_COMPUTE) | BIT(ACCELGOV_SIG_MEMORY) |
		       BIT(ACCELGOV_SIG_LINK) | BIT(ACCELGOV_SIG_CLOCK);
	for (missing = say & ~r->valid; missing; missing &= missing - 1)
		margin -= margin / 8;
	return margin;
}

/**
 * ag_phase_classify() - name one window, without history
 * @r: rates of the window
 * @top_khz: highest clock of the device
 * @training: the job is known to train
 * @ret_confidence: how clear the decision was, per mille
 *
 * Return: the phase, ACCELGOV_PHASE_UNKNOWN when neither busy time nor
 * compute nor memory activity is known.
 */
enum accelgov_phase ag_phase_classify(const struct ag_rates *r, u32 top_khz,
				      bool training, u32 *ret_confidence)
{
	enum accelgov_phase phase;
	u32 margin;

	phase = ag_classify(r, top_khz, training, &margin);
	*ret_confidence = ag_confidence(r, phase, margin);
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

/* Balanced windows in a row mean interleaved work, single ones a straddle. */
static enum accelgov_phase ag_phase_mix(struct ag_phase *p,
					const struct ag_rates *r,
					enum accelgov_phase seen, u32 *margin)
{
	bool pair = (seen == ACCELGOV_PHASE_COMPUTE ||
		     seen == ACCELGOV_PHASE_MEMORY) &&
		    ag_valid(r, ACCELGOV_SIG_COMPUTE) &&
		    ag_valid(r, ACCELGOV_SIG_MEMORY);

	if (!pair || *margin >= AG_BALANCED_PERMILLE) {
		p->balanced = 0;
		return seen;
	}
	if (p->balanced < AG_MIXED_VOTES) {
		p->balanced++;
		if (p->now != ACCELGOV_PHASE_MIXED)
			return seen;
	}
	*margin = 1000 - *margin;
	return ACCELGOV_PHASE_MIXED;
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

/**
 * ag_phase_update() - take one window into account
 * @p: state
 * @r: rates of the window
 * @top_khz: highest clock of the device
 * @training: the job is known to train
 *
 * Return: true when the published phase changed.
 */
bool ag_phase_update(struct ag_phase *p, const struct ag_rates *r, u32 top_khz,
		     bool training)
{
	enum accelgov_phase seen;
	u32 margin, conf;

	seen = ag_classify(r, top_khz, training, &margin);
	seen = ag_phase_mix(p, r, seen, &margin);
	conf = ag_confidence(r, seen, margin);
	if (seen == p->now) {
		p->confidence += ((s32)conf - (s32)p->confidence) / 4;
		p->votes = 0;
		p->next = seen;
		return false;
	}

	p->votes = seen == p->next ? p->votes + 1 : 1;
	p->next = seen;
	if (conf < AG_SURE_PERMILLE && p->votes < AG_VOTES)
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
