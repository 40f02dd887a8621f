// SPDX-License-Identifier: GPL-2.0
/*
 * stress - everything that can happen to the modules, all at once
 *
 *	stress [--seconds N] [--seed N] [--sleep LEVEL] [--without NAME]...
 *
 * Expects both modules loaded from $ACCELGOV_BUILD and governs all of accelsim's
 * devices. Its actors, each a thread or more:
 *
 *	unplug    a device leaves its driver and comes back
 *	governor  one is switched, sometimes to one that isn't there
 *	reload    accelgov.ko goes and comes back
 *	policy    policies in BPF come, are swapped, go; some misbehave
 *	proxy     a device that userspace actuates is made, used, closed
 *	daemon    accelgovd starts, collects, and is killed with signal 9
 *	sysfs     files are read and written, with sense and without
 *	signals   a perf event pushes a sample per device and millisecond
 *	load      work for the devices
 *	cpus      CPU 1 leaves and comes back
 *	sleep     the system goes to sleep as far as LEVEL of pm_test says
 *		  (default freezer; the root of the usual VM stands no more)
 *
 * Two rules keep them from each other's throats. Whoever holds a reference on the
 * module takes a turn of bounded length, between which it can be unloaded. And a
 * governor is not written while its device leaves, because devfreq lets the two
 * race and then frees the timer of simple_ondemand while it runs.
 *
 * Goes on for N seconds (default 10), and until each actor got something done.
 * Prints "NAME ops=N refused=N" for each; "signal_windows=N", of 50 ms each in which
 * the event was open, "signal_hz=N", samples a second and device in the window in the
 * middle, "signal_hz_least=N", in the worst; "broken=N". Exits with 0 when nothing is
 * broken; with 1 when something is, or at once when an actor makes no progress for two
 * minutes.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "accelsim.h"
#include "junk.h"
#include "load.h"
#include "policies.h"
#include "proxy.h"

#define DEVICES_MAX	PUSH_EVENTS
#define FILES_MAX	96
#define STUCK_S		120
#define WINDOWS_MAX	16384
/* Of a turn. A window may be that in which CPU 1 left, with interrupts off for long. */
#define WINDOWS_LEAST	10
#define DEVFREQ		"/sys/class/devfreq"
#define DRIVER		"/sys/bus/platform/drivers/accelsim"
#define CPU1		"/sys/devices/system/cpu/cpu1/online"
#define PM_TEST		"/sys/power/pm_test"

struct actor {
	const char *name;
	void (*step)(struct actor *a);
	useconds_t rest_us;
	pthread_t thread;
	uint64_t seed;
	atomic_ullong ops;
	atomic_ullong refused;
	uint64_t seen;
	int seen_at;
	bool absent;
};

/* Held for reading by whoever needs the module, for writing by reload. */
static pthread_rwlock_t module_lock;
/* Held for writing while the device is not to be touched by governor. */
static pthread_rwlock_t plug_lock[DEVICES_MAX];
static char file[FILES_MAX][300];
static int nr_files, nr_devices;
static atomic_bool over, reload_due;
static atomic_ullong broken;
/*
 * Samples a second and device, by window. Only the actor writes, and who reads has
 * waited for it.
 */
static uint16_t window_hz[WINDOWS_MAX];
static unsigned int nr_windows;
static const char *sleep_level = "freezer";
static char scratch[64] = "/tmp/stress.XXXXXX";

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static int now_s(void)
{
	return now_ns() / 1000000000;
}

/* Return: 0 or a negative errno. */
static int write_file(const char *path, const char *buf, size_t len)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, buf, len) < 0)
		err = -errno;
	close(fd);
	return err;
}

static int write_text(const char *path, const char *text)
{
	return write_file(path, text, strlen(text));
}

static int read_file(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return -errno;
	len = read(fd, buf, size - 1);
	close(fd);
	buf[len < 0 ? 0 : len] = '\0';
	return len < 0 ? -EIO : 0;
}

static const char *path_of(char *buf, size_t size, int device, const char *name)
{
	snprintf(buf, size, DEVFREQ "/accelsim.%d/%s", device, name);
	return buf;
}

static void did(struct actor *a, int err)
{
	if (err)
		atomic_fetch_add(&a->refused, 1);
	else
		atomic_fetch_add(&a->ops, 1);
}

static void is_broken(const char *format, ...)
{
	va_list args;

	atomic_fetch_add(&broken, 1);
	va_start(args, format);
	fprintf(stderr, "stress: ");
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
}

static bool leave_soon(void)
{
	return atomic_load(&over) || atomic_load(&reload_due);
}

/* Sleeps in short turns. Return: false when it is time to leave. */
static bool pause_ms(int ms)
{
	for (; ms > 0 && !leave_soon(); ms -= 10)
		usleep(10000);
	return !leave_soon();
}

static void plug(int device, bool in)
{
	char name[32];
	int err, tries;

	snprintf(name, sizeof(name), "accelsim.%d", device);
	for (tries = 0; tries < 200; tries++) {
		err = write_text(in ? DRIVER "/bind" : DRIVER "/unbind", name);
		if (!err)
			return;
		usleep(10000);
	}
	is_broken("%s: %s: %s", name, in ? "bind" : "unbind", strerror(-err));
}

static void unplug(struct actor *a)
{
	int device = below(&a->seed, nr_devices);

	pthread_rwlock_wrlock(&plug_lock[device]);
	plug(device, false);
	usleep(below(&a->seed, 5000));
	plug(device, true);
	pthread_rwlock_unlock(&plug_lock[device]);
	did(a, 0);
}

static int set_governor(int device, const char *name)
{
	char path[512];
	int err;

	pthread_rwlock_rdlock(&plug_lock[device]);
	err = write_text(path_of(path, sizeof(path), device, "governor"), name);
	pthread_rwlock_unlock(&plug_lock[device]);
	return err;
}

static void governor(struct actor *a)
{
	static const char *const name[] = {
		"accelgov", "accelgov", "accelgov", "simple_ondemand", "nobody",
	};

	pthread_rwlock_rdlock(&module_lock);
	did(a, set_governor(below(&a->seed, nr_devices),
			    name[below(&a->seed, 5)]));
	pthread_rwlock_unlock(&module_lock);
}

static void govern_all(const char *name)
{
	int i, err;

	for (i = 0; i < nr_devices; i++) {
		err = set_governor(i, name);
		if (err)
			is_broken("accelsim.%d: governor %s: %s", i, name,
				  strerror(-err));
	}
}

static int load_module(void)
{
	const char *build = getenv("ACCELGOV_BUILD");
	char path[4096];
	int fd, err = 0;

	snprintf(path, sizeof(path), "%s/kmod/accelgov.ko",
		 build ? build : "build");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (syscall(SYS_finit_module, fd, "", 0))
		err = -errno;
	close(fd);
	return err;
}

/* BPF programs let go of the module after a grace period, leases later. */
static int unload_module(void)
{
	int end = now_s() + 40;

	while (syscall(SYS_delete_module, "accelgov", O_NONBLOCK)) {
		if (now_s() > end)
			return -errno;
		usleep(50000);
	}
	return 0;
}

static void reload(struct actor *a)
{
	int err;

	if (!pause_ms(2000 + below(&a->seed, 3000)))
		return;
	atomic_store(&reload_due, true);
	pthread_rwlock_wrlock(&module_lock);
	govern_all("simple_ondemand");
	err = unload_module();
	if (err)
		is_broken("accelgov does not unload: %s", strerror(-err));
	else
		err = load_module();
	if (err)
		is_broken("accelgov does not load: %s", strerror(-err));
	govern_all("accelgov");
	atomic_store(&reload_due, false);
	pthread_rwlock_unlock(&module_lock);
	did(a, err);
}

/* A turn of the policies: two are loaded and swapped until one is ejected. */
static void policy(struct actor *a)
{
	struct policies p = {};
	int err, i;

	pthread_rwlock_rdlock(&module_lock);
	err = leave_soon() ? -EAGAIN : policies_open(&p, &a->seed);
	for (i = 0; !err && i < 50 && pause_ms(20); i++) {
		err = policies_swap(&p);
		did(a, err);
	}
	policies_close(&p);
	pthread_rwlock_unlock(&module_lock);
	did(a, err);
}

static void describe(struct actor *a, struct accelgov_proxy_create *c,
		     struct accelgov_proxy_opp *opps,
		     struct accelgov_proxy_idle *idle)
{
	uint32_t i;

	memset(c, 0, sizeof(*c));
	snprintf(c->name, sizeof(c->name), "stress-%d", (int)gettid());
	snprintf(c->governor, sizeof(c->governor), "%s",
		 below(&a->seed, 4) ? "accelgov" : "simple_ondemand");
	c->opps = (uintptr_t)opps;
	c->nr_opps = 1 + below(&a->seed, 16);
	for (i = 0; i < c->nr_opps; i++)
		opps[i] = (struct accelgov_proxy_opp){
			.khz = 200000 + 100000 * i,
			.power_mw = 1000 + 1000 * i,
		};
	c->idle = (uintptr_t)idle;
	c->nr_idle = below(&a->seed, 3);
	c->cap_max_mw = 400000;
	c->cap_mw = 300000;
	c->lease_ms = below(&a->seed, 2) ? 0 : 100 + below(&a->seed, 400);
}

static void make_sample(struct accelgov_sample *s, uint64_t *seed)
{
	static const int compute[] = { 900, 100, 20, 0 };
	static const int memory[] = { 100, 900, 50, 0 };
	int kind = below(seed, 4);

	memset(s, 0, sizeof(*s));
	s->window_ns = 1000000ULL << below(seed, 5);
	s->valid = 0x1f | 1U << ACCELGOV_SIG_POWER |
		   1U << ACCELGOV_SIG_CONTEXTS;
	s->val[ACCELGOV_SIG_BUSY] = kind == 3 ? 0 : 1000;
	s->val[ACCELGOV_SIG_COMPUTE] = compute[kind];
	s->val[ACCELGOV_SIG_MEMORY] = memory[kind];
	s->val[ACCELGOV_SIG_LINK] = kind == 2 ? 950 : 0;
	s->val[ACCELGOV_SIG_CONTEXTS] = 1000;
	s->val[ACCELGOV_SIG_POWER] = 50000 + below(seed, 300000);
}

static int use_proxy(struct actor *a, int fd)
{
	struct accelgov_proxy_report report = {};
	struct accelgov_proxy_target target;
	int err = 0, i;

	for (i = 0; i < 40 && pause_ms(10); i++) {
		err = proxy_read(fd, &target);
		if (!err)
			report.seq = target.seq;
		make_sample(&report.sample, &a->seed);
		report.error = below(&a->seed, 20) ? 0 : EIO;
		err = proxy_report(fd, &report);
		if (err)
			break;
		/* Longer than the shortest leases. */
		if (!below(&a->seed, 20))
			pause_ms(200);
	}
	return err == -ENODEV ? 0 : err;
}

static void proxy(struct actor *a)
{
	struct accelgov_proxy_idle idle[2] = { {}, { .entry_us = 1000 } };
	struct accelgov_proxy_opp opps[16];
	struct accelgov_proxy_create c;
	int fd, err;

	describe(a, &c, opps, idle);
	pthread_rwlock_rdlock(&module_lock);
	err = proxy_create(&c, &fd);
	if (!err) {
		err = use_proxy(a, fd);
		if (err)
			is_broken("proxy: %s", strerror(-err));
		close(fd);
	} else if (err != -ENODEV && err != -EEXIST) {
		is_broken("a proxy is refused: %s", strerror(-err));
	}
	pthread_rwlock_unlock(&module_lock);
	did(a, err);
}

static pid_t start_daemon(const char *socket)
{
	char program[4096], state[128];
	const char *build = getenv("ACCELGOV_BUILD");
	pid_t pid;
	int null;

	snprintf(program, sizeof(program), "%s/bin/accelgovd",
		 build ? build : "build");
	snprintf(state, sizeof(state), "%s/state", scratch);
	pid = fork();
	if (pid)
		return pid;
	null = open("/dev/null", O_RDWR);
	dup2(null, 1);
	dup2(null, 2);
	execl(program, "accelgovd", "--config-dir", scratch, "--socket", socket,
	      "--state", state, NULL);
	_exit(127);
}

/* Ready when it answers at its socket; killed a moment later. */
static void daemon_dies(struct actor *a)
{
	char socket[128];
	int status, end = now_s() + 30;
	bool ready;
	pid_t pid;

	snprintf(socket, sizeof(socket), "%s/socket", scratch);
	pthread_rwlock_rdlock(&module_lock);
	unlink(socket);
	pid = start_daemon(socket);
	do
		ready = !access(socket, F_OK);
	while (pid > 0 && !ready && now_s() < end && pause_ms(10));
	pause_ms(below(&a->seed, 1000));
	if (pid > 0) {
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		if (!WIFSIGNALED(status))
			is_broken("the daemon ended with %#x", status);
	}
	pthread_rwlock_unlock(&module_lock);
	did(a, ready ? 0 : -ETIMEDOUT);
}

static void sysfs(struct actor *a)
{
	int device = below(&a->seed, nr_devices), len;
	const char *name = file[below(&a->seed, nr_files)];
	char path[512], buf[4200];

	path_of(path, sizeof(path), device, name);
	if (below(&a->seed, 3)) {
		len = junk_text(&a->seed, buf, sizeof(buf));
		did(a, write_file(path, buf, len));
	} else {
		did(a, read_file(path, buf, sizeof(buf)));
	}
}

/* Return: how many devices can be pushed for now. */
static int aim(struct actor *a, int map)
{
	struct push_event e;
	char path[256], buf[64];
	uint32_t key = 0;
	int i;

	for (i = 0; i < nr_devices; i++) {
		path_of(path, sizeof(path), i, "accelgov/push_token");
		if (read_file(path, buf, sizeof(buf)))
			continue;
		if (bpf_map_lookup_elem(map, &key, &e))
			fail("map");
		e.token = strtoul(buf, NULL, 0);
		e.times = 1;
		make_sample(&e.sample, &a->seed);
		bpf_map_update_elem(map, &key, &e, BPF_ANY);
		key++;
	}
	memset(&e, 0, sizeof(e));
	if (key < PUSH_EVENTS)
		bpf_map_update_elem(map, &key, &e, BPF_ANY);
	return key;
}

static uint64_t pushed(int map, int devices)
{
	struct push_event e;
	uint64_t sum = 0;
	uint32_t key;

	for (key = 0; key < devices; key++)
		if (!bpf_map_lookup_elem(map, &key, &e))
			sum += e.pushed + e.refused;
	return sum;
}

/*
 * Counts for 50 ms, however soon the actor has to leave. Entries are written anew
 * while the program counts in them, so that some windows say nothing.
 */
static void watch_window(struct actor *a, int map)
{
	int devices = aim(a, map);
	uint64_t before, now, start = now_ns(), took_ns, hz;

	before = pushed(map, devices);
	usleep(50000);
	took_ns = now_ns() - start;
	now = pushed(map, devices);
	if (now <= before) {
		atomic_fetch_add(&a->refused, 1);
		return;
	}
	atomic_fetch_add(&a->ops, now - before);
	hz = (now - before) * 1000000000ULL / (took_ns * devices);
	window_hz[nr_windows++ % WINDOWS_MAX] = hz < UINT16_MAX ? hz : UINT16_MAX;
}

static int compare_hz(const void *a, const void *b)
{
	return *(const uint16_t *)a - *(const uint16_t *)b;
}

/* Sorts. Return: what half of all windows reached, Hz. */
static unsigned int median_hz(void)
{
	unsigned int nr = nr_windows < WINDOWS_MAX ? nr_windows : WINDOWS_MAX;

	qsort(window_hz, nr, sizeof(*window_hz), compare_hz);
	return nr ? window_hz[nr / 2] : 0;
}

/* A turn: a kilohertz on CPU 0, the one that stays. */
static void signals(struct actor *a)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.freq = 1,
		.sample_freq = 1000,
	};
	struct bpf_program *prog;
	struct bpf_object *obj;
	struct bpf_link *link;
	int fd, map, i;

	pthread_rwlock_rdlock(&module_lock);
	obj = load();
	map = bpf_object__find_map_fd_by_name(obj, "event");
	prog = bpf_object__find_program_by_name(obj, "push_event");
	fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1,
		     PERF_FLAG_FD_CLOEXEC);
	link = fd < 0 ? NULL : bpf_program__attach_perf_event(prog, fd);
	if (!link)
		fail("perf event");
	for (i = 0; i < WINDOWS_LEAST || !leave_soon(); i++)
		watch_window(a, map);
	bpf_link__destroy(link);
	bpf_object__close(obj);
	pthread_rwlock_unlock(&module_lock);
}

static void work(struct actor *a)
{
	struct accelsim_item item[4] = {};
	struct accelsim_done done[4];
	char path[64];
	int fd, i;

	snprintf(path, sizeof(path), "/dev/accelsim%d",
		 (int)below(&a->seed, nr_devices));
	fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		did(a, -errno);
		return;
	}
	for (i = 0; i < 4; i++) {
		item[i].ops = 1000000000000ULL * below(&a->seed, 4);
		item[i].bytes = 1000000000ULL * below(&a->seed, 4);
		item[i].link_ns = 1000;
	}
	for (i = 0; i < 20; i++) {
		did(a, write(fd, item, sizeof(item)) < 0 ? -errno : 0);
		usleep(2000);
		did(a, read(fd, done, sizeof(done)) < 0 ? -errno : 0);
	}
	close(fd);
}

static void cpus(struct actor *a)
{
	did(a, write_text(CPU1, "0"));
	usleep(below(&a->seed, 200000));
	did(a, write_text(CPU1, "1"));
}

static void goes_to_sleep(struct actor *a)
{
	did(a, write_text("/sys/power/state", "freeze"));
}

static struct actor actor[] = {
	{ .name = "unplug", .step = unplug, .rest_us = 100000 },
	{ .name = "governor", .step = governor, .rest_us = 30000 },
	{ .name = "reload", .step = reload, .rest_us = 1000 },
	{ .name = "policy", .step = policy, .rest_us = 50000 },
	{ .name = "proxy", .step = proxy, .rest_us = 20000 },
	{ .name = "proxy", .step = proxy, .rest_us = 20000 },
	{ .name = "daemon", .step = daemon_dies, .rest_us = 200000 },
	{ .name = "sysfs", .step = sysfs, .rest_us = 2000 },
	{ .name = "sysfs", .step = sysfs, .rest_us = 2000 },
	{ .name = "sysfs", .step = sysfs, .rest_us = 2000 },
	{ .name = "sysfs", .step = sysfs, .rest_us = 2000 },
	{ .name = "signals", .step = signals, .rest_us = 1000 },
	{ .name = "load", .step = work, .rest_us = 10000 },
	{ .name = "cpus", .step = cpus, .rest_us = 500000 },
	{ .name = "sleep", .step = goes_to_sleep, .rest_us = 1000000 },
};

#define NR_ACTORS	((int)(sizeof(actor) / sizeof(actor[0])))

static void *play(void *arg)
{
	struct actor *a = arg;

	while (!atomic_load(&over)) {
		a->step(a);
		usleep(a->rest_us / 2 + below(&a->seed, a->rest_us));
	}
	return NULL;
}

/* Files below the device that may be read and written at any time. */
static void find_files(const char *folder)
{
	char path[512], sub[300];
	struct dirent *entry;
	DIR *dir;

	dir = opendir(path_of(path, sizeof(path), 0, folder));
	if (!dir)
		fail(path);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(sub, sizeof(sub), "%s/%s", folder, entry->d_name);
		if (entry->d_type == DT_DIR)
			find_files(sub);
		else if (nr_files < FILES_MAX)
			snprintf(file[nr_files++], sizeof(file[0]), "%s", sub);
	}
	closedir(dir);
}

static void find_all(void)
{
	static const char *const more[] = {
		"min_freq", "max_freq", "trans_stat", "device/power/control",
		"device/power/autosuspend_delay_ms", "target_freq",
	};
	char path[512];
	unsigned int i;

	while (nr_devices < DEVICES_MAX &&
	       !access(path_of(path, sizeof(path), nr_devices, ""), F_OK))
		nr_devices++;
	if (!nr_devices)
		fail("no accelsim device");
	govern_all("accelgov");
	find_files("accelgov");
	for (i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		snprintf(file[nr_files++ % FILES_MAX], sizeof(file[0]), "%s",
			 more[i]);
}

static void make_locks(void)
{
	/* Or the readers would never let reload have its turn. */
	const int kind = PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP;
	pthread_rwlockattr_t attr;
	int i;

	pthread_rwlockattr_init(&attr);
	pthread_rwlockattr_setkind_np(&attr, kind);
	pthread_rwlock_init(&module_lock, &attr);
	for (i = 0; i < DEVICES_MAX; i++)
		pthread_rwlock_init(&plug_lock[i], &attr);
}

/* Return: has everybody who takes part got something done? */
static bool all_did(void)
{
	int i;

	for (i = 0; i < NR_ACTORS; i++)
		if (!actor[i].absent && !atomic_load(&actor[i].ops))
			return false;
	return true;
}

/* Return: false when somebody has done nothing for too long. */
static bool all_move(void)
{
	bool good = true;
	int i, now = now_s();

	for (i = 0; i < NR_ACTORS; i++) {
		struct actor *a = &actor[i];
		uint64_t sum = atomic_load(&a->ops) + atomic_load(&a->refused);

		if (sum != a->seen || a->absent) {
			a->seen = sum;
			a->seen_at = now;
		} else if (now - a->seen_at > STUCK_S) {
			is_broken("%s has been stuck for %d s", a->name,
				  now - a->seen_at);
			good = false;
		}
	}
	return good;
}

/* Return: is all well? */
static bool report(void)
{
	int i;

	for (i = 0; i < NR_ACTORS; i++) {
		struct actor *a = &actor[i];

		if (a->absent)
			continue;
		printf("%s ops=%llu refused=%llu\n", a->name,
		       atomic_load(&a->ops), atomic_load(&a->refused));
	}
	printf("signal_windows=%u\nsignal_hz=%u\n", nr_windows, median_hz());
	printf("signal_hz_least=%u\n", window_hz[0]);
	printf("broken=%llu\n", atomic_load(&broken));
	fflush(stdout);
	return all_did() && !atomic_load(&broken);
}

static void run(int seconds, uint64_t seed)
{
	int i, end = now_s() + seconds;
	struct timespec ts;

	for (i = 0; i < NR_ACTORS; i++) {
		struct actor *a = &actor[i];

		a->seed = (seed * NR_ACTORS + i + 1) * 88172645463325252ULL;
		a->seen_at = now_s();
		if (!a->absent &&
		    pthread_create(&a->thread, NULL, play, a))
			fail("thread");
	}
	while (all_move() && (now_s() < end || !all_did()))
		sleep(1);
	atomic_store(&over, true);
	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_sec += STUCK_S;
	for (i = 0; i < NR_ACTORS; i++)
		if (!actor[i].absent &&
		    pthread_timedjoin_np(actor[i].thread, NULL, &ts)) {
			is_broken("%s does not end", actor[i].name);
			report();
			_exit(1);
		}
}

/* As a driver that was just loaded leaves them. */
static void restore(void)
{
	int i;

	write_text(PM_TEST, "none");
	write_text(CPU1, "1");
	govern_all("simple_ondemand");
	for (i = 0; i < nr_devices; i++) {
		plug(i, false);
		plug(i, true);
	}
}

static void leave_out(const char *name)
{
	int i;

	for (i = 0; i < NR_ACTORS; i++)
		actor[i].absent |= !strcmp(actor[i].name, name);
}

static void leave_out_what_cannot_be(void)
{
	write_text("/sys/module/suspend/parameters/pm_test_delay", "0");
	if (write_text(PM_TEST, sleep_level))
		leave_out("sleep");
	if (access(CPU1, W_OK))
		leave_out("cpus");
}

static void write_config(void)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/accelgov.conf", scratch);
	f = fopen(path, "w");
	if (!f || fputs("[Daemon]\nLease=1s\n[Device accelsim.*]\n"
			"SlowdownBudget=7%\nPowerCap=300W\n", f) < 0 ||
	    fclose(f))
		fail(path);
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "seconds", required_argument, NULL, 't' },
		{ "seed", required_argument, NULL, 's' },
		{ "sleep", required_argument, NULL, 'l' },
		{ "without", required_argument, NULL, 'w' },
		{}
	};
	uint64_t seed = 1;
	int c, seconds = 10;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == 't')
			seconds = atoi(optarg);
		else if (c == 's')
			seed = strtoull(optarg, NULL, 0);
		else if (c == 'l')
			sleep_level = optarg;
		else if (c == 'w')
			leave_out(optarg);
		else
			return 2;
	}
	libbpf_set_print(NULL);
	if (!mkdtemp(scratch))
		fail(scratch);
	leave_out_what_cannot_be();
	write_config();
	make_locks();
	find_all();
	run(seconds, seed);
	restore();
	return report() ? 0 : 1;
}
