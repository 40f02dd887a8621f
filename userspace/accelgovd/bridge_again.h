/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgovd - accelerators that are known already, looked at again
 */
#ifndef ACCELGOVD_BRIDGE_AGAIN_H
#define ACCELGOVD_BRIDGE_AGAIN_H

#include "bridge_list.h"

/**
 * bridge_watch() - take note of what is needed to judge a later look
 * @one: the accelerator, @view is new
 * @now_ns: CLOCK_MONOTONIC
 */
void bridge_watch(struct bridge *one, uint64_t now_ns);

/**
 * bridge_asks_for_scan() - its thread has seen more than it began with
 * @one: the accelerator
 * @now_ns: CLOCK_MONOTONIC
 *
 * Return: true when it is time to look for accelerators because of that; each time
 * is later than the one before.
 */
bool bridge_asks_for_scan(struct bridge *one, uint64_t now_ns);

/**
 * bridge_compare() - is what was found now better than what its thread works on
 * @one: the accelerator
 * @acc: the same one, as it was found now; the caller's
 * @began_ns: when it was begun to look for it
 * @now_ns: CLOCK_MONOTONIC
 *
 * Return: what is better, for people; NULL for nothing, or when it is too early to
 * change again.
 */
const char *bridge_compare(struct bridge *one, const struct accelerator *acc,
			   uint64_t began_ns, uint64_t now_ns);

/**
 * bridge_remember() - a thread begins to work on what was found
 * @one: the accelerator, @acc is set
 */
void bridge_remember(struct bridge *one);

/**
 * bridge_is_superseded() - has it no place in the list any more
 * @one: the accelerator
 * @list: what was found now
 *
 * One that nothing could read is told under another name by the back end that can; one
 * whose driver has registered a devfreq device needs nobody between it and the kernel.
 *
 * Return: true then.
 */
bool bridge_is_superseded(const struct bridge *one, const struct accelerators *list);

#endif /* ACCELGOVD_BRIDGE_AGAIN_H */
