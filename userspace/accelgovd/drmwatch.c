// SPDX-License-Identifier: GPL-2.0
/*
 * accelgovd - DRM devices: what the kernel's GPU scheduler does there, and for whom
 *
 * The scheduler names a device as dev_name() does. So does the link "device" of its
 * node in /sys/class/accel and /sys/class/drm, and mostly that of a devfreq device: that
 * is how one is found from the other (drmnode.h), and its hwmon from there.
 *
 * Once a second the clients in the BPF map are read and the device's energy since the
 * last time is split among them, see jobs.h. A device that sleeps is not read: what
 * its energy counter says when it is awake again is split then.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../../bpf/drm.h"
#include "backends/hwmon.h"
#include "backends/runtime.h"
#include "callwatch.h"
#include "drm.skel.h"
#include "drmnode.h"
#include "drmtrace.h"
#include "drmwatch.h"
#include "jobs_json.h"
#include "log.h"

#define TICK_US		1000000ULL
/* Power times a longer time than this says nothing about energy. */
#define POWER_GAP_US	(3 * TICK_US)

struct drmdev {
	bool used;
	bool claimed;	/* by somebody else, who only needs its place in the map */
	bool present;
	char name[DRMC_NAME_LEN];
	char dir[288];
	struct hwmon hwmon;
	bool primed;
	struct reading energy_uj;
	uint64_t read_us;
	const char *source;
	struct jobs jobs;
};

struct drmwatch {
	const struct sysfs *sysfs;
	sd_event_source *tick;
	struct callwatch *calls;
	int map;
	struct drm_bpf *bpf;
	char problem[200];
	size_t used;
	struct drmdev dev[DRMC_DEVICES];
};

/* Clients as one look at the maps finds them. */
struct uses {
	struct job_use *use;
	size_t nr;
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static void set_problem(struct drmwatch *w, const char *text, int error)
{
	char line[sizeof(w->problem)];

	snprintf(line, sizeof(line), "%s: %s", text, strerror(-error));
	if (strcmp(line, w->problem))
		log_warn("GPU scheduler: %s", line);
	strcpy(w->problem, line);
}

static int attach(struct drmwatch *w)
{
	struct drm_bpf *bpf = drm_bpf__open();
	int ret;

	if (!bpf)
		return -errno;
	ret = drmtrace_prepare(bpf->obj);
	if (!ret)
		ret = bpf_map__reuse_fd(bpf->maps.drm_devices, w->map);
	if (!ret)
		ret = drm_bpf__load(bpf);
	if (!ret)
		ret = drm_bpf__attach(bpf);
	if (ret) {
		drm_bpf__destroy(bpf);
		/* No scheduler is no problem: it comes with a driver that needs it. */
		if (ret != -ENOENT)
			set_problem(w, "its trace points can't be used", ret);
		return ret;
	}
	w->bpf = bpf;
	w->problem[0] = '\0';
	return 0;
}

static void forget_clients(struct drmwatch *w, uint32_t device)
{
	int fd = bpf_map__fd(w->bpf->maps.drm_clients);
	struct drmc_client key, next;
	bool more = !bpf_map_get_next_key(fd, NULL, &next);

	while (more) {
		key = next;
		more = !bpf_map_get_next_key(fd, &key, &next);
		if (key.device == device)
			bpf_map_delete_elem(fd, &key);
	}
}

/* A device that goes ends its jobs, but the next one here must not pay for others. */
static void forget_jobs(struct drmwatch *w, uint32_t device)
{
	int fd = bpf_map__fd(w->bpf->maps.drm_jobs);
	bool more;
	uint64_t key, next;
	struct drmc_job job;

	more = !bpf_map_get_next_key(fd, NULL, &next);
	while (more) {
		key = next;
		more = !bpf_map_get_next_key(fd, &key, &next);
		if (!bpf_map_lookup_elem(fd, &key, &job) &&
		    job.client.device == device)
			bpf_map_delete_elem(fd, &key);
	}
}

static void name_of(const struct drmdev *dev, struct drmc_name *ret_name)
{
	*ret_name = (struct drmc_name){ 0 };
	snprintf(ret_name->text, sizeof(ret_name->text), "%s", dev->name);
}

static void drop(struct drmwatch *w, struct drmdev *dev)
{
	struct drmc_name name;

	name_of(dev, &name);
	if (w->bpf) {
		bpf_map_delete_elem(bpf_map__fd(w->bpf->maps.drm_names), &name);
		forget_jobs(w, dev - w->dev);
		forget_clients(w, dev - w->dev);
	}
	callwatch_unassign(w->calls, dev - w->dev);
	log_debug("%s: its jobs are no longer followed", dev->name);
	jobs_free(&dev->jobs);
	*dev = (struct drmdev){ 0 };
	w->used--;
}

static void detach(struct drmwatch *w)
{
	drm_bpf__destroy(w->bpf);
	w->bpf = NULL;
	if (w->tick)
		sd_event_source_set_enabled(w->tick, SD_EVENT_OFF);
}

static int start(struct drmwatch *w)
{
	int ret = w->bpf ? 0 : attach(w);

	if (ret)
		return ret;
	sd_event_source_set_time_relative(w->tick, TICK_US);
	return sd_event_source_set_enabled(w->tick, SD_EVENT_ONESHOT);
}

static struct drmdev *find(struct drmwatch *w, const char *name)
{
	int i;

	for (i = 0; i < DRMC_DEVICES; i++)
		if (w->dev[i].used && !strcmp(w->dev[i].name, name))
			return &w->dev[i];
	return NULL;
}

static struct drmdev *place(struct drmwatch *w)
{
	int i;

	for (i = 0; i < DRMC_DEVICES; i++)
		if (!w->dev[i].used)
			return &w->dev[i];
	return NULL;
}

static int begin(struct drmwatch *w, struct drmdev *dev)
{
	struct drmc_device zero = { 0 };
	uint32_t index = dev - w->dev;
	struct drmc_name name;
	int ret;

	ret = bpf_map_update_elem(w->map, &index, &zero, BPF_ANY);
	name_of(dev, &name);
	if (!ret)
		ret = bpf_map_update_elem(bpf_map__fd(w->bpf->maps.drm_names),
					  &name, &index, BPF_ANY);
	return ret;
}

int drmwatch_find(const struct drmwatch *w, const char *devfreq)
{
	char name[64];
	int i;

	if (!w || !w->bpf ||
	    drmnode_device(w->sysfs, devfreq, name, sizeof(name)))
		return -ENOENT;
	for (i = 0; i < DRMC_DEVICES; i++)
		if (w->dev[i].used && !strcmp(w->dev[i].name, name))
			return i;
	return -ENOENT;
}

int drmwatch_claim(struct drmwatch *w)
{
	struct drmc_device zero = { 0 };
	struct drmdev *dev = w ? place(w) : NULL;
	uint32_t index;
	int ret;

	if (!dev)
		return -ENOSPC;
	index = dev - w->dev;
	ret = bpf_map_update_elem(w->map, &index, &zero, BPF_ANY);
	if (ret)
		return ret;
	*dev = (struct drmdev){ .used = true, .claimed = true };
	return index;
}

void drmwatch_release(struct drmwatch *w, int index)
{
	if (!w || index < 0)
		return;
	callwatch_unassign(w->calls, index);
	w->dev[index] = (struct drmdev){ 0 };
}

void drmwatch_set_calls(struct drmwatch *w, struct callwatch *calls)
{
	if (w)
		w->calls = calls;
}

int drmwatch_map(const struct drmwatch *w)
{
	return w ? w->map : -ENOENT;
}

static int add_use(struct uses *u, const struct drmc_client *client,
		   const struct drmc_use *use)
{
	struct job_use *more;

	if (!(u->nr & (u->nr - 1))) {
		more = reallocarray(u->use, u->nr ? u->nr * 2 : 1,
				    sizeof(*more));
		if (!more)
			return -ENOMEM;
		u->use = more;
	}
	u->use[u->nr++] = (struct job_use){ .client = *client, .use = *use };
	return 0;
}

static struct job_use *use_of(struct uses *u, const struct drmc_client *client)
{
	size_t i;

	for (i = 0; i < u->nr; i++)
		if (!memcmp(&u->use[i].client, client, sizeof(*client)))
			return &u->use[i];
	return NULL;
}

/* Of a ring's jobs the one that came to the hardware first is being worked on. */
static bool is_first(const struct drmc_job *jobs, size_t nr,
		     const struct drmc_job *job)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (jobs[i].ring == job->ring && jobs[i].run_ns &&
		    jobs[i].run_ns < job->run_ns)
			return false;
	return true;
}

static uint64_t worked_ns(struct drmwatch *w, const struct drmc_job *job,
			  uint64_t at_ns)
{
	uint64_t last_ns, begin_ns = job->run_ns;

	if (!bpf_map_lookup_elem(bpf_map__fd(w->bpf->maps.drm_rings),
				 &job->ring, &last_ns) && last_ns > begin_ns)
		begin_ns = last_ns;
	return at_ns > begin_ns ? at_ns - begin_ns : 0;
}

/* What has not ended yet, as it is now. */
static void add_running(struct drmwatch *w, struct uses *u,
			const struct drmc_job *jobs, size_t nr)
{
	uint64_t at_ns = now_ns();
	struct job_use *use;
	size_t i;

	for (i = 0; i < nr; i++) {
		use = use_of(u, &jobs[i].client);
		if (!use)
			continue;
		use->in_flight++;
		if (jobs[i].run_ns && is_first(jobs, nr, &jobs[i]))
			use->use.run_ns += worked_ns(w, &jobs[i], at_ns);
	}
}

static size_t read_jobs(struct drmwatch *w, struct drmc_job **ret_jobs)
{
	int fd = bpf_map__fd(w->bpf->maps.drm_jobs);
	uint64_t key, next;
	struct drmc_job *jobs;
	size_t nr = 0;

	jobs = calloc(DRMC_JOBS, sizeof(*jobs));
	if (!jobs || bpf_map_get_next_key(fd, NULL, &next))
		goto out;
	do {
		key = next;
		nr += !bpf_map_lookup_elem(fd, &key, &jobs[nr]);
	} while (nr < DRMC_JOBS && !bpf_map_get_next_key(fd, &key, &next));
out:
	*ret_jobs = jobs;
	return nr;
}

static void read_uses(struct drmwatch *w, struct uses *u)
{
	int fd = bpf_map__fd(w->bpf->maps.drm_clients), n = 0;
	struct drmc_client key, next;
	struct drmc_job *jobs;
	struct drmc_use use;
	size_t nr;

	/* Jobs first: one that ends meanwhile is in both, or counts a second later. */
	nr = read_jobs(w, &jobs);
	if (!bpf_map_get_next_key(fd, NULL, &next)) {
		do {
			key = next;
			if (!bpf_map_lookup_elem(fd, &key, &use) &&
			    add_use(u, &key, &use))
				break;
		} while (++n < DRMC_CLIENTS &&
			 !bpf_map_get_next_key(fd, &key, &next));
	}
	add_running(w, u, jobs, nr);
	free(jobs);
}

/* Return: false when the energy since the last reading is not known. */
static bool read_energy(struct drmwatch *w, struct drmdev *dev, uint64_t at_us,
			uint64_t *ret_uj)
{
	struct reading uj, mw;
	bool known;

	if (!dev->hwmon.dir[0])
		hwmon_find(w->sysfs, dev->dir, NULL, &dev->hwmon);
	uj = hwmon_energy_uj(w->sysfs, &dev->hwmon, NULL);
	if (uj.known) {
		known = dev->energy_uj.known && uj.value >= dev->energy_uj.value;
		if (known)
			*ret_uj = uj.value - dev->energy_uj.value;
		dev->source = "counter";
		dev->energy_uj = uj;
		return known;
	}
	mw = hwmon_power_mw(w->sysfs, &dev->hwmon, NULL);
	dev->source = mw.known ? "power" : NULL;
	/* Milliwatts for a millisecond are microjoules. */
	known = mw.known && dev->primed && at_us - dev->read_us <= POWER_GAP_US;
	if (known)
		*ret_uj = mw.value * (at_us - dev->read_us) / 1000;
	return known;
}

static void account(struct drmwatch *w, struct drmdev *dev,
		    const struct job_use *use, size_t nr)
{
	uint64_t at_us = now_ns() / 1000, uj;

	if (runtime_asleep(w->sysfs, dev->dir))
		return;
	if (read_energy(w, dev, at_us, &uj) && dev->primed)
		jobs_account(&dev->jobs, use, nr, at_us - dev->read_us, uj,
			     jobs_cgroup_of);
	else
		jobs_skip(&dev->jobs, use, nr, jobs_cgroup_of);
	dev->primed = true;
	dev->read_us = at_us;
}

static void notice(struct drmwatch *w, const char *class, const char *node)
{
	char name[64], dir[sizeof(w->dev->dir)];
	struct drmdev *dev;

	if (sysfs_link_name(w->sysfs, name, sizeof(name),
			    "sys/class/%s/%s/device", class, node) ||
	    strlen(name) >= sizeof(dev->name))
		return;
	dev = find(w, name);
	if (dev) {
		dev->present = true;
		return;
	}
	dev = place(w);
	if (!dev || start(w))
		return;
	snprintf(dir, sizeof(dir), "sys/class/%s/%.64s/device/", class, node);
	*dev = (struct drmdev){ .used = true, .present = true };
	strcpy(dev->name, name);
	strcpy(dev->dir, dir);
	w->used++;
	if (begin(w, dev)) {
		drop(w, dev);
		return;
	}
	/* From here on its energy counts. */
	account(w, dev, NULL, 0);
	log_debug("%s: following the jobs of its GPU scheduler", name);
}

static void scan(struct drmwatch *w, const char *class, const char *prefix)
{
	struct names names;
	size_t i;

	if (sysfs_list(w->sysfs, &names, "sys/class/%s", class))
		return;
	for (i = 0; i < names.nr; i++)
		if (drmnode_is(names.name[i], prefix))
			notice(w, class, names.name[i]);
	names_free(&names);
}

void drmwatch_rescan(struct drmwatch *w)
{
	int i;

	if (!w)
		return;
	for (i = 0; i < DRMC_DEVICES; i++)
		w->dev[i].present = false;
	scan(w, "accel", "accel");
	scan(w, "drm", "card");
	for (i = 0; i < DRMC_DEVICES; i++)
		if (w->dev[i].used && !w->dev[i].claimed && !w->dev[i].present)
			drop(w, &w->dev[i]);
	if (!w->used && w->bpf)
		detach(w);
}

/* One whose process is gone, and that has nothing in flight, comes no more. */
static void end_dead(struct drmwatch *w, struct drmdev *dev,
		     const struct job_use *use, size_t nr)
{
	int fd = bpf_map__fd(w->bpf->maps.drm_clients);
	size_t i;

	for (i = 0; i < nr; i++) {
		if (use[i].in_flight || !kill(use[i].client.tgid, 0) ||
		    errno != ESRCH)
			continue;
		jobs_end(&dev->jobs, &use[i].client);
		bpf_map_delete_elem(fd, &use[i].client);
	}
}

static int by_device(const void *a, const void *b)
{
	const struct job_use *x = a, *y = b;

	return (x->client.device > y->client.device) -
	       (x->client.device < y->client.device);
}

static void account_all(struct drmwatch *w)
{
	struct uses u = { 0 };
	size_t first = 0, nr;
	uint32_t i;

	read_uses(w, &u);
	for (nr = 0; nr < u.nr; nr++)
		callwatch_assign(w->calls, u.use[nr].client.tgid,
				 u.use[nr].client.device);
	if (u.nr)
		qsort(u.use, u.nr, sizeof(*u.use), by_device);
	for (i = 0; i < DRMC_DEVICES; i++) {
		for (nr = 0; first + nr < u.nr &&
		     u.use[first + nr].client.device == i; nr++)
			;
		if (w->dev[i].used && !w->dev[i].claimed) {
			account(w, &w->dev[i], u.use + first, nr);
			end_dead(w, &w->dev[i], u.use + first, nr);
		}
		first += nr;
	}
	free(u.use);
}

static int on_tick(sd_event_source *source, uint64_t usec, void *arg)
{
	struct drmwatch *w = arg;

	if (!w->bpf)
		return 0;
	account_all(w);
	sd_event_source_set_time_relative(w->tick, TICK_US);
	return sd_event_source_set_enabled(w->tick, SD_EVENT_ONESHOT);
}

int drmwatch_new(const struct sysfs *sysfs, sd_event *event,
		 struct drmwatch **ret_watch)
{
	struct drmwatch *w = calloc(1, sizeof(*w));
	int ret;

	if (!w)
		return -ENOMEM;
	w->sysfs = sysfs;
	w->map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "drm_devices",
				sizeof(uint32_t), sizeof(struct drmc_device),
				DRMC_DEVICES, NULL);
	ret = w->map < 0 ? w->map : 0;
	if (!ret)
		ret = sd_event_add_time(event, &w->tick, CLOCK_MONOTONIC, 0,
					TICK_US / 20, on_tick, w);
	if (ret < 0) {
		drmwatch_free(w);
		return ret;
	}
	sd_event_source_set_enabled(w->tick, SD_EVENT_OFF);
	*ret_watch = w;
	return 0;
}

struct drmwatch *drmwatch_free(struct drmwatch *w)
{
	int i;

	if (!w)
		return NULL;
	detach(w);
	for (i = 0; i < DRMC_DEVICES; i++)
		jobs_free(&w->dev[i].jobs);
	sd_event_source_disable_unref(w->tick);
	if (w->map >= 0)
		close(w->map);
	free(w);
	return NULL;
}

/* Of "jobs are there" and "one is with the hardware". */
static void add_integrals(const struct drmwatch *w, uint32_t index, json_t *to)
{
	uint64_t queued_us, busy_us, now_us;
	struct drmc_device d;

	if (bpf_map_lookup_elem(w->map, &index, &d))
		return;
	now_us = now_ns() / 1000;
	queued_us = DRMC_INTEGRAL(d.queued, now_us);
	busy_us = DRMC_INTEGRAL(d.busy, now_us);
	json_object_set_new(to, "queued_us", json_integer(queued_us));
	json_object_set_new(to, "busy_us", json_integer(busy_us));
	json_object_set_new(to, "in_flight",
			    json_integer(DRMC_COUNT(d.queued)));
	json_object_set_new(to, "submitted", json_integer(d.jobs));
	json_object_set_new(to, "lost", json_integer(d.lost));
}

static json_t *device_to_json(const struct drmwatch *w, const struct drmdev *dev)
{
	json_t *device = jobs_to_json(w->sysfs, dev->name, &dev->jobs, dev->source,
				      JOBS_SCHEDULED);

	add_integrals(w, dev - w->dev, device);
	return device;
}

json_t *drmwatch_status(struct drmwatch *w)
{
	json_t *devices = json_array();
	int i;

	if (w && w->bpf)
		account_all(w);
	for (i = 0; w && i < DRMC_DEVICES; i++)
		if (w->dev[i].used && !w->dev[i].claimed)
			json_array_append_new(devices,
					      device_to_json(w, &w->dev[i]));
	return json_pack("{s:i, s:o, s:o}", "schema", 1,
			 "problem", w && w->problem[0] ?
			 json_string(w->problem) : json_null(),
			 "devices", devices);
}
