// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov play: how far it is and what the devices draw. One line that is
 * rewritten on a terminal, a plain line every ten seconds elsewhere.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "play.h"

#define LINE_NS		(10 * PLAY_NSEC)
#define BAR_LEN		16
#define TEXT_LEN	512

static bool on_terminal(void)
{
	return isatty(STDERR_FILENO);
}

static size_t columns(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) || !size.ws_col)
		return 80;
	return size.ws_col;
}

__attribute__((format(printf, 2, 3)))
static void append(char *text, const char *fmt, ...)
{
	size_t len = strlen(text);
	va_list args;

	va_start(args, fmt);
	vsnprintf(text + len, TEXT_LEN - len, fmt, args);
	va_end(args);
}

/* Mean power since the start, by workload. */
static void append_runs(char *text, const struct play *play, uint64_t now_ns)
{
	const char *workload = "";

	for (unsigned int i = 0; i < play->nr; i++) {
		const struct play_run *run = &play->run[i];
		double uj = (double)(run->energy_uj - run->energy_start_uj);

		if (strcmp(workload, run->spec.workload))
			append(text, "%s %s:", *workload ? " |" : "",
			       run->spec.workload);
		else
			append(text, ",");
		append(text, " %s %.0f W", run->spec.governor,
		       uj * 1e3 / (double)now_ns);
		workload = run->spec.workload;
	}
}

void play_progress(const struct play *play, uint64_t now_ns)
{
	uint64_t all_ns = play->opt.work.duration_ns;
	unsigned int full = (unsigned int)(now_ns * BAR_LEN / all_ns);
	char text[TEXT_LEN] = "";
	static uint64_t lines;

	if (!on_terminal() && now_ns < all_ns && now_ns / LINE_NS <= lines)
		return;
	lines = now_ns / LINE_NS;
	if (full > BAR_LEN)
		full = BAR_LEN;
	if (on_terminal())
		append(text, "[%.*s%.*s] ", (int)full, "################",
		       (int)(BAR_LEN - full), "................");
	append(text, "%u of %u s,", (unsigned int)(now_ns / PLAY_NSEC),
	       (unsigned int)(all_ns / PLAY_NSEC));
	append_runs(text, play, now_ns);
	if (on_terminal())
		fprintf(stderr, "\r%-*.*s", (int)columns() - 1,
			(int)columns() - 1, text);
	else
		fprintf(stderr, "%s\n", text);
	fflush(stderr);
}

void play_progress_end(const struct play *play)
{
	if (on_terminal() && play->start_ns)
		fputc('\n', stderr);
}
