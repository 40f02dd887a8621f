// SPDX-License-Identifier: GPL-2.0
/*
 * accelgov - the command line: what back ends say about what they did not find
 *
 * Programs get all of it. People get what was left out: that there is no device of some
 * driver is no news on most machines.
 */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "notes.h"

void notes_add(void *arg, const struct backend *backend,
	       const struct backend_note *note)
{
	json_array_append_new(arg, json_pack("{s:s, s:s, s:b}", "backend",
					     backend->name, "note", note->text,
					     "left_out", note->left_out));
}

static bool is_left_out(json_t *note)
{
	return json_is_true(json_object_get(note, "left_out"));
}

static const char *text_of(json_t *note, const char *key)
{
	return json_string_value(json_object_get(note, key));
}

void notes_show(json_t *notes)
{
	json_t *note;
	size_t i;

	json_array_foreach(notes, i, note)
		if (is_left_out(note))
			printf("%s%s%s  %sfinds less than there may be%s: %s\n",
			       style_bold, text_of(note, "backend"), style_off,
			       style_warn, style_off, text_of(note, "note"));
}

size_t notes_left_out(json_t *notes, char *buf, size_t size)
{
	size_t i, len = 0, nr = 0;
	json_t *note;

	if (size)
		buf[0] = '\0';
	json_array_foreach(notes, i, note) {
		if (!is_left_out(note))
			continue;
		if (len < size)
			len += snprintf(buf + len, size - len, "%s%s: %s",
					nr ? "; " : "", text_of(note, "backend"),
					text_of(note, "note"));
		nr++;
	}
	return nr;
}
