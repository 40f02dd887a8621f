/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgovd - what the daemon tells about itself
 */
#ifndef ACCELGOVD_STATUS_H
#define ACCELGOVD_STATUS_H

#include <jansson.h>

#include "daemon.h"

/**
 * status_daemon() - the daemon, its configuration and its devices
 * @d: the daemon
 *
 * Return: a new reference, NULL when memory ran out.
 */
json_t *status_daemon(const struct daemon *d);

/**
 * status_devices() - the devices alone
 * @d: the daemon
 *
 * Return: a new reference, NULL when memory ran out.
 */
json_t *status_devices(const struct daemon *d);

#endif /* ACCELGOVD_STATUS_H */
