// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - host waits: what keeps those that own an accelerator
 *
 * A thread that comes into one of some functions of the kernel blocks there, or will
 * very likely: there it begins to wait, and where it leaves that function it ends.
 * In between it may come into others of them, which then are part of the first one's
 * work: an fsync waits for block I/O. Waits count for the process when it owns an
 * accelerator, and else for its parent when that does: input is often read by
 * children.
 *
 * Who asked, and who is asked: a connection whose own port is out of the range for
 * ports that nobody chose was opened from here, and waiting there is waiting for an
 * answer, such as input. Anything else may as well be a server that nobody asks.
 *
 * Nobody else pays more than a look into a map each time that it blocks.
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "waits.h"
#include "drm_devices.h"

/* Kernel values; vmlinux.h has types only. */
#define AF_INET		2
#define AF_INET6	10
/* net.ipv4.ip_local_port_range as the kernel has it at first. */
#define PORT_FIRST	32768

/* Who owns an accelerator: index of its device plus 1, 0 when that is not known. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, WAITC_PROCESSES);
	__type(key, __u32);
	__type(value, __u32);
} wait_owners SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, WAITC_PROCESSES);
	__type(key, __u32);
	__type(value, struct waitc_use);
} wait_uses SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, WAITC_THREADS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, struct waitc_thread);
} wait_threads SEC(".maps");

/* Return: false when neither the process nor its parent owns an accelerator. */
static __always_inline bool find_owner(__u32 tgid, struct waitc_thread *t)
{
	struct task_struct *task;
	__u32 *device;

	device = bpf_map_lookup_elem(&wait_owners, &tgid);
	if (!device) {
		task = bpf_get_current_task_btf();
		tgid = BPF_CORE_READ(task, real_parent, tgid);
		device = bpf_map_lookup_elem(&wait_owners, &tgid);
	}
	if (!device)
		return false;
	t->owner = tgid;
	t->device = *device;
	return true;
}

static __always_inline struct drmc_device *device_of(__u32 plus_one)
{
	__u32 index = plus_one - 1;

	return plus_one ? bpf_map_lookup_elem(&drm_devices, &index) : NULL;
}

static __always_inline void count(const struct waitc_thread *t, bool enter)
{
	__u64 us = bpf_ktime_get_ns() / 1000;
	__u64 step = enter ? DRMC_ENTER(us) : DRMC_LEAVE(us);
	struct drmc_device *d = device_of(t->device);
	__u32 owner = t->owner;
	struct waitc_use *use;

	use = bpf_map_lookup_elem(&wait_uses, &owner);
	if (use && t->kind < WAITC_KINDS)
		__sync_fetch_and_add(&use->waiting[t->kind], step);
	if (!d)
		return;
	if (t->kind == WAITC_WRITE)
		__sync_fetch_and_add(&d->saving, step);
	else if (t->kind == WAITC_READ || t->kind == WAITC_ANSWER)
		__sync_fetch_and_add(&d->input, step);
}

static __always_inline int enter(__u32 kind)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct waitc_thread *old, t = { .kind = kind, .depth = 1 };

	if (!find_owner(id >> 32, &t))
		return 0;
	old = bpf_map_lookup_elem(&wait_threads, &id);
	if (old) {
		if (old->kind == kind)
			old->depth++;
		return 0;
	}
	if (!bpf_map_update_elem(&wait_threads, &id, &t, BPF_NOEXIST))
		count(&t, true);
	return 0;
}

static __always_inline int leave(__u32 kind)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct waitc_thread *found, t;

	found = bpf_map_lookup_elem(&wait_threads, &id);
	if (!found || found->kind != kind || --found->depth)
		return 0;
	t = *found;
	if (!bpf_map_delete_elem(&wait_threads, &id))
		count(&t, false);
	return 0;
}

static __always_inline int drop(__u64 id)
{
	struct waitc_thread *found, t;

	found = bpf_map_lookup_elem(&wait_threads, &id);
	if (!found)
		return 0;
	t = *found;
	if (!bpf_map_delete_elem(&wait_threads, &id))
		count(&t, false);
	return 0;
}

SEC("syscall")
int accelgov_wait_order(struct waitc_request *r)
{
	struct drmc_device *from, *to;
	__u32 tgid = r->tgid, *device;

	if (r->order == WAITC_DROP)
		return drop(r->id);
	device = bpf_map_lookup_elem(&wait_owners, &tgid);
	if (!device)
		return -1;
	from = device_of(*device);
	to = device_of(r->device);
	if (from)
		__sync_fetch_and_add(&from->owners, -1ULL);
	if (to)
		__sync_fetch_and_add(&to->owners, 1);
	*device = r->device;
	return 0;
}

static __always_inline __u32 kind_of(struct sock *sk)
{
	__u16 family = sk->__sk_common.skc_family;

	if ((family == AF_INET || family == AF_INET6) &&
	    sk->__sk_common.skc_num >= PORT_FIRST)
		return WAITC_ANSWER;
	return WAITC_REQUEST;
}

SEC("fentry/sk_wait_data")
int BPF_PROG(accelgov_wait_tcp, struct sock *sk)
{
	return enter(kind_of(sk));
}

SEC("fexit/sk_wait_data")
int BPF_PROG(accelgov_waited_tcp, struct sock *sk)
{
	return leave(kind_of(sk));
}

SEC("fentry/__skb_wait_for_more_packets")
int BPF_PROG(accelgov_wait_packet)
{
	return enter(WAITC_REQUEST);
}

SEC("fexit/__skb_wait_for_more_packets")
int BPF_PROG(accelgov_waited_packet)
{
	return leave(WAITC_REQUEST);
}

SEC("fentry/schedule_hrtimeout_range")
int BPF_PROG(accelgov_wait_poll)
{
	return enter(WAITC_POLL);
}

SEC("fexit/schedule_hrtimeout_range")
int BPF_PROG(accelgov_waited_poll)
{
	return leave(WAITC_POLL);
}

SEC("fentry/io_schedule")
int BPF_PROG(accelgov_wait_read)
{
	return enter(WAITC_READ);
}

SEC("fexit/io_schedule")
int BPF_PROG(accelgov_waited_read)
{
	return leave(WAITC_READ);
}

SEC("fentry/vfs_fsync_range")
int BPF_PROG(accelgov_wait_sync)
{
	return enter(WAITC_WRITE);
}

SEC("fexit/vfs_fsync_range")
int BPF_PROG(accelgov_waited_sync)
{
	return leave(WAITC_WRITE);
}

/* Where the compiler has put vfs_fsync_range() into it; waitwatch.c says when. */
SEC("?fentry/do_fsync")
int BPF_PROG(accelgov_wait_fsync)
{
	return enter(WAITC_WRITE);
}

SEC("?fexit/do_fsync")
int BPF_PROG(accelgov_waited_fsync)
{
	return leave(WAITC_WRITE);
}

SEC("fentry/balance_dirty_pages")
int BPF_PROG(accelgov_wait_room)
{
	return enter(WAITC_WRITE);
}

SEC("fexit/balance_dirty_pages")
int BPF_PROG(accelgov_waited_room)
{
	return leave(WAITC_WRITE);
}

char _license[] SEC("license") = "GPL";
