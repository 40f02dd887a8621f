// SPDX-License-Identifier: GPL-2.0
/* Must not load: pushes samples as only collectors may. */
#include "vmlinux.h"
#include "accelgov_policy.h"

extern int accelgov_push(__u32 token, const struct accelgov_sample *s,
			 __u32 s__sz) __ksym;

SEC("struct_ops/select")
int BPF_PROG(bad_select, struct accelgov_policy_ctx *q)
{
	struct accelgov_sample sample = {};

	return accelgov_push(q->device, &sample, sizeof(sample));
}

SEC(".struct_ops.link")
struct accelgov_ops bad = {
	.select = (void *)bad_select,
	.name = "bad",
};

char _license[] SEC("license") = "GPL";
