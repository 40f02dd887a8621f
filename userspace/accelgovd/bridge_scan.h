/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgovd - looking for accelerators, on a thread of its own
 */
#ifndef ACCELGOVD_BRIDGE_SCAN_H
#define ACCELGOVD_BRIDGE_SCAN_H

#include <jansson.h>

#include "backends/backend.h"

struct bridge_scan;

/**
 * bridge_scan_start() - scan now, some more times, and when asked
 * @sysfs: root
 * @notify_fd: eventfd that is written after each scan
 * @ret_scan: set on success
 *
 * Return: 0 or a negative errno.
 */
int bridge_scan_start(const struct sysfs *sysfs, int notify_fd,
		      struct bridge_scan **ret_scan);

/**
 * bridge_scan_soon() - scan again, a moment from now
 * @s: the scanner
 *
 * And some more times, ever later: a driver that is announced is not ready yet.
 */
void bridge_scan_soon(struct bridge_scan *s);

/**
 * bridge_scan_missing() - is there something to be found
 * @s: the scanner
 * @missing: yes: the scans that bridge_scan_soon() began do not end before it is
 *	found
 */
void bridge_scan_missing(struct bridge_scan *s, bool missing);

/**
 * bridge_scan_take() - fetch what was found
 * @s: the scanner
 * @ret_list: the caller's from now on
 * @ret_began_ns: when it was begun to look for them, CLOCK_MONOTONIC
 * @ret_notes: an array of what back ends said, a new reference
 *
 * Return: false when nothing new was found since the last call.
 */
bool bridge_scan_take(struct bridge_scan *s, struct accelerators *ret_list,
		      uint64_t *ret_began_ns, json_t **ret_notes);

/**
 * bridge_scan_stop() - end
 * @s: the scanner, may be NULL
 * @deadline_ns: CLOCK_MONOTONIC
 *
 * Return: false when it hangs, and then it has to be left alone for good.
 */
bool bridge_scan_stop(struct bridge_scan *s, uint64_t deadline_ns);

#endif /* ACCELGOVD_BRIDGE_SCAN_H */
