/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - back ends: accelerators that no devfreq driver shows
 *
 * A back end knows one vendor's library or one driver's files. It finds
 * accelerators, reads what they do, and sets what they let it set; it decides
 * nothing. Vendor libraries are opened with dlopen() at run time: that they are
 * not there is normal, and so is every single function, file and value that is
 * not there. What could not be read is unknown, never zero, and says why.
 *
 * A call that hangs with its library is given up after a time, unless the caller
 * says that it is patient; then it is made on the caller's thread.
 *
 * One thread at a time calls into one accelerator; different threads call into
 * different ones, and @scan may run in yet another one meanwhile. Library code
 * returns errors and never logs.
 */
#ifndef ACCELGOV_BACKENDS_BACKEND_H
#define ACCELGOV_BACKENDS_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../kmod/uapi/accelgov.h"
#include "../../kmod/uapi/accelgov_proxy.h"
#include "sysfs.h"

#define BACKEND_CLOCKS		512
#define BACKEND_MEM_CLOCKS	64
#define BACKEND_PROFILES	32
#define BACKEND_WHY_LEN		120
/* Several devices may be left out, each for a reason of its own. */
#define BACKEND_NOTE_LEN	600
/* What struct backend.save() may need. */
#define BACKEND_LINE_LEN	512
/* Processes of one accelerator that are told one by one. */
#define BACKEND_OWNERS		64

/**
 * enum backend_sensor - readings beside the signals of &enum accelgov_signal
 * @BACKEND_MEM_CLOCK: memory clock; kHz
 * @BACKEND_ENERGY: energy counter, from any start; uJ
 * @BACKEND_TEMPERATURE: hottest die sensor; milli degrees Celsius
 * @BACKEND_MEM_USED: memory in use; bytes
 * @BACKEND_MEM_TOTAL: memory there is; bytes
 * @BACKEND_THROTTLE: why the clock is below what was asked for; bits of &enum
 *	backend_throttle, 0 for no reason
 * @BACKEND_POWER_AVERAGE: board power as the device averages it by itself (1 s
 *	on NVIDIA), beside the faster one that is a signal; mW
 * @BACKEND_SENSORS: number of sensors
 */
enum backend_sensor {
	BACKEND_MEM_CLOCK,
	BACKEND_ENERGY,
	BACKEND_TEMPERATURE,
	BACKEND_MEM_USED,
	BACKEND_MEM_TOTAL,
	BACKEND_THROTTLE,
	BACKEND_POWER_AVERAGE,
	BACKEND_SENSORS,
};

/**
 * enum backend_throttle - reasons, whatever the vendor calls them
 * @BACKEND_THROTTLE_POWER: power cap
 * @BACKEND_THROTTLE_THERMAL: too hot
 * @BACKEND_THROTTLE_HARDWARE: external brake, current or voltage limit
 * @BACKEND_THROTTLE_USER: a clock that somebody asked for
 * @BACKEND_THROTTLE_OTHER: any other
 */
enum backend_throttle {
	BACKEND_THROTTLE_POWER = 1 << 0,
	BACKEND_THROTTLE_THERMAL = 1 << 1,
	BACKEND_THROTTLE_HARDWARE = 1 << 2,
	BACKEND_THROTTLE_USER = 1 << 3,
	BACKEND_THROTTLE_OTHER = 1 << 4,
};

/**
 * enum backend_actuator - what can be set
 * @BACKEND_CLOCK: highest core clock; kHz
 * @BACKEND_MEM: highest memory clock; kHz
 * @BACKEND_CAP: power limit; mW
 * @BACKEND_AUTOSUSPEND: idle time until the driver suspends the device; ms
 * @BACKEND_PROFILE: the vendor's workload power profile; its number, -1 for none
 * @BACKEND_ACTUATORS: number of actuators
 */
enum backend_actuator {
	BACKEND_CLOCK,
	BACKEND_MEM,
	BACKEND_CAP,
	BACKEND_AUTOSUSPEND,
	BACKEND_PROFILE,
	BACKEND_ACTUATORS,
};

/**
 * struct backend_range - one actuator of one accelerator
 * @there: the hardware has it
 * @writable: this process may set it
 * @value: in force
 * @min: lowest that can be set
 * @max: highest that can be set
 * @why: when not @there or not @writable: the reason, and what would help
 */
struct backend_range {
	bool there;
	bool writable;
	struct reading value;
	struct reading min;
	struct reading max;
	char why[BACKEND_WHY_LEN];
};

/**
 * struct backend_power_sensor - what the power signal of a board is worth
 * @window_us: what one value averages, 0 when not known
 * @period_us: how often there is a new one, 0 when not known
 * @lag_us: how late it follows a change, at most; 0 when not known
 *
 * Where the window is shorter than the period, the sensor does not see the rest.
 */
struct backend_power_sensor {
	uint32_t window_us;
	uint32_t period_us;
	uint32_t lag_us;
};

/**
 * struct backend_reading - what an accelerator does now
 * @sample: signals since the previous reading, as the module takes them;
 *	@sample.window_ns is 0 on the first reading, when there is no window yet:
 *	what is a rate by itself is valid even then, what is a difference is not
 * @sensor: the rest
 */
struct backend_reading {
	struct accelgov_sample sample;
	struct reading sensor[BACKEND_SENSORS];
};

/**
 * struct backend_owner - a process that holds an accelerator, or has work there
 * @pid: as the driver numbers it, which is as the host does
 * @mem_bytes: of the accelerator's memory
 * @busy_permille: share of the time since the list before, or of what the driver takes
 *	for that, in which the accelerator worked for it
 */
struct backend_owner {
	uint32_t pid;
	struct reading mem_bytes;
	struct reading busy_permille;
};

/**
 * struct backend_owners - all of them, at one time
 * @taken_ns: when they were asked for, CLOCK_MONOTONIC; 0 for never, or when that
 *	failed
 * @nr: how many
 * @owner: each process once
 */
struct backend_owners {
	uint64_t taken_ns;
	size_t nr;
	struct backend_owner owner[BACKEND_OWNERS];
};

/**
 * struct backend_note - what a back end says about what it did not find
 * @left_out: there is, or may be, more than it found: somebody should look after it.
 *	Not so where it has nothing to do: no library, no such driver, a recorded tree.
 * @text: the reason, and what would help; "" for nothing to say
 */
struct backend_note {
	bool left_out;
	char text[BACKEND_NOTE_LEN];
};

struct backend;

/**
 * struct accelerator - one that a back end found
 * @backend: that found it
 * @priv: the back end's own
 * @name: stable over restarts, may name a proxy device:
 *	"nvidia-0000:3b:00.0"
 * @vendor: "NVIDIA", "AMD", "Intel"
 * @model: as the vendor calls it, "" when unknown
 * @driver: kernel driver, "" when unknown
 * @driver_version: "" when unknown
 * @bus: bus address, "" when unknown
 * @pci: PCI vendor and device, "1002:744c", "" when unknown
 * @uuid: the vendor's own identity, "" when it has none
 * @parent: @name of the accelerator that this is a part of (MIG), "" for none
 * @devfreq: device below /sys/class/devfreq when its driver registers one: the
 *	governor works on that then, and no proxy is made
 * @patient: the caller's: its thread may hang with a vendor's library, and somebody
 *	else will notice. Calls cost two thread switches less then.
 * @asleep: suspended by runtime PM; nothing was asked that would wake it
 * @signals: bit per &enum accelgov_signal that can be read here
 * @signal_why: per signal that can't be: the reason, and what would help
 * @sensors: bit per &enum backend_sensor that can be read here
 * @period_us: readings closer together than this bring nothing new, 0 when there
 *	is no such limit
 * @power: power sensor behind %ACCELGOV_SIG_POWER
 * @clock_khz: core clocks that can be set, ascending
 * @nr_clocks: how many, 0 when unknown
 * @mem_khz: memory clocks that can be set as the highest, ascending
 * @nr_mem_clocks: how many, 0 when unknown
 * @profile: numbers of workload power profiles that can be set, ascending
 * @nr_profiles: how many, 0 when unknown
 * @actuator: what can be set
 */
struct accelerator {
	const struct backend *backend;
	void *priv;
	char name[ACCELGOV_PROXY_NAME_LEN];
	char vendor[16];
	char model[96];
	char driver[32];
	char driver_version[48];
	char bus[32];
	char pci[12];
	char uuid[64];
	char parent[ACCELGOV_PROXY_NAME_LEN];
	char devfreq[64];
	bool patient;
	bool asleep;
	uint32_t signals;
	char signal_why[ACCELGOV_SIG_NR][BACKEND_WHY_LEN];
	uint32_t sensors;
	uint32_t period_us;
	struct backend_power_sensor power;
	uint32_t clock_khz[BACKEND_CLOCKS];
	size_t nr_clocks;
	uint32_t mem_khz[BACKEND_MEM_CLOCKS];
	size_t nr_mem_clocks;
	uint8_t profile[BACKEND_PROFILES];
	size_t nr_profiles;
	struct backend_range actuator[BACKEND_ACTUATORS];
};

/**
 * struct accelerators - a list of them
 * @item: each allocated on its own, so that it stays where it is
 * @nr: how many
 */
struct accelerators {
	struct accelerator **item;
	size_t nr;
};

/**
 * struct backend - one vendor's library or one driver's files
 * @name: "nvml", "amdgpu", "xe", "i915", "ivpu", "habanalabs"
 * @title: one line for people
 * @scan: append what is found below the root to the list; a library that is
 *	not installed, or a class of devices that is not there, is success with
 *	nothing appended, and @ret_note, empty at the call, says so. In a recorded tree nothing
 *	outside of it may be looked at: a back end that is a library finds
 *	nothing there.
 * @refresh: renew what can change in &struct accelerator: actuators in force,
 *	signals, @asleep. May be NULL.
 * @read: fill a reading; must not wake a sleeping device. -ENODEV when the
 *	accelerator is gone, -ETIMEDOUT when the vendor's library hangs, or has
 *	hung when the caller is patient.
 * @owners: whose processes hold the accelerator, as the last @read that asked for it
 *	found; not every one does, it is dear. A list whose @taken_ns the caller has
 *	already is not copied again. Calls nothing, may be NULL. -ENODATA
 *	when that is not known, also because there are more than %BACKEND_OWNERS;
 *	-EOPNOTSUPP for a caller that is not patient.
 * @set: set one actuator in the unit of &enum backend_actuator. -EOPNOTSUPP
 *	when there is none, -EPERM without the right, -ERANGE outside of its range
 *	(nothing changed then), -EAGAIN for a sleeping device that it would wake,
 *	-ENODEV, -ETIMEDOUT, -EIO.
 * @save: write what @set would change, as it is now, as one line of
 *	"key=value ..." that @restore understands, for a file that outlives this
 *	process. Called before the first @set. -EAGAIN as for @set, -ENOSPC when
 *	the line does not fit.
 * @restore: set again what a line from @save says, in this or a later process;
 *	also after the driver was reset.
 * @release: free @priv; sets nothing
 *
 * All return 0 or a negative errno. @set, @save and @restore are NULL in a back
 * end that only reads.
 */
struct backend {
	const char *name;
	const char *title;
	int (*scan)(const struct sysfs *sysfs, struct accelerators *list,
		    struct backend_note *ret_note);
	int (*refresh)(const struct sysfs *sysfs, struct accelerator *acc);
	int (*read)(const struct sysfs *sysfs, struct accelerator *acc,
		    struct backend_reading *ret_reading);
	int (*owners)(const struct accelerator *acc,
		      struct backend_owners *ret_owners);
	int (*set)(const struct sysfs *sysfs, struct accelerator *acc,
		   enum backend_actuator actuator, int64_t value);
	int (*save)(const struct sysfs *sysfs, struct accelerator *acc,
		    char *ret_line, size_t size);
	int (*restore)(const struct sysfs *sysfs, struct accelerator *acc,
		       const char *line);
	void (*release)(struct accelerator *acc);
};

/* The back ends, one per file. */
extern const struct backend backend_amdgpu;
extern const struct backend backend_xe;
extern const struct backend backend_i915;
extern const struct backend backend_ivpu;
extern const struct backend backend_habanalabs;
extern const struct backend backend_seen;

/* All back ends, NULL at the end. */
extern const struct backend *const backends[];

/**
 * accelerators_scan() - ask all back ends what is there
 * @sysfs: root
 * @ret_list: filled; to be freed with accelerators_free(), also on failure
 * @note: called once per back end that has something to say about what it did
 *	not find, or has failed; may be NULL
 * @arg: for @note
 *
 * One back end that fails does not keep the others from being asked. No two
 * entries have one name: when two back ends know one bus address, the earlier in
 * backends[] has it.
 *
 * Return: 0, or the first negative errno.
 */
int accelerators_scan(const struct sysfs *sysfs, struct accelerators *ret_list,
		      void (*note)(void *arg, const struct backend *backend,
				   const struct backend_note *note),
		      void *arg);

/**
 * accelerators_add() - append a new, empty accelerator
 * @list: the list
 * @backend: that found it
 *
 * Return: the accelerator, owned by the list; NULL without memory.
 */
struct accelerator *accelerators_add(struct accelerators *list,
				     const struct backend *backend);

/**
 * accelerators_find() - look one up
 * @list: the list
 * @name: of the accelerator
 *
 * Return: the accelerator or NULL.
 */
struct accelerator *accelerators_find(const struct accelerators *list,
				      const char *name);

/**
 * accelerator_free() - release one that is in no list
 * @acc: the accelerator
 */
void accelerator_free(struct accelerator *acc);

/**
 * accelerators_free() - release all and empty the list
 * @list: the list
 */
void accelerators_free(struct accelerators *list);

/**
 * backend_signal_name() - published name of a signal as a rate, with its unit
 * @signal: one of &enum accelgov_signal
 *
 * Return: "busy_permille" and so on.
 */
const char *backend_signal_name(enum accelgov_signal signal);

/**
 * backend_sensor_name() - published name, with its unit
 * @sensor: one of &enum backend_sensor
 *
 * Return: "mem_clock_khz" and so on.
 */
const char *backend_sensor_name(enum backend_sensor sensor);

/**
 * backend_actuator_name() - published name, with its unit
 * @actuator: one of &enum backend_actuator
 *
 * Return: "clock_khz" and so on.
 */
const char *backend_actuator_name(enum backend_actuator actuator);

#endif /* ACCELGOV_BACKENDS_BACKEND_H */
