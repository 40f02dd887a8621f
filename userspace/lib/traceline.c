// SPDX-License-Identifier: GPL-2.0
/*
 * A line looks like
 *
 *	kworker/u8:1-52 [001] d..1.  1234.567890: phase: dev=accelsim.3 old=...
 *
 * The task name may hold anything, blanks and colons too, so the line is read
 * from where the event begins: the first " <seconds>.<fraction>: <event>: ".
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "traceline.h"

#define NSEC_PER_SEC	1000000000ULL

/* Reads "<seconds>.<fraction>:", returns what is behind it or NULL. */
static const char *take_time(const char *at, uint64_t *ret_ns)
{
	uint64_t sec = 0, ns = 0, unit = NSEC_PER_SEC / 10;

	if (!isdigit((unsigned char)*at))
		return NULL;
	for (; isdigit((unsigned char)*at); at++)
		sec = sec * 10 + (uint64_t)(*at - '0');
	if (*at++ != '.' || !isdigit((unsigned char)*at))
		return NULL;
	for (; isdigit((unsigned char)*at); at++, unit /= 10)
		ns += (uint64_t)(*at - '0') * unit;
	if (*at != ':')
		return NULL;
	*ret_ns = sec * NSEC_PER_SEC + ns;
	return at + 1;
}

static size_t name_length(const char *at)
{
	size_t n = 0;

	while (isalnum((unsigned char)at[n]) || at[n] == '_')
		n++;
	return n;
}

int traceline_parse(const char *line, struct traceline *ret)
{
	for (const char *at = line; *at; at++) {
		struct traceline t;
		const char *rest;

		if (at == line || !isspace((unsigned char)at[-1]))
			continue;
		rest = take_time(at, &t.time_ns);
		if (!rest || *rest != ' ')
			continue;
		t.event = rest + 1;
		t.event_len = name_length(t.event);
		rest = t.event + t.event_len;
		if (!t.event_len || *rest != ':')
			continue;
		t.fields = rest + 1;
		*ret = t;
		return 0;
	}
	return -EINVAL;
}

int traceline_is(const struct traceline *t, const char *event)
{
	return t->event_len == strlen(event) &&
	       !strncmp(t->event, event, t->event_len);
}

static const char *find_value(const struct traceline *t, const char *key,
			      size_t *ret_len)
{
	size_t len = strlen(key);
	const char *at = t->fields;

	while (*at) {
		at += strspn(at, " ");
		if (!strncmp(at, key, len) && at[len] == '=') {
			*ret_len = strcspn(at + len + 1, " ");
			return at + len + 1;
		}
		at += strcspn(at, " ");
	}
	return NULL;
}

int traceline_field(const struct traceline *t, const char *key, char *buf,
		    size_t size)
{
	size_t len;
	const char *value = find_value(t, key, &len);

	if (!value)
		return -ENOENT;
	if (len >= size)
		return -ENOBUFS;
	memcpy(buf, value, len);
	buf[len] = '\0';
	return 0;
}

int traceline_number(const struct traceline *t, const char *key, uint64_t *ret)
{
	size_t len;
	const char *value = find_value(t, key, &len);
	uint64_t n = 0;

	if (!value)
		return -ENOENT;
	if (!len || len > 19)
		return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		if (value[i] < '0' || value[i] > '9')
			return -EINVAL;
		n = n * 10 + (uint64_t)(value[i] - '0');
	}
	*ret = n;
	return 0;
}
