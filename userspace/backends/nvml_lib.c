// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - libnvidia-ml.so.1: loaded, started, started again
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "nvml_lib.h"

#define LIBRARY "libnvidia-ml.so.1"

/* One function of the table and its names, newest first. */
struct symbol {
	size_t offset;
	const char *name[3];
};

#define SYMBOL(member, ...) { offsetof(struct nvml_calls, member), { __VA_ARGS__ } }

/*
 * Only versions that take the same arguments stand side by side. Those of
 * GetComputeRunningProcesses differ in the length of entries, which their reader finds
 * out.
 */
static const struct symbol symbols[] = {
	SYMBOL(init, "nvmlInit_v2", "nvmlInit"),
	SYMBOL(shutdown, "nvmlShutdown"),
	SYMBOL(driver_version, "nvmlSystemGetDriverVersion"),
	SYMBOL(count, "nvmlDeviceGetCount_v2", "nvmlDeviceGetCount"),
	SYMBOL(by_index, "nvmlDeviceGetHandleByIndex_v2", "nvmlDeviceGetHandleByIndex"),
	SYMBOL(by_uuid, "nvmlDeviceGetHandleByUUID"),
	SYMBOL(name, "nvmlDeviceGetName"),
	SYMBOL(uuid, "nvmlDeviceGetUUID"),
	SYMBOL(pci, "nvmlDeviceGetPciInfo_v3", "nvmlDeviceGetPciInfo_v2", "nvmlDeviceGetPciInfo"),
	SYMBOL(architecture, "nvmlDeviceGetArchitecture"),
	SYMBOL(pcie_generation, "nvmlDeviceGetMaxPcieLinkGeneration"),
	SYMBOL(pcie_width, "nvmlDeviceGetCurrPcieLinkWidth"),
	SYMBOL(mig_mode, "nvmlDeviceGetMigMode"),
	SYMBOL(mig_count, "nvmlDeviceGetMaxMigDeviceCount"),
	SYMBOL(mig_by_index, "nvmlDeviceGetMigDeviceHandleByIndex"),
	SYMBOL(gpu_instance, "nvmlDeviceGetGpuInstanceId"),
	SYMBOL(compute_instance, "nvmlDeviceGetComputeInstanceId"),
	SYMBOL(clock, "nvmlDeviceGetClockInfo"),
	SYMBOL(mem_clocks, "nvmlDeviceGetSupportedMemoryClocks"),
	SYMBOL(core_clocks, "nvmlDeviceGetSupportedGraphicsClocks"),
	SYMBOL(utilization, "nvmlDeviceGetUtilizationRates"),
	SYMBOL(power, "nvmlDeviceGetPowerUsage"),
	SYMBOL(energy, "nvmlDeviceGetTotalEnergyConsumption"),
	SYMBOL(reasons, "nvmlDeviceGetCurrentClocksEventReasons",
	       "nvmlDeviceGetCurrentClocksThrottleReasons"),
	SYMBOL(temperature_v, "nvmlDeviceGetTemperatureV"),
	SYMBOL(temperature, "nvmlDeviceGetTemperature"),
	SYMBOL(memory, "nvmlDeviceGetMemoryInfo"),
	SYMBOL(memory_v2, "nvmlDeviceGetMemoryInfo_v2"),
	SYMBOL(processes, "nvmlDeviceGetComputeRunningProcesses_v3",
	       "nvmlDeviceGetComputeRunningProcesses_v2",
	       "nvmlDeviceGetComputeRunningProcesses"),
	SYMBOL(process_use, "nvmlDeviceGetProcessUtilization"),
	SYMBOL(fields, "nvmlDeviceGetFieldValues"),
	SYMBOL(cap, "nvmlDeviceGetPowerManagementLimit"),
	SYMBOL(cap_range, "nvmlDeviceGetPowerManagementLimitConstraints"),
	SYMBOL(set_cap, "nvmlDeviceSetPowerManagementLimit"),
	SYMBOL(lock_core, "nvmlDeviceSetGpuLockedClocks"),
	SYMBOL(unlock_core, "nvmlDeviceResetGpuLockedClocks"),
	SYMBOL(lock_mem, "nvmlDeviceSetMemoryLockedClocks"),
	SYMBOL(unlock_mem, "nvmlDeviceResetMemoryLockedClocks"),
	SYMBOL(profiles, "nvmlDeviceWorkloadPowerProfileGetCurrentProfiles"),
	SYMBOL(request_profiles, "nvmlDeviceWorkloadPowerProfileSetRequestedProfiles"),
	SYMBOL(clear_profiles, "nvmlDeviceWorkloadPowerProfileClearRequestedProfiles"),
	SYMBOL(gpm_support, "nvmlGpmQueryDeviceSupport"),
	SYMBOL(gpm_alloc, "nvmlGpmSampleAlloc"),
	SYMBOL(gpm_free, "nvmlGpmSampleFree"),
	SYMBOL(gpm_sample, "nvmlGpmSampleGet"),
	SYMBOL(gpm_mig_sample, "nvmlGpmMigSampleGet"),
	SYMBOL(gpm_metrics, "nvmlGpmMetricsGet"),
};

/*
 * @lock guards the references and loading. @gate is held for reading while calls
 * are made and for writing while the library is stopped and started; writers only
 * try, as a call that hangs never lets go.
 */
static struct {
	pthread_mutex_t lock;
	pthread_rwlock_t gate;
	void *handle;
	unsigned int refs;
	struct nvml_lib lib;
} the = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.gate = PTHREAD_RWLOCK_INITIALIZER,
};

static void look_up(struct nvml_calls *calls, void *handle)
{
	size_t i, name;
	void *found;

	*calls = (struct nvml_calls){ 0 };
	for (i = 0; i < sizeof(symbols) / sizeof(*symbols); i++) {
		found = NULL;
		for (name = 0; name < 3 && symbols[i].name[name] && !found; name++)
			found = dlsym(handle, symbols[i].name[name]);
		*(void **)((char *)calls + symbols[i].offset) = found;
	}
}

/* Without these there is nothing to begin with. */
static bool complete(const struct nvml_calls *calls)
{
	return calls->init && calls->shutdown && calls->count && calls->by_index &&
	       calls->by_uuid && calls->uuid && calls->pci;
}

static int start(struct nvml_lib *lib, char *ret_why)
{
	int ret = lib->call.init();

	if (ret) {
		snprintf(ret_why, BACKEND_WHY_LEN, ret == NVML_DRIVER_NOT_LOADED ?
			 "NVIDIA's kernel driver is not loaded (modprobe nvidia)" :
			 ret == NVML_LIB_RM_VERSION_MISMATCH ?
			 LIBRARY " and the kernel driver are of different versions: reboot" :
			 "nvmlInit: error %d (dmesg may say why)", ret);
		return nvml_errno(ret);
	}
	if (!lib->call.driver_version ||
	    lib->call.driver_version(lib->driver_version, sizeof(lib->driver_version)))
		lib->driver_version[0] = '\0';
	lib->generation++;
	return 0;
}

static int load(char *ret_why)
{
	const char *error;
	int ret;

	the.handle = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (!the.handle) {
		error = dlerror();
		if (!error || strstr(error, "No such file")) {
			snprintf(ret_why, BACKEND_WHY_LEN, LIBRARY
				 " is not installed (it comes with NVIDIA's driver)");
			return -ENOENT;
		}
		snprintf(ret_why, BACKEND_WHY_LEN,
			 "%.70s: install the libraries of its driver again", error);
		return -ELIBBAD;
	}
	look_up(&the.lib.call, the.handle);
	if (!complete(&the.lib.call)) {
		snprintf(ret_why, BACKEND_WHY_LEN, LIBRARY
			 " lacks functions that every version has: install it again");
		ret = -ELIBBAD;
		goto unload;
	}
	ret = start(&the.lib, ret_why);
	if (!ret)
		return 0;
unload:
	dlclose(the.handle);
	the.handle = NULL;
	return ret;
}

int nvml_lib_get(struct nvml_lib **ret_lib, char ret_why[BACKEND_WHY_LEN])
{
	int ret = 1;

	pthread_mutex_lock(&the.lock);
	if (!the.refs)
		ret = load(ret_why);
	if (ret >= 0) {
		the.refs++;
		*ret_lib = &the.lib;
	}
	pthread_mutex_unlock(&the.lock);
	return ret;
}

void nvml_lib_put(struct nvml_lib *lib)
{
	pthread_mutex_lock(&the.lock);
	if (!--the.refs) {
		lib->call.shutdown();
		dlclose(the.handle);
		the.handle = NULL;
	}
	pthread_mutex_unlock(&the.lock);
}

void nvml_lib_enter(struct nvml_lib *lib)
{
	pthread_rwlock_rdlock(&the.gate);
}

void nvml_lib_leave(struct nvml_lib *lib)
{
	pthread_rwlock_unlock(&the.gate);
}

int nvml_lib_restart(struct nvml_lib *lib, unsigned int generation)
{
	const struct timespec pause = { .tv_nsec = 5000000 };
	char why[BACKEND_WHY_LEN];
	int ret = 0, tries = 20;

	while (pthread_rwlock_trywrlock(&the.gate)) {
		if (!tries--)
			return -EBUSY;
		nanosleep(&pause, NULL);
	}
	if (lib->generation == generation) {
		lib->call.shutdown();
		ret = start(lib, why);
	}
	pthread_rwlock_unlock(&the.gate);
	return ret;
}

int nvml_errno(int ret)
{
	switch (ret) {
	case NVML_OK:
		return 0;
	case NVML_UNINITIALIZED:
	case NVML_DRIVER_NOT_LOADED:
	case NVML_GPU_IS_LOST:
	case NVML_RESET_REQUIRED:
	case NVML_GPU_NOT_FOUND:
		return -ENODEV;
	case NVML_INVALID_ARGUMENT:
	case NVML_FREQ_NOT_SUPPORTED:
		return -ERANGE;
	case NVML_NOT_SUPPORTED:
	case NVML_FUNCTION_NOT_FOUND:
	case NVML_ARGUMENT_VERSION_MISMATCH:
	case NVML_DEPRECATED:
		return -EOPNOTSUPP;
	case NVML_NO_PERMISSION:
		return -EPERM;
	case NVML_NOT_FOUND:
		return -ENOENT;
	case NVML_TIMEOUT:
		return -ETIMEDOUT;
	case NVML_IN_USE:
		return -EBUSY;
	case NVML_MEMORY:
		return -ENOMEM;
	case NVML_NO_DATA:
	case NVML_NOT_READY:
		return -ENODATA;
	default:
		return -EIO;
	}
}

void nvml_why(char ret_why[BACKEND_WHY_LEN], int error)
{
	const char *text;

	switch (error) {
	case -EOPNOTSUPP:
		text = "this GPU or its driver does not support it";
		break;
	case -EPERM:
		text = "the driver refused it: run as root, outside of a container";
		break;
	case NVML_NO_FUNCTION:
		text = "the installed " LIBRARY " has no function for it: newer driver needed";
		break;
	case -ENODEV:
		text = "the GPU does not answer (lost, being reset, or driver unloaded)";
		break;
	case -ETIMEDOUT:
		text = "the driver hangs; asked again when the pending call returns";
		break;
	case -ENODATA:
		text = "the driver has no value yet";
		break;
	default:
		text = NULL;
		break;
	}
	if (text)
		snprintf(ret_why, BACKEND_WHY_LEN, "%s", text);
	else
		snprintf(ret_why, BACKEND_WHY_LEN, "the driver answered: %s",
			 strerror(-error));
}
