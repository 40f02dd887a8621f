// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - where drivers show their accelerators
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "pcidev.h"

/* A whole /sys of a large server has some 20000 folders. */
#define WALK_FOLDERS	50000
#define WALK_DEPTH	16

/* Folders of classes: name of the class, what its nodes are called. */
static const struct {
	const char *class;
	const char *node;
} classes[] = {
	{ "drm", "card" },
	{ "accel", "accel" },
	{ "habanalabs", "hl" },
};

/* What only one driver has, for trees that don't say which it was. */
static const struct {
	uint16_t vendor;
	bool in_node;
	const char *file;
	const char *driver;
} marks[] = {
	{ 0x1002, false, "pp_dpm_sclk", "amdgpu" },
	{ 0x1002, false, "gpu_metrics", "amdgpu" },
	{ 0x1002, false, "gpu_busy_percent", "amdgpu" },
	{ 0x1002, false, "mem_info_vram_total", "amdgpu" },
	{ 0x8086, false, "tile0", "xe" },
	{ 0x8086, true, "gt/gt0", "i915" },
	{ 0x8086, true, "gt_max_freq_mhz", "i915" },
	{ 0x8086, false, "npu_busy_time_us", "intel_vpu" },
	{ 0x1da3, false, "clk_max_freq_mhz", "habanalabs" },
	{ 0x1da3, true, "clk_max_freq_mhz", "habanalabs" },
};

#define MARKS (sizeof(marks) / sizeof(marks[0]))

static bool numbered(const char *name, const char *prefix)
{
	size_t len = strlen(prefix);

	if (strncmp(name, prefix, len) || !name[len])
		return false;
	return strspn(name + len, "0123456789") == strlen(name + len);
}

static bool is_bus_address(const char *text)
{
	unsigned int domain, bus, slot, function;
	char end;

	return sscanf(text, "%4x:%2x:%2x.%1x%c", &domain, &bus, &slot,
		      &function, &end) == 4 && strlen(text) == 12;
}

static unsigned long read_hex(const struct sysfs *sysfs, const char *dir,
			      const char *name, unsigned long max)
{
	char text[32], *end;
	unsigned long value;

	if (file_text(sysfs, dir, name, text, sizeof(text), NULL) ||
	    strncmp(text, "0x", 2))
		return 0;
	value = strtoul(text, &end, 16);
	return *end || value > max ? 0 : value;
}

static void take_event_line(struct pcidev *dev, const char *line,
			    bool *ret_told)
{
	unsigned int vendor, device, class;

	if (!strncmp(line, "DRIVER=", 7)) {
		snprintf(dev->driver, sizeof(dev->driver), "%.31s", line + 7);
	} else if (sscanf(line, "PCI_ID=%4x:%4x", &vendor, &device) == 2) {
		dev->vendor = vendor;
		dev->device = device;
		*ret_told = true;
	} else if (sscanf(line, "PCI_CLASS=%6x", &class) == 1) {
		dev->class = class;
	} else if (!strncmp(line, "PCI_SLOT_NAME=", 14) &&
		   is_bus_address(line + 14)) {
		memcpy(dev->bus, line + 14, 13);
	}
}

/* Return: the uevent is that of a PCI device, so it names the driver, too. */
static bool read_event(const struct sysfs *sysfs, struct pcidev *dev)
{
	char text[FILE_TEXT], *next = text, *line;
	bool told = false;

	if (file_lines(sysfs, dev->dir, "uevent", text, sizeof(text), NULL))
		return false;
	while ((line = strsep(&next, "\n")))
		take_event_line(dev, line, &told);
	return told;
}

static void guess_driver(const struct sysfs *sysfs, struct pcidev *dev)
{
	size_t i;

	for (i = 0; i < MARKS && !dev->driver[0]; i++) {
		if (dev->vendor && marks[i].vendor != dev->vendor)
			continue;
		if (marks[i].in_node && !dev->has_node)
			continue;
		if (!sysfs_exists(sysfs, "%s%s",
				  marks[i].in_node ? dev->node : dev->dir,
				  marks[i].file))
			continue;
		strcpy(dev->driver, marks[i].driver);
		if (!dev->vendor)
			dev->vendor = marks[i].vendor;
	}
}

/* The name of the folder "a/b/c/" is "c". */
static void last_name(const char *dir, char *buf, size_t size)
{
	size_t len = strlen(dir), start;

	while (len && dir[len - 1] == '/')
		len--;
	for (start = len; start && dir[start - 1] != '/'; start--)
		;
	snprintf(buf, size, "%.*s", (int)(len - start), dir + start);
}

static void find_bus(const struct sysfs *sysfs, struct pcidev *dev)
{
	char name[64] = "";

	last_name(dev->dir, name, sizeof(name));
	if (!is_bus_address(name) && dev->has_node)
		sysfs_link_name(sysfs, name, sizeof(name), "%sdevice",
				dev->node);
	if (is_bus_address(name))
		memcpy(dev->bus, name, 13);
}

static void take_node(struct pcidev *dev, const char *class, const char *name)
{
	int len = snprintf(dev->node, sizeof(dev->node), "%s%s/%s/", dev->dir,
			   class, name);

	dev->has_node = len < (int)sizeof(dev->node);
}

/* "a/cardN/device/" belongs to "a/cardN/"; else the node may lie below. */
static void find_node(const struct sysfs *sysfs, struct pcidev *dev)
{
	size_t len = strlen(dev->dir), c, i;
	struct names names;

	if (len >= 7 && !strcmp(dev->dir + len - 7, "device/") &&
	    (len == 7 || dev->dir[len - 8] == '/')) {
		memcpy(dev->node, dev->dir, len - 7);
		dev->node[len - 7] = '\0';
		dev->has_node = true;
		return;
	}
	for (c = 0; c < sizeof(classes) / sizeof(classes[0]); c++) {
		if (sysfs_list(sysfs, &names, "%s%s", dev->dir,
			       classes[c].class))
			continue;
		for (i = 0; i < names.nr && !dev->has_node; i++)
			if (numbered(names.name[i], classes[c].node))
				take_node(dev, classes[c].class,
					  names.name[i]);
		names_free(&names);
	}
}

/* Display controllers and processing accelerators. */
static bool is_accelerator(const struct pcidev *dev)
{
	uint32_t base = dev->class >> 16;

	return dev->driver[0] || base == 0x03 || base == 0x12;
}

/* A node with files of its own looks like a device, and belongs to one. */
static bool known(const struct pcidevs *list, const struct pcidev *dev)
{
	size_t i;

	for (i = 0; i < list->nr; i++)
		if (list->item[i].inode == dev->inode ||
		    (list->item[i].has_node &&
		     !strcmp(list->item[i].node, dev->dir)))
			return true;
	return false;
}

/* Return: 1 when it is one, 0 when it is not, or -ENOMEM. */
static int examine(const struct sysfs *sysfs, struct pcidevs *list,
		   struct pcidev *dev)
{
	struct pcidev *item;
	bool told;

	dev->inode = sysfs_inode(sysfs, "%s.", dev->dir);
	if (!dev->inode)
		return 0;
	if (known(list, dev))
		return 1;
	if (!dev->has_node)
		find_node(sysfs, dev);
	told = read_event(sysfs, dev);
	if (!dev->vendor) {
		dev->vendor = read_hex(sysfs, dev->dir, "vendor", 0xffff);
		dev->device = read_hex(sysfs, dev->dir, "device", 0xffff);
	}
	if (!dev->class)
		dev->class = read_hex(sysfs, dev->dir, "class", 0xffffff);
	if (!dev->driver[0])
		sysfs_link_name(sysfs, dev->driver, sizeof(dev->driver),
				"%sdriver", dev->dir);
	if (!dev->driver[0] && !told)
		guess_driver(sysfs, dev);
	if (!dev->bus[0])
		find_bus(sysfs, dev);
	if (!is_accelerator(dev))
		return 0;
	item = reallocarray(list->item, list->nr + 1, sizeof(*item));
	if (!item)
		return -ENOMEM;
	list->item = item;
	item[list->nr++] = *dev;
	return 1;
}

/* Of a node whose device has no PCI number nothing is known here. */
static int add_node(const struct sysfs *sysfs, struct pcidevs *list,
		    const char *prefix, const char *class, const char *name)
{
	struct pcidev dev = { .has_node = true };
	size_t before = list->nr;
	int ret;

	if (snprintf(dev.node, sizeof(dev.node), "%s%s/%s/", prefix, class,
		     name) >= (int)sizeof(dev.node) ||
	    snprintf(dev.dir, sizeof(dev.dir), "%s%s/%s/device/", prefix, class,
		     name) >= (int)sizeof(dev.dir))
		return 0;
	ret = examine(sysfs, list, &dev);
	if (list->nr > before && !list->item[before].vendor)
		list->nr = before;
	return ret < 0 ? ret : 0;
}

static int add_class(const struct sysfs *sysfs, struct pcidevs *list,
		     const char *prefix, size_t c)
{
	struct names names;
	int ret = 0;
	size_t i;

	if (sysfs_list(sysfs, &names, "%s%s", prefix, classes[c].class))
		return 0;
	for (i = 0; i < names.nr && !ret; i++)
		if (numbered(names.name[i], classes[c].node))
			ret = add_node(sysfs, list, prefix, classes[c].class,
				       names.name[i]);
	names_free(&names);
	return ret;
}

/* Devices that no driver gave a node. */
static int add_bus(const struct sysfs *sysfs, struct pcidevs *list,
		   const char *bus)
{
	struct pcidev dev;
	struct names names;
	unsigned long base;
	int ret = 0;
	size_t i;

	if (sysfs_list(sysfs, &names, "%s", bus))
		return 0;
	for (i = 0; i < names.nr && ret >= 0; i++) {
		dev = (struct pcidev){ 0 };
		if (!is_bus_address(names.name[i]))
			continue;
		snprintf(dev.dir, sizeof(dev.dir), "%.200s/%s/", bus,
			 names.name[i]);
		base = read_hex(sysfs, dev.dir, "class", 0xffffff) >> 16;
		if (base == 0x03 || base == 0x12)
			ret = examine(sysfs, list, &dev);
	}
	names_free(&names);
	return ret < 0 ? ret : 0;
}

static bool worth_a_look(const struct sysfs *sysfs, const char *dir)
{
	static const char *const files[] = { "class", "pp_dpm_sclk", "tile0",
		"gpu_metrics", "npu_busy_time_us", "clk_max_freq_mhz" };
	struct pcidev dev = { 0 };
	size_t i;

	snprintf(dev.dir, sizeof(dev.dir), "%s", dir);
	if (read_event(sysfs, &dev))
		return dev.class >> 16 == 0x03 || dev.class >> 16 == 0x12 ||
		       !dev.class;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (sysfs_exists(sysfs, "%s%s", dir, files[i]))
			return i ? true : sysfs_exists(sysfs, "%svendor", dir);
	return false;
}

/* A bridge has a class as well, and what is below it must be found. */
static int look_at(const struct sysfs *sysfs, struct pcidevs *list,
		   const char *dir)
{
	struct pcidev dev = { 0 };
	uint32_t base;

	if (!worth_a_look(sysfs, dir))
		return 0;
	snprintf(dev.dir, sizeof(dev.dir), "%s", dir);
	base = read_hex(sysfs, dir, "class", 0xffffff) >> 16;
	if (base && base != 0x03 && base != 0x12)
		return 0;
	return examine(sysfs, list, &dev);
}

static int walk(const struct sysfs *sysfs, struct pcidevs *list,
		const char *dir, int depth, int *left)
{
	struct names names;
	char below[256];
	int ret;
	size_t i;

	ret = look_at(sysfs, list, dir);
	if (ret)
		return ret < 0 ? ret : 0;
	if (depth >= WALK_DEPTH || --*left < 0 ||
	    sysfs_list_folders(sysfs, &names, "%s.", dir))
		return 0;
	for (i = 0; i < names.nr && ret >= 0; i++)
		if (snprintf(below, sizeof(below), "%s%s/", dir,
			     names.name[i]) < (int)sizeof(below))
			ret = walk(sysfs, list, below, depth + 1, left);
	names_free(&names);
	return ret;
}

int pcidevs_find(const struct sysfs *sysfs, struct pcidevs *ret_list)
{
	static const char *const prefixes[] = { "sys/class/", "class/", "" };
	size_t p, c, places = sysfs->live ? 1 : 3;
	struct pcidevs list = { 0 };
	int left = WALK_FOLDERS, ret = 0;

	for (p = 0; p < places && !ret; p++)
		for (c = 0; c < sizeof(classes) / sizeof(classes[0]) && !ret;
		     c++)
			ret = add_class(sysfs, &list, prefixes[p], c);
	if (!ret)
		ret = add_bus(sysfs, &list, "sys/bus/pci/devices");
	if (!ret && !sysfs->live)
		ret = walk(sysfs, &list, "", 0, &left);
	if (ret < 0) {
		pcidevs_free(&list);
		return ret;
	}
	*ret_list = list;
	return 0;
}

void pcidevs_free(struct pcidevs *list)
{
	free(list->item);
	*list = (struct pcidevs){ 0 };
}

static void make_name(const struct sysfs *sysfs, const struct pcidev *dev,
		      const char *prefix, const struct accelerators *list,
		      struct accelerator *acc)
{
	char place[32] = "", name[ACCELGOV_PROXY_NAME_LEN];
	unsigned int n = 1;

	if (dev->has_node)
		last_name(dev->node, place, sizeof(place));
	snprintf(name, sizeof(name), "%.11s-%.13s", prefix,
		 dev->bus[0] ? dev->bus : place[0] ? place : "0");
	acc->name[0] = '\0';
	while (accelerators_find(list, name))
		snprintf(name, sizeof(name), "%.11s-%.13s.%u", prefix,
			 dev->bus[0] ? dev->bus : place[0] ? place : "0",
			 ++n % 1000);
	strcpy(acc->name, name);
}

static void find_devfreq(const struct sysfs *sysfs, const struct pcidev *dev,
			 struct accelerator *acc)
{
	struct names names;

	if (sysfs_list(sysfs, &names, "%sdevfreq", dev->dir))
		return;
	if (names.nr)
		snprintf(acc->devfreq, sizeof(acc->devfreq), "%.63s",
			 names.name[0]);
	names_free(&names);
}

void pcidev_describe(const struct sysfs *sysfs, const struct pcidev *dev,
		     const char *prefix, const struct accelerators *list,
		     struct accelerator *acc)
{
	const char *model = pcidev_model(dev->vendor, dev->device);

	make_name(sysfs, dev, prefix, list, acc);
	snprintf(acc->vendor, sizeof(acc->vendor), "%.15s",
		 pcidev_vendor(dev->vendor));
	/* Boards of servers carry their name. */
	if (file_text(sysfs, dev->dir, "product_name", acc->model,
		      sizeof(acc->model), NULL) || !acc->model[0])
		snprintf(acc->model, sizeof(acc->model), "%s",
			 model ? model : "");
	strcpy(acc->driver, dev->driver);
	strcpy(acc->bus, dev->bus);
	if (dev->vendor)
		snprintf(acc->pci, sizeof(acc->pci), "%04x:%04x", dev->vendor,
			 dev->device);
	if (dev->driver[0])
		sysfs_read(sysfs, acc->driver_version,
			   sizeof(acc->driver_version),
			   "sys/module/%s/version", dev->driver);
	find_devfreq(sysfs, dev, acc);
}
