/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgovd - the daemon's state and its parts
 */
#ifndef ACCELGOVD_DAEMON_H
#define ACCELGOVD_DAEMON_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "collector.h"
#include "config.h"
#include "device.h"
#include "state.h"
#include "sysfs.h"

#define SOCKET_PATH	"/run/accelgov/control.sock"

struct bridges;
struct callwatch;
struct control;
struct daemon;
struct drmwatch;

/**
 * struct managed - a devfreq device as the daemon knows it
 * @changes: what was changed on it, also its name
 * @present: seen in the scan that is going on
 * @governed: accelgov is in charge and policy was applied
 * @incomplete: not all of it, some files were not there yet
 * @governor_tried: the configured governor was set, or could not be; whoever
 *	changes it from now on is right
 * @token: push_token of the governor's instance that policy was applied to
 * @inode: of the device's folder; another one is another device by the same name
 * @slot: collector's, negative for none
 * @drm: index of the DRM device that it was attached with, negative for none
 * @watch: tells when somebody writes the sample period, NULL for none
 * @daemon: that it belongs to
 * @policy_problem: what could not be set, "" when all is well
 * @collector_problem: why nothing is collected, "" when all is well
 */
struct managed {
	struct state_device changes;
	bool present;
	bool governed;
	bool incomplete;
	bool governor_tried;
	uint32_t token;
	uint64_t inode;
	int slot;
	int drm;
	sd_event_source *watch;
	struct daemon *daemon;
	char policy_problem[256];
	char collector_problem[256];
};

/**
 * struct daemon - all there is
 * @sysfs: root
 * @config: in force
 * @config_dir: where it came from
 * @config_problem: first problem of the last reload, "" when that was good
 * @state_path: file that records changes
 * @owns_state: no other daemon wrote that file
 * @record_problem: why that file can't be written, "" when it can
 * @event: event loop
 * @tick: timer that refreshes leases, off while nothing is governed
 * @scan: deferred rescan, off while nothing happened
 * @retry: timer for another scan, off unless a device was not complete
 * @incomplete: a device had no governor in the last scan, or not all of its files
 * @retries: how often that was armed since the last event
 * @unprivileged: not root: nothing is set, only observed
 * @collector: BPF collectors, NULL in a recorded tree and without rights
 * @drm: what GPU schedulers do, NULL likewise
 * @calls: probes on vendors' libraries, NULL likewise or when they are not wanted
 * @bridges: accelerators that back ends found
 * @control: control socket
 * @device: devices
 * @nr_devices: how many
 * @start_us: when the daemon started, CLOCK_MONOTONIC
 * @reloads: configurations loaded since the first
 */
struct daemon {
	struct sysfs sysfs;
	struct config *config;
	const char *config_dir;
	char config_problem[640];
	const char *state_path;
	bool owns_state;
	char record_problem[640];
	sd_event *event;
	sd_event_source *tick;
	sd_event_source *scan;
	sd_event_source *retry;
	bool incomplete;
	unsigned int retries;
	bool unprivileged;
	struct collector *collector;
	struct drmwatch *drm;
	struct callwatch *calls;
	struct bridges *bridges;
	struct control *control;
	struct managed **device;
	size_t nr_devices;
	uint64_t start_us;
	unsigned int reloads;
};

/**
 * daemon_rescan() - follow what devices and governors there are now
 * @d: the daemon
 */
void daemon_rescan(struct daemon *d);

/**
 * daemon_rescan_soon() - do so once, after the events at hand
 * @d: the daemon
 */
void daemon_rescan_soon(struct daemon *d);

/**
 * daemon_tick() - refresh leases and look after collectors
 * @d: the daemon
 */
void daemon_tick(struct daemon *d);

/**
 * daemon_reload() - load the configuration and apply it
 * @d: the daemon
 *
 * Return: 0; -EINVAL when it was bad and the old one stays.
 */
int daemon_reload(struct daemon *d);

/**
 * daemon_probe() - probe vendors' libraries, or not, as configured
 * @d: the daemon
 */
void daemon_probe(struct daemon *d);

/**
 * daemon_lease_lost() - a device's lease ran out: its values have to be set
 *	again
 * @d: the daemon
 * @name: of the device
 */
void daemon_lease_lost(struct daemon *d, const char *name);

/**
 * daemon_retry_governors() - try again to set governors, one may have appeared
 * @d: the daemon
 */
void daemon_retry_governors(struct daemon *d);

/**
 * daemon_restore() - undo everything and forget all devices
 * @d: the daemon
 *
 * What could not be put back stays on record, for accelgov restore.
 */
void daemon_restore(struct daemon *d);

/**
 * daemon_governed() - how many devices are governed
 * @d: the daemon
 *
 * Return: the number.
 */
size_t daemon_governed(const struct daemon *d);

/**
 * log_config_problem() - config_problem_fn that logs, and remembers the first
 * @arg: the daemon, may be NULL
 * @file: path of the file
 * @line: in the file, 0 for all of it
 * @text: what is wrong
 */
void log_config_problem(void *arg, const char *file, unsigned int line,
			const char *text);

#endif /* ACCELGOVD_DAEMON_H */
