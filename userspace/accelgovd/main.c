// SPDX-License-Identifier: GPL-2.0
/*
 * accelgovd - the daemon: options, signals, event loop
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "backends/undo.h"
#include "bridge.h"
#include "callwatch.h"
#include "control.h"
#include "daemon.h"
#include "drmwatch.h"
#include "guardian.h"
#include "libbpflog.h"
#include "log.h"
#include "uevent.h"

/* Exit codes, as accelgov(1) has them. */
enum {
	EXIT_USAGE = 2,
};

struct options {
	const char *config_dir;
	const char *root;
	const char *socket;
	const char *state;
	bool check_config;
	bool verbose;
};

static const struct option long_options[] = {
	{ "config-dir", required_argument, NULL, 'c' },
	{ "root", required_argument, NULL, 'r' },
	{ "socket", required_argument, NULL, 's' },
	{ "state", required_argument, NULL, 't' },
	{ "check-config", no_argument, NULL, 'k' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static void usage(FILE *to)
{
	fputs("usage: accelgovd [options]\n\n"
	      "Attaches collectors to devices governed by accelgov, keeps the configured\n"
	      "policy in place while it runs, and undoes all of it when it ends.\n\n"
	      "  --config-dir DIR  accelgov.conf and conf.d (default " CONFIG_DIR ")\n"
	      "  --root DIR        a recorded /sys and /proc instead of the live ones\n"
	      "  --socket PATH     control socket (default " SOCKET_PATH ")\n"
	      "  --state PATH      record of changes (default " STATE_PATH ")\n"
	      "  --check-config    say what is wrong with the configuration and exit\n"
	      "  --verbose         say more\n"
	      "  --version, --help\n\n"
	      "SIGHUP reloads the configuration. Exit codes: 0 ok, 1 failure, 2 usage.\n", to);
}

/* Return: negative to go on, else the exit code. */
static int parse_options(int argc, char **argv, struct options *o)
{
	int c;

	while ((c = getopt_long(argc, argv, "vVh", long_options, NULL)) != -1) {
		switch (c) {
		case 'c':
			o->config_dir = optarg;
			break;
		case 'r':
			o->root = optarg;
			break;
		case 's':
			o->socket = optarg;
			break;
		case 't':
			o->state = optarg;
			break;
		case 'k':
			o->check_config = true;
			break;
		case 'v':
			o->verbose = true;
			break;
		case 'V':
			puts("accelgovd " ACCELGOV_VERSION);
			return 0;
		case 'h':
			usage(stdout);
			return 0;
		default:
			usage(stderr);
			return EXIT_USAGE;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "accelgovd: \"%s\" is not an option\n",
			argv[optind]);
		usage(stderr);
		return EXIT_USAGE;
	}
	return -1;
}

static int check_config(const struct options *o)
{
	struct config *config;

	if (config_load(o->config_dir, &config, log_config_problem, NULL))
		return EXIT_FAILURE;
	printf("%zu files, no problems\n", config_files(config)->nr);
	config_free(config);
	return EXIT_SUCCESS;
}

static int on_tick(sd_event_source *source, uint64_t usec, void *arg)
{
	daemon_tick(arg);
	return 0;
}

static int on_retry(sd_event_source *source, uint64_t usec, void *arg)
{
	daemon_rescan(arg);
	return 0;
}

static int on_scan(sd_event_source *source, void *arg)
{
	daemon_rescan(arg);
	return 0;
}

static void on_event(struct daemon *d, const struct uevent *event)
{
	const char *what = event->accelgov_event;

	if (!strcmp(event->subsystem, "devfreq")) {
		if (what && !strcmp(what, "lease-expired"))
			daemon_lease_lost(d, event->name);
		/* These come often and change nothing here. */
		else if (!what || (strcmp(what, "fallback") &&
				   strcmp(what, "recovered")))
			daemon_rescan_soon(d);
	} else if (!strcmp(event->subsystem, "event_source")) {
		/* Drivers register their PMU before or after devfreq. */
		daemon_rescan_soon(d);
	} else if (!strcmp(event->subsystem, "module") &&
		   !strcmp(event->action, "add")) {
		/* A governor may have come with it, or a GPU's driver. */
		daemon_retry_governors(d);
		bridges_retry(d->bridges);
		bridges_rescan_soon(d->bridges);
	} else if (!strcmp(event->subsystem, "pci") ||
		   !strcmp(event->subsystem, "drm") ||
		   !strcmp(event->subsystem, "accel")) {
		bridges_rescan_soon(d->bridges);
		daemon_rescan_soon(d);
	}
}

static int on_uevent(sd_event_source *source, int fd, uint32_t events,
		     void *arg)
{
	struct uevent event;
	char buf[8192];
	int ret;

	do {
		ret = uevent_read(fd, buf, sizeof(buf), &event);
		if (!ret)
			on_event(arg, &event);
		else if (ret == -ENOBUFS)
			daemon_rescan_soon(arg);
	} while (!ret || ret == -EBADMSG || ret == -EINTR);
	return 0;
}

static int on_sighup(sd_event_source *source,
		     const struct signalfd_siginfo *info, void *arg)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu",
		   ts.tv_sec * 1000000ULL + ts.tv_nsec / 1000);
	daemon_reload(arg);
	sd_notify(0, "READY=1");
	return 0;
}

static int on_term(sd_event_source *source,
		   const struct signalfd_siginfo *info, void *arg)
{
	log_info("stopping on signal %u", info->ssi_signo);
	return sd_event_exit(sd_event_source_get_event(source), 0);
}

static int add_signals(struct daemon *d)
{
	sigset_t set;
	int ret;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	ret = sd_event_add_signal(d->event, NULL, SIGHUP, on_sighup, d);
	if (ret >= 0)
		ret = sd_event_add_signal(d->event, NULL, SIGTERM, on_term, d);
	if (ret >= 0)
		ret = sd_event_add_signal(d->event, NULL, SIGINT, on_term, d);
	return ret;
}

static int add_timers(struct daemon *d)
{
	int ret;

	ret = sd_event_add_time(d->event, &d->tick, CLOCK_MONOTONIC, 0, 0,
				on_tick, d);
	if (ret < 0)
		return ret;
	sd_event_source_set_enabled(d->tick, SD_EVENT_OFF);
	ret = sd_event_add_time(d->event, &d->retry, CLOCK_MONOTONIC, 0, 0,
				on_retry, d);
	if (ret < 0)
		return ret;
	sd_event_source_set_enabled(d->retry, SD_EVENT_OFF);
	ret = sd_event_add_defer(d->event, &d->scan, on_scan, d);
	if (ret < 0)
		return ret;
	return sd_event_source_set_enabled(d->scan, SD_EVENT_OFF);
}

static int add_uevents(struct daemon *d)
{
	sd_event_source *source;
	int fd, ret;

	if (!d->sysfs.live)
		return 0;
	fd = uevent_open();
	if (fd < 0)
		return fd;
	ret = sd_event_add_io(d->event, &source, fd, EPOLLIN, on_uevent, d);
	if (ret < 0) {
		close(fd);
		return ret;
	}
	sd_event_source_set_io_fd_own(source, 1);
	return sd_event_source_set_floating(source, 1);
}

static int set_up_loop(struct daemon *d)
{
	int ret = sd_event_default(&d->event);

	if (ret >= 0)
		ret = add_signals(d);
	if (ret >= 0)
		ret = add_timers(d);
	if (ret >= 0)
		ret = add_uevents(d);
	if (ret >= 0)
		ret = sd_event_set_watchdog(d->event, 1);
	if (ret < 0)
		log_err("can't set up the event loop: %s", strerror(-ret));
	return ret < 0 ? ret : 0;
}

static void make_parent(const char *path)
{
	char copy[512];

	snprintf(copy, sizeof(copy), "%s", path);
	mkdir(dirname(copy), 0755);
}

static void log_undone(void *arg, const struct state_accelerator *record,
		       enum undo_result result, int error)
{
	if (result == UNDO_FAILED)
		log_warn("%s can't be put back as it was: %s", record->name,
			 strerror(-error));
}

/*
 * A daemon that was killed left its record: undo that before changing anything,
 * or its changes would be taken for how things were.
 */
static int undo_crashed(struct daemon *d)
{
	struct state state;
	size_t i;
	int ret;

	ret = state_load(d->state_path, &state);
	if (ret == -ENOENT)
		return 0;
	if (ret) {
		log_warn("%s can't be read, ignoring it: %s", d->state_path,
			 strerror(-ret));
		return 0;
	}
	if (state_owner_alive(&state) && state.pid != getpid()) {
		log_err("another accelgovd runs already (pid %d)",
			(int)state.pid);
		state_free(&state);
		return -EEXIST;
	}
	log_notice("undoing what an accelgovd that was killed left");
	for (i = 0; i < state.nr_devices; i++)
		state_undo_device(&d->sysfs, &state.device[i], NULL, NULL);
	accelerators_undo(&d->sysfs, &state, log_undone, NULL);
	state_free(&state);
	unlink(d->state_path);
	return 0;
}

/* The dead one's guardian may be at it. */
static int take_over(struct daemon *d)
{
	int lock = state_lock(d->state_path);
	int ret = undo_crashed(d);

	state_unlock(lock);
	return ret;
}

static int open_control(struct daemon *d, const char *path)
{
	int ret = control_new(d, path, &d->control);

	if (ret == -EADDRINUSE)
		log_err("another accelgovd answers on %s", path);
	else if (ret)
		log_err("can't listen on %s: %s%s", path, strerror(-ret),
			d->unprivileged ? "; choose places for yourself with --socket and --state" :
					  "");
	return ret;
}

static int start_collectors(struct daemon *d)
{
	int ret = drmwatch_new(&d->sysfs, d->event, &d->drm);

	/* Without BPF all else works; what collects says so when it is to begin. */
	if (ret)
		log_debug("no GPU scheduler is followed: %s", strerror(-ret));
	return collector_new(drmwatch_map(d->drm), &d->collector);
}

static int start(struct daemon *d, const struct options *o)
{
	int ret;

	ret = sysfs_open(&d->sysfs, o->root);
	if (ret) {
		log_err("can't open %s: %s", o->root ? o->root : "/",
			strerror(-ret));
		return ret;
	}
	ret = config_load(o->config_dir, &d->config, log_config_problem, NULL);
	if (ret)
		return ret;
	make_parent(o->socket);
	make_parent(o->state);
	ret = set_up_loop(d);
	if (!ret)
		ret = open_control(d, o->socket);
	if (!ret)
		ret = take_over(d);
	d->owns_state = !ret;
	if (!ret && d->sysfs.live && !d->unprivileged)
		ret = start_collectors(d);
	if (!ret)
		daemon_probe(d);
	if (!ret)
		ret = bridges_new(d, &d->bridges);
	return ret;
}

/* Return: false when threads are left that can't be waited for. */
static bool stop(struct daemon *d)
{
	bool all;

	sd_notify(0, "STOPPING=1");
	all = bridges_stop(d->bridges);
	daemon_restore(d);
	drmwatch_set_calls(d->drm, NULL);
	all &= callwatch_stop(d->calls);
	d->bridges = bridges_free(d->bridges);
	d->collector = collector_free(d->collector);
	d->drm = drmwatch_free(d->drm);
	d->control = control_free(d->control);
	d->config = config_free(d->config);
	sd_event_source_disable_unref(d->tick);
	sd_event_source_disable_unref(d->retry);
	sd_event_source_disable_unref(d->scan);
	sd_event_unref(d->event);
	/* A thread that hangs may come back to it. */
	if (all)
		sysfs_close(&d->sysfs);
	return all;
}

static int run(struct daemon *d, const struct options *o)
{
	struct timespec ts;
	int ret;

	ret = start(d, o);
	if (ret)
		return ret;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	d->start_us = ts.tv_sec * 1000000ULL + ts.tv_nsec / 1000;
	daemon_rescan(d);
	log_info("%s: governing %zu of %zu devices", ACCELGOV_VERSION,
		 daemon_governed(d), d->nr_devices);
	sd_notify(0, "READY=1");
	return sd_event_loop(d->event);
}

/* A collector takes two descriptors; the soft limit is often 1024. */
static void allow_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		log_debug("can't raise the limit of open files: %s",
			  strerror(errno));
}

int main(int argc, char **argv)
{
	struct options options = {
		.config_dir = CONFIG_DIR,
		.socket = SOCKET_PATH,
		.state = STATE_PATH,
	};
	/* Static, for threads that hang outlive main(). */
	static struct daemon daemon = { .sysfs.fd = -1 };
	int ret;

	if (guardian_main(argc, argv, &ret))
		return ret;
	ret = parse_options(argc, argv, &options);
	if (ret >= 0)
		return ret;
	log_init("accelgovd", options.verbose);
	if (options.check_config)
		return check_config(&options);
	daemon.unprivileged = !options.root && geteuid();
	if (daemon.unprivileged)
		log_notice("not root: nothing is set, accelerators are only observed");
	allow_files();
	libbpflog_init();
	daemon.config_dir = options.config_dir;
	daemon.state_path = options.state;
	ret = run(&daemon, &options);
	if (!stop(&daemon))
		_exit(ret ? EXIT_FAILURE : EXIT_SUCCESS);
	return ret ? EXIT_FAILURE : EXIT_SUCCESS;
}
