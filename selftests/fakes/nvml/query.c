// SPDX-License-Identifier: GPL-2.0
/*
 * fake NVML - what can be asked of a GPU, GPM aside
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "fake.h"

#define UTIL_WINDOW_NS	166000000ULL

/* A number of the script as a call's whole result. */
static int number(const char *function, struct nvml_device *device, enum number which,
		  double *ret_value)
{
	const struct fake_gpu *gpu;
	int ret = fake_enter(function, device, &gpu);

	if (ret)
		return ret;
	return fake_leave(fake_number(gpu, which, ret_value) ? 0 : NVML_NOT_SUPPORTED);
}

static int number_u32(const char *function, struct nvml_device *device, enum number which,
		      unsigned int *ret_value)
{
	double value;
	int ret = number(function, device, which, &value);

	if (!ret)
		*ret_value = value;
	return ret;
}

int nvmlDeviceGetArchitecture(struct nvml_device *device, unsigned int *architecture);
int nvmlDeviceGetArchitecture(struct nvml_device *device, unsigned int *architecture)
{
	return number_u32(__func__, device, ARCH, architecture);
}

static bool core_clock(const struct fake_gpu *gpu, uint32_t *ret_mhz)
{
	struct set set;
	double value;

	if (gpu->sim[0])
		return sim_clock_mhz(gpu, ret_mhz);
	if (!fake_number(gpu, SM_MHZ, &value))
		return false;
	fake_get_set(gpu, &set);
	*ret_mhz = set.core[1] && value > set.core[1] ? set.core[1] : (uint32_t)value;
	return true;
}

static bool mem_clock(const struct fake_gpu *gpu, uint32_t *ret_mhz)
{
	struct set set;
	double value;

	if (!fake_number(gpu, MEM_MHZ, &value))
		return false;
	fake_get_set(gpu, &set);
	*ret_mhz = set.mem[1] && value > set.mem[1] ? set.mem[1] : (uint32_t)value;
	return true;
}

int nvmlDeviceGetClockInfo(struct nvml_device *device, unsigned int type, unsigned int *mhz);
int nvmlDeviceGetClockInfo(struct nvml_device *device, unsigned int type, unsigned int *mhz)
{
	const struct fake_gpu *gpu;
	bool known;
	int ret = fake_enter(__func__, device, &gpu);

	if (ret)
		return ret;
	known = type == NVML_CLOCK_MEM ? mem_clock(gpu, mhz) : core_clock(gpu, mhz);
	return fake_leave(known ? 0 : NVML_NOT_SUPPORTED);
}

static int list(const uint32_t *mhz, unsigned int nr, unsigned int *count,
		unsigned int *ret_mhz)
{
	unsigned int room = *count;

	if (!nr)
		return NVML_NOT_SUPPORTED;
	*count = nr;
	if (nr > room)
		return NVML_INSUFFICIENT_SIZE;
	memcpy(ret_mhz, mhz, nr * sizeof(*mhz));
	return 0;
}

int nvmlDeviceGetSupportedMemoryClocks(struct nvml_device *device, unsigned int *count,
				       unsigned int *mhz);
int nvmlDeviceGetSupportedMemoryClocks(struct nvml_device *device, unsigned int *count,
				       unsigned int *mhz)
{
	const struct fake_gpu *gpu;
	int ret = fake_enter(__func__, device, &gpu);

	if (ret)
		return ret;
	return fake_leave(list(gpu->mem_clock, gpu->nr_mem_clocks, count, mhz));
}

int nvmlDeviceGetSupportedGraphicsClocks(struct nvml_device *device, unsigned int mem_mhz,
					 unsigned int *count, unsigned int *mhz);
int nvmlDeviceGetSupportedGraphicsClocks(struct nvml_device *device, unsigned int mem_mhz,
					 unsigned int *count, unsigned int *mhz)
{
	const struct fake_gpu *gpu;
	uint32_t sim[FAKE_CLOCKS];
	unsigned int i, nr;
	int ret = fake_enter(__func__, device, &gpu);

	if (ret)
		return ret;
	for (i = 0; i < gpu->nr_mem_clocks && gpu->mem_clock[i] != mem_mhz; i++)
		;
	if (i == gpu->nr_mem_clocks)
		return fake_leave(NVML_NOT_FOUND);
	if (!gpu->sim[0])
		return fake_leave(list(gpu->clock, gpu->nr_clocks, count, mhz));
	nr = sim_clocks(gpu, sim, FAKE_CLOCKS);
	return fake_leave(list(sim, nr, count, mhz));
}

/* The driver's own window: what came since the last one of at least 1/6 s. */
static bool sim_utilization(const struct fake_gpu *gpu, struct nvml_utilization *ret)
{
	static struct {
		char sim[32];
		struct counters from;
		struct nvml_utilization last;
	} seen[FAKE_GPUS];
	struct counters now;
	uint64_t ns;
	int i;

	for (i = 0; i < FAKE_GPUS - 1; i++)
		if (!seen[i].sim[0] || !strcmp(seen[i].sim, gpu->sim))
			break;
	if (!sim_counters(gpu, &now))
		return false;
	ns = now.ns - seen[i].from.ns;
	if (!seen[i].sim[0]) {
		memcpy(seen[i].sim, gpu->sim, sizeof(gpu->sim));
		seen[i].from = now;
	} else if (ns >= UTIL_WINDOW_NS) {
		seen[i].last.gpu = (now.value[BUSY] - seen[i].from.value[BUSY]) * 100 / ns;
		seen[i].last.memory =
			(now.value[MEMORY] - seen[i].from.value[MEMORY]) * 100 / ns;
		seen[i].from = now;
	}
	*ret = seen[i].last;
	return true;
}

int nvmlDeviceGetUtilizationRates(struct nvml_device *device, struct nvml_utilization *rates);
int nvmlDeviceGetUtilizationRates(struct nvml_device *device, struct nvml_utilization *rates)
{
	const struct fake_gpu *gpu;
	double busy, memory;
	int ret = fake_enter(__func__, device, &gpu);

	if (ret)
		return ret;
	if (gpu->sim[0])
		return fake_leave(sim_utilization(gpu, rates) ? 0 : NVML_UNKNOWN);
	if (device->instance >= 0 || !fake_number(gpu, UTIL_GPU, &busy) ||
	    !fake_number(gpu, UTIL_MEM, &memory))
		return fake_leave(NVML_NOT_SUPPORTED);
	rates->gpu = busy;
	rates->memory = memory;
	return fake_leave(0);
}

/* A value of hwmon in micro units, of the script in milli units. */
static bool milli(const struct fake_gpu *gpu, const char *file, enum number which,
		  uint64_t *ret_value)
{
	uint64_t micro;
	double value;

	if (gpu->sim[0] && !gpu->number[which].nr) {
		if (!sim_hwmon(gpu, file, &micro))
			return false;
		*ret_value = micro / 1000;
		return true;
	}
	if (!fake_number(gpu, which, &value))
		return false;
	*ret_value = value;
	return true;
}

static int milli_call(const char *function, struct nvml_device *device, const char *file,
		      enum number which, uint64_t *ret_value)
{
	const struct fake_gpu *gpu;
	int ret = fake_enter(function, device, &gpu);

	if (ret)
		return ret;
	if (device->instance >= 0 || !milli(gpu, file, which, ret_value))
		return fake_leave(NVML_NOT_SUPPORTED);
	return fake_leave(0);
}

int nvmlDeviceGetPowerUsage(struct nvml_device *device, unsigned int *mw);
int nvmlDeviceGetPowerUsage(struct nvml_device *device, unsigned int *mw)
{
	uint64_t value;
	int ret = milli_call(__func__, device, "power1_average", POWER_AVERAGE_MW, &value);

	if (!ret)
		*mw = value;
	return ret;
}

int nvmlDeviceGetTotalEnergyConsumption(struct nvml_device *device, unsigned long long *mj);
int nvmlDeviceGetTotalEnergyConsumption(struct nvml_device *device, unsigned long long *mj)
{
	uint64_t value;
	int ret = milli_call(__func__, device, "energy1_input", ENERGY_MJ, &value);

	if (!ret)
		*mj = value;
	return ret;
}

int nvmlDeviceGetPowerManagementLimit(struct nvml_device *device, unsigned int *mw);
int nvmlDeviceGetPowerManagementLimit(struct nvml_device *device, unsigned int *mw)
{
	const struct fake_gpu *gpu;
	struct set set;
	uint64_t value;
	int ret = fake_enter(__func__, device, &gpu);

	if (ret)
		return ret;
	fake_get_set(gpu, &set);
	value = set.cap_mw;
	if (!value && !milli(gpu, "power1_cap", CAP_MW, &value))
		return fake_leave(NVML_NOT_SUPPORTED);
	*mw = value;
	return fake_leave(0);
}

int nvmlDeviceGetPowerManagementLimitConstraints(struct nvml_device *device,
						 unsigned int *min_mw,
						 unsigned int *max_mw);
int nvmlDeviceGetPowerManagementLimitConstraints(struct nvml_device *device,
						 unsigned int *min_mw,
						 unsigned int *max_mw)
{
	const struct fake_gpu *gpu;
	uint64_t min, max;
	int ret = fake_enter(__func__, device, &gpu);

	if (ret)
		return ret;
	if (!milli(gpu, "power1_cap_min", CAP_MIN_MW, &min) ||
	    !milli(gpu, "power1_cap_max", CAP_MAX_MW, &max))
		return fake_leave(NVML_NOT_SUPPORTED);
	*min_mw = min;
	*max_mw = max;
	return fake_leave(0);
}

int nvmlDeviceGetTemperature(struct nvml_device *device, unsigned int sensor,
			     unsigned int *celsius);
int nvmlDeviceGetTemperature(struct nvml_device *device, unsigned int sensor,
			     unsigned int *celsius)
{
	return sensor ? NVML_INVALID_ARGUMENT :
		number_u32(__func__, device, TEMP_C, celsius);
}

static int reasons(const char *function, struct nvml_device *device,
		   unsigned long long *ret_reasons)
{
	double value;
	int ret = number(function, device, REASONS, &value);

	if (!ret)
		*ret_reasons = value;
	return ret;
}

int nvmlDeviceGetCurrentClocksThrottleReasons(struct nvml_device *device,
					      unsigned long long *mask);
int nvmlDeviceGetCurrentClocksThrottleReasons(struct nvml_device *device,
					      unsigned long long *mask)
{
	return reasons(__func__, device, mask);
}

int nvmlDeviceGetMemoryInfo(struct nvml_device *device, struct nvml_memory *memory);
int nvmlDeviceGetMemoryInfo(struct nvml_device *device, struct nvml_memory *memory)
{
	const struct fake_gpu *gpu;
	double total, used, reserved = 0;
	int ret = fake_enter(__func__, device, &gpu);

	if (ret)
		return ret;
	if (!fake_number(gpu, MEM_TOTAL_MIB, &total) ||
	    !fake_number(gpu, MEM_USED_MIB, &used))
		return fake_leave(NVML_NOT_SUPPORTED);
	/* The first version counts what is reserved as used. */
	fake_number(gpu, MEM_RESERVED_MIB, &reserved);
	memory->total = (uint64_t)total << 20;
	memory->used = (uint64_t)(used + reserved) << 20;
	memory->free = memory->total - memory->used;
	return fake_leave(0);
}

static bool sim_contexts(const struct fake_gpu *gpu, unsigned int *ret_nr)
{
	const struct timespec pause = { .tv_nsec = 5000000 };
	static struct counters from[FAKE_GPUS];
	static char sim[FAKE_GPUS][32];
	struct counters now;
	uint64_t us;
	int i;

	for (i = 0; i < FAKE_GPUS - 1; i++)
		if (!sim[i][0] || !strcmp(sim[i], gpu->sim))
			break;
	if (!sim[i][0]) {
		if (!sim_counters(gpu, &from[i]))
			return false;
		nanosleep(&pause, NULL);
	}
	if (!sim_counters(gpu, &now))
		return false;
	/* The mean since the last call. */
	us = (now.ns - from[i].ns) / 1000;
	*ret_nr = us ? (now.value[CONTEXTS] - from[i].value[CONTEXTS] + us / 2) / us : 0;
	memcpy(sim[i], gpu->sim, sizeof(gpu->sim));
	from[i] = now;
	return true;
}

static void fill_process(const struct process *from, uint8_t *entry, unsigned int bytes)
{
	const uint64_t mem_bytes = (uint64_t)from->mem_mib << 20;
	const uint32_t none = UINT32_MAX;

	memset(entry, 0, bytes);
	memcpy(entry, &from->pid, 4);
	memcpy(entry + 8, &mem_bytes, 8);
	if (bytes >= 24) {
		memcpy(entry + 16, &none, 4);
		memcpy(entry + 20, &none, 4);
	}
}

/* Fills entries of processes that are told one by one. */
static int processes(const char *function, struct nvml_device *device, unsigned int *count,
		     uint8_t *list, unsigned int bytes)
{
	unsigned int nr, room = *count, i;
	const struct fake_gpu *gpu;
	double value;
	int ret = fake_enter(function, device, &gpu);

	if (ret)
		return ret;
	if (gpu->nr_processes)
		nr = gpu->nr_processes;
	else if (fake_number(gpu, PROCESSES, &value))
		nr = value;
	else if (!gpu->sim[0] || !sim_contexts(gpu, &nr))
		return fake_leave(NVML_NOT_SUPPORTED);
	*count = nr;
	if (nr > room)
		return fake_leave(NVML_INSUFFICIENT_SIZE);
	if (fake_number(gpu, PROCESS_BYTES, &value))
		bytes = value;
	for (i = 0; i < gpu->nr_processes; i++)
		fill_process(&gpu->process[i], list + i * bytes, bytes);
	return fake_leave(0);
}

int nvmlDeviceGetProcessUtilization(struct nvml_device *device, struct nvml_process_use *use,
				    unsigned int *count, unsigned long long since_us);
int nvmlDeviceGetProcessUtilization(struct nvml_device *device, struct nvml_process_use *use,
				    unsigned int *count, unsigned long long since_us)
{
	unsigned int nr = 0, room = *count, i;
	const struct fake_gpu *gpu;
	bool told = false;
	int ret = fake_enter(__func__, device, &gpu);

	if (ret)
		return ret;
	for (i = 0; i < gpu->nr_processes; i++) {
		told |= gpu->process[i].percent >= 0;
		if (gpu->process[i].percent <= 0)
			continue;
		if (nr < room)
			use[nr] = (struct nvml_process_use){
				.pid = gpu->process[i].pid,
				.taken_us = fake_now_ns() / 1000,
				.sm = gpu->process[i].percent,
			};
		nr++;
	}
	if (!told)
		return fake_leave(NVML_NOT_SUPPORTED);
	*count = nr;
	if (!nr)
		return fake_leave(NVML_NOT_FOUND);
	return fake_leave(nr > room ? NVML_INSUFFICIENT_SIZE : 0);
}

int nvmlDeviceGetComputeRunningProcesses(struct nvml_device *device, unsigned int *count,
					 void *list);
int nvmlDeviceGetComputeRunningProcesses(struct nvml_device *device, unsigned int *count,
					 void *list)
{
	return processes(__func__, device, count, list, 16);
}

int nvmlDeviceGetMaxPcieLinkGeneration(struct nvml_device *device, unsigned int *generation);
int nvmlDeviceGetMaxPcieLinkGeneration(struct nvml_device *device, unsigned int *generation)
{
	const struct fake_gpu *gpu;
	int ret = fake_enter(__func__, device, &gpu);

	if (ret)
		return ret;
	*generation = gpu->pcie_generation;
	return fake_leave(gpu->pcie_generation ? 0 : NVML_NOT_SUPPORTED);
}

int nvmlDeviceGetCurrPcieLinkWidth(struct nvml_device *device, unsigned int *lanes);
int nvmlDeviceGetCurrPcieLinkWidth(struct nvml_device *device, unsigned int *lanes)
{
	const struct fake_gpu *gpu;
	int ret = fake_enter(__func__, device, &gpu);

	if (ret)
		return ret;
	*lanes = gpu->pcie_lanes;
	return fake_leave(gpu->pcie_lanes ? 0 : NVML_NOT_SUPPORTED);
}

#ifndef FAKE_OLD
int nvmlDeviceGetCurrentClocksEventReasons(struct nvml_device *device,
					   unsigned long long *mask);
int nvmlDeviceGetCurrentClocksEventReasons(struct nvml_device *device,
					   unsigned long long *mask)
{
	return reasons(__func__, device, mask);
}

int nvmlDeviceGetTemperatureV(struct nvml_device *device, struct nvml_temperature *value);
int nvmlDeviceGetTemperatureV(struct nvml_device *device, struct nvml_temperature *value)
{
	double celsius;
	int ret;

	if (value->version != NVML_VERSION(*value, 1))
		return NVML_ARGUMENT_VERSION_MISMATCH;
	ret = number(__func__, device, TEMP_C, &celsius);
	if (!ret)
		value->celsius = celsius;
	return ret;
}

int nvmlDeviceGetMemoryInfo_v2(struct nvml_device *device, struct nvml_memory_v2 *memory);
int nvmlDeviceGetMemoryInfo_v2(struct nvml_device *device, struct nvml_memory_v2 *memory)
{
	const struct fake_gpu *gpu;
	double total, used, reserved = 0;
	int ret;

	if (memory->version != NVML_VERSION(*memory, 2))
		return NVML_ARGUMENT_VERSION_MISMATCH;
	ret = fake_enter(__func__, device, &gpu);
	if (ret)
		return ret;
	if (!fake_number(gpu, MEM_TOTAL_MIB, &total) ||
	    !fake_number(gpu, MEM_USED_MIB, &used))
		return fake_leave(NVML_NOT_SUPPORTED);
	fake_number(gpu, MEM_RESERVED_MIB, &reserved);
	memory->total = (uint64_t)total << 20;
	memory->used = (uint64_t)used << 20;
	memory->reserved = (uint64_t)reserved << 20;
	memory->free = memory->total - memory->used - memory->reserved;
	return fake_leave(0);
}

int nvmlDeviceGetComputeRunningProcesses_v3(struct nvml_device *device, unsigned int *count,
					    void *list);
int nvmlDeviceGetComputeRunningProcesses_v3(struct nvml_device *device, unsigned int *count,
					    void *list)
{
	return processes(__func__, device, count, list, 24);
}

static void fill(struct nvml_field_value *value, bool known, uint64_t number,
		 enum nvml_value_type type)
{
	value->ret = known ? 0 : NVML_NOT_SUPPORTED;
	value->type = type;
	if (type == NVML_VALUE_UINT)
		value->value.ui = number;
	else
		value->value.ull = number;
}

static void field(const struct fake_gpu *gpu, struct nvml_field_value *value)
{
	uint64_t number = 0;
	double counter = 0;
	bool known;

	value->timestamp_us = fake_now_ns() / 1000;
	switch (value->field) {
	case NVML_FIELD_NVLINK_COUNT:
		fill(value, gpu->links, gpu->links, NVML_VALUE_UINT);
		break;
	case NVML_FIELD_NVLINK_SPEED:
		fill(value, gpu->links, gpu->link_mb_s, NVML_VALUE_UINT);
		break;
	case NVML_FIELD_POWER_INSTANT:
		known = !value->scope && milli(gpu, "power1_input", POWER_MW, &number);
		fill(value, known, number, NVML_VALUE_UINT);
		break;
	case NVML_FIELD_POWER_AVERAGE:
		known = !value->scope &&
			milli(gpu, "power1_average", POWER_AVERAGE_MW, &number);
		fill(value, known, number, NVML_VALUE_UINT);
		break;
	case NVML_FIELD_NVLINK_DATA_TX:
	case NVML_FIELD_NVLINK_DATA_RX:
		known = value->scope == NVML_SCOPE_ALL_LINKS &&
			fake_number(gpu, NVLINK_KIB, &counter);
		fill(value, known, counter, NVML_VALUE_ULONGLONG);
		break;
	case NVML_FIELD_PCIE_TX:
	case NVML_FIELD_PCIE_RX:
		known = fake_number(gpu, PCIE_BYTES, &counter);
		fill(value, known, counter, NVML_VALUE_ULONGLONG);
		break;
	default:
		fill(value, false, 0, NVML_VALUE_UINT);
	}
}

int nvmlDeviceGetFieldValues(struct nvml_device *device, int count,
			     struct nvml_field_value *values);
int nvmlDeviceGetFieldValues(struct nvml_device *device, int count,
			     struct nvml_field_value *values)
{
	const struct fake_gpu *gpu;
	int i, ret = fake_enter(__func__, device, &gpu);

	if (ret)
		return ret;
	for (i = 0; i < count; i++)
		field(gpu, &values[i]);
	return fake_leave(0);
}
#endif
