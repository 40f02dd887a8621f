/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - one GPU, or one MIG instance of it, behind NVML
 *
 * All of it is used by one thread at a time: the accelerator's own (see worker.h), or
 * its caller's where that may hang (@patient of &struct accelerator).
 */
#ifndef ACCELGOV_BACKENDS_NVML_GPU_H
#define ACCELGOV_BACKENDS_NVML_GPU_H

#include "backend.h"
#include "nvml_lib.h"
#include "runtime.h"
#include "worker.h"

/**
 * struct nvml_slow - what is asked for once a second only
 * @taken_ns: when, CLOCK_MONOTONIC; 0 for never
 * @mem_clock_khz: memory clock
 * @throttle: bits of &enum backend_throttle
 * @contexts: processes that hold a compute context
 * @owners: these, and others that had work
 * @use_us: when the driver took what it told of their work last, by its clock
 * @power_average_mw: board power over the last second
 * @energy_ns: when the energy counter was asked for, 0 for never
 * @temperature_mc: of the die
 * @mem_used: bytes
 * @mem_total: bytes
 */
struct nvml_slow {
	uint64_t taken_ns;
	struct reading mem_clock_khz;
	struct reading throttle;
	struct reading contexts;
	struct backend_owners owners;
	uint64_t use_us;
	struct reading power_average_mw;
	uint64_t energy_ns;
	struct reading temperature_mc;
	struct reading mem_used;
	struct reading mem_total;
};

/**
 * struct nvml_bytes - a pair of byte counters of a link, for its busier way
 * @taken_ns: when they were read, 0 for never
 * @tx: bytes sent
 * @rx: bytes received
 */
struct nvml_bytes {
	uint64_t taken_ns;
	uint64_t tx;
	uint64_t rx;
};

/**
 * struct nvml_gpu - a GPU or a MIG instance
 * @lib: the library, one reference
 * @worker: its thread
 * @runtime: whether the kernel has suspended it; of the caller's thread
 * @uuid: of the GPU or the instance
 * @gpu_uuid: of the GPU
 * @instance: it is a MIG instance
 * @gpu_instance: number of the GPU instance then
 * @generation: start of the library that the handles belong to, 0 for none
 * @started: newest start of the library that this GPU was looked for in
 * @device: handle of the GPU
 * @own: handle of the instance; @device when it is a whole GPU
 * @retry_ns: not before this is the library started again because of this GPU
 * @patience_ms: distance to the attempt after that
 * @architecture: one of NVML_ARCH_*, 0 when unknown
 * @gpm: performance metrics can be sampled
 * @nvlink_mb_s: all links together, one way; 0 for none
 * @pcie_mb_s: one way; 0 when unknown
 * @sample: GPM, the previous one and the next one
 * @newest: index into @sample of the previous one
 * @metrics: what both of them give, too long for a stack
 * @sampled_ns: when that was taken, 0 for never
 * @read_ns: previous reading, 0 for never
 * @nvlink: counters where GPM has none
 * @pcie: counters where GPM has none
 * @slow: what does not change fast
 * @core_mhz: core clocks, ascending
 * @nr_core: how many
 * @mem_mhz: memory clocks, ascending
 * @nr_mem: how many
 * @asked: per actuator what was set by us, in its unit
 * @refused: per actuator the negative errno of a refusal, 0 for none
 */
struct nvml_gpu {
	struct nvml_lib *lib;
	struct worker *worker;
	struct runtime_watch runtime;
	char uuid[64];
	char gpu_uuid[64];
	bool instance;
	uint32_t gpu_instance;
	unsigned int generation;
	unsigned int started;
	struct nvml_device *device;
	struct nvml_device *own;
	uint64_t retry_ns;
	unsigned int patience_ms;
	uint32_t architecture;
	bool gpm;
	uint64_t nvlink_mb_s;
	uint64_t pcie_mb_s;
	struct nvml_sample *sample[2];
	unsigned int newest;
	struct nvml_gpm_metrics metrics;
	uint64_t sampled_ns;
	uint64_t read_ns;
	struct nvml_bytes nvlink;
	struct nvml_bytes pcie;
	struct nvml_slow slow;
	uint32_t core_mhz[BACKEND_CLOCKS];
	size_t nr_core;
	uint32_t mem_mhz[BACKEND_MEM_CLOCKS];
	size_t nr_mem;
	struct reading asked[BACKEND_ACTUATORS];
	int refused[BACKEND_ACTUATORS];
};

/**
 * struct nvml_seen - a reading and why it has gaps
 * @reading: what was read
 * @error: per signal the negative errno, 0 for one that is there or that only
 *	needs a second reading
 * @none: per signal a reason that is no error, NULL for none
 */
struct nvml_seen {
	struct backend_reading reading;
	int error[ACCELGOV_SIG_NR];
	const char *none[ACCELGOV_SIG_NR];
};

/**
 * nvml_gpu_new() - a GPU by its identity, with a thread for it
 * @lib: the library; a reference is taken
 * @uuid: of the GPU or the instance
 * @gpu_uuid: of the GPU
 *
 * Return: the GPU, NULL without memory or threads.
 */
struct nvml_gpu *nvml_gpu_new(struct nvml_lib *lib, const char *uuid,
			      const char *gpu_uuid);

/**
 * nvml_gpu_free() - end its thread, give back what it holds
 * @gpu: the GPU, may be NULL; freed later when a call hangs
 */
void nvml_gpu_free(struct nvml_gpu *gpu);

/**
 * nvml_gpu_run() - do something with a GPU whose handle is good
 * @gpu: the GPU; on the thread that it is used on
 * @call: called with the library entered; may be called twice
 * @arg: for @call
 *
 * A GPU that does not answer is looked for anew by its UUID, after a new start of
 * the library; what we had set is set again then. A start costs all GPUs of this
 * process their windows, so it is tried after 2 s, 4 s and so on up to 300 s.
 *
 * Return: what @call returned, -ENODEV when there is no such GPU.
 */
int nvml_gpu_run(struct nvml_gpu *gpu, int (*call)(struct nvml_gpu *gpu, void *arg),
		 void *arg);

/**
 * nvml_gpu_learn() - what does not change: clocks, links, metrics
 * @gpu: the GPU, from nvml_gpu_run()
 */
void nvml_gpu_learn(struct nvml_gpu *gpu);

/**
 * nvml_now_ns() - CLOCK_MONOTONIC
 *
 * Return: nanoseconds.
 */
uint64_t nvml_now_ns(void);

/**
 * nvml_field() - one field value as a number
 * @value: as the library filled it
 * @ret_value: result
 *
 * Return: 0 or a negative errno.
 */
int nvml_field(const struct nvml_field_value *value, uint64_t *ret_value);

/**
 * nvml_read() - one reading
 * @gpu: the GPU, from nvml_gpu_run()
 * @ret_seen: filled
 *
 * Return: 0, or -ENODEV when the GPU does not answer.
 */
int nvml_read(struct nvml_gpu *gpu, struct nvml_seen *ret_seen);

/**
 * nvml_owners() - processes that hold a GPU, or had work there
 * @gpu: the GPU, from nvml_gpu_run()
 * @rests: nothing ran on it in the last window
 * @now: CLOCK_MONOTONIC
 *
 * Fills @slow of @gpu: contexts, owners and use_us.
 */
void nvml_owners(struct nvml_gpu *gpu, bool rests, uint64_t now);

/**
 * nvml_ranges() - actuators as they are
 * @gpu: the GPU, from nvml_gpu_run()
 * @range: per actuator, overwritten; refusals noted by nvml_set() stay
 */
void nvml_ranges(struct nvml_gpu *gpu, struct backend_range *range);

/**
 * nvml_list_profiles() - workload power profiles that can be asked for
 * @gpu: the GPU, from nvml_gpu_run()
 * @ret_profile: their numbers, ascending
 *
 * Return: how many, 0 when there are none or the library does not know of any.
 */
size_t nvml_list_profiles(struct nvml_gpu *gpu, uint8_t ret_profile[BACKEND_PROFILES]);

/**
 * nvml_set() - set one actuator
 * @gpu: the GPU, from nvml_gpu_run()
 * @actuator: which
 * @value: in its unit; within its range
 *
 * Return: 0 or a negative errno.
 */
int nvml_set(struct nvml_gpu *gpu, enum backend_actuator actuator, int64_t value);

/**
 * nvml_set_again() - set what we had set before the GPU was away
 * @gpu: the GPU, from nvml_gpu_run()
 */
void nvml_set_again(struct nvml_gpu *gpu);

/**
 * nvml_save() - what nvml_set() would change
 * @gpu: the GPU, from nvml_gpu_run()
 * @ret_line: "key=value ..."
 * @size: of @ret_line
 *
 * Return: 0, or -ENOSPC.
 */
int nvml_save(struct nvml_gpu *gpu, char *ret_line, size_t size);

/**
 * nvml_restore() - set what a line from nvml_save() says
 * @gpu: the GPU, from nvml_gpu_run()
 * @line: the line
 *
 * Return: 0; -EBADMSG when the line is none, -ENXIO when it is of another GPU,
 * nothing is set then; else the first errno of what could not be set, the rest is
 * set nevertheless.
 */
int nvml_restore(struct nvml_gpu *gpu, const char *line);

#endif /* ACCELGOV_BACKENDS_NVML_GPU_H */
