/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - where drivers show their accelerators
 *
 * Live, a device is found through its class or the PCI bus. A recorded tree may
 * be a whole /sys, a /sys/class/drm, one card, or one device's folder, with or
 * without its links, so it is searched.
 */
#ifndef ACCELGOV_BACKENDS_PCIDEV_H
#define ACCELGOV_BACKENDS_PCIDEV_H

#include "backend.h"

/**
 * struct pcidev - a device that may be an accelerator
 * @dir: folder of the device with a slash at its end, "" for the root
 * @node: folder of its card or accel node in the same way
 * @has_node: there is one
 * @driver: that is bound to it, or must be by its files; "" for none
 * @bus: "0000:03:00.0", "" when unknown
 * @vendor: PCI vendor, 0 when unknown
 * @device: PCI device
 * @class: PCI class, 0 when unknown
 * @inode: of @dir, to tell two ways to one device
 */
struct pcidev {
	char dir[256];
	char node[256];
	bool has_node;
	char driver[32];
	char bus[32];
	uint16_t vendor;
	uint16_t device;
	uint32_t class;
	uint64_t inode;
};

/**
 * struct pcidevs - a list of them
 * @item: the devices
 * @nr: how many
 */
struct pcidevs {
	struct pcidev *item;
	size_t nr;
};

/**
 * pcidevs_find() - look for devices that may be accelerators
 * @sysfs: root
 * @ret_list: filled on success, to be freed with pcidevs_free()
 *
 * Nothing is read that wakes a device.
 *
 * Return: 0 or a negative errno.
 */
int pcidevs_find(const struct sysfs *sysfs, struct pcidevs *ret_list);

/**
 * pcidevs_free() - free a list
 * @list: the list, empty afterwards
 */
void pcidevs_free(struct pcidevs *list);

/**
 * pcidev_describe() - fill what a device's identity tells
 * @sysfs: root
 * @dev: the device
 * @prefix: of the name, before its bus address
 * @list: that @acc is part of, so that its name is the only one
 * @acc: name, vendor, model, driver, driver_version, bus, pci and devfreq are set
 */
void pcidev_describe(const struct sysfs *sysfs, const struct pcidev *dev,
		     const char *prefix, const struct accelerators *list,
		     struct accelerator *acc);

/**
 * pcidev_vendor() - who makes devices with this vendor number
 * @vendor: PCI vendor
 *
 * Return: "AMD" and so on, "" when unknown.
 */
const char *pcidev_vendor(uint16_t vendor);

/**
 * pcidev_model() - what a device is sold as
 * @vendor: PCI vendor
 * @device: PCI device
 *
 * From a table of accelerators; several models may share a number.
 *
 * Return: the name, NULL when unknown.
 */
const char *pcidev_model(uint16_t vendor, uint16_t device);

#endif /* ACCELGOV_BACKENDS_PCIDEV_H */
