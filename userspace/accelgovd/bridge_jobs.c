// SPDX-License-Identifier: GPL-2.0
/*
 * accelgovd - processes that hold an accelerator of a back end, and their energy
 *
 * Where no scheduler of the kernel tells of jobs, as with NVIDIA's driver, the driver's
 * own list does. Its energy is split as that of scheduled devices (jobs.h), with shares of
 * time in place of jobs' run times.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bridge_jobs.h"
#include "callwatch.h"

/* Power times a longer time says nothing about energy. Rests are 10 s at most (pace.h). */
#define POWER_GAP_US	11000000

static void describe(struct job_use *use, uint32_t pid)
{
	char cgroup[JOBS_CGROUP_LEN] = "", path[JOBS_CGROUP_LEN + 16];
	struct stat st;
	FILE *file;

	*use = (struct job_use){ .client.tgid = pid };
	snprintf(path, sizeof(path), "/proc/%u/comm", pid);
	file = fopen(path, "re");
	if (file) {
		if (fgets(use->use.comm, sizeof(use->use.comm), file))
			use->use.comm[strcspn(use->use.comm, "\n")] = '\0';
		fclose(file);
	}
	/* The number of a cgroup is that of its folder. */
	jobs_cgroup_of(&use->client, cgroup);
	snprintf(path, sizeof(path), "/sys/fs/cgroup%s", cgroup);
	if (cgroup[0] && !stat(path, &st))
		use->client.cgroup = st.st_ino;
}

static struct job_use *use_of(struct bridge_jobs *j, uint32_t pid)
{
	struct job_use *more;
	size_t i;

	for (i = 0; i < j->nr; i++)
		if (j->use[i].client.tgid == pid)
			return &j->use[i];
	more = reallocarray(j->use, j->nr + 1, sizeof(*more));
	if (!more)
		return NULL;
	j->use = more;
	describe(&more[j->nr], pid);
	return &more[j->nr++];
}

static bool is_listed(const struct backend_owners *owners, uint32_t pid)
{
	size_t i;

	for (i = 0; i < owners->nr; i++)
		if (owners->owner[i].pid == pid)
			return true;
	return false;
}

static void end_dead(struct bridge_jobs *j, const struct backend_owners *owners)
{
	size_t i;

	for (i = j->nr; i-- > 0;) {
		if (is_listed(owners, j->use[i].client.tgid) ||
		    !kill(j->use[i].client.tgid, 0) || errno != ESRCH)
			continue;
		jobs_end(&j->jobs, &j->use[i].client);
		j->use[i] = j->use[--j->nr];
	}
}

/* Return: unknown where neither the driver nor being alone tells. */
static struct reading busy_of(const struct backend_owners *owners, size_t i,
			      const struct bridge_view *view)
{
	const struct accelgov_sample *s = &view->reading.sample;
	struct ag_rates rates = { 0 };

	if (owners->owner[i].busy_permille.known || owners->nr > 1)
		return owners->owner[i].busy_permille;
	if (s->window_ns)
		ag_sample_rates(s, &rates);
	return (struct reading){
		rates.busy, rates.valid & 1U << ACCELGOV_SIG_BUSY,
	};
}

/* Return: whose time it was is known of all of them. */
static bool add_time(struct bridge_jobs *j, const struct backend_owners *owners,
		     const struct bridge_view *view, uint64_t window_ns)
{
	struct job_use *use;
	struct reading busy;
	bool known = true;
	size_t i;

	for (i = 0; i < owners->nr; i++) {
		use = use_of(j, owners->owner[i].pid);
		busy = busy_of(owners, i, view);
		known &= use && busy.known;
		if (use && busy.known)
			use->use.run_ns += window_ns / 1000 * busy.value;
	}
	return known;
}

/*
 * Where the board tells its mean over a second, which is the time between two accounts,
 * that is as exact as its counter and costs nothing (nvml_read.c).
 *
 * Return: false when the energy since the last reading is not known.
 */
static bool read_energy(struct bridge_jobs *j, const struct bridge_view *view,
			uint64_t window_us, uint64_t *ret_uj)
{
	const struct reading *uj = &view->reading.sensor[BACKEND_ENERGY];
	const struct accelgov_sample *s = &view->reading.sample;
	const struct reading *mw = &view->reading.sensor[BACKEND_POWER_AVERAGE];
	struct reading before = j->counter_uj;
	struct ag_rates rates = { 0 };

	if (mw->known) {
		j->energy = "power-average";
		/* Milliwatts for a millisecond are microjoules. */
		*ret_uj = mw->value * window_us / 1000;
		return window_us <= POWER_GAP_US;
	}
	j->counter_uj = *uj;
	if (uj->known) {
		j->energy = "counter";
		if (!before.known || uj->value < before.value)
			return false;
		*ret_uj = uj->value - before.value;
		return true;
	}
	if (s->window_ns)
		ag_sample_rates(s, &rates);
	if (!(rates.valid & 1U << ACCELGOV_SIG_POWER) || window_us > POWER_GAP_US)
		return false;
	j->energy = "power";
	*ret_uj = rates.power_mw * window_us / 1000;
	return true;
}

void bridge_jobs_account(struct bridge_jobs *j, const struct backend_owners *owners,
			 const struct bridge_view *view, struct callwatch *calls,
			 int index)
{
	uint64_t now_ns = view->reading.sample.time_ns, window_ns, uj;
	bool known;
	size_t i;

	if (owners->taken_ns == j->taken_ns || now_ns <= j->read_ns)
		return;
	for (i = 0; i < owners->nr && index >= 0; i++)
		callwatch_assign(calls, owners->owner[i].pid, index);
	window_ns = j->read_ns ? now_ns - j->read_ns : 0;
	j->taken_ns = owners->taken_ns;
	j->read_ns = now_ns;
	known = add_time(j, owners, view, window_ns);
	if (known && owners->nr)
		j->source = JOBS_SHARED;
	if (read_energy(j, view, window_ns / 1000, &uj) && known && window_ns)
		jobs_account(&j->jobs, j->use, j->nr, window_ns / 1000, uj,
			     jobs_cgroup_of);
	else
		jobs_skip(&j->jobs, j->use, j->nr, jobs_cgroup_of);
	end_dead(j, owners);
}

void bridge_jobs_free(struct bridge_jobs *j)
{
	jobs_free(&j->jobs);
	free(j->use);
	*j = (struct bridge_jobs){ .source = JOBS_HELD };
}
