// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - numbers with units, as people write and read them
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "units.h"

struct scale {
	const char *name;
	int64_t factor;
};

static const struct scale time_scales[] = {
	{ "us", 1 }, { "ms", 1000 }, { "s", 1000000 }, { "min", 60000000 },
	{ "h", 3600000000 }, { }
};

static const struct scale freq_scales[] = {
	{ "Hz", 1 }, { "kHz", 1000 }, { "MHz", 1000000 },
	{ "GHz", 1000000000 }, { }
};

static const struct scale power_scales[] = {
	{ "uW", 1 }, { "mW", 1000 }, { "W", 1000000 },
	{ "kW", 1000000000 }, { }
};

static const struct scale share_scales[] = {
	{ "permille", 1 }, { "%", 10 }, { }
};

static const struct scale span_scales[] = {
	{ "ns", 1 }, { "us", 1000 }, { "ms", 1000000 }, { "s", 1000000000 }, { }
};

static const struct scale voltage_scales[] = {
	{ "uV", 1 }, { "mV", 1000 }, { "V", 1000000 }, { }
};

static const struct scale bandwidth_scales[] = {
	{ "MB/s", 1 }, { "GB/s", 1000 }, { "TB/s", 1000000 }, { }
};

static const struct scale count_scales[] = {
	{ "", 1 }, { }
};

static const struct {
	const struct scale *scales;
	const char *example;
} units[] = {
	[UNIT_TIME] = { time_scales,
			"a time with its unit, such as 500us, 10ms, 3s" },
	[UNIT_FREQ] = { freq_scales,
			"a frequency with its unit, such as 900MHz, 1.2GHz" },
	[UNIT_POWER] = { power_scales,
			 "a power with its unit, such as 350W" },
	[UNIT_SHARE] = { share_scales,
			 "a share with its unit, such as 3% or 30permille" },
	[UNIT_BOOL] = { NULL, "yes or no" },
	[UNIT_SPAN] = { span_scales,
			"a time with its unit, such as 50us, 15ms" },
	[UNIT_VOLTAGE] = { voltage_scales,
			   "a voltage with its unit, such as 850mV" },
	[UNIT_BANDWIDTH] = { bandwidth_scales,
			     "a bandwidth with its unit, such as 1430GB/s" },
	[UNIT_COUNT] = { count_scales, "a whole number" },
};

const char *unit_example(enum unit unit)
{
	return units[unit].example;
}

const char *unit_samples(enum unit unit)
{
	const char *such = strstr(units[unit].example, "such as ");

	return such ? such + strlen("such as ") : units[unit].example;
}

static int parse_bool(const char *text, int64_t *ret_value)
{
	static const char *const yes[] = { "yes", "on", "true", "1" };
	static const char *const no[] = { "no", "off", "false", "0" };
	size_t i;

	for (i = 0; i < 4; i++) {
		if (!strcasecmp(text, yes[i]) || !strcasecmp(text, no[i])) {
			*ret_value = !strcasecmp(text, yes[i]);
			return 0;
		}
	}
	return -EBADMSG;
}

/*
 * Digits with at most one point, as an integer and the power of ten that it has
 * to be divided by.
 */
static int parse_digits(const char **text, int64_t *ret_digits,
			int64_t *ret_divisor)
{
	int64_t digits = 0, divisor = 1;
	const char *p = *text;
	bool point = false;

	if (!isdigit((unsigned char)*p))
		return -EBADMSG;
	for (; isdigit((unsigned char)*p) || *p == '.'; p++) {
		if (*p == '.') {
			if (point || !isdigit((unsigned char)p[1]))
				return -EBADMSG;
			point = true;
			continue;
		}
		if (__builtin_mul_overflow(digits, 10, &digits) ||
		    __builtin_add_overflow(digits, *p - '0', &digits))
			return -ERANGE;
		if (point && __builtin_mul_overflow(divisor, 10, &divisor))
			return -EDOM;
	}
	*text = p;
	*ret_digits = digits;
	*ret_divisor = divisor;
	return 0;
}

static const struct scale *find_scale(const struct scale *scale,
				      const char *name)
{
	for (; scale->name; scale++)
		if (!strcmp(scale->name, name))
			return scale;
	return NULL;
}

int unit_parse(enum unit unit, const char *text, int64_t *ret_value)
{
	int64_t digits, divisor, factor, value;
	const struct scale *scale;
	int ret;

	if (unit == UNIT_BOOL)
		return parse_bool(text, ret_value);

	ret = parse_digits(&text, &digits, &divisor);
	if (ret)
		return ret;
	while (*text == ' ')
		text++;
	if (!*text && !digits) {
		*ret_value = 0;
		return 0;
	}
	scale = find_scale(units[unit].scales, text);
	if (!scale)
		return -EBADMSG;
	for (factor = scale->factor; divisor > 1 && factor % 10 == 0;
	     factor /= 10)
		divisor /= 10;
	if (__builtin_mul_overflow(digits, factor, &value))
		return -ERANGE;
	if (value % divisor)
		return -EDOM;
	*ret_value = value / divisor;
	return 0;
}

static const char *format_scaled(double value, const char *unit, char *buf,
				 size_t size)
{
	double magnitude = value < 0 ? -value : value;
	int decimals = magnitude < 9.995 ? 2 : magnitude < 99.95 ? 1 : 0;

	/* Whole numbers that need no decimals read better without. */
	if (value == (double)(int64_t)value)
		decimals = 0;
	snprintf(buf, size, "%.*f %s", decimals, value, unit);
	return buf;
}

const char *unit_format(enum unit unit, int64_t value, char *buf, size_t size)
{
	const struct scale *scale = units[unit].scales;

	if (unit == UNIT_BOOL) {
		snprintf(buf, size, "%s", value ? "yes" : "no");
		return buf;
	}
	if (unit == UNIT_SHARE) {
		snprintf(buf, size, "%.1f %%", value / 10.0);
		return buf;
	}
	while (scale[1].name && llabs(value) >= scale[1].factor)
		scale++;
	return format_scaled((double)value / (double)scale->factor,
			     scale->name, buf, size);
}

const char *unit_exact(enum unit unit, int64_t value, char *buf, size_t size)
{
	const struct scale *scale = units[unit].scales;
	int64_t rest, factor;
	size_t len;

	/* A minute has no decimals that end. */
	while (scale[1].name && value >= scale[1].factor &&
	       (scale[1].factor % 60 || value % scale[1].factor == 0))
		scale++;
	len = (size_t)snprintf(buf, size, "%" PRId64, value / scale->factor);
	rest = value % scale->factor;
	if (rest && len < size)
		buf[len++] = '.';
	for (factor = scale->factor / 10; rest && len < size; factor /= 10) {
		buf[len++] = (char)('0' + rest / factor);
		rest %= factor;
	}
	if (len < size)
		snprintf(buf + len, size - len, "%s%s",
			 value && *scale->name ? " " : "",
			 value ? scale->name : "");
	return buf;
}

const char *format_energy(int64_t energy_uj, char *buf, size_t size)
{
	double joules = energy_uj / 1e6;
	double magnitude = joules < 0 ? -joules : joules;

	if (magnitude >= 3.6e6)
		return format_scaled(joules / 3.6e6, "kWh", buf, size);
	if (magnitude >= 1e3)
		return format_scaled(joules / 1e3, "kJ", buf, size);
	return format_scaled(joules, "J", buf, size);
}
