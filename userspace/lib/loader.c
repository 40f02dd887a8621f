// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - BPF policies: load and unload
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "loader.h"

#define BPFFS_MAGIC	0xcafe4a11
#define OPS		"accelgov_ops"
#define MODULE_BTF	"/sys/kernel/btf/accelgov"

/* The end of what libbpf and the verifier had to say, for the error message. */
static char said[4096];

static int __attribute__((format(printf, 4, 5)))
explain(char *err, size_t size, int ret, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(err, size, fmt, args);
	va_end(args);
	return ret;
}

static int __attribute__((format(printf, 2, 0)))
listen(enum libbpf_print_level level, const char *fmt, va_list args)
{
	const size_t room = sizeof(said) - 1;
	size_t len, used = strlen(said);
	char *text;

	if (level == LIBBPF_DEBUG || vasprintf(&text, fmt, args) < 0)
		return 0;
	len = strlen(text);
	if (len > room) {
		memcpy(said, text + len - room, room + 1);
	} else {
		if (used + len > room) {
			memmove(said, said + used + len - room, room - len);
			used = room - len;
		}
		memcpy(said + used, text, len + 1);
	}
	free(text);
	return 0;
}

/* What the verifier tells of its way: instructions, source, jumps. */
static bool is_step(const char *line)
{
	size_t digits = strspn(line, "0123456789");

	return (digits && line[digits] == ':') || *line == ';' ||
	       !strncmp(line, "from ", 5);
}

/*
 * The verifier's last words are behind the instruction that it refused, and before its
 * statistics, and the states that it prints of an endless loop. The module's own reason
 * comes before the verifier's, and kernels from 7.3 on say behind it what to do.
 */
static const char *verdict(void)
{
	static char words[1024];
	char *line, *rest = said;
	size_t used = 0;

	words[0] = '\0';
	while ((line = strsep(&rest, "\n"))) {
		if (!strncmp(line, "processed ", 10) ||
		    !strncmp(line, "cur state:", 10))
			break;
		if (is_step(line))
			used = 0;
		else if (*line && strncmp(line, "libbpf:", 7) && used < sizeof(words))
			used += snprintf(words + used, sizeof(words) - used, "%s%s",
					 used ? "\n" : "", line);
	}
	return used ? words : "the verifier refused it";
}

int loader_pin(char *path, size_t size, const char *scope, const char *name)
{
	char *p;

	if (snprintf(path, size, LOADER_PINS "/%s%s%s", scope,
		     name ? "/" : "", name ? name : "") >= (int)size)
		return -ENAMETOOLONG;
	for (p = path; *p; p++)
		if (*p == '.')
			*p = '%';
	return 0;
}

static int check_system(char *err, size_t size)
{
	struct statfs fs;

	if (access(MODULE_BTF, F_OK))
		return explain(err, size, -ENODEV, access("/sys/module/accelgov", F_OK) ?
			       "the module is not loaded: modprobe accelgov" :
			       "the module has no BTF: build it where pahole and the kernel's vmlinux are");
	if (statfs(LOADER_BPFFS, &fs) || (unsigned int)fs.f_type != BPFFS_MAGIC)
		return explain(err, size, -ENODEV,
			       "nothing can keep the policy: mount -t bpf none %s",
			       LOADER_BPFFS);
	return 0;
}

/* The policy in the object, and its type as the object has it. */
static struct bpf_map *find_policy(struct bpf_object *obj,
				   const struct btf_type **ret_type)
{
	const struct btf *btf = bpf_object__btf(obj);
	const struct btf_type *t;
	struct bpf_map *map;
	int id;

	bpf_object__for_each_map(map, obj) {
		if (bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS)
			continue;
		id = btf__find_by_name_kind(btf, bpf_map__name(map),
					    BTF_KIND_VAR);
		if (id < 0)
			continue;
		t = btf__type_by_id(btf, btf__type_by_id(btf, id)->type);
		if (!strcmp(btf__name_by_offset(btf, t->name_off), OPS)) {
			*ret_type = t;
			return map;
		}
	}
	return NULL;
}

static int set_device(struct bpf_object *obj, struct bpf_map *map,
		      const struct btf_type *ops, const char *device)
{
	const struct btf *btf = bpf_object__btf(obj);
	const struct btf_member *m = btf_members(ops);
	char *data = bpf_map__initial_value(map, NULL);
	const struct btf_type *t;
	unsigned int i;

	for (i = 0; i < btf_vlen(ops); i++, m++) {
		if (strcmp(btf__name_by_offset(btf, m->name_off), "device"))
			continue;
		t = btf__type_by_id(btf, m->type);
		if (!btf_is_array(t) ||
		    strlen(device) >= btf_array(t)->nelems || !data)
			return -ENAMETOOLONG;
		data += m->offset / 8;
		memset(data, 0, btf_array(t)->nelems);
		memcpy(data, device, strlen(device));
		return 0;
	}
	return -EPROTO;
}

static int why_not(int ret, const char *device, char *err, size_t size)
{
	switch (-ret) {
	case EBUSY:
		return explain(err, size, ret,
			       "another policy is there for %s, loaded by somebody else: accelgov policy list",
			       device ? device : "all devices");
	case ENODEV:
		return explain(err, size, ret,
			       "%s is not governed by accelgov: echo accelgov > /sys/class/devfreq/%s/governor",
			       device, device);
	case EPERM:
		return explain(err, size, ret,
			       "more rights are needed: root, or CAP_BPF and CAP_PERFMON");
	default:
		return explain(err, size, ret,
			       "the module refused the policy: %s; the kernel log may say why",
			       strerror(-ret));
	}
}

/* The object, loaded and for @device, with its policy. */
static int open_policy(const char *file, const char *device,
		       struct bpf_object **ret_obj, struct bpf_map **ret_map,
		       char *err, size_t size)
{
	const struct btf_type *ops;
	struct bpf_object *obj;
	int ret;

	obj = bpf_object__open_file(file, NULL);
	if (!obj)
		return explain(err, size, -errno, "%s: %s", file, errno == ENOENT ?
			       "there is no such file" : "this is no BPF object");
	*ret_map = find_policy(obj, &ops);
	ret = -EINVAL;
	if (!*ret_map) {
		explain(err, size, ret, "%s holds no struct " OPS " in section .struct_ops.link",
			file);
		goto close;
	}
	ret = device ? set_device(obj, *ret_map, ops, device) : 0;
	if (ret) {
		explain(err, size, ret, "%s can't be for the device %s", file, device);
		goto close;
	}
	ret = bpf_object__load(obj);
	if (ret) {
		explain(err, size, ret, "%s: %s", file, ret == -EPERM ?
			"more rights are needed: root, or CAP_BPF and CAP_PERFMON" :
			verdict());
		/* The verifier's EACCES is not about rights. */
		ret = ret == -EPERM ? ret : -EINVAL;
		goto close;
	}
	*ret_obj = obj;
	return 0;

close:
	bpf_object__close(obj);
	return ret;
}

static void pin_knobs(struct bpf_object *obj, const char *scope)
{
	struct bpf_map *knobs = bpf_object__find_map_by_name(obj, ".data.knobs");
	char path[256];

	if (loader_pin(path, sizeof(path), scope, "knobs"))
		return;
	unlink(path);
	if (knobs)
		bpf_obj_pin(bpf_map__fd(knobs), path);
}

/* Return: 0; -ENOLINK when there is nothing to replace; another error. */
static int replace(struct bpf_map *map, const char *path)
{
	struct bpf_link *link = bpf_link__open(path);
	int ret;

	if (!link)
		return -ENOLINK;
	ret = bpf_link__update_map(link, map);
	bpf_link__destroy(link);
	if (ret == -ENOLINK)
		unlink(path);
	return ret;
}

static int attach(struct bpf_map *map, const char *path)
{
	struct bpf_link *link = bpf_map__attach_struct_ops(map);
	int ret;

	if (!link)
		return -errno;
	ret = bpf_link__pin(link, path);
	bpf_link__destroy(link);
	return ret;
}

/*
 * Where everybody may make folders in the BPF file system, somebody may have made
 * this one first, and could take away what is pinned in it.
 */
static int make_pins(char *err, size_t size)
{
	struct stat st;

	mkdir(LOADER_PINS, 0700);
	if (lstat(LOADER_PINS, &st))
		return explain(err, size, -errno, LOADER_PINS ": %s",
			       strerror(errno));
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() ||
	    st.st_mode & 0022)
		return explain(err, size, -EPERM,
			       LOADER_PINS " belongs to somebody else, who could take the policy away: remove it");
	return 0;
}

static int load(const char *file, const char *device, bool *ret_replaced,
		char *err, size_t size)
{
	const char *scope = device ? device : LOADER_ALL;
	struct bpf_object *obj = NULL;
	struct bpf_map *map = NULL;
	char path[256];
	int ret;

	ret = open_policy(file, device, &obj, &map, err, size);
	if (ret)
		return ret;
	ret = make_pins(err, size);
	if (ret) {
		bpf_object__close(obj);
		return ret;
	}
	loader_pin(path, sizeof(path), scope, NULL);
	mkdir(path, 0700);
	loader_pin(path, sizeof(path), scope, "link");
	ret = replace(map, path);
	*ret_replaced = !ret;
	if (ret == -ENOLINK)
		ret = attach(map, path);
	if (!ret)
		pin_knobs(obj, scope);
	else
		why_not(ret, device, err, size);
	bpf_object__close(obj);
	/* Stays where something is pinned. */
	loader_pin(path, sizeof(path), scope, NULL);
	if (ret)
		rmdir(path);
	return ret;
}

int loader_load(const char *file, const char *device, bool *ret_replaced,
		char *err, size_t err_size)
{
	libbpf_print_fn_t before;
	int ret = check_system(err, err_size);

	if (ret)
		return ret;
	said[0] = '\0';
	before = libbpf_set_print(listen);
	ret = load(file, device, ret_replaced, err, err_size);
	libbpf_set_print(before);
	return ret;
}

int loader_unload(const char *device, char *err, size_t err_size)
{
	const char *scope = device ? device : LOADER_ALL;
	struct bpf_link *link;
	char path[256];

	if (loader_pin(path, sizeof(path), scope, "link"))
		return explain(err, err_size, -ENAMETOOLONG, "no device is called %s", scope);
	link = bpf_link__open(path);
	if (!link)
		return explain(err, err_size, -errno, errno == ENOENT ?
			       "no policy is loaded for %s" :
			       "the policy of %s can't be reached, more rights are needed",
			       device ? device : "all devices");
	/* Ejected ones are detached already; closing would do, but later. */
	bpf_link__detach(link);
	bpf_link__destroy(link);
	unlink(path);
	loader_pin(path, sizeof(path), scope, "knobs");
	unlink(path);
	loader_pin(path, sizeof(path), scope, NULL);
	rmdir(path);
	return 0;
}

const char *loader_scope(const char *device)
{
	char path[256];

	if (loader_pin(path, sizeof(path), device, "link") || access(path, F_OK))
		return LOADER_ALL;
	return device;
}
