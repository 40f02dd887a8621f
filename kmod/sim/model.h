/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The device model: a queue, an engine, a clock, idle states. Pure code, time
 * comes in as an argument.
 */
#ifndef _ASIM_MODEL_H
#define _ASIM_MODEL_H

#include "../uapi/accelgov.h"
#include "../uapi/accelsim.h"
#include "physics.h"
#include "sensor.h"

/* Places of the queue that are kept for jobs of a kernel's scheduler. */
#define ASIM_QUEUE_RESERVED	4
#define ASIM_QUEUE_LEN		(ACCELSIM_QUEUE_LEN + ASIM_QUEUE_RESERVED)

/**
 * struct asim_entry - an item in the queue
 * @item: what was submitted
 * @owner: who submitted it, not interpreted
 * @submit_ns: when
 * @ref_ns: its time at the highest clock under the default power limit
 * @wake_ns: wake-up latency it waits for
 */
struct asim_entry {
	struct accelsim_item item;
	void *owner;
	u64 submit_ns;
	u64 ref_ns;
	u64 wake_ns;
};

/**
 * struct asim_finished - a completion that nobody has taken yet
 * @done: what the submitter gets
 * @owner: the submitter
 */
struct asim_finished {
	struct accelsim_done done;
	void *owner;
};

/**
 * struct asim_model - one simulated device
 * @chip: its tables
 * @cap_mw: power limit
 * @since_ns: start of the current segment, in which all rates are constant
 * @next_ns: its end, %U64_MAX when nothing will happen by itself
 * @rates: of the current segment
 * @base: counters at @since_ns; queue and contexts in ns, energy in nJ
 * @want: index of the requested clock
 * @opp: index of the clock in force
 * @target: index of the clock that a switch in flight leads to
 * @ran: index of the clock that the item runs at, below @opp under a limit
 * @switching: a switch is in flight
 * @switch_at_ns: when it ends
 * @stall_until_ns: engines halt until then after a switch
 * @wake_until_ns: engines wake up until then
 * @idle_since_ns: when the idle time began that leads to deeper levels
 * @level: index of the idle level, 0 while there is work
 * @suspended: runtime or system suspend; work is kept and stands still
 * @sleep_level: index of the level that it is suspended to
 * @running: the first entry has been started
 * @halted: and stands still in this segment
 * @left_ns: time it still needs at the current rates
 * @start_ns: when it was started
 * @start_nj: energy counter at that time
 * @end_units: progress counter at its end
 * @contexts: resident contexts
 * @queue: ring of entries
 * @first: index of the oldest entry
 * @nr_queue: entries in the ring
 * @finished: ring of completions
 * @first_finished: index of the oldest completion
 * @nr_finished: completions in the ring
 * @sensor: power sensor
 */
struct asim_model {
	const struct asim_chip *chip;
	u32 cap_mw;
	u64 since_ns;
	u64 next_ns;
	struct asim_rates rates;
	u64 base[ACCELGOV_SIG_NR];
	u32 want;
	u32 opp;
	u32 target;
	u32 ran;
	bool switching;
	u64 switch_at_ns;
	u64 stall_until_ns;
	u64 wake_until_ns;
	u64 idle_since_ns;
	u32 level;
	bool suspended;
	u32 sleep_level;
	bool running;
	bool halted;
	u64 left_ns;
	u64 start_ns;
	u64 start_nj;
	u64 end_units;
	u32 contexts;
	struct asim_entry queue[ASIM_QUEUE_LEN];
	u32 first;
	u32 nr_queue;
	struct asim_finished finished[ASIM_QUEUE_LEN];
	u32 first_finished;
	u32 nr_finished;
	struct asim_sensor sensor;
};

/* Pure functions of the chip: no model, no lock. */
bool asim_item_ok(const struct asim_chip *chip,
		  const struct accelsim_item *item);
u64 asim_item_ref_ns(const struct asim_chip *chip,
		     const struct accelsim_item *item);

void asim_init(struct asim_model *m, const struct asim_chip *chip,
	       u32 gain_permille, u64 now);
void asim_advance(struct asim_model *m, u64 now);

/* All of these advance to @now first. */
int asim_submit(struct asim_model *m, const struct accelsim_item *item,
		u64 ref_ns, void *owner, u64 now);
int asim_submit_reserved(struct asim_model *m, const struct accelsim_item *item,
			 u64 ref_ns, void *owner, u64 now);
void asim_cancel(struct asim_model *m, const void *owner, u64 now);
void asim_set_clock(struct asim_model *m, u32 khz, u64 now);
void asim_set_cap(struct asim_model *m, u32 mw, u64 now);
void asim_set_context(struct asim_model *m, bool resident, u64 now);
void asim_suspend(struct asim_model *m, u64 now);
void asim_sleep(struct asim_model *m, u32 level, u64 now);
void asim_resume(struct asim_model *m, u64 now);
u64 asim_counter(struct asim_model *m, enum accelgov_signal signal, u64 now);
u32 asim_power_mw(struct asim_model *m, u64 now);
u32 asim_effective_khz(struct asim_model *m, u64 now);
u32 asim_sample_mw(struct asim_model *m, u64 now);
u32 asim_average_mw(struct asim_model *m, u64 now);
const char *asim_level_name(struct asim_model *m, u64 now);

bool asim_take_finished(struct asim_model *m, struct asim_finished *finished);

/**
 * asim_next_event() - when the model must be advanced again
 * @m: the model
 *
 * Being late changes nothing but the time at which completions are seen.
 *
 * Return: time in nanoseconds, %U64_MAX for never.
 */
static inline u64 asim_next_event(const struct asim_model *m)
{
	return m->next_ns;
}

/**
 * asim_has_work() - is anything queued or running
 * @m: the model
 *
 * Return: true when it is.
 */
static inline bool asim_has_work(const struct asim_model *m)
{
	return m->nr_queue;
}

/**
 * asim_clock_khz() - clock that engines run at, or would if there were work
 * @m: the model
 *
 * Return: kilohertz, never 0.
 */
static inline u32 asim_clock_khz(const struct asim_model *m)
{
	return m->chip->opps[m->running ? m->ran : m->opp].khz;
}

#endif /* _ASIM_MODEL_H */
