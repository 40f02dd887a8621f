// SPDX-License-Identifier: GPL-2.0
/*
 * Intake: from a pushed sample to the policy core, and from there to work
 *
 *  1. A producer (BPF, any context) passes the gate: samples closer together
 *     than an eighth of the sample period are dropped, so that a flood costs
 *     its sender a few instructions and nobody else anything.
 *  2. The sample goes into the ring and irq_work is raised.
 *  3. irq_work drains the ring into the core under the device's raw lock. It
 *     can run on two CPUs at once, hence the lock; both drain one ring. One run
 *     takes no more than a ring's length: every sample behind that has raised
 *     irq_work again, and other interrupts get their turn in between.
 *  4. While a policy is loaded for the device, its callbacks decide half of this,
 *     and they may take their time: irq_work leaves the ring to a work item. One
 *     of the two has the ring at any moment, so samples stay in order and none
 *     is lost when policies come and go.
 *  5. What the core asks for becomes work: a new target, another autosuspend
 *     delay; and where no sample tells the clock, a question to the driver (clock.c). A
 *     target that a signal asked for carries the arrival time of that signal, so the
 *     latency in decision events is the whole way.
 *
 * Interrupts of many devices can meet on one CPU, and a core that is watched by a
 * debugger's instruments needs a hundred times as long. So each CPU keeps a debt:
 * drain() adds twice the time that it took, time itself pays it back. Above
 * ACCELGOV_DEBT_NS a device gets no more than two samples per period in, which is
 * what keeps a flood from taking the turns of those that behave; above twice that
 * nobody gets any. So half of a CPU is left to others, whatever comes. A policy's
 * callbacks run in a work item; there the device itself rests three times as long
 * as a sample took it.
 *
 * Windows never overlap in the books: one that begins before the last one ended
 * is cut, one that ends before is dropped.
 */
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>
#include "clock.h"
#include "device.h"
#include "intake.h"
#include "retarget.h"
#include "trace.h"
#include "watchdog.h"

/* A window may end this much later than now: clocks of CPUs differ a little. */
#define ACCELGOV_FUTURE_NS	(1 * NSEC_PER_MSEC)
#define ACCELGOV_GAP_FRACTION	8
/* Time in units of 1024 ns: no division where an NMI may be. */
#define ACCELGOV_GAP_SHIFT	10
/* 5 ms of work at a stretch; 256 devices that are sampled at once take 1 to 2 ms. */
#define ACCELGOV_DEBT_NS	(10 * NSEC_PER_MSEC)
#define ACCELGOV_DEBT_FACTOR	2
/* Under pressure the gap is half of a period. */
#define ACCELGOV_PRESSED_SHIFT	2
/* A device with a policy works a quarter of the time. */
#define ACCELGOV_REST_FACTOR	3
/* How often df->last_status is refreshed while nothing else happens. */
#define ACCELGOV_STATUS_NS	(500 * NSEC_PER_MSEC)

/* The name of a phase together with its workload, before and after. */
struct names {
	const char *phase;
	const char *workload;
	u64 since_ns;
};

static void names_of(const struct ag_core *core, struct names *n)
{
	n->phase = ag_phase_name(core->phase.now, core->workload.now);
	n->workload = ag_workload_name(core->workload.now);
	n->since_ns = core->phase.since_ns;
}

static void report_phase(struct accelgov_device *agd, const struct names *old,
			 u64 now_ns)
{
	struct names new;

	names_of(&agd->core, &new);
	trace_phase(accelgov_device_name(agd), old->phase, new.phase,
		    new.workload, agd->core.phase.confidence,
		    div_u64(now_ns - min(now_ns, old->since_ns),
			    NSEC_PER_USEC));
}

/* Signals are there again, or for the first time. */
static void fresh(struct accelgov_device *agd, u64 arrival_ns)
{
	u64 last_ns = agd->core.rates.time_ns;

	if (agd->state == ACCELGOV_STATE_FALLBACK) {
		trace_fallback(accelgov_device_name(agd), false,
			       div_u64(arrival_ns - min(arrival_ns, last_ns),
				       NSEC_PER_USEC), arrival_ns);
		set_bit(ACCELGOV_TRIGGER_RECOVERED, &agd->requests);
	}
	WRITE_ONCE(agd->state, ACCELGOV_STATE_ACTIVE);
	set_bit(ACCELGOV_TRIGGER_SIGNAL, &agd->requests);
	agd->arrival_ns = arrival_ns;
}

/* Return: false when the sample is of no use; then it is counted as such. */
static bool rates_of(struct accelgov_device *agd,
		     const struct accelgov_slot *slot, struct ag_rates *rates)
{
	u64 last_ns = agd->core.rates.time_ns;

	ag_sample_rates(&slot->sample, rates);
	rates->window_ns = min(rates->window_ns, rates->time_ns - last_ns);
	if (rates->time_ns <= last_ns || rates->window_ns < AG_WINDOW_MIN_NS) {
		atomic_inc(&agd->stats.dropped);
		return false;
	}
	accelgov_clock_fill(agd, rates);
	return true;
}

static void account(struct accelgov_device *agd,
		    const struct accelgov_sample *sample,
		    const struct ag_rates *rates)
{
	agd->power_seen |= ag_valid(rates, ACCELGOV_SIG_POWER);
	agd->stats.samples++;
	if (sample->cost_ns) {
		agd->stats.cost_ns += sample->cost_ns;
		agd->stats.costed++;
	}
}

/* First half of a window. Return: AG_EV_*. */
static u32 observe(struct accelgov_device *agd,
		   const struct accelgov_slot *slot,
		   const struct ag_rates *rates, s32 phase)
{
	struct names old;
	u32 events = 0;

	trace_signal(accelgov_device_name(agd), rates);
	if (agd->state != ACCELGOV_STATE_ACTIVE) {
		fresh(agd, slot->arrival_ns);
		events = AG_EV_IDLE;
	}
	account(agd, &slot->sample, rates);
	accelgov_watchdog_put_off(agd);
	names_of(&agd->core, &old);
	events |= ag_core_observe(&agd->core, rates, phase);
	if (events & AG_EV_PHASE)
		report_phase(agd, &old, rates->time_ns);
	if (events & AG_EV_GUARD)
		trace_guard(accelgov_device_name(agd), &agd->core.guard,
			    agd->core.cfg.budget_permille);
	return events;
}

/* Second half. Return: what the core asks for, AG_EV_*. */
static u32 steer(struct accelgov_device *agd, const struct accelgov_slot *slot,
		 u32 events, s32 khz)
{
	u64 time_ns = agd->core.rates.time_ns;

	if (events & AG_EV_WINDOW)
		events = ag_core_steer(&agd->core, events, khz);
	if (events & AG_EV_RETARGET && !READ_ONCE(agd->suspended)) {
		if (!agd->arrival_ns)
			agd->arrival_ns = slot->arrival_ns;
		set_bit(ACCELGOV_TRIGGER_SIGNAL, &agd->requests);
	}
	if (events & AG_EV_CAP)
		set_bit(ACCELGOV_TRIGGER_CAP, &agd->requests);
	if (time_ns - min(time_ns, READ_ONCE(agd->status_ns)) >
	    ACCELGOV_STATUS_NS)
		set_bit(ACCELGOV_TRIGGER_STATUS, &agd->requests);
	return events;
}

/* Return: what the core asks for, AG_EV_*. */
static u32 take(struct accelgov_device *agd, const struct accelgov_slot *slot)
{
	struct ag_rates rates;
	u32 events;

	if (!rates_of(agd, slot, &rates))
		return 0;
	events = observe(agd, slot, &rates, ACCELGOV_BUILTIN);
	return steer(agd, slot, events, ACCELGOV_BUILTIN);
}

/* The same with questions to a policy, between which no lock is held. */
static u32 take_asking(struct accelgov_device *agd,
		       const struct accelgov_slot *slot,
		       struct accelgov_binding *b)
{
	s32 phase = ACCELGOV_BUILTIN, khz = ACCELGOV_BUILTIN;
	struct accelgov_call call;
	struct ag_rates rates;
	unsigned long flags;
	u32 events;
	bool good;

	raw_spin_lock_irqsave(&agd->lock, flags);
	good = rates_of(agd, slot, &rates);
	if (good)
		accelgov_call_fill(agd, &call, &rates);
	raw_spin_unlock_irqrestore(&agd->lock, flags);
	if (!good)
		return 0;
	phase = accelgov_call_classify(b, &call);

	raw_spin_lock_irqsave(&agd->lock, flags);
	events = observe(agd, slot, &rates, phase);
	if (agd->core.phase.now != call.ctx.phase)
		accelgov_call_dwelt(b, call.ctx.phase, call.ctx.phase_age_us);
	accelgov_call_fill(agd, &call, &agd->core.rates);
	raw_spin_unlock_irqrestore(&agd->lock, flags);
	if (events & AG_EV_WINDOW && accelgov_policy_of(agd))
		khz = accelgov_call_select(b, &call,
					   phase != ACCELGOV_BUILTIN);
	/* An idle policy wants to hear of every beginning and end. */
	if (events & AG_EV_PHASE && b->ops->idle_select)
		events |= AG_EV_IDLE;

	raw_spin_lock_irqsave(&agd->lock, flags);
	events = steer(agd, slot, events, khz);
	raw_spin_unlock_irqrestore(&agd->lock, flags);
	return events;
}

static void pass_on(struct accelgov_device *agd, u32 events)
{
	if (READ_ONCE(agd->requests))
		queue_work(accelgov_wq, &agd->retarget);
	if (events & AG_EV_IDLE)
		queue_work(accelgov_wq, &agd->runtime.work);
}

/* When time will have paid for what drain() did on this CPU. */
static DEFINE_PER_CPU(u64, paid_ns);

/* A CPU that a hypervisor took away meanwhile is let off with three limits. */
static void owe(u64 start_ns)
{
	u64 now_ns = ktime_get_mono_fast_ns();
	u64 paid = max(this_cpu_read(paid_ns), start_ns) +
		   (now_ns - start_ns) * ACCELGOV_DEBT_FACTOR;

	this_cpu_write(paid_ns, min(paid, now_ns + 3 * ACCELGOV_DEBT_NS));
}

static void drain(struct irq_work *work)
{
	struct accelgov_device *agd =
		container_of(work, struct accelgov_device, drain);
	int left = ACCELGOV_RING_LEN;
	struct accelgov_slot slot;
	unsigned long flags;
	u32 events = 0;
	u64 start_ns;
	bool ask;

	start_ns = ktime_get_mono_fast_ns();
	raw_spin_lock_irqsave(&agd->lock, flags);
	ask = agd->place->active || agd->place->asking;
	while (!ask && left-- && accelgov_ring_get(&agd->ring, &slot))
		events |= take(agd, &slot);
	owe(start_ns);
	raw_spin_unlock_irqrestore(&agd->lock, flags);

	if (ask)
		queue_work(accelgov_wq, &agd->place->intake);
	pass_on(agd, events);
}

/* Return: false when the ring is empty, and then irq_work may drain it again. */
static bool next(struct accelgov_device *agd, struct accelgov_slot *slot)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&agd->lock, flags);
	agd->place->asking = accelgov_ring_get(&agd->ring, slot);
	raw_spin_unlock_irqrestore(&agd->lock, flags);
	return agd->place->asking;
}

static u32 take_either(struct accelgov_device *agd,
		       const struct accelgov_slot *slot)
{
	struct accelgov_binding *b = accelgov_policy_of(agd);
	unsigned long flags;
	u32 events;

	if (b)
		return take_asking(agd, slot, b);
	raw_spin_lock_irqsave(&agd->lock, flags);
	events = take(agd, slot);
	raw_spin_unlock_irqrestore(&agd->lock, flags);
	return events;
}

static void intake(struct work_struct *work)
{
	struct accelgov_place *place =
		container_of(work, struct accelgov_place, intake);
	struct accelgov_device *agd = place->agd;
	struct accelgov_slot slot;
	u64 start_ns, now_ns;
	bool more;

	/* Whoever wants to change the policy gets a turn after each sample. */
	do {
		mutex_lock(&place->lock);
		more = next(agd, &slot);
		start_ns = ktime_get_mono_fast_ns();
		if (more)
			pass_on(agd, take_either(agd, &slot));
		now_ns = ktime_get_mono_fast_ns();
		WRITE_ONCE(agd->rest_until_ns, now_ns + (now_ns - start_ns) *
						ACCELGOV_REST_FACTOR);
		mutex_unlock(&place->lock);
		cond_resched();
	} while (more);
}

/**
 * accelgov_intake_period() - the distance of samples changed
 * @agd: device
 * @period_us: sample period
 */
void accelgov_intake_period(struct accelgov_device *agd, u32 period_us)
{
	u64 gap_ns = div_u64((u64)period_us * NSEC_PER_USEC,
			     ACCELGOV_GAP_FRACTION);

	WRITE_ONCE(agd->min_gap, gap_ns >> ACCELGOV_GAP_SHIFT);
}

/**
 * accelgov_intake_init() - get ready for samples
 * @agd: device whose core is configured
 */
void accelgov_intake_init(struct accelgov_device *agd)
{
	accelgov_ring_init(&agd->ring);
	init_irq_work(&agd->drain, drain);
	INIT_WORK(&agd->place->intake, intake);
	accelgov_intake_period(agd, agd->core.cfg.sample_period_us);
	agd->last_push = (ktime_get_mono_fast_ns() >> ACCELGOV_GAP_SHIFT) -
			 agd->min_gap;
}

/**
 * accelgov_intake_check() - may this sample be believed?
 * @sample: a copy of its own; its time is filled in when it is 0
 * @now_ns: CLOCK_MONOTONIC
 *
 * Context: any, NMI included.
 * Return: 0, or -EINVAL for a window that ended in the future or long ago, or
 * for what ag_sample_check() refuses.
 */
int accelgov_intake_check(struct accelgov_sample *sample, u64 now_ns)
{
	if (!sample->time_ns)
		sample->time_ns = now_ns;
	if (sample->time_ns > now_ns + ACCELGOV_FUTURE_NS ||
	    sample->time_ns + AG_WINDOW_MAX_NS < now_ns)
		return -EINVAL;
	return ag_sample_check(sample);
}

/* May the device have another sample now? @last is in units of the gap. */
static bool gate_open(const struct accelgov_device *agd, u64 now_ns, u32 last)
{
	u32 now = now_ns >> ACCELGOV_GAP_SHIFT;
	u32 gap = READ_ONCE(agd->min_gap);
	/* A program that can sleep may have moved on: another CPU's will do. */
	s64 debt_ns = this_cpu_read(paid_ns) - now_ns;

	if (debt_ns > (s64)ACCELGOV_DEBT_NS)
		gap <<= ACCELGOV_PRESSED_SHIFT;
	return now - last >= gap && debt_ns <= 2 * (s64)ACCELGOV_DEBT_NS &&
	       now_ns >= READ_ONCE(agd->rest_until_ns);
}

/**
 * accelgov_intake_push() - take one sample
 * @agd: device
 * @sample: checked sample
 * @now_ns: CLOCK_MONOTONIC
 *
 * Context: any, NMI included, inside the RCU section that found @agd.
 * Return: 0, or -EBUSY when the sample was dropped.
 */
int accelgov_intake_push(struct accelgov_device *agd,
			 const struct accelgov_sample *sample, u64 now_ns)
{
	u32 now = now_ns >> ACCELGOV_GAP_SHIFT;
	u32 last = READ_ONCE(agd->last_push);

	if (!gate_open(agd, now_ns, last) ||
	    !try_cmpxchg(&agd->last_push, &last, now) ||
	    !accelgov_ring_put(&agd->ring, sample, now_ns)) {
		atomic_inc(&agd->stats.dropped);
		return -EBUSY;
	}
	irq_work_queue(&agd->drain);
	return 0;
}

/**
 * accelgov_intake_governor() - a sample for whoever governs a devfreq device
 * @df: devfreq device
 * @sample: checked sample
 *
 * Does nothing when that is another governor.
 *
 * Context: process, df->lock not held.
 */
void accelgov_intake_governor(struct devfreq *df,
			      const struct accelgov_sample *sample)
{
	struct accelgov_device *agd;

	mutex_lock(&df->lock);
	agd = accelgov_device_find(df);
	if (agd)
		accelgov_intake_push(agd, sample, ktime_get_mono_fast_ns());
	mutex_unlock(&df->lock);
}
