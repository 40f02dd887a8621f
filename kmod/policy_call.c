// SPDX-License-Identifier: GPL-2.0
/*
 * Policy call: questions to a policy, and what its answers are held against
 *
 * The question is a copy: it is filled under the device's lock, the lock is
 * dropped, the program runs on the copy with interrupts and preemption on, and
 * what it answered is judged under the lock again. A program that takes long
 * holds up its own device's samples and nothing else; when it takes so long that
 * they go stale, busy time decides meanwhile (watchdog.c).
 */
#include <linux/timekeeping.h>
#include "device.h"
#include "policy.h"
#include "trace.h"

/**
 * accelgov_policy_of() - who is to be asked
 * @agd: device
 *
 * Context: accelgov_place.lock held; the result is good until it is dropped.
 * Return: the binding, or NULL for the built-in policy.
 */
struct accelgov_binding *accelgov_policy_of(struct accelgov_device *agd)
{
	struct accelgov_binding *b = agd->place->active;

	lockdep_assert_held(&agd->place->lock);
	return b && !accelgov_policy_ejected(b->policy) ? b : NULL;
}

static void fill_signals(struct accelgov_policy_ctx *ctx,
			 const struct ag_rates *r)
{
	ctx->now_ns = r->time_ns;
	ctx->window_ns = r->window_ns;
	ctx->valid = r->valid & AG_ALL_SIGNALS;
	ctx->busy_permille = r->busy;
	ctx->compute_permille = r->compute;
	ctx->memory_permille = r->memory;
	ctx->link_permille = r->link;
	ctx->host_permille = r->host;
	ctx->queue_milli = r->queue;
	ctx->clock_khz = r->clock_khz;
	ctx->power_mw = r->power_mw;
	ctx->contexts_milli = r->contexts;
	ctx->progress = r->progress;
}

static void fill_phase(struct accelgov_policy_ctx *ctx,
		       const struct ag_core *core, const struct ag_rates *r)
{
	u64 age_ns = r->time_ns - min(r->time_ns, core->phase.since_ns);

	ctx->phase = core->phase.now;
	ctx->workload = core->workload.now;
	ctx->phase_age_us = min_t(u64, U32_MAX, div_u64(age_ns, NSEC_PER_USEC));
	ctx->builtin_phase =
		ag_core_classify(core, r, &ctx->builtin_confidence_permille);
}

static void fill_clock(struct accelgov_policy_ctx *ctx,
		       const struct ag_core *core)
{
	ctx->builtin_khz = core->want_khz;
	ctx->target_khz = core->target_khz;
	ctx->min_khz = max(core->min_khz, core->opp.khz[0]);
	ctx->max_khz = min(core->max_khz, ag_opp_top_khz(&core->opp));
	ctx->top_khz = ag_opp_top_khz(&core->opp);
	ctx->switch_us = core->switch_us;
	ctx->guarded = core->guard.engaged;
	ctx->budget_permille = core->cfg.budget_permille;
	ctx->slowdown_permille = ag_guard_slowdown_permille(&core->guard);
	ctx->power_cap_mw = core->cfg.power_cap_mw;
	ctx->builtin_idle_ms = min_t(u32, core->idle.delay_ms, ACCELGOV_NEVER);
	ctx->idle_predicted_us = core->idle.predicted_us;
}

/**
 * accelgov_call_fill() - make a question
 * @agd: device
 * @call: what to fill
 * @rates: the window that it is about
 *
 * Context: accelgov_device.lock held.
 */
void accelgov_call_fill(struct accelgov_device *agd, struct accelgov_call *call,
			const struct ag_rates *rates)
{
	struct accelgov_binding *b = agd->place->active;
	struct ag_core *core = &agd->core;

	lockdep_assert_held(&agd->lock);
	memset(call, 0, sizeof(*call));
	call->agd = agd;
	call->ctx.device = agd->token;
	fill_signals(&call->ctx, rates);
	fill_phase(&call->ctx, core, rates);
	fill_clock(&call->ctx, core);
	call->ctx.dwell_us = b ? b->dwell_us[call->ctx.phase] : 0;
	call->ctx.may_switch = !b || ag_judge_may_switch(&b->judge,
							 core->switch_us,
							 rates->time_ns);
}

/**
 * accelgov_call_dwelt() - an episode of a phase is over
 * @b: binding, from accelgov_policy_of()
 * @phase: the phase
 * @us: how long it lasted
 */
void accelgov_call_dwelt(struct accelgov_binding *b, u32 phase, u32 us)
{
	u32 *mean = &b->dwell_us[phase];

	*mean = *mean ? *mean - *mean / 4 + us / 4 : us;
}

static u32 limit_ms(const struct accelgov_binding *b)
{
	return b->ops->timeout_ms ?: ACCELGOV_TIMEOUT_DEFAULT_MS;
}

/* The answer, and the time that it took on the record. */
static s32 ask(struct accelgov_binding *b, struct accelgov_call *call,
	       s32 (*callback)(struct accelgov_policy_ctx *ctx))
{
	struct accelgov_device *agd = call->agd;
	u64 start_ns, took_ns, now_ns;
	unsigned long flags;
	s32 answer;

	lockdep_assert_held(&agd->place->lock);
	memcpy(call->ctx.scratch, b->scratch, sizeof(b->scratch));
	start_ns = ktime_get_ns();
	answer = callback(&call->ctx);
	now_ns = ktime_get_ns();
	took_ns = now_ns - start_ns;
	memcpy(b->scratch, call->ctx.scratch, sizeof(b->scratch));

	raw_spin_lock_irqsave(&agd->lock, flags);
	b->calls++;
	b->longest_ns = max(b->longest_ns, took_ns);
	ag_judge_time(&b->judge, took_ns, limit_ms(b), now_ns);
	raw_spin_unlock_irqrestore(&agd->lock, flags);
	return answer;
}

/* What the judge found goes to the trace, and may be the policy's end. */
static void sentence(struct accelgov_device *agd, struct accelgov_binding *b,
		     s32 answer)
{
	struct ag_judge *j = &b->judge;

	lockdep_assert_held(&agd->lock);
	if (j->worst != ACCELGOV_OFFENCE_NR)
		trace_policy(accelgov_device_name(agd), "offence",
			     ag_offence_name(j->worst), answer);
	if (!ag_judge_guilty(j) || b->exit != ACCELGOV_EXIT_NONE)
		return;
	trace_policy(accelgov_device_name(agd), "eject",
		     ag_offence_name(j->guilty), j->count[j->guilty]);
	accelgov_policy_eject(b->policy, b);
}

/* A question that no window asks. */
static void fill_now(struct accelgov_device *agd, struct accelgov_call *call)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&agd->lock, flags);
	accelgov_call_fill(agd, call, &agd->core.rates);
	raw_spin_unlock_irqrestore(&agd->lock, flags);
}

/**
 * accelgov_call_init() - a policy comes to a device
 * @agd: device
 * @b: binding that is not active yet
 *
 * Context: process, accelgov_place.lock held.
 * Return: what init_device() returned, 0 without one.
 */
s32 accelgov_call_init(struct accelgov_device *agd, struct accelgov_binding *b)
{
	struct accelgov_call call;

	if (!b->ops->init_device)
		return 0;
	fill_now(agd, &call);
	return ask(b, &call, b->ops->init_device);
}

static u64 clamped(const struct ag_judge *j)
{
	return (u64)j->count[ACCELGOV_OFFENCE_PHASE] +
	       j->count[ACCELGOV_OFFENCE_CLOCK] +
	       j->count[ACCELGOV_OFFENCE_IDLE] +
	       j->count[ACCELGOV_OFFENCE_SWITCH];
}

/**
 * accelgov_call_exit() - a policy leaves a device
 * @agd: device
 * @b: binding that is not active any more, with the reason in it
 *
 * Context: process, accelgov_place.lock held.
 */
void accelgov_call_exit(struct accelgov_device *agd, struct accelgov_binding *b)
{
	struct accelgov_policy_exit exit = {
		.code = b->exit,
		.offence = b->judge.guilty,
		.decisions = b->judge.nr,
		.clamped = clamped(&b->judge),
	};
	struct accelgov_call call;

	if (!b->ops->exit_device)
		return;
	fill_now(agd, &call);
	memcpy(call.ctx.scratch, b->scratch, sizeof(b->scratch));
	b->ops->exit_device(&call.ctx, &exit);
}

/**
 * accelgov_call_classify() - ask for the name of a window
 * @b: binding, from accelgov_policy_of()
 * @call: filled
 *
 * Context: process, accelgov_place.lock held.
 * Return: a phase, or %ACCELGOV_BUILTIN.
 */
s32 accelgov_call_classify(struct accelgov_binding *b,
			   struct accelgov_call *call)
{
	struct accelgov_device *agd = call->agd;
	unsigned long flags;
	s32 answer, phase;

	if (!b->ops->classify)
		return ACCELGOV_BUILTIN;
	/* What the built-in policy wanted before says nothing of this window. */
	call->ctx.builtin_khz = 0;
	answer = ask(b, call, b->ops->classify);
	raw_spin_lock_irqsave(&agd->lock, flags);
	phase = ag_judge_phase(&b->judge, answer, call->ctx.now_ns);
	sentence(agd, b, answer);
	raw_spin_unlock_irqrestore(&agd->lock, flags);
	return phase;
}

static bool probes(const struct accelgov_binding *b, const struct ag_core *core)
{
	return b->ops->flags & ACCELGOV_POLICY_PROBE &&
	       core->want_reason == AG_REASON_PROBE;
}

/**
 * accelgov_call_select() - ask for a clock
 * @b: binding, from accelgov_policy_of()
 * @call: filled
 * @imposed: the policy named the phase
 *
 * A policy without select() is judged all the same: its phases choose clocks.
 *
 * Context: process, accelgov_place.lock held.
 * Return: an operating point in kHz, or %ACCELGOV_BUILTIN.
 */
s32 accelgov_call_select(struct accelgov_binding *b, struct accelgov_call *call,
			 bool imposed)
{
	struct accelgov_device *agd = call->agd;
	struct ag_judge_case c = {
		.opp = &agd->core.opp,
		.builtin_khz = call->ctx.builtin_khz,
		.switch_us = call->ctx.switch_us,
		.imposed = imposed,
		.now_ns = call->ctx.now_ns,
	};
	s32 answer = ACCELGOV_BUILTIN, khz;
	unsigned long flags;

	if (b->ops->select && !probes(b, &agd->core))
		answer = ask(b, call, b->ops->select);
	else if (b->ops->select)
		return ACCELGOV_BUILTIN;
	raw_spin_lock_irqsave(&agd->lock, flags);
	khz = ag_judge_clock(&b->judge, &c, answer);
	ag_judge_guard(&b->judge, agd->core.guard.engaged, c.now_ns);
	sentence(agd, b, answer);
	ag_judge_note(&b->judge, answer, khz, call->ctx.phase, c.now_ns);
	raw_spin_unlock_irqrestore(&agd->lock, flags);
	return khz;
}

/**
 * accelgov_call_idle() - ask for an autosuspend delay
 * @agd: device
 * @builtin_ms: what the built-in policy wants, %AG_IDLE_NEVER for no suspend
 *
 * Context: process, no lock held.
 * Return: milliseconds, or %AG_IDLE_NEVER.
 */
u32 accelgov_call_idle(struct accelgov_device *agd, u32 builtin_ms)
{
	s32 answer, ms = ACCELGOV_BUILTIN;
	struct accelgov_binding *b;
	struct accelgov_call call;
	unsigned long flags;

	mutex_lock(&agd->place->lock);
	b = accelgov_policy_of(agd);
	/* Suspends that take too long to wake from are nobody's to choose. */
	if (b && b->ops->idle_select && ag_idle_allowed(&agd->core.cfg.idle)) {
		fill_now(agd, &call);
		answer = ask(b, &call, b->ops->idle_select);
		raw_spin_lock_irqsave(&agd->lock, flags);
		ms = ag_judge_idle(&b->judge, answer, ktime_get_ns());
		sentence(agd, b, answer);
		raw_spin_unlock_irqrestore(&agd->lock, flags);
	}
	mutex_unlock(&agd->place->lock);
	if (ms == ACCELGOV_BUILTIN)
		return builtin_ms;
	return ms == ACCELGOV_NEVER ? AG_IDLE_NEVER : ms;
}
