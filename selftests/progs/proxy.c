// SPDX-License-Identifier: GPL-2.0
/*
 * proxy - play the program that actuates an accelerator
 *
 *	proxy [option...] NAME
 *
 *	--governor NAME   the device begins with
 *	--opps N          clocks, from 200 MHz in steps of 100 (default 10)
 *	--power           tell the power of each
 *	--cap             a power limit from 100 to 400 W, 400 now
 *	--idle            two idle states, the second after 500 ms
 *	--idle-cost       and what they cost: the first pays after 0.2 ms, the second
 *	                  after 2.25 s more
 *	--switch US       a change of clock takes so long
 *	--halt US         and halts the device so long
 *	--lease MS        lease (default 0: none)
 *	--period MS       distance of reports (default 100)
 *	--refuse          no device: try every malformed request and say which of
 *	                  them was not refused as it should be
 *
 * Prints "ready", then a line per target that it reads: "seq=N khz=N cap=N
 * idle=N". Reports what the last line of standard input says: signal=value...
 * as for push, "nothing" (no report at all, the beginning), "error=ERRNO" (the
 * next targets can't be set). Ends with standard input, with code 0, or with 1
 * when the device is gone.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "proxy.h"

static const char *const signals[ACCELGOV_SIG_NR] = {
	"busy", "compute", "memory", "link", "host", "queue", "clock", "power",
	"progress", "contexts",
};

static struct accelgov_proxy_opp opps[ACCELGOV_PROXY_OPPS_MAX + 1];
static const struct accelgov_proxy_idle idle[] = {
	{ .entry_us = 0, .wake_us = 100 },
	{ .entry_us = 500000, .wake_us = 5000 },
};

/* The first state's cost is what the device draws awake for 100 us. */
#define AWAKE_MW	20000

static const struct accelgov_proxy_idle_cost cost[] = {
	{ .power_mw = 10000 },
	{ .power_mw = 2000, .switch_uj = 18002000 },
};

struct player {
	int fd;
	int period_ms;
	bool reporting;
	struct accelgov_proxy_report report;
};

static void make_opps(unsigned int nr, bool power)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		opps[i] = (struct accelgov_proxy_opp){
			.khz = 200000 + 100000 * i,
			.power_mw = power ? 5000 + 1000 * i : 0,
		};
}

static struct accelgov_proxy_create description(const char *name)
{
	struct accelgov_proxy_create c = {
		.size = sizeof(c),
		.opps = (uintptr_t)opps,
		.nr_opps = 10,
		.idle = (uintptr_t)idle,
	};

	strncpy(c.name, name, sizeof(c.name) - 1);
	return c;
}

/* A word of a line: signal=value or error=ERRNO. */
static void take_word(struct accelgov_proxy_report *r, const char *word)
{
	const char *value = strchr(word, '=');
	int i;

	if (!value)
		return;
	if (!strncmp(word, "error=", 6))
		r->error = atoi(value + 1);
	for (i = 0; i < ACCELGOV_SIG_NR; i++) {
		if (strncmp(word, signals[i], value - word) ||
		    signals[i][value - word])
			continue;
		r->sample.val[i] = strtoull(value + 1, NULL, 0);
		r->sample.valid |= 1U << i;
	}
}

static void take_line(struct player *p, char *line)
{
	char *word;

	p->reporting = strncmp(line, "nothing", 7);
	memset(&p->report.sample, 0, sizeof(p->report.sample));
	p->report.error = 0;
	for (word = strtok(line, "\n "); word; word = strtok(NULL, "\n "))
		take_word(&p->report, word);
	p->report.sample.window_ns = p->report.sample.valid ?
				     p->period_ms * 1000000ULL : 0;
}

static int take_targets(struct player *p)
{
	struct accelgov_proxy_target t;
	int err;

	while (!(err = proxy_read(p->fd, &t))) {
		printf("seq=%llu khz=%u cap=%u idle=%u\n", t.seq, t.clock_khz,
		       t.cap_mw, t.idle_state);
		p->report.seq = t.seq;
	}
	return err == -EAGAIN ? 0 : err;
}

static int play(struct player *p)
{
	struct pollfd fds[] = {
		{ .fd = p->fd, .events = POLLIN },
		{ .fd = STDIN_FILENO, .events = POLLIN },
	};
	char line[256];
	int err = 0;

	while (!err) {
		poll(fds, 2, p->period_ms);
		if (fds[1].revents) {
			ssize_t n = read(STDIN_FILENO, line, sizeof(line) - 1);

			if (n <= 0)
				return 0;
			line[n] = '\0';
			take_line(p, line);
		}
		err = take_targets(p);
		if (!err && p->reporting)
			err = proxy_report(p->fd, &p->report);
	}
	printf("gone: %s\n", strerror(-err));
	return 1;
}

/* One request that must be refused, and is then one that would be taken. */
static unsigned int wrong;

static void want(const char *what, int got, int errno_wanted)
{
	if (got == -1 && errno == errno_wanted)
		return;
	printf("%s: got %s, want %s\n", what,
	       got == -1 ? strerror(errno) : "no error",
	       strerror(errno_wanted));
	wrong++;
}

static int node(int flags)
{
	int fd = open(PROXY_NODE, flags | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0) {
		perror(PROXY_NODE);
		exit(2);
	}
	return fd;
}

static void refuse_create(const char *what, int errno_wanted,
			  const struct accelgov_proxy_create *c)
{
	int fd = node(O_RDWR);

	want(what, ioctl(fd, ACCELGOV_PROXY_CREATE, c), errno_wanted);
	close(fd);
}

#define REFUSE(what, err, change) do {					\
	struct accelgov_proxy_create c = description("refused");	\
									\
	change;								\
	refuse_create(what, err, &c);					\
} while (0)

static void refuse_descriptions(void)
{
	struct accelgov_proxy_idle bad_idle = { .entry_us = 1 };
	struct accelgov_proxy_idle_cost bad_cost[] = {
		{ .power_mw = 10000 },
		{ .power_mw = 10000 },
	};

	REFUSE("a size too small", EINVAL, c.size = 95);
	REFUSE("an absurd size", E2BIG, c.size = 1 << 30);
	REFUSE("flags", EINVAL, c.flags = 1);
	REFUSE("no name", EINVAL, c.name[0] = 0);
	REFUSE("a name with a slash", EINVAL, c.name[1] = '/');
	REFUSE("a name with a blank", EINVAL, c.name[1] = ' ');
	REFUSE("a name beyond ASCII", EINVAL, c.name[1] = (char)0xe4);
	REFUSE("a hidden name", EINVAL, c.name[0] = '.');
	REFUSE("a name without end", EINVAL, memset(c.name, 'a', 32));
	REFUSE("a governor without end", EINVAL, memset(c.governor, 'a', 16));
	REFUSE("a governor that is none", ENODEV, strcpy(c.governor, "nobody"));
	REFUSE("no clock", EINVAL, c.nr_opps = 0);
	REFUSE("too many clocks", EINVAL, c.nr_opps = 129);
	REFUSE("no table", EFAULT, c.opps = 8);
	REFUSE("clocks in no order", EINVAL, opps[3].khz = opps[2].khz);
	make_opps(10, false);
	REFUSE("a clock of zero", EINVAL, opps[0].khz = 0);
	make_opps(10, false);
	REFUSE("padding in a clock", EINVAL, opps[9].pad = 1);
	make_opps(10, false);
	REFUSE("too many idle states", EINVAL, c.nr_idle = 5);
	REFUSE("no idle table", EFAULT, (c.nr_idle = 1, c.idle = 8));
	REFUSE("a first idle state that comes late", EINVAL,
	       (c.nr_idle = 1, c.idle = (uintptr_t)&bad_idle));
	REFUSE("padding", EINVAL, c.pad = 1);
	REFUSE("power awake without idle states", EINVAL, c.awake_mw = 1);
	REFUSE("costs of no idle state", EINVAL,
	       (c.idle_cost = (uintptr_t)cost, c.awake_mw = AWAKE_MW));
	REFUSE("costs without power awake", EINVAL,
	       (c.nr_idle = 2, c.idle_cost = (uintptr_t)cost));
	REFUSE("an absurd power awake", EINVAL,
	       (c.nr_idle = 2, c.idle_cost = (uintptr_t)cost,
		c.awake_mw = 1000001));
	REFUSE("no costs", EFAULT,
	       (c.nr_idle = 2, c.idle_cost = 8, c.awake_mw = AWAKE_MW));
	REFUSE("an idle state that saves nothing", EINVAL,
	       (c.nr_idle = 2, c.idle_cost = (uintptr_t)cost,
		c.awake_mw = cost[0].power_mw));
	REFUSE("a deeper one that saves no more", EINVAL,
	       (c.nr_idle = 2, c.idle_cost = (uintptr_t)bad_cost,
		c.awake_mw = AWAKE_MW));
	REFUSE("a switch too long", EINVAL, c.switch_us = 1000001);
	REFUSE("a halt too long", EINVAL, c.halt_us = 1000001);
	REFUSE("a limit without range", EINVAL, c.cap_mw = 1);
	REFUSE("a limit out of range", EINVAL,
	       (c.cap_min_mw = 2, c.cap_max_mw = 3, c.cap_mw = 4));
	REFUSE("a lease too short", EINVAL, c.lease_ms = 99);
	REFUSE("a lease too long", EINVAL, c.lease_ms = 3600001);
}

static void refuse_sizes(void)
{
	struct {
		struct accelgov_proxy_create c;
		char more[8];
	} longer = { .c = description("longer") };
	int fd;

	longer.c.size = sizeof(longer);
	longer.more[7] = 1;
	refuse_create("a longer struct with something in it", E2BIG, &longer.c);
	longer.more[7] = 0;
	fd = node(O_RDWR);
	if (ioctl(fd, ACCELGOV_PROXY_CREATE, &longer)) {
		perror("a longer struct with nothing in it is refused");
		wrong++;
	}
	want("a second device", ioctl(fd, ACCELGOV_PROXY_CREATE, &longer),
	     EBUSY);
	refuse_create("a name that is taken", EEXIST, &longer.c);
	close(fd);
	/* Programs of before idle costs pass what this one would refuse. */
	longer.c.size = ACCELGOV_PROXY_CREATE_SIZE_V0;
	longer.c.pad = 1;
	fd = node(O_RDWR);
	if (ioctl(fd, ACCELGOV_PROXY_CREATE, &longer)) {
		perror("the first version's struct is refused");
		wrong++;
	}
	close(fd);
	/* Those of before switching costs, what would be absurd ones. */
	longer.c.size = ACCELGOV_PROXY_CREATE_SIZE_V1;
	longer.c.pad = 0;
	longer.c.switch_us = UINT32_MAX;
	longer.c.halt_us = UINT32_MAX;
	fd = node(O_RDWR);
	if (ioctl(fd, ACCELGOV_PROXY_CREATE, &longer)) {
		perror("the second version's struct is refused");
		wrong++;
	}
	close(fd);
}

static int refused_report(int fd, const struct accelgov_proxy_report *r,
			  size_t len)
{
	return write(fd, r, len) < 0 ? -1 : 0;
}

static void refuse_reports(void)
{
	struct accelgov_proxy_create c = description("reports");
	struct accelgov_proxy_report r = { .size = sizeof(r) };
	char buf[8192] = { 0 };
	int fd = node(O_RDWR);

	want("reading without a device", read(fd, buf, 64) < 0 ? -1 : 0, ENXIO);
	want("reporting without one", refused_report(fd, &r, sizeof(r)), ENXIO);
	close(fd);
	if (proxy_create(&c, &fd)) {
		wrong++;
		return;
	}
	want("a read too short", read(fd, buf, 31) < 0 ? -1 : 0, EINVAL);
	want("a short report", refused_report(fd, &r, 127), EINVAL);
	want("a report that is too long", write(fd, buf, 8192) < 0 ? -1 : 0,
	     E2BIG);
	r.size = 64;
	want("a report of another size", refused_report(fd, &r, sizeof(r)),
	     EINVAL);
	r.size = sizeof(r);
	r.seq = 1;
	want("a target that was not read", refused_report(fd, &r, sizeof(r)),
	     EINVAL);
	r.seq = 0;
	r.error = -1;
	want("a negative error", refused_report(fd, &r, sizeof(r)), EINVAL);
	r.error = 0;
	r.sample.window_ns = 1;
	want("an impossible sample", refused_report(fd, &r, sizeof(r)), EINVAL);
	want("another ioctl", ioctl(fd, ACCELGOV_PROXY_CREATE + 1, &c), ENOTTY);
	close(fd);
	fd = node(O_RDONLY);
	want("a file that is only read", ioctl(fd, ACCELGOV_PROXY_CREATE, &c),
	     EBADF);
	close(fd);
}

static int refuse(void)
{
	make_opps(10, false);
	refuse_descriptions();
	refuse_sizes();
	refuse_reports();
	return wrong ? 1 : 0;
}

enum { GOVERNOR, OPPS, POWER, CAP, IDLE, IDLE_COST, SWITCH, HALT, LEASE, PERIOD, REFUSED };

static const struct option options[] = {
	{ "governor", required_argument, NULL, GOVERNOR },
	{ "opps", required_argument, NULL, OPPS },
	{ "power", no_argument, NULL, POWER },
	{ "cap", no_argument, NULL, CAP },
	{ "idle", no_argument, NULL, IDLE },
	{ "idle-cost", no_argument, NULL, IDLE_COST },
	{ "switch", required_argument, NULL, SWITCH },
	{ "halt", required_argument, NULL, HALT },
	{ "lease", required_argument, NULL, LEASE },
	{ "period", required_argument, NULL, PERIOD },
	{ "refuse", no_argument, NULL, REFUSED },
	{ NULL }
};

int main(int argc, char **argv)
{
	struct accelgov_proxy_create c = description("");
	struct player p = { .period_ms = 100 };
	bool power = false;
	int opt, err;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		switch (opt) {
		case GOVERNOR:
			strncpy(c.governor, optarg, sizeof(c.governor) - 1);
			break;
		case OPPS:
			c.nr_opps = atoi(optarg);
			break;
		case POWER:
			power = true;
			break;
		case CAP:
			c.cap_min_mw = 100000;
			c.cap_max_mw = 400000;
			c.cap_mw = 400000;
			break;
		case IDLE_COST:
			c.idle_cost = (uintptr_t)cost;
			c.awake_mw = AWAKE_MW;
			c.nr_idle = 2;
			break;
		case IDLE:
			c.nr_idle = 2;
			break;
		case SWITCH:
			c.switch_us = atoi(optarg);
			break;
		case HALT:
			c.halt_us = atoi(optarg);
			break;
		case LEASE:
			c.lease_ms = atoi(optarg);
			break;
		case PERIOD:
			p.period_ms = atoi(optarg);
			break;
		case REFUSED:
			return refuse();
		default:
			return 2;
		}
	}
	if (optind != argc - 1)
		return 2;
	strncpy(c.name, argv[optind], sizeof(c.name) - 1);
	make_opps(c.nr_opps, power);
	setvbuf(stdout, NULL, _IOLBF, 0);
	err = proxy_create(&c, &p.fd);
	if (err) {
		printf("refused: %s\n", strerror(-err));
		return 1;
	}
	puts("ready");
	return play(&p);
}
