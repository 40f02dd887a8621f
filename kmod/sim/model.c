// SPDX-License-Identifier: GPL-2.0
/*
 * The device model
 *
 * Time is cut into segments in which every rate is constant. A segment ends
 * when the running item does, when a clock switch takes effect, when a stall
 * or a wake-up is over, when an idle device sinks to its next level, or when
 * somebody changes something. At each end the counters are folded into their
 * base, the state changes, and the next segment gets its rates and its end.
 * All of that is O(1), and happens at the computed time of the event however
 * late the caller is. Reading a counter inside a segment is base plus rate
 * times time.
 *
 * Clock. A request takes the target's switching time, during which the old
 * clock goes on. A switch in flight is not taken back: the latest request that
 * came meanwhile starts when it ends. At the change the engines stand still
 * for a moment. A suspended chip changes at once, its clocks are off.
 *
 * Limit. The power limiter acts at the start of each item and when the limit
 * or the clock changes.
 *
 * Idle. Without work the device sinks through its levels by itself, through
 * some of them only while no context is resident. Work that finds a level with
 * a wake-up latency waits for it. Suspend keeps queued and running work as it
 * is.
 */
#include "model.h"

static struct asim_work asim_item_work(const struct accelsim_item *item)
{
	return (struct asim_work){
		.ops = item->ops,
		.bytes = item->bytes,
		.link_ns = item->link_ns,
		.host_ns = item->host_ns,
		.io_bytes = item->io_bytes,
	};
}

/**
 * asim_item_ok() - may this item be submitted
 * @chip: the chip
 * @item: the item
 *
 * Return: true when its flags are clear and the device can do it.
 */
bool asim_item_ok(const struct asim_chip *chip,
		  const struct accelsim_item *item)
{
	struct asim_work work = asim_item_work(item);

	return !item->flags && asim_work_ok(chip, &work);
}

/**
 * asim_item_ref_ns() - best time of an item on this board
 * @chip: the chip
 * @item: the item, valid
 *
 * Return: its time at the highest clock under the default power limit.
 */
u64 asim_item_ref_ns(const struct asim_chip *chip,
		     const struct accelsim_item *item)
{
	struct asim_work work = asim_item_work(item);
	u32 opp;

	opp = asim_work_opp(chip, &work, chip->nr_opps - 1,
			    chip->profile->cap_max_mw);
	return asim_work_ns(chip, &work, opp);
}

static struct asim_entry *asim_head(struct asim_model *m)
{
	return &m->queue[m->first];
}

/* Close the segment at @t: every counter gets what it gathered. */
static void asim_fold(struct asim_model *m, u64 t)
{
	const struct asim_rates *r = &m->rates;
	u64 ns = t - m->since_ns;
	u64 *base = m->base;

	if (!ns)
		return;
	asim_sensor_advance(&m->sensor, m->since_ns, t,
			    base[ACCELGOV_SIG_POWER], r->mw);
	base[ACCELGOV_SIG_BUSY] += asim_scale(ns, r->busy);
	base[ACCELGOV_SIG_COMPUTE] += asim_scale(ns, r->compute);
	base[ACCELGOV_SIG_MEMORY] += asim_scale(ns, r->memory);
	base[ACCELGOV_SIG_LINK] += asim_scale(ns, r->link);
	base[ACCELGOV_SIG_HOST] += asim_scale(ns, r->host);
	base[ACCELGOV_SIG_QUEUE] += ns * m->nr_queue;
	base[ACCELGOV_SIG_CLOCK] += asim_scale(ns, r->cycles);
	base[ACCELGOV_SIG_POWER] += asim_energy_nj(ns, r->mw);
	base[ACCELGOV_SIG_PROGRESS] += asim_scale(ns, r->progress);
	base[ACCELGOV_SIG_CONTEXTS] += ns * m->contexts;
	if (m->running && !m->halted)
		m->left_ns -= ns;
	m->since_ns = t;
}

static void asim_start(struct asim_model *m, const struct asim_work *work)
{
	m->running = true;
	m->start_ns = m->since_ns;
	m->start_nj = m->base[ACCELGOV_SIG_POWER];
	m->end_units = m->base[ACCELGOV_SIG_PROGRESS] +
		       asim_work_units(m->chip, work);
}

/* The first entry runs: at which clock, how fast, until when. */
static void asim_plan_run(struct asim_model *m)
{
	struct asim_work work = asim_item_work(&asim_head(m)->item);
	u64 old_ns = m->rates.total_ns;

	m->ran = asim_work_opp(m->chip, &work, m->opp, m->cap_mw);
	asim_work_rates(m->chip, &work, m->ran, &m->rates);
	if (!m->running) {
		asim_start(m, &work);
		m->left_ns = m->rates.total_ns;
	} else if (m->rates.total_ns != old_ns) {
		m->left_ns = mul_u64_u64_div_u64(m->left_ns,
						 m->rates.total_ns, old_ns);
	}
	m->next_ns = min_t(u64, m->next_ns, m->since_ns + m->left_ns);
}

/* Nothing retires. total_ns stays: it belongs to the item that stands still. */
static void asim_plan_quiet(struct asim_model *m, u32 mw, u32 khz, bool busy)
{
	m->rates = (struct asim_rates){
		.total_ns = m->rates.total_ns,
		.busy = busy ? ASIM_RATE_ONE : 0,
		.cycles = div_u64((u64)khz << ASIM_RATE_SHIFT, NSEC_PER_MSEC),
		.mw = mw,
	};
}

static void asim_plan_hold(struct asim_model *m, u64 until)
{
	bool stalled = m->wake_until_ns <= m->since_ns;

	asim_plan_quiet(m, asim_idle_mw(m->chip, m->opp, m->contexts), 0,
			stalled && m->running);
	m->ran = m->opp;
	m->halted = true;
	m->next_ns = min_t(u64, m->next_ns, until);
}

static bool asim_level_open(const struct asim_model *m, u32 level)
{
	const struct asim_level *l = &m->chip->profile->levels[level];

	return l->entry_ns != U64_MAX && (l->with_context || !m->contexts);
}

/* Idle: the level reached by now, its power, and when the next one comes. */
static void asim_plan_idle(struct asim_model *m)
{
	const struct asim_profile *p = m->chip->profile;
	u64 entry;
	u32 i;

	for (i = m->level + 1; i < p->nr_levels; i++) {
		if (!asim_level_open(m, i))
			continue;
		entry = m->idle_since_ns + p->levels[i].entry_ns;
		if (entry > m->since_ns) {
			m->next_ns = min_t(u64, m->next_ns, entry);
			break;
		}
		m->level = i;
	}
	if (m->level)
		asim_plan_quiet(m, p->levels[m->level].mw[!!m->contexts], 0,
				false);
	else
		asim_plan_quiet(m, asim_idle_mw(m->chip, m->opp, m->contexts),
				m->chip->opps[m->opp].khz, false);
}

/* Begin a segment at since_ns. */
static void asim_plan(struct asim_model *m)
{
	u64 hold = max_t(u64, m->stall_until_ns, m->wake_until_ns);
	const struct asim_profile *p = m->chip->profile;

	m->next_ns = m->switching ? m->switch_at_ns : U64_MAX;
	m->halted = false;
	if (m->suspended) {
		m->level = m->sleep_level;
		m->halted = true;
		asim_plan_quiet(m, p->levels[m->level].mw[!!m->contexts], 0,
				false);
	} else if (!m->nr_queue) {
		asim_plan_idle(m);
	} else if (hold > m->since_ns) {
		asim_plan_hold(m, hold);
	} else {
		asim_plan_run(m);
	}
}

static void asim_switch_begin(struct asim_model *m)
{
	if (m->switching || m->want == m->opp)
		return;
	m->switching = true;
	m->target = m->want;
	m->switch_at_ns = m->since_ns + m->chip->opps[m->target].switch_ns;
}

static void asim_switch_end(struct asim_model *m)
{
	m->switching = false;
	m->opp = m->target;
	m->stall_until_ns = m->since_ns + m->chip->profile->stall_ns;
	asim_switch_begin(m);
}

static void asim_go_idle(struct asim_model *m)
{
	m->idle_since_ns = m->since_ns;
	m->level = 0;
}

static void asim_pop_head(struct asim_model *m)
{
	m->running = false;
	m->first = (m->first + 1) % ASIM_QUEUE_LEN;
	m->nr_queue--;
	if (!m->nr_queue)
		asim_go_idle(m);
}

static void asim_finish(struct asim_model *m)
{
	const struct asim_entry *e = asim_head(m);
	struct asim_finished *f;

	/* What the rates' rounding left. */
	m->base[ACCELGOV_SIG_PROGRESS] = m->end_units;
	f = &m->finished[(m->first_finished + m->nr_finished++) %
			 ASIM_QUEUE_LEN];
	f->owner = e->owner;
	f->done = (struct accelsim_done){
		.cookie = e->item.cookie,
		.submit_ns = e->submit_ns,
		.start_ns = m->start_ns,
		.end_ns = m->since_ns,
		.ref_ns = e->ref_ns,
		.energy_uj = div_u64(m->base[ACCELGOV_SIG_POWER] - m->start_nj,
				     1000),
		.wake_ns = e->wake_ns,
		.label = e->item.label,
	};
	asim_pop_head(m);
}

/**
 * asim_init() - set a device up: idle, top clock, default limit
 * @m: to be filled
 * @chip: tables, stay with the caller
 * @gain_permille: gain of the power sensor
 * @now: time in nanoseconds
 */
void asim_init(struct asim_model *m, const struct asim_chip *chip,
	       u32 gain_permille, u64 now)
{
	*m = (struct asim_model){
		.chip = chip,
		.cap_mw = chip->profile->cap_max_mw,
		.since_ns = now,
		.idle_since_ns = now,
		.want = chip->nr_opps - 1,
		.opp = chip->nr_opps - 1,
	};
	asim_plan(m);
	asim_sensor_init(&m->sensor, gain_permille, now, m->rates.mw);
}

/**
 * asim_advance() - let everything happen up to a time
 * @m: the model
 * @now: time in nanoseconds; one before the last change does nothing
 */
void asim_advance(struct asim_model *m, u64 now)
{
	while (m->next_ns <= now) {
		asim_fold(m, m->next_ns);
		if (m->switching && m->switch_at_ns <= m->since_ns)
			asim_switch_end(m);
		if (m->running && !m->halted && !m->left_ns)
			asim_finish(m);
		asim_plan(m);
	}
}

/* Cut the segment at @now, for a change that follows. */
static void asim_cut(struct asim_model *m, u64 now)
{
	asim_advance(m, now);
	if (now > m->since_ns)
		asim_fold(m, now);
}

static void asim_wake(struct asim_model *m, u32 level)
{
	u64 ns = m->chip->profile->levels[level].wake_ns;

	m->wake_until_ns = max_t(u64, m->wake_until_ns, m->since_ns + ns);
	m->level = 0;
}

static int asim_enqueue(struct asim_model *m, const struct accelsim_item *item,
			u64 ref_ns, void *owner, u64 now, u32 limit)
{
	struct asim_entry *e;

	asim_cut(m, now);
	if (m->nr_queue + m->nr_finished >= limit) {
		asim_plan(m);
		return -EAGAIN;
	}
	e = &m->queue[(m->first + m->nr_queue) % ASIM_QUEUE_LEN];
	*e = (struct asim_entry){
		.item = *item,
		.owner = owner,
		.submit_ns = m->since_ns,
		.ref_ns = ref_ns,
	};
	if (!m->nr_queue++ && !m->suspended) {
		asim_wake(m, m->level);
		e->wake_ns = m->wake_until_ns > m->since_ns ?
			     m->wake_until_ns - m->since_ns : 0;
	}
	asim_plan(m);
	return 0;
}

/**
 * asim_submit() - queue an item
 * @m: the model
 * @item: the item, valid
 * @ref_ns: from asim_item_ref_ns()
 * @owner: given back with the completion
 * @now: time in nanoseconds
 *
 * Return: 0, or -EAGAIN while the queue, or the completions that nobody took,
 * leave no room.
 */
int asim_submit(struct asim_model *m, const struct accelsim_item *item,
		u64 ref_ns, void *owner, u64 now)
{
	return asim_enqueue(m, item, ref_ns, owner, now, ACCELSIM_QUEUE_LEN);
}

/**
 * asim_submit_reserved() - the same for who may use the places that are kept free
 * @m: the model
 * @item: the item, valid
 * @ref_ns: from asim_item_ref_ns()
 * @owner: given back with the completion
 * @now: time in nanoseconds
 *
 * Who has no more than %ASIM_QUEUE_RESERVED items queued always finds room.
 *
 * Return: as asim_submit().
 */
int asim_submit_reserved(struct asim_model *m, const struct accelsim_item *item,
			 u64 ref_ns, void *owner, u64 now)
{
	return asim_enqueue(m, item, ref_ns, owner, now, ASIM_QUEUE_LEN);
}

/**
 * asim_cancel() - drop all items of one submitter, the running one included
 * @m: the model
 * @owner: the submitter
 * @now: time in nanoseconds
 */
void asim_cancel(struct asim_model *m, const void *owner, u64 now)
{
	u32 i, nr, kept = 0;

	asim_cut(m, now);
	nr = m->nr_queue;
	if (nr && asim_head(m)->owner == owner)
		m->running = false;
	for (i = 0; i < nr; i++) {
		u32 from = (m->first + i) % ASIM_QUEUE_LEN;

		if (m->queue[from].owner == owner)
			continue;
		m->queue[(m->first + kept++) % ASIM_QUEUE_LEN] =
			m->queue[from];
	}
	m->nr_queue = kept;
	if (nr && !kept)
		asim_go_idle(m);
	asim_plan(m);
}

/**
 * asim_set_clock() - request a clock
 * @m: the model
 * @khz: request, rounded down to a clock of the chip
 * @now: time in nanoseconds
 */
void asim_set_clock(struct asim_model *m, u32 khz, u64 now)
{
	u32 want = asim_chip_floor(m->chip, khz);

	asim_advance(m, now);
	if (want == m->want)
		return;
	asim_cut(m, now);
	m->want = want;
	if (m->suspended)
		m->opp = want;
	else
		asim_switch_begin(m);
	asim_plan(m);
}

/**
 * asim_set_cap() - set the power limit
 * @m: the model
 * @mw: limit, brought into the range of the board
 * @now: time in nanoseconds
 */
void asim_set_cap(struct asim_model *m, u32 mw, u64 now)
{
	const struct asim_profile *p = m->chip->profile;

	asim_cut(m, now);
	m->cap_mw = clamp_t(u32, mw, p->cap_min_mw, p->cap_max_mw);
	asim_plan(m);
}

/**
 * asim_set_context() - a context comes or goes
 * @m: the model
 * @resident: it comes
 * @now: time in nanoseconds
 */
void asim_set_context(struct asim_model *m, bool resident, u64 now)
{
	bool had;

	asim_cut(m, now);
	had = m->contexts;
	m->contexts += resident ? 1 : -1;
	if (had != !!m->contexts && !m->nr_queue && !m->suspended) {
		if (resident)
			asim_wake(m, m->level);
		if (!m->level)
			asim_go_idle(m);
	}
	asim_plan(m);
}

/**
 * asim_suspend() - clocks off, state kept, as deep as the device goes
 * @m: the model
 * @now: time in nanoseconds
 */
void asim_suspend(struct asim_model *m, u64 now)
{
	asim_sleep(m, m->chip->profile->nr_levels - 1, now);
}

/**
 * asim_sleep() - suspend to a level, or go from one to another
 * @m: the model
 * @level: its index, one of those that only software enters
 * @now: time in nanoseconds
 */
void asim_sleep(struct asim_model *m, u32 level, u64 now)
{
	asim_cut(m, now);
	m->sleep_level = level;
	m->suspended = true;
	m->switching = false;
	m->opp = m->want;
	asim_plan(m);
}

/**
 * asim_resume() - begin to wake up from suspend
 * @m: the model
 * @now: time in nanoseconds
 */
void asim_resume(struct asim_model *m, u64 now)
{
	asim_advance(m, now);
	if (!m->suspended)
		return;
	asim_cut(m, now);
	m->suspended = false;
	asim_wake(m, m->level);
	m->idle_since_ns = m->wake_until_ns;
	asim_plan(m);
}

static u64 asim_gathered(const struct asim_model *m,
			 enum accelgov_signal signal, u64 ns)
{
	const struct asim_rates *r = &m->rates;

	switch (signal) {
	case ACCELGOV_SIG_BUSY:
		return asim_scale(ns, r->busy);
	case ACCELGOV_SIG_COMPUTE:
		return asim_scale(ns, r->compute);
	case ACCELGOV_SIG_MEMORY:
		return asim_scale(ns, r->memory);
	case ACCELGOV_SIG_LINK:
		return asim_scale(ns, r->link);
	case ACCELGOV_SIG_HOST:
		return asim_scale(ns, r->host);
	case ACCELGOV_SIG_QUEUE:
		return ns * m->nr_queue;
	case ACCELGOV_SIG_CLOCK:
		return asim_scale(ns, r->cycles);
	case ACCELGOV_SIG_POWER:
		return asim_energy_nj(ns, r->mw);
	case ACCELGOV_SIG_PROGRESS:
		return asim_scale(ns, r->progress);
	case ACCELGOV_SIG_CONTEXTS:
		return ns * m->contexts;
	default:
		return 0;
	}
}

/**
 * asim_counter() - read a cumulative counter
 * @m: the model
 * @signal: which one
 * @now: time in nanoseconds
 *
 * Return: the amount since the start, in the unit of &enum accelgov_signal.
 */
u64 asim_counter(struct asim_model *m, enum accelgov_signal signal, u64 now)
{
	u64 value;

	/* Ten readings follow each other, of which one advances. */
	if (m->next_ns <= now)
		asim_advance(m, now);
	value = m->base[signal];
	if (now > m->since_ns)
		value += asim_gathered(m, signal, now - m->since_ns);
	switch (signal) {
	case ACCELGOV_SIG_QUEUE:
	case ACCELGOV_SIG_POWER:
	case ACCELGOV_SIG_CONTEXTS:
		return div_u64(value, 1000);
	default:
		return value;
	}
}

/**
 * asim_power_mw() - true power
 * @m: the model
 * @now: time in nanoseconds
 *
 * Return: milliwatts.
 */
u32 asim_power_mw(struct asim_model *m, u64 now)
{
	asim_advance(m, now);
	return m->rates.mw;
}

/**
 * asim_effective_khz() - clock that the engines really have
 * @m: the model
 * @now: time in nanoseconds
 *
 * Return: kilohertz, 0 while the clocks stand still.
 */
u32 asim_effective_khz(struct asim_model *m, u64 now)
{
	asim_advance(m, now);
	return m->level ? 0 : asim_clock_khz(m);
}

/**
 * asim_sample_mw() - what the sensor's instantaneous reading shows
 * @m: the model
 * @now: time in nanoseconds
 *
 * Return: milliwatts.
 */
u32 asim_sample_mw(struct asim_model *m, u64 now)
{
	asim_cut(m, now);
	return asim_sensor_sample_mw(&m->sensor);
}

/**
 * asim_average_mw() - what the sensor's averaged reading shows
 * @m: the model
 * @now: time in nanoseconds
 *
 * Return: milliwatts.
 */
u32 asim_average_mw(struct asim_model *m, u64 now)
{
	asim_cut(m, now);
	return asim_sensor_average_mw(&m->sensor);
}

/**
 * asim_level_name() - idle level by name
 * @m: the model
 * @now: time in nanoseconds
 *
 * Return: the name, "none" while there is work.
 */
const char *asim_level_name(struct asim_model *m, u64 now)
{
	asim_advance(m, now);
	if (m->nr_queue && !m->suspended)
		return "none";
	return m->chip->profile->levels[m->level].name;
}

/**
 * asim_take_finished() - take the oldest completion
 * @m: the model
 * @finished: to be filled
 *
 * Return: false when there is none.
 */
bool asim_take_finished(struct asim_model *m, struct asim_finished *finished)
{
	if (!m->nr_finished)
		return false;
	*finished = m->finished[m->first_finished];
	m->first_finished = (m->first_finished + 1) % ASIM_QUEUE_LEN;
	m->nr_finished--;
	return true;
}
