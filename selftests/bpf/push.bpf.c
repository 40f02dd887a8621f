// SPDX-License-Identifier: GPL-2.0
/*
 * Test programs that hand one sample to accelgov_push(): from a system call, and
 * from a perf event in interrupt context as the real collector does. The size
 * that they claim can be wrong on purpose.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "push.h"

extern int accelgov_push(__u32 token, const struct accelgov_sample *s,
			 __u32 s__sz) __ksym;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PUSH_EVENTS);
	__type(key, __u32);
	__type(value, struct push_event);
} event SEC(".maps");

SEC("syscall")
int push_once(struct push_call *call)
{
	struct accelgov_sample sample = call->sample;

	call->ret = accelgov_push(call->token, &sample, sizeof(sample));
	return 0;
}

SEC("syscall")
int push_short(struct push_call *call)
{
	struct accelgov_sample sample = call->sample;

	call->ret = accelgov_push(call->token, &sample, sizeof(sample) - 8);
	return 0;
}

static long push_again(__u32 i, void *ctx)
{
	__u32 *key = ctx;
	struct push_event *e = bpf_map_lookup_elem(&event, key);
	int ret;

	if (!e)
		return 1;
	/* Map memory, as userspace may be writing to it. */
	ret = accelgov_push(e->token, &e->sample, sizeof(e->sample));
	__sync_fetch_and_add(ret ? &e->refused : &e->pushed, 1);
	return 0;
}

SEC("perf_event")
int push_event(struct bpf_perf_event_data *ctx)
{
	struct push_event *e;
	__u32 key;

	for (key = 0; key < PUSH_EVENTS; key++) {
		__u32 at = key;

		e = bpf_map_lookup_elem(&event, &at);
		if (!e || !e->token)
			break;
		bpf_loop(e->times, push_again, &at, 0);
	}
	return 0;
}

char _license[] SEC("license") = "GPL";
