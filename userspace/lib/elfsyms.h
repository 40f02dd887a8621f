/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - where the functions of a shared library lie in its file
 */
#ifndef ACCELGOV_LIB_ELFSYMS_H
#define ACCELGOV_LIB_ELFSYMS_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct elfsym - an exported function
 * @name: wanted
 * @offset: in the file; 0 when it is not exported, or lies where an earlier one does
 */
struct elfsym {
	const char *name;
	uint64_t offset;
};

/**
 * elfsyms_find() - look functions up
 * @fd: the file, whoever wrote it; read with pread() only
 * @syms: what is wanted; offsets are filled in
 * @nr: how many
 *
 * Return: how many were found, or a negative errno: -ENOEXEC when it is no shared
 * library for this machine, or not a sound one.
 */
int elfsyms_find(int fd, struct elfsym *syms, size_t nr);

#endif /* ACCELGOV_LIB_ELFSYMS_H */
