/* SPDX-License-Identifier: GPL-2.0 */
/*
 * accelgov - the command line: what back ends say about what they did not find
 */
#ifndef ACCELGOV_NOTES_H
#define ACCELGOV_NOTES_H

#include <jansson.h>

#include "backends/backend.h"

/**
 * notes_add() - take one down, for accelerators_scan()
 * @arg: JSON array to append to
 * @backend: that says it
 * @note: what it says
 */
void notes_add(void *arg, const struct backend *backend,
	       const struct backend_note *note);

/**
 * notes_show() - tell people on stdout what was left out
 * @notes: array that notes_add() filled
 */
void notes_show(json_t *notes);

/**
 * notes_left_out() - the same as one text
 * @notes: array that notes_add() filled
 * @buf: the text, "" when nothing was left out
 * @size: of @buf, 0 when only the number is wanted
 *
 * Return: how many back ends left something out.
 */
size_t notes_left_out(json_t *notes, char *buf, size_t size);

#endif /* ACCELGOV_NOTES_H */
