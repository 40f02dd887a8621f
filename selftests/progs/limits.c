// SPDX-License-Identifier: GPL-2.0
/*
 * limits - change limits at random, and tell from a trace whether they held
 *
 *	limits change [--seconds N] [--seed N] DEVICE...
 *	limits check FILE
 *
 * The first changes what limits the clock of devfreq devices: min_freq and
 * max_freq, which are requests of dev_pm_qos, the state of the cooling device, and
 * the power limit in hwmon; one of them at a time. It writes what it does into the
 * trace, where it is in order with the decisions:
 *
 *	limits: begin dev=NAME min_khz=N max_khz=N cap_mw=N	from now on, perhaps
 *	limits: end dev=NAME					from now on, surely
 *
 * The second reads such a trace. A clock that a governor decided for
 * (accelgov:decision), that devfreq set (devfreq_frequency), that a device was
 * told (accelsim:told, accelgov:proxy what=target) has to be within limits in
 * force, and the power limit that the device was told has to be the one in force.
 * Between begin and end the old and the new ones are in force: devfreq takes its
 * own lock for both the change and every decision. At each end the clock that was
 * told last must be within the new limits: nothing is put off to the next decision.
 *
 * Prints "decisions=N told=N changes=N violations=N" and one line for each of the
 * first violations. Exits with 0 when limits held; 1 when they did not, or when the
 * trace has a gap or nothing to judge; 2 when it could not try.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <glob.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "junk.h"

#define DEVICES_MAX	16
#define POINTS_MAX	256
#define NAME_LEN	64
#define DEVFREQ		"/sys/class/devfreq"
#define MARKER		"/sys/kernel/tracing/trace_marker"

struct limits {
	unsigned long min_khz;
	unsigned long max_khz;
	unsigned long cap_mw;
};

static void fail(const char *what)
{
	fprintf(stderr, "limits: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* change */

struct target {
	pthread_t thread;
	char name[NAME_LEN];
	char cooling[PATH_MAX];
	char cap[PATH_MAX];
	unsigned long khz[POINTS_MAX];
	int nr;
	unsigned long min_khz;
	unsigned long max_khz;
	int state;
	unsigned long cap_mw;
	uint64_t seed;
	int marker;
};

static time_t end_at;

static bool read_text(const char *path, char *buf, size_t size)
{
	FILE *f = fopen(path, "r");
	size_t len;

	if (!f)
		return false;
	len = fread(buf, 1, size - 1, f);
	fclose(f);
	buf[len] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	return true;
}

static void write_number(const char *path, unsigned long value)
{
	FILE *f = fopen(path, "w");

	if (!f || fprintf(f, "%lu", value) < 0 || fclose(f))
		fail(path);
}

static void find_points(struct target *t)
{
	char path[PATH_MAX], buf[4096], *word, *rest = buf;

	snprintf(path, sizeof(path), DEVFREQ "/%s/available_frequencies",
		 t->name);
	if (!read_text(path, buf, sizeof(buf)))
		fail(path);
	while ((word = strsep(&rest, " ")) && t->nr < POINTS_MAX)
		if (*word)
			t->khz[t->nr++] = strtoul(word, NULL, 10) / 1000;
	if (!t->nr)
		fail(path);
}

/* The cooling device of the devfreq device, if it has one. */
static void find_cooling(struct target *t)
{
	char want[NAME_LEN + 16], got[NAME_LEN + 16];
	size_t i;
	glob_t g;

	snprintf(want, sizeof(want), "devfreq-%s", t->name);
	if (glob("/sys/class/thermal/cooling_device*/type", 0, NULL, &g))
		return;
	for (i = 0; i < g.gl_pathc; i++)
		if (read_text(g.gl_pathv[i], got, sizeof(got)) &&
		    !strcmp(want, got))
			snprintf(t->cooling, sizeof(t->cooling),
				 "%.*scur_state",
				 (int)strlen(g.gl_pathv[i]) - 4,
				 g.gl_pathv[i]);
	globfree(&g);
}

static void find_cap(struct target *t)
{
	char pattern[PATH_MAX], buf[32];
	glob_t g;

	snprintf(pattern, sizeof(pattern),
		 DEVFREQ "/%s/device/{hwmon/,}hwmon*/power1_cap", t->name);
	if (glob(pattern, GLOB_BRACE, NULL, &g))
		return;
	snprintf(t->cap, sizeof(t->cap), "%s", g.gl_pathv[0]);
	if (read_text(t->cap, buf, sizeof(buf)))
		t->cap_mw = strtoul(buf, NULL, 10) / 1000;
	globfree(&g);
}

/* What is in force: of all upper limits the lowest, and it wins. */
static struct limits in_force(const struct target *t)
{
	unsigned long cooled = t->khz[t->nr - 1 - t->state];
	struct limits l = { t->min_khz, t->max_khz, t->cap_mw };

	if (cooled < l.max_khz)
		l.max_khz = cooled;
	if (l.min_khz > l.max_khz)
		l.min_khz = l.max_khz;
	return l;
}

/* With no clock in between devfreq takes the next one above. */
static bool leaves_a_clock(const struct target *t)
{
	struct limits l = in_force(t);
	int i;

	for (i = 0; i < t->nr; i++)
		if (t->khz[i] >= l.min_khz && t->khz[i] <= l.max_khz)
			return true;
	return false;
}

/* A clock of the table or beside it. */
static unsigned long some_khz(struct target *t)
{
	unsigned long khz = t->khz[below(&t->seed, t->nr)];

	return below(&t->seed, 2) ? khz : khz + below(&t->seed, 2000) - 1000;
}

static void mark(const struct target *t, const char *what,
		 const struct limits *l)
{
	char line[160];
	int len;

	len = snprintf(line, sizeof(line), "limits: %s dev=%s", what, t->name);
	if (l)
		len += snprintf(line + len, sizeof(line) - len,
				" min_khz=%lu max_khz=%lu cap_mw=%lu",
				l->min_khz, l->max_khz, l->cap_mw);
	if (write(t->marker, line, len) != len)
		fail(MARKER);
}

static void change_to(struct target *t, const char *path, unsigned long value)
{
	struct limits l = in_force(t);

	mark(t, "begin", &l);
	write_number(path, value);
	mark(t, "end", NULL);
}

static void change_freq(struct target *t, const char *name,
			unsigned long *khz, unsigned long to)
{
	unsigned long old = *khz;
	char path[PATH_MAX];

	*khz = to;
	if (!leaves_a_clock(t)) {
		*khz = old;
		return;
	}
	snprintf(path, sizeof(path), DEVFREQ "/%s/%s", t->name, name);
	change_to(t, path, to * 1000);
}

static void change_state(struct target *t, int to)
{
	int old = t->state;

	if (!*t->cooling)
		return;
	t->state = to;
	if (leaves_a_clock(t))
		change_to(t, t->cooling, to);
	else
		t->state = old;
}

static void change_cap(struct target *t, unsigned long to_mw)
{
	if (!*t->cap)
		return;
	t->cap_mw = to_mw;
	change_to(t, t->cap, to_mw * 1000);
}

static void step(struct target *t)
{
	switch (below(&t->seed, 8)) {
	case 0:
	case 1:
	case 2:
		change_freq(t, "max_freq", &t->max_khz, some_khz(t));
		break;
	case 3:
	case 4:
		change_freq(t, "min_freq", &t->min_khz, some_khz(t));
		break;
	case 5:
	case 6:
		change_state(t, below(&t->seed, 2) ? 0 :
				below(&t->seed, t->nr));
		break;
	default:
		change_cap(t, 100000 + 1000 * below(&t->seed, 301));
	}
	usleep(below(&t->seed, 8) ? below(&t->seed, 20000) :
				    below(&t->seed, 200000));
}

static void *change_all(void *arg)
{
	struct target *t = arg;

	change_freq(t, "min_freq", &t->min_khz, t->khz[0]);
	change_freq(t, "max_freq", &t->max_khz, t->khz[t->nr - 1]);
	change_state(t, 0);
	while (time(NULL) < end_at)
		step(t);
	change_state(t, 0);
	change_freq(t, "max_freq", &t->max_khz, t->khz[t->nr - 1]);
	change_freq(t, "min_freq", &t->min_khz, t->khz[0]);
	return NULL;
}

static int change(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "seconds", required_argument, NULL, 't' },
		{ "seed", required_argument, NULL, 's' },
		{}
	};
	static struct target targets[DEVICES_MAX];
	uint64_t seed = 1;
	int c, i, nr;

	end_at = time(NULL) + 5;
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == 't')
			end_at = time(NULL) + atoi(optarg);
		else if (c == 's')
			seed = strtoull(optarg, NULL, 0);
		else
			return 2;
	}
	nr = argc - optind;
	for (i = 0; i < nr && i < DEVICES_MAX; i++) {
		struct target *t = &targets[i];

		t->seed = (seed * DEVICES_MAX + i + 1) * 88172645463325252ULL;
		snprintf(t->name, sizeof(t->name), "%s", argv[optind + i]);
		find_points(t);
		t->max_khz = t->khz[t->nr - 1];
		find_cooling(t);
		find_cap(t);
		t->marker = open(MARKER, O_WRONLY | O_CLOEXEC);
		if (t->marker < 0)
			fail(MARKER);
		printf("%s: %d clocks, %s cooling device, %s power limit\n",
		       t->name, t->nr, *t->cooling ? "a" : "no",
		       *t->cap ? "a" : "no");
		if (pthread_create(&t->thread, NULL, change_all, t))
			fail("thread");
	}
	while (i--)
		pthread_join(targets[i].thread, NULL);
	return 0;
}

/* check */

struct watched {
	char name[NAME_LEN];
	struct limits now;
	struct limits next;
	bool changing;
	unsigned long told_khz;
};

struct totals {
	unsigned long decisions;
	unsigned long told;
	unsigned long changes;
	unsigned long violations;
	unsigned long lost;
};

static struct watched watched[DEVICES_MAX];

/* Return: the value of key in a line of key=value, 0 when there is none. */
static unsigned long value_of(const char *line, const char *key)
{
	const char *at = line;
	size_t len = strlen(key);

	while ((at = strstr(at, key))) {
		if (at > line && at[-1] == ' ' && at[len] == '=')
			return strtoul(at + len + 1, NULL, 10);
		at += len;
	}
	return 0;
}

/* Return: the device that a line names; NULL before its first change. */
static struct watched *device_of(const char *line, const char *key, bool add)
{
	const char *at = strstr(line, key);
	char name[NAME_LEN];
	int i;

	if (!at || sscanf(at + strlen(key), "%63s", name) != 1)
		return NULL;
	for (i = 0; i < DEVICES_MAX && *watched[i].name; i++)
		if (!strcmp(watched[i].name, name))
			return &watched[i];
	if (!add || i == DEVICES_MAX)
		return NULL;
	strcpy(watched[i].name, name);
	return &watched[i];
}

static bool allows(const struct limits *l, unsigned long khz)
{
	return khz >= l->min_khz && khz <= l->max_khz;
}

static void violated(struct totals *t, const struct watched *w,
		     const char *what, const char *line)
{
	if (++t->violations > 10)
		return;
	printf("violation: %s, with %lu to %lu kHz and %lu mW in force",
	       what, w->now.min_khz, w->now.max_khz, w->now.cap_mw);
	if (w->changing)
		printf(" or %lu to %lu kHz and %lu mW", w->next.min_khz,
		       w->next.max_khz, w->next.cap_mw);
	printf(":%.*s\n", (int)strcspn(line, "\n"), line);
}

static void judge_khz(struct totals *t, const struct watched *w,
		      unsigned long khz, const char *line)
{
	if (!allows(&w->now, khz) && !(w->changing && allows(&w->next, khz)))
		violated(t, w, "the clock is out of limits", line);
}

static void judge_cap(struct totals *t, const struct watched *w,
		      unsigned long cap_mw, const char *line)
{
	if (cap_mw != w->now.cap_mw &&
	    !(w->changing && cap_mw == w->next.cap_mw))
		violated(t, w, "the power limit is another one", line);
}

static void take_change(struct totals *t, const char *line)
{
	struct watched *w = device_of(line, "dev=", true);
	bool begins = strstr(line, " begin ");

	if (!w)
		return;
	if (begins) {
		w->next = (struct limits){
			value_of(line, "min_khz"), value_of(line, "max_khz"),
			value_of(line, "cap_mw"),
		};
		/* Nothing is known of the time before the first one. */
		if (!w->now.max_khz)
			w->now = (struct limits){ 0, ULONG_MAX, 0 };
		w->changing = true;
		return;
	}
	t->changes++;
	w->now = w->next;
	w->changing = false;
	if (w->told_khz && !allows(&w->now, w->told_khz))
		violated(t, w, "the clock stays out of new limits", line);
}

static void take_decision(struct totals *t, const char *line)
{
	struct watched *w = device_of(line, "dev=", false);

	if (!w)
		return;
	t->decisions++;
	judge_khz(t, w, value_of(line, "new_khz"), line);
}

static void take_frequency(struct totals *t, const char *line)
{
	struct watched *w = device_of(line, "dev_name=", false);

	if (!w)
		return;
	t->told++;
	judge_khz(t, w, value_of(line, "freq") / 1000, line);
}

static void take_told(struct totals *t, const char *line, const char *key)
{
	struct watched *w = device_of(line, "dev=", false);

	if (!w)
		return;
	t->told++;
	w->told_khz = value_of(line, key);
	judge_khz(t, w, w->told_khz, line);
	judge_cap(t, w, value_of(line, "cap_mw"), line);
}

/* Return: what follows an event's name, or NULL. */
static const char *after(const char *line, const char *name)
{
	const char *at = strstr(line, name);

	return at ? at + strlen(name) - 1 : NULL;
}

static void take_event(struct totals *t, const char *line)
{
	const char *change = after(line, ": limits: ");
	const char *decision = after(line, ": decision: ");
	const char *frequency = after(line, ": devfreq_frequency: ");
	const char *told = after(line, ": told: ");
	const char *proxy = after(line, ": proxy: ");

	if (change)
		take_change(t, change);
	else if (decision)
		take_decision(t, decision);
	else if (frequency)
		take_frequency(t, frequency);
	else if (told)
		take_told(t, told, "khz");
	else if (proxy && strstr(proxy, "what=target"))
		take_told(t, proxy, "clock_khz");
}

static void take_line(struct totals *t, const char *line)
{
	unsigned long in_buffer, written;

	if (sscanf(line, "# entries-in-buffer/entries-written: %lu/%lu",
		   &in_buffer, &written) == 2)
		t->lost += written > in_buffer ? written - in_buffer : 0;
	else if (strstr(line, "LOST"))
		t->lost++;
	else
		take_event(t, line);
}

static int check(const char *path)
{
	struct totals t = {};
	char line[1024];
	FILE *f;

	f = fopen(path, "r");
	if (!f)
		fail(path);
	while (fgets(line, sizeof(line), f))
		take_line(&t, line);
	fclose(f);
	printf("decisions=%lu told=%lu changes=%lu violations=%lu\n",
	       t.decisions, t.told, t.changes, t.violations);
	if (t.lost)
		printf("the trace has a gap: %lu events are lost\n", t.lost);
	if (!t.changes || !t.told)
		puts("there is nothing to judge");
	return t.violations || t.lost || !t.changes || !t.told;
}

int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "change"))
		return change(argc - 1, argv + 1);
	if (argc == 3 && !strcmp(argv[1], "check"))
		return check(argv[2]);
	fprintf(stderr, "usage: limits change [--seconds N] [--seed N] DEVICE...\n"
			"       limits check FILE\n");
	return 2;
}
