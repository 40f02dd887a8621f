// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - where to probe a function so that the trap costs least
 *
 * A function that was compiled for indirect branch tracking begins with endbr64, for
 * which the kernel has to copy it elsewhere, step over it, and take a second trap. The
 * push behind it is as good a place and costs one. The same goes for a register that is
 * filled before the first push.
 *
 * Instructions are known one by one; at the first unknown one it ends. A breakpoint
 * inside of an instruction would change what the program does, so what counts is
 * that a length is never guessed.
 */
#include "probepoint.h"

#if defined(__x86_64__)
#define REX	0x40
#define REX_R	0x04
#define REX_X	0x02
#define REX_B	0x01

/*
 * rax, rbx, rbp, r10 to r15: neither arguments, the stack pointer, nor what a caller
 * is asked to fill. By their numbers.
 */
#define MAY_CHANGE	0xfc29u

static bool may_change(unsigned int reg)
{
	return MAY_CHANGE >> reg & 1;
}

/* "xor same,same", "mov reg,reg", "lea disp(%rip),reg". Return: length, 0 if not. */
static size_t sets_register(const uint8_t *code, size_t len)
{
	size_t at = 0;
	unsigned int rex = 0, mod, reg, rm;

	if (len && (code[0] & 0xf0) == REX)
		rex = code[at++];
	if (rex & REX_X || len < at + 2)
		return 0;
	mod = code[at + 1] >> 6;
	reg = (code[at + 1] >> 3 & 7) | (rex & REX_R ? 8 : 0);
	rm = (code[at + 1] & 7) | (rex & REX_B ? 8 : 0);
	switch (code[at]) {
	case 0x31:
	case 0x33:
		return mod == 3 && reg == rm && may_change(rm) ? at + 2 : 0;
	case 0x89:
		return mod == 3 && may_change(rm) ? at + 2 : 0;
	case 0x8b:
		return mod == 3 && may_change(reg) ? at + 2 : 0;
	case 0x8d:
		return !mod && (rm & 7) == 5 && len >= at + 6 && may_change(reg) ?
			       at + 6 : 0;
	default:
		return 0;
	}
}

static size_t passes_over(const uint8_t *code, size_t len)
{
	if (len >= 4 && code[0] == 0xf3 && code[1] == 0x0f && code[2] == 0x1e &&
	    code[3] == 0xfa)
		return 4;
	return sets_register(code, len);
}

/* branch_setup_xol_ops() and push_setup_xol_ops() of arch/x86/kernel/uprobes.c */
static bool kernel_does(const uint8_t *code, size_t len)
{
	if (!len)
		return false;
	if ((code[0] & 0xf8) == 0x50 || (code[0] & 0xf0) == 0x70)
		return true;
	switch (code[0]) {
	case 0x90:
	case 0xe8:
	case 0xe9:
	case 0xeb:
		return true;
	case 0x0f:
		return len > 1 && (code[1] & 0xf0) == 0x80;
	case 0x41:
		return len > 1 && (code[1] & 0xf8) == 0x50;
	default:
		return false;
	}
}

struct probepoint probepoint_find(const uint8_t *code, size_t len)
{
	size_t at = 0, more;

	if (len > PROBEPOINT_CODE)
		len = PROBEPOINT_CODE;
	while (!kernel_does(code + at, len - at)) {
		more = passes_over(code + at, len - at);
		if (!more)
			return (struct probepoint){ .stepped = true };
		at += more;
	}
	return (struct probepoint){ .skip = at };
}
#else
/* What the kernel can't do by itself is rare at the beginning of functions there. */
struct probepoint probepoint_find(const uint8_t *code, size_t len)
{
	return (struct probepoint){ 0 };
}
#endif
