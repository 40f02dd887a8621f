/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Input as files: a small tree below TMPDIR that lives as long as the fuzzer.
 * Include it before anything of libc.
 */
#ifndef _FUZZ_SCRATCH_H
#define _FUZZ_SCRATCH_H

#include "tree.h"
#include "fuzz.h"

static struct sysfs scratch;

static inline void scratch_end(void)
{
	tree_end(&scratch);
}

static inline void scratch_begin(void)
{
	if (tree_root[0])
		return;
	tree_begin(&scratch);
	atexit(scratch_end);
}

/* The next text of the input becomes the file; behind the end it is empty. */
static inline void scratch_put(struct bytes *in, const char *path)
{
	size_t len = 0;
	char *text = take_text(in, &len);

	tree_bytes(path, text ? text : "", len);
	free(text);
}

#endif /* _FUZZ_SCRATCH_H */
