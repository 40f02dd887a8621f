/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgovd - control socket
 *
 * One JSON object per line in both directions. A request is
 * {"method":"status"}; the answer has "schema" and what was asked for, or
 * {"schema":1,"error":"name","text":"..."}.
 */
#ifndef ACCELGOVD_CONTROL_H
#define ACCELGOVD_CONTROL_H

#include "daemon.h"

/**
 * control_new() - listen
 * @d: the daemon, its event loop exists
 * @path: of the socket
 * @ret_control: set on success
 *
 * Return: 0; -EADDRINUSE when another daemon answers there; another negative
 * errno.
 */
int control_new(struct daemon *d, const char *path,
		struct control **ret_control);

/**
 * control_free() - hang up on everybody and remove the socket
 * @control: may be NULL
 *
 * Return: NULL.
 */
struct control *control_free(struct control *control);

#endif /* ACCELGOVD_CONTROL_H */
