/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - what the collector of host waits and the daemon share
 *
 * Included from BPF (types from vmlinux.h) and from userspace.
 */
#ifndef ACCELGOV_BPF_WAITS_H
#define ACCELGOV_BPF_WAITS_H

#include "drm.h"

/* Processes that own an accelerator. */
#define WAITC_PROCESSES		1024
/* Threads of theirs and of their children that wait. */
#define WAITC_THREADS		8192

/**
 * enum waitc_kind - what a thread waits for
 * @WAITC_ANSWER: data on a connection that it seems to have opened
 * @WAITC_REQUEST: data on any other socket
 * @WAITC_POLL: any of several files, in poll, select or epoll
 * @WAITC_READ: block I/O that is no writing
 * @WAITC_WRITE: that what it wrote is on disk, or that there is room to write more
 * @WAITC_KINDS: number of kinds
 */
enum waitc_kind {
	WAITC_ANSWER,
	WAITC_REQUEST,
	WAITC_POLL,
	WAITC_READ,
	WAITC_WRITE,
	WAITC_KINDS,
};

/**
 * struct waitc_use - what threads of a process and of its children waited for
 * @waiting: integrals of how many waited, as &struct drmc_device has them
 */
struct waitc_use {
	__u64 waiting[WAITC_KINDS];
};

/**
 * struct waitc_thread - a thread that waits
 * @owner: process that it counts for
 * @device: index of that one's device plus 1, 0 for none
 * @kind: &enum waitc_kind
 * @depth: how often it is in a function of that kind
 */
struct waitc_thread {
	__u32 owner;
	__u32 device;
	__u32 kind;
	__u32 depth;
};

/**
 * enum waitc_order - what the daemon has done in the kernel, where it is one step
 * @WAITC_ASSIGN: a process works on a device
 * @WAITC_DROP: a wait whose end will not be seen, or is nobody's: it ends now
 */
enum waitc_order {
	WAITC_ASSIGN,
	WAITC_DROP,
};

/**
 * struct waitc_request - one of these
 * @order: &enum waitc_order
 * @tgid: process
 * @device: index plus 1, 0 for none
 * @pad: 0
 * @id: thread, as key of the map of threads
 */
struct waitc_request {
	__u32 order;
	__u32 tgid;
	__u32 device;
	__u32 pad;
	__u64 id;
};

#endif /* ACCELGOV_BPF_WAITS_H */
