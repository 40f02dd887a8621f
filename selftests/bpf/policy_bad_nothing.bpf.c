// SPDX-License-Identifier: GPL-2.0
/* Must be refused: it decides nothing. */
#include "policy_bad.h"

SEC("struct_ops/init_device")
int BPF_PROG(bad_init, struct accelgov_policy_ctx *q)
{
	return 0;
}

SEC(".struct_ops.link")
struct accelgov_ops bad = {
	.init_device = (void *)bad_init,
	.name = "bad",
};
