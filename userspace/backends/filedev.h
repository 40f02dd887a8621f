/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - what back ends that read files share
 *
 * Such a back end is a look: which files hold which signal and which actuator. To
 * find devices, to leave sleeping ones alone, to make samples of looks, to check
 * ranges, and to save and restore is the same for all and lies here.
 */
#ifndef ACCELGOV_BACKENDS_FILEDEV_H
#define ACCELGOV_BACKENDS_FILEDEV_H

#include "hwmon.h"
#include "observe.h"
#include "pcidev.h"

#define FILEDEV_LINE	512

struct filedev_kind;

/**
 * struct filedev - begins each back end's own data
 * @kind: its driver
 * @at: where its files are
 * @hwmon: its hwmon, empty until the device was seen awake
 * @found: the device was seen awake
 * @before: the look before
 * @contexts: clients of the device
 * @contexts_why: reason when they are not known
 * @contexts_ns: when they were counted
 */
struct filedev {
	const struct filedev_kind *kind;
	struct pcidev at;
	struct hwmon hwmon;
	bool found;
	struct observation before;
	struct reading contexts;
	char contexts_why[BACKEND_WHY_LEN];
	uint64_t contexts_ns;
};

/**
 * struct filedev_kind - one driver
 * @driver: that is bound to the device
 * @prefix: of the accelerator's name
 * @size: of the back end's own data, which begins with &struct filedev
 * @quiet: its files don't wake the device, apart from hwmon's
 * @find: called once, when the device is awake (always, when @quiet); may be NULL
 * @look: fill rates, counts, sensors and reasons
 * @actuators: fill what can be set, but for the delay of autosuspend
 * @set: set one that is there, with a value in its range
 * @save: append "key=value" pairs with filedev_keep(), but for the delay
 * @restore: set again what filedev_kept() gives; 0 or the first error
 */
struct filedev_kind {
	const char *driver;
	const char *prefix;
	size_t size;
	bool quiet;
	void (*find)(const struct sysfs *sysfs, struct accelerator *acc);
	void (*look)(const struct sysfs *sysfs, struct accelerator *acc,
		     struct observation *o);
	void (*actuators)(const struct sysfs *sysfs, struct accelerator *acc);
	int (*set)(const struct sysfs *sysfs, struct accelerator *acc,
		   enum backend_actuator actuator, int64_t value);
	int (*save)(const struct sysfs *sysfs, struct accelerator *acc,
		    char *line, size_t size);
	int (*restore)(const struct sysfs *sysfs, struct accelerator *acc,
		       const char *line);
};

/**
 * filedev_scan() - append the devices of one driver
 * @sysfs: root
 * @list: to append to
 * @backend: that asks
 * @kind: the driver
 * @ret_note: set when there are none
 *
 * Return: 0 or a negative errno.
 */
int filedev_scan(const struct sysfs *sysfs, struct accelerators *list,
		 const struct backend *backend,
		 const struct filedev_kind *kind,
		 struct backend_note *ret_note);

/**
 * filedev_refresh() - for &backend.refresh
 * @sysfs: root
 * @acc: the accelerator
 *
 * Return: 0 or -ENODEV.
 */
int filedev_refresh(const struct sysfs *sysfs, struct accelerator *acc);

/**
 * filedev_read() - for &backend.read
 * @sysfs: root
 * @acc: the accelerator
 * @ret_reading: filled
 *
 * Return: 0 or -ENODEV.
 */
int filedev_read(const struct sysfs *sysfs, struct accelerator *acc,
		 struct backend_reading *ret_reading);

/**
 * filedev_set() - for &backend.set
 * @sysfs: root
 * @acc: the accelerator
 * @actuator: which
 * @value: to set
 *
 * Return: as &backend.set.
 */
int filedev_set(const struct sysfs *sysfs, struct accelerator *acc,
		enum backend_actuator actuator, int64_t value);

/**
 * filedev_save() - for &backend.save
 * @sysfs: root
 * @acc: the accelerator
 * @ret_line: the line
 * @size: of @ret_line
 *
 * Return: as &backend.save.
 */
int filedev_save(const struct sysfs *sysfs, struct accelerator *acc,
		 char *ret_line, size_t size);

/**
 * filedev_restore() - for &backend.restore
 * @sysfs: root
 * @acc: the accelerator
 * @line: from filedev_save()
 *
 * All that can be put back is, whatever fails on the way.
 *
 * Return: 0 or the first negative errno.
 */
int filedev_restore(const struct sysfs *sysfs, struct accelerator *acc,
		    const char *line);

/**
 * filedev_release() - for &backend.release
 * @acc: the accelerator
 */
void filedev_release(struct accelerator *acc);

/**
 * filedev_contexts() - count the clients of a device, once a second at most
 * @sysfs: root
 * @acc: the accelerator
 * @o: the look, its signal for contexts is set
 */
void filedev_contexts(const struct sysfs *sysfs, struct accelerator *acc,
		      struct observation *o);

/**
 * filedev_steps() - clocks between two ends, where any can be set
 * @acc: clock_khz and nr_clocks are set
 * @min_khz: lowest
 * @max_khz: highest
 *
 * Multiples of 50 MHz, or of 100 where that would be too many, and both ends.
 */
void filedev_steps(struct accelerator *acc, int64_t min_khz, int64_t max_khz);

/**
 * filedev_keep() - append "key=value" to a line
 * @line: the line
 * @size: of @line
 * @key: of letters and underlines
 * @value: without blanks
 *
 * Return: 0 or -ENOSPC.
 */
int filedev_keep(char *line, size_t size, const char *key, const char *value);

/**
 * filedev_keep_number() - append a reading to a line, nothing when it is unknown
 * @line: the line
 * @size: of @line
 * @key: of letters and underlines
 * @value: the reading
 *
 * Return: 0 or -ENOSPC.
 */
int filedev_keep_number(char *line, size_t size, const char *key,
			struct reading value);

/**
 * filedev_kept() - look up a key in a line
 * @line: from filedev_keep()
 * @key: which
 * @buf: its value, left as it was when it is not there
 * @size: of @buf
 *
 * Return: true when it is there.
 */
bool filedev_kept(const char *line, const char *key, char *buf, size_t size);

/**
 * filedev_kept_number() - look up a number in a line
 * @line: from filedev_keep()
 * @key: which
 *
 * Return: the number, unknown when it is not there or is none.
 */
struct reading filedev_kept_number(const char *line, const char *key);

#endif /* ACCELGOV_BACKENDS_FILEDEV_H */
