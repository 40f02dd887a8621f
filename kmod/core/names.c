// SPDX-License-Identifier: GPL-2.0
/*
 * Names: what users read for phases, workloads and reasons
 *
 * A name is part of the ABI: sysfs, trace events and tools show it.
 */
#include "core.h"

static const char * const ag_base_names[ACCELGOV_PHASE_NR] = {
	[ACCELGOV_PHASE_UNKNOWN]	= "unknown",
	[ACCELGOV_PHASE_COMPUTE]	= "compute",
	[ACCELGOV_PHASE_MEMORY]		= "memory",
	[ACCELGOV_PHASE_LINK]		= "link-wait",
	[ACCELGOV_PHASE_STALL]		= "input-stall",
	[ACCELGOV_PHASE_CHECKPOINT]	= "checkpoint",
	[ACCELGOV_PHASE_MIXED]		= "mixed",
	[ACCELGOV_PHASE_LOADED_IDLE]	= "loaded-idle",
	[ACCELGOV_PHASE_IDLE]		= "idle",
};

/* NULL where the workload has no word of its own. */
static const char * const ag_training_names[ACCELGOV_PHASE_NR] = {
	[ACCELGOV_PHASE_COMPUTE]	= "training-compute",
	[ACCELGOV_PHASE_MEMORY]		= "training-memory",
	[ACCELGOV_PHASE_LINK]		= "training-collective",
	[ACCELGOV_PHASE_MIXED]		= "training-mixed",
};

static const char * const ag_inference_names[ACCELGOV_PHASE_NR] = {
	[ACCELGOV_PHASE_COMPUTE]	= "inference-prefill",
	[ACCELGOV_PHASE_MEMORY]		= "inference-decode",
	[ACCELGOV_PHASE_LINK]		= "inference-collective",
	[ACCELGOV_PHASE_MIXED]		= "inference-mixed",
};

static const char * const ag_workload_names[ACCELGOV_WORKLOAD_NR] = {
	[ACCELGOV_WORKLOAD_UNKNOWN]	= "unknown",
	[ACCELGOV_WORKLOAD_TRAINING]	= "training",
	[ACCELGOV_WORKLOAD_INFERENCE]	= "inference",
};

static const char * const ag_reason_names[AG_REASON_NR] = {
	[AG_REASON_START]	= "start",
	[AG_REASON_PHASE]	= "phase",
	[AG_REASON_PRICE]	= "price",
	[AG_REASON_GUARD]	= "guard",
	[AG_REASON_PROBE]	= "probe",
	[AG_REASON_CAP]		= "cap",
	[AG_REASON_LIMIT]	= "limit",
	[AG_REASON_HOLD]	= "hold",
	[AG_REASON_FALLBACK]	= "fallback",
	[AG_REASON_POLICY]	= "policy",
	[AG_REASON_FORESIGHT]	= "foresight",
};

/**
 * ag_phase_base_name() - name of a phase whatever the workload
 * @phase: phase
 *
 * Return: a constant text.
 */
const char *ag_phase_base_name(enum accelgov_phase phase)
{
	return phase < ACCELGOV_PHASE_NR ? ag_base_names[phase] : "unknown";
}

/**
 * ag_phase_name() - published name of a phase
 * @phase: phase
 * @workload: workload that it belongs to
 *
 * Return: a constant text.
 */
const char *ag_phase_name(enum accelgov_phase phase,
			  enum accelgov_workload workload)
{
	const char *name = NULL;

	if (phase >= ACCELGOV_PHASE_NR)
		return "unknown";
	if (workload == ACCELGOV_WORKLOAD_TRAINING)
		name = ag_training_names[phase];
	else if (workload == ACCELGOV_WORKLOAD_INFERENCE)
		name = ag_inference_names[phase];
	return name ? name : ag_base_names[phase];
}

/**
 * ag_workload_name() - published name of a workload
 * @workload: workload
 *
 * Return: a constant text.
 */
const char *ag_workload_name(enum accelgov_workload workload)
{
	return workload < ACCELGOV_WORKLOAD_NR ? ag_workload_names[workload] :
						 "unknown";
}

/**
 * ag_reason_name() - published name of a reason
 * @reason: reason
 *
 * Return: a constant text.
 */
const char *ag_reason_name(enum ag_reason reason)
{
	return reason < AG_REASON_NR ? ag_reason_names[reason] : "hold";
}
