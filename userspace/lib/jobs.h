/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - whose energy it was: an accelerator's energy, told per job
 */
#ifndef ACCELGOV_LIB_JOBS_H
#define ACCELGOV_LIB_JOBS_H

#include <stddef.h>
#include <stdint.h>

#include "../../bpf/drm.h"
#include "sysfs.h"

#define JOBS_CGROUP_LEN	256
/* Rows of one device; those of processes that ended make room first. */
#define JOBS_ROWS	1024
/* Energy counters count in steps: a shorter window says nothing about idle power. */
#define JOBS_IDLE_US	500000

/**
 * struct job_use - a client now
 * @client: who
 * @use: what its jobs came to; of one that still runs, the time until now
 * @in_flight: its jobs that are queued or run
 */
struct job_use {
	struct drmc_client client;
	struct drmc_use use;
	uint32_t in_flight;
};

/**
 * struct job - a client, or those of a cgroup that ended
 * @client: who; tgid and id are 0 for those that ended
 * @comm: name of the process, "" for those that ended
 * @cgroup: path of the cgroup, "" when not known
 * @clients: how many this is, 1 but for those that ended
 * @run_ns: time that the hardware worked for it
 * @wait_ns: time that its jobs waited for the hardware
 * @done: jobs that were done
 * @in_flight: jobs that are queued or run
 * @energy_nj: its part of the device's energy
 * @seen: number of the last account in which it did anything
 */
struct job {
	struct drmc_client client;
	char comm[16];
	char cgroup[JOBS_CGROUP_LEN];
	uint32_t clients;
	uint64_t run_ns;
	uint64_t wait_ns;
	uint64_t done;
	uint32_t in_flight;
	uint64_t energy_nj;
	uint64_t seen;
};

/**
 * struct jobs - a device's energy and who it was for
 * @job: rows
 * @nr: how many
 * @energy_nj: the device's since it is followed
 * @idle_nj: of it, nobody's
 * @idle_mw: power while no job ran, unknown until there was such a window
 * @lost: clients that found no room
 * @accounts: how many windows there were
 */
struct jobs {
	struct job *job;
	size_t nr;
	uint64_t energy_nj;
	uint64_t idle_nj;
	struct reading idle_mw;
	uint64_t lost;
	uint64_t accounts;
};

/**
 * jobs_account() - split the energy of a window
 * @jobs: of the device
 * @use: its clients at the end of the window, each once
 * @nr: how many
 * @window_us: how long it was
 * @energy_uj: energy of the device in it
 * @cgroup: path of a new client's cgroup into @buf of %JOBS_CGROUP_LEN, which is "";
 *	may be NULL
 *
 * With R the time that hardware ran for all clients together, in a window W, the
 * energy E is split so: what the device would have taken idle for the rest of the
 * window, idle power times max(0, W - R), but not more than E, is nobody's. The
 * others share what is left in proportion to the time that ran for them. Idle power
 * is the lowest mean of a window of at least %JOBS_IDLE_US in which nothing ran; before
 * there was one, it is that of the window itself, E / W. A window in which nothing
 * ran is all nobody's.
 *
 * Return: 0, or -ENOMEM when a new client could not be added; energy is then split
 * among the others.
 */
int jobs_account(struct jobs *jobs, const struct job_use *use, size_t nr,
		 uint64_t window_us, uint64_t energy_uj,
		 void (*cgroup)(const struct drmc_client *client, char *buf));

/**
 * jobs_skip() - a window whose energy nobody knows
 * @jobs: of the device
 * @use: its clients at the end of the window
 * @nr: how many
 * @cgroup: as for jobs_account()
 *
 * Times count, energy does not.
 *
 * Return: as jobs_account().
 */
int jobs_skip(struct jobs *jobs, const struct job_use *use, size_t nr,
	      void (*cgroup)(const struct drmc_client *client, char *buf));

/**
 * jobs_end() - a client is gone
 * @jobs: of the device
 * @client: who
 *
 * What it came to goes to a row of its cgroup's.
 */
void jobs_end(struct jobs *jobs, const struct drmc_client *client);

/**
 * jobs_free() - free the rows
 * @jobs: empty afterwards
 */
void jobs_free(struct jobs *jobs);

#endif /* ACCELGOV_LIB_JOBS_H */
