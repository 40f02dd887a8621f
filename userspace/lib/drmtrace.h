/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - trace points of the kernel's GPU scheduler, by their names on this kernel
 */
#ifndef ACCELGOV_LIB_DRMTRACE_H
#define ACCELGOV_LIB_DRMTRACE_H

struct bpf_object;

/**
 * drmtrace_prepare() - point the programs of drm.bpf.c at the trace points there are
 * @obj: opened, not loaded; one without such programs is left alone
 *
 * The kernel's types decide, so the module gpu_sched has to be there.
 *
 * Return: 0; -ENOENT when the module is not loaded, or has no types; -EOPNOTSUPP when
 * it has trace points by neither set of names; another negative errno.
 */
int drmtrace_prepare(struct bpf_object *obj);

#endif /* ACCELGOV_LIB_DRMTRACE_H */
