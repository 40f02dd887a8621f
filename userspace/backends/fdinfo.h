/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - who uses an accelerator: the fdinfo of DRM files
 *
 * Each open file of a DRM driver tells in /proc/PID/fdinfo how long its engines
 * worked for it. Of other people's processes only root sees that.
 */
#ifndef ACCELGOV_BACKENDS_FDINFO_H
#define ACCELGOV_BACKENDS_FDINFO_H

#include "sysfs.h"

#define FDINFO_ENGINES	16

/**
 * struct fdinfo_engine - one engine of one client
 * @name: "gfx", "compute", "rcs"...
 * @busy_ns: time that it worked for the client
 * @cycles: the same in cycles, where the driver counts those
 * @total_cycles: cycles that passed
 * @capacity: engines of this name, 1 unless told
 */
struct fdinfo_engine {
	char name[24];
	struct reading busy_ns;
	struct reading cycles;
	struct reading total_cycles;
	int64_t capacity;
};

/**
 * struct fdinfo - one open file
 * @pid: process, 0 when only the text was parsed
 * @driver: kernel driver
 * @pdev: bus address, "" for devices that have none
 * @client_id: files with the same one are one client
 * @engine: what it used
 * @nr_engines: how many
 * @memory_bytes: device memory that it keeps resident
 */
struct fdinfo {
	int64_t pid;
	char driver[32];
	char pdev[32];
	struct reading client_id;
	struct fdinfo_engine engine[FDINFO_ENGINES];
	size_t nr_engines;
	struct reading memory_bytes;
};

/**
 * struct fdinfos - all clients of one device
 * @item: one per client
 * @nr: how many
 * @processes: that were there
 * @hidden: processes that could not be looked into
 */
struct fdinfos {
	struct fdinfo *item;
	size_t nr;
	size_t processes;
	size_t hidden;
};

/**
 * fdinfo_parse() - parse the text of one fdinfo file
 * @text: the file
 * @ret_info: filled on success
 *
 * A value that is malformed or does not fit is unknown.
 *
 * Return: 0, or -ENODATA when it is not that of a DRM file.
 */
int fdinfo_parse(const char *text, struct fdinfo *ret_info);

/**
 * fdinfo_scan() - the clients of a device
 * @sysfs: root
 * @pdev: its bus address
 * @ret_list: filled on success, to be freed with fdinfos_free()
 *
 * Return: 0, -ENOENT without /proc, or another negative errno.
 */
int fdinfo_scan(const struct sysfs *sysfs, const char *pdev,
		struct fdinfos *ret_list);

/**
 * fdinfos_free() - free a list
 * @list: the list, empty afterwards
 */
void fdinfos_free(struct fdinfos *list);

/**
 * fdinfos_busy_ns() - time that engines worked for the clients there are
 * @list: the clients
 *
 * Return: of the busiest engine, the sum over clients divided by its capacity;
 * unknown when no client tells nanoseconds.
 */
struct reading fdinfos_busy_ns(const struct fdinfos *list);

#endif /* ACCELGOV_BACKENDS_FDINFO_H */
