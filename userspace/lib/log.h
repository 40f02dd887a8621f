/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - messages of the programs (library code returns errors instead)
 *
 * They go to stderr. When that is the journal each line starts with "<N>", the
 * priority as journald reads it, otherwise with the program's name.
 */
#ifndef ACCELGOV_LIB_LOG_H
#define ACCELGOV_LIB_LOG_H

#include <stdbool.h>
#include <syslog.h>

/**
 * log_init() - must come before the first message
 * @program: name that starts each line outside the journal
 * @verbose: show LOG_DEBUG as well
 */
void log_init(const char *program, bool verbose);

/**
 * log_msg() - write one line
 * @priority: LOG_ERR to LOG_DEBUG
 * @fmt: printf style, without a newline
 */
void log_msg(int priority, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#define log_err(...)	log_msg(LOG_ERR, __VA_ARGS__)
#define log_warn(...)	log_msg(LOG_WARNING, __VA_ARGS__)
#define log_notice(...)	log_msg(LOG_NOTICE, __VA_ARGS__)
#define log_info(...)	log_msg(LOG_INFO, __VA_ARGS__)
#define log_debug(...)	log_msg(LOG_DEBUG, __VA_ARGS__)

#endif /* ACCELGOV_LIB_LOG_H */
