// SPDX-License-Identifier: GPL-2.0
/* Must be refused: it has no name. */
#include "vmlinux.h"
#include "accelgov_policy.h"

SEC("struct_ops/select")
int BPF_PROG(bad_select, struct accelgov_policy_ctx *q)
{
	return ACCELGOV_BUILTIN;
}

SEC(".struct_ops.link")
struct accelgov_ops bad = {
	.select = (void *)bad_select,
};

char _license[] SEC("license") = "GPL";
