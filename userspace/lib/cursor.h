/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A text that somebody else wrote, read line by line and from left to right,
 * and where and why it was refused. Nothing is copied and nothing is allocated.
 */
#ifndef _LIB_CURSOR_H
#define _LIB_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct text_error - why a text was refused
 * @line: line number, from 1; 0 when the text as a whole is wrong
 * @reason: what is wrong with it, for humans; printable whatever the text holds
 */
struct text_error {
	unsigned int line;
	char reason[200];
};

/**
 * struct cursor - a place in a text
 * @at: what is left of the line
 * @end: end of the line, before its LF or CRLF
 * @rest: first byte of the next line
 * @stop: end of the text
 * @line: number of the line, from 1; 0 before the first
 * @err: where a refusal goes
 */
struct cursor {
	const char *at;
	const char *end;
	const char *rest;
	const char *stop;
	unsigned int line;
	struct text_error *err;
};

/**
 * cursor_refuse() - the line is wrong
 * @c: the cursor
 * @fmt: reason, printf style
 *
 * Return: -EINVAL.
 */
int cursor_refuse(struct cursor *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * cursor_begin() - before the first line of a text
 * @c: set
 * @text: the whole text, any bytes
 * @len: its length
 * @err: where a refusal goes
 *
 * A byte-order mark of UTF-8, which spreadsheets put in front, is stepped over.
 *
 * Return: 0, -EINVAL for an empty text and for UTF-16.
 */
int cursor_begin(struct cursor *c, const char *text, size_t len,
		 struct text_error *err);

/**
 * cursor_next() - go to the next line
 * @c: the cursor
 *
 * Lines end in LF or CRLF, the last one may end in neither.
 *
 * Return: 1 with a line, 0 at the end of the text, -EINVAL for a line that
 * holds a NUL byte.
 */
int cursor_next(struct cursor *c);

/**
 * cursor_ended() - nothing more stands in the line
 * @c: the cursor
 *
 * Return: true when it is so.
 */
static inline bool cursor_ended(const struct cursor *c)
{
	return c->at == c->end;
}

/* Each of these steps over what it takes, or stays where it is. */
bool cursor_char(struct cursor *c, char want);
bool cursor_text(struct cursor *c, const char *want);
/* Exactly @digits decimal digits. */
bool cursor_digits(struct cursor *c, unsigned int digits, unsigned int *ret);
/* The rest of the line is @want and nothing else. */
bool cursor_is(const struct cursor *c, const char *want);

/**
 * cursor_field() - take a field of CSV with the comma behind it
 * @c: the cursor
 * @ret: a cursor in the same line that ends with the field
 *
 * Quotes mean nothing: no field of any format read here holds a comma.
 *
 * Return: true when a comma follows, false for the last field.
 */
bool cursor_field(struct cursor *c, struct cursor *ret);

/**
 * cursor_fields() - how many fields of CSV are left in the line
 * @c: the cursor
 *
 * Return: commas and one.
 */
unsigned int cursor_fields(const struct cursor *c);

/**
 * cursor_whole() - take a whole number
 * @c: the cursor
 * @what: name of the number, for the reason
 * @max: highest value allowed
 * @ret: the number, set on success only
 *
 * Return: 0 or -EINVAL, refused.
 */
int cursor_whole(struct cursor *c, const char *what, uint64_t max,
		 uint64_t *ret);

/**
 * cursor_real() - take a number that may have a fraction and an exponent
 * @c: the cursor
 * @what: name of the number, for the reason
 * @max: highest value allowed; the lowest is 0
 * @ret: the number, set on success only
 *
 * Return: 0 or -EINVAL, refused.
 */
int cursor_real(struct cursor *c, const char *what, double max, double *ret);

/**
 * text_printable() - make foreign text fit for a terminal
 * @buf: result, always terminated; what is not printable ASCII becomes ?
 * @size: of @buf
 * @text: the text
 * @len: its length
 *
 * Return: @buf.
 */
const char *text_printable(char *buf, size_t size, const char *text,
			   size_t len);

#endif /* _LIB_CURSOR_H */
