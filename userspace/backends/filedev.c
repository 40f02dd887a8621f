// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - what back ends that read files share
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fdinfo.h"
#include "file.h"
#include "filedev.h"
#include "runtime.h"

#define CONTEXTS_EVERY_NS	1000000000ULL

static bool gone(const struct sysfs *sysfs, const struct filedev *dev)
{
	return !sysfs_exists(sysfs, "%s.", dev->at.dir);
}

/* What was seen when it was awake stays, but nobody knows the value now. */
static void actuators_asleep(struct accelerator *acc)
{
	struct backend_range *range;
	unsigned int a;

	for (a = 0; a < BACKEND_ACTUATORS; a++) {
		range = &acc->actuator[a];
		range->value = (struct reading){ 0 };
		range->why[0] = '\0';
		why(range->why, "suspended: reading would wake it");
	}
}

static void actuators_awake(const struct sysfs *sysfs, struct accelerator *acc)
{
	const struct filedev *dev = acc->priv;
	unsigned int a;

	memset(acc->actuator, 0, sizeof(acc->actuator));
	dev->kind->actuators(sysfs, acc);
	for (a = 0; a < BACKEND_ACTUATORS; a++)
		if (!acc->actuator[a].there)
			why(acc->actuator[a].why,
			    "the driver has no file for it");
}

static void look(const struct sysfs *sysfs, struct accelerator *acc,
		 struct observation *o)
{
	struct filedev *dev = acc->priv;
	const struct filedev_kind *kind = dev->kind;

	observation_begin(o);
	acc->asleep = runtime_asleep(sysfs, dev->at.dir);
	if (acc->asleep && !kind->quiet) {
		observation_asleep(o);
		return;
	}
	if (!dev->found) {
		if (!acc->asleep)
			hwmon_find(sysfs, dev->at.dir, dev->at.has_node ?
				   dev->at.node : NULL, &dev->hwmon);
		if (kind->find)
			kind->find(sysfs, acc);
		dev->found = !acc->asleep;
	}
	kind->look(sysfs, acc, o);
	if (acc->asleep)
		observation_asleep(o);
}

int filedev_refresh(const struct sysfs *sysfs, struct accelerator *acc)
{
	struct filedev *dev = acc->priv;
	struct observation o;

	if (gone(sysfs, dev))
		return -ENODEV;
	look(sysfs, acc, &o);
	observation_publish(&o, acc);
	if (acc->asleep && !dev->kind->quiet)
		actuators_asleep(acc);
	else
		actuators_awake(sysfs, acc);
	runtime_autosuspend(sysfs, dev->at.dir,
			    &acc->actuator[BACKEND_AUTOSUSPEND]);
	return 0;
}

int filedev_read(const struct sysfs *sysfs, struct accelerator *acc,
		 struct backend_reading *ret_reading)
{
	struct filedev *dev = acc->priv;
	struct observation o;

	if (gone(sysfs, dev))
		return -ENODEV;
	look(sysfs, acc, &o);
	observation_reading(&dev->before, &o, ret_reading);
	return 0;
}

static int add(const struct sysfs *sysfs, struct accelerators *list,
	       const struct backend *backend, const struct filedev_kind *kind,
	       const struct pcidev *at)
{
	struct accelerator *acc;
	struct filedev *dev;

	dev = calloc(1, kind->size);
	if (!dev)
		return -ENOMEM;
	acc = accelerators_add(list, backend);
	if (!acc) {
		free(dev);
		return -ENOMEM;
	}
	dev->kind = kind;
	dev->at = *at;
	acc->priv = dev;
	pcidev_describe(sysfs, at, kind->prefix, list, acc);
	filedev_refresh(sysfs, acc);
	return 0;
}

int filedev_scan(const struct sysfs *sysfs, struct accelerators *list,
		 const struct backend *backend,
		 const struct filedev_kind *kind,
		 struct backend_note *ret_note)
{
	struct pcidevs found;
	size_t i, before = list->nr;
	int ret;

	ret = pcidevs_find(sysfs, &found);
	if (ret)
		return ret;
	for (i = 0; i < found.nr && !ret; i++)
		if (!strcmp(found.item[i].driver, kind->driver))
			ret = add(sysfs, list, backend, kind, &found.item[i]);
	pcidevs_free(&found);
	if (!ret && list->nr == before)
		why(ret_note->text, "no device is bound to the driver %s",
		    kind->driver);
	return ret;
}

static int set_error(int error)
{
	switch (error) {
	case 0:
	case -ERANGE:
	case -EOPNOTSUPP:
	case -EAGAIN:
		return error;
	case -EACCES:
	case -EPERM:
	case -EROFS:
		return -EPERM;
	case -ENOENT:
	case -ENODEV:
		return -ENODEV;
	default:
		return -EIO;
	}
}

int filedev_set(const struct sysfs *sysfs, struct accelerator *acc,
		enum backend_actuator actuator, int64_t value)
{
	const struct backend_range *range = &acc->actuator[actuator];
	struct filedev *dev = acc->priv;
	const struct filedev_kind *kind = dev->kind;

	if (!range->there)
		return -EOPNOTSUPP;
	if (gone(sysfs, dev))
		return -ENODEV;
	if (actuator == BACKEND_AUTOSUSPEND)
		return set_error(runtime_set_autosuspend(sysfs, dev->at.dir,
							 value));
	if ((range->min.known && value < range->min.value) ||
	    (range->max.known && value > range->max.value))
		return -ERANGE;
	/* To xe and i915 a limit of 0 is no limit. */
	if (actuator != BACKEND_PROFILE && value <= 0)
		return -ERANGE;
	if (runtime_asleep(sysfs, dev->at.dir))
		return -EAGAIN;
	if (!kind->set)
		return -EOPNOTSUPP;
	return set_error(kind->set(sysfs, acc, actuator, value));
}

static struct reading delay_now(const struct sysfs *sysfs,
				const struct filedev *dev)
{
	return file_number(sysfs, dev->at.dir, "power/autosuspend_delay_ms",
			   INT32_MIN, INT32_MAX, NULL);
}

int filedev_save(const struct sysfs *sysfs, struct accelerator *acc,
		 char *ret_line, size_t size)
{
	struct filedev *dev = acc->priv;
	const struct filedev_kind *kind = dev->kind;
	char line[FILEDEV_LINE] = "";
	int ret;

	if (gone(sysfs, dev))
		return -ENODEV;
	if (!kind->quiet && runtime_asleep(sysfs, dev->at.dir))
		return -EAGAIN;
	ret = kind->save ? kind->save(sysfs, acc, line, sizeof(line)) : 0;
	if (!ret)
		ret = filedev_keep_number(line, sizeof(line), "autosuspend_ms",
					  delay_now(sysfs, dev));
	if (ret)
		return ret;
	if (strlen(line) >= size)
		return -ENOSPC;
	strcpy(ret_line, line);
	return 0;
}

int filedev_restore(const struct sysfs *sysfs, struct accelerator *acc,
		    const char *line)
{
	struct reading delay = filedev_kept_number(line, "autosuspend_ms");
	struct filedev *dev = acc->priv;
	struct reading now;
	int ret, error = 0;

	if (gone(sysfs, dev))
		return -ENODEV;
	if (dev->kind->restore)
		error = dev->kind->restore(sysfs, acc, line);
	now = delay_now(sysfs, dev);
	if (delay.known && (!now.known || now.value != delay.value)) {
		ret = runtime_set_autosuspend(sysfs, dev->at.dir, delay.value);
		if (!error)
			error = ret;
	}
	return set_error(error);
}

void filedev_release(struct accelerator *acc)
{
	free(acc->priv);
	acc->priv = NULL;
}

static void count_contexts(const struct sysfs *sysfs, struct filedev *dev)
{
	struct fdinfos clients;

	dev->contexts = (struct reading){ 0 };
	dev->contexts_why[0] = '\0';
	if (!dev->at.bus[0]) {
		why(dev->contexts_why, "its bus address is not known");
		return;
	}
	if (fdinfo_scan(sysfs, dev->at.bus, &clients)) {
		why(dev->contexts_why, "there is no /proc to see its clients");
		return;
	}
	if (!clients.processes)
		why(dev->contexts_why, "no process was recorded");
	else if (clients.hidden)
		why(dev->contexts_why,
		    "clients of other users are hidden: run as root");
	else
		dev->contexts = reading_of(clients.nr * 1000);
	fdinfos_free(&clients);
}

void filedev_contexts(const struct sysfs *sysfs, struct accelerator *acc,
		      struct observation *o)
{
	struct filedev *dev = acc->priv;

	if (!dev->contexts_ns ||
	    o->time_ns - dev->contexts_ns >= CONTEXTS_EVERY_NS) {
		count_contexts(sysfs, dev);
		dev->contexts_ns = o->time_ns;
	}
	o->rate[ACCELGOV_SIG_CONTEXTS] = dev->contexts;
	why(o->why[ACCELGOV_SIG_CONTEXTS], "%s", dev->contexts_why);
}

void filedev_steps(struct accelerator *acc, int64_t min_khz, int64_t max_khz)
{
	int64_t step = 50000, khz;
	size_t nr = 0;

	acc->nr_clocks = 0;
	if (min_khz <= 0 || min_khz > max_khz || max_khz > UINT32_MAX)
		return;
	while ((max_khz - min_khz) / step + 3 > ACCELGOV_PROXY_OPPS_MAX)
		step *= 2;
	acc->clock_khz[nr++] = min_khz;
	for (khz = (min_khz / step + 1) * step; khz < max_khz; khz += step)
		acc->clock_khz[nr++] = khz;
	if (max_khz > min_khz)
		acc->clock_khz[nr++] = max_khz;
	acc->nr_clocks = nr;
}

int filedev_keep(char *line, size_t size, const char *key, const char *value)
{
	size_t len = strlen(line);
	int more = snprintf(line + len, size - len, "%s%s=%s", len ? " " : "",
			    key, value);

	if (more >= 0 && (size_t)more < size - len)
		return 0;
	line[len] = '\0';
	return -ENOSPC;
}

int filedev_keep_number(char *line, size_t size, const char *key,
			struct reading value)
{
	char text[24];

	if (!value.known)
		return 0;
	snprintf(text, sizeof(text), "%" PRId64, value.value);
	return filedev_keep(line, size, key, text);
}

bool filedev_kept(const char *line, const char *key, char *buf, size_t size)
{
	size_t len = strlen(key), word;

	for (; *line; line += word + strspn(line + word, " ")) {
		word = strcspn(line, " ");
		if (word <= len || strncmp(line, key, len) || line[len] != '=')
			continue;
		if (word - len - 1 >= size)
			return false;
		memcpy(buf, line + len + 1, word - len - 1);
		buf[word - len - 1] = '\0';
		return true;
	}
	return false;
}

struct reading filedev_kept_number(const char *line, const char *key)
{
	struct reading r = { 0 };
	char text[24];

	r.known = filedev_kept(line, key, text, sizeof(text)) &&
		  !parse_int(text, &r.value);
	return r;
}
