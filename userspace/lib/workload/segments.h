/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A list of what a device does, one stretch after the other: its work by
 * physics or by phase and length, and the time in which it has nothing to do.
 */
#ifndef _LIB_SEGMENTS_H
#define _LIB_SEGMENTS_H

#include <stddef.h>
#include <stdint.h>

#include "../../../kmod/uapi/accelsim.h"
#include "cursor.h"

/**
 * struct segment - one stretch
 * @work: its physics and its label; the physics are zero when @duration_ns
 *	says how much it is, or when there is none
 * @duration_ns: as much work of the kind that @work.label says as takes so long
 *	at the top clock of whatever device it runs on; 0 when @work is complete
 * @idle_ns: nothing is queued for so long after that
 * @repeat: how often all this is done, at least once
 * @line: where it stands in the text, 0 when it was not read
 */
struct segment {
	struct accelsim_item work;
	uint64_t duration_ns;
	uint64_t idle_ns;
	uint64_t repeat;
	unsigned int line;
};

/**
 * struct segments - stretches in order
 * @v: the stretches
 * @nr: how many there are
 * @room: how many fit before the array grows
 */
struct segments {
	struct segment *v;
	size_t nr;
	size_t room;
};

/**
 * segments_add() - append a stretch
 * @s: the list
 * @one: the stretch
 *
 * Return: 0 or -ENOMEM, then the list is as before.
 */
int segments_add(struct segments *s, const struct segment *one);

/**
 * segments_parse() - read a list of phases
 * @text: the whole file
 * @len: its length in bytes
 * @ret: the list, set on success only
 * @err: where and why, set on -EINVAL
 *
 * CSV; the format is described in Documentation/workloads.rst. The header
 * names the columns that there are, in any order.
 *
 * Return: 0, -EINVAL with @err filled, or -ENOMEM.
 */
int segments_parse(const char *text, size_t len, struct segments *ret,
		   struct text_error *err);

/**
 * segments_column() - is this the name of a column
 * @c: a field of a header
 *
 * Return: its number, -1 when it is none.
 */
int segments_column(const struct cursor *c);

/**
 * segments_free() - give the memory back and leave an empty list
 * @s: the list
 */
void segments_free(struct segments *s);

#endif /* _LIB_SEGMENTS_H */
