// SPDX-License-Identifier: GPL-2.0
/*
 * fake NVML - performance metrics: from the script, or from a simulated accelerator
 */
#include <stdlib.h>
#include <string.h>

#include "fake.h"

#ifndef FAKE_OLD
/* What a sample holds. The metrics of the script are those at its time. */
struct nvml_sample {
	bool filled;
	char uuid[64];
	int64_t instance;
	uint64_t ns;
	bool simulated;
	struct counters counters;
	struct series metric[FAKE_METRICS];
	double link_mib_s;
	double pcie_mib_s;
};

int nvmlGpmQueryDeviceSupport(struct nvml_device *device, struct nvml_gpm_support *support);
int nvmlGpmQueryDeviceSupport(struct nvml_device *device, struct nvml_gpm_support *support)
{
	const struct fake_gpu *gpu;
	double gpm = 0;
	int ret;

	if (support->version != NVML_GPM_SUPPORT_VERSION)
		return NVML_ARGUMENT_VERSION_MISMATCH;
	ret = fake_enter(__func__, device, &gpu);
	if (ret)
		return ret;
	fake_number(gpu, GPM, &gpm);
	support->supported = gpm != 0;
	return fake_leave(0);
}

int nvmlGpmSampleAlloc(struct nvml_sample **sample);
int nvmlGpmSampleAlloc(struct nvml_sample **sample)
{
	*sample = calloc(1, sizeof(**sample));
	return *sample ? 0 : NVML_MEMORY;
}

int nvmlGpmSampleFree(struct nvml_sample *sample);
int nvmlGpmSampleFree(struct nvml_sample *sample)
{
	free(sample);
	return 0;
}

static void copy_series(struct series *to, const struct series *from)
{
	to->nr = from->nr;
	memcpy(to->step, from->step, from->nr * sizeof(*to->step));
}

static int take(const char *function, struct nvml_device *device, int64_t gi,
		struct nvml_sample *sample)
{
	/* MB/s that a lane of each generation carries, as the interface counts */
	static const double lane_mb_s[] = { 0, 250, 500, 985, 1969, 3938, 7563 };
	const struct fake_gpu *gpu;
	double gpm = 0;
	int ret = fake_enter(function, device, &gpu);
	int i;

	if (ret)
		return ret;
	fake_number(gpu, GPM, &gpm);
	if (!gpm)
		return fake_leave(NVML_NOT_SUPPORTED);
	sample->filled = false;
	sample->simulated = gpu->sim[0];
	if (sample->simulated && !sim_counters(gpu, &sample->counters))
		return fake_leave(NVML_UNKNOWN);
	memcpy(sample->uuid, gpu->uuid, sizeof(sample->uuid));
	for (i = 0; i < FAKE_METRICS; i++)
		copy_series(&sample->metric[i], &gpu->metric[i]);
	sample->instance = gi;
	sample->ns = fake_now_ns();
	sample->link_mib_s = gpu->links * (double)gpu->link_mb_s * 1e6 / 1048576;
	if (gpu->pcie_generation < 7)
		sample->pcie_mib_s = lane_mb_s[gpu->pcie_generation] * gpu->pcie_lanes *
			1e6 / 1048576;
	sample->filled = true;
	return fake_leave(0);
}

int nvmlGpmSampleGet(struct nvml_device *device, struct nvml_sample *sample);
int nvmlGpmSampleGet(struct nvml_device *device, struct nvml_sample *sample)
{
	return take(__func__, device, -1, sample);
}

int nvmlGpmMigSampleGet(struct nvml_device *device, unsigned int gpu_instance,
			struct nvml_sample *sample);
int nvmlGpmMigSampleGet(struct nvml_device *device, unsigned int gpu_instance,
			struct nvml_sample *sample)
{
	return take(__func__, device, gpu_instance, sample);
}

static double share(const struct nvml_sample *from, const struct nvml_sample *to,
		    enum counter counter)
{
	uint64_t ns = to->counters.ns - from->counters.ns;

	return ns ? (double)(to->counters.value[counter] - from->counters.value[counter]) /
		ns : 0;
}

static bool simulated(const struct nvml_sample *from, const struct nvml_sample *to,
		      unsigned int id, double *ret_value)
{
	switch (id) {
	case NVML_METRIC_GRAPHICS_UTIL:
	case NVML_METRIC_SM_UTIL:
		*ret_value = share(from, to, BUSY) * 100;
		return true;
	case NVML_METRIC_TENSOR_UTIL:
		*ret_value = share(from, to, COMPUTE) * 100;
		return true;
	case NVML_METRIC_DRAM_UTIL:
		*ret_value = share(from, to, MEMORY) * 100;
		return true;
	case NVML_METRIC_NVLINK_RX:
	case NVML_METRIC_NVLINK_TX:
		*ret_value = share(from, to, LINK) * to->link_mib_s;
		return true;
	case NVML_METRIC_PCIE_RX:
	case NVML_METRIC_PCIE_TX:
		*ret_value = share(from, to, HOST) * to->pcie_mib_s;
		return true;
	default:
		return false;
	}
}

int nvmlGpmMetricsGet(struct nvml_gpm_metrics *metrics);
int nvmlGpmMetricsGet(struct nvml_gpm_metrics *metrics)
{
	const struct nvml_sample *from = metrics->sample1, *to = metrics->sample2;
	struct nvml_gpm_metric *metric;
	bool known;
	uint32_t i;

	if (metrics->version != NVML_GPM_METRICS_VERSION)
		return NVML_ARGUMENT_VERSION_MISMATCH;
	if (!from || !to || !from->filled || !to->filled || from->ns >= to->ns ||
	    strcmp(from->uuid, to->uuid) || from->instance != to->instance)
		return NVML_INVALID_ARGUMENT;
	for (i = 0; i < metrics->nr; i++) {
		metric = &metrics->metric[i];
		known = metric->id < FAKE_METRICS &&
			(to->simulated ?
			 simulated(from, to, metric->id, &metric->value) :
			 fake_value(&to->metric[metric->id], &metric->value));
		metric->ret = known ? 0 : NVML_NOT_SUPPORTED;
	}
	return 0;
}
#endif
