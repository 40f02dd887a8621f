// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - files of a driver, read with the reason when they can't be
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "file.h"
#include "printable.h"

void why(char *reason, const char *fmt, ...)
{
	va_list args;

	if (!reason || reason[0])
		return;
	va_start(args, fmt);
	vsnprintf(reason, BACKEND_WHY_LEN, fmt, args);
	va_end(args);
	printable(reason);
}

static void why_not_read(char *reason, const char *name, int error)
{
	switch (error) {
	case -ENOENT:
	case -ENOTDIR:
		why(reason, "there is no %s", name);
		break;
	case -EACCES:
	case -EPERM:
		why(reason, "%s may not be read: run as root", name);
		break;
	case -EBADMSG:
		why(reason, "%s holds bytes that are no text", name);
		break;
	case -EFBIG:
		why(reason, "%s is longer than it should be", name);
		break;
	default:
		why(reason, "%s can't be read: %s", name, strerror(-error));
	}
}

static int read_page(const struct sysfs *sysfs, const char *dir,
		     const char *name, char *buf, size_t *ret_len)
{
	return sysfs_read_bytes(sysfs, buf, FILE_TEXT, ret_len, "%s%s", dir,
				name);
}

static size_t drop_nuls(char *text, size_t len)
{
	size_t i, kept = 0;

	for (i = 0; i < len; i++)
		if (text[i])
			text[kept++] = text[i];
	return kept;
}

static int read_text(const struct sysfs *sysfs, const char *dir,
		     const char *name, bool gaps, char *buf, size_t size)
{
	char text[FILE_TEXT];
	size_t len = 0;
	int ret = read_page(sysfs, dir, name, text, &len);

	if (ret)
		return ret;
	if (gaps)
		len = drop_nuls(text, len);
	while (len && (!text[len - 1] || text[len - 1] == '\n'))
		len--;
	if (memchr(text, '\0', len))
		return -EBADMSG;
	if (len >= size)
		return -EFBIG;
	memcpy(buf, text, len);
	buf[len] = '\0';
	printable_lines(buf);
	return 0;
}

int file_text(const struct sysfs *sysfs, const char *dir, const char *name,
	      char *buf, size_t size, char *reason)
{
	int ret = read_text(sysfs, dir, name, false, buf, size);

	if (ret)
		why_not_read(reason, name, ret);
	return ret;
}

int file_lines(const struct sysfs *sysfs, const char *dir, const char *name,
	       char *buf, size_t size, char *reason)
{
	int ret = read_text(sysfs, dir, name, true, buf, size);

	if (ret)
		why_not_read(reason, name, ret);
	return ret;
}

struct reading file_number(const struct sysfs *sysfs, const char *dir,
			   const char *name, int64_t min, int64_t max,
			   char *reason)
{
	struct reading none = { 0 };
	char text[FILE_TEXT];
	int64_t value;

	if (file_text(sysfs, dir, name, text, sizeof(text), reason))
		return none;
	if (!text[0]) {
		why(reason, "%s is empty", name);
		return none;
	}
	if (parse_int(text, &value)) {
		why(reason, "%s holds no number: \"%.24s\"", name, text);
		return none;
	}
	if (value < min || value > max) {
		why(reason, "%s says %" PRId64 ", which can't be", name, value);
		return none;
	}
	return reading_of(value);
}

int file_write_number(const struct sysfs *sysfs, const char *dir,
		      const char *name, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, value);
	return sysfs_write(sysfs, text, "%s%s", dir, name);
}

struct reading reading_times(struct reading reading, int64_t factor,
			     int64_t divisor)
{
	int64_t value;

	if (!reading.known ||
	    __builtin_mul_overflow(reading.value, factor, &value))
		return (struct reading){ 0 };
	return reading_of(value / divisor);
}
