/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files that people write, read at once.
 */
#ifndef _LIB_TEXTFILE_H
#define _LIB_TEXTFILE_H

#include <stddef.h>
#include <stdio.h>

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
 * textfile_writable() - could a file be written, before the work for it is done
 * @path: of the file, which need not be there yet; nothing is created
 *
 * Return: 0; -EISDIR; another negative errno.
 */
int textfile_writable(const char *path);

/**
 * textfile_write() - write a whole file
 * @path: of the file, replaced when it is there
 * @text: what to write
 * @len: its length in bytes
 *
 * When it fails, what was there stays, and what was not is not begun: the text is written
 * beside the file first. Not so for links, devices, and files that belong to others.
 *
 * Return: 0 or a negative errno, that of the write that failed.
 */
int textfile_write(const char *path, const char *text, size_t len);

/**
 * textfile_flush() - has all been written that went into a stream
 * @f: the stream
 *
 * Return: 0; the negative errno of the last write; -EIO when an earlier one failed,
 * whose reason the C library does not keep.
 */
int textfile_flush(FILE *f);

/**
 * textfile_error() - what went wrong, in words
 * @error: what textfile_read() returned
 *
 * Return: the words.
 */
const char *textfile_error(int error);

#endif /* _LIB_TEXTFILE_H */
