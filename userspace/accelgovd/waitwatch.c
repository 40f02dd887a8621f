// SPDX-License-Identifier: GPL-2.0
/*
 * accelgovd - what the host keeps those waiting for who own an accelerator
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "libbpflog.h"
#include "log.h"
#include "waits.skel.h"
#include "waitwatch.h"

struct waitwatch {
	int drm_map;
	struct waits_bpf *bpf;
	size_t used;
	int error;
};

struct waitwatch *waitwatch_new(int drm_map)
{
	struct waitwatch *w = calloc(1, sizeof(*w));

	if (w)
		w->drm_map = drm_map;
	return w;
}

struct waitwatch *waitwatch_free(struct waitwatch *w)
{
	if (w)
		waits_bpf__destroy(w->bpf);
	free(w);
	return NULL;
}

/*
 * A kernel has not all of these functions: fsync() comes to vfs_fsync_range() through
 * do_fsync(), and in 7.3 without a call (where both are called the two count as one); one
 * that its compiler has inlined is not there, nor are those of what it was built without.
 * What is there is attached to, and what is not goes into @ret_missing, entries only.
 *
 * Return: how many programs are left that see a wait begin.
 */
static int choose(struct waits_bpf *bpf, char *ret_missing, size_t size)
{
	struct btf *vmlinux = btf__load_vmlinux_btf();
	struct bpf_program *program;
	const char *function;
	size_t used = 0;
	int nr = 0;

	*ret_missing = '\0';
	bpf_object__for_each_program(program, bpf->obj) {
		if (bpf_program__type(program) != BPF_PROG_TYPE_TRACING)
			continue;
		/* "fentry/FUNCTION", or with a question mark before it. */
		function = strchr(bpf_program__section_name(program), '/') + 1;
		if (vmlinux && btf__find_by_name_kind(vmlinux, function, BTF_KIND_FUNC) > 0) {
			bpf_program__set_autoload(program, true);
			nr += bpf_program__expected_attach_type(program) == BPF_TRACE_FENTRY;
			continue;
		}
		bpf_program__set_autoload(program, false);
		if (bpf_program__expected_attach_type(program) == BPF_TRACE_FENTRY &&
		    strcmp(function, "do_fsync") && used < size)
			used += snprintf(ret_missing + used, size - used, "%s%s",
					 used ? ", " : "", function);
	}
	btf__free(vmlinux);
	return nr;
}

static int attach(struct waitwatch *w)
{
	struct waits_bpf *bpf = waits_bpf__open();
	char missing[200];
	int ret;

	if (!bpf)
		return -errno;
	ret = choose(bpf, missing, sizeof(missing)) ? 0 : -ENOENT;
	if (!ret && *missing)
		log_info("some waits of processes are not seen: this kernel has no %s", missing);
	if (!ret && w->drm_map >= 0)
		ret = bpf_map__reuse_fd(bpf->maps.drm_devices, w->drm_map);
	libbpflog_expect(true);
	if (!ret)
		ret = waits_bpf__load(bpf);
	if (!ret)
		ret = waits_bpf__attach(bpf);
	libbpflog_expect(false);
	if (ret) {
		waits_bpf__destroy(bpf);
		log_info("what the host keeps processes waiting for is not known: the kernel takes no programs at its functions");
		/* What it has not now it will not have later. */
		w->error = ret;
		return ret;
	}
	w->bpf = bpf;
	return 0;
}

int waitwatch_follow(struct waitwatch *w, uint32_t tgid)
{
	struct waitc_use use = { 0 };
	uint32_t device = 0;
	int ret = w->error;

	if (!ret && !w->bpf)
		ret = attach(w);
	if (!ret)
		ret = bpf_map_update_elem(bpf_map__fd(w->bpf->maps.wait_uses),
					  &tgid, &use, BPF_NOEXIST);
	if (ret)
		return ret;
	ret = bpf_map_update_elem(bpf_map__fd(w->bpf->maps.wait_owners), &tgid,
				  &device, BPF_ANY);
	w->used++;
	if (ret)
		waitwatch_forget(w, tgid);
	return ret;
}

static void order(struct waitwatch *w, struct waitc_request *request)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = request,
		    .ctx_size_in = sizeof(*request));

	bpf_prog_test_run_opts(bpf_program__fd(w->bpf->progs.accelgov_wait_order),
			       &opts);
}

void waitwatch_assign(struct waitwatch *w, uint32_t tgid, uint32_t device)
{
	struct waitc_request request = {
		.order = WAITC_ASSIGN, .tgid = tgid, .device = device,
	};

	if (w->bpf)
		order(w, &request);
}

/* Children of its may wait on. */
static void end_waits(struct waitwatch *w, uint32_t tgid)
{
	int fd = bpf_map__fd(w->bpf->maps.wait_threads);
	struct waitc_request request = { .order = WAITC_DROP };
	struct waitc_thread thread;
	uint64_t key, next;
	bool more = !bpf_map_get_next_key(fd, NULL, &next);

	while (more) {
		key = next;
		more = !bpf_map_get_next_key(fd, &key, &next);
		if (bpf_map_lookup_elem(fd, &key, &thread) ||
		    thread.owner != tgid)
			continue;
		request.id = key;
		order(w, &request);
	}
}

void waitwatch_forget(struct waitwatch *w, uint32_t tgid)
{
	struct waitc_use use;

	if (waitwatch_read(w, tgid, &use))
		return;
	waitwatch_assign(w, tgid, 0);
	bpf_map_delete_elem(bpf_map__fd(w->bpf->maps.wait_owners), &tgid);
	end_waits(w, tgid);
	bpf_map_delete_elem(bpf_map__fd(w->bpf->maps.wait_uses), &tgid);
	w->used--;
}

struct waits_bpf *waitwatch_retire(struct waitwatch *w)
{
	struct waits_bpf *bpf = w->bpf;

	if (w->used)
		return NULL;
	w->bpf = NULL;
	return bpf;
}

void waitwatch_dispose(struct waits_bpf *bpf)
{
	waits_bpf__destroy(bpf);
}

int waitwatch_read(const struct waitwatch *w, uint32_t tgid,
		   struct waitc_use *ret_use)
{
	struct waitc_use use;
	int ret = -ENOENT;

	if (w->bpf)
		ret = bpf_map_lookup_elem(bpf_map__fd(w->bpf->maps.wait_uses),
					  &tgid, &use);
	if (!ret)
		*ret_use = use;
	return ret;
}
