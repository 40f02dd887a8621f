// SPDX-License-Identifier: GPL-2.0
/* Must not load: writes behind its scratch words. */
#include "vmlinux.h"
#include "accelgov_policy.h"

SEC("struct_ops/select")
int BPF_PROG(bad_select, struct accelgov_policy_ctx *q)
{
	__u64 *words = q->scratch;

	words[ACCELGOV_SCRATCH_WORDS] = 1;
	return ACCELGOV_BUILTIN;
}

SEC(".struct_ops.link")
struct accelgov_ops bad = {
	.select = (void *)bad_select,
	.name = "bad",
};

char _license[] SEC("license") = "GPL";
