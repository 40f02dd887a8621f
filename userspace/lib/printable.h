/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - foreign text that a terminal may get
 */
#ifndef ACCELGOV_LIB_PRINTABLE_H
#define ACCELGOV_LIB_PRINTABLE_H

#include <stdbool.h>

/**
 * printable() - replace what could steer a terminal
 * @text: one line from a file, a library or a process; each byte outside of printable
 *	ASCII becomes "?"
 *
 * Return: @text.
 */
char *printable(char *text);

/**
 * printable_lines() - the same for text of several lines
 * @text: keeps its newlines and tabs
 *
 * Return: @text.
 */
char *printable_lines(char *text);

/**
 * is_printable() - would printable() leave it as it is
 * @text: to look at
 *
 * Return: true when it would.
 */
bool is_printable(const char *text);

#endif /* ACCELGOV_LIB_PRINTABLE_H */
