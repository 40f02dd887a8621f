// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "textfile.h"

static int read_all(int fd, char *text, size_t size, size_t *ret_len)
{
	size_t len = 0;
	ssize_t n;

	while (len < size) {
		n = read(fd, text + len, size - len);
		if (n < 0)
			return -errno;
		if (!n)
			break;
		len += (size_t)n;
	}
	*ret_len = len;
	return 0;
}

static int read_fd(int fd, size_t max, char **ret_text, size_t *ret_len)
{
	struct stat st;
	char *text;
	int ret;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return -EISDIR;
	if ((size_t)st.st_size >= max)
		return -EFBIG;
	text = malloc((size_t)st.st_size + 1);
	if (!text)
		return -ENOMEM;
	ret = read_all(fd, text, (size_t)st.st_size, ret_len);
	if (ret)
		free(text);
	else
		*ret_text = text;
	return ret;
}

int textfile_read(const char *path, size_t max, char **ret_text,
		  size_t *ret_len)
{
	int fd, ret;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	ret = read_fd(fd, max, ret_text, ret_len);
	close(fd);
	return ret;
}

const char *textfile_error(int error)
{
	return error == -EISDIR ? "not a regular file" : strerror(-error);
}
