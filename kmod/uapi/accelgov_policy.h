/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * accelgov - what a BPF policy sees and says
 *
 * Shared by the module, the policies and the tools. Programs are relocated
 * against the running module's types, so fields may be added anywhere; one that
 * is taken away or changes its meaning gets another name.
 */
#ifndef _UAPI_ACCELGOV_POLICY_H
#define _UAPI_ACCELGOV_POLICY_H

#include "accelgov.h"

/* What a callback can return besides a phase, a clock or a delay. */
#define ACCELGOV_BUILTIN	(-1)	/* what the built-in policy would take */
#define ACCELGOV_HOLD		(-2)	/* select: the clock chosen last */
#define ACCELGOV_NEVER		0x7fffffff	/* idle_select: no suspend */

#define ACCELGOV_POLICY_NAME_LEN	32
#define ACCELGOV_DEVICE_NAME_LEN	64
/* Words per device that a policy may keep anything in. */
#define ACCELGOV_SCRATCH_WORDS		8
/* Longest time of a callback: bounds of timeout_ms, and what 0 stands for. */
#define ACCELGOV_TIMEOUT_MAX_MS		1000
#define ACCELGOV_TIMEOUT_DEFAULT_MS	10

/**
 * enum accelgov_policy_flags - bits of &struct accelgov_ops.flags
 * @ACCELGOV_POLICY_PROBE: the built-in policy's looks at the highest clock, a
 *	few windows every ten seconds, go before select(); for policies that rely
 *	on accelgov_predict()
 */
enum accelgov_policy_flags {
	ACCELGOV_POLICY_PROBE = 1,
};

/**
 * enum accelgov_offence - what a policy can do wrong
 * @ACCELGOV_OFFENCE_PHASE: classify() returned no phase
 * @ACCELGOV_OFFENCE_CLOCK: select() returned no operating point
 * @ACCELGOV_OFFENCE_IDLE: idle_select() returned no delay
 * @ACCELGOV_OFFENCE_SWITCH: the clock changes more often than its changes are
 *	worth
 * @ACCELGOV_OFFENCE_BUDGET: the slowdown budget was used up
 * @ACCELGOV_OFFENCE_SLOW: a callback took longer than timeout_ms
 * @ACCELGOV_OFFENCE_NR: number of kinds
 */
enum accelgov_offence {
	ACCELGOV_OFFENCE_PHASE,
	ACCELGOV_OFFENCE_CLOCK,
	ACCELGOV_OFFENCE_IDLE,
	ACCELGOV_OFFENCE_SWITCH,
	ACCELGOV_OFFENCE_BUDGET,
	ACCELGOV_OFFENCE_SLOW,
	ACCELGOV_OFFENCE_NR,
};

/**
 * enum accelgov_exit_code - why a policy does not decide about a device any more
 * @ACCELGOV_EXIT_NONE: it does, or there was none
 * @ACCELGOV_EXIT_UNLOAD: it was unloaded
 * @ACCELGOV_EXIT_REPLACED: another took its place
 * @ACCELGOV_EXIT_DEVICE: the device left the governor
 * @ACCELGOV_EXIT_INIT: its init_device() refused the device
 * @ACCELGOV_EXIT_EJECTED: it was ejected for what it did to this device
 * @ACCELGOV_EXIT_ELSEWHERE: it was ejected for what it did to another device
 * @ACCELGOV_EXIT_NR: number of codes
 */
enum accelgov_exit_code {
	ACCELGOV_EXIT_NONE,
	ACCELGOV_EXIT_UNLOAD,
	ACCELGOV_EXIT_REPLACED,
	ACCELGOV_EXIT_DEVICE,
	ACCELGOV_EXIT_INIT,
	ACCELGOV_EXIT_EJECTED,
	ACCELGOV_EXIT_ELSEWHERE,
	ACCELGOV_EXIT_NR,
};

/**
 * struct accelgov_policy_ctx - one question to a policy
 * @opaque: NULL; the verifier takes no memory of a program's own for a struct
 *	with a pointer in it, so nobody can make up a question
 * @now_ns: end of the window, CLOCK_MONOTONIC
 * @window_ns: its length
 * @device: the device's push_token, a key for maps
 * @valid: bit per &enum accelgov_signal that is known; others mean nothing
 * @busy_permille: any engine has work
 * @compute_permille: arithmetic pipes active
 * @memory_permille: device memory active
 * @link_permille: interconnect active
 * @host_permille: host transfers active
 * @queue_milli: mean queue depth, thousandths
 * @clock_khz: mean effective clock
 * @power_mw: mean power
 * @contexts_milli: resident contexts, thousandths
 * @progress: work units a second
 * @phase: &enum accelgov_phase; for classify() the one before this window
 * @workload: &enum accelgov_workload
 * @phase_age_us: how long @phase has lasted
 * @dwell_us: how long it lasts on average since the policy came, 0 when not known
 * @builtin_phase: what the built-in classifier takes this window for
 * @builtin_confidence_permille: how sure it is
 * @builtin_khz: clock that the built-in policy wants; not for classify()
 * @builtin_idle_ms: autosuspend delay that it wants, %ACCELGOV_NEVER for none
 * @idle_predicted_us: expected length of an idle period that begins now
 * @target_khz: clock that was last set
 * @min_khz: lowest clock that limits allowed at the last decision
 * @max_khz: highest clock that they allowed
 * @top_khz: highest operating point
 * @switch_us: what a change of the clock costs
 * @may_switch: 1 when a change would be granted now
 * @guarded: 1 when the guard has taken over because the budget is used up
 * @budget_permille: slowdown that the operator allows
 * @slowdown_permille: slowdown over the last 60 s
 * @power_cap_mw: power that the device may draw, 0 for no cap
 * @scratch: the policy's own, per device; zero when it comes to the device,
 *	may be written
 */
struct accelgov_policy_ctx {
	const void *opaque;
	__u64 now_ns;
	__u64 window_ns;
	__u32 device;
	__u32 valid;
	__u32 busy_permille;
	__u32 compute_permille;
	__u32 memory_permille;
	__u32 link_permille;
	__u32 host_permille;
	__u32 queue_milli;
	__u32 clock_khz;
	__u32 power_mw;
	__u32 contexts_milli;
	__u32 phase;
	__u64 progress;
	__u32 workload;
	__u32 phase_age_us;
	__u32 dwell_us;
	__u32 builtin_phase;
	__u32 builtin_confidence_permille;
	__u32 builtin_khz;
	__u32 builtin_idle_ms;
	__u32 idle_predicted_us;
	__u32 target_khz;
	__u32 min_khz;
	__u32 max_khz;
	__u32 top_khz;
	__u32 switch_us;
	__u32 may_switch;
	__u32 guarded;
	__u32 budget_permille;
	__u32 slowdown_permille;
	__u32 power_cap_mw;
	__u64 scratch[ACCELGOV_SCRATCH_WORDS];
};

/**
 * struct accelgov_policy_exit - why exit_device() is called
 * @code: &enum accelgov_exit_code
 * @offence: &enum accelgov_offence for %ACCELGOV_EXIT_EJECTED
 * @decisions: how many select() made for the device
 * @clamped: how many answers were brought into bounds
 */
struct accelgov_policy_exit {
	__u32 code;
	__u32 offence;
	__u64 decisions;
	__u64 clamped;
};

/**
 * struct accelgov_prediction - what the models say of a phase at a clock
 * @slowdown_permille: time for the same work against the clock that the board holds
 *	when the top clock is asked for, minus one
 * @energy_permille: energy for the same work, 1000 at the top clock
 * @power_mw: board power, 0 when it isn't known
 * @measured: pairs of clocks that were compared in this phase on this device; 0
 *	means that counters and priors alone are behind the prediction
 */
struct accelgov_prediction {
	__u32 slowdown_permille;
	__u32 energy_permille;
	__u32 power_mw;
	__u32 measured;
};

/**
 * struct accelgov_ledger - the books of a device
 * @work_us: over 60 s, time that the work would have taken at the top clock
 * @lost_us: over 60 s, what it took longer
 * @work_total_us: since the governor came
 * @lost_total_us: since the governor came
 * @energy_uj: since the governor came, from the power signal
 * @saved_uj: against the top clock, by the model
 * @price_mw: what a second of lost time is worth to the built-in policy
 * @pad: 0
 */
struct accelgov_ledger {
	__u64 work_us;
	__u64 lost_us;
	__u64 work_total_us;
	__u64 lost_total_us;
	__u64 energy_uj;
	__s64 saved_uj;
	__u32 price_mw;
	__u32 pad;
};

/**
 * struct accelgov_device_info - what a device is
 * @name: of the devfreq device
 * @token: its push_token
 * @points: how many operating points it has
 * @low_khz: the lowest
 * @top_khz: the highest
 * @sample_period_us: expected distance of windows
 * @known_voltage: 1 when the driver names voltages
 */
struct accelgov_device_info {
	char name[ACCELGOV_DEVICE_NAME_LEN];
	__u32 token;
	__u32 points;
	__u32 low_khz;
	__u32 top_khz;
	__u32 sample_period_us;
	__u32 known_voltage;
};

#endif /* _UAPI_ACCELGOV_POLICY_H */
