// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - INI text in the systemd dialect
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ini.h"

/* A joined line longer than this is no configuration any more. */
#define INI_LINE_MAX 4096

struct ini_reader {
	const struct ini_handler *handler;
	bool in_section;
};

static void problem(const struct ini_reader *r, unsigned int line,
		    const char *text)
{
	r->handler->problem(r->handler->arg, line, text);
}

static char *strip(char *text)
{
	char *end;

	while (isspace((unsigned char)*text))
		text++;
	end = text + strlen(text);
	while (end > text && isspace((unsigned char)end[-1]))
		end--;
	*end = '\0';
	return text;
}

static void parse_section(struct ini_reader *r, unsigned int line, char *text)
{
	char *end = strchr(text, ']');

	/* What follows a broken header must not land in the section before. */
	r->in_section = true;
	if (!end || end[1]) {
		problem(r, line, end ? "text after the section's ]" :
				 "a section header needs a closing ]");
		r->handler->section(r->handler->arg, line, NULL);
		return;
	}
	*end = '\0';
	r->handler->section(r->handler->arg, line, strip(text + 1));
}

static void parse_line(struct ini_reader *r, unsigned int line, char *text)
{
	char *value;

	text = strip(text);
	if (!*text || *text == '#' || *text == ';')
		return;
	if (*text == '[') {
		parse_section(r, line, text);
		return;
	}
	value = strchr(text, '=');
	if (!value || value == text) {
		problem(r, line, value ? "a key is missing before \"=\"" :
				 "neither a [Section], nor Key=Value, nor a comment");
		return;
	}
	*value++ = '\0';
	if (!r->in_section) {
		problem(r, line, "an assignment before the first [Section]");
		return;
	}
	r->handler->value(r->handler->arg, line, strip(text), strip(value));
}

static bool is_comment(const char *text)
{
	while (isspace((unsigned char)*text))
		text++;
	return *text == '#' || *text == ';';
}

static bool is_clean(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((unsigned char)text[i] < ' ' && text[i] != '\t' &&
		    text[i] != '\r')
			return false;
	return true;
}

void ini_parse(const char *text, size_t len, const struct ini_handler *handler)
{
	struct ini_reader r = { .handler = handler };
	const char *end = text + len, *eol;
	unsigned int number = 0, first = 0;
	char line[INI_LINE_MAX];
	size_t used = 0, n;
	bool joined = false, skip = false;

	/* Editors on Windows begin a file with this mark. */
	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		text += 3;
	for (; text < end; text = eol + 1) {
		eol = memchr(text, '\n', end - text);
		if (!eol)
			eol = end;
		n = eol - text;
		number++;
		if (!joined) {
			used = 0;
			first = number;
			skip = false;
		}
		joined = false;
		if (!skip && !is_clean(text, n)) {
			problem(&r, number, "a control character");
			skip = true;
		}
		if (!skip && used + n >= sizeof(line)) {
			problem(&r, number, "the line is too long");
			skip = true;
		}
		if (!skip) {
			memcpy(line + used, text, n);
			used += n;
			line[used] = '\0';
		}
		if (n && text[n - 1] == '\\' && (skip || !is_comment(line))) {
			joined = true;
			/* The backslash and the line's end become one space. */
			if (!skip)
				line[used - 1] = ' ';
			continue;
		}
		if (!skip)
			parse_line(&r, first, line);
	}
	if (joined && !skip)
		parse_line(&r, first, line);
}
