// SPDX-License-Identifier: GPL-2.0
/*
 * accelgovd - whose energy it was, for people and programs
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jobs_json.h"
#include "printable.h"

/* "0::/path" is the only line on a host with cgroup v2 alone; it is the last else. */
void jobs_cgroup_of(const struct drmc_client *client, char *buf)
{
	char path[40], line[JOBS_CGROUP_LEN];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%u/cgroup", client->tgid);
	file = fopen(path, "re");
	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		if (strncmp(line, "0::", 3))
			continue;
		line[strcspn(line, "\n")] = '\0';
		snprintf(buf, JOBS_CGROUP_LEN, "%s", line + 3);
	}
	fclose(file);
}

json_t *jobs_text(const char *text)
{
	json_t *json;
	char *plain;

	if (!text || !text[0])
		return json_null();
	json = json_string(text);
	if (json)
		return json;
	plain = strdup(text);
	json = plain ? json_string(printable(plain)) : NULL;
	free(plain);
	return json;
}

static json_t *known_or_null(bool known, uint64_t value)
{
	return known ? json_integer(value) : json_null();
}

/* How long some task of a cgroup waited for block I/O, since the cgroup was made. */
static json_t *io_wait(const struct sysfs *sysfs, const char *cgroup)
{
	char text[256], *total;
	int64_t us;

	/* Of a path that is too long a part would be another one. */
	if (!cgroup[0] || strlen(cgroup) >= JOBS_CGROUP_LEN - 1 ||
	    sysfs_read(sysfs, text, sizeof(text), "sys/fs/cgroup%s/io.pressure",
		       cgroup))
		return json_null();
	text[strcspn(text, "\n")] = '\0';
	total = strstr(text, " total=");
	if (strncmp(text, "some ", 5) || !total ||
	    parse_int(total + strlen(" total="), &us))
		return json_null();
	return json_integer(us);
}

static json_t *job_to_json(const struct sysfs *sysfs, const struct job *job,
			   bool energy, enum jobs_source source)
{
	bool scheduled = source == JOBS_SCHEDULED, shared = source != JOBS_HELD;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:i, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "pid", known_or_null(job->client.tgid, job->client.tgid),
			 "comm", jobs_text(job->comm),
			 "client_id", known_or_null(job->client.id, job->client.id),
			 "cgroup", jobs_text(job->cgroup),
			 "cgroup_id", known_or_null(scheduled || job->client.cgroup,
						    job->client.cgroup),
			 "clients", (int)job->clients,
			 "run_us", known_or_null(shared, job->run_ns / 1000),
			 "wait_us", known_or_null(scheduled, job->wait_ns / 1000),
			 "done", known_or_null(scheduled, job->done),
			 "in_flight", known_or_null(scheduled, job->in_flight),
			 "energy_uj", known_or_null(energy && shared,
						    job->energy_nj / 1000),
			 "cgroup_io_wait_us", io_wait(sysfs, job->cgroup));
}

json_t *jobs_to_json(const struct sysfs *sysfs, const char *name,
		     const struct jobs *jobs, const char *energy,
		     enum jobs_source source)
{
	json_t *rows = json_array();
	size_t i;

	for (i = 0; i < jobs->nr; i++)
		json_array_append_new(rows, job_to_json(sysfs, &jobs->job[i],
							energy, source));
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}",
			 "name", name,
			 "energy_source", jobs_text(energy),
			 "energy_uj", known_or_null(energy && source != JOBS_HELD,
						    jobs->energy_nj / 1000),
			 "idle_uj", known_or_null(energy && source != JOBS_HELD,
						  jobs->idle_nj / 1000),
			 "idle_mw", known_or_null(jobs->idle_mw.known,
						  jobs->idle_mw.value),
			 "jobs", rows);
}
