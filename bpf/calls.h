/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - what the probes on vendors' libraries and the daemon share
 *
 * Included from BPF (types from vmlinux.h) and from userspace.
 */
#ifndef ACCELGOV_BPF_CALLS_H
#define ACCELGOV_BPF_CALLS_H

#include "drm.h"

/* Library files that are probed at a time. */
#define CALLC_LIBS		16
/* Processes that have one of them mapped. */
#define CALLC_PROCESSES		1024
/* Threads that are in a call which is followed to its end. */
#define CALLC_THREADS		4096
/* Streams and events that have a collective on them. */
#define CALLC_ORDERS		16384
/* Communicators. */
#define CALLC_COMMS		2048

/**
 * enum callc_op - what a function does, as far as it matters here
 * @CALLC_LAUNCH: hands work to the accelerator
 * @CALLC_COPY: copies memory
 * @CALLC_COLLECTIVE: puts a collective on a stream
 * @CALLC_RECORD: puts an event on a stream
 * @CALLC_FOLLOW: makes a stream wait for an event
 * @CALLC_SYNC_STREAM: returns when all on a stream is done
 * @CALLC_SYNC_EVENT: returns when an event has happened
 * @CALLC_SYNC_ALL: returns when all is done
 * @CALLC_COMM_INIT: makes a communicator
 */
enum callc_op {
	CALLC_LAUNCH,
	CALLC_COPY,
	CALLC_COLLECTIVE,
	CALLC_RECORD,
	CALLC_FOLLOW,
	CALLC_SYNC_STREAM,
	CALLC_SYNC_EVENT,
	CALLC_SYNC_ALL,
	CALLC_COMM_INIT,
};

/**
 * enum callc_group - functions that are probed, and left alone, together
 * @CALLC_GROUP_LAUNCH: the frequent ones
 * @CALLC_GROUP_COPY: copies
 * @CALLC_GROUP_ORDER: what tells who waits for which collective
 * @CALLC_GROUPS: number of groups
 */
enum callc_group {
	CALLC_GROUP_LAUNCH,
	CALLC_GROUP_COPY,
	CALLC_GROUP_ORDER,
	CALLC_GROUPS,
};

/**
 * enum callc_copy - which way memory goes
 * @CALLC_COPY_ANY: not known
 * @CALLC_COPY_TO_DEVICE: from the host
 * @CALLC_COPY_FROM_DEVICE: to the host
 * @CALLC_COPY_ON_DEVICE: neither
 * @CALLC_COPIES: number of ways
 */
enum callc_copy {
	CALLC_COPY_ANY,
	CALLC_COPY_TO_DEVICE,
	CALLC_COPY_FROM_DEVICE,
	CALLC_COPY_ON_DEVICE,
	CALLC_COPIES,
};

/**
 * enum callc_what - a collective, or a part of one
 * @CALLC_NONE: none
 * @CALLC_ALL_REDUCE: ncclAllReduce
 * @CALLC_REDUCE: ncclReduce
 * @CALLC_BROADCAST: ncclBroadcast, ncclBcast
 * @CALLC_ALL_GATHER: ncclAllGather
 * @CALLC_REDUCE_SCATTER: ncclReduceScatter
 * @CALLC_ALL_TO_ALL: ncclAllToAll, ncclAlltoAll
 * @CALLC_SEND: ncclSend
 * @CALLC_RECEIVE: ncclRecv
 * @CALLC_WHATS: number of them
 */
enum callc_what {
	CALLC_NONE,
	CALLC_ALL_REDUCE,
	CALLC_REDUCE,
	CALLC_BROADCAST,
	CALLC_ALL_GATHER,
	CALLC_REDUCE_SCATTER,
	CALLC_ALL_TO_ALL,
	CALLC_SEND,
	CALLC_RECEIVE,
	CALLC_WHATS,
};

/*
 * What a probe knows of its function, in the cookie: the operation, which one of its
 * kind (enum callc_what or callc_copy), the numbers of two arguments, from 1, 0 for
 * none, and the meter that counts its hits.
 *
 *	COPY		bytes, and with HIP the direction
 *	COLLECTIVE	communicator, stream
 *	RECORD		event, stream
 *	FOLLOW		stream, event
 *	SYNC_*		stream or event
 *	COMM_INIT	where the communicator is put, how many ranks there are
 */
#define CALLC_COOKIE(op, kind, a, b)	\
	((__u64)(op) | (__u64)(kind) << 8 | (__u64)(a) << 16 | (__u64)(b) << 24)
#define CALLC_COOKIE_METER(meter)	((__u64)(meter) << 32)
#define CALLC_OP(cookie)		((cookie) & 0xff)
#define CALLC_KIND(cookie)		((cookie) >> 8 & 0xff)
#define CALLC_A(cookie)			((cookie) >> 16 & 0xff)
#define CALLC_B(cookie)			((cookie) >> 24 & 0xff)
#define CALLC_LIB(cookie)		(CALLC_METER(cookie) / CALLC_GROUPS)
#define CALLC_METER(cookie)		((__u32)((cookie) >> 32))

#define CALLC_METER_OF(lib, group)	((lib) * CALLC_GROUPS + (group))
/* The last one is for finding out what a hit costs. */
#define CALLC_METERS			(CALLC_LIBS * CALLC_GROUPS + 1)

/**
 * struct callc_meter - hits of the probes of one group of one library
 * @hits: so far, only grows
 * @limit: with this hit the daemon is told that the group has cost enough
 * @told: it was told; the daemon sets it to 0
 */
struct callc_meter {
	__u64 hits;
	__u64 limit;
	__u64 told;
};

/**
 * struct callc_collective - one collective of one communicator
 * @comm: the process' pointer to the communicator
 * @number: counts those of the communicator, from 1
 * @what: &enum callc_what
 * @pad: 0
 */
struct callc_collective {
	__u64 comm;
	__u64 number;
	__u32 what;
	__u32 pad;
};

/**
 * struct callc_use - what one process called
 * @launches: calls that hand over work
 * @copies: calls that copy
 * @bytes: of these, by &enum callc_copy
 * @collectives: calls that begin one
 * @syncs: calls that wait
 * @waiting: integral of threads that wait in those, as &struct drmc_device has them
 * @collective: the same, of those that wait behind a collective
 * @last: newest collective that was begun
 * @behind: newest collective that somebody waited behind
 * @since_ns: when that wait began, CLOCK_MONOTONIC
 * @libs: bit per library of the daemon's that the process has mapped, 0 when not
 *	known: two names of one file have probes that both hit
 * @device: index of the device that it works on plus 1, 0 when not known
 * @comm: name of the process
 */
struct callc_use {
	__u64 launches;
	__u64 copies;
	__u64 bytes[CALLC_COPIES];
	__u64 collectives;
	__u64 syncs;
	__u64 waiting;
	__u64 collective;
	struct callc_collective last;
	struct callc_collective behind;
	__u64 since_ns;
	__u32 libs;
	__u32 device;
	char comm[16];
};

/**
 * struct callc_key - something of a process, by the process' pointer to it
 * @tgid: the process
 * @kind: &enum callc_op that made this of it: %CALLC_RECORD for events,
 *	%CALLC_LAUNCH for streams, %CALLC_COMM_INIT for communicators
 * @pointer: whatever the library calls it
 */
struct callc_key {
	__u32 tgid;
	__u32 kind;
	__u64 pointer;
};

/**
 * struct callc_comm - a communicator as one process has it
 * @id: part of the unique identity that all its ranks share, 0 when it was not
 *	seen being made
 * @number: collectives begun on it
 * @done: number of the newest that somebody has waited for
 * @rank: of this process
 * @ranks: how many there are, 0 when not known
 */
struct callc_comm {
	__u64 id;
	__u64 number;
	__u64 done;
	__u32 rank;
	__u32 ranks;
};

/**
 * struct callc_thread - a thread in a call that is followed to its end
 * @cookie: of the function
 * @handle: stream or event, or where the communicator is put
 * @behind: what it waits behind, @behind.what is %CALLC_NONE for nothing
 * @made: what is known of the communicator that is being made
 * @device: index of the device that pays for the wait plus 1, 0 for none
 * @pad: 0
 */
struct callc_thread {
	__u64 cookie;
	__u64 handle;
	struct callc_collective behind;
	struct callc_comm made;
	__u32 device;
	__u32 pad;
};

/**
 * enum callc_order - what the daemon has done in the kernel, where it is one step
 * @CALLC_ADMIT: a process has mapped libraries
 * @CALLC_ASSIGN: a process works on a device
 * @CALLC_DROP: the end of a call will not be seen: it is now
 */
enum callc_order {
	CALLC_ADMIT,
	CALLC_ASSIGN,
	CALLC_DROP,
};

/**
 * struct callc_request - one of these
 * @order: &enum callc_order
 * @tgid: process
 * @id: thread, as key of the map of threads
 * @libs: as in &struct callc_use, added to what is there
 * @device: as in &struct callc_use
 * @comm: name of the process
 */
struct callc_request {
	__u32 order;
	__u32 tgid;
	__u64 id;
	__u32 libs;
	__u32 device;
	char comm[16];
};

/**
 * enum callc_news - what the daemon is told
 * @CALLC_NEWS_MAPPED: a process has mapped a library
 * @CALLC_NEWS_SPENT: a group has cost enough
 */
enum callc_news {
	CALLC_NEWS_MAPPED,
	CALLC_NEWS_SPENT,
};

/**
 * struct callc_event - one of these
 * @news: &enum callc_news
 * @tgid: process, or the meter's number
 * @start: first address of the mapping
 * @end: address behind it
 */
struct callc_event {
	__u32 news;
	__u32 tgid;
	__u64 start;
	__u64 end;
};

#endif /* ACCELGOV_BPF_CALLS_H */
