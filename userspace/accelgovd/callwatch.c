// SPDX-License-Identifier: GPL-2.0
/*
 * accelgovd - what processes call in vendors' libraries
 *
 * A library is a file, whatever its name: device and inode. An upgrade puts another
 * file in its place, and the old one, which processes still have mapped, keeps its
 * probes until the last of them has ended. The kernel tells when a process maps one;
 * processes that were there before are looked for once. /proc/PID/map_files leads to
 * the file itself, also out of containers and when its name is gone.
 *
 * Probes belong to the file, so they hit in every process that has it mapped, also in
 * ones that nobody told of: those are found by what they called.
 *
 * While no process has a library, nothing wakes this thread, but for kernels in which
 * nothing can be attached to functions: there all processes are looked at from time to
 * time.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "calls.skel.h"
#include "callwatch_work.h"
#include "libbpflog.h"
#include "log.h"
#include "procmaps.h"

/* What epoll says beside numbers of processes, which are 32 bits. */
#define WAKE	(1ULL << 32)
#define RING	(2ULL << 32)

/* Between two looks, where the kernel does not tell. */
#define LOOK_US	10000000ULL

static void set_problem(struct callwatch *w, const char *text, int error)
{
	char line[sizeof(w->problem)];

	snprintf(line, sizeof(line), "%s: %s", text, strerror(-error));
	if (!strcmp(line, w->problem))
		return;
	log_warn("calls into libraries: %s", line);
	pthread_mutex_lock(&w->lock);
	strcpy(w->problem, line);
	pthread_mutex_unlock(&w->lock);
}

static int watch_fd(struct callwatch *w, int fd, uint64_t data)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = data };

	return epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static struct callproc *find_proc(struct callwatch *w, uint32_t tgid)
{
	size_t i;

	for (i = 0; i < CALLC_PROCESSES; i++)
		if (w->proc[i].used && w->proc[i].tgid == tgid)
			return &w->proc[i];
	return NULL;
}

static void read_comm(uint32_t tgid, char *buf, size_t size)
{
	char path[40];
	ssize_t got;
	int fd;

	memset(buf, 0, size);
	snprintf(path, sizeof(path), "/proc/%u/comm", tgid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	got = read(fd, buf, size - 1);
	close(fd);
	if (got > 0)
		buf[strcspn(buf, "\n")] = '\0';
	else
		buf[0] = '\0';
}

static struct callproc *add_proc(struct callwatch *w, uint32_t tgid)
{
	struct callproc *p = find_proc(w, tgid);
	int fd;
	size_t i;

	if (p)
		return p;
	for (i = 0; i < CALLC_PROCESSES && w->proc[i].used; i++)
		;
	if (i == CALLC_PROCESSES)
		return NULL;
	fd = syscall(SYS_pidfd_open, tgid, 0);
	if (fd < 0)
		return NULL;
	if (watch_fd(w, fd, tgid)) {
		close(fd);
		return NULL;
	}
	waitwatch_follow(w->waits, tgid);
	pthread_mutex_lock(&w->lock);
	w->proc[i] = (struct callproc){ .used = true, .tgid = tgid,
					.pidfd = fd };
	w->nr_procs++;
	pthread_mutex_unlock(&w->lock);
	return &w->proc[i];
}

static void admit(struct callwatch *w, struct callproc *p, uint32_t libs)
{
	struct callc_request request = {
		.order = CALLC_ADMIT, .tgid = p->tgid, .libs = libs,
	};

	read_comm(p->tgid, request.comm, sizeof(request.comm));
	callwatch_order(w, &request);
	pthread_mutex_lock(&w->lock);
	p->libs |= libs;
	pthread_mutex_unlock(&w->lock);
}

/* Ends the calls of a process, or of all that have a library, whose end is not seen. */
static void end_calls(struct callwatch *w, uint32_t tgid, uint32_t libs)
{
	int fd = bpf_map__fd(w->bpf->maps.call_threads);
	struct callc_request request = { .order = CALLC_DROP };
	const struct callproc *p;
	uint64_t key, next;
	bool more = !bpf_map_get_next_key(fd, NULL, &next);

	while (more) {
		key = next;
		more = !bpf_map_get_next_key(fd, &key, &next);
		p = find_proc(w, key >> 32);
		if (key >> 32 != tgid && !(p && p->libs & libs))
			continue;
		request.id = key;
		callwatch_order(w, &request);
	}
}

/* Another process may get this number, and use the same addresses. */
static void forget_keys(int fd, uint32_t tgid)
{
	struct callc_key key, next;
	bool more = !bpf_map_get_next_key(fd, NULL, &next);

	while (more) {
		key = next;
		more = !bpf_map_get_next_key(fd, &key, &next);
		if (key.tgid == tgid)
			bpf_map_delete_elem(fd, &key);
	}
}

static void drop_lib(struct callwatch *w, struct calllib *lib)
{
	uint64_t now_us = callwatch_now_us();
	int group;

	for (group = 0; group < CALLC_GROUPS; group++) {
		calllib_end(lib, group, now_us);
		w->gone_ns += callwatch_spent_ns(w, lib, group);
	}
	log_debug("%s: no longer probed", lib->path);
	pthread_mutex_lock(&w->lock);
	close(lib->fd);
	*lib = (struct calllib){ 0 };
	pthread_mutex_unlock(&w->lock);
}

/* A file system can't be unmounted while a file of it is probed. */
static void drop_unused(struct callwatch *w)
{
	uint32_t libs = 0;
	size_t i;

	for (i = 0; i < CALLC_PROCESSES; i++)
		if (w->proc[i].used)
			libs |= w->proc[i].libs;
	for (i = 0; i < CALLC_LIBS; i++)
		if (w->lib[i].used && !(libs & 1U << i))
			drop_lib(w, &w->lib[i]);
}

static void end_proc(struct callwatch *w, struct callproc *p)
{
	struct callc_request request = {
		.order = CALLC_ASSIGN, .tgid = p->tgid,
	};
	struct waits_bpf *unused;

	end_calls(w, p->tgid, 0);
	pthread_mutex_lock(&w->lock);
	callwatch_order(w, &request);
	bpf_map_delete_elem(bpf_map__fd(w->bpf->maps.call_uses), &p->tgid);
	forget_keys(bpf_map__fd(w->bpf->maps.call_orders), p->tgid);
	forget_keys(bpf_map__fd(w->bpf->maps.call_comms), p->tgid);
	waitwatch_forget(w->waits, p->tgid);
	close(p->pidfd);
	*p = (struct callproc){ 0 };
	w->nr_procs--;
	unused = waitwatch_retire(w->waits);
	pthread_mutex_unlock(&w->lock);
	waitwatch_dispose(unused);
	drop_unused(w);
}

static struct calllib *find_lib(struct callwatch *w, const struct stat *st)
{
	size_t i;

	for (i = 0; i < CALLC_LIBS; i++)
		if (w->lib[i].used && w->lib[i].dev == st->st_dev &&
		    w->lib[i].ino == st->st_ino)
			return &w->lib[i];
	return NULL;
}

static void begin_lib(struct callwatch *w, struct calllib *lib)
{
	uint64_t now_us = callwatch_now_us();
	int group, ret;

	if (!w->cost_ns[0])
		callwatch_measure(w);
	for (group = 0; group < CALLC_GROUPS; group++) {
		uint32_t meter = CALLC_METER_OF(lib->index, group);
		uint64_t hits = callwatch_hits(w, meter), more;

		more = lib->group[group].nr ?
		       callwatch_join(w, &lib->group[group], now_us) : 0;
		callwatch_allow(w, meter, hits, more);
		calllib_plan(&lib->group[group], hits, more, now_us);
		ret = more ? calllib_begin(lib, group, w->bpf, now_us) : 0;
		/* Paid once, whatever comes after. */
		lib->group[group].window_turn_ns = lib->group[group].turn_ns;
		if (ret)
			set_problem(w, "a library can't be probed", ret);
	}
}

/* Return: NULL when it can't be probed, or nothing in it is known. */
static struct calllib *add_lib(struct callwatch *w, const char *path, int fd,
			       const struct stat *st)
{
	const struct callmap *map = callmap_find(path);
	struct calllib *lib;
	size_t i;

	for (i = 0; i < CALLC_LIBS && w->lib[i].used; i++)
		;
	if (!map || i == CALLC_LIBS)
		return NULL;
	lib = calloc(1, sizeof(*lib));
	if (!lib)
		return NULL;
	*lib = (struct calllib){
		.used = true, .index = i, .dev = st->st_dev, .ino = st->st_ino,
		.fd = fd, .map = map,
	};
	snprintf(lib->path, sizeof(lib->path), "%s", path);
	if (calllib_init(lib) > 0) {
		pthread_mutex_lock(&w->lock);
		w->lib[i] = *lib;
		pthread_mutex_unlock(&w->lock);
		log_debug("%s: probed", path);
	} else {
		log_debug("%s: nothing in it can be probed", path);
		i = CALLC_LIBS;
	}
	free(lib);
	return i < CALLC_LIBS ? &w->lib[i] : NULL;
}

/*
 * Not of this process: NVML maps libcuda.
 *
 * Return: 0 when the mapping's file is probed from now on, or was already.
 */
static int take_file(struct callwatch *w, uint32_t tgid, uint64_t start,
		     uint64_t end)
{
	struct calllib *lib, *known;
	char link[80], path[256];
	struct callproc *p;
	struct stat st;
	ssize_t len;
	int fd;

	if (tgid == (uint32_t)getpid())
		return 0;
	snprintf(link, sizeof(link), "/proc/%u/map_files/%" PRIx64 "-%" PRIx64,
		 tgid, start, end);
	len = readlink(link, path, sizeof(path) - 1);
	fd = open(link, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (len < 0 || fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		len = errno ? -errno : -EINVAL;
		if (fd >= 0)
			close(fd);
		return len;
	}
	path[len] = '\0';
	known = find_lib(w, &st);
	lib = known ? known : add_lib(w, path, fd, &st);
	if (!lib || known)
		close(fd);
	p = lib ? add_proc(w, tgid) : NULL;
	if (p)
		admit(w, p, 1U << lib->index);
	if (lib && !known && p)
		begin_lib(w, lib);
	else if (lib && !known)
		drop_unused(w);
	return p ? 0 : -ENOENT;
}

/* Almost no line does, and to take one apart is dear. */
static bool names_library(char *line)
{
	char *path = strchr(line, '/');

	if (!path)
		return false;
	path[strcspn(path, "\n")] = '\0';
	return callmap_find(path);
}

/* All that a process has mapped. */
static void look_into(struct callwatch *w, uint32_t tgid)
{
	char path[40], line[512];
	struct procmap map;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%u/maps", tgid);
	file = fopen(path, "re");
	if (!file)
		return;
	while (fgets(line, sizeof(line), file))
		if (names_library(line) && procmap_parse(line, &map) &&
		    map.executable)
			take_file(w, tgid, map.start, map.end);
	fclose(file);
}

static void look_at_all(struct callwatch *w)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	while (proc && (entry = readdir(proc)))
		if (isdigit((unsigned char)entry->d_name[0]))
			look_into(w, strtoul(entry->d_name, NULL, 10));
	if (proc)
		closedir(proc);
}

/* Forked, or missed: whoever called has a library mapped. */
static void adopt(struct callwatch *w)
{
	int fd = bpf_map__fd(w->bpf->maps.call_uses);
	uint32_t key, next;
	bool more = !bpf_map_get_next_key(fd, NULL, &next);

	while (more) {
		key = next;
		more = !bpf_map_get_next_key(fd, &key, &next);
		if (find_proc(w, key))
			continue;
		look_into(w, key);
		if (!find_proc(w, key))
			bpf_map_delete_elem(fd, &key);
	}
}

static void spent(struct callwatch *w, uint32_t meter)
{
	struct calllib *lib = &w->lib[meter / CALLC_GROUPS % CALLC_LIBS];
	int group = meter % CALLC_GROUPS;

	if (!lib->used || !lib->group[group].begin_link)
		return;
	lib->group[group].sampled = true;
	calllib_end(lib, group, callwatch_now_us());
	if (group == CALLC_GROUP_ORDER)
		end_calls(w, 0, 1U << lib->index);
}

static int on_news(void *arg, void *data, size_t size)
{
	const struct callc_event *e = data;
	struct callwatch *w = arg;
	int ret;

	if (e->news == CALLC_NEWS_SPENT) {
		spent(w, e->tgid);
		return 0;
	}
	ret = take_file(w, e->tgid, e->start, e->end);
	if (ret == -EACCES || ret == -EPERM)
		set_problem(w, "a process that has a library mapped can't be looked into, which takes CAP_SYS_PTRACE",
			    ret);
	else if (ret)
		/* Its borders have moved since. */
		look_into(w, e->tgid);
	return 0;
}

static void begin_window(struct callwatch *w, uint64_t now_us)
{
	size_t i;

	adopt(w);
	pthread_mutex_lock(&w->lock);
	for (i = 0; i < CALLC_PROCESSES; i++)
		if (w->proc[i].used)
			callwatch_rates(w, &w->proc[i], now_us);
	callwatch_share(w, now_us);
	w->window_us = now_us;
	pthread_mutex_unlock(&w->lock);
}

/* Return: when to look again. */
static uint64_t begin_due(struct callwatch *w, uint64_t now_us)
{
	uint64_t next_us = w->window_us + CALLLIB_WINDOW_US;
	size_t i;
	int group;

	for (i = 0; i < CALLC_LIBS; i++) {
		for (group = 0; group < CALLC_GROUPS; group++) {
			uint64_t due_us = w->lib[i].group[group].due_us;

			if (!due_us)
				continue;
			if (due_us <= now_us)
				calllib_begin(&w->lib[i], group, w->bpf, now_us);
			else if (due_us < next_us)
				next_us = due_us;
		}
	}
	return next_us;
}

/* Return: when something has to be done though nothing happens; 0 for never. */
static uint64_t pass(struct callwatch *w)
{
	uint64_t now_us = callwatch_now_us(), next_us;

	if (w->look_us && now_us >= w->look_us) {
		look_at_all(w);
		w->look_us = now_us + LOOK_US;
	}
	if (!w->nr_procs) {
		w->window_us = 0;
		return w->look_us;
	}
	if (!w->window_us || now_us >= w->window_us + CALLLIB_WINDOW_US)
		begin_window(w, now_us);
	next_us = begin_due(w, now_us);
	return w->look_us && w->look_us < next_us ? w->look_us : next_us;
}

/* Return: how long to wait, in milliseconds; negative for until something happens. */
static int turn(struct callwatch *w)
{
	uint64_t next_us = pass(w), now_us = callwatch_now_us();

	if (!next_us)
		return -1;
	return next_us > now_us ? (next_us - now_us + 999) / 1000 : 0;
}

static int load_programs(struct callwatch *w, bool told,
			 struct calls_bpf **ret_bpf)
{
	struct calls_bpf *bpf = calls_bpf__open();
	int ret;

	if (!bpf)
		return -errno;
	bpf_program__set_autoload(bpf->progs.accelgov_call_map, told);
	ret = w->drm_map < 0 ? 0 :
	      bpf_map__reuse_fd(bpf->maps.drm_devices, w->drm_map);
	if (!ret)
		ret = calls_bpf__load(bpf);
	if (!ret && told) {
		bpf->links.accelgov_call_map =
			bpf_program__attach(bpf->progs.accelgov_call_map);
		ret = bpf->links.accelgov_call_map ? 0 : -errno;
	}
	if (ret)
		calls_bpf__destroy(bpf);
	else
		*ret_bpf = bpf;
	return ret;
}

static int load(struct callwatch *w)
{
	struct calls_bpf *bpf;
	int ret;

	libbpflog_expect(true);
	ret = load_programs(w, true, &bpf);
	libbpflog_expect(false);
	if (ret) {
		ret = load_programs(w, false, &bpf);
		if (ret)
			return ret;
		log_info("calls into libraries: this kernel does not tell what is mapped, processes are looked at every %llu s",
			 LOOK_US / 1000000);
		w->look_us = callwatch_now_us() + LOOK_US;
	}
	pthread_mutex_lock(&w->lock);
	w->bpf = bpf;
	pthread_mutex_unlock(&w->lock);
	w->ring = ring_buffer__new(bpf_map__fd(bpf->maps.call_events), on_news,
				   w, NULL);
	return w->ring ? watch_fd(w, ring_buffer__epoll_fd(w->ring), RING) :
			 -errno;
}

/* Return: false when the thread is to end. */
static bool take_wanted(struct callwatch *w)
{
	uint32_t wanted[CALLWATCH_WANTED];
	struct callproc *p;
	uint64_t count;
	size_t nr, i;
	bool quit;

	if (read(w->wake, &count, sizeof(count)) < 0)
		return true;
	pthread_mutex_lock(&w->lock);
	nr = w->nr_wanted;
	memcpy(wanted, w->wanted, sizeof(wanted));
	w->nr_wanted = 0;
	quit = w->quit;
	pthread_mutex_unlock(&w->lock);
	for (i = 0; i < nr && !quit; i++) {
		p = add_proc(w, wanted[i]);
		if (p)
			admit(w, p, 0);
	}
	return !quit;
}

/* Devices must not go on as if somebody told of their processes. */
static void end_all(struct callwatch *w)
{
	size_t i;

	for (i = 0; i < CALLC_PROCESSES; i++)
		if (w->proc[i].used)
			end_proc(w, &w->proc[i]);
}

static void work(struct callwatch *w)
{
	struct epoll_event event;
	struct callproc *p;
	int ret = load(w);

	if (ret) {
		set_problem(w, "the kernel refused the probes", ret);
		return;
	}
	look_at_all(w);
	for (;;) {
		if (epoll_wait(w->epoll, &event, 1, turn(w)) <= 0)
			continue;
		if (event.data.u64 == WAKE) {
			if (!take_wanted(w))
				return;
			continue;
		}
		if (event.data.u64 == RING) {
			ring_buffer__consume(w->ring);
			continue;
		}
		p = find_proc(w, event.data.u64);
		if (p)
			end_proc(w, p);
	}
}

static void free_watch(struct callwatch *w)
{
	size_t i;

	for (i = 0; i < CALLC_LIBS; i++)
		if (w->lib[i].used)
			drop_lib(w, &w->lib[i]);
	for (i = 0; i < CALLC_PROCESSES; i++)
		if (w->proc[i].used)
			close(w->proc[i].pidfd);
	ring_buffer__free(w->ring);
	calls_bpf__destroy(w->bpf);
	waitwatch_free(w->waits);
	if (w->wake >= 0)
		close(w->wake);
	if (w->epoll >= 0)
		close(w->epoll);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

static void *run(void *arg)
{
	struct callwatch *w = arg;
	bool alone;

	work(w);
	end_all(w);
	pthread_mutex_lock(&w->lock);
	w->ended = true;
	alone = w->alone;
	pthread_mutex_unlock(&w->lock);
	if (alone)
		free_watch(w);
	return NULL;
}

int callwatch_start(int drm_map, uint32_t permille, struct callwatch **ret_watch)
{
	struct callwatch *w = calloc(1, sizeof(*w));
	int ret;

	if (!w)
		return -ENOMEM;
	w->drm_map = drm_map;
	w->permille = permille;
	pthread_mutex_init(&w->lock, NULL);
	w->waits = waitwatch_new(drm_map);
	w->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	w->epoll = epoll_create1(EPOLL_CLOEXEC);
	ret = w->wake < 0 || w->epoll < 0 ? -errno : watch_fd(w, w->wake, WAKE);
	if (!w->waits)
		ret = -ENOMEM;
	if (!ret)
		ret = -pthread_create(&w->thread, NULL, run, w);
	if (ret) {
		free_watch(w);
		return ret;
	}
	*ret_watch = w;
	return 0;
}

void callwatch_limit(struct callwatch *w, uint32_t permille)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->permille = permille;
	pthread_mutex_unlock(&w->lock);
}

void callwatch_wake(struct callwatch *w)
{
	uint64_t one = 1;

	/* It can only fail when it is awake already. */
	if (write(w->wake, &one, sizeof(one)) < 0)
		return;
}

void callwatch_leave(struct callwatch *w)
{
	bool ended;

	if (!w)
		return;
	pthread_detach(w->thread);
	pthread_mutex_lock(&w->lock);
	w->quit = true;
	w->alone = true;
	ended = w->ended;
	if (!ended)
		callwatch_wake(w);
	pthread_mutex_unlock(&w->lock);
	if (ended)
		free_watch(w);
}

bool callwatch_stop(struct callwatch *w)
{
	struct timespec until;

	if (!w)
		return true;
	pthread_mutex_lock(&w->lock);
	w->quit = true;
	pthread_mutex_unlock(&w->lock);
	callwatch_wake(w);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 5;
	if (pthread_timedjoin_np(w->thread, NULL, &until))
		return false;
	free_watch(w);
	return true;
}
