/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - files of a driver, read with the reason when they can't be
 *
 * A path is a folder, "" for the root or with a slash at its end, and a name. A
 * reason is written only where there is none yet: the first thing that went wrong
 * is the one to tell.
 */
#ifndef ACCELGOV_BACKENDS_FILE_H
#define ACCELGOV_BACKENDS_FILE_H

#include "backend.h"

#define FILE_TEXT	8192

/**
 * why() - note a reason unless there is one
 * @reason: where, %BACKEND_WHY_LEN bytes; NULL to note nothing
 * @fmt: printf style; what does not fit is cut
 */
void why(char *reason, const char *fmt, ...) __printf_like(2, 3);

/**
 * file_text() - read text, without newlines and NUL bytes at its end
 * @sysfs: root
 * @dir: folder
 * @name: file below it
 * @buf: result, left as it was on failure
 * @size: of @buf
 * @reason: set on failure, see why()
 *
 * Recordings of sysfs often keep the page that a file was read into.
 *
 * Return: 0 or a negative errno; -EBADMSG for NUL bytes inside of the text.
 */
int file_text(const struct sysfs *sysfs, const char *dir, const char *name,
	      char *buf, size_t size, char *reason);

/**
 * file_lines() - like file_text(), NUL bytes anywhere are left out
 * @sysfs: root
 * @dir: folder
 * @name: file below it
 * @buf: result, left as it was on failure
 * @size: of @buf
 * @reason: set on failure
 *
 * For amdgpu's tables: some kernels leave gaps of NUL bytes between the sections.
 *
 * Return: 0 or a negative errno.
 */
int file_lines(const struct sysfs *sysfs, const char *dir, const char *name,
	       char *buf, size_t size, char *reason);

/**
 * file_number() - read a decimal number within bounds
 * @sysfs: root
 * @dir: folder
 * @name: file below it
 * @min: lowest that makes sense
 * @max: highest that makes sense
 * @reason: set when the number is not known
 *
 * Return: the number, or that it is not known.
 */
struct reading file_number(const struct sysfs *sysfs, const char *dir,
			   const char *name, int64_t min, int64_t max,
			   char *reason);

/**
 * file_write_number() - write a decimal number
 * @sysfs: root
 * @dir: folder
 * @name: file below it
 * @value: the number
 *
 * Return: 0 or a negative errno.
 */
int file_write_number(const struct sysfs *sysfs, const char *dir,
		      const char *name, int64_t value);

/**
 * reading_times() - a reading in another unit
 * @reading: a reading
 * @factor: to multiply with
 * @divisor: to divide by
 *
 * Return: the reading, unknown when it was or when it does not fit.
 */
struct reading reading_times(struct reading reading, int64_t factor,
			     int64_t divisor);

/**
 * reading_of() - a known reading
 * @value: its value
 *
 * Return: the reading.
 */
static inline struct reading reading_of(int64_t value)
{
	return (struct reading){ value, true };
}

#endif /* ACCELGOV_BACKENDS_FILE_H */
