/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Requests to a language model: when they arrive, how long prompt and answer
 * are. Read from text in a published trace format or drawn from statistics
 * (arrivals.h); the serving engine does not know the difference.
 */
#ifndef _LIB_REQUESTS_H
#define _LIB_REQUESTS_H

#include <stddef.h>
#include <stdint.h>

#include "cursor.h"

/* More tokens than this in one request are a mistake. */
#define REQUEST_TOKENS_MAX	100000000U

/**
 * struct request - one request
 * @arrival_ns: after the start of the table, rising
 * @context: tokens of the prompt, at least 1
 * @generated: tokens of the answer, 0 for one that ended with the prompt
 */
struct request {
	uint64_t arrival_ns;
	uint32_t context;
	uint32_t generated;
};

/**
 * struct requests - a table of requests in the order of arrival
 * @v: the requests
 * @nr: how many there are
 * @room: how many fit before the array grows
 */
struct requests {
	struct request *v;
	size_t nr;
	size_t room;
};

/**
 * requests_add() - append one request
 * @r: the table
 * @one: the request; it must not arrive before the last one
 *
 * Return: 0, -EINVAL or -ENOMEM, then the table is as before.
 */
int requests_add(struct requests *r, const struct request *one);

/**
 * requests_read() - read a request from each line that is left of a text
 * @c: before the first of them
 * @line: reads one line, with the arrival as the text has it
 * @ret: the table, set on success only; the first request arrives at 0
 *
 * Return: 0; -EINVAL, refused, when a line is, arrives before the last one, or
 * none is left; -ENOMEM.
 */
int requests_read(struct cursor *c,
		  int (*line)(struct cursor *c, struct request *ret),
		  struct requests *ret);

/**
 * requests_parse_azure() - read the Azure LLM inference format
 * @text: the whole file
 * @len: its length in bytes
 * @ret: the table, set on success only
 * @err: where and why, set on -EINVAL
 *
 * The format is the published one: a header line
 * ``TIMESTAMP,ContextTokens,GeneratedTokens``, then one request a line with a
 * timestamp such as ``2023-11-16 18:15:46.6805900``,
 * in the files of 2024 with ``+00:00`` behind it. The first request arrives at
 * 0. Nothing is guessed: any line that is not exactly this is an error, also
 * one that is earlier than its predecessor.
 *
 * Return: 0, -EINVAL with @err filled, or -ENOMEM.
 */
int requests_parse_azure(const char *text, size_t len, struct requests *ret,
			 struct text_error *err);

/**
 * requests_parse_mooncake() - read the Mooncake trace format
 * @text: the whole file
 * @len: its length in bytes
 * @ret: the table, set on success only
 * @err: where and why, set on -EINVAL
 *
 * One JSON object a line with ``timestamp`` in milliseconds, ``input_length``
 * and ``output_length`` in tokens and, if known, ``hash_ids``, which are
 * checked and not kept: nothing here shares prefixes. Another key is an error,
 * since traces of other origin have the same keys in other units. The first
 * request arrives at 0.
 *
 * Return: 0, -EINVAL with @err filled, or -ENOMEM.
 */
int requests_parse_mooncake(const char *text, size_t len, struct requests *ret,
			    struct text_error *err);

/**
 * requests_excerpt() - the beginning of a table at another rate of arrival
 * @from: the table
 * @factor: greater than 0; 0.5 makes the same requests come half as fast
 * @end_ns: what arrives then or later, by the new times, is left out
 * @ret: the excerpt, set on success only
 *
 * The order and the token counts stay, so does the burstiness.
 *
 * Return: 0 or -ENOMEM.
 */
int requests_excerpt(const struct requests *from, double factor,
		     uint64_t end_ns, struct requests *ret);

/**
 * requests_rate() - mean rate of arrival
 * @r: the table
 *
 * Return: requests per second, 0 for fewer than two requests.
 */
double requests_rate(const struct requests *r);

/**
 * requests_free() - give the memory back and leave an empty table
 * @r: the table
 */
void requests_free(struct requests *r);

#endif /* _LIB_REQUESTS_H */
