/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - where to probe a function so that the trap costs least
 */
#ifndef ACCELGOV_LIB_PROBEPOINT_H
#define ACCELGOV_LIB_PROBEPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* So much of a function is enough to look at. */
#define PROBEPOINT_CODE	32

/**
 * struct probepoint - where to probe a function
 * @skip: from its first byte, usually 0
 * @stepped: the kernel can't carry out by itself what is there: a second trap
 */
struct probepoint {
	size_t skip;
	bool stepped;
};

/**
 * probepoint_find() - choose an instruction at the beginning of a function
 * @code: its first bytes, whatever they are
 * @len: how many, up to %PROBEPOINT_CODE are looked at
 *
 * What is passed over leaves arguments, stack pointer and memory alone, branches
 * nowhere and can't fault, so at the result all is as at the function's beginning and
 * every call gets there. Where no such instruction is followed by one that the kernel
 * carries out (x86, Linux 6.12: push, nop, near jumps and calls), or on machines for which
 * nothing is known, it is the beginning.
 *
 * Return: where to probe.
 */
struct probepoint probepoint_find(const uint8_t *code, size_t len);

#endif /* ACCELGOV_LIB_PROBEPOINT_H */
