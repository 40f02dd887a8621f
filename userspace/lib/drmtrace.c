// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - trace points of the kernel's GPU scheduler, by their names on this kernel
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "drmtrace.h"

#define MODULE	"gpu_sched"

static const struct {
	const char *program;
	const char *name[2];
} points[] = {
	{ "accelgov_drm_queue", { "drm_sched_job_queue", "drm_sched_job" } },
	{ "accelgov_drm_run", { "drm_sched_job_run", "drm_run_job" } },
	{ "accelgov_drm_done", { "drm_sched_job_done",
				 "drm_sched_process_job" } },
};

#define POINTS (sizeof(points) / sizeof(points[0]))

static bool exists(const struct btf *btf, const char *name)
{
	char type[64];

	snprintf(type, sizeof(type), "btf_trace_%s", name);
	return btf__find_by_name_kind(btf, type, BTF_KIND_TYPEDEF) > 0;
}

/* Return: which set of names; negative for none. */
static int find_names(const struct btf *btf)
{
	size_t i;
	int set;

	for (set = 0; set < 2; set++) {
		for (i = 0; i < POINTS; i++)
			if (!exists(btf, points[i].name[set]))
				break;
		if (i == POINTS)
			return set;
	}
	return -EOPNOTSUPP;
}

static int load_names(void)
{
	struct btf *vmlinux, *module;
	int set;

	vmlinux = btf__load_vmlinux_btf();
	if (!vmlinux)
		return -errno;
	module = btf__load_module_btf(MODULE, vmlinux);
	/* A kernel that has the scheduler built in has its types as well. */
	set = module ? find_names(module) : find_names(vmlinux);
	if (!module && set < 0)
		set = -ENOENT;
	btf__free(module);
	btf__free(vmlinux);
	return set;
}

int drmtrace_prepare(struct bpf_object *obj)
{
	struct bpf_program *prog;
	int set = -1, ret;
	size_t i;

	for (i = 0; i < POINTS; i++) {
		prog = bpf_object__find_program_by_name(obj, points[i].program);
		if (!prog)
			continue;
		if (set < 0)
			set = load_names();
		if (set < 0)
			return set;
		ret = bpf_program__set_attach_target(prog, 0,
						     points[i].name[set]);
		if (ret)
			return ret;
	}
	return 0;
}
