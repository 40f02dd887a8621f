// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - whose energy it was: an accelerator's energy, told per job
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "jobs.h"

typedef void (*cgroup_fn)(const struct drmc_client *client, char *buf);

static bool same(const struct drmc_client *a, const struct drmc_client *b)
{
	return a->tgid == b->tgid && a->cgroup == b->cgroup && a->id == b->id;
}

static struct job *find(struct jobs *jobs, const struct drmc_client *client)
{
	size_t i;

	for (i = 0; i < jobs->nr; i++)
		if (same(&jobs->job[i].client, client))
			return &jobs->job[i];
	return NULL;
}

static void fold(struct job *into, const struct job *from)
{
	into->clients += from->clients;
	into->run_ns += from->run_ns;
	into->wait_ns += from->wait_ns;
	into->done += from->done;
	into->energy_nj += from->energy_nj;
}

static void drop(struct jobs *jobs, struct job *job)
{
	*job = jobs->job[--jobs->nr];
}

/* The row of ended clients that did nothing for longest becomes that of no cgroup. */
static bool make_room(struct jobs *jobs)
{
	struct drmc_client nobody = { 0 };
	struct job *oldest = NULL, *rest;
	size_t i;

	for (i = 0; i < jobs->nr; i++) {
		struct job *j = &jobs->job[i];

		if (!j->client.tgid && j->client.cgroup &&
		    (!oldest || j->seen < oldest->seen))
			oldest = j;
	}
	if (!oldest)
		return false;
	rest = find(jobs, &nobody);
	if (rest) {
		fold(rest, oldest);
		drop(jobs, oldest);
		return true;
	}
	oldest->client = nobody;
	oldest->cgroup[0] = '\0';
	return jobs->nr < JOBS_ROWS;
}

static struct job *add(struct jobs *jobs, const struct drmc_client *client)
{
	struct job *job;

	if (jobs->nr >= JOBS_ROWS && !make_room(jobs) && !make_room(jobs))
		return NULL;
	job = reallocarray(jobs->job, jobs->nr + 1, sizeof(*job));
	if (!job)
		return NULL;
	jobs->job = job;
	job += jobs->nr++;
	*job = (struct job){ .client = *client, .clients = 1 };
	return job;
}

static struct job *meet(struct jobs *jobs, const struct job_use *use,
			cgroup_fn cgroup)
{
	struct job *job = find(jobs, &use->client);

	if (job)
		return job;
	job = add(jobs, &use->client);
	if (!job)
		return NULL;
	memcpy(job->comm, use->use.comm, sizeof(job->comm) - 1);
	if (cgroup)
		cgroup(&use->client, job->cgroup);
	return job;
}

/* Of a job that runs, the time until now is an estimate, and may turn out smaller. */
static uint64_t grown(uint64_t now, uint64_t before)
{
	return now > before ? now - before : 0;
}

static void take(struct jobs *jobs, struct job *job, const struct job_use *use)
{
	uint64_t ran_ns = grown(use->use.run_ns, job->run_ns);

	job->run_ns += ran_ns;
	job->wait_ns += grown(use->use.wait_ns, job->wait_ns);
	job->done = use->use.jobs;
	job->in_flight = use->in_flight;
	if (ran_ns || use->in_flight)
		job->seen = jobs->accounts;
}

static uint64_t mul_div(uint64_t a, uint64_t b, uint64_t c)
{
	return (unsigned __int128)a * b / c;
}

/* Energy of the part of the window in which nothing ran. */
static uint64_t idle_nj(struct jobs *jobs, uint64_t window_us, uint64_t run_us,
			uint64_t energy_nj)
{
	uint64_t rest_us = grown(window_us, run_us), nj;
	int64_t mw;

	if (!run_us) {
		/* A nanojoule in a microsecond is a milliwatt. */
		mw = energy_nj / window_us;
		if (window_us >= JOBS_IDLE_US &&
		    (!jobs->idle_mw.known || mw < jobs->idle_mw.value))
			jobs->idle_mw = (struct reading){ mw, true };
		return energy_nj;
	}
	if (!jobs->idle_mw.known)
		return mul_div(energy_nj, rest_us, rest_us + run_us);
	nj = rest_us * jobs->idle_mw.value;
	return nj < energy_nj ? nj : energy_nj;
}

int jobs_account(struct jobs *jobs, const struct job_use *use, size_t nr,
		 uint64_t window_us, uint64_t energy_uj, cgroup_fn cgroup)
{
	uint64_t energy_nj = energy_uj * 1000, run_ns = 0, nobodys_nj;
	uint64_t shared_nj, given_nj = 0, *ran_ns;
	struct job *job;
	int ret = 0;
	size_t i;

	if (!window_us)
		return jobs_skip(jobs, use, nr, cgroup);
	ran_ns = calloc(nr + 1, sizeof(*ran_ns));
	if (!ran_ns)
		return -ENOMEM;
	jobs->accounts++;
	/* All rows first: a new one may move the others. */
	for (i = 0; i < nr; i++) {
		job = meet(jobs, &use[i], cgroup);
		if (!job) {
			jobs->lost++;
			ret = -ENOMEM;
			continue;
		}
		ran_ns[i] = grown(use[i].use.run_ns, job->run_ns);
		run_ns += ran_ns[i];
		take(jobs, job, &use[i]);
	}
	nobodys_nj = idle_nj(jobs, window_us, (run_ns + 999) / 1000, energy_nj);
	shared_nj = energy_nj - nobodys_nj;
	for (i = 0; i < nr && run_ns; i++) {
		uint64_t nj = mul_div(shared_nj, ran_ns[i], run_ns);

		job = find(jobs, &use[i].client);
		if (!job)
			continue;
		job->energy_nj += nj;
		given_nj += nj;
	}
	jobs->energy_nj += energy_nj;
	jobs->idle_nj += energy_nj - given_nj;
	free(ran_ns);
	return ret;
}

int jobs_skip(struct jobs *jobs, const struct job_use *use, size_t nr,
	      cgroup_fn cgroup)
{
	struct job *job;
	int ret = 0;
	size_t i;

	jobs->accounts++;
	for (i = 0; i < nr; i++) {
		job = meet(jobs, &use[i], cgroup);
		if (job)
			take(jobs, job, &use[i]);
		else
			ret = -ENOMEM;
	}
	return ret;
}

void jobs_end(struct jobs *jobs, const struct drmc_client *client)
{
	struct drmc_client ended = { .cgroup = client->cgroup };
	struct job *job = find(jobs, client), *into;

	if (!job || !client->tgid)
		return;
	job->in_flight = 0;
	into = find(jobs, &ended);
	if (into) {
		fold(into, job);
		into->seen = jobs->accounts;
		drop(jobs, job);
		return;
	}
	job->client.tgid = 0;
	job->client.id = 0;
	memset(job->comm, 0, sizeof(job->comm));
}

void jobs_free(struct jobs *jobs)
{
	free(jobs->job);
	*jobs = (struct jobs){ 0 };
}
