/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What somebody wrote down that a device has to do, whatever the format.
 */
#ifndef _LIB_SOURCE_H
#define _LIB_SOURCE_H

#include "input_format.h"
#include "rates.h"
#include "requests.h"
#include "segments.h"

/**
 * struct source - one of these is filled
 * @requests: requests
 * @rates: rates of arrival
 * @segments: a list of phases
 */
struct source {
	struct requests requests;
	struct rates rates;
	struct segments segments;
};

/**
 * source_parse() - read a text
 * @format: its format
 * @text: the whole text, any bytes
 * @len: its length
 * @ret: what it says, set on success only
 * @err: where and why, set on -EINVAL
 *
 * Return: 0, -EINVAL with @err filled, or -ENOMEM.
 */
int source_parse(enum input_format format, const char *text, size_t len,
		 struct source *ret, struct text_error *err);

/**
 * source_free() - give the memory back and leave nothing
 * @s: what a text said
 */
void source_free(struct source *s);

#endif /* _LIB_SOURCE_H */
