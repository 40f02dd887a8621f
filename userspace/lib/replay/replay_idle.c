// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: idle rules in replay
 *
 * The device suspends as accelsim does under runtime PM: some delay after its
 * queue ran empty, unless work comes first. Work that finds it suspended waits
 * for the wake-up latency of the device model. A profile may have several states that
 * only software enters; rules with a given delay know the deepest alone, as a driver's
 * runtime suspend does.
 *
 * 1. Delays act as they do in rpm_suspend() of Linux 6.12: its timer may be late
 *    by a quarter of the delay, and on an idle machine nothing brings it earlier.
 * 2. accelgov: the steps that the governor's core has planned, learned from idle
 *    periods as it sees them through samples. For policies that have no such
 *    core, one that sees them exactly. It is told what each state draws, and that a
 *    wake-up costs what the device draws idle meanwhile, at the clock that it idles at:
 *    the lowest, where the governor is accelgov. What suspending
 *    is compared with is the level that the device sinks to by itself at last; until
 *    then, or until the clock has come down, it is told the mean of what it draws.
 * 3. clairvoyant: the next arrival is known, the state that needs least for the gap is
 *    entered at once, and the device is awake again just in time. In the
 *    device model suspending costs nothing else, so no rule saves more.
 *
 * driver is the delay that accelsim starts with. sm-idle is the threshold of the
 * study of execution-idle time (arXiv 2605.23918): 5 s without activity.
 */
#include <errno.h>
#include <math.h>

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

/* The first level that only software enters. */
static uint32_t first_sleep(const struct asim_profile *p)
{
	uint32_t i = 1;

	while (i < p->nr_levels - 1 && p->levels[i].entry_ns != U64_MAX)
		i++;
	return i;
}

/* Nanoseconds at milliwatts. */
static double uj(double ns, double mw)
{
	return ns * mw / 1e6;
}

/* What an idle device with its model loaded draws in a level. */
static uint32_t level_mw(const struct asim_chip *chip, uint32_t opp,
			 uint32_t level)
{
	return level ? chip->profile->levels[level].mw[1] :
		       asim_idle_mw(chip, opp, true);
}

/* The level that it sinks to after this one, nr_levels for none. */
static uint32_t sinks_to(const struct asim_profile *p, uint32_t level)
{
	do
		level++;
	while (level < p->nr_levels && (p->levels[level].entry_ns == U64_MAX ||
					!p->levels[level].with_context));
	return level;
}

/* What waking from a level costs: idle power until it is awake. */
static double wake_uj(const struct asim_chip *chip, uint32_t opp,
		      uint32_t level)
{
	return uj((double)chip->profile->levels[level].wake_ns,
		  level_mw(chip, opp, 0));
}

/* A device that stays awake sinks by itself: @uj is spent at @ns, when it enters @level. */
struct sunk {
	uint32_t level;
	double ns;
	double uj;
};

/* Sink to the next level. Return: false when there is none. */
static bool sink(const struct asim_chip *chip, uint32_t opp, struct sunk *s)
{
	const struct asim_profile *p = chip->profile;
	uint32_t next = sinks_to(p, s->level);
	double ns;

	if (next == p->nr_levels)
		return false;
	ns = (double)p->levels[next].entry_ns;
	s->uj += uj(ns - s->ns, level_mw(chip, opp, s->level));
	s->ns = ns;
	s->level = next;
	return true;
}

/*
 * What a device that stays awake does by itself: it sinks as far as it goes, and its
 * clock may come down from the top to the one that it idles at.
 */
static struct sunk sunk_at_last(const struct asim_chip *chip, uint32_t opp,
				uint64_t fall_ns)
{
	uint32_t top = chip->nr_opps - 1;
	struct sunk s = { 0 };
	double first_ns;

	while (sink(chip, opp, &s))
		;
	first_ns = s.level ? (double)chip->profile->levels[sinks_to(chip->profile, 0)].entry_ns :
			     (double)fall_ns;
	if (!s.level)
		s = (struct sunk){
			.ns = first_ns, .uj = uj(first_ns, level_mw(chip, opp, 0)),
		};
	s.uj += uj(fmin((double)fall_ns, first_ns),
		   (double)level_mw(chip, top, 0) - level_mw(chip, opp, 0));
	return s;
}

void replay_idle_config(const struct asim_chip *chip, uint32_t opp, uint64_t fall_ns,
			const struct replay_idle_limits *limits,
			struct ag_idle_config *ret)
{
	struct sunk last = sunk_at_last(chip, opp, fall_ns);
	uint32_t first = first_sleep(chip->profile);
	uint32_t awake_mw = level_mw(chip, opp, last.level);
	double saved_uj, dearer_uj = 0;

	/* A clock that has not come down yet is paid for while the device wakes up. */
	if (fall_ns)
		dearer_uj = wake_uj(chip, chip->nr_opps - 1, first) -
			    wake_uj(chip, opp, first);
	*ret = (struct ag_idle_config){
		.enable = true,
		.break_even_us = limits->break_even_us,
		.max_latency_us = limits->max_wake_latency_us,
		.awake_mw = awake_mw,
		.early_us = (uint32_t)(last.ns / NSEC_PER_USEC),
		.nr_states = (uint8_t)(chip->profile->nr_levels - first),
	};
	if (last.ns > 0)
		ret->early_mw = (uint32_t)fmax(0, last.uj / last.ns * 1e6 - awake_mw);
	/* Who sleeps needs not wake from where it would have sunk to. */
	saved_uj = wake_uj(chip, opp, last.level);
	ret->early_uj = (uint32_t)(saved_uj + dearer_uj);
	for (uint32_t i = 0; i < ret->nr_states; i++) {
		const struct asim_level *l = &chip->profile->levels[first + i];

		ret->state[i].power_mw = level_mw(chip, opp, first + i);
		ret->state[i].wake_us =
			(uint32_t)((l->wake_ns + NSEC_PER_USEC - 1) /
				   NSEC_PER_USEC);
		ret->state[i].switch_uj =
			(uint32_t)fmax(0, wake_uj(chip, opp, first + i) - saved_uj);
	}
}

void replay_idle_init(struct replay_idle *i,
		      const struct replay_idle_rule *rule,
		      const struct asim_chip *chip,
		      const struct replay_idle_limits *limits)
{
	i->rule = rule ? *rule : rules[0];
	i->limits = *limits;
	replay_idle_config(chip, 0, 0, limits, &i->cfg);
	i->resume_ns = U64_MAX;
	ag_idle_init(&i->core, &i->cfg);
}

static void add_step(struct replay_idle *i, uint32_t level, uint64_t delay_ns)
{
	i->step[i->nr_steps++] = (struct replay_idle_step){
		.at_ns = i->start_ns + delay_ns,
		.level = level,
	};
}

/* Work that comes at the same time comes first. */
static uint64_t late_ns(uint32_t delay_ms)
{
	return delay_ms * (uint64_t)NSEC_PER_MSEC / 4 * 5 + 1;
}

/* What an idle period needs without suspending, wake-up included. */
static double awake_uj(const struct asim_model *m, double ns)
{
	struct sunk s = { 0 }, next = { 0 };

	while (sink(m->chip, m->opp, &next) && next.ns <= ns)
		s = next;
	return s.uj + uj(ns - s.ns, level_mw(m->chip, m->opp, s.level)) +
	       wake_uj(m->chip, m->opp, s.level);
}

/* Sleep as deep as pays until work comes, and be awake then. */
static void plan_known(struct replay_idle *i, const struct asim_model *m,
		       uint64_t gap_ns)
{
	const struct asim_profile *p = m->chip->profile;
	uint32_t best = p->nr_levels;
	double least = awake_uj(m, (double)gap_ns);

	for (uint32_t l = first_sleep(p); l < p->nr_levels; l++) {
		double wake = (double)p->levels[l].wake_ns, sum;

		if ((double)gap_ns <= wake)
			continue;
		sum = uj((double)gap_ns - wake, level_mw(m->chip, m->opp, l)) +
		      wake_uj(m->chip, m->opp, l);
		if (sum >= least)
			continue;
		least = sum;
		best = l;
	}
	if (best == p->nr_levels)
		return;
	add_step(i, best, 0);
	i->resume_ns = i->start_ns + gap_ns - p->levels[best].wake_ns;
}

/* A policy without a core idles at whatever clock it has. */
static const struct ag_idle *own_core(struct replay_idle *i,
				      const struct asim_model *m)
{
	replay_idle_config(m->chip, m->opp, 0, &i->limits, &i->cfg);
	ag_idle_choose(&i->core, &i->cfg);
	return &i->core;
}

static void plan_learned(struct replay_idle *i, const struct asim_profile *p,
			 const struct ag_idle *core)
{
	for (uint32_t s = 0; s < core->nr_steps; s++)
		add_step(i, first_sleep(p) + core->step[s].state - 1,
			 late_ns(core->step[s].delay_ms));
}

void replay_idle_enter(struct replay_idle *i, struct asim_model *m,
		       const struct ag_idle *core, uint64_t arrival_ns,
		       uint64_t now_ns)
{
	const struct asim_profile *p = m->chip->profile;

	i->is_idle = true;
	i->start_ns = now_ns;
	i->start_uj = asim_counter(m, ACCELGOV_SIG_POWER, now_ns);
	i->nr_steps = 0;
	i->done = 0;
	ag_idle_enter(&i->core, now_ns);
	switch (i->rule.kind) {
	case REPLAY_IDLE_NEVER:
		break;
	case REPLAY_IDLE_FIXED:
		add_step(i, p->nr_levels - 1, late_ns(i->rule.delay_ms));
		break;
	case REPLAY_IDLE_ACCELGOV:
		plan_learned(i, p, core ? core : own_core(i, m));
		break;
	case REPLAY_IDLE_CLAIRVOYANT:
		if (arrival_ns < U64_MAX)
			plan_known(i, m, arrival_ns - now_ns);
		else
			add_step(i, p->nr_levels - 1, 0);
		break;
	}
}

static uint64_t step_ns(const struct replay_idle *i)
{
	return i->is_idle && i->done < i->nr_steps ? i->step[i->done].at_ns :
						     U64_MAX;
}

bool replay_idle_act(struct replay_idle *i, struct asim_model *m,
		     uint64_t now_ns)
{
	while (now_ns >= step_ns(i)) {
		if (!i->done)
			i->suspends++;
		asim_sleep(m, i->step[i->done++].level, now_ns);
	}
	if (now_ns < i->resume_ns)
		return false;
	i->resume_ns = U64_MAX;
	asim_resume(m, now_ns);
	return true;
}

uint64_t replay_idle_next(const struct replay_idle *i)
{
	return min_t(uint64_t, step_ns(i), i->resume_ns);
}

void replay_idle_end(struct replay_idle *i, struct asim_model *m,
		     uint64_t now_ns)
{
	i->energy_uj += (double)(asim_counter(m, ACCELGOV_SIG_POWER, now_ns) -
				 i->start_uj);
	i->is_idle = false;
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
	/* A device that sank by itself begins to wake up when the item is queued. */
	i->energy_uj += suspended ? uj((double)wait_ns,
				       level_mw(m->chip, m->opp, 0)) :
				    wake_uj(m->chip, m->opp, m->level);
	if (samples_add(&i->wake_ms, (double)wait_ns / 1e6))
		return -ENOMEM;
	return suspended;
}
