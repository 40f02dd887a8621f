/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - functions of vendors' libraries that are probed
 */
#ifndef ACCELGOV_LIB_CALLMAP_H
#define ACCELGOV_LIB_CALLMAP_H

#include <stddef.h>
#include <stdint.h>

#include "../../bpf/calls.h"

/* Functions of one library at most. */
#define CALLMAP_FUNCTIONS	48

/**
 * struct callmap_function - one of them
 * @name: symbol
 * @group: it is probed with
 * @cookie: what the probe is told, without the meter
 */
struct callmap_function {
	const char *name;
	enum callc_group group;
	uint64_t cookie;
};

/**
 * struct callmap - one vendor's library
 * @name: "cuda", "hip", "nccl"
 * @function: ends with one without a name
 */
struct callmap {
	const char *name;
	const struct callmap_function *function;
};

/**
 * callmap_find() - what a file is, by its name
 * @path: of the file; what the kernel puts behind the name of one that was deleted
 *	does not matter
 *
 * Return: NULL when it is none of those that are probed.
 */
const struct callmap *callmap_find(const char *path);

/**
 * callmap_ends() - is a function followed to its end
 * @cookie: of the function
 *
 * Return: non-zero when it is.
 */
int callmap_ends(uint64_t cookie);

/**
 * callmap_what() - name of a collective
 * @what: &enum callc_what
 *
 * Return: "all-reduce" and so on, NULL for none.
 */
const char *callmap_what(uint32_t what);

/**
 * callmap_budget() - hits that may be taken in a window
 * @window_us: how long it is
 * @permille: of one CPU
 * @cost_ns: what a hit costs, 0 when not known
 *
 * Return: the number, at least 1; without a cost that of 10 us each.
 */
uint64_t callmap_budget(uint64_t window_us, uint32_t permille,
			uint32_t cost_ns);

#endif /* ACCELGOV_LIB_CALLMAP_H */
