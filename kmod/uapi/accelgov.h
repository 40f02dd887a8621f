/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * accelgov - what collectors push and what everybody calls a phase
 *
 * Shared by the module, the BPF collectors, the daemon and the tools.
 */
#ifndef _UAPI_ACCELGOV_H
#define _UAPI_ACCELGOV_H

/* BPF programs get these types from their vmlinux types. */
#ifndef __bpf__
#include <linux/types.h>
#endif

/**
 * enum accelgov_signal - index into &struct accelgov_sample.val
 *
 * The first unit is that of a rate, the second that of an amount (a delta
 * gathered over the sample's window, see &accelgov_sample.amount).
 *
 * @ACCELGOV_SIG_BUSY: any engine has work; per mille | ns
 * @ACCELGOV_SIG_COMPUTE: arithmetic pipes active; per mille | ns
 * @ACCELGOV_SIG_MEMORY: device memory active; per mille | ns
 * @ACCELGOV_SIG_LINK: accelerator interconnect active; per mille | ns
 * @ACCELGOV_SIG_HOST: host link (PCIe) transfers active, or, where no counter tells,
 *	the job waits for what it writes to disk; per mille | ns
 * @ACCELGOV_SIG_QUEUE: submitted and unfinished items; where known, a job that waits
 *	for its input counts as one more; 1/1000 item | item*us
 * @ACCELGOV_SIG_CLOCK: effective core clock; kHz | cycles
 * @ACCELGOV_SIG_POWER: board power; mW | uJ
 * @ACCELGOV_SIG_PROGRESS: work retired, any unit that is proportional to the
 *	job's work and independent of the clock; units per second | units
 * @ACCELGOV_SIG_CONTEXTS: resident contexts; 1/1000 context | context*us
 * @ACCELGOV_SIG_NR: number of signals
 */
enum accelgov_signal {
	ACCELGOV_SIG_BUSY,
	ACCELGOV_SIG_COMPUTE,
	ACCELGOV_SIG_MEMORY,
	ACCELGOV_SIG_LINK,
	ACCELGOV_SIG_HOST,
	ACCELGOV_SIG_QUEUE,
	ACCELGOV_SIG_CLOCK,
	ACCELGOV_SIG_POWER,
	ACCELGOV_SIG_PROGRESS,
	ACCELGOV_SIG_CONTEXTS,
	ACCELGOV_SIG_NR,
};

/**
 * struct accelgov_sample - what one collector saw in one window
 * @time_ns: end of the window, CLOCK_MONOTONIC; 0 lets the module stamp it
 * @window_ns: length of the window, 100 us to 10 s
 * @valid: bit per &enum accelgov_signal; a clear bit means unknown, never zero
 * @amount: bit per &enum accelgov_signal; set when @val holds a delta over the
 *	window rather than a rate
 * @cost_ns: what the collector's previous run cost, 0 when not known
 * @pad: must be 0
 * @val: one value per &enum accelgov_signal
 */
struct accelgov_sample {
	__u64 time_ns;
	__u64 window_ns;
	__u32 valid;
	__u32 amount;
	__u32 cost_ns;
	__u32 pad;
	__u64 val[ACCELGOV_SIG_NR];
};

/**
 * enum accelgov_phase - what the engines do now
 * @ACCELGOV_PHASE_UNKNOWN: no fresh signals
 * @ACCELGOV_PHASE_COMPUTE: arithmetic bounds the rate (training step, prefill)
 * @ACCELGOV_PHASE_MEMORY: memory bandwidth bounds it (decode, optimiser)
 * @ACCELGOV_PHASE_LINK: waiting in a collective, however busy it looks
 * @ACCELGOV_PHASE_STALL: a job is there and waits for input
 * @ACCELGOV_PHASE_CHECKPOINT: state moves to the host, engines wait
 * @ACCELGOV_PHASE_MIXED: compute and memory bound work interleaved
 * @ACCELGOV_PHASE_LOADED_IDLE: context resident, nothing runs or is queued
 * @ACCELGOV_PHASE_IDLE: no context, nothing runs
 * @ACCELGOV_PHASE_NR: number of phases
 */
enum accelgov_phase {
	ACCELGOV_PHASE_UNKNOWN,
	ACCELGOV_PHASE_COMPUTE,
	ACCELGOV_PHASE_MEMORY,
	ACCELGOV_PHASE_LINK,
	ACCELGOV_PHASE_STALL,
	ACCELGOV_PHASE_CHECKPOINT,
	ACCELGOV_PHASE_MIXED,
	ACCELGOV_PHASE_LOADED_IDLE,
	ACCELGOV_PHASE_IDLE,
	ACCELGOV_PHASE_NR,
};

/**
 * enum accelgov_workload - what kind of job it is
 * @ACCELGOV_WORKLOAD_UNKNOWN: not seen enough yet
 * @ACCELGOV_WORKLOAD_TRAINING: periodic steps with collectives
 * @ACCELGOV_WORKLOAD_INFERENCE: arrival-driven prefill and decode
 * @ACCELGOV_WORKLOAD_NR: number of workloads
 */
enum accelgov_workload {
	ACCELGOV_WORKLOAD_UNKNOWN,
	ACCELGOV_WORKLOAD_TRAINING,
	ACCELGOV_WORKLOAD_INFERENCE,
	ACCELGOV_WORKLOAD_NR,
};

#endif /* _UAPI_ACCELGOV_H */
