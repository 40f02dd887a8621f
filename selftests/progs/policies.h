/* SPDX-License-Identifier: GPL-2.0 */
/* Two policies in BPF that take each other's place, for programs that stress. */
#ifndef ACCELGOV_SELFTESTS_POLICIES_H
#define ACCELGOV_SELFTESTS_POLICIES_H

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "junk.h"

/**
 * struct policies - a turn of two policies
 * @obj: their objects
 * @map: their struct_ops
 * @link: what the one that decides is attached with
 * @now: which one that is
 */
struct policies {
	struct bpf_object *obj[2];
	struct bpf_map *map[2];
	struct bpf_link *link;
	int now;
};

/* Sets a knob of an object that is not loaded yet; others have no such knob. */
static inline void policies_preset(struct bpf_object *obj, const char *knob,
				   uint32_t value)
{
	struct bpf_map *map = bpf_object__find_map_by_name(obj, ".data.knobs");
	const struct btf *btf = bpf_object__btf(obj);
	const struct btf_var_secinfo *info;
	const struct btf_type *sec;
	size_t size;
	char *data;
	int i, id;

	id = btf__find_by_name_kind(btf, ".data.knobs", BTF_KIND_DATASEC);
	data = map ? bpf_map__initial_value(map, &size) : NULL;
	if (id < 0 || !data)
		return;
	sec = btf__type_by_id(btf, id);
	info = btf_var_secinfos(sec);
	for (i = 0; i < btf_vlen(sec); i++, info++) {
		const struct btf_type *var = btf__type_by_id(btf, info->type);

		if (!strcmp(btf__name_by_offset(btf, var->name_off), knob))
			memcpy(data + info->offset, &value, sizeof(value));
	}
}

static inline const char *policies_file(uint64_t *seed, char *buf, size_t size)
{
	static const char *const name[] = {
		"bpf/policies/edp", "bpf/policies/race_to_idle",
		"selftests/bpf/policy_garbage", "selftests/bpf/policy_garbage",
	};
	const char *build = getenv("ACCELGOV_BUILD");

	snprintf(buf, size, "%s/%s.bpf.o", build ? build : "build",
		 name[below(seed, 4)]);
	return buf;
}

static inline struct bpf_map *policies_ops(struct bpf_object *obj)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, obj)
		if (bpf_map__type(map) == BPF_MAP_TYPE_STRUCT_OPS)
			return map;
	return NULL;
}

/**
 * policies_close() - take them away
 * @p: what policies_open() filled in, also when that failed
 */
static inline void policies_close(struct policies *p)
{
	/* Its last reference may go later, and the next turn would be refused. */
	if (p->link)
		bpf_link__detach(p->link);
	bpf_link__destroy(p->link);
	bpf_object__close(p->obj[0]);
	bpf_object__close(p->obj[1]);
}

/**
 * policies_open() - load two and attach the first, for all devices
 * @p: what to fill in
 * @seed: which two, and what the bad ones among them do wrong
 *
 * Return: 0 or a negative errno, -EBUSY when another one is there.
 */
static inline int policies_open(struct policies *p, uint64_t *seed)
{
	char path[4096];
	int i;

	memset(p, 0, sizeof(*p));
	for (i = 0; i < 2; i++) {
		p->obj[i] = bpf_object__open_file(policies_file(seed, path,
								sizeof(path)),
						  NULL);
		if (!p->obj[i])
			return -errno;
		policies_preset(p->obj[i], "kind", below(seed, 6));
		if (bpf_object__load(p->obj[i]))
			return -errno;
		p->map[i] = policies_ops(p->obj[i]);
		if (!p->map[i])
			return -ENOENT;
	}
	p->link = bpf_map__attach_struct_ops(p->map[0]);
	return p->link ? 0 : -errno;
}

/**
 * policies_swap() - the other one decides
 * @p: from policies_open()
 *
 * Return: 0, -ENOLINK when the one that decided was ejected meanwhile, or
 * another negative errno.
 */
static inline int policies_swap(struct policies *p)
{
	if (bpf_link__update_map(p->link, p->map[!p->now]))
		return -errno;
	p->now = !p->now;
	return 0;
}

#endif /* ACCELGOV_SELFTESTS_POLICIES_H */
