/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - INI text in the systemd dialect
 *
 * [Section words], Key=Value, comments from # or ; at the start of a line, a
 * backslash at the end of a line joins the next one. Space around keys and
 * values doesn't count. Keys are case sensitive.
 */
#ifndef ACCELGOV_LIB_INI_H
#define ACCELGOV_LIB_INI_H

#include <stddef.h>

/**
 * struct ini_handler - what ini_parse() calls, in the order of the file
 * @section: a section begins; @name is what stood between the brackets
 * @value: an assignment; @value is "" when nothing stood after the "="
 * @problem: a line that is neither; the text says what is wrong with it
 * @arg: handed to each
 */
struct ini_handler {
	void (*section)(void *arg, unsigned int line, const char *name);
	void (*value)(void *arg, unsigned int line, const char *key,
		      const char *value);
	void (*problem)(void *arg, unsigned int line, const char *text);
	void *arg;
};

/**
 * ini_parse() - parse a whole file's text
 * @text: the file, need not end with NUL
 * @len: of @text
 * @handler: gets what is found
 *
 * Parsing goes on after a problem, so that all of them are reported.
 */
void ini_parse(const char *text, size_t len, const struct ini_handler *handler);

#endif /* ACCELGOV_LIB_INI_H */
