// SPDX-License-Identifier: GPL-2.0
/*
 * The Azure LLM inference trace format, as in AzureLLMInferenceTrace_conv.csv
 * of github.com/Azure/AzurePublicDataset (Patel et al., Splitwise, ISCA 2024).
 */
#include <stdbool.h>

#include "requests.h"

#define HEADER		"TIMESTAMP,ContextTokens,GeneratedTokens"
#define NSEC_PER_SEC	1000000000ULL

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

/* Leap years before @year, since the year 1. */
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

	if (!cursor_digits(c, 4, &year) || !cursor_char(c, '-') ||
	    !cursor_digits(c, 2, &month) || !cursor_char(c, '-') ||
	    !cursor_digits(c, 2, &day))
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

	if (!take_date(c, &days) || !cursor_char(c, ' ') ||
	    !cursor_digits(c, 2, &hour) || !cursor_char(c, ':') ||
	    !cursor_digits(c, 2, &minute) || !cursor_char(c, ':') ||
	    !cursor_digits(c, 2, &second))
		return false;
	if (hour > 23 || minute > 59 || second > 59)
		return false;
	if (cursor_char(c, '.') && !take_fraction(c, &fraction))
		return false;
	/* The 2024 files of the same format say so that it is UTC. */
	if (c->at != c->end && *c->at == '+' && !cursor_text(c, "+00:00"))
		return false;
	*ret_ns = (((days * 24 + hour) * 60 + minute) * 60 + second) *
		  NSEC_PER_SEC + fraction;
	return true;
}

static int take_tokens(struct cursor *c, const char *column, uint32_t *ret)
{
	uint64_t v;
	int r = cursor_whole(c, column, REQUEST_TOKENS_MAX, &v);

	if (!r)
		*ret = (uint32_t)v;
	return r;
}

static int parse_line(struct cursor *c, struct request *ret)
{
	int r;

	if (cursor_ended(c))
		return cursor_refuse(c, "empty line");
	if (cursor_is(c, HEADER))
		return cursor_refuse(c, "the header once more");
	if (!take_timestamp(c, &ret->arrival_ns))
		return cursor_refuse(c,
			      "no timestamp like 2023-11-16 18:15:46.6805900 at the start");
	if (!cursor_char(c, ','))
		return cursor_refuse(c, "no comma after the timestamp");
	r = take_tokens(c, "ContextTokens", &ret->context);
	if (r)
		return r;
	if (!ret->context)
		return cursor_refuse(c, "ContextTokens is 0");
	if (!cursor_char(c, ','))
		return cursor_refuse(c, "no comma after ContextTokens");
	r = take_tokens(c, "GeneratedTokens", &ret->generated);
	if (r)
		return r;
	if (!cursor_ended(c))
		return cursor_refuse(c, "text after GeneratedTokens");
	return 0;
}

int requests_parse_azure(const char *text, size_t len, struct requests *ret,
			 struct text_error *err)
{
	struct cursor c;
	int r = cursor_begin(&c, text, len, err);

	if (!r)
		r = cursor_next(&c);
	if (r < 0)
		return r;
	if (!cursor_is(&c, HEADER))
		return cursor_refuse(&c, "the header is not %s", HEADER);
	return requests_read(&c, parse_line, ret);
}
