/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgovd - processes that hold an accelerator of a back end, and their energy
 */
#ifndef ACCELGOVD_BRIDGE_JOBS_H
#define ACCELGOVD_BRIDGE_JOBS_H

#include "bridge_thread.h"
#include "jobs_json.h"

struct callwatch;

/**
 * struct bridge_jobs - of one accelerator
 * @jobs: whose energy it was
 * @use: what each process came to, those that hold it now and those that have not ended
 * @nr: how many
 * @source: what is known of them; better is kept
 * @energy: where energy is from, NULL before that is known
 * @counter_uj: energy counter, when it was read last
 * @read_ns: when that was, by the clock of readings
 * @taken_ns: when processes were told last
 */
struct bridge_jobs {
	struct jobs jobs;
	struct job_use *use;
	size_t nr;
	enum jobs_source source;
	const char *energy;
	struct reading counter_uj;
	uint64_t read_ns;
	uint64_t taken_ns;
};

/**
 * bridge_jobs_account() - take note of what happened since
 * @j: of the accelerator; zeroed, and @source %JOBS_HELD, at first
 * @owners: newest list of its processes
 * @view: newest reading
 * @calls: told whose waits are those of the device, may be NULL
 * @index: of the device in the map of devices, negative for none
 *
 * Time of a window belongs to processes as the driver tells; where it does not, to the
 * only one there is. Otherwise energy of the window is nobody's that is known.
 */
void bridge_jobs_account(struct bridge_jobs *j, const struct backend_owners *owners,
			 const struct bridge_view *view, struct callwatch *calls,
			 int index);

/**
 * bridge_jobs_free() - free what it holds
 * @j: of an accelerator
 */
void bridge_jobs_free(struct bridge_jobs *j);

#endif /* ACCELGOVD_BRIDGE_JOBS_H */
