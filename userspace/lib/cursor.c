// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cursor.h"

#define UTF8_MARK	"\xef\xbb\xbf"

int cursor_refuse(struct cursor *c, const char *fmt, ...)
{
	va_list args;

	c->err->line = c->line;
	va_start(args, fmt);
	vsnprintf(c->err->reason, sizeof(c->err->reason), fmt, args);
	va_end(args);
	return -EINVAL;
}

static bool starts_with(const struct cursor *c, const char *want, size_t len)
{
	return (size_t)(c->stop - c->rest) >= len &&
	       !memcmp(c->rest, want, len);
}

int cursor_begin(struct cursor *c, const char *text, size_t len,
		 struct text_error *err)
{
	*c = (struct cursor){
		.at = text, .end = text, .rest = text, .stop = text + len,
		.err = err,
	};
	if (starts_with(c, "\xff\xfe", 2) || starts_with(c, "\xfe\xff", 2))
		return cursor_refuse(c, "the text is UTF-16, save it as UTF-8");
	if (starts_with(c, UTF8_MARK, strlen(UTF8_MARK)))
		c->rest += strlen(UTF8_MARK);
	if (c->rest == c->stop)
		return cursor_refuse(c, "the file is empty");
	return 0;
}

int cursor_next(struct cursor *c)
{
	const char *lf;

	if (c->rest == c->stop)
		return 0;
	lf = memchr(c->rest, '\n', (size_t)(c->stop - c->rest));
	c->at = c->rest;
	c->end = lf ? lf : c->stop;
	c->rest = lf ? lf + 1 : c->stop;
	if (c->end != c->at && c->end[-1] == '\r')
		c->end--;
	c->line++;
	if (memchr(c->at, '\0', (size_t)(c->end - c->at)))
		return cursor_refuse(c, "a NUL byte: this is no text");
	return 1;
}

static bool at_digit(const struct cursor *c)
{
	return c->at != c->end && *c->at >= '0' && *c->at <= '9';
}

bool cursor_char(struct cursor *c, char want)
{
	if (c->at == c->end || *c->at != want)
		return false;
	c->at++;
	return true;
}

bool cursor_text(struct cursor *c, const char *want)
{
	size_t len = strlen(want);

	if ((size_t)(c->end - c->at) < len || memcmp(c->at, want, len))
		return false;
	c->at += len;
	return true;
}

bool cursor_digits(struct cursor *c, unsigned int digits, unsigned int *ret)
{
	struct cursor ahead = *c;
	unsigned int v = 0;

	for (unsigned int i = 0; i < digits; i++) {
		if (!at_digit(&ahead))
			return false;
		v = v * 10 + (unsigned int)(*ahead.at++ - '0');
	}
	c->at = ahead.at;
	*ret = v;
	return true;
}

bool cursor_is(const struct cursor *c, const char *want)
{
	size_t len = strlen(want);

	return (size_t)(c->end - c->at) == len && !memcmp(c->at, want, len);
}

bool cursor_field(struct cursor *c, struct cursor *ret)
{
	const char *comma = memchr(c->at, ',', (size_t)(c->end - c->at));

	*ret = *c;
	ret->end = comma ? comma : c->end;
	c->at = comma ? comma + 1 : c->end;
	return comma;
}

unsigned int cursor_fields(const struct cursor *c)
{
	unsigned int nr = 1;

	for (const char *p = c->at; p != c->end; p++)
		nr += *p == ',';
	return nr;
}

/* Why no number begins here. */
static int no_number(struct cursor *c, const char *what)
{
	if (c->end - c->at > 1 && *c->at == '-' &&
	    memchr("0123456789.", c->at[1], 11))
		return cursor_refuse(c, "%s is negative, it has to be 0 or more",
				     what);
	return cursor_refuse(c, "%s is not a number", what);
}

int cursor_whole(struct cursor *c, const char *what, uint64_t max,
		 uint64_t *ret)
{
	struct cursor ahead = *c;
	uint64_t v = 0;

	if (!at_digit(&ahead))
		return no_number(c, what);
	for (; at_digit(&ahead); ahead.at++) {
		uint64_t digit = (uint64_t)(*ahead.at - '0');

		if (digit > max || v > (max - digit) / 10)
			return cursor_refuse(c, "%s is above %llu", what,
					     (unsigned long long)max);
		v = v * 10 + digit;
	}
	c->at = ahead.at;
	*ret = v;
	return 0;
}

/* strtod() alone would take blanks, signs, hexadecimal digits, inf and nan. */
int cursor_real(struct cursor *c, const char *what, double max, double *ret)
{
	size_t len = 0, room = (size_t)(c->end - c->at);
	char buf[64], *stop;
	double v;

	while (len < room && len < sizeof(buf) - 1 &&
	       memchr("0123456789.eE+-", c->at[len], 15))
		len++;
	memcpy(buf, c->at, len);
	buf[len] = '\0';
	if (!at_digit(c))
		return no_number(c, what);
	v = strtod(buf, &stop);
	if (*stop || (len < room && len == sizeof(buf) - 1))
		return cursor_refuse(c, "%s is not a number", what);
	if (!(v <= max))
		return cursor_refuse(c, "%s is above %g", what, max);
	c->at += len;
	*ret = v;
	return 0;
}

const char *text_printable(char *buf, size_t size, const char *text,
			   size_t len)
{
	size_t n = len < size - 1 ? len : size - 1;

	for (size_t i = 0; i < n; i++)
		buf[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
	buf[n] = '\0';
	return buf;
}
