// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - probes on vendors' libraries: launches, copies, waits for collectives
 *
 * One program for the beginning of all functions and one for the end of those that
 * are followed to their end. The cookie says what a function does and which of its
 * arguments matter, see calls.h; the daemon knows the names.
 *
 * A collective returns at once: it was put on a stream. Who waits for it waits later,
 * for the stream, or for an event that was put behind it, on that stream or on one
 * that was made to wait for such an event. So each stream and each event has the
 * newest collective that is before it. A wait counts as one behind a collective when
 * there is such a one and nobody has waited for it there before. What else is before
 * it on the stream nobody can tell: the wait is an upper bound.
 *
 * A hit costs the trap and not what is done here, so it is the number of hits that
 * has to be bounded. Each group of functions has a meter; the daemon, told that it
 * has run out, takes the probes away until the next window.
 *
 * That a process has mapped a library is seen where the kernel tells perf of it.
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "calls.h"
#include "drm_devices.h"

#define VM_EXEC	4UL

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, CALLC_METERS);
	__type(key, __u32);
	__type(value, struct callc_meter);
} call_meters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CALLC_PROCESSES);
	__type(key, __u32);
	__type(value, struct callc_use);
} call_uses SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CALLC_THREADS);
	__type(key, __u64);
	__type(value, struct callc_thread);
} call_threads SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, CALLC_ORDERS);
	__type(key, struct callc_key);
	__type(value, struct callc_collective);
} call_orders SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, CALLC_COMMS);
	__type(key, struct callc_key);
	__type(value, struct callc_comm);
} call_comms SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
} call_events SEC(".maps");

static __always_inline void tell(__u32 news, __u32 tgid, __u64 start,
				 __u64 end)
{
	struct callc_event *e;

	e = bpf_ringbuf_reserve(&call_events, sizeof(*e), 0);
	if (!e)
		return;
	e->news = news;
	e->tgid = tgid;
	e->start = start;
	e->end = end;
	bpf_ringbuf_submit(e, 0);
}

static __always_inline void count_hit(__u32 index)
{
	struct callc_meter *m = bpf_map_lookup_elem(&call_meters, &index);

	if (!m)
		return;
	if (__sync_fetch_and_add(&m->hits, 1) < m->limit || m->told)
		return;
	if (!__sync_lock_test_and_set(&m->told, 1))
		tell(CALLC_NEWS_SPENT, index, 0, 0);
}

static __always_inline struct callc_use *use_of(__u32 tgid)
{
	struct callc_use *use, fresh = {};

	use = bpf_map_lookup_elem(&call_uses, &tgid);
	if (use)
		return use;
	bpf_get_current_comm(fresh.comm, sizeof(fresh.comm));
	bpf_map_update_elem(&call_uses, &tgid, &fresh, BPF_NOEXIST);
	return bpf_map_lookup_elem(&call_uses, &tgid);
}

/* The calling conventions of C on these machines; a probe is at the first byte. */
static __always_inline __u64 argument(struct pt_regs *ctx, __u32 nr)
{
	__u64 value = 0;

	switch (nr) {
	case 1:
		return PT_REGS_PARM1(ctx);
	case 2:
		return PT_REGS_PARM2(ctx);
	case 3:
		return PT_REGS_PARM3(ctx);
	case 4:
		return PT_REGS_PARM4(ctx);
	case 5:
		return PT_REGS_PARM5(ctx);
	case 6:
		return PT_REGS_PARM6(ctx);
#if defined(__TARGET_ARCH_arm64)
	case 7:
		return PT_REGS_PARM7(ctx);
	case 8:
		return PT_REGS_PARM8(ctx);
#elif defined(__TARGET_ARCH_x86)
	case 7:
	case 8:
		/* Above the return address. */
		bpf_probe_read_user(&value, sizeof(value),
				    (void *)(PT_REGS_SP(ctx) + 8 * (nr - 6)));
		return value;
#endif
	}
	return 0;
}

/* ncclCommInitRank(ncclComm_t *, int ranks, ncclUniqueId, int rank) */
static __always_inline void rank_of(struct pt_regs *ctx,
				    struct callc_comm *comm)
{
	__u64 id;

#if defined(__TARGET_ARCH_arm64)
	/* 128 bytes by value: a pointer to a copy. */
	id = PT_REGS_PARM3(ctx);
	comm->rank = PT_REGS_PARM4(ctx);
#else
	/* 128 bytes by value: on the stack, and no register. */
	id = PT_REGS_SP(ctx) + 8;
	comm->rank = PT_REGS_PARM3(ctx);
#endif
	comm->ranks = PT_REGS_PARM2(ctx);
	bpf_probe_read_user(&comm->id, sizeof(comm->id), (void *)id);
}

static __always_inline struct callc_key key_of(__u32 tgid, __u32 kind,
					       __u64 pointer)
{
	return (struct callc_key){
		.tgid = tgid, .kind = kind, .pointer = pointer,
	};
}

static __always_inline struct callc_comm *comm_of(__u32 tgid, __u64 pointer)
{
	struct callc_key key = key_of(tgid, CALLC_COMM_INIT, pointer);
	struct callc_comm *comm, fresh = {};

	comm = bpf_map_lookup_elem(&call_comms, &key);
	if (comm)
		return comm;
	bpf_map_update_elem(&call_comms, &key, &fresh, BPF_NOEXIST);
	return bpf_map_lookup_elem(&call_comms, &key);
}

static __always_inline void on_collective(struct pt_regs *ctx, __u64 cookie,
					  __u32 tgid, struct callc_use *use)
{
	struct callc_key stream = key_of(tgid, CALLC_LAUNCH,
					 argument(ctx, CALLC_B(cookie)));
	struct callc_collective c = {
		.comm = argument(ctx, CALLC_A(cookie)),
		.what = CALLC_KIND(cookie),
	};
	struct callc_comm *comm = comm_of(tgid, c.comm);

	if (comm)
		c.number = __sync_fetch_and_add(&comm->number, 1) + 1;
	__sync_fetch_and_add(&use->collectives, 1);
	use->last = c;
	bpf_map_update_elem(&call_orders, &stream, &c, BPF_ANY);
}

/* What was before @from is before @to. */
static __always_inline void hand_on(const struct callc_key *from,
				    const struct callc_key *to, bool always)
{
	struct callc_collective *c = bpf_map_lookup_elem(&call_orders, from);
	struct callc_collective copy;

	if (c) {
		copy = *c;
		bpf_map_update_elem(&call_orders, to, &copy, BPF_ANY);
	} else if (always) {
		bpf_map_delete_elem(&call_orders, to);
	}
}

static __always_inline void on_copy(struct pt_regs *ctx, __u64 cookie,
				    struct callc_use *use)
{
	__u64 bytes = argument(ctx, CALLC_A(cookie));
	__u32 way = CALLC_KIND(cookie);

	/* enum hipMemcpyKind */
	if (CALLC_B(cookie))
		way = argument(ctx, CALLC_B(cookie));
	if (way >= CALLC_COPIES)
		way = CALLC_COPY_ANY;
	__sync_fetch_and_add(&use->copies, 1);
	__sync_fetch_and_add(&use->bytes[way], bytes);
}

static __always_inline struct callc_key order_key(__u32 tgid, __u64 cookie,
						  __u64 handle)
{
	__u32 kind = CALLC_OP(cookie) == CALLC_SYNC_EVENT ? CALLC_RECORD :
							    CALLC_LAUNCH;

	return key_of(tgid, kind, handle);
}

static __always_inline struct drmc_device *device_of(__u32 plus_one)
{
	__u32 index = plus_one - 1;

	return plus_one ? bpf_map_lookup_elem(&drm_devices, &index) : NULL;
}

static __always_inline void count_wait(struct callc_use *use,
				       const struct callc_thread *t, bool enter)
{
	__u64 us = bpf_ktime_get_ns() / 1000;
	__u64 step = enter ? DRMC_ENTER(us) : DRMC_LEAVE(us);
	struct drmc_device *d = device_of(t->device);

	__sync_fetch_and_add(&use->waiting, step);
	if (t->behind.what == CALLC_NONE)
		return;
	__sync_fetch_and_add(&use->collective, step);
	if (d)
		__sync_fetch_and_add(&d->collective, step);
}

/* A call that was left by a jump never ended: it ends with the thread's next one. */
static __always_inline void end_wait(__u64 id, struct callc_thread *found)
{
	struct callc_thread t = *found;
	__u32 tgid = id >> 32;
	struct callc_use *use = bpf_map_lookup_elem(&call_uses, &tgid);

	bpf_map_delete_elem(&call_threads, &id);
	if (use && CALLC_OP(t.cookie) != CALLC_COMM_INIT)
		count_wait(use, &t, false);
}

/* One of a communicator is done when the next one is. */
static __always_inline bool is_done(__u32 tgid,
				    const struct callc_collective *c)
{
	struct callc_key key = key_of(tgid, CALLC_COMM_INIT, c->comm);
	struct callc_comm *comm = bpf_map_lookup_elem(&call_comms, &key);

	return comm && c->number <= comm->done;
}

static __always_inline void find_behind(struct callc_thread *t, __u32 tgid,
					struct callc_use *use)
{
	struct callc_key key = order_key(tgid, t->cookie, t->handle);
	struct callc_collective *c = &use->last;

	if (CALLC_OP(t->cookie) != CALLC_SYNC_ALL)
		c = bpf_map_lookup_elem(&call_orders, &key);
	if (c && !is_done(tgid, c))
		t->behind = *c;
}

static __always_inline void begin(struct pt_regs *ctx, __u64 cookie, __u64 id,
				  struct callc_use *use)
{
	struct callc_thread *old, t = {
		.cookie = cookie,
		.handle = argument(ctx, CALLC_A(cookie)),
	};
	__u32 tgid = id >> 32;

	old = bpf_map_lookup_elem(&call_threads, &id);
	if (old)
		end_wait(id, old);
	if (CALLC_OP(cookie) == CALLC_COMM_INIT) {
		rank_of(ctx, &t.made);
		bpf_map_update_elem(&call_threads, &id, &t, BPF_ANY);
		return;
	}
	find_behind(&t, tgid, use);
	t.device = use->device;
	if (bpf_map_update_elem(&call_threads, &id, &t, BPF_ANY))
		return;
	__sync_fetch_and_add(&use->syncs, 1);
	count_wait(use, &t, true);
	if (t.behind.what == CALLC_NONE)
		return;
	use->behind = t.behind;
	use->since_ns = bpf_ktime_get_ns();
}

SEC("uprobe.multi")
int accelgov_call_begin(struct pt_regs *ctx)
{
	__u64 cookie = bpf_get_attach_cookie(ctx);
	__u64 id = bpf_get_current_pid_tgid();
	struct callc_key stream, event;
	__u32 tgid = id >> 32;
	struct callc_use *use;

	count_hit(CALLC_METER(cookie));
	use = use_of(tgid);
	if (!use || (use->libs && !(use->libs & 1U << (CALLC_LIB(cookie) & 31))))
		return 0;
	switch (CALLC_OP(cookie)) {
	case CALLC_LAUNCH:
		__sync_fetch_and_add(&use->launches, 1);
		break;
	case CALLC_COPY:
		on_copy(ctx, cookie, use);
		break;
	case CALLC_COLLECTIVE:
		on_collective(ctx, cookie, tgid, use);
		break;
	case CALLC_RECORD:
		event = key_of(tgid, CALLC_RECORD, argument(ctx, CALLC_A(cookie)));
		stream = key_of(tgid, CALLC_LAUNCH, argument(ctx, CALLC_B(cookie)));
		hand_on(&stream, &event, true);
		break;
	case CALLC_FOLLOW:
		stream = key_of(tgid, CALLC_LAUNCH, argument(ctx, CALLC_A(cookie)));
		event = key_of(tgid, CALLC_RECORD, argument(ctx, CALLC_B(cookie)));
		hand_on(&event, &stream, false);
		break;
	default:
		begin(ctx, cookie, id, use);
	}
	return 0;
}

static __always_inline void made_comm(__u32 tgid, struct callc_thread *t)
{
	struct callc_comm comm = t->made;
	struct callc_key key;
	__u64 pointer;

	if (bpf_probe_read_user(&pointer, sizeof(pointer), (void *)t->handle) ||
	    !pointer)
		return;
	key = key_of(tgid, CALLC_COMM_INIT, pointer);
	bpf_map_update_elem(&call_comms, &key, &comm, BPF_ANY);
}

/* Whoever waits for it again waits for nothing. */
static __always_inline void waited(__u32 tgid, struct callc_thread *t)
{
	struct callc_key key = key_of(tgid, CALLC_COMM_INIT, t->behind.comm);
	struct callc_comm *comm = bpf_map_lookup_elem(&call_comms, &key);

	if (comm && comm->done < t->behind.number)
		comm->done = t->behind.number;
}

SEC("uretprobe.multi")
int accelgov_call_end(struct pt_regs *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct callc_thread *t = bpf_map_lookup_elem(&call_threads, &id);
	__u32 tgid = id >> 32;

	if (!t)
		return 0;
	if (CALLC_OP(t->cookie) == CALLC_COMM_INIT)
		made_comm(tgid, t);
	else if (t->behind.what != CALLC_NONE)
		waited(tgid, t);
	end_wait(id, t);
	return 0;
}

static __always_inline void assign(struct callc_use *use, __u32 device)
{
	struct drmc_device *old = device_of(use->device);
	struct drmc_device *new = device_of(device);

	if (old)
		__sync_fetch_and_add(&old->callers, -1ULL);
	if (new)
		__sync_fetch_and_add(&new->callers, 1);
	use->device = device;
}

SEC("syscall")
int accelgov_call_order(struct callc_request *r)
{
	struct callc_use *use, fresh = {};
	struct callc_thread *t;
	__u32 tgid = r->tgid;
	__u64 id = r->id;

	if (r->order == CALLC_DROP) {
		t = bpf_map_lookup_elem(&call_threads, &id);
		if (t)
			end_wait(id, t);
		return 0;
	}
	use = bpf_map_lookup_elem(&call_uses, &tgid);
	if (!use && r->order == CALLC_ADMIT) {
		__builtin_memcpy(fresh.comm, r->comm, sizeof(fresh.comm));
		fresh.libs = r->libs;
		return bpf_map_update_elem(&call_uses, &tgid, &fresh,
					   BPF_NOEXIST);
	}
	if (!use)
		return -1;
	if (r->order == CALLC_ADMIT)
		use->libs |= r->libs;
	else
		assign(use, r->device);
	return 0;
}

static __always_inline bool begins(const char *name, const char *with, int len)
{
	int i;

	for (i = 0; i < len; i++)
		if (name[i] != with[i])
			return false;
	return true;
}

#define BEGINS(name, with) begins(name, with, sizeof(with) - 1)

SEC("fentry/perf_event_mmap")
int BPF_PROG(accelgov_call_map, struct vm_area_struct *vma)
{
	struct file *file = vma->vm_file;
	char name[16] = {};

	if (!file || !(vma->vm_flags & VM_EXEC))
		return 0;
	bpf_probe_read_kernel_str(name, sizeof(name),
				  file->f_path.dentry->d_name.name);
	if (BEGINS(name, "libcuda.so") || BEGINS(name, "libamdhip64.so") ||
	    BEGINS(name, "libnccl.so") || BEGINS(name, "librccl.so"))
		tell(CALLC_NEWS_MAPPED, bpf_get_current_pid_tgid() >> 32,
		     vma->vm_start, vma->vm_end);
	return 0;
}

char _license[] SEC("license") = "GPL";
