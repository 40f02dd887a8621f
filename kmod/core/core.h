/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The policy core: from signals to an operating point.
 *
 * Pure integer C. The caller owns a struct ag_core per device and serialises
 * every call on it; nothing here sleeps, allocates, locks or reads a clock.
 */
#ifndef _AG_CORE_H
#define _AG_CORE_H

#include "types.h"
#include "accelgov.h"
#include "accelgov_policy.h"
#include "foresee.h"
#include "guard.h"
#include "idle.h"
#include "limiter.h"
#include "mix.h"
#include "opp.h"
#include "phase.h"
#include "plan.h"
#include "sample.h"
#include "sens.h"
#include "workload.h"

/**
 * enum ag_reason - why a target was chosen
 * @AG_REASON_START: governor took the device over
 * @AG_REASON_PHASE: a new phase has another best clock
 * @AG_REASON_PRICE: the model or the price of time moved the best clock
 * @AG_REASON_GUARD: the slowdown budget is used up
 * @AG_REASON_PROBE: a look at the rate at the highest clock
 * @AG_REASON_CAP: the power cap left no better clock
 * @AG_REASON_LIMIT: min/max_freq, PM QoS or a per-phase limit decided
 * @AG_REASON_HOLD: nothing changed
 * @AG_REASON_FALLBACK: signals are stale, busy time decided
 * @AG_REASON_POLICY: a policy that was loaded wished it
 * @AG_REASON_FORESIGHT: the end of a wait is foreseen, and far or near
 * @AG_REASON_NR: number of reasons
 */
enum ag_reason {
	AG_REASON_START,
	AG_REASON_PHASE,
	AG_REASON_PRICE,
	AG_REASON_GUARD,
	AG_REASON_PROBE,
	AG_REASON_CAP,
	AG_REASON_LIMIT,
	AG_REASON_HOLD,
	AG_REASON_FALLBACK,
	AG_REASON_POLICY,
	AG_REASON_FORESIGHT,
	AG_REASON_NR,
};

/* In place of a phase or a clock: what the built-in policy would take. */
#define AG_BUILTIN	ACCELGOV_BUILTIN

/* What ag_core_sample() asks its caller to do. */
#define AG_EV_PHASE	BIT(0)	/* phase or workload changed: publish */
#define AG_EV_RETARGET	BIT(1)	/* ag_core_decide() wants another clock */
#define AG_EV_GUARD	BIT(2)	/* the guard engaged or released */
#define AG_EV_IDLE	BIT(3)	/* the autosuspend delay should change */
#define AG_EV_WINDOW	BIT(4)	/* ag_core_observe(): now ag_core_steer() */
#define AG_EV_CAP	BIT(5)	/* the device's limiter is asked for another cap */

/**
 * struct ag_phase_limits - what an operator set for one phase
 * @min_khz: lowest clock, 0 for none
 * @max_khz: highest clock, 0 for none
 * @budget_permille: slowdown budget, negative for the device's
 */
struct ag_phase_limits {
	u32 min_khz;
	u32 max_khz;
	s32 budget_permille;
};

/**
 * struct ag_config - every knob of one device
 * @budget_permille: allowed slowdown, 0..1000
 * @power_cap_mw: power the device may draw, 0 for no cap
 * @sample_period_us: expected distance of samples, 1000..100000
 * @idle: see &struct ag_idle_config
 * @phase: per-phase limits
 */
struct ag_config {
	u32 budget_permille;
	u32 power_cap_mw;
	u32 sample_period_us;
	struct ag_idle_config idle;
	struct ag_phase_limits phase[ACCELGOV_PHASE_NR];
};

/**
 * struct ag_decision - one chosen operating point
 * @khz: target clock
 * @phase: phase that it was chosen for
 * @reason: why
 * @slowdown_permille: predicted slowdown of this phase at @khz
 * @energy_permille: predicted energy per unit of work, 1000 at the top clock
 * @cap_mw: cap that the device's limiter is asked to hold meanwhile, 0 for none
 */
struct ag_decision {
	u32 khz;
	enum accelgov_phase phase;
	enum ag_reason reason;
	u32 slowdown_permille;
	u32 energy_permille;
	u32 cap_mw;
};

/**
 * struct ag_held - the newest window, booked once the next one is known
 * @time_ns: its end
 * @us: its length, 0 for none
 * @busy_us: busy part of it
 * @khz: the clock that it is booked at
 * @told_khz: the clock that was told with it
 * @time: what its phase takes at that clock
 * @compute: compute activity, per mille of its busy time; beyond 1000 when not
 *	known
 * @traffic: memory activity, likewise
 * @unexplained: busy time that neither link nor host account for, per mille
 * @heat: how much of it can be arithmetic by its power, per mille
 * @slot: slot whose clock was in force
 * @halts: changes of clock in it
 * @before: phase of the window before it
 * @phase: its own phase
 */
struct ag_held {
	u64 time_ns;
	u32 us;
	u32 busy_us;
	u32 khz;
	u32 told_khz;
	struct ag_times time;
	u32 compute;
	u32 traffic;
	u32 unexplained;
	u32 heat;
	u32 slot;
	u32 halts;
	enum accelgov_phase before;
	enum accelgov_phase phase;
};

/**
 * struct ag_core - state of one device, at most 8 KiB
 * @cfg: knobs; change through ag_core_configure() only
 * @opp: operating points
 * @phase: short-horizon classifier
 * @workload: long-horizon classifier
 * @sens: time and power models per phase
 * @foresee: when waits end
 * @mix: what runs at the clock of each slot
 * @guard: ledger of lost time
 * @idle: idle-length predictor
 * @limiter: the device's own hold on its power
 * @rates: last window
 * @plan: best clock per phase
 * @target_khz: clock last asked for, 0 before the first
 * @planned_khz: clock that the policy wants, before limits
 * @want_khz: clock that the built-in policy wanted at the last window
 * @want_reason: why
 * @min_khz: lowest clock that limits from outside allowed last
 * @max_khz: highest clock that they allowed last
 * @reason: why @planned_khz was planned
 * @energy_uj: energy seen so far (measured: from the power signal)
 * @saved_uj: estimated saving against the top clock (model)
 * @samples: samples taken
 * @applied_ns: when a target was set that the clock has not followed yet
 * @target_ns: when @target_khz last changed
 * @followed_ns: when the clock was last seen to follow a target
 * @probe_ns: when the last probe began
 * @probed_ns: when a probe last ended because it had seen enough
 * @from_khz: clock when @target_khz last changed
 * @before_khz: target before @target_khz
 * @between_us: how long the switch took that the last window may have shown, else 0
 * @switch_us: mean time from target to effective clock, or as told before the first
 * @slowest_us: longest time of late
 * @halt_us: how long a change halts the device, as told; 0 when not known
 * @held: window to be booked
 * @credit_us: work that the books may take on the model's word
 * @slot: slot of the present phase
 * @target_slot: slot that the target was chosen for
 * @before_slot: slot that the target before it was chosen for
 * @switches: how many changes @switch_us is the mean of, at most the last eight
 * @halts: changes of the target since the last window
 * @turn: which of the slots that nothing runs in is planned next
 * @ran: slot whose clock is in force
 * @cap_trim_mw: what the cap is lowered by for each phase, because the model
 *	missed it
 * @ask_phase: phase whose reference is in doubt
 * @aged: @slot changed with the last window
 * @asking: the top clock is asked for whatever runs, for the sake of @ask_phase
 * @probing: the top clock is held to see its rate
 * @chased: @target_khz was set before the clock had followed the one before
 * @told: somebody told what a switch takes
 * @cut: the device's limiter kept the clock of @held below the target
 */
struct ag_core {
	struct ag_config cfg;
	struct ag_opp_table opp;
	struct ag_phase phase;
	struct ag_workload workload;
	struct ag_sens sens;
	struct ag_foresee foresee;
	struct ag_mix mix;
	struct ag_guard guard;
	struct ag_idle idle;
	struct ag_limiter limiter;
	struct ag_rates rates;
	struct ag_plan plan;
	u32 target_khz;
	u32 planned_khz;
	u32 want_khz;
	enum ag_reason want_reason;
	u32 min_khz;
	u32 max_khz;
	enum ag_reason reason;
	u64 energy_uj;
	s64 saved_uj;
	u64 samples;
	u64 applied_ns;
	u64 target_ns;
	u64 followed_ns;
	u64 probe_ns;
	u64 probed_ns;
	u32 from_khz;
	u32 before_khz;
	u32 between_us;
	u32 switch_us;
	u32 slowest_us;
	u32 halt_us;
	struct ag_held held;
	u32 credit_us;
	u32 slot;
	u32 target_slot;
	u32 before_slot;
	u32 ran;
	u32 cap_trim_mw[ACCELGOV_PHASE_NR];
	u8 switches;
	u8 halts;
	u8 turn;
	u8 ask_phase;
	bool aged : 1;
	bool asking : 1;
	bool probing : 1;
	bool chased : 1;
	bool told : 1;
	bool cut : 1;
};

void ag_config_default(struct ag_config *cfg);
int ag_config_check(const struct ag_config *cfg);

int ag_core_init(struct ag_core *c, const struct ag_opp *opps, u32 nr,
		 const struct ag_config *cfg, u64 now_ns);
void ag_core_switching(struct ag_core *c, u32 switch_us, u32 halt_us);
int ag_core_configure(struct ag_core *c, const struct ag_config *cfg);
enum accelgov_phase ag_core_classify(const struct ag_core *c,
				     const struct ag_rates *r,
				     u32 *ret_confidence);
u32 ag_core_observe(struct ag_core *c, const struct ag_rates *r, s32 phase);
u32 ag_core_steer(struct ag_core *c, u32 ev, s32 khz);
void ag_core_unsteer(struct ag_core *c);
u32 ag_core_sample(struct ag_core *c, const struct ag_rates *r);
bool ag_core_predict(const struct ag_core *c, u32 phase, u32 khz,
		     struct accelgov_prediction *ret);
u32 ag_core_planned(const struct ag_core *c, u32 phase);
u32 ag_core_cap_khz(const struct ag_core *c);
void ag_core_limiter(struct ag_core *c, u32 min_mw, u32 max_mw);
void ag_core_limited(struct ag_core *c, bool done, u64 now_ns);
void ag_core_decide(struct ag_core *c, u32 min_khz, u32 max_khz,
		    struct ag_decision *ret);
void ag_core_applied(struct ag_core *c, u32 khz, u64 now_ns);
bool ag_core_stale(const struct ag_core *c, u64 now_ns);
void ag_core_lost_signals(struct ag_core *c, u64 now_ns);
void ag_core_fallback(struct ag_core *c, u64 busy, u64 total, u32 cur_khz,
		      u32 min_khz, u32 max_khz, struct ag_decision *ret);
bool ag_core_woke(struct ag_core *c, u64 now_ns);

const char *ag_phase_name(enum accelgov_phase phase,
			  enum accelgov_workload workload);
const char *ag_phase_base_name(enum accelgov_phase phase);
const char *ag_workload_name(enum accelgov_workload workload);
const char *ag_reason_name(enum ag_reason reason);

#endif /* _AG_CORE_H */
