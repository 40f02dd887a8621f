// SPDX-License-Identifier: GPL-2.0
/*
 * modfuzz - do everything that a user can do to the modules, at random
 *
 *	modfuzz [--ops N] [--seed N] [--seconds N] [--rest US] [--keep-governor] [DEVICE...]
 *
 * One thread per device (default all of accelsim's), N operations in all
 * (default 100000) or until the seconds are over. Operations know the form of
 * what they talk to: files of the devfreq device get numbers on and beside
 * their bounds, names, and rubbish; /dev gets items of which single fields are
 * absurd; accelgov_push() gets samples of the same kind, with live, dead and
 * made-up tokens; through /dev/accelgov devices of userspace come, report and
 * go. The same seed does the same again, as far as threads allow.
 *
 * What must hold whatever is done: a clock within min_freq and max_freq, a
 * state that exists, a budget that was refused not being there, no target that
 * a device of userspace does not have, no operation that never ends. Prints
 * "ops=N good=N refused=N broken=N seconds=N" and exits with 0 when nothing is
 * broken. --rest leaves time to others after each operation.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>
#include "accelsim.h"
#include "junk.h"
#include "junk_proxy.h"
#include "load.h"

#define MAX_DEVICES	16
#define MAX_FILES	96
#define MAX_OPEN	6
#define DEVFREQ		"/sys/class/devfreq"

/* Files of the parent and of devfreq itself that matter to the modules. */
static const char *const outside[] = {
	"governor", "min_freq", "max_freq", "polling_interval",
	"device/power/control", "device/power/autosuspend_delay_ms",
};

struct worker {
	pthread_t thread;
	char dir[256];
	int folder;
	char node[64];
	char file[MAX_FILES][384];
	int nr_files;
	int fd[MAX_OPEN];
	struct junk_proxy proxy;
	uint32_t old_token;
	uint64_t seed;
	uint64_t ops;
	uint64_t good;
	uint64_t refused;
	uint64_t broken;
};

static struct worker worker[MAX_DEVICES];
static int nr_workers, push_fd;
static uint64_t ops_each = 100000;
static time_t end_at;
static useconds_t rest_us;
static bool keep_governor;

static void done(struct worker *w, bool good)
{
	w->ops++;
	if (good)
		w->good++;
	else
		w->refused++;
}

/* From the device's folder on: the way to it costs more than a file does. */
static ssize_t read_file(const struct worker *w, const char *name, char *buf,
			 size_t size)
{
	ssize_t len;
	int fd;

	fd = openat(w->folder, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	len = read(fd, buf, size - 1);
	close(fd);
	buf[len < 0 ? 0 : len] = '\0';
	return len;
}

static bool write_file(const struct worker *w, const char *name,
		       const char *buf, size_t len)
{
	ssize_t ret;
	int fd;

	fd = openat(w->folder, name, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ret = write(fd, buf, len);
	close(fd);
	return ret >= 0;
}

static void broken(struct worker *w, const char *what, const char *got)
{
	char governor[32] = "", state[32] = "";

	if (w->broken++ >= 10)
		return;
	read_file(w, "governor", governor, sizeof(governor));
	read_file(w, "accelgov/state", state, sizeof(state));
	fprintf(stderr, "modfuzz: %s: %s: '%s' (operation %llu, %.*s, %.*s)\n",
		w->dir, what, got, (unsigned long long)w->ops,
		(int)strcspn(governor, "\n"), governor,
		(int)strcspn(state, "\n"), state);
}

static long long value_of(const struct worker *w, const char *name)
{
	char buf[64];

	return read_file(w, name, buf, sizeof(buf)) > 0 ? atoll(buf) : -1;
}

/* Is there a clock that both limits allow? Between two there may be none. */
static bool satisfiable(const struct worker *w, long long min, long long max)
{
	char buf[4096], *word, *rest = buf;

	if (read_file(w, "available_frequencies", buf, sizeof(buf)) <= 0)
		return false;
	while ((word = strsep(&rest, " ")))
		if (*word && atoll(word) >= min && atoll(word) <= max)
			return true;
	return false;
}

/* Work of the kernel may come between two of these: look again. */
static void check_limits(struct worker *w)
{
	long long min, max, hz;
	char buf[96];
	int tries;

	for (tries = 0; tries < 50; tries++) {
		min = value_of(w, "min_freq");
		max = value_of(w, "max_freq");
		hz = value_of(w, "target_freq");
		if (hz < 0 || (hz >= min && hz <= max) ||
		    !satisfiable(w, min, max))
			return;
		usleep(2000);
	}
	snprintf(buf, sizeof(buf), "%lld not in %lld to %lld", hz, min, max);
	broken(w, "the clock left the limits", buf);
}

static void check(struct worker *w)
{
	static const char *const states[] = {
		"starting\n", "active\n", "fallback\n", "suspended\n",
	};
	char buf[64];
	int i;

	check_limits(w);
	if (read_file(w, "accelgov/state", buf, sizeof(buf)) <= 0)
		return;
	for (i = 0; i < 4; i++)
		if (!strcmp(buf, states[i]))
			return;
	broken(w, "no such state", buf);
}

static void op_sysfs_write(struct worker *w)
{
	const char *name = w->file[below(&w->seed, w->nr_files)];
	char buf[4096], before[64], after[64];
	bool ours = !strncmp(name, "accelgov/", 9) && !strstr(name, "_ms") &&
		    !strstr(name, "stats/") && !keep_governor;
	int len = junk_text(&w->seed, buf, sizeof(buf));

	if (keep_governor && !strcmp(name, "governor"))
		return;
	/* A switch is slow, and knobs exist under one of the two only. */
	if (!strcmp(name, "governor") && below(&w->seed, 8))
		return;
	if (!strcmp(name, "governor"))
		len = snprintf(buf, sizeof(buf), below(&w->seed, 4) ? "accelgov" :
			       "simple_ondemand");
	/* A lease that ends meanwhile brings old values back. */
	ours = ours && value_of(w, "accelgov/lease_ms") == 0 &&
	       read_file(w, name, before, sizeof(before)) > 0;
	if (write_file(w, name, buf, len)) {
		done(w, true);
		return;
	}
	done(w, false);
	if (ours && strstr(name, "budget") &&
	    read_file(w, name, after, sizeof(after)) > 0 &&
	    strcmp(before, after))
		broken(w, name, after);
}

static void op_sysfs_read(struct worker *w)
{
	char buf[4200];

	done(w, read_file(w, w->file[below(&w->seed, w->nr_files)], buf,
			  sizeof(buf)) >= 0);
}

static void op_open(struct worker *w)
{
	int i = below(&w->seed, MAX_OPEN);

	if (w->fd[i] >= 0)
		close(w->fd[i]);
	w->fd[i] = open(w->node, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	done(w, w->fd[i] >= 0);
}

static void op_submit(struct worker *w)
{
	int fd = w->fd[below(&w->seed, MAX_OPEN)];
	struct accelsim_item item[4] = {};
	uint64_t *word = (uint64_t *)item;
	size_t len = sizeof(item[0]) * below(&w->seed, 5);
	unsigned int i;

	for (i = 0; i < 4; i++) {
		item[i].cookie = i;
		item[i].ops = 1000000000ULL * below(&w->seed, 100);
		item[i].link_ns = 1000ULL * below(&w->seed, 1000);
	}
	if (!below(&w->seed, 3))
		word[below(&w->seed, sizeof(item) / 8)] =
			dice(&w->seed) >> below(&w->seed, 64);
	if (!below(&w->seed, 20))
		len = below(&w->seed, sizeof(item) + 1);
	done(w, write(fd, below(&w->seed, 50) ? (void *)item : NULL, len) >= 0);
}

static void op_collect(struct worker *w)
{
	int fd = w->fd[below(&w->seed, MAX_OPEN)];
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };
	char buf[sizeof(struct accelsim_done) * 6];

	if (below(&w->seed, 2))
		done(w, read(fd, below(&w->seed, 50) ? buf : NULL,
			     below(&w->seed, sizeof(buf) + 1)) >= 0);
	else
		done(w, poll(&p, 1, 0) >= 0);
}

static uint32_t some_token(struct worker *w)
{
	uint32_t token = value_of(w, "accelgov/push_token");

	switch (below(&w->seed, 8)) {
	case 0:
		return dice(&w->seed);
	case 1:
		return w->old_token;
	default:
		w->old_token = token;
		return token;
	}
}

static void op_push(struct worker *w)
{
	struct push_call call = { .token = some_token(w) };
	struct accelgov_sample *s = &call.sample;
	uint64_t *word = (uint64_t *)s;
	int i;

	s->window_ns = 10000000;
	s->valid = below(&w->seed, 4) ? (1U << ACCELGOV_SIG_NR) - 1 :
					dice(&w->seed);
	s->amount = below(&w->seed, 2) ? 0 : dice(&w->seed) & s->valid;
	for (i = 0; i < ACCELGOV_SIG_NR; i++)
		s->val[i] = below(&w->seed, 4) ? below(&w->seed, 1001) :
					(uint64_t)junk_number(&w->seed);
	if (!below(&w->seed, 4))
		word[below(&w->seed, sizeof(*s) / 8)] =
			dice(&w->seed) >> below(&w->seed, 64);
	done(w, !push(push_fd, &call));
}

static void op_proxy(struct worker *w)
{
	bool bad = false;

	done(w, !junk_proxy_step(&w->proxy, &w->seed, &bad));
	if (bad)
		broken(w, "a target that the device does not have",
		       w->proxy.create.name);
}

static void *work(void *arg)
{
	static void (*const op[])(struct worker *w) = {
		op_sysfs_write, op_sysfs_write, op_sysfs_read, op_open,
		op_submit, op_submit, op_collect, op_push, op_push, op_push,
		op_proxy,
	};
	struct worker *w = arg;

	while (w->ops < ops_each && (!end_at || time(NULL) < end_at)) {
		op[below(&w->seed, sizeof(op) / sizeof(op[0]))](w);
		if (!(w->ops % 64))
			check(w);
		if (rest_us)
			usleep(rest_us);
	}
	junk_proxy_close(&w->proxy);
	return NULL;
}

static void add_file(struct worker *w, const char *name)
{
	if (w->nr_files < MAX_FILES)
		snprintf(w->file[w->nr_files++], sizeof(w->file[0]), "%s", name);
}

/* Every file below a folder of the device. */
static void add_folder(struct worker *w, const char *name)
{
	char path[512], sub[300];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%s", w->dir, name);
	dir = opendir(path);
	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(sub, sizeof(sub), "%s/%s", name, entry->d_name);
		if (entry->d_type == DT_DIR)
			add_folder(w, sub);
		else if (entry->d_type == DT_REG)
			add_file(w, sub);
	}
	closedir(dir);
}

static void add_device(const char *name, uint64_t seed)
{
	struct worker *w = &worker[nr_workers];
	const char *number = strrchr(name, '.');
	unsigned int i;

	if (nr_workers == MAX_DEVICES)
		return;
	nr_workers++;
	w->seed = seed * 88172645463325252ULL + nr_workers;
	snprintf(w->dir, sizeof(w->dir), DEVFREQ "/%s", name);
	snprintf(w->node, sizeof(w->node), "/dev/accelsim%s",
		 number ? number + 1 : "0");
	w->folder = open(w->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	write_file(w, "governor", "accelgov", 8);
	for (i = 0; i < MAX_OPEN; i++)
		w->fd[i] = -1;
	w->proxy.fd = -1;
	for (i = 0; i < sizeof(outside) / sizeof(outside[0]); i++)
		add_file(w, outside[i]);
	add_folder(w, "accelgov");
}

static void add_all(uint64_t seed)
{
	struct dirent *entry;
	DIR *dir = opendir(DEVFREQ);

	if (!dir)
		fail(DEVFREQ);
	while ((entry = readdir(dir)))
		if (!strncmp(entry->d_name, "accelsim.", 9))
			add_device(entry->d_name, seed);
	closedir(dir);
}

static void run(void)
{
	struct worker sum = {};
	time_t start = time(NULL);
	int i;

	for (i = 0; i < nr_workers; i++)
		if (pthread_create(&worker[i].thread, NULL, work, &worker[i]))
			fail("thread");
	for (i = 0; i < nr_workers; i++) {
		pthread_join(worker[i].thread, NULL);
		sum.ops += worker[i].ops;
		sum.good += worker[i].good;
		sum.refused += worker[i].refused;
		sum.broken += worker[i].broken;
	}
	printf("ops=%llu good=%llu refused=%llu broken=%llu seconds=%lld\n",
	       (unsigned long long)sum.ops, (unsigned long long)sum.good,
	       (unsigned long long)sum.refused, (unsigned long long)sum.broken,
	       (long long)(time(NULL) - start));
	exit(sum.broken || !sum.good || !sum.refused);
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "ops", required_argument, NULL, 'o' },
		{ "seed", required_argument, NULL, 's' },
		{ "seconds", required_argument, NULL, 't' },
		{ "rest", required_argument, NULL, 'r' },
		{ "keep-governor", no_argument, NULL, 'k' },
		{}
	};
	uint64_t seed = 1;
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == 'o')
			ops_each = strtoull(optarg, NULL, 0);
		else if (c == 's')
			seed = strtoull(optarg, NULL, 0);
		else if (c == 't')
			end_at = time(NULL) + strtol(optarg, NULL, 0);
		else if (c == 'r')
			rest_us = strtoul(optarg, NULL, 0);
		else if (c == 'k')
			keep_governor = true;
		else
			return 2;
	}
	for (; optind < argc; optind++)
		add_device(argv[optind], seed);
	if (!nr_workers)
		add_all(seed);
	if (!nr_workers) {
		fprintf(stderr, "modfuzz: no accelsim device\n");
		return 2;
	}
	if (end_at)
		ops_each = UINT64_MAX;
	else
		ops_each = (ops_each + nr_workers - 1) / nr_workers;
	push_fd = prog_fd(load(), "push_once");
	run();
}
