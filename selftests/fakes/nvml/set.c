// SPDX-License-Identifier: GPL-2.0
/*
 * fake NVML - what can be set
 */
#include "fake.h"

/* Begin a call that sets something: refusals are in the log as well. */
static int begin(const char *function, struct nvml_device *device, const struct fake_gpu **gpu,
		 struct set *ret_set)
{
	int ret = fake_enter(function, device, gpu);

	if (ret) {
		fake_log(function, device->uuid, ret, "refused ");
		return ret;
	}
	fake_get_set(*gpu, ret_set);
	return 0;
}

static int end(const struct fake_gpu *gpu, const struct set *set, int ret)
{
	if (!ret && sim_apply(gpu, set))
		ret = NVML_UNKNOWN;
	if (!ret)
		fake_put_set(gpu, set);
	return ret;
}

int nvmlDeviceSetGpuLockedClocks(struct nvml_device *device, unsigned int min, unsigned int max);
int nvmlDeviceSetGpuLockedClocks(struct nvml_device *device, unsigned int min, unsigned int max)
{
	const struct fake_gpu *gpu;
	struct set set;
	int ret = begin(__func__, device, &gpu, &set);

	if (ret)
		return ret;
	ret = !min || min > max ? NVML_INVALID_ARGUMENT : 0;
	set.core[0] = min;
	set.core[1] = max;
	ret = end(gpu, &set, ret);
	fake_log(__func__, gpu->uuid, ret, "%u %u ", min, max);
	return fake_leave(ret);
}

int nvmlDeviceResetGpuLockedClocks(struct nvml_device *device);
int nvmlDeviceResetGpuLockedClocks(struct nvml_device *device)
{
	const struct fake_gpu *gpu;
	struct set set;
	int ret = begin(__func__, device, &gpu, &set);

	if (ret)
		return ret;
	set.core[0] = 0;
	set.core[1] = 0;
	ret = end(gpu, &set, 0);
	fake_log(__func__, gpu->uuid, ret, "%s", "");
	return fake_leave(ret);
}

int nvmlDeviceSetPowerManagementLimit(struct nvml_device *device, unsigned int mw);
int nvmlDeviceSetPowerManagementLimit(struct nvml_device *device, unsigned int mw)
{
	const struct fake_gpu *gpu;
	double min = 0, max = 1e9;
	struct set set;
	int ret = begin(__func__, device, &gpu, &set);

	if (ret)
		return ret;
	fake_number(gpu, CAP_MIN_MW, &min);
	fake_number(gpu, CAP_MAX_MW, &max);
	ret = mw < min || mw > max ? NVML_INVALID_ARGUMENT : 0;
	set.cap_mw = mw;
	ret = end(gpu, &set, ret);
	fake_log(__func__, gpu->uuid, ret, "%u ", mw);
	return fake_leave(ret);
}

#ifndef FAKE_OLD
int nvmlDeviceSetMemoryLockedClocks(struct nvml_device *device, unsigned int min,
				    unsigned int max);
int nvmlDeviceSetMemoryLockedClocks(struct nvml_device *device, unsigned int min,
				    unsigned int max)
{
	const struct fake_gpu *gpu;
	struct set set;
	int ret = begin(__func__, device, &gpu, &set);

	if (ret)
		return ret;
	ret = !min || min > max ? NVML_INVALID_ARGUMENT : 0;
	set.mem[0] = min;
	set.mem[1] = max;
	ret = end(gpu, &set, ret);
	fake_log(__func__, gpu->uuid, ret, "%u %u ", min, max);
	return fake_leave(ret);
}

int nvmlDeviceResetMemoryLockedClocks(struct nvml_device *device);
int nvmlDeviceResetMemoryLockedClocks(struct nvml_device *device)
{
	const struct fake_gpu *gpu;
	struct set set;
	int ret = begin(__func__, device, &gpu, &set);

	if (ret)
		return ret;
	set.mem[0] = 0;
	set.mem[1] = 0;
	ret = end(gpu, &set, 0);
	fake_log(__func__, gpu->uuid, ret, "%s", "");
	return fake_leave(ret);
}

int nvmlDeviceWorkloadPowerProfileGetCurrentProfiles(struct nvml_device *device,
						     struct nvml_profiles *profiles);
int nvmlDeviceWorkloadPowerProfileGetCurrentProfiles(struct nvml_device *device,
						     struct nvml_profiles *profiles)
{
	const struct fake_gpu *gpu;
	struct set set;
	int ret;

	if (profiles->version != NVML_VERSION(*profiles, 1))
		return NVML_ARGUMENT_VERSION_MISMATCH;
	ret = fake_enter(__func__, device, &gpu);
	if (ret)
		return ret;
	if (!gpu->has_profiles)
		return fake_leave(NVML_NOT_SUPPORTED);
	fake_get_set(gpu, &set);
	profiles->there = gpu->profiles;
	profiles->requested = set.profiles;
	profiles->enforced = set.profiles;
	return fake_leave(0);
}

/* Requests add up until they are cleared. */
static int change_profiles(const char *function, struct nvml_device *device,
			   const struct nvml_profile_request *request, bool clear)
{
	const struct fake_gpu *gpu;
	struct set set;
	int i, ret;

	if (request->version != NVML_VERSION(*request, 1))
		return NVML_ARGUMENT_VERSION_MISMATCH;
	ret = begin(function, device, &gpu, &set);
	if (ret)
		return ret;
	for (i = 0; i < 8; i++) {
		if (request->profiles.word[i] & ~gpu->profiles.word[i])
			ret = NVML_INVALID_ARGUMENT;
		if (clear)
			set.profiles.word[i] &= ~request->profiles.word[i];
		else
			set.profiles.word[i] |= request->profiles.word[i];
	}
	if (!gpu->has_profiles)
		ret = NVML_NOT_SUPPORTED;
	ret = end(gpu, &set, ret);
	fake_log(function, gpu->uuid, ret, "%08x ", request->profiles.word[0]);
	return fake_leave(ret);
}

int nvmlDeviceWorkloadPowerProfileSetRequestedProfiles(struct nvml_device *device,
						       struct nvml_profile_request *request);
int nvmlDeviceWorkloadPowerProfileSetRequestedProfiles(struct nvml_device *device,
						       struct nvml_profile_request *request)
{
	return change_profiles(__func__, device, request, false);
}

int nvmlDeviceWorkloadPowerProfileClearRequestedProfiles(struct nvml_device *device,
							 struct nvml_profile_request *request);
int nvmlDeviceWorkloadPowerProfileClearRequestedProfiles(struct nvml_device *device,
							 struct nvml_profile_request *request)
{
	return change_profiles(__func__, device, request, true);
}
#endif
