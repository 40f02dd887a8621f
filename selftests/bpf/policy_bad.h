/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What policies that must not be loaded have in common.
 *
 *	BAD_SELECT { ... }		its select()
 *	BAD_POLICY(.field = value)	the policy, on top of that select()
 */
#ifndef ACCELGOV_SELFTESTS_POLICY_BAD_H
#define ACCELGOV_SELFTESTS_POLICY_BAD_H

#include "vmlinux.h"
#include "accelgov_policy.h"

/* A section of its own, for the one that wants to sleep. */
#define BAD_SELECT_IN(section)						\
	SEC(section)							\
	int BPF_PROG(bad_select, struct accelgov_policy_ctx *q)

#define BAD_SELECT BAD_SELECT_IN("struct_ops/select")

#define BAD_POLICY(...)							\
	SEC(".struct_ops.link")						\
	struct accelgov_ops bad = {					\
		.select = (void *)bad_select,				\
		__VA_ARGS__						\
	}

char _license[] SEC("license") = "GPL";

#endif /* ACCELGOV_SELFTESTS_POLICY_BAD_H */
