/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * accelgov - proxy devices: accelerators that userspace actuates
 *
 * Where firmware owns the clock, the kernel has no driver to ask for one: a
 * vendor's library or file is the only handle, and a program holds it. Through
 * /dev/accelgov that program gives the kernel a devfreq device for it.
 *
 *	fd = open("/dev/accelgov", O_RDWR | O_CLOEXEC);
 *	ioctl(fd, ACCELGOV_PROXY_CREATE, &create);
 *	poll(fd, POLLIN)	a target is wanted that was not read yet
 *	read(fd, &target)	the newest one; older ones are never seen
 *	write(fd, &report)	what was done of it, and what was measured
 *	close(fd)		the device is gone; so it is when the program dies
 *
 * A device whose lease ran out is gone as well: poll says %POLLHUP, read and write
 * %ENODEV, and another one takes another open().
 *
 * Every struct begins with its size, which the caller sets to what it was
 * compiled with. Later versions grow at the end; what a shorter struct lacks is
 * zero, and a longer one is taken when all that the kernel does not know is zero
 * (-E2BIG otherwise), as with clone3(2) and openat2(2).
 */
#ifndef _UAPI_ACCELGOV_PROXY_H
#define _UAPI_ACCELGOV_PROXY_H

#include <linux/ioctl.h>
#include "accelgov.h"

#define ACCELGOV_PROXY_NAME_LEN		32
#define ACCELGOV_PROXY_GOVERNOR_LEN	16
#define ACCELGOV_PROXY_OPPS_MAX		128
#define ACCELGOV_PROXY_IDLE_MAX		4
/* The governor waits no longer for a clock to follow. */
#define ACCELGOV_PROXY_SWITCH_MAX_US	1000000

/**
 * struct accelgov_proxy_opp - a clock that can be asked for
 * @khz: core clock
 * @mv: voltage, 0 when not known
 * @power_mw: power of a busy device, 0 when not known
 * @pad: must be 0
 */
struct accelgov_proxy_opp {
	__u32 khz;
	__u32 mv;
	__u32 power_mw;
	__u32 pad;
};

/**
 * struct accelgov_proxy_idle - an idle state that can be asked for
 * @entry_us: how long the device has been suspended when this one is asked
 *	for; 0 for the first, then ascending
 * @wake_us: from the request to leave it to a device that works; 0 when not
 *	known
 */
struct accelgov_proxy_idle {
	__u32 entry_us;
	__u32 wake_us;
};

/**
 * struct accelgov_proxy_idle_cost - what an idle state saves, and what it costs
 * @power_mw: power of the device in it
 * @switch_uj: energy that entering and leaving it costs; 0 for what the device draws
 *	awake during its wake_us
 */
struct accelgov_proxy_idle_cost {
	__u32 power_mw;
	__u32 switch_uj;
};

/**
 * struct accelgov_proxy_create - a device to be made
 * @size: of this struct
 * @flags: must be 0
 * @name: of the device below /sys/class/devfreq and /sys/class/accelgov: 1 to
 *	31 of letters, digits and ``._:-``, not beginning with a dot; ends with NUL
 * @governor: it begins with; empty for ``accelgov``
 * @opps: address of &struct accelgov_proxy_opp, ascending
 * @idle: address of &struct accelgov_proxy_idle, lightest first
 * @nr_opps: 1 to %ACCELGOV_PROXY_OPPS_MAX
 * @nr_idle: 0 to %ACCELGOV_PROXY_IDLE_MAX; with 0 the device is never suspended
 * @cap_min_mw: lowest power limit that can be asked for, 0 without one
 * @cap_max_mw: highest
 * @cap_mw: in force now
 * @lease_ms: the device is removed when no report came for so long, 100 to
 *	3600000; 0 for as long as the file is open
 * @idle_cost: address of @nr_idle &struct accelgov_proxy_idle_cost, power descending
 *	from below @awake_mw; 0 when not known. With it accelgov chooses which states
 *	are asked for and when, and their entry_us count under other governors only
 * @awake_mw: power without work at the lowest clock, 1 to 1000000 with @idle_cost,
 *	else 0
 * @pad: must be 0
 * @switch_us: from a target to the clock that holds, in the mean of changes that
 *	were measured: at most %ACCELGOV_PROXY_SWITCH_MAX_US; 0 when not known. The
 *	governor counts on it until it has measured this device by itself
 * @halt_us: how long of a change the device does no work, wherever in it or after it
 *	that is: likewise. The governor books it as lost time; nothing measures it
 */
struct accelgov_proxy_create {
	__u32 size;
	__u32 flags;
	char name[ACCELGOV_PROXY_NAME_LEN];
	char governor[ACCELGOV_PROXY_GOVERNOR_LEN];
	__u64 opps;
	__u64 idle;
	__u32 nr_opps;
	__u32 nr_idle;
	__u32 cap_min_mw;
	__u32 cap_max_mw;
	__u32 cap_mw;
	__u32 lease_ms;
	__u64 idle_cost;
	__u32 awake_mw;
	__u32 pad;
	__u32 switch_us;
	__u32 halt_us;
};

#define ACCELGOV_PROXY_CREATE_SIZE_V0	96
#define ACCELGOV_PROXY_CREATE_SIZE_V1	112
#define ACCELGOV_PROXY_CREATE_SIZE_V2	120

/*
 * The size of the struct is in the struct, not in the number, so that the number
 * stays when the struct grows. Errors: %EBADF for a file not open for both,
 * %EBUSY when the file has a device, %EEXIST for a name that is taken, %EINVAL,
 * %E2BIG, %EFAULT, %ENODEV when there is no such governor, %ENOMEM.
 */
#define ACCELGOV_PROXY_CREATE		_IO(0xBD, 0x00)

/**
 * struct accelgov_proxy_target - what the device should do
 * @size: of this struct as the kernel knows it; what was read may be shorter
 * @idle_state: 0 for awake, else number of an idle state, from 1
 * @seq: counts targets, from 1
 * @time_ns: when it was decided, CLOCK_MONOTONIC
 * @clock_khz: core clock, one of the table; while in an idle state, the one
 *	to come back to
 * @cap_mw: power limit; 0 where the device has none
 */
struct accelgov_proxy_target {
	__u32 size;
	__u32 idle_state;
	__u64 seq;
	__u64 time_ns;
	__u32 clock_khz;
	__u32 cap_mw;
};

#define ACCELGOV_PROXY_TARGET_SIZE_V0	32

/**
 * struct accelgov_proxy_report - what was done and what was seen
 * @size: of this struct
 * @error: errno when target @seq could not be set, 0 when it was
 * @seq: newest target that was dealt with, 0 for none
 * @sample: what was measured since the last report; @sample.window_ns 0 for
 *	nothing, then the rest of it is ignored
 *
 * Each report renews the lease.
 */
struct accelgov_proxy_report {
	__u32 size;
	__s32 error;
	__u64 seq;
	struct accelgov_sample sample;
};

#define ACCELGOV_PROXY_REPORT_SIZE_V0	(16 + 112)

#endif /* _UAPI_ACCELGOV_PROXY_H */
