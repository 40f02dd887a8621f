// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - one GPU behind NVML: found, lost, found again
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "nvml_gpu.h"

#define PATIENCE_MS		2000
#define PATIENCE_MAX_MS		300000
#define FREE_TIMEOUT_MS		2000

/*
 * What a lane of each PCIe generation carries one way after line coding, MB/s:
 * 2.5 and 5 GT/s with 8b/10b, 8 to 32 GT/s with 128b/130b, 64 GT/s in flits of
 * 242 of 256 bytes (PCI Express Base Specification).
 */
static const uint16_t pcie_lane_mb_s[] = { 0, 250, 500, 985, 1969, 3938, 7563 };

uint64_t nvml_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

struct nvml_gpu *nvml_gpu_new(struct nvml_lib *lib, const char *uuid,
			      const char *gpu_uuid)
{
	struct nvml_gpu *gpu = calloc(1, sizeof(*gpu));
	char why[BACKEND_WHY_LEN];

	if (!gpu)
		return NULL;
	snprintf(gpu->uuid, sizeof(gpu->uuid), "%s", uuid);
	snprintf(gpu->gpu_uuid, sizeof(gpu->gpu_uuid), "%s", gpu_uuid);
	gpu->instance = strcmp(uuid, gpu_uuid) != 0;
	gpu->runtime.fd = -1;
	gpu->worker = worker_new();
	if (!gpu->worker)
		goto free_gpu;
	/* Can't fail: the caller holds a reference. */
	if (nvml_lib_get(&gpu->lib, why) < 0)
		goto free_worker;
	return gpu;
free_worker:
	worker_free(gpu->worker, FREE_TIMEOUT_MS, NULL, NULL);
free_gpu:
	free(gpu);
	return NULL;
}

static void gpu_last(void *arg)
{
	struct nvml_gpu *gpu = arg;
	size_t i;

	nvml_lib_enter(gpu->lib);
	for (i = 0; i < 2; i++)
		if (gpu->sample[i])
			gpu->lib->call.gpm_free(gpu->sample[i]);
	nvml_lib_leave(gpu->lib);
	nvml_lib_put(gpu->lib);
	free(gpu);
}

void nvml_gpu_free(struct nvml_gpu *gpu)
{
	if (!gpu)
		return;
	runtime_watch_end(&gpu->runtime);
	worker_free(gpu->worker, FREE_TIMEOUT_MS, gpu_last, gpu);
}

/* Handles live until the library is started again. */
static int gpu_open(struct nvml_gpu *gpu)
{
	struct nvml_lib *lib = gpu->lib;

	gpu->started = lib->generation;
	if (gpu->generation == lib->generation)
		return 0;
	gpu->generation = 0;
	gpu->sampled_ns = 0;
	gpu->read_ns = 0;
	gpu->nvlink = (struct nvml_bytes){ 0 };
	gpu->pcie = (struct nvml_bytes){ 0 };
	gpu->slow = (struct nvml_slow){ 0 };
	if (lib->call.by_uuid(gpu->gpu_uuid, &gpu->device) ||
	    lib->call.by_uuid(gpu->uuid, &gpu->own))
		return -ENODEV;
	gpu->generation = lib->generation;
	nvml_set_again(gpu);
	return 0;
}

static int gpu_try(struct nvml_gpu *gpu, int (*call)(struct nvml_gpu *gpu, void *arg),
		   void *arg)
{
	int ret;

	nvml_lib_enter(gpu->lib);
	ret = gpu_open(gpu);
	if (!ret)
		ret = call(gpu, arg);
	nvml_lib_leave(gpu->lib);
	return ret;
}

static bool time_to_restart(struct nvml_gpu *gpu)
{
	uint64_t now = nvml_now_ns();

	if (now < gpu->retry_ns)
		return false;
	gpu->patience_ms = gpu->patience_ms ? gpu->patience_ms * 2 : PATIENCE_MS;
	if (gpu->patience_ms > PATIENCE_MAX_MS)
		gpu->patience_ms = PATIENCE_MAX_MS;
	gpu->retry_ns = now + gpu->patience_ms * 1000000ULL;
	return true;
}

int nvml_gpu_run(struct nvml_gpu *gpu, int (*call)(struct nvml_gpu *gpu, void *arg),
		 void *arg)
{
	int ret = gpu_try(gpu, call, arg);

	if (ret == -ENODEV && time_to_restart(gpu) &&
	    !nvml_lib_restart(gpu->lib, gpu->started))
		ret = gpu_try(gpu, call, arg);
	if (ret != -ENODEV)
		gpu->patience_ms = 0;
	return ret;
}

int nvml_field(const struct nvml_field_value *value, uint64_t *ret_value)
{
	if (value->ret)
		return nvml_errno(value->ret);
	switch (value->type) {
	case NVML_VALUE_UINT:
		*ret_value = value->value.ui;
		return 0;
	case NVML_VALUE_ULONG:
	case NVML_VALUE_ULONGLONG:
		*ret_value = value->value.ull;
		return 0;
	case NVML_VALUE_INT:
		if (value->value.i < 0)
			return -ENODATA;
		*ret_value = value->value.i;
		return 0;
	case NVML_VALUE_LONGLONG:
		if (value->value.ll < 0)
			return -ENODATA;
		*ret_value = value->value.ll;
		return 0;
	default:
		return -ENODATA;
	}
}

/* The generation falls while the link idles, so that it is the highest which counts. */
static void learn_links(struct nvml_gpu *gpu)
{
	const struct nvml_calls *call = &gpu->lib->call;
	struct nvml_field_value value[2] = {
		{ .field = NVML_FIELD_NVLINK_COUNT },
		{ .field = NVML_FIELD_NVLINK_SPEED },
	};
	uint32_t generation, lanes;
	uint64_t links, speed;

	gpu->nvlink_mb_s = 0;
	if (call->fields && !call->fields(gpu->device, 2, value) &&
	    !nvml_field(&value[0], &links) && !nvml_field(&value[1], &speed))
		gpu->nvlink_mb_s = links * speed;
	gpu->pcie_mb_s = 0;
	if (call->pcie_generation && call->pcie_width &&
	    !call->pcie_generation(gpu->device, &generation) &&
	    !call->pcie_width(gpu->device, &lanes) &&
	    generation < sizeof(pcie_lane_mb_s) / sizeof(*pcie_lane_mb_s))
		gpu->pcie_mb_s = pcie_lane_mb_s[generation] * (uint64_t)lanes;
}

static void learn_gpm(struct nvml_gpu *gpu)
{
	struct nvml_gpm_support support = { .version = NVML_GPM_SUPPORT_VERSION };
	const struct nvml_calls *call = &gpu->lib->call;
	size_t i;

	if (!call->gpm_support || !call->gpm_alloc || !call->gpm_free ||
	    !call->gpm_metrics ||
	    !(gpu->instance ? !!call->gpm_mig_sample : !!call->gpm_sample) ||
	    call->gpm_support(gpu->device, &support) || !support.supported)
		return;
	for (i = 0; i < 2; i++)
		if (!gpu->sample[i] && call->gpm_alloc(&gpu->sample[i])) {
			gpu->sample[i] = NULL;
			return;
		}
	gpu->gpm = true;
}

static int ascending(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* @nr is what the library says, of room for @room. */
static size_t sort_out(uint32_t *mhz, size_t nr, size_t room)
{
	size_t i, kept = 0;

	if (nr > room)
		nr = room;
	qsort(mhz, nr, sizeof(*mhz), ascending);
	for (i = 0; i < nr; i++)
		if (mhz[i] && (!kept || mhz[kept - 1] != mhz[i]))
			mhz[kept++] = mhz[i];
	return kept;
}

/* Core clocks are those that go with the highest memory clock. */
static void learn_clocks(struct nvml_gpu *gpu)
{
	const struct nvml_calls *call = &gpu->lib->call;
	uint32_t nr = BACKEND_MEM_CLOCKS;

	gpu->nr_core = 0;
	gpu->nr_mem = 0;
	if (!call->mem_clocks || call->mem_clocks(gpu->device, &nr, gpu->mem_mhz))
		return;
	gpu->nr_mem = sort_out(gpu->mem_mhz, nr, BACKEND_MEM_CLOCKS);
	if (!gpu->nr_mem)
		return;
	nr = BACKEND_CLOCKS;
	if (call->core_clocks &&
	    !call->core_clocks(gpu->device, gpu->mem_mhz[gpu->nr_mem - 1], &nr,
			       gpu->core_mhz))
		gpu->nr_core = sort_out(gpu->core_mhz, nr, BACKEND_CLOCKS);
}

void nvml_gpu_learn(struct nvml_gpu *gpu)
{
	const struct nvml_calls *call = &gpu->lib->call;

	if (!call->architecture || call->architecture(gpu->device, &gpu->architecture))
		gpu->architecture = 0;
	learn_links(gpu);
	learn_gpm(gpu);
	if (gpu->instance) {
		if (!call->gpu_instance ||
		    call->gpu_instance(gpu->own, &gpu->gpu_instance))
			gpu->gpm = false;
	} else {
		learn_clocks(gpu);
	}
}
