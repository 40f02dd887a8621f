// SPDX-License-Identifier: GPL-2.0
/*
 * push - play the collector: hand made-up samples to a governed device
 *
 *	push [option...] TOKEN [signal=value...]
 *
 *	--for MS        push for so long (default 0: one sample)
 *	--period US     distance of samples (default 10000)
 *	--window US     length of each window (default: the period)
 *	--time NS       end of the window, 0 lets the module stamp it (default)
 *	--amount        values are amounts over the window, not rates
 *	--bad FIELD     break the sample: size, window, valid, amount, pad, empty
 *	--event HZ      push from a perf event on every CPU instead
 *	--burst N       so often at each of its overflows (default 1)
 *	--clock FILE    file with the device's clock in Hz, like target_freq: power is
 *	                of the highest that it ever had, and half of it goes down
 *	                with the cube of the clock
 *	--stdin         print "ready", then push what the last line of standard
 *	                input says, nothing after an empty one, until its end
 *
 * Signals: busy compute memory link host queue clock power progress contexts, in
 * the units of struct accelgov_sample; and cost, the collector's own, in ns.
 *
 * Prints "pushed=N refused=N took_us=N errno=N": took_us is for how long samples could
 * come, longer than --for asks where the kernel is slow; errno is the last refusal's, or
 * 0. Exits with 0 when the last sample was taken, 1 when it was refused, 2 when it could
 * not even try.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "load.h"

#define MAX_CPUS	64

static const char *const signals[ACCELGOV_SIG_NR] = {
	"busy", "compute", "memory", "link", "host", "queue", "clock", "power",
	"progress", "contexts",
};

struct options {
	uint64_t for_ms;
	uint64_t period_us;
	uint64_t window_us;
	const char *bad;
	const char *clock;
	int event_hz;
	uint32_t burst;
	bool amount;
	bool from_stdin;
};

struct totals {
	uint64_t pushed;
	uint64_t refused;
	/* From before the first sample until after the last one. */
	uint64_t took_us;
	int last;
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static void parse_signal(struct accelgov_sample *sample, const char *arg)
{
	const char *value = strchr(arg, '=');
	int i;

	if (value) {
		uint64_t v = strtoull(value + 1, NULL, 0);

		if (!strncmp(arg, "cost=", 5)) {
			sample->cost_ns = v;
			return;
		}
		for (i = 0; i < ACCELGOV_SIG_NR; i++) {
			if (strncmp(arg, signals[i], value - arg) ||
			    signals[i][value - arg])
				continue;
			sample->val[i] = v;
			sample->valid |= 1U << i;
			return;
		}
	}
	fprintf(stderr, "push: '%s' is no signal=value\n", arg);
	exit(2);
}

static void spoil(struct accelgov_sample *sample, const char *bad)
{
	if (!strcmp(bad, "window"))
		sample->window_ns = 1;
	else if (!strcmp(bad, "valid"))
		sample->valid |= 1U << ACCELGOV_SIG_NR;
	else if (!strcmp(bad, "amount"))
		sample->amount |= 1U << 31;
	else if (!strcmp(bad, "pad"))
		sample->pad = 1;
	else if (!strcmp(bad, "empty"))
		sample->valid = 0;
	else if (strcmp(bad, "size"))
		errno = EINVAL, fail(bad);
}

/* Return: false when @next passes before there is input. */
static bool input_before(uint64_t next)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	uint64_t now = now_ns();
	struct timespec ts = {};

	if (next > now) {
		ts.tv_sec = (next - now) / 1000000000;
		ts.tv_nsec = (next - now) % 1000000000;
	}
	return ppoll(&p, 1, &ts, NULL) > 0;
}

/* Return: false at the end of the input. */
static bool read_line(struct accelgov_sample *sample)
{
	char line[512], *word, *rest = line;
	size_t len = 0;

	/* No stdio: what it buffers, poll() doesn't see. */
	do {
		if (len == sizeof(line) ||
		    read(STDIN_FILENO, &line[len], 1) != 1)
			return false;
	} while (line[len++] != '\n');
	line[len - 1] = '\0';
	sample->valid = 0;
	while ((word = strsep(&rest, " ")))
		if (*word)
			parse_signal(sample, word);
	return true;
}

static void count(struct totals *t, int ret)
{
	t->last = ret;
	if (ret)
		t->refused++;
	else
		t->pushed++;
}

/*
 * A board at a lower clock draws less: about f * V^2 with a voltage that follows
 * the clock. Who learns from samples that it doesn't learns that clocks are free.
 */
static uint64_t power_at_clock(const char *path, uint64_t power)
{
	static double top;
	double hz;
	FILE *f = fopen(path, "r");

	if (!f || fscanf(f, "%lf", &hz) != 1)
		fail(path);
	fclose(f);
	if (hz > top)
		top = hz;
	return power / 2 + (uint64_t)(power / 2 * (hz / top) * (hz / top) * (hz / top));
}

static int push_sample(int fd, const struct options *o, struct push_call *call)
{
	__u64 *power = &call->sample.val[ACCELGOV_SIG_POWER], full = *power;
	int ret;

	if (o->clock)
		*power = power_at_clock(o->clock, full);
	ret = push(fd, call);
	*power = full;
	return ret;
}

static void push_stdin(struct bpf_object *obj, const struct options *o,
		       struct push_call *call, struct totals *t)
{
	int fd = prog_fd(obj, "push_once");
	uint64_t next = now_ns();

	puts("ready");
	fflush(stdout);
	for (;;) {
		next += o->period_us * 1000;
		while (input_before(next))
			if (!read_line(&call->sample))
				return;
		if (call->sample.valid)
			count(t, push_sample(fd, o, call));
	}
}

static void push_loop(struct bpf_object *obj, const struct options *o,
		      struct push_call *call, struct totals *t)
{
	const char *name = o->bad && !strcmp(o->bad, "size") ? "push_short" :
							       "push_once";
	uint64_t next = now_ns(), end = next + o->for_ms * 1000000;
	int fd = prog_fd(obj, name);

	do {
		struct timespec ts;

		count(t, push_sample(fd, o, call));
		next += o->period_us * 1000;
		ts.tv_sec = next / 1000000000;
		ts.tv_nsec = next % 1000000000;
		if (next < end)
			clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts,
					NULL);
	} while (next < end);
}

/* Return: the event, which goes with its link; NULL where there is no such CPU. */
static struct bpf_link *open_event(struct bpf_object *obj, int cpu, int hz)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_CPU_CLOCK,
		/* Not a frequency: that one is adjusted all the time. */
		.sample_period = 1000000000ULL / hz,
	};
	struct bpf_program *prog =
		bpf_object__find_program_by_name(obj, "push_event");
	struct bpf_link *link;
	int fd;

	fd = syscall(SYS_perf_event_open, &attr, -1, cpu, -1,
		     PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return NULL;
	link = bpf_program__attach_perf_event(prog, fd);
	if (!link)
		fail("perf event");
	return link;
}

static void push_events(struct bpf_object *obj, const struct options *o,
			const struct push_call *call, struct totals *t)
{
	struct push_event e = {
		.token = call->token,
		.times = o->burst,
		.sample = call->sample,
	};
	int map = bpf_object__find_map_fd_by_name(obj, "event");
	struct bpf_link *link[MAX_CPUS];
	int cpu, opened = 0;
	__u32 zero = 0;

	if (bpf_map_update_elem(map, &zero, &e, BPF_ANY))
		fail("map");
	for (cpu = 0; cpu < MAX_CPUS; cpu++) {
		link[opened] = open_event(obj, cpu, o->event_hz);
		opened += !!link[opened];
	}
	if (!opened)
		fail("perf_event_open");
	usleep(o->for_ms * 1000);
	while (opened)
		bpf_link__destroy(link[--opened]);
	if (bpf_map_lookup_elem(map, &zero, &e))
		fail("map");
	t->pushed = e.pushed;
	t->refused = e.refused;
	t->last = e.pushed ? 0 : -EBUSY;
}

static int usage(void)
{
	fprintf(stderr,
		"usage: push [--for MS] [--period US] [--window US] [--time NS] [--amount]\n"
		"            [--bad FIELD] [--event HZ [--burst N]] [--clock FILE] [--stdin]\n"
		"            TOKEN [signal=value...]\n");
	return 2;
}

/* Return: false for an option that nobody knows. */
static bool parse_options(int argc, char **argv, struct options *o,
			  struct accelgov_sample *sample)
{
	static const struct option longs[] = {
		{ "for", required_argument, NULL, 'f' },
		{ "period", required_argument, NULL, 'p' },
		{ "window", required_argument, NULL, 'w' },
		{ "time", required_argument, NULL, 't' },
		{ "amount", no_argument, NULL, 'a' },
		{ "bad", required_argument, NULL, 'b' },
		{ "event", required_argument, NULL, 'e' },
		{ "burst", required_argument, NULL, 'n' },
		{ "clock", required_argument, NULL, 'c' },
		{ "stdin", no_argument, NULL, 's' },
		{}
	};
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == 'f')
			o->for_ms = strtoull(optarg, NULL, 0);
		else if (c == 'p')
			o->period_us = strtoull(optarg, NULL, 0);
		else if (c == 'w')
			o->window_us = strtoull(optarg, NULL, 0);
		else if (c == 't')
			sample->time_ns = strtoull(optarg, NULL, 0);
		else if (c == 'a')
			o->amount = true;
		else if (c == 'b')
			o->bad = optarg;
		else if (c == 'e')
			o->event_hz = atoi(optarg);
		else if (c == 'n')
			o->burst = strtoul(optarg, NULL, 0);
		else if (c == 'c')
			o->clock = optarg;
		else if (c == 's')
			o->from_stdin = true;
		else
			return false;
	}
	return optind < argc;
}

int main(int argc, char **argv)
{
	struct options o = { .period_us = 10000, .burst = 1 };
	struct push_call call = {};
	struct totals t = {};
	struct bpf_object *obj;
	uint64_t start;

	if (!parse_options(argc, argv, &o, &call.sample))
		return usage();
	call.token = strtoul(argv[optind++], NULL, 0);
	for (; optind < argc; optind++)
		parse_signal(&call.sample, argv[optind]);
	if (!o.window_us)
		o.window_us = o.period_us;
	call.sample.window_ns = o.window_us * 1000;
	if (o.amount)
		call.sample.amount = call.sample.valid;
	if (o.bad)
		spoil(&call.sample, o.bad);

	obj = load();
	start = now_ns();
	if (o.from_stdin)
		push_stdin(obj, &o, &call, &t);
	else if (o.event_hz)
		push_events(obj, &o, &call, &t);
	else
		push_loop(obj, &o, &call, &t);
	t.took_us = (now_ns() - start) / 1000;
	printf("pushed=%" PRIu64 " refused=%" PRIu64 " took_us=%" PRIu64
	       " errno=%d\n",
	       t.pushed, t.refused, t.took_us, -t.last);
	bpf_object__close(obj);
	return t.last ? 1 : 0;
}
