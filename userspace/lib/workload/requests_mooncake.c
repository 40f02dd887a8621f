// SPDX-License-Identifier: GPL-2.0
/*
 * The trace format of Mooncake (Qin et al., FAST 2025), as in
 * FAST25-release/traces of github.com/kvcache-ai/Mooncake: one JSON object a
 * line.
 */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "requests.h"

#define KEYS		"timestamp, input_length, output_length and hash_ids"
#define NSEC_PER_MSEC	1000000ULL

/* A hundred years: no sum of times overflows. */
#define TIMESTAMP_MAX_MS	3155760000000.0

static int take_timestamp(struct cursor *c, const json_t *v, uint64_t *ret_ns)
{
	double ms;

	if (!json_is_number(v))
		return cursor_refuse(c, "timestamp is not a number of milliseconds");
	ms = json_number_value(v);
	if (!(ms >= 0 && ms <= TIMESTAMP_MAX_MS))
		return cursor_refuse(c, "timestamp is not between 0 and %.0f ms",
				     TIMESTAMP_MAX_MS);
	*ret_ns = json_is_integer(v) ?
		  (uint64_t)json_integer_value(v) * NSEC_PER_MSEC :
		  (uint64_t)llround(ms * NSEC_PER_MSEC);
	return 0;
}

static int take_tokens(struct cursor *c, const char *key, const json_t *v,
		       json_int_t min, uint32_t *ret)
{
	if (!json_is_integer(v))
		return cursor_refuse(c, "%s is not a whole number", key);
	if (json_integer_value(v) < min ||
	    json_integer_value(v) > REQUEST_TOKENS_MAX)
		return cursor_refuse(c, "%s is not between %d and %u", key,
				     (int)min, REQUEST_TOKENS_MAX);
	*ret = (uint32_t)json_integer_value(v);
	return 0;
}

static int check_hashes(struct cursor *c, const json_t *v)
{
	if (!json_is_array(v))
		return cursor_refuse(c, "hash_ids is not a list");
	for (size_t i = 0; i < json_array_size(v); i++) {
		const json_t *id = json_array_get(v, i);

		if (!json_is_integer(id) || json_integer_value(id) < 0)
			return cursor_refuse(c, "hash_ids holds something that is no number from 0");
	}
	return 0;
}

static int take_key(struct cursor *c, const char *key, const json_t *v,
		    struct request *ret)
{
	char shown[40];

	if (!strcmp(key, "timestamp"))
		return take_timestamp(c, v, &ret->arrival_ns);
	if (!strcmp(key, "input_length"))
		return take_tokens(c, key, v, 1, &ret->context);
	if (!strcmp(key, "output_length"))
		return take_tokens(c, key, v, 0, &ret->generated);
	if (!strcmp(key, "hash_ids"))
		return check_hashes(c, v);
	return cursor_refuse(c, "unknown key \"%s\"; this format has " KEYS,
			     text_printable(shown, sizeof(shown), key,
					    strlen(key)));
}

static int take_object(struct cursor *c, json_t *object, struct request *ret)
{
	static const char *const needed[] = {
		"timestamp", "input_length", "output_length"
	};
	const char *key;
	json_t *value;
	int r;

	for (int i = 0; i < 3; i++)
		if (!json_object_get(object, needed[i]))
			return cursor_refuse(c, "%s is missing", needed[i]);
	json_object_foreach(object, key, value) {
		r = take_key(c, key, value, ret);
		if (r)
			return r;
	}
	return 0;
}

static int parse_line(struct cursor *c, struct request *ret)
{
	json_error_t why;
	char shown[100];
	json_t *object;
	int r;

	if (cursor_ended(c))
		return cursor_refuse(c, "empty line");
	object = json_loadb(c->at, (size_t)(c->end - c->at),
			    JSON_REJECT_DUPLICATES, &why);
	if (!object && json_error_code(&why) == json_error_out_of_memory)
		return -ENOMEM;
	if (!object)
		return cursor_refuse(c, "no JSON: %s",
				     text_printable(shown, sizeof(shown),
						    why.text,
						    strlen(why.text)));
	if (json_is_object(object))
		r = take_object(c, object, ret);
	else
		r = cursor_refuse(c, "no JSON object");
	json_decref(object);
	return r;
}

int requests_parse_mooncake(const char *text, size_t len, struct requests *ret,
			    struct text_error *err)
{
	struct cursor c;
	int r = cursor_begin(&c, text, len, err);

	return r ? r : requests_read(&c, parse_line, ret);
}
