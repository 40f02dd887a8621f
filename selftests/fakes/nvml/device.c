// SPDX-License-Identifier: GPL-2.0
/*
 * fake NVML - start, stop, handles, and what happens to a call
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fake.h"

/* Layouts as the interface has them on 64-bit machines. */
_Static_assert(sizeof(struct nvml_field_value) == 40, "nvmlFieldValue_t");
_Static_assert(sizeof(struct nvml_process_use) == 32, "nvmlProcessUtilizationSample_t");
_Static_assert(sizeof(struct nvml_memory_v2) == 40, "nvmlMemory_v2_t");
_Static_assert(sizeof(struct nvml_temperature) == 12, "nvmlTemperature_v1_t");
_Static_assert(sizeof(struct nvml_gpm_metric) == 40, "nvmlGpmMetric_t");
_Static_assert(sizeof(struct nvml_profiles) == 100, "CurrentProfiles_v1_t");
_Static_assert(sizeof(struct nvml_profile_request) == 36, "RequestedProfiles_v1_t");

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned int starts;
static unsigned int users;
static struct nvml_device *handles;

/* A library knows the GPUs that were there when it was started. */
static char known[FAKE_GPUS][64];
static unsigned int nr_known;

static const struct fake_gpu *find(const struct script *script, const char *uuid)
{
	unsigned int i;

	for (i = 0; i < script->nr; i++)
		if (!strcmp(script->gpu[i].uuid, uuid))
			return &script->gpu[i];
	return NULL;
}

static uint64_t resets(const struct fake_gpu *gpu)
{
	double value = 0;

	fake_number(gpu, RESETS, &value);
	return value;
}

static bool away(const struct fake_gpu *gpu)
{
	double value;

	return (fake_number(gpu, LOST, &value) && value) || !sim_there(gpu);
}

static bool hangs(const struct fake_gpu *gpu, const char *function)
{
	unsigned int i;

	for (i = 0; gpu && i < gpu->nr_hang; i++)
		if (!strcmp(gpu->hang[i], "*") || !strcmp(gpu->hang[i], function))
			return true;
	return false;
}

/* What @rule has for @function, 0 for nothing. */
static int of(const struct rule *rule, unsigned int nr, const char *function)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (!strcmp(rule[i].function, function))
			return rule[i].code;
	return 0;
}

static uint64_t cpu_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return ts.tv_sec * 1000000ULL + ts.tv_nsec / 1000;
}

/* As a driver does that waits for the GPU's own processor. */
static void spin(int us)
{
	uint64_t end = cpu_us() + us;

	while (us && cpu_us() < end)
		;
}

static int judge(const struct fake_gpu *gpu, const char *function, struct nvml_device *device)
{
	if (device->born != starts || !gpu || away(gpu) ||
	    device->resets != resets(gpu))
		return NVML_GPU_IS_LOST;
	return of(gpu->refuse, gpu->nr_refuse, function);
}

int fake_enter(const char *function, struct nvml_device *device,
	       const struct fake_gpu **ret_gpu)
{
	const struct timespec pause = { .tv_nsec = 5000000 };
	const struct fake_gpu *gpu = NULL;
	const struct script *script;
	int ret = 0, us = 0;

	pthread_mutex_lock(&lock);
	for (;;) {
		script = fake_script();
		gpu = script && device ? find(script, device->uuid) : NULL;
		if (gpu && !us) {
			us = of(gpu->spin, gpu->nr_spin, function);
			pthread_mutex_unlock(&lock);
			spin(us);
			us |= 1;
			pthread_mutex_lock(&lock);
			continue;
		}
		if (!hangs(gpu, function))
			break;
		pthread_mutex_unlock(&lock);
		nanosleep(&pause, NULL);
		pthread_mutex_lock(&lock);
	}
	if (!users)
		ret = NVML_UNINITIALIZED;
	else if (!script || script->init)
		ret = NVML_DRIVER_NOT_LOADED;
	else if (device)
		ret = judge(gpu, function, device);
	if (ret)
		return fake_leave(ret);
	if (ret_gpu)
		*ret_gpu = gpu;
	return 0;
}

int fake_leave(int ret)
{
	pthread_mutex_unlock(&lock);
	return ret;
}

static void know(const struct script *script)
{
	struct set set;
	unsigned int i;

	nr_known = 0;
	for (i = 0; i < script->nr; i++) {
		if (away(&script->gpu[i]))
			continue;
		memcpy(known[nr_known++], script->gpu[i].uuid, 64);
		fake_get_set(&script->gpu[i], &set);
		sim_apply(&script->gpu[i], &set);
	}
}

static int start(void)
{
	const struct script *script;
	int ret;

	pthread_mutex_lock(&lock);
	script = fake_script();
	ret = script ? script->init : NVML_DRIVER_NOT_LOADED;
	if (!ret && !users++) {
		starts++;
		fake_start_time();
		know(script);
	}
	return fake_leave(ret);
}

/* Programs may hold handles of before: they are kept, and are good for nothing. */
static int stop(void)
{
	pthread_mutex_lock(&lock);
	if (!users)
		return fake_leave(NVML_UNINITIALIZED);
	if (!--users)
		sim_close_all();
	return fake_leave(0);
}

__attribute__((destructor)) static void free_handles(void)
{
	struct nvml_device *next;

	for (; handles; handles = next) {
		next = handles->next;
		free(handles);
	}
}

static struct nvml_device *handle(const struct fake_gpu *gpu, int instance)
{
	struct nvml_device *device;

	for (device = handles; device; device = device->next)
		if (!strcmp(device->uuid, gpu->uuid) && device->instance == instance &&
		    device->born == starts && device->resets == resets(gpu))
			return device;
	device = calloc(1, sizeof(*device));
	if (!device)
		abort();
	memcpy(device->uuid, gpu->uuid, sizeof(device->uuid));
	device->instance = instance;
	device->born = starts;
	device->resets = resets(gpu);
	device->next = handles;
	handles = device;
	return device;
}

/* A GPU that came or was lost since the library was started is not looked up. */
static int look_up(const struct fake_gpu *gpu, int instance, struct nvml_device **ret_device)
{
	unsigned int i;

	for (i = 0; gpu && i < nr_known; i++)
		if (!strcmp(known[i], gpu->uuid))
			break;
	if (!gpu || i == nr_known)
		return NVML_NOT_FOUND;
	if (away(gpu))
		return NVML_GPU_IS_LOST;
	*ret_device = handle(gpu, instance);
	return 0;
}

int nvmlInit(void);
int nvmlInit(void)
{
	return start();
}

#ifndef FAKE_OLD
int nvmlInit_v2(void);
int nvmlInit_v2(void)
{
	return start();
}
#endif

int nvmlShutdown(void);
int nvmlShutdown(void)
{
	return stop();
}

int nvmlSystemGetDriverVersion(char *text, unsigned int size);
int nvmlSystemGetDriverVersion(char *text, unsigned int size)
{
	int ret = fake_enter(__func__, NULL, NULL);

	if (ret)
		return ret;
	snprintf(text, size, "%s", fake_script()->driver);
	return fake_leave(0);
}

int nvmlDeviceGetCount_v2(unsigned int *count);
int nvmlDeviceGetCount_v2(unsigned int *count)
{
	int ret = fake_enter(__func__, NULL, NULL);

	if (ret)
		return ret;
	*count = nr_known;
	return fake_leave(0);
}

int nvmlDeviceGetHandleByIndex_v2(unsigned int index, struct nvml_device **device);
int nvmlDeviceGetHandleByIndex_v2(unsigned int index, struct nvml_device **device)
{
	int ret = fake_enter(__func__, NULL, NULL);

	if (ret)
		return ret;
	if (index >= nr_known)
		return fake_leave(NVML_INVALID_ARGUMENT);
	ret = look_up(find(fake_script(), known[index]), -1, device);
	return fake_leave(ret == NVML_NOT_FOUND ? NVML_GPU_IS_LOST : ret);
}

int nvmlDeviceGetHandleByUUID(const char *uuid, struct nvml_device **device);
int nvmlDeviceGetHandleByUUID(const char *uuid, struct nvml_device **device)
{
	const struct script *script;
	unsigned int i, k;
	int ret = fake_enter(__func__, NULL, NULL);

	if (ret)
		return ret;
	script = fake_script();
	for (i = 0; i < script->nr; i++)
		for (k = 0; k < script->gpu[i].nr_instances; k++)
			if (uuid[0] != '!' &&
			    !strcmp(script->gpu[i].instance[k].uuid, uuid))
				return fake_leave(look_up(&script->gpu[i], k, device));
	return fake_leave(look_up(find(script, uuid), -1, device));
}

#ifndef FAKE_OLD
int nvmlDeviceGetMigMode(struct nvml_device *device, unsigned int *now, unsigned int *pending);
int nvmlDeviceGetMigMode(struct nvml_device *device, unsigned int *now, unsigned int *pending)
{
	const struct fake_gpu *gpu;
	double value;
	int ret = fake_enter(__func__, device, &gpu);

	if (ret)
		return ret;
	if (!fake_number(gpu, MIG, &value))
		return fake_leave(NVML_NOT_SUPPORTED);
	*now = value;
	*pending = value;
	return fake_leave(0);
}

int nvmlDeviceGetMaxMigDeviceCount(struct nvml_device *device, unsigned int *count);
int nvmlDeviceGetMaxMigDeviceCount(struct nvml_device *device, unsigned int *count)
{
	int ret = fake_enter(__func__, device, NULL);

	if (ret)
		return ret;
	*count = FAKE_INSTANCES;
	return fake_leave(0);
}

int nvmlDeviceGetMigDeviceHandleByIndex(struct nvml_device *device, unsigned int index,
					struct nvml_device **mig);
int nvmlDeviceGetMigDeviceHandleByIndex(struct nvml_device *device, unsigned int index,
					struct nvml_device **mig)
{
	const struct fake_gpu *gpu;
	int ret = fake_enter(__func__, device, &gpu);

	if (ret)
		return ret;
	/* As with the real one, the numbers of instances have gaps. */
	if (index % 2 || index / 2 >= gpu->nr_instances)
		return fake_leave(NVML_NOT_FOUND);
	*mig = handle(gpu, index / 2);
	return fake_leave(0);
}

static int instance_id(const char *function, struct nvml_device *mig, bool compute,
		       unsigned int *ret_id)
{
	const struct fake_gpu *gpu;
	int ret = fake_enter(function, mig, &gpu);

	if (ret)
		return ret;
	if (mig->instance < 0)
		return fake_leave(NVML_NOT_SUPPORTED);
	*ret_id = compute ? gpu->instance[mig->instance].ci : gpu->instance[mig->instance].gi;
	return fake_leave(0);
}

int nvmlDeviceGetGpuInstanceId(struct nvml_device *mig, unsigned int *id);
int nvmlDeviceGetGpuInstanceId(struct nvml_device *mig, unsigned int *id)
{
	return instance_id(__func__, mig, false, id);
}

int nvmlDeviceGetComputeInstanceId(struct nvml_device *mig, unsigned int *id);
int nvmlDeviceGetComputeInstanceId(struct nvml_device *mig, unsigned int *id)
{
	return instance_id(__func__, mig, true, id);
}
#endif

int nvmlDeviceGetUUID(struct nvml_device *device, char *text, unsigned int size);
int nvmlDeviceGetUUID(struct nvml_device *device, char *text, unsigned int size)
{
	const struct fake_gpu *gpu;
	const char *uuid;
	int ret = fake_enter(__func__, device, &gpu);

	if (ret)
		return ret;
	uuid = device->instance < 0 ? gpu->uuid : gpu->instance[device->instance].uuid;
	if (uuid[0] == '?')
		return fake_leave(NVML_UNKNOWN);
	if (snprintf(text, size, "%s", uuid) >= (int)size)
		return fake_leave(NVML_INSUFFICIENT_SIZE);
	return fake_leave(0);
}

int nvmlDeviceGetName(struct nvml_device *device, char *text, unsigned int size);
int nvmlDeviceGetName(struct nvml_device *device, char *text, unsigned int size)
{
	const struct fake_gpu *gpu;
	int ret = fake_enter(__func__, device, &gpu);

	if (ret)
		return ret;
	if (!gpu->name[0])
		return fake_leave(NVML_NOT_SUPPORTED);
	snprintf(text, size, "%s%s", gpu->name, device->instance < 0 ? "" : " MIG");
	return fake_leave(0);
}

int nvmlDeviceGetPciInfo_v3(struct nvml_device *device, void *pci);
int nvmlDeviceGetPciInfo_v3(struct nvml_device *device, void *pci)
{
	/* nvmlPciInfo_t */
	struct {
		char legacy[16];
		uint32_t domain, bus, device, id, subsystem;
		char bus_id[32];
	} info = { 0 };
	const struct fake_gpu *gpu;
	int ret = fake_enter(__func__, device, &gpu);

	if (ret)
		return ret;
	if (sscanf(gpu->bus, "%x:%x:%x", &info.domain, &info.bus, &info.device) != 3)
		return fake_leave(NVML_NOT_SUPPORTED);
	snprintf(info.legacy, sizeof(info.legacy), "%04X:%02X:%02X.0",
		 info.domain & 0xffff, info.bus & 0xff, info.device & 0xff);
	snprintf(info.bus_id, sizeof(info.bus_id), "%08X:%02X:%02X.0", info.domain,
		 info.bus & 0xff, info.device & 0xff);
	memcpy(pci, &info, sizeof(info));
	return fake_leave(0);
}
