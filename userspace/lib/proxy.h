/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - a devfreq device for an accelerator that this program actuates
 *
 * Thin wrappers around /dev/accelgov; the protocol and every field are described
 * in kmod/uapi/accelgov_proxy.h. All calls return a negative errno on failure,
 * and what they were to fill in is then untouched.
 */
#ifndef ACCELGOV_LIB_PROXY_H
#define ACCELGOV_LIB_PROXY_H

#include "../../kmod/uapi/accelgov_proxy.h"

#define PROXY_NODE "/dev/accelgov"

/**
 * proxy_create() - make a device
 * @create: description; @create->size is filled in
 * @ret_fd: to poll for targets; closing it removes the device
 *
 * Return: 0; -ENOENT without the module, -EACCES without the right to use it,
 * -EEXIST for a name that is taken, -ENODEV for an unknown governor, -EINVAL.
 */
int proxy_create(struct accelgov_proxy_create *create, int *ret_fd);

/**
 * proxy_read() - fetch the newest target that was not read yet
 * @fd: from proxy_create(); it does not block
 * @ret: the target
 *
 * Return: 0; -EAGAIN when there is none; -ENODEV when the device is gone.
 */
int proxy_read(int fd, struct accelgov_proxy_target *ret);

/**
 * proxy_report() - tell what was done and seen, and renew the lease
 * @fd: from proxy_create()
 * @report: @report->size is filled in
 *
 * Return: 0; -ENODEV when the device is gone; -EINVAL for a number that was not
 * read or an impossible sample.
 */
int proxy_report(int fd, struct accelgov_proxy_report *report);

#endif /* ACCELGOV_LIB_PROXY_H */
