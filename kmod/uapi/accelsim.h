/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * accelsim - submission interface of the simulated accelerators
 *
 * /dev/accelsim<N>, one per device. Each open file is one context: while it is
 * open, model state counts as resident in device memory (loaded idle).
 *
 * write()  one or more struct accelsim_item: queued in order, executed one
 *          after the other. Partial writes happen only on item boundaries;
 *          -EAGAIN (O_NONBLOCK) or sleep while the queue is full or while this
 *          file has %ACCELSIM_FILE_ITEMS outstanding, unread ones included;
 *          -EINVAL for a size that is no multiple of the item or for an
 *          impossible item: empty, or longer than 1000 s at the lowest clock.
 * read()   one or more struct accelsim_done, oldest first, of items that this
 *          file submitted; -EAGAIN or sleep while there is none.
 * poll()   POLLIN: completions wait, POLLOUT: the queue takes an item,
 *          POLLHUP: the device is gone (read and write give -ENODEV).
 * close()  drops what this file still has in the queue, the running item too.
 *
 * Times are CLOCK_MONOTONIC nanoseconds.
 */
#ifndef _UAPI_ACCELSIM_H
#define _UAPI_ACCELSIM_H

#include <linux/types.h>

/* Items one device queues before write() blocks. */
#define ACCELSIM_QUEUE_LEN	64

/* Items of one file that are queued, run, or are done and not read. */
#define ACCELSIM_FILE_ITEMS	256

/**
 * struct accelsim_item - one piece of work, described by its physics alone
 * @cookie: returned in the completion, not interpreted
 * @ops: arithmetic operations (FLOP for GPUs, OP for integer NPUs)
 * @bytes: device-memory traffic in bytes
 * @link_ns: exposed time on the accelerator interconnect, in nanoseconds;
 *	the engines spin, so this time is busy but free of compute
 * @host_ns: time spent waiting for the host, in nanoseconds; not busy
 * @io_bytes: bytes over the host link (PCIe) during the item; its transfer time
 *	and @host_ns overlap, the longer counts
 * @label: true phase, kept for scoring and visible to no counter
 * @flags: must be 0
 *
 * The parts are interleaved evenly over the item: at a constant clock every
 * counter rises linearly from the item's start to its end.
 */
struct accelsim_item {
	__u64 cookie;
	__u64 ops;
	__u64 bytes;
	__u64 link_ns;
	__u64 host_ns;
	__u64 io_bytes;
	__u32 label;
	__u32 flags;
};

/**
 * struct accelsim_done - completion of one item
 * @cookie: of the item
 * @submit_ns: when write() queued it
 * @start_ns: when the device began it, wake-up from an idle state excluded
 * @end_ns: when it was done
 * @ref_ns: how long the same item takes at the highest OPP under the board's
 *	default power limit, no wake-up: what nobody slowed down
 * @energy_uj: device energy between @start_ns and @end_ns, in microjoules
 * @wake_ns: wake-up latency that this item had to wait for before @start_ns
 * @label: of the item
 * @flags: 0
 */
struct accelsim_done {
	__u64 cookie;
	__u64 submit_ns;
	__u64 start_ns;
	__u64 end_ns;
	__u64 ref_ns;
	__u64 energy_uj;
	__u64 wake_ns;
	__u32 label;
	__u32 flags;
};

#endif /* _UAPI_ACCELSIM_H */
