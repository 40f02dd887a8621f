// SPDX-License-Identifier: GPL-2.0
/*
 * The Azure LLM inference trace format, as in AzureLLMInferenceTrace_conv.csv
 * of github.com/Azure/AzurePublicDataset (Patel et al., Splitwise, ISCA 2024).
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "requests.h"

#define HEADER		"TIMESTAMP,ContextTokens,GeneratedTokens"
#define NSEC_PER_SEC	1000000000ULL
#define TOKENS_MAX	100000000U

/* One line without its end, and how far it has been read. */
struct cursor {
	const char *at;
	const char *end;
	unsigned int line;
	struct requests_error *err;
};

__attribute__((format(printf, 2, 3)))
static int refuse(struct cursor *c, const char *fmt, ...)
{
	va_list args;

	c->err->line = c->line;
	va_start(args, fmt);
	vsnprintf(c->err->reason, sizeof(c->err->reason), fmt, args);
	va_end(args);
	return -EINVAL;
}

/* Exactly @digits decimal digits. */
static bool take_digits(struct cursor *c, unsigned int digits,
			unsigned int *ret)
{
	unsigned int v = 0;

	if ((size_t)(c->end - c->at) < digits)
		return false;
	for (unsigned int i = 0; i < digits; i++) {
		if (c->at[i] < '0' || c->at[i] > '9')
			return false;
		v = v * 10 + (unsigned int)(c->at[i] - '0');
	}
	c->at += digits;
	*ret = v;
	return true;
}

static bool take_char(struct cursor *c, char want)
{
	if (c->at == c->end || *c->at != want)
		return false;
	c->at++;
	return true;
}

static bool take_text(struct cursor *c, const char *want)
{
	size_t len = strlen(want);

	if ((size_t)(c->end - c->at) < len || memcmp(c->at, want, len))
		return false;
	c->at += len;
	return true;
}

static bool is_leap(unsigned int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned int month_days(unsigned int year, unsigned int month)
{
	static const unsigned char days[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
	};

	return days[month - 1] + (month == 2 && is_leap(year));
}

/* Leap years before , since the year 1. */
static unsigned int leaps_before(unsigned int year)
{
	unsigned int y = year - 1;

	return y / 4 - y / 100 + y / 400;
}

/* Days since 1970-01-01 of a valid date. */
static uint64_t date_to_days(unsigned int year, unsigned int month,
			     unsigned int day)
{
	uint64_t days = 365ULL * (year - 1970) + leaps_before(year) -
			leaps_before(1970);

	for (unsigned int m = 1; m < month; m++)
		days += month_days(year, m);
	return days + day - 1;
}

static bool take_fraction(struct cursor *c, uint64_t *ret_ns)
{
	uint64_t ns = 0, unit = NSEC_PER_SEC / 10;
	unsigned int digits = 0;

	while (c->at != c->end && *c->at >= '0' && *c->at <= '9') {
		if (++digits > 9)
			return false;
		ns += (uint64_t)(*c->at++ - '0') * unit;
		unit /= 10;
	}
	*ret_ns = ns;
	return digits > 0;
}

static bool take_date(struct cursor *c, uint64_t *ret_days)
{
	unsigned int year, month, day;

	if (!take_digits(c, 4, &year) || !take_char(c, '-') ||
	    !take_digits(c, 2, &month) || !take_char(c, '-') ||
	    !take_digits(c, 2, &day))
		return false;
	if (year < 1970 || year > 2400 || month < 1 || month > 12 || day < 1 ||
	    day > month_days(year, month))
		return false;
	*ret_days = date_to_days(year, month, day);
	return true;
}

static bool take_timestamp(struct cursor *c, uint64_t *ret_ns)
{
	unsigned int hour, minute, second;
	uint64_t days, fraction = 0;

	if (!take_date(c, &days) || !take_char(c, ' ') ||
	    !take_digits(c, 2, &hour) || !take_char(c, ':') ||
	    !take_digits(c, 2, &minute) || !take_char(c, ':') ||
	    !take_digits(c, 2, &second))
		return false;
	if (hour > 23 || minute > 59 || second > 59)
		return false;
	if (take_char(c, '.') && !take_fraction(c, &fraction))
		return false;
	/* The 2024 files of the same format say so that it is UTC. */
	if (c->at != c->end && *c->at == '+' && !take_text(c, "+00:00"))
		return false;
	*ret_ns = (((days * 24 + hour) * 60 + minute) * 60 + second) *
		  NSEC_PER_SEC + fraction;
	return true;
}

static int take_tokens(struct cursor *c, const char *column, uint32_t *ret)
{
	const char *first = c->at;
	uint32_t v = 0;

	while (c->at != c->end && *c->at >= '0' && *c->at <= '9') {
		v = v * 10 + (uint32_t)(*c->at++ - '0');
		if (v > TOKENS_MAX)
			return refuse(c, "%s is above %u", column, TOKENS_MAX);
	}
	if (c->at == first)
		return refuse(c, "%s is not a number", column);
	*ret = v;
	return 0;
}

static int parse_line(struct cursor *c, struct request *ret)
{
	int r;

	if (c->at == c->end)
		return refuse(c, "empty line");
	if (!take_timestamp(c, &ret->arrival_ns))
		return refuse(c,
			      "no timestamp like 2023-11-16 18:15:46.6805900 at the start");
	if (!take_char(c, ','))
		return refuse(c, "no comma after the timestamp");
	r = take_tokens(c, "ContextTokens", &ret->context);
	if (r)
		return r;
	if (!ret->context)
		return refuse(c, "ContextTokens is 0");
	if (!take_char(c, ','))
		return refuse(c, "no comma after ContextTokens");
	r = take_tokens(c, "GeneratedTokens", &ret->generated);
	if (r)
		return r;
	if (c->at != c->end)
		return refuse(c, "text after GeneratedTokens");
	return 0;
}

/* Cuts the next line off @rest; the LF or CRLF belongs to neither. */
static void next_line(const char **rest, const char *end, struct cursor *c)
{
	const char *lf = memchr(*rest, '\n', (size_t)(end - *rest));

	c->at = *rest;
	c->end = lf ? lf : end;
	*rest = lf ? lf + 1 : end;
	if (c->end != c->at && c->end[-1] == '\r')
		c->end--;
	c->line++;
}

static int parse_rows(const char *rest, const char *end, struct cursor *c,
		      struct requests *table)
{
	uint64_t first_ns = 0, last_ns = 0;
	struct request one;
	int ret;

	while (rest != end) {
		next_line(&rest, end, c);
		ret = parse_line(c, &one);
		if (ret)
			return ret;
		if (!table->nr)
			first_ns = one.arrival_ns;
		else if (one.arrival_ns < last_ns)
			return refuse(c, "earlier than the line before");
		last_ns = one.arrival_ns;
		one.arrival_ns -= first_ns;
		ret = requests_add(table, &one);
		if (ret)
			return ret;
	}
	return 0;
}

int requests_parse_azure(const char *text, size_t len, struct requests *ret,
			 struct requests_error *err)
{
	struct cursor c = { .err = err };
	const char *end = text + len;
	struct requests table = { 0 };
	int r;

	if (!len)
		return refuse(&c, "the file is empty");
	next_line(&text, end, &c);
	if ((size_t)(c.end - c.at) != strlen(HEADER) ||
	    memcmp(c.at, HEADER, strlen(HEADER)))
		return refuse(&c, "the header is not %s", HEADER);
	r = parse_rows(text, end, &c, &table);
	if (!r && !table.nr) {
		c.line = 0;
		r = refuse(&c, "no request after the header");
	}
	if (r) {
		requests_free(&table);
		return r;
	}
	*ret = table;
	return 0;
}
