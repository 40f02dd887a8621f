/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files that people write, read at once.
 */
#ifndef _LIB_TEXTFILE_H
#define _LIB_TEXTFILE_H

#include <stddef.h>

/**
 * textfile_read() - read a whole file
 * @path: of the file
 * @max: bytes that it must be smaller than
 * @ret_text: its text without a NUL behind it, to be freed; set on success
 * @ret_len: length of the text, set on success
 *
 * Return: 0; -EISDIR when it is no regular file; -EFBIG; another negative
 * errno.
 */
int textfile_read(const char *path, size_t max, char **ret_text,
		  size_t *ret_len);

/**
 * textfile_error() - what went wrong, in words
 * @error: what textfile_read() returned
 *
 * Return: the words.
 */
const char *textfile_error(int error);

#endif /* _LIB_TEXTFILE_H */
