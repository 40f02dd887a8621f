// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - access to /sys and /proc below a root directory
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "printable.h"
#include "sysfs.h"

int sysfs_open(struct sysfs *ret_sysfs, const char *root)
{
	bool live = !root || !strcmp(root, "/");
	int fd;

	fd = open(live ? "/" : root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret_sysfs->fd = fd;
	ret_sysfs->live = live;
	return 0;
}

void sysfs_close(struct sysfs *sysfs)
{
	if (sysfs->fd >= 0)
		close(sysfs->fd);
	sysfs->fd = -1;
}

/* A recorded tree comes from anywhere: its links must not leave it. */
static int open_below(const struct sysfs *sysfs, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned int)flags | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT,
	};
	int fd;

	if (sysfs->live)
		return openat(sysfs->fd, path, flags | O_CLOEXEC);
	do {
		fd = syscall(SYS_openat2, sysfs->fd, path, &how, sizeof(how));
	} while (fd < 0 && errno == EAGAIN);
	return fd;
}

static int make_path(char *path, size_t size, const char *fmt, va_list args)
{
	int len = vsnprintf(path, size, fmt, args);

	if (len < 0)
		return -EINVAL;
	return (size_t)len < size ? 0 : -ENAMETOOLONG;
}

static int open_path(const struct sysfs *sysfs, int flags, const char *fmt,
		     va_list args)
{
	char path[512];
	int ret = make_path(path, sizeof(path), fmt, args);

	if (ret)
		return ret;
	ret = open_below(sysfs, path, flags);
	return ret < 0 ? -errno : ret;
}

/* sysfs hands out a file's whole text to the first read, pipes may not. */
static ssize_t read_all(int fd, char *buf, size_t size)
{
	size_t used = 0;
	ssize_t len;

	while (used < size) {
		len = read(fd, buf + used, size - used);
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return -errno;
		if (!len)
			return used;
		used += len;
	}
	return -EFBIG;
}

static int read_text(const struct sysfs *sysfs, char *buf, size_t size,
		     const char *fmt, va_list args)
{
	char text[4096];
	ssize_t len;
	int fd;

	fd = open_path(sysfs, O_RDONLY | O_NOCTTY | O_NONBLOCK, fmt, args);
	if (fd < 0)
		return fd;
	len = read_all(fd, text, sizeof(text));
	close(fd);
	if (len < 0)
		return len;
	if (memchr(text, '\0', len))
		return -EINVAL;
	while (len && text[len - 1] == '\n')
		len--;
	if ((size_t)len >= size)
		return -EFBIG;
	memcpy(buf, text, len);
	buf[len] = '\0';
	printable_lines(buf);
	return 0;
}

int sysfs_read_bytes(const struct sysfs *sysfs, void *buf, size_t size,
		     size_t *ret_len, const char *fmt, ...)
{
	va_list args;
	ssize_t len;
	int fd;

	va_start(args, fmt);
	fd = open_path(sysfs, O_RDONLY | O_NOCTTY | O_NONBLOCK, fmt, args);
	va_end(args);
	if (fd < 0)
		return fd;
	len = read_all(fd, buf, size);
	close(fd);
	if (len < 0)
		return len;
	*ret_len = len;
	return 0;
}

int sysfs_open_file(const struct sysfs *sysfs, const char *fmt, ...)
{
	va_list args;
	int fd;

	va_start(args, fmt);
	fd = open_path(sysfs, O_RDONLY | O_NOCTTY | O_NONBLOCK, fmt, args);
	va_end(args);
	return fd;
}

int sysfs_read(const struct sysfs *sysfs, char *buf, size_t size,
	       const char *fmt, ...)
{
	va_list args;
	int ret;

	va_start(args, fmt);
	ret = read_text(sysfs, buf, size, fmt, args);
	va_end(args);
	return ret;
}

int parse_int(const char *text, int64_t *ret_value)
{
	long long value;
	char *end;

	if (!isdigit((unsigned char)text[text[0] == '-']))
		return -EBADMSG;
	errno = 0;
	value = strtoll(text, &end, 10);
	if (*end)
		return -EBADMSG;
	if (errno)
		return -ERANGE;
	*ret_value = value;
	return 0;
}

static int read_int(const struct sysfs *sysfs, int64_t *ret_value,
		    const char *fmt, va_list args)
{
	char text[32];
	int ret = read_text(sysfs, text, sizeof(text), fmt, args);

	if (ret)
		return ret == -EFBIG ? -EBADMSG : ret;
	return parse_int(text, ret_value);
}

int sysfs_read_int(const struct sysfs *sysfs, int64_t *ret_value,
		   const char *fmt, ...)
{
	va_list args;
	int ret;

	va_start(args, fmt);
	ret = read_int(sysfs, ret_value, fmt, args);
	va_end(args);
	return ret;
}

struct reading sysfs_reading(const struct sysfs *sysfs, const char *fmt, ...)
{
	struct reading reading = { 0 };
	va_list args;

	va_start(args, fmt);
	reading.known = !read_int(sysfs, &reading.value, fmt, args);
	va_end(args);
	return reading;
}

int sysfs_write(const struct sysfs *sysfs, const char *value,
		const char *fmt, ...)
{
	size_t len = strlen(value);
	va_list args;
	ssize_t done;
	int fd, ret;

	va_start(args, fmt);
	fd = open_path(sysfs, O_WRONLY, fmt, args);
	va_end(args);
	if (fd < 0)
		return fd;
	do {
		done = write(fd, value, len);
	} while (done < 0 && errno == EINTR);
	ret = done < 0 ? -errno : (size_t)done == len ? 0 : -EIO;
	/*
	 * A recorded file must not keep the tail of a longer value. Not before the
	 * write: a lease that is refreshed would be empty to whoever reads it then.
	 */
	if (!ret && !sysfs->live && ftruncate(fd, len))
		ret = -errno;
	close(fd);
	return ret;
}

bool sysfs_exists(const struct sysfs *sysfs, const char *fmt, ...)
{
	va_list args;
	int fd;

	va_start(args, fmt);
	fd = open_path(sysfs, O_PATH, fmt, args);
	va_end(args);
	if (fd < 0)
		return false;
	close(fd);
	return true;
}

/* Root may write what nobody may: in sysfs that is a file without a store. */
bool sysfs_writable(const struct sysfs *sysfs, const char *fmt, ...)
{
	struct stat st;
	va_list args;
	bool can;
	int fd;

	va_start(args, fmt);
	fd = open_path(sysfs, O_PATH, fmt, args);
	va_end(args);
	if (fd < 0)
		return false;
	can = !fstat(fd, &st) && S_ISREG(st.st_mode) && (st.st_mode & 0222) &&
	      !faccessat(fd, "", W_OK, AT_EMPTY_PATH | AT_EACCESS);
	close(fd);
	return can;
}

uint64_t sysfs_inode(const struct sysfs *sysfs, const char *fmt, ...)
{
	struct stat st = { 0 };
	va_list args;
	int fd;

	va_start(args, fmt);
	fd = open_path(sysfs, O_PATH, fmt, args);
	va_end(args);
	if (fd < 0)
		return 0;
	if (fstat(fd, &st))
		st.st_ino = 0;
	close(fd);
	return st.st_ino;
}

int sysfs_link_name(const struct sysfs *sysfs, char *buf, size_t size,
		    const char *fmt, ...)
{
	char target[512];
	const char *name;
	va_list args;
	ssize_t len;
	int fd;

	va_start(args, fmt);
	fd = open_path(sysfs, O_PATH | O_NOFOLLOW, fmt, args);
	va_end(args);
	if (fd < 0)
		return fd;
	len = readlinkat(fd, "", target, sizeof(target));
	close(fd);
	if (len < 0)
		/* An empty path on something that is no link gives ENOENT. */
		return -EINVAL;
	if ((size_t)len >= sizeof(target))
		return -ENAMETOOLONG;
	target[len] = '\0';
	name = strrchr(target, '/');
	name = name ? name + 1 : target;
	if (strlen(name) >= size)
		return -ENAMETOOLONG;
	strcpy(buf, name);
	printable(buf);
	return 0;
}

void names_free(struct names *names)
{
	size_t i;

	for (i = 0; i < names->nr; i++)
		free(names->name[i]);
	free(names->name);
	names->name = NULL;
	names->nr = 0;
}

static int names_add(struct names *names, const char *name)
{
	char **more;

	more = reallocarray(names->name, names->nr + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	names->name = more;
	more[names->nr] = strdup(name);
	if (!more[names->nr])
		return -ENOMEM;
	names->nr++;
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

/* A link to a folder is a link. */
static bool is_folder(DIR *dir, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return !fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) &&
	       S_ISDIR(st.st_mode);
}

static int list_dir(DIR *dir, bool folders, struct names *names)
{
	struct dirent *entry;
	int ret = 0;

	while (!ret && (errno = 0, entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") &&
		    (!folders || is_folder(dir, entry)))
			ret = names_add(names, entry->d_name);
	return ret ? ret : -errno;
}

static int list(const struct sysfs *sysfs, bool folders,
		struct names *ret_names, const char *fmt, va_list args)
{
	struct names names = { 0 };
	int fd, ret;
	DIR *dir;

	fd = open_path(sysfs, O_RDONLY | O_DIRECTORY, fmt, args);
	if (fd < 0)
		return fd;
	dir = fdopendir(fd);
	if (!dir) {
		ret = -errno;
		close(fd);
		return ret;
	}
	ret = list_dir(dir, folders, &names);
	closedir(dir);
	if (ret) {
		names_free(&names);
		return ret;
	}
	if (names.nr)
		qsort(names.name, names.nr, sizeof(*names.name), compare_names);
	*ret_names = names;
	return 0;
}

int sysfs_list(const struct sysfs *sysfs, struct names *ret_names,
	       const char *fmt, ...)
{
	va_list args;
	int ret;

	va_start(args, fmt);
	ret = list(sysfs, false, ret_names, fmt, args);
	va_end(args);
	return ret;
}

int sysfs_list_folders(const struct sysfs *sysfs, struct names *ret_names,
		       const char *fmt, ...)
{
	va_list args;
	int ret;

	va_start(args, fmt);
	ret = list(sysfs, true, ret_names, fmt, args);
	va_end(args);
	return ret;
}
