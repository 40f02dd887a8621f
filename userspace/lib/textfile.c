// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
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

/* The folder of @path, which is cut for that. */
static const char *folder_of(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash)
		return ".";
	slash[slash == path] = '\0';
	return path;
}

int textfile_writable(const char *path)
{
	struct stat st;
	char *copy;
	int ret;

	if (!stat(path, &st)) {
		if (S_ISDIR(st.st_mode))
			return -EISDIR;
		return access(path, W_OK) ? -errno : 0;
	}
	if (errno != ENOENT || !*path)
		return -errno;
	copy = strdup(path);
	if (!copy)
		return -ENOMEM;
	ret = access(folder_of(copy), W_OK | X_OK) ? -errno : 0;
	free(copy);
	return ret;
}

static int write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

static int write_and_close(int fd, const char *text, size_t len)
{
	int ret = write_all(fd, text, len);

	if (close(fd) && !ret)
		ret = -errno;
	return ret;
}

static int write_over(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	return fd < 0 ? -errno : write_and_close(fd, text, len);
}

/* Return: 0; -EACCES where nothing can be made beside it; another negative errno. */
static int write_beside(const char *path, const char *beside,
			const struct stat *was, const char *text, size_t len)
{
	int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	int ret;

	if (fd < 0)
		return -EACCES;
	if (was->st_nlink && fchmod(fd, was->st_mode & 07777)) {
		ret = -errno;
		close(fd);
	} else {
		ret = write_and_close(fd, text, len);
	}
	if (!ret && rename(beside, path))
		ret = -errno;
	if (ret)
		unlink(beside);
	return ret == -EACCES ? -EPERM : ret;
}

/* A file of our own with one name, or none yet: anything else would become another. */
static bool can_be_replaced(const char *path, struct stat *ret_was)
{
	*ret_was = (struct stat){ 0 };
	if (lstat(path, ret_was))
		return errno == ENOENT;
	return S_ISREG(ret_was->st_mode) && ret_was->st_nlink == 1 &&
	       ret_was->st_uid == geteuid() && !access(path, W_OK);
}

int textfile_write(const char *path, const char *text, size_t len)
{
	struct stat was;
	char *beside;
	int ret;

	if (!can_be_replaced(path, &was))
		return write_over(path, text, len);
	if (asprintf(&beside, "%s.%d~", path, getpid()) < 0)
		return -ENOMEM;
	ret = write_beside(path, beside, &was, text, len);
	free(beside);
	return ret == -EACCES ? write_over(path, text, len) : ret;
}

int textfile_flush(FILE *f)
{
	if (fflush(f))
		return -errno;
	return ferror(f) ? -EIO : 0;
}

const char *textfile_error(int error)
{
	return error == -EISDIR ? "not a regular file" : strerror(-error);
}
