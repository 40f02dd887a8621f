// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - messages of the programs
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"

static const char *log_program = "accelgov";
static bool log_verbose;
static bool log_journal;

/*
 * JOURNAL_STREAM outlives a redirection of stderr, so it counts only when it
 * names the very file that stderr is.
 */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	if (!stream || sscanf(stream, "%llu:%llu", &dev, &ino) != 2)
		return false;
	return !fstat(STDERR_FILENO, &st) && st.st_dev == dev &&
	       st.st_ino == ino;
}

void log_init(const char *program, bool verbose)
{
	log_program = program;
	log_verbose = verbose;
	log_journal = stderr_is_journal();
}

void log_msg(int priority, const char *fmt, ...)
{
	char line[1024];
	va_list args;
	size_t len;

	if (priority == LOG_DEBUG && !log_verbose)
		return;
	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	len = strlen(line);
	while (len && line[len - 1] == '\n')
		line[--len] = '\0';

	if (log_journal)
		fprintf(stderr, "<%d>%s\n", priority, line);
	else
		fprintf(stderr, "%s: %s%s\n", log_program,
			priority <= LOG_ERR ? "error: " :
			priority == LOG_WARNING ? "warning: " : "", line);
}
