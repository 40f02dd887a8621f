/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov policy - policies that came with accelgov, by name
 */
#ifndef ACCELGOV_POLICY_CATALOG_H
#define ACCELGOV_POLICY_CATALOG_H

#include <stddef.h>

/**
 * catalog_find() - the file of a policy
 * @word: a name, such as edp, or the path of a file, which holds a "/" or ends
 *	in .o and is taken as it is
 * @path: result
 * @size: of @path
 *
 * Looks beside the running program: where make install put the policies, then
 * where make did. Tells the user what there is when it finds nothing.
 *
 * Return: an exit code; @path is set for %CMD_OK alone.
 */
int catalog_find(const char *word, char *path, size_t size);

#endif /* ACCELGOV_POLICY_CATALOG_H */
