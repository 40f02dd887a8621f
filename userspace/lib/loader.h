/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - BPF policies: load, unload, and the knobs of one that runs
 *
 * What is loaded stays loaded through pins below %LOADER_PINS: a folder for each
 * device with a policy of its own, and %LOADER_ALL for the one of all others. It
 * holds "link" and, when the policy has knobs, "knobs".
 */
#ifndef ACCELGOV_LIB_LOADER_H
#define ACCELGOV_LIB_LOADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOADER_BPFFS	"/sys/fs/bpf"
#define LOADER_PINS	LOADER_BPFFS "/accelgov"
#define LOADER_ALL	"all-devices"

/**
 * loader_pin() - where something of a loaded policy is pinned
 * @path: result
 * @size: of @path
 * @scope: device, or %LOADER_ALL; the BPF file system takes no dots, "%" stands
 *	for them
 * @name: "link", "knobs", or NULL for the folder
 *
 * Return: 0 or -ENAMETOOLONG.
 */
int loader_pin(char *path, size_t size, const char *scope, const char *name);

/**
 * loader_load() - load a policy, in place of the one that is there
 * @file: compiled policy
 * @device: the only device that it is for, NULL for all without their own
 * @ret_replaced: set on success: there was one before
 * @err: gets what failed and what to do about it, on failure
 * @err_size: of @err
 *
 * Return: 0 or a negative errno; then nothing has changed.
 */
int loader_load(const char *file, const char *device, bool *ret_replaced,
		char *err, size_t err_size);

/**
 * loader_unload() - take a policy away
 * @device: whose, NULL for that of all without their own
 * @err: gets what failed and what to do about it, on failure
 * @err_size: of @err
 *
 * Return: 0; -ENOENT when there is none; another negative errno.
 */
int loader_unload(const char *device, char *err, size_t err_size);

/**
 * loader_scope() - which policy a device has
 * @device: the device
 *
 * Return: @device when one of its own is loaded, else %LOADER_ALL.
 */
const char *loader_scope(const char *device);

/**
 * loader_knobs() - look at all knobs of a loaded policy
 * @scope: from loader_scope()
 * @each: called with each knob and its value; stops when it returns false
 * @data: handed to @each
 *
 * Return: 0; -ENOENT when no policy with knobs is loaded there; another negative
 * errno.
 */
int loader_knobs(const char *scope,
		 bool (*each)(const char *name, int64_t value, void *data),
		 void *data);

/**
 * loader_set_knob() - change a knob while the policy runs
 * @scope: from loader_scope()
 * @name: of the knob
 * @value: for it
 *
 * Return: 0; -ENOENT when no policy with knobs is loaded there; -ENOKEY when it
 * has none of that name; -ERANGE; another negative errno.
 */
int loader_set_knob(const char *scope, const char *name, int64_t value);

#endif /* ACCELGOV_LIB_LOADER_H */
