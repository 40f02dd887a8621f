// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - who uses an accelerator: the fdinfo of DRM files
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fdinfo.h"
#include "file.h"

/* Return: behind the number; NULL when there is none or it does not fit. */
static const char *number(const char *p, int64_t *ret)
{
	int64_t v = 0;

	if (!isdigit((unsigned char)*p))
		return NULL;
	for (; isdigit((unsigned char)*p); p++)
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, *p - '0', &v))
			return NULL;
	*ret = v;
	return p;
}

/* "123" or "123 ns": the number, and after blanks @unit and nothing else. */
static struct reading amount(const char *text, const char *unit)
{
	int64_t value;

	text = number(text, &value);
	if (!text || strcmp(text + strspn(text, " \t"), unit))
		return (struct reading){ 0 };
	return reading_of(value);
}

/* "45 MiB", or bytes without a unit. */
static struct reading bytes(const char *text)
{
	static const char *const units[] = { "", "KiB", "MiB", "GiB" };
	struct reading r;
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		r = amount(text, units[i]);
		if (r.known)
			return reading_times(r, 1LL << 10 * i, 1);
	}
	return r;
}

static struct fdinfo_engine *engine(struct fdinfo *info, const char *name)
{
	struct fdinfo_engine *e;
	size_t i;

	for (i = 0; i < info->nr_engines; i++)
		if (!strcmp(info->engine[i].name, name))
			return &info->engine[i];
	if (info->nr_engines == FDINFO_ENGINES ||
	    strlen(name) >= sizeof(e->name) || !name[0])
		return NULL;
	e = &info->engine[info->nr_engines++];
	*e = (struct fdinfo_engine){ .capacity = 1 };
	strcpy(e->name, name);
	return e;
}

static const char *after(const char *text, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(text, prefix, len) ? NULL : text + len;
}

static void take_engine(struct fdinfo *info, const char *key,
			const char *value)
{
	struct fdinfo_engine *e;
	struct reading r;
	const char *name;

	name = after(key, "drm-engine-capacity-");
	if (name) {
		r = amount(value, "");
		e = r.value > 0 ? engine(info, name) : NULL;
		if (e)
			e->capacity = r.value;
		return;
	}
	name = after(key, "drm-engine-");
	if (name) {
		e = engine(info, name);
		if (e)
			e->busy_ns = amount(value, "ns");
		return;
	}
	name = after(key, "drm-total-cycles-");
	if (name) {
		e = engine(info, name);
		if (e)
			e->total_cycles = amount(value, "");
		return;
	}
	name = after(key, "drm-cycles-");
	if (!name)
		return;
	e = engine(info, name);
	if (e)
		e->cycles = amount(value, "");
}

/* The old key "drm-memory-" and the new one "drm-resident-" mean the same. */
static void take_memory(struct fdinfo *info, const char *key,
			const char *value)
{
	if (!strcmp(key, "drm-resident-vram") ||
	    !strcmp(key, "drm-resident-vram0") ||
	    (!strcmp(key, "drm-memory-vram") && !info->memory_bytes.known))
		info->memory_bytes = bytes(value);
}

static void take_line(struct fdinfo *info, char *line)
{
	char *value = strchr(line, ':');
	size_t len;

	if (!value)
		return;
	*value++ = '\0';
	value += strspn(value, " \t");
	len = strlen(value);
	while (len && isspace((unsigned char)value[len - 1]))
		value[--len] = '\0';
	if (!strcmp(line, "drm-driver"))
		snprintf(info->driver, sizeof(info->driver), "%.31s", value);
	else if (!strcmp(line, "drm-pdev"))
		snprintf(info->pdev, sizeof(info->pdev), "%.31s", value);
	else if (!strcmp(line, "drm-client-id"))
		info->client_id = amount(value, "");
	take_engine(info, line, value);
	take_memory(info, line, value);
}

int fdinfo_parse(const char *text, struct fdinfo *ret_info)
{
	struct fdinfo info = { 0 };
	char *copy = strdup(text), *next = copy, *line;

	if (!copy)
		return -ENOMEM;
	while ((line = strsep(&next, "\n")))
		take_line(&info, line);
	free(copy);
	if (!info.driver[0])
		return -ENODATA;
	*ret_info = info;
	return 0;
}

static bool is_number(const char *name)
{
	return name[0] && strspn(name, "0123456789") == strlen(name);
}

/* On a live system a look at the link saves reading thousands of files. */
static bool may_be_drm(const struct sysfs *sysfs, const char *pid,
		       const char *fd)
{
	char name[64];

	if (!sysfs->live)
		return true;
	if (sysfs_link_name(sysfs, name, sizeof(name), "proc/%s/fd/%s", pid,
			    fd))
		return false;
	return after(name, "render") || after(name, "card") ||
	       after(name, "accel");
}

static bool same_client(const struct fdinfos *list, const struct fdinfo *info)
{
	size_t i;

	for (i = 0; info->client_id.known && i < list->nr; i++)
		if (list->item[i].client_id.known &&
		    list->item[i].client_id.value == info->client_id.value)
			return true;
	return false;
}

static int add(struct fdinfos *list, const struct fdinfo *info)
{
	struct fdinfo *item;

	item = reallocarray(list->item, list->nr + 1, sizeof(*item));
	if (!item)
		return -ENOMEM;
	list->item = item;
	item[list->nr++] = *info;
	return 0;
}

static int scan_file(const struct sysfs *sysfs, const char *pid,
		     const char *fd, const char *pdev, struct fdinfos *list)
{
	char text[FILE_TEXT], dir[64];
	struct fdinfo info;

	if (!may_be_drm(sysfs, pid, fd))
		return 0;
	snprintf(dir, sizeof(dir), "proc/%.20s/fdinfo/", pid);
	if (file_text(sysfs, dir, fd, text, sizeof(text), NULL) ||
	    fdinfo_parse(text, &info) || strcmp(info.pdev, pdev) ||
	    same_client(list, &info) || parse_int(pid, &info.pid))
		return 0;
	return add(list, &info);
}

static int scan_process(const struct sysfs *sysfs, const char *pid,
			const char *pdev, struct fdinfos *list)
{
	struct names fds;
	int ret;
	size_t i;

	list->processes++;
	ret = sysfs_list(sysfs, &fds, "proc/%s/fdinfo", pid);
	if (ret) {
		list->hidden += ret == -EACCES || ret == -EPERM;
		return 0;
	}
	for (i = 0; i < fds.nr && !ret; i++)
		if (is_number(fds.name[i]))
			ret = scan_file(sysfs, pid, fds.name[i], pdev, list);
	names_free(&fds);
	return ret;
}

int fdinfo_scan(const struct sysfs *sysfs, const char *pdev,
		struct fdinfos *ret_list)
{
	struct fdinfos list = { 0 };
	struct names pids;
	int ret;
	size_t i;

	ret = sysfs_list(sysfs, &pids, "proc");
	if (ret)
		return ret;
	for (i = 0; i < pids.nr && !ret; i++)
		if (is_number(pids.name[i]))
			ret = scan_process(sysfs, pids.name[i], pdev, &list);
	names_free(&pids);
	if (ret) {
		fdinfos_free(&list);
		return ret;
	}
	*ret_list = list;
	return 0;
}

void fdinfos_free(struct fdinfos *list)
{
	free(list->item);
	*list = (struct fdinfos){ 0 };
}

static struct reading engine_busy(const struct fdinfos *list,
				  const char *name)
{
	struct reading sum = { 0 };
	int64_t capacity = 1;
	size_t i, e;

	for (i = 0; i < list->nr; i++)
		for (e = 0; e < list->item[i].nr_engines; e++) {
			const struct fdinfo_engine *g =
				&list->item[i].engine[e];

			if (strcmp(g->name, name) || !g->busy_ns.known)
				continue;
			if (g->capacity > capacity)
				capacity = g->capacity;
			sum.known = !__builtin_add_overflow(sum.value,
							    g->busy_ns.value,
							    &sum.value);
			if (!sum.known)
				return (struct reading){ 0 };
		}
	return reading_times(sum, 1, capacity);
}

struct reading fdinfos_busy_ns(const struct fdinfos *list)
{
	struct reading busiest = { 0 }, r;
	size_t i, e;

	for (i = 0; i < list->nr; i++)
		for (e = 0; e < list->item[i].nr_engines; e++) {
			r = engine_busy(list, list->item[i].engine[e].name);
			if (r.known &&
			    (!busiest.known || r.value > busiest.value))
				busiest = r;
		}
	return busiest;
}
