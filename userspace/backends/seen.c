// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - accelerators that are there and can't be read
 *
 * Last of the back ends: what another has found is dropped here. That somebody's
 * GPU is missing from a list is the worst that the list can do.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "pcidev.h"

#define NVIDIA	0x10de

static bool read_elsewhere(const char *driver)
{
	static const char *const drivers[] = { "amdgpu", "xe", "i915",
		"intel_vpu", "habanalabs" };
	size_t i;

	for (i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++)
		if (!strcmp(driver, drivers[i]))
			return true;
	return false;
}

/* A server's VGA port and a virtual machine's are no accelerators. */
static bool is_one(const struct pcidev *dev)
{
	return (dev->class >> 16 == 0x12 ||
		pcidev_vendor(dev->vendor)[0]) && !read_elsewhere(dev->driver);
}

static void reason_for(const struct sysfs *sysfs, const struct pcidev *dev,
		       char *reason)
{
	if (dev->vendor == NVIDIA && !strcmp(dev->driver, "nvidia"))
		why(reason, sysfs->live ?
		    "only libnvidia-ml.so.1 tells: install the driver's libraries" :
		    "only the library NVML tells, and a recorded tree has none");
	else if (!dev->driver[0])
		why(reason, "no driver is bound to it");
	else
		why(reason, "there is no back end for the driver %.32s",
		    dev->driver);
}

/* "Model: \t\t NVIDIA H100 80GB HBM3" in /proc/driver/nvidia/gpus/BUS. */
static void take_line(const char *text, const char *key, char *buf,
		      size_t size)
{
	const char *line = strstr(text, key);
	size_t len;

	if (!line || (line != text && line[-1] != '\n'))
		return;
	line += strlen(key);
	line += strspn(line, " \t");
	len = strcspn(line, "\n");
	while (len && isspace((unsigned char)line[len - 1]))
		len--;
	if (len && len < size && !memchr(line, '?', len))
		snprintf(buf, size, "%.*s", (int)len, line);
}

static void ask_nvidia(const struct sysfs *sysfs, struct accelerator *acc)
{
	char text[FILE_TEXT], dir[80];

	snprintf(dir, sizeof(dir), "proc/driver/nvidia/gpus/%.31s/", acc->bus);
	if (file_text(sysfs, dir, "information", text, sizeof(text), NULL))
		return;
	take_line(text, "Model:", acc->model, sizeof(acc->model));
	take_line(text, "GPU UUID:", acc->uuid, sizeof(acc->uuid));
}

static int add(const struct sysfs *sysfs, struct accelerators *list,
	       const struct pcidev *dev)
{
	struct accelerator *acc = accelerators_add(list, &backend_seen);
	unsigned int i;

	if (!acc)
		return -ENOMEM;
	pcidev_describe(sysfs, dev, dev->vendor == NVIDIA ? "nvidia" : "pci",
			list, acc);
	if (dev->vendor == NVIDIA)
		ask_nvidia(sysfs, acc);
	for (i = 0; i < ACCELGOV_SIG_NR; i++)
		reason_for(sysfs, dev, acc->signal_why[i]);
	for (i = 0; i < BACKEND_ACTUATORS; i++)
		reason_for(sysfs, dev, acc->actuator[i].why);
	return 0;
}

static bool bus_listed(const struct pcidevs *found, const char *bus)
{
	size_t i;

	for (i = 0; i < found->nr; i++)
		if (!strcmp(found->item[i].bus, bus))
			return true;
	return false;
}

/* A tree of /proc alone still says which GPUs the driver had. */
static int add_from_proc(const struct sysfs *sysfs, struct accelerators *list,
			 const struct pcidevs *found)
{
	struct pcidev dev = { .vendor = NVIDIA, .class = 0x030000,
			      .driver = "nvidia", .dir = "none/" };
	struct accelerator *acc;
	struct names names;
	int ret = 0;
	size_t i;

	if (sysfs_list(sysfs, &names, "proc/driver/nvidia/gpus"))
		return 0;
	for (i = 0; i < names.nr && !ret; i++) {
		if (strlen(names.name[i]) >= sizeof(dev.bus) ||
		    bus_listed(found, names.name[i]))
			continue;
		strcpy(dev.bus, names.name[i]);
		ret = add(sysfs, list, &dev);
		if (ret)
			break;
		acc = list->item[list->nr - 1];
		acc->pci[0] = '\0';
	}
	names_free(&names);
	return ret;
}

static void nvidia_version(const struct sysfs *sysfs,
			   struct accelerators *list, size_t first)
{
	char version[48];

	if (sysfs_read(sysfs, version, sizeof(version),
		       "sys/module/nvidia/version"))
		return;
	for (; first < list->nr; first++)
		if (!strcmp(list->item[first]->driver, "nvidia"))
			strcpy(list->item[first]->driver_version, version);
}

static int scan(const struct sysfs *sysfs, struct accelerators *list,
		struct backend_note *ret_note)
{
	size_t i, first = list->nr;
	struct pcidevs found;
	int ret;

	ret = pcidevs_find(sysfs, &found);
	if (ret)
		return ret;
	for (i = 0; i < found.nr && !ret; i++)
		if (is_one(&found.item[i]))
			ret = add(sysfs, list, &found.item[i]);
	if (!ret)
		ret = add_from_proc(sysfs, list, &found);
	nvidia_version(sysfs, list, first);
	pcidevs_free(&found);
	return ret;
}

static int read(const struct sysfs *sysfs, struct accelerator *acc,
		struct backend_reading *ret_reading)
{
	*ret_reading = (struct backend_reading){ 0 };
	return 0;
}

const struct backend backend_seen = {
	.name = "seen",
	.title = "accelerators that nothing here can read",
	.scan = scan,
	.read = read,
};
