// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - BPF policies: their knobs
 *
 * Knobs are the variables of section .data.knobs. The map that holds them is
 * mapped, so that a knob changes in one step while the policy runs and its
 * neighbours are not written at all; names and sizes are in the map's BTF.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>

#include "loader.h"

struct knobs {
	struct btf *btf;
	const struct btf_type *section;
	void *data;
	size_t size;
};

static int open_map(const char *scope, struct bpf_map_info *ret_info)
{
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info);
	char path[256];
	int fd;

	if (loader_pin(path, sizeof(path), scope, "knobs"))
		return -ENOENT;
	fd = bpf_obj_get(path);
	if (fd < 0)
		return -errno;
	if (bpf_map_get_info_by_fd(fd, &info, &len)) {
		close(fd);
		return -errno;
	}
	*ret_info = info;
	return fd;
}

static int open_knobs(const char *scope, struct knobs *ret)
{
	struct bpf_map_info info = { 0 };
	struct knobs k = { 0 };
	int fd = open_map(scope, &info);

	if (fd < 0)
		return fd;
	k.size = info.value_size;
	k.data = mmap(NULL, k.size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (k.data == MAP_FAILED)
		return -errno;
	k.btf = btf__load_from_kernel_by_id(info.btf_id);
	k.section = k.btf ? btf__type_by_id(k.btf, info.btf_value_type_id) : NULL;
	if (!k.section || !btf_is_datasec(k.section)) {
		btf__free(k.btf);
		munmap(k.data, k.size);
		return -EPROTO;
	}
	*ret = k;
	return 0;
}

static void close_knobs(struct knobs *k)
{
	btf__free(k->btf);
	munmap(k->data, k->size);
}

static const char *knob_name(const struct knobs *k,
			     const struct btf_var_secinfo *v)
{
	return btf__name_by_offset(k->btf,
				   btf__type_by_id(k->btf, v->type)->name_off);
}

/* Only whole numbers of four and eight bytes are knobs. */
static bool knob_usable(const struct knobs *k, const struct btf_var_secinfo *v)
{
	return (v->size == 4 || v->size == 8) && !(v->offset % v->size) &&
	       v->offset + v->size <= k->size;
}

static int64_t knob_get(const struct knobs *k, const struct btf_var_secinfo *v)
{
	const void *p = (const char *)k->data + v->offset;

	if (v->size == 4)
		return __atomic_load_n((const uint32_t *)p, __ATOMIC_RELAXED);
	return __atomic_load_n((const int64_t *)p, __ATOMIC_RELAXED);
}

int loader_knobs(const char *scope,
		 bool (*each)(const char *name, int64_t value, void *data),
		 void *data)
{
	const struct btf_var_secinfo *v;
	struct knobs k;
	unsigned int i;
	int ret = open_knobs(scope, &k);

	if (ret)
		return ret;
	v = btf_var_secinfos(k.section);
	for (i = 0; i < btf_vlen(k.section); i++, v++)
		if (knob_usable(&k, v) &&
		    !each(knob_name(&k, v), knob_get(&k, v), data))
			break;
	close_knobs(&k);
	return 0;
}

static int knob_set(struct knobs *k, const struct btf_var_secinfo *v,
		    int64_t value)
{
	void *p = (char *)k->data + v->offset;

	if (value < 0 || (v->size == 4 && value > UINT32_MAX))
		return -ERANGE;
	if (v->size == 4)
		__atomic_store_n((uint32_t *)p, value, __ATOMIC_RELAXED);
	else
		__atomic_store_n((int64_t *)p, value, __ATOMIC_RELAXED);
	return 0;
}

int loader_set_knob(const char *scope, const char *name, int64_t value)
{
	const struct btf_var_secinfo *v;
	struct knobs k;
	unsigned int i;
	int ret = open_knobs(scope, &k);

	if (ret)
		return ret;
	ret = -ENOKEY;
	v = btf_var_secinfos(k.section);
	for (i = 0; i < btf_vlen(k.section); i++, v++)
		if (knob_usable(&k, v) && !strcmp(knob_name(&k, v), name))
			ret = knob_set(&k, v, value);
	close_knobs(&k);
	return ret;
}
