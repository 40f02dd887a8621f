/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Kfuncs that take trusted pointers alone say so up to the kernel that made it
 * the rule and took the flag away.
 */
#ifndef _ACCELGOV_COMPAT_BPF_H
#define _ACCELGOV_COMPAT_BPF_H

#include <linux/bpf.h>
#include <linux/bpf_verifier.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>

#ifdef KF_TRUSTED_ARGS
#define ACCELGOV_KF_TRUSTED	KF_TRUSTED_ARGS
#else
#define ACCELGOV_KF_TRUSTED	0
#endif

#endif /* _ACCELGOV_COMPAT_BPF_H */
