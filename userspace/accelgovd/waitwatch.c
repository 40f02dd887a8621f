// SPDX-License-Identifier: GPL-2.0
/*
 * accelgovd - what the host keeps those waiting for who own an accelerator
 */
#include <errno.h>
#include <stdlib.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

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
 * fsync() comes to vfs_fsync_range() through do_fsync(), and in 7.3 without a call.
 * Where both are called the two count as one.
 */
static void choose(struct waits_bpf *bpf)
{
	bool there = libbpf_find_vmlinux_btf_id("do_fsync",
						BPF_TRACE_FENTRY) > 0;

	bpf_program__set_autoload(bpf->progs.accelgov_wait_fsync, there);
	bpf_program__set_autoload(bpf->progs.accelgov_waited_fsync, there);
}

static int attach(struct waitwatch *w)
{
	struct waits_bpf *bpf = waits_bpf__open();
	int ret;

	if (!bpf)
		return -errno;
	choose(bpf);
	ret = w->drm_map < 0 ? 0 :
	      bpf_map__reuse_fd(bpf->maps.drm_devices, w->drm_map);
	if (!ret)
		ret = waits_bpf__load(bpf);
	if (!ret)
		ret = waits_bpf__attach(bpf);
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
