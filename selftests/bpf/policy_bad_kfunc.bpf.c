// SPDX-License-Identifier: GPL-2.0
/* Must not load: asks about a device with a question of its own making. */
#include "vmlinux.h"
#include "accelgov_policy.h"

SEC("struct_ops/select")
int BPF_PROG(bad_select, struct accelgov_policy_ctx *q)
{
	struct accelgov_policy_ctx fake = {};

	return accelgov_opp_khz(&fake, 0);
}

SEC(".struct_ops.link")
struct accelgov_ops bad = {
	.select = (void *)bad_select,
	.name = "bad",
};

char _license[] SEC("license") = "GPL";
