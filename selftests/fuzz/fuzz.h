/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What fuzzers share. A fuzzer is one file: LLVMFuzzerTestOneInput() gets bytes
 * that libFuzzer made up, does with them what an attacker or bad luck could do,
 * and says with HOLDS() what must be true whatever they are.
 */
#ifndef _FUZZ_H
#define _FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An abort is a finding: libFuzzer keeps the input and prints the stack. */
#define HOLDS(condition)						\
	do {								\
		if (condition)						\
			break;						\
		fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__,	\
			__LINE__, #condition);				\
		abort();						\
	} while (0)

/**
 * struct bytes - input that is read from the front
 * @at: next byte
 * @end: behind the last one
 *
 * Behind the end there are zeros: every input is a valid one.
 */
struct bytes {
	const uint8_t *at;
	const uint8_t *end;
};

static inline uint64_t take(struct bytes *b, unsigned int nr)
{
	uint64_t v = 0;

	while (nr--)
		v = v << 8 | (b->at < b->end ? *b->at++ : 0);
	return v;
}

/* 0 to @n - 1, from as few bytes as that takes. */
static inline uint32_t take_below(struct bytes *b, uint32_t n)
{
	return (uint32_t)(take(b, n <= 256 ? 1 : 4) % n);
}

/* Any number; the extremes and small ones take few bytes. */
static inline uint64_t take_any(struct bytes *b)
{
	uint64_t kind = take(b, 1);

	if (kind < 2)
		return kind ? UINT64_MAX : 0;
	return take(b, 1 + kind % 8);
}

/* Up to the next byte 0xff, as text; NULL when nothing is left. To be freed. */
static inline char *take_text(struct bytes *b, size_t *ret_len)
{
	size_t left = (size_t)(b->end - b->at), len;
	const uint8_t *stop;
	char *text;

	if (!left)
		return NULL;
	stop = memchr(b->at, 0xff, left);
	len = stop ? (size_t)(stop - b->at) : left;
	text = malloc(len + 1);
	if (!text)
		abort();
	memcpy(text, b->at, len);
	text[len] = '\0';
	b->at += len + (stop ? 1 : 0);
	*ret_len = len;
	return text;
}

#endif /* _FUZZ_H */
