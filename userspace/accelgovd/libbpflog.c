// SPDX-License-Identifier: GPL-2.0
/*
 * accelgovd - what libbpf says, in the daemon's log
 */
#include <stdarg.h>
#include <stdio.h>

#include <bpf/libbpf.h>

#include "libbpflog.h"
#include "log.h"

static _Thread_local bool expected;

static int __attribute__((format(printf, 2, 0)))
on_libbpf(enum libbpf_print_level level, const char *fmt, va_list args)
{
	char line[1024];

	/* Messages about features that a kernel lacks are no warnings of ours. */
	vsnprintf(line, sizeof(line), fmt, args);
	log_msg(level == LIBBPF_WARN && !expected ? LOG_INFO : LOG_DEBUG, "%s",
		line);
	return 0;
}

void libbpflog_init(void)
{
	libbpf_set_print(on_libbpf);
}

void libbpflog_expect(bool failure)
{
	expected = failure;
}
