/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgovd - what the host keeps those waiting for who own an accelerator
 */
#ifndef ACCELGOVD_WAITWATCH_H
#define ACCELGOVD_WAITWATCH_H

#include <jansson.h>
#include <stdint.h>

#include "../../bpf/waits.h"

struct waits_bpf;
struct waitwatch;

/**
 * waitwatch_new() - prepare, without touching the kernel yet
 * @drm_map: map of struct drmc_device, stays the caller's; negative for none
 *
 * Return: NULL without memory.
 */
struct waitwatch *waitwatch_new(int drm_map);

/**
 * waitwatch_free() - detach and free
 * @w: may be NULL
 *
 * Return: NULL.
 */
struct waitwatch *waitwatch_free(struct waitwatch *w);

/**
 * waitwatch_follow() - count waits of a process and of its children
 * @w: the watch
 * @tgid: the process
 *
 * The programs are attached with the first process. That may take a while.
 *
 * Return: 0; a negative errno when the kernel takes no such programs, or they are too
 * many.
 */
int waitwatch_follow(struct waitwatch *w, uint32_t tgid);

/**
 * waitwatch_assign() - its waits are those of a device
 * @w: the watch
 * @tgid: a process that is followed
 * @device: index in the map of devices plus 1, 0 for none
 *
 * Waits that have begun go on counting as they did.
 */
void waitwatch_assign(struct waitwatch *w, uint32_t tgid, uint32_t device);

/**
 * waitwatch_forget() - a process has ended
 * @w: the watch
 * @tgid: the process
 */
void waitwatch_forget(struct waitwatch *w, uint32_t tgid);

/**
 * waitwatch_retire() - take the programs out of use when no process is left
 * @w: the watch
 *
 * Return: the programs, for waitwatch_dispose(), which takes its time; NULL while they
 * are needed.
 */
struct waits_bpf *waitwatch_retire(struct waitwatch *w);

/**
 * waitwatch_dispose() - detach programs
 * @bpf: from waitwatch_retire(), may be NULL
 */
void waitwatch_dispose(struct waits_bpf *bpf);

/**
 * waitwatch_read() - what a process waited for
 * @w: the watch
 * @tgid: the process
 * @ret_use: filled on success
 *
 * Return: 0, or a negative errno when it is not followed.
 */
int waitwatch_read(const struct waitwatch *w, uint32_t tgid,
		   struct waitc_use *ret_use);

#endif /* ACCELGOVD_WAITWATCH_H */
