// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - DRM collector: queue depth, busy time and who it was for
 *
 * Four trace points tell the life of a job of the kernel's GPU scheduler: it is
 * queued, goes to the hardware, and is done; jobs of a client that was killed are
 * not done, but the fence that others wait for is signalled all the same. Their names
 * changed once: the daemon sets the targets of those that this kernel has. Their
 * arguments did not, and where fields lie is looked up in the kernel's types when the
 * program is loaded.
 *
 * A job is known by the address of its finished fence. One that was queued before the
 * program came is never counted. Both the end of a job and the signal of its fence
 * end it here, whichever comes first: an interrupt that ends a job while this CPU is
 * in the program for the end of another would otherwise be missed, since a program
 * does not nest in itself.
 *
 * The kernel's types don't say that arguments of trace points are there: hence the
 * checks for NULL.
 *
 * Nothing is pushed from here. The periodic collector reads the integrals of
 * struct drmc_device, the daemon reads the clients.
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "drm_devices.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/*
 * What is needed of them. libbpf ignores what follows three underscores: where the
 * scheduler is built in, vmlinux.h has types by the bare names.
 */
struct drm_gpu_scheduler___ag {
	struct device *dev;
};

struct drm_sched_fence___ag {
	struct dma_fence finished;
	uint64_t drm_client_id;
};

struct drm_sched_job___ag {
	struct drm_gpu_scheduler___ag *sched;
	struct drm_sched_fence___ag *s_fence;
};

#pragma clang attribute pop

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, DRMC_DEVICES);
	__type(key, struct drmc_name);
	__type(value, __u32);
} drm_names SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, DRMC_JOBS);
	__type(key, __u64);
	__type(value, struct drmc_job);
} drm_jobs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, DRMC_CLIENTS);
	__type(key, struct drmc_client);
	__type(value, struct drmc_use);
} drm_clients SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, DRMC_RINGS);
	__type(key, __u64);
	__type(value, __u64);
} drm_rings SEC(".maps");

static __always_inline __u64 us_of(__u64 ns)
{
	return ns / 1000;
}

static __always_inline struct drmc_device *device_of(const struct drmc_job *job)
{
	__u32 index = job->client.device;

	return bpf_map_lookup_elem(&drm_devices, &index);
}

/* The ring can do one job at a time: this one began when the last one ended. */
static __always_inline __u64 began_ns(const struct drmc_job *job, __u64 now_ns)
{
	__u64 ring = job->ring, *last_ns;
	__u64 begin_ns = job->run_ns;

	last_ns = bpf_map_lookup_elem(&drm_rings, &ring);
	if (last_ns && *last_ns > begin_ns)
		begin_ns = *last_ns;
	bpf_map_update_elem(&drm_rings, &ring, &now_ns, BPF_ANY);
	return begin_ns;
}

static __always_inline struct drmc_use *client_of(struct drmc_client *key)
{
	struct drmc_use *c, fresh = {};

	c = bpf_map_lookup_elem(&drm_clients, key);
	if (c)
		return c;
	bpf_get_current_comm(fresh.comm, sizeof(fresh.comm));
	bpf_map_update_elem(&drm_clients, key, &fresh, BPF_NOEXIST);
	return bpf_map_lookup_elem(&drm_clients, key);
}

static __always_inline void account(struct drmc_job *job, __u64 now_ns)
{
	__u64 begin_ns = began_ns(job, now_ns);
	struct drmc_use *c;

	c = bpf_map_lookup_elem(&drm_clients, &job->client);
	if (!c)
		return;
	__sync_fetch_and_add(&c->jobs, 1);
	__sync_fetch_and_add(&c->wait_ns, job->run_ns - job->queued_ns);
	if (now_ns > begin_ns)
		__sync_fetch_and_add(&c->run_ns, now_ns - begin_ns);
}

/* A job is over, however it came to that. */
static __always_inline void finish(__u64 key)
{
	struct drmc_job *found, job;
	struct drmc_device *d;
	__u64 now_ns;

	found = bpf_map_lookup_elem(&drm_jobs, &key);
	if (!found)
		return;
	job = *found;
	/* Only one of those who are told of its end takes it away. */
	if (bpf_map_delete_elem(&drm_jobs, &key))
		return;
	d = device_of(&job);
	if (!d)
		return;
	now_ns = bpf_ktime_get_ns();
	__sync_fetch_and_add(&d->queued, DRMC_LEAVE(us_of(now_ns)));
	if (!job.run_ns)
		return;
	if (__sync_fetch_and_add(&d->running, -1ULL) == 1)
		__sync_fetch_and_add(&d->busy, DRMC_LEAVE(us_of(now_ns)));
	account(&job, now_ns);
}

static __always_inline __u64 key_of(struct drm_sched_fence___ag *fence)
{
	return (__u64)&fence->finished;
}

static __always_inline __u64 client_id(struct drm_sched_fence___ag *fence)
{
	/* Kernels before 6.17 have it when their distribution carried it back. */
	if (bpf_core_field_exists(fence->drm_client_id))
		return fence->drm_client_id;
	return 0;
}

static __always_inline int queue(struct drm_sched_job___ag *sched_job)
{
	struct drm_sched_fence___ag *fence = sched_job->s_fence;
	struct drm_gpu_scheduler___ag *sched = sched_job->sched;
	struct drmc_name name = {};
	struct drmc_device *d;
	struct drmc_job job = {};
	__u64 key = key_of(fence);
	__u32 *index;

	if (bpf_probe_read_kernel_str(name.text, sizeof(name.text),
				      sched->dev->kobj.name) <= 0)
		return 0;
	index = bpf_map_lookup_elem(&drm_names, &name);
	if (!index)
		return 0;
	job.client.device = *index;
	job.client.tgid = bpf_get_current_pid_tgid() >> 32;
	job.client.cgroup = bpf_get_current_cgroup_id();
	job.client.id = client_id(fence);
	job.ring = (__u64)sched;
	job.queued_ns = bpf_ktime_get_ns();
	d = device_of(&job);
	if (!d)
		return 0;
	/* An address that is used again: nobody told of the end of the old one. */
	if (bpf_map_lookup_elem(&drm_jobs, &key))
		finish(key);
	if (!client_of(&job.client) ||
	    bpf_map_update_elem(&drm_jobs, &key, &job, BPF_NOEXIST)) {
		__sync_fetch_and_add(&d->lost, 1);
		return 0;
	}
	__sync_fetch_and_add(&d->jobs, 1);
	__sync_fetch_and_add(&d->queued, DRMC_ENTER(us_of(job.queued_ns)));
	return 0;
}

SEC("tp_btf/drm_sched_job")
int BPF_PROG(accelgov_drm_queue, struct drm_sched_job___ag *job)
{
	return job ? queue(job) : 0;
}

SEC("tp_btf/drm_run_job")
int BPF_PROG(accelgov_drm_run, struct drm_sched_job___ag *sched_job)
{
	struct drmc_device *d;
	struct drmc_job *job;
	__u64 key, now_ns;

	if (!sched_job)
		return 0;
	key = key_of(sched_job->s_fence);
	job = bpf_map_lookup_elem(&drm_jobs, &key);
	/* After a reset a job runs again. */
	if (!job || job->run_ns)
		return 0;
	d = device_of(job);
	if (!d)
		return 0;
	now_ns = bpf_ktime_get_ns();
	job->run_ns = now_ns;
	if (!__sync_fetch_and_add(&d->running, 1))
		__sync_fetch_and_add(&d->busy, DRMC_ENTER(us_of(now_ns)));
	return 0;
}

SEC("tp_btf/drm_sched_process_job")
int BPF_PROG(accelgov_drm_done, struct drm_sched_fence___ag *fence)
{
	if (fence)
		finish(key_of(fence));
	return 0;
}

SEC("tp_btf/dma_fence_signaled")
int BPF_PROG(accelgov_drm_signaled, struct dma_fence *fence)
{
	finish((__u64)fence);
	return 0;
}

char _license[] SEC("license") = "GPL";
