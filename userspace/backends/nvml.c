// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - NVIDIA GPUs through NVML: the back end
 *
 * Every call into the library runs on a thread that may hang (worker.h): finding
 * GPUs on one for the process, everything else on one per accelerator, or on the
 * caller's when that may, so that a GPU whose driver hangs takes no other along.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nvml.h"
#include "nvml_gpu.h"

/* Starting the library wakes and initialises GPUs, which takes a second each. */
#define SCAN_TIMEOUT_MS		60000
/* A call that works takes milliseconds, a new start of the library seconds. */
#define CALL_TIMEOUT_MS		2000
/* Neither the power sensor nor GPM has anything new before. */
#define PERIOD_US		100000

/**
 * struct scan - argument and result of a scan
 * @bound: devices that the driver is bound to, as one number; 0 when unknown
 * @list: what was found, allocated
 * @note: for people
 */
struct scan {
	uint64_t bound;
	struct accelerators list;
	struct backend_note note;
};

/**
 * struct request - argument and result of a call for one accelerator
 * @gpu: its GPU
 * @acc: copy of the accelerator, copied back
 * @actuator: to set
 * @value: to set
 * @line: saved, or to restore
 */
struct request {
	struct nvml_gpu *gpu;
	struct accelerator acc;
	enum backend_actuator actuator;
	int64_t value;
	char line[512];
};

/**
 * struct read_request - argument and result of a reading, the most frequent call
 * @gpu: its GPU
 * @seen: result
 */
struct read_request {
	struct nvml_gpu *gpu;
	struct nvml_seen seen;
};

/*
 * Power sensors, as measured by others against external meters: Yang, Adamek,
 * Armour, "Part-time Power Measurements" (2023), for A100 and H100; the same
 * window is in the recordings of its artifact, which also show the lag. GH200's
 * is 20 ms of each 100 ms. Of other boards nothing certain is known.
 */
static struct backend_power_sensor power_sensor(const char *model)
{
	if (strstr(model, "GH200"))
		return (struct backend_power_sensor){ 20000, 100000, 100000 };
	if (strstr(model, "A100") || strstr(model, "H100"))
		return (struct backend_power_sensor){ 25000, 100000, 100000 };
	return (struct backend_power_sensor){ 0 };
}

static bool suspended(const struct sysfs *sysfs, const char *bus)
{
	char dir[64];

	snprintf(dir, sizeof(dir), "sys/bus/pci/devices/%s/", bus);
	return runtime_asleep(sysfs, dir);
}

/* Signals of GPM have values with the second reading only. */
static uint32_t gpm_signals(const struct nvml_gpu *gpu)
{
	uint32_t signals = 0;

	if (gpu->gpm)
		signals |= 1U << ACCELGOV_SIG_BUSY | 1U << ACCELGOV_SIG_COMPUTE |
			   1U << ACCELGOV_SIG_MEMORY;
	if (gpu->gpm && gpu->nvlink_mb_s)
		signals |= 1U << ACCELGOV_SIG_LINK;
	if (gpu->gpm && gpu->pcie_mb_s)
		signals |= 1U << ACCELGOV_SIG_HOST;
	return signals;
}

static void describe_signals(const struct nvml_gpu *gpu, struct accelerator *acc,
			     const struct nvml_seen *seen)
{
	uint32_t signals = seen->reading.sample.valid | gpm_signals(gpu);
	char *why;
	int i;

	/* Byte counters give a rate with the second reading. */
	if (gpu->nvlink.taken_ns)
		signals |= 1U << ACCELGOV_SIG_LINK;
	if (gpu->pcie.taken_ns)
		signals |= 1U << ACCELGOV_SIG_HOST;
	acc->signals = signals;
	for (i = 0; i < ACCELGOV_SIG_NR; i++) {
		why = acc->signal_why[i];
		why[0] = '\0';
		if (signals & 1U << i)
			continue;
		if (seen->none[i])
			snprintf(why, BACKEND_WHY_LEN, "%s", seen->none[i]);
		else
			nvml_why(why, seen->error[i] ? seen->error[i] : -ENODATA);
	}
	acc->sensors = 0;
	for (i = 0; i < BACKEND_SENSORS; i++)
		if (seen->reading.sensor[i].known)
			acc->sensors |= 1U << i;
}

static int describe(struct nvml_gpu *gpu, void *arg)
{
	struct accelerator *acc = arg;
	struct nvml_seen seen;
	size_t i;
	int ret;

	nvml_gpu_learn(gpu);
	ret = nvml_read(gpu, &seen);
	if (ret)
		return ret;
	describe_signals(gpu, acc, &seen);
	/* What is asked for seldom belongs into the first reading that somebody wants. */
	gpu->slow.taken_ns = 0;
	gpu->slow.energy_ns = 0;
	nvml_ranges(gpu, acc->actuator);
	acc->nr_clocks = gpu->nr_core;
	for (i = 0; i < gpu->nr_core; i++)
		acc->clock_khz[i] = gpu->core_mhz[i] * 1000;
	acc->nr_mem_clocks = gpu->nr_mem;
	for (i = 0; i < gpu->nr_mem; i++)
		acc->mem_khz[i] = gpu->mem_mhz[i] * 1000;
	acc->nr_profiles = nvml_list_profiles(gpu, acc->profile);
	if (!gpu->instance)
		acc->power = power_sensor(acc->model);
	acc->period_us = PERIOD_US;
	return 0;
}

/* Identity: a GPU that can't tell it can't be told from another. */
static int identify(struct nvml_lib *lib, struct nvml_device *device, struct accelerator *acc)
{
	struct nvml_pci pci;
	int ret;

	ret = lib->call.uuid(device, acc->uuid, sizeof(acc->uuid));
	if (!ret)
		ret = lib->call.pci(device, &pci);
	if (ret)
		return nvml_errno(ret);
	snprintf(acc->bus, sizeof(acc->bus), "%04x:%02x:%02x.0", pci.domain & 0xffffff,
		 pci.bus & 0xff, pci.device & 0xff);
	snprintf(acc->name, sizeof(acc->name), "nvidia-%.24s", acc->bus);
	snprintf(acc->vendor, sizeof(acc->vendor), "NVIDIA");
	snprintf(acc->driver, sizeof(acc->driver), "nvidia");
	snprintf(acc->driver_version, sizeof(acc->driver_version), "%.47s",
		 lib->driver_version);
	if (!lib->call.name || lib->call.name(device, acc->model, sizeof(acc->model)))
		acc->model[0] = '\0';
	return 0;
}

static int adopt(struct nvml_lib *lib, struct accelerator *acc, const char *gpu_uuid)
{
	struct nvml_gpu *gpu;
	int ret;

	gpu = nvml_gpu_new(lib, acc->uuid, gpu_uuid);
	if (!gpu)
		return -ENOMEM;
	acc->priv = gpu;
	/*
	 * A new start of the library takes the handles that this scan has, and costs all
	 * others their windows: a part that does not answer is not worth it.
	 */
	if (gpu->instance)
		gpu->retry_ns = UINT64_MAX;
	ret = nvml_gpu_run(gpu, describe, acc);
	if (gpu->instance && !ret)
		gpu->retry_ns = 0;
	return ret;
}

static struct accelerator *add(struct scan *scan)
{
	return accelerators_add(&scan->list, &backend_nvml);
}

/* Takes the newest of the list away again. */
static void drop(struct scan *scan)
{
	struct accelerator *acc = scan->list.item[--scan->list.nr];

	nvml_gpu_free(acc->priv);
	free(acc);
}

/* A server's GPUs are mostly lost together: one reason then, and a list of them. */
static void note_left_out(struct backend_note *note, const char *what, bool same,
			  int error)
{
	char why[BACKEND_WHY_LEN], one[2 * BACKEND_WHY_LEN];
	size_t used = strlen(note->text);

	nvml_why(why, error);
	if (same)
		snprintf(one, sizeof(one), "; so is %s", what);
	else
		snprintf(one, sizeof(one), "%s%s left out: %s", used ? "; " : "", what,
			 why);
	note->left_out = true;
	/* Half of a reason helps nobody. */
	if (used + strlen(one) < sizeof(note->text))
		strcpy(note->text + used, one);
}

/**
 * struct parts - MIG instances of one GPU, as they are found
 * @lib: library
 * @scan: the rest of the scan
 * @gpu: number of the GPU
 * @parent: its place in the list
 * @before: why the instance before was left out, 0 when it was not
 */
struct parts {
	struct nvml_lib *lib;
	struct scan *scan;
	uint32_t gpu;
	size_t parent;
	int before;
};

static void leave_out(struct parts *parts, uint32_t index, int error)
{
	char what[48];

	snprintf(what, sizeof(what), "MIG instance %u of GPU %u", index, parts->gpu);
	note_left_out(&parts->scan->note, what, error == parts->before, error);
	parts->before = error;
}

/* FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint64_t hash_text(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3ULL;
	return hash;
}

/* By its numbers; one that has none still has an identity. */
static void name_instance(const struct nvml_calls *call, struct nvml_device *mig,
			  const struct accelerator *parent, struct accelerator *acc)
{
	uint32_t gi, ci;

	if (call->gpu_instance && call->compute_instance &&
	    !call->gpu_instance(mig, &gi) && !call->compute_instance(mig, &ci))
		snprintf(acc->name, sizeof(acc->name), "%.20s-g%uc%u", parent->name,
			 gi & 0xff, ci & 0xff);
	else
		snprintf(acc->name, sizeof(acc->name), "%.20s-x%08x", parent->name,
			 (uint32_t)hash_text(0xcbf29ce484222325ULL, acc->uuid));
}

/* It is there, and that is all that is known: shown, with the reason everywhere. */
static void describe_nothing(struct accelerator *acc, int error)
{
	int i;

	acc->signals = 0;
	acc->sensors = 0;
	for (i = 0; i < ACCELGOV_SIG_NR; i++)
		nvml_why(acc->signal_why[i], error);
	for (i = 0; i < BACKEND_ACTUATORS; i++) {
		acc->actuator[i] = (struct backend_range){ 0 };
		nvml_why(acc->actuator[i].why, error);
	}
}

static void note_unknown(struct backend_note *note, const char *name, int error)
{
	char why[BACKEND_WHY_LEN], one[2 * BACKEND_WHY_LEN];
	size_t used = strlen(note->text);

	nvml_why(why, error);
	snprintf(one, sizeof(one), "%s%s is there, and what it does is not known: %s",
		 used ? "; " : "", name, why);
	note->left_out = true;
	if (used + strlen(one) < sizeof(note->text))
		strcpy(note->text + used, one);
}

static int find_instance(struct parts *parts, struct nvml_device *mig)
{
	const struct nvml_calls *call = &parts->lib->call;
	struct accelerator *acc = add(parts->scan);
	const struct accelerator *parent = parts->scan->list.item[parts->parent];
	int ret;

	if (!acc)
		return -ENOMEM;
	*acc = (struct accelerator){ .backend = &backend_nvml };
	ret = nvml_errno(call->uuid(mig, acc->uuid, sizeof(acc->uuid)));
	if (ret) {
		drop(parts->scan);
		return ret;
	}
	name_instance(call, mig, parent, acc);
	memcpy(acc->parent, parent->name, sizeof(acc->parent));
	memcpy(acc->bus, parent->bus, sizeof(acc->bus));
	memcpy(acc->vendor, parent->vendor, sizeof(acc->vendor));
	memcpy(acc->driver, parent->driver, sizeof(acc->driver));
	memcpy(acc->driver_version, parent->driver_version, sizeof(acc->driver_version));
	if (!call->name || call->name(mig, acc->model, sizeof(acc->model)))
		memcpy(acc->model, parent->model, sizeof(acc->model));
	ret = adopt(parts->lib, acc, parent->uuid);
	if (!acc->priv) {
		drop(parts->scan);
		return ret;
	}
	if (ret) {
		describe_nothing(acc, ret);
		note_unknown(&parts->scan->note, acc->name, ret);
	}
	return 0;
}

/* Return: how many there may be, 0 for no MIG, or a negative errno. */
static int count_instances(const struct nvml_calls *call, struct nvml_device *device)
{
	uint32_t mode, pending, count;
	int ret;

	if (!call->mig_mode)
		return 0;
	ret = nvml_errno(call->mig_mode(device, &mode, &pending));
	/* A GPU that can't be parted says so. */
	if (ret || mode != 1)
		return ret == -EOPNOTSUPP ? 0 : ret;
	if (!call->mig_count || !call->mig_by_index)
		return NVML_NO_FUNCTION;
	ret = nvml_errno(call->mig_count(device, &count));
	return ret ? ret : (int)(count & 0xff);
}

static void find_instances(struct parts *parts, struct nvml_device *device)
{
	const struct nvml_calls *call = &parts->lib->call;
	int count = count_instances(call, device), ret, i;
	struct nvml_device *mig;
	char what[48];

	if (count < 0) {
		snprintf(what, sizeof(what), "MIG instances of GPU %u, if any,",
			 parts->gpu);
		note_left_out(&parts->scan->note, what, false, count);
	}
	for (i = 0; i < count; i++) {
		ret = call->mig_by_index(device, i, &mig);
		/* Numbers have gaps where no instance was made. */
		if (ret == NVML_NOT_FOUND)
			continue;
		ret = ret ? nvml_errno(ret) : find_instance(parts, mig);
		if (ret)
			leave_out(parts, i, ret);
		else
			parts->before = 0;
	}
}

static int find_gpu(struct nvml_lib *lib, struct scan *scan, uint32_t index)
{
	struct parts parts = { .lib = lib, .scan = scan, .gpu = index };
	struct accelerator *acc;
	struct nvml_device *device;
	int ret;

	ret = nvml_errno(lib->call.by_index(index, &device));
	if (ret)
		return ret;
	acc = add(scan);
	if (!acc)
		return -ENOMEM;
	ret = identify(lib, device, acc);
	if (!ret)
		ret = adopt(lib, acc, acc->uuid);
	if (ret) {
		drop(scan);
		return ret;
	}
	parts.parent = scan->list.nr - 1;
	find_instances(&parts, device);
	return 0;
}

static int find_all(struct nvml_lib *lib, struct scan *scan)
{
	int ret, before = 0;
	uint32_t count, i;
	char what[20];

	ret = nvml_errno(lib->call.count(&count));
	if (ret)
		return ret;
	if (!count) {
		scan->note.left_out = true;
		snprintf(scan->note.text, sizeof(scan->note.text),
			 "the driver has no GPU (dmesg says why, if there is one)");
	}
	for (i = 0; i < count; i++) {
		ret = find_gpu(lib, scan, i);
		snprintf(what, sizeof(what), "GPU %u", i);
		if (ret)
			note_left_out(&scan->note, what, ret == before, ret);
		before = ret;
	}
	return 0;
}

/*
 * The library knows the GPUs of its start, and a new start costs all others their
 * windows: it is made only when the driver has got or lost a device since. Where
 * the kernel does not tell, each scan makes one.
 */
static int scan_call(void *arg)
{
	static uint64_t bound_before;
	struct scan *scan = arg;
	struct nvml_lib *lib;
	int ret;

	ret = nvml_lib_get(&lib, scan->note.text);
	scan->note.left_out = ret < 0 && ret != -ENOENT;
	if (ret == -ENOENT || ret == -ENODEV)
		return 0;
	if (ret < 0)
		return ret;
	if (ret && scan->bound && scan->bound == bound_before)
		ret = 0;
	if (ret)
		ret = nvml_lib_restart(lib, lib->generation);
	if (!ret)
		bound_before = scan->bound;
	if (!ret || ret == -EBUSY)
		ret = find_all(lib, scan);
	nvml_lib_put(lib);
	return ret;
}

static void scan_discard(void *arg)
{
	struct scan *scan = arg;

	accelerators_free(&scan->list);
}

static uint64_t bound_devices(const struct sysfs *sysfs)
{
	uint64_t hash = 0xcbf29ce484222325ULL;
	struct names names;
	size_t i;

	if (sysfs_list(sysfs, &names, "sys/bus/pci/drivers/nvidia"))
		return 0;
	for (i = 0; i < names.nr; i++)
		if (strchr(names.name[i], ':'))
			hash = hash_text(hash, names.name[i]);
	names_free(&names);
	return hash;
}

static struct worker *scanner;

static void make_scanner(void)
{
	scanner = worker_new();
}

static int nvml_scan(const struct sysfs *sysfs, struct accelerators *list,
		     struct backend_note *ret_note)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct accelerator *acc;
	struct scan scan = { 0 };
	int ret;
	size_t i;

	if (!sysfs->live) {
		snprintf(ret_note->text, sizeof(ret_note->text),
			 "a recorded tree holds no library");
		return 0;
	}
	pthread_once(&once, make_scanner);
	if (!scanner)
		return -ENOMEM;
	scan.bound = bound_devices(sysfs);
	ret = worker_call(scanner, SCAN_TIMEOUT_MS, scan_call, scan_discard, &scan,
			  sizeof(scan));
	if (ret && !scan.note.text[0])
		nvml_why(scan.note.text, ret);
	*ret_note = scan.note;
	for (i = 0; i < scan.list.nr && ret != -ENOMEM; i++) {
		acc = accelerators_add(list, &backend_nvml);
		if (!acc) {
			ret = -ENOMEM;
			break;
		}
		*acc = *scan.list.item[i];
		scan.list.item[i]->priv = NULL;
		acc->asleep = suspended(sysfs, acc->bus);
	}
	accelerators_free(&scan.list);
	return ret;
}

static int call_gpu(const struct accelerator *acc, int (*call)(void *arg), void *arg,
		    size_t size)
{
	const struct nvml_gpu *gpu = acc->priv;

	if (acc->patient)
		return call(arg);
	return worker_call(gpu->worker, CALL_TIMEOUT_MS, call, NULL, arg, size);
}

static int request_gpu(struct accelerator *acc, struct request *request,
		       int (*call)(void *arg))
{
	request->gpu = acc->priv;
	request->acc = *acc;
	return call_gpu(acc, call, request, sizeof(*request));
}

static bool asleep(const struct sysfs *sysfs, struct accelerator *acc)
{
	struct nvml_gpu *gpu = acc->priv;
	char dir[64];

	snprintf(dir, sizeof(dir), "sys/bus/pci/devices/%s/", acc->bus);
	return runtime_watch_asleep(&gpu->runtime, sysfs, dir);
}

static int refresh_gpu(struct nvml_gpu *gpu, void *arg)
{
	struct request *request = arg;
	char uuid[96];
	int ret;

	ret = nvml_errno(gpu->lib->call.uuid(gpu->own, uuid, sizeof(uuid)));
	if (!ret)
		nvml_ranges(gpu, request->acc.actuator);
	return ret;
}

static int refresh_call(void *arg)
{
	struct request *request = arg;

	return nvml_gpu_run(request->gpu, refresh_gpu, request);
}

static int nvml_refresh(const struct sysfs *sysfs, struct accelerator *acc)
{
	struct request request = { 0 };
	int ret;

	acc->asleep = asleep(sysfs, acc);
	if (acc->asleep)
		return 0;
	ret = request_gpu(acc, &request, refresh_call);
	if (!ret)
		memcpy(acc->actuator, request.acc.actuator, sizeof(acc->actuator));
	return ret;
}

static int read_gpu(struct nvml_gpu *gpu, void *arg)
{
	struct read_request *request = arg;

	return nvml_read(gpu, &request->seen);
}

static int read_call(void *arg)
{
	struct read_request *request = arg;

	return nvml_gpu_run(request->gpu, read_gpu, request);
}

/*
 * Of a sleeping GPU nothing is known: any call would wake it. What a call brings that
 * has hung is of long ago in part.
 */
static int nvml_backend_read(const struct sysfs *sysfs, struct accelerator *acc,
			     struct backend_reading *ret_reading)
{
	struct read_request request = { .gpu = acc->priv };
	uint64_t begin_ns;
	int ret;

	acc->asleep = asleep(sysfs, acc);
	if (acc->asleep) {
		*ret_reading = (struct backend_reading){
			.sample.time_ns = nvml_now_ns(),
		};
		return 0;
	}
	begin_ns = nvml_now_ns();
	ret = call_gpu(acc, read_call, &request, sizeof(request));
	if (!ret && nvml_now_ns() - begin_ns > CALL_TIMEOUT_MS * 1000000ULL)
		ret = -ETIMEDOUT;
	if (!ret)
		*ret_reading = request.seen.reading;
	return ret;
}

/* On the same thread as reading, which has asked; a hung call still writes there. */
static int nvml_backend_owners(const struct accelerator *acc,
			       struct backend_owners *ret_owners)
{
	const struct nvml_gpu *gpu = acc->priv;

	if (!acc->patient)
		return -EOPNOTSUPP;
	if (!gpu->slow.owners.taken_ns)
		return -ENODATA;
	if (ret_owners->taken_ns != gpu->slow.owners.taken_ns)
		*ret_owners = gpu->slow.owners;
	return 0;
}

static int set_gpu(struct nvml_gpu *gpu, void *arg)
{
	struct request *request = arg;

	return nvml_set(gpu, request->actuator, request->value);
}

static int set_call(void *arg)
{
	struct request *request = arg;
	int ret, after;

	ret = nvml_gpu_run(request->gpu, set_gpu, request);
	/* What it says of itself now: set, or refused with a reason. */
	after = nvml_gpu_run(request->gpu, refresh_gpu, request);
	return ret ? ret : after;
}

static int nvml_backend_set(const struct sysfs *sysfs, struct accelerator *acc,
			    enum backend_actuator actuator, int64_t value)
{
	struct request request = { .actuator = actuator, .value = value };
	int ret;

	ret = request_gpu(acc, &request, set_call);
	if (ret != -ETIMEDOUT)
		memcpy(acc->actuator, request.acc.actuator, sizeof(acc->actuator));
	return ret;
}

static int save_gpu(struct nvml_gpu *gpu, void *arg)
{
	struct request *request = arg;

	return nvml_save(gpu, request->line, sizeof(request->line));
}

static int save_call(void *arg)
{
	struct request *request = arg;

	return nvml_gpu_run(request->gpu, save_gpu, request);
}

static int nvml_backend_save(const struct sysfs *sysfs, struct accelerator *acc,
			     char *ret_line, size_t size)
{
	struct request request = { 0 };
	int ret;

	ret = request_gpu(acc, &request, save_call);
	if (ret)
		return ret;
	if (strlen(request.line) >= size)
		return -ENOSPC;
	memcpy(ret_line, request.line, strlen(request.line) + 1);
	return 0;
}

static int restore_gpu(struct nvml_gpu *gpu, void *arg)
{
	struct request *request = arg;

	return nvml_restore(gpu, request->line);
}

static int restore_call(void *arg)
{
	struct request *request = arg;
	int ret;

	ret = nvml_gpu_run(request->gpu, restore_gpu, request);
	nvml_gpu_run(request->gpu, refresh_gpu, request);
	return ret;
}

static int nvml_backend_restore(const struct sysfs *sysfs, struct accelerator *acc,
				const char *line)
{
	struct request request = { 0 };
	int ret;

	if (strlen(line) >= sizeof(request.line))
		return -EBADMSG;
	memcpy(request.line, line, strlen(line) + 1);
	ret = request_gpu(acc, &request, restore_call);
	if (ret != -ETIMEDOUT)
		memcpy(acc->actuator, request.acc.actuator, sizeof(acc->actuator));
	return ret;
}

static void nvml_release(struct accelerator *acc)
{
	nvml_gpu_free(acc->priv);
	acc->priv = NULL;
}

const struct backend backend_nvml = {
	.name = "nvml",
	.title = "NVIDIA GPUs through the driver's management library",
	.scan = nvml_scan,
	.refresh = nvml_refresh,
	.read = nvml_backend_read,
	.owners = nvml_backend_owners,
	.set = nvml_backend_set,
	.save = nvml_backend_save,
	.restore = nvml_backend_restore,
	.release = nvml_release,
};
