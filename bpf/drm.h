/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - what the DRM collector and the daemon share
 *
 * Included from BPF (types from vmlinux.h) and from userspace.
 */
#ifndef ACCELGOV_BPF_DRM_H
#define ACCELGOV_BPF_DRM_H

#ifndef __bpf__
#include <linux/types.h>
#endif

/* DRM devices that are followed at a time. */
#define DRMC_DEVICES		64
/* Jobs that are queued or run at a time, of all devices. */
#define DRMC_JOBS		4096
/* Clients: a process, in a cgroup, with a DRM file. */
#define DRMC_CLIENTS		4096
/* Rings whose last end is remembered. */
#define DRMC_RINGS		1024
/* A device's name with its NUL, as dev_name() has it. */
#define DRMC_NAME_LEN		48

/*
 * The integral of a count over time, in one word that one atomic instruction changes
 * and one load reads: the count n in the low bits, and above it a sum S of times in
 * microseconds. Whatever enters at time t adds 1 to n and takes t from S, whatever
 * leaves takes 1 from n and adds t to S. Then S + n * now is the integral until now,
 * modulo 2^48 us (nine years); a difference of two such values is what passed
 * between. S is on top so that its carries fall off the end.
 */
#define DRMC_COUNT_BITS		16
#define DRMC_COUNT_MASK		((1ULL << DRMC_COUNT_BITS) - 1)
#define DRMC_ENTER(us)		(1ULL - ((__u64)(us) << DRMC_COUNT_BITS))
#define DRMC_LEAVE(us)		(((__u64)(us) << DRMC_COUNT_BITS) - 1)
#define DRMC_COUNT(word)		((word) & DRMC_COUNT_MASK)
#define DRMC_INTEGRAL(word, us)	\
	((((word) >> DRMC_COUNT_BITS) + DRMC_COUNT(word) * (__u64)(us)) & \
	 DRMC_TIME_MASK)
#define DRMC_TIME_MASK		((1ULL << (64 - DRMC_COUNT_BITS)) - 1)

/**
 * struct drmc_name - key of the map of names
 * @text: as dev_name() has it, the rest is 0
 */
struct drmc_name {
	char text[DRMC_NAME_LEN];
};

/**
 * struct drmc_device - one DRM device
 * @queued: integral of jobs that were queued and are not done, see above
 * @busy: integral of "a job is with the hardware", 0 or 1 but for moments
 * @running: jobs with the hardware
 * @jobs: that were queued
 * @lost: jobs that found no place in the maps: they count nowhere
 * @collective: integral of threads that wait behind a collective, of the processes
 *	that the device works for; calls.bpf.c keeps it
 * @callers: how many of these processes are followed; 0: nothing is known of that
 * @owners: processes that the device works for and whose waits are followed; 0:
 *	nothing is known of those
 * @input: integral of threads of these that wait for input; waits.bpf.c keeps it
 * @saving: the same of those that wait for what they write
 *
 * All of them only change by atomic additions, from any CPU and context.
 */
struct drmc_device {
	__u64 queued;
	__u64 busy;
	__u64 running;
	__u64 jobs;
	__u64 lost;
	__u64 collective;
	__u64 callers;
	__u64 owners;
	__u64 input;
	__u64 saving;
};

/**
 * struct drmc_client - who a job belongs to
 * @device: index of the device
 * @tgid: process that queued it
 * @cgroup: number of its cgroup
 * @id: drm-client-id of its file as fdinfo has it, 0 where the kernel does not tell
 */
struct drmc_client {
	__u32 device;
	__u32 tgid;
	__u64 cgroup;
	__u64 id;
};

/**
 * struct drmc_use - what its jobs that are done came to
 * @run_ns: time that the hardware worked for it: of each job from the later of its
 *	start and the end of the job before on its ring
 * @wait_ns: time that jobs waited until the hardware got them
 * @jobs: that were done
 * @comm: name of the process
 *
 * Numbers only grow, by atomic additions.
 */
struct drmc_use {
	__u64 run_ns;
	__u64 wait_ns;
	__u64 jobs;
	char comm[16];
};

/**
 * struct drmc_job - a job that is not done
 * @client: whose
 * @ring: scheduler, as a number
 * @queued_ns: when it was queued, CLOCK_MONOTONIC
 * @run_ns: when the hardware got it, 0 before
 */
struct drmc_job {
	struct drmc_client client;
	__u64 ring;
	__u64 queued_ns;
	__u64 run_ns;
};

#endif /* ACCELGOV_BPF_DRM_H */
