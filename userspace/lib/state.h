/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - what the daemon changed, on disk, so that it can be undone
 *
 * The record of a change is written before the change is made. After a crash
 * `accelgov restore` undoes what is recorded, except where somebody else has
 * set another value since.
 */
#ifndef ACCELGOV_LIB_STATE_H
#define ACCELGOV_LIB_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "device.h"
#include "policy.h"

#define STATE_PATH	"/run/accelgov/state.json"

/**
 * struct state_knob - one changed file
 * @attr: path below the device's folder in /sys/class/devfreq
 * @was: value before
 * @now: value written
 */
struct state_knob {
	char attr[POLICY_ATTR_LEN];
	char was[POLICY_VALUE_LEN];
	char now[POLICY_VALUE_LEN];
};

/**
 * struct state_device - what was changed on one device
 * @name: of the device
 * @governor_was: governor before, "" when it was not changed
 * @governor_now: governor chosen
 * @leased: a lease was started, and has to be ended first
 * @knob: changed files in the order they were written
 * @nr_knobs: how many
 */
struct state_device {
	char name[DEVICE_NAME_LEN];
	char governor_was[DEVICE_GOVERNOR_LEN + 1];
	char governor_now[DEVICE_GOVERNOR_LEN + 1];
	bool leased;
	struct state_knob knob[POLICY_KNOBS];
	size_t nr_knobs;
};

#define STATE_LINE_LEN	512

/**
 * struct state_accelerator - an accelerator that is actuated through a back end
 * @name: of the accelerator
 * @backend: that knows how to set it
 * @line: how it was, in the back end's words
 */
struct state_accelerator {
	char name[DEVICE_NAME_LEN];
	char backend[24];
	char line[STATE_LINE_LEN];
};

/**
 * struct state - everything one daemon changed
 * @pid: of the daemon
 * @start_time: of that process, so that a later one with its pid isn't taken
 *	for it
 * @device: changed devices
 * @nr_devices: how many
 * @accelerator: those of back ends
 * @nr_accelerators: how many
 */
struct state {
	pid_t pid;
	uint64_t start_time;
	struct state_device *device;
	size_t nr_devices;
	struct state_accelerator *accelerator;
	size_t nr_accelerators;
};

/**
 * state_save() - replace the file in one step
 * @state: to be recorded
 * @path: of the file, its directory exists
 *
 * Return: 0 or a negative errno.
 */
int state_save(const struct state *state, const char *path);

/**
 * state_load() - read the file
 * @path: of the file
 * @ret_state: filled on success, to be freed with state_free()
 *
 * Return: 0, -ENOENT, -EBADMSG when it is damaged, another negative errno.
 */
int state_load(const char *path, struct state *ret_state);

/**
 * state_free() - free what state_load() allocated
 * @state: empty afterwards
 */
void state_free(struct state *state);

/**
 * state_owner_alive() - does the daemon that wrote the state still run
 * @state: loaded
 *
 * Return: true when it does.
 */
bool state_owner_alive(const struct state *state);

/**
 * state_lock() - keep others from undoing what is recorded
 * @path: of the file
 *
 * The daemon that starts, the one that looks after a killed one, and accelgov
 * restore would otherwise undo each other's beginnings.
 *
 * Return: to be handed to state_unlock(); negative when there is nothing to lock
 * with, and then nobody is kept from anything.
 */
int state_lock(const char *path);

/**
 * state_unlock() - let others
 * @fd: from state_lock()
 */
void state_unlock(int fd);

/**
 * process_start_time() - when a process began, as /proc tells it
 * @pid: the process
 *
 * Return: clock ticks since boot, 0 when there is no such process.
 */
uint64_t process_start_time(pid_t pid);

/**
 * enum undo_result - what became of one recorded change
 * @UNDO_DONE: the old value is back
 * @UNDO_FOREIGN: somebody set another value since, it stays
 * @UNDO_GONE: there is nothing left to undo: the file or device is gone, or the
 *	old value is back already
 * @UNDO_FAILED: the write failed
 */
enum undo_result {
	UNDO_DONE,
	UNDO_FOREIGN,
	UNDO_GONE,
	UNDO_FAILED,
};

/**
 * typedef state_undo_fn - told about each change
 * @arg: as given to state_undo_device()
 * @device: name of the device
 * @attr: file below the device's folder
 * @was: value before the daemon came
 * @result: what became of it
 * @error: negative errno with %UNDO_FAILED
 */
typedef void state_undo_fn(void *arg, const char *device, const char *attr,
			   const char *was, enum undo_result result, int error);

/**
 * state_undo_device() - undo what was changed on one device
 * @sysfs: root
 * @device: what was changed
 * @undone: told about each change, may be NULL
 * @arg: handed to @undone
 *
 * The lease ends first: the kernel then withdraws leased values by itself, and
 * the rest is put back by hand, the governor last.
 *
 * Return: 0, or the negative errno of the last change that failed.
 */
int state_undo_device(const struct sysfs *sysfs,
		      const struct state_device *device, state_undo_fn *undone,
		      void *arg);

#endif /* ACCELGOV_LIB_STATE_H */
