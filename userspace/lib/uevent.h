/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - the kernel's device events
 */
#ifndef ACCELGOV_LIB_UEVENT_H
#define ACCELGOV_LIB_UEVENT_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct uevent - the parts of one event that matter here
 * @action: "add", "remove", "change"...
 * @subsystem: such as "devfreq"
 * @name: last component of the device's path
 * @accelgov_event: value of ACCELGOV_EVENT, NULL when not there
 *
 * All point into the message.
 */
struct uevent {
	const char *action;
	const char *subsystem;
	const char *name;
	const char *accelgov_event;
};

/**
 * uevent_open() - listen to the kernel, without udev between
 *
 * Return: a non-blocking socket or a negative errno.
 */
int uevent_open(void);

/**
 * uevent_read() - take one event off the socket
 * @fd: from uevent_open()
 * @buf: holds the message
 * @size: of @buf, 8192 is what the kernel sends at most
 * @ret_event: filled on success
 *
 * Return: 0; -EAGAIN when there is none; -ENOBUFS when events were lost;
 * -EBADMSG for a message that is no event of the kernel; another negative
 * errno.
 */
int uevent_read(int fd, char *buf, size_t size, struct uevent *ret_event);

/**
 * uevent_parse() - pick an event apart
 * @buf: "ACTION@PATH", then KEY=VALUE, each ended by NUL
 * @len: of @buf
 * @ret_event: filled on success
 *
 * Return: 0 or -EBADMSG.
 */
int uevent_parse(const char *buf, size_t len, struct uevent *ret_event);

#endif /* ACCELGOV_LIB_UEVENT_H */
