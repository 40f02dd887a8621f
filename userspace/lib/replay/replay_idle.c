// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: idle rules in replay
 *
 * The device suspends as accelsim does under runtime PM: some delay after its
 * queue ran empty, unless work comes first. Work that finds it suspended waits
 * for the wake-up latency of the device model.
 *
 * 1. Delays act as they do in rpm_suspend() of Linux 6.12: its timer may be late
 *    by a quarter of the delay, and on an idle machine nothing brings it earlier.
 * 2. accelgov: the delay that the governor's core has set, learned from idle
 *    periods as it sees them through samples. For policies that have no such
 *    core, one that sees them exactly.
 * 3. clairvoyant: the next arrival is known. A gap longer than the wake-up
 *    latency is slept through, and the device is awake again just in time. In the
 *    device model suspending costs nothing else, so no rule saves more.
 *
 * driver is the delay that accelsim starts with. sm-idle is the threshold of the
 * study of execution-idle time (arXiv 2605.23918): 5 s without activity.
 */
#include <errno.h>
#include <string.h>

#include "../../../kmod/core/core.h"
#include "replay_idle.h"

static const struct replay_idle_rule rules[] = {
	{ "never", REPLAY_IDLE_NEVER, 0 },
	{ "driver", REPLAY_IDLE_FIXED, 2000 },
	{ "sm-idle", REPLAY_IDLE_FIXED, 5000 },
	{ "accelgov", REPLAY_IDLE_ACCELGOV, 0 },
	{ "clairvoyant", REPLAY_IDLE_CLAIRVOYANT, 0 },
};

const struct replay_idle_rule *replay_idle_nth(unsigned int i)
{
	return i < ARRAY_SIZE(rules) ? &rules[i] : NULL;
}

static uint64_t wake_ns(const struct asim_profile *p)
{
	return p->levels[p->nr_levels - 1].wake_ns;
}

uint32_t replay_idle_wake_us(const struct asim_profile *p)
{
	return (uint32_t)((wake_ns(p) + NSEC_PER_USEC - 1) / NSEC_PER_USEC);
}

void replay_idle_init(struct replay_idle *i,
		      const struct replay_idle_rule *rule,
		      const struct asim_profile *p,
		      uint32_t max_wake_latency_us)
{
	struct ag_config cfg;

	ag_config_default(&cfg);
	i->rule = rule ? *rule : rules[0];
	i->cfg = cfg.idle;
	i->cfg.wake_latency_us = replay_idle_wake_us(p);
	i->cfg.max_latency_us = max_wake_latency_us;
	i->suspend_ns = U64_MAX;
	i->resume_ns = U64_MAX;
	ag_idle_init(&i->core, &i->cfg);
}

static uint64_t later_ns(uint64_t now_ns, uint32_t delay_ms)
{
	if (delay_ms == AG_IDLE_NEVER)
		return U64_MAX;
	return now_ns + delay_ms * (uint64_t)NSEC_PER_MSEC / 4 * 5;
}

void replay_idle_enter(struct replay_idle *i, struct asim_model *m,
		       const uint32_t *delay_ms, uint64_t arrival_ns,
		       uint64_t now_ns)
{
	const struct asim_profile *p = m->chip->profile;

	i->is_idle = true;
	i->start_ns = now_ns;
	i->start_uj = asim_counter(m, ACCELGOV_SIG_POWER, now_ns);
	ag_idle_enter(&i->core, now_ns);
	switch (i->rule.kind) {
	case REPLAY_IDLE_NEVER:
		break;
	case REPLAY_IDLE_FIXED:
		i->suspend_ns = later_ns(now_ns, i->rule.delay_ms);
		break;
	case REPLAY_IDLE_ACCELGOV:
		i->suspend_ns = later_ns(now_ns, delay_ms ? *delay_ms :
						 i->core.delay_ms);
		break;
	case REPLAY_IDLE_CLAIRVOYANT:
		if (arrival_ns < U64_MAX && arrival_ns - now_ns <= wake_ns(p))
			break;
		i->suspend_ns = now_ns;
		if (arrival_ns < U64_MAX)
			i->resume_ns = arrival_ns - wake_ns(p);
		break;
	}
}

bool replay_idle_act(struct replay_idle *i, struct asim_model *m,
		     uint64_t now_ns)
{
	if (now_ns >= i->suspend_ns) {
		asim_suspend(m, now_ns);
		i->suspend_ns = U64_MAX;
		i->suspends++;
	}
	if (now_ns < i->resume_ns)
		return false;
	i->resume_ns = U64_MAX;
	asim_resume(m, now_ns);
	return true;
}

uint64_t replay_idle_next(const struct replay_idle *i)
{
	return min_t(uint64_t, i->suspend_ns, i->resume_ns);
}

void replay_idle_end(struct replay_idle *i, struct asim_model *m,
		     uint64_t now_ns)
{
	i->energy_uj += (double)(asim_counter(m, ACCELGOV_SIG_POWER, now_ns) -
				 i->start_uj);
	i->is_idle = false;
	i->suspend_ns = U64_MAX;
	i->resume_ns = U64_MAX;
	asim_resume(m, now_ns);
}

int replay_idle_leave(struct replay_idle *i, struct asim_model *m,
		      uint64_t now_ns)
{
	bool suspended = m->suspended;
	uint64_t wait_ns = 0;

	replay_idle_end(i, m, now_ns);
	ag_idle_leave(&i->core, now_ns, &i->cfg);
	if (m->wake_until_ns > now_ns)
		wait_ns = m->wake_until_ns - now_ns;
	i->energy_uj += (double)wait_ns *
			asim_idle_mw(m->chip, m->opp, m->contexts) / 1e6;
	if (samples_add(&i->wake_ms, (double)wait_ns / 1e6))
		return -ENOMEM;
	return suspended;
}
