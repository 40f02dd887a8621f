/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - access to /sys and /proc below a root directory
 *
 * Every reading goes through one root: the live "/" or a recorded tree given
 * with --root. In a recorded tree symbolic links can't lead out of it.
 */
#ifndef ACCELGOV_LIB_SYSFS_H
#define ACCELGOV_LIB_SYSFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define __printf_like(fmt, args) __attribute__((format(printf, fmt, args)))

/**
 * struct sysfs - an open root directory
 * @fd: of the directory
 * @live: it is "/" itself, so /dev, BPF and perf belong to it
 */
struct sysfs {
	int fd;
	bool live;
};

/**
 * struct reading - a value, or the knowledge that there is none
 * @value: valid only when @known
 * @known: the file was there and held a number
 */
struct reading {
	int64_t value;
	bool known;
};

/**
 * struct names - a sorted list of directory entries
 * @name: the entries, without "." and ".."
 * @nr: how many
 */
struct names {
	char **name;
	size_t nr;
};

/**
 * sysfs_open() - open a root
 * @ret_sysfs: filled on success
 * @root: directory, NULL or "/" for the live system
 *
 * Return: 0 or a negative errno.
 */
int sysfs_open(struct sysfs *ret_sysfs, const char *root);

/**
 * sysfs_close() - close what sysfs_open() opened
 * @sysfs: the root, may be closed already
 */
void sysfs_close(struct sysfs *sysfs);

/**
 * sysfs_read() - read a file as text, without its trailing newlines
 * @sysfs: root
 * @buf: result, left as it was on failure
 * @size: of @buf
 * @fmt: path below the root, printf style, no leading slash
 *
 * Return: 0 or a negative errno; -EFBIG when the text doesn't fit, -EINVAL when
 * it holds a NUL byte.
 */
int sysfs_read(const struct sysfs *sysfs, char *buf, size_t size,
	       const char *fmt, ...) __printf_like(4, 5);

/**
 * sysfs_read_bytes() - read a file as it is
 * @sysfs: root
 * @buf: result
 * @size: of @buf, more than the file may hold
 * @ret_len: how much was there
 * @fmt: path, as for sysfs_read()
 *
 * Return: 0 or a negative errno; -EFBIG when the file fills @buf.
 */
int sysfs_read_bytes(const struct sysfs *sysfs, void *buf, size_t size,
		     size_t *ret_len, const char *fmt, ...)
	__printf_like(5, 6);

/**
 * sysfs_open_file() - open a file that is read over and over
 * @sysfs: root
 * @fmt: path, as for sysfs_read()
 *
 * pread(2) from its beginning renews the text of a file in sysfs, and fails when
 * the file is gone.
 *
 * Return: file descriptor or a negative errno.
 */
int sysfs_open_file(const struct sysfs *sysfs, const char *fmt, ...)
	__printf_like(2, 3);

/**
 * sysfs_read_int() - read a file that holds one decimal number
 * @sysfs: root
 * @ret_value: result, left as it was on failure
 * @fmt: path, as for sysfs_read()
 *
 * Return: 0 or a negative errno; -EBADMSG when the content is no number.
 */
int sysfs_read_int(const struct sysfs *sysfs, int64_t *ret_value,
		   const char *fmt, ...) __printf_like(3, 4);

/**
 * sysfs_reading() - like sysfs_read_int(), any failure means unknown
 * @sysfs: root
 * @fmt: path, as for sysfs_read()
 *
 * Return: the reading.
 */
struct reading sysfs_reading(const struct sysfs *sysfs, const char *fmt, ...)
	__printf_like(2, 3);

/**
 * sysfs_write() - write a value in one write(2)
 * @sysfs: root
 * @value: text without a newline
 * @fmt: path, as for sysfs_read()
 *
 * Return: 0 or a negative errno.
 */
int sysfs_write(const struct sysfs *sysfs, const char *value,
		const char *fmt, ...) __printf_like(3, 4);

/**
 * sysfs_exists() - does a path exist
 * @sysfs: root
 * @fmt: path, as for sysfs_read()
 *
 * Return: true when it does.
 */
bool sysfs_exists(const struct sysfs *sysfs, const char *fmt, ...)
	__printf_like(2, 3);

/**
 * sysfs_writable() - may this process write a file that is meant to be written
 * @sysfs: root
 * @fmt: path, as for sysfs_read()
 *
 * Return: true when it may; false for root, too, when the file's mode lets nobody.
 */
bool sysfs_writable(const struct sysfs *sysfs, const char *fmt, ...)
	__printf_like(2, 3);

/**
 * sysfs_inode() - tell a file from a later one by the same name
 * @sysfs: root
 * @fmt: path, as for sysfs_read()
 *
 * Return: its inode number, 0 when there is no such file.
 */
uint64_t sysfs_inode(const struct sysfs *sysfs, const char *fmt, ...)
	__printf_like(2, 3);

/**
 * sysfs_link_name() - last component of what a symbolic link points to
 * @sysfs: root
 * @buf: result, left as it was on failure
 * @size: of @buf
 * @fmt: path, as for sysfs_read()
 *
 * Return: 0 or a negative errno.
 */
int sysfs_link_name(const struct sysfs *sysfs, char *buf, size_t size,
		    const char *fmt, ...) __printf_like(4, 5);

/**
 * sysfs_list() - names in a directory, sorted so that accelsim.2 comes before
 *	accelsim.10
 * @sysfs: root
 * @ret_names: filled on success, to be freed with names_free()
 * @fmt: path, as for sysfs_read()
 *
 * Return: 0 or a negative errno.
 */
int sysfs_list(const struct sysfs *sysfs, struct names *ret_names,
	       const char *fmt, ...) __printf_like(3, 4);

/**
 * sysfs_list_folders() - like sysfs_list(), folders alone, no links to folders
 * @sysfs: root
 * @ret_names: filled on success, to be freed with names_free()
 * @fmt: path, as for sysfs_read()
 *
 * Return: 0 or a negative errno.
 */
int sysfs_list_folders(const struct sysfs *sysfs, struct names *ret_names,
		       const char *fmt, ...) __printf_like(3, 4);

/**
 * names_free() - free a list
 * @names: the list, empty afterwards
 */
void names_free(struct names *names);

/**
 * parse_int() - strict decimal number, nothing before or after it
 * @text: what to parse
 * @ret_value: result, left as it was on failure
 *
 * Return: 0, -EBADMSG when it is no number, or -ERANGE.
 */
int parse_int(const char *text, int64_t *ret_value);

#endif /* ACCELGOV_LIB_SYSFS_H */
