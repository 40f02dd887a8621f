// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - whose processes hold a GPU, from NVML
 *
 * Two lists: processes with a compute context, whatever they do, and those for which
 * multiprocessors worked since the driver was asked before, with their share. Who is in
 * the first only did nothing. MIG instances have no second list, nor have drivers that
 * keep accounts of processes off.
 *
 * The second costs 1.4 ms of CPU time (nvml_read.c). A process that is alone with the GPU
 * needs no share: it is told as unknown then, and the whole time is its own. Nor does
 * anybody while the GPU rests and the first list is empty.
 */
#include <errno.h>
#include <string.h>

#include "nvml_gpu.h"

/* What no driver writes: by that it shows how much it has written. */
#define UNWRITTEN	0xa5

/*
 * Entries are 16, 24 or 32 bytes long, and the name of the function does not tell.
 * Return: the length, 0 when it is none of these.
 */
static size_t entry_size(const uint8_t *list, size_t size, uint32_t nr)
{
	size_t end = size, entry;

	while (end && list[end - 1] == UNWRITTEN)
		end--;
	for (entry = 16; entry <= 32; entry += 8)
		if (end <= nr * entry)
			return end > nr * (entry - 8) ? entry : 0;
	return 0;
}

static struct backend_owner *owner_of(struct backend_owners *owners, uint32_t pid)
{
	size_t i;

	for (i = 0; i < owners->nr; i++)
		if (owners->owner[i].pid == pid)
			return &owners->owner[i];
	return NULL;
}

static void add(struct backend_owners *owners, uint32_t pid, uint64_t mem_bytes)
{
	struct backend_owner *owner = &owners->owner[owners->nr];

	/* Processes of other machines that share the GPU have no number here. */
	if (!pid || pid > INT32_MAX || owners->nr == BACKEND_OWNERS || owner_of(owners, pid))
		return;
	*owner = (struct backend_owner){ .pid = pid };
	if (mem_bytes != NVML_NOT_AVAILABLE)
		owner->mem_bytes = (struct reading){ mem_bytes, true };
	owners->nr++;
}

/* Return: whether the list tells all of them. */
static bool read_holders(struct nvml_gpu *gpu, struct backend_owners *owners)
{
	uint8_t list[BACKEND_OWNERS * sizeof(struct nvml_process)];
	struct nvml_process process;
	uint32_t nr = BACKEND_OWNERS, i;
	size_t entry;
	int ret;

	gpu->slow.contexts = (struct reading){ 0 };
	if (!gpu->lib->call.processes)
		return false;
	memset(list, UNWRITTEN, sizeof(list));
	ret = gpu->lib->call.processes(gpu->own, &nr, list);
	/* A longer list says so, and how long it is. */
	if (!ret || ret == NVML_INSUFFICIENT_SIZE)
		gpu->slow.contexts = (struct reading){ nr, true };
	if (ret || nr > BACKEND_OWNERS)
		return false;
	entry = entry_size(list, sizeof(list), nr);
	if (nr && !entry)
		return false;
	for (i = 0; i < nr; i++) {
		memcpy(&process, list + i * entry, 16);
		add(owners, process.pid, process.mem_bytes);
	}
	return true;
}

/* Nobody had work, or this is what each had: who is not told of had none. */
static void read_use(struct nvml_gpu *gpu, struct backend_owners *owners)
{
	struct nvml_process_use use[BACKEND_OWNERS];
	struct backend_owner *owner;
	uint32_t nr = BACKEND_OWNERS, i;
	uint64_t since_us = gpu->slow.use_us;
	int ret;

	if (gpu->instance || !gpu->lib->call.process_use)
		return;
	ret = gpu->lib->call.process_use(gpu->device, use, &nr, since_us);
	if (ret == NVML_NOT_FOUND)
		nr = 0;
	else if (ret || nr > BACKEND_OWNERS)
		return;
	for (i = 0; i < nr; i++) {
		add(owners, use[i].pid, NVML_NOT_AVAILABLE);
		if (use[i].taken_us > gpu->slow.use_us)
			gpu->slow.use_us = use[i].taken_us;
	}
	/* What it kept from before the first question is of no known time. */
	if (!since_us && nr)
		return;
	for (i = 0; i < owners->nr; i++)
		owners->owner[i].busy_permille = (struct reading){ 0, true };
	for (i = 0; i < nr; i++) {
		owner = owner_of(owners, use[i].pid);
		if (owner)
			owner->busy_permille.value = use[i].sm > 100 ? 1000 : use[i].sm * 10;
	}
}

void nvml_owners(struct nvml_gpu *gpu, bool rests, uint64_t now)
{
	struct backend_owners *owners = &gpu->slow.owners;

	owners->nr = 0;
	owners->taken_ns = 0;
	if (!read_holders(gpu, owners))
		return;
	if (owners->nr > 1 || (!owners->nr && !rests))
		read_use(gpu, owners);
	owners->taken_ns = now;
}
