// SPDX-License-Identifier: GPL-2.0
/*
 * accelgovd - what processes call in vendors' libraries: numbers and what they say
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "calls.skel.h"
#include "callwatch_work.h"
#include "jobs_json.h"
#include "procmaps.h"

/*
 * Enough that reading the clock does not matter, and 10 ms at most in all. The best of
 * several counts: in the others something else ran.
 */
#define MEASURE_CALLS	200
#define MEASURE_TIMES	10

uint64_t callwatch_now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000ULL + ts.tv_nsec / 1000;
}

int callwatch_order(struct callwatch *w, struct callc_request *request)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = request,
		    .ctx_size_in = sizeof(*request));
	int fd = bpf_program__fd(w->bpf->progs.accelgov_call_order);
	int ret = bpf_prog_test_run_opts(fd, &opts);

	return ret ? ret : (int)opts.retval;
}

uint64_t callwatch_hits(struct callwatch *w, uint32_t meter)
{
	struct callc_meter m;

	if (bpf_map_lookup_elem(bpf_map__fd(w->bpf->maps.call_meters), &meter,
				&m))
		return 0;
	return m.hits;
}

void callwatch_allow(struct callwatch *w, uint32_t meter, uint64_t hits,
		     uint64_t more)
{
	struct callc_meter m = { .hits = hits, .limit = hits + more };

	bpf_map_update_elem(bpf_map__fd(w->bpf->maps.call_meters), &meter, &m,
			    BPF_ANY);
}

/* One that begins as most do, and one whose beginning has to be stepped over. */
#if defined(__x86_64__)
void callwatch_measured(void);
void callwatch_measured_stepped(void);

asm("\t.text\n"
	"\t.type callwatch_measured, @function\n"
	"callwatch_measured:\n"
	"\tpush %rbp\n"
	"\tpop %rbp\n"
	"\tret\n"
	"\t.size callwatch_measured, . - callwatch_measured\n"
	"\t.type callwatch_measured_stepped, @function\n"
	"callwatch_measured_stepped:\n"
	"\tmov %rdi, %rax\n"
	"\tret\n"
	"\t.size callwatch_measured_stepped, . - callwatch_measured_stepped\n");
#else
static __attribute__((noinline)) void callwatch_measured(void)
{
	asm volatile("" : : : "memory");
}

#define callwatch_measured_stepped callwatch_measured
#endif

static uint64_t some_calls_ns(void (*function)(void))
{
	struct timespec a, b;
	int i;

	clock_gettime(CLOCK_MONOTONIC, &a);
	for (i = 0; i < MEASURE_CALLS; i++)
		function();
	clock_gettime(CLOCK_MONOTONIC, &b);
	return (b.tv_sec - a.tv_sec) * 1000000000ULL + b.tv_nsec - a.tv_nsec;
}

static uint64_t calls_ns(void (*function)(void))
{
	uint64_t best_ns = UINT64_MAX, ns;
	int i;

	for (i = 0; i < MEASURE_TIMES; i++) {
		ns = some_calls_ns(function);
		if (ns < best_ns)
			best_ns = ns;
	}
	return best_ns;
}

/* Where a function of this program is in its file. */
static unsigned long own_offset(const void *function)
{
	uint64_t address = (uintptr_t)function;
	unsigned long offset = 0;
	struct procmap map;
	char line[512];
	FILE *file;

	file = fopen("/proc/self/maps", "re");
	while (file && !offset && fgets(line, sizeof(line), file))
		if (procmap_parse(line, &map) && map.executable &&
		    address >= map.start && address < map.end)
			offset = address - map.start + map.offset;
	if (file)
		fclose(file);
	return offset;
}

/* Return: 0 when it can't be told. */
static uint32_t measure(struct callwatch *w, void (*function)(void))
{
	unsigned long offset = own_offset((const void *)function);
	__u64 cookie = CALLC_COOKIE(CALLC_LAUNCH, 0, 0, 0) |
		       CALLC_COOKIE_METER(CALLC_METERS - 1);
	LIBBPF_OPTS(bpf_uprobe_multi_opts, opts, .offsets = &offset,
		    .cookies = &cookie, .cnt = 1);
	uint64_t without_ns = calls_ns(function), with_ns;
	struct bpf_link *link;

	if (!offset)
		return 0;
	link = bpf_program__attach_uprobe_multi(w->bpf->progs.accelgov_call_begin,
						getpid(), "/proc/self/exe", NULL,
						&opts);
	if (!link)
		return 0;
	with_ns = calls_ns(function);
	bpf_link__destroy(link);
	return with_ns > without_ns ? (with_ns - without_ns) / MEASURE_CALLS : 0;
}

void callwatch_measure(struct callwatch *w)
{
	uint32_t tgid = getpid(), cost_ns[2];

	/* More than are going to be: nobody is to be told. */
	callwatch_allow(w, CALLC_METERS - 1, 0, UINT64_MAX);
	cost_ns[0] = measure(w, callwatch_measured);
	cost_ns[1] = measure(w, callwatch_measured_stepped);
	bpf_map_delete_elem(bpf_map__fd(w->bpf->maps.call_uses), &tgid);
	pthread_mutex_lock(&w->lock);
	memcpy(w->cost_ns, cost_ns, sizeof(w->cost_ns));
	pthread_mutex_unlock(&w->lock);
}

const struct calllib *callwatch_driver(const struct callwatch *w,
				       const struct callproc *p, int group)
{
	size_t i;

	for (i = 0; i < CALLC_LIBS; i++)
		if (p->libs & 1U << i && w->lib[i].used &&
		    w->lib[i].group[group].nr &&
		    strcmp(w->lib[i].map->name, "nccl"))
			return &w->lib[i];
	return NULL;
}

/* Collectives are begun in a library of their own. */
static const struct calllib *collectives(const struct callwatch *w,
					 const struct callproc *p)
{
	size_t i;

	for (i = 0; i < CALLC_LIBS; i++)
		if (p->libs & 1U << i && w->lib[i].used &&
		    !strcmp(w->lib[i].map->name, "nccl"))
			return &w->lib[i];
	return NULL;
}

static bool read_use(struct callwatch *w, uint32_t tgid, struct callc_use *use)
{
	return !bpf_map_lookup_elem(bpf_map__fd(w->bpf->maps.call_uses), &tgid,
				    use);
}

static uint64_t per_s(uint64_t now, uint64_t before, uint64_t on_us)
{
	return (unsigned __int128)(now - before) * 1000000 / on_us;
}

/* Of the time that was probed, how much somebody waited; several count once. */
static uint32_t share(uint64_t now, uint64_t before, uint64_t now_us,
		      uint64_t before_us, uint64_t on_us)
{
	uint64_t waited_us = (DRMC_INTEGRAL(now, now_us) -
			      DRMC_INTEGRAL(before, before_us)) & DRMC_TIME_MASK;
	uint64_t permille = waited_us * 1000 / on_us;

	return permille < 1000 ? permille : 1000;
}

static void rate_group(struct callproc *p, int group, const struct callc_use *use,
		       uint64_t now_us, uint64_t on_us)
{
	const struct callc_use *before = &p->before;
	int i;

	if (group == CALLC_GROUP_LAUNCH)
		p->rates.launches_per_s = per_s(use->launches, before->launches,
						on_us);
	for (i = 0; group == CALLC_GROUP_COPY && i < CALLC_COPIES; i++)
		p->rates.bytes_per_s[i] = per_s(use->bytes[i], before->bytes[i],
						on_us);
	if (group != CALLC_GROUP_ORDER)
		return;
	p->rates.wait_permille = share(use->waiting, before->waiting, now_us,
				       p->before_us, on_us);
	p->rates.collective_permille = share(use->collective,
					     before->collective, now_us,
					     p->before_us, on_us);
}

static void rate_host(struct callwatch *w, struct callproc *p, uint64_t now_us)
{
	struct waitc_use use;
	int kind;

	p->rates.host = false;
	if (waitwatch_read(w->waits, p->tgid, &use))
		return;
	for (kind = 0; p->before_us && kind < WAITC_KINDS; kind++)
		p->rates.host_permille[kind] =
			share(use.waiting[kind], p->waited.waiting[kind],
			      now_us, p->before_us, now_us - p->before_us);
	p->rates.host = p->before_us;
	p->waited = use;
}

void callwatch_rates(struct callwatch *w, struct callproc *p, uint64_t now_us)
{
	const struct calllib *lib;
	struct callc_use use;
	uint64_t on_us;
	int group;

	if (!read_use(w, p->tgid, &use))
		return;
	for (group = 0; group < CALLC_GROUPS; group++) {
		lib = callwatch_driver(w, p, group);
		on_us = lib ? calllib_on_us(&lib->group[group], now_us) : 0;
		p->rates.known[group] = p->before_us && on_us > p->on_us[group];
		if (p->rates.known[group])
			rate_group(p, group, &use, now_us,
				   on_us - p->on_us[group]);
		p->on_us[group] = on_us;
	}
	rate_host(w, p, now_us);
	p->before = use;
	p->before_us = now_us;
}

/* Is every call seen that tells of its collectives? */
static bool is_complete(const struct callwatch *w, const struct callproc *p)
{
	const struct calllib *driver = callwatch_driver(w, p, CALLC_GROUP_ORDER);
	const struct calllib *nccl = collectives(w, p);

	return driver && nccl && !driver->group[CALLC_GROUP_ORDER].sampled &&
	       !nccl->group[CALLC_GROUP_ORDER].sampled;
}

/* Waits on the host are always seen, collectives while all that tells of them is. */
static void assign(struct callwatch *w, struct callproc *p, uint32_t device)
{
	struct callc_request request = { .order = CALLC_ASSIGN, .tgid = p->tgid };

	if (p->host_device != device)
		waitwatch_assign(w->waits, p->tgid, device);
	p->host_device = device;
	request.device = is_complete(w, p) ? device : 0;
	if (p->device != request.device && !callwatch_order(w, &request))
		p->device = request.device;
}

void callwatch_assign(struct callwatch *w, uint32_t tgid, uint32_t device)
{
	bool found = false;
	size_t i;

	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	for (i = 0; i < CALLC_PROCESSES && !found; i++) {
		found = w->proc[i].used && w->proc[i].tgid == tgid;
		if (found)
			assign(w, &w->proc[i], device + 1);
	}
	if (!found && w->bpf && w->nr_wanted < CALLWATCH_WANTED) {
		w->wanted[w->nr_wanted++] = tgid;
		callwatch_wake(w);
	}
	pthread_mutex_unlock(&w->lock);
}

void callwatch_unassign(struct callwatch *w, uint32_t device)
{
	size_t i;

	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	for (i = 0; i < CALLC_PROCESSES; i++)
		if (w->proc[i].used && w->proc[i].host_device == device + 1)
			assign(w, &w->proc[i], 0);
	pthread_mutex_unlock(&w->lock);
}

static json_t *number_or_null(bool known, uint64_t value)
{
	return known ? json_integer(value) : json_null();
}

/* What somebody waits behind now, or waited behind last. */
static json_t *collective_to_json(struct callwatch *w, const struct callproc *p,
				  const struct callc_use *use, uint64_t now_us)
{
	struct callc_key key = {
		.tgid = p->tgid, .kind = CALLC_COMM_INIT,
		.pointer = use->behind.comm,
	};
	const struct calllib *lib = collectives(w, p);
	bool waits = DRMC_COUNT(use->collective), exact;
	struct callc_comm comm = { 0 };
	uint64_t since_us = use->since_ns / 1000;
	char id[20] = "";

	if (use->behind.what == CALLC_NONE)
		return json_null();
	bpf_map_lookup_elem(bpf_map__fd(w->bpf->maps.call_comms), &key, &comm);
	snprintf(id, sizeof(id), "%016llx", comm.id);
	exact = comm.ranks && lib && !lib->group[CALLC_GROUP_ORDER].gaps;
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:b, s:o}",
			 "name", callmap_what(use->behind.what) ?: "unknown",
			 "number", number_or_null(exact, use->behind.number),
			 "rank", number_or_null(comm.ranks, comm.rank),
			 "ranks", number_or_null(comm.ranks, comm.ranks),
			 "communicator", comm.ranks ? json_string(id) :
						      json_null(),
			 "waits", waits,
			 "waiting_us", number_or_null(waits && now_us > since_us,
						      now_us - since_us));
}

static json_t *libraries_of(const struct callwatch *w, const struct callproc *p)
{
	json_t *paths = json_array();
	size_t i;

	for (i = 0; i < CALLC_LIBS; i++)
		if (w->lib[i].used && p->libs & 1U << i)
			json_array_append_new(paths,
					      json_string(w->lib[i].path));
	return paths;
}

static json_t *host_to_json(const struct callproc *p)
{
	static const char *const names[WAITC_KINDS] = {
		[WAITC_ANSWER] = "answer",
		[WAITC_REQUEST] = "request",
		[WAITC_POLL] = "poll",
		[WAITC_READ] = "read",
		[WAITC_WRITE] = "write",
	};
	json_t *host = p->rates.host ? json_object() : json_null();
	int kind;

	for (kind = 0; p->rates.host && kind < WAITC_KINDS; kind++)
		json_object_set_new(host, names[kind],
				    json_integer(p->rates.host_permille[kind]));
	return host;
}

static json_t *process_to_json(struct callwatch *w, const struct callproc *p,
			       uint64_t now_us)
{
	const struct callproc_rates *r = &p->rates;
	bool copies = r->known[CALLC_GROUP_COPY];
	bool order = r->known[CALLC_GROUP_ORDER];
	struct callc_use use;

	if (!read_use(w, p->tgid, &use))
		return NULL;
	use.comm[sizeof(use.comm) - 1] = '\0';
	return json_pack("{s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "pid", (int)p->tgid, "comm", jobs_text(use.comm),
			 "libraries", libraries_of(w, p),
			 "launches", number_or_null(p->libs, use.launches),
			 "launches_per_s", number_or_null(r->known[CALLC_GROUP_LAUNCH],
							  r->launches_per_s),
			 "copies", number_or_null(p->libs, use.copies),
			 "to_device_bytes_per_s",
			 number_or_null(copies, r->bytes_per_s[CALLC_COPY_TO_DEVICE]),
			 "from_device_bytes_per_s",
			 number_or_null(copies, r->bytes_per_s[CALLC_COPY_FROM_DEVICE]),
			 "on_device_bytes_per_s",
			 number_or_null(copies, r->bytes_per_s[CALLC_COPY_ON_DEVICE]),
			 "any_bytes_per_s",
			 number_or_null(copies, r->bytes_per_s[CALLC_COPY_ANY]),
			 "collectives", number_or_null(p->libs, use.collectives),
			 "wait_permille", number_or_null(order, r->wait_permille),
			 "collective_wait_permille",
			 number_or_null(order && collectives(w, p),
					r->collective_permille),
			 "collective", collective_to_json(w, p, &use, now_us),
			 "host_wait_permille", host_to_json(p));
}

static json_t *group_to_json(struct callwatch *w, const struct calllib *lib,
			     int group, uint64_t now_us)
{
	static const char *const names[CALLC_GROUPS] = { "launch", "copy", "order" };
	const struct calllib_group *g = &lib->group[group];

	return json_pack("{s:s, s:i, s:b, s:b, s:I, s:I, s:I, s:I, s:o}",
			 "name", names[group], "functions", (int)g->nr,
			 "stepped", g->stepped,
			 "sampled", g->sampled,
			 "hits", (json_int_t)callwatch_hits(w, CALLC_METER_OF(lib->index, group)),
			 "probed_us", (json_int_t)calllib_on_us(g, now_us),
			 "gaps", (json_int_t)g->gaps,
			 "switch_us", (json_int_t)(g->switch_ns / 1000),
			 "problem", g->error ? json_string(strerror(-g->error)) :
					       json_null());
}

static json_t *library_to_json(struct callwatch *w, const struct calllib *lib,
			       uint64_t now_us)
{
	json_t *groups = json_array();
	int group;

	for (group = 0; group < CALLC_GROUPS; group++)
		if (lib->group[group].nr)
			json_array_append_new(groups, group_to_json(w, lib, group,
								    now_us));
	return json_pack("{s:s, s:s, s:I, s:o}", "path", lib->path,
			 "kind", lib->map->name,
			 "inode", (json_int_t)lib->ino, "groups", groups);
}

json_t *callwatch_status(struct callwatch *w)
{
	json_t *libraries, *processes, *process, *status;
	uint64_t now_us = callwatch_now_us();
	size_t i;

	if (!w)
		return json_null();
	libraries = json_array();
	processes = json_array();
	pthread_mutex_lock(&w->lock);
	for (i = 0; w->bpf && i < CALLC_LIBS; i++)
		if (w->lib[i].used)
			json_array_append_new(libraries,
					      library_to_json(w, &w->lib[i], now_us));
	for (i = 0; w->bpf && i < CALLC_PROCESSES; i++) {
		process = w->proc[i].used ?
			  process_to_json(w, &w->proc[i], now_us) : NULL;
		if (process)
			json_array_append_new(processes, process);
	}
	status = json_pack("{s:o, s:o, s:o, s:i, s:o, s:o}",
			   "problem", w->problem[0] ? json_string(w->problem) :
						      json_null(),
			   "hit_ns", number_or_null(w->cost_ns[0], w->cost_ns[0]),
			   "stepped_hit_ns",
			   number_or_null(w->cost_ns[1], w->cost_ns[1]),
			   "budget_permille", (int)w->permille,
			   "libraries", libraries, "processes", processes);
	pthread_mutex_unlock(&w->lock);
	return status;
}
