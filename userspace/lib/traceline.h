/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lines of the kernel's trace text, for the events of accelgov.
 */
#ifndef _LIB_TRACELINE_H
#define _LIB_TRACELINE_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct traceline - one event; its strings lie in the line it was read from
 * @time_ns: when, by the trace's clock
 * @event: name of the event, @event_len characters
 * @event_len: see @event
 * @fields: the rest of the line, key=value separated by blanks
 */
struct traceline {
	uint64_t time_ns;
	const char *event;
	size_t event_len;
	const char *fields;
};

/**
 * traceline_parse() - take a line of trace or trace_pipe apart
 * @line: the line, without its end
 * @ret: the event, set on success only
 *
 * Return: 0, -EINVAL when this is no event line (a comment, a note about lost
 * events).
 */
int traceline_parse(const char *line, struct traceline *ret);

/**
 * traceline_is() - compare the name of the event
 * @t: the event
 * @event: the name
 *
 * Return: 1 when it is that event, 0 otherwise.
 */
int traceline_is(const struct traceline *t, const char *event);

/**
 * traceline_field() - copy a value
 * @t: the event
 * @key: its key
 * @buf: where it goes, ended by 0; left alone on failure
 * @size: bytes there
 *
 * Return: 0, -ENOENT when there is no such key, -ENOBUFS when it is too long.
 */
int traceline_field(const struct traceline *t, const char *key, char *buf,
		    size_t size);

/**
 * traceline_number() - a value that is a number
 * @t: the event
 * @key: its key
 * @ret: the number, set on success only
 *
 * Return: 0, -ENOENT, -EINVAL when it is no unsigned decimal number.
 */
int traceline_number(const struct traceline *t, const char *key,
		     uint64_t *ret);

#endif /* _LIB_TRACELINE_H */
